#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that panics says what is wrong"
)]

mod postgres;
mod process;
mod store;
mod support;
