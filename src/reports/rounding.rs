//! Whole seconds that add up.

use std::collections::BTreeMap;

use crate::domain::Millis;

/// A length of time, as it is told in whole seconds and as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seconds {
    /// Such that the parts of something add up to it.
    pub whole: i64,
    /// To the millisecond, for what is computed from it.
    pub exact: Millis,
}

/// So many seconds and no part of another one.
impl From<i64> for Seconds {
    fn from(whole: i64) -> Self {
        Self {
            whole,
            exact: Millis(whole.saturating_mul(1000)),
        }
    }
}

impl std::ops::AddAssign for Seconds {
    fn add_assign(&mut self, more: Self) {
        self.whole += more.whole;
        self.exact.0 += more.exact.0;
    }
}

/// Gives each part its whole seconds, and what is then missing to the total one by one to those with the largest
/// remainders, the first by key among equals. So the parts add up to `total_s`, and each is less than a second off.
///
/// `total_s` is the length of all parts together in seconds, rounded down or, if it is not whole, up.
#[must_use]
pub fn apportion<K: Ord + Clone>(parts: &BTreeMap<K, Millis>, total_s: i64) -> BTreeMap<K, i64> {
    let mut seconds: BTreeMap<K, i64> = parts
        .iter()
        .map(|(key, part)| (key.clone(), part.as_secs()))
        .collect();
    let given: i64 = seconds.values().sum();
    let missing = usize::try_from(total_s.saturating_sub(given)).unwrap_or(0);
    let mut by_remainder: Vec<(i64, &K)> = parts
        .iter()
        .map(|(key, part)| (-(part.0 % 1000), key))
        .collect();
    by_remainder.sort();
    for (_, key) in by_remainder.into_iter().take(missing) {
        if let Some(seconds) = seconds.get_mut(key) {
            *seconds += 1;
        }
    }
    seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[i64], total_s: i64) -> Vec<i64> {
        let parts = parts.iter().enumerate();
        let parts = parts.map(|(key, part)| (key, Millis(*part))).collect();
        apportion(&parts, total_s).into_values().collect()
    }

    #[test]
    fn the_largest_remainders_get_what_is_missing() {
        assert_eq!(of(&[1500, 1500, 2000], 5), [2, 1, 2]);
        assert_eq!(of(&[400, 300, 300], 1), [1, 0, 0]);
        assert_eq!(of(&[999, 999, 2], 2), [1, 1, 0]);
        assert_eq!(of(&[1000, 2000], 3), [1, 2]);
        // The total was rounded up, to make a greater whole.
        assert_eq!(of(&[700, 500], 2), [1, 1]);
        assert_eq!(of(&[], 0), Vec::<i64>::new());
    }
}
