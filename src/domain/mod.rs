//! The vocabulary: plain types and pure rules in the field's words.
//!
//! Owns the names that code, SQL, JSON and docs share, and the checks that make an illegal value impossible.
//! Must not do I/O, read a clock or know any other module of the crate.

mod agent;
mod availability;
mod chat;
mod id;
mod invalid;
mod message;
mod office;
mod permission;
mod presence;
mod queue;
mod targeting;
mod tenant;
mod text;
mod time;
mod widget;

pub use agent::{Agent, Capacity, Email, Role};
pub use availability::{Mode, WhenNotLive};
pub use chat::{
    Actor, ChatState, CloseReason, Contact, ContactFields, OfferNumber, OfferState, WithdrawReason,
};
pub use id::{
    AgentId, ChatId, ConnectionId, ContactId, NodeId, OfficeId, QueueId, SessionId,
    TargetingRuleId, TenantId, VisitorId, WidgetId,
};
pub use invalid::Invalid;
pub use message::{Author, Message, MessageId, MessageText};
pub use office::Office;
pub use permission::{Permission, allows};
pub use presence::{Choice, Presence, PresenceReason, Reachability, Status, effective};
pub use queue::{Queue, QueueSettings, Strategy};
pub use targeting::{
    Address, Conditions, Country, Language, LanguageTag, TARGETING_RULES_MAX, TargetingRule,
    UrlPart, UrlPattern, Visit, matching, next_match_s,
};
pub use tenant::{Limits, Slug, TenantSettings};
pub use text::{Name, Note, bounded};
pub use time::{Millis, Timestamp};
pub use widget::{Domain, Widget, WidgetKey};
