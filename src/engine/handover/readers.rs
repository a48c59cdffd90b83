//! Supervisors: reading along and taking over (CHAT-3).

use crate::domain::{
    AgentId, ChatId, ChatState, HandOverEnd, LeaveReason, OfferState, OfficeId, ParticipantRole,
    Role, SystemNotice, WithdrawReason,
};

use super::super::command::ReadAlong;
use super::super::effect::{ChatEvent, EventKind};
use super::super::offer::OfferEvent;
use super::super::state::{Chat, State};
use super::super::turn::Turn;
use super::super::{Refusal, Reply};
use super::AGENTS_MAX;

impl Turn<'_> {
    /// A supervisor of the office reads along: unseen, or as an assistant that the agents see.
    pub(in super::super) fn read_along(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        how: ReadAlong,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.open_chat(chat_id)?;
        if !self.state.supervises(agent_id, chat.office_id) {
            return Err(Refusal::NotYourChat);
        }
        let role = match how {
            ReadAlong::Unseen => ParticipantRole::Listener,
            ReadAlong::Seen => ParticipantRole::Assistant,
        };
        let before = chat.participants.get(&agent_id).map(|part| part.role);
        match before {
            // Who answers sees everything already.
            Some(ParticipantRole::Agent) => return self.shown(chat_id),
            Some(same) if same == role => return self.shown(chat_id),
            // Nobody but itself is told of a listener, so the others see the assistant go.
            Some(ParticipantRole::Assistant) => self.end_part(chat_id, agent_id, LeaveReason::Left),
            None if chat.participants.len() >= AGENTS_MAX => return Err(Refusal::LimitReached),
            Some(ParticipantRole::Listener) | None => {}
        }
        self.enter(agent_id, chat_id, role, false);
        if let Some(view) = self.chat_view(chat_id) {
            let joined = ChatEvent::ParticipantJoined(view, agent_id, role);
            self.emit(EventKind::Chat(joined));
        }
        self.shown(chat_id)
    }

    /// Who listens stays for as long as it watches over the chat's office: `chats` are those of which that may have changed.
    pub(in super::super) fn settle_listeners(&mut self, chats: impl IntoIterator<Item = ChatId>) {
        for chat_id in chats {
            let chat = self.state.chats.get(&chat_id);
            let unjust: Vec<AgentId> = chat
                .into_iter()
                .flat_map(|chat| chat.listening().map(|id| (id, chat.office_id)))
                .filter(|(id, office_id)| !self.state.supervises(*id, *office_id))
                .map(|(id, _)| id)
                .collect();
            for agent_id in unjust {
                self.end_part(chat_id, agent_id, LeaveReason::Removed);
            }
        }
    }

    /// An assistant of the chat or a supervisor of its office becomes the one that answers it; the parts of the others that
    /// did end. A chat that waits is taken as well.
    pub(in super::super) fn take_over(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.open_chat(chat_id)?;
        let others: Vec<AgentId> = chat.answering().filter(|id| *id != agent_id).collect();
        let answers = chat.is_answered_by(agent_id);
        if answers && others.is_empty() {
            return self.shown(chat_id);
        }
        self.check_take_over(agent_id, chat)?;
        let found = chat
            .routing
            .seek
            .clone()
            .filter(|_| chat.state == ChatState::Waiting);
        let mut freed = self.end_offers_for(agent_id, chat_id);
        self.end_hand_over(chat_id, HandOverEnd::Cancelled);
        if !answers {
            self.join(agent_id, chat_id, found);
        }
        let is_taken = !others.is_empty();
        for other in others {
            self.end_part(chat_id, other, LeaveReason::TakenOver);
            freed.push(other);
        }
        if let Some(chat) = self.state.chat_mut(chat_id) {
            chat.course.replied = false;
            chat.routing.taken_by = Some(agent_id);
        }
        if is_taken {
            self.tell(chat_id, agent_id, |agent| SystemNotice::TakenOver { agent });
        }
        for agent_id in freed {
            self.dispatch_agent(agent_id);
        }
        self.shown(chat_id)
    }

    fn check_take_over(&self, agent_id: AgentId, chat: &Chat) -> Result<(), Refusal> {
        let part = chat.participants.get(&agent_id).map(|part| part.role);
        let assists = part == Some(ParticipantRole::Assistant);
        if !assists && !self.state.supervises(agent_id, chat.office_id) {
            return Err(Refusal::NotYourChat);
        }
        let agent = self.state.agents.get(&agent_id);
        let agent = agent.ok_or(Refusal::UnknownAgent)?;
        self.state.check_handles_chats(agent, chat.office_id)?;
        let has_it = chat.is_answered_by(agent_id) || chat.ringing_at(agent_id).is_some();
        if !has_it && !agent.has_room() {
            return Err(Refusal::AtCapacity);
        }
        Ok(())
    }

    /// Ends every offer of a chat for the one that takes it: its own is accepted. Says who is free by it.
    fn end_offers_for(&mut self, agent_id: AgentId, chat_id: ChatId) -> Vec<AgentId> {
        let chat = self.state.chats.get(&chat_id);
        let ringing: Vec<_> = chat
            .into_iter()
            .flat_map(Chat::ringing)
            .map(|(number, offer)| (number, offer.agent_id))
            .collect();
        let mut freed = Vec::new();
        for (number, at) in ringing {
            if at == agent_id {
                if let Some(key) = self.end_offer(chat_id, number, OfferState::Accepted) {
                    self.emit_offer(OfferEvent::Accepted(key));
                }
            } else {
                freed.extend(self.withdraw(chat_id, number, WithdrawReason::AcceptedElsewhere));
            }
        }
        freed
    }
}

impl State {
    /// Whether an agent watches over an office: every admin does, and a supervisor over those that it belongs to.
    pub(in super::super) fn supervises(&self, agent_id: AgentId, office_id: OfficeId) -> bool {
        let Some(agent) = self.agents.get(&agent_id) else {
            return false;
        };
        match agent.profile.role {
            Role::Owner | Role::Admin => true,
            Role::Supervisor => self.belongs(agent, office_id),
            Role::Agent => false,
        }
    }

    /// Who is told that an agent of a chat wants help.
    pub(super) fn supervisors_of<'s>(
        &'s self,
        chat: &'s Chat,
    ) -> impl Iterator<Item = AgentId> + use<'s> {
        let office_id = chat.office_id;
        let ids = self.agents.keys().copied();
        ids.filter(move |id| self.supervises(*id, office_id))
    }
}
