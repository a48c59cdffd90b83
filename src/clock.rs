//! Time, as an input.
//!
//! Owns the only reading of the machine's clocks, and a clock that tests move by hand. Must not be
//! read by `domain` or `engine`: whoever runs them passes the time in.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use crate::domain::{Millis, Timestamp};

/// A future behind a pointer, so that a trait with one can be used as an object.
pub type BoxFuture<'a, T = ()> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// The wall clock. It can jump in both directions; whoever needs an order keeps the largest it
    /// saw.
    fn now(&self) -> Timestamp;

    /// Time since some fixed point, for measuring and for leases; it never goes back.
    fn monotonic(&self) -> Millis;

    /// Waits for a span of monotonic time: a jump of the wall clock neither shortens nor lengthens it.
    /// Dropping the future is safe.
    fn sleep(&self, span: Millis) -> BoxFuture<'static>;
}

/// The machine's clocks.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// A clock whose monotonic side begins now.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the machine's clock is read"
    )]
    pub fn new() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the machine's clock is read"
    )]
    fn now(&self) -> Timestamp {
        // A clock before 1970 is not set at all; zero is as good as any other time then.
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(millis(since_epoch)).min(Timestamp::MAX)
    }

    fn monotonic(&self) -> Millis {
        Millis(millis(self.origin.elapsed()))
    }

    fn sleep(&self, span: Millis) -> BoxFuture<'static> {
        let span = u64::try_from(span.0).unwrap_or_default();
        Box::pin(tokio::time::sleep(Duration::from_millis(span)))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A clock that stands still until it is moved. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct ManualClock {
    hands: Arc<watch::Sender<Hands>>,
}

#[derive(Debug, Clone, Copy)]
struct Hands {
    wall: Timestamp,
    monotonic: Millis,
}

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        let hands = Hands {
            wall: now,
            monotonic: Millis::ZERO,
        };
        Self {
            hands: Arc::new(watch::Sender::new(hands)),
        }
    }

    /// Lets time pass on both sides, and wakes whoever waited for it.
    pub fn advance(&self, by: Millis) {
        self.hands.send_modify(|hands| {
            hands.wall = hands.wall + by;
            hands.monotonic = Millis(hands.monotonic.0.saturating_add(by.0.max(0)));
        });
    }

    /// Makes the wall clock jump, forward or back. No time passes: the monotonic side stands still.
    pub fn set(&self, wall: Timestamp) {
        self.hands.send_modify(|hands| hands.wall = wall);
    }

    /// How many wait for the time to come, roughly: those that were dropped are not counted.
    #[must_use]
    pub fn sleepers(&self) -> usize {
        self.hands.receiver_count()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.hands.borrow().wall
    }

    fn monotonic(&self) -> Millis {
        self.hands.borrow().monotonic
    }

    fn sleep(&self, span: Millis) -> BoxFuture<'static> {
        let mut hands = self.hands.subscribe();
        let until = self.monotonic().0.saturating_add(span.0);
        Box::pin(async move {
            // A clock that nobody can move any more never gets there.
            let moved = hands
                .wait_for(|hands| hands.monotonic.0 >= until)
                .await
                .is_ok();
            if !moved {
                std::future::pending::<()>().await;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::{Clock, ManualClock, SystemClock};
    use crate::domain::{Millis, Timestamp};

    #[test]
    fn a_manual_clock_wakes_its_sleepers_when_their_time_comes() {
        let clock = ManualClock::new(Timestamp(1000));
        let mut sleep = clock.sleep(Millis(500));

        assert!((&mut sleep).now_or_never().is_none());
        clock.advance(Millis(499));
        assert!((&mut sleep).now_or_never().is_none());
        clock.advance(Millis(1));
        assert!((&mut sleep).now_or_never().is_some());
        assert_eq!(clock.monotonic(), Millis(500));
    }

    #[test]
    fn a_jump_of_the_wall_clock_leaves_the_monotonic_side_alone() {
        let clock = ManualClock::new(Timestamp(1_000_000));
        clock.advance(Millis(10));

        clock.set(Timestamp(5));
        assert_eq!((clock.now(), clock.monotonic()), (Timestamp(5), Millis(10)));

        let sleep = clock.sleep(Millis(20));
        clock.set(Timestamp(3_000_000));
        assert!(sleep.now_or_never().is_none(), "no time has passed");
        assert_eq!(clock.monotonic(), Millis(10));
    }

    #[tokio::test]
    async fn the_system_clock_goes_on_and_its_sleeps_end() {
        let clock = SystemClock::new();
        let (before, start) = (clock.now(), clock.monotonic());

        clock.sleep(Millis(5)).await;

        assert!(clock.now() > before);
        assert!(clock.monotonic().0 >= start.0 + 5);
        clock.sleep(Millis(-1)).await;
    }
}
