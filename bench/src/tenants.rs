//! `tenants`: what a tenant costs that is in memory and has nothing to do, and one that is not any more.
//!
//! Tenants with some agents each are written into the database, and each is asked for one thing, so that its engine
//! is loaded: an agent sets its status. At some numbers of loaded tenants the server's memory is read; the cost of
//! one is the slope of the least-squares line. Then nobody calls for a while: the processor time and the switches of
//! its threads in that time are what ten thousand idle tenants cost beside memory. At last the server is started
//! anew with a short time until idle tenants leave, to read what is left when they have.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::crowd::{Crowd, log_in};
use crate::database::Database;
use crate::http::{Client, request};
use crate::latency::Latencies;
use crate::process::{Memory, cpu_seconds, memory, slope, switches};
use crate::report::{Section, Target};
use crate::server::{DataFolder, Server, ServerOptions};

/// Promise: what an idle tenant in memory costs at most, in bytes.
const BYTES_MAX: f64 = 20.0 * 1024.0;

/// Promise: the first command of an idle tenant, in milliseconds.
const FIRST_MS_MAX: f64 = 20.0;

/// How many callers load tenants at the same time.
const CALLERS: usize = 8;

/// Tenants that are loaded one after the other, to see how long one takes alone.
const ALONE: usize = 200;

/// How tenants are measured.
#[derive(Args, Clone, Debug)]
pub(crate) struct TenantsOptions {
    /// Tenants in memory at the last step
    #[arg(long, default_value_t = 10_000)]
    tenants: usize,
    /// Agents of each
    #[arg(long, default_value_t = 5)]
    agents: usize,
    /// Steps in which they are loaded
    #[arg(long, default_value_t = 5)]
    tenant_steps: usize,
    /// Seconds in which nobody calls
    #[arg(long, default_value_t = 10)]
    quiet_seconds: u64,
    /// Tenants that are loaded and leave again
    #[arg(long, default_value_t = 2000)]
    leaving: usize,
}

/// One reading.
struct Reading {
    tenants: usize,
    memory: Memory,
}

/// What all idle tenants together cost in a while.
struct Quiet {
    seconds: f64,
    cpu_seconds: f64,
    switches: u64,
}

/// What was measured.
struct Outcome {
    readings: Vec<Reading>,
    /// How long the first command of a tenant took that was not in memory.
    first: Latencies,
    /// Before the first tenant was loaded.
    empty: Quiet,
    quiet: Quiet,
    /// Memory before some tenants were loaded, with them, and when they had left.
    leaving: [Memory; 3],
}

/// Measures.
pub(crate) async fn run(server: &ServerOptions, options: &TenantsOptions) -> Result<Section> {
    ensure!(options.tenant_steps > 1, "a line needs two steps");
    let folder = DataFolder::new(server)?;
    // Nobody leaves while the others are loaded.
    let staying = with_eviction(server, 3600);
    let running = Server::start(&staying, &folder).await?;
    let crowd = Crowd {
        first: 0,
        tenants: options.tenants,
        agents: options.agents,
        widgets: 1,
    };
    crowd.write(&Database::of(&folder))?;
    let tokens = log_in(
        running.address,
        (0..options.tenants).map(|tenant| (tenant, 0)),
    )
    .await?;
    let quiet = Duration::from_secs(options.quiet_seconds);

    let empty = be_quiet(&running, quiet).await?;
    let (mut readings, mut first) = (vec![read(&running, 0)?], Latencies::new());
    let mut there = 0;
    for step in 1..=options.tenant_steps {
        let wanted = options.tenants * step / options.tenant_steps;
        if there == 0 {
            let alone = ALONE.min(wanted);
            first.add(&set_status(running.address, &tokens[..alone], 1).await?);
            there = alone;
        }
        set_status(running.address, &tokens[there..wanted], CALLERS).await?;
        there = wanted;
        ensure!(
            loaded(running.address).await? == wanted,
            "some tenants are not in memory"
        );
        tokio::time::sleep(Duration::from_secs(1)).await;
        readings.push(read(&running, wanted)?);
    }
    let quiet = be_quiet(&running, quiet).await?;
    running.stop()?;

    let leaving = leave(&with_eviction(server, 5), &folder, &tokens, options).await?;
    let outcome = Outcome {
        readings,
        first,
        empty,
        quiet,
        leaving,
    };
    Ok(outcome.section(options))
}

fn with_eviction(server: &ServerOptions, seconds: u32) -> ServerOptions {
    let mut server = server.clone();
    server
        .settings
        .push(format!("engine.idle_evict_s={seconds}"));
    server
}

