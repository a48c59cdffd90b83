//! The only place with SQL.
//!
//! A query runs in a [`TenantTx`] (one tenant, under row-level security), a [`SystemTx`] (before a tenant is known,
//! or across tenants), or in the journal. Every statement names `tenant_id` all the same, for the index and
//! for the reader.

mod agents;
mod audit;
mod bans;
mod chat_logs;
mod chats;
mod contacts;
mod conversation;
mod decisions;
mod error;
mod events;
mod evidence;
mod files;
mod history;
mod idempotency;
mod identity_secrets;
mod journal;
mod leases;
mod messages;
mod migrate;
mod notes;
mod offices;
mod outdated;
mod partitions;
mod pauses;
mod queues;
mod ratings;
mod reports;
mod restore;
mod routing_rules;
mod row;
mod sessions;
mod settings;
mod skills;
mod statuses;
mod tags;
mod targeting_rules;
mod templates;
mod tenants;
mod time;
mod widgets;

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _, Postgres, Transaction};

use crate::domain::TenantId;

pub use agents::Credentials;
pub use audit::AuditEntry;
pub use chat_logs::{ChatSpan, Line};
pub use chats::{ChatFilter, ChatPage, InboxCounts};
pub use contacts::ContactFilter;
pub use conversation::{ConversationEntry, ConversationPlace, EntryNumber, Said};
pub use decisions::{Aftermath, ChatWay, Move, OfferDecision, SearchTurn};
pub use error::{Constraint, Error};
pub use evidence::{AvailabilityMoment, PresenceMoment};
pub use history::StoredEvent;
pub use idempotency::{IdempotencyRecord, Remembered};
pub use journal::{
    Batch, BoxFuture, CommitError, GroupSettings, Journal, KeptAnswer, NumberedEvent, PgJournal,
};
pub use leases::{Claim, Ownership};
pub use migrate::{MigrateError, migrate};
pub use outdated::{Outdated, Portion};
pub use partitions::make_partitions_ahead;
pub use ratings::StoredRating;
pub use reports::{LivedPage, Person, Site};
pub use sessions::{NewSession, Refreshed};
pub use templates::TemplateFilter;
pub use tenants::{NewTenant, Tenant};
pub use widgets::{OfficeOnBoard, WidgetOnBoard};

