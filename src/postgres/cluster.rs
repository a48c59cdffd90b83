//! The cluster on disk: its version, its making, and a server that was left running on it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection, PgConnection};
use tokio::time::{sleep, timeout};

use super::binaries::Binaries;
use super::log::last_lines;
use super::place::Place;
use super::process::POLL;
use super::{Error, OWNER, connect_options};

/// How long a server that was left running may take for its shutdown checkpoint.
const LEFTOVER_STOP: Duration = Duration::from_secs(20);

/// Returns the major version that made the cluster, or nothing when there is no cluster yet.
pub(super) fn version(place: &Place) -> Result<Option<String>, Error> {
    let path = place.cluster().join("PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(version) => Ok(Some(version.trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("read", path)(error)),
    }
}

/// Makes a cluster. A half-made one never gets the final name, whenever this process is killed.
pub(super) async fn initialise(
    place: &Place,
    binaries: &Binaries,
    durable: bool,
) -> Result<(), Error> {
    let unfinished = place.root().join("pg.new");
    if let Err(error) = fs::remove_dir_all(&unfinished)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(Error::file("remove", unfinished)(error));
    }
    place.make_private_dir(&unfinished)?;
    let program = binaries.program("initdb");
    let mut command = place.command(&program);
    command
        .arg("-D")
        .arg(&unfinished)
        .args(["-U", OWNER, "--auth=trust", "--encoding=UTF8"])
        // The same order of texts on every machine; macOS has no C.UTF-8 before version 15.
        .arg(if cfg!(target_os = "macos") {
            "--locale=C"
        } else {
            "--locale=C.UTF-8"
        })
        .kill_on_drop(true);
    if !durable {
        command.arg("--no-sync");
    }
    let output = command
        .output()
        .await
        .map_err(|source| Error::Spawn { program, source })?;
    if !output.status.success() {
        let printed = [output.stdout, output.stderr].concat();
        return Err(Error::Initdb {
            cluster: place.cluster(),
            output: last_lines(&printed),
        });
    }
    let cluster = place.cluster();
    fs::rename(&unfinished, &cluster).map_err(Error::file("create the folder", cluster))?;
    // initdb has synced the files, not the name that they just got.
    fs::File::open(place.root())
        .and_then(|root| root.sync_all())
        .map_err(Error::file("sync", place.root()))
}

/// Stops a server that a crashed process left running on this cluster, if there is one.
///
/// The caller holds the data folder's lock, so nobody uses it. Its settings may be old and it is
/// nobody's child, so a new one is worth its 50 ms. Anything that does not answer is left to
/// the start, which waits for the cluster to become free.
pub(super) async fn stop_leftover(place: &Place) -> Result<(), Error> {
    let pid_file = place.cluster().join("postmaster.pid");
    let Some((pid, socket_dir)) = read_pid_file(&pid_file) else {
        return Ok(());
    };
    // Only the answer proves that the pid has not gone to another program since.
    let options = connect_options(&socket_dir, OWNER, "postgres");
    let Ok(Ok(mut connection)) = timeout(LEFTOVER_STOP, PgConnection::connect_with(&options)).await
    else {
        return Ok(());
    };
    let served: Result<String, _> = sqlx::query_scalar("show data_directory")
        .fetch_one(&mut connection)
        .await;
    drop(connection);
    if !served.is_ok_and(|served| place.cluster() == Path::new(&served)) {
        return Ok(());
    }
    // A server that has gone in the meantime is what is wanted.
    let _ = kill_process(pid, Signal::INT);
    let gone = async {
        while pid_file.exists() {
            sleep(POLL).await;
        }
    };
    if timeout(LEFTOVER_STOP, gone).await.is_err() {
        let _ = kill_process(pid, Signal::QUIT);
    }

    Ok(())
}

/// Returns the process id and the socket's folder from a `postmaster.pid`.
fn read_pid_file(path: &Path) -> Option<(Pid, PathBuf)> {
    let text = fs::read_to_string(path).ok()?;
    let mut lines = text.lines();
    let pid = Pid::from_raw(lines.next()?.trim().parse().ok()?)?;
    // Lines: pid, data directory, start time, port, socket directory.
    let socket_dir = lines.nth(3).filter(|dir| !dir.is_empty())?;

    Some((pid, PathBuf::from(socket_dir)))
}

/// Returns the process id of the server that holds the cluster.
pub(super) fn holder(place: &Place) -> Option<u32> {
    let text = fs::read_to_string(place.cluster().join("postmaster.pid")).ok()?;

    text.lines().next()?.trim().parse().ok()
}
