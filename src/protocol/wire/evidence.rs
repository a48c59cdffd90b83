//! What was so at a moment, and why.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Actor, CauseKind, Colleague, Link, Mode, Presence, PresenceReason, ShownReason, Status, Time,
};
use crate::domain::{self, AgentId, OfficeId, Timestamp};
use crate::engine;

/// An event that led to something.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct EventRef {
    /// The tenant's number for it.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// Who made it happen.
    pub actor: Actor,
}

impl EventRef {
    /// Names an event.
    #[must_use]
    pub fn new(seq: u64, at: Timestamp, actor: domain::Actor) -> Self {
        Self {
            seq,
            at: at.into(),
            actor: actor.into(),
        }
    }
}

/// An agent's presence at a moment, with the steps by which it came about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PresenceEvidence {
    /// The agent.
    pub agent: Colleague,
    /// The moment.
    pub at: Time,
    /// Its presence.
    pub presence: Presence,
    /// The event that led to it; `null` for an agent that was new.
    pub event: Option<EventRef>,
    /// The steps from what was chosen to what it effectively was, outside of any office.
    pub chain: Vec<Link>,
    /// The same in each office that it belonged to.
    pub offices: Vec<OfficeChain>,
    /// Its chats and ringing offers; only of the present, like all that follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub load: Option<u32>,
    /// How many it may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub capacity: Option<u32>,
    /// How many live sockets it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub connections: Option<u32>,
    /// Until when the last ping of another system holds, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub lease_until: Option<Time>,
}

/// The steps to what an agent was in one office.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficeChain {
    /// The office.
    pub office_id: Uuid,
    /// The steps.
    pub chain: Vec<Link>,
}

impl PresenceEvidence {
    /// A presence of the past.
    #[must_use]
    pub fn past(
        agent: Colleague,
        at: Timestamp,
        view: &engine::PresenceView,
        event: Option<EventRef>,
    ) -> Self {
        let chain = |office: Option<OfficeId>| view.chain(office).iter().map(Link::from).collect();
        let offices = view.standing.offices.keys();
        Self {
            agent,
            at: at.into(),
            presence: view.into(),
            event,
            chain: chain(None),
            offices: offices
                .map(|id| OfficeChain {
                    office_id: id.0,
                    chain: chain(Some(*id)),
                })
                .collect(),
            load: None,
            capacity: None,
            connections: None,
            lease_until: None,
        }
    }

    /// That of the present.
    #[must_use]
    pub fn present(at: Timestamp, row: &engine::PresenceRow, event: Option<EventRef>) -> Self {
        let line = super::PresenceRow::from(row);
        Self {
            load: Some(line.load),
            capacity: Some(line.capacity),
            connections: Some(line.connections),
            lease_until: line.lease_until,
            ..Self::past(line.agent, at, &row.presence, event)
        }
    }
}

/// What visitors saw of an office at a moment, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficeEvidence {
    /// The office.
    pub office_id: Uuid,
    /// The moment.
    pub at: Time,
    /// What visitors saw.
    pub mode: Mode,
    /// Why.
    pub reason: ShownReason,
    /// Since when.
    pub since: Time,
    /// What made it so.
    pub cause: OfficeCause,
    /// Whether it was in its hours.
    pub is_open: bool,
    /// How many agents its queues had.
    pub members: usize,
    /// How many of them were effectively online there.
    pub online_count: usize,
    /// Those, by id, at most 50.
    pub online: Vec<AgentThen>,
    /// The next change: of a past moment the one that came, of the present the one that is known already.
    pub next: Option<NextChange>,
}

/// What an agent was in an office.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct AgentThen {
    /// The agent.
    pub agent_id: Uuid,
    /// What it effectively was there.
    pub status: Status,
    /// Why.
    pub reason: PresenceReason,
    /// Since when.
    pub since: Time,
    /// Who made it so.
    pub by: Actor,
}

impl AgentThen {
    /// What an agent was there.
    #[must_use]
    pub fn new(agent_id: AgentId, presence: domain::Presence) -> Self {
        Self {
            agent_id: agent_id.0,
            status: Status(presence.status.as_str()),
            reason: PresenceReason(presence.reason.as_str()),
            since: presence.since.into(),
            by: presence.by.into(),
        }
    }
}

/// What made an office change.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct OfficeCause {
    /// Which kind of cause.
    pub kind: CauseKind,
    /// The event by which visitors saw something else.
    pub event: EventRef,
    /// The agent whose presence changed, with what it became in that office and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agent: Option<AgentThen>,
    /// The event of that presence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agent_event: Option<EventRef>,
    /// The chat that began, ended or changed hands.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub chat_id: Option<Uuid>,
}

impl OfficeCause {
    /// The cause of a change; `agent` is what the agent became that was its cause, if one was.
    #[must_use]
    pub fn new(
        cause: engine::Cause,
        event: EventRef,
        agent: Option<(AgentThen, EventRef)>,
    ) -> Self {
        let told = super::Cause::from(cause);
        Self {
            kind: told.kind,
            event,
            agent: agent.map(|(agent, _)| agent),
            agent_event: agent.map(|(_, event)| event),
            chat_id: told.chat_id,
        }
    }
}

/// The change that follows a moment.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct NextChange {
    /// When.
    pub at: Time,
    /// What visitors saw from then on; `null` for one that is still to come, like all that follows.
    pub mode: Option<Mode>,
    /// Why.
    pub reason: Option<ShownReason>,
    /// What made it so.
    pub cause: Option<OfficeCause>,
}
