//! Times as they stand on the wire.

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::domain::Timestamp;

/// RFC 3339 in UTC with milliseconds, as in `2026-03-01T09:30:00.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-03-01T09:30:00.000Z")]
pub struct Time(pub Timestamp);

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc3339(self.0))
    }
}

/// Writes an instant. It stands in every frame, so it is computed straight from the day's number, without a
/// calendar type and a format string in between.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    const DAY_MS: i64 = 86_400_000;
    // The wire has four digits for a year; nothing in the service is before 1970.
    let ms = at.0.clamp(0, Timestamp::MAX.0);
    let (year, month, day) = civil(ms / DAY_MS);
    let in_day = ms % DAY_MS;
    let (hour, minute) = (in_day / 3_600_000, in_day / 60_000 % 60);
    let (second, milli) = (in_day / 1000 % 60, in_day % 1000);
    let mut text = String::with_capacity(24);
    push(&mut text, year, 4);
    for (before, number) in [
        ('-', month),
        ('-', day),
        ('T', hour),
        (':', minute),
        (':', second),
    ] {
        text.push(before);
        push(&mut text, number, 2);
    }
    text.push('.');
    push(&mut text, milli, 3);
    text.push('Z');
    text
}

fn push(text: &mut String, number: i64, digits: u32) {
    for place in (0..digits).rev() {
        let digit = number / 10_i64.pow(place) % 10;
        text.push(char::from(b'0' + u8::try_from(digit).unwrap_or(0)));
    }
}

/// Year, month and day of a day counted from 1970-01-01, by shifting the year to begin in March, so that the
/// leap day is the last of its year (Hinnant's `civil_from_days`, for days that are not negative).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_calendar_has_them() {
        let mut at = 0;
        // A step that is no divisor of a day meets every hour and many leap days until the year 9999.
        while at <= Timestamp::MAX.0 {
            let expected = chrono::DateTime::from_timestamp_millis(at)
                .unwrap()
                .to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            assert_eq!(rfc3339(Timestamp(at)), expected);
            at += 86_399_999 * 7 + 12_345;
        }
        assert_eq!(rfc3339(Timestamp::MAX), "9999-12-31T23:59:59.999Z");
        assert_eq!(
            rfc3339(Timestamp(1_709_164_800_000)),
            "2024-02-29T00:00:00.000Z"
        );
    }

    #[test]
    fn what_lies_outside_of_the_wires_years_is_held_at_their_ends() {
        assert_eq!(rfc3339(Timestamp(-1)), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(Timestamp(i64::MAX)), "9999-12-31T23:59:59.999Z");
    }
}
