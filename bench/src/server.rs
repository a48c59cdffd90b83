//! The server under load: the real binary, with a private Postgres in a folder of its own.
//!
//! Rate limits are off, since the driver is many people at one address; everything else is as it
//! ships, durability above all.

use std::fs::{self, File, Permissions};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::http::Client;

/// The platform key of servers under load; they listen on the loopback device only.
pub(crate) const PLATFORM_KEY: &str = "bench-platform-key-0123456789";

/// A first start makes a cluster and migrates it; slower than this is a fault.
const READY_WITHIN: Duration = Duration::from_secs(90);

/// The server cuts a shutdown off after 25 s by itself.
const STOP_WITHIN: Duration = Duration::from_secs(35);

/// What is set besides the folder and the address.
const SETTINGS: [(&str, &str); 13] = [
    ("PLATFORM__KEY", PLATFORM_KEY),
    ("LIMITS__LOGINS_PER_MINUTE_PER_ADDRESS", "0"),
    ("LIMITS__LOGINS_PER_MINUTE_PER_ACCOUNT", "0"),
    ("LIMITS__REQUESTS_PER_SECOND", "0"),
    ("LIMITS__VISITORS_PER_MINUTE_PER_ADDRESS", "0"),
    ("LIMITS__CHAT_STARTS_PER_MINUTE", "0"),
    ("LIMITS__POLLS_PER_SECOND_PER_ADDRESS", "0"),
    // The bounds of one socket and of new ones are limits too: a driver opens its sockets at once,
    // and one agent of the driver types for four.
    ("SOCKET__FRAMES_PER_SECOND_MAX", "10000"),
    ("SOCKET__FRAMES_BURST", "100000"),
    ("SOCKET__HANDSHAKES_PER_SECOND_MAX", "100000"),
    // Every socket is closed at the end of a run; nobody comes back.
    ("SOCKET__RECONNECT_SPREAD_MS", "0"),
    ("DEMO__ENABLED", "false"),
    ("METRICS__ENABLED", "true"),
];

/// Which server to run, and how.
#[derive(Clone, Debug)]
pub(crate) struct ServerOptions {
    /// The binary.
    pub(crate) program: PathBuf,
    /// Where data folders are made; the disk below it is part of what is measured.
    pub(crate) scratch: PathBuf,
    /// Settings besides ours, each `section.key=value`.
    pub(crate) settings: Vec<String>,
    /// Worker threads; `None` is what the server takes by itself, one for each processor.
    pub(crate) threads: Option<usize>,
}

/// A data folder that goes with its owner.
#[derive(Debug)]
pub(crate) struct DataFolder(TempDir);

impl DataFolder {
    /// Makes an empty one. Others may enter it: Postgres runs as another user when we are root.
    pub(crate) fn new(options: &ServerOptions) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("deskbell-bench-")
            .permissions(Permissions::from_mode(0o755))
            .tempdir_in(&options.scratch)
            .with_context(|| format!("make a folder in {}", options.scratch.display()))?;
        Ok(Self(folder))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    fn log(&self) -> PathBuf {
        self.path().join("server.log")
    }
}

/// A running server. Dropping it stops it and waits until it is gone.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// When the process was started.
    pub(crate) started: Instant,
}

impl Server {
    /// Starts it in `folder`, without waiting for anything.
    pub(crate) fn spawn(options: &ServerOptions, folder: &DataFolder) -> Result<Self> {
        let address = free_address()?;
        let log = File::options()
            .create(true)
            .append(true)
            .open(folder.log())?;
        let mut command = Command::new(&options.program);
        // Nothing of this shell's settings, nor of the configuration files of a laptop.
        command
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH"));
        command.envs(SETTINGS.map(|(name, value)| (format!("DESKBELL__{name}"), value)));
        command
            .args(["--environment", "bench", "--config-dir"])
            .arg(folder.path());
        command.arg("--data-dir").arg(folder.path().join("data"));
        command
            .arg("--listen")
            .arg(address.to_string())
            .arg("serve");
        for setting in &options.settings {
            command.args(["--set", setting]);
        }
        if let Some(threads) = options.threads {
            command.env("TOKIO_WORKER_THREADS", threads.to_string());
        }
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let started = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("start {}; build it first", options.program.display()))?;
        Ok(Self {
            child,
            address,
            started,
        })
    }

    /// Starts it in `folder` and waits until it is ready.
    pub(crate) async fn start(options: &ServerOptions, folder: &DataFolder) -> Result<Self> {
        let mut server = Self::spawn(options, folder)?;
        server.answers("/readyz", folder).await?;
        Ok(server)
    }

    /// Waits until `path` is answered with 200; returns how long after the start that was.
    pub(crate) async fn answers(&mut self, path: &str, folder: &DataFolder) -> Result<Duration> {
        while self.started.elapsed() < READY_WITHIN {
            let asked = async { Client::connect(self.address).await?.get(path).await };
            if let Ok(Ok(200)) = tokio::time::timeout(READY_WITHIN, asked).await {
                return Ok(self.started.elapsed());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!(
                    "the server ended with {status}:\n{}",
                    last_lines(&folder.log())
                );
            }
            // Well below the times that are measured with it.
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        bail!(
            "the server does not answer {path}:\n{}",
            last_lines(&folder.log())
        );
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Stops it as a supervisor would, and makes sure that it was content.
    pub(crate) fn stop(mut self) -> Result<()> {
        let ended = self.end();
        ensure!(ended, "the server had to be killed");
        Ok(())
    }

    /// Asks it to stop, then insists. Returns whether asking was enough.
    fn end(&mut self) -> bool {
        if let Some(id) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // It may be gone already, which is what is wanted.
            let _ = kill_process(id, Signal::TERM);
        }
        let asked = Instant::now();
        while asked.elapsed() < STOP_WITHIN {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.end();
        }
    }
}

/// An address that nobody listens on. Somebody else may take it before the server does; then the
/// run fails and says so.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

fn last_lines(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
