//! `start`: how long a server takes from the start of its process to its first answers.
//!
//! The first start makes a database cluster and migrates it, the second finds one; both are of the
//! real binary. The clock starts before the process does; asking again and again costs a process
//! that starts a little, which is not taken off.

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use crate::report::{Section, Target};
use crate::server::{DataFolder, Server, ServerOptions};

/// Promise: a start with an existing database is ready in so many seconds.
const SECOND_START_S_MAX: f64 = 2.0;

/// How starts are measured.
#[derive(Args, Clone, Debug)]
pub(crate) struct StartOptions {
    /// Fresh data folders, each started in twice
    #[arg(long, default_value_t = 3)]
    runs: usize,
}

/// One start.
#[derive(Clone, Copy)]
struct Started {
    healthy: Duration,
    ready: Duration,
}

/// Measures.
pub(crate) async fn run(server: &ServerOptions, options: &StartOptions) -> Result<Section> {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for _ in 0..options.runs {
        let folder = DataFolder::new(server)?;
        first.push(start(server, &folder).await?);
        second.push(start(server, &folder).await?);
    }
    let slowest = second
        .iter()
        .map(|started| started.ready)
        .max()
        .unwrap_or_default();
    let mut rows = row("fresh data folder", &first);
    rows.extend(row("existing database", &second));
    Ok(Section {
        name: "start",
        text: format!(
            "From the start of the process to the first answer with 200, {} runs each.",
            options.runs
        ),
        columns: vec!["start", "/healthz s", "/readyz s"],
        rows,
        notes: Vec::new(),
        targets: vec![Target {
            what: format!(
                "slowest start with an existing database: {:.2} s (under {SECOND_START_S_MAX} s)",
                slowest.as_secs_f64()
            ),
            met: slowest.as_secs_f64() < SECOND_START_S_MAX,
        }],
        json: json!({"fresh": to_json(&first), "existing": to_json(&second)}),
    })
}

async fn start(options: &ServerOptions, folder: &DataFolder) -> Result<Started> {
    let mut server = Server::spawn(options, folder)?;
    let healthy = server.answers("/healthz", folder).await?;
    let ready = server.answers("/readyz", folder).await?;
    server.stop()?;
    Ok(Started { healthy, ready })
}

fn row(name: &str, starts: &[Started]) -> Vec<Vec<String>> {
    let each = |time: fn(&Started) -> Duration| {
        let times: Vec<String> = starts
            .iter()
            .map(|started| format!("{:.2}", time(started).as_secs_f64()))
            .collect();
        times.join(", ")
    };
    vec![vec![
        name.to_owned(),
        each(|started| started.healthy),
        each(|started| started.ready),
    ]]
}

fn to_json(starts: &[Started]) -> Value {
    let each = |started: &Started| json!({"healthz_s": started.healthy.as_secs_f64(), "readyz_s": started.ready.as_secs_f64()});
    starts.iter().map(each).collect()
}
