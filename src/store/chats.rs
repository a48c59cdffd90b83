//! Chats as readers see them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{
    AgentId, Attributes, ChatId, ChatState, Contact, ContactId, Course, DispositionId, HandOver,
    Inbox, KnownAs, OfficeId, QueueId, Routing, Seek, TagId, Timestamp, VisitorId,
};
use crate::engine::{AgentCard, Aside, ChatStateView, ChatView, Marks};

use super::notes::read_marks;
use super::restore::chat_state;
use super::row::RowOf;
use super::time::{from_db, to_db_opt};
use super::{Error, TenantTx};

/// Which chats to list; what is `None` does not narrow the list.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChatFilter {
    /// In this state: `waiting`, `offered`, `active`, `closed` or `offline_message`.
    pub state: Option<&'static str>,
    /// In this queue.
    pub queue_id: Option<QueueId>,
    /// With this agent taking part, or having taken part to the end; not those that it listens to.
    pub agent_id: Option<AgentId>,
    /// Of this contact.
    pub contact_id: Option<ContactId>,
    /// Of this visitor.
    pub visitor_id: Option<VisitorId>,
    /// That this agent may read, as `chat_readers` says.
    pub readable_by: Option<AgentId>,
    /// In this view of this agent's inbox.
    pub inbox: Option<(Inbox, AgentId)>,
}

/// How many chats each view of an inbox has, counted up to a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InboxCounts {
    /// In [`Inbox::Mine`].
    pub mine: i64,
    /// In [`Inbox::Waiting`].
    pub waiting: i64,
    /// In [`Inbox::Offline`].
    pub offline: i64,
    /// In [`Inbox::All`].
    pub all: i64,
}

/// Which part of a list, newest first.
#[derive(Clone, Copy, Debug)]
pub struct ChatPage {
    /// The last chat of the page before: when it was started, and its id.
    pub before: Option<(Timestamp, ChatId)>,
    /// The most chats to return.
    pub limit: i64,
}

struct ChatRow {
    chat_id: Uuid,
    visitor_id: Uuid,
    office_id: Uuid,
    queue_id: Option<Uuid>,
    contact_id: Uuid,
    contact_name: Option<String>,
    contact_email: Option<String>,
    contact_fields: serde_json::Value,
    is_known: bool,
    known_name: Option<String>,
    known_email: Option<String>,
    state: String,
    is_ringing: bool,
    started_at: DateTime<Utc>,
    accepted_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    close_reason: Option<String>,
    last_seq: i32,
    agent_ids: Vec<Uuid>,
    agent_names: Vec<String>,
    assistant_ids: Vec<Uuid>,
    assistant_names: Vec<String>,
    listener_ids: Vec<Uuid>,
    seek: Option<serde_json::Value>,
    last_note: i32,
    read_marks: Option<serde_json::Value>,
    important: bool,
    tag_ids: Vec<Uuid>,
    disposition_ids: Vec<Uuid>,
    custom_fields: serde_json::Value,
    routing: serde_json::Value,
    course: serde_json::Value,
}

impl ChatRow {
    fn state(&self) -> Result<ChatStateView, Error> {
        let of = RowOf("chats", self.chat_id);
        let accepted_at = self.accepted_at.map(from_db);
        let state = chat_state(
            of,
            &self.state,
            accepted_at,
            self.closed_at.map(from_db),
            self.close_reason.as_deref(),
        )?;
        Ok(match state {
            ChatState::Waiting if self.is_ringing => ChatStateView::Offered,
            state => ChatStateView::Settled(state),
        })
    }

    /// The search for somebody who comes in.
    fn hand_over(&self) -> Result<Option<HandOver>, Error> {
        let seek = self.seek.clone().filter(|seek| !seek.is_null());
        let seek = seek.map(|seek| RowOf("chats", self.chat_id).json::<Seek>("routing", seek));
        Ok(seek.transpose()?.and_then(|seek| {
            Some(HandOver {
                purpose: seek.purpose,
                to: seek.target,
                by: seek.by?,
                since: seek.since,
            })
        }))
    }

    /// What is known of its contact, unless that was deleted.
    fn known(&self) -> Result<Option<Box<KnownAs>>, Error> {
        if !self.is_known {
            return Ok(None);
        }
        let of = RowOf("contacts", self.contact_id);
        Ok(Some(Box::new(KnownAs {
            name: of.parse_opt("name", self.known_name.as_deref())?,
            email: of.parse_opt("email", self.known_email.as_deref())?,
        })))
    }

