//! What goes wrong on purpose: commits whose answer is lost, engines that are dropped, processes that end.

mod ahead;
mod commit;
pub(crate) mod journal;
mod life;
mod over;
mod plans;
