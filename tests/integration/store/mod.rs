//! The store against a real Postgres. Each test has a tenant of its own, so they run side by side
//! in one database.

mod agent_events;
mod agents;
mod chats;
mod contacts;
mod evidence;
mod files;
mod history;
mod idempotency;
mod journal;
mod migrate;
pub(crate) mod owner;
mod plans;
mod references;
mod row_security;
mod schema;
mod sessions;
mod setup;
mod setup_events;
mod support;
mod tags;
mod targeting_rules;
mod templates;
mod tenants;
mod upgrade;