    fn marks(&self) -> Result<Marks, Error> {
        let of = RowOf("chats", self.chat_id);
        let routing: Routing = of.json("routing", self.routing.clone())?;
        let course: Course = of.json("course", self.course.clone())?;
        Ok(Marks {
            attributes: Attributes {
                important: self.important,
                tags: self.tag_ids.iter().copied().map(TagId).collect(),
                dispositions: self
                    .disposition_ids
                    .iter()
                    .copied()
                    .map(DispositionId)
                    .collect(),
                fields: of.json("custom_fields", self.custom_fields.clone())?,
            },
            priority: routing.priority,
            missed_targets: course.missed_targets,
            score: course.score,
        })
    }
}

fn cards(ids: &[Uuid], names: &[String]) -> Result<Vec<AgentCard>, Error> {
    let card = |(id, name): (&Uuid, &String)| {
        Ok(AgentCard {
            id: AgentId(*id),
            name: RowOf("agents", id).parse("name", name)?,
            status: None,
        })
    };
    ids.iter().zip(names).map(card).collect()
}

/// The contact as the form of a chat gave it.
pub(super) fn contact(
    id: Uuid,
    name: Option<&str>,
    email: Option<&str>,
    fields: serde_json::Value,
) -> Result<Contact, Error> {
    let of = RowOf("chats", id);
    Ok(Contact {
        id: ContactId(id),
        name: of.parse_opt("contact_name", name)?,
        email: of.parse_opt("contact_email", email)?,
        fields: serde_json::from_value(fields).map_err(|_| of.fault("contact_fields"))?,
    })
}

impl TryFrom<ChatRow> for ChatView {
    type Error = Error;

    fn try_from(row: ChatRow) -> Result<Self, Error> {
        let of = RowOf("chats", row.chat_id);
        let aside = Aside {
            assistants: cards(&row.assistant_ids, &row.assistant_names)?,
            listeners: row.listener_ids.iter().copied().map(AgentId).collect(),
            hand_over: row.hand_over()?,
        };
        Ok(Self {
            id: ChatId(row.chat_id),
            visitor_id: VisitorId(row.visitor_id),
            office_id: OfficeId(row.office_id),
            queue_id: row.queue_id.map(QueueId),
            state: row.state()?,
            agents: cards(&row.agent_ids, &row.agent_names)?,
            aside: aside.boxed(),
            known: row.known()?,
            marks: Box::new(row.marks()?),
            contact: Arc::new(contact(
                row.contact_id,
                row.contact_name.as_deref(),
                row.contact_email.as_deref(),
                row.contact_fields,
            )?),
            last_seq: of.number("last_seq", row.last_seq)?,
            last_note: of.number("last_note", row.last_note)?,
            read_marks: Box::new(read_marks(&of, row.read_marks)?),
            started_at: from_db(row.started_at),
            position: None,
            estimated_wait: None,
        })
    }
}

