pub mod domain;
pub mod faults;
