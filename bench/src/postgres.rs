//! `postgres`: what Postgres alone does on this disk, to hold the server's durable messages against.
//!
//! `pgbench` inserts one row in each transaction, over the socket of the private Postgres of a server
//! that has nothing else to do: the same configuration, the same disk, the same wait for it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Value, json};

use crate::report::Section;
use crate::server::{DataFolder, Server, ServerOptions};

/// The private cluster's superuser and database.
const OWNER: &str = "deskbell_owner";
const DATABASE: &str = "deskbell";

/// One row of the size of a short message with its ids.
const INSERT: &str = "insert into bench_rows (body) values (repeat('x', 200));\n";

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
        let socket = folder.path().join("data").join("run");
        let script = folder.path().join("insert.sql");
        fs::write(&script, INSERT)?;
        for connections in [1_u32, 8] {
            let mut command = Command::new(&pgbench);
            command
                .arg("-h")
                .arg(&socket)
                .args(["-p", "5432", "-U", OWNER, "-n", "-f"])
                .arg(&script);
            command.args(["-c", &connections.to_string(), "-j", "1", "-M", "prepared"]);
            command.args(["-T", &options.pgbench_seconds.to_string(), DATABASE]);
            if connections == 1 {
                prepare(&pgbench, &socket)?;
            }
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

/// Makes the table that rows go to; the database goes with the server's folder.
fn prepare(pgbench: &std::path::Path, socket: &std::path::Path) -> Result<()> {
    let psql = pgbench.with_file_name("psql");
    let table = "create table bench_rows (id bigint generated always as identity primary key, \
                 body text not null)";
    let mut command = Command::new(psql);
    command
        .arg("-h")
        .arg(socket)
        .args(["-p", "5432", "-U", OWNER, "-qX", "-c", table, DATABASE]);
    let output = command.output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// Finds a client program of Postgres, in the path or where packages put it.
fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let packaged = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let packaged = packaged.map(|version| version.path().join("bin"));
    let mut folders = std::env::split_paths(&path).chain(packaged);
    folders.find_map(|folder| Some(folder.join(name)).filter(|program| program.is_file()))
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
