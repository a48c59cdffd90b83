//! What was said in all chats of a contact, as one conversation (CHAT-6); and how many chats there were before one.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{AgentId, ChatId, ContactId, Timestamp, VisitorId};
use crate::engine::{ChatView, MessageView};

use super::messages::MessageRow;
use super::time::{from_db, to_db, to_db_opt};
use super::{Error, TenantTx};

/// Whose conversation, as whom.
#[derive(Clone, Copy, Debug)]
pub enum ConversationOf {
    /// All chats of a contact that the agent may read, if one is named.
    Contact(ContactId, Option<AgentId>),
    /// A visitor's chats that are over, and the messages that it has left.
    Visitor(VisitorId),
}

/// Where a message stands in a conversation: by the chat's start, the chat, and its number there. Chats do not interleave.
pub type ConversationPlace = (Timestamp, ChatId, u32);

/// A message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationEntry {
    /// Its chat.
    pub chat_id: ChatId,
    /// When that was started.
    pub started_at: Timestamp,
    /// What was said.
    pub view: MessageView,
}

impl ConversationEntry {
    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> ConversationPlace {
        (self.started_at, self.chat_id, self.view.message.seq)
    }
}

struct EntryRow {
    chat_id: Uuid,
    started_at: DateTime<Utc>,
    message_id: String,
    seq: i32,
    author: String,
    author_agent_id: Option<Uuid>,
    text: Option<String>,
    content: Option<Value>,
    buttons: Option<Value>,
    pressed_message_id: Option<String>,
    pressed_button_id: Option<String>,
    notice: Option<Value>,
    file: Option<Value>,
    sent_at: DateTime<Utc>,
    edited_at: Option<DateTime<Utc>>,
    deleted_at: Option<DateTime<Utc>>,
    author_name: Option<String>,
}

impl TryFrom<EntryRow> for ConversationEntry {
    type Error = Error;

    fn try_from(row: EntryRow) -> Result<Self, Error> {
        let chat_id = ChatId(row.chat_id);
        let message = MessageRow {
            message_id: row.message_id,
            seq: row.seq,
            author: row.author,
            author_agent_id: row.author_agent_id,
            text: row.text,
            content: row.content,
            buttons: row.buttons,
            pressed_message_id: row.pressed_message_id,
            pressed_button_id: row.pressed_button_id,
            notice: row.notice,
            file: row.file,
            sent_at: row.sent_at,
            edited_at: row.edited_at,
            deleted_at: row.deleted_at,
            author_name: row.author_name,
        };
        Ok(Self {
            chat_id,
            started_at: from_db(row.started_at),
            view: message.view(chat_id)?,
        })
    }
}

impl TenantTx {
    /// Reads what was said before a place, newest first, as it is now: what was deleted holds nothing any more.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn conversation(
        &mut self,
        of: ConversationOf,
        before: Option<ConversationPlace>,
        limit: i64,
    ) -> Result<Vec<ConversationEntry>, Error> {
        let tenant_id = self.tenant();
        let (contact_id, readable_by, visitor_id) = match of {
            ConversationOf::Contact(contact, agent) => (Some(contact), agent, None),
            ConversationOf::Visitor(visitor) => (None, None, Some(visitor)),
        };
        // Of each chat no more is read than the page can hold, from its end on.
        let rows = sqlx::query_as!(
            EntryRow,
            r#"select c.chat_id, c.started_at, m.message_id, m.seq, m.author, m.author_agent_id, m.text, m.content,
                 m.buttons, m.pressed_message_id, m.pressed_button_id, m.notice, m.file, m.sent_at, m.edited_at,
                 m.deleted_at,
                 coalesce(a.public_name, a.name) as "author_name?"
             from chats c
             cross join lateral (
                 select m.*
                 from messages m
                 where m.tenant_id = c.tenant_id and m.chat_id = c.chat_id
                     and ($5::timestamptz is null or c.chat_id <> $6 or m.seq < $7)
                 order by m.seq desc
                 limit $8) m
             left join agents a on a.tenant_id = m.tenant_id and a.agent_id = m.author_agent_id
             where c.tenant_id = $1
                 and ($2::uuid is null or c.contact_id = $2)
                 and ($3::uuid is null
                     or exists (select from chat_readers r
                                where r.tenant_id = c.tenant_id and r.chat_id = c.chat_id and r.agent_id = $3))
                 and ($4::uuid is null or c.visitor_id = $4 and c.state not in ('waiting', 'active'))
                 and ($5::timestamptz is null or (c.started_at, c.chat_id) <= ($5, $6::uuid))
             order by c.started_at desc, c.chat_id desc, m.seq desc
             limit $8"#,
            tenant_id,
            contact_id.map(|id| id.0) as Option<Uuid>,
            readable_by.map(|id| id.0) as Option<Uuid>,
            visitor_id.map(|id| id.0) as Option<Uuid>,
            to_db_opt(before.map(|(started_at, ..)| started_at)) as Option<DateTime<Utc>>,
            before.map(|(_, id, _)| id.0) as Option<Uuid>,
            before.map(|(.., seq)| i32::try_from(seq).unwrap_or(i32::MAX)) as Option<i32>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ConversationEntry::try_from).collect()
    }

    /// Counts the chats of a chat's contact that were started before it and that the agent may read, if one is named; not
    /// further than to `most`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn count_earlier_chats(
        &mut self,
        chat: &ChatView,
        readable_by: Option<AgentId>,
        most: i64,
    ) -> Result<i64, Error> {
        let tenant_id = self.tenant();
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "count!" from (
                 select from chats c
                 where c.tenant_id = $1 and c.contact_id = $2 and (c.started_at, c.chat_id) < ($3, $4::uuid)
                     and ($5::uuid is null
                         or exists (select from chat_readers r
                                    where r.tenant_id = c.tenant_id and r.chat_id = c.chat_id and r.agent_id = $5))
                 order by c.started_at desc, c.chat_id desc
                 limit $6) earlier"#,
            tenant_id,
            chat.contact.id.0,
            to_db(chat.started_at),
            chat.id.0,
            readable_by.map(|id| id.0) as Option<Uuid>,
            most,
        )
        .fetch_one(self.connection())
        .await?)
    }
}
