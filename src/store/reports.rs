//! What reports are made from besides the presences: who and what was there, offices, members.
//!
//! What is archived is here too: its history is not gone with it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{AgentId, Capacity, Name, OfficeId, Role, Timestamp};

use super::evidence::{AvailabilityMoment, MomentRow, PresenceMoment};
use super::row::RowOf;
use super::time::{from_db, to_db};
use super::{Error, TenantTx};

/// An agent of the present or the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Its id.
    pub id: AgentId,
    /// What colleagues read.
    pub name: Name,
    /// Its rights, now or at its end.
    pub role: Role,
    /// How many chats it may have at once, now or at its end.
    pub capacity: Capacity,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was archived.
    pub ended_at: Option<Timestamp>,
}

/// An office of the present or the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its id.
    pub id: OfficeId,
    /// What visitors read.
    pub name: Name,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was archived.
    pub ended_at: Option<Timestamp>,
}

/// Which part of a list of what was there in a window, by id.
#[derive(Clone, Copy, Debug)]
pub struct LivedPage<Id> {
    /// Whatever had ended by then is not in it.
    pub from: Timestamp,
    /// Whatever was made then or later is not in it.
    pub to: Timestamp,
    /// The last one of the page before.
    pub after: Option<Id>,
    /// The most to return.
    pub limit: i64,
}

struct PersonRow {
    agent_id: Uuid,
    name: String,
    role: String,
    capacity: i32,
    created_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
}

impl TryFrom<PersonRow> for Person {
    type Error = Error;

    fn try_from(row: PersonRow) -> Result<Self, Error> {
        let of = RowOf("agents", row.agent_id);
        Ok(Self {
            id: AgentId(row.agent_id),
            name: of.parse("name", &row.name)?,
            role: of.parse("role", &row.role)?,
            capacity: of.number("capacity", i64::from(row.capacity))?,
            made_at: from_db(row.created_at),
            ended_at: row.archived_at.map(from_db),
        })
    }
}

struct SiteRow {
    office_id: Uuid,
    name: String,
    created_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
}

impl TryFrom<SiteRow> for Site {
    type Error = Error;

    fn try_from(row: SiteRow) -> Result<Self, Error> {
        let of = RowOf("offices", row.office_id);
        Ok(Self {
            id: OfficeId(row.office_id),
            name: of.parse("name", &row.name)?,
            made_at: from_db(row.created_at),
            ended_at: row.archived_at.map(from_db),
        })
    }
}

