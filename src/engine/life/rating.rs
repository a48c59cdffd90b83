//! The visitor's rating of a chat (CHAT-12).

use crate::domain::{ChatId, ChatState, Millis, Rating, Timestamp, VisitorId};

use super::super::effect::{ChatEvent, EventKind};
use super::super::state::State;
use super::super::turn::Turn;
use super::super::{Refusal, Reply};
use super::LifeEvent;

/// How long after the close a chat may be rated, and a rating changed.
pub const RATING_CHANGES_WITHIN: Millis = Millis::from_secs(24 * 60 * 60);

impl Turn<'_> {
    /// Rates a chat in which an agent took part, or changes what was said of it.
    pub(in super::super) fn rate(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        rating: Rating,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get(&chat_id);
        let own = chat.filter(|chat| chat.visitor_id == visitor_id);
        let chat = own.ok_or(Refusal::UnknownChat)?;
        check_rateable(chat.state, self.now)?;
        let parties = State::parties(chat);
        if let Some(chat) = self.state.chat_mut(chat_id) {
            chat.course.score = Some(rating.score);
        }
        let event = LifeEvent::Rated(parties, rating);
        self.emit(EventKind::Chat(ChatEvent::Life(event)));
        self.chat_view(chat_id)
            .map(Reply::Chat)
            .ok_or(Refusal::UnknownChat)
    }
}

/// There must have been somebody to be rated, not too long ago.
fn check_rateable(state: ChatState, now: Timestamp) -> Result<(), Refusal> {
    match state {
        ChatState::Active { .. } => Ok(()),
        ChatState::WrapUp {
            accepted_at: Some(_),
            at,
            ..
        }
        | ChatState::Closed {
            accepted_at: Some(_),
            at,
            ..
        } if now <= at + RATING_CHANGES_WITHIN => Ok(()),
        ChatState::WrapUp {
            accepted_at: Some(_),
            ..
        }
        | ChatState::Closed {
            accepted_at: Some(_),
            ..
        } => Err(Refusal::RatingClosed),
        ChatState::Waiting
        | ChatState::WrapUp { .. }
        | ChatState::Closed { .. }
        | ChatState::OfflineMessage => Err(Refusal::NothingToRate),
    }
}
