//! The stored forms of notes and of marks. A note's event names its row and no word of it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::{AgentId, ReadMark, Reader};
use crate::engine::{MarkRaised, NoteEvent, Parties};

use super::Row;

/// How far somebody has got.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Mark {
    read_seq: u32,
    delivered_seq: u32,
}

impl From<ReadMark> for Mark {
    fn from(mark: ReadMark) -> Self {
        Self {
            read_seq: mark.read_seq(),
            delivered_seq: mark.delivered_seq(),
        }
    }
}

impl From<Mark> for ReadMark {
    fn from(mark: Mark) -> Self {
        Self::new(mark.read_seq, mark.delivered_seq)
    }
}

/// Whose mark has risen to where. Without an agent it is the visitor's.
#[derive(Serialize, Deserialize)]
struct Stored {
    agent_id: Option<AgentId>,
    #[serde(flatten)]
    mark: Mark,
    by_agents: Option<Mark>,
    #[serde(default)]
    agents: Vec<AgentId>,
}

pub(super) fn note_row(event: &NoteEvent) -> Row {
    let note = &event.note.note;
    let payload = json!({"number": note.number, "agents": event.agents});
    Row::new("chat.note", payload)
        .of_chat(event.chat_id)
        .of_agent(note.author)
}

pub(super) fn mark_row(parties: &Parties, raised: &MarkRaised) -> Row {
    let agent_id = match raised.reader {
        Reader::Visitor => None,
        Reader::Agent(id) => Some(id),
    };
    let stored = Stored {
        agent_id,
        mark: raised.mark.into(),
        by_agents: raised.by_agents.map(Mark::from),
        agents: parties.agents.clone(),
    };
    let row = Row::new("chat.read", stored);
    match agent_id {
        Some(id) => row.of_agent(id),
        None => row,
    }
}

/// The reverse of [`mark_row`], but for who heard of it.
pub(in crate::store) fn mark_from(payload: &Value) -> Option<MarkRaised> {
    let stored = Stored::deserialize(payload).ok()?;
    Some(MarkRaised {
        reader: stored.agent_id.map_or(Reader::Visitor, Reader::Agent),
        mark: stored.mark.into(),
        by_agents: stored.by_agents.map(ReadMark::from),
    })
}
