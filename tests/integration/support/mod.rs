//! What the tests stand on: one private Postgres and one server for the whole run, a fresh tenant for each test.
//!
//! The server runs on a runtime of its own, since each test has its own and ends it. Set-up goes through the public
//! API, so that every test also proves that tenants do not see each other.

mod cluster;
pub(crate) mod documents;
mod persona;
mod queue;
mod setup;
mod site;
mod socket;
mod tenant;

pub(crate) use cluster::{PLATFORM_KEY, owner_options, shared, start_server, until};
pub(crate) use persona::{Answer, Opened, Persona};
pub(crate) use queue::set_queue;
pub(crate) use setup::{Setup, daily};
pub(crate) use site::Site;
pub(crate) use socket::Socket;
pub(crate) use tenant::{PASSWORD, Tenant, Visitor};
