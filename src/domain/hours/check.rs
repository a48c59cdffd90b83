//! What is wrong with hours, each fault with its place.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    DAY_MINUTES, Hours, HoursException, Interval, LocalDate, WEEK_MINUTES, WeeklyInterval,
};
use crate::domain::Invalid;

/// How many intervals may start on one day: more than any rota has, and few enough to evaluate at once.
pub const INTERVALS_MAX: usize = 10;

/// How many days may have intervals of their own: every day of a leap year.
pub const EXCEPTIONS_MAX: usize = 366;

/// What is wrong with one part of hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoursFault {
    /// Which part: a JSON pointer from the hours on, such as `/exceptions/0/intervals/1`, with the
    /// numbers of the sender.
    pub path: String,
    /// Why it is refused.
    pub invalid: Invalid,
}

impl HoursFault {
    pub(super) fn new(path: impl Into<String>, invalid: Invalid) -> Self {
        Self {
            path: path.into(),
            invalid,
        }
    }
}

const TOO_MANY_INTERVALS: Invalid = Invalid::TooLong {
    max: INTERVALS_MAX,
    unit: "intervals a day",
};

/// Checks the week, and each exception by itself.
pub(super) fn separately(
    weekly: &[WeeklyInterval],
    exceptions: &[HoursException],
) -> Vec<HoursFault> {
    let mut faults = Vec::new();
    let mut on_day = [0; 7];
    let mut week = Vec::new();
    for (place, entry) in weekly.iter().enumerate() {
        let day = entry.day.index();
        on_day[day] += 1;
        if on_day[day] > INTERVALS_MAX {
            let path = format!("/weekly/{place}");
            faults.push(HoursFault::new(path, TOO_MANY_INTERVALS));
        }
        let midnight = u16::from(entry.day.number()) * DAY_MINUTES;
        let Interval { opens, closes } = entry.interval;
        week.push((midnight + opens, midnight + closes, place));
    }
    // Sunday's night reaches into Monday.
    let ends = week.iter().map(|(_, closes, _)| *closes);
    let reach = ends.max().unwrap_or(0).saturating_sub(WEEK_MINUTES);
    for place in overlapping(week, reach) {
        let path = format!("/weekly/{place}");
        faults.push(HoursFault::new(path, Invalid::Overlap));
    }

    if exceptions.len() > EXCEPTIONS_MAX {
        let invalid = Invalid::TooLong {
            max: EXCEPTIONS_MAX,
            unit: "entries",
        };
        faults.push(HoursFault::new("/exceptions", invalid));
    }
    let mut dates = BTreeSet::new();
    for (place, exception) in exceptions.iter().enumerate() {
        let here = format!("/exceptions/{place}");
        if !dates.insert(exception.date) {
            faults.push(HoursFault::new(format!("{here}/date"), Invalid::Duplicate));
        }
        if exception.intervals.len() > INTERVALS_MAX {
            let path = format!("{here}/intervals");
            faults.push(HoursFault::new(path, TOO_MANY_INTERVALS));
        }
        let day = exception.intervals.iter().enumerate();
        let day = day.map(|(place, interval)| (interval.opens, interval.closes, place));
        for place in overlapping(day.collect(), 0) {
            let path = format!("{here}/intervals/{place}");
            faults.push(HoursFault::new(path, Invalid::Overlap));
        }
    }
    faults
}

/// Gives the places of the intervals that start before an earlier one, or `reach`, has ended.
fn overlapping(mut intervals: Vec<(u16, u16, usize)>, mut reach: u16) -> Vec<usize> {
    intervals.sort_unstable_by_key(|(opens, _, place)| (*opens, *place));
    let mut found = Vec::new();
    for (opens, closes, place) in intervals {
        if opens < reach {
            found.push(place);
        }
        reach = reach.max(closes);
    }
    found
}

/// Checks what starts on the days of exceptions against what starts on the days before and after.
///
/// The exceptions of `hours` are in the order of their dates, with their intervals in that of the
/// sender, and `places` are the exceptions' numbers. What is among the faults `so_far` is not named
/// again.
pub(super) fn against_neighbours(
    hours: &Hours,
    places: &[usize],
    so_far: &[HoursFault],
) -> Vec<HoursFault> {
    // By date, for the search through exceptions finds any of those with the same.
    let excepted: BTreeMap<LocalDate, &[Interval]> = hours
        .exceptions
        .iter()
        .map(|exception| (exception.date, &*exception.intervals))
        .collect();
    let known: BTreeSet<&str> = so_far.iter().map(|fault| &*fault.path).collect();
    let mut faults = Vec::new();
    for (exception, place) in hours.exceptions.iter().zip(places) {
        let (before, after) = (exception.date.before(), exception.date.after());
        let day_before = excepted.get(&before).copied();
        let reach = over_midnight(day_before.unwrap_or_else(|| hours.on_weekday(before)));
        // When the day after is an exception too, the conflict is that one's.
        let day_after = if excepted.contains_key(&after) {
            &[]
        } else {
            hours.on_weekday(after)
        };
        let next = day_after.iter().map(|interval| interval.opens).min();
        for (index, interval) in exception.intervals.iter().enumerate() {
            let meets_next = next.is_some_and(|opens| interval.closes > opens + DAY_MINUTES);
            let path = format!("/exceptions/{place}/intervals/{index}");
            if (interval.opens < reach || meets_next) && !known.contains(&*path) {
                faults.push(HoursFault::new(path, Invalid::Overlap));
            }
        }
    }
    faults
}

/// The minute of the next day until which a day's intervals reach.
fn over_midnight(intervals: &[Interval]) -> u16 {
    let ends = intervals.iter().map(|interval| interval.closes);
    ends.max().unwrap_or(0).saturating_sub(DAY_MINUTES)
}
