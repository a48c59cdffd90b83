//! The core, tested in the field's words: no database, no runtime, virtual time.

mod architecture;
mod availability;
mod chats;
mod conversation;
mod domain;
mod offers;
mod presence;
mod properties;
mod queueing;
mod restore;
mod routing;
mod scenario;
