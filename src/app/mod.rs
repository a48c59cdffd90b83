//! The composition root: configuration -> database -> engines -> router -> listener, and the way back.
//!
//! Owns which part is made from which, and the order in which they end. Holds no rule of its own.

mod chores;
mod database;
mod demo;
mod ending;
mod node;
mod settings;

use std::future::Future;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;

use crate::cli::{Cli, Command};
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Config};
use crate::http::{self, AppState};
use crate::lifecycle::{ExitStatus, Signals, Tasks};
use crate::protocol::sockets;
use crate::random::Random;
use crate::store::Journal;
use crate::telemetry;

use database::Database;
use demo::Demo;

/// Makes one journal from another.
pub type WrapJournal = Box<dyn FnOnce(Arc<dyn Journal>) -> Arc<dyn Journal> + Send>;

/// What a server takes from outside besides its configuration. Tests hand in their own.
pub struct Ports {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and secrets.
    pub random: Random,
    /// Wraps the journal, to lose the answer to a commit.
    pub wrap_journal: WrapJournal,
}

impl Default for Ports {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock::new()),
            random: Random::system(),
            wrap_journal: Box::new(|journal| journal),
        }
    }
}

/// Does what the command line says.
///
/// # Errors
/// Why it could not be done, in words for whoever typed it.
pub fn run(cli: &Cli) -> anyhow::Result<ExitStatus> {
    let document = match cli.command() {
        Command::Openapi => Some(http::document().to_pretty_json()?),
        Command::Asyncapi => Some(serde_json::to_string_pretty(&sockets::document())?),
        Command::Serve | Command::Migrate | Command::CheckConfig => None,
    };
    if let Some(document) = document {
        print(&document)?;
        return Ok(ExitStatus::Clean);
    }
    let loaded = config::load(&cli.options())?;
    if cli.command() == Command::CheckConfig {
        print(loaded.render())?;
        return Ok(ExitStatus::Clean);
    }
    telemetry::start_log(&loaded.config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match cli.command() {
            Command::Migrate => {
                Database::open(&loaded.config).await?.close().await;
                Ok(ExitStatus::Clean)
            }
            _ => serve(loaded.config).await,
        }
    })
}

async fn serve(config: Config) -> anyhow::Result<ExitStatus> {
    let signals = Signals::listen()?;
    let limit = Duration::from_secs(config.node.shutdown_limit_s);
    // A stop while Postgres starts ends the process; Postgres follows by itself.
    let mut server = Server::start(config, Ports::default()).await?;
    // Whoever started it may read no further; that is no reason to stop.
    let _ = print(&server.greeting());
    let status = server.until_stopped(signals, limit).await;
    server.close().await;
    Ok(status)
}

/// A running server.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// What its handlers share.
    pub state: AppState,
    tasks: Tasks,
    database: Database,
    demo: Option<Demo>,
}

impl Server {
    /// Starts everything and listens.
    ///
    /// # Errors
    /// Why it could not start, in words for whoever started it. What was started has been stopped.
    pub async fn start(config: Config, ports: Ports) -> anyhow::Result<Self> {
        let config = Arc::new(config);
        // First, so that a port in use is told before anything else is touched.
        let listener = listen(config.http.listen).await?;
        let address = listener.local_addr()?;
        let database = Database::open(&config).await?;
        let tasks = Tasks::new();
        match node::start(&config, ports, &database, &tasks).await {
            Ok(node) => {
                let limit = Duration::from_secs(config.node.shutdown_limit_s);
                let bounds = http::Bounds::new(&config.http, limit);
                let end = node.end_of_listening;
                tasks.spawn(
                    "http",
                    http::serve(listener, node.state.clone(), bounds, end, tasks.clone()),
                );
                Ok(Self {
                    address,
                    state: node.state,
                    tasks,
                    database,
                    demo: node.demo,
                })
            }
            Err(error) => {
                tasks.stop();
                database.close().await;
                Err(error)
            }
        }
    }

    /// What is printed when it listens.
    fn greeting(&self) -> String {
        let base = format!("http://{}", self.address);
        let mut lines = vec![
            format!("Deskbell answers at {base}"),
            format!("  API document   {base}/docs"),
        ];
        if let Some(demo) = &self.demo {
            lines.extend(demo.lines(&base));
        }
        lines.extend(self.database.lines());
        lines.push("Ctrl-C stops it.".to_owned());
        lines.join("\n")
    }

    /// Runs until a signal, a failure or [`Server::stop`].
    pub async fn until_stopped(&mut self, signals: Signals, limit: Duration) -> ExitStatus {
        let tasks = self.tasks.clone();
        let running = tasks.run(signals, limit);
        tokio::pin!(running);
        tokio::select! {
            status = &mut running => status,
            how = self.database.exited() => {
                tracing::error!(status = %how, "Postgres has stopped; see its log");
                tasks.fail();
                running.await
            }
        }
    }

    /// Asks it to stop.
    pub fn stop(&self) {
        self.tasks.stop();
    }

    /// Ends what is left when all tasks have ended: the database, last.
    pub async fn close(self) {
        self.state.store.close().await;
        self.database.close().await;
    }
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address}: is another program there? \
             Choose another address with --listen, such as --listen 127.0.0.1:0 for a free port"
        )
    })
}

/// Prints for whoever reads; one that has read enough, as `head`, is no fault.
fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let printed = writeln!(out, "{text}").and_then(|()| out.flush());
    match printed {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}

/// Runs something again and again until the server stops.
async fn every<F: Future<Output = ()>>(
    tasks: Tasks,
    clock: Arc<dyn Clock>,
    pause: crate::domain::Millis,
    mut work: impl FnMut() -> F,
) {
    loop {
        tokio::select! {
            () = tasks.soft().cancelled() => return,
            () = clock.sleep(pause) => work().await,
        }
    }
}
