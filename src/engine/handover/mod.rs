//! Hand-overs: a chat changes hands, or gets one agent more (CHAT-1, CHAT-2, CHAT-3).
//!
//! Owns every change of who takes part in a chat but the accept of one that waits, which is `offer.rs`' own. An active
//! chat that is to be handed over looks for somebody as a waiting one does: a search by queue stands in the queue's line,
//! one by name in the agent's own list. It ends when somebody comes in, when it is taken back, or when nobody is left to
//! ask; [`Turn::settle_hand_overs`] sees to that at the end of every step, so that no rule can leave a chat in between.

mod clocks;
mod parts;
mod readers;
mod search;

pub(super) use search::is_invisible;

use std::collections::BTreeSet;

use crate::domain::{
    AgentId, ChatId, ChatState, HandOverEnd, IfUnavailable, KeptFor, LeaveReason, Note,
    OfferNumber, ParticipantRole, Purpose, QueueId, Release, Reserved, Seek, Strategy,
    SystemNotice, Target, TransferReason,
};

use super::command::HandOverTo;
use super::effect::{ChatEvent, EventKind, HandOverRequest, Transfer};
use super::state::{Chat, State};
use super::turn::Turn;
use super::{Refusal, Reply};

/// How many agents may be in a chat, those that read along included. Every one of them is sent all that happens in it; more
/// than this is no conversation with a visitor.
const AGENTS_MAX: usize = 50;

