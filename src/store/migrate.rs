//! Brings the schema up to date, as the owner.

use std::time::Duration;

use sqlx::Connection;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection};

/// Any number that nothing else in this database locks by.
const LOCK: i64 = 0x6465_736b_6265_6c6c;
/// Short against a migration, long against a statement.
const POLL: Duration = Duration::from_millis(250);
/// Ten minutes: longer than any migration of a release may take. Then the one who waits gives up.
const POLLS_MAX: u32 = 2400;

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// Postgres cannot be reached, or does not let the owner in.
    #[error("the database is not available to its owner")]
    Unavailable(#[source] sqlx::Error),
    /// Another process migrates and does not come to an end.
    #[error("another process has been migrating for ten minutes")]
    Locked,
    /// A file failed, or differs from what was applied under its number.
    #[error("the migration {file} cannot be applied")]
    File {
        /// The file's name.
        file: String,
        /// What Postgres or the comparison said.
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// The list of what was applied cannot be read or written.
    #[error("the list of applied migrations cannot be used")]
    List(#[source] sqlx::migrate::MigrateError),
}

/// Applies the migrations that are missing. Processes that start together take turns.
///
/// # Errors
/// A [`MigrateError`]; the files before the one that failed are applied.
pub async fn migrate(options: &PgConnectOptions) -> Result<(), MigrateError> {
    let mut owner = PgConnection::connect_with(options)
        .await
        .map_err(MigrateError::Unavailable)?;
    lock(&mut owner).await?;
    let mut migrator = sqlx::migrate!("./migrations");
    // The version before runs against the new schema while nodes are replaced, so it may find files
    // of the next.
    migrator.set_locking(false).set_ignore_missing(true);
    let outcome = migrator.run(&mut owner).await;
    // The lock ends with the connection; so it does when this future is dropped.
    owner.close().await.map_err(MigrateError::Unavailable)?;
    outcome.map_err(|error| named(&migrator, error))
}

/// Polls instead of waiting in Postgres: a waiting statement holds a snapshot, and `create index
/// concurrently` in the migration waits for the end of all snapshots.
async fn lock(owner: &mut PgConnection) -> Result<(), MigrateError> {
    for _ in 0..POLLS_MAX {
        let locked = sqlx::query_scalar!(r#"select pg_try_advisory_lock($1) as "locked!""#, LOCK)
            .fetch_one(&mut *owner)
            .await
            .map_err(MigrateError::Unavailable)?;
        if locked {
            return Ok(());
        }
        tokio::time::sleep(POLL).await;
    }
    Err(MigrateError::Locked)
}

/// Says which file it was.
fn named(migrator: &Migrator, error: sqlx::migrate::MigrateError) -> MigrateError {
    use sqlx::migrate::MigrateError as Cause;

    let (Cause::ExecuteMigration(_, version)
    | Cause::VersionMismatch(version)
    | Cause::Dirty(version)) = error
    else {
        return MigrateError::List(error);
    };
    let description = migrator
        .iter()
        .find(|migration| migration.version == version)
        .map_or_else(String::new, |migration| {
            migration.description.replace(' ', "_")
        });
    MigrateError::File {
        file: format!("{version:04}_{description}.sql"),
        source: error,
    }
}
