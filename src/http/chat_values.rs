//! Going through chats for what they add up to.
//!
//! Owns how much is read: so many chats at a time, up to a bound. What a chat is worth is for `reports` to say.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::ApiError;
use super::timeline::check_office;
use crate::domain::{AgentId, ChatId, OfficeId, QueueId, Timestamp};
use crate::faults::FaultCode;
use crate::reports::{ChatLog, Measure, Window, measures};
use crate::store::{ChatSpan, Line, TenantTx};

/// How many chats one report may be about. On a busy machine 500 take an eighth of a second to read, so this is some twelve
/// seconds, well below what a request may take.
const CHATS_MAX: i64 = 50_000;

/// How many chats are read at a time: with all their events some hundred kilobytes.
const BATCH: i64 = 500;

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
    /// Everything, or all of an office that was checked.
    pub(super) async fn of_office(
        tx: &mut TenantTx,
        office_id: Option<OfficeId>,
    ) -> Result<Self, ApiError> {
        let lines = tx.list_lines().await?;
        Ok(Self {
            offices: lines.iter().map(|line| (line.id, line.office_id)).collect(),
            lines,
            office_id,
            queue_id: None,
            agent_id: None,
        })
    }

    /// All of these that are named. Each must be or have been there.
    pub(super) async fn of(
        tx: &mut TenantTx,
        office_id: Option<OfficeId>,
        queue_id: Option<QueueId>,
        agent_id: Option<AgentId>,
    ) -> Result<Self, ApiError> {
        check_office(tx, office_id).await?;
        let all = Self::of_office(tx, office_id).await?;
        let unknown = |pointer, detail| Err(ApiError::field(pointer, FaultCode::UnknownId, detail));
        if queue_id.is_some_and(|id| !all.offices.contains_key(&id)) {
            return unknown("/queue_id", "there is no such queue");
        }
        if let Some(id) = agent_id
            && tx.find_person(id).await?.is_none()
        {
            return unknown("/agent_id", "there is no such agent");
        }
        Ok(Self {
            queue_id,
            agent_id,
            ..all
        })
    }

    /// Whether a value of a chat counts. Its office is that of its queue; without one, the chat's own.
    fn includes(&self, log: &ChatLog, measure: &Measure) -> bool {
        let of_queue = measure.queue_id.and_then(|id| self.offices.get(&id));
        let office_id = of_queue.copied().unwrap_or(log.office_id);
        self.office_id.is_none_or(|id| office_id == id)
            && self.queue_id.is_none_or(|id| measure.queue_id == Some(id))
            && self.agent_id.is_none_or(|id| measure.agent_id == Some(id))
    }
}

/// Checks that a report is about no more chats than it may be.
pub(super) async fn check_number(tx: &mut TenantTx, window: Window) -> Result<(), ApiError> {
    let count = tx
        .count_chats(window.from, window.to, CHATS_MAX + 1)
        .await?;
    if count > CHATS_MAX {
        let detail = "more than 50000 chats were started in this time: ask for less of it";
        return Err(ApiError::field("/from", FaultCode::OutOfRange, detail));
    }
    Ok(())
}

/// Goes through the chats of a window with the values that count, until it is told to stop. `until` is the present:
/// everything up to then is on record.
pub(super) async fn go_through(
    tx: &mut TenantTx,
    scope: &Scope,
    (window, until): (Window, Timestamp),
    mut after: Option<(Timestamp, ChatId)>,
    mut put: impl FnMut(&ChatLog, &[Measure]) -> ControlFlow<()>,
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
            let mut counted = measures(log);
            counted.retain(|measure| scope.includes(log, measure));
            if put(log, &counted).is_break() {
                return Ok(());
            }
        }
        match logs.last() {
            Some(last) if i64::try_from(logs.len()).is_ok_and(|number| number == BATCH) => {
                after = Some((last.started_at, last.chat_id));
            }
            Some(_) | None => return Ok(()),
        }
    }
}

/// Puts every value that counts of all chats of a window.
pub(super) async fn add_up(
    tx: &mut TenantTx,
    scope: &Scope,
    at: (Window, Timestamp),
    mut put: impl FnMut(&ChatLog, &Measure),
) -> Result<(), ApiError> {
    check_number(tx, at.0).await?;
    let put_all = |log: &ChatLog, counted: &[Measure]| {
        for measure in counted {
            put(log, measure);
        }
        ControlFlow::Continue(())
    };
    go_through(tx, scope, at, None, put_all).await
}
