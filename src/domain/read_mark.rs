//! How far a chat has been delivered and read (CHAT-9).

use std::collections::BTreeMap;

use super::AgentId;

/// How far somebody has got, by the numbers of the messages. It never falls, and what was read has been delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReadMark {
    read_seq: u32,
    delivered_seq: u32,
}

impl ReadMark {
    /// A mark of what was read, and of what was delivered besides.
    #[must_use]
    pub fn new(read_seq: u32, delivered_seq: u32) -> Self {
        Self {
            read_seq,
            delivered_seq: delivered_seq.max(read_seq),
        }
    }

    /// The number of the last message that was read; 0 before the first.
    #[must_use]
    pub fn read_seq(self) -> u32 {
        self.read_seq
    }

    /// The number of the last message that was delivered; 0 before the first.
    #[must_use]
    pub fn delivered_seq(self) -> u32 {
        self.delivered_seq
    }

    /// The further of two marks, each way.
    #[must_use]
    pub fn raised_to(self, other: Self) -> Self {
        Self {
            read_seq: self.read_seq.max(other.read_seq),
            delivered_seq: self.delivered_seq.max(other.delivered_seq),
        }
    }

    /// How many of so many messages are still to be read.
    #[must_use]
    pub fn unread(self, last_seq: u32) -> u32 {
        last_seq.saturating_sub(self.read_seq)
    }
}

/// Who reads a chat and tells how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// Its visitor.
    Visitor,
    /// An agent that answers it, or did.
    Agent(AgentId),
}

/// The marks of everybody in a chat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadMarks {
    /// The visitor's.
    pub visitor: ReadMark,
    /// Those of the agents that have set one.
    pub agents: BTreeMap<AgentId, ReadMark>,
}

impl ReadMarks {
    /// The mark of a reader.
    #[must_use]
    pub fn of(&self, reader: Reader) -> ReadMark {
        match reader {
            Reader::Visitor => self.visitor,
            Reader::Agent(id) => self.agents.get(&id).copied().unwrap_or_default(),
        }
    }

    /// Sets the mark of a reader.
    pub fn set(&mut self, reader: Reader, mark: ReadMark) {
        match reader {
            Reader::Visitor => self.visitor = mark,
            Reader::Agent(id) => drop(self.agents.insert(id, mark)),
        }
    }

    /// How far some agent has got: what the visitor is told.
    #[must_use]
    pub fn by_agents(&self) -> ReadMark {
        self.agents
            .values()
            .fold(ReadMark::default(), |all, mark| all.raised_to(*mark))
    }
}

/// What a reader says that it has seen: up to which message it has read, and up to which it was delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Read up to here.
    pub read: Option<u32>,
    /// Delivered up to here.
    pub delivered: Option<u32>,
}

impl Seen {
    /// The mark that it comes to.
    #[must_use]
    pub fn mark(self) -> ReadMark {
        let or_none = Option::unwrap_or_default;
        ReadMark::new(or_none(self.read), or_none(self.delivered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_was_read_was_delivered() {
        assert_eq!(ReadMark::new(4, 2), ReadMark::new(4, 4));
        let seen = Seen {
            read: None,
            delivered: Some(3),
        };
        assert_eq!(seen.mark(), ReadMark::new(0, 3));
        assert_eq!(
            ReadMark::new(4, 4).raised_to(seen.mark()),
            ReadMark::new(4, 4)
        );
        assert_eq!(ReadMark::new(4, 6).unread(9), 5);
    }

    #[test]
    fn of_several_agents_the_furthest_counts_each_way() {
        let agent = |number| AgentId(Uuid::from_u128(number));
        let mut marks = ReadMarks::default();
        assert_eq!(marks.by_agents(), ReadMark::default());

        marks.set(Reader::Agent(agent(1)), ReadMark::new(2, 5));
        marks.set(Reader::Agent(agent(2)), ReadMark::new(3, 3));
        marks.set(Reader::Visitor, ReadMark::new(9, 9));

        assert_eq!(marks.by_agents(), ReadMark::new(3, 5));
    }
}
