//! Instants and durations in milliseconds. They come in with a command; nothing here reads a clock.

use serde::{Deserialize, Serialize};

/// A length of time in milliseconds, never negative.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// Whole seconds.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Whole seconds, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0 / 1000
    }
}

/// An instant: milliseconds since the Unix epoch, UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The latest instant that the wire can show, year 9999; sums stop there instead of wrapping.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// The time from `earlier` to here; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0).max(0))
    }
}

impl std::ops::Add<Millis> for Timestamp {
    type Output = Self;

    /// Adds and stops at [`Timestamp::MAX`].
    fn add(self, duration: Millis) -> Self {
        Self(self.0.saturating_add(duration.0).min(Self::MAX.0))
    }
}
