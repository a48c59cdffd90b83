//! What visitors see of an office (AVAIL-1), from the presences of its queues' members.

use std::collections::BTreeMap;

use crate::domain::{Mode, Office, OfficeId, Status};

use super::Engine;
use super::state::{QueueState, State};

impl State {
    /// Whether a member of the queue is effectively online.
    pub(super) fn is_staffed(&self, queue: &QueueState) -> bool {
        let mut members = queue.members.iter().filter_map(|id| self.agents.get(id));
        members.any(|agent| agent.presence().status == Status::Online)
    }

    /// Live when a member of one of the office's queues is effectively online.
    pub(super) fn mode(&self, office: &Office) -> Mode {
        let someone_is_there = self
            .queues
            .values()
            .filter(|queue| queue.queue.office_id == office.id)
            .any(|queue| self.is_staffed(queue));
        if someone_is_there {
            Mode::Live
        } else {
            office.when_not_live.mode()
        }
    }
}

impl Engine {
    /// The mode of every office, in one pass over the queues: it is asked for after every batch.
    #[must_use]
    pub fn availability(&self) -> BTreeMap<OfficeId, Mode> {
        let state = &self.state;
        let mut modes: BTreeMap<OfficeId, Mode> = state
            .offices
            .values()
            .map(|office| (office.id, office.when_not_live.mode()))
            .collect();
        for queue in state.queues.values() {
            if let Some(mode) = modes.get_mut(&queue.queue.office_id)
                && *mode != Mode::Live
                && state.is_staffed(queue)
            {
                *mode = Mode::Live;
            }
        }
        modes
    }
}
