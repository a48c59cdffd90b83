//! When hours are open: asked for an instant, answered from the intervals around it.
//!
//! Intervals do not overlap by the clock on the wall, and the instants of openings and of closings
//! both grow with that clock. So one walk over the intervals in their order meets the openings and the
//! closings in the order of time, and a stretch of several intervals ends where the next one opens
//! later than the last has closed.

use super::local::within_years;
use super::{DAY_MINUTES, Hours, Interval, LocalDate, Week};
use crate::domain::Timestamp;

const DAY: i64 = DAY_MINUTES as i64;

/// An end that never comes, in minutes; far beyond every date, and far enough from the ends of the
/// number to be added to.
const NEVER: i64 = i64::MAX / 4;

/// The days that the years of the wire touch in any zone, with one to spare.
const FIRST_DAY: i64 = -2;
const LAST_DAY: i64 = Timestamp::MAX.0 / 86_400_000 + 2;

/// An instant at which hours open or close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boundary {
    /// The first instant at which it is so.
    pub at: Timestamp,
    /// Whether it opens.
    pub opens: bool,
}

impl Hours {
    /// Says whether an instant is within hours.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        let at = within_years(at);
        let here = self.zone.local_minute(at);
        let today = here.div_euclid(DAY);
        // Intervals reach into the day after their own, and a clock is never set by more than a day.
        (today - 2..=today + 1).any(|day| {
            let intervals = self.starting_on(LocalDate::of_day(day)).iter();
            let mut stretches = intervals.map(|interval| Stretch::of(day, *interval));
            stretches.any(|stretch| {
                let around = stretch.opens <= here + DAY && here < stretch.closes + DAY;
                around && at < self.closing(stretch) && self.opening(stretch) <= at
            })
        })
    }

    /// Finds the first boundary after an instant: the next at which [`Self::is_open`] changes. `None`
    /// when it never does again.
    ///
    /// There is no horizon: the next opening may be the exception of a year to come. The work is
    /// bounded by the number of exceptions ahead, and an ordinary week takes the days around `after`.
    #[must_use]
    pub fn next_boundary(&self, after: Timestamp) -> Option<Boundary> {
        let after = within_years(after);
        let here = self.zone.local_minute(after);
        // The interval after which it closes, once the one that `after` is in has been met.
        let mut open: Option<Stretch> = None;
        for next in self.walk(Direction::Forward, here.div_euclid(DAY) - 2) {
            if let Some(last) = open {
                if next.opens > last.closes && self.opening(next) > self.closing(last) {
                    break;
                }
            } else {
                // A clock is never set by more than a day, so this one has ended; most of them are
                // passed over without a look into the zone's rules.
                if next.closes + DAY <= here || self.closing(next) <= after {
                    continue;
                }
                let opening = self.opening(next);
                if opening > after {
                    if opening < self.closing(next) {
                        return boundary(opening, true);
                    }
                    continue;
                }
            }
            open = Some(next);
        }
        let last = open?;
        boundary(self.closing(last), false)
    }

    /// Finds the last boundary up to an instant, that instant included: since when
    /// [`Self::is_open`] has been what it is. `None` when it has been so since 1970.
    #[must_use]
    pub fn last_boundary(&self, at: Timestamp) -> Option<Boundary> {
        let at = within_years(at);
        let here = self.zone.local_minute(at);
        let mut open: Option<Stretch> = None;
        for earlier in self.walk(Direction::Backward, here.div_euclid(DAY) + 2) {
            if let Some(first) = open {
                if earlier.closes < first.opens && self.closing(earlier) < self.opening(first) {
                    break;
                }
            } else {
                if earlier.opens > here + DAY || self.opening(earlier) > at {
                    continue;
                }
                let closing = self.closing(earlier);
                if closing <= at {
                    if self.opening(earlier) < closing {
                        return boundary(closing, false);
                    }
                    continue;
                }
            }
            open = Some(earlier);
        }
        let first = open?;
        boundary(self.opening(first), true)
    }

    fn opening(&self, stretch: Stretch) -> Timestamp {
        if stretch.opens <= -NEVER {
            return Timestamp(i64::MIN);
        }
        self.zone.earliest(stretch.opens)
    }

    fn closing(&self, stretch: Stretch) -> Timestamp {
        if stretch.closes >= NEVER {
            return Timestamp(i64::MAX);
        }
        self.zone.latest(stretch.closes)
    }

    fn walk(&self, direction: Direction, day: i64) -> Walk<'_> {
        Walk {
            hours: self,
            direction,
            day,
            taken: 0,
        }
    }
}

