//! The highest rate of durable messages that is sustained: the rate goes up step by step until one
//! is not kept up with, then halfway back.
//!
//! The same chats and sockets serve all steps. A rate counts as sustained when nearly all
//! acknowledgements come in time and no backlog is left when the last message was due, so that the
//! step could have gone on.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::cast::{Cast, Played};
use super::ledger::{Ledger, StepLatencies};
use super::{cores, soundness};
use crate::pace::Schedule;
use crate::report::{Section, Target};

/// Slower than this is not sustained: people begin to notice.
const P99_MS_MAX: f64 = 200.0;

/// Messages of so many seconds may be under way at the end of a step.
const BACKLOG_SECONDS_MAX: f64 = 0.2;

/// Long enough for a backlog to show and for several waits for the disk.
const STEP: Duration = Duration::from_secs(6);

/// The beginning of a step is not measured.
const WARM_UP: Duration = Duration::from_secs(1);

/// How much a step asks for more than the last.
const GROWTH: f64 = 1.4;

/// Steps up, at most; the last asks for 20 times the first.
const STEPS_UP_MAX: usize = 10;

/// Steps between the highest rate that was sustained and the lowest that was not: to within 10 %.
const STEPS_BETWEEN: usize = 2;

/// Promise.
const RATE_MIN: f64 = 6000.0;

/// One step.
struct Tried {
    rate: f64,
    sustained: bool,
    latencies: StepLatencies,
    played: Played,
}

/// Measures.
pub(super) async fn run(
    cast: &mut Cast,
    ledger: &mut Ledger,
    server: u32,
    first_rate: f64,
) -> Result<Section> {
    let mut tried: Vec<Tried> = Vec::new();
    let (mut low, mut high) = (0.0, None);
    let mut rate = first_rate;
    let mut between = 0;
    while tried.len() < STEPS_UP_MAX + STEPS_BETWEEN && between <= STEPS_BETWEEN {
        let schedule = Schedule::soon(rate, STEP);
        let played = cast.play(server, schedule, ledger).await?;
        let latencies = ledger.latencies(played.step, WARM_UP);
        let sustained = is_sustained(rate, &played, &latencies);
        let is_over = played.lost > 0 || !played.drained;
        tried.push(Tried {
            rate,
            sustained,
            latencies,
            played,
        });
        if sustained {
            low = rate;
        } else {
            high = Some(rate);
        }
        if is_over {
            break;
        }
        rate = match high {
            None => rate * GROWTH,
            Some(high) => {
                between += 1;
                f64::midpoint(low, high)
            }
        };
    }
    Ok(section(&tried, low, ledger))
}

fn is_sustained(rate: f64, played: &Played, latencies: &StepLatencies) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let backlog = played.backlog as f64;
    played.drained
        && played.refused == 0
        && played.lost == 0
        && backlog <= rate * BACKLOG_SECONDS_MAX
        && latencies.acknowledged.ms(99.0) <= P99_MS_MAX
}

fn section(tried: &[Tried], highest: f64, ledger: &Ledger) -> Section {
    let verdict = ledger.check();
    let mut targets = vec![Target {
        what: format!("{highest:.0} messages/s sustained (at least {RATE_MIN:.0})"),
        met: highest >= RATE_MIN,
    }];
    let drained = tried.iter().all(|step| step.played.drained);
    targets.extend(soundness(&verdict, drained));
    Section {
        name: "saturate",
        text: format!(
            "The highest rate of durable messages that is sustained: steps of {} s, p99 to the \
             acknowledgement at most {P99_MS_MAX} ms and at most {BACKLOG_SECONDS_MAX} s of messages \
             without an answer at the end.",
            STEP.as_secs()
        ),
        columns: vec![
            "messages/s",
            "sustained",
            "p50 ms",
            "p99 ms",
            "p99 ms delivered",
            "backlog",
            "refused",
            "server cores",
            "Postgres cores",
            "driver cores",
            "other cores",
        ],
        rows: tried.iter().map(row).collect(),
        notes: ledger.faults().collect(),
        targets,
        json: json!({
            "sustained_per_second": highest,
            "steps": tried.iter().map(to_json).collect::<Value>(),
            "verdict": verdict.json(),
        }),
    }
}

fn row(step: &Tried) -> Vec<String> {
    let StepLatencies {
        acknowledged,
        delivered,
    } = &step.latencies;
    let mut row = vec![format!("{:.0}", step.rate)];
    row.push(if step.sustained { "yes" } else { "no" }.to_owned());
    let ms = [
        acknowledged.ms(50.0),
        acknowledged.ms(99.0),
        delivered.ms(99.0),
    ];
    row.extend(ms.map(|ms| format!("{ms:.1}")));
    row.extend([step.played.backlog, step.played.refused].map(|count| count.to_string()));
    row.extend(cores(&step.played).map(|cores| format!("{cores:.2}")));
    row
}

fn to_json(step: &Tried) -> Value {
    json!({
        "rate": step.rate, "sustained": step.sustained,
        "acknowledged": step.latencies.acknowledged.json(),
        "delivered": step.latencies.delivered.json(),
        "backlog": step.played.backlog, "refused": step.played.refused,
        "cores": cores(&step.played), "driver_lateness": step.played.lateness.json(),
    })
}
