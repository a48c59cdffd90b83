//! The visitor that does not answer: it is warned, then its chat is closed (CHAT-10).

use crate::domain::{ChatId, ChatState, CloseReason, Millis, SystemNotice, Timestamp, VisitorIdle};

use super::super::effect::{ChatEvent, EventKind};
use super::super::state::{Chat, State};
use super::super::turn::Turn;
use super::LifeEvent;

/// How coarsely signs of the visitor are stored: people type all the time. It is warned that much earlier at most.
const SIGNS_KEPT_EVERY: Millis = Millis::from_secs(5);

impl State {
    fn idle_settings(&self, chat: &Chat) -> Option<VisitorIdle> {
        let is_active = matches!(chat.state, ChatState::Active { .. });
        let settings = self.queue_settings(chat).filter(|_| is_active)?;
        Some(settings.visitor_idle)
    }

    /// When its visitor is warned.
    pub(in super::super) fn idle_warning_due(&self, chat: &Chat) -> Option<Timestamp> {
        let warning = self.idle_settings(chat)?.warning?;
        let since = chat.course.idle_since?;
        chat.course.warned_at.is_none().then_some(since + warning)
    }

    /// When it is closed because its visitor does not answer.
    pub(in super::super) fn idle_close_due(&self, chat: &Chat) -> Option<Timestamp> {
        let settings = self.idle_settings(chat)?;
        let (close, since) = (settings.close?, chat.course.idle_since?);
        // Never sooner after the warning than the two lie apart, or a warning that came late would be none.
        let warned = chat.course.warned_at.zip(settings.warning);
        let after_warning = warned.map(|(at, warning)| at + Millis(close.0 - warning.0));
        Some(after_warning.map_or(since + close, |at| at.max(since + close)))
    }
}

impl Turn<'_> {
    /// The visitor types or reads: it is there, though it does not answer yet.
    pub(in super::super) fn note_sign(&mut self, chat_id: ChatId) {
        let now = self.now;
        let Some(chat) = self.state.chats.get(&chat_id) else {
            return;
        };
        let Some(since) = chat.course.idle_since else {
            return;
        };
        let settings = self.state.idle_settings(chat).unwrap_or_default();
        let is_timed = settings != VisitorIdle::default();
        let is_news = chat.course.warned_at.is_some() || now.since(since) >= SIGNS_KEPT_EVERY;
        if !is_timed || !is_news {
            return;
        }
        if let Some(chat) = self.state.chat_mut(chat_id) {
            chat.course.idle_since = Some(now);
            chat.course.warned_at = None;
        }
        let event = LifeEvent::VisitorSeen(chat_id);
        self.emit(EventKind::Chat(ChatEvent::Life(event)));
    }

    /// The deadline of the warning.
    pub(in super::super) fn warn_visitor(&mut self, chat_id: ChatId) {
        let now = self.now;
        let Some(chat) = self.state.chat_mut(chat_id) else {
            return;
        };
        chat.course.warned_at = Some(now);
        let parties = State::parties(chat);
        let closes_at = self.state.chats.get(&chat_id);
        let closes_at = closes_at.and_then(|chat| self.state.idle_close_due(chat));
        let event = LifeEvent::IdleWarned(parties, closes_at);
        self.emit(EventKind::Chat(ChatEvent::Life(event)));
        self.add_notice(chat_id, SystemNotice::IdleWarning { closes_at });
    }

    /// The deadline of the close.
    pub(in super::super) fn close_idle(&mut self, chat_id: ChatId) {
        // It is there and open, so nothing refuses it.
        let _ = self.finish(chat_id, CloseReason::VisitorIdle);
    }
}
