//! Notes, marks, and what is not sent yet.

use deskbell::domain::{Author, Seen};
use deskbell::engine::{
    AgentCommand, ChatEvent, Effect, EventKind, MarkRaised, NoteEvent, Notice, Parties,
    VisitorCommand,
};

use super::people::{Person, Visitor};
use super::{Happening, Scenario};

/// Read up to here.
pub(crate) fn read(seq: u32) -> Seen {
    Seen {
        read: Some(seq),
        delivered: None,
    }
}

/// Delivered up to here.
pub(crate) fn delivered(seq: u32) -> Seen {
    Seen {
        read: None,
        delivered: Some(seq),
    }
}

impl Person<'_> {
    pub(crate) fn notes(&mut self, chat: &str, id: &str, text: &str) {
        let command = AgentCommand::Note(id.parse().unwrap(), text.parse().unwrap());
        self.chat(chat, command);
    }

    pub(crate) fn marks(&mut self, chat: &str, seen: Seen) {
        self.chat(chat, AgentCommand::Mark(seen));
    }
}

impl Visitor<'_> {
    pub(crate) fn marks(&mut self, seen: Seen) {
        let name = self.name.clone();
        self.marks_in(&name, seen);
    }

    pub(crate) fn marks_in(&mut self, chat: &str, seen: Seen) {
        self.chat(chat, VisitorCommand::Mark(seen));
    }

    /// Types this, and has not sent it.
    pub(crate) fn writes(&mut self, unsent: &str) {
        let name = self.name.clone();
        let unsent = unsent.parse().unwrap();
        self.chat(&name, VisitorCommand::Type(true, Some(unsent)));
    }
}

impl Scenario {
    #[track_caller]
    pub(crate) fn expect_note(&mut self, chat: &str) -> NoteEvent {
        let what = format!("a note in {chat}");
        match self.event(&what).kind {
            EventKind::Note(event) if event.chat_id == self.chat_id(chat) => event,
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_mark(&mut self, chat: &str) -> (Parties, MarkRaised) {
        let what = format!("a mark in {chat}");
        match self.chat_event(&what) {
            ChatEvent::MarkRaised(parties, raised) if parties.chat_id == self.chat_id(chat) => {
                (parties, raised)
            }
            other => self.unexpected(&what, &other),
        }
    }

    /// Somebody types, and agents are shown this.
    #[track_caller]
    pub(crate) fn expect_unsent(&mut self, chat: &str) -> (Author, Option<String>) {
        let what = format!("somebody typing in {chat}");
        match self.next(&what) {
            Happening::Effect(Effect::Notice(Notice::Typing {
                parties,
                author,
                unsent,
                ..
            })) if parties.chat_id == self.chat_id(chat) => {
                (author, unsent.map(|text| text.as_str().to_owned()))
            }
            other => self.unexpected(&what, &other),
        }
    }
}