/// Loads some tenants into a new server and waits until they have left.
async fn leave(
    server: &ServerOptions,
    folder: &DataFolder,
    tokens: &[String],
    options: &TenantsOptions,
) -> Result<[Memory; 3]> {
    let server = Server::start(server, folder).await?;
    let before = memory(server.id())?;
    let leaving = &tokens[..options.leaving.min(tokens.len())];
    set_status(server.address, leaving, CALLERS).await?;
    let with = memory(server.id())?;
    let began = Instant::now();
    while loaded(server.address).await? > 0 {
        ensure!(
            began.elapsed() < Duration::from_mins(1),
            "tenants do not leave"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let after = memory(server.id())?;
    server.stop()?;
    Ok([before, with, after])
}

/// Sets the status of an agent of each tenant: the first command, which loads it.
async fn set_status(address: SocketAddr, tokens: &[String], callers: usize) -> Result<Latencies> {
    let mut tasks = JoinSet::new();
    for lane in 0..callers {
        let mine: Vec<String> = tokens.iter().skip(lane).step_by(callers).cloned().collect();
        tasks.spawn(async move {
            let mut client = Client::connect(address).await?;
            let mut latencies = Latencies::new();
            for token in mine {
                let bearer = format!("Bearer {token}");
                let headers = [("authorization", bearer.as_str())];
                let body = r#"{"status":"offline"}"#;
                let request = request("PUT", "/v1/me/presence", &headers, body);
                let began = Instant::now();
                let status = client.ask(&request).await?;
                latencies.record(began.elapsed());
                ensure!(status == 200, "a status was answered {status}");
            }
            anyhow::Ok(latencies)
        });
    }
    let mut all = Latencies::new();
    while let Some(joined) = tasks.join_next().await {
        all.add(&joined??);
    }
    Ok(all)
}

/// How many tenants the server has in memory, as it says itself.
async fn loaded(address: SocketAddr) -> Result<usize> {
    let mut client = Client::connect(address).await?;
    client.get("/metrics").await?;
    let text = String::from_utf8_lossy(client.body());
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("deskbell_tenants_loaded "));
    // A gauge that was never set is not there.
    line.map_or(Ok(0), |number| {
        number.trim().parse().context("read a gauge")
    })
}

fn read(server: &Server, tenants: usize) -> Result<Reading> {
    let memory = memory(server.id())?;
    Ok(Reading { tenants, memory })
}

async fn be_quiet(server: &Server, length: Duration) -> Result<Quiet> {
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (cpu, switched, began) = (
        cpu_seconds(server.id()),
        switches(server.id())?,
        Instant::now(),
    );
    tokio::time::sleep(length).await;
    Ok(Quiet {
        seconds: began.elapsed().as_secs_f64(),
        cpu_seconds: cpu_seconds(server.id()) - cpu,
        switches: switches(server.id())? - switched,
    })
}

impl Outcome {
    fn section(&self, options: &TenantsOptions) -> Section {
        let line = |bytes: fn(&Memory) -> u64| {
            // The first tenants also pay for what is made once: they are no part of the slope.
            let readings = self.readings[1..].iter();
            slope(readings.map(|reading| (reading.tenants, bytes(&reading.memory))))
        };
        let resident = line(|memory| memory.resident);
        let row = |reading: &Reading| {
            vec![
                reading.tenants.to_string(),
                mib(reading.memory.resident),
                mib(reading.memory.anonymous),
            ]
        };
        let p50 = self.first.ms(50.0);
        Section {
            name: "tenants",
            text: format!(
                "{} tenants with {} agents each, loaded by one command each.",
                options.tenants, options.agents
            ),
            columns: vec!["tenants in memory", "resident MiB", "of it anonymous MiB"],
            rows: self.readings.iter().map(row).collect(),
            notes: self.notes(line(|memory| memory.anonymous)),
            targets: vec![
                Target {
                    what: format!("{resident:.0} bytes an idle tenant (at most {BYTES_MAX:.0})"),
                    met: resident <= BYTES_MAX,
                },
                Target {
                    what: format!(
                        "first command of a tenant that is not in memory: p50 {p50:.1} ms, p99 {:.1} ms (p50 within \
                         {FIRST_MS_MAX:.0} ms)",
                        self.first.ms(99.0)
                    ),
                    met: p50 <= FIRST_MS_MAX,
                },
            ],
            json: self.json(resident),
        }
    }

    fn notes(&self, anonymous: f64) -> Vec<String> {
        let quiet = |quiet: &Quiet| {
            format!(
                "{:.2} s of a processor and {} switches of threads in {:.0} s",
                quiet.cpu_seconds, quiet.switches, quiet.seconds
            )
        };
        let [before, with, after] = self.leaving.map(|memory| mib(memory.resident));
        vec![
            format!("slope of the anonymous memory alone: {anonymous:.0} bytes"),
            format!(
                "idle: {}; before any tenant was in memory: {}",
                quiet(&self.quiet),
                quiet(&self.empty)
            ),
            format!(
                "leaving: {before} MiB before some were loaded, {with} MiB with them, {after} MiB when all had left"
            ),
        ]
    }

    fn json(&self, resident: f64) -> Value {
        let readings = self.readings.iter().map(|reading| {
            json!({
                "tenants": reading.tenants, "resident_bytes": reading.memory.resident,
                "anonymous_bytes": reading.memory.anonymous,
            })
        });
        let quiet = |quiet: &Quiet| {
            json!({
                "seconds": quiet.seconds, "cpu_seconds": quiet.cpu_seconds, "switches": quiet.switches,
            })
        };
        json!({
            "bytes_each": resident, "readings": readings.collect::<Value>(),
            "first_command": self.first.json(),
            "quiet": quiet(&self.quiet), "quiet_without_tenants": quiet(&self.empty),
            "leaving_resident_bytes": self.leaving.map(|memory| memory.resident),
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn mib(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1024.0 / 1024.0)
}
