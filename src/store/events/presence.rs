//! The stored form of `presence.changed`: the whole view but its agent, which is a column.
//!
//! Version 1 had the global status alone: what was chosen, and what came of it, why and since when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{
    Actor, AgentId, Choice, Comeback, Grounds, OfficeId, Pausing, Presence, PresenceReason,
    Standing, Status, Timestamp, Unheld, Wanted,
};
use crate::engine::PresenceView;

/// The version that this build writes.
pub(in crate::store) const VERSION: i16 = 2;

/// Version 2.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct Stored {
    choice: Choice,
    overrides: BTreeMap<OfficeId, Choice>,
    standing: Standing,
    pausing: Option<Pausing>,
    wanted: Option<Wanted>,
    seated: bool,
    leased: bool,
    paid: bool,
    over_limit_since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_plain")]
    grounds: Grounds,
}

/// Whether nothing stands behind a presence but what it shows, as is mostly so.
fn is_plain(grounds: &Grounds) -> bool {
    *grounds == Grounds::default()
}

/// Version 1.
#[derive(Deserialize)]
struct First {
    status: Status,
    effective: Status,
    reason: PresenceReason,
    since: Timestamp,
}

impl Stored {
    /// What is stored of a view.
    pub(super) fn of(view: &PresenceView) -> Self {
        Self {
            choice: view.choice,
            overrides: view.overrides.clone(),
            standing: view.standing.clone(),
            pausing: view.pausing,
            wanted: view.wanted,
            seated: view.seated,
            leased: view.leased,
            paid: view.paid,
            over_limit_since: view.over_limit_since,
            grounds: view.grounds.clone(),
        }
    }

    fn into_view(self, agent_id: AgentId) -> PresenceView {
        PresenceView {
            agent_id,
            choice: self.choice,
            overrides: self.overrides,
            standing: self.standing,
            pausing: self.pausing,
            wanted: self.wanted,
            seated: self.seated,
            leased: self.leased,
            paid: self.paid,
            over_limit_since: self.over_limit_since,
            grounds: self.grounds,
        }
    }
}

impl First {
    /// There were no overrides, pauses, seats or leases then. Where the effective status is not the chosen one, when
    /// and why that was chosen is not known: the change itself stands for it.
    fn raise(&self, actor: Actor) -> Stored {
        let stands = self.status == self.effective;
        let choice = Choice {
            status: self.status,
            status_id: None,
            set_at: self.since,
            set_by: actor,
            reason: if stands {
                self.reason
            } else {
                PresenceReason::Chosen
            },
        };
        let global = Presence {
            status: self.effective,
            reason: self.reason,
            since: self.since,
            by: actor,
        };
        Stored {
            choice,
            overrides: BTreeMap::new(),
            standing: Standing {
                global,
                offices: BTreeMap::new(),
            },
            pausing: None,
            wanted: None,
            seated: true,
            leased: false,
            paid: true,
            over_limit_since: None,
            grounds: self.grounds(),
        }
    }

    /// One fact at most stood behind a presence then, and its reason names it.
    fn grounds(&self) -> Grounds {
        let lost = self.reason == PresenceReason::Disconnected && self.status != self.effective;
        let back = self.reason == PresenceReason::Reconnected;
        Grounds {
            unheld: lost.then_some(Unheld {
                status: self.effective,
                reason: self.reason,
                since: self.since,
            }),
            comeback: back.then_some(Comeback {
                reason: self.reason,
                at: self.since,
            }),
            ..Grounds::default()
        }
    }
}

/// The view that was stored, whichever version it has.
pub(in crate::store) fn view(
    version: i16,
    agent_id: AgentId,
    actor: Actor,
    payload: Value,
) -> Option<PresenceView> {
    let stored = match version {
        1 => serde_json::from_value::<First>(payload).ok()?.raise(actor),
        VERSION => serde_json::from_value(payload).ok()?,
        _ => return None,
    };
    Some(stored.into_view(agent_id))
}
