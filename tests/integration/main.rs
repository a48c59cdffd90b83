#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that panics says what is wrong"
)]

mod faults;
mod guard;
mod http;
mod postgres;
mod process;
mod realtime;
mod store;
mod support;
