//! `rush`: everybody comes at once: how soon all offers are out, and how long an accept takes then.
//!
//! As many visitors as are asked for start a chat as fast as the driver's connections take their requests; the agents
//! have room for all of them together, and accept what rings at once, over their sockets. Out is an offer when its agent
//! has heard of it; the time counts from the first request. An accept takes from when it is sent to its `ok`, which the
//! server sends once it is durable. Every chat must have been accepted once, by one agent.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::json;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use crate::http::{Api, text};
use crate::latency::Latencies;
use crate::process::CpuSeconds;
use crate::report::{Section, Target};
use crate::server::{DataFolder, Server, ServerOptions};
use crate::socket::{Frame, Side, Socket};
use crate::tenant::Tenant;

/// Promise: all offers are out so soon.
const OFFERS_MS_MAX: f64 = 2_000.0;

/// Promise: so soon nearly all accepts are confirmed.
const ACCEPT_P99_MS_MAX: f64 = 50.0;

/// Longer than any rush takes.
const GIVE_UP: Duration = Duration::from_mins(1);

/// How a rush is measured.
#[derive(Args, Clone, Debug)]
pub(crate) struct RushOptions {
    /// Chats that are started at once
    #[arg(long, default_value_t = 2_000)]
    visitors_at_once: usize,
    /// Agents, each at a socket
    #[arg(long, default_value_t = 200)]
    desks: usize,
    /// Connections over which visitors come
    #[arg(long, default_value_t = 50)]
    callers: usize,
}

/// What an agent has heard.
enum Heard {
    /// An offer rings.
    Offer(Instant),
    /// An accept was confirmed, so long after it was sent.
    Accepted(String, Duration),
}

/// Measures.
pub(crate) async fn run(server: &ServerOptions, options: &RushOptions) -> Result<Section> {
    let folder = DataFolder::new(server)?;
    let server = Server::start(server, &folder).await?;
    let capacity = options.visitors_at_once.div_ceil(options.desks);
    let tenant = Tenant::create(server.address, options.desks, u32::try_from(capacity)?).await?;
    let visitors = tenant.visitors(options.visitors_at_once).await?;
    let (to, mut heard) = mpsc::unbounded_channel();
    let mut agents = JoinSet::new();
    for token in &tenant.agents {
        let mut socket = Socket::open(server.address, Side::Agent, token).await?;
        go_online(&mut socket).await?;
        agents.spawn(accept_all(socket, to.clone()));
    }
    drop(to);

    let cpu = CpuSeconds::now(server.id());
    let began = Instant::now();
    let starting = tokio::spawn(start_all(server.address, visitors, options.callers));
    let mut last_offer = began;
    let mut offers = 0;
    let mut accepted: HashMap<String, u32> = HashMap::with_capacity(options.visitors_at_once);
    let mut accepts = Latencies::new();
    while accepted.len() < options.visitors_at_once {
        let next = tokio::time::timeout(GIVE_UP, heard.recv()).await;
        match next.context("chats are left over")? {
            Some(Heard::Offer(at)) => {
                offers += 1;
                last_offer = last_offer.max(at);
            }
            Some(Heard::Accepted(chat_id, took)) => {
                accepts.record(took);
                *accepted.entry(chat_id).or_default() += 1;
            }
            None => bail!("all agents have gone"),
        }
    }
    let starts = starting.await??;
    let used = Used {
        cpu: CpuSeconds::now(server.id()).since(cpu),
        seconds: began.elapsed().as_secs_f64(),
    };
    agents.abort_all();
    server.stop()?;
    ensure!(
        accepted.values().all(|&times| times == 1),
        "a chat was accepted twice"
    );
    let out = last_offer.duration_since(began);
    Ok(section(options, out, offers, &starts, &accepts, &used))
}

/// What all of it took.
struct Used {
    cpu: CpuSeconds,
    seconds: f64,
}

impl Used {
    fn text(&self) -> String {
        let cpu = self.cpu;
        let [server, postgres, driver, others] =
            [cpu.server, cpu.postgres, cpu.driver, cpu.others].map(|used| used / self.seconds);
        format!(
            "Processors in use over {:.2} s: server {server:.2}, Postgres {postgres:.2}, driver {driver:.2}, others {others:.2}.",
            self.seconds
        )
    }
}

