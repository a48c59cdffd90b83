//! What all parties wrote down: latencies, and whether each acknowledged message arrived once and
//! in order at both ends.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::party::{Acknowledged, Log, Seen};
use crate::latency::Latencies;
use crate::pace::Schedule;
use crate::socket::Side;

/// Whose turn message `number` is: chats in turn, and in each of them both sides in turn.
pub(super) fn sender(number: u64, chats: usize) -> (usize, Side) {
    let count = chats as u64;
    let visitor = (number + number / count).is_multiple_of(2);
    let chat = usize::try_from(number % count).unwrap_or(0);
    (chat, if visitor { Side::Visitor } else { Side::Agent })
}

/// Some consecutive messages: those from `first` on, when each was due.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) first: u64,
    pub(super) schedule: Schedule,
}

/// Latencies of a step, from when a message was due.
#[derive(Debug)]
pub(super) struct StepLatencies {
    /// To the acknowledgement at its sender.
    pub(super) acknowledged: Latencies,
    /// To its arrival at the other party.
    pub(super) delivered: Latencies,
}

/// Everything that was written down.
pub(super) struct Ledger {
    chat_ids: Vec<Uuid>,
    acknowledged: Vec<Acknowledged>,
    /// For each chat what its visitor and its agent saw, in the order of arrival.
    seen: Vec<[Vec<Seen>; 2]>,
    faults: BTreeMap<String, u64>,
}

/// What the check found. All counts but the first two should be zero.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) acknowledged: u64,
    /// Arrivals, on both sides.
    pub(super) seen: u64,
    /// Acknowledged, and not there on a side under the acknowledged number.
    missing: u64,
    /// Arrivals whose `seq` is not the one after the last: gaps, repetitions and swaps alike.
    out_of_order: u64,
    /// Arrivals in a chat that is not theirs.
    misplaced: u64,
    /// Arrivals of a sender's message before an earlier one of the same sender.
    overtaken: u64,
}

impl Ledger {
    /// An empty one for these chats.
    pub(super) fn new(chat_ids: Vec<Uuid>) -> Self {
        let seen = chat_ids.iter().map(|_| [Vec::new(), Vec::new()]).collect();
        Self {
            chat_ids,
            acknowledged: Vec::new(),
            seen,
            faults: BTreeMap::new(),
        }
    }

    /// Adds what a party of `side` wrote down.
    pub(super) fn add(&mut self, side: Side, log: Log) {
        self.acknowledged.extend(log.acknowledged);
        for seen in log.seen {
            let (chat, _) = sender(seen.number, self.chat_ids.len());
            self.seen[chat][place(side)].push(seen);
        }
        for (fault, count) in log.faults {
            *self.faults.entry(fault).or_default() += count;
        }
    }

    /// What went wrong, each with how often it did.
    pub(super) fn faults(&self) -> impl Iterator<Item = String> {
        self.faults
            .iter()
            .map(|(fault, count)| format!("{count} times: {fault}"))
    }

    /// The latencies of a step without its first moments, `warm_up`.
    pub(super) fn latencies(&self, step: Step, warm_up: Duration) -> StepLatencies {
        let Step { first, schedule } = step;
        let warm = schedule.start + warm_up;
        let due = |number: u64| {
            let index = number
                .checked_sub(first)
                .filter(|&index| index < schedule.count)?;
            Some(schedule.due(index)).filter(|&due| due >= warm)
        };
        let mut acknowledged = Latencies::new();
        for one in &self.acknowledged {
            if let Some(due) = due(one.number) {
                acknowledged.record(one.at.saturating_duration_since(due));
            }
        }
        let mut delivered = Latencies::new();
        for (side, one) in self.arrivals() {
            let (_, from) = sender(one.number, self.chat_ids.len());
            if let Some(due) = due(one.number).filter(|_| from != side) {
                delivered.record(one.at.saturating_duration_since(due));
            }
        }
        StepLatencies {
            acknowledged,
            delivered,
        }
    }

    fn arrivals(&self) -> impl Iterator<Item = (Side, &Seen)> {
        self.seen.iter().flat_map(|both| {
            let sides = [Side::Visitor, Side::Agent].into_iter();
            sides.flat_map(|side| both[place(side)].iter().map(move |one| (side, one)))
        })
    }

    /// Checks everything.
    pub(super) fn check(&self) -> Verdict {
        let mut verdict = Verdict {
            acknowledged: self.acknowledged.len() as u64,
            ..Verdict::default()
        };
        for (both, &chat_id) in self.seen.iter().zip(&self.chat_ids) {
            for arrived in both {
                check_arrivals(arrived, chat_id, self.chat_ids.len(), &mut verdict);
            }
        }
        for one in &self.acknowledged {
            let (chat, _) = sender(one.number, self.chat_ids.len());
            let index = usize::try_from(one.seq).unwrap_or(0).checked_sub(1);
            for arrived in &self.seen[chat] {
                let there = index.and_then(|index| arrived.get(index));
                if there.is_none_or(|there| there.number != one.number) {
                    verdict.missing += 1;
                }
            }
        }
        verdict
    }
}

fn place(side: Side) -> usize {
    usize::from(side == Side::Agent)
}

fn check_arrivals(arrived: &[Seen], chat_id: Uuid, chats: usize, verdict: &mut Verdict) {
    let mut last = [None; 2];
    for (expected, one) in (1_u64..).zip(arrived) {
        let (_, from) = sender(one.number, chats);
        let last = &mut last[place(from)];
        verdict.seen += 1;
        verdict.out_of_order += u64::from(one.seq != expected);
        verdict.misplaced += u64::from(one.chat_id != chat_id);
        verdict.overtaken += u64::from(*last >= Some(one.number));
        *last = Some(one.number);
    }
}

impl Verdict {
    /// Whether every acknowledged message arrived once and in order on both sides.
    pub(super) fn is_good(&self) -> bool {
        let Self {
            missing,
            out_of_order,
            misplaced,
            overtaken,
            ..
        } = self;
        missing + out_of_order + misplaced + overtaken == 0
    }

    /// What was found, for people.
    pub(super) fn sentence(&self) -> String {
        format!(
            "{} acknowledged messages, {} arrivals on both sides: {} missing, {} out of order, {} in \
             another chat, {} overtaken",
            self.acknowledged,
            self.seen,
            self.missing,
            self.out_of_order,
            self.misplaced,
            self.overtaken
        )
    }

    /// The same for machines.
    pub(super) fn json(&self) -> Value {
        json!({
            "acknowledged": self.acknowledged, "arrivals": self.seen, "missing": self.missing,
            "out_of_order": self.out_of_order, "misplaced": self.misplaced,
            "overtaken": self.overtaken,
        })
    }
}
