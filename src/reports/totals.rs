//! What an agent's time line adds up to.
//!
//! Every millisecond is put into one cell. Each figure is a sum of cells, so all of them fit together: the statuses
//! make the whole, so do paid, unpaid and off, and the pauses are a part of both.

use std::collections::BTreeMap;

use super::days::{DaySums, per_day};
use super::presence::{Stood, Work};
use super::rounding::Seconds;
use super::timeline::{Span, Window, timeline};
use crate::domain::{Capacity, Millis, PauseId, Status, StatusId, Timestamp, Zone};

/// What is told apart of an agent's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AgentCell {
    status: Status,
    work: Work,
    /// The pause, of an agent at work: who closes its page in one and goes has left it.
    pause_id: Option<PauseId>,
    /// The custom status, likewise.
    status_id: Option<StatusId>,
    /// Whether it took part in a chat.
    is_in_chat: bool,
}

/// Adds up a time line by the days of a calendar. `busy` are the times in which the agent took part in a chat.
#[must_use]
pub fn agent_days(spans: &[Span<Stood>], busy: &[Window], zone: Zone) -> Vec<DaySums<AgentCell>> {
    per_day(spans, zone, |stretch, stood, count| {
        let at_work = stood.work != Work::Off;
        let cell = |is_in_chat| AgentCell {
            status: stood.status,
            work: stood.work,
            pause_id: stood.pause_id.filter(|_| at_work),
            status_id: stood.status_id.filter(|_| at_work),
            is_in_chat,
        };
        let in_chat = common(stretch, busy);
        count(cell(true), in_chat);
        count(cell(false), Millis(stretch.length().0 - in_chat.0));
    })
}

/// How much time an agent spent in chats on each of some days that follow one another: while it was online or away, each
/// chat by itself, so two at once count twice. `chats` are the start and the end of each stretch.
///
/// The whole seconds of a day are what the whole has more at its end than at its start, so the days add up.
#[must_use]
pub fn time_in_chats(
    spans: &[Span<Stood>],
    chats: &[(Timestamp, Option<Timestamp>)],
    days: &[Window],
) -> Vec<Seconds> {
    let there: Vec<Window> = spans
        .iter()
        .filter(|span| matches!(span.state.status, Status::Online | Status::Away))
        .map(|span| span.window)
        .collect();
    let levels = levels(chats);
    let mut sum = Millis::ZERO;
    let seconds = days.iter().map(|day| {
        let before = sum;
        let begins = levels.partition_point(|level| level.window.to <= day.from);
        for level in &levels[begins..] {
            let Some(part) = level.window.overlap(*day) else {
                break;
            };
            sum.0 += level.state * common(part, &there).0;
        }
        Seconds {
            whole: sum.as_secs() - before.as_secs(),
            exact: Millis(sum.0 - before.0),
        }
    });
    seconds.collect()
}

/// The whole seconds of the same.
#[must_use]
pub fn chat_seconds(
    spans: &[Span<Stood>],
    chats: &[(Timestamp, Option<Timestamp>)],
    days: &[Window],
) -> Vec<i64> {
    let times = time_in_chats(spans, chats, days);
    times.into_iter().map(|time| time.whole).collect()
}

/// How many of some chats there were at once, for all times between the first start and the last end.
fn levels(chats: &[(Timestamp, Option<Timestamp>)]) -> Vec<Span<i64>> {
    let mut steps: BTreeMap<Timestamp, i64> = BTreeMap::new();
    for (from, to) in chats {
        *steps.entry(*from).or_default() += 1;
        *steps.entry(to.unwrap_or(Timestamp::MAX)).or_default() -= 1;
    }
    let ends = steps.first_key_value().zip(steps.last_key_value());
    let Some(((from, _), (to, _))) = ends else {
        return Vec::new();
    };
    let window = Window {
        from: *from,
        to: *to,
    };
    let mut count = 0;
    let steps = steps.iter().map(|(at, step)| {
        count += step;
        (*at, count)
    });
    timeline(window, 0, steps)
}

