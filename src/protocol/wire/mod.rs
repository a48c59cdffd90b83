//! The objects of the wire, and how they come from the engine's views.
//!
//! Owns field names, their order and their documentation. Must not leave out or add a field by any rule: what an
//! audience may see is decided by which object it is sent. The order of fields is that of `docs/protocol.md`.

mod chat;
mod people;
mod setup;
mod targeting;
mod time;
mod word;

pub use chat::{Chat, Message, Offer, OfflineMessage, QueueCard, VisitorChat};
pub use people::{Actor, Agent, AgentCard, Author, Contact, Presence};
pub use setup::{
    Availability, Office, OfficeCard, OfficeMode, Queue, Tenant, TenantWithAdmin, Widget,
    availability_body,
};
pub use targeting::{Conditions, Greeting, GreetingAnswer, TargetingRule};
pub use time::{Time, rfc3339};
pub use word::{
    ActorKind, AuthorKind, ChatState, CloseReason, Mode, OfferState, PresenceReason, Role, Status,
    Strategy, WhenNotLive,
};
