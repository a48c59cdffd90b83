//! What random chats add up to (CHAT-12): intervals to the whole, queues to all of it, figures to one another; lengths
//! against a count of all of them; whatever the order in which the chats come.

use std::collections::BTreeSet;

use deskbell::domain::{
    AgentId, ChatId, CloseReason, Millis, OfferNumber, OfficeId, ParticipantRole, Purpose, QueueId,
    Timestamp, Zone,
};
use deskbell::reports::{
    ChatLog, ChatSums, ChatTable, Figure, FigureKind, Grain, Happened, Happening, Measure,
    MissedTarget, OfferEnd, TimeSums, Told, Window, intervals, measures,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use super::gate;
use deskbell_plans::runner;

const PLANS_OF_THE_GATE: u32 = 128;

/// 2026-03-26; the clock of Prague changes three days later, that of Lord Howe, by half an hour, ten days later.
const BEGIN: i64 = 1_774_483_200_000;
const DAY: i64 = 86_400_000;
const ZONES: [&str; 4] = [
    "Europe/Prague",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "UTC",
];

#[derive(Clone, Debug)]
struct Plan {
    zone: Zone,
    window: Window,
    grain: Grain,
    chats: Vec<ChatLog>,
}

fn agent() -> impl Strategy<Value = AgentId> {
    (1..4_u128).prop_map(|id| AgentId(Uuid::from_u128(id)))
}

fn queue() -> impl Strategy<Value = Option<QueueId>> {
    option::weighted(0.8, (1..4_u128).prop_map(|id| QueueId(Uuid::from_u128(id))))
}

fn purpose() -> impl Strategy<Value = Purpose> {
    select(Purpose::ALL)
}

/// Anything, in any order: no log may be too odd to be counted.
fn happened() -> impl Strategy<Value = Happened> {
    let number = || (1..5_u32).prop_map(OfferNumber);
    let ends = [
        OfferEnd::Accepted,
        OfferEnd::Rejected,
        OfferEnd::Missed,
        OfferEnd::Withdrawn,
    ];
    let targets = [MissedTarget::Waiting, MissedTarget::FirstReply];
    let offers = prop_oneof![
        (number(), agent(), queue()).prop_map(|(number, agent_id, queue_id)| {
            Happened::OfferMade {
                number,
                agent_id,
                queue_id,
            }
        }),
        (number(), select(ends.to_vec()))
            .prop_map(|(number, end)| Happened::OfferEnded { number, end }),
    ];
    let parts = prop_oneof![
        (agent(), select(ParticipantRole::ALL), queue()).prop_map(|(agent_id, role, queue_id)| {
            Happened::Joined {
                agent_id,
                role,
                queue_id,
            }
        }),
        agent().prop_map(|agent_id| Happened::Left { agent_id }),
        (purpose(), option::of(agent()))
            .prop_map(|(purpose, by)| Happened::HandOver { purpose, by }),
        (purpose(), option::of(agent()))
            .prop_map(|(purpose, taken_by)| Happened::HandOverEnded { purpose, taken_by }),
        agent().prop_map(|agent_id| Happened::WrapUpStarted { agent_id }),
        agent().prop_map(|agent_id| Happened::WrapUpEnded { agent_id }),
    ];
    let rest = prop_oneof![
        queue().prop_map(|queue_id| Happened::Queued { queue_id }),
        queue().prop_map(|queue_id| Happened::Moved { queue_id }),
        Just(Happened::OfflineMessage),
        Just(Happened::Reopened),
        Just(Happened::Requeued),
        select(CloseReason::ALL).prop_map(|reason| Happened::Closed { reason }),
        select(targets.to_vec()).prop_map(|target| Happened::TargetMissed { target }),
        (1..6_u8).prop_map(|score| Happened::Rated { score }),
    ];
    let message = option::of(agent()).prop_map(|agent_id| Happened::Message { agent_id });
    prop_oneof![3 => offers, 3 => parts, 2 => rest, 2 => message]
}

/// A chat that was started at some time of the window.
fn chat(length: i64) -> impl Strategy<Value = (i64, Vec<(i64, Happened)>, bool)> {
    let step = (prop_oneof![Just(0), 0..5_000_i64], happened());
    (0..length, vec(step, 0..25), any::<bool>())
}

fn plans() -> impl Strategy<Value = Plan> {
    let window = (0..DAY, 1..13 * DAY);
    let grain = select(vec![Grain::Total, Grain::Day, Grain::Hour]);
    (select(ZONES.as_slice()), window, grain)
        .prop_flat_map(|(zone, (from, length), grain)| {
            let from = Timestamp(BEGIN + from);
            let window = Window {
                from,
                to: from + Millis(length),
            };
            (Just((zone, window, grain)), vec(chat(length), 0..30))
        })
        .prop_map(|((zone, window, grain), chats)| Plan {
            zone: zone.parse().unwrap(),
            window,
            grain,
            chats: (1..)
                .zip(chats)
                .map(|(id, chat)| log(id, window, chat))
                .collect(),
        })
}

fn log(
    id: u128,
    window: Window,
    (start, steps, queued): (i64, Vec<(i64, Happened)>, bool),
) -> ChatLog {
    let started_at = window.from + Millis(start);
    let first = if queued {
        Happened::Queued { queue_id: None }
    } else {
        Happened::OfflineMessage
    };
    let mut at = started_at;
    let mut seq = 0;
    let steps = std::iter::once((0, first)).chain(steps);
    let happenings = steps.map(|(after, what)| {
        at = at + Millis(after);
        seq += 1;
        Happening { seq, at, what }
    });
    ChatLog {
        chat_id: ChatId(Uuid::from_u128(id)),
        started_at,
        office_id: OfficeId(Uuid::nil()),
        happenings: happenings.collect(),
    }
}

/// A table by queue and one of all, of the chats in this order.
fn tables<'c>(
    plan: &Plan,
    chats: impl Iterator<Item = &'c ChatLog>,
) -> (ChatTable<()>, ChatTable<Option<QueueId>>) {
    let cut = || intervals(plan.window, plan.zone, plan.grain);
    let (mut all, mut by_queue) = (ChatTable::new(cut()), ChatTable::new(cut()));
    for log in chats {
        for measure in measures(log) {
            all.add((), log.started_at, &measure);
            by_queue.add(measure.queue_id, log.started_at, &measure);
        }
    }
    (all, by_queue)
}

