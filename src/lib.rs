//! Deskbell: a live-chat backend for many tenants.

pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod cluster;
pub mod config;
pub mod domain;
pub mod engine;
pub mod faults;
pub mod files;
pub mod http;
pub mod lifecycle;
pub mod postgres;
pub mod protocol;
pub mod random;
pub mod realtime;
pub mod reports;
pub mod store;
pub mod telemetry;
