//! A window of time, cut at the moments of change.

use crate::domain::{Millis, Timestamp};

/// A half-open stretch of time: its start is in it, its end is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

impl Window {
    /// How long it is.
    #[must_use]
    pub fn length(self) -> Millis {
        self.to.since(self.from)
    }

    /// What it has in common with another one, if that is any time at all.
    #[must_use]
    pub fn overlap(self, other: Self) -> Option<Self> {
        let common = Self {
            from: self.from.max(other.from),
            to: self.to.min(other.to),
        };
        (common.from < common.to).then_some(common)
    }

    /// The part of it in which something was there that was made once and may have ended; `None` when it was not.
    #[must_use]
    pub fn within_life(self, made_at: Timestamp, ended_at: Option<Timestamp>) -> Option<Self> {
        self.overlap(Self {
            from: made_at,
            to: ended_at.unwrap_or(Timestamp::MAX),
        })
    }
}

/// A stretch of time through which something stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span<T> {
    /// When.
    pub window: Window,
    /// What.
    pub state: T,
}

/// Cuts a window at the moments at which a state became another: without a gap, without an overlap, and no two
/// neighbours the same. So the lengths add up to that of the window, to the millisecond, whatever the moments are.
///
/// `initial` is what stood before the first moment. Moments come in their order; the ones at the start of the window or
/// before it say what it begins with, the ones at its end or later are not looked at. Of several of one instant the
/// last one counts.
#[must_use]
pub fn timeline<T: PartialEq>(
    window: Window,
    initial: T,
    moments: impl IntoIterator<Item = (Timestamp, T)>,
) -> Vec<Span<T>> {
    let mut spans: Vec<Span<T>> = Vec::new();
    let (mut state, mut since) = (initial, window.from);
    for (at, next) in moments {
        if at >= window.to {
            break;
        }
        let before = std::mem::replace(&mut state, next);
        if at > since {
            push(&mut spans, since, at, before);
            since = at;
        }
    }
    push(&mut spans, since, window.to, state);
    spans
}

fn push<T: PartialEq>(spans: &mut Vec<Span<T>>, from: Timestamp, to: Timestamp, state: T) {
    match spans.last_mut() {
        Some(last) if last.state == state => last.window.to = to,
        Some(_) | None => spans.push(Span {
            window: Window { from, to },
            state,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(from: i64, to: i64) -> Window {
        Window {
            from: Timestamp(from),
            to: Timestamp(to),
        }
    }

    fn line(from: i64, to: i64, moments: &[(i64, char)]) -> Vec<(i64, i64, char)> {
        let moments = moments.iter().map(|(at, state)| (Timestamp(*at), *state));
        let spans = timeline(window(from, to), '-', moments);
        let shown = |span: &Span<char>| (span.window.from.0, span.window.to.0, span.state);
        spans.iter().map(shown).collect()
    }

    #[test]
    fn an_interval_ends_where_the_next_begins() {
        let moments = [(5, 'a'), (20, 'b'), (30, 'c')];

        assert_eq!(
            line(10, 40, &moments),
            [(10, 20, 'a'), (20, 30, 'b'), (30, 40, 'c')]
        );
        assert_eq!(line(20, 30, &moments), [(20, 30, 'b')]);
        assert_eq!(line(0, 5, &moments), [(0, 5, '-')]);
        assert_eq!(line(0, 8, &moments), [(0, 5, '-'), (5, 8, 'a')]);
        assert_eq!(line(7, 9, &[]), [(7, 9, '-')]);
    }

    #[test]
    fn neighbours_differ_and_nothing_lasts_for_no_time() {
        let same = [
            (12, 'a'),
            (15, 'a'),
            (18, 'b'),
            (18, 'a'),
            (20, 'b'),
            (20, 'c'),
        ];

        assert_eq!(
            line(10, 30, &same),
            [(10, 12, '-'), (12, 20, 'a'), (20, 30, 'c')]
        );
    }

    #[test]
    fn a_life_cuts_a_window() {
        let asked = window(10, 20);

        assert_eq!(asked.within_life(Timestamp(0), None), Some(asked));
        let cut = asked.within_life(Timestamp(12), Some(Timestamp(15)));
        assert_eq!(cut, Some(window(12, 15)));
        assert_eq!(asked.within_life(Timestamp(20), None), None);
        assert_eq!(asked.within_life(Timestamp(0), Some(Timestamp(10))), None);
    }
}
