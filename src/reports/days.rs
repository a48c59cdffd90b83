//! Sums by the days of a calendar.

use std::collections::BTreeMap;

use super::rounding::{Seconds, apportion};
use super::timeline::{Span, Window};
use crate::domain::{LocalDate, Millis, Zone};

/// What the parts of one day add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaySums<K> {
    /// The day.
    pub date: LocalDate,
    /// The part of it that was asked for: all of it, but at both ends.
    pub window: Window,
    /// How long each part lasted. One that did not last is not there.
    pub seconds: BTreeMap<K, Seconds>,
}

/// Cuts a window at the midnights of a zone. A day is from its first instant to the first one of the next, so it has 23
/// or 25 hours when the clock changes.
#[must_use]
pub fn days(window: Window, zone: Zone) -> Vec<(LocalDate, Window)> {
    let mut days = Vec::new();
    let mut from = window.from;
    while from < window.to {
        let to = zone.next_midnight(from).min(window.to);
        days.push((zone.day_of(from), Window { from, to }));
        from = to;
    }
    days
}

/// Adds up a time line by day. `put` takes a stretch of an interval, which never reaches over midnight, apart into what
/// is counted; what it counts must last as long as the stretch.
///
/// The seconds are apportioned twice: those of the whole time line to the days, those of each day to its parts. So a
/// day's parts add up to the day and the days to the whole, and every figure that is a sum of parts adds up both ways.
#[must_use]
pub fn per_day<T, K: Ord + Clone>(
    spans: &[Span<T>],
    zone: Zone,
    mut put: impl FnMut(Window, &T, &mut dyn FnMut(K, Millis)),
) -> Vec<DaySums<K>> {
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else {
        return Vec::new();
    };
    let whole = Window {
        from: first.window.from,
        to: last.window.to,
    };
    let days = days(whole, zone);
    let lengths = days
        .iter()
        .enumerate()
        .map(|(number, (_, window))| (number, window.length()))
        .collect();
    let seconds = apportion(&lengths, whole.length().as_secs());
    days.into_iter()
        .zip(seconds.into_values())
        .map(|((date, window), total_s)| {
            let mut parts: BTreeMap<K, Millis> = BTreeMap::new();
            let begins = spans.partition_point(|span| span.window.to <= window.from);
            for span in &spans[begins..] {
                let Some(stretch) = span.window.overlap(window) else {
                    break;
                };
                put(stretch, &span.state, &mut |key, length| {
                    if length > Millis::ZERO {
                        parts.entry(key).or_default().0 += length.0;
                    }
                });
            }
            let mut seconds = apportion(&parts, total_s);
            let lasted = |(key, exact)| {
                let whole = seconds.remove(&key).unwrap_or_default();
                (key, Seconds { whole, exact })
            };
            DaySums {
                date,
                window,
                seconds: parts.into_iter().map(lasted).collect(),
            }
        })
        .collect()
}

/// What all days together add up to.
#[must_use]
pub fn whole<'d, K: Ord + Clone + 'd>(
    days: impl IntoIterator<Item = &'d DaySums<K>>,
) -> BTreeMap<K, Seconds> {
    let mut whole: BTreeMap<K, Seconds> = BTreeMap::new();
    for (key, seconds) in days.into_iter().flat_map(|day| &day.seconds) {
        *whole.entry(key.clone()).or_default() += *seconds;
    }
    whole
}
