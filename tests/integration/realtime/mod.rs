//! Sockets: who is let in, what comes in which order, what a client that was away is told.

mod handshake;
mod setting;
