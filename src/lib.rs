//! Deskbell: a live-chat backend for many tenants.

pub mod domain;
pub mod engine;
pub mod postgres;
