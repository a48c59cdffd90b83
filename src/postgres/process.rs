//! The server as a child process: started until it answers, watched, stopped.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection, PgConnection};
use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use super::binaries::Binaries;
use super::place::Place;
use super::{DATABASE, Error, OWNER, PORT, Settings, cluster, connect_options, log};

/// How often a server that starts or stops is looked at: a tenth of what a start takes.
pub(super) const POLL: Duration = Duration::from_millis(20);

/// How long a server may give no answer, or the cluster be held by one that dies.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// The class of what a server answers that starts, recovers or stops.
const NOT_YET: &str = "57P";

/// How long a server may recover after a crash. It says that it does, so this only ends a wait
/// that nobody watches: replaying the largest log of the default settings takes a minute or two.
const RECOVERY_MAX: Duration = Duration::from_mins(10);

/// The pause before the next try when another server still holds the cluster. After kill -9 of
/// everything this was measured to take one to two seconds.
const RESPAWN: Duration = Duration::from_millis(200);

/// How long an orderly stop may take: the checkpoint of a full buffer on a slow disk.
const STOP_MAX: Duration = Duration::from_secs(30);

/// The server's process.
#[derive(Debug)]
pub(super) struct ServerProcess {
    child: Child,
    /// Keeps the thread alive that is the child's parent for the kernel.
    _parent: std::sync::mpsc::Sender<()>,
}

/// Starts the server and returns once it accepts connections and has its database.
pub(super) async fn start(
    place: &Place,
    binaries: &Binaries,
    settings: &Settings,
) -> Result<ServerProcess, Error> {
    let mut waited = Duration::ZERO;
    log::rotate(place.log())?;
    loop {
        let file = log::open(place.log())?;
        let log_start = file.metadata().map_or(0, |found| found.len());
        let mut process = ServerProcess::spawn(server(place, binaries, settings, file)?).await?;
        let pid = process.id();
        let reason = tokio::select! {
            // A child that is gone must not be asked for, since a dying server may still answer.
            biased;
            status = process.exited() => format!("it ended with {status}"),
            ready = answer(place, pid) => match ready {
                Ok(connection) => {
                    create_database(connection).await?;
                    return Ok(process);
                }
                Err(reason) => reason,
            },
        };
        let output = log::read(place.log(), log_start);
        if process.id().is_some() || waited >= SILENCE_MAX || !log::tells_of_another_server(&output)
        {
            return Err(Error::NotReady {
                reason,
                log: place.log().to_owned(),
                output: log::last_lines(&output),
            });
        }
        sleep(RESPAWN).await;
        waited += RESPAWN;
    }
}

/// Polls until the server `pid` accepts connections.
async fn answer(place: &Place, pid: Option<u32>) -> Result<PgConnection, String> {
    let options = connect_options(place.socket_dir(), OWNER, "postgres");
    let (mut silent, mut recovering) = (Duration::ZERO, Duration::ZERO);
    loop {
        match timeout(SILENCE_MAX, PgConnection::connect_with(&options)).await {
            // The socket may still be that of a server which is about to go.
            Ok(Ok(connection)) if cluster::holder(place) == pid => return Ok(connection),
            Ok(Err(sqlx::Error::Database(error))) => {
                if error.code().is_some_and(|code| code.starts_with(NOT_YET)) {
                    recovering += POLL;
                } else {
                    return Err(format!("it refuses {OWNER}: {}", error.message()));
                }
            }
            Err(_) => return Err("it took a connection and said nothing".to_owned()),
            Ok(_) => silent += POLL,
        }
        if silent >= SILENCE_MAX {
            return Err("it did not open its socket in time".to_owned());
        }
        if recovering >= RECOVERY_MAX {
            return Err("it still recovers".to_owned());
        }
        sleep(POLL).await;
    }
}

async fn create_database(mut connection: PgConnection) -> Result<(), Error> {
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(DATABASE)
            .fetch_one(&mut connection)
            .await
            .map_err(Error::Prepare)?;
    if !exists {
        sqlx::query("create database deskbell")
            .execute(&mut connection)
            .await
            .map_err(Error::Prepare)?;
    }

    connection.close().await.map_err(Error::Prepare)
}

