//! Agents, contacts, authors.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::routing::skill_levels;
use super::{ActorKind, AuthorKind, Hours, Role, Seat, SkillLevel, Status, Time};
use crate::domain::{self, ContactFields, Email, Name, PictureUrl};
use crate::engine;

/// A person who answers chats.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Agent {
    /// Its id.
    pub id: Uuid,
    /// What colleagues read, and visitors where there is no public name.
    #[schema(value_type = String)]
    pub name: Name,
    /// What visitors read instead.
    #[schema(value_type = Option<String>)]
    pub public_name: Option<Name>,
    /// What visitors see of it.
    #[schema(value_type = Option<String>)]
    pub picture_url: Option<PictureUrl>,
    /// Where it logs in with.
    #[schema(value_type = String, format = Email)]
    pub email: Email,
    /// Its rights.
    pub role: Role,
    /// How many chats it may have at once, offers included.
    pub capacity: u32,
    /// How many it may have when some of them are silent; `null` is twice `capacity`.
    pub capacity_max: Option<u32>,
    /// Whether an offer to it is an assignment.
    pub auto_accept: bool,
    /// What it is good at.
    pub skills: Vec<SkillLevel>,
    /// The offices that it is assigned to, besides those of its queues.
    pub office_ids: Vec<Uuid>,
    /// When it works; `null` sets nothing by the clock.
    pub hours: Option<Hours>,
    /// Delays of its own.
    pub inactivity: OwnInactivity,
    /// After how long it is offered a waiting chat while it is invisible; `null` is never.
    pub offers_when_invisible_after_s: Option<i64>,
    /// How it comes by a seat.
    pub seat: Seat,
    /// When it was made.
    pub created_at: Time,
    /// Counts its changes; the entity tag is made of it.
    pub version: i64,
}

impl From<&domain::Agent> for Agent {
    fn from(agent: &domain::Agent) -> Self {
        Self {
            id: agent.id.0,
            name: agent.name.clone(),
            public_name: agent.public_name.clone(),
            picture_url: agent.picture_url.clone(),
            email: agent.email.clone(),
            role: Role(agent.role.as_str()),
            capacity: agent.capacity.get(),
            capacity_max: agent.capacity_max.map(domain::Capacity::get),
            auto_accept: agent.auto_accept,
            skills: skill_levels(&agent.skills),
            office_ids: agent.office_ids.iter().map(|id| id.0).collect(),
            hours: agent.hours.as_ref().map(Hours::from),
            inactivity: agent.inactivity.into(),
            offers_when_invisible_after_s: agent
                .offers_when_invisible_after
                .map(domain::Millis::as_secs),
            seat: Seat(agent.seat.as_str()),
            created_at: agent.created_at.into(),
            version: agent.version,
        }
    }
}

/// Delays of inactivity within the tenant's; `null` is the tenant's.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct OwnInactivity {
    /// Until the agent is away.
    pub away_after_s: Option<i64>,
    /// Until the agent is offline.
    pub offline_after_s: Option<i64>,
}

impl From<domain::OwnInactivity> for OwnInactivity {
    fn from(own: domain::OwnInactivity) -> Self {
        Self {
            away_after_s: own.away_after.map(domain::Millis::as_secs),
            offline_after_s: own.offline_after.map(domain::Millis::as_secs),
        }
    }
}

/// An agent as those in a chat see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgentCard {
    /// Its id.
    pub id: Uuid,
    /// The name under which it chats.
    #[schema(value_type = String)]
    pub name: Name,
    /// What those in the chat see of it: `online`, `away` or `offline`. Not given for a chat of the past.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub status: Option<Status>,
}

impl From<&engine::AgentCard> for AgentCard {
    fn from(card: &engine::AgentCard) -> Self {
        Self {
            id: card.id.0,
            name: card.name.clone(),
            status: card.status.map(|status| Status(status.as_str())),
        }
    }
}

/// The visitor as a person, over all its chats.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Contact {
    /// Its id.
    pub id: Uuid,
    /// As given by the visitor.
    #[schema(value_type = Option<String>)]
    pub name: Option<Name>,
    /// As given by the visitor.
    #[schema(value_type = Option<String>, format = Email)]
    pub email: Option<Email>,
    /// The other answers of the form that started the chat.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub fields: ContactFields,
    /// What is known of it over all its chats: only in what is read over REST.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub known: Option<KnownAs>,
}

/// What a contact is called and where it can be reached: what agents have given, else what the form of the chat said, else what
/// other forms said.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KnownAs {
    /// What it is called.
    #[schema(value_type = Option<String>)]
    pub name: Option<Name>,
    /// Where it can be reached.
    #[schema(value_type = Option<String>, format = Email)]
    pub email: Option<Email>,
}

impl From<&domain::KnownAs> for KnownAs {
    fn from(known: &domain::KnownAs) -> Self {
        Self {
            name: known.name.clone(),
            email: known.email.clone(),
        }
    }
}

impl From<&domain::Contact> for Contact {
    fn from(contact: &domain::Contact) -> Self {
        Self {
            id: contact.id.0,
            name: contact.name.clone(),
            email: contact.email.clone(),
            fields: contact.fields.clone(),
            known: None,
        }
    }
}

/// Who wrote a message.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Author {
    /// Which kind of author.
    pub kind: AuthorKind,
    /// The agent, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agent_id: Option<Uuid>,
    /// The agent's name, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub name: Option<Name>,
}

impl Author {
    /// Puts an author and its name together; only an agent has one here.
    #[must_use]
    pub fn new(author: domain::Author, name: Option<&Name>) -> Self {
        match author {
            domain::Author::Visitor => Self {
                kind: AuthorKind("visitor"),
                agent_id: None,
                name: None,
            },
            domain::Author::Agent(id) => Self {
                kind: AuthorKind("agent"),
                agent_id: Some(id.0),
                name: name.cloned(),
            },
            domain::Author::System => Self {
                kind: AuthorKind("system"),
                agent_id: None,
                name: None,
            },
        }
    }
}

/// Who did something.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Actor {
    /// Which kind of actor.
    pub kind: ActorKind,
    /// The agent, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agent_id: Option<Uuid>,
}

impl From<domain::Actor> for Actor {
    fn from(actor: domain::Actor) -> Self {
        match actor {
            domain::Actor::Agent(id) => Self {
                kind: ActorKind("agent"),
                agent_id: Some(id.0),
            },
            domain::Actor::Visitor => Self {
                kind: ActorKind("visitor"),
                agent_id: None,
            },
            domain::Actor::System => Self {
                kind: ActorKind("system"),
                agent_id: None,
            },
        }
    }
}
