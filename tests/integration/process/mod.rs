//! The real binary, driven from outside as a user would: started, killed, started again.

mod binary;
mod promises;
mod restart;
mod start;
mod talker;
