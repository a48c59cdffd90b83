//! Messages: what was sent, and what was changed of it since.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::{ChatId, RichText, TenantId, Timestamp};
use crate::engine::EditedMessage;
use crate::store::Error;

use super::super::row::RowOf;
use super::super::time::to_db;
use super::rows::{Messages, expect_rows, to_i32};

/// Writes messages that are new.
pub(super) async fn insert(connection: &mut PgConnection, rows: &Messages) -> Result<(), Error> {
    if rows.tenant_id.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into messages (tenant_id, chat_id, seq, message_id, author, author_agent_id, text, content,
             buttons, pressed_message_id, pressed_button_id, notice, sent_at, file)
         select * from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::text[],
             $6::uuid[], $7::text[], $8::jsonb[], $9::jsonb[], $10::text[], $11::text[], $12::jsonb[],
             $13::timestamptz[], $14::jsonb[])",
        &rows.tenant_id,
        &rows.chat_id,
        &rows.seq,
        &rows.message_id,
        &rows.author as _,
        &rows.author_agent_id as _,
        &rows.text as _,
        &rows.content as _,
        &rows.buttons as _,
        &rows.pressed_message_id as _,
        &rows.pressed_button_id as _,
        &rows.notice as _,
        &rows.sent_at,
        &rows.file as _
    )
    .execute(&mut *connection)
    .await?;
    give_files(connection, rows).await
}

/// Says of uploads which messages have them. Of two messages with the same one the first has it: the second was sent
/// before that was known, and shows it all the same.
async fn give_files(connection: &mut PgConnection, rows: &Messages) -> Result<(), Error> {
    if rows.file_id.iter().all(Option::is_none) {
        return Ok(());
    }
    sqlx::query!(
        "update files f set chat_id = r.chat_id, message_seq = r.seq
         from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::uuid[]) as r (tenant_id, chat_id, seq, file_id)
         where f.tenant_id = r.tenant_id and f.file_id = r.file_id
           and f.chat_id is null and f.stored_at is not null and f.removing_at is null",
        &rows.tenant_id,
        &rows.chat_id,
        &rows.seq,
        &rows.file_id as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Which message of which chat of which tenant.
type Key = (Uuid, Uuid, i32);

/// A text and its tree.
struct NewText {
    text: String,
    content: Option<Value>,
    at: DateTime<Utc>,
}

/// Changes of messages. Of several of one message the last counts, and a deletion is always the last: one statement may
/// touch a row once only.
#[derive(Default)]
pub(super) struct Changes {
    edited: BTreeMap<Key, NewText>,
    deleted: BTreeMap<Key, DateTime<Utc>>,
}

impl Changes {
    pub(super) fn edit(
        &mut self,
        tenant_id: TenantId,
        chat_id: ChatId,
        edited: &EditedMessage,
        at: Timestamp,
    ) -> Result<(), Error> {
        let of = RowOf("messages", format!("{chat_id}/{}", edited.seq));
        let text = of.present("text", edited.text.as_ref())?;
        let content = RichText::marked(text).map(|nodes| of.to_json("content", nodes));
        let new = NewText {
            text: text.source().as_str().to_owned(),
            content: content.transpose()?,
            at: to_db(at),
        };
        let key = (tenant_id.0, chat_id.0, to_i32(edited.seq));
        self.edited.insert(key, new);
        Ok(())
    }

    pub(super) fn delete(&mut self, tenant_id: TenantId, chat_id: ChatId, seq: u32, at: Timestamp) {
        let key = (tenant_id.0, chat_id.0, to_i32(seq));
        self.deleted.insert(key, to_db(at));
    }

    /// Writes the texts first: a deleted message keeps none, but the time of its last change.
    pub(super) async fn write(self, connection: &mut PgConnection) -> Result<(), Error> {
        if !self.edited.is_empty() {
            write_texts(connection, self.edited).await?;
        }
        if !self.deleted.is_empty() {
            empty(connection, &self.deleted).await?;
        }
        Ok(())
    }
}

/// The keys of rows, column by column.
fn columns<'k>(keys: impl Iterator<Item = &'k Key>) -> (Vec<Uuid>, Vec<Uuid>, Vec<i32>) {
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    for (tenant_id, chat_id, seq) in keys {
        columns.0.push(*tenant_id);
        columns.1.push(*chat_id);
        columns.2.push(*seq);
    }
    columns
}

async fn write_texts(
    connection: &mut PgConnection,
    edited: BTreeMap<Key, NewText>,
) -> Result<(), Error> {
    let (tenant_id, chat_id, seq) = columns(edited.keys());
    let at: Vec<_> = edited.values().map(|new| new.at).collect();
    let (text, content): (Vec<String>, Vec<Option<Value>>) = edited
        .into_values()
        .map(|new| (new.text, new.content))
        .unzip();
    let changed = sqlx::query!(
        "update messages m set text = r.text, content = r.content, edited_at = r.at
         from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::jsonb[], $6::timestamptz[])
              as r (tenant_id, chat_id, seq, text, content, at)
         where m.tenant_id = r.tenant_id and m.chat_id = r.chat_id and m.seq = r.seq",
        &tenant_id,
        &chat_id,
        &seq,
        &text,
        &content as _,
        &at
    )
    .execute(connection)
    .await?;
    expect_rows(changed.rows_affected(), tenant_id.len(), "messages")
}

async fn empty(
    connection: &mut PgConnection,
    deleted: &BTreeMap<Key, DateTime<Utc>>,
) -> Result<(), Error> {
    let (tenant_id, chat_id, seq) = columns(deleted.keys());
    let at: Vec<_> = deleted.values().copied().collect();
    let changed = sqlx::query!(
        "update messages m set text = null, content = null, buttons = null, pressed_message_id = null,
             pressed_button_id = null, notice = null, file = null, deleted_at = r.at
         from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::timestamptz[])
              as r (tenant_id, chat_id, seq, at)
         where m.tenant_id = r.tenant_id and m.chat_id = r.chat_id and m.seq = r.seq",
        &tenant_id,
        &chat_id,
        &seq,
        &at
    )
    .execute(&mut *connection)
    .await?;
    expect_rows(changed.rows_affected(), tenant_id.len(), "messages")?;
    // Their files go too: from now on nobody opens them.
    sqlx::query!(
        "update files f set removing_at = r.at
         from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::timestamptz[])
              as r (tenant_id, chat_id, seq, at)
         where f.tenant_id = r.tenant_id and f.chat_id = r.chat_id and f.message_seq = r.seq
           and f.removing_at is null",
        &tenant_id,
        &chat_id,
        &seq,
        &at
    )
    .execute(connection)
    .await?;
    Ok(())
}
