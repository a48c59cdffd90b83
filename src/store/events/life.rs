//! The stored form of the turns that a chat's life takes, and what it is made whole again from.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Row;
use crate::domain::{
    AgentId, Attributes, ChatId, DispositionId, Priority, Rating, Score, TagId, TargetKind,
    Timestamp, WrapUp,
};
use crate::engine::{LifeEvent, Marks, Parties};

/// What agents say of a chat, but for the fields, which hold texts: those are as they are now.
#[derive(Serialize, Deserialize)]
struct StoredMarks {
    agents: Vec<AgentId>,
    important: bool,
    tags: Vec<TagId>,
    dispositions: Vec<DispositionId>,
    priority: Priority,
}

#[derive(Serialize, Deserialize)]
struct StoredAgents {
    agents: Vec<AgentId>,
}

#[derive(Serialize, Deserialize)]
struct StoredWrapUp {
    wrap_up: WrapUp,
}

#[derive(Serialize, Deserialize)]
struct StoredWarning {
    agents: Vec<AgentId>,
    closes_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct StoredReopening {
    agents: Vec<AgentId>,
    gone: Vec<AgentId>,
    last_seq: u32,
}

#[derive(Serialize, Deserialize)]
struct StoredRating {
    agents: Vec<AgentId>,
    score: Score,
}

/// The row of a turn, but for the chat.
pub(super) fn to_row(event: &LifeEvent) -> Row {
    match event {
        LifeEvent::Updated(parties, marks) => {
            let attributes = &marks.attributes;
            let stored = StoredMarks {
                agents: parties.agents.clone(),
                important: attributes.important,
                tags: attributes.tags.iter().copied().collect(),
                dispositions: attributes.dispositions.iter().copied().collect(),
                priority: marks.priority,
            };
            Row::new("chat.updated", stored)
        }
        LifeEvent::WrapUpStarted(view) => {
            let wrap_up = view.wrap_up;
            Row::new("chat.wrap_up_started", StoredWrapUp { wrap_up }).of_agent(view.agent_id)
        }
        LifeEvent::WrapUpEnded(_, agent_id) => {
            Row::new("chat.wrap_up_ended", json!({})).of_agent(*agent_id)
        }
        LifeEvent::IdleWarned(parties, closes_at) => {
            let stored = StoredWarning {
                agents: parties.agents.clone(),
                closes_at: *closes_at,
            };
            Row::new("chat.idle_warning", stored)
        }
        LifeEvent::VisitorSeen(_) => Row::new("chat.visitor_seen", json!({})),
        LifeEvent::Reopened(chat, gone) => {
            let stored = StoredReopening {
                agents: chat.agents.iter().map(|card| card.id).collect(),
                gone: gone.clone(),
                last_seq: chat.last_seq,
            };
            Row::new("chat.reopened", stored)
        }
        LifeEvent::TargetMissed(parties, kind) => Row::new(
            "chat.target_missed",
            json!({"target": kind.as_str(), "agents": parties.agents}),
        ),
        LifeEvent::Reminded(_, agents) => {
            let agents = agents.clone();
            Row::new("chat.reminder", StoredAgents { agents })
        }
        LifeEvent::Rated(parties, rating) => {
            let stored = StoredRating {
                agents: parties.agents.clone(),
                score: rating.score,
            };
            Row::new("chat.rated", stored)
        }
    }
}

/// What a stored turn says by itself.
pub(in super::super) enum Told {
    /// What was said of the chat, without the fields.
    Updated(Vec<AgentId>, Marks),
    /// An agent's work after it began.
    WrapUpStarted(WrapUp),
    /// It went on, with these agents, without those, after so many messages.
    Reopened(Vec<AgentId>, Vec<AgentId>, u32),
    /// All that there is to say.
    Whole(LifeEvent),
}

/// Reads a stored turn; `None` for another kind of event, and for a payload that this code cannot have written.
pub(in super::super) fn from_row(
    kind: &str,
    agent_id: Option<AgentId>,
    payload: &Value,
    parties: impl Fn(Vec<AgentId>) -> Parties,
    chat_id: ChatId,
) -> Option<Told> {
    let payload = payload.clone();
    let whole = |event| Some(Told::Whole(event));
    match kind {
        "chat.updated" => {
            let stored: StoredMarks = serde_json::from_value(payload).ok()?;
            let marks = Marks {
                attributes: Attributes {
                    important: stored.important,
                    tags: stored.tags.into_iter().collect(),
                    dispositions: stored.dispositions.into_iter().collect(),
                    ..Attributes::default()
                },
                priority: stored.priority,
                ..Marks::default()
            };
            Some(Told::Updated(stored.agents, marks))
        }
        "chat.wrap_up_started" => {
            let stored: StoredWrapUp = serde_json::from_value(payload).ok()?;
            Some(Told::WrapUpStarted(stored.wrap_up))
        }
        "chat.wrap_up_ended" => whole(LifeEvent::WrapUpEnded(chat_id, agent_id?)),
        "chat.idle_warning" => {
            let stored: StoredWarning = serde_json::from_value(payload).ok()?;
            whole(LifeEvent::IdleWarned(
                parties(stored.agents),
                stored.closes_at,
            ))
        }
        "chat.visitor_seen" => whole(LifeEvent::VisitorSeen(chat_id)),
        "chat.reopened" => {
            let stored: StoredReopening = serde_json::from_value(payload).ok()?;
            Some(Told::Reopened(stored.agents, stored.gone, stored.last_seq))
        }
        "chat.target_missed" => {
            let kind: TargetKind = payload.get("target")?.as_str()?.parse().ok()?;
            let stored: StoredAgents = serde_json::from_value(payload).ok()?;
            whole(LifeEvent::TargetMissed(parties(stored.agents), kind))
        }
        "chat.reminder" => {
            let stored: StoredAgents = serde_json::from_value(payload).ok()?;
            whole(LifeEvent::Reminded(chat_id, stored.agents))
        }
        "chat.rated" => {
            let stored: StoredRating = serde_json::from_value(payload).ok()?;
            let rating = Rating {
                score: stored.score,
                comment: None,
            };
            whole(LifeEvent::Rated(parties(stored.agents), rating))
        }
        _ => None,
    }
}
