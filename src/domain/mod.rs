//! The vocabulary: plain types and pure rules in the field's words.
//!
//! Owns the names that code, SQL, JSON and docs share, and the checks that make an illegal value impossible.
//! Must not do I/O, read a clock or know any other module of the crate.

mod agent;
mod availability;
mod ban;
mod button;
mod chat;
mod contact;
mod disposition;
mod file;
mod form;
mod hours;
mod id;
mod identity;
mod inbox;
mod internal_note;
mod invalid;
pub mod markup;
mod message;
mod notice;
mod office;
mod permission;
mod presence;
mod queue;
mod read_mark;
mod routing_rule;
mod skill;
mod status;
mod tag;
mod targeting;
mod template;
mod tenant;
mod text;
mod time;
mod unsent;
mod widget;
pub(crate) mod word;

pub use agent::{Agent, Capacity, Email, OwnInactivity, PictureUrl, Ramp, Role, Seat, Work};
pub use availability::{Mode, ShownReason, WhenBusy, WhenNotLive};
pub use ban::{BANS_MAX, Ban, Banned, Network, Source};
pub use button::{Button, ButtonId, ButtonRef, ButtonText, ButtonUrl, Buttons};
pub use chat::{
    Actor, Attributes, ChatState, CloseReason, Contact, ContactFields, Course, DeferReason,
    Entered, Entry, HandOver, HandOverEnd, IfUnavailable, KeptFor, LeaveReason, MissedTargets,
    OfferNumber, OfferState, Participant, ParticipantRole, Purpose, Rating, RatingComment, Release,
    Reserved, Routing, Score, Seek, Target, TargetKind, TransferReason, WithdrawReason, WrapUp,
};
pub use contact::{
    ASSIGNED_MAX, ContactEntry, ContactNote, ContactProfile, Given, KnownAs, MADE_CONTACTS_MAX,
};
pub use disposition::Disposition;
pub use file::{
    FileCard, FileName, FileSource, FileUrl, MediaType, Pixels, Show, Upload, Uploader,
};
pub use form::{
    AnswerFault, AnswerFaultKind, FORM_FIELDS_MAX, FieldKind, FormField, faults_of_answers,
    message_form,
};
pub use hours::{
    Boundary, EXCEPTIONS_MAX, Hours, HoursException, HoursFault, INTERVALS_MAX, Interval,
    LocalDate, LocalTime, Weekday, WeeklyInterval, Zone,
};
pub use id::{
    AgentId, BanId, ChatId, ConnectionId, ContactId, DispositionId, FileId, IdentitySecretId,
    NodeId, OfficeId, PauseId, QueueId, RoutingRuleId, SessionId, SkillId, StatusId, TagId,
    TargetingRuleId, TemplateId, TenantId, VisitorId, WidgetId,
};
pub use identity::{IDENTITY_SECRETS_MAX, Sealed, SealedSecret, Subject, Vouched};
pub use inbox::Inbox;
pub use internal_note::{InternalNote, NoteId};
pub use invalid::Invalid;
pub use message::{
    Author, Body, KnownMessageId, Message, MessageId, MessageText, RichText, Written,
};
pub use notice::{NoticeAgent, SystemNotice};
pub use office::Office;
pub use permission::{Permission, allows};
pub use presence::{
    Choice, Comeback, Demotion, Facts, Grounds, Inactivity, Kept, Lease, Link, LinkKind, Overrun,
    Pausing, Presence, PresenceReason, Reachability, Standing, Status, Unheld, Used, Verdict,
    Wanted, effective, explain,
};
pub use queue::{
    Closing, OnMissedOffer, Overflow, Priority, Queue, QueueMemory, QueueSettings, Reminder,
    Strategy, Targets, VisitorIdle,
};
pub use read_mark::{ReadMark, ReadMarks, Reader, Seen};
pub use routing_rule::{
    Arrival, Comparison, ContactTest, FieldName, FieldText, Landing, ROUTING_RULES_MAX,
    RoutingAction, RoutingConditions, RoutingRule,
};
pub use skill::{Level, Skill, Skills};
pub use status::{Color, CustomStatus, Pause};
pub use tag::{TAGS_MAX, Tag};
pub use targeting::{
    Address, Conditions, Country, Language, LanguageTag, TARGETING_RULES_MAX, TargetingRule,
    UrlPart, UrlPattern, Visit, matching, next_match_s,
};
pub use template::{
    FALLBACK_CHARS_MAX, SLOTS_MAX, Shortcut, TEMPLATES_MAX, Template, TemplateFault,
    TemplateFaults, TemplateText, TemplateValues, UrlTemplate,
};
pub use tenant::{
    ChatSettings, DisconnectSettings, InactivitySettings, Limits, OnAgentGone, Slug, TenantSettings,
};
pub use text::{Name, NewText, Note, bounded, folded, is_blank};
pub use time::{Millis, Timestamp};
pub use unsent::UnsentText;
pub use widget::{Domain, Widget, WidgetKey};
