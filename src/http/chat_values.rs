//! Going through chats for what they add up to, and checking what is asked about them.
//!
//! Owns how much is read: so many chats at a time, up to a bound. What a chat is worth is for `reports` to say.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::ApiError;
use super::past::{Moment, Present, noted};
use crate::domain::{AgentId, ChatId, Millis, OfficeId, QueueId, Timestamp};
use crate::faults::{FaultCode, Faults, Sent};
use crate::reports::{ChatLog, Folded, Grain, Part, Window, fold};
use crate::store::{ChatSpan, Line, TenantTx};

/// How many chats one report may be about. On a busy machine 500 take an eighth of a second to read, so this is some twelve
/// seconds, well below what a request may take.
const CHATS_MAX: i64 = 50_000;

/// How many chats are read at a time: with all their events some hundred kilobytes.
const BATCH: i64 = 500;

/// How much of the past may be cut into hours.
const HOURS_MAX: Millis = Millis::from_secs(14 * 86_400);

/// What is asked about.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Subject {
    /// Only an office.
    pub(super) office_id: Option<OfficeId>,
    /// Only a queue.
    pub(super) queue_id: Option<QueueId>,
    /// Only an agent.
    pub(super) agent_id: Option<AgentId>,
    /// How finely it is cut.
    pub(super) grain: Grain,
    /// Whether it is about all chats of the time that is asked about.
    pub(super) of_all_chats: bool,
}

impl Subject {
    /// All chats of the time that is asked about, as far as they are about what is named.
    pub(super) fn chats(
        (office_id, queue_id, agent_id): (Option<OfficeId>, Option<QueueId>, Option<AgentId>),
        grain: Grain,
    ) -> Self {
        Self {
            office_id,
            queue_id,
            agent_id,
            grain,
            of_all_chats: true,
        }
    }
}

/// What a value must be about to be counted.
pub(super) struct Scope {
    /// The queues, by id.
    pub(super) lines: Vec<Line>,
    offices: BTreeMap<QueueId, OfficeId>,
    office_id: Option<OfficeId>,
    queue_id: Option<QueueId>,
    agent_id: Option<AgentId>,
}

impl Scope {
    /// The office of what happened in a queue of a chat. Without one it is that to which the chat came.
    fn office_of(&self, log: &ChatLog, queue_id: Option<QueueId>) -> OfficeId {
        let of_queue = queue_id.and_then(|id| self.offices.get(&id));
        of_queue.copied().unwrap_or(log.office_id)
    }

    /// Whether what happened in a queue of a chat counts, for an agent if it is about one.
    fn includes(
        &self,
        log: &ChatLog,
        queue_id: Option<QueueId>,
        agent_id: Option<AgentId>,
    ) -> bool {
        let office_id = self.office_of(log, queue_id);
        self.office_id.is_none_or(|id| office_id == id)
            && self.queue_id.is_none_or(|id| queue_id == Some(id))
            && self.agent_id.is_none_or(|id| agent_id == Some(id))
    }

    /// What counts of a chat.
    fn fold(&self, log: &ChatLog) -> Folded {
        let mut folded = fold(log);
        folded
            .measures
            .retain(|measure| self.includes(log, measure.queue_id, measure.agent_id));
        folded
            .parts
            .retain(|part| self.includes(log, part.queue_id, Some(part.agent_id)));
        folded
    }
}

/// Checks everything that is asked about: the time, whether all that is named is or was there, and whether it is no more
/// than one answer may be about.
///
/// # Errors
/// Names every parameter that is wrong, those that could not be read too.
pub(super) async fn check(
    tx: &mut TenantTx,
    present: Present,
    (from, to): (Option<Moment>, Option<Moment>),
    subject: &Subject,
    mut sent: Sent,
) -> Result<(Window, Scope), ApiError> {
    let ends = ["/from", "/to"];
    let window = noted(&mut sent, &ends, present.window(from, to));
    if let Some(window) = window {
        if subject.grain == Grain::Hour && window.length() > HOURS_MAX {
            let detail = "must be at most 14 days before to where hours are asked for";
            let fault = Faults::one("/from", FaultCode::OutOfRange, detail);
            noted::<()>(&mut sent, &ends, Err(fault));
        }
        if subject.of_all_chats {
            let number = check_number(tx, window).await?;
            noted(&mut sent, &ends, number);
        }
    }
    let lines = tx.list_lines().await?;
    if let Some(id) = subject.office_id {
        let site = tx.find_site(id).await?.ok_or_else(unknown_office);
        noted(&mut sent, &["/office_id"], site);
    }
    if let Some(id) = subject.queue_id {
        let line = lines.iter().find(|line| line.id == id);
        let line = line.ok_or_else(|| unknown("/queue_id", "there is no such queue"));
        noted(&mut sent, &["/queue_id"], line);
    }
    if let Some(id) = subject.agent_id {
        let person = tx.find_person(id).await?;
        let person = person.ok_or_else(|| unknown("/agent_id", "there is no such agent"));
        noted(&mut sent, &["/agent_id"], person);
    }
    let window = sent.faults().or(window)?;
    let scope = Scope {
        offices: lines.iter().map(|line| (line.id, line.office_id)).collect(),
        lines,
        office_id: subject.office_id,
        queue_id: subject.queue_id,
        agent_id: subject.agent_id,
    };
    Ok((window.ok_or_else(ApiError::internal)?, scope))
}

