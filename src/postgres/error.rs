//! What can go wrong with the private Postgres, in words that tell the reader what to do.

use std::io;
use std::path::PathBuf;

use super::binaries::OLDEST_MAJOR;

/// Why the private Postgres did not start or stop.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No usable binaries on this machine.
    #[error(
        "PostgreSQL {OLDEST_MAJOR} or newer is not installed: type `{install}`, or set PG_BIN to \
         the folder of `postgres` and `initdb`, or name a database of your own in `database.url`"
    )]
    NotInstalled {
        /// The line to type on this system.
        install: &'static str,
    },
    /// The folder that the configuration names has no usable binaries.
    #[error(
        "{} does not hold `postgres` and `initdb` of PostgreSQL {OLDEST_MAJOR} or newer: correct \
         PG_BIN or the configured folder, or leave it out to have them searched for",
        bin_dir.display()
    )]
    NoBinaries {
        /// The folder as configured.
        bin_dir: PathBuf,
    },
    /// The cluster was made by another major version.
    #[error(
        "{} was made by PostgreSQL {cluster_version}, but {} holds PostgreSQL {server_version}: \
         install PostgreSQL {cluster_version} beside it, or convert the folder with pg_upgrade, \
         or move the folder away to start empty",
        cluster.display(), bin_dir.display()
    )]
    OtherVersion {
        /// The cluster's folder.
        cluster: PathBuf,
        /// The major version that made it.
        cluster_version: String,
        /// Where the binaries are.
        bin_dir: PathBuf,
        /// Their major version.
        server_version: String,
    },
    /// Another process of ours has the data folder.
    #[error(
        "another deskbell ({}) runs on {}: stop it, or give this one a data folder of its own",
        pid.as_deref().map_or_else(|| "pid unknown".to_owned(), |pid| format!("pid {pid}")),
        data_dir.display()
    )]
    Locked {
        /// The process that holds the folder, when it has written its id.
        pid: Option<String>,
        /// The data folder as configured.
        data_dir: PathBuf,
    },
    /// The cluster belongs to a user that this process cannot become.
    #[error(
        "{} belongs to another user (uid {owner}): start deskbell as that user, or as root, or \
         give it another data folder",
        cluster.display()
    )]
    ForeignCluster {
        /// The cluster's folder.
        cluster: PathBuf,
        /// The user id of its owner.
        owner: u32,
    },
    /// A cluster exists where its user cannot reach it.
    #[error(
        "the user that runs Postgres (uid {uid}) may not pass through a folder above {}: allow it \
         (chmod o+x on those folders), or move the data folder",
        cluster.display()
    )]
    Unreachable {
        /// The cluster's folder.
        cluster: PathBuf,
        /// The user id that Postgres would run as.
        uid: u32,
    },
    /// Started as root on a system that has no unprivileged user to run Postgres as.
    #[error(
        "Postgres does not run as root, and there is neither a user `postgres` nor `nobody`: \
         create one, or start deskbell as a normal user"
    )]
    NoUser,
    /// A file or folder could not be made or read.
    #[error(
        "cannot {action} {}: check that there is room on the disk and that this user may write \
         there, or choose another data folder",
        path.display()
    )]
    File {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// A program of Postgres could not be run at all.
    #[error("cannot run {}: check that the user who runs Postgres may execute it", program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// `initdb` ended with an error.
    #[error("initdb could not make a cluster in {}; its last lines:\n{output}", cluster.display())]
    Initdb {
        /// The cluster's folder.
        cluster: PathBuf,
        /// The end of what it printed.
        output: String,
    },
    /// The server ended, or did not answer, before it was ready.
    #[error("Postgres did not get ready: {reason}; the last lines of {}:\n{output}", log.display())]
    NotReady {
        /// In short, what was seen.
        reason: String,
        /// The server's log.
        log: PathBuf,
        /// The end of it.
        output: String,
    },
    /// A statement that prepares the cluster failed.
    #[error("cannot prepare the database `{}`", super::DATABASE)]
    Prepare(#[source] sqlx::Error),
    /// The server did not stop when it was asked to.
    #[error(
        "Postgres did not stop within {seconds} s and was killed; it will recover at the next start"
    )]
    StopTimedOut {
        /// How long it was given.
        seconds: u64,
    },
}

impl Error {
    /// Returns a mapper for a failed `action` on `path`.
    pub(super) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Error {
        let path = path.into();
        move |source| Error::File {
            action,
            path,
            source,
        }
    }
}
