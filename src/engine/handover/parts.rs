//! How an agent's part in a chat begins and ends.

use crate::domain::{
    AgentId, ChatId, ChatState, HandOverEnd, LeaveReason, NoticeAgent, Participant,
    ParticipantRole, Purpose, Seek, SystemNotice, Target, TransferReason,
};

use super::super::effect::{Cause, ChatEvent, Departure, EventKind, Transfer};
use super::super::state::{Chat, State};
use super::super::turn::Turn;
use super::super::{Refusal, Reply};

impl Turn<'_> {
    /// Makes the agent a participant of the chat. What the chat looked for it for, if it did, is over by that: a chat that
    /// waited is active from now on, a transfer ends the sender's part, and who was asked for help reads along.
    pub(in super::super) fn join(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        found: Option<Seek>,
    ) {
        let now = self.now;
        self.cancel_round(chat_id);
        let Some(chat) = self.state.chats.get(&chat_id) else {
            return;
        };
        let was_left = chat.state == ChatState::OfflineMessage;
        let was_waiting = matches!(chat.state, ChatState::Waiting | ChatState::OfflineMessage);
        let lines = [chat.line(), chat.queue_id];
        let purpose = found.as_ref().map(|seek| seek.purpose);
        let role = match purpose {
            Some(Purpose::Assist) if !was_waiting => ParticipantRole::Assistant,
            _ => ParticipantRole::Agent,
        };
        if role == ParticipantRole::Agent {
            // Who comes into a silent chat has it to do.
            self.wake(chat_id);
        }
        self.enter(agent_id, chat_id, role, found.is_some());
        let chat = self.state.chat_mut(chat_id);
        if let Some(chat) = chat.filter(|_| was_waiting || found.is_some()) {
            chat.routing.taken_by = Some(agent_id);
        }
        if was_left {
            self.take_out_of_the_inbox(chat_id);
        }
        let changes_hands = was_waiting || purpose == Some(Purpose::Transfer);
        if let Some(Target::Queue(id)) = found.as_ref().map(|seek| seek.target)
            && changes_hands
        {
            self.move_to(chat_id, id);
        }
        if let Some(chat) = self.state.chat_mut(chat_id).filter(|_| changes_hands) {
            chat.course.replied = false;
            // Who has just come in has not said anything that could be answered.
            if chat.course.idle_since.is_some() {
                chat.course.idle_since = (!was_waiting).then_some(now);
                chat.course.warned_at = None;
            }
        }
        for queue_id in lines.into_iter().flatten() {
            self.time_late_offers(queue_id);
        }
        self.touch_offices_of(agent_id, Cause::Chat(chat_id));
        match found {
            Some(seek) if !was_waiting && seek.purpose == Purpose::Transfer => {
                self.complete_transfer(agent_id, chat_id, &seek);
            }
            _ => {
                let Some(view) = self.chat_view(chat_id) else {
                    return;
                };
                self.emit(EventKind::Chat(if was_waiting {
                    ChatEvent::Accepted(view, agent_id)
                } else {
                    ChatEvent::ParticipantJoined(view, agent_id, role)
                }));
                if !was_waiting && purpose == Some(Purpose::Invite) {
                    self.tell(chat_id, agent_id, |agent| SystemNotice::AgentJoined {
                        agent,
                    });
                }
            }
        }
        if role == ParticipantRole::Assistant {
            // An offer was load, and reading along is none.
            self.dispatch_agent(agent_id);
        }
    }

    /// It is its visitor's open chat from now on. The queue that it waited in before may have been archived since: then it
    /// is one of its office alone, as what was left there is.
    fn take_out_of_the_inbox(&mut self, chat_id: ChatId) {
        let chat = self.state.chats.get(&chat_id);
        let own = chat.and_then(|chat| self.state.own_queue(chat));
        if let Some(chat) = self.state.chat_mut(chat_id) {
            chat.queue_id = own;
        }
        self.state.link_chat(chat_id);
    }

    fn complete_transfer(&mut self, agent_id: AgentId, chat_id: ChatId, seek: &Seek) {
        let Some(by) = seek.by else {
            return;
        };
        let chat = self.state.chats.get(&chat_id);
        // Who takes back what it has let go of has a part that has just begun.
        let stayed = by != agent_id && chat.is_some_and(|chat| chat.is_answered_by(by));
        if stayed {
            self.end_part_for(chat_id, by, LeaveReason::Transferred, Some(agent_id));
        }
        let transfer = Transfer {
            by,
            to: seek.target,
            agent_id: Some(agent_id),
            reason: TransferReason::Accepted,
        };
        if let Some(view) = self.chat_view(chat_id) {
            self.emit(EventKind::Chat(ChatEvent::Transferred(
                view,
                transfer.into(),
            )));
        }
        self.tell(chat_id, agent_id, |agent| {
            SystemNotice::TransferredToAgent { agent }
        });
        if stayed {
            self.dispatch_agent(by);
        }
    }

    /// Writes an agent into a chat, in whatever part it was before. `is_found` if the chat looked for it.
    pub(super) fn enter(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        role: ParticipantRole,
        is_found: bool,
    ) {
        let now = self.now;
        let Some(chat) = self.state.chat_mut(chat_id) else {
            return;
        };
        let had_nobody = matches!(chat.state, ChatState::Waiting | ChatState::OfflineMessage);
        if had_nobody && role == ParticipantRole::Agent {
            let accepted_at = *chat.course.accepted_at.get_or_insert(now);
            chat.state = ChatState::Active { accepted_at };
        }
        if is_found {
            chat.routing.seek = None;
            chat.routing.reserved = None;
            chat.routing.ahead = false;
            chat.routing.passed_over.clear();
        }
        let joined_at = now;
        chat.participants
            .insert(agent_id, Participant { role, joined_at });
        let is_silent = chat.course.is_silent;
        let Some(agent) = self.state.agent_mut(agent_id) else {
            return;
        };
        agent.read_along.remove(&chat_id);
        if role == ParticipantRole::Agent {
            agent.chats.insert(chat_id);
            agent.idle_since = now;
            if is_silent {
                agent.silent.insert(chat_id);
            }
        } else {
            agent.read_along.insert(chat_id);
        }
    }

    /// Ends an agent's part in a chat that goes on. The caller offers what the agent has become free for.
    pub(in super::super) fn end_part(
        &mut self,
        chat_id: ChatId,
        agent_id: AgentId,
        reason: LeaveReason,
    ) {
        self.end_part_for(chat_id, agent_id, reason, None);
    }

    /// The same, when it ends for somebody who has just come in: that agent learns of the chat from what follows.
    fn end_part_for(
        &mut self,
        chat_id: ChatId,
        agent_id: AgentId,
        reason: LeaveReason,
        successor: Option<AgentId>,
    ) {
        let chat = self.state.chats.get(&chat_id);
        if chat.and_then(Chat::hand_over).map(|h| h.by) == Some(agent_id) {
            self.end_hand_over(chat_id, HandOverEnd::Cancelled);
        }
        let Some(chat) = self.state.chats.get(&chat_id) else {
            return;
        };
        let part = chat.participants.get(&agent_id);
        let card = self.state.card_in(agent_id, Some(chat.office_id));
        let Some((part, agent)) = part.copied().zip(card) else {
            return;
        };
        let mut parties = State::parties(chat);
        if part.role == ParticipantRole::Listener {
            parties.agents = vec![agent_id];
        }
        parties.agents.retain(|id| Some(*id) != successor);
        if let Some(chat) = self.state.chat_mut(chat_id) {
            chat.participants.remove(&agent_id);
            chat.course.gone.remove(&agent_id);
        }
        let now = self.now;
        if let Some(agent) = self.state.agent_mut(agent_id) {
            agent.chats.remove(&chat_id);
            agent.silent.remove(&chat_id);
            agent.read_along.remove(&chat_id);
            if part.role == ParticipantRole::Agent {
                agent.idle_since = now;
            }
        }
        let departure = Departure {
            agent,
            role: part.role,
            joined_at: part.joined_at,
            reason,
        };
        self.emit(EventKind::Chat(ChatEvent::ParticipantLeft(
            parties, departure,
        )));
        self.touch_offices_of(agent_id, Cause::Chat(chat_id));
        self.drain(agent_id);
    }

    /// CHAT-2: one of several goes, or somebody who read along. The last agent that answers cannot: a chat that is open is
    /// somebody's, or it waits.
    pub(in super::super) fn leave(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.open_chat(chat_id)?;
        if !chat.participants.contains_key(&agent_id) {
            return Err(Refusal::NotParticipant);
        }
        let others = chat.answering().any(|id| id != agent_id);
        if chat.is_answered_by(agent_id) && !others {
            return Err(Refusal::LastAgent);
        }
        self.go(chat_id, agent_id);
        Ok(Reply::Done)
    }

    /// CHAT-2: while others answer, an agent that closes the chat only leaves it. Says whether that was so.
    pub(in super::super) fn leaves_instead_of_closing(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
    ) -> bool {
        let chat = self.state.chats.get(&chat_id);
        let others = chat.is_some_and(|chat| {
            chat.is_answered_by(agent_id) && chat.answering().any(|id| id != agent_id)
        });
        if others {
            self.go(chat_id, agent_id);
        }
        others
    }

    fn go(&mut self, chat_id: ChatId, agent_id: AgentId) {
        let chat = self.state.chats.get(&chat_id);
        let answered = chat.is_some_and(|chat| chat.is_answered_by(agent_id));
        self.end_part(chat_id, agent_id, LeaveReason::Left);
        if answered {
            self.tell(chat_id, agent_id, |agent| SystemNotice::AgentLeft { agent });
        }
        self.dispatch_agent(agent_id);
    }

    /// Says something about an agent to everybody in the chat, its visitor too.
    pub(super) fn tell(
        &mut self,
        chat_id: ChatId,
        agent_id: AgentId,
        notice: impl FnOnce(NoticeAgent) -> SystemNotice,
    ) {
        if let Some(agent) = self.state.notice_agent(agent_id) {
            self.add_notice(chat_id, notice(agent));
        }
    }
}