impl Turn<'_> {
    /// CHAT-1: gives the chat to an agent, or to whoever a queue's strategy chooses.
    pub(super) fn transfer(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        wish: HandOverTo,
        release: Release,
    ) -> Result<Reply, Refusal> {
        let seek = self.search_for(agent_id, chat_id, Purpose::Transfer, wish)?;
        let waits = release == Release::AtOnce && !self.state.others_answer(chat_id, agent_id);
        if !waits {
            self.state.check_asks(seek.target)?;
        }
        match release {
            Release::OnAccept => self.request(chat_id, seek, BTreeSet::new()),
            Release::AtOnce => self.release(agent_id, chat_id, seek)?,
        }
        self.shown(chat_id)
    }

    /// CHAT-2: one agent more is to answer.
    pub(super) fn invite(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        wish: HandOverTo,
    ) -> Result<Reply, Refusal> {
        let seek = self.search_for(agent_id, chat_id, Purpose::Invite, wish)?;
        self.state.check_asks(seek.target)?;
        self.request(chat_id, seek, BTreeSet::new());
        self.shown(chat_id)
    }

    /// CHAT-3: somebody is to read along and advise. Without a target the supervisors of the office are told, who come by
    /// themselves.
    pub(super) fn ask_for_help(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        to: Option<Target>,
        note: Option<Note>,
    ) -> Result<Reply, Refusal> {
        if let Some(to) = to {
            let wish = HandOverTo {
                to,
                note,
                if_unavailable: IfUnavailable::Fail,
            };
            let seek = self.search_for(agent_id, chat_id, Purpose::Assist, wish)?;
            self.state.check_asks(seek.target)?;
            self.request(chat_id, seek, BTreeSet::new());
        } else {
            let chat = self.state.answered_chat(agent_id, chat_id)?;
            let (parties, offer) = (State::parties(chat), next_offer(chat));
            let asked = self.state.supervisors_of(chat);
            let by = self.state.agent_card(agent_id);
            let request = HandOverRequest {
                purpose: Purpose::Assist,
                to: None,
                by: by.ok_or(Refusal::UnknownAgent)?,
                note,
                offer,
                asked: asked.filter(|id| *id != agent_id).collect(),
            };
            self.emit(EventKind::Chat(ChatEvent::HandOverRequested(
                parties, request,
            )));
        }
        self.shown(chat_id)
    }

    /// Takes back what nobody has accepted yet: whoever asked for it, and whoever supervises the office.
    pub(super) fn cancel_hand_over(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.open_chat(chat_id)?;
        let supervises = self.state.supervises(agent_id, chat.office_id);
        let asked = chat
            .hand_over()
            .is_some_and(|hand_over| hand_over.by == agent_id);
        if !supervises && !asked && !chat.is_answered_by(agent_id) {
            return Err(refused_to(chat, agent_id));
        }
        if chat.hand_over().is_none() {
            return Err(Refusal::NoHandOver);
        }
        self.end_hand_over(chat_id, HandOverEnd::Cancelled);
        self.shown(chat_id)
    }

    /// Checks everything that can be wrong with a hand-over.
    fn search_for(
        &self,
        agent_id: AgentId,
        chat_id: ChatId,
        purpose: Purpose,
        wish: HandOverTo,
    ) -> Result<Seek, Refusal> {
        let chat = self.state.answered_chat(agent_id, chat_id)?;
        let unknown = Refusal::UnknownTarget(wish.to);
        match wish.to {
            Target::Agent(id) if id == agent_id => return Err(Refusal::ToYourself),
            Target::Agent(id) if !self.state.agents.contains_key(&id) => return Err(unknown),
            Target::Agent(id) if chat.has_part(id, purpose) => {
                return Err(Refusal::AlreadyInChat);
            }
            Target::Queue(id) if !self.state.queues.contains_key(&id) => return Err(unknown),
            Target::Agent(_) | Target::Queue(_) => {}
        }
        if chat.routing.seek.is_some() {
            return Err(Refusal::HandOverPending);
        }
        if purpose != Purpose::Transfer && chat.participants.len() >= AGENTS_MAX {
            return Err(Refusal::LimitReached);
        }
        let waits = wish.if_unavailable == IfUnavailable::Queue;
        let has_home = self.state.home(chat).is_some();
        if !has_home || (!waits && !self.state.is_available(chat, purpose, wish.to, self.now)) {
            return Err(Refusal::NobodyAvailable);
        }
        Ok(Seek {
            purpose,
            target: wish.to,
            by: Some(agent_id),
            note: wish.note,
            since: self.now,
            waits,
        })
    }

    /// Begins the search for somebody who comes into an active chat; these are not asked.
    fn request(&mut self, chat_id: ChatId, seek: Seek, passed_over: BTreeSet<AgentId>) {
        let card = seek.by.and_then(|id| self.state.agent_card(id));
        let Some((by, chat)) = card.zip(self.state.chat_mut(chat_id)) else {
            return;
        };
        let target = seek.target;
        let request = HandOverRequest {
            purpose: seek.purpose,
            to: Some(target),
            by,
            note: seek.note.clone(),
            offer: next_offer(chat),
            asked: Vec::new(),
        };
        chat.begin_round();
        chat.routing.passed_over = passed_over;
        chat.routing.taken_by = None;
        chat.routing.seek = Some(seek);
        let parties = State::parties(chat);
        self.state.settled.insert(chat_id);
        self.emit(EventKind::Chat(ChatEvent::HandOverRequested(
            parties, request,
        )));
        match target {
            Target::Queue(id) => self.dispatch(&[id]),
            Target::Agent(_) => {
                self.state.refresh(self.now);
                self.offer_by_name(chat_id);
            }
        }
    }

    /// The sender lets go of the chat now. If nobody else answers it, it waits with its age: in the queue that it is given
    /// to, or in its own, kept for the agent that it is given to.
    fn release(&mut self, agent_id: AgentId, chat_id: ChatId, seek: Seek) -> Result<(), Refusal> {
        let chat = self.state.chats.get(&chat_id);
        let chat = chat.ok_or(Refusal::UnknownChat)?;
        let home = self.state.home(chat).ok_or(Refusal::NobodyAvailable)?;
        let goes_on = self.state.others_answer(chat_id, agent_id);
        self.end_part(chat_id, agent_id, LeaveReason::Transferred);
        // The sender is asked last: not in this round.
        let passed_over = BTreeSet::from([agent_id]);
        if goes_on {
            self.request(chat_id, seek, passed_over);
        } else {
            let to = seek.target;
            let (queue_id, reserved) = match to {
                Target::Queue(id) => (id, None),
                Target::Agent(id) => (home, Some(kept_for(id))),
            };
            self.wait_again(chat_id, queue_id, seek, reserved, passed_over);
            let transfer = Transfer {
                by: agent_id,
                to,
                agent_id: None,
                reason: TransferReason::Released,
            };
            if let Some(view) = self.chat_view(chat_id) {
                self.emit(EventKind::Chat(ChatEvent::Transferred(
                    view,
                    transfer.into(),
                )));
            }
            self.add_notice(chat_id, SystemNotice::TransferredToQueue { queue_id });
            self.dispatch(&[queue_id]);
        }
        self.dispatch_agent(agent_id);
        Ok(())
    }

    /// The chat waits in a queue as one that nobody has, and nobody that refused it before is passed over.
    fn wait_again(
        &mut self,
        chat_id: ChatId,
        queue_id: QueueId,
        seek: Seek,
        reserved: Option<Reserved>,
        passed_over: BTreeSet<AgentId>,
    ) {
        self.move_to(chat_id, queue_id);
        let Some(chat) = self.state.chat_mut(chat_id) else {
            return;
        };
        chat.begin_round();
        chat.state = ChatState::Waiting;
        chat.course.replied = false;
        chat.course.is_silent = false;
        // It waits for us, not we for it.
        chat.course.idle_since = None;
        chat.course.warned_at = None;
        chat.routing.overran = None;
        chat.routing.taken_by = None;
        chat.routing.seek = Some(Seek {
            target: Target::Queue(queue_id),
            ..seek
        });
        chat.routing.reserved = reserved;
        chat.routing.passed_over = passed_over;
        self.state.settled.insert(chat_id);
    }

    /// The chat belongs to another queue, and to that queue's office: what one may read of it follows from there. Which of
    /// its agents are gone is a matter of the office.
    pub(super) fn move_to(&mut self, chat_id: ChatId, queue_id: QueueId) {
        let chat = self.state.chats.get(&chat_id);
        let Some((chat, queue)) = chat.zip(self.state.queues.get(&queue_id)) else {
            return;
        };
        let office_id = queue.queue.office_id;
        let moves = chat.office_id != office_id;
        let gone = self.state.gone_from(chat, office_id, self.now);
        if let Some(chat) = self.state.chat_mut(chat_id) {
            chat.queue_id = Some(queue_id);
            chat.office_id = office_id;
            if moves {
                chat.course.gone = gone;
            }
        }
        if moves {
            self.settle_listeners([chat_id]);
        }
    }

    fn shown(&mut self, chat_id: ChatId) -> Result<Reply, Refusal> {
        self.settle_hand_overs();
        self.chat_view(chat_id)
            .map(Reply::Chat)
            .ok_or(Refusal::UnknownChat)
    }
}

