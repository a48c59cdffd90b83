//! Hours against a clock on the wall, in every time zone and through every change of the clock in two years.
//!
//! The model knows nothing of how the instants of local times are found: it watches a clock tick and notes when it
//! shows what.

mod wall;

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::{TZ_VARIANTS, Tz};
use deskbell::domain::{Boundary, Hours, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

use super::gate;
use deskbell_plans::runner;
use wall::{DAY, FROM, History, Minute, Rota, TICK, UNTIL, Wall};

/// Each takes some 20 ms for both years.
const PLANS_OF_THE_GATE: u32 = 48;

/// Half an hour, at midnight, to midnight, for a month, every way round.
const PECULIAR: [Tz; 8] = [
    Tz::Africa__Cairo,
    Tz::Africa__Casablanca,
    Tz::America__Havana,
    Tz::America__Santiago,
    Tz::Asia__Beirut,
    Tz::Australia__Lord_Howe,
    Tz::Europe__Prague,
    Tz::Pacific__Chatham,
];

/// The boundaries after an instant and before another.
fn within(flips: &[Boundary], from: Minute, until: Minute) -> &[Boundary] {
    let start = flips.partition_point(|flip| flip.at.0 <= from * 60_000);
    let end = flips.partition_point(|flip| flip.at.0 < until * 60_000);
    &flips[start..end]
}

/// Follows hours from one boundary to the next through a part of the two years.
fn follow(hours: &Hours, flips: &[Boundary], from: Minute, until: Minute) -> Result<(), String> {
    let mut here = Timestamp(from * 60_000);
    for expected in within(flips, from, until) {
        let next = hours.next_boundary(here);
        if next != Some(*expected) {
            return Err(format!("after {here:?}: {next:?} instead of {expected:?}"));
        }
        here = expected.at;
        let before = Timestamp(here.0 - 1);
        if hours.is_open(here) != expected.opens || hours.is_open(before) == expected.opens {
            return Err(format!("is_open does not change at {expected:?}"));
        }
    }
    match hours.next_boundary(here) {
        Some(next) if next.at.0 < until * 60_000 => Err(format!("{next:?} is none")),
        _ => Ok(()),
    }
}

/// Goes back the same way, with fewer questions.
fn follow_back(hours: &Hours, flips: &[Boundary]) -> Result<(), String> {
    for pair in flips.windows(2) {
        let between = [pair[0].at, Timestamp(pair[1].at.0 - 1)];
        for at in between {
            let last = hours.last_boundary(at);
            if last != Some(pair[0]) {
                return Err(format!("up to {at:?}: {last:?} instead of {:?}", pair[0]));
            }
        }
    }
    Ok(())
}

/// Openings, closings and pauses around midnight and the hours in which clocks are set, on the days on which they are.
fn rota_of_changes() -> Rota {
    let mut weekly = vec![(0, 480, 720), (0, 780, 1050), (1, 1320, DAY + 360)];
    for day in [3, 4, 5, 6] {
        // Saturday's and Sunday's changes come between 23:00 and 03:00.
        weekly.extend([
            (day, 15, 45),
            (day, 60, 90),
            (day, 105, 120),
            (day, 150, 180),
        ]);
        weekly.push((day, 23 * 60 + 15, DAY));
    }
    Rota {
        weekly,
        exceptions: BTreeMap::new(),
    }
}

#[test]
fn pres_09_hours_agree_with_a_clock_on_the_wall_in_every_zone() {
    let rota = rota_of_changes();
    let mut known: BTreeMap<History, (Vec<Boundary>, Tz)> = BTreeMap::new();
    let mut changed = BTreeSet::new();
    for zone in TZ_VARIANTS {
        let history = History::of(zone);
        let hours = rota.hours(zone);
        let (flips, _) = known.entry(history.clone()).or_insert_with(|| {
            let flips = Wall::watch(&history).flips(&rota);
            (flips, zone)
        });
        let fail = |reason: String| panic!("{zone}: {reason}");
        for change in history.changes() {
            let (from, until) = (change - DAY, change + DAY);
            if from >= FROM && until < UNTIL {
                follow(&hours, flips, from, until).unwrap_or_else(fail);
                follow_back(&hours, within(flips, from, until)).unwrap_or_else(fail);
                changed.insert(zone.name());
            }
        }
        follow(&hours, flips, FROM, FROM + 7 * DAY).unwrap_or_else(fail);
    }
    for zone in PECULIAR {
        assert!(
            changed.contains(zone.name()),
            "no change of the clock in {zone}"
        );
    }
    let counted = (known.len(), changed.len());
    assert!(counted.0 > 60 && counted.1 > 150, "{counted:?}");
}

/// A zone, and a rota for it.
fn cases() -> impl Strategy<Value = (Tz, Rota)> {
    let ticks = || 0..DAY / TICK;
    // Every pair of neighbours among the times of a day is an interval or a pause.
    let day = || {
        let times = proptest::collection::btree_set(ticks(), 0..=6);
        (
            times,
            any::<bool>(),
            prop::option::weighted(0.3, 1..DAY / TICK),
        )
    };
    let select = proptest::sample::select::<Tz>;
    let zones = prop_oneof![select(&TZ_VARIANTS[..]), select(&PECULIAR[..])];
    let exceptions = vec((FROM / DAY..UNTIL / DAY, day()), 0..=30);
    (zones, vec(day(), 7), exceptions).prop_map(|(zone, week, days)| {
        let weekly = week.into_iter().map(of_ticks).collect();
        let days: BTreeMap<_, _> = days
            .into_iter()
            .map(|(day, own)| (day, of_ticks(own)))
            .collect();
        (zone, disjoint(weekly, days))
    })
}

type Ticks = (BTreeSet<Minute>, bool, Option<Minute>);

/// Makes intervals of the times of a day: those between its first and second, third and fourth and so on, or all
/// that touch; and perhaps one over midnight.
fn of_ticks((times, touch, night): Ticks) -> Vec<(Minute, Minute)> {
    let times: Vec<Minute> = times.into_iter().map(|tick| tick * TICK).collect();
    let step = if touch { 1 } else { 2 };
    let pairs = times.windows(2).step_by(step);
    let mut own: Vec<_> = pairs.map(|pair| (pair[0], pair[1])).collect();
    if let Some(night) = night {
        let opens = own.last().map_or(night * TICK, |(_, closes)| *closes);
        own.push((opens, DAY + (night * TICK).min(opens - TICK).max(0)));
    }
    own
}

/// Drops what reaches into the intervals of the day after, so that nothing overlaps.
fn disjoint(
    mut week: Vec<Vec<(Minute, Minute)>>,
    mut days: BTreeMap<Minute, Vec<(Minute, Minute)>>,
) -> Rota {
    let starts = |own: &[(Minute, Minute)]| own.first().map_or(DAY, |(opens, _)| *opens);
    let cut = |own: &mut Vec<(Minute, Minute)>, next: Minute| {
        if let Some((_, closes)) = own.last_mut() {
            *closes = (*closes).min(DAY + next);
        }
    };
    for day in 0..7 {
        let next = starts(&week[(day + 1) % 7]);
        cut(&mut week[day], next);
    }
    let rota = Rota {
        weekly: Vec::new(),
        exceptions: days.clone(),
    };
    let on_weekday = |day: Minute| &week[usize::try_from((day + 3) % 7).unwrap()];
    let of_day = |day: Minute| match rota.exceptions.get(&day) {
        Some(own) => own.clone(),
        None => on_weekday(day).clone(),
    };
    for (day, own) in &mut days {
        cut(own, starts(&of_day(day + 1)));
        let night = of_day(day - 1).iter().map(|(_, closes)| closes - DAY).max();
        own.retain(|(opens, _)| *opens >= night.unwrap_or(0));
    }
    let weekly = week.into_iter().enumerate().flat_map(|(day, own)| {
        own.into_iter()
            .map(move |(opens, closes)| (day, opens, closes))
    });
    Rota {
        weekly: weekly.collect(),
        exceptions: days,
    }
}

#[test]
fn pres_09_random_hours_agree_with_a_clock_on_the_wall() {
    let (seed, plans) = gate();
    println!("SEED={seed}");
    let mut runner = runner(seed, plans.unwrap_or(PLANS_OF_THE_GATE));
    let outcome = runner.run(&cases(), |(zone, rota)| {
        let flips = Wall::watch(&History::of(zone)).flips(&rota);
        let hours = rota.hours(zone);
        let followed = follow(&hours, &flips, FROM, UNTIL);
        let back = followed.and_then(|()| follow_back(&hours, &flips));
        back.map_err(TestCaseError::fail)
    });
    if let Err(error) = outcome {
        panic!("SEED={seed}: {error}");
    }
}
