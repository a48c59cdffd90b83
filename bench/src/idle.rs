//! `idle`: how much memory an idle authenticated connection costs the server.
//!
//! Visitors' sockets are opened in steps, each after hello and welcome, and answer the server's
//! heartbeats as a page does. At each step the driver waits until every socket has been pinged and
//! reads the server's memory from `/proc`. The cost of a connection is the slope of the least-squares
//! line through the steps, so what the server needs without connections does not count, and neither
//! do the visitors themselves, who are made before the first reading. What the kernel keeps for a
//! socket is in no process's memory and is not counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::process::{Memory, memory, slope};
use crate::report::{Section, Target};
use crate::server::{DataFolder, Server, ServerOptions};
use crate::socket::{Side, Socket};
use crate::tenant::Tenant;

/// Promise, in bytes.
const BYTES_MAX: f64 = 10.0 * 1024.0;

/// What would leave nothing to wish for, in bytes.
const BYTES_WISHED: f64 = 8.0 * 1024.0;

/// How many sockets open at the same time.
const OPENING_MAX: usize = 32;

/// How idle connections are measured.
#[derive(Args, Clone, Debug)]
pub(crate) struct IdleOptions {
    /// Connections at the last step
    #[arg(long, default_value_t = 5000)]
    connections: usize,
    /// Steps in which they are opened
    #[arg(long, default_value_t = 5)]
    steps: usize,
    /// Seconds from the last welcome of a step to its reading; the server pings every 8 s
    #[arg(long, default_value_t = 12)]
    settle_seconds: u64,
}

/// One reading.
struct Step {
    connections: usize,
    memory: Memory,
}

/// Measures.
pub(crate) async fn run(server: &ServerOptions, options: &IdleOptions) -> Result<Section> {
    ensure!(options.steps > 1, "a line needs two steps");
    let folder = DataFolder::new(server)?;
    let server = Server::start(server, &folder).await?;
    let tenant = Tenant::create(server.address, 0, 1).await?;
    let mut tokens = tenant.visitors(options.connections).await?;
    let settle = Duration::from_secs(options.settle_seconds);

    let lost = Arc::new(AtomicUsize::new(0));
    let mut idle = JoinSet::new();
    tokio::time::sleep(settle).await;
    let mut steps = vec![Step {
        connections: 0,
        memory: memory(server.id())?,
    }];
    for step in 1..=options.steps {
        let wanted = options.connections * step / options.steps;
        let new = tokens.split_off(tokens.len() - (wanted - idle.len()));
        for socket in open_all(&server, new).await? {
            idle.spawn(stay(socket, Arc::clone(&lost)));
        }
        tokio::time::sleep(settle).await;
        ensure!(
            lost.load(Ordering::Relaxed) == 0,
            "sockets were closed while they were idle"
        );
        steps.push(Step {
            connections: wanted,
            memory: memory(server.id())?,
        });
    }
    idle.shutdown().await;
    server.stop()?;
    Ok(section(&steps, options))
}

/// Opens a socket for each token, some at a time.
async fn open_all(server: &Server, tokens: Vec<String>) -> Result<Vec<Socket>> {
    let address = server.address;
    let mut opening = JoinSet::new();
    let mut sockets = Vec::with_capacity(tokens.len());
    for token in tokens {
        if opening.len() >= OPENING_MAX
            && let Some(opened) = opening.join_next().await
        {
            sockets.push(opened??);
        }
        opening.spawn(async move { Socket::open(address, Side::Visitor, &token).await });
    }
    while let Some(opened) = opening.join_next().await {
        sockets.push(opened??);
    }
    Ok(sockets)
}

/// Answers heartbeats until it is dropped or the server hangs up.
async fn stay(mut socket: Socket, lost: Arc<AtomicUsize>) {
    while socket.receive().await.is_ok() {}
    lost.fetch_add(1, Ordering::Relaxed);
}

fn section(steps: &[Step], options: &IdleOptions) -> Section {
    // The first connections also pay for what is made once: they are no part of the slope.
    let opened = &steps[1..];
    let line = |bytes: fn(&Memory) -> u64| {
        let readings = opened.iter();
        slope(readings.map(|step| (step.connections, bytes(&step.memory))))
    };
    let anonymous = line(|memory| memory.anonymous);
    let resident = line(|memory| memory.resident);
    let mib = |bytes: u64| format!("{:.1}", to_f64(bytes) / 1024.0 / 1024.0);
    let row = |step: &Step| {
        vec![
            step.connections.to_string(),
            mib(step.memory.resident),
            mib(step.memory.anonymous),
        ]
    };
    let reading = |step: &Step| {
        json!({
            "connections": step.connections,
            "resident_bytes": step.memory.resident, "anonymous_bytes": step.memory.anonymous,
        })
    };
    Section {
        name: "idle",
        text: format!(
            "Memory of the server with idle visitors' sockets, read {} s after the last welcome of \
             a step.",
            options.settle_seconds
        ),
        columns: vec!["connections", "resident MiB", "of it anonymous MiB"],
        rows: steps.iter().map(row).collect(),
        notes: vec![format!(
            "slope of the anonymous memory alone: {anonymous:.0} bytes"
        )],
        targets: vec![Target {
            what: format!(
                "{resident:.0} bytes a connection (at most {BYTES_MAX:.0}, wished {BYTES_WISHED:.0})"
            ),
            met: resident <= BYTES_MAX,
        }],
        json: json!({
            "bytes_each": resident, "anonymous_bytes_each": anonymous,
            "readings": steps.iter().map(reading).collect::<Value>(),
        }),
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn to_f64(number: u64) -> f64 {
    number as f64
}
