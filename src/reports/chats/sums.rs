//! What measures add up to.

use std::collections::BTreeMap;

use super::figure::{Figure, FigureKind};
use super::fold::Measure;
use crate::domain::Millis;

/// What the lengths of a figure tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeSums {
    /// How many there are.
    pub count: i64,
    /// Their mean to the millisecond; `None` where there are none.
    pub average: Option<Millis>,
    /// The shortest length that at least half of them do not exceed.
    pub p50: Option<Millis>,
    /// The shortest length that at least nine of ten do not exceed.
    pub p90: Option<Millis>,
}

/// What scores tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScoreSums {
    /// How many there are of each, from 1 to 5.
    pub by_score: [i64; 5],
}

impl ScoreSums {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> i64 {
        self.by_score.iter().sum()
    }

    /// Their mean in hundredths, rounded half up; `None` where there are none.
    #[must_use]
    pub fn average_hundredths(&self) -> Option<i64> {
        let scores = (1..).zip(self.by_score);
        let sum: i64 = scores.map(|(score, count): (i64, i64)| score * count).sum();
        mean(sum * 100, self.count())
    }
}

/// What a figure tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// A number.
    Number(i64),
    /// What lengths tell.
    Time(TimeSums),
    /// What scores tell.
    Score(ScoreSums),
}

/// The values of all figures over some chats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChatSums {
    numbers: BTreeMap<Figure, i64>,
    /// The lengths in milliseconds, all of them: a percentile has no shorter form that adds up exactly.
    lengths: BTreeMap<Figure, Vec<i64>>,
    scores: BTreeMap<Figure, ScoreSums>,
}

impl ChatSums {
    /// Adds a value.
    pub fn add(&mut self, measure: &Measure) {
        match measure.figure.kind() {
            FigureKind::Count | FigureKind::Sum => {
                *self.numbers.entry(measure.figure).or_default() += measure.value;
            }
            FigureKind::Time => {
                let lengths = self.lengths.entry(measure.figure).or_default();
                lengths.push(measure.value);
            }
            FigureKind::Score => {
                let scores = self.scores.entry(measure.figure).or_default();
                let place = usize::try_from(measure.value - 1).ok();
                if let Some(count) = place.and_then(|place| scores.by_score.get_mut(place)) {
                    *count += 1;
                }
            }
        }
    }

    /// Adds all values of others.
    pub fn merge(&mut self, other: &Self) {
        for (figure, number) in &other.numbers {
            *self.numbers.entry(*figure).or_default() += number;
        }
        for (figure, lengths) in &other.lengths {
            let all = self.lengths.entry(*figure).or_default();
            all.extend_from_slice(lengths);
        }
        for (figure, scores) in &other.scores {
            let all = self.scores.entry(*figure).or_default();
            for (all, count) in all.by_score.iter_mut().zip(scores.by_score) {
                *all += count;
            }
        }
    }

    /// What a figure tells; nothing was counted where there were no values.
    #[must_use]
    pub fn told(&self, figure: Figure) -> Told {
        match figure.kind() {
            FigureKind::Count | FigureKind::Sum => {
                Told::Number(self.numbers.get(&figure).copied().unwrap_or_default())
            }
            FigureKind::Time => {
                let lengths = self.lengths.get(&figure);
                Told::Time(TimeSums::of(lengths.cloned().unwrap_or_default()))
            }
            FigureKind::Score => Told::Score(self.scores.get(&figure).copied().unwrap_or_default()),
        }
    }
}

impl TimeSums {
    /// Of some lengths in milliseconds.
    #[must_use]
    pub fn of(mut lengths: Vec<i64>) -> Self {
        lengths.sort_unstable();
        let count = i64::try_from(lengths.len()).unwrap_or(i64::MAX);
        let rank = |percent: usize| {
            let place = (lengths.len() * percent).div_ceil(100).checked_sub(1)?;
            lengths.get(place).copied().map(Millis)
        };
        Self {
            count,
            average: mean(lengths.iter().sum(), count).map(Millis),
            p50: rank(50),
            p90: rank(90),
        }
    }
}

/// A mean, rounded half up. Neither number is negative.
fn mean(sum: i64, count: i64) -> Option<i64> {
    (sum + count / 2).checked_div(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_lengths() {
        let of = |lengths: &[i64]| {
            let sums = TimeSums::of(lengths.to_vec());
            [sums.average, sums.p50, sums.p90].map(|length| length.map(|length| length.0))
        };

        assert_eq!(of(&[]), [None; 3]);
        assert_eq!(of(&[7]), [Some(7); 3]);
        assert_eq!(of(&[4, 1]), [Some(3), Some(1), Some(4)]);
        assert_eq!(of(&[3, 1, 2]), [Some(2), Some(2), Some(3)]);
        let ten: Vec<i64> = (1..=10).rev().collect();
        assert_eq!(of(&ten), [Some(6), Some(5), Some(9)]);
        let eleven: Vec<i64> = (1..=11).collect();
        assert_eq!(of(&eleven), [Some(6), Some(6), Some(10)]);
    }
}