fn number(sums: &ChatSums, figure: Figure) -> i64 {
    match sums.told(figure) {
        Told::Number(number) => number,
        Told::Time(sums) => sums.count,
        Told::Score(sums) => sums.count(),
    }
}

/// What every log obeys, odd as it may be.
fn figures_fit(sums: &ChatSums, chats: i64) -> Result<(), String> {
    let of = |figure| number(sums, figure);
    let reasons = CloseReason::ALL.iter().copied().map(Figure::of_reason);
    let offers_ended = [
        Figure::OffersAccepted,
        Figure::OffersRejected,
        Figure::OffersMissed,
        Figure::OffersWithdrawn,
    ];
    let missed = of(Figure::MissedVisitorLeft) + of(Figure::MissedVisitorStayed);
    let fit = of(Figure::Closed) == reasons.map(of).sum::<i64>()
        && of(Figure::OffersMissed) == missed
        && of(Figure::Offers) >= offers_ended.map(of).iter().sum()
        && of(Figure::Transfers) >= of(Figure::TransfersDone) + of(Figure::TransfersFailed)
        && of(Figure::TransfersDone) == of(Figure::TransfersIn)
        && of(Figure::Invites) >= of(Figure::InvitesAccepted)
        && of(Figure::Accepted) == of(Figure::Waiting)
        && of(Figure::Abandoned) == of(Figure::AbandonedAfter)
        && of(Figure::Conversation) <= of(Figure::Closed)
        && of(Figure::Started) <= chats
        && of(Figure::Open) + of(Figure::Closed) <= chats
        && of(Figure::Accepted) + of(Figure::OfflineMessagesTaken) <= of(Figure::Handled)
        && of(Figure::Ratings) <= chats;
    if fit {
        Ok(())
    } else {
        Err(format!("{sums:?} of {chats} chats does not fit together"))
    }
}

/// The least of some lengths that so many of a hundred do not exceed, found by trying each.
fn least(lengths: &[i64], percent: usize) -> Option<Millis> {
    let reaches = |length: &&i64| {
        let within = lengths.iter().filter(|other| other <= length).count();
        within * 100 >= percent * lengths.len()
    };
    lengths.iter().filter(reaches).min().copied().map(Millis)
}

