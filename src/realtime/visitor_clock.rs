//! Numbers for visitors' streams: they rise for each visitor, and tell nothing about the tenant's traffic.
//!
//! A number is the time in microseconds, or one more than the visitor's last if that is not less (a hybrid logical
//! clock for each visitor). So no counter has to be kept for visitors who are away: after a restart or a long
//! absence the time alone is greater than any number given before.

use std::collections::HashMap;

use crate::domain::{Timestamp, VisitorId};

/// The last numbers of the visitors who are ahead of the time.
#[derive(Debug, Default)]
pub(super) struct VisitorClock {
    ahead: HashMap<VisitorId, i64>,
}

impl VisitorClock {
    /// The next number of the visitor's stream.
    pub(super) fn next(&mut self, visitor_id: VisitorId, now: Timestamp) -> i64 {
        let number = self.last(visitor_id, now) + 1;
        // Only those who had an event in this millisecond are remembered.
        let floor = micros(now);
        self.ahead.retain(|_, last| *last >= floor);
        self.ahead.insert(visitor_id, number);
        number
    }

    /// A number that none given so far exceeds, and that every later one does.
    pub(super) fn last(&self, visitor_id: VisitorId, now: Timestamp) -> i64 {
        let floor = micros(now) - 1;
        self.ahead
            .get(&visitor_id)
            .map_or(floor, |last| floor.max(*last))
    }
}

fn micros(at: Timestamp) -> i64 {
    at.0.saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn numbers_rise_within_one_instant_and_over_instants() {
        let mut clock = VisitorClock::default();
        let (ana, bo) = (VisitorId(Uuid::from_u128(1)), VisitorId(Uuid::from_u128(2)));

        let first = clock.next(ana, Timestamp(5));
        let second = clock.next(ana, Timestamp(5));
        let other = clock.next(bo, Timestamp(5));
        let later = clock.next(ana, Timestamp(6));

        assert!(first < second && second < later);
        assert_eq!(first, other, "another visitor's events leave no trace");
    }

    #[test]
    fn the_last_number_lies_between_past_and_future() {
        let mut clock = VisitorClock::default();
        let ana = VisitorId(Uuid::from_u128(1));

        let given = clock.next(ana, Timestamp(5));
        let last = clock.last(ana, Timestamp(5));

        assert!(given <= last && last < clock.next(ana, Timestamp(5)));
    }
}
