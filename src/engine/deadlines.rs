//! What is due in a chat, and when. A chat has one deadline in the index of deadlines: the first of those that its facts
//! ask for. Whoever changes its facts emits an event, and at the end of the step the deadline is set anew.

use crate::domain::{ChatId, OfferNumber, Timestamp};

use super::effect::Subject;
use super::state::Chat;
use super::timers::TimerKey;
use super::turn::Turn;

/// What is due. Of several things at one instant the first in this list is done first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// An offer has rung for long enough.
    OfferExpiry(OfferNumber),
    /// A chat that everybody refused may be offered again.
    RoundStart,
    /// It is kept for nobody any more.
    ReservationEnd,
}

/// The first thing that is due in a chat.
pub(super) fn next_due(chat: &Chat) -> Option<(Timestamp, Due)> {
    let expiries = chat
        .ringing()
        .filter_map(|(number, offer)| Some((offer.expires_at?, Due::OfferExpiry(number))));
    let round = chat.round_starts_at.map(|at| (at, Due::RoundStart));
    let reserved = chat.routing.reserved.as_ref();
    let reservation = reserved.and_then(|reserved| Some((reserved.until?, Due::ReservationEnd)));
    expiries.chain(round).chain(reservation).min()
}

impl Turn<'_> {
    /// The deadline of a chat: does what is due at this instant. Each of these changes what made it due.
    pub(super) fn do_what_is_due(&mut self, chat_id: ChatId) {
        let due = |turn: &Self| {
            let chat = turn.state.chats.get(&chat_id)?;
            let (at, due) = next_due(chat)?;
            (at <= turn.now).then_some(due)
        };
        while let Some(due) = due(self) {
            match due {
                Due::OfferExpiry(number) => self.miss_offer(chat_id, number),
                Due::RoundStart => self.start_round(chat_id),
                Due::ReservationEnd => self.end_reservation(chat_id),
            }
        }
    }

    /// At the end of a step: sets the deadlines of the chats that it changed.
    pub(super) fn settle_deadlines(&mut self) {
        for subject in &self.subjects {
            if let Subject::Chat(chat_id) = subject {
                let chat = self.state.chats.get(chat_id);
                let due = chat.and_then(next_due);
                self.state
                    .timers
                    .put(TimerKey::Chat(*chat_id), due.map(|(at, _)| at));
            }
        }
    }
}