/// Returns the command line of the server.
fn server(
    place: &Place,
    binaries: &Binaries,
    settings: &Settings,
    log: File,
) -> Result<Command, Error> {
    let mut command = place.command(&binaries.program("postgres"));
    command.arg("-D").arg(place.cluster());
    let mut set = |name: &str, value: &str| {
        command.arg("-c").arg(format!("{name}={value}"));
    };
    set("listen_addresses", "");
    set("port", &PORT.to_string());
    // A list whose items may be quoted; a folder's name may hold a comma.
    let socket_dir = place.socket_dir().to_string_lossy().replace('"', "\"\"");
    set("unix_socket_directories", &format!("\"{socket_dir}\""));
    set("unix_socket_permissions", "0700");
    set("max_connections", &settings.max_connections.to_string());
    set(
        "shared_buffers",
        if settings.durable { "128MB" } else { "64MB" },
    );
    set("timezone", "UTC");
    set("log_timezone", "UTC");
    set("log_destination", "stderr");
    set("logging_collector", "off");
    set("cluster_name", "deskbell");
    if !settings.durable {
        for name in [
            "fsync",
            "synchronous_commit",
            "full_page_writes",
            "autovacuum",
        ] {
            set(name, "off");
        }
        set("wal_level", "minimal");
        set("max_wal_senders", "0");
    }
    let copy = log.try_clone().map_err(Error::file("open", place.log()))?;
    command
        .stdin(Stdio::null())
        .stdout(copy)
        .stderr(log)
        // Ctrl-C at the terminal reaches the group: the server must outlive our own drain.
        .process_group(0);

    Ok(command)
}

impl ServerProcess {
    /// Spawns `command` from a thread of its own.
    ///
    /// The kernel signals the child when the thread that spawned it ends, and a thread of the
    /// runtime may end at any time.
    async fn spawn(mut command: Command) -> Result<ServerProcess, Error> {
        die_with_parent(&mut command);
        let program = Path::new(command.as_std().get_program()).to_owned();
        let failed = |source| Error::Spawn { program, source };
        let (parent, until_dropped) = std::sync::mpsc::channel::<()>();
        let (send_child, child) = oneshot::channel();
        let runtime = Handle::current();
        let thread = std::thread::Builder::new()
            .name("postgres-parent".to_owned())
            .spawn(move || {
                let spawned = {
                    let _runtime = runtime.enter();
                    command.spawn()
                };
                drop(runtime);
                // The receiver is only gone when the start was cancelled: then the thread ends, and
                // the child with it.
                if send_child.send(spawned).is_ok() {
                    let _ = until_dropped.recv();
                }
            });
        if let Err(error) = thread {
            return Err(failed(error));
        }
        let child = match child.await {
            Ok(Ok(child)) => child,
            Ok(Err(error)) => return Err(failed(error)),
            Err(_) => return Err(failed(std::io::Error::other("its thread has panicked"))),
        };

        Ok(ServerProcess {
            child,
            _parent: parent,
        })
    }

    /// Returns the process id, or nothing once the exit was seen.
    fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Resolves when the process has ended.
    pub(super) async fn exited(&mut self) -> ExitStatus {
        match self.child.wait().await {
            Ok(status) => status,
            // Only a process that is not our child any more cannot be waited for: it is gone.
            Err(_) => ExitStatus::from_raw(0),
        }
    }

    /// Asks for a fast shutdown, then for an immediate one, then kills.
    pub(super) async fn stop(&mut self) -> Result<(), Error> {
        self.signal(Signal::INT);
        if timeout(STOP_MAX, self.exited()).await.is_ok() {
            return Ok(());
        }
        self.signal(Signal::QUIT);
        if timeout(STOP_MAX / 6, self.exited()).await.is_err() {
            self.signal(Signal::KILL);
            self.exited().await;
        }

        Err(Error::StopTimedOut {
            seconds: STOP_MAX.as_secs(),
        })
    }

    fn signal(&self, signal: Signal) {
        let pid = self.id().and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            // It may have ended by now; whoever waits for it will see.
            let _ = kill_process(pid, signal);
        }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        self.signal(Signal::INT);
    }
}

/// Makes the kernel ask the server for a fast shutdown when we are killed.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "pre_exec is the only place where a child can ask for this"
)]
fn die_with_parent(command: &mut Command) {
    let parent = rustix::process::getpid();
    let ask = move || {
        rustix::process::set_parent_process_death_signal(Some(Signal::INT))?;
        // Killed before the line above took effect: nobody would stop this child.
        if rustix::process::getppid() != Some(parent) {
            return Err(std::io::ErrorKind::NotFound.into());
        }
        Ok(())
    };
    // SAFETY: the closure makes two system calls; it neither allocates nor takes a lock.
    unsafe {
        command.pre_exec(ask);
    }
}

/// Elsewhere a server that is left running is stopped by the next start.
#[cfg(not(target_os = "linux"))]
fn die_with_parent(_command: &mut Command) {}
