//! Notes, for agents alone, and marks of what was read (CHAT-3, CHAT-5, CHAT-9).

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{AgentId, ChatId, InternalNote, NoteId, ReadMark, ReadMarks, Reader};
use crate::engine::{MarkRecord, NoteRecord, NoteView};

use super::messages::rich_text;
use super::row::RowOf;
use super::time::from_db;
use super::{Error, TenantTx};

pub(super) struct NoteRow {
    pub(super) number: i32,
    pub(super) note_id: String,
    pub(super) agent_id: Uuid,
    pub(super) author_name: String,
    pub(super) text: String,
    pub(super) content: Option<Value>,
    pub(super) sent_at: DateTime<Utc>,
}

impl NoteRow {
    pub(super) fn view(self, chat: ChatId) -> Result<NoteView, Error> {
        let of = RowOf("notes", format!("{chat}/{}", self.number));
        let text = rich_text(&of, Some(&self.text), self.content)?;
        let note = InternalNote {
            id: of.parse("note_id", &self.note_id)?,
            number: of.number("number", self.number)?,
            author: AgentId(self.agent_id),
            text: of.present("text", text)?,
            sent_at: from_db(self.sent_at),
        };
        let author_name = of.parse("agent_id", &self.author_name)?;
        Ok(NoteView { note, author_name })
    }
}

/// The marks of a chat, each as its agent (none for the visitor), what was read and what was delivered.
pub(super) fn read_marks(of: &RowOf<Uuid>, marks: Option<Value>) -> Result<ReadMarks, Error> {
    let mut all = ReadMarks::default();
    let Some(marks) = marks else { return Ok(all) };
    let marks: Vec<(Option<AgentId>, u32, u32)> = of.json("read_marks", marks)?;
    for (agent, read, delivered) in marks {
        let reader = agent.map_or(Reader::Visitor, Reader::Agent);
        all.set(reader, ReadMark::new(read, delivered));
    }
    Ok(all)
}

impl TenantTx {
    /// The notes of a chat after a number, in their order.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_notes(
        &mut self,
        chat: ChatId,
        after: u32,
        limit: i64,
    ) -> Result<Vec<NoteView>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            NoteRow,
            r#"select n.number, n.note_id, n.agent_id, coalesce(a.public_name, a.name) as "author_name!", n.text,
                 n.content, n.sent_at
             from notes n
             join agents a on a.tenant_id = n.tenant_id and a.agent_id = n.agent_id
             where n.tenant_id = $1 and n.chat_id = $2 and n.number > $3
             order by n.number
             limit $4"#,
            tenant_id,
            chat.0,
            i32::try_from(after).unwrap_or(i32::MAX),
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(|row| row.view(chat)).collect()
    }

    /// Finds a note of a chat by its id.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_note(
        &mut self,
        chat: ChatId,
        id: &NoteId,
    ) -> Result<Option<NoteView>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            NoteRow,
            r#"select n.number, n.note_id, n.agent_id, coalesce(a.public_name, a.name) as "author_name!", n.text,
                 n.content, n.sent_at
             from notes n
             join agents a on a.tenant_id = n.tenant_id and a.agent_id = n.agent_id
             where n.tenant_id = $1 and n.chat_id = $2 and n.note_id = $3"#,
            tenant_id,
            chat.0,
            id.as_str(),
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| row.view(chat)).transpose()
    }

    /// What an engine keeps of the notes of the chats that it holds, or of these.
    pub(super) async fn note_records(
        &mut self,
        over: Option<&[Uuid]>,
    ) -> Result<Vec<NoteRecord>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query!(
            r#"select n.chat_id, n.note_id, n.number, n.agent_id
             from notes n
             join chats c on c.tenant_id = n.tenant_id and c.chat_id = n.chat_id
             where c.tenant_id = $1
                 and case when $2::uuid[] is null then c.is_open
                     else c.chat_id = any ($2) end
             order by n.chat_id, n.note_id collate "C""#,
            tenant_id,
            over as _
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let of = RowOf("notes", format!("{}/{}", row.chat_id, row.number));
                Ok(NoteRecord {
                    chat_id: ChatId(row.chat_id),
                    note_id: of.parse("note_id", &row.note_id)?,
                    number: of.number("number", row.number)?,
                    author: AgentId(row.agent_id),
                })
            })
            .collect()
    }

    /// The marks in the chats that an engine holds, or in these.
    pub(super) async fn mark_records(
        &mut self,
        over: Option<&[Uuid]>,
    ) -> Result<Vec<MarkRecord>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query!(
            "select m.chat_id, m.agent_id, m.read_seq, m.delivered_seq
             from read_marks m
             join chats c on c.tenant_id = m.tenant_id and c.chat_id = m.chat_id
             where c.tenant_id = $1
                 and case when $2::uuid[] is null then c.is_open
                     else c.chat_id = any ($2) end
             order by m.chat_id, m.agent_id nulls first",
            tenant_id,
            over as _
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let of = RowOf("read_marks", row.chat_id);
                let read_seq = of.number("read_seq", row.read_seq)?;
                let delivered_seq = of.number("delivered_seq", row.delivered_seq)?;
                Ok(MarkRecord {
                    chat_id: ChatId(row.chat_id),
                    reader: row
                        .agent_id
                        .map_or(Reader::Visitor, |id| Reader::Agent(AgentId(id))),
                    mark: ReadMark::new(read_seq, delivered_seq),
                })
            })
            .collect()
    }
}
