//! What a queue wants to hold: marked when it passes, not at the next reply (CHAT-12).

use crate::domain::{ChatId, ChatState, TargetKind, Timestamp};

use super::super::effect::{ChatEvent, EventKind};
use super::super::state::{Chat, State};
use super::super::turn::Turn;
use super::LifeEvent;

impl State {
    /// When a chat will have waited for too long. A chat that is offered again keeps its age; one that goes on after it was
    /// over has a new one.
    pub(in super::super) fn waiting_target_due(&self, chat: &Chat) -> Option<Timestamp> {
        let target = self.queue_settings(chat)?.targets.waiting?;
        let counts = chat.state == ChatState::Waiting && !chat.course.missed_targets.waiting;
        counts.then_some(chat.enqueued_at + target)
    }

    /// When it will have had no reply for too long.
    pub(in super::super) fn reply_target_due(&self, chat: &Chat) -> Option<Timestamp> {
        let target = self.queue_settings(chat)?.targets.first_reply?;
        let course = &chat.course;
        let counts = chat.is_open()
            && course.first_replied_at.is_none()
            && !course.missed_targets.first_reply;
        counts.then_some(chat.enqueued_at + target)
    }
}

impl Turn<'_> {
    /// The deadline of a target. Each is missed once in the life of a chat.
    pub(in super::super) fn miss_target(&mut self, chat_id: ChatId, kind: TargetKind) {
        let Some(chat) = self.state.chat_mut(chat_id) else {
            return;
        };
        let missed = &mut chat.course.missed_targets;
        match kind {
            TargetKind::Waiting => missed.waiting = true,
            TargetKind::FirstReply => missed.first_reply = true,
        }
        let event = LifeEvent::TargetMissed(State::parties(chat), kind);
        self.emit(EventKind::Chat(ChatEvent::Life(event)));
    }
}
