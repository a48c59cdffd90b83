//! The time of one tenant: the wall clock's at the load, then monotonic.
//!
//! Rings, graces and pauses are spans. If they followed the wall clock, a step back of it would freeze them and a
//! step forward would end them all; so only the first instant is taken from there, and it never lies before what
//! was stored.

use crate::clock::Clock;
use crate::domain::{Millis, Timestamp};

/// Time from the load of an engine on.
#[derive(Clone, Copy, Debug)]
pub(super) struct TenantTime {
    began: Timestamp,
    began_monotonic: Millis,
}

impl TenantTime {
    /// Begins now, but after the last event that was stored.
    pub(super) fn new(clock: &dyn Clock, last_event_at: Timestamp) -> Self {
        Self {
            began: clock.now().max(last_event_at + Millis(1)),
            began_monotonic: clock.monotonic(),
        }
    }

    /// The present instant.
    pub(super) fn now(&self, clock: &dyn Clock) -> Timestamp {
        self.began + Millis(clock.monotonic().0 - self.began_monotonic.0)
    }

    /// When an instant comes, in the clock's monotonic time; the past for one that has been.
    pub(super) fn monotonic(&self, at: Timestamp) -> Millis {
        Millis(self.began_monotonic.0.saturating_add(at.0 - self.began.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn a_jump_of_the_wall_clock_changes_nothing() {
        let clock = ManualClock::new(Timestamp(1_000_000));
        let time = TenantTime::new(&clock, Timestamp(0));

        clock.set(Timestamp(5));
        clock.advance(Millis(20));

        assert_eq!(time.now(&clock), Timestamp(1_000_020));
        assert_eq!(time.monotonic(Timestamp(1_000_050)), Millis(50));
    }

    #[test]
    fn it_begins_after_what_was_stored() {
        let clock = ManualClock::new(Timestamp(1000));

        let time = TenantTime::new(&clock, Timestamp(9000));

        assert_eq!(time.now(&clock), Timestamp(9001));
    }
}
