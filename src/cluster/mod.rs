//! Which node owns which tenant.
//!
//! Owns the node's lease. The fence is in the journal: a node that is late finds no row. Take-over between nodes,
//! forwarding and the bus build on this.

mod lease;
mod node;

pub use lease::Lease;
pub use node::{keep_lease, renew_lease};