async fn go_online(socket: &mut Socket) -> Result<()> {
    let online = r#"{"id":"online","type":"presence.set","status":"online"}"#;
    socket.send(online.to_owned()).await?;
    loop {
        let text = socket.receive().await?;
        let frame: Frame = serde_json::from_str(&text)?;
        match frame.kind {
            "ok" => return Ok(()),
            "error" => bail!("an agent could not go online: {text}"),
            _ => {}
        }
    }
}

/// Accepts whatever rings, until nobody listens.
async fn accept_all(mut socket: Socket, to: mpsc::UnboundedSender<Heard>) -> Result<()> {
    let mut sent: HashMap<String, Instant> = HashMap::new();
    loop {
        let text = socket.receive().await?;
        let at = Instant::now();
        let frame: Frame = serde_json::from_str(&text)?;
        match frame.kind {
            "offer.made" => {
                let chat_id = frame.chat_id.context("no chat_id")?;
                let offer = frame.offer.context("no offer")?;
                to.send(Heard::Offer(at))?;
                let accept = format!(
                    r#"{{"id":"accept","type":"chat.accept","chat_id":"{chat_id}","offer":{offer}}}"#
                );
                sent.insert(chat_id.to_owned(), Instant::now());
                socket.send(accept).await?;
            }
            "ok" => {
                let chat_id = frame.chat.context("no chat")?.id;
                let took = sent.remove(chat_id).context("nothing was accepted")?;
                to.send(Heard::Accepted(chat_id.to_owned(), took.elapsed()))?;
            }
            "error" => bail!("an accept was refused: {text}"),
            _ => {}
        }
    }
}

/// Starts a chat for each visitor; gives how long each request took.
async fn start_all(
    address: SocketAddr,
    visitors: Vec<String>,
    connections: usize,
) -> Result<Latencies> {
    let waiting = Arc::new(Mutex::new(visitors));
    let mut callers = JoinSet::new();
    for _ in 0..connections {
        let waiting = Arc::clone(&waiting);
        let mut api = Api::connect(address).await?;
        callers.spawn(async move {
            let mut took = Latencies::new();
            loop {
                let Some(token) = waiting.lock().await.pop() else {
                    return anyhow::Ok(took);
                };
                let began = Instant::now();
                let chat = api.post("/v1/visitor/chats", &token, &json!({})).await?;
                took.record(began.elapsed());
                text(&chat, "id")?;
            }
        });
    }
    let mut all = Latencies::new();
    while let Some(took) = callers.join_next().await {
        all.add(&took??);
    }
    Ok(all)
}

fn section(
    options: &RushOptions,
    out: Duration,
    offers: usize,
    starts: &Latencies,
    accepts: &Latencies,
    used: &Used,
) -> Section {
    let row = |name: &str, latencies: &Latencies| {
        let mut row = vec![name.to_owned(), latencies.count().to_string()];
        row.extend(latencies.cells());
        row
    };
    let out_ms = out.as_secs_f64() * 1000.0;
    Section {
        name: "rush",
        text: format!(
            "{} chats started at once over {} connections, for {} agents at their sockets who accept everything.",
            options.visitors_at_once, options.callers, options.desks
        ),
        columns: vec!["what", "count", "p50 ms", "p90 ms", "p99 ms", "max ms"],
        rows: vec![
            row("start of a chat", starts),
            row("accept to its confirmation", accepts),
        ],
        notes: vec![format!("{offers} offers were made. {}", used.text())],
        targets: vec![
            Target {
                what: format!(
                    "the last offer was out after {out_ms:.0} ms (at most {OFFERS_MS_MAX})"
                ),
                met: out_ms <= OFFERS_MS_MAX,
            },
            Target {
                what: format!(
                    "p99 of accepts {:.1} ms (at most {ACCEPT_P99_MS_MAX})",
                    accepts.ms(99.0)
                ),
                met: accepts.ms(99.0) <= ACCEPT_P99_MS_MAX,
            },
        ],
        json: json!({
            "offers_out_ms": out_ms, "offers": offers, "starts": starts.json(), "accepts": accepts.json(),
        }),
    }
}
