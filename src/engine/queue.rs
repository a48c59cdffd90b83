//! A queue's order, positions and rounds.

use crate::domain::{ChatId, ChatState};

use super::effect::{ChatEvent, EventKind};
use super::state::{Chat, State};
use super::timers::{SHORTEST, TimerKey};
use super::turn::Turn;

impl State {
    /// A waiting chat's place, from 1, in the order (`enqueued_at`, id).
    pub(super) fn position(&self, chat: &Chat) -> Option<u32> {
        if chat.state != ChatState::Waiting {
            return None;
        }
        let queue = self.queues.get(&chat.queue_id?)?;
        let ahead = queue.waiting.range(..(chat.enqueued_at, chat.id)).count();
        u32::try_from(ahead + 1).ok()
    }
}

impl Turn<'_> {
    /// ROUTE-9: everybody eligible has refused; the next round comes after the queue's pause.
    pub(super) fn pause_round(&mut self, chat_id: ChatId) {
        let Some(chat) = self.state.chats.get_mut(&chat_id) else {
            return;
        };
        let Some(queue) = chat.queue_id.and_then(|id| self.state.queues.get(&id)) else {
            return;
        };
        if chat.round_starts_at.is_some() {
            return;
        }
        let starts_at = self.now + queue.queue.settings.round_pause.max(SHORTEST);
        chat.round_starts_at = Some(starts_at);
        self.state
            .timers
            .set(TimerKey::RoundStart(chat_id), starts_at);
        self.emit(EventKind::Chat(ChatEvent::RoundPaused(chat_id, starts_at)));
    }

    /// The pause is over: everybody may be asked again, and the chat keeps its place.
    pub(super) fn start_round(&mut self, chat_id: ChatId) {
        let Some(chat) = self.state.chats.get_mut(&chat_id) else {
            return;
        };
        chat.round += 1;
        chat.round_starts_at = None;
        let queue_id = chat.queue_id;
        self.state.settled.insert(chat_id);
        self.emit(EventKind::Chat(ChatEvent::RoundStarted(chat_id)));
        if let Some(queue_id) = queue_id {
            self.dispatch(&[queue_id]);
        }
    }

    /// The chat waits for no round any more: it rings, is active or closed.
    pub(super) fn cancel_round(&mut self, chat_id: ChatId) {
        self.state.timers.clear(TimerKey::RoundStart(chat_id));
        if let Some(chat) = self.state.chats.get_mut(&chat_id) {
            chat.round_starts_at = None;
        }
    }
}