/// Reads the chats that a statement chooses as `chats`' own columns; its `$1` is the tenant. Only
/// what it chooses is joined. Where one stands in its line is the engine's to say (ROUTE-4).
macro_rules! chats_of {
    ($page:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            ChatRow,
            "with page as (" + $page + r#")
             select c.chat_id as "chat_id!", c.visitor_id as "visitor_id!", c.office_id as "office_id!",
                 c.queue_id as "queue_id?", c.contact_id as "contact_id!",
                 c.contact_name as "contact_name?", c.contact_email as "contact_email?",
                 c.contact_fields as "contact_fields!", k.contact_id is not null as "is_known!",
                 case when k.name_is_kept then k.name else coalesce(c.contact_name, k.form_name) end as "known_name?",
                 case when k.email_is_kept then k.email else coalesce(c.contact_email, k.form_email) end
                     as "known_email?",
                 c.state as "state!",
                 exists (select from offers o
                         where o.tenant_id = $1 and o.chat_id = c.chat_id and o.state = 'ringing')
                     as "is_ringing!",
                 c.started_at as "started_at!", c.accepted_at as "accepted_at?", c.closed_at as "closed_at?",
                 c.close_reason as "close_reason?", c.last_seq as "last_seq!",
                 array(select p.agent_id from participants p
                       where p.tenant_id = $1 and p.chat_id = c.chat_id
                           and p.role = 'agent' and p.left_at is null
                       order by p.agent_id) as "agent_ids!",
                 array(select coalesce(a.public_name, a.name) from participants p
                       join agents a on a.tenant_id = p.tenant_id and a.agent_id = p.agent_id
                       where p.tenant_id = $1 and p.chat_id = c.chat_id
                           and p.role = 'agent' and p.left_at is null
                       order by p.agent_id) as "agent_names!",
                 array(select p.agent_id from participants p
                       where p.tenant_id = $1 and p.chat_id = c.chat_id
                           and p.role = 'assistant' and p.left_at is null
                       order by p.agent_id) as "assistant_ids!",
                 array(select coalesce(a.public_name, a.name) from participants p
                       join agents a on a.tenant_id = p.tenant_id and a.agent_id = p.agent_id
                       where p.tenant_id = $1 and p.chat_id = c.chat_id
                           and p.role = 'assistant' and p.left_at is null
                       order by p.agent_id) as "assistant_names!",
                 array(select p.agent_id from participants p
                       where p.tenant_id = $1 and p.chat_id = c.chat_id
                           and p.role = 'listener' and p.left_at is null
                       order by p.agent_id) as "listener_ids!",
                 case when c.state = 'active' then c.routing -> 'seek' end as "seek?",
                 c.important as "important!", c.tag_ids as "tag_ids!",
                 c.disposition_ids as "disposition_ids!", c.custom_fields as "custom_fields!",
                 c.routing as "routing!", c.course as "course!",
                 coalesce((select max(n.number) from notes n where n.tenant_id = $1 and n.chat_id = c.chat_id), 0)
                     as "last_note!",
                 (select jsonb_agg(jsonb_build_array(r.agent_id, r.read_seq, r.delivered_seq))
                  from read_marks r where r.tenant_id = $1 and r.chat_id = c.chat_id) as "read_marks?"
             from page c
             left join contacts k
                 on k.tenant_id = $1 and k.contact_id = c.contact_id and k.deleted_at is null
             order by c.started_at desc, c.chat_id desc"#,
            $($argument),+
        )
    };
}

impl TenantTx {
    /// Finds a chat.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_chat(&mut self, id: ChatId) -> Result<Option<ChatView>, Error> {
        let tenant_id = self.tenant();
        let row = chats_of!(
            "select c.* from chats c where c.tenant_id = $1 and c.chat_id = $2",
            tenant_id,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(ChatView::try_from).transpose()
    }