/// What no session may do for long: hang in a statement, wait for a lock, or hold locks while its client is silent.
const SESSION: [(&str, &str); 3] = [
    ("statement_timeout", "20s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "10s"),
];

/// A connection that was used so lately is taken to be alive, which saves asking it; who finds it dead tries again or
/// says so.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// How to reach Postgres as each role.
#[derive(Clone)]
pub struct Roles {
    /// For migrations and partitions.
    pub owner: PgConnectOptions,
    /// For one tenant at a time.
    pub app: PgConnectOptions,
    /// For the engines' commits.
    pub journal: PgConnectOptions,
    /// For work across tenants.
    pub system: PgConnectOptions,
    /// Whether all of them log in as the owner and step down with `set role`: one address for everything.
    pub step_down: bool,
}

/// The bounds of the pools.
#[derive(Clone, Copy, Debug)]
pub struct PoolSizes {
    /// Connections of the app role.
    pub app: u32,
    /// Connections of the journal: how many commits may be under way at once. As many again take over tenants, which may
    /// wait for a commit.
    pub journal: u32,
    /// Connections of the system role.
    pub system: u32,
    /// How long a caller waits for a connection before it gets `Unavailable`.
    pub acquire_timeout: Duration,
}

impl PoolSizes {
    /// How many connections there may be in all.
    #[must_use]
    pub fn all(&self) -> u32 {
        self.app + 2 * self.journal + self.system + LEASE_CONNECTIONS
    }
}

/// The node's lease is renewed while everything else waits.
const LEASE_CONNECTIONS: u32 = 1;

/// The pools, one for each kind of work.
#[derive(Clone)]
pub struct Store {
    app: PgPool,
    /// Takes over tenants and reads their deadlines.
    claims: PgPool,
    /// Only for the journal's commits: its connections belong to the thread on which they are made.
    commits: PgPool,
    system: PgPool,
    /// For the node's lease alone.
    lease: PgPool,
}

impl Store {
    /// Prepares the pools. Connections are made when they are needed.
    #[must_use]
    pub fn new(roles: &Roles, sizes: PoolSizes) -> Self {
        let pool = |options: &PgConnectOptions, role: &'static str, connections: u32| {
            let step_down = roles.step_down;
            PgPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(sizes.acquire_timeout)
                .test_before_acquire(false)
                .before_acquire(|connection, met| {
                    Box::pin(async move {
                        if met.idle_for > TRUSTED_FOR {
                            connection.ping().await?;
                        }
                        Ok(true)
                    })
                })
                .after_connect(move |connection, _| {
                    Box::pin(async move {
                        if step_down {
                            sqlx::query(role).execute(connection).await?;
                        }
                        Ok(())
                    })
                })
                .connect_lazy_with(options.clone().options(SESSION))
        };
        Self {
            app: pool(&roles.app, "set role deskbell_app", sizes.app),
            claims: pool(&roles.journal, "set role deskbell_journal", sizes.journal),
            commits: pool(&roles.journal, "set role deskbell_journal", sizes.journal),
            system: pool(&roles.system, "set role deskbell_system", sizes.system),
            lease: pool(
                &roles.journal,
                "set role deskbell_journal",
                LEASE_CONNECTIONS,
            ),
        }
    }

    /// Begins a transaction that sees one tenant.
    ///
    /// # Errors
    /// `Unavailable` when no connection is to be had.
    pub async fn tenant(&self, tenant_id: TenantId) -> Result<TenantTx, Error> {
        // Both in one exchange, which takes no arguments; an id is digits and hyphens.
        let begin = format!("begin; set local app.tenant_id = '{tenant_id}'");
        let tx = self.app.begin_with(AssertSqlSafe(begin)).await?;
        Ok(TenantTx { tx, tenant_id })
    }

    /// Begins a transaction across tenants, for the few tables that its role may see.
    ///
    /// # Errors
    /// `Unavailable` when no connection is to be had.
    pub async fn system(&self) -> Result<SystemTx, Error> {
        Ok(SystemTx {
            tx: self.system.begin().await?,
        })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// `Unavailable` when it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        sqlx::query_scalar!("select 1 as one")
            .fetch_one(&self.app)
            .await?;
        Ok(())
    }

    /// The id of the history that this database holds.
    ///
    /// # Errors
    /// `Unavailable`, or `Query` before the first migration.
    pub async fn history_id(&self) -> Result<uuid::Uuid, Error> {
        Ok(sqlx::query_scalar!("select history_id from deployment")
            .fetch_one(&self.app)
            .await?)
    }

    /// Closes every connection; later calls get `Unavailable`.
    pub async fn close(&self) {
        self.app.close().await;
        self.claims.close().await;
        self.commits.close().await;
        self.system.close().await;
        self.lease.close().await;
    }
}

/// A transaction that is bound to one tenant. Dropped without a commit it is rolled back.
pub struct TenantTx {
    tx: Transaction<'static, Postgres>,
    tenant_id: TenantId,
}

impl TenantTx {
    fn connection(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// The tenant, as a query's argument.
    fn tenant(&self) -> uuid::Uuid {
        self.tenant_id.0
    }

    /// Makes what was written durable.
    ///
    /// # Errors
    /// `Unavailable`; then the outcome is unknown.
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.tx.commit().await?)
    }
}

/// A transaction across tenants. Easy to find: whoever uses it must say why.
pub struct SystemTx {
    tx: Transaction<'static, Postgres>,
}

impl SystemTx {
    fn connection(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// Makes what was written durable.
    ///
    /// # Errors
    /// `Unavailable`; then the outcome is unknown.
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.tx.commit().await?)
    }
}
