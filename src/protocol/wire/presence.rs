//! Presence: what an agent chose, what it effectively is, and why.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Actor, LinkKind, PresenceReason, Role, Status, Time};
use crate::domain::{self, Name};
use crate::engine;

/// What an agent chose to be, and what it effectively is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Presence {
    /// The agent.
    pub agent_id: Uuid,
    /// What was chosen for all offices; of a custom status its base.
    pub status: Status,
    /// The custom status, if one was chosen.
    pub status_id: Option<Uuid>,
    /// When it was chosen.
    pub status_set_at: Time,
    /// By whom.
    pub status_set_by: Actor,
    /// What comes of it.
    pub effective: Status,
    /// Why.
    pub reason: PresenceReason,
    /// Since when.
    pub since: Time,
    /// Who made it so; the system where a timer did.
    pub by: Actor,
    /// The same in each office that the agent belongs to.
    pub offices: Vec<OfficePresence>,
    /// The pause that it is in.
    pub pause: Option<Pausing>,
    /// What it will be when its last chat has ended.
    pub wanted: Option<Chosen>,
    /// Whether it has a seat, as far as it needs one.
    pub seated: bool,
    /// Whether another system holds it.
    pub leased: bool,
    /// Whether the time in its status or pause is paid.
    pub paid: bool,
    /// Since when it has been in its custom status for longer than a day allows.
    pub over_limit_since: Option<Time>,
}

/// What an agent is in one office.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficePresence {
    /// The office.
    pub office_id: Uuid,
    /// What it is there.
    pub effective: Status,
    /// Why.
    pub reason: PresenceReason,
    /// Since when.
    pub since: Time,
    /// Who made it so.
    pub by: Actor,
    /// What was set for this office alone.
    #[serde(rename = "override")]
    pub own: Option<Chosen>,
}

/// A status that was set, and by whom.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Chosen {
    /// The status; of a custom one its base.
    pub status: Status,
    /// The custom status.
    pub status_id: Option<Uuid>,
    /// When it was set.
    pub set_at: Time,
    /// By whom.
    pub set_by: Actor,
}

/// A pause that has begun.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Pausing {
    /// Which.
    pub pause_id: Uuid,
    /// Whether it is paid.
    pub paid: bool,
    /// When it began.
    pub since: Time,
    /// Who began it.
    pub set_by: Actor,
    /// When it ends by itself or is marked, if that is still to come.
    pub due_at: Option<Time>,
    /// Whether it has lasted for longer than it may.
    pub overdue: bool,
}

impl From<&engine::PresenceView> for Presence {
    fn from(view: &engine::PresenceView) -> Self {
        let global = view.standing.global;
        let offices = view.standing.offices.iter();
        Self {
            agent_id: view.agent_id.0,
            status: Status(view.choice.status.as_str()),
            status_id: view.choice.status_id.map(|id| id.0),
            status_set_at: view.choice.set_at.into(),
            status_set_by: view.choice.set_by.into(),
            effective: Status(global.status.as_str()),
            reason: PresenceReason(global.reason.as_str()),
            since: global.since.into(),
            by: global.by.into(),
            offices: offices
                .map(|(id, presence)| OfficePresence {
                    office_id: id.0,
                    effective: Status(presence.status.as_str()),
                    reason: PresenceReason(presence.reason.as_str()),
                    since: presence.since.into(),
                    by: presence.by.into(),
                    own: view.overrides.get(id).map(Chosen::from),
                })
                .collect(),
            pause: view.pausing.map(Pausing::from),
            wanted: view.wanted.as_ref().map(Chosen::from),
            seated: view.seated,
            leased: view.leased,
            paid: view.paid,
            over_limit_since: view.over_limit_since.map(Time),
        }
    }
}

impl From<&domain::Choice> for Chosen {
    fn from(choice: &domain::Choice) -> Self {
        Self {
            status: Status(choice.status.as_str()),
            status_id: choice.status_id.map(|id| id.0),
            set_at: choice.set_at.into(),
            set_by: choice.set_by.into(),
        }
    }
}

impl From<&domain::Wanted> for Chosen {
    fn from(wanted: &domain::Wanted) -> Self {
        Self {
            status: Status(wanted.status.as_str()),
            status_id: wanted.status_id.map(|id| id.0),
            set_at: wanted.set_at.into(),
            set_by: wanted.set_by.into(),
        }
    }
}

impl From<domain::Pausing> for Pausing {
    fn from(pausing: domain::Pausing) -> Self {
        Self {
            pause_id: pausing.pause_id.0,
            paid: pausing.paid,
            since: pausing.since.into(),
            set_by: pausing.set_by.into(),
            due_at: pausing.due_at().map(Time),
            overdue: pausing.overdue,
        }
    }
}

