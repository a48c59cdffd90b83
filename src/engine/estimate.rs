//! How long a chat will wait (AVAIL-5): from what its queue's chats took lately, and how many may be answered at once.
//!
//! Owns what a queue remembers of that. It is an estimate and nothing more: no rule decides by it.

use crate::domain::{ChatId, ChatState, Millis, Strategy};

use super::Engine;
use super::effect::{ChatEvent, Effect, Event, EventKind};
use super::state::{Chat, OfficeState, QueueState, State};
use super::turn::Turn;
use super::view::Waiting;

/// What one chat counts for in the average, as one over this.
const WEIGHT: i64 = 8;

/// A chat that was open for longer tells how long somebody forgot to close it.
const LONGEST: Millis = Millis::from_secs(4 * 3600);

/// How finely an office's estimate is told.
const STEP: Millis = Millis::from_secs(15);

impl Turn<'_> {
    /// At the end of a step: what the chats that it has closed took. That is stored with the chats' own records.
    pub(super) fn settle_handling(&mut self) {
        let closed = self.effects.iter().filter_map(|effect| match effect {
            Effect::Event(Event {
                kind: EventKind::Chat(ChatEvent::Closed(parties, _)),
                ..
            }) => Some(parties.chat_id),
            Effect::Event(_) | Effect::Notice(_) => None,
        });
        let closed: Vec<ChatId> = closed.collect();
        for chat_id in closed {
            let chat = self.state.chats.get(&chat_id);
            let took = chat.and_then(|chat| Some((chat.queue_id?, handling(chat)?)));
            if let Some((queue_id, took)) = took
                && let Some(queue) = self.state.queues.get_mut(&queue_id)
            {
                queue.memory.handling = Some(averaged(queue.memory.handling, took));
                self.state.taught.insert(queue_id);
            }
        }
    }
}

/// How long a chat took, from the accept to the end; `None` for one that nobody took.
fn handling(chat: &Chat) -> Option<Millis> {
    match chat.state {
        ChatState::Closed {
            accepted_at, at, ..
        }
        | ChatState::WrapUp {
            accepted_at, at, ..
        } => Some(at.since(accepted_at?)),
        ChatState::Waiting | ChatState::Active { .. } | ChatState::OfflineMessage => None,
    }
}

/// The average with one chat more: each older one counts for an eighth less.
fn averaged(before: Option<Millis>, took: Millis) -> Millis {
    let took = took.min(LONGEST);
    before.map_or(took, |before| {
        Millis(before.0 + (took.0 - before.0) / WEIGHT)
    })
}

impl State {
    /// How long a waiting chat will go on waiting; `None` while nothing is known, or nobody is there.
    pub(super) fn estimated_wait(&self, chat: &Chat) -> Option<Millis> {
        let position = self.position(chat)?;
        let queue = self.queues.get(&chat.placed?.queue_id)?;
        wait_at(queue, position)
    }
}

impl State {
    /// How long one chat more would wait in an office: in the queue of it where that is the shortest, in steps that a
    /// poll need not follow every second.
    pub(super) fn next_wait(&self, office: &OfficeState) -> Option<Millis> {
        let queues = office.queues.iter().filter_map(|id| self.queues.get(id));
        let waits = queues.filter_map(|queue| {
            let behind_all = u32::try_from(queue.line.len() + 1).unwrap_or(u32::MAX);
            wait_at(queue, behind_all)
        });
        let wait = waits.min()?;
        Some(Millis(wait.0.div_euclid(STEP.0) * STEP.0))
    }
}

/// How long the chat at this place of a queue's line will wait: for as many chats to end as stand there up to it, where
/// as many are answered at once as those who are there may have together. Those that ring have found an agent, and are
/// taken for the first.
pub(super) fn wait_at(queue: &QueueState, position: u32) -> Option<Millis> {
    let handling = queue.memory.handling?;
    let looking = queue.hungry.len() + queue.reserved.len();
    let ringing = match queue.queue.settings.strategy {
        // Where agents pick, nothing rings.
        Strategy::Manual => 0,
        Strategy::LongestIdle
        | Strategy::RoundRobin
        | Strategy::LeastBusy
        | Strategy::PriorityTiers
        | Strategy::Broadcast => queue.line.len().saturating_sub(looking),
    };
    let ahead = i64::from(position).saturating_sub(i64::try_from(ringing).unwrap_or(i64::MAX));
    let at_once = i64::from(queue.staff);
    (at_once > 0).then(|| Millis(handling.0.saturating_mul(ahead.max(0)) / at_once))
}

impl Engine {
    /// A visitor's chats that wait, with their places as they are now.
    #[must_use]
    pub fn waiting_of(&self, visitor_id: crate::domain::VisitorId) -> Vec<Waiting> {
        let chats = self.state.visitors.get(&visitor_id).into_iter().flatten();
        let chats = chats.filter_map(|id| self.state.chats.get(id));
        chats
            .filter_map(|chat| {
                Some(Waiting {
                    chat_id: chat.id,
                    position: self.state.position(chat)?,
                    estimated_wait: self.state.estimated_wait(chat),
                })
            })
            .collect()
    }
}
