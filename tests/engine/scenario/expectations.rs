//! What is expected: each takes the first entry of the log.

use deskbell::domain::{
    Actor, AgentId, Author, Body, CloseReason, SystemNotice, Timestamp, WithdrawReason,
};
use deskbell::engine::{
    ChatEvent, ChatView, DeletedMessage, EditedMessage, Effect, Event, EventKind, MessageView,
    Notice, OfferEvent, OfferKey, OfferView, Parties, PresenceEvent, QueueView, Refusal, Reply,
    SetupEvent,
};

use super::{Happening, Scenario};

/// Says by or at which agent something must have happened.
#[must_use]
pub(crate) struct Concerning<'s, T> {
    s: &'s Scenario,
    agent_id: AgentId,
    value: T,
}

impl<T> Concerning<'_, T> {
    pub(crate) fn by(self, agent: &str) -> T {
        assert_eq!(self.s.name_of(self.agent_id.0), agent, "another agent");
        self.value
    }

    /// Whomever it concerns.
    pub(crate) fn view(self) -> T {
        self.value
    }

    pub(crate) fn to(self, agent: &str) -> T {
        self.by(agent)
    }
}

impl Scenario {
    #[track_caller]
    pub(crate) fn expect_nothing_more(&self) {
        let left: Vec<String> = self.log.iter().map(|entry| self.in_words(entry)).collect();
        assert!(
            left.is_empty(),
            "not accounted for:\n  {}",
            left.join("\n  ")
        );
    }

