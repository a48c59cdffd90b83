//! Hours as they are stored: the JSON of requests and answers.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    Hours, HoursException, HoursFault, Interval, LocalDate, LocalTime, Weekday, WeeklyInterval,
    Zone,
};

/// Writes types as their text and reads them from it.
macro_rules! as_text {
    ($($type:ty),+ $(,)?) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    )+};
}

as_text!(Zone, LocalDate, LocalTime, Weekday);

#[derive(Serialize, Deserialize)]
struct Stored {
    time_zone: Zone,
    weekly: Vec<StoredWeekly>,
    exceptions: Vec<StoredException>,
}

#[derive(Serialize, Deserialize)]
struct StoredWeekly {
    day: Weekday,
    opens: LocalTime,
    closes: LocalTime,
}

#[derive(Serialize, Deserialize)]
struct StoredException {
    date: LocalDate,
    intervals: Vec<StoredInterval>,
}

#[derive(Serialize, Deserialize)]
struct StoredInterval {
    opens: LocalTime,
    closes: LocalTime,
}

impl Serialize for Hours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let weekly = |entry: WeeklyInterval| StoredWeekly {
            day: entry.day,
            opens: entry.interval.opens(),
            closes: entry.interval.closes(),
        };
        let interval = |interval: &Interval| StoredInterval {
            opens: interval.opens(),
            closes: interval.closes(),
        };
        let exception = |exception: &HoursException| StoredException {
            date: exception.date,
            intervals: exception.intervals.iter().map(interval).collect(),
        };
        let stored = Stored {
            time_zone: self.zone(),
            weekly: self.weekly().map(weekly).collect(),
            exceptions: self.exceptions().iter().map(exception).collect(),
        };
        stored.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        stored.into_hours().map_err(|faults| {
            let told = faults.iter();
            let told = told.map(|fault| format!("{} {}", fault.path, fault.invalid));
            D::Error::custom(told.collect::<Vec<_>>().join("; "))
        })
    }
}

impl Stored {
    fn into_hours(self) -> Result<Hours, Vec<HoursFault>> {
        let one = |fault| vec![fault];
        let weekly: Result<Vec<WeeklyInterval>, HoursFault> = self
            .weekly
            .into_iter()
            .map(|entry| {
                let interval = Interval::new(entry.opens, entry.closes)?;
                Ok(WeeklyInterval {
                    day: entry.day,
                    interval,
                })
            })
            .collect();
        let exceptions: Result<Vec<HoursException>, HoursFault> = self
            .exceptions
            .into_iter()
            .map(|exception| {
                let intervals = exception.intervals.into_iter();
                let intervals = intervals.map(|entry| Interval::new(entry.opens, entry.closes));
                Ok(HoursException {
                    date: exception.date,
                    intervals: intervals.collect::<Result<_, HoursFault>>()?,
                })
            })
            .collect();
        Hours::new(
            self.time_zone,
            &weekly.map_err(one)?,
            exceptions.map_err(one)?,
        )
    }
}