impl State {
    /// Whether anybody but this agent answers a chat.
    pub(super) fn others_answer(&self, chat_id: ChatId, agent_id: AgentId) -> bool {
        let chat = self.chats.get(&chat_id);
        chat.is_some_and(|chat| chat.answering().any(|id| id != agent_id))
    }

    /// A queue in which agents pick asks nobody: an active chat would look there in vain (ROUTE-3).
    fn check_asks(&self, target: Target) -> Result<(), Refusal> {
        let queue = match target {
            Target::Queue(id) => self.queues.get(&id),
            Target::Agent(_) => None,
        };
        match queue.map(|queue| queue.queue.settings.strategy) {
            Some(Strategy::Manual) => Err(Refusal::NobodyAvailable),
            Some(_) | None => Ok(()),
        }
    }

    /// The queue that a chat came through. An inbox keeps what came through one that is no more: that is as what came through
    /// none.
    pub(super) fn own_queue(&self, chat: &Chat) -> Option<QueueId> {
        chat.queue_id.filter(|id| self.queues.contains_key(id))
    }

    /// The queue of a chat; for one that came to none, the first of its office.
    pub(super) fn home(&self, chat: &Chat) -> Option<QueueId> {
        self.own_queue(chat).or_else(|| {
            let queues = self.queues.values().map(|queue| &queue.queue);
            let mut of_office: Vec<_> = queues
                .filter(|queue| queue.office_id == chat.office_id)
                .map(|queue| (queue.created_at, queue.id))
                .collect();
            of_office.sort_unstable();
            of_office.first().map(|(_, id)| *id)
        })
    }

    /// A chat that is not over.
    pub(super) fn open_chat(&self, chat_id: ChatId) -> Result<&Chat, Refusal> {
        let chat = self.chats.get(&chat_id).ok_or(Refusal::UnknownChat)?;
        match chat.state {
            ChatState::Waiting | ChatState::Active { .. } => Ok(chat),
            ChatState::WrapUp { .. } | ChatState::Closed { .. } | ChatState::OfflineMessage => {
                Err(Refusal::ChatClosed)
            }
        }
    }

    /// An open chat that the agent answers.
    pub(super) fn answered_chat(
        &self,
        agent_id: AgentId,
        chat_id: ChatId,
    ) -> Result<&Chat, Refusal> {
        let chat = self.open_chat(chat_id)?;
        if chat.is_answered_by(agent_id) {
            Ok(chat)
        } else {
            Err(refused_to(chat, agent_id))
        }
    }
}

/// Why somebody who does not answer a chat may not do this in it.
pub(super) fn refused_to(chat: &Chat, agent_id: AgentId) -> Refusal {
    match chat.participants.get(&agent_id).map(|part| part.role) {
        Some(ParticipantRole::Assistant | ParticipantRole::Listener) => Refusal::NotAnswering,
        Some(ParticipantRole::Agent) | None => Refusal::NotParticipant,
    }
}

fn kept_for(agent_id: AgentId) -> Reserved {
    Reserved {
        agents: BTreeSet::from([agent_id]),
        kept_for: KeptFor::Transfer,
        until: None,
    }
}

fn next_offer(chat: &Chat) -> OfferNumber {
    OfferNumber(chat.last_offer.0 + 1)
}
