//! Notes, and how far a chat was read.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ActorKind, Author, Time};
use crate::domain::{self, AgentId, NoteId, ReadMarks, markup};
use crate::engine::NoteView;

/// What an agent tells the other agents in a chat. Nothing that a visitor gets has one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Note {
    /// Given by its author.
    #[schema(value_type = String)]
    pub id: NoteId,
    /// 1, 2, 3... within the chat, apart from its messages.
    pub number: u32,
    /// Who wrote it.
    pub author: Author,
    /// What it says, as it was written.
    pub text: String,
    /// The text as it is shown, in pieces.
    #[schema(value_type = Vec<super::message::Node>)]
    pub content: Vec<markup::Node>,
    /// When it was taken.
    pub sent_at: Time,
}

impl From<&NoteView> for Note {
    fn from(view: &NoteView) -> Self {
        let note = &view.note;
        let author = domain::Author::Agent(note.author);
        Self {
            id: note.id.clone(),
            number: note.number,
            author: Author::new(author, Some(&view.author_name)),
            text: note.text.source().as_str().to_owned(),
            content: note.text.content(),
            sent_at: note.sent_at.into(),
        }
    }
}

/// How far somebody has got in a chat, by the numbers of its messages; 0 before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReadMark {
    /// What it has read.
    pub read_seq: u32,
    /// What it was delivered: at least what it has read.
    pub delivered_seq: u32,
    /// How many of the chat's messages it has not read: `last_seq` less `read_seq`.
    pub unread: u32,
}

impl ReadMark {
    pub(super) fn new(mark: domain::ReadMark, last_seq: u32) -> Self {
        Self {
            read_seq: mark.read_seq(),
            delivered_seq: mark.delivered_seq(),
            unread: mark.unread(last_seq),
        }
    }
}

/// How far an agent has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgentMark {
    /// Which agent.
    pub agent_id: Uuid,
    /// What it has read.
    pub read_seq: u32,
    /// What it was delivered: at least what it has read.
    pub delivered_seq: u32,
    /// How many of the chat's messages it has not read: `last_seq` less `read_seq`.
    pub unread: u32,
}

impl AgentMark {
    /// Those of all agents that have set one, in the order of their ids.
    pub(super) fn all(marks: &ReadMarks, last_seq: u32) -> Vec<Self> {
        let agents = marks.agents.iter();
        agents
            .map(|(id, mark)| Self {
                agent_id: id.0,
                read_seq: mark.read_seq(),
                delivered_seq: mark.delivered_seq(),
                unread: mark.unread(last_seq),
            })
            .collect()
    }
}

/// Who has read: the visitor, or an agent, whom the visitor is not told.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ReaderCard {
    /// `visitor` or `agent`.
    pub kind: ActorKind,
    /// Which agent; not for visitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agent_id: Option<Uuid>,
}

impl ReaderCard {
    /// The visitor.
    pub const VISITOR: Self = Self {
        kind: ActorKind("visitor"),
        agent_id: None,
    };

    /// An agent, named or not.
    #[must_use]
    pub fn agent(id: Option<AgentId>) -> Self {
        Self {
            kind: ActorKind("agent"),
            agent_id: id.map(|id| id.0),
        }
    }
}
