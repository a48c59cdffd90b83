//! A visitor who returns in time goes on with the same chat (CHAT-10).

use std::collections::BTreeSet;

use crate::domain::{
    AgentId, ChatId, ChatState, CloseReason, Course, Purpose, QueueId, Seek, Status, SystemNotice,
    Target, Timestamp, VisitorId,
};

use super::super::Refusal;
use super::super::effect::{Cause, ChatEvent, EventKind};
use super::super::state::{AgentState, Chat, State};
use super::super::turn::Turn;
use super::LifeEvent;

/// A chat that may go on: in which queue, with whom.
pub(in super::super) struct Reopening {
    queue_id: QueueId,
    /// When an agent first took part.
    accepted_at: Option<Timestamp>,
    /// Those who had it and can take it now; with none it waits.
    takers: BTreeSet<AgentId>,
    /// Those who still worked on it, and are done by this.
    freed: Vec<AgentId>,
}

impl State {
    /// Whether a visitor's chat that is over may go on now, and how. `None` is a chat that is open.
    pub(in super::super) fn reopening(
        &self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        now: Timestamp,
    ) -> Result<Option<Reopening>, Refusal> {
        let own = self.chats.get(&chat_id);
        let own = own.filter(|chat| chat.visitor_id == visitor_id);
        let chat = own.ok_or(Refusal::UnknownChat)?;
        let (accepted_at, at, reason) = match chat.state {
            ChatState::Waiting | ChatState::Active { .. } => return Ok(None),
            ChatState::OfflineMessage => return Err(Refusal::ChatClosed),
            ChatState::WrapUp {
                accepted_at,
                at,
                reason,
            }
            | ChatState::Closed {
                accepted_at,
                at,
                reason,
            } => (accepted_at, at, reason),
        };
        let queue = chat.queue_id.and_then(|id| self.queues.get(&id));
        let queue = queue.ok_or(Refusal::ChatClosed)?;
        let within = queue.queue.settings.visitor_idle.reopen_within;
        let in_time = within.is_some_and(|within| now <= at + within);
        if !in_time || reason == CloseReason::Banned {
            return Err(Refusal::ChatClosed);
        }
        let open = self.visitors.get(&visitor_id).map_or(0, BTreeSet::len);
        if open >= self.limits.open_chats_per_visitor {
            return Err(Refusal::TooManyOpenChats);
        }
        let takers: BTreeSet<AgentId> = chat
            .answering()
            .filter_map(|id| self.agents.get(&id))
            .filter(|agent| can_go_on(agent, chat))
            .map(|agent| agent.profile.id)
            .collect();
        if takers.is_empty() && !self.takes_chats(queue, now) {
            return Err(self.turning_away(queue, now));
        }
        Ok(Some(Reopening {
            queue_id: queue.queue.id,
            accepted_at,
            takers,
            freed: chat.course.wrapping.keys().copied().collect(),
        }))
    }
}

/// Whether an agent that had a chat can have it again now: it is online in its office and can be reached, has room, and no
/// work left to do after another chat.
fn can_go_on(agent: &AgentState, chat: &Chat) -> bool {
    agent.presence(chat.office_id).status == Status::Online
        && agent.is_reachable()
        && agent.has_room()
        && agent.wrapping.iter().all(|id| *id == chat.id)
}

impl Turn<'_> {
    /// Goes on with a chat that was over: with those who had it and can take it now, else in its queue, as a new one there.
    /// The caller adds what the visitor says and then calls [`Turn::go_on`].
    pub(in super::super) fn reopen(&mut self, chat_id: ChatId, reopening: &Reopening) {
        let now = self.now;
        let Some(chat) = self.state.chats.get(&chat_id) else {
            return;
        };
        let gone: Vec<AgentId> = chat
            .participants
            .keys()
            .filter(|id| !reopening.takers.contains(id))
            .copied()
            .collect();
        for agent_id in &reopening.freed {
            self.take_out_of_wrap_up(chat_id, *agent_id);
        }
        let Some(chat) = self.state.chat_mut(chat_id) else {
            return;
        };
        let waits = reopening.takers.is_empty();
        chat.participants
            .retain(|id, _| reopening.takers.contains(id));
        chat.state = if waits {
            ChatState::Waiting
        } else {
            ChatState::Active {
                accepted_at: reopening.accepted_at.unwrap_or(now),
            }
        };
        chat.enqueued_at = now;
        chat.round += 1;
        chat.round_starts_at = None;
        chat.routing.seek = waits.then_some(Seek {
            purpose: Purpose::Answer,
            target: Target::Queue(reopening.queue_id),
            by: None,
            note: None,
            since: now,
            waits: true,
        });
        chat.routing.reserved = None;
        chat.routing.ahead = false;
        chat.routing.overran = None;
        chat.routing.taken_by = reopening.takers.first().copied();
        chat.routing.passed_over.clear();
        chat.course = Course {
            first_replied_at: chat.course.first_replied_at,
            missed_targets: chat.course.missed_targets,
            score: chat.course.score,
            ..Course::default()
        };
        self.state.link_chat(chat_id);
        for agent_id in &reopening.takers {
            if let Some(agent) = self.state.agent_mut(*agent_id) {
                agent.idle_since = now;
            }
            self.touch_offices_of(*agent_id, Cause::Chat(chat_id));
        }
        if let Some(view) = self.chat_view(chat_id) {
            let event = LifeEvent::Reopened(Box::new(view), gone);
            self.emit(EventKind::Chat(ChatEvent::Life(event)));
        }
        self.add_notice(chat_id, SystemNotice::Reopened {});
    }

    /// Offers a chat that was reopened, and others to those who are done with it.
    pub(in super::super) fn go_on(&mut self, reopening: &Reopening) {
        self.dispatch(&[reopening.queue_id]);
        for agent_id in &reopening.freed {
            self.dispatch_agent(*agent_id);
        }
    }
}
