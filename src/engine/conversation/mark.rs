//! Marks of what was delivered and read (CHAT-9). A mark that does not rise is no event, so a client may send it as often
//! as it likes; and it is no act of a person, since clients send it by themselves.

use crate::domain::{AgentId, ChatId, ParticipantRole, ReadMark, Reader, Seen, VisitorId};
use crate::engine::effect::{ChatEvent, EventKind};
use crate::engine::state::State;
use crate::engine::turn::Turn;
use crate::engine::{Refusal, Reply};

/// A mark that has risen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkRaised {
    /// Whose.
    pub reader: Reader,
    /// Where it is now.
    pub mark: ReadMark,
    /// How far some agent has got by now, if that has risen by it: all that the visitor is told of agents' marks.
    pub by_agents: Option<ReadMark>,
}

impl MarkRaised {
    /// What the visitor is told, and whether it is its own mark.
    #[must_use]
    pub fn for_visitor(&self) -> Option<ReadMark> {
        match self.reader {
            Reader::Visitor => Some(self.mark),
            Reader::Agent(_) => self.by_agents,
        }
    }
}

impl Turn<'_> {
    /// Who only reads along leaves no trace of it: nothing happens.
    pub(in crate::engine) fn mark_as_agent(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        seen: Seen,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.open_chat(chat_id)?;
        if !chat.participants.contains_key(&agent_id) {
            return Err(Refusal::NotParticipant);
        }
        check(seen, chat.last_seq)?;
        let part = chat.participants.get(&agent_id);
        if part.is_some_and(|part| part.role == ParticipantRole::Agent) {
            self.raise(chat_id, Reader::Agent(agent_id), seen.mark());
        }
        Ok(Reply::Done)
    }

    pub(in crate::engine) fn mark_as_visitor(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        seen: Seen,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.own_chat(visitor_id, chat_id)?;
        check(seen, chat.last_seq)?;
        self.raise(chat_id, Reader::Visitor, seen.mark());
        self.note_sign(chat_id);
        Ok(Reply::Done)
    }

    fn raise(&mut self, chat_id: ChatId, reader: Reader, seen: ReadMark) {
        let Some(chat) = self.state.chats.get_mut(&chat_id) else {
            return;
        };
        let before = chat.read_marks.of(reader);
        let mark = before.raised_to(seen);
        if mark == before {
            return;
        }
        let told = chat.read_marks.by_agents();
        chat.read_marks.set(reader, mark);
        let now = chat.read_marks.by_agents();
        let raised = MarkRaised {
            reader,
            mark,
            by_agents: (now != told).then_some(now),
        };
        let parties = State::parties(chat);
        self.emit(EventKind::Chat(ChatEvent::MarkRaised(parties, raised)));
    }
}

/// Nobody has seen what was not said yet.
fn check(seen: Seen, last_seq: u32) -> Result<(), Refusal> {
    let beyond = |seq: Option<u32>| seq.is_some_and(|seq| seq > last_seq);
    let fields: &[&str] = match (beyond(seen.read), beyond(seen.delivered)) {
        (false, false) => return Ok(()),
        (true, false) => &["seq"],
        (false, true) => &["delivered"],
        (true, true) => &["seq", "delivered"],
    };
    Err(Refusal::BeyondLastMessage { fields, last_seq })
}
