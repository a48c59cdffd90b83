//! What clients ask for: the bodies that HTTP and the sockets share.
//!
//! Owns the fields, their bounds and defaults, and the way from a body to the engine's command. Ids, times and
//! secrets come in as arguments. Must not check what only the state can tell: the engine does. The
//! bodies with a new password stand in `http`, beside what hashes it.

mod account;
mod chat;
mod contact;
mod message;
mod presence;
mod setup;
mod targeting;

pub use account::{Login, Refresh, VisitorSession};
pub use chat::{Accept, AskByEmail, Nothing, OfflineMessage, Reject, StartChat, Typing};
pub use contact::PatchContact;
pub use message::{
    EditMessage, FirstMessage, NewAgentMessage, NewVisitorMessage, SendAgentMessage,
    SendVisitorMessage, VisitorSays,
};
pub use presence::{Ping, PingByEmail, SetOfficeStatus, SetStatus, StartPause, new_status};
pub use setup::{
    CreateOffice, CreatePause, CreateQueue, CreateStatus, CreateTag, CreateTemplate, CreateWidget,
    InvisibleOffers, PatchDisconnect, PatchInactivity, PatchLease, PatchOffice, PatchOwnInactivity,
    PatchPause, PatchQueue, PatchSettings, PatchStatus, PatchTag, PatchTemplate, PatchWidget,
    RenderTemplate, SetMembers, seconds,
};
pub use targeting::{AskGreeting, ChangeConditions, CreateTargetingRule, PatchTargetingRule};
