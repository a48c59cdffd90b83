//! When hours open and close, also where the clock changes; `form` has what they may be.

mod form;

use super::*;
use crate::domain::Timestamp;

fn at(text: &str) -> Timestamp {
    let at = chrono::DateTime::parse_from_rfc3339(text).unwrap();
    Timestamp(at.timestamp_millis())
}

fn interval(text: &str) -> Interval {
    let (opens, closes) = text.split_once('-').unwrap();
    Interval::new(opens.parse().unwrap(), closes.parse().unwrap()).unwrap()
}

/// Reads `monday 08:00-12:00`.
fn weekly(texts: &[&str]) -> Vec<WeeklyInterval> {
    let read = |text: &&str| {
        let (day, times) = text.split_once(' ').unwrap();
        WeeklyInterval {
            day: day.parse().unwrap(),
            interval: interval(times),
        }
    };
    texts.iter().map(read).collect()
}

/// Reads `2026-12-24 08:00-12:00 13:00-14:00`.
fn exceptions(texts: &[&str]) -> Vec<HoursException> {
    let read = |text: &&str| {
        let mut words = text.split(' ');
        HoursException {
            date: words.next().unwrap().parse().unwrap(),
            intervals: words.map(interval).collect(),
        }
    };
    texts.iter().map(read).collect()
}

fn hours(zone: &str, week: &[&str], days: &[&str]) -> Hours {
    Hours::new(zone.parse().unwrap(), &weekly(week), exceptions(days)).unwrap()
}

/// Checks that these, and no others, are the boundaries from a moment before the first to one
/// before `until`. The first opens.
#[track_caller]
fn changes(hours: &Hours, boundaries: &[&str], until: &str) {
    let mut here = Timestamp(at(boundaries[0]).0 - 1);
    let mut previous = hours.last_boundary(here);
    let mut opens = true;
    for text in boundaries {
        let next = hours.next_boundary(here);
        assert_eq!(
            next,
            Some(Boundary {
                at: at(text),
                opens
            }),
            "{text}"
        );
        assert_eq!(hours.is_open(here), !opens, "before {text}");
        assert_eq!(hours.last_boundary(here), previous, "before {text}");
        here = at(text);
        assert_eq!(hours.is_open(here), opens, "{text}");
        assert_eq!(hours.last_boundary(here), next, "{text}");
        previous = next;
        opens = !opens;
    }
    let next = hours.next_boundary(here);
    assert!(next.is_none_or(|next| next.at >= at(until)), "{next:?}");
}

const WORKDAYS: [&str; 5] = [
    "monday 08:00-17:30",
    "tuesday 08:00-17:30",
    "wednesday 08:00-17:30",
    "thursday 08:00-17:30",
    "friday 08:00-17:30",
];

#[test]
fn pres_09_a_week_opens_and_closes_by_the_clock_of_its_zone() {
    changes(
        &hours("Europe/Prague", &WORKDAYS, &[]),
        &[
            "2026-01-08T07:00:00Z",
            "2026-01-08T16:30:00Z",
            "2026-01-09T07:00:00Z",
            "2026-01-09T16:30:00Z",
            "2026-01-12T07:00:00Z",
        ],
        "2026-01-12T16:30:00Z",
    );
    let on_monday = "2026-07-06T08:00:00+02:00";
    changes(
        &hours("Europe/Prague", &WORKDAYS, &[]),
        &[on_monday],
        "2026-07-06T15:30:00Z",
    );
}

#[test]
fn pres_09_intervals_that_touch_are_one() {
    let week = [
        "saturday 18:00-24:00",
        "sunday 00:00-02:00",
        "sunday 22:00-03:00",
        "monday 03:00-04:00",
    ];
    changes(
        &hours("Europe/Prague", &week, &[]),
        &[
            "2026-01-10T17:00:00Z",
            "2026-01-11T01:00:00Z",
            "2026-01-11T21:00:00Z",
            "2026-01-12T03:00:00Z",
        ],
        "2026-01-17T17:00:00Z",
    );
}

