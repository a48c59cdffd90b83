//! Notes and marks as they are stored, and back again.

use crate::domain::Reader;
use crate::engine::invariants::Violation;
use crate::engine::records::{MarkRecord, NoteRecord};
use crate::engine::state::{Chat, KeptNote, State};

impl Chat {
    /// What is kept of its notes.
    pub(in crate::engine) fn note_records(&self) -> impl Iterator<Item = NoteRecord> + '_ {
        self.notes.iter().map(|(note_id, written)| NoteRecord {
            chat_id: self.id,
            note_id: note_id.clone(),
            number: written.number,
            author: written.author,
        })
    }

    /// The marks that somebody has set.
    pub(in crate::engine) fn mark_records(&self) -> impl Iterator<Item = MarkRecord> + '_ {
        let marks = &self.read_marks;
        let agents = marks.agents.iter();
        let agents = agents.map(|(id, mark)| (Reader::Agent(*id), *mark));
        let visitor = std::iter::once((Reader::Visitor, marks.visitor));
        let set = visitor
            .chain(agents)
            .filter(|(_, mark)| mark.delivered_seq() > 0);
        set.map(|(reader, mark)| MarkRecord {
            chat_id: self.id,
            reader,
            mark,
        })
    }

    /// Notes are numbered without a hole, and nobody has read what was not said yet.
    pub(in crate::engine) fn check_asides(&self) -> Result<(), Violation> {
        let mut numbers: Vec<u32> = self.notes.values().map(|written| written.number).collect();
        numbers.sort_unstable();
        if !numbers.into_iter().eq(1..=self.last_note()) {
            return Err(Violation::Notes(self.id));
        }
        if self
            .mark_records()
            .any(|record| record.mark.delivered_seq() > self.last_seq)
        {
            return Err(Violation::Marks(self.id));
        }
        Ok(())
    }
}

impl State {
    /// Gives restored chats their notes and the marks in them.
    pub(in crate::engine) fn restore_asides(
        &mut self,
        notes: Vec<NoteRecord>,
        marks: Vec<MarkRecord>,
    ) {
        for record in notes {
            if let Some(chat) = self.chats.get_mut(&record.chat_id) {
                let written = KeptNote {
                    number: record.number,
                    author: record.author,
                };
                chat.notes.insert(record.note_id, written);
            }
        }
        for record in marks {
            if let Some(chat) = self.chats.get_mut(&record.chat_id) {
                chat.read_marks.set(record.reader, record.mark);
            }
        }
    }
}
