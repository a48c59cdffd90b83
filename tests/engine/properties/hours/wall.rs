//! A clock on the wall, watched tick by tick, and what a person writes on the door.

use std::collections::BTreeMap;

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;
use deskbell::domain::{
    Boundary, Hours, HoursException, Interval, LocalDate, LocalTime, Timestamp, Weekday,
    WeeklyInterval, Zone,
};

/// Minutes since 1970, UTC or by the clock of a zone, as the name says.
pub(super) type Minute = i64;

pub(super) const DAY: Minute = 24 * 60;

/// Every zone's offsets and all times of the plans are multiples of this, so that many an interval begins or ends
/// just where a clock is set.
pub(super) const TICK: Minute = 15;

/// 2025 and 2026, in which clocks change in both directions in both hemispheres.
pub(super) const FROM: Minute = 20_089 * DAY;
pub(super) const UNTIL: Minute = 20_819 * DAY;

/// How the offset of a zone changes: from when on it is what, in minutes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct History(Vec<(Minute, Minute)>);

/// Hours as a person would write them down.
#[derive(Clone, Debug)]
pub(super) struct Rota {
    pub(super) weekly: Vec<(usize, Minute, Minute)>,
    pub(super) exceptions: BTreeMap<Minute, Vec<(Minute, Minute)>>,
}

fn offset(zone: Tz, at: Minute) -> Minute {
    let utc = DateTime::from_timestamp(at * 60, 0).unwrap().naive_utc();
    let seconds = zone.offset_from_utc_datetime(&utc).fix().local_minus_utc();
    assert_eq!(
        i64::from(seconds) % (60 * TICK),
        0,
        "{zone} has an odd offset"
    );
    i64::from(seconds) / 60
}

impl History {
    /// Looks at the clock every third day and, when its offset has changed, for the minute in between.
    pub(super) fn of(zone: Tz) -> Self {
        let mut now = offset(zone, FROM - 10 * DAY);
        let mut changes = vec![(FROM - 10 * DAY, now)];
        for day in (FROM - 7 * DAY..UNTIL + 10 * DAY).step_by(3 * 1440) {
            let next = offset(zone, day);
            if next == now {
                continue;
            }
            let (mut before, mut after) = (day - 3 * DAY, day);
            while after - before > 1 {
                let middle = i64::midpoint(before, after);
                if offset(zone, middle) == now {
                    before = middle;
                } else {
                    after = middle;
                }
            }
            changes.push((after, next));
            now = next;
        }
        Self(changes)
    }

    /// The changes themselves, within the two years.
    pub(super) fn changes(&self) -> impl Iterator<Item = Minute> {
        self.0.iter().skip(1).map(|(at, _)| *at)
    }
}

impl Rota {
    /// What starts on a day by its own or the week's plan.
    fn starting_on(&self, day: Minute) -> Vec<(Minute, Minute)> {
        if let Some(own) = self.exceptions.get(&day) {
            return own.clone();
        }
        // 1970-01-01, a Thursday, is day 0.
        let weekday = usize::try_from((day + 3) % 7).unwrap();
        let of_day = self.weekly.iter().filter(|(on, _, _)| *on == weekday);
        of_day.map(|(_, opens, closes)| (*opens, *closes)).collect()
    }

    pub(super) fn hours(&self, zone: Tz) -> Hours {
        let zone: Zone = zone.name().parse().unwrap();
        let weekly: Vec<WeeklyInterval> = self
            .weekly
            .iter()
            .map(|&(day, opens, closes)| WeeklyInterval {
                day: Weekday::ALL[day],
                interval: interval(opens, closes),
            })
            .collect();
        let exceptions = self.exceptions.iter().map(|(day, own)| {
            let own = own.iter().map(|&(opens, closes)| interval(opens, closes));
            HoursException {
                date: date(*day),
                intervals: own.collect(),
            }
        });
        Hours::new(zone, &weekly, exceptions.collect()).unwrap()
    }
}

fn date(day: Minute) -> LocalDate {
    let date = DateTime::from_timestamp(day * 86_400, 0).unwrap();
    date.format("%Y-%m-%d").to_string().parse().unwrap()
}

