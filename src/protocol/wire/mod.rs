//! The objects of the wire, and how they come from the engine's views.
//!
//! Owns field names, their order and their documentation. Must not leave out or add a field by any rule: what an
//! audience may see is decided by which object it is sent. The order of fields is that of `docs/protocol.md`.

mod aside;
mod availability;
mod chat;
mod decision;
mod evidence;
mod figures;
mod file;
mod form;
mod hours;
mod identity;
mod life;
mod list;
mod live;
mod message;
mod people;
mod presence;
mod queue;
mod report;
mod routing;
mod routing_rule;
mod settings;
mod setup;
mod targeting;
mod time;
mod word;

pub use aside::{AgentMark, Note, ReadMark, ReaderCard};
pub use availability::{
    Availability, Cause, OfficeMode, OfficeShown, PublicAgent, availability_body,
};
pub use chat::{
    Chat, ChatWithHistory, Conversation, ConversationEntry, ConversationLine, HandOver,
    InboxCounts, Offer, OfflineMessage, Participant, QueueCard, Target, VisitorChat,
    VisitorHistory, seconds,
};
pub use decision::{
    Candidate, ChatEntry, ChatPlace, ChatRouting, Decision, Kept, OfferDecision, Overflowed,
    PassedOver, Rank, RecordedDecision, RingingOffer, RoutingChange, RoutingExplanation,
    RoutingNow, RuledOut,
};
pub use evidence::{
    AgentThen, EventRef, NextChange, OfficeCause, OfficeChain, OfficeEvidence, PresenceEvidence,
};
pub use figures::{
    ChatFigures, ChatInterval, ChatReport, FigureEntry, QueueReport, ScoreFigure, TimeFigure,
};
pub use file::{File, UploadedFile};
pub use form::FormField;
pub use hours::{Hours, HoursException, Interval, WeeklyInterval};
pub use identity::{IdentitySecret, NewIdentitySecret};
pub use life::{ChatMarks, Rating, WrapUp};
pub use list::{ContactProfile, RenderedTemplate, Tag, Template};
pub use live::{AgentsNow, ChatsNow, Now, QueueNow};
pub use message::{Button, Message, MessageChange, Node, Notice, NoticeAgent, PressedButton};
pub use people::{Actor, Agent, AgentCard, Author, Contact, KnownAs, OwnInactivity};
pub use presence::{
    Chosen, Colleague, Link, OfficePresence, Pausing, Presence, PresenceRow, WatchedAgent,
};
pub use queue::{Queue, QueueLogIn};
pub use report::{
    AgentDay, AgentReport, AvailabilityTotals, OfficeDay, OfficeReport, PauseTime,
    PresenceInterval, PresenceTotals, Report, StatusTime, TimeLine,
};
pub use routing::{
    Ban, Disposition, OnAgentGone, OnMissedOffer, Overflow, Reminder, Skill, SkillLevel,
};
pub use routing_rule::{ContactTest, RoutingConditions, RoutingRule};
pub use settings::{ChatSettings, DisconnectSettings, InactivitySettings, LeaseSettings, Settings};
pub use setup::{CustomStatus, Office, OfficeCard, Pause, Tenant, TenantWithAdmin, Widget};
pub use targeting::{Conditions, Greeting, GreetingAnswer, TargetingRule};
pub use time::{Time, rfc3339};
pub use word::{
    ActorKind, AgentGoneWord, AuthorKind, CauseKind, ChangeKind, ChatState, CloseReason,
    DeferReason, EnteredBy, FieldKind, HandOverEnd, IfUnavailable, Inbox, KeptFor, LeaveReason,
    LinkKind, MissedOfferWord, Mode, OfferState, OverflowWord, Overrun, ParticipantRole,
    PresenceReason, Purpose, Release, ReminderWord, Role, RoutingRuleWord, Seat, Show, ShownReason,
    Status, Strategy, TargetKind, TieBreak, TransferReason, Weekday, WhenBusy, WhenNotLive,
    WithdrawReason,
};
