//! How hours are read.
//!
//! Owns the body of hours (PRES-9). Must not check anything that their own constructors do not check. Fields that
//! cannot be read are named first, all of them; then, when every interval is one, what is wrong among them.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};

use super::{Faults, pointer};
use crate::domain::{
    Hours, HoursException, HoursFault, Interval, LocalDate, LocalTime, Weekday, WeeklyInterval,
    Zone,
};

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct HoursBody {
    time_zone: Zone,
    weekly: Vec<WeeklyInterval>,
    #[deserr(default)]
    exceptions: Vec<HoursException>,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct WeeklyBody {
    day: Weekday,
    opens: LocalTime,
    closes: LocalTime,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct ExceptionBody {
    date: LocalDate,
    #[deserr(default)]
    intervals: Vec<Interval>,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct IntervalBody {
    opens: LocalTime,
    closes: LocalTime,
}

/// Gives faults of a part the pointer of the whole.
fn at(location: ValuePointerRef<'_>, found: impl IntoIterator<Item = HoursFault>) -> Faults {
    let mut faults = Faults::default();
    for fault in found {
        let here = format!("{}{}", pointer(location), fault.path);
        faults.extend(Faults::invalid(here, fault.invalid));
    }
    faults
}

impl Deserr<Faults> for Hours {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let body = HoursBody::deserialize_from_value(value, location)?;
        Self::new(body.time_zone, &body.weekly, body.exceptions)
            .map_err(|faults| at(location, faults))
    }
}

impl Deserr<Faults> for WeeklyInterval {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let body = WeeklyBody::deserialize_from_value(value, location)?;
        let interval =
            Interval::new(body.opens, body.closes).map_err(|fault| at(location, [fault]))?;
        Ok(Self {
            day: body.day,
            interval,
        })
    }
}

impl Deserr<Faults> for HoursException {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let body = ExceptionBody::deserialize_from_value(value, location)?;
        Ok(Self {
            date: body.date,
            intervals: body.intervals,
        })
    }
}

impl Deserr<Faults> for Interval {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let body = IntervalBody::deserialize_from_value(value, location)?;
        Self::new(body.opens, body.closes).map_err(|fault| at(location, [fault]))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::faults::read;

    fn faults(value: Value) -> Vec<(String, &'static str)> {
        let found = read::<Hours>(value).unwrap_err().0.into_iter();
        let mut found: Vec<_> = found.map(|f| (f.pointer, f.code.as_str())).collect();
        found.sort();
        found
    }

    fn named(list: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        let named = list.iter().map(|(path, code)| ((*path).to_owned(), *code));
        named.collect()
    }

    #[test]
    fn pres_09_every_bad_field_of_hours_is_named_at_once() {
        let found = faults(json!({
            "time_zone": "Europe/Nowhere",
            "weekly": [
                {"day": "monday", "opens": "08:00", "closes": "17:30"},
                {"day": "mon", "opens": "8:00", "closes": 17},
                {"day": "friday", "opens": "24:00", "closes": "06:00"},
                {"day": "friday", "opens": "09:00", "closes": "09:00"},
                {"opens": "09:00", "until": "10:00"},
            ],
            "exceptions": [
                {"date": "2026-02-30", "intervals": [{"opens": "x", "closes": "12:00"}]},
                {"date": "2026-12-25", "intervals": {}},
            ],
            "holidays": [],
        }));

        let expected = [
            ("/exceptions/0/date", "bad_format"),
            ("/exceptions/0/intervals/0/opens", "bad_format"),
            ("/exceptions/1/intervals", "wrong_type"),
            ("/holidays", "unknown_field"),
            ("/time_zone", "bad_format"),
            ("/weekly/1/closes", "wrong_type"),
            ("/weekly/1/day", "unknown_value"),
            ("/weekly/1/opens", "bad_format"),
            ("/weekly/2/opens", "bad_format"),
            ("/weekly/3/closes", "bad_format"),
            ("/weekly/4/closes", "required"),
            ("/weekly/4/day", "required"),
            ("/weekly/4/until", "unknown_field"),
        ];
        assert_eq!(found, named(&expected));
    }

    #[test]
    fn pres_09_intervals_that_overlap_are_named_by_their_place() {
        #[derive(Debug, Deserr)]
        #[deserr(error = Faults, deny_unknown_fields)]
        struct Office {
            #[deserr(rename = "hours")]
            _hours: Hours,
        }
        let hours = json!({
            "time_zone": "UTC",
            "weekly": [
                {"day": "monday", "opens": "05:00", "closes": "06:00"},
                {"day": "sunday", "opens": "22:00", "closes": "06:00"},
            ],
            "exceptions": [
                {"date": "2026-12-24"},
                {"date": "2026-12-24"},
                {"date": "2026-12-28", "intervals": [{"opens": "00:00", "closes": "12:00"}]},
            ],
        });

        let found = read::<Office>(json!({ "hours": hours })).unwrap_err().0;

        let found: Vec<_> = found
            .iter()
            .map(|f| (&*f.pointer, f.code.as_str()))
            .collect();
        let expected = [
            ("/hours/weekly/0", "overlap"),
            ("/hours/exceptions/1/date", "duplicate"),
            ("/hours/exceptions/2/intervals/0", "overlap"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn pres_09_what_may_be_left_out_of_hours_is_none() {
        let hours: Hours = read(json!({"time_zone": "UTC", "weekly": []})).unwrap();
        assert!(hours.exceptions().is_empty());

        let day = json!({"time_zone": "UTC", "weekly": [], "exceptions": [{"date": "2026-12-25"}]});
        let hours: Hours = read(day).unwrap();
        assert!(hours.exceptions()[0].intervals.is_empty());
        let expected = [("/time_zone", "required"), ("/weekly", "required")];
        assert_eq!(faults(json!({})), named(&expected));
    }
}
