//! Weekly hours.

use serde::Serialize;
use utoipa::ToSchema;

use super::Weekday;
use crate::domain::{self, LocalDate, LocalTime, Zone};

/// Intervals of every week by the clock of a time zone, and days with intervals of their own. They
/// must not overlap; those that touch are one. Each interval is half-open: its start is in it, its end
/// is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hours {
    /// A time zone of the IANA database.
    #[schema(value_type = String, example = "Europe/Prague")]
    pub time_zone: Zone,
    /// What starts on each day of the week, at most 10 intervals a day.
    pub weekly: Vec<WeeklyInterval>,
    /// Days with intervals of their own, at most 366; none when left out.
    #[schema(required = false, max_items = 366)]
    pub exceptions: Vec<HoursException>,
}

/// An interval of every week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WeeklyInterval {
    /// The day on which it starts.
    pub day: Weekday,
    /// Its start, `00:00` to `23:59`.
    #[schema(value_type = String, example = "08:00", pattern = r"^([01]\d|2[0-3]):[0-5]\d$")]
    pub opens: LocalTime,
    /// Its end, up to `24:00`; before the start it is on the day after.
    #[schema(
        value_type = String,
        example = "17:30",
        pattern = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"
    )]
    pub closes: LocalTime,
}

/// A day with intervals of its own, such as a holiday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HoursException {
    /// The day.
    #[schema(value_type = String, format = Date, example = "2026-12-24")]
    pub date: LocalDate,
    /// What starts on that day instead of the weekly intervals, at most 10; closed all day when empty or left out. An
    /// interval of the day before that reaches over midnight goes on to its end.
    #[schema(required = false, max_items = 10)]
    pub intervals: Vec<Interval>,
}

/// A part of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Interval {
    /// Its start, `00:00` to `23:59`.
    #[schema(value_type = String, example = "08:00", pattern = r"^([01]\d|2[0-3]):[0-5]\d$")]
    pub opens: LocalTime,
    /// Its end, up to `24:00`; before the start it is on the day after.
    #[schema(
        value_type = String,
        example = "12:00",
        pattern = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"
    )]
    pub closes: LocalTime,
}

impl From<&domain::Hours> for Hours {
    fn from(hours: &domain::Hours) -> Self {
        let weekly = |entry: domain::WeeklyInterval| WeeklyInterval {
            day: Weekday(entry.day.as_str()),
            opens: entry.interval.opens(),
            closes: entry.interval.closes(),
        };
        Self {
            time_zone: hours.zone(),
            weekly: hours.weekly().map(weekly).collect(),
            exceptions: hours.exceptions().iter().map(Into::into).collect(),
        }
    }
}

impl From<&domain::HoursException> for HoursException {
    fn from(exception: &domain::HoursException) -> Self {
        let interval = |interval: &domain::Interval| Interval {
            opens: interval.opens(),
            closes: interval.closes(),
        };
        Self {
            date: exception.date,
            intervals: exception.intervals.iter().map(interval).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::faults::read;

    fn example() -> Value {
        json!({
            "time_zone": "Europe/Prague",
            "weekly": [
                {"day": "monday", "opens": "08:00", "closes": "17:30"},
                {"day": "friday", "opens": "22:00", "closes": "06:00"},
                {"day": "sunday", "opens": "00:00", "closes": "24:00"},
            ],
            "exceptions": [
                {"date": "2026-12-24", "intervals": [{"opens": "08:00", "closes": "12:00"}]},
                {"date": "2026-12-25", "intervals": []},
            ],
        })
    }

    #[test]
    fn pres_09_hours_are_written_as_they_are_read_and_stored() {
        let hours: domain::Hours = read(example()).unwrap();

        let answer = serde_json::to_value(Hours::from(&hours)).unwrap();
        let stored = serde_json::to_value(&hours).unwrap();

        assert_eq!(answer, example());
        assert_eq!(stored, example());
        assert_eq!(read::<domain::Hours>(answer).unwrap(), hours);
        let restored: domain::Hours = serde_json::from_value(stored).unwrap();
        assert_eq!(restored, hours);
    }

    #[test]
    fn the_document_asks_for_the_zone_and_the_week_only() {
        let schema = serde_json::to_value(<Hours as utoipa::PartialSchema>::schema()).unwrap();

        assert_eq!(schema["required"], json!(["time_zone", "weekly"]));
        assert_eq!(schema["properties"]["time_zone"]["type"], "string");
    }
}