fn check_lengths(told: TimeSums, lengths: &[i64]) -> Result<(), String> {
    let count = i64::try_from(lengths.len()).unwrap();
    let sum: i64 = lengths.iter().sum();
    let right = told.count == count
        && told.p50 == least(lengths, 50)
        && told.p90 == least(lengths, 90)
        && match told.average {
            None => count == 0,
            Some(average) => (2 * (average.0 * count - sum)).abs() <= count,
        };
    if right {
        Ok(())
    } else {
        Err(format!("{told:?} of {lengths:?}"))
    }
}

/// Every figure of some chats against their values one by one.
fn check_values(sums: &ChatSums, values: &[Measure]) -> Result<(), String> {
    for figure in Figure::ALL {
        let of_figure = values.iter().filter(|measure| measure.figure == *figure);
        let of_figure: Vec<i64> = of_figure.map(|measure| measure.value).collect();
        let right = match sums.told(*figure) {
            Told::Time(told) => {
                check_lengths(told, &of_figure)?;
                true
            }
            Told::Score(told) => (1..=5).zip(told.by_score).all(|(score, number)| {
                let same = of_figure.iter().filter(|value| **value == score);
                i64::try_from(same.count()).unwrap() == number
            }),
            Told::Number(number) => {
                let is_count = figure.kind() == FigureKind::Count;
                number == of_figure.iter().sum::<i64>()
                    && !(is_count && of_figure.iter().any(|v| *v != 1))
            }
        };
        if !right {
            return Err(format!(
                "{figure:?} is {:?} of {of_figure:?}",
                sums.told(*figure)
            ));
        }
    }
    Ok(())
}

fn check_intervals(plan: &Plan) -> Result<(), String> {
    let cut = intervals(plan.window, plan.zone, plan.grain);
    let mut at = plan.window.from;
    for (date, interval) in &cut {
        let longest = match plan.grain {
            Grain::Total => 0,
            Grain::Day => 25 * 3_600_000,
            Grain::Hour => 3_600_000,
        };
        let last = Timestamp(interval.to.0 - 1);
        let follows = interval.from == at
            && interval.to > at
            && interval.length().0 <= longest
            && plan.zone.day_of(at) == *date
            && plan.zone.day_of(last) == *date;
        if !follows {
            return Err(format!("{interval:?} does not follow {at:?}"));
        }
        at = interval.to;
    }
    if plan.grain == Grain::Total || at == plan.window.to {
        Ok(())
    } else {
        Err(format!("they end at {at:?}"))
    }
}

fn run(plan: &Plan) -> Result<(), String> {
    check_intervals(plan)?;
    let (all, by_queue) = tables(plan, plan.chats.iter());
    let count = |number: usize| i64::try_from(number).unwrap();
    let whole = all.whole(&());
    figures_fit(&whole, count(plan.chats.len()))?;
    let values = |wanted: &dyn Fn(&ChatLog) -> bool| -> Vec<Measure> {
        let chats = plan.chats.iter().filter(|log| wanted(log));
        chats.flat_map(measures).collect()
    };
    check_values(&whole, &values(&|_| true))?;
    let mut together = ChatSums::default();
    for (index, (_, interval)) in all.intervals().iter().enumerate() {
        let part = all.part(&(), index);
        let within = |log: &ChatLog| (interval.from..interval.to).contains(&log.started_at);
        check_values(&part, &values(&within))?;
        if all.between(&(), interval.from, interval.to) != part {
            return Err(format!("{interval:?} is told in two ways"));
        }
        together.merge(&part);
    }
    let mut queues = ChatSums::default();
    for queue in by_queue.subjects() {
        queues.merge(&by_queue.whole(queue));
    }
    let (backwards, _) = tables(plan, plan.chats.iter().rev());
    let backwards = backwards.whole(&());
    for figure in Figure::ALL {
        let told: BTreeSet<String> = [&whole, &queues, &backwards]
            .into_iter()
            .chain((plan.grain != Grain::Total).then_some(&together))
            .map(|sums| format!("{:?}", sums.told(*figure)))
            .collect();
        if told.len() != 1 {
            return Err(format!("{figure:?} adds up to {told:?}"));
        }
    }
    Ok(())
}

#[test]
fn chat_12_what_chats_add_up_to_fits_together() {
    let (seed, plans_wanted) = gate();
    println!("SEED={seed}");
    let mut runner = runner(seed, plans_wanted.unwrap_or(PLANS_OF_THE_GATE));
    let outcome = runner.run(&plans(), |plan| run(&plan).map_err(TestCaseError::fail));
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
