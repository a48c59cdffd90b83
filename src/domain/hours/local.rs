//! Zones, days and times by the clock on the wall, and which instants they are.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, MappedLocalTime, NaiveDate, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{GapInfo, Tz};

use super::DAY_MINUTES;
use crate::domain::{Invalid, Timestamp};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// A time zone of the IANA database, by whichever of its names it was given; UTC by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Zone(Tz);

impl Zone {
    /// Its name, such as `Europe/Prague`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0.name()
    }

    /// The day that its calendar shows.
    #[must_use]
    pub fn day_of(self, at: Timestamp) -> LocalDate {
        LocalDate(self.local_ms(at).div_euclid(DAY_MS))
    }

    /// What its calendar and its clock show, and how far that is from UTC: `2026-03-01 10:30:00 +01:00`.
    #[must_use]
    pub fn shows(self, at: Timestamp) -> String {
        let utc = DateTime::from_timestamp_millis(within_years(at).0).unwrap_or_default();
        let local = utc.with_timezone(&self.0);
        local.format("%Y-%m-%d %H:%M:%S %:z").to_string()
    }

    /// The first instant of a day: midnight, or what follows it where the clock skips midnight; the
    /// next day's where it skips the whole day.
    #[must_use]
    pub fn start_of_day(self, date: LocalDate) -> Timestamp {
        self.earliest(date.midnight())
    }

    /// The first start of a day after `after`.
    #[must_use]
    pub fn next_midnight(self, after: Timestamp) -> Timestamp {
        let tomorrow = self.day_of(after).after();
        let first = self.start_of_day(tomorrow);
        if first > after {
            return first;
        }
        // The clock went back over midnight and shows the day before once more.
        self.latest(tomorrow.midnight())
    }

    /// What the clock shows, as if it were UTC.
    fn local_ms(self, at: Timestamp) -> i64 {
        let at = within_years(at).0;
        let offset = DateTime::from_timestamp(at.div_euclid(1000), 0).map_or(0, |utc| {
            let offset = self.0.offset_from_utc_datetime(&utc.naive_utc());
            offset.fix().local_minus_utc()
        });
        at + i64::from(offset) * 1000
    }

    /// The minute that the clock shows, counted from its 1970-01-01 00:00.
    pub(super) fn local_minute(self, at: Timestamp) -> i64 {
        self.local_ms(at).div_euclid(MINUTE_MS)
    }

    /// The first instant at which the clock shows a minute; if it never does, the first instant
    /// after the gap.
    pub(super) fn earliest(self, local_minute: i64) -> Timestamp {
        self.instants(local_minute).0
    }

    /// The end of the last minute before this one: where the minute before comes twice, that of the second time. If it
    /// never comes, the first instant after the gap.
    pub(super) fn latest(self, local_minute: i64) -> Timestamp {
        let (first, last) = self.instants(local_minute - 1);
        let comes = self.local_minute(first) == local_minute - 1;
        if comes {
            Timestamp(last.0 + MINUTE_MS)
        } else {
            last
        }
    }

    fn instants(self, local_minute: i64) -> (Timestamp, Timestamp) {
        let local_s = local_minute.saturating_mul(60);
        let Some(local) = DateTime::from_timestamp(local_s, 0) else {
            // Beyond every calendar.
            let at = within_years(Timestamp(local_s.saturating_mul(1000)));
            return (at, at);
        };
        let local = local.naive_utc();
        let with = |offset: chrono_tz::TzOffset| {
            let offset = i64::from(offset.fix().local_minus_utc());
            Timestamp((local_s - offset) * 1000)
        };
        match self.0.offset_from_local_datetime(&local) {
            MappedLocalTime::Single(offset) => (with(offset), with(offset)),
            MappedLocalTime::Ambiguous(one, other) => {
                let (one, other) = (with(one), with(other));
                (one.min(other), one.max(other))
            }
            MappedLocalTime::None => {
                let end = self.gap_end(&local).unwrap_or(Timestamp(local_s * 1000));
                (end, end)
            }
        }
    }

    fn gap_end(self, local: &NaiveDateTime) -> Option<Timestamp> {
        let end = GapInfo::new(local, &self.0)?.end?;
        Some(Timestamp(end.timestamp_millis()))
    }
}

/// Instants outside of the years of the wire are taken as their ends.
pub(super) fn within_years(at: Timestamp) -> Timestamp {
    at.clamp(Timestamp(0), Timestamp::MAX)
}

