//! Agents, presences, contacts, authors.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ActorKind, AuthorKind, PresenceReason, Role, Status, Time};
use crate::domain::{self, ContactFields, Email, Name};
use crate::engine;

/// A person who answers chats.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Agent {
    /// Its id.
    pub id: Uuid,
    /// What colleagues and visitors read.
    #[schema(value_type = String)]
    pub name: Name,
    /// Where it logs in with.
    #[schema(value_type = String, format = Email)]
    pub email: Email,
    /// Its rights.
    pub role: Role,
    /// How many chats it may have at once, offers included.
    pub capacity: u32,
    /// When it was made.
    pub created_at: Time,
}

impl From<&domain::Agent> for Agent {
    fn from(agent: &domain::Agent) -> Self {
        Self {
            id: agent.id.0,
            name: agent.name.clone(),
            email: agent.email.clone(),
            role: Role(agent.role.as_str()),
            capacity: agent.capacity.get(),
            created_at: agent.created_at.into(),
        }
    }
}

/// An agent as others see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgentCard {
    /// Its id.
    pub id: Uuid,
    /// Its public name.
    #[schema(value_type = String)]
    pub name: Name,
}

impl From<&engine::AgentCard> for AgentCard {
    fn from(card: &engine::AgentCard) -> Self {
        Self {
            id: card.id.0,
            name: card.name.clone(),
        }
    }
}

/// What an agent chose to be, and what it effectively is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Presence {
    /// The agent.
    pub agent_id: Uuid,
    /// What was chosen.
    pub status: Status,
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
}

impl From<&engine::PresenceView> for Presence {
    fn from(view: &engine::PresenceView) -> Self {
        Self {
            agent_id: view.agent_id.0,
            status: Status(view.choice.status.as_str()),
            status_set_at: view.choice.set_at.into(),
            status_set_by: view.choice.set_by.into(),
            effective: Status(view.effective.status.as_str()),
            reason: PresenceReason(view.effective.reason.as_str()),
            since: view.effective.since.into(),
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
}

impl From<&domain::Contact> for Contact {
    fn from(contact: &domain::Contact) -> Self {
        Self {
            id: contact.id.0,
            name: contact.name.clone(),
            email: contact.email.clone(),
            fields: contact.fields.clone(),
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
