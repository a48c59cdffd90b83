//! The intervals of a report, and the sums of each.

use std::collections::BTreeMap;

use super::fold::Measure;
use super::sums::ChatSums;
use crate::domain::{LocalDate, Millis, Timestamp, Zone};
use crate::reports::days::days;
use crate::reports::timeline::Window;

/// How finely a report about chats is cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grain {
    /// Not at all.
    #[default]
    Total,
    /// By the days of a calendar.
    Day,
    /// By the hours since the midnights of a calendar.
    Hour,
}

const HOUR: Millis = Millis::from_secs(3600);

/// Cuts a window into the intervals of a report, each with the day that it is of. An hour begins so many whole hours after
/// the first instant of its day; the last one of a day on which the clock changes by less is shorter.
#[must_use]
pub fn intervals(window: Window, zone: Zone, grain: Grain) -> Vec<(LocalDate, Window)> {
    let days = days(window, zone);
    match grain {
        Grain::Total => Vec::new(),
        Grain::Day => days,
        Grain::Hour => days
            .into_iter()
            .flat_map(|(date, day)| {
                let midnight = zone.start_of_day(date);
                hours(midnight, day).map(move |hour| (date, hour))
            })
            .collect(),
    }
}

/// The hours since midnight of what is asked about of a day.
fn hours(midnight: Timestamp, day: Window) -> impl Iterator<Item = Window> {
    let begun = day.from.since(midnight).0 / HOUR.0;
    let first = midnight + Millis(begun * HOUR.0);
    let starts = std::iter::successors(Some(first), |start| Some(*start + HOUR));
    starts.map_while(move |start| {
        day.overlap(Window {
            from: start,
            to: start + HOUR,
        })
    })
}

/// The sums of several subjects, whole and by interval.
#[derive(Clone, Debug)]
pub struct ChatTable<K> {
    intervals: Vec<(LocalDate, Window)>,
    /// For each subject the sums of the intervals in which it has any; a report that is not cut has one.
    sums: BTreeMap<K, BTreeMap<usize, ChatSums>>,
}

impl<K: Ord> ChatTable<K> {
    /// Without any value; without intervals it is not cut.
    #[must_use]
    pub fn new(intervals: Vec<(LocalDate, Window)>) -> Self {
        Self {
            intervals,
            sums: BTreeMap::new(),
        }
    }

    /// Adds a value to a subject. It counts in the interval in which its chat was started.
    pub fn add(&mut self, subject: K, started_at: Timestamp, measure: &Measure) {
        let after = self
            .intervals
            .partition_point(|(_, interval)| interval.from <= started_at);
        let sums = self.sums.entry(subject).or_default();
        sums.entry(after.saturating_sub(1))
            .or_default()
            .add(measure);
    }

    /// A subject's values in the intervals that begin within a stretch of time.
    #[must_use]
    pub fn between(&self, subject: &K, from: Timestamp, to: Timestamp) -> ChatSums {
        let mut part = ChatSums::default();
        for (index, sums) in self.sums.get(subject).into_iter().flatten() {
            let interval = self.intervals.get(*index);
            if interval.is_some_and(|(_, interval)| (from..to).contains(&interval.from)) {
                part.merge(sums);
            }
        }
        part
    }

    /// The intervals.
    #[must_use]
    pub fn intervals(&self) -> &[(LocalDate, Window)] {
        &self.intervals
    }

    /// All of a subject's values together.
    #[must_use]
    pub fn whole(&self, subject: &K) -> ChatSums {
        let mut whole = ChatSums::default();
        for sums in self
            .sums
            .get(subject)
            .into_iter()
            .flat_map(BTreeMap::values)
        {
            whole.merge(sums);
        }
        whole
    }

    /// A subject's values in one of the intervals.
    #[must_use]
    pub fn part(&self, subject: &K, interval: usize) -> ChatSums {
        let sums = self.sums.get(subject);
        let sums = sums.and_then(|sums| sums.get(&interval));
        sums.cloned().unwrap_or_default()
    }

    /// The subjects that have any value.
    pub fn subjects(&self) -> impl Iterator<Item = &K> {
        self.sums.keys()
    }
}
