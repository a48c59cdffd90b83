//! Answers given under an `Idempotency-Key` a moment ago.
//!
//! A caller looks its key up in the database first. Two calls with one key at the same instant both find
//! nothing there; the second one finds the answer of the first here.

use std::collections::HashMap;

use crate::domain::{Millis, Timestamp};
use crate::store::{IdempotencyRecord, Remembered};

use super::mail::IdempotencyKey;

/// Longer than a request may take, so that no call that looked before the commit comes after this forgets.
const KEPT_FOR: Millis = Millis::from_secs(120);

/// The answers of the last minutes.
#[derive(Debug, Default)]
pub(super) struct RecentAnswers {
    answers: HashMap<(String, String), (IdempotencyRecord, Timestamp)>,
}

impl RecentAnswers {
    pub(super) fn find(&self, key: &IdempotencyKey) -> Remembered {
        match self.answers.get(&(key.principal.clone(), key.key.clone())) {
            None => Remembered::Unknown,
            Some((record, _)) if record.body_hash == key.body_hash => {
                Remembered::Same(record.answer.clone())
            }
            Some(_) => Remembered::Mismatch,
        }
    }

    pub(super) fn keep(&mut self, key: &IdempotencyKey, record: IdempotencyRecord, now: Timestamp) {
        self.answers.retain(|_, (_, at)| now.since(*at) <= KEPT_FOR);
        self.answers
            .insert((key.principal.clone(), key.key.clone()), (record, now));
    }
}
