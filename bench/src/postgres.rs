//! `postgres`: what Postgres alone does on this disk, to hold the server's durable messages against.
//!
//! `pgbench` inserts one row in each transaction, over the socket of the private Postgres of a server
//! that has nothing else to do: the same configuration, the same disk, the same wait for it.

use std::fs;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Value, json};

use crate::database::{Database, find};
use crate::report::Section;
use crate::server::{DataFolder, Server, ServerOptions};

/// One row of the size of a short message with its ids.
const INSERT: &str = "insert into bench_rows (body) values (repeat('x', 200));\n";

/// Where the rows go; the database goes with the server's folder.
const TABLE: &str = "create table bench_rows (id bigint generated always as identity primary key, \
                     body text not null)";

/// How Postgres is measured.
#[derive(Args, Clone, Debug)]
pub(crate) struct PostgresOptions {
    /// Seconds for each number of connections
    #[arg(long, default_value_t = 5)]
    pgbench_seconds: u32,
}

/// Measures; without `pgbench` it only says so.
pub(crate) async fn run(server: &ServerOptions, options: &PostgresOptions) -> Result<Section> {
    let (mut rows, mut notes, mut results) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(pgbench) = find("pgbench") {
        let folder = DataFolder::new(server)?;
        let server = Server::start(server, &folder).await?;
        let database = Database::of(&folder);
        database.run(TABLE)?;
        let script = folder.path().join("insert.sql");
        fs::write(&script, INSERT)?;
        for connections in [1_u32, 8] {
            let mut command = database.client(&pgbench);
            command.args(["-n", "-f"]).arg(&script);
            command.args(["-c", &connections.to_string(), "-j", "1", "-M", "prepared"]);
            command.args(["-T", &options.pgbench_seconds.to_string(), Database::name()]);
            let output = tokio::task::spawn_blocking(move || command.output()).await??;
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            ensure!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            let (tps, latency) = (
                number(&text, "tps = ")?,
                number(&text, "latency average = ")?,
            );
            rows.push(vec![
                connections.to_string(),
                format!("{tps:.0}"),
                format!("{latency:.3}"),
            ]);
            results.push(json!({
                "connections": connections, "commits_per_second": tps, "latency_ms": latency,
            }));
        }
        server.stop()?;
    } else {
        notes.push("SKIPPED: there is no pgbench here".to_owned());
    }
    Ok(Section {
        name: "postgres",
        text: "Postgres alone: transactions of one inserted row each, by pgbench.".to_owned(),
        columns: vec!["connections", "commits/s", "mean ms"],
        rows,
        notes,
        targets: Vec::new(),
        json: Value::Array(results),
    })
}

/// Reads the number that stands behind `label`.
fn number(text: &str, label: &str) -> Result<f64> {
    let rest = text
        .split_once(label)
        .with_context(|| format!("no {label} in {text}"))?
        .1;
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    Ok(rest[..end].parse()?)
}
