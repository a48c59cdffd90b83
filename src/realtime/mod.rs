//! The tokio shell around the engines: one actor a tenant, and the sockets that hear of what it does.
//!
//! An actor takes what its mailbox holds, applies it, hands the events to the journal and waits; only after the
//! commit are callers answered and events published, in order. Nothing here awaits a socket but the
//! socket's own task.

mod attach;
mod board;
mod bring;
mod close;
mod connection;
mod dispatch;
mod ended;
mod fanout;
mod handshake;
mod heartbeat;
mod hub;
mod life;
mod links;
mod mail;
mod mailbox;
mod places;
mod recent;
mod resolve;
mod ring;
mod send_queue;
mod sessions;
mod tenant;
mod tenant_time;
mod visitor_clock;
mod watch;
mod wheel;

pub use board::{Board, Ready, WidgetEntry};
pub use connection::{SocketContext, serve};
pub use handshake::{Opening, SocketSettings};
pub use heartbeat::Heartbeat;
pub use hub::{Hub, HubParts, HubSettings};
pub use links::{Links, TenantLinks};
pub use mail::{Answer, Call, CallError, IdempotencyKey};
pub use sessions::RevokedSessions;
