//! Answers given under an `Idempotency-Key` a moment ago.
//!
//! A caller looks its key up in the database first. Two calls with one key at the same instant both find
//! nothing there; the second one finds the answer of the first here.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::domain::{Millis, Timestamp};
use crate::store::{IdempotencyRecord, Remembered};

use super::mail::IdempotencyKey;

/// Longer than a request may take, so that no call that looked before the commit comes after this forgets.
const KEPT_FOR: Millis = Millis::from_secs(120);

/// The most bytes of answers. Past it the oldest go early; a second use of such a key within the two minutes is then
/// refused by the table's own key, and costs the tenant a reload.
const BYTES_MAX: usize = 4 << 20;

/// The answers of the last minutes, oldest first.
#[derive(Debug, Default)]
pub(super) struct RecentAnswers {
    answers: HashMap<Name, ([u8; 32], Arc<str>)>,
    order: VecDeque<(Timestamp, Name)>,
    bytes: usize,
}

type Name = Arc<(String, String)>;

impl RecentAnswers {
    pub(super) fn find(&mut self, key: &IdempotencyKey, now: Timestamp) -> Remembered {
        self.forget(now);
        let name = (key.principal.clone(), key.key.clone());
        match self.answers.get(&name) {
            None => Remembered::Unknown,
            Some((hash, answer)) if *hash == key.body_hash => {
                Remembered::Same(serde_json::from_str(answer).unwrap_or_default())
            }
            Some(_) => Remembered::Mismatch,
        }
    }

    pub(super) fn keep(
        &mut self,
        key: &IdempotencyKey,
        record: &IdempotencyRecord,
        now: Timestamp,
    ) {
        let name: Name = Arc::new((key.principal.clone(), key.key.clone()));
        let answer: Arc<str> = record.answer.to_string().into();
        self.bytes += answer.len();
        self.order.push_back((now, Arc::clone(&name)));
        self.answers.insert(name, (record.body_hash, answer));
        self.forget(now);
    }

    /// What is older stands in the database, which knows when a key may be used anew.
    fn forget(&mut self, now: Timestamp) {
        while let Some((at, _)) = self.order.front() {
            if now.since(*at) <= KEPT_FOR && self.bytes <= BYTES_MAX {
                return;
            }
            if let Some((_, oldest)) = self.order.pop_front()
                && let Some((_, answer)) = self.answers.remove(&oldest)
            {
                self.bytes -= answer.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> IdempotencyKey {
        IdempotencyKey {
            principal: "visitor:1".to_owned(),
            key: name.to_owned(),
            body_hash: [1; 32],
        }
    }

    fn record(bytes: usize) -> IdempotencyRecord {
        IdempotencyRecord {
            body_hash: [1; 32],
            answer: "a".repeat(bytes).into(),
        }
    }

    fn found(recent: &mut RecentAnswers, name: &str, now: i64) -> bool {
        matches!(recent.find(&key(name), Timestamp(now)), Remembered::Same(_))
    }

    #[test]
    fn an_answer_is_found_by_its_key_and_body() {
        let mut recent = RecentAnswers::default();
        recent.keep(&key("k"), &record(3), Timestamp(0));

        assert!(
            matches!(recent.find(&key("k"), Timestamp(0)), Remembered::Same(answer) if answer == "aaa")
        );
        let other_body = IdempotencyKey {
            body_hash: [2; 32],
            ..key("k")
        };
        assert!(matches!(
            recent.find(&other_body, Timestamp(0)),
            Remembered::Mismatch
        ));
        assert!(matches!(
            recent.find(&key("other"), Timestamp(0)),
            Remembered::Unknown
        ));
    }

    #[test]
    fn answers_go_with_time_and_when_they_are_too_many() {
        let mut recent = RecentAnswers::default();
        recent.keep(&key("old"), &record(3), Timestamp(0));
        assert!(found(&mut recent, "old", 120_000));
        assert!(
            !found(&mut recent, "old", 120_001),
            "also when no other came"
        );
        // Its two quotes count.
        recent.keep(&key("large"), &record(BYTES_MAX - 2), Timestamp(121_000));
        assert!(found(&mut recent, "large", 121_000));

        recent.keep(&key("more"), &record(3), Timestamp(121_000));

        assert!(!found(&mut recent, "large", 121_000));
        assert!(found(&mut recent, "more", 121_000));
    }
}