impl TenantTx {
    /// Finds an agent, archived or not.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_person(&mut self, id: AgentId) -> Result<Option<Person>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            PersonRow,
            "select agent_id, name, role, capacity, created_at, archived_at from agents
             where tenant_id = $1 and agent_id = $2",
            tenant_id,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(Person::try_from).transpose()
    }

    /// Lists the agents that were there in a window, archived or not, by id.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_people(&mut self, page: &LivedPage<AgentId>) -> Result<Vec<Person>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            PersonRow,
            "select agent_id, name, role, capacity, created_at, archived_at from agents
             where tenant_id = $1 and created_at < $3 and (archived_at is null or archived_at > $2)
                 and ($4::uuid is null or agent_id > $4)
             order by agent_id
             limit $5",
            tenant_id,
            to_db(page.from),
            to_db(page.to),
            page.after.map(|id| id.0) as Option<Uuid>,
            page.limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(Person::try_from).collect()
    }

    /// Finds an office, archived or not.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_site(&mut self, id: OfficeId) -> Result<Option<Site>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            SiteRow,
            "select office_id, name, created_at, archived_at from offices
             where tenant_id = $1 and office_id = $2",
            tenant_id,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(Site::try_from).transpose()
    }

    /// Lists the offices that were there in a window, archived or not, by id.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_sites(&mut self, page: &LivedPage<OfficeId>) -> Result<Vec<Site>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            SiteRow,
            "select office_id, name, created_at, archived_at from offices
             where tenant_id = $1 and created_at < $3 and (archived_at is null or archived_at > $2)
                 and ($4::uuid is null or office_id > $4)
             order by office_id
             limit $5",
            tenant_id,
            to_db(page.from),
            to_db(page.to),
            page.after.map(|id| id.0) as Option<Uuid>,
            page.limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(Site::try_from).collect()
    }

    /// The changes of what an office showed: the last one at `from` or before it, so that what stood then is known, and
    /// all that follow before `to`, oldest first.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn availability_events(
        &mut self,
        office_id: OfficeId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<AvailabilityMoment>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            MomentRow,
            r#"(select event_seq as "event_seq!", at as "at!", version as "version!", actor as "actor!",
                  actor_agent_id, agent_id, payload as "payload!"
              from events
              where tenant_id = $1 and office_id = $2 and kind = 'availability.changed' and at <= $3
              order by at desc, event_seq desc
              limit 1)
             union all
             (select event_seq, at, version, actor, actor_agent_id, agent_id, payload
              from events
              where tenant_id = $1 and office_id = $2 and kind = 'availability.changed' and at > $3 and at < $4)
             order by 2, 1"#,
            tenant_id,
            office_id.0,
            to_db(from),
            to_db(to),
        )
        .fetch_all(self.connection())
        .await?;
        let moments = rows.into_iter();
        moments.map(AvailabilityMoment::try_from).collect()
    }

    /// Who was a member of an office's queues at a moment. A queue's office never changes.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn members_at(
        &mut self,
        office_id: OfficeId,
        at: Timestamp,
    ) -> Result<BTreeSet<AgentId>, Error> {
        let tenant_id = self.tenant();
        // The end of a queue names no members. The events are read once, whatever the number of queues.
        let ids = sqlx::query_scalar!(
            r#"with latest as (
                 select distinct on (payload ->> 'queue_id') payload
                 from events
                 where tenant_id = $1 and at <= $3
                     and kind in ('queue.created', 'queue.changed', 'queue.members_changed', 'queue.archived')
                 order by payload ->> 'queue_id', at desc, event_seq desc
             )
             select distinct (jsonb_array_elements_text(l.payload -> 'member_ids'))::uuid as "agent_id!"
             from latest l
             join queues q on q.tenant_id = $1 and q.office_id = $2 and q.queue_id = (l.payload ->> 'queue_id')::uuid"#,
            tenant_id,
            office_id.0,
            to_db(at),
        )
        .fetch_all(self.connection())
        .await?;
        Ok(ids.into_iter().map(AgentId).collect())
    }

    /// The presences of some agents at a moment. Who had none but the initial one is not there.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn presences_at(
        &mut self,
        agents: &BTreeSet<AgentId>,
        at: Timestamp,
    ) -> Result<BTreeMap<AgentId, PresenceMoment>, Error> {
        let tenant_id = self.tenant();
        let ids: Vec<Uuid> = agents.iter().map(|id| id.0).collect();
        let rows = sqlx::query_as!(
            MomentRow,
            r#"select e.event_seq as "event_seq!", e.at as "at!", e.version as "version!", e.actor as "actor!",
                 e.actor_agent_id, e.agent_id, e.payload as "payload!"
             from unnest($2::uuid[]) as wanted (agent_id)
             cross join lateral (
                 select event_seq, at, version, actor, actor_agent_id, agent_id, payload
                 from events
                 where tenant_id = $1 and agent_id = wanted.agent_id and kind = 'presence.changed' and at <= $3
                 order by at desc, event_seq desc
                 limit 1
             ) e"#,
            tenant_id,
            &ids,
            to_db(at),
        )
        .fetch_all(self.connection())
        .await?;
        let moments = rows.into_iter().map(PresenceMoment::try_from);
        moments
            .map(|moment| moment.map(|moment| (moment.presence.agent_id, moment)))
            .collect()
    }
}
