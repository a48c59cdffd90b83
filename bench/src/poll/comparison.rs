//! The comparison for one kind of answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::PollOptions;
use super::contender::Contender;
use crate::latency::Latencies;
use crate::pace::Schedule;
use crate::process::cpu_seconds;

/// The order of everything that there is twice.
pub(super) const NAMES: [&str; 2] = ["server", "bare handler"];

/// What one kind of answer led to.
pub(super) struct Comparison {
    pub(super) status: u16,
    pub(super) bytes: usize,
    /// Requests a second in each round: the server's, the bare handler's.
    pub(super) rounds: Vec<[f64; 2]>,
    /// Microseconds of processor time for a request, over all rounds.
    pub(super) cpu_us: [f64; 2],
    pub(super) half_rate: f64,
    /// The p99 at half load in each round, in milliseconds: the server's, the bare handler's.
    pub(super) half_rounds: Vec<[f64; 2]>,
    /// All rounds together.
    pub(super) half: [Latencies; 2],
    pub(super) lateness: [Latencies; 2],
}

/// Compares the two, which stand in the order of [`NAMES`].
pub(super) async fn compare(
    both: &[Contender; 2],
    request: &[u8],
    status: u16,
    options: &PollOptions,
) -> Result<Comparison> {
    let request: Arc<[u8]> = request.into();
    let length = Duration::from_secs_f64(options.round_seconds);
    for contender in both {
        contender.closed_loop(&request, status, length / 2).await?;
    }
    let bytes = both[0].answer_bytes(&request).await?;
    let theirs = both[1].answer_bytes(&request).await?;
    ensure!(
        bytes == theirs,
        "the answers differ: {bytes} and {theirs} bytes"
    );

    let mut rounds = Vec::new();
    let (mut cpu, mut requests) = ([0.0; 2], [0.0; 2]);
    for round in 0..options.rounds {
        let mut rates = [0.0; 2];
        for turn in 0..2 {
            let which = (round + turn) % 2;
            let before = cpu_seconds(both[which].id);
            let began = Instant::now();
            rates[which] = both[which].closed_loop(&request, status, length).await?;
            cpu[which] += cpu_seconds(both[which].id) - before;
            requests[which] += rates[which] * began.elapsed().as_secs_f64();
        }
        rounds.push(rates);
    }

    let half_rate = median(rounds.iter().map(|rates| rates[0])) / 2.0;
    let mut half = [Latencies::new(), Latencies::new()];
    let mut lateness = [Latencies::new(), Latencies::new()];
    let mut half_rounds = Vec::new();
    for round in 0..options.rounds {
        let mut p99 = [0.0; 2];
        for turn in 0..2 {
            let which = (round + turn) % 2;
            let schedule = Schedule::soon(half_rate, length);
            let (latencies, late) = both[which].open_loop(&request, status, schedule).await?;
            p99[which] = latencies.ms(99.0);
            half[which].add(&latencies);
            lateness[which].add(&late);
        }
        half_rounds.push(p99);
    }
    let cpu_us = [0, 1].map(|which| cpu[which] / requests[which] * 1e6);
    Ok(Comparison {
        status,
        bytes,
        rounds,
        cpu_us,
        half_rate,
        half_rounds,
        half,
        lateness,
    })
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

impl Comparison {
    /// Requests a second.
    pub(super) fn rate(&self, which: usize) -> f64 {
        median(self.rounds.iter().map(|rates| rates[which]))
    }

    /// The median of the rounds' p99 at half load, in milliseconds: a moment in which somebody else has the
    /// processors spoils a round and not the figure.
    pub(super) fn half_p99(&self, which: usize) -> f64 {
        median(self.half_rounds.iter().map(|p99| p99[which]))
    }

    /// The server's share of what the bare handler does.
    pub(super) fn ratio(&self) -> f64 {
        median(self.rounds.iter().map(|rates| rates[0] / rates[1]))
    }

    /// All of it for machines.
    pub(super) fn json(&self) -> Value {
        json!({
            "bytes": self.bytes,
            "server_per_second": self.rate(0), "bare_per_second": self.rate(1),
            "ratio": self.ratio(), "rounds": self.rounds,
            "server_cpu_us": self.cpu_us[0], "bare_cpu_us": self.cpu_us[1],
            "half_load_per_second": self.half_rate, "half_load_rounds_p99_ms": self.half_rounds,
            "server_half_load": self.half[0].json(), "bare_half_load": self.half[1].json(),
            "driver_lateness": [self.lateness[0].json(), self.lateness[1].json()],
        })
    }
}
