//! What was said in all chats of a contact, as one conversation (CHAT-6); and how many chats there were before one.
//!
//! A visitor's history and an agent's conversation are read apart: the one never asks for a note.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{AgentId, ChatId, ContactId, Timestamp, VisitorId};
use crate::engine::{ChatView, MessageView, NoteView};

use super::messages::MessageRow;
use super::notes::NoteRow;
use super::time::{from_db, to_db, to_db_opt};
use super::{Error, TenantTx};

/// The number of an entry among those of its kind in its chat. In the same instant messages stand before notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryNumber {
    /// A message's.
    Message(u32),
    /// A note's.
    Note(u32),
}

/// Where something stands in a conversation: by the chat's start, the chat, when it was taken, and its number. Chats do
/// not interleave. A place never changes: a tenant's time does not go back, so in a chat nothing comes to stand before
/// what is there, but for a message beside a note of the same instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConversationPlace {
    /// When the chat was started.
    pub started_at: Timestamp,
    /// The chat.
    pub chat_id: ChatId,
    /// When the entry was taken.
    pub at: Timestamp,
    /// Its number.
    pub number: EntryNumber,
}

/// What of a kind stands before a place in its chat: below the number, and not after the instant, where one is named.
type Below = (u32, Option<Timestamp>);

impl ConversationPlace {
    /// Messages are read by their number, for which there is an index, wherever one is known.
    fn messages(&self) -> Below {
        match self.number {
            EntryNumber::Message(seq) => (seq, None),
            EntryNumber::Note(_) => (u32::MAX, Some(self.at)),
        }
    }

    fn notes(&self) -> Below {
        match self.number {
            EntryNumber::Message(_) => (u32::MAX, Some(Timestamp(self.at.0 - 1))),
            EntryNumber::Note(number) => (number, None),
        }
    }
}

/// An entry of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationEntry<T> {
    /// Where it stands, and with that its chat.
    pub place: ConversationPlace,
    /// What was said.
    pub said: T,
}

impl<T> ConversationEntry<T> {
    fn map<U>(self, change: impl FnOnce(T) -> U) -> ConversationEntry<U> {
        ConversationEntry {
            place: self.place,
            said: change(self.said),
        }
    }
}

/// What an agent reads in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// What both sides read.
    Message(MessageView),
    /// What agents alone do.
    Note(NoteView),
}

/// Whose messages, as whom.
#[derive(Clone, Copy, Debug)]
enum MessagesOf {
    /// All chats of a contact that the agent may read, if one is named.
    Contact(ContactId, Option<AgentId>),
    /// A visitor's chats that are over, and the messages that it has left.
    Visitor(VisitorId),
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

impl TryFrom<EntryRow> for ConversationEntry<MessageView> {
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
        let said = message.view(chat_id)?;
        let place = ConversationPlace {
            started_at: from_db(row.started_at),
            chat_id,
            at: said.message.sent_at,
            number: EntryNumber::Message(said.message.seq),
        };
        Ok(Self { place, said })
    }
}

