pub mod clock;
pub mod domain;
pub mod faults;
pub mod random;
