//! What visitors see of an office (AVAIL-1), from the presences of its queues' members.

use std::collections::BTreeMap;

use crate::domain::{Mode, Office, OfficeId, Status};

use super::Engine;
use super::state::State;

impl State {
    /// Live when a member of one of the office's queues is effectively online.
    pub(super) fn mode(&self, office: &Office) -> Mode {
        let someone_is_there = self
            .queues
            .values()
            .filter(|queue| queue.queue.office_id == office.id)
            .flat_map(|queue| &queue.members)
            .filter_map(|agent_id| self.agents.get(agent_id))
            .any(|agent| agent.presence().status == Status::Online);
        if someone_is_there {
            Mode::Live
        } else {
            office.when_not_live.mode()
        }
    }
}

impl Engine {
    /// The mode of every office.
    #[must_use]
    pub fn availability(&self) -> BTreeMap<OfficeId, Mode> {
        self.state
            .offices
            .values()
            .map(|office| (office.id, self.state.mode(office)))
            .collect()
    }
}