#[test]
fn pres_09_an_exception_replaces_what_starts_on_its_day() {
    let week = ["wednesday 22:00-06:00", "thursday 08:00-17:30"];
    let days = ["2026-12-24 10:00-12:00", "2026-12-30"];
    changes(
        &hours("Europe/Prague", &week, &days),
        &[
            // The night before the exception goes on to its end.
            "2026-12-23T21:00:00Z",
            "2026-12-24T05:00:00Z",
            "2026-12-24T09:00:00Z",
            "2026-12-24T11:00:00Z",
            // The night that would start on the day of the other one does not, the day after is as ever.
            "2026-12-31T07:00:00Z",
            "2026-12-31T16:30:00Z",
        ],
        "2027-01-06T21:00:00Z",
    );
}

#[test]
fn pres_09_a_gap_in_spring_is_its_end() {
    // The clock goes from 02:00 to 03:00 on 2026-03-29 at 01:00 UTC.
    let changed = |times: &str, boundaries: &[&str]| {
        let week = format!("sunday {times}");
        let hours = hours("Europe/Prague", &[&week], &[]);
        changes(&hours, boundaries, "2026-04-04T22:00:00Z");
    };
    changed(
        "02:30-04:00",
        &["2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"],
    );
    changed(
        "01:00-02:30",
        &["2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"],
    );
    // Wholly within the gap: nothing until the week after.
    changed(
        "02:10-02:50",
        &["2026-03-22T01:10:00Z", "2026-03-22T01:50:00Z"],
    );
    let within = hours("Europe/Prague", &["sunday 02:10-02:50"], &[]);
    let sunday = at("2026-03-29T01:00:00Z");
    assert!(!within.is_open(sunday));
    let closed = within.last_boundary(sunday).unwrap();
    assert_eq!(closed.at, at("2026-03-22T01:50:00Z"));
    // What is closed within the gap only is open throughout.
    let pause = hours(
        "Europe/Prague",
        &["sunday 01:00-02:00", "sunday 03:00-04:00"],
        &[],
    );
    changes(
        &pause,
        &["2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z"],
        "2026-04-04T22:00:00Z",
    );
}

#[test]
fn pres_09_the_repeated_hour_in_autumn_cuts_no_interval() {
    // The clock goes from 03:00 to 02:00 on 2026-10-25 at 01:00 UTC.
    for (times, opens, closes) in [
        ("02:30-04:00", "00:30", "03:00"),
        ("01:00-02:30", "23:00", "01:30"),
        ("02:10-02:50", "00:10", "01:50"),
        ("01:00-02:00", "23:00", "00:00"),
        ("01:00-03:00", "23:00", "02:00"),
        ("03:00-04:00", "02:00", "03:00"),
    ] {
        let hours = hours("Europe/Prague", &[&format!("sunday {times}")], &[]);
        let day = if opens == "23:00" { 24 } else { 25 };
        let opens = format!("2026-10-{day}T{opens}:00Z");
        let closes = format!("2026-10-25T{closes}:00Z");
        changes(&hours, &[&opens, &closes], "2026-10-31T00:00:00Z");
    }
}

