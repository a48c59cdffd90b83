//! Agents, their facts and their credentials, as readers see them. What changes them is written by
//! the journal.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{Agent, AgentId, Email, Millis, OfficeId, OwnInactivity};
use crate::engine::AgentRecord;

use super::row::RowOf;
use super::time::from_db;
use super::{Error, TenantTx};

/// An agent with what its password is checked against.
#[derive(Clone)]
pub struct Credentials {
    /// The agent.
    pub agent: Agent,
    /// The hash in the PHC string format.
    pub password_hash: String,
}

struct AgentRow {
    agent_id: Uuid,
    name: String,
    public_name: Option<String>,
    picture_url: Option<String>,
    email: String,
    role: String,
    capacity: i32,
    office_ids: Vec<Uuid>,
    hours: Option<Value>,
    away_after_ms: Option<i64>,
    offline_after_ms: Option<i64>,
    offers_when_invisible_after_ms: Option<i64>,
    seat: String,
    skills: Value,
    capacity_max: Option<i32>,
    auto_accept: bool,
    created_at: DateTime<Utc>,
    version: i64,
}

impl TryFrom<AgentRow> for Agent {
    type Error = Error;

    fn try_from(row: AgentRow) -> Result<Self, Error> {
        let of = RowOf("agents", row.agent_id);
        Ok(Self {
            id: AgentId(row.agent_id),
            name: of.parse("name", &row.name)?,
            public_name: of.parse_opt("public_name", row.public_name.as_deref())?,
            picture_url: of.parse_opt("picture_url", row.picture_url.as_deref())?,
            email: of.parse("email", &row.email)?,
            role: of.parse("role", &row.role)?,
            capacity: of.number("capacity", i64::from(row.capacity))?,
            office_ids: row.office_ids.into_iter().map(OfficeId).collect(),
            hours: row.hours.map(|hours| of.json("hours", hours)).transpose()?,
            inactivity: OwnInactivity {
                away_after: row.away_after_ms.map(Millis),
                offline_after: row.offline_after_ms.map(Millis),
            },
            offers_when_invisible_after: row.offers_when_invisible_after_ms.map(Millis),
            seat: of.parse("seat", &row.seat)?,
            skills: of.json("skills", row.skills)?,
            capacity_max: row
                .capacity_max
                .map(|capacity| of.number("capacity_max", i64::from(capacity)))
                .transpose()?,
            auto_accept: row.auto_accept,
            created_at: from_db(row.created_at),
            version: row.version,
        })
    }
}

/// Reads the agents `a` that a condition chooses; its `$1` is the tenant.
macro_rules! agents_where {
    ($condition:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            AgentRow,
            r#"select a.agent_id, a.name, a.public_name, a.picture_url, a.email, a.role, a.capacity,
                 array(select o.office_id from agent_offices o
                       where o.tenant_id = $1 and o.agent_id = a.agent_id) as "office_ids!",
                 a.hours, a.away_after_ms, a.offline_after_ms, a.offers_when_invisible_after_ms, a.seat,
                 a.skills, a.capacity_max, a.auto_accept, a.created_at, a.version
             from agents a
             where a.tenant_id = $1 and a.archived_at is null and "# + $condition,
            $($argument),+
        )
    };
}

impl TenantTx {
    /// Finds an agent that is not archived.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_agent(&mut self, id: AgentId) -> Result<Option<Agent>, Error> {
        let tenant_id = self.tenant();
        let row = agents_where!("a.agent_id = $2", tenant_id, id.0)
            .fetch_optional(self.connection())
            .await?;
        row.map(Agent::try_from).transpose()
    }

    /// Lists the agents that are not archived, oldest first, from the one that follows `after`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_agents(
        &mut self,
        after: Option<AgentId>,
        limit: i64,
    ) -> Result<Vec<Agent>, Error> {
        let tenant_id = self.tenant();
        let rows = agents_where!(
            "($2::uuid is null or a.agent_id > $2) order by a.agent_id limit $3",
            tenant_id,
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(Agent::try_from).collect()
    }

    /// Those of these agents that are not of the tenant or are archived, in their order.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn unknown_agents(&mut self, ids: &[AgentId]) -> Result<Vec<AgentId>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let tenant_id = self.tenant();
        let wanted: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let known = sqlx::query_scalar!(
            "select agent_id from agents
             where tenant_id = $1 and archived_at is null and agent_id = any ($2)",
            tenant_id,
            &wanted,
        )
        .fetch_all(self.connection())
        .await?;
        let unknown = ids.iter().filter(|id| !known.contains(&id.0));
        Ok(unknown.copied().collect())
    }

    /// Finds the agent that logs in with an address, in whichever case it is written. Archived
    /// agents cannot.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_credentials(&mut self, email: &Email) -> Result<Option<Credentials>, Error> {
        let tenant_id = self.tenant();
        let row = agents_where!("a.email_folded = $2", tenant_id, email.folded())
            .fetch_optional(self.connection())
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let password_hash = sqlx::query_scalar!(
            "select password_hash from agent_credentials where tenant_id = $1 and agent_id = $2",
            tenant_id,
            row.agent_id,
        )
        .fetch_optional(self.connection())
        .await?;
        let of = RowOf("agent_credentials", row.agent_id);
        Ok(Some(Credentials {
            password_hash: of.present("agent_id", password_hash)?,
            agent: row.try_into()?,
        }))
    }

    /// The facts of every agent that is not archived, for the engine.
    pub(super) async fn agent_facts(&mut self) -> Result<BTreeMap<AgentId, AgentRecord>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query!(
            "select agent_id, facts, standing, idle_since, work
             from agents
             where tenant_id = $1 and archived_at is null",
            tenant_id,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let of = RowOf("agents", row.agent_id);
                let agent_id = AgentId(row.agent_id);
                let record = AgentRecord {
                    agent_id,
                    facts: of.json("facts", row.facts)?,
                    standing: of.json("standing", row.standing)?,
                    idle_since: from_db(row.idle_since),
                    work: of.json("work", row.work)?,
                };
                Ok((agent_id, record))
            })
            .collect()
    }
}
