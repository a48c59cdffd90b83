//! Time lines of random changes add up to the clock (PRES-18): to the millisecond by themselves, to the second by day,
//! over midnights and through every change of the clock.

use std::collections::BTreeMap;

use deskbell::domain::{
    Actor, AgentId, Millis, PauseId, Pausing, Presence, PresenceReason, Status, Timestamp, Zone,
};
use deskbell::engine::PresenceView;
use deskbell::reports::{
    AgentCell, AgentTotals, DaySums, Span, Stood, Window, Work, agent_days, busy_times,
    chat_seconds, days, timeline, whole,
};
use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use super::gate;
use deskbell_plans::runner;

const PLANS_OF_THE_GATE: u32 = 256;

/// 2026-03-15; the clocks of both hemispheres change within the weeks that follow.
const BEGIN: i64 = 1_773_532_800_000;
const DAY: i64 = 86_400_000;

/// Half an hour, at midnight, to midnight, and not at all.
const ZONES: [&str; 7] = [
    "America/Havana",
    "America/Santiago",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Prague",
    "UTC",
];

/// What an agent becomes, and when.
#[derive(Clone, Debug)]
struct Change {
    at: i64,
    status: Status,
    reason: PresenceReason,
    pause: Option<(u128, bool)>,
    paid: bool,
}

#[derive(Clone, Debug)]
struct Plan {
    zone: Zone,
    window: Window,
    changes: Vec<Change>,
    chats: Vec<(Timestamp, Option<Timestamp>)>,
    asked: Vec<i64>,
}

fn change() -> impl Strategy<Value = Change> {
    // Many on the same few instants, some to the minute, some wherever.
    let at = prop_oneof![
        (0..20_i64).prop_map(|day| day * DAY),
        (0..20 * 1440_i64).prop_map(|minute| minute * 60_000),
        0..20 * DAY,
    ];
    let reason = proptest::sample::select(PresenceReason::ALL);
    let pause = proptest::option::of((0..3_u128, any::<bool>()));
    let status = proptest::sample::select(Status::ALL);
    (at, status, reason, pause, any::<bool>()).prop_map(|(at, status, reason, pause, paid)| {
        Change {
            at: BEGIN + at,
            status,
            reason,
            pause,
            paid,
        }
    })
}

fn plans() -> impl Strategy<Value = Plan> {
    let zone = proptest::sample::select(ZONES.as_slice());
    let window = (0..20 * DAY, 1..20 * DAY);
    let chat = (0..20 * DAY, proptest::option::of(0..DAY));
    let parts = (vec(change(), 0..60), vec(chat, 0..20), vec(0..20 * DAY, 20));
    (zone, window, parts).prop_map(|(zone, (from, length), (mut changes, chats, asked))| {
        changes.sort_by_key(|change| change.at);
        let at = |at: i64| Timestamp(BEGIN + at);
        Plan {
            zone: zone.parse().unwrap(),
            window: Window {
                from: at(from),
                to: at(from + length),
            },
            changes,
            chats: chats
                .into_iter()
                .map(|(from, length)| (at(from), length.map(|length| at(from + length))))
                .collect(),
            asked,
        }
    })
}

fn view(change: &Change) -> PresenceView {
    let at = Timestamp(change.at);
    let mut view = PresenceView::initial(AgentId(Uuid::nil()), at);
    view.standing.global = Presence {
        status: change.status,
        reason: change.reason,
        since: at,
        by: Actor::System,
    };
    view.pausing = change.pause.map(|(pause, paid)| Pausing {
        pause_id: PauseId(Uuid::from_u128(pause)),
        paid,
        since: at,
        set_by: Actor::System,
        longest: None,
        overdue: false,
    });
    view.paid = view.pausing.map_or(change.paid, |pausing| pausing.paid);
    view
}

fn line(plan: &Plan) -> Vec<Span<Stood>> {
    let views = plan
        .changes
        .iter()
        .map(|change| (Timestamp(change.at), view(change)));
    let moments = views.map(|(at, view)| (at, Stood::of(&view, None)));
    let initial = PresenceView::initial(AgentId(Uuid::nil()), Timestamp(BEGIN));
    timeline(plan.window, Stood::of(&initial, None), moments)
}

