//! What visitors see of offices.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{CauseKind, Mode, ShownReason, Time};
use crate::domain::{self, Name, PictureUrl};
use crate::engine;

/// What a widget shows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Availability {
    /// What the widget shows: the best of its offices.
    pub mode: Mode,
    /// The moment of the next change that is already known; `null` while none is.
    pub valid_until: Option<Time>,
    /// Its offices in their order.
    pub offices: Vec<OfficeMode>,
    /// How often to ask.
    pub poll_after_s: u32,
}

/// An office with what a visitor sees of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficeMode {
    /// Its id.
    pub id: Uuid,
    /// What visitors read.
    #[schema(value_type = String)]
    pub name: Name,
    /// What a visitor sees now.
    pub mode: Mode,
    /// The moment of the next change that is already known.
    pub valid_until: Option<Time>,
    /// When its hours next begin, while it is out of them.
    pub opens_at: Option<Time>,
    /// The agents that are online; only if the tenant shows them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub agents: Vec<PublicAgent>,
    /// How many chats wait; only if the tenant shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub waiting: Option<u32>,
    /// How long one more would wait, in steps of 15 seconds; only if the tenant shows it, and while something is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub estimated_wait_s: Option<u32>,
}

/// An agent as the public may see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicAgent {
    /// Its public name.
    #[schema(value_type = String)]
    pub name: Name,
    /// Its picture.
    #[schema(value_type = Option<String>)]
    pub picture_url: Option<PictureUrl>,
}

/// How often a widget asks. A status that changes is seen within half a minute, and 100,000 open pages make
/// 3,300 requests a second.
const POLL_AFTER_S: u32 = 30;

/// Writes what a widget shows. It is kept ready as bytes, since every open page asks for it again and again.
pub fn availability_body<'a>(
    mode: domain::Mode,
    offices: impl IntoIterator<Item = (&'a Name, &'a engine::OfficeAvailability)>,
) -> String {
    let offices: Vec<OfficeMode> = offices
        .into_iter()
        .map(|(name, shown)| OfficeMode::new(name, shown))
        .collect();
    let known = offices.iter().filter_map(|office| office.valid_until);
    let next = known.min_by_key(|at| at.0);
    crate::protocol::to_text(&Availability {
        mode: Mode(mode.as_str()),
        valid_until: next,
        offices,
        poll_after_s: POLL_AFTER_S,
    })
}

impl OfficeMode {
    fn new(name: &Name, shown: &engine::OfficeAvailability) -> Self {
        Self {
            id: shown.office_id.0,
            name: name.clone(),
            mode: Mode(shown.mode.as_str()),
            valid_until: shown.valid_until.map(Time),
            opens_at: shown.opens_at.map(Time),
            agents: shown
                .agents
                .iter()
                .map(|agent| PublicAgent {
                    name: agent.name.clone(),
                    picture_url: agent.picture_url.clone(),
                })
                .collect(),
            waiting: shown.waiting,
            estimated_wait_s: shown.estimated_wait.map(super::seconds),
        }
    }
}

/// What visitors see of an office from a moment on, and what led to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficeShown {
    /// The office.
    pub office_id: Uuid,
    /// What visitors see.
    pub mode: Mode,
    /// Why.
    pub reason: ShownReason,
    /// Since when.
    pub since: Time,
    /// What made it change to this.
    pub cause: Cause,
    /// Whether the office was in its hours.
    pub is_open: bool,
    /// How many agents its queues had.
    pub members: u32,
    /// Those of them that were effectively online, at most 50.
    pub online: Vec<Uuid>,
}

/// What made something change.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Cause {
    /// Which kind of cause.
    pub kind: CauseKind,
    /// The agent whose presence changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agent_id: Option<Uuid>,
    /// The chat that began, ended or changed hands.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub chat_id: Option<Uuid>,
}

impl From<engine::Cause> for Cause {
    fn from(cause: engine::Cause) -> Self {
        let (kind, agent_id, chat_id) = match cause {
            engine::Cause::Presence(id) => ("presence", Some(id.0), None),
            engine::Cause::Hours => ("hours", None, None),
            engine::Cause::Setup => ("setup", None, None),
            engine::Cause::Chat(id) => ("chat", None, Some(id.0)),
        };
        Self {
            kind: CauseKind(kind),
            agent_id,
            chat_id,
        }
    }
}

impl From<&engine::AvailabilityChange> for OfficeShown {
    fn from(change: &engine::AvailabilityChange) -> Self {
        Self {
            office_id: change.shown.office_id.0,
            mode: Mode(change.shown.mode.as_str()),
            reason: ShownReason(change.shown.reason.as_str()),
            since: change.shown.since.into(),
            cause: change.cause.into(),
            is_open: change.is_open,
            members: change.members,
            online: change.online.iter().map(|id| id.0).collect(),
        }
    }
}
