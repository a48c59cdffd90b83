//! `transitions`: random changes of the engine with everything checked after each one.
//!
//! The plans are those of the tests: what people do in a small tenant, in any order. After each command and each passing
//! of time the engine's own invariants, the model, the store and the clients of everybody are compared with it, an offer
//! with the decision that explains it, and a restart with what it restores. One thread for each processor, each with
//! seeds of its own; the engines know nothing of one another. A promise that is not kept ends the run and leaves its plan in a file.

use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow};
use clap::Args;
use deskbell_plans::{Ground, Plan, Tally, World, draw, plans, runner};
use serde_json::json;

use crate::report::{Section, Target};

/// Promise: a million of them take less.
const SECONDS_MAX: f64 = 60.0;

/// What is drawn and what is looked at.
#[derive(Args, Clone, Debug)]
pub(crate) struct TransitionsOptions {
    /// How many transitions, all threads together
    #[arg(long, default_value_t = 1_000_000)]
    transitions: usize,
    /// The seed of the first thread; the next ones follow
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Measures.
pub(crate) fn run(options: &TransitionsOptions) -> Result<Section> {
    let threads = thread::available_parallelism()?.get();
    let share = options.transitions.div_ceil(threads);
    let began = Instant::now();
    let workers: Vec<_> = (0..threads as u64)
        .map(|number| {
            let seed = options.seed + number;
            thread::spawn(move || play(seed, share))
        })
        .collect();
    let (mut total, mut played) = (Tally::default(), 0);
    for worker in workers {
        let (tally, plans) = worker
            .join()
            .map_err(|_| anyhow!("a thread has panicked"))??;
        total.add(&tally);
        played += plans;
    }
    let seconds = began.elapsed().as_secs_f64();
    Ok(section(options, threads, &total, played, seconds))
}

/// Plays plans until there were so many transitions; gives how many plans these were.
fn play(seed: u64, transitions: usize) -> Result<(Tally, usize)> {
    let mut runner = runner(seed, 1);
    let (mut total, mut played) = (Tally::default(), 0);
    while total.transitions() < transitions {
        let plan = draw(&plans(), &mut runner);
        let ground = Ground {
            keeps_log: false,
            ..Ground::in_memory()
        };
        let mut world = World::new(&plan, ground);
        let kept = world.carry_out(&plan).and_then(|()| world.quiesce());
        kept.map_err(|broken| told(&plan, &broken))?;
        total.add(&world.into_log().1);
        played += 1;
    }
    Ok((total, played))
}

/// Leaves the plan where the tests of the rules can carry it out again, which make it smaller.
fn told(plan: &Plan, broken: &str) -> anyhow::Error {
    let file = std::env::temp_dir().join("deskbell-plan.json");
    let json = serde_json::to_vec_pretty(plan).unwrap_or_default();
    let written = std::fs::write(&file, json);
    let again = match written {
        Ok(()) => format!(
            "PLAN={} cargo test --test engine random_plans",
            file.display()
        ),
        Err(error) => format!("the plan could not be written: {error}"),
    };
    // A store that differs is told as a whole.
    let short: String = broken.chars().take(1_000).collect();
    anyhow!("{short}\n{again}")
}

#[expect(clippy::cast_precision_loss, reason = "counted in millions")]
fn section(
    options: &TransitionsOptions,
    threads: usize,
    total: &Tally,
    played: usize,
    seconds: f64,
) -> Section {
    let transitions = total.transitions();
    let promised = SECONDS_MAX * transitions as f64 / 1e6;
    Section {
        name: "transitions",
        text: format!(
            "Random plans on {threads} threads, everything checked after each transition."
        ),
        columns: vec!["plans", "transitions", "seconds", "each, µs of a thread"],
        rows: vec![vec![
            played.to_string(),
            transitions.to_string(),
            format!("{seconds:.1}"),
            format!("{:.1}", seconds * 1e6 * threads as f64 / transitions as f64),
        ]],
        notes: Vec::new(),
        targets: vec![Target {
            what: format!("{transitions} transitions took {seconds:.1} s (at most {promised:.1})"),
            met: seconds <= promised,
        }],
        json: json!({
            "transitions": transitions, "plans": played, "seconds": seconds, "threads": threads, "seed": options.seed,
        }),
    }
}
