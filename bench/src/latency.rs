//! Latencies without rounding away the tail: an HDR histogram in microseconds.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde_json::{Value, json};

/// Longer ones count as this long: nothing here waits for a minute.
const LONGEST_US: u64 = 60_000_000;

/// Many durations.
#[derive(Clone, Debug)]
pub(crate) struct Latencies(Histogram<u64>);

impl Latencies {
    /// None yet. Three digits are kept.
    #[expect(
        clippy::expect_used,
        reason = "the bounds are constants that are in range"
    )]
    pub(crate) fn new() -> Self {
        Self(Histogram::new_with_bounds(1, LONGEST_US, 3).expect("the bounds are in range"))
    }

    /// Adds one.
    pub(crate) fn record(&mut self, duration: Duration) {
        self.0
            .saturating_record(u64::try_from(duration.as_micros()).unwrap_or(LONGEST_US));
    }

    /// Adds all of another.
    pub(crate) fn add(&mut self, other: &Self) {
        // Both have the same bounds, which is all that could go wrong.
        let _ = self.0.add(&other.0);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// Returns in milliseconds what `percent` of them took at most.
    pub(crate) fn ms(&self, percent: f64) -> f64 {
        Self::to_ms(self.0.value_at_percentile(percent))
    }

    /// Returns p50, p90, p99 and the longest, in milliseconds, as cells of a table.
    pub(crate) fn cells(&self) -> Vec<String> {
        let longest = Self::to_ms(self.0.max());
        [self.ms(50.0), self.ms(90.0), self.ms(99.0), longest]
            .map(|ms| format!("{ms:.2}"))
            .to_vec()
    }

    /// The same for machines.
    pub(crate) fn json(&self) -> Value {
        json!({
            "count": self.count(),
            "p50_ms": self.ms(50.0),
            "p90_ms": self.ms(90.0),
            "p99_ms": self.ms(99.0),
            "p999_ms": self.ms(99.9),
            "max_ms": Self::to_ms(self.0.max()),
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "at most LONGEST_US")]
    fn to_ms(us: u64) -> f64 {
        us as f64 / 1000.0
    }
}
