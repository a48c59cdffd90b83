//! The tenant's settings.

use crate::domain::{AgentId, Reachability, TenantSettings};

use super::super::effect::{EventKind, SetupEvent};
use super::super::turn::Turn;
use super::super::{Refusal, Reply};
use super::check_version;
use crate::engine::effect::Cause;

impl Turn<'_> {
    /// Replaces the settings. Delays that have begun run by the new ones from where they began.
    pub(super) fn update_settings(&mut self, new: TenantSettings) -> Result<Reply, Refusal> {
        check_version(self.state.settings.version, Some(new.version))?;
        let assigned = self.state.assigned_seats();
        if new.seats < assigned {
            return Err(Refusal::SeatsBelowAssigned { assigned });
        }
        let settings = TenantSettings {
            version: new.version + 1,
            ..new
        };
        let before = std::mem::replace(&mut self.state.settings, settings);
        self.emit(EventKind::Setup(SetupEvent::SettingsChanged(settings)));
        if before.seats == settings.seats {
            let agents = self.state.agents.keys().copied().collect();
            self.settle_all(agents);
        } else {
            self.reseat();
        }
        if before.disconnect.grace != settings.disconnect.grace {
            self.end_graces_that_have_passed();
        }
        let offices: Vec<_> = self.state.offices.keys().copied().collect();
        for office in offices {
            self.touch_office(office, Cause::Setup);
        }
        Ok(Reply::Settings(settings))
    }

    /// A shorter grace may have passed already; the deadline then lies in the past and fires with the next step.
    fn end_graces_that_have_passed(&mut self) {
        let Some(grace) = self.state.settings.disconnect.grace else {
            return;
        };
        let now = self.now;
        let passed: Vec<AgentId> = self
            .state
            .agents
            .values()
            .filter(|agent| match agent.facts.reachability {
                Reachability::Grace { since } => since + grace < now,
                Reachability::Connected | Reachability::Lost { .. } => false,
            })
            .map(|agent| agent.profile.id)
            .collect();
        for agent_id in passed {
            self.end_grace(agent_id);
        }
    }
}
