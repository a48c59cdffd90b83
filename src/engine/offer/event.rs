//! What is told of an offer: to its agent, and to those that read the chat along while it waits.

use crate::domain::{AgentId, ChatId, ChatState, Note, OfferNumber, WithdrawReason};

use super::super::effect::EventKind;
use super::super::explain::Decision;
use super::super::state::Chat;
use super::super::turn::Turn;
use super::super::view::OfferView;

/// Changes of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfferEvent {
    /// It began to ring, by this decision; `None` in what is read of the time before decisions were kept.
    Made(OfferView, Option<Box<Decision>>),
    /// Its agent took the chat.
    Accepted(OfferKey),
    /// Its agent said no.
    Rejected(OfferKey, Option<Note>),
    /// Its time passed.
    Missed(OfferKey),
    /// It ended without an answer.
    Withdrawn(OfferKey, WithdrawReason),
}

/// Which offer, and whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferKey {
    /// The chat.
    pub chat_id: ChatId,
    /// The number within the chat.
    pub number: OfferNumber,
    /// Whom it rang at.
    pub agent_id: AgentId,
}

/// Who reads a chat along while it waits, and whether it rings at somebody from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Onlookers {
    /// Who reads it along, but for the agent of the offer, whom that tells more. What is read later names nobody.
    pub agents: Vec<AgentId>,
    /// Whether it rings; `None` in what is read of the time before that was kept.
    pub rings: Option<bool>,
}

impl OfferEvent {
    /// The offer concerned.
    #[must_use]
    pub fn key(&self) -> OfferKey {
        match self {
            Self::Made(view, _) => OfferKey {
                chat_id: view.chat_id,
                number: view.number,
                agent_id: view.agent_id,
            },
            Self::Accepted(key)
            | Self::Rejected(key, _)
            | Self::Missed(key)
            | Self::Withdrawn(key, _) => *key,
        }
    }
}

impl Turn<'_> {
    /// Tells of an offer, and those that read the chat along whether it rings from now on.
    pub(in super::super) fn emit_offer(&mut self, event: OfferEvent) {
        let key = event.key();
        let chat = self.state.chats.get(&key.chat_id);
        let waiting = chat.filter(|chat| chat.state == ChatState::Waiting);
        // While it waits nobody answers it, so whoever takes part reads along.
        let readers = waiting.into_iter().flat_map(Chat::taking_part);
        let seen = Onlookers {
            agents: readers.filter(|id| *id != key.agent_id).collect(),
            rings: Some(chat.is_some_and(Chat::is_offered)),
        };
        self.emit(EventKind::Offer(event, seen));
    }
}