/// A boundary, unless it lies outside of the years of the wire, where nothing changes any more.
fn boundary(at: Timestamp, opens: bool) -> Option<Boundary> {
    (within_years(at) == at).then_some(Boundary { at, opens })
}

/// An interval with its day, or several that touch: minutes of the clock since its 1970-01-01.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    opens: i64,
    closes: i64,
}

impl Stretch {
    fn of(day: i64, interval: Interval) -> Self {
        Self {
            opens: day * DAY + i64::from(interval.opens),
            closes: day * DAY + i64::from(interval.closes),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Direction {
    Forward,
    Backward,
}

/// The intervals of one day after another, and of each day in the same direction. A week that is
/// closed throughout is passed over, one that is open throughout is one stretch, up to the next exception.
struct Walk<'a> {
    hours: &'a Hours,
    direction: Direction,
    day: i64,
    /// How many intervals of the day are done.
    taken: usize,
}

impl Iterator for Walk<'_> {
    type Item = Stretch;

    fn next(&mut self) -> Option<Stretch> {
        while (FIRST_DAY..=LAST_DAY).contains(&self.day) {
            let date = LocalDate::of_day(self.day);
            let excepted = self.hours.excepted(date);
            match (excepted, self.hours.week) {
                (None, Week::Closed) => {
                    self.leap();
                    continue;
                }
                (None, Week::Open) => return Some(self.open_weeks()),
                (None, Week::Mixed) | (Some(_), _) => {}
            }
            let intervals = excepted.unwrap_or_else(|| self.hours.on_weekday(date));
            let Some(others) = intervals.len().checked_sub(self.taken + 1) else {
                self.day = match self.direction {
                    Direction::Forward => self.day + 1,
                    Direction::Backward => self.day - 1,
                };
                self.taken = 0;
                continue;
            };
            let index = match self.direction {
                Direction::Forward => self.taken,
                Direction::Backward => others,
            };
            self.taken += 1;
            return Some(Stretch::of(self.day, intervals[index]));
        }
        None
    }
}

impl Walk<'_> {
    /// Goes to the next exception; without one the walk is over.
    fn leap(&mut self) -> Option<i64> {
        let exceptions = &self.hours.exceptions;
        let today = LocalDate::of_day(self.day);
        let index = match self.direction {
            Direction::Forward => Some(exceptions.partition_point(|e| e.date <= today)),
            Direction::Backward => exceptions
                .partition_point(|e| e.date < today)
                .checked_sub(1),
        };
        let exception = index.and_then(|index| exceptions.get(index));
        let day = exception.map(|exception| exception.date.day());
        self.taken = 0;
        self.day = day.unwrap_or(match self.direction {
            Direction::Forward => LAST_DAY + 1,
            Direction::Backward => FIRST_DAY - 1,
        });
        day
    }

    /// The stretch from this day of an open week up to the next exception.
    fn open_weeks(&mut self) -> Stretch {
        let from = self.day;
        let exception = self.leap();
        let (first, last) = match self.direction {
            Direction::Forward => (Some(from), exception.map(|day| day - 1)),
            Direction::Backward => (exception.map(|day| day + 1), Some(from)),
        };
        // On each day of an open week something starts, for no interval is longer than a day.
        let starting = |day: i64| self.hours.on_weekday(LocalDate::of_day(day));
        let opens = |day| starting(day).first().map_or(0, |i| i64::from(i.opens));
        let closes = |day| starting(day).last().map_or(DAY, |i| i64::from(i.closes));
        Stretch {
            opens: first.map_or(-NEVER, |day| day * DAY + opens(day)),
            closes: last.map_or(NEVER, |day| day * DAY + closes(day)),
        }
    }
}
