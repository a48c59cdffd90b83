//! What is wrong with the fields of a command.
//!
//! Owns that all of it is found at once: whoever refuses a command for its fields asks the same functions as whoever only
//! wants to know. They read the state and never change it.

use uuid::Uuid;

use crate::domain::{Contact, OwnInactivity, Timestamp, WidgetId, faults_of_answers, message_form};

use super::command::{Command, LeaveMessage, SetupCommand, StartChat, VisitorCommand};
use super::refusal::{FieldFault, Reference};
use super::state::State;
use super::{Engine, Refusal};

impl Engine {
    /// Everything that is wrong with the fields of a command, in the order in which it would be told; nothing for one whose
    /// fields cannot be wrong here. The command may be refused for another reason.
    #[must_use]
    pub fn faults_of(&self, command: &Command) -> Vec<FieldFault> {
        match command {
            Command::Setup { command, .. } => self.state.setup_faults(command),
            Command::Visitor { command, .. } => match command {
                VisitorCommand::Start(start) => self.state.start_faults(start, self.now),
                VisitorCommand::LeaveMessage(left) => self.state.message_faults(left),
                _ => Vec::new(),
            },
            Command::Presence { .. }
            | Command::Office { .. }
            | Command::Agent { .. }
            | Command::Recover => Vec::new(),
        }
    }
}

impl State {
    fn setup_faults(&self, command: &SetupCommand) -> Vec<FieldFault> {
        match command {
            SetupCommand::UpdateSettings(settings) => self.settings_faults(settings),
            SetupCommand::CreateOffice(office) | SetupCommand::UpdateOffice(office) => {
                self.office_faults(office)
            }
            SetupCommand::CreateAgent(agent, _) | SetupCommand::UpdateAgent(agent, _) => {
                self.agent_faults(agent)
            }
            SetupCommand::CreateQueue(queue, members)
            | SetupCommand::UpdateQueue(queue, members) => self.queue_faults(queue, members),
            SetupCommand::SetMembers(_, members, _) => self.member_faults(members).collect(),
            SetupCommand::CreateWidget(widget) | SetupCommand::UpdateWidget(widget) => {
                self.widget_faults(widget)
            }
            SetupCommand::CreateRoutingRule(rule) | SetupCommand::UpdateRoutingRule(rule) => {
                self.routing_rule_faults(rule)
            }
            _ => Vec::new(),
        }
    }

    /// What is wrong with the start of a chat: answers of the form, and an office and a queue that the widget does not
    /// reach. Where a rule sends the chat, the office that was chosen is not asked for.
    pub(super) fn start_faults(&self, start: &StartChat, now: Timestamp) -> Vec<FieldFault> {
        let mut faults = Vec::new();
        let is_ruled = matches!(self.rule_for(start, now), Some((_, Some(_))));
        if self.widgets.contains_key(&start.widget_id) && !is_ruled {
            let office = |id| self.office_of(start.widget_id, Some(id)).ok();
            let chosen = start.office_id.map(|id| (id, office(id)));
            if let Some((id, None)) = chosen {
                faults.push(FieldFault::Unknown(Reference::Office, id.0));
            }
            let reached = |id| {
                let queue = self.queues.get(&id)?;
                let office = office(queue.queue.office_id)?;
                let other = chosen.and_then(|(_, office)| office);
                other
                    .is_none_or(|other| other.id == office.id)
                    .then_some(())
            };
            if let Some(id) = start.queue_id
                && reached(id).is_none()
            {
                faults.push(FieldFault::Unknown(Reference::Queue, id.0));
            }
        }
        faults.extend(self.answer_faults(start.widget_id, &start.contact, false));
        faults
    }

    /// What is wrong with a message that is left: the answers of the form, among them a name and an address in any case,
    /// and an office that the widget does not reach.
    pub(super) fn message_faults(&self, left: &LeaveMessage) -> Vec<FieldFault> {
        let mut faults = Vec::new();
        let is_known = self.widgets.contains_key(&left.widget_id);
        if let Some(id) = left.office_id
            && is_known
            && self.office_of(left.widget_id, Some(id)).is_err()
        {
            faults.push(FieldFault::Unknown(Reference::Office, id.0));
        }
        faults.extend(self.answer_faults(left.widget_id, &left.contact, true));
        faults
    }

    fn answer_faults(
        &self,
        id: WidgetId,
        contact: &Contact,
        is_message: bool,
    ) -> impl Iterator<Item = FieldFault> {
        let form = self.widgets.get(&id).map(|widget| &*widget.form);
        let form = form.unwrap_or_default();
        let faults = if is_message {
            faults_of_answers(&message_form(form), contact)
        } else {
            faults_of_answers(form, contact)
        };
        faults.into_iter().map(FieldFault::Answer)
    }

    /// Delays of an agent's or an office's own only shorten the tenant's (PRES-6).
    pub(super) fn delay_faults(&self, own: &OwnInactivity) -> impl Iterator<Item = FieldFault> {
        let fields = own.beyond(&self.settings.inactivity);
        fields.iter().map(|field| FieldFault::BeyondTenant(field))
    }
}

/// Those of a list that are not there.
pub(super) fn unknown<'i, Id: Copy + Into<Uuid> + 'i>(
    place: Reference,
    ids: impl IntoIterator<Item = &'i Id>,
    is_known: impl Fn(&Id) -> bool,
) -> impl Iterator<Item = FieldFault> {
    let unknown = ids.into_iter().filter(move |id| !is_known(id));
    unknown.map(move |id| FieldFault::Unknown(place, (*id).into()))
}

/// Refuses a command with bad fields.
pub(super) fn refuse(faults: Vec<FieldFault>) -> Result<(), Refusal> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Refusal::BadFields(faults))
    }
}
