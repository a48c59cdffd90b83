//! What was when: the changes of presences and of availability, for time lines, reports and the reasons of a moment.
//!
//! Both kinds of event are whole in themselves, so one row says what stood from its instant to that of the next one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{Actor, AgentId, OfficeId, Timestamp};
use crate::engine::{AvailabilityChange, PresenceView};

use super::events::{actor_from, availability, presence};
use super::row::RowOf;
use super::time::{from_db, to_db};
use super::{Error, TenantTx};

/// An agent's presence from one of its changes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceMoment {
    /// When it changed.
    pub at: Timestamp,
    /// The tenant's number for the event.
    pub seq: u64,
    /// Who made it change.
    pub actor: Actor,
    /// What it was from then on.
    pub presence: PresenceView,
}

/// What an office showed from one of its changes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AvailabilityMoment {
    /// When it changed.
    pub at: Timestamp,
    /// The tenant's number for the event.
    pub seq: u64,
    /// Who made it change.
    pub actor: Actor,
    /// The change. Names and pictures of agents are not stored, so it shows none.
    pub change: AvailabilityChange,
}

/// The parts of an event that every moment has.
pub(super) struct MomentRow {
    pub(super) event_seq: i64,
    pub(super) at: DateTime<Utc>,
    pub(super) version: i16,
    pub(super) actor: String,
    pub(super) actor_agent_id: Option<Uuid>,
    pub(super) agent_id: Option<Uuid>,
    pub(super) payload: Value,
}

impl MomentRow {
    fn of(&self) -> RowOf<i64> {
        RowOf("events", self.event_seq)
    }

    fn seq(&self) -> Result<u64, Error> {
        self.of().number("event_seq", self.event_seq)
    }

    fn actor(&self) -> Result<Actor, Error> {
        let actor = actor_from(&self.actor, self.actor_agent_id);
        self.of().present("actor", actor)
    }
}

impl TryFrom<MomentRow> for PresenceMoment {
    type Error = Error;

    fn try_from(row: MomentRow) -> Result<Self, Error> {
        let (of, seq, actor) = (row.of(), row.seq()?, row.actor()?);
        let agent_id = AgentId(of.present("agent_id", row.agent_id)?);
        let view = presence::view(row.version, agent_id, actor, row.payload);
        Ok(Self {
            at: from_db(row.at),
            seq,
            actor,
            presence: of.present("payload", view)?,
        })
    }
}

impl TryFrom<MomentRow> for AvailabilityMoment {
    type Error = Error;

    fn try_from(row: MomentRow) -> Result<Self, Error> {
        let (of, seq, actor) = (row.of(), row.seq()?, row.actor()?);
        let stored: availability::Stored = of.json("payload", row.payload)?;
        Ok(Self {
            at: from_db(row.at),
            seq,
            actor,
            change: stored.into_change(),
        })
    }
}

impl TenantTx {
    /// The changes of an agent's presence: the last one at `from` or before it, so that what stood then is known, and
    /// all that follow up to `to`, oldest first. `to` itself is in it.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn presence_events(
        &mut self,
        agent_id: AgentId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<PresenceMoment>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            MomentRow,
            r#"(select event_seq as "event_seq!", at as "at!", version as "version!", actor as "actor!",
                  actor_agent_id, agent_id, payload as "payload!"
              from events
              where tenant_id = $1 and agent_id = $2 and kind = 'presence.changed' and at <= $3
              order by at desc, event_seq desc
              limit 1)
             union all
             (select event_seq, at, version, actor, actor_agent_id, agent_id, payload
              from events
              where tenant_id = $1 and agent_id = $2 and kind = 'presence.changed' and at > $3 and at <= $4)
             order by 2, 1"#,
            tenant_id,
            agent_id.0,
            to_db(from),
            to_db(to),
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(PresenceMoment::try_from).collect()
    }

    /// The same for every agent at once, those that are archived by now included; an agent without a change up to
    /// `to` is not there. It is as long as what happened: the caller bounds the time.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn presence_events_of_all(
        &mut self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<AgentId, Vec<PresenceMoment>>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            MomentRow,
            r#"select e.event_seq as "event_seq!", e.at as "at!", e.version as "version!", e.actor as "actor!",
                 e.actor_agent_id, e.agent_id, e.payload as "payload!"
             from agents a
             cross join lateral (
                 (select event_seq, at, version, actor, actor_agent_id, agent_id, payload
                  from events
                  where tenant_id = $1 and agent_id = a.agent_id and kind = 'presence.changed' and at <= $2
                  order by at desc, event_seq desc
                  limit 1)
                 union all
                 (select event_seq, at, version, actor, actor_agent_id, agent_id, payload
                  from events
                  where tenant_id = $1 and agent_id = a.agent_id and kind = 'presence.changed' and at > $2 and at <= $3)
             ) e
             where a.tenant_id = $1
             order by e.at, e.event_seq"#,
            tenant_id,
            to_db(from),
            to_db(to),
        )
        .fetch_all(self.connection())
        .await?;
        let mut moments: BTreeMap<AgentId, Vec<PresenceMoment>> = BTreeMap::new();
        for row in rows {
            let moment = PresenceMoment::try_from(row)?;
            let of_agent = moments.entry(moment.presence.agent_id).or_default();
            of_agent.push(moment);
        }
        Ok(moments)
    }

    /// What an office showed at a moment: the latest change at `at` or before it, and the first one after it.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn availability_at(
        &mut self,
        office_id: OfficeId,
        at: Timestamp,
    ) -> Result<(Option<AvailabilityMoment>, Option<AvailabilityMoment>), Error> {
        let tenant_id = self.tenant();
        let stood = sqlx::query_as!(
            MomentRow,
            "select event_seq, at, version, actor, actor_agent_id, agent_id, payload
             from events
             where tenant_id = $1 and office_id = $2 and kind = 'availability.changed' and at <= $3
             order by at desc, event_seq desc
             limit 1",
            tenant_id,
            office_id.0,
            to_db(at),
        )
        .fetch_optional(self.connection())
        .await?;
        let next = sqlx::query_as!(
            MomentRow,
            "select event_seq, at, version, actor, actor_agent_id, agent_id, payload
             from events
             where tenant_id = $1 and office_id = $2 and kind = 'availability.changed' and at > $3
             order by at, event_seq
             limit 1",
            tenant_id,
            office_id.0,
            to_db(at),
        )
        .fetch_optional(self.connection())
        .await?;
        let moment = |row: Option<MomentRow>| row.map(AvailabilityMoment::try_from).transpose();
        Ok((moment(stood)?, moment(next)?))
    }
}
