//! Time lines, and what they add up to.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Actor, ChatFigures, PresenceReason, ShownReason, Status, Time};
use crate::domain::{Capacity, LocalDate, Name, OfficeId, Timestamp};
use crate::reports::{self, AgentTotals, ChatSums, OfficeTotals, Span, Stood, Window, Work};

/// What an agent was, from one instant to another.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimeLine {
    /// The agent.
    pub agent_id: Uuid,
    /// The office in which; without it, outside of any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub office_id: Option<Uuid>,
    /// The first instant: what was asked for, or when the agent was made, whichever is later.
    pub from: Time,
    /// The first instant after it: what was asked for, now, or when the agent was archived, whichever comes first.
    pub to: Time,
    /// The intervals: each begins where the one before ends, and differs from it.
    pub intervals: Vec<PresenceInterval>,
    /// What they add up to.
    pub totals: PresenceTotals,
}

impl TimeLine {
    /// The time line of an agent, with what it adds up to. An agent that was not there has none.
    #[must_use]
    pub fn new(
        agent_id: Uuid,
        office_id: Option<OfficeId>,
        asked: Window,
        spans: &[Span<Stood>],
        totals: PresenceTotals,
    ) -> Self {
        let ends = spans.first().zip(spans.last());
        let (from, to) = ends.map_or((asked.to, asked.to), |(first, last)| {
            (first.window.from, last.window.to)
        });
        Self {
            agent_id,
            office_id: office_id.map(|id| id.0),
            from: from.into(),
            to: to.into(),
            intervals: spans.iter().map(PresenceInterval::from).collect(),
            totals,
        }
    }
}

/// What an agent was through an interval.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PresenceInterval {
    /// Its first instant.
    pub from: Time,
    /// The first instant after it.
    pub to: Time,
    /// What the agent effectively was.
    pub status: Status,
    /// Why.
    pub reason: PresenceReason,
    /// Who made it so; the system where a timer did.
    pub by: Actor,
    /// The custom status that was set.
    pub status_id: Option<Uuid>,
    /// The pause that it was in.
    pub pause_id: Option<Uuid>,
    /// Whether it was at work and that is paid.
    pub paid: bool,
    /// The offices in which it was something else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub offices: Vec<OfficeInterval>,
}

/// What an agent was in one office through an interval.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficeInterval {
    /// The office.
    pub office_id: Uuid,
    /// What it effectively was there.
    pub status: Status,
    /// Why.
    pub reason: PresenceReason,
    /// Who made it so.
    pub by: Actor,
}

impl From<&Span<Stood>> for PresenceInterval {
    fn from(span: &Span<Stood>) -> Self {
        let stood = &span.state;
        let offices = stood.offices.iter().map(|there| OfficeInterval {
            office_id: there.office_id.0,
            status: Status(there.status.as_str()),
            reason: PresenceReason(there.reason.as_str()),
            by: there.by.into(),
        });
        Self {
            from: span.window.from.into(),
            to: span.window.to.into(),
            status: Status(stood.status.as_str()),
            reason: PresenceReason(stood.reason.as_str()),
            by: stood.by.into(),
            status_id: stood.status_id.map(|id| id.0),
            pause_id: stood.pause_id.map(|id| id.0),
            paid: stood.work == Work::Paid,
            offices: offices.collect(),
        }
    }
}

/// What an agent's time adds up to. Seconds are apportioned so that they add up exactly: `online_s`, `away_s`,
/// `offline_s` and `invisible_s` to `total_s`, and so do `paid_s`, `unpaid_s` and `off_s`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PresenceTotals {
    /// All of it.
    pub total_s: i64,
    /// Effectively online.
    pub online_s: i64,
    /// Effectively away.
    pub away_s: i64,
    /// Effectively offline.
    pub offline_s: i64,
    /// Invisible.
    pub invisible_s: i64,
    /// At work, paid.
    pub paid_s: i64,
    /// At work, not paid.
    pub unpaid_s: i64,
    /// Not at work.
    pub off_s: i64,
    /// In paid pauses; a part of `paid_s`.
    pub paid_pauses_s: i64,
    /// In unpaid pauses; a part of `unpaid_s`.
    pub unpaid_pauses_s: i64,
    /// The same by kind of pause.
    pub pauses: Vec<PauseTime>,
    /// In custom statuses.
    pub statuses: Vec<StatusTime>,
    /// Online or away, in a chat at least.
    pub busy_s: i64,
    /// `busy_s` as a part of the time in which the agent was online, or away with chats left: 0 to 1, to four places.
    pub occupancy: Option<f64>,
    /// The time in chats while online or away, each chat by itself: two at once count twice.
    pub chats_s: i64,
    /// `chats_s` as a part of what as many chats as the agent's capacity now would have made of the same time; above 1
    /// for an agent that had more.
    pub load: Option<f64>,
}

/// The time in pauses of one kind.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct PauseTime {
    /// Which kind.
    pub pause_id: Uuid,
    /// Whether they were paid: a kind that was changed may be there twice.
    pub paid: bool,
    /// How long.
    pub total_s: i64,
}

/// The time in a custom status.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct StatusTime {
    /// Which.
    pub status_id: Uuid,
    /// How long.
    pub total_s: i64,
}

