//! Offices.

use std::collections::BTreeSet;

use crate::domain::{ChatState, Office, OfficeId, ShownReason};

use super::super::effect::{Cause, EventKind, LogInChange, SetupEvent};
use super::super::fields::refuse;
use super::super::refusal::{FieldFault, Use};
use super::super::state::{Chat, OfficeState, Shown, State};
use super::super::turn::Turn;
use super::super::{Refusal, Reply};
use super::check_version;

impl Turn<'_> {
    pub(super) fn create_office(&mut self, office: Office) -> Result<Reply, Refusal> {
        self.check_room(self.state.offices.len())?;
        refuse(self.state.office_faults(&office))?;
        let id = office.id;
        let shown = Shown {
            mode: office.when_not_live.mode(),
            reason: ShownReason::NoMembers,
            since: self.now,
        };
        let state = OfficeState {
            office: office.clone(),
            shown,
            queues: BTreeSet::new(),
        };
        self.state.offices.insert(id, Box::new(state));
        self.emit(EventKind::Setup(SetupEvent::OfficeCreated(Box::new(
            office,
        ))));
        self.arm_office_hours(id);
        self.tell_new_office(id);
        self.office_reply(id)
    }

    pub(super) fn update_office(&mut self, new: Office) -> Result<Reply, Refusal> {
        let office = self.state.offices.get(&new.id);
        let office = office.ok_or(Refusal::UnknownOffice)?;
        check_version(office.office.version, Some(new.version))?;
        refuse(self.state.office_faults(&new))?;
        let id = new.id;
        let new = Office {
            version: new.version + 1,
            ..new
        };
        if let Some(office) = self.state.offices.get_mut(&id) {
            office.office = new.clone();
        }
        self.emit(EventKind::Setup(SetupEvent::OfficeChanged(Box::new(new))));
        self.arm_office_hours(id);
        self.touch_office(id, Cause::Setup);
        let agents = self.state.agents_of(id);
        self.settle_all(agents);
        self.office_reply(id)
    }

    /// An office that queues, widgets or rules still need stays, and one with a chat that somebody still has to do with, be it
    /// a message in its inbox; agents that were assigned to it are not any more.
    pub(super) fn archive_office(
        &mut self,
        id: OfficeId,
        version: Option<i64>,
    ) -> Result<Reply, Refusal> {
        let office = self.state.offices.get(&id).ok_or(Refusal::UnknownOffice)?;
        check_version(office.office.version, version)?;
        if !office.queues.is_empty() {
            return Err(Refusal::InUse(Use::Queue));
        }
        let mut widgets = self.state.widgets.values();
        if widgets.any(|widget| widget.office_ids.contains(&id)) {
            return Err(Refusal::InUse(Use::Widget));
        }
        self.state.check_no_rule_for_office(id)?;
        let unfinished = |chat: &Chat| chat.is_kept() || chat.state == ChatState::OfflineMessage;
        let mut chats = self.state.chats.values();
        if chats.any(|chat| chat.office_id == id && unfinished(chat)) {
            return Err(Refusal::InUse(Use::Chat));
        }
        let agents = self.state.agents_of(id);
        self.state.offices.remove(&id);
        self.touched.remove(&id);
        self.arm_office_hours(id);
        self.emit(EventKind::Setup(SetupEvent::OfficeArchived(id)));
        for agent_id in agents {
            let Some(agent) = self.state.agent_mut(agent_id) else {
                continue;
            };
            agent.profile.office_ids.remove(&id);
            agent.profile.version += 1;
            let profile = agent.profile.clone();
            let kept = LogInChange::default();
            self.emit(EventKind::Setup(SetupEvent::AgentChanged(
                Box::new(profile),
                kept,
            )));
            self.leave_offices(agent_id);
        }
        Ok(Reply::Done)
    }

    /// The office as it is after this step.
    fn office_reply(&mut self, id: OfficeId) -> Result<Reply, Refusal> {
        self.settle_offices();
        let view = self.state.office_view(id).ok_or(Refusal::UnknownOffice)?;
        Ok(Reply::Office(Box::new(view)))
    }
}

impl State {
    /// What is wrong with an office: delays beyond the tenant's. Those of the tenant may have become shorter since; that is
    /// no fault of a change of something else.
    pub(in super::super) fn office_faults(&self, office: &Office) -> Vec<FieldFault> {
        let before = self.offices.get(&office.id);
        match before {
            Some(before) if before.office.inactivity == office.inactivity => Vec::new(),
            _ => self.delay_faults(&office.inactivity).collect(),
        }
    }
}
