//! The verbs of presence, what is read of it, and what is expected.

use deskbell::domain::{
    ConnectionId, LinkKind, OfficeId, PauseId, Presence, PresenceReason, QueueId, SessionId,
    ShownReason, Status, StatusId,
};
use deskbell::engine::{
    AvailabilityChange, ChatEvent, Command, Event, NewStatus, PresenceCommand, PresenceEvent,
    PresenceView,
};

use super::Scenario;
use super::people::Person;

/// What an agent does about itself.
impl Person<'_> {
    /// Connects and goes online; neither need be accounted for.
    pub(crate) fn comes_online(&mut self) {
        let before = self.s.log.len();
        self.connects();
        self.sets("online");
        let offers = self.s.log.split_off(before);
        self.s.log.extend(offers.into_iter().filter(|happening| {
            let text = format!("{happening:?}");
            !text.contains("Presence(Connected") && !text.contains("Presence(Changed")
        }));
    }

    pub(crate) fn connects(&mut self) {
        self.connects_as("tab");
    }

    pub(crate) fn connects_as(&mut self, tab: &str) {
        let id = self.connection(tab);
        self.presence(PresenceCommand::Connect(id));
    }

    pub(crate) fn disconnects(&mut self) {
        self.disconnects_from("tab");
    }

    /// The shell says so, not the agent.
    pub(crate) fn disconnects_from(&mut self, tab: &str) {
        let id = self.connection(tab);
        self.by_nobody(PresenceCommand::Disconnect(id));
    }

    /// Sets one of the four statuses, or one that was added.
    pub(crate) fn sets(&mut self, status: &str) {
        let status = self.s.new_status(status);
        self.presence(PresenceCommand::SetStatus(status));
    }

    pub(crate) fn sets_in(&mut self, office: &str, status: &str) {
        let command = self.override_command(office, status);
        self.presence(command);
    }

    pub(crate) fn clears(&mut self, office: &str) {
        let office_id = OfficeId(self.s.id_of("office", office));
        self.presence(PresenceCommand::ClearOverride(office_id));
    }

    pub(crate) fn sets_after_chats(&mut self, status: &str) {
        let status = self.s.new_status(status);
        self.presence(PresenceCommand::SetStatusAfterChats(status));
    }

    pub(crate) fn pauses(&mut self, pause: &str) {
        let id = PauseId(self.s.id_of("pause", pause));
        self.presence(PresenceCommand::StartPause(id));
    }

    pub(crate) fn logs_in_to(&mut self, queue: &str) {
        let id = QueueId(self.s.id_of("queue", queue));
        self.presence(PresenceCommand::LogInQueue(id));
    }

    pub(crate) fn logs_out_of(&mut self, queue: &str) {
        let id = QueueId(self.s.id_of("queue", queue));
        self.presence(PresenceCommand::LogOutQueue(id));
    }

    pub(crate) fn ends_pause(&mut self) {
        self.presence(PresenceCommand::EndPause);
    }

    pub(crate) fn acts(&mut self) {
        self.presence(PresenceCommand::Act);
    }

    /// Another system keeps the agent online, and wants no offers by that alone.
    pub(crate) fn is_pinged(&mut self) {
        self.by_nobody(PresenceCommand::Ping {
            takes_offers: false,
        });
    }

    pub(crate) fn is_pinged_for_offers(&mut self) {
        self.by_nobody(PresenceCommand::Ping { takes_offers: true });
    }

    pub(crate) fn logs_out(&mut self) {
        let session = SessionId(self.s.id_of("session", &self.name));
        self.presence(PresenceCommand::LogOut(session));
    }

    pub(crate) fn has_a_session_revoked(&mut self) {
        let session = SessionId(self.s.id_of("session", &self.name));
        self.by_nobody(PresenceCommand::Revoke(session));
    }

    pub(super) fn connection(&mut self, tab: &str) -> ConnectionId {
        let name = format!("{} of {}", tab, self.name);
        ConnectionId(self.s.id_of("connection", &name))
    }

    fn override_command(&mut self, office: &str, status: &str) -> PresenceCommand {
        let office_id = OfficeId(self.s.id_of("office", office));
        PresenceCommand::SetOverride(office_id, self.s.new_status(status))
    }

    fn presence(&mut self, command: PresenceCommand) {
        let agent_id = self.s.agent_id(&self.name);
        let by = Some(agent_id);
        self.s.does(Command::Presence {
            agent_id,
            by,
            command,
        });
    }

    fn by_nobody(&mut self, command: PresenceCommand) {
        let agent_id = self.s.agent_id(&self.name);
        let by = None;
        self.s.does(Command::Presence {
            agent_id,
            by,
            command,
        });
    }
}

/// What an agent does about others.
impl Person<'_> {
    pub(crate) fn sets_of(&mut self, agent: &str, status: &str) {
        let status = self.s.new_status(status);
        self.about(agent, PresenceCommand::SetStatus(status));
    }

    pub(crate) fn sets_of_in(&mut self, agent: &str, office: &str, status: &str) {
        let command = self.override_command(office, status);
        self.about(agent, command);
    }

    pub(crate) fn clears_of(&mut self, agent: &str, office: &str) {
        let office_id = OfficeId(self.s.id_of("office", office));
        self.about(agent, PresenceCommand::ClearOverride(office_id));
    }

    pub(crate) fn pauses_other(&mut self, agent: &str, pause: &str) {
        let id = PauseId(self.s.id_of("pause", pause));
        self.about(agent, PresenceCommand::StartPause(id));
    }

    /// Sets the status of a whole office, or clears what was set for it.
    pub(crate) fn sets_office(&mut self, office: &str, status: Option<&str>) {
        let status = status.map(|status| self.s.new_status(status));
        let command = Command::Office {
            office_id: OfficeId(self.s.id_of("office", office)),
            by: self.s.agent_id(&self.name),
            status,
        };
        self.s.does(command);
    }

    fn about(&mut self, agent: &str, command: PresenceCommand) {
        let by = Some(self.s.agent_id(&self.name));
        let agent_id = self.s.agent_id(agent);
        self.s.does(Command::Presence {
            agent_id,
            by,
            command,
        });
    }
}

