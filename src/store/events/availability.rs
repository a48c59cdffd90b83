//! The stored form of `availability.changed`: the whole change but the names and pictures of agents, which can change
//! or be erased.

use serde::{Deserialize, Serialize};

use crate::domain::{AgentId, ChatId, Millis, Mode, OfficeId, ShownReason, Timestamp};
use crate::engine::{AvailabilityChange, Cause, OfficeAvailability};

/// Version 1.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct Stored {
    office_id: OfficeId,
    mode: Mode,
    reason: ShownReason,
    since: Timestamp,
    valid_until: Option<Timestamp>,
    opens_at: Option<Timestamp>,
    waiting: Option<u32>,
    estimated_wait: Option<Millis>,
    cause: StoredCause,
    is_open: bool,
    members: u32,
    online: Vec<AgentId>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum StoredCause {
    Presence { agent_id: AgentId },
    Hours,
    Setup,
    Chat { chat_id: ChatId },
}

impl Stored {
    /// What is stored of a change.
    pub(super) fn of(change: &AvailabilityChange) -> Self {
        let shown = &change.shown;
        Self {
            office_id: shown.office_id,
            mode: shown.mode,
            reason: shown.reason,
            since: shown.since,
            valid_until: shown.valid_until,
            opens_at: shown.opens_at,
            waiting: shown.waiting,
            estimated_wait: shown.estimated_wait,
            cause: match change.cause {
                Cause::Presence(agent_id) => StoredCause::Presence { agent_id },
                Cause::Hours => StoredCause::Hours,
                Cause::Setup => StoredCause::Setup,
                Cause::Chat(chat_id) => StoredCause::Chat { chat_id },
            },
            is_open: change.is_open,
            members: change.members,
            online: change.online.clone(),
        }
    }

    /// The change that was stored; it shows no agents.
    pub(in crate::store) fn into_change(self) -> AvailabilityChange {
        AvailabilityChange {
            shown: OfficeAvailability {
                office_id: self.office_id,
                mode: self.mode,
                reason: self.reason,
                since: self.since,
                valid_until: self.valid_until,
                opens_at: self.opens_at,
                agents: Vec::new(),
                waiting: self.waiting,
                estimated_wait: self.estimated_wait,
            },
            cause: match self.cause {
                StoredCause::Presence { agent_id } => Cause::Presence(agent_id),
                StoredCause::Hours => Cause::Hours,
                StoredCause::Setup => Cause::Setup,
                StoredCause::Chat { chat_id } => Cause::Chat(chat_id),
            },
            is_open: self.is_open,
            members: self.members,
            online: self.online,
        }
    }
}