/// How much of a stretch is within some of these times.
fn common(stretch: Window, times: &[Window]) -> Millis {
    let begins = times.partition_point(|time| time.to <= stretch.from);
    let common = times[begins..]
        .iter()
        .map_while(|time| time.overlap(stretch))
        .map(|common| common.length().0);
    Millis(common.sum())
}

/// The time in pauses of one kind, paid or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PauseTime {
    /// Which kind.
    pub pause_id: PauseId,
    /// Whether they were paid: a kind that was changed may be there twice.
    pub paid: bool,
    /// How long, in seconds.
    pub seconds: i64,
}

/// The time in a custom status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusTime {
    /// Which.
    pub status_id: StatusId,
    /// How long, in seconds.
    pub seconds: i64,
}

/// What an agent's time adds up to, in whole seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentTotals {
    /// All of it: the four statuses together, and paid, unpaid and off together.
    pub total: i64,
    /// Effectively online.
    pub online: i64,
    /// Effectively away.
    pub away: i64,
    /// Effectively offline.
    pub offline: i64,
    /// Invisible.
    pub invisible: i64,
    /// At work, paid.
    pub paid: i64,
    /// At work, not paid.
    pub unpaid: i64,
    /// Not at work.
    pub off: i64,
    /// In pauses that are paid: a part of `paid`.
    pub paid_pauses: i64,
    /// In pauses that are not: a part of `unpaid`.
    pub unpaid_pauses: i64,
    /// The pauses by kind.
    pub pauses: Vec<PauseTime>,
    /// The custom statuses.
    pub statuses: Vec<StatusTime>,
    /// Online or away, in a chat at least.
    pub busy: i64,
    /// Of that, away: a pause or a drain does not end one's chats.
    pub busy_away: i64,
    /// The time in chats while online or away, each chat by itself.
    pub chats: i64,
    /// What the shares of the time are computed from.
    exact: Exact,
}

/// What a share of the time is of, to the millisecond: whole seconds would make it wrong by as much as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Exact {
    /// Online, or away in a chat at least.
    there: Millis,
    /// Online or away, in a chat at least.
    busy: Millis,
    /// The time in chats, each by itself.
    chats: Millis,
}

impl AgentTotals {
    /// The sums of cells, and the time in chats.
    #[must_use]
    pub fn of(cells: &BTreeMap<AgentCell, Seconds>, chats: impl Into<Seconds>) -> Self {
        let chats = chats.into();
        let mut totals = Self {
            chats: chats.whole,
            exact: Exact {
                chats: chats.exact,
                ..Exact::default()
            },
            ..Self::default()
        };
        let mut pauses: BTreeMap<(PauseId, bool), i64> = BTreeMap::new();
        let mut statuses: BTreeMap<StatusId, i64> = BTreeMap::new();
        for (cell, lasted) in cells {
            totals.add(cell, *lasted);
            let seconds = lasted.whole;
            if let Some(id) = cell.pause_id {
                *pauses.entry((id, cell.work == Work::Paid)).or_default() += seconds;
            }
            if let Some(id) = cell.status_id {
                *statuses.entry(id).or_default() += seconds;
            }
        }
        let pauses = pauses
            .into_iter()
            .map(|((pause_id, paid), seconds)| PauseTime {
                pause_id,
                paid,
                seconds,
            });
        totals.pauses = pauses.collect();
        let statuses = statuses.into_iter();
        let statuses = statuses.map(|(status_id, seconds)| StatusTime { status_id, seconds });
        totals.statuses = statuses.collect();
        totals
    }

