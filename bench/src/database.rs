//! The private Postgres of a server under load, spoken to by Postgres's own client programs as its superuser.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::server::DataFolder;

/// The private cluster's superuser and database.
const OWNER: &str = "deskbell_owner";
const DATABASE: &str = "deskbell";

/// The database of a server that runs.
#[derive(Debug)]
pub(crate) struct Database {
    socket: PathBuf,
}

impl Database {
    /// That of the server in `folder`.
    pub(crate) fn of(folder: &DataFolder) -> Self {
        Self {
            socket: folder.path().join("data").join("run"),
        }
    }

    /// A client program with all that it needs to connect; the database's name is to be its last argument.
    pub(crate) fn client(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .arg("-h")
            .arg(&self.socket)
            .args(["-p", "5432", "-U", OWNER])
            .stdin(Stdio::null());
        command
    }

    /// The database's name.
    pub(crate) fn name() -> &'static str {
        DATABASE
    }

    /// Runs statements, all or none.
    pub(crate) fn run(&self, sql: &str) -> Result<()> {
        let psql = find("psql").context("there is no psql here")?;
        let output = self
            .client(&psql)
            .args(["-qX1", "-v", "ON_ERROR_STOP=1", "-c", sql, DATABASE])
            .output()
            .context("run psql")?;
        ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }
}

/// Finds a client program of Postgres, in the path or where packages put it.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let packaged = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let packaged = packaged.map(|version| version.path().join("bin"));
    let mut folders = std::env::split_paths(&path).chain(packaged);
    folders.find_map(|folder| Some(folder.join(name)).filter(|program| program.is_file()))
}
