//! The places of waiting visitors, live: told when they have changed by what matters, and not more often than a person
//! would look.
//!
//! A change marks that something may have moved and nothing more. At the tick the visitors who are connected are looked
//! at, so a queue of ten thousand costs what its open pages cost, however fast it moves. Must not keep places: the engine
//! has them. What was told last is kept, so that nobody is told the same again.

use std::collections::BTreeMap;

use crate::domain::{ChatId, Millis, VisitorId};
use crate::engine::{ChatEvent, Engine, Event, EventKind, Waiting};

/// How often places are told at most.
const EVERY: Millis = Millis::from_secs(5);

/// Up to here every place counts; behind it only a tenth.
const NEAR: u32 = 20;

/// An estimate that has changed by less than this, or by less than a quarter, is the same.
const SHORT: Millis = Millis::from_secs(15);

/// What visitors of one tenant were told.
#[derive(Default)]
pub(super) struct Places {
    /// The first that may still stand on one of a visitor's pages.
    told: BTreeMap<ChatId, Waiting>,
    due: Option<Millis>,
    last: Option<Millis>,
}

impl Places {
    /// Takes note of an event: of the place that it tells itself, and that others may have moved. Without a visitor who
    /// hears of it nothing is kept.
    pub(super) fn note(&mut self, event: &Event, somebody_listens: bool, now: Millis) {
        if !somebody_listens {
            return;
        }
        match &event.kind {
            EventKind::Chat(ChatEvent::Queued(chat) | ChatEvent::Overflowed(chat, _)) => {
                if let Some(position) = chat.position {
                    let waiting = Waiting {
                        chat_id: chat.id,
                        position,
                        estimated_wait: chat.estimated_wait,
                    };
                    self.told.insert(chat.id, waiting);
                }
            }
            EventKind::Chat(_)
            | EventKind::Note(_)
            | EventKind::Offer(..)
            | EventKind::Presence(_)
            | EventKind::Setup(_) => {}
            EventKind::Availability(_) | EventKind::Queue(_) => return,
        }
        self.look(now);
    }

    /// A snapshot has told a visitor where its chats stand. Another page of its may still show what was told before.
    pub(super) fn shown(&mut self, chats: Vec<Waiting>) {
        for waiting in chats {
            self.told.entry(waiting.chat_id).or_insert(waiting);
        }
    }

    /// A page goes on from what it knew, which may be anything: it is told the places of these chats.
    pub(super) fn went_on(&mut self, chats: Vec<Waiting>, now: Millis) {
        for waiting in chats {
            self.told.remove(&waiting.chat_id);
            self.look(now);
        }
    }

    fn look(&mut self, now: Millis) {
        let next = self.last.map_or(now, |last| Millis(last.0 + EVERY.0));
        self.due.get_or_insert(next.max(now));
    }

    /// When the next tick is due, in the clock's monotonic time.
    pub(super) fn due(&self) -> Option<Millis> {
        self.due
    }

    /// Whom to tell what, if the tick has come.
    pub(super) fn tick(
        &mut self,
        engine: &Engine,
        visitors: impl Iterator<Item = VisitorId>,
        now: Millis,
    ) -> Vec<(VisitorId, Waiting)> {
        if self.due.is_none_or(|due| now < due) {
            return Vec::new();
        }
        self.due = None;
        self.last = Some(now);
        let before = std::mem::take(&mut self.told);
        let mut news = Vec::new();
        for visitor_id in visitors {
            for waiting in engine.waiting_of(visitor_id) {
                let told = before.get(&waiting.chat_id);
                let same = told.filter(|told| !differs(told, &waiting));
                if same.is_none() {
                    news.push((visitor_id, waiting));
                }
                self.told
                    .insert(waiting.chat_id, same.copied().unwrap_or(waiting));
            }
        }
        news
    }
}

/// Whether a visitor would want to know.
fn differs(told: &Waiting, now: &Waiting) -> bool {
    let moved = told.position.abs_diff(now.position);
    let near = now.position <= NEAR || told.position <= NEAR;
    let place = moved > 0 && (near || moved >= told.position / 10);
    place || estimate_differs(told.estimated_wait, now.estimated_wait)
}

fn estimate_differs(told: Option<Millis>, now: Option<Millis>) -> bool {
    match (told, now) {
        (Some(told), Some(now)) => {
            let by = (told.0 - now.0).abs();
            by >= SHORT.0 && by * 4 >= told.0
        }
        (None, None) => false,
        (Some(_), None) | (None, Some(_)) => true,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(position: u32, seconds: Option<i64>) -> Waiting {
        Waiting {
            chat_id: ChatId(Uuid::nil()),
            position,
            estimated_wait: seconds.map(Millis::from_secs),
        }
    }

    #[test]
    fn near_the_front_every_place_counts_and_far_behind_a_tenth() {
        let moves = |from: u32, to: u32| differs(&at(from, None), &at(to, None));

        assert!(moves(2, 1) && moves(20, 19) && moves(1, 2));
        assert!(moves(21, 20), "it comes near");
        assert!(!moves(5, 5));
        assert!(!moves(5000, 4999) && !moves(5000, 4501));
        assert!(moves(5000, 4500));
    }

    #[test]
    fn an_estimate_counts_when_a_person_would_notice() {
        let changes = |from, to| differs(&at(3, from), &at(3, to));

        assert!(changes(None, Some(60)) && changes(Some(60), None));
        assert!(!changes(None, None) && !changes(Some(60), Some(60)));
        assert!(!changes(Some(20), Some(10)), "ten seconds");
        assert!(!changes(Some(100), Some(80)), "a fifth");
        assert!(changes(Some(100), Some(75)) && changes(Some(100), Some(125)));
    }
}
