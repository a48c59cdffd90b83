//! `chats`: how long a durable message takes, at a fixed rate over many chats.
//!
//! Visitors and agents write over their sockets in turn, each message at a time that was fixed
//! beforehand, and latency counts from that time: to the acknowledgement (`ok`, which the server
//! sends once the message is durable) and to the arrival at the other party. The figures include the
//! driver's own work, which shares the processors. Every message is checked: acknowledged ones must
//! have arrived once and in order at both ends.

mod cast;
mod ledger;
mod party;
mod saturate;

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use self::cast::{Cast, Played, Size};
use self::ledger::{Ledger, StepLatencies, Verdict};
use crate::pace::Schedule;
use crate::report::{Section, Target};
use crate::server::{DataFolder, Server, ServerOptions};

/// Promise: half of the acknowledgements come so soon, in milliseconds.
const ACKNOWLEDGED_P50_MS_MAX: f64 = 10.0;

/// Promise for nearly all.
const ACKNOWLEDGED_P99_MS_MAX: f64 = 30.0;

/// Promise: so soon nearly all messages are at the other party.
const DELIVERED_P99_MS_MAX: f64 = 40.0;

/// How messages are measured.
#[derive(Args, Clone, Debug)]
pub(crate) struct ChatsOptions {
    /// Messages a second, in all
    #[arg(long, default_value_t = 1000.0)]
    rate: f64,
    /// Chats that are under way
    #[arg(long, default_value_t = 300)]
    chats: usize,
    /// Agents; their capacity is what it takes
    #[arg(long, default_value_t = 75)]
    agents: usize,
    /// Seconds that are measured
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Seconds before that which are not
    #[arg(long, default_value_t = 5)]
    warm_up_seconds: u64,
    /// Find the highest rate that is sustained, instead; begins with --rate
    #[arg(long)]
    saturate: bool,
}

impl ChatsOptions {
    /// The same, to find the highest rate or not.
    pub(crate) fn saturating(&self, saturate: bool) -> Self {
        Self {
            saturate,
            ..self.clone()
        }
    }
}

/// Measures.
pub(crate) async fn run(server: &ServerOptions, options: &ChatsOptions) -> Result<Section> {
    let folder = DataFolder::new(server)?;
    let server = Server::start(server, &folder).await?;
    let size = Size {
        chats: options.chats,
        agents: options.agents,
    };
    let mut cast = Cast::assemble(server.address, size).await?;
    let mut ledger = Ledger::new(cast.chat_ids());
    let section = if options.saturate {
        saturate::run(&mut cast, &mut ledger, server.id(), options.rate).await?
    } else {
        let warm_up = Duration::from_secs(options.warm_up_seconds);
        let length = warm_up + Duration::from_secs(options.seconds);
        let schedule = Schedule::soon(options.rate, length);
        let played = cast.play(server.id(), schedule, &mut ledger).await?;
        section(
            options,
            &played,
            &ledger.latencies(played.step, warm_up),
            &ledger,
        )
    };
    drop(cast);
    server.stop()?;
    Ok(section)
}

fn section(
    options: &ChatsOptions,
    played: &Played,
    latencies: &StepLatencies,
    ledger: &Ledger,
) -> Section {
    let StepLatencies {
        acknowledged,
        delivered,
    } = latencies;
    let row = |name: &str, latencies: &crate::latency::Latencies| {
        let mut row = vec![name.to_owned(), latencies.count().to_string()];
        row.extend(latencies.cells());
        row
    };
    let verdict = ledger.check();
    let mut targets = vec![
        at_most(
            "p50 to the acknowledgement",
            acknowledged.ms(50.0),
            ACKNOWLEDGED_P50_MS_MAX,
        ),
        at_most(
            "p99 to the acknowledgement",
            acknowledged.ms(99.0),
            ACKNOWLEDGED_P99_MS_MAX,
        ),
        at_most(
            "p99 to the other party",
            delivered.ms(99.0),
            DELIVERED_P99_MS_MAX,
        ),
    ];
    targets.extend(soundness(&verdict, played.drained));
    let mut notes = vec![processor_time(played)];
    notes.extend(ledger.faults());
    Section {
        name: "chats",
        text: format!(
            "{} messages/s in all over {} chats of {} agents, both ways, {} s after {} s of warm-up, \
             on an open-loop schedule.",
            options.rate, options.chats, options.agents, options.seconds, options.warm_up_seconds
        ),
        columns: vec![
            "from when it was due",
            "messages",
            "p50 ms",
            "p90 ms",
            "p99 ms",
            "max ms",
        ],
        rows: vec![
            row("to the acknowledgement", acknowledged),
            row("to the other party", delivered),
        ],
        notes,
        targets,
        json: json!({
            "rate": options.rate, "chats": options.chats, "agents": options.agents,
            "seconds": options.seconds,
            "acknowledged": acknowledged.json(), "delivered": delivered.json(),
            "driver_lateness": played.lateness.json(), "backlog": played.backlog,
            "refused": played.refused, "lost_sockets": played.lost,
            "cores": cores(played), "verdict": verdict.json(),
        }),
    }
}

fn at_most(what: &str, ms: f64, bound: f64) -> Target {
    Target {
        what: format!("{what}: {ms:.2} ms (under {bound} ms)"),
        met: ms < bound,
    }
}

/// The promises that no figure can make up for.
fn soundness(verdict: &Verdict, drained: bool) -> Vec<Target> {
    vec![
        Target {
            what: verdict.sentence(),
            met: verdict.is_good(),
        },
        Target {
            what: "everything was answered and delivered in the end".to_owned(),
            met: drained,
        },
    ]
}

/// Processors in use by server, Postgres, driver and everybody else.
fn cores(played: &Played) -> [f64; 4] {
    let cpu = played.cpu;
    [cpu.server, cpu.postgres, cpu.driver, cpu.others].map(|seconds| seconds / played.seconds)
}

fn processor_time(played: &Played) -> String {
    let [server, postgres, driver, others] = cores(played);
    format!(
        "processors in use: server {server:.2}, Postgres {postgres:.2}, driver {driver:.2}, others \
         {others:.2}; the \
         driver's schedule was late by p99 {:.2} ms, which is part of the latencies",
        played.lateness.ms(99.0)
    )
}