#[test]
fn pres_09_what_never_changes_has_no_boundary() {
    let now = at("2026-10-25T00:30:00Z");
    let never = hours("Europe/Prague", &[], &["2027-01-01"]);
    assert!(!never.is_open(now));
    assert_eq!(never.next_boundary(now), None);
    assert_eq!(never.last_boundary(now), None);

    let every_day: Vec<String> = Weekday::ALL.map(|day| format!("{day} 06:00-18:00")).into();
    let every_night: Vec<String> = Weekday::ALL.map(|day| format!("{day} 18:00-06:00")).into();
    let all: Vec<&str> = every_day.iter().chain(&every_night).map(|x| &**x).collect();
    let always = hours("Europe/Prague", &all, &[]);
    assert!(always.is_open(now));
    assert_eq!(always.next_boundary(now), None);
    assert_eq!(always.last_boundary(now), None);
    assert!(always.is_open(Timestamp(i64::MIN)) && always.is_open(Timestamp(i64::MAX)));
    assert_eq!(always.next_boundary(Timestamp(i64::MAX)), None);

    // A holiday twenty years ahead, after a night that goes on until 06:00.
    let once = hours("Europe/Prague", &all, &["2046-12-24"]);
    changes(
        &once,
        &["2046-12-25T05:00:00Z"],
        // The night before it ends is the only other one.
        "9999-12-31T00:00:00Z",
    );
    let closes = once.next_boundary(now).unwrap();
    assert_eq!(
        (closes.at, closes.opens),
        (at("2046-12-24T05:00:00Z"), false)
    );
    let back = once.last_boundary(at("2090-01-01T00:00:00Z")).unwrap();
    assert_eq!((back.at, back.opens), (at("2046-12-25T05:00:00Z"), true));

    // An exception that is what every week is changes nothing; one day that is open does.
    let same = hours("UTC", &all, &["2026-12-24 06:00-18:00 18:00-06:00"]);
    assert_eq!(same.next_boundary(now), None);
    let day = hours("UTC", &[], &["9999-12-31 08:00-24:00"]);
    let opens = day.next_boundary(now).unwrap();
    assert_eq!(opens.at, at("9999-12-31T08:00:00Z"));
    assert_eq!(day.next_boundary(opens.at), None);
}

#[test]
fn pres_09_a_year_of_sundays_off_does_not_hide_the_opening_after_it() {
    let first: LocalDate = "2026-01-04".parse().unwrap();
    let sundays = (0..366).map(|n| LocalDate::of_day(first.day() + 7 * n).to_string());
    let sundays: Vec<String> = sundays.collect();
    let days: Vec<&str> = sundays.iter().map(|day| &**day).collect();
    let hours = hours("UTC", &["sunday 10:00-12:00"], &days);

    let opens = hours.next_boundary(at("2026-01-01T00:00:00Z")).unwrap();

    assert_eq!(opens.at, at("2033-01-09T10:00:00Z"));
    let closed = hours.last_boundary(Timestamp(opens.at.0 - 1)).unwrap();
    assert_eq!(closed.at, at("2025-12-28T12:00:00Z"));
}

#[test]
fn a_day_starts_at_its_first_instant() {
    for (zone, date, starts) in [
        ("Europe/Prague", "2026-03-29", "2026-03-28T23:00:00Z"),
        // Midnight does not exist.
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"),
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"),
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"),
        // Midnight comes twice.
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"),
        // The last hour before it comes twice.
        ("Africa/Cairo", "2026-10-30", "2026-10-29T22:00:00Z"),
        // The day does not exist.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
    ] {
        let (zone, date): (Zone, LocalDate) = (zone.parse().unwrap(), date.parse().unwrap());
        let start = zone.start_of_day(date);
        assert_eq!(start, at(starts), "{zone} {date}");
        assert_eq!(
            zone.next_midnight(Timestamp(start.0 - 1)),
            start,
            "{zone} {date}"
        );
        assert!(zone.day_of(start) >= date);
        assert!(zone.day_of(Timestamp(start.0 - 1)) < date);
    }
    // At 00:01 the clock went back to 23:01 of the day before: there was a second midnight.
    let zone: Zone = "America/St_Johns".parse().unwrap();
    assert_eq!(
        zone.next_midnight(at("2010-11-07T02:45:00Z")),
        at("2010-11-07T03:30:00Z")
    );
    assert_eq!(
        zone.next_midnight(at("2010-11-07T03:30:00Z")),
        at("2010-11-08T03:30:00Z")
    );
}