    /// Whatever happened so far need not be accounted for.
    pub(crate) fn forget_log(&mut self) {
        self.log.clear();
    }

    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a scenario reads as a sentence"
    )]
    pub(crate) fn expect_refused(&mut self, refusal: Refusal) {
        match self.next("a refusal") {
            Happening::Refused(given) => assert_eq!(given, refusal),
            other @ Happening::Effect(_) => self.unexpected("a refusal", &other),
        }
    }

    /// The reply to the last command.
    #[track_caller]
    pub(crate) fn reply(&mut self) -> Reply {
        self.reply.take().expect("a reply")
    }

    #[track_caller]
    pub(crate) fn expect_queued(&mut self, chat: &str) -> ChatView {
        let what = format!("{chat} queued");
        match self.chat_event(&what) {
            ChatEvent::Queued(view) if view.id == self.chat_id(chat) => view,
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_offline_message(&mut self, chat: &str) -> ChatView {
        let what = format!("an offline message {chat}");
        match self.chat_event(&what) {
            ChatEvent::OfflineMessageLeft(view) if view.id == self.chat_id(chat) => view,
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_offer(&mut self, chat: &str) -> Concerning<'_, OfferView> {
        let what = format!("an offer of {chat}");
        match self.offer_event(&what) {
            OfferEvent::Made(view, _) if view.chat_id == self.chat_id(chat) => Concerning {
                s: self,
                agent_id: view.agent_id,
                value: view,
            },
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_missed(&mut self, chat: &str) -> Concerning<'_, ()> {
        let what = format!("a missed offer of {chat}");
        match self.offer_event(&what) {
            OfferEvent::Missed(key) => self.ended(&what, chat, key),
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_rejected(&mut self, chat: &str) -> Concerning<'_, Option<String>> {
        let what = format!("a rejected offer of {chat}");
        match self.offer_event(&what) {
            OfferEvent::Rejected(key, reason) => {
                let value = reason.map(|note| note.as_str().to_owned());
                let Concerning { s, agent_id, .. } = self.ended(&what, chat, key);
                Concerning { s, agent_id, value }
            }
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_withdrawn(
        &mut self,
        chat: &str,
        because: WithdrawReason,
    ) -> Concerning<'_, ()> {
        let what = format!("an offer of {chat} withdrawn, {because:?}");
        match self.offer_event(&what) {
            OfferEvent::Withdrawn(key, reason) if reason == because => self.ended(&what, chat, key),
            other => self.unexpected(&what, &other),
        }
    }

    /// The agent's own offer was accepted; the chat's event comes next.
    #[track_caller]
    pub(crate) fn expect_offer_accepted(&mut self, chat: &str) -> Concerning<'_, ()> {
        let what = format!("an accepted offer of {chat}");
        match self.offer_event(&what) {
            OfferEvent::Accepted(key) => self.ended(&what, chat, key),
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_taken(&mut self, chat: &str) -> Concerning<'_, ChatView> {
        let what = format!("{chat} taken");
        match self.chat_event(&what) {
            ChatEvent::Accepted(view, agent_id) if view.id == self.chat_id(chat) => Concerning {
                s: self,
                agent_id,
                value: view,
            },
            other => self.unexpected(&what, &other),
        }
    }

    /// The agent accepted its offer and takes part.
    #[track_caller]
    pub(crate) fn expect_accepted(&mut self, chat: &str) -> Concerning<'_, ChatView> {
        let by = self.expect_offer_accepted(chat).agent_id;
        let name = self.name_of(by.0);
        let value = self.expect_taken(chat).by(&name);
        Concerning {
            s: self,
            agent_id: by,
            value,
        }
    }

    #[track_caller]
    pub(crate) fn expect_round_paused(&mut self, chat: &str) -> Timestamp {
        let what = format!("a pause of {chat}");
        match self.chat_event(&what) {
            ChatEvent::RoundPaused(id, until) if id == self.chat_id(chat) => until,
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_round_started(&mut self, chat: &str) {
        let what = format!("a new round of {chat}");
        match self.chat_event(&what) {
            ChatEvent::RoundStarted(id) if id == self.chat_id(chat) => {}
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_message(&mut self, chat: &str) -> (Parties, MessageView) {
        let what = format!("a message in {chat}");
        match self.chat_event(&what) {
            ChatEvent::MessageSent(parties, view) if parties.chat_id == self.chat_id(chat) => {
                (parties, view)
            }
            other => self.unexpected(&what, &other),
        }
    }

    /// What the service has said.
    #[track_caller]
    pub(crate) fn expect_notice(&mut self, chat: &str) -> SystemNotice {
        let (_, view) = self.expect_message(chat);
        assert_eq!(view.message.author, Author::System);
        match view.message.body {
            Body::Notice(notice) => notice,
            other => self.unexpected("a notice", &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_edited(&mut self, chat: &str) -> (Parties, EditedMessage) {
        let what = format!("a message of {chat} edited");
        match self.chat_event(&what) {
            ChatEvent::MessageEdited(parties, edited) if parties.chat_id == self.chat_id(chat) => {
                (parties, edited)
            }
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_deleted(&mut self, chat: &str) -> DeletedMessage {
        let what = format!("a message of {chat} deleted");
        match self.chat_event(&what) {
            ChatEvent::MessageDeleted(parties, deleted)
                if parties.chat_id == self.chat_id(chat) =>
            {
                deleted
            }
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_closed(&mut self, chat: &str, because: CloseReason) -> Actor {
        let what = format!("{chat} closed, {because:?}");
        let event = self.event(&what);
        match event.kind {
            EventKind::Chat(ChatEvent::Closed(parties, reason))
                if parties.chat_id == self.chat_id(chat) && reason == because =>
            {
                event.actor
            }
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_typing(&mut self, chat: &str) -> (Author, bool) {
        let what = format!("somebody typing in {chat}");
        match self.next(&what) {
            Happening::Effect(Effect::Notice(Notice::Typing {
                parties,
                author,
                typing,
                ..
            })) if parties.chat_id == self.chat_id(chat) => (author, typing),
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_connected(&mut self, agent: &str) {
        let expected = PresenceEvent::Connected(self.agent_id(agent));
        self.expect_presence_event(&format!("{agent} connected"), &expected);
    }

    #[track_caller]
    pub(crate) fn expect_disconnected(&mut self, agent: &str) {
        let expected = PresenceEvent::Disconnected(self.agent_id(agent));
        self.expect_presence_event(&format!("{agent} disconnected"), &expected);
    }

    #[track_caller]
    pub(crate) fn expect_lost(&mut self, agent: &str) {
        let expected = PresenceEvent::Lost(self.agent_id(agent));
        self.expect_presence_event(&format!("{agent} lost"), &expected);
    }

    #[track_caller]
    pub(crate) fn expect_queue_log_in(
        &mut self,
        agent: &str,
        queue: &str,
        logged_in: bool,
    ) -> Actor {
        let what = format!("{agent} logged in to {queue}: {logged_in}");
        let event = self.event(&what);
        match event.kind {
            EventKind::Presence(PresenceEvent::QueueLogIn(log_in))
                if log_in.agent_id == self.agent_id(agent)
                    && log_in.queue_id == self.queue_id(queue)
                    && log_in.logged_in == logged_in =>
            {
                event.actor
            }
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_logged_out(&mut self, agent: &str) {
        match self.presence_event("a log-out") {
            PresenceEvent::LoggedOut(id, _) if id == self.agent_id(agent) => {}
            other => self.unexpected(&format!("{agent} logged out"), &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_set_up(&mut self) -> SetupEvent {
        match self.event("a change of the set-up").kind {
            EventKind::Setup(event) => event,
            other => self.unexpected("a change of the set-up", &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_members(&mut self, queue: &str) -> QueueView {
        match self.expect_set_up() {
            SetupEvent::MembersChanged(view) if view.queue.id == self.queue_id(queue) => view,
            other => self.unexpected("other members", &other),
        }
    }

    #[track_caller]
    fn ended(&self, what: &str, chat: &str, key: OfferKey) -> Concerning<'_, ()> {
        if key.chat_id != self.chat_id(chat) {
            self.unexpected(what, &key);
        }
        Concerning {
            s: self,
            agent_id: key.agent_id,
            value: (),
        }
    }

    #[track_caller]
    pub(super) fn expect_presence_event(&mut self, what: &str, expected: &PresenceEvent) {
        let event = self.presence_event(what);
        if event != *expected {
            self.unexpected(what, &event);
        }
    }

    #[track_caller]
    pub(super) fn presence_event(&mut self, what: &str) -> PresenceEvent {
        match self.event(what).kind {
            EventKind::Presence(event) => event,
            other => self.unexpected(what, &other),
        }
    }

    #[track_caller]
    fn offer_event(&mut self, what: &str) -> OfferEvent {
        match self.event(what).kind {
            EventKind::Offer(event, _) => event,
            other => self.unexpected(what, &other),
        }
    }

    #[track_caller]
    pub(super) fn chat_event(&mut self, what: &str) -> ChatEvent {
        match self.event(what).kind {
            EventKind::Chat(event) => event,
            other => self.unexpected(what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn event(&mut self, what: &str) -> Event {
        match self.next(what) {
            Happening::Effect(Effect::Event(event)) => event,
            other => self.unexpected(what, &other),
        }
    }

    #[track_caller]
    pub(super) fn next(&mut self, what: &str) -> Happening {
        let next = self.log.pop_front();
        next.unwrap_or_else(|| panic!("expected {what}, but nothing more happened"))
    }

    #[track_caller]
    pub(super) fn unexpected(&self, what: &str, given: &impl std::fmt::Debug) -> ! {
        let mut text = format!("{given:?}");
        for (name, id) in &self.ids {
            text = text.replace(&id.to_string(), name);
        }
        panic!("expected {what}, but what happened is\n  {text}");
    }
}
