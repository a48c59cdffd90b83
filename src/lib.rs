pub mod clock;
pub mod config;
pub mod domain;
pub mod engine;
pub mod faults;
pub mod protocol;
pub mod random;
