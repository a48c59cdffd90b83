//! An open-loop schedule: when each of many things is due is fixed before the first is done.
//!
//! A client that waits for an answer before it sends the next request slows down with the server
//! and so hides what its users would have waited ("coordinated omission"). Here latency counts from
//! when something was due. Due times are kept by a thread of its own, since tokio's timers know only
//! whole milliseconds; how late that thread itself was is part of every latency and of every report.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use crate::latency::Latencies;

/// When each of `count` things is due: evenly spread from `start` on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    pub(crate) start: Instant,
    pub(crate) per_second: f64,
    pub(crate) count: u64,
}

impl Schedule {
    /// Starts a moment from now, so that the first is not late already.
    pub(crate) fn soon(per_second: f64, length: Duration) -> Self {
        let count = per_second * length.as_secs_f64();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a positive number of messages, far below the bounds"
        )]
        let count = count.round() as u64;
        Self {
            start: Instant::now() + Duration::from_millis(50),
            per_second,
            count,
        }
    }

    /// When thing `index` is due.
    pub(crate) fn due(&self, index: u64) -> Instant {
        #[expect(clippy::cast_precision_loss, reason = "indices are far below 2^52")]
        let after = index as f64 / self.per_second;
        self.start + Duration::from_secs_f64(after)
    }
}

/// A thread that works through a schedule. Dropping it ends it at the next due time.
pub(crate) struct Pacer {
    thread: Option<JoinHandle<Latencies>>,
    stopped: Arc<AtomicBool>,
}

impl Pacer {
    /// Calls `fire` with each index when it is due. `fire` must not block.
    pub(crate) fn run(schedule: Schedule, mut fire: impl FnMut(u64) + Send + 'static) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let watched = Arc::clone(&stopped);
        let thread = thread::spawn(move || {
            let mut lateness = Latencies::new();
            for index in 0..schedule.count {
                let due = schedule.due(index);
                let early = due.saturating_duration_since(Instant::now());
                if !early.is_zero() {
                    thread::sleep(early);
                }
                if watched.load(Ordering::Relaxed) {
                    break;
                }
                lateness.record(due.elapsed());
                fire(index);
            }
            lateness
        });
        Self {
            thread: Some(thread),
            stopped,
        }
    }

    /// Waits for the end of the schedule; returns how late things were fired.
    pub(crate) async fn finish(mut self) -> Result<Latencies> {
        let Some(thread) = self.thread.take() else {
            return Ok(Latencies::new());
        };
        let joined = tokio::task::spawn_blocking(move || thread.join()).await?;
        joined.map_err(|_| anyhow!("the schedule's thread panicked"))
    }
}

impl Drop for Pacer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}
