//! A queue's order, positions and rounds.

use crate::domain::{ChatId, ChatState};

use super::effect::{ChatEvent, EventKind};
use super::state::{Chat, State};
use super::timers::SHORTEST;
use super::turn::Turn;

impl State {
    /// A waiting chat's place in its queue's order, from 1.
    pub(super) fn position(&self, chat: &Chat) -> Option<u32> {
        if chat.state != ChatState::Waiting {
            return None;
        }
        let placed = chat.placed?;
        let queue = self.queues.get(&placed.queue_id)?;
        u32::try_from(queue.line.before(&placed.place) + 1).ok()
    }
}

impl Turn<'_> {
    /// ROUTE-9: everybody eligible has refused; the next round comes after the queue's pause.
    pub(super) fn pause_round(&mut self, chat_id: ChatId) {
        let Some(chat) = self.state.chats.get(&chat_id) else {
            return;
        };
        let Some(queue) = chat.line().and_then(|id| self.state.queues.get(&id)) else {
            return;
        };
        // A search of an active chat ends when everybody has refused; see `handover`.
        if chat.round_starts_at.is_some() || chat.state != ChatState::Waiting {
            return;
        }
        let starts_at = self.now + queue.queue.settings.round_pause.max(SHORTEST);
        if let Some(chat) = self.state.chat_mut(chat_id) {
            chat.round_starts_at = Some(starts_at);
        }
        self.emit(EventKind::Chat(ChatEvent::RoundPaused(chat_id, starts_at)));
    }

    /// The pause is over: everybody may be asked again, and the chat keeps its place.
    pub(super) fn start_round(&mut self, chat_id: ChatId) {
        let Some(chat) = self.state.chat_mut(chat_id) else {
            return;
        };
        chat.round += 1;
        chat.round_starts_at = None;
        chat.routing.passed_over.clear();
        let line = chat.line();
        self.state.settled.insert(chat_id);
        self.emit(EventKind::Chat(ChatEvent::RoundStarted(chat_id)));
        self.dispatch(line.as_slice());
    }

    /// The chat waits for no round any more: it rings, is active or closed.
    pub(super) fn cancel_round(&mut self, chat_id: ChatId) {
        if let Some(chat) = self.state.chat_mut(chat_id) {
            chat.round_starts_at = None;
        }
    }
}
