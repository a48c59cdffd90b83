//! The database: one of our own, or one that the configuration names.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use sqlx::postgres::PgConnectOptions;

use crate::config::{Config, Secret};
use crate::postgres::{OWNER, PrivatePostgres, Settings};
use crate::store::{PoolSizes, Roles, Store, migrate};

/// Three of Postgres's connections are kept for its superuser; a few more serve migrations and people with psql.
const SPARE_CONNECTIONS: u32 = 10;

/// A database whose schema is up to date.
pub(super) struct Database {
    /// How to reach it as each role.
    pub(super) roles: Roles,
    private: Option<PrivatePostgres>,
    configured_dir: PathBuf,
}

fn pool_sizes(config: &Config) -> PoolSizes {
    let settings = &config.database;
    PoolSizes {
        app: settings.app_connections,
        journal: settings.journal_connections,
        system: settings.system_connections,
        acquire_timeout: Duration::from_millis(settings.acquire_timeout_ms),
    }
}

impl Database {
    /// Starts the private Postgres, or takes the configured one, and migrates.
    pub(super) async fn open(config: &Config) -> anyhow::Result<Self> {
        let settings = &config.database;
        let (roles, private) = if settings.is_private() {
            let postgres = PrivatePostgres::start(Settings {
                data_dir: settings.data_dir.clone(),
                bin_dir: settings.bin_dir.clone(),
                durable: settings.durable,
                max_connections: pool_sizes(config).all() + SPARE_CONNECTIONS,
            })
            .await?;
            (private_roles(&postgres), Some(postgres))
        } else {
            (configured_roles(config)?, None)
        };
        let database = Self {
            roles,
            private,
            configured_dir: settings.data_dir.clone(),
        };
        if let Err(error) = migrate(&database.roles.owner).await {
            database.close().await;
            return Err(error).context("cannot bring the schema up to date");
        }
        Ok(database)
    }

    /// The pools.
    pub(super) fn store(&self, config: &Config) -> Store {
        Store::new(&self.roles, pool_sizes(config))
    }

    /// What the greeting says of it.
    pub(super) fn lines(&self) -> Option<String> {
        let postgres = self.private.as_ref()?;
        let configured = std::path::absolute(&self.configured_dir).ok()?;
        let moved = if postgres.data_dir().starts_with(configured) {
            ""
        } else {
            " (Postgres does not run as root, and its user cannot enter the data folder)"
        };
        Some(format!(
            "  Postgres data  {}{moved}",
            postgres.data_dir().display()
        ))
    }

    /// Waits until the private Postgres dies by itself; for ever if there is none.
    pub(super) async fn exited(&mut self) -> ExitStatus {
        match &mut self.private {
            Some(postgres) => postgres.exited().await,
            None => std::future::pending().await,
        }
    }

    /// Stops the private Postgres.
    pub(super) async fn close(self) {
        if let Some(postgres) = self.private
            && let Err(error) = postgres.stop().await
        {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "failed to stop Postgres"
            );
        }
    }
}

fn private_roles(postgres: &PrivatePostgres) -> Roles {
    Roles {
        owner: postgres.connect_options(OWNER),
        app: postgres.connect_options("deskbell_app"),
        journal: postgres.connect_options("deskbell_journal"),
        system: postgres.connect_options("deskbell_system"),
        step_down: false,
    }
}

fn configured_roles(config: &Config) -> anyhow::Result<Roles> {
    let settings = &config.database;
    let read = |key: &str, url: &Secret| {
        PgConnectOptions::from_str(url.expose())
            .with_context(|| format!("database.{key} is not an address of Postgres"))
    };
    if settings.url.is_empty() {
        return Ok(Roles {
            owner: read("owner_url", &settings.owner_url)?,
            app: read("app_url", &settings.app_url)?,
            journal: read("journal_url", &settings.journal_url)?,
            system: read("system_url", &settings.system_url)?,
            step_down: false,
        });
    }
    let one = read("url", &settings.url)?;
    Ok(Roles {
        owner: one.clone(),
        app: one.clone(),
        journal: one.clone(),
        system: one,
        step_down: true,
    })
}
