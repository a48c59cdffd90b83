//! Presence (PRES): what agents are, why, and what comes of it.

mod chosen;
mod connections;
mod drain;
mod hours;
mod inactivity;
mod invisible;
mod leases;
mod offices;
mod pauses;
mod seats;
mod statuses;

use crate::scenario::Scenario;

/// Ana is connected and online.
fn ana_online() -> Scenario {
    Scenario::office("support").agents(["ana"]).all_available()
}
