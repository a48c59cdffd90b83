//! What was measured of presence, in words.

use serde_json::json;

use super::{Cpu, PresenceOptions};
use crate::latency::Latencies;
use crate::process::Memory;
use crate::report::{Section, Target};

/// Promise: a change reaches all sockets within so many milliseconds.
const REACH_MS_MAX: f64 = 1000.0;

/// Promise: a storm takes the server at most so much of one processor.
const CPU_MAX: f64 = 0.2;

/// What a storm led to.
pub(super) struct Storm {
    /// From the moment a change was due until the last socket had it.
    pub(super) reach: Latencies,
    pub(super) acknowledged: Latencies,
    pub(super) sent: u64,
    pub(super) refused: u64,
    /// Frames that watchers heard, and their bytes.
    pub(super) deliveries: u64,
    pub(super) bytes: u64,
    pub(super) cpu: Cpu,
}

/// All of it.
pub(super) struct Outcome {
    pub(super) watchers: usize,
    pub(super) single: Latencies,
    pub(super) calm: Cpu,
    pub(super) storm: Storm,
    /// Why sockets were lost.
    pub(super) lost: Vec<String>,
    /// How many watchers ended up with something else than the server.
    pub(super) wrong: usize,
    pub(super) memory: Memory,
}

impl Outcome {
    pub(super) fn section(&self, options: &PresenceOptions) -> Section {
        let storm = &self.storm;
        let row = |name: &str, latencies: &Latencies| {
            let mut row = vec![name.to_owned(), latencies.count().to_string()];
            row.extend(latencies.cells());
            row
        };
        Section {
            name: "presence",
            text: format!(
                "One tenant, {0} agents with a socket each, all watching all. {1} single changes; then {2} s of \
                 {3} changes/s on an open-loop schedule.",
                self.watchers, options.changes, options.storm_seconds, options.storm_rate
            ),
            columns: vec![
                "from a change to",
                "changes",
                "p50 ms",
                "p90 ms",
                "p99 ms",
                "max ms",
            ],
            rows: vec![
                row("the last of all sockets, one at a time", &self.single),
                row("its acknowledgement, in the storm", &storm.acknowledged),
                row("the last of all sockets, in the storm", &storm.reach),
            ],
            notes: self.notes(),
            targets: self.targets(),
            json: json!({
                "watchers": self.watchers, "single": self.single.json(),
                "storm_acknowledged": storm.acknowledged.json(), "storm_reach": storm.reach.json(),
                "sent": storm.sent, "refused": storm.refused,
                "frames_delivered": storm.deliveries, "bytes_delivered": storm.bytes,
                "server_cpu_calm": share(&self.calm), "server_cpu_storm": share(&storm.cpu),
                "storm_seconds": storm.cpu.seconds,
                "server_user_s": storm.cpu.user, "server_system_s": storm.cpu.system,
                "postgres_s": storm.cpu.all.postgres, "driver_s": storm.cpu.all.driver,
                "others_s": storm.cpu.all.others,
                "resident_bytes": self.memory.resident,
                "lost": self.lost.len(), "wrong": self.wrong,
            }),
        }
    }

    fn targets(&self) -> Vec<Target> {
        let storm = &self.storm;
        let longest = self.single.ms(100.0);
        let busy = share(&storm.cpu);
        let unanswered = storm.sent - storm.acknowledged.count().min(storm.sent);
        vec![
            Target {
                what: format!(
                    "a change reached all after {longest:.0} ms at most (within {REACH_MS_MAX:.0} ms)"
                ),
                met: longest <= REACH_MS_MAX,
            },
            Target {
                what: format!(
                    "the storm took the server {:.1} % of a processor (under {:.0} %), {:.1} % without it",
                    busy * 100.0,
                    CPU_MAX * 100.0,
                    share(&self.calm) * 100.0
                ),
                met: busy < CPU_MAX,
            },
            Target {
                what: format!(
                    "{} changes: {} refused, {unanswered} without an acknowledgement; {} sockets lost; {} of {} \
                     watchers know something else than the server",
                    storm.sent,
                    storm.refused,
                    self.lost.len(),
                    self.wrong,
                    self.watchers
                ),
                met: storm.refused == 0
                    && unanswered == 0
                    && self.lost.is_empty()
                    && self.wrong == 0,
            },
        ]
    }

    fn notes(&self) -> Vec<String> {
        let storm = &self.storm;
        let cpu = &storm.cpu;
        let part = |seconds: f64| seconds / cpu.seconds * 100.0;
        let mut notes = vec![
            format!(
                "of a processor over {:.1} s of storm: server {:.1} % in its own code and {:.1} % in the kernel, \
                 Postgres {:.1} %, driver {:.1} %, others {:.1} %",
                cpu.seconds,
                part(cpu.user),
                part(cpu.system),
                part(cpu.all.postgres),
                part(cpu.all.driver),
                part(cpu.all.others)
            ),
            format!(
                "{} frames of {} bytes on average were delivered to watchers in the storm; the server had {} MiB \
                 after it",
                storm.deliveries,
                storm.bytes / storm.deliveries.max(1),
                self.memory.resident >> 20
            ),
        ];
        notes.extend(self.lost.first().map(|why| format!("a lost socket: {why}")));
        notes
    }
}

/// The server's share of one processor.
fn share(cpu: &Cpu) -> f64 {
    (cpu.user + cpu.system) / cpu.seconds
}
