pub mod auth;
pub mod clock;
pub mod config;
pub mod domain;
pub mod faults;
pub mod random;