fn unknown(pointer: &str, detail: &str) -> Faults {
    Faults::one(pointer, FaultCode::UnknownId, detail)
}

/// An office of a query that never was there.
pub(super) fn unknown_office() -> Faults {
    unknown("/office_id", "there is no such office")
}

/// Checks that a report is about no more chats than it may be.
async fn check_number(tx: &mut TenantTx, window: Window) -> Result<Result<(), Faults>, ApiError> {
    let count = tx
        .count_chats(window.from, window.to, CHATS_MAX + 1)
        .await?;
    if count > CHATS_MAX {
        let detail = "more than 50000 chats were started in this time: ask for less of it";
        return Ok(Err(too_much(detail)));
    }
    Ok(Ok(()))
}

fn too_much(detail: &str) -> Faults {
    Faults::one("/from", FaultCode::OutOfRange, detail)
}

/// Goes through the chats of a window with what counts of them, until it is told to stop. `until` is the present:
/// everything up to then is on record.
pub(super) async fn go_through(
    tx: &mut TenantTx,
    scope: &Scope,
    (window, until): (Window, Timestamp),
    mut after: Option<(Timestamp, ChatId)>,
    mut put: impl FnMut(&ChatLog, &Folded) -> ControlFlow<()>,
) -> Result<(), ApiError> {
    loop {
        let span = ChatSpan {
            from: window.from,
            to: window.to,
            until,
            after,
            limit: BATCH,
        };
        let logs = tx.list_chat_logs(&span).await?;
        for log in &logs {
            if put(log, &scope.fold(log)).is_break() {
                return Ok(());
            }
        }
        after = following(&logs);
        if after.is_none() {
            return Ok(());
        }
    }
}

/// After which chat the next batch begins; `None` after the last one.
fn following(logs: &[ChatLog]) -> Option<(Timestamp, ChatId)> {
    let is_full = i64::try_from(logs.len()).is_ok_and(|number| number == BATCH);
    let last = logs.last().filter(|_| is_full)?;
    Some((last.started_at, last.chat_id))
}

/// Puts what counts of all chats of a window whose number was checked.
pub(super) async fn add_up(
    tx: &mut TenantTx,
    scope: &Scope,
    at: (Window, Timestamp),
    mut put: impl FnMut(&ChatLog, &Folded),
) -> Result<(), ApiError> {
    let put_all = |log: &ChatLog, folded: &Folded| {
        put(log, folded);
        ControlFlow::Continue(())
    };
    go_through(tx, scope, at, None, put_all).await
}

/// When some agents answered chats: the start and the end of each stretch, in no order.
pub(super) struct PartTimes(BTreeMap<AgentId, Vec<(Timestamp, Option<Timestamp>)>>);

impl PartTimes {
    /// Of these agents, without any time.
    pub(super) fn of(agents: impl IntoIterator<Item = AgentId>) -> Self {
        let agents = agents.into_iter();
        Self(agents.map(|id| (id, Vec::new())).collect())
    }

    /// Whether it is about an agent.
    pub(super) fn includes(&self, agent_id: AgentId) -> bool {
        self.0.contains_key(&agent_id)
    }

    /// Adds the stretches of a chat, those of other agents not.
    pub(super) fn add(&mut self, parts: &[Part]) {
        for part in parts {
            if let Some(times) = self.0.get_mut(&part.agent_id) {
                times.push((part.from, part.to));
            }
        }
    }

    /// Those of one.
    pub(super) fn of_agent(&self, agent_id: AgentId) -> &[(Timestamp, Option<Timestamp>)] {
        self.0.get(&agent_id).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Adds the stretches of a window in which agents answered chats that were started before an instant.
pub(super) async fn add_parts(
    tx: &mut TenantTx,
    scope: &Scope,
    window: Window,
    started_before: Timestamp,
    times: &mut PartTimes,
) -> Result<(), ApiError> {
    let agents: Vec<AgentId> = times.0.keys().copied().collect();
    let mut span = ChatSpan {
        from: Timestamp(0),
        to: started_before,
        until: window.to,
        after: None,
        limit: BATCH,
    };
    let mut room = CHATS_MAX;
    loop {
        let logs = tx.list_part_logs(&agents, window.from, &span).await?;
        for log in &logs {
            times.add(&scope.fold(log).parts);
        }
        span.after = following(&logs);
        if span.after.is_none() {
            return Ok(());
        }
        room -= BATCH;
        if room <= 0 {
            let detail = "these agents had more than 50000 chats in this time: ask for less of it";
            return Err(too_much(detail).into());
        }
    }
}
