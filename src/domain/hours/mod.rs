//! Weekly hours with a time zone and dated exceptions (PRES-9, AVAIL-1).
//!
//! Owns what hours may be and when they are open; `local` knows zones and calendars, `check` what is wrong with
//! hours, `evaluate` the instants, `stored` the JSON. Must not read a clock: whoever asks says when. Calendar types
//! stay inside, so that a caller deals in [`Timestamp`](super::Timestamp) alone.

mod check;
mod evaluate;
mod local;
mod stored;

use super::Invalid;

pub use check::{EXCEPTIONS_MAX, HoursFault, INTERVALS_MAX};
pub use evaluate::Boundary;
pub use local::{LocalDate, LocalTime, Weekday, Zone};

const DAY_MINUTES: u16 = 24 * 60;
const WEEK_MINUTES: u16 = 7 * DAY_MINUTES;

/// A half-open stretch of a day by the clock on the wall: its start is in it, its end is not. It may
/// reach over midnight, and lasts at most 24 hours of that clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// In minutes of the day, up to 1439.
    opens: u16,
    /// In minutes from the midnight before `opens`, more than `opens`; beyond 1440 is the day after.
    closes: u16,
}

impl Interval {
    /// Makes an interval. A `closes` before `opens` is on the day after; 00:00 and 24:00 are the same
    /// end.
    ///
    /// # Errors
    /// At `/opens` when that is 24:00, at `/closes` when both are the same: that could mean nothing
    /// or a whole day, which is 00:00 to 24:00.
    pub fn new(opens: LocalTime, closes: LocalTime) -> Result<Self, HoursFault> {
        let (opens, closes) = (opens.minute(), closes.minute());
        if opens == DAY_MINUTES {
            let wanted = Invalid::BadFormat("a time from 00:00 to 23:59");
            return Err(HoursFault::new("/opens", wanted));
        }
        if opens == closes {
            let wanted =
                Invalid::BadFormat("another time than opens (a whole day is 00:00 to 24:00)");
            return Err(HoursFault::new("/closes", wanted));
        }
        let over_midnight = if closes < opens { DAY_MINUTES } else { 0 };
        Ok(Self {
            opens,
            closes: closes + over_midnight,
        })
    }

    /// Its start.
    #[must_use]
    pub fn opens(self) -> LocalTime {
        LocalTime::of_minute(self.opens)
    }

    /// Its end, which is on the day after when it is before the start; midnight is 24:00.
    #[must_use]
    pub fn closes(self) -> LocalTime {
        LocalTime::of_minute(self.closes)
    }
}

/// An interval of every week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeeklyInterval {
    /// The day on which it starts.
    pub day: Weekday,
    /// When.
    pub interval: Interval,
}

/// A day with intervals of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoursException {
    /// The day.
    pub date: LocalDate,
    /// What starts on that day instead of the weekly intervals; nothing starts when it is empty.
    pub intervals: Vec<Interval>,
}

/// When an office or an agent is on duty: half-open intervals of every week by the clock of a time
/// zone, and days with intervals of their own.
///
/// Intervals never overlap, and those that touch are one: there is no boundary between 18:00 to
/// 24:00 and 00:00 to 02:00 of the day after.
///
/// **Exceptions** replace the weekly intervals that *start* on their date. An interval of the day
/// before that reaches over midnight goes on to its end: whoever started a night shift before a
/// holiday finishes it. To end it at midnight the day before gets an exception too.
///
/// **When the clock changes**, a local time that does not exist is the first instant after the gap,
/// so an interval wholly within the gap is empty. Of a local time that there is twice, an opening is
/// at the first, and a closing is when its last minute ends for the last time, so no interval is cut
/// in the repeated hour. Where 02:00 to 03:00 comes twice, 01:00 to 02:30 is open for two hours and a
/// half, and 01:00 to 02:00 for one, since nothing of it comes twice.
///
/// Hours stand from 1970 to 9999; instants outside of these years are taken as their ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    zone: Zone,
    /// What starts on each day, Monday first, in order.
    weekly: [Vec<Interval>; 7],
    /// In the order of their dates.
    exceptions: Vec<HoursException>,
    week: Week,
}

