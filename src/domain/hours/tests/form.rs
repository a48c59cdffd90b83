//! What hours may be, and what is wrong with those that are refused.

use serde_json::{Value, json};

use super::super::*;
use super::{exceptions, weekly};

fn faults(week: &[&str], days: &[&str]) -> Vec<(String, Invalid)> {
    let made = Hours::new(Zone::default(), &weekly(week), exceptions(days));
    let found = made.err().unwrap_or_default().into_iter();
    found.map(|fault| (fault.path, fault.invalid)).collect()
}

fn overlaps(week: &[&str], days: &[&str]) -> Vec<String> {
    let named = |(path, invalid)| {
        assert_eq!(invalid, Invalid::Overlap);
        path
    };
    faults(week, days).into_iter().map(named).collect()
}

#[test]
fn pres_09_intervals_must_not_overlap() {
    // Those that touch do not.
    assert_eq!(
        overlaps(
            &[
                "monday 08:00-12:00",
                "monday 12:00-22:00",
                "monday 22:00-06:00",
                "tuesday 06:00-24:00",
                "wednesday 00:00-24:00",
                "sunday 22:00-08:00",
            ],
            &[]
        ),
        [""; 0]
    );
    assert_eq!(
        overlaps(&["monday 11:59-13:00", "monday 08:00-12:00"], &[]),
        ["/weekly/0"]
    );
    assert_eq!(
        overlaps(&["monday 22:00-06:00", "tuesday 05:59-07:00"], &[]),
        ["/weekly/1"]
    );
    // Sunday's night reaches into Monday, and one that lasts covers several.
    assert_eq!(
        overlaps(
            &[
                "monday 01:00-02:00",
                "monday 05:00-06:00",
                "monday 08:00-09:00",
                "sunday 22:00-06:00"
            ],
            &[]
        ),
        ["/weekly/0", "/weekly/1"]
    );
    assert_eq!(
        overlaps(&["monday 08:00-12:00", "monday 08:00-12:00"], &[]),
        ["/weekly/1"]
    );
}

#[test]
fn pres_09_exceptions_must_not_overlap_their_neighbours() {
    // 2026-12-24 is a Thursday.
    let nights = ["wednesday 22:00-06:00", "friday 05:00-07:00"];
    assert_eq!(
        overlaps(
            &nights,
            &["2026-12-24 06:00-08:00 22:00-05:00", "2026-12-31"]
        ),
        [""; 0]
    );
    assert_eq!(
        overlaps(&nights, &["2026-12-24 22:00-05:01 05:59-08:00"]),
        ["/exceptions/0/intervals/0", "/exceptions/0/intervals/1"]
    );
    // The exception of the day before has no night.
    assert_eq!(
        overlaps(&nights, &["2026-12-24 00:00-08:00", "2026-12-23"]),
        [""; 0]
    );
    // Of two exceptions that meet, the later one.
    assert_eq!(
        overlaps(
            &nights,
            &[
                "2026-12-25 01:00-03:00",
                "2026-12-24 08:00-10:00 09:00-02:00"
            ]
        ),
        ["/exceptions/1/intervals/1", "/exceptions/0/intervals/0"]
    );
}

#[test]
fn pres_09_hours_have_bounds() {
    let eleven: Vec<String> = (0..11).map(|n| format!("{n:02}:00-{n:02}:30")).collect();
    let week: Vec<String> = eleven
        .iter()
        .map(|times| format!("monday {times}"))
        .collect();
    let week: Vec<&str> = week.iter().map(|text| &**text).collect();
    let day = format!("2026-12-24 {}", eleven.join(" "));
    let few = Invalid::TooLong {
        max: 10,
        unit: "intervals a day",
    };
    assert_eq!(
        faults(&week, &[&day, "2026-12-24"]),
        [
            ("/weekly/10".to_owned(), few),
            ("/exceptions/0/intervals".to_owned(), few),
            ("/exceptions/1/date".to_owned(), Invalid::Duplicate),
        ]
    );
    assert_eq!(faults(&week[..10], &[]), []);

    let days: Vec<String> = (20_000..20_367)
        .map(|day| LocalDate::of_day(day).to_string())
        .collect();
    let days: Vec<&str> = days.iter().map(|day| &**day).collect();
    let entries = Invalid::TooLong {
        max: 366,
        unit: "entries",
    };
    assert_eq!(faults(&[], &days), [("/exceptions".to_owned(), entries)]);
    assert_eq!(faults(&[], &days[..366]), []);
}

#[test]
fn pres_09_an_interval_is_neither_empty_nor_longer_than_a_day() {
    let make = |opens: &str, closes: &str| {
        let made = Interval::new(opens.parse().unwrap(), closes.parse().unwrap());
        made.map(|made| format!("{}-{}", made.opens(), made.closes()))
            .map_err(|fault| fault.path)
    };

    assert_eq!(make("22:00", "06:00").unwrap(), "22:00-06:00");
    assert_eq!(make("00:00", "24:00").unwrap(), "00:00-24:00");
    assert_eq!(make("22:00", "00:00").unwrap(), "22:00-24:00");
    assert_eq!(make("08:00", "07:59").unwrap(), "08:00-07:59");
    assert_eq!(make("08:00", "08:00").unwrap_err(), "/closes");
    assert_eq!(make("00:00", "00:00").unwrap_err(), "/closes");
    assert_eq!(make("24:00", "08:00").unwrap_err(), "/opens");
}

#[test]
fn texts_of_hours_have_one_form() {
    for good in ["00:00", "08:30", "23:59", "24:00"] {
        assert_eq!(good.parse::<LocalTime>().unwrap().to_string(), good);
    }
    for bad in [
        "", "8:30", "24:01", "08:60", "08.30", "##:##", "08:3", "+8:30", "08:30 ", "٠8:3",
    ] {
        assert!(bad.parse::<LocalTime>().is_err(), "{bad}");
    }
    for good in ["1970-01-01", "2024-02-29", "9999-12-31"] {
        assert_eq!(good.parse::<LocalDate>().unwrap().to_string(), good);
    }
    for bad in [
        "",
        "2026-02-29",
        "1969-12-31",
        "2026-1-05",
        "+026-01-05",
        "2026-13-01",
        "26-01-0005",
    ] {
        assert!(bad.parse::<LocalDate>().is_err(), "{bad}");
    }
    for good in ["UTC", "Europe/Prague", "US/Eastern", "Etc/GMT+3"] {
        assert_eq!(good.parse::<Zone>().unwrap().as_str(), good);
    }
    for bad in ["", "europe/prague", "Europe/Nowhere", "+01:00", "CEST"] {
        assert!(bad.parse::<Zone>().is_err(), "{bad}");
    }
    assert_eq!(Zone::default().as_str(), "UTC");
    assert_eq!(
        "2026-12-24".parse::<LocalDate>().unwrap().weekday(),
        Weekday::Thursday
    );
}

#[test]
fn stored_hours_that_are_none_are_refused() {
    let read = |value: Value| serde_json::from_value::<Hours>(value).map_err(|e| e.to_string());
    let with = |closes: &str| {
        let entry = json!({"day": "monday", "opens": "08:00", "closes": closes});
        json!({"time_zone": "UTC", "weekly": [entry, entry], "exceptions": []})
    };

    assert_eq!(
        read(with("09:00")).unwrap_err(),
        "/weekly/1 overlaps another interval"
    );
    let same = read(with("08:00")).unwrap_err();
    assert!(same.starts_with("/closes must be another time"), "{same}");
    assert!(read(json!({"time_zone": "UTC"})).is_err());
}
