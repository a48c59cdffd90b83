//! Messages as readers see them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{
    Body, ButtonRef, ChatId, FileCard, KnownMessageId, Message, MessageId, OfficeId, RichText,
    VisitorId, Written,
};
use crate::engine::MessageView;

use super::events::author_from;
use super::row::RowOf;
use super::time::from_db;
use super::{Error, TenantTx};

/// What a message holds, in its columns. All are null once it was deleted.
pub(super) struct BodyColumns {
    pub(super) text: Option<String>,
    pub(super) content: Option<Value>,
    pub(super) buttons: Option<Value>,
    pub(super) pressed_message_id: Option<String>,
    pub(super) pressed_button_id: Option<String>,
    pub(super) notice: Option<Value>,
    pub(super) file: Option<Value>,
    pub(super) deleted_at: Option<DateTime<Utc>>,
}

impl BodyColumns {
    pub(super) fn body(self, of: &RowOf<String>) -> Result<Body, Error> {
        if self.deleted_at.is_some() {
            return Ok(Body::Deleted);
        }
        if let Some(notice) = self.notice {
            return Ok(Body::Notice(of.json("notice", notice)?));
        }
        let pressed = match (self.pressed_message_id, self.pressed_button_id) {
            (Some(message_id), Some(button_id)) => Some(ButtonRef {
                message_id: stored_id(of, "pressed_message_id", &message_id)?,
                button_id: of.parse("pressed_button_id", &button_id)?,
            }),
            _ => None,
        };
        let buttons = self.buttons.map(|buttons| of.json("buttons", buttons));
        let file = self.file.map(|file| of.json::<FileCard>("file", file));
        let written = Written {
            text: rich_text(of, self.text.as_deref(), self.content)?,
            file: file.transpose()?.map(Arc::new),
            buttons: buttons.transpose()?.unwrap_or_default(),
            pressed,
        };
        Ok(Body::Written(written.into()))
    }
}

/// A text with the tree that was made of it.
pub(super) fn rich_text(
    of: &RowOf<String>,
    text: Option<&str>,
    content: Option<Value>,
) -> Result<Option<RichText>, Error> {
    let Some(text) = of.parse_opt("text", text)? else {
        return Ok(None);
    };
    let nodes = content.map(|content| of.json("content", content));
    Ok(Some(RichText::read_before(text, nodes.transpose()?)))
}

/// The id of a message, a notice's too.
pub(super) fn stored_id(
    of: &RowOf<String>,
    column: &'static str,
    text: &str,
) -> Result<MessageId, Error> {
    of.parse(column, text).map(|KnownMessageId(id)| id)
}

pub(super) struct MessageRow {
    pub(super) message_id: String,
    pub(super) seq: i32,
    pub(super) author: String,
    pub(super) author_agent_id: Option<uuid::Uuid>,
    pub(super) text: Option<String>,
    pub(super) content: Option<Value>,
    pub(super) buttons: Option<Value>,
    pub(super) pressed_message_id: Option<String>,
    pub(super) pressed_button_id: Option<String>,
    pub(super) notice: Option<Value>,
    pub(super) file: Option<Value>,
    pub(super) sent_at: DateTime<Utc>,
    pub(super) edited_at: Option<DateTime<Utc>>,
    pub(super) deleted_at: Option<DateTime<Utc>>,
    pub(super) author_name: Option<String>,
}

impl MessageRow {
    pub(super) fn view(self, chat: ChatId) -> Result<MessageView, Error> {
        let of = RowOf("messages", format!("{chat}/{}", self.seq));
        let author = author_from(&self.author, self.author_agent_id);
        let body = BodyColumns {
            text: self.text,
            content: self.content,
            buttons: self.buttons,
            pressed_message_id: self.pressed_message_id,
            pressed_button_id: self.pressed_button_id,
            notice: self.notice,
            file: self.file,
            deleted_at: self.deleted_at,
        };
        let message = Message {
            id: stored_id(&of, "message_id", &self.message_id)?,
            seq: of.number("seq", self.seq)?,
            author: of.present("author", author)?,
            body: body.body(&of)?,
            sent_at: from_db(self.sent_at),
            edited_at: self.edited_at.map(from_db),
        };
        let author_name = of.parse_opt("author_agent_id", self.author_name.as_deref())?;
        Ok(MessageView {
            message,
            author_name,
        })
    }
}

impl TenantTx {
    /// Finds those of these messages that lie in the inbox: the chat of each that its visitor has left under this id.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn messages_left(
        &mut self,
        left: &[(VisitorId, MessageId)],
    ) -> Result<Vec<ChatId>, Error> {
        let tenant_id = self.tenant();
        let visitors: Vec<Uuid> = left.iter().map(|(visitor, _)| visitor.0).collect();
        let ids: Vec<String> = left.iter().map(|(_, id)| id.as_str().to_owned()).collect();
        let found = sqlx::query_scalar!(
            "select c.chat_id
             from unnest($2::uuid[], $3::text[]) as sent (visitor_id, message_id)
             join chats c on c.tenant_id = $1 and c.visitor_id = sent.visitor_id and c.is_in_inbox
             join messages m on m.tenant_id = $1 and m.chat_id = c.chat_id and m.seq = 1
                 and m.message_id = sent.message_id and m.author = 'visitor'",
            tenant_id,
            &visitors,
            &ids,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(found.into_iter().map(ChatId).collect())
    }

    /// Finds a message in the inbox of each of these offices that has any.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn inboxes(&mut self, offices: &[OfficeId]) -> Result<Vec<ChatId>, Error> {
        let tenant_id = self.tenant();
        let offices: Vec<Uuid> = offices.iter().map(|id| id.0).collect();
        let found = sqlx::query_scalar!(
            "select distinct on (office_id) chat_id from chats
             where tenant_id = $1 and is_in_inbox and office_id = any($2)
             order by office_id",
            tenant_id,
            &offices,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(found.into_iter().map(ChatId).collect())
    }

    /// The messages of a chat after a number, in their order, as they are now.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_messages(
        &mut self,
        chat: ChatId,
        after: u32,
        limit: i64,
    ) -> Result<Vec<MessageView>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            MessageRow,
            r#"select m.message_id, m.seq, m.author, m.author_agent_id, m.text, m.content, m.buttons,
                 m.pressed_message_id, m.pressed_button_id, m.notice, m.file, m.sent_at, m.edited_at, m.deleted_at,
                 coalesce(a.public_name, a.name) as "author_name?"
             from messages m
             left join agents a on a.tenant_id = m.tenant_id and a.agent_id = m.author_agent_id
             where m.tenant_id = $1 and m.chat_id = $2 and m.seq > $3
             order by m.seq
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

    /// Finds a message of a chat by its id, as it is now: one that was deleted holds nothing any more.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_message(
        &mut self,
        chat: ChatId,
        id: &MessageId,
    ) -> Result<Option<MessageView>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            MessageRow,
            r#"select m.message_id, m.seq, m.author, m.author_agent_id, m.text, m.content, m.buttons,
                 m.pressed_message_id, m.pressed_button_id, m.notice, m.file, m.sent_at, m.edited_at, m.deleted_at,
                 coalesce(a.public_name, a.name) as "author_name?"
             from messages m
             left join agents a on a.tenant_id = m.tenant_id and a.agent_id = m.author_agent_id
             where m.tenant_id = $1 and m.chat_id = $2 and m.message_id = $3"#,
            tenant_id,
            chat.0,
            id.as_str(),
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| row.view(chat)).transpose()
    }
}
