//! Tenants: founding one, and finding them for the platform operator and at log-in.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{Agent, Facts, Name, Slug, Standing, TenantId, TenantSettings, Timestamp};
use crate::engine::PasswordHash;

use super::row::RowOf;
use super::time::{from_db, to_db};
use super::{Error, SystemTx};

/// A tenant that is to be founded.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// Its id.
    pub id: TenantId,
    /// What people read.
    pub name: Name,
    /// Its name in addresses and at log-in.
    pub slug: Slug,
    /// How many agents it pays for.
    pub seats: u32,
    /// Its first agent, who can add the others.
    pub owner: Agent,
    /// What the first agent's password is checked against.
    pub owner_password: PasswordHash,
    /// When it is founded.
    pub at: Timestamp,
}

/// A tenant as the platform operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What people read.
    pub name: Name,
    /// Its name in addresses and at log-in.
    pub slug: Slug,
    /// How many agents it pays for.
    pub seats: u32,
    /// When it was founded.
    pub created_at: Timestamp,
}

struct TenantRow {
    tenant_id: Uuid,
    name: String,
    slug: String,
    seats: i32,
    created_at: DateTime<Utc>,
}

impl TryFrom<TenantRow> for Tenant {
    type Error = Error;

    fn try_from(row: TenantRow) -> Result<Self, Error> {
        let of = RowOf("tenants", row.tenant_id);
        Ok(Self {
            id: TenantId(row.tenant_id),
            name: of.parse("name", &row.name)?,
            slug: of.parse("slug", &row.slug)?,
            seats: of.number("seats", row.seats)?,
            created_at: from_db(row.created_at),
        })
    }
}

impl SystemTx {
    /// Founds a tenant with its first agent, and writes the two events that say so: the engine that
    /// starts on it later goes on from there.
    ///
    /// # Errors
    /// `Conflict(TenantSlug)` when another tenant has the slug; else as every write.
    pub async fn insert_tenant(&mut self, new: &NewTenant) -> Result<(), Error> {
        self.insert_tenant_row(new).await?;
        self.insert_tenant_owner(new).await?;
        self.insert_first_agent(new).await?;
        self.insert_first_credentials(new).await?;
        self.insert_first_events(new).await
    }

    async fn insert_tenant_row(&mut self, new: &NewTenant) -> Result<(), Error> {
        let of = RowOf("tenants", new.id);
        let settings = TenantSettings::default();
        let (disconnect, inactivity) = (settings.disconnect, settings.inactivity);
        let done = sqlx::query!(
            "insert into tenants
                 (tenant_id, name, slug, seats, time_zone, disconnect_grace_ms, disconnect_becomes, restore_within_ms,
                  away_after_ms, offline_after_ms, inactivity_resume, lease_ttl_ms, offline_replies, show_agents,
                  show_queue, settings_version, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
            new.id.0,
            new.name.as_str(),
            new.slug.as_str(),
            of.number::<i32, _>("seats", new.seats)?,
            settings.time_zone.to_string(),
            disconnect.grace.map(|grace| grace.0),
            disconnect.becomes.as_str(),
            disconnect.restore_within.0,
            inactivity.away_after.map(|delay| delay.0),
            inactivity.offline_after.map(|delay| delay.0),
            inactivity.resume,
            settings.lease_ttl.0,
            settings.offline_replies,
            settings.show_agents,
            settings.show_queue,
            settings.version,
            to_db(new.at),
        )
        .execute(self.connection())
        .await?;
        of.written("tenant_id", &done)
    }

    /// Nobody runs the tenant yet; its journal goes on after the events of its founding.
    async fn insert_tenant_owner(&mut self, new: &NewTenant) -> Result<(), Error> {
        let done = sqlx::query!(
            "insert into tenant_owners (tenant_id, epoch, last_event_seq, last_event_at)
             values ($1, 0, 2, $2)",
            new.id.0,
            to_db(new.at),
        )
        .execute(self.connection())
        .await?;
        RowOf("tenant_owners", new.id).written("tenant_id", &done)
    }

    /// The columns that are left out have what `Agent::new` gives.
    async fn insert_first_agent(&mut self, new: &NewTenant) -> Result<(), Error> {
        let owner = &new.owner;
        let of = RowOf("agents", owner.id);
        let done = sqlx::query!(
            "insert into agents
                 (tenant_id, agent_id, name, email, email_folded, role, capacity, seat, created_at, version, facts,
                  standing, idle_since)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            new.id.0,
            owner.id.0,
            owner.name.as_str(),
            owner.email.as_str(),
            owner.email.folded(),
            owner.role.as_str(),
            of.number::<i32, _>("capacity", owner.capacity.get())?,
            owner.seat.as_str(),
            to_db(owner.created_at),
            owner.version,
            of.to_json("facts", &Facts::initial(new.at))?,
            of.to_json("standing", &Standing::initial(new.at))?,
            to_db(new.at),
        )
        .execute(self.connection())
        .await?;
        of.written("agent_id", &done)
    }

    async fn insert_first_credentials(&mut self, new: &NewTenant) -> Result<(), Error> {
        let done = sqlx::query!(
            "insert into agent_credentials (tenant_id, agent_id, password_hash, changed_at)
             values ($1, $2, $3, $4)",
            new.id.0,
            new.owner.id.0,
            &*new.owner_password.0,
            to_db(new.at),
        )
        .execute(self.connection())
        .await?;
        RowOf("agent_credentials", new.owner.id).written("agent_id", &done)
    }

    async fn insert_first_events(&mut self, new: &NewTenant) -> Result<(), Error> {
        let done = sqlx::query!(
            "insert into events (tenant_id, event_seq, at, kind, version, actor, agent_id, payload)
             values ($1, 1, $2, 'tenant.created', 1, 'system', null, '{}'),
                    ($1, 2, $2, 'agent.created', 1, 'system', $3, jsonb_build_object('agent_id', $3::uuid))",
            new.id.0,
            to_db(new.at),
            new.owner.id.0,
        )
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 2 {
            Ok(())
        } else {
            Err(RowOf("events", new.id).fault("event_seq"))
        }
    }

    /// Finds the tenant of a slug, for a log-in.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_tenant_by_slug(&mut self, slug: &Slug) -> Result<Option<Tenant>, Error> {
        let row = sqlx::query_as!(
            TenantRow,
            "select tenant_id, name, slug, seats, created_at from tenants where slug = $1",
            slug.as_str(),
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(Tenant::try_from).transpose()
    }

    /// Finds a tenant.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_tenant(&mut self, id: TenantId) -> Result<Option<Tenant>, Error> {
        let row = sqlx::query_as!(
            TenantRow,
            "select tenant_id, name, slug, seats, created_at from tenants where tenant_id = $1",
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(Tenant::try_from).transpose()
    }

    /// Lists the tenants, newest first, from the one that follows `after`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_tenants(
        &mut self,
        after: Option<TenantId>,
        limit: i64,
    ) -> Result<Vec<Tenant>, Error> {
        let rows = sqlx::query_as!(
            TenantRow,
            "select tenant_id, name, slug, seats, created_at
             from tenants
             where $1::uuid is null or tenant_id < $1
             order by tenant_id desc
             limit $2",
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(Tenant::try_from).collect()
    }
}
