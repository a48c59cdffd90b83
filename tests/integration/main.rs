#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test panics to say what is wrong, has clients and clocks of its own, and prints its seed"
)]

mod edge;
mod evidence;
mod faults;
mod files;
mod guard;
mod http;
mod postgres;
mod presence;
mod process;
mod realtime;
mod store;
mod support;
