//! The load driver behind `docs/benchmarks.md`.
//!
//! It starts the real server binary with a private Postgres in a folder of its own, sets up a tenant
//! through the public API, measures, and prints a Markdown table and one line of JSON. It stops what
//! it started, by its process id, also when something fails or Ctrl-C is pressed. Everything is on
//! the loopback device and bounded in number and time. Each sub-command's module says what it
//! measures and why that is fair.

mod bare;
mod chats;
mod crowd;
mod database;
mod http;
mod idle;
mod latency;
mod pace;
mod poll;
mod postgres;
mod presence;
mod process;
mod report;
mod routing;
mod rush;
mod server;
mod socket;
mod start;
mod tenant;
mod tenants;
mod transitions;

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use self::chats::ChatsOptions;
use self::idle::IdleOptions;
use self::poll::PollOptions;
use self::postgres::PostgresOptions;
use self::presence::PresenceOptions;
use self::report::{Report, Section};
use self::routing::RoutingOptions;
use self::rush::RushOptions;
use self::server::ServerOptions;
use self::start::StartOptions;
use self::tenants::TenantsOptions;
use self::transitions::TransitionsOptions;

/// What was typed.
#[derive(Debug, Parser)]
#[command(
    name = "deskbell-bench",
    about = "Measures the Deskbell server",
    version
)]
struct Cli {
    /// The server's binary
    #[arg(long, global = true, default_value = "target/release/deskbell")]
    server: PathBuf,

    /// Where data folders are made; every user must be able to enter it [default: the system's
    /// folder for temporary files]
    #[arg(long, global = true)]
    scratch: Option<PathBuf>,

    /// Passed on to the server, to try another setting; can be repeated
    #[arg(long, global = true, value_name = "SECTION.KEY=VALUE")]
    set: Vec<String>,

    /// Where to write the Markdown as well
    #[arg(long, global = true)]
    report: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What Postgres alone commits on this disk
    Postgres(PostgresOptions),
    /// Time to the first answers, on a fresh and on an existing database
    Start(StartOptions),
    /// Availability polls against a bare handler
    Poll(PollOptions),
    /// Latency of durable messages, or their highest rate
    Chats(ChatsOptions),
    /// Memory of an idle connection
    Idle(IdleOptions),
    /// Agents who watch each other, one change at a time and in a storm
    Presence(PresenceOptions),
    /// Memory of an idle tenant
    Tenants(TenantsOptions),
    /// Decisions of the engine alone
    Routing(RoutingOptions),
    /// Random changes of the engine, everything checked after each
    Transitions(TransitionsOptions),
    /// Many chats that are started at once
    Rush(RushOptions),
    /// All of them
    All(Box<AllOptions>),
    /// The bare handler itself
    #[command(hide = true)]
    Bare { canned: String },
}

#[derive(Args, Debug)]
struct AllOptions {
    #[command(flatten)]
    postgres: PostgresOptions,
    #[command(flatten)]
    start: StartOptions,
    #[command(flatten)]
    poll: PollOptions,
    #[command(flatten)]
    chats: ChatsOptions,
    #[command(flatten)]
    idle: IdleOptions,
    #[command(flatten)]
    presence: PresenceOptions,
    #[command(flatten)]
    tenants: TenantsOptions,
    #[command(flatten)]
    routing: RoutingOptions,
    #[command(flatten)]
    transitions: TransitionsOptions,
    #[command(flatten)]
    rush: RushOptions,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    if let Command::Bare { canned } = &cli.command {
        return bare::serve(canned);
    }
    // One thread: the processors are the server's, which shares them with the driver.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        // What is dropped by an interruption stops the server.
        tokio::select! {
            done = measure(&cli) => done,
            _ = tokio::signal::ctrl_c() => bail!("interrupted"),
            _ = terminate.recv() => bail!("terminated"),
        }
    })
}

async fn measure(cli: &Cli) -> Result<()> {
    let server = ServerOptions {
        program: fs::canonicalize(&cli.server)
            .with_context(|| format!("find the server's binary {}", cli.server.display()))?,
        scratch: cli.scratch.clone().unwrap_or_else(std::env::temp_dir),
        settings: cli.set.clone(),
        threads: None,
    };
    let mut report = Report::begin(&cli.set);
    match &cli.command {
        Command::Postgres(options) => show(&mut report, postgres::run(&server, options).await?)?,
        Command::Start(options) => show(&mut report, start::run(&server, options).await?)?,
        Command::Poll(options) => show(&mut report, poll::run(&server, options).await?)?,
        Command::Chats(options) => show(&mut report, chats::run(&server, options).await?)?,
        Command::Idle(options) => show(&mut report, idle::run(&server, options).await?)?,
        Command::Presence(options) => show(&mut report, presence::run(&server, options).await?)?,
        Command::Tenants(options) => show(&mut report, tenants::run(&server, options).await?)?,
        Command::Routing(options) => show(&mut report, routing::run(options)?)?,
        Command::Transitions(options) => show(&mut report, transitions::run(options)?)?,
        Command::Rush(options) => show(&mut report, rush::run(&server, options).await?)?,
        Command::All(options) => {
            show(
                &mut report,
                postgres::run(&server, &options.postgres).await?,
            )?;
            show(&mut report, start::run(&server, &options.start).await?)?;
            show(&mut report, poll::run(&server, &options.poll).await?)?;
            for saturate in [false, true] {
                let chats = options.chats.saturating(saturate);
                show(&mut report, chats::run(&server, &chats).await?)?;
            }
            show(&mut report, idle::run(&server, &options.idle).await?)?;
            show(
                &mut report,
                presence::run(&server, &options.presence).await?,
            )?;
            show(&mut report, tenants::run(&server, &options.tenants).await?)?;
            show(&mut report, routing::run(&options.routing)?)?;
            show(&mut report, transitions::run(&options.transitions)?)?;
            show(&mut report, rush::run(&server, &options.rush).await?)?;
        }
        Command::Bare { .. } => {}
    }
    writeln!(std::io::stdout(), "{}", report.json())?;
    if let Some(path) = &cli.report {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let text = format!("{}\n```json\n{}\n```\n", report.markdown(), report.json());
        fs::write(path, text).with_context(|| format!("write {}", path.display()))?;
    }
    Ok(())
}

/// Prints a section as soon as it is there: a whole run takes minutes.
fn show(report: &mut Report, section: Section) -> Result<()> {
    writeln!(std::io::stdout(), "{}", section.markdown())?;
    report.add(section);
    Ok(())
}
