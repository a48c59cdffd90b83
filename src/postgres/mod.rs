//! The private Postgres: one server of our own, under the data folder, for whoever names no database.
//!
//! It finds the installed binaries, makes a cluster at the first start, runs the server as a child
//! on a Unix socket that only its user may open, tells when it dies, and stops it last. Durability
//! stays as Postgres ships it; only test clusters turn it off.
//!
//! It knows nothing of tables: roles and schema are the migrations' work. It never listens on the
//! network, never upgrades a cluster, and never deletes one.

mod binaries;
mod cluster;
mod error;
mod lock;
mod log;
mod place;
mod process;

use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use self::binaries::Binaries;
use self::lock::DataLock;
use self::place::Place;
use self::process::ServerProcess;

pub use self::error::Error;

/// The superuser of the private cluster, who owns the schema.
pub const OWNER: &str = "deskbell_owner";

/// The database that the service uses.
pub const DATABASE: &str = "deskbell";

/// Names the socket file. Set everywhere, since both sides would else read `PGPORT`.
const PORT: u16 = 5432;

/// What a private Postgres is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The service's data folder; the cluster is in `pg` below it.
    pub data_dir: PathBuf,
    /// The folder of `postgres` and `initdb`, when they are not to be searched for.
    pub bin_dir: Option<PathBuf>,
    /// Whether a commit survives a crash of the machine; false only for test clusters.
    pub durable: bool,
    /// How many connections the server accepts; it keeps the last three for its superuser.
    pub max_connections: u32,
}

/// A running Postgres that belongs to this process.
///
/// Dropping it asks the server to stop without waiting for it; [`PrivatePostgres::stop`] waits.
#[derive(Debug)]
pub struct PrivatePostgres {
    // Dropped in this order: the server is asked to stop before its folders and the lock go.
    process: ServerProcess,
    place: Place,
    _lock: DataLock,
}

impl PrivatePostgres {
    /// Returns once the server accepts connections and has its database.
    ///
    /// A server that a crashed process left running is stopped first; one that was killed
    /// recovers. Must be called within a tokio runtime with I/O and time.
    ///
    /// # Errors
    ///
    /// Each [`Error`] says what to do about it.
    pub async fn start(settings: Settings) -> Result<PrivatePostgres, Error> {
        let lock = DataLock::acquire(&settings.data_dir).await?;
        let place = Place::choose(&settings.data_dir).await?;
        let existing = cluster::version(&place)?;
        let binaries = Binaries::find(settings.bin_dir.as_deref(), existing.as_deref()).await?;
        match existing {
            Some(version) if !binaries.reads(&version) => {
                return Err(Error::OtherVersion {
                    cluster: place.cluster(),
                    cluster_version: version,
                    bin_dir: binaries.dir().to_owned(),
                    server_version: binaries.major().to_string(),
                });
            }
            Some(_) => cluster::stop_leftover(&place).await?,
            None => cluster::initialise(&place, &binaries, settings.durable).await?,
        }
        let process = process::start(&place, &binaries, &settings).await?;

        Ok(PrivatePostgres {
            process,
            place,
            _lock: lock,
        })
    }

    /// Returns the folder of the Unix socket.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        self.place.socket_dir()
    }

    /// Returns the folder that really holds the cluster: the data folder, or one in the system's
    /// state directory when the server's user cannot reach the data folder.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.place.root()
    }

    /// Returns how `role` connects: by socket, without a password, to the service's database.
    #[must_use]
    pub fn connect_options(&self, role: &str) -> PgConnectOptions {
        connect_options(self.socket_dir(), role, DATABASE)
    }

    /// Stops the server in an orderly way and waits until it is gone.
    ///
    /// Open connections are cut and their transactions rolled back: drain first.
    ///
    /// # Errors
    ///
    /// [`Error::StopTimedOut`] when it had to be killed; committed data is safe even so.
    pub async fn stop(mut self) -> Result<(), Error> {
        self.process.stop().await
    }

    /// Resolves when the server has died by itself. Cancel-safe, and may be called again.
    pub async fn exited(&mut self) -> ExitStatus {
        self.process.exited().await
    }
}

fn connect_options(socket_dir: &Path, role: &str, database: &str) -> PgConnectOptions {
    // Nobody's `.pgpass` or `PGSSLMODE` may decide how we reach our own server.
    PgConnectOptions::new_without_pgpass()
        .socket(socket_dir)
        .port(PORT)
        .username(role)
        .database(database)
        .ssl_mode(PgSslMode::Disable)
        .application_name("deskbell")
}
