//! `poll`: how close the availability poll comes to a bare axum handler that returns the same bytes.
//!
//! What makes it fair: both are processes of their own with the same number of worker threads (one
//! by default, so that on two processors the driver has the other and the server is the bottleneck),
//! asked by the same light client over as many connections, in short rounds that alternate and
//! change places, so that a noisy moment of the machine hits both. The ratio is taken round by
//! round. Both send the same headers: the bare one copies all that the server sent, request id too.
//!
//! Half load is half of what driver and server reach together when each answer is followed by the next request; then
//! requests are sent at fixed times, in the same turns, and latency counts from those times on.

mod comparison;
mod contender;
mod memory;
mod steady;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Args;
use serde_json::{Map, Value};

use self::comparison::{Comparison, NAMES, compare};
use self::contender::Contender;
use self::memory::Widgets;
use crate::bare::{Bare, Canned};
use crate::http::{Client, request};
use crate::report::{Section, Target};
use crate::server::{DataFolder, Server, ServerOptions};
use crate::tenant::Tenant;

/// Promise: at least so much of the bare handler's requests a second.
const RATIO_MIN: f64 = 0.9;

/// Promise: at most so long at half load, in milliseconds.
const P99_MS_MAX: f64 = 2.0;

/// Promise: so many widgets take at most so many megabytes.
const WIDGETS: u32 = 100_000;
const WIDGETS_MB_MAX: f64 = 200.0;

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
    /// Widgets of which the memory is measured; 0 leaves that out
    #[arg(long, default_value_t = 100_000)]
    widgets: usize,
}

/// Measures.
pub(crate) async fn run(server: &ServerOptions, options: &PollOptions) -> Result<Section> {
    let folder = DataFolder::new(server)?;
    let lone = ServerOptions {
        threads: Some(options.threads),
        ..server.clone()
    };
    let running = Server::start(&lone, &folder).await?;
    let tenant = Tenant::create(running.address, 0, 1).await?;
    let path = format!("/v1/widget/{}/availability", tenant.widget_key);

    let (fresh, ok) = sample(running.address, &path, None).await?;
    ensure!(fresh == 200, "the poll was answered {fresh}");
    let etag = ok
        .headers
        .iter()
        .find(|(name, _)| name == "etag")
        .map(|(_, value)| value.clone());
    let (known, not_modified) = sample(running.address, &path, etag.as_deref()).await?;
    ensure!(
        known == 304,
        "a poll that knows the answer was answered {known}"
    );
    let bare = Bare::start(&path, &ok, &not_modified, options.threads)?;
    wait_for(bare.address).await?;

    let both = [(running.id(), running.address), (bare.id(), bare.address)].map(|(id, address)| {
        Contender {
            id,
            address,
            connections: options.pollers,
        }
    });
    let mut comparisons = Vec::new();
    for (status, tag) in [(200, None), (304, etag.as_deref())] {
        comparisons.push(compare(&both, &path_request(&path, tag), status, options).await?);
    }
    drop(bare);
    running.stop()?;
    let mut section = section(&comparisons, options);
    if options.widgets > 0 {
        // With as many threads as it takes by itself: each keeps some memory of its own.
        add_widgets(&mut section, &memory::measure(server, options).await?);
    }
    Ok(section)
}

fn add_widgets(section: &mut Section, widgets: &Widgets) {
    let megabytes = widgets.megabytes(WIDGETS);
    section.targets.push(Target {
        what: format!(
            "{:.0} bytes a widget in memory: {megabytes:.0} MB for {WIDGETS} (at most {WIDGETS_MB_MAX:.0})",
            widgets.bytes_each()
        ),
        met: megabytes <= WIDGETS_MB_MAX,
    });
    section.notes.push(widgets.note());
    if let Value::Object(map) = &mut section.json {
        map.insert("widgets".to_owned(), widgets.json());
    }
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
                "{status}: {:.1} % of the bare handler's requests/s (at least {:.0} %)",
                ratio * 100.0,
                RATIO_MIN * 100.0
            ),
            met: ratio >= RATIO_MIN,
        });
        let [p99, bare] = [0, 1].map(|which| comparison.half_p99(which));
        targets.push(Target {
            what: format!(
                "{status}: p99 {p99:.2} ms at half load, the bare handler's {bare:.2} ms (under {P99_MS_MAX} ms)"
            ),
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
            "{status}: half load is {:.0} requests/s for both; the driver itself was late by p99 {:.2} and \
             {:.2} ms, which is part of the latencies; {} bytes an answer",
            comparison.half_rate,
            comparison.lateness[0].ms(99.0),
            comparison.lateness[1].ms(99.0),
            comparison.bytes
        ));
        json.insert(status.to_string(), comparison.json());
    }
    Section {
        name: "poll",
        text: format!(
            "Availability polls against a bare axum handler that returns the same bytes: {} rounds \
             of {} s each in turn, {} connections, {} worker thread(s) on either side. Requests/s \
             are medians; latencies are at half load on an open-loop schedule, all rounds together; a target's p99 is \
             the median of the rounds.",
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
