pub mod auth;
pub mod clock;
pub mod config;
pub mod domain;
pub mod faults;
pub mod lifecycle;
pub mod random;
pub mod telemetry;