/// What the weekly intervals come to; a week without a change of its own is passed over at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Week {
    Closed,
    Open,
    Mixed,
}

impl Hours {
    /// Makes hours from intervals in any order; they are kept in the order of time.
    ///
    /// # Errors
    /// Everything that is wrong: intervals that overlap, also across midnight, from Sunday to Monday
    /// and between an exception and the days around it; a date that is named twice; more than
    /// [`INTERVALS_MAX`] intervals that start on one day or [`EXCEPTIONS_MAX`] exceptions. Of two
    /// intervals that overlap, the one that starts later is named; between an exception and the
    /// weekly intervals, the exception's.
    pub fn new(
        zone: Zone,
        weekly: &[WeeklyInterval],
        exceptions: Vec<HoursException>,
    ) -> Result<Self, Vec<HoursFault>> {
        let mut faults = check::separately(weekly, &exceptions);
        let mut days: [Vec<Interval>; 7] = Default::default();
        for entry in weekly {
            days[entry.day.index()].push(entry.interval);
        }
        for day in &mut days {
            day.sort_by_key(|interval| interval.opens);
        }
        let mut numbered: Vec<_> = exceptions.into_iter().enumerate().collect();
        numbered.sort_by_key(|(_, exception)| exception.date);
        let places: Vec<usize> = numbered.iter().map(|(place, _)| *place).collect();
        let exceptions = numbered.into_iter().map(|(_, exception)| exception);
        let mut hours = Self {
            zone,
            week: Week::of(&days),
            weekly: days,
            exceptions: exceptions.collect(),
        };
        // Before the exceptions' own intervals are sorted, so that each is named by its sender's number.
        faults.extend(check::against_neighbours(&hours, &places, &faults));
        for exception in &mut hours.exceptions {
            exception.intervals.sort_by_key(|interval| interval.opens);
        }
        if faults.is_empty() {
            Ok(hours)
        } else {
            Err(faults)
        }
    }

    /// The zone of its clock.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// The weekly intervals, from Monday on.
    pub fn weekly(&self) -> impl Iterator<Item = WeeklyInterval> {
        let days = Weekday::ALL.into_iter().zip(&self.weekly);
        days.flat_map(|(day, intervals)| {
            let of_day = move |&interval| WeeklyInterval { day, interval };
            intervals.iter().map(of_day)
        })
    }

    /// The exceptions in the order of their dates.
    #[must_use]
    pub fn exceptions(&self) -> &[HoursException] {
        &self.exceptions
    }

    /// What starts on a day.
    fn starting_on(&self, date: LocalDate) -> &[Interval] {
        let excepted = self.excepted(date);
        excepted.unwrap_or_else(|| self.on_weekday(date))
    }

    /// What starts on a day of every week.
    fn on_weekday(&self, date: LocalDate) -> &[Interval] {
        &self.weekly[date.weekday().index()]
    }

    /// What starts on the day of an exception; `None` when the day is like every week's.
    fn excepted(&self, date: LocalDate) -> Option<&[Interval]> {
        let find = self.exceptions.binary_search_by_key(&date, |e| e.date);
        find.ok().map(|index| &*self.exceptions[index].intervals)
    }
}

impl Week {
    fn of(days: &[Vec<Interval>; 7]) -> Self {
        let lengths = days.iter().flatten().map(|i| i.closes - i.opens);
        // They do not overlap, so the sum tells; where they do, the hours are refused anyway.
        match lengths.map(u64::from).sum::<u64>() {
            0 => Self::Closed,
            open if open < u64::from(WEEK_MINUTES) => Self::Mixed,
            _ => Self::Open,
        }
    }
}

#[cfg(test)]
mod tests;