impl FromStr for Zone {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let zone = text.parse();
        zone.map(Self)
            .map_err(|_| Invalid::BadFormat("an IANA time zone such as Europe/Prague"))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialOrd for Zone {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Zone {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

/// A day of the calendar, from 1970 to 9999. On the wire `2026-12-24`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDate(
    /// Days since 1970-01-01.
    i64,
);

impl LocalDate {
    pub(super) fn of_day(day: i64) -> Self {
        Self(day)
    }

    /// Days since 1970-01-01.
    pub(super) fn day(self) -> i64 {
        self.0
    }

    /// The day before.
    #[must_use]
    pub fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// The day after.
    #[must_use]
    pub fn after(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Its day of the week.
    #[must_use]
    pub fn weekday(self) -> Weekday {
        // 1970-01-01 was a Thursday.
        let index = usize::try_from((self.0 + 3).rem_euclid(7)).unwrap_or(0);
        Weekday::ALL[index]
    }

    /// Its first minute.
    fn midnight(self) -> i64 {
        self.0.saturating_mul(i64::from(DAY_MINUTES))
    }
}

impl FromStr for LocalDate {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let date = digits(text, b"####-##-##").and_then(|_| text.parse::<NaiveDate>().ok());
        date.filter(|date| date.year() >= 1970)
            .map(|date| Self(date.signed_duration_since(NaiveDate::default()).num_days()))
            .ok_or(Invalid::BadFormat(
                "a date such as 2026-12-24, from 1970 to 9999",
            ))
    }
}

impl fmt::Display for LocalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = DateTime::from_timestamp(self.0.saturating_mul(86_400), 0).unwrap_or_default();
        write!(f, "{:04}-{:02}-{:02}", at.year(), at.month(), at.day())
    }
}

impl fmt::Debug for LocalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A minute of a day by the clock on the wall, `00:00` to `23:59`, or `24:00` for its end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(u16);

impl LocalTime {
    /// Minutes since midnight, up to 1440.
    pub(super) fn minute(self) -> u16 {
        self.0
    }

    /// The time of a minute; beyond 1440 it is one of the day after.
    pub(super) fn of_minute(minute: u16) -> Self {
        Self(if minute > DAY_MINUTES {
            minute % DAY_MINUTES
        } else {
            minute
        })
    }
}

impl FromStr for LocalTime {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        digits(text, b"##:##")
            .map(|number| (number / 100, number % 100))
            .filter(|(hour, minute)| *hour < 24 && *minute < 60 || (*hour, *minute) == (24, 0))
            .map(|(hour, minute)| Self(hour * 60 + minute))
            .ok_or(Invalid::BadFormat("a time such as 08:30, up to 24:00"))
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Debug for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads the digits of a text of exactly this form, `#` for each of them, as one number; a number
/// that is too large wraps around, for whoever asks only about the form.
fn digits(text: &str, form: &[u8]) -> Option<u16> {
    if text.len() != form.len() {
        return None;
    }
    let mut number = 0_u16;
    for (byte, expected) in text.bytes().zip(form) {
        match expected {
            b'#' if byte.is_ascii_digit() => {
                number = number.wrapping_mul(10).wrapping_add((byte - b'0').into());
            }
            b'#' => return None,
            other if byte != *other => return None,
            _ => {}
        }
    }
    Some(number)
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weekday {
    /// The first.
    Monday,
    /// The second.
    Tuesday,
    /// The third.
    Wednesday,
    /// The fourth.
    Thursday,
    /// The fifth.
    Friday,
    /// The sixth.
    Saturday,
    /// The last.
    Sunday,
}

impl Weekday {
    /// All of them, in order.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }

    /// Its place in [`Self::ALL`].
    pub(super) fn index(self) -> usize {
        usize::from(self.number())
    }

    pub(super) fn number(self) -> u8 {
        match self {
            Self::Monday => 0,
            Self::Tuesday => 1,
            Self::Wednesday => 2,
            Self::Thursday => 3,
            Self::Friday => 4,
            Self::Saturday => 5,
            Self::Sunday => 6,
        }
    }
}

impl FromStr for Weekday {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let mut all = Self::ALL.into_iter();
        all.find(|day| day.as_str() == text)
            .ok_or(Invalid::UnknownValue(
                "monday, tuesday, wednesday, thursday, friday, saturday, sunday",
            ))
    }
}

impl fmt::Display for Weekday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
