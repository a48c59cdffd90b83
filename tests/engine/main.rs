//! The core, tested in the field's words: no database, no runtime, virtual time.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test panics to say what is wrong, prints its seed, and is told by the environment which plan to replay"
)]

mod architecture;
mod asides;
mod availability;
mod bans;
mod chats;
mod conversation;
mod domain;
mod estimates;
mod explain;
mod figures;
mod handover;
mod life;
mod log_ins;
mod markup;
mod messages;
mod offers;
mod overflow;
mod presence;
mod properties;
mod queueing;
mod restore;
mod routing;
mod rules;
mod scenario;
mod set_up;
mod shown;
mod strategies;
mod targeting;
mod template;
