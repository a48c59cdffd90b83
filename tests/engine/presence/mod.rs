//! Presence (PRES): what agents are, why, and what comes of it.

mod chosen;
mod connections;
mod invisible;

use crate::scenario::Scenario;

/// Ana is connected and online.
fn ana_online() -> Scenario {
    Scenario::office("support").agents(["ana"]).all_available()
}
