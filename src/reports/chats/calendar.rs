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
    /// By the hours of a calendar.
    Hour,
}

const HOUR: Millis = Millis::from_secs(3600);

/// Cuts a window into the intervals of a report, each with the day that it is of. An hour begins where the clock on the wall
/// shows a full hour, and where it is changed: so none is longer than an hour, and none is of two readings of the clock. Where
/// the clock is changed by half an hour, both hours around that are as short as it makes them.
#[must_use]
pub fn intervals(window: Window, zone: Zone, grain: Grain) -> Vec<(LocalDate, Window)> {
    let days = days(window, zone);
    match grain {
        Grain::Total => Vec::new(),
        Grain::Day => days,
        Grain::Hour => days
            .into_iter()
            .flat_map(|(date, day)| hours(day, zone).map(move |hour| (date, hour)))
            .collect(),
    }
}

/// The hours of what is asked about of a day.
fn hours(day: Window, zone: Zone) -> impl Iterator<Item = Window> {
    let mut from = day.from;
    std::iter::from_fn(move || {
        if from >= day.to {
            return None;
        }
        let to = next_hour(from, zone).min(day.to);
        let hour = Window { from, to };
        from = to;
        Some(hour)
    })
}

/// The first start of an hour after an instant.
fn next_hour(after: Timestamp, zone: Zone) -> Timestamp {
    let clock = Clock::at(after, zone);
    let full = after + Millis(HOUR.0 - clock.past_the_hour.0);
    // Up to the last instant before the full hour, whatever the clock does at it.
    let (mut same, mut other) = (after, Timestamp(full.0 - 1));
    if Clock::at(other, zone).offset == clock.offset {
        return full;
    }
    while other.0 - same.0 > 1 {
        let between = Timestamp(i64::midpoint(same.0, other.0));
        if Clock::at(between, zone).offset == clock.offset {
            same = between;
        } else {
            other = between;
        }
    }
    other
}

/// What the clock on the wall shows, as far as hours are concerned.
#[derive(Debug, PartialEq, Eq)]
struct Clock {
    /// How much more than a full hour that is.
    past_the_hour: Millis,
    /// How far it is from UTC.
    offset: String,
}

impl Clock {
    /// Reads it from the text of the calendar, `2026-03-01 10:30:00 +01:00`, whose parts have fixed places.
    fn at(at: Timestamp, zone: Zone) -> Self {
        let text = zone.shows(at);
        let number = |from: usize| {
            let digits = text.get(from..from + 2);
            let number = digits.and_then(|digits| digits.parse::<i64>().ok());
            number.unwrap_or_default()
        };
        let seconds = number(14) * 60 + number(17);
        Self {
            past_the_hour: Millis(seconds * 1000 + at.0.rem_euclid(1000)),
            offset: text.get(20..).unwrap_or_default().to_owned(),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// How the hours of a part of a day begin, by the clock on the wall, and how many minutes each has.
    fn told(zone: &str, date: &str, hours: std::ops::Range<i64>) -> Vec<String> {
        let zone: Zone = zone.parse().unwrap();
        let midnight = zone.start_of_day(date.parse().unwrap());
        let window = Window {
            from: midnight + Millis(hours.start * HOUR.0),
            to: midnight + Millis(hours.end * HOUR.0),
        };
        let cut = intervals(window, zone, Grain::Hour);
        cut.into_iter()
            .map(|(_, hour)| {
                let shown = zone.shows(hour.from);
                format!("{} {}", &shown[11..16], hour.length().0 / 60_000)
            })
            .collect()
    }

    #[test]
    fn chat_12_an_hour_begins_where_the_clock_shows_a_full_one() {
        let lord_howe = "Australia/Lord_Howe";
        // At 2:00 it is 1:30 once more.
        let back = told(lord_howe, "2026-04-05", 0..4);
        assert_eq!(
            back,
            ["00:00 60", "01:00 60", "01:30 30", "02:00 60", "03:00 30"]
        );
        // At 2:00 it is 2:30.
        let forward = told(lord_howe, "2026-10-04", 0..4);
        assert_eq!(
            forward,
            ["00:00 60", "01:00 60", "02:30 30", "03:00 60", "04:00 30"]
        );
        let prague = "Europe/Prague";
        let forward = told(prague, "2026-03-29", 1..4);
        assert_eq!(forward, ["01:00 60", "03:00 60", "04:00 60"]);
        let back = told(prague, "2026-10-25", 1..5);
        assert_eq!(back, ["01:00 60", "02:00 60", "02:00 60", "03:00 60"]);
        // Its clock is half an hour beside that of UTC all year.
        assert_eq!(
            told("Asia/Kolkata", "2026-03-01", 9..11),
            ["09:00 60", "10:00 60"]
        );
    }

    #[test]
    fn chat_12_an_hour_that_is_asked_about_in_part_ends_where_it_does() {
        let zone: Zone = "Asia/Kolkata".parse().unwrap();
        let from = zone.start_of_day("2026-03-01".parse().unwrap()) + Millis(1_234_567);
        let to = from + HOUR;
        let cut = intervals(Window { from, to }, zone, Grain::Hour);

        let lengths: Vec<i64> = cut.iter().map(|(_, hour)| hour.length().0).collect();
        assert_eq!(lengths, [HOUR.0 - 1_234_567, 1_234_567]);
    }
}
