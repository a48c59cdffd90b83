//! What an office showed, and what that adds up to.

use std::collections::BTreeMap;

use super::days::{DaySums, per_day, whole};
use super::rounding::Seconds;
use super::timeline::{Span, Window};
use crate::domain::{Mode, ShownReason, Zone};
use crate::engine::AvailabilityChange;

/// What an office showed through an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Showed {
    /// The mode.
    pub mode: Mode,
    /// Why.
    pub reason: ShownReason,
}

impl From<&AvailabilityChange> for Showed {
    fn from(change: &AvailabilityChange) -> Self {
        Self {
            mode: change.shown.mode,
            reason: change.shown.reason,
        }
    }
}

/// What is told apart of an office's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OfficeCell {
    mode: Mode,
    reason: ShownReason,
}

/// What an office's time adds up to, in whole seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfficeTotals {
    /// All of it: the three modes together.
    pub total: i64,
    /// Live.
    pub live: i64,
    /// A messenger.
    pub messenger: i64,
    /// Hidden.
    pub hidden: i64,
    /// Whatever it showed, by the reasons for it.
    pub reasons: BTreeMap<ShownReason, i64>,
    /// How often it became something else, or the same for another reason.
    pub changes: usize,
}

impl OfficeTotals {
    /// What a time line adds up to by the days of a calendar.
    #[must_use]
    pub fn per_day(spans: &[Span<Showed>], zone: Zone) -> Vec<(DaySums<OfficeCell>, Self)> {
        let days = per_day(spans, zone, |stretch, showed, count| {
            let cell = OfficeCell {
                mode: showed.mode,
                reason: showed.reason,
            };
            count(cell, stretch.length());
        });
        days.into_iter()
            .map(|day| {
                let totals = Self::of(&day.seconds, changes(spans, day.window));
                (day, totals)
            })
            .collect()
    }

    /// What all days together add up to.
    #[must_use]
    pub fn whole(days: &[(DaySums<OfficeCell>, Self)]) -> Self {
        let cells = whole(days.iter().map(|(day, _)| day));
        Self::of(&cells, days.iter().map(|(_, totals)| totals.changes).sum())
    }

    fn of(cells: &BTreeMap<OfficeCell, Seconds>, changes: usize) -> Self {
        let mut totals = Self {
            changes,
            ..Self::default()
        };
        for (cell, seconds) in cells {
            let seconds = seconds.whole;
            totals.total += seconds;
            *match cell.mode {
                Mode::Live => &mut totals.live,
                Mode::Messenger => &mut totals.messenger,
                Mode::Hidden => &mut totals.hidden,
            } += seconds;
            *totals.reasons.entry(cell.reason).or_default() += seconds;
        }
        totals
    }
}

/// How many intervals but the first begin within a window: each of them is a change.
fn changes(spans: &[Span<Showed>], window: Window) -> usize {
    let begin =
        |span: &&Span<Showed>| window.from <= span.window.from && span.window.from < window.to;
    spans.iter().skip(1).filter(begin).count()
}
