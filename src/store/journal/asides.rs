//! Notes and marks: each is written from its event.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::{Reader, RichText, TenantId};
use crate::engine::{ChatEvent, EventKind, MarkRaised, NoteEvent, Parties};
use crate::store::Error;

use super::super::row::RowOf;
use super::super::time::to_db;
use super::Batch;
use super::rows::{expect_rows, to_i32};

/// Writes the notes and the marks of the batches, if there are any.
pub(super) async fn write(connection: &mut PgConnection, batches: &[&Batch]) -> Result<(), Error> {
    let mut notes = Notes::default();
    let mut marks = Marks::default();
    for batch in batches {
        for numbered in &batch.events {
            match &numbered.event.kind {
                EventKind::Note(event) => notes.push(batch.tenant_id, event)?,
                EventKind::Chat(ChatEvent::MarkRaised(parties, raised)) => {
                    marks.push(batch.tenant_id, parties, raised);
                }
                _ => {}
            }
        }
    }
    notes.write(connection).await?;
    marks.write(connection).await
}

#[derive(Default)]
struct Notes {
    tenant_id: Vec<Uuid>,
    chat_id: Vec<Uuid>,
    number: Vec<i32>,
    note_id: Vec<String>,
    agent_id: Vec<Uuid>,
    text: Vec<String>,
    content: Vec<Option<Value>>,
    sent_at: Vec<DateTime<Utc>>,
}

impl Notes {
    fn push(&mut self, tenant_id: TenantId, event: &NoteEvent) -> Result<(), Error> {
        let note = &event.note.note;
        let of = RowOf("notes", format!("{}/{}", event.chat_id, note.number));
        let content = RichText::marked(&note.text).map(|nodes| of.to_json("content", nodes));
        self.tenant_id.push(tenant_id.0);
        self.chat_id.push(event.chat_id.0);
        self.number.push(to_i32(note.number));
        self.note_id.push(note.id.as_str().to_owned());
        self.agent_id.push(note.author.0);
        self.text.push(note.text.source().as_str().to_owned());
        self.content.push(content.transpose()?);
        self.sent_at.push(to_db(note.sent_at));
        Ok(())
    }

    async fn write(self, connection: &mut PgConnection) -> Result<(), Error> {
        if self.tenant_id.is_empty() {
            return Ok(());
        }
        sqlx::query!(
            "insert into notes (tenant_id, chat_id, number, note_id, agent_id, text, content, sent_at)
             select * from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::uuid[], $6::text[],
                 $7::jsonb[], $8::timestamptz[])",
            &self.tenant_id,
            &self.chat_id,
            &self.number,
            &self.note_id,
            &self.agent_id,
            &self.text,
            &self.content as _,
            &self.sent_at
        )
        .execute(connection)
        .await?;
        Ok(())
    }
}

/// Whose mark in which chat of which tenant.
type Key = (Uuid, Uuid, Uuid);

/// Marks by their keys: of several of one reader the last is the highest, and one statement may touch a row once only.
#[derive(Default)]
struct Marks(BTreeMap<Key, (Option<Uuid>, i32, i32)>);

impl Marks {
    fn push(&mut self, tenant_id: TenantId, parties: &Parties, raised: &MarkRaised) {
        let (reader_id, agent_id) = match raised.reader {
            Reader::Visitor => (parties.visitor_id.0, None),
            Reader::Agent(id) => (id.0, Some(id.0)),
        };
        let key = (tenant_id.0, parties.chat_id.0, reader_id);
        let (read, delivered) = (raised.mark.read_seq(), raised.mark.delivered_seq());
        self.0
            .insert(key, (agent_id, to_i32(read), to_i32(delivered)));
    }

    async fn write(self, connection: &mut PgConnection) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let (mut tenant_id, mut chat_id, mut reader_id) = (Vec::new(), Vec::new(), Vec::new());
        let (mut agent_id, mut read, mut delivered) = (Vec::new(), Vec::new(), Vec::new());
        for ((tenant, chat, reader), (agent, read_seq, delivered_seq)) in self.0 {
            tenant_id.push(tenant);
            chat_id.push(chat);
            reader_id.push(reader);
            agent_id.push(agent);
            read.push(read_seq);
            delivered.push(delivered_seq);
        }
        let changed = sqlx::query!(
            "insert into read_marks (tenant_id, chat_id, reader_id, agent_id, read_seq, delivered_seq)
             select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::integer[], $6::integer[])
             on conflict (tenant_id, chat_id, reader_id) do update set
                 read_seq = excluded.read_seq, delivered_seq = excluded.delivered_seq",
            &tenant_id,
            &chat_id,
            &reader_id,
            &agent_id as _,
            &read,
            &delivered
        )
        .execute(connection)
        .await?;
        expect_rows(changed.rows_affected(), tenant_id.len(), "read_marks")
    }
}