fn interval(opens: Minute, closes: Minute) -> Interval {
    let time = |minute: Minute| -> LocalTime {
        let minute = if minute > DAY { minute - DAY } else { minute };
        let text = format!("{:02}:{:02}", minute / 60, minute % 60);
        text.parse().unwrap()
    };
    Interval::new(time(opens), time(closes)).unwrap()
}

/// What a clock showed, tick by tick, from some days before the two years to some after.
pub(super) struct Wall {
    shown: Vec<Minute>,
    /// For each tick of the clock, from the first that it showed: when it first showed this or, over a gap, more.
    first: Vec<Minute>,
    /// The last time that it showed this.
    last: Vec<Minute>,
}

const MARGIN: Minute = 4 * DAY;

impl Wall {
    pub(super) fn watch(history: &History) -> Self {
        let mut wall = Self {
            shown: Vec::new(),
            first: Vec::new(),
            last: Vec::new(),
        };
        let mut changes = history.0.iter().copied().peekable();
        let mut offset = 0;
        let mut at = FROM - MARGIN;
        while at < UNTIL + MARGIN {
            while let Some((_, new)) = changes.next_if(|(from, _)| *from <= at) {
                offset = new;
            }
            let shows = at + offset;
            wall.shown.push(shows);
            let place = wall.place(shows);
            // A clock that is set forward has shown what it skipped, too.
            while wall.first.len() <= place {
                wall.first.push(at);
                wall.last.push(at);
            }
            wall.last[place] = at;
            at += TICK;
        }
        wall
    }

    fn place(&self, shows: Minute) -> usize {
        usize::try_from((shows - self.shown[0]) / TICK).unwrap()
    }

    /// When the last tick ends that shows this; where none does, when the clock jumps over it.
    fn end_of(&self, shows: Minute) -> Minute {
        let last = self.last[self.place(shows)];
        let tick = usize::try_from((last - FROM + MARGIN) / TICK).unwrap();
        if self.shown[tick] == shows {
            last + TICK
        } else {
            last
        }
    }

    /// Which ticks are within hours.
    fn open(&self, rota: &Rota) -> Vec<bool> {
        let mut open = vec![false; self.shown.len()];
        let began = self.shown[0];
        let (first_day, last_day) = (began / DAY + 1, (UNTIL + 2 * DAY) / DAY);
        for day in first_day..last_day {
            for (opens, closes) in rota.starting_on(day) {
                let opens = self.first[self.place(day * DAY + opens)];
                let closes = self.end_of(day * DAY + closes - TICK);
                let tick = |at: Minute| usize::try_from((at - FROM + MARGIN) / TICK).unwrap();
                open[tick(opens)..tick(closes)].fill(true);
            }
        }
        self.agrees_with_a_glance(rota, &open);
        open
    }

    /// The model's own check: whoever glances at the clock sees a time within the intervals or not, and only what
    /// the clock shows twice can be open although it does not look so.
    fn agrees_with_a_glance(&self, rota: &Rota, open: &[bool]) {
        let (mut day, mut within) = (0, Vec::new());
        for (tick, shows) in self.shown.iter().enumerate() {
            let at = FROM - MARGIN + TICK * i64::try_from(tick).unwrap();
            if !(FROM..UNTIL).contains(&at) {
                continue;
            }
            if shows / DAY != day {
                day = shows / DAY;
                within = rota.starting_on(day);
                let night = rota.starting_on(day - 1).into_iter();
                within.extend(night.map(|(opens, closes)| (opens - DAY, closes - DAY)));
            }
            let time = shows % DAY;
            let looks_open = within
                .iter()
                .any(|(opens, closes)| (*opens..*closes).contains(&time));
            let place = self.place(*shows);
            let twice = self.first[place] != self.last[place];
            assert!(
                open[tick] == looks_open || open[tick] && twice,
                "the model is wrong at {at}: {rota:?}"
            );
        }
    }

    /// The instants within the two years at which it opens and closes.
    pub(super) fn flips(&self, rota: &Rota) -> Vec<Boundary> {
        let open = self.open(rota);
        let mut flips = Vec::new();
        for (tick, pair) in open.windows(2).enumerate() {
            let at = FROM - MARGIN + TICK * i64::try_from(tick + 1).unwrap();
            if pair[0] != pair[1] && (FROM..UNTIL).contains(&at) {
                flips.push(Boundary {
                    at: Timestamp(at * 60_000),
                    opens: pair[1],
                });
            }
        }
        flips
    }
}
