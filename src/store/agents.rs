//! Agents, their facts and their credentials, as readers see them. What changes them is written by
//! the journal.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{Agent, AgentId, Choice, Email, Reachability, effective};
use crate::engine::{AgentRecord, PresenceView};

use super::events::actor_from;
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
    email: String,
    role: String,
    capacity: i32,
    created_at: DateTime<Utc>,
}

impl TryFrom<AgentRow> for Agent {
    type Error = Error;

    fn try_from(row: AgentRow) -> Result<Self, Error> {
        let of = RowOf("agents", row.agent_id);
        Ok(Self {
            id: AgentId(row.agent_id),
            name: of.parse("name", &row.name)?,
            email: of.parse("email", &row.email)?,
            role: of.parse("role", &row.role)?,
            capacity: of.number("capacity", i64::from(row.capacity))?,
            created_at: from_db(row.created_at),
        })
    }
}

struct CredentialsRow {
    agent_id: Uuid,
    name: String,
    email: String,
    role: String,
    capacity: i32,
    created_at: DateTime<Utc>,
    password_hash: String,
}

impl TryFrom<CredentialsRow> for Credentials {
    type Error = Error;

    fn try_from(row: CredentialsRow) -> Result<Self, Error> {
        let agent = AgentRow {
            agent_id: row.agent_id,
            name: row.name,
            email: row.email,
            role: row.role,
            capacity: row.capacity,
            created_at: row.created_at,
        };
        Ok(Self {
            agent: agent.try_into()?,
            password_hash: row.password_hash,
        })
    }
}

struct FactsRow {
    agent_id: Uuid,
    status: String,
    status_set_at: DateTime<Utc>,
    status_set_by: String,
    status_set_by_agent_id: Option<Uuid>,
    status_reason: String,
    reachability: String,
    reachability_since: Option<DateTime<Utc>>,
    idle_since: DateTime<Utc>,
}

impl FactsRow {
    fn choice(&self) -> Result<Choice, Error> {
        let of = RowOf("agents", self.agent_id);
        let set_by = actor_from(&self.status_set_by, self.status_set_by_agent_id);
        Ok(Choice {
            status: of.parse("status", &self.status)?,
            set_at: from_db(self.status_set_at),
            set_by: of.present("status_set_by", set_by)?,
            reason: of.parse("status_reason", &self.status_reason)?,
        })
    }

    fn reachability(&self) -> Result<Reachability, Error> {
        let of = RowOf("agents", self.agent_id);
        let since = || of.present("reachability_since", self.reachability_since.map(from_db));
        match self.reachability.as_str() {
            "connected" => Ok(Reachability::Connected),
            "grace" => Ok(Reachability::Grace { since: since()? }),
            "lost" => Ok(Reachability::Lost { since: since()? }),
            _ => Err(of.fault("reachability")),
        }
    }
}

impl TryFrom<FactsRow> for PresenceView {
    type Error = Error;

    fn try_from(row: FactsRow) -> Result<Self, Error> {
        let choice = row.choice()?;
        let effective = effective(choice, row.reachability()?);
        Ok(Self {
            agent_id: AgentId(row.agent_id),
            choice,
            effective,
        })
    }
}

impl TenantTx {
    /// Finds an agent that is not archived.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_agent(&mut self, id: AgentId) -> Result<Option<Agent>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            AgentRow,
            "select agent_id, name, email, role, capacity, created_at
             from agents
             where tenant_id = $1 and agent_id = $2 and archived_at is null",
            tenant_id,
            id.0,
        )
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
        let rows = sqlx::query_as!(
            AgentRow,
            "select agent_id, name, email, role, capacity, created_at
             from agents
             where tenant_id = $1 and ($2::uuid is null or agent_id > $2) and archived_at is null
             order by agent_id
             limit $3",
            tenant_id,
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(Agent::try_from).collect()
    }

    /// Finds the agent that logs in with an address, in whichever case it is written. Archived
    /// agents cannot.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_credentials(&mut self, email: &Email) -> Result<Option<Credentials>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            CredentialsRow,
            "select a.agent_id, a.name, a.email, a.role, a.capacity, a.created_at, c.password_hash
             from agents a
             join agent_credentials c on c.tenant_id = a.tenant_id and c.agent_id = a.agent_id
             where a.tenant_id = $1 and a.email_folded = $2 and a.archived_at is null",
            tenant_id,
            email.folded(),
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(Credentials::try_from).transpose()
    }

    /// Finds the presence of an agent that is not archived, as its stored facts make it.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_presence(&mut self, id: AgentId) -> Result<Option<PresenceView>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            FactsRow,
            "select agent_id, status, status_set_at, status_set_by, status_set_by_agent_id, status_reason,
                 reachability, reachability_since, idle_since
             from agents
             where tenant_id = $1 and agent_id = $2 and archived_at is null",
            tenant_id,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(PresenceView::try_from).transpose()
    }

    /// The facts of every agent, for the engine.
    pub(super) async fn agent_facts(&mut self) -> Result<BTreeMap<AgentId, AgentRecord>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            FactsRow,
            "select agent_id, status, status_set_at, status_set_by, status_set_by_agent_id, status_reason,
                 reachability, reachability_since, idle_since
             from agents
             where tenant_id = $1 and archived_at is null",
            tenant_id,
        )
        .fetch_all(self.connection())
        .await?;
        let record = |row: FactsRow| {
            let agent_id = AgentId(row.agent_id);
            let (choice, reachability) = (row.choice()?, row.reachability()?);
            let idle_since = from_db(row.idle_since);
            Ok((
                agent_id,
                AgentRecord {
                    agent_id,
                    choice,
                    reachability,
                    idle_since,
                },
            ))
        };
        rows.into_iter().map(record).collect()
    }
}
