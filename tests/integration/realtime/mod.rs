//! Sockets: who is let in, what comes in which order, what a client that was away is told.

mod asides;
mod chat;
mod client;
mod handover;
mod handshake;
mod identity;
mod life;
mod limits;
mod offers;
mod places;
mod resume;
pub(crate) mod setting;
mod slow_reader;
pub(crate) mod snapshot;
mod speech;