/// A line of "who is online".
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PresenceRow {
    /// The agent.
    pub agent: Colleague,
    /// Its presence.
    pub presence: Presence,
    /// Its chats and ringing offers.
    pub load: u32,
    /// How many it may have.
    pub capacity: u32,
    /// How many live sockets it has, when this was answered.
    pub connections: u32,
    /// Until when the last ping of another system holds.
    pub lease_until: Option<Time>,
    /// The queues that it has logged out of.
    pub logged_out_queue_ids: Vec<Uuid>,
}

/// An agent as its colleagues see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Colleague {
    /// Its id.
    pub id: Uuid,
    /// What colleagues read.
    #[schema(value_type = String)]
    pub name: Name,
    /// Its rights.
    pub role: Role,
}

impl From<&engine::PresenceRow> for PresenceRow {
    fn from(row: &engine::PresenceRow) -> Self {
        Self {
            agent: Colleague {
                id: row.agent.id.0,
                name: row.agent.name.clone(),
                role: Role(row.agent.role.as_str()),
            },
            presence: (&row.presence).into(),
            load: row.load,
            capacity: row.capacity,
            connections: row.connections,
            lease_until: row.lease_until.map(Time),
            logged_out_queue_ids: row.logged_out.iter().map(|id| id.0).collect(),
        }
    }
}

/// A line of the list that a socket watches: lean, since a thousand agents may watch a thousand. What is not there is
/// as usual: not paused, no custom status, in its offices what it is everywhere.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WatchedAgent {
    /// The agent.
    pub id: Uuid,
    /// What colleagues read; only in the first list and when it may be new.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub name: Option<Name>,
    /// Its rights; with the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub role: Option<Role>,
    /// How many chats it may have; with the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub capacity: Option<u32>,
    /// What it chose.
    pub status: Status,
    /// The custom status that it chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub status_id: Option<Uuid>,
    /// What comes of it.
    pub effective: Status,
    /// Why.
    pub reason: PresenceReason,
    /// Since when.
    pub since: Time,
    /// Its chats and ringing offers.
    pub load: u32,
    /// The pause that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pause_id: Option<Uuid>,
    /// The offices in which it is something else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub offices: Vec<WatchedOffice>,
}

/// What an agent is in an office, where that is not what it is everywhere.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WatchedOffice {
    /// The office.
    pub office_id: Uuid,
    /// What it is there.
    pub effective: Status,
    /// Why.
    pub reason: PresenceReason,
    /// Since when.
    pub since: Time,
}

impl WatchedAgent {
    /// The line of an agent, with its name or without.
    #[must_use]
    pub fn new(row: &engine::PresenceRow, named: bool) -> Self {
        let view = &row.presence;
        let global = view.standing.global;
        let offices = view.standing.offices.iter();
        let other = offices
            .filter(|(_, there)| (there.status, there.reason) != (global.status, global.reason));
        Self {
            id: row.agent.id.0,
            name: named.then(|| row.agent.name.clone()),
            role: named.then(|| Role(row.agent.role.as_str())),
            capacity: named.then_some(row.capacity),
            status: Status(view.choice.status.as_str()),
            status_id: view.choice.status_id.map(|id| id.0),
            effective: Status(global.status.as_str()),
            reason: PresenceReason(global.reason.as_str()),
            since: global.since.into(),
            load: row.load,
            pause_id: view.pausing.map(|pausing| pausing.pause_id.0),
            offices: other
                .map(|(id, there)| WatchedOffice {
                    office_id: id.0,
                    effective: Status(there.status.as_str()),
                    reason: PresenceReason(there.reason.as_str()),
                    since: there.since.into(),
                })
                .collect(),
        }
    }
}

/// A step by which a presence came about: a fact, and what the agent was after it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Link {
    /// Which fact.
    pub kind: LinkKind,
    /// The custom status or the pause, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<Uuid>,
    /// Since when it holds.
    pub since: Option<Time>,
    /// Who brought it about.
    pub by: Actor,
    /// What the agent was after it.
    pub status: Status,
    /// And why.
    pub reason: PresenceReason,
}

impl From<&domain::Link> for Link {
    fn from(link: &domain::Link) -> Self {
        let (kind, id) = match link.kind {
            domain::LinkKind::Choice => ("choice", None),
            domain::LinkKind::Override => ("override", None),
            domain::LinkKind::Comeback => ("comeback", None),
            domain::LinkKind::CustomStatus(id) => ("custom_status", Some(id.0)),
            domain::LinkKind::Inactivity => ("inactivity", None),
            domain::LinkKind::Unheld => ("unheld", None),
            domain::LinkKind::Pause(id) => ("pause", Some(id.0)),
            domain::LinkKind::Drain => ("drain", None),
            domain::LinkKind::Seat => ("seat", None),
        };
        Self {
            kind: LinkKind(kind),
            id,
            since: link.since.map(Time),
            by: link.by.into(),
            status: Status(link.after.status.as_str()),
            reason: PresenceReason(link.after.reason.as_str()),
        }
    }
}