/// What is read of an agent's presence.
impl Person<'_> {
    pub(crate) fn presence_view(&self) -> PresenceView {
        let presence = self.s.engine.presence(self.s.agent_id(&self.name));
        presence.expect("a known agent")
    }

    /// What it effectively is outside of any office.
    pub(crate) fn is(&self) -> &'static str {
        self.presence_view().standing.global.status.as_str()
    }

    /// What it effectively is in an office.
    pub(crate) fn is_in(&self, office: &str) -> &'static str {
        self.stands_in(office).status.as_str()
    }

    /// What it effectively is in an office, and all about it.
    pub(crate) fn stands_in(&self, office: &str) -> Presence {
        let office = self.s.office_id(office);
        let standing = self.presence_view().standing;
        let presence = standing.offices.get(&office);
        *presence.unwrap_or_else(|| panic!("{} does not belong there", self.name))
    }

    /// The kinds of fact by which its status comes about, in their order.
    pub(crate) fn chain(&self, office: Option<&str>) -> Vec<LinkKind> {
        let office = office.map(|name| self.s.office_id(name));
        let chain = self
            .s
            .engine
            .presence_chain(self.s.agent_id(&self.name), office);
        let last = chain.last().expect("a chain begins with a choice").after;
        let presence = self.presence_view().standing.of(office);
        assert_eq!(
            (last.status, last.reason),
            (presence.status, presence.reason)
        );
        chain.into_iter().map(|link| link.kind).collect()
    }
}

/// What is expected.
impl Scenario {
    pub(crate) fn new_status(&mut self, name: &str) -> NewStatus {
        match name.parse::<Status>() {
            Ok(status) => NewStatus::Base(status),
            Err(_) => NewStatus::Custom(StatusId(self.id_of("status", name))),
        }
    }

    /// What the agent effectively is from now on outside of any office, and why.
    #[track_caller]
    pub(crate) fn expect_presence(
        &mut self,
        agent: &str,
        status: &str,
        reason: PresenceReason,
    ) -> Box<PresenceView> {
        let what = format!("{agent} {status}, {reason:?}");
        match self.presence_event(&what) {
            PresenceEvent::Changed(view)
                if view.agent_id == self.agent_id(agent)
                    && view.standing.global.status.as_str() == status
                    && view.standing.global.reason == reason =>
            {
                view
            }
            other => self.unexpected(&what, &other),
        }
    }

    /// What the agent effectively is in an office from now on, and why.
    #[track_caller]
    pub(crate) fn expect_presence_in(
        &mut self,
        office: &str,
        agent: &str,
        status: &str,
        reason: PresenceReason,
    ) -> Box<PresenceView> {
        let what = format!("{agent} {status} in {office}, {reason:?}");
        let office = Some(self.office_id(office));
        match self.presence_event(&what) {
            PresenceEvent::Changed(view)
                if view.agent_id == self.agent_id(agent)
                    && view.standing.of(office).status.as_str() == status
                    && view.standing.of(office).reason == reason =>
            {
                view
            }
            other => self.unexpected(&what, &other),
        }
    }

    /// The agent's presence shows something else, whatever it is.
    #[track_caller]
    pub(crate) fn expect_changed(&mut self, agent: &str) -> Box<PresenceView> {
        let what = format!("another presence of {agent}");
        match self.presence_event(&what) {
            PresenceEvent::Changed(view) if view.agent_id == self.agent_id(agent) => view,
            other => self.unexpected(&what, &other),
        }
    }

    /// Those in the chat see the agent as something else.
    #[track_caller]
    pub(crate) fn expect_seen(&mut self, chat: &str, agent: &str, status: &str) {
        let what = format!("{agent} seen as {status} in {chat}");
        match self.chat_event(&what) {
            ChatEvent::AgentSeen(parties, card)
                if parties.chat_id == self.chat_id(chat)
                    && card.id == self.agent_id(agent)
                    && card.status.map(Status::as_str) == Some(status) => {}
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_leased(&mut self, agent: &str) {
        let expected = PresenceEvent::LeaseHeld(self.agent_id(agent));
        self.expect_presence_event(&format!("{agent} leased"), &expected);
    }

    #[track_caller]
    pub(crate) fn expect_lease_expired(&mut self, agent: &str) {
        let expected = PresenceEvent::LeaseExpired(self.agent_id(agent));
        self.expect_presence_event(&format!("{agent}'s lease expired"), &expected);
    }

    /// What visitors see of an office from now on: takes the first entry of that log.
    #[track_caller]
    pub(crate) fn expect_shown(
        &mut self,
        office: &str,
        mode: &str,
        reason: ShownReason,
    ) -> (Event, AvailabilityChange) {
        let what = format!("{office} shows {mode}, {reason:?}");
        match self.shown.pop_front() {
            Some((event, change))
                if change.shown.office_id == self.office_id(office)
                    && change.shown.mode.as_str() == mode
                    && change.shown.reason == reason =>
            {
                (event, change)
            }
            Some(other) => self.unexpected(&what, &other),
            None => panic!("expected {what}, but nothing more was shown"),
        }
    }

    #[track_caller]
    pub(crate) fn expect_nothing_else_shown(&self) {
        assert!(self.shown.is_empty(), "shown: {:?}", self.shown);
    }
}