    fn add(&mut self, cell: &AgentCell, lasted: Seconds) {
        let seconds = lasted.whole;
        self.total += seconds;
        *match cell.status {
            Status::Online => &mut self.online,
            Status::Away => &mut self.away,
            Status::Offline => &mut self.offline,
            Status::Invisible => &mut self.invisible,
        } += seconds;
        *match cell.work {
            Work::Off => &mut self.off,
            Work::Unpaid => &mut self.unpaid,
            Work::Paid => &mut self.paid,
        } += seconds;
        match (cell.pause_id, cell.work) {
            (Some(_), Work::Paid) => self.paid_pauses += seconds,
            (Some(_), Work::Unpaid | Work::Off) => self.unpaid_pauses += seconds,
            (None, _) => {}
        }
        match (cell.is_in_chat, cell.status) {
            (true, Status::Online) => self.busy += seconds,
            (true, Status::Away) => {
                self.busy += seconds;
                self.busy_away += seconds;
            }
            (true, Status::Offline | Status::Invisible) | (false, _) => {}
        }
        let is_busy = cell.is_in_chat && matches!(cell.status, Status::Online | Status::Away);
        if is_busy {
            self.exact.busy.0 += lasted.exact.0;
        }
        if is_busy || cell.status == Status::Online {
            self.exact.there.0 += lasted.exact.0;
        }
    }

    /// Which part of the time in which it was online, or away with chats left, it was in a chat: 0 to 10,000 of 10,000,
    /// of the milliseconds and rounded half up. `None` when there was no such time.
    #[must_use]
    pub fn occupancy(&self) -> Option<u16> {
        let part = part(self.exact.busy, self.exact.there.0)?;
        u16::try_from(part).ok()
    }

    /// Which part of the chats that it could have had in that time it had: 0 to 10,000 of 10,000, and more for an agent
    /// that had more chats than its capacity, which is that of now. `None` when there was no such time.
    #[must_use]
    pub fn load(&self, capacity: Capacity) -> Option<u32> {
        let of = self.exact.there.0.saturating_mul(i64::from(capacity.get()));
        let part = part(self.exact.chats, of)?;
        u32::try_from(part).ok()
    }
}

/// A part of so many milliseconds, in ten thousandths, rounded half up. None is negative.
fn part(part: Millis, of: i64) -> Option<i64> {
    let part = part.0.saturating_mul(10_000).saturating_add(of / 2);
    part.checked_div(of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Actor, PresenceReason};

    fn window(from: i64, to: i64) -> Window {
        Window {
            from: Timestamp(from),
            to: Timestamp(to),
        }
    }

    /// What the day of an agent adds up to that was online for its first milliseconds, so many of them.
    fn online_for(there: i64, chats: &[(Timestamp, Option<Timestamp>)]) -> AgentTotals {
        let stood = |status| Stood {
            status,
            reason: PresenceReason::Chosen,
            by: Actor::System,
            status_id: None,
            pause_id: None,
            work: Work::Paid,
            offices: Vec::new(),
        };
        let all = window(0, 86_400_000);
        let left = [(Timestamp(there), stood(Status::Offline))];
        let spans = timeline(all, stood(Status::Online), left);
        let busy = super::super::presence::busy_times(all, chats);
        let days = agent_days(&spans, &busy, Zone::default());
        let in_chats = time_in_chats(&spans, chats, &[all]);
        AgentTotals::of(&days[0].seconds, in_chats[0])
    }

    #[test]
    fn pres_18_shares_are_computed_from_milliseconds() {
        let capacity: Capacity = 2.try_into().unwrap();
        let chat = |from, to| (Timestamp(from), Some(Timestamp(to)));

        // 499 of 1,999 ms, and one chat of two for as long: no whole second of the first, one of the second.
        let brief = online_for(1_999, &[chat(0, 499)]);
        assert_eq!(brief.occupancy(), Some(2_496));
        assert_eq!(brief.load(capacity), Some(1_248));
        // Twice 1,500 of 2,500 ms, half of it at once.
        let twice = online_for(2_500, &[chat(0, 1_500), chat(750, 2_250)]);
        assert_eq!(twice.occupancy(), Some(9_000));
        assert_eq!(twice.load(capacity), Some(6_000));
        assert_eq!(online_for(0, &[]).occupancy(), None);
        // Two thirds, half up.
        assert_eq!(
            online_for(3_000, &[chat(0, 2_000)]).occupancy(),
            Some(6_667)
        );
    }
}
