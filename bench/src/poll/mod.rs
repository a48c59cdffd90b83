//! `poll`: how close the availability poll comes to a bare axum handler that returns the same bytes.
//!
//! What makes it fair: both are processes of their own with the same number of worker threads (one
//! by default, so that on two processors the driver has the other and the server is the bottleneck),
//! asked by the same light client over as many connections, in short rounds that alternate and
//! change places, so that a noisy moment of the machine hits both. The ratio is taken round by
//! round. Both send the same headers: the bare one copies all that the server sent, request id too.

mod comparison;
mod contender;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Args;
use serde_json::{Map, Value};

use self::comparison::{Comparison, NAMES, compare};
use self::contender::Contender;
use crate::bare::{Bare, Canned};
use crate::http::{Client, request};
use crate::report::{Section, Target};
use crate::server::{DataFolder, Server, ServerOptions};
use crate::tenant::Tenant;

/// Promise: at least so much of the bare handler's requests a second; the wish is [`RATIO_WISHED`].
const RATIO_MIN: f64 = 0.8;

/// What would leave nothing to wish for.
const RATIO_WISHED: f64 = 0.9;

/// Promise: at most so long at half load, in milliseconds.
const P99_MS_MAX: f64 = 2.0;

/// How the poll is measured.
#[derive(Args, Clone, Debug)]
pub(crate) struct PollOptions {
    /// Rounds for each kind of answer
    #[arg(long, default_value_t = 10)]
    rounds: usize,
    /// Seconds of a round
    #[arg(long, default_value_t = 2.0)]
    round_seconds: f64,
    /// Connections, fresh for each round
    #[arg(long, default_value_t = 64)]
    pollers: usize,
    /// Worker threads of the server and of the bare handler
    #[arg(long, default_value_t = 1)]
    threads: usize,
}

/// Measures.
pub(crate) async fn run(server: &ServerOptions, options: &PollOptions) -> Result<Section> {
    let folder = DataFolder::new(server)?;
    let server_options = ServerOptions {
        threads: Some(options.threads),
        ..server.clone()
    };
    let server = Server::start(&server_options, &folder).await?;
    let tenant = Tenant::create(server.address, 0, 1).await?;
    let path = format!("/v1/widget/{}/availability", tenant.widget_key);

    let (fresh, ok) = sample(server.address, &path, None).await?;
    ensure!(fresh == 200, "the poll was answered {fresh}");
    let etag = ok
        .headers
        .iter()
        .find(|(name, _)| name == "etag")
        .map(|(_, value)| value.clone());
    let (known, not_modified) = sample(server.address, &path, etag.as_deref()).await?;
    ensure!(
        known == 304,
        "a poll that knows the answer was answered {known}"
    );
    let bare = Bare::start(&path, &ok, &not_modified, options.threads)?;
    wait_for(bare.address).await?;

    let both =
        [(server.id(), server.address), (bare.id(), bare.address)].map(|(id, address)| Contender {
            id,
            address,
            connections: options.pollers,
        });
    let mut comparisons = Vec::new();
    for (status, tag) in [(200, None), (304, etag.as_deref())] {
        comparisons.push(compare(&both, &path_request(&path, tag), status, options).await?);
    }
    drop(bare);
    server.stop()?;
    Ok(section(&comparisons, options))
}

/// What a widget on another site's page sends: with the page's origin, as browsers do.
fn path_request(path: &str, etag: Option<&str>) -> Vec<u8> {
    let mut headers = vec![("origin", "https://shop.example"), ("accept", "*/*")];
    headers.extend(etag.map(|etag| ("if-none-match", etag)));
    request("GET", path, &headers, "")
}

async fn sample(address: SocketAddr, path: &str, etag: Option<&str>) -> Result<(u16, Canned)> {
    let mut client = Client::connect(address).await?;
    let status = client.ask(&path_request(path, etag)).await?;
    let body = String::from_utf8(client.body().to_vec())?;
    Ok((
        status,
        Canned {
            headers: client.headers(),
            body,
        },
    ))
}

async fn wait_for(address: SocketAddr) -> Result<()> {
    for _ in 0..500 {
        if Client::connect(address).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    anyhow::bail!("the bare handler does not listen");
}

fn section(comparisons: &[Comparison], options: &PollOptions) -> Section {
    let (mut rows, mut targets, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    let mut json = Map::new();
    for comparison in comparisons {
        for (which, name) in NAMES.iter().enumerate() {
            let mut row = vec![format!("{} {name}", comparison.status)];
            row.push(format!("{:.0}", comparison.rate(which)));
            row.push(format!("{:.1}", comparison.cpu_us[which]));
            row.extend(comparison.half[which].cells());
            rows.push(row);
        }
        let (status, ratio) = (comparison.status, comparison.ratio());
        targets.push(Target {
            what: format!(
                "{status}: {:.1} % of the bare handler's requests/s (at least {:.0} %, wished {:.0} %)",
                ratio * 100.0,
                RATIO_MIN * 100.0,
                RATIO_WISHED * 100.0
            ),
            met: ratio >= RATIO_MIN,
        });
        let p99 = comparison.half[0].ms(99.0);
        targets.push(Target {
            what: format!("{status}: p99 {p99:.2} ms at half load (under {P99_MS_MAX} ms)"),
            met: p99 < P99_MS_MAX,
        });
        let each: Vec<String> = comparison
            .rounds
            .iter()
            .map(|rates| format!("{:.1}", rates[0] / rates[1] * 100.0))
            .collect();
        notes.push(format!(
            "{status}: the ratio round by round, in %: {}",
            each.join(", ")
        ));
        notes.push(format!(
            "{status}: half load is {:.0} requests/s for both; the driver's schedule was late by \
             p99 {:.2} ms, which is part of the latencies; {} bytes an answer",
            comparison.half_rate,
            comparison.lateness.ms(99.0),
            comparison.bytes
        ));
        json.insert(status.to_string(), comparison.json());
    }
    Section {
        name: "poll",
        text: format!(
            "Availability polls against a bare axum handler that returns the same bytes: {} rounds \
             of {} s each in turn, {} connections, {} worker thread(s) on either side. Requests/s \
             are medians; latencies are at half load on an open-loop schedule.",
            options.rounds, options.round_seconds, options.pollers, options.threads
        ),
        columns: vec![
            "answer",
            "requests/s",
            "CPU us each",
            "p50 ms",
            "p90 ms",
            "p99 ms",
            "max ms",
        ],
        rows,
        notes,
        targets,
        json: Value::Object(json),
    }
}
