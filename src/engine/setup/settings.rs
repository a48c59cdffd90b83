//! The tenant's settings.

use crate::domain::{AgentId, QueueId, TenantSettings};

use super::super::effect::{Cause, EventKind, SetupEvent};
use super::super::fields::refuse;
use super::super::refusal::FieldFault;
use super::super::state::State;
use super::super::turn::Turn;
use super::super::{Refusal, Reply};
use super::check_version;

impl Turn<'_> {
    /// Replaces the settings. Delays that have begun run by the new ones from where they began; one that has passed by
    /// then is a deadline in the past, which fires with the next step.
    pub(super) fn update_settings(&mut self, new: TenantSettings) -> Result<Reply, Refusal> {
        check_version(self.state.settings.version, Some(new.version))?;
        refuse(self.state.settings_faults(&new))?;
        let settings = TenantSettings {
            version: new.version + 1,
            ..new
        };
        let before = std::mem::replace(&mut self.state.settings, settings);
        self.emit(EventKind::Setup(SetupEvent::SettingsChanged(settings)));
        if before.chats != settings.chats {
            self.draw_consequences_for_chats();
        }
        if before.seats == settings.seats {
            let agents = self.state.agents.keys().copied().collect();
            self.settle_all(agents);
        } else {
            self.reseat();
        }
        let offices: Vec<_> = self.state.offices.keys().copied().collect();
        for office in offices {
            self.touch_office(office, Cause::Setup);
        }
        self.state.retime_chats();
        Ok(Reply::Settings(settings))
    }

    /// What agents may be offered and when chats are due depends on the settings of chats.
    fn draw_consequences_for_chats(&mut self) {
        let agents: Vec<AgentId> = self.state.agents.keys().copied().collect();
        self.state.changed.agents.extend(&agents);
        for agent_id in agents {
            self.time_offers(agent_id);
        }
        let queues: Vec<QueueId> = self.state.queues.keys().copied().collect();
        self.dispatch(&queues);
    }
}

impl State {
    /// What is wrong with settings: seats stay where they are assigned (PRES-15).
    pub(in super::super) fn settings_faults(&self, settings: &TenantSettings) -> Vec<FieldFault> {
        let assigned = self.assigned_seats();
        let too_few = settings.seats < assigned;
        let fault = too_few.then_some(FieldFault::SeatsBelowAssigned(assigned));
        fault.into_iter().collect()
    }
}