impl PresenceTotals {
    /// The totals of an agent of this capacity.
    #[must_use]
    pub fn new(totals: &AgentTotals, capacity: Capacity) -> Self {
        let pauses = totals.pauses.iter().map(|time| PauseTime {
            pause_id: time.pause_id.0,
            paid: time.paid,
            total_s: time.seconds,
        });
        let statuses = totals.statuses.iter().map(|time| StatusTime {
            status_id: time.status_id.0,
            total_s: time.seconds,
        });
        Self {
            total_s: totals.total,
            online_s: totals.online,
            away_s: totals.away,
            offline_s: totals.offline,
            invisible_s: totals.invisible,
            paid_s: totals.paid,
            unpaid_s: totals.unpaid,
            off_s: totals.off,
            paid_pauses_s: totals.paid_pauses,
            unpaid_pauses_s: totals.unpaid_pauses,
            pauses: pauses.collect(),
            statuses: statuses.collect(),
            busy_s: totals.busy,
            occupancy: totals.occupancy().map(|of| f64::from(of) / 10_000.0),
            chats_s: totals.chats,
            load: totals.load(capacity).map(|of| f64::from(of) / 10_000.0),
        }
    }
}

/// What one agent's time adds up to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgentReport {
    /// The agent.
    pub agent_id: Uuid,
    /// What colleagues read.
    #[schema(value_type = String)]
    pub name: Name,
    /// The first instant, not before the agent was made.
    pub from: Time,
    /// The first instant after, not after it was archived.
    pub to: Time,
    /// What its time adds up to.
    pub totals: PresenceTotals,
    /// The figures of its chats.
    pub chats: ChatFigures,
    /// The same by day; only when that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub days: Option<Vec<AgentDay>>,
}

/// What one day adds up to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgentDay {
    /// The day of the tenant's calendar, such as `2026-03-29`.
    pub date: String,
    /// The first instant of it that is in the report.
    pub from: Time,
    /// The first instant after it.
    pub to: Time,
    /// What it adds up to.
    pub totals: PresenceTotals,
    /// The figures of the agent's chats that were started on it; on the first day also of those that were before.
    pub chats: ChatFigures,
}

impl AgentReport {
    /// A line of the report: an agent's window, the whole and, if asked for, the days.
    #[must_use]
    pub fn new(
        (agent_id, name): (Uuid, Name),
        window: Window,
        (totals, chats): (PresenceTotals, ChatSums),
        days: Option<Vec<AgentDay>>,
    ) -> Self {
        Self {
            agent_id,
            name,
            from: window.from.into(),
            to: window.to.into(),
            totals,
            chats: ChatFigures(chats),
            days,
        }
    }
}

impl AgentDay {
    /// One of its days.
    #[must_use]
    pub fn new(
        date: LocalDate,
        window: Window,
        (totals, chats): (PresenceTotals, ChatSums),
    ) -> Self {
        Self {
            date: date.to_string(),
            from: window.from.into(),
            to: window.to.into(),
            totals,
            chats: ChatFigures(chats),
        }
    }
}

/// What an office's time adds up to: the three modes to `total_s`, exactly, and so do the reasons.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AvailabilityTotals {
    /// All of it.
    pub total_s: i64,
    /// Live.
    pub live_s: i64,
    /// A messenger.
    pub messenger_s: i64,
    /// Hidden.
    pub hidden_s: i64,
    /// The same by reason, without those for which it never was what it was.
    pub reasons: Vec<ReasonTime>,
    /// How often it became something else, or the same for another reason.
    pub changes: usize,
}

/// The time in which an office was what it was for one reason.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ReasonTime {
    /// Which.
    pub reason: ShownReason,
    /// How long.
    pub total_s: i64,
}

impl From<&OfficeTotals> for AvailabilityTotals {
    fn from(totals: &OfficeTotals) -> Self {
        let reasons = totals.reasons.iter().map(|(reason, seconds)| ReasonTime {
            reason: ShownReason(reason.as_str()),
            total_s: *seconds,
        });
        Self {
            total_s: totals.total,
            live_s: totals.live,
            messenger_s: totals.messenger,
            hidden_s: totals.hidden,
            reasons: reasons.collect(),
            changes: totals.changes,
        }
    }
}

/// What one office showed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficeReport {
    /// The office.
    pub office_id: Uuid,
    /// What visitors read.
    #[schema(value_type = String)]
    pub name: Name,
    /// The first instant, not before the office was made.
    pub from: Time,
    /// The first instant after, not after it was archived.
    pub to: Time,
    /// What its time adds up to.
    pub totals: AvailabilityTotals,
    /// The same by day; only when that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub days: Option<Vec<OfficeDay>>,
}

/// What one day adds up to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficeDay {
    /// The day of the tenant's calendar, such as `2026-03-29`.
    pub date: String,
    /// The first instant of it that is in the report.
    pub from: Time,
    /// The first instant after it.
    pub to: Time,
    /// What it adds up to.
    pub totals: AvailabilityTotals,
}

impl OfficeDay {
    /// One of its days.
    #[must_use]
    pub fn new<K>(day: &reports::DaySums<K>, totals: &OfficeTotals) -> Self {
        Self {
            date: day.date.to_string(),
            from: day.window.from.into(),
            to: day.window.to.into(),
            totals: totals.into(),
        }
    }
}

/// A report, or a page of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Report<T> {
    /// The first instant.
    pub from: Time,
    /// The first instant after it.
    pub to: Time,
    /// The zone by whose calendar days are counted.
    pub time_zone: &'static str,
    /// One entry for each subject, by id.
    pub data: Vec<T>,
    /// Where the next page begins; `null` on the last one.
    pub next_cursor: Option<String>,
}

impl<T> Report<T> {
    /// A page of a report.
    #[must_use]
    pub fn new(
        window: Window,
        time_zone: &'static str,
        data: Vec<T>,
        next: Option<String>,
    ) -> Self {
        let time = |at: Timestamp| Time(at);
        Self {
            from: time(window.from),
            to: time(window.to),
            time_zone,
            data,
            next_cursor: next,
        }
    }
}
