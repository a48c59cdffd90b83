//! Handing over: the verbs, and what is expected of it.

use deskbell::domain::{
    HandOverEnd, IfUnavailable, LeaveReason, ParticipantRole, Purpose, Release, Target,
    TransferReason,
};
use deskbell::engine::{
    AgentCommand, ChatEvent, ChatView, HandOverRequest, HandOverTo, ReadAlong, Transfer,
};

use super::{Person, Scenario};

/// Whom a chat is handed to, by name.
#[derive(Clone, Copy)]
pub(crate) enum To {
    Agent(&'static str),
    Queue(&'static str),
}

impl Person<'_> {
    /// Gives a chat away as a client does that says nothing else: to an agent when it accepts, to a queue at once.
    pub(crate) fn transfers(&mut self, chat: &str, to: To) {
        let release = match to {
            To::Agent(_) => Release::OnAccept,
            To::Queue(_) => Release::AtOnce,
        };
        self.transfers_when(chat, to, release, IfUnavailable::Fail);
    }

    pub(crate) fn transfers_when(
        &mut self,
        chat: &str,
        to: To,
        release: Release,
        if_unavailable: IfUnavailable,
    ) {
        let wish = self.wish(to, if_unavailable);
        self.chat(chat, AgentCommand::Transfer(wish, release));
    }

    pub(crate) fn invites(&mut self, chat: &str, to: To) {
        let wish = self.wish(to, IfUnavailable::Fail);
        self.chat(chat, AgentCommand::Invite(wish));
    }

    pub(crate) fn asks_for_help(&mut self, chat: &str, to: Option<To>) {
        let to = to.map(|to| self.target(to));
        let note = Some("Please look".parse().unwrap());
        self.chat(chat, AgentCommand::Assist(to, note));
    }

    pub(crate) fn cancels(&mut self, chat: &str) {
        self.chat(chat, AgentCommand::CancelHandOver);
    }

    pub(crate) fn listens(&mut self, chat: &str) {
        self.chat(chat, AgentCommand::ReadAlong(ReadAlong::Unseen));
    }

    pub(crate) fn assists(&mut self, chat: &str) {
        self.chat(chat, AgentCommand::ReadAlong(ReadAlong::Seen));
    }

    pub(crate) fn takes_over(&mut self, chat: &str) {
        self.chat(chat, AgentCommand::TakeOver);
    }

    pub(crate) fn leaves(&mut self, chat: &str) {
        self.chat(chat, AgentCommand::Leave);
    }

    fn wish(&mut self, to: To, if_unavailable: IfUnavailable) -> HandOverTo {
        HandOverTo {
            to: self.target(to),
            note: Some("Knows more".parse().unwrap()),
            if_unavailable,
        }
    }

    fn target(&mut self, to: To) -> Target {
        match to {
            To::Agent(name) => {
                Target::Agent(deskbell::domain::AgentId(self.s.id_of("agent", name)))
            }
            To::Queue(name) => {
                Target::Queue(deskbell::domain::QueueId(self.s.id_of("queue", name)))
            }
        }
    }
}

impl Scenario {
    #[track_caller]
    pub(crate) fn expect_requested(&mut self, chat: &str, purpose: Purpose) -> HandOverRequest {
        let what = format!("{chat} to be handed over, {purpose:?}");
        match self.chat_event(&what) {
            ChatEvent::HandOverRequested(parties, request)
                if parties.chat_id == self.chat_id(chat) && request.purpose == purpose =>
            {
                request
            }
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_hand_over_ended(&mut self, chat: &str, because: HandOverEnd) {
        let what = format!("the hand-over of {chat} ended, {because:?}");
        match self.chat_event(&what) {
            ChatEvent::HandOverEnded(parties, _, end)
                if parties.chat_id == self.chat_id(chat) && end == because => {}
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_transferred(
        &mut self,
        chat: &str,
        because: TransferReason,
    ) -> (ChatView, Transfer) {
        let what = format!("{chat} transferred, {because:?}");
        match self.chat_event(&what) {
            ChatEvent::Transferred(view, transfer)
                if view.id == self.chat_id(chat) && transfer.reason == because =>
            {
                self.expect_notice(chat);
                (view, *transfer)
            }
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_joined(
        &mut self,
        chat: &str,
        agent: &str,
        role: ParticipantRole,
    ) -> ChatView {
        let what = format!("{agent} in {chat} as {role:?}");
        match self.chat_event(&what) {
            ChatEvent::ParticipantJoined(view, id, part)
                if view.id == self.chat_id(chat) && id == self.agent_id(agent) && part == role =>
            {
                view
            }
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_left(&mut self, chat: &str, agent: &str, because: LeaveReason) {
        let what = format!("{agent} gone from {chat}, {because:?}");
        match self.chat_event(&what) {
            ChatEvent::ParticipantLeft(parties, departure)
                if parties.chat_id == self.chat_id(chat)
                    && departure.agent.id == self.agent_id(agent)
                    && departure.reason == because => {}
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_requeued(&mut self, chat: &str, because: LeaveReason) -> ChatView {
        let what = format!("{chat} back in its queue, {because:?}");
        match self.chat_event(&what) {
            ChatEvent::Requeued(view, reason)
                if view.id == self.chat_id(chat) && reason == because =>
            {
                self.expect_notice(chat);
                view
            }
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_reservation_ended(&mut self, chat: &str) {
        let what = format!("{chat} kept for nobody any more");
        match self.chat_event(&what) {
            ChatEvent::ReservationEnded(id) if id == self.chat_id(chat) => {}
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_reply_begun(&mut self, chat: &str) {
        let what = format!("a first reply begun in {chat}");
        match self.chat_event(&what) {
            ChatEvent::ReplyBegun(id) if id == self.chat_id(chat) => {}
            other => self.unexpected(&what, &other),
        }
    }

    /// Whom a chat names as those who answer it.
    pub(crate) fn agents_of(&self, chat: &str) -> Vec<String> {
        let agents = self.chat(chat).agents;
        agents.iter().map(|card| self.name_of(card.id.0)).collect()
    }
}
