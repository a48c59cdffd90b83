//! What clients ask for: the bodies that HTTP and the sockets share.
//!
//! Owns the fields, their bounds and defaults, and the way from a body to the engine's command. Ids, times and
//! secrets come in as arguments. Must not check what only the state can tell: the engine does. The
//! bodies with a new password stand in `http`, beside what hashes it.

mod account;
mod aside;
mod ban;
mod chat;
mod contact;
mod handover;
mod life;
mod message;
mod presence;
mod setup;
mod targeting;

pub use account::{Login, Refresh, VisitorSession};
pub use aside::{MarkSeen, NewNote, VisitorTyping, WriteNote};
pub use ban::{CreateBan, PatchBan};
pub use chat::{Accept, AskByEmail, Nothing, OfflineMessage, Reject, StartChat, Typing};
pub use contact::{CreateContact, PatchContact};
pub use handover::{
    AskForHelp, HandOverFields, HandOverTarget, InviteToChat, ReadAlongInChat, TransferChat,
};
pub use life::{CloseChat, RateChat, UpdateChat};
pub use message::{
    EditMessage, FirstMessage, NewAgentMessage, NewVisitorMessage, SendAgentMessage,
    SendVisitorMessage, VisitorSays,
};
pub use presence::{Ping, PingByEmail, SetOfficeStatus, SetStatus, StartPause, new_status};
pub use setup::{
    ChangeRoutingConditions, ContactCondition, CreateDisposition, CreateOffice, CreatePause,
    CreateQueue, CreateRoutingRule, CreateSkill, CreateStatus, CreateTag, CreateTemplate,
    CreateWidget, FieldForm, Form, InvisibleOffers, PatchChats, PatchDisconnect, PatchDisposition,
    PatchInactivity, PatchLease, PatchOffice, PatchOwnInactivity, PatchPause, PatchQueue,
    PatchRoutingRule, PatchSettings, PatchSkill, PatchStatus, PatchTag, PatchTemplate, PatchWidget,
    RenderTemplate, SEATS_MAX, SetMembers, seconds,
};
pub use targeting::{AskGreeting, ChangeConditions, CreateTargetingRule, PatchTargetingRule};

#[cfg(test)]
pub(crate) mod tests;