    /// Lists the chats that pass a filter, newest first.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_chats(
        &mut self,
        filter: &ChatFilter,
        page: &ChatPage,
    ) -> Result<Vec<ChatView>, Error> {
        let tenant_id = self.tenant();
        let mine = filter.inbox.filter(|(view, _)| *view == Inbox::Mine);
        let mine = mine.map(|(_, agent)| agent);
        // `mine` is joined instead of asked for with `exists`, because only a join lets the planner
        // begin with an agent's few chats. It has one row for a chat at most, and without the
        // filter it is not read at all.
        let rows = chats_of!(
            "select c.*
             from chats c
             left join participants mine
                 on mine.tenant_id = c.tenant_id and mine.chat_id = c.chat_id and mine.agent_id = $4
                     and mine.role <> 'listener' and mine.left_at is null
             where c.tenant_id = $1
                 and ($2::text is null or c.state = case $2 when 'offered' then 'waiting' else $2 end)
                 and ($2::text is null or $2 not in ('waiting', 'offered') or ($2 = 'offered') = exists (
                     select from offers o
                     where o.tenant_id = c.tenant_id and o.chat_id = c.chat_id and o.state = 'ringing'))
                 and ($3::uuid is null or c.queue_id = $3)
                 and ($4::uuid is null or mine.agent_id is not null)
                 and ($5::uuid is null or c.contact_id = $5)
                 and ($6::uuid is null or c.visitor_id = $6)
                 and ($7::uuid is null
                     or exists (select from chat_readers r
                                where r.tenant_id = c.tenant_id and r.chat_id = c.chat_id and r.agent_id = $7))
                 and ($8::timestamptz is null or (c.started_at, c.chat_id) < ($8, $9::uuid))
                 and ($11::text is null or case $11
                     when 'mine' then c.is_open and exists (
                         select from participants p
                         where p.tenant_id = c.tenant_id and p.chat_id = c.chat_id and p.agent_id = $12
                             and p.left_at is null)
                     when 'waiting' then c.state = 'waiting'
                     when 'offline' then c.is_in_inbox
                     else c.state in ('waiting', 'active', 'wrap_up', 'offline_message') end)
             order by c.started_at desc, c.chat_id desc
             limit $10",
            tenant_id,
            filter.state as Option<&str>,
            filter.queue_id.map(|id| id.0) as Option<Uuid>,
            filter.agent_id.or(mine).map(|id| id.0) as Option<Uuid>,
            filter.contact_id.map(|id| id.0) as Option<Uuid>,
            filter.visitor_id.map(|id| id.0) as Option<Uuid>,
            filter.readable_by.map(|id| id.0) as Option<Uuid>,
            to_db_opt(page.before.map(|(started_at, _)| started_at)) as Option<DateTime<Utc>>,
            page.before.map(|(_, id)| id.0) as Option<Uuid>,
            page.limit,
            filter.inbox.map(|(view, _)| view.as_str()) as Option<&str>,
            filter.inbox.map(|(_, agent)| agent.0) as Option<Uuid>,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ChatView::try_from).collect()
    }

    /// Finds those of these chats that there are, newest first.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_chats(&mut self, ids: &[ChatId]) -> Result<Vec<ChatView>, Error> {
        let tenant_id = self.tenant();
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = chats_of!(
            "select c.* from chats c where c.tenant_id = $1 and c.chat_id = any ($2)",
            tenant_id,
            &ids,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ChatView::try_from).collect()
    }

    /// Counts the chats in each view of an agent's inbox, of those that it may read, as `readable_by` says; none further
    /// than to `most`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn count_inbox(
        &mut self,
        agent: AgentId,
        readable_by: Option<AgentId>,
        most: i64,
    ) -> Result<InboxCounts, Error> {
        let tenant_id = self.tenant();
        Ok(sqlx::query_as!(
            InboxCounts,
            r#"with readable as not materialized (
                 select c.chat_id, c.state
                 from chats c
                 where c.tenant_id = $1 and c.is_open
                     and ($3::uuid is null
                         or exists (select from chat_readers r
                                    where r.tenant_id = c.tenant_id and r.chat_id = c.chat_id and r.agent_id = $3))
             ),
             message as (
                 select from chats c
                 where c.tenant_id = $1 and c.is_in_inbox
                     and ($3::uuid is null
                         or exists (select from chat_readers r
                                    where r.tenant_id = c.tenant_id and r.chat_id = c.chat_id and r.agent_id = $3))
                 limit $4
             ),
             counted as (
                 select
                     (select count(*) from (
                         select from chats c
                         join participants p
                             on p.tenant_id = c.tenant_id and p.chat_id = c.chat_id and p.agent_id = $2
                                 and p.role <> 'listener' and p.left_at is null
                         where c.tenant_id = $1 and c.is_open
                         limit $4) o) as mine,
                     (select count(*) from (select from readable where state = 'waiting' limit $4) o) as waiting,
                     (select count(*) from (select from readable limit $4) o) as open,
                     (select count(*) from message) as offline
             )
             select mine as "mine!", waiting as "waiting!", offline as "offline!",
                 least(open + offline, $4) as "all!"
             from counted"#,
            tenant_id,
            agent.0,
            readable_by.map(|id| id.0) as Option<Uuid>,
            most,
        )
        .fetch_one(self.connection())
        .await?)
    }

    /// Whether an agent may read a chat by what it has to do with it: it is a member of its queue,
    /// takes part, or is offered it; or it belongs to the office of an offline message. A
    /// supervisor's role is not asked for here.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn can_read_chat(&mut self, agent: AgentId, chat: ChatId) -> Result<bool, Error> {
        let tenant_id = self.tenant();
        let can_read = sqlx::query_scalar!(
            r#"select exists (
                 select from chat_readers where tenant_id = $1 and chat_id = $2 and agent_id = $3
             ) as "can_read!""#,
            tenant_id,
            chat.0,
            agent.0,
        )
        .fetch_one(self.connection())
        .await?;
        Ok(can_read)
    }
}
