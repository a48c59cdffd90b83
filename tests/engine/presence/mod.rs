//! Presence (PRES): what agents are, why, and what comes of it.

mod absence;
mod chosen;
mod connections;
mod drain;
mod hours;
mod inactivity;
mod invisible;
mod leases;
mod offices;
mod orders;
mod pauses;
mod reasons;
mod seats;
mod statuses;

use crate::scenario::Scenario;

/// Ana is connected and online.
fn ana_online() -> Scenario {
    Scenario::office("support").agents(["ana"]).all_available()
}
