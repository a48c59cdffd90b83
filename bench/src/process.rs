//! What the system says of processes: memory and CPU time, from `/proc`.
//!
//! The server's own figures are not asked for: who is measured should not be who measures.

use std::collections::HashMap;
use std::fs;

use anyhow::{Context, Result};

/// CPU time in `/proc` is counted in hundredths of a second on every architecture that Linux has
/// for servers; `getconf CLK_TCK` would say the same.
const TICKS_PER_SECOND: f64 = 100.0;

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// Resident, all in all.
    pub(crate) resident: u64,
    /// Of that what belongs to this process alone and is in no file: the heap and the stacks.
    pub(crate) anonymous: u64,
}

/// Returns the memory of process `id`.
pub(crate) fn memory(id: u32) -> Result<Memory> {
    let path = format!("/proc/{id}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("read {path}"))?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = line.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        kilobytes
            .map(|k| k * 1024)
            .with_context(|| format!("no {name} in {path}"))
    };
    Ok(Memory {
        resident: field("VmRSS:")?,
        anonymous: field("RssAnon:")?,
    })
}

/// The slope of the least-squares line of bytes over a number of things: what one more of them costs.
pub(crate) fn slope(readings: impl Iterator<Item = (usize, u64)>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let points: Vec<(f64, f64)> = readings
        .map(|(things, bytes)| (things as f64, bytes as f64))
        .collect();
    let count: f64 = points.iter().map(|_| 1.0).sum();
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let covariance: f64 = points
        .iter()
        .map(|point| (point.0 - x) * (point.1 - y))
        .sum();
    let variance: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    covariance / variance
}

/// CPU seconds of the driver, the server, the server's Postgres and everybody else.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CpuSeconds {
    /// This process.
    pub(crate) driver: f64,
    /// The server.
    pub(crate) server: f64,
    /// All that the server has started: Postgres with its own children.
    pub(crate) postgres: f64,
    /// All other processes, and what the host of a virtual machine took: the noise.
    pub(crate) others: f64,
}

impl CpuSeconds {
    /// What has been used up so far.
    pub(crate) fn now(server: u32) -> Self {
        let all = all_processes();
        let mut below = vec![server];
        let mut postgres = 0.0;
        while let Some(parent) = below.pop() {
            for (&id, process) in all.iter().filter(|(_, process)| process.parent == parent) {
                postgres += process.cpu_seconds;
                below.push(id);
            }
        }
        let of = |id: u32| all.get(&id).map_or(0.0, |process| process.cpu_seconds);
        let (driver, server) = (of(std::process::id()), of(server));
        let others = machine_seconds() - driver - server - postgres;
        Self {
            driver,
            server,
            postgres,
            others,
        }
    }

    /// What has been used since `earlier`.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            driver: self.driver - earlier.driver,
            server: self.server - earlier.server,
            postgres: (self.postgres - earlier.postgres).max(0.0),
            others: (self.others - earlier.others).max(0.0),
        }
    }
}

/// What all processors did since they were started, but for waiting.
fn machine_seconds() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let ticks = line
        .split_whitespace()
        .skip(1)
        .map(|field| field.parse().unwrap_or(0.0));
    // user, nice, system, (idle, iowait,) irq, softirq, steal; guests are part of user.
    let busy = ticks
        .enumerate()
        .filter(|(index, _)| matches!(index, 0..=2 | 5..=7));
    busy.map(|(_, ticks): (usize, f64)| ticks).sum::<f64>() / TICKS_PER_SECOND
}

/// Returns the CPU seconds of process `id` alone.
pub(crate) fn cpu_seconds(id: u32) -> f64 {
    stat(id).map_or(0.0, |process| process.cpu_seconds)
}

/// Returns the CPU seconds of process `id` alone, in its own code and in the kernel.
pub(crate) fn cpu_split(id: u32) -> (f64, f64) {
    stat(id).map_or((0.0, 0.0), |process| {
        let system = process.system_seconds;
        (process.cpu_seconds - system, system)
    })
}

/// How often the threads of process `id` have begun to run again after a wait.
pub(crate) fn switches(id: u32) -> Result<u64> {
    let path = format!("/proc/{id}/task");
    let threads = fs::read_dir(&path).with_context(|| format!("read {path}"))?;
    let of_thread = |thread: fs::DirEntry| {
        let status = fs::read_to_string(thread.path().join("status")).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
        line.trim().parse::<u64>().ok()
    };
    // A thread that ends meanwhile does not count.
    Ok(threads.flatten().filter_map(of_thread).sum())
}

struct Process {
    parent: u32,
    cpu_seconds: f64,
    /// Of those, the ones in the kernel.
    system_seconds: f64,
}

fn all_processes() -> HashMap<u32, Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return HashMap::new();
    };
    let ids = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter_map(|id| Some((id, stat(id)?))).collect()
}

fn stat(id: u32) -> Option<Process> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name stands in brackets and may hold anything; fields are counted from its end.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some(Process {
        parent: fields.get(1)?.parse().ok()?,
        cpu_seconds: (ticks(11)? + ticks(12)?) / TICKS_PER_SECOND,
        system_seconds: ticks(12)? / TICKS_PER_SECOND,
    })
}