/// Without a gap, and at every instant what the last change made.
fn check_line(plan: &Plan, line: &[Span<Stood>]) -> Result<(), String> {
    let mut at = plan.window.from;
    for (number, span) in line.iter().enumerate() {
        if span.window.from != at || span.window.to <= at {
            return Err(format!("{:?} does not follow {at:?}", span.window));
        }
        if number > 0 && line[number - 1].state == span.state {
            return Err(format!("{:?} is as the one before", span.window));
        }
        at = span.window.to;
    }
    if at != plan.window.to {
        return Err(format!("it ends at {at:?}"));
    }
    for asked in plan.asked.iter().map(|at| Timestamp(BEGIN + at)) {
        let within = |span: &&Span<Stood>| span.window.from <= asked && asked < span.window.to;
        let last = plan.changes.iter().rfind(|change| change.at <= asked.0);
        let expected = last.map_or(Status::Offline, |change| change.status);
        if let Some(span) = line.iter().find(within)
            && span.state.status != expected
        {
            return Err(format!("{expected:?} at {asked:?}, not {:?}", span.state));
        }
    }
    Ok(())
}

/// What is exact of a stretch of time, told without the cells of a report.
fn exact(line: &[Span<Stood>], part: Window, is: impl Fn(&Stood) -> bool) -> i64 {
    let spans = line.iter().filter(|span| is(&span.state));
    let common = spans.filter_map(|span| span.window.overlap(part));
    common.map(|common| common.length().0).sum()
}

fn check_totals(line: &[Span<Stood>], part: Window, totals: &AgentTotals) -> Result<(), String> {
    let sums = [
        totals.online + totals.away + totals.offline + totals.invisible,
        totals.paid + totals.unpaid + totals.off,
    ];
    let pauses: i64 = totals.pauses.iter().map(|pause| pause.seconds).sum();
    let all_fit = sums == [totals.total; 2]
        && pauses == totals.paid_pauses + totals.unpaid_pauses
        && totals.paid_pauses <= totals.paid
        && totals.unpaid_pauses <= totals.unpaid
        && totals.busy <= totals.online + totals.away
        && totals.occupancy().is_none_or(|part| part <= 10_000);
    if !all_fit {
        return Err(format!("{totals:?} does not add up"));
    }
    // A figure is made of a few dozen cells, each of them less than a second off.
    let of_status = |status: Status| exact(line, part, |stood| stood.status == status);
    let of_work = |work: Work| exact(line, part, |stood| stood.work == work);
    for (seconds, exactly) in [
        (totals.online, of_status(Status::Online)),
        (totals.away, of_status(Status::Away)),
        (totals.offline, of_status(Status::Offline)),
        (totals.invisible, of_status(Status::Invisible)),
        (totals.paid, of_work(Work::Paid)),
        (totals.off, of_work(Work::Off)),
    ] {
        let cells = 24 * (1 + part.length().0 / DAY);
        if (seconds * 1000 - exactly).abs() > cells * 1000 {
            return Err(format!("{seconds} s are {exactly} ms"));
        }
    }
    Ok(())
}

fn run(plan: &Plan) -> Result<(), String> {
    let line = line(plan);
    check_line(plan, &line)?;
    let busy = busy_times(plan.window, &plan.chats);
    let by_day = agent_days(&line, &busy, plan.zone);
    let in_chats = seconds_in_chats(plan, &line, &by_day)?;
    let mut at = plan.window.from;
    for day in &by_day {
        if day.window.from != at || plan.zone.day_of(at) != day.date {
            return Err(format!("{:?} is not the day at {at:?}", day.date));
        }
        let totals = AgentTotals::of(&day.seconds, 0);
        check_totals(&line, day.window, &totals)?;
        if (totals.total * 1000 - day.window.length().0).abs() >= 1000 {
            return Err(format!("{:?} has {} s", day.window, totals.total));
        }
        at = day.window.to;
    }
    let totals = AgentTotals::of(&whole(&by_day), in_chats);
    if totals.total != plan.window.length().as_secs() {
        return Err(format!("{} s of {:?}", totals.total, plan.window.length()));
    }
    check_totals(&line, plan.window, &totals)?;
    parts_make_the_whole(plan, &line)
}