impl TenantTx {
    /// Reads what was said in a visitor's chats that are over and what it has left, before a place, newest first, as it is
    /// now: what was deleted holds nothing any more.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn visitor_history(
        &mut self,
        visitor: VisitorId,
        before: Option<ConversationPlace>,
        limit: i64,
    ) -> Result<Vec<ConversationEntry<MessageView>>, Error> {
        self.messages_before(MessagesOf::Visitor(visitor), before, limit)
            .await
    }

    /// Reads what was said and noted in the chats of a contact that the agent may read, if one is named: before a place,
    /// newest first, as it is now.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn conversation(
        &mut self,
        contact: ContactId,
        readable_by: Option<AgentId>,
        before: Option<ConversationPlace>,
        limit: i64,
    ) -> Result<Vec<ConversationEntry<Said>>, Error> {
        let of = MessagesOf::Contact(contact, readable_by);
        let messages = self.messages_before(of, before, limit).await?;
        // Beyond a full page of messages no note has a place on it.
        let is_full = i64::try_from(messages.len()).is_ok_and(|count| count >= limit);
        let first = messages.last().filter(|_| is_full).map(|entry| entry.place);
        let notes = self
            .notes_between(contact, readable_by, (first, before), limit)
            .await?;
        let messages = messages.into_iter().map(|entry| entry.map(Said::Message));
        let notes = notes.into_iter().map(|entry| entry.map(Said::Note));
        let mut entries: Vec<_> = messages.chain(notes).collect();
        entries.sort_by_key(|entry| Reverse(entry.place));
        entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(entries)
    }

    /// The messages before a place, newest first.
    async fn messages_before(
        &mut self,
        of: MessagesOf,
        before: Option<ConversationPlace>,
        limit: i64,
    ) -> Result<Vec<ConversationEntry<MessageView>>, Error> {
        let tenant_id = self.tenant();
        let (contact_id, readable_by, visitor_id) = match of {
            MessagesOf::Contact(contact, agent) => (Some(contact), agent, None),
            MessagesOf::Visitor(visitor) => (None, None, Some(visitor)),
        };
        let below = before.map(|place| place.messages());
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
                     and ($5::timestamptz is null or c.chat_id <> $6
                         or m.seq < $7 and ($8::timestamptz is null or m.sent_at <= $8))
                 order by m.seq desc
                 limit $9) m
             left join agents a on a.tenant_id = m.tenant_id and a.agent_id = m.author_agent_id
             where c.tenant_id = $1
                 and ($2::uuid is null or c.contact_id = $2)
                 and ($3::uuid is null
                     or exists (select from chat_readers r
                                where r.tenant_id = c.tenant_id and r.chat_id = c.chat_id and r.agent_id = $3))
                 and ($4::uuid is null or c.visitor_id = $4 and c.state not in ('waiting', 'active'))
                 and ($5::timestamptz is null or (c.started_at, c.chat_id) <= ($5, $6::uuid))
             order by c.started_at desc, c.chat_id desc, m.seq desc
             limit $9"#,
            tenant_id,
            contact_id.map(|id| id.0) as Option<Uuid>,
            readable_by.map(|id| id.0) as Option<Uuid>,
            visitor_id.map(|id| id.0) as Option<Uuid>,
            to_db_opt(before.map(|place| place.started_at)) as Option<DateTime<Utc>>,
            before.map(|place| place.chat_id.0) as Option<Uuid>,
            number_of(below) as Option<i32>,
            to_db_opt(below.and_then(|(_, at)| at)) as Option<DateTime<Utc>>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ConversationEntry::try_from).collect()
    }

    /// The notes before a place, newest first, but those of chats before that of the first.
    async fn notes_between(
        &mut self,
        contact: ContactId,
        readable_by: Option<AgentId>,
        (first, before): (Option<ConversationPlace>, Option<ConversationPlace>),
        limit: i64,
    ) -> Result<Vec<ConversationEntry<NoteView>>, Error> {
        let tenant_id = self.tenant();
        let below = before.map(|place| place.notes());
        let rows = sqlx::query!(
            r#"select c.chat_id, c.started_at, n.number, n.note_id, n.agent_id, n.text, n.content, n.sent_at,
                 coalesce(a.public_name, a.name) as "author_name!"
             from chats c
             cross join lateral (
                 select n.*
                 from notes n
                 where n.tenant_id = c.tenant_id and n.chat_id = c.chat_id
                     and ($4::timestamptz is null or c.chat_id <> $5
                         or n.number < $6 and ($7::timestamptz is null or n.sent_at <= $7))
                 order by n.number desc
                 limit $10) n
             join agents a on a.tenant_id = n.tenant_id and a.agent_id = n.agent_id
             where c.tenant_id = $1 and c.contact_id = $2
                 and ($3::uuid is null
                     or exists (select from chat_readers r
                                where r.tenant_id = c.tenant_id and r.chat_id = c.chat_id and r.agent_id = $3))
                 and ($4::timestamptz is null or (c.started_at, c.chat_id) <= ($4, $5::uuid))
                 and ($8::timestamptz is null or (c.started_at, c.chat_id) >= ($8, $9::uuid))
             order by c.started_at desc, c.chat_id desc, n.number desc
             limit $10"#,
            tenant_id,
            contact.0,
            readable_by.map(|id| id.0) as Option<Uuid>,
            to_db_opt(before.map(|place| place.started_at)) as Option<DateTime<Utc>>,
            before.map(|place| place.chat_id.0) as Option<Uuid>,
            number_of(below) as Option<i32>,
            to_db_opt(below.and_then(|(_, at)| at)) as Option<DateTime<Utc>>,
            to_db_opt(first.map(|place| place.started_at)) as Option<DateTime<Utc>>,
            first.map(|place| place.chat_id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        let noted = rows.into_iter().map(|row| {
            let chat_id = ChatId(row.chat_id);
            let note = NoteRow {
                number: row.number,
                note_id: row.note_id,
                agent_id: row.agent_id,
                author_name: row.author_name,
                text: row.text,
                content: row.content,
                sent_at: row.sent_at,
            };
            let said = note.view(chat_id)?;
            let place = ConversationPlace {
                started_at: from_db(row.started_at),
                chat_id,
                at: said.note.sent_at,
                number: EntryNumber::Note(said.note.number),
            };
            Ok(ConversationEntry { place, said })
        });
        noted.collect()
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

/// The bound of a number as the database has numbers.
fn number_of(below: Option<Below>) -> Option<i32> {
    below.map(|(number, _)| i32::try_from(number).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_go_by_time_and_messages_before_notes_of_the_same_instant() {
        let place = |at, number| ConversationPlace {
            started_at: Timestamp(1),
            chat_id: ChatId(Uuid::nil()),
            at: Timestamp(at),
            number,
        };
        let (message, note) = (EntryNumber::Message, EntryNumber::Note);
        let order = [
            place(5, message(1)),
            place(5, message(2)),
            place(5, note(1)),
            place(6, note(2)),
            place(6, note(3)),
            place(7, message(3)),
        ];

        assert!(order.is_sorted());
        // What the database is asked for is what stands before.
        let stands = |(number, at): Below, of: &ConversationPlace, own: u32| {
            own < number && at.is_none_or(|at| of.at <= at)
        };
        for (index, of) in order.iter().enumerate() {
            for (other, before) in order.iter().enumerate() {
                let found = match of.number {
                    EntryNumber::Message(seq) => stands(before.messages(), of, seq),
                    EntryNumber::Note(number) => stands(before.notes(), of, number),
                };
                assert_eq!(found, index < other, "{of:?} before {before:?}");
            }
        }
    }
}