/// The seconds in chats of all days together, against a sum over every chat and every interval.
fn seconds_in_chats(
    plan: &Plan,
    line: &[Span<Stood>],
    by_day: &[DaySums<AgentCell>],
) -> Result<i64, String> {
    let windows: Vec<Window> = by_day.iter().map(|day| day.window).collect();
    let seconds = chat_seconds(line, &plan.chats, &windows);
    let there = |stood: &Stood| [Status::Online, Status::Away].contains(&stood.status);
    let of_part = |part: Window| -> i64 {
        let parts = plan.chats.iter();
        let parts = parts.filter_map(|(from, to)| part.within_life(*from, *to));
        parts.map(|part| exact(line, part, there)).sum()
    };
    let all: i64 = seconds.iter().sum();
    let exactly = of_part(plan.window);
    if all != exactly / 1000 {
        return Err(format!("{all} s in chats are {exactly} ms"));
    }
    for (window, seconds) in windows.iter().zip(seconds) {
        let exactly = of_part(*window);
        if (seconds * 1000 - exactly).abs() >= 1000 {
            return Err(format!("{seconds} s of {window:?} are {exactly} ms"));
        }
    }
    Ok(all)
}

/// A window that is cut in two has the intervals of both.
fn parts_make_the_whole(plan: &Plan, line: &[Span<Stood>]) -> Result<(), String> {
    let cut = Timestamp(i64::midpoint(plan.window.from.0, plan.window.to.0));
    if cut == plan.window.from {
        return Ok(());
    }
    let halves = [
        Window {
            from: plan.window.from,
            to: cut,
        },
        Window {
            from: cut,
            to: plan.window.to,
        },
    ];
    let mut together: BTreeMap<&str, i64> = BTreeMap::new();
    let mut of_all: BTreeMap<&str, i64> = BTreeMap::new();
    for half in halves {
        let part = Plan {
            window: half,
            ..plan.clone()
        };
        for span in self::line(&part) {
            *together.entry(span.state.status.as_str()).or_default() += span.window.length().0;
        }
    }
    for span in line {
        *of_all.entry(span.state.status.as_str()).or_default() += span.window.length().0;
    }
    if together == of_all {
        Ok(())
    } else {
        Err(format!("{together:?}, not {of_all:?}"))
    }
}

#[test]
fn pres_18_time_lines_add_up_to_the_clock() {
    let (seed, plans_wanted) = gate();
    println!("SEED={seed}");
    let mut runner = runner(seed, plans_wanted.unwrap_or(PLANS_OF_THE_GATE));
    let outcome = runner.run(&plans(), |plan| run(&plan).map_err(TestCaseError::fail));
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn pres_18_a_day_has_as_many_hours_as_the_clock_gives_it() {
    let of = |zone: &str, date: &str| {
        let zone: Zone = zone.parse().unwrap();
        let from = zone.start_of_day(date.parse().unwrap());
        let window = Window {
            from,
            to: from + Millis(3 * DAY),
        };
        let (found, day) = days(window, zone)[0];
        assert_eq!(found.to_string(), date);
        day.length().0 / 60_000
    };

    assert_eq!(of("Europe/Prague", "2026-03-29"), 23 * 60);
    assert_eq!(of("Europe/Prague", "2026-10-25"), 25 * 60);
    assert_eq!(of("Europe/Prague", "2026-06-01"), 24 * 60);
    assert_eq!(of("Australia/Lord_Howe", "2026-04-05"), 24 * 60 + 30);
    // Midnight itself is skipped, and comes twice.
    assert_eq!(of("Asia/Beirut", "2026-03-29"), 23 * 60);
    assert_eq!(of("America/Havana", "2026-11-01"), 25 * 60);
}
