//! `presence`: a thousand agents of one tenant who all watch each other.
//!
//! Each agent has a socket of its own and watches everybody (`presence.watch`). First single changes are made, one
//! after the other: a change counts from the moment at which it is sent to that at which the last of all sockets has
//! heard of it. Then a storm: agents in turn set their own status over their sockets, on an open-loop schedule that
//! does not wait for the server. The server's processor time is read from `/proc`, before the storm with nothing to
//! do but heartbeats, and over the storm. At the end each watcher must know what `GET /v1/presence` says.

mod frames;
mod outcome;
mod watcher;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Deserialize;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use self::frames::{Agents, Frame, Frames, Line, LineText};
use self::outcome::{Outcome, Storm};
use self::watcher::{Order, Watched, Watcher};
use crate::crowd::{Crowd, log_in};
use crate::database::Database;
use crate::http::{Client, request};
use crate::latency::Latencies;
use crate::pace::{Pacer, Schedule};
use crate::process::{CpuSeconds, cpu_split, memory};
use crate::report::Section;
use crate::server::{DataFolder, Server, ServerOptions};
use crate::socket::{Side, Socket};

/// How many sockets open at the same time.
const OPENING_MAX: usize = 32;

/// A frame of a storm is read in few steps.
const READ_BUFFER_BYTES: usize = 65_536;

/// What agents set in turn; each shifted by its place, so that at any time a third of them is online.
const STATUSES: [&str; 3] = ["online", "away", "invisible"];

/// Longer than any change takes that arrives at all.
const GIVE_UP: Duration = Duration::from_secs(20);

/// How presence is measured.
#[derive(Args, Clone, Debug)]
pub(crate) struct PresenceOptions {
    /// Agents, each with a socket that watches
    #[arg(long, default_value_t = 1000)]
    watchers: usize,
    /// Single changes
    #[arg(long, default_value_t = 100)]
    changes: usize,
    /// Changes a second of the storm
    #[arg(long, default_value_t = 1000.0)]
    storm_rate: f64,
    /// Seconds of the storm
    #[arg(long, default_value_t = 30.0)]
    storm_seconds: f64,
    /// Seconds without a change before the storm
    #[arg(long, default_value_t = 10)]
    calm_seconds: u64,
}

/// Measures.
pub(crate) async fn run(server: &ServerOptions, options: &PresenceOptions) -> Result<Section> {
    let folder = DataFolder::new(server)?;
    let server = Server::start(server, &folder).await?;
    let crowd = Crowd {
        first: 0,
        tenants: 1,
        agents: options.watchers,
        widgets: 1,
    };
    crowd.write(&Database::of(&folder))?;
    let tokens = log_in(
        server.address,
        (0..options.watchers).map(|agent| (0, agent)),
    )
    .await?;
    let token = tokens.first().context("there is nobody")?;
    let mut ids = vec![String::new(); options.watchers];
    for row in list(server.address, token).await? {
        ids[row.number] = row.id;
    }
    let room = Room::open(server.address, tokens, ids).await?;

    let single = room.single_changes(options.changes).await?;
    room.settle().await?;
    let calm = Duration::from_secs(options.calm_seconds);
    let before = Cpu::now(server.id());
    tokio::time::sleep(calm).await;
    let calm = Cpu::now(server.id()).since(&before);

    // One round in which each agent comes to where its first measured change starts from.
    room.storm(
        options,
        0,
        f64::from(u32::try_from(room.watchers.len())?) / options.storm_rate,
    )
    .await?;
    room.settle().await?;
    room.watched.take_acknowledged();
    let frames_before = room.watched.frames.count();
    let before = Cpu::now(server.id());
    let schedule = room.storm(options, 1, options.storm_seconds).await?;
    let cpu = Cpu::now(server.id()).since(&before);
    room.settle().await?;

    let storm = Storm {
        reach: room.reach(schedule, frames_before),
        acknowledged: room.watched.take_acknowledged(),
        sent: schedule.count,
        refused: room.watched.refused.load(Ordering::Relaxed),
        deliveries: room.watched.frames.with(frames_before, |frames| {
            frames.iter().map(|frame| frame.heard as u64).sum()
        }),
        bytes: room.watched.frames.with(frames_before, |frames| {
            frames
                .iter()
                .map(|frame| (frame.heard * frame.bytes()) as u64)
                .sum()
        }),
        cpu,
    };
    let outcome = Outcome {
        watchers: options.watchers,
        single,
        calm,
        storm,
        lost: room.watched.losses(),
        wrong: room.wrong(server.address).await?,
        memory: memory(server.id())?,
    };
    drop(room);
    server.stop()?;
    Ok(outcome.section(options))
}

/// Processor time of the server, split, and of the others, with the moment of reading.
pub(super) struct Cpu {
    pub(super) at: Instant,
    pub(super) seconds: f64,
    pub(super) all: CpuSeconds,
    pub(super) user: f64,
    pub(super) system: f64,
}

impl Cpu {
    fn now(server: u32) -> Self {
        let (user, system) = cpu_split(server);
        Self {
            at: Instant::now(),
            seconds: 0.0,
            all: CpuSeconds::now(server),
            user,
            system,
        }
    }

    fn since(self, earlier: &Self) -> Self {
        Self {
            seconds: (self.at - earlier.at).as_secs_f64(),
            at: self.at,
            all: self.all.since(earlier.all),
            user: self.user - earlier.user,
            system: self.system - earlier.system,
        }
    }
}

/// All watchers.
struct Room {
    watched: Arc<Watched>,
    watchers: Vec<mpsc::UnboundedSender<Order>>,
    /// The access token of one of them.
    token: String,
    /// Dropping it ends them.
    _tasks: JoinSet<()>,
}

impl Room {
    /// Opens a socket for each token, some at a time. `ids` are the agents in the same order.
    async fn open(address: SocketAddr, tokens: Vec<String>, ids: Vec<String>) -> Result<Self> {
        let token = tokens.first().context("there is nobody")?.clone();
        let watched = Arc::new(Watched::new(Frames::new(Agents::new(ids))));
        let mut places = vec![None; tokens.len()];
        let mut opening: JoinSet<Result<(usize, _)>> = JoinSet::new();
        let mut tasks = JoinSet::new();
        let mut waiting = tokens.into_iter().enumerate();
        loop {
            while opening.len() < OPENING_MAX
                && let Some((me, token)) = waiting.next()
            {
                let watched = Arc::clone(&watched);
                opening.spawn(async move {
                    let socket =
                        Socket::open_with(address, Side::Agent, &token, READ_BUFFER_BYTES).await?;
                    Ok((me, Watcher::begin(socket, watched).await?))
                });
            }
            let Some(opened) = opening.join_next().await else {
                break;
            };
            let (of_agent, listener) = opened??;
            let (sender, orders) = mpsc::unbounded_channel();
            places[of_agent] = Some(sender);
            tasks.spawn(listener.play(orders));
        }
        let watchers: Option<Vec<_>> = places.into_iter().collect();
        Ok(Self {
            watched,
            watchers: watchers.context("a socket was not opened")?,
            token,
            _tasks: tasks,
        })
    }

    /// Changes one agent after the other; returns how long it took until the last socket had each change.
    async fn single_changes(&self, changes: usize) -> Result<Latencies> {
        self.settle().await?;
        let mut latencies = Latencies::new();
        for change in 0..changes {
            let agent = change * 7919 % self.watchers.len();
            let status = STATUSES[1 + change / self.watchers.len() % 2];
            let after = self.watched.frames.count();
            let began = Instant::now();
            self.order(agent, Order::Set(status, began))?;
            let heard = async {
                loop {
                    self.watched.heard_by_all.notified().await;
                    let by_all =
                        |frame: &&Frame| frame.heard == self.watchers.len() && frame.names(agent);
                    let last = self
                        .watched
                        .frames
                        .with(after, |frames| frames.iter().find(by_all).map(|f| f.last));
                    if let Some(last) = last {
                        return last;
                    }
                }
            };
            let last = tokio::time::timeout(GIVE_UP, heard).await;
            let last = last.with_context(|| format!("change {change} did not reach all"))?;
            latencies.record(last - began);
        }
        Ok(latencies)
    }

    /// Lets agents set their status in turn. Returns the schedule when its last change was acknowledged.
    async fn storm(
        &self,
        options: &PresenceOptions,
        first_round: u64,
        seconds: f64,
    ) -> Result<Schedule> {
        let schedule = Schedule::soon(options.storm_rate, Duration::from_secs_f64(seconds));
        let watchers = self.watchers.clone();
        let agents = watchers.len() as u64;
        let pacer = Pacer::run(schedule, move |index| {
            let (round, agent) = (first_round + index / agents, index % agents);
            let status = usize::try_from((round + agent) % 3).map(|place| STATUSES[place]);
            let watcher = usize::try_from(agent)
                .ok()
                .and_then(|agent| watchers.get(agent));
            if let (Ok(status), Some(watcher)) = (status, watcher) {
                // A watcher that is gone has told why.
                let _ = watcher.send(Order::Set(status, schedule.due(index)));
            }
        });
        pacer.finish().await?;
        let asked = Instant::now();
        let refused = || self.watched.refused.load(Ordering::Relaxed);
        while self.watched.count_acknowledged() + refused() < schedule.count
            && asked.elapsed() < GIVE_UP
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(schedule)
    }

    /// Waits until nobody has heard anything for a while.
    async fn settle(&self) -> Result<()> {
        let began = Instant::now();
        loop {
            let heard = || {
                self.watched.frames.with(0, |frames| {
                    frames
                        .iter()
                        .rev()
                        .take(16)
                        .map(|frame| frame.heard)
                        .sum::<usize>()
                })
            };
            let before = (self.watched.frames.count(), heard());
            tokio::time::sleep(Duration::from_secs(1)).await;
            if before == (self.watched.frames.count(), heard()) {
                return Ok(());
            }
            ensure!(
                began.elapsed() < GIVE_UP * 3,
                "the watchers hear no end of it"
            );
        }
    }

    /// How long each change of a storm took until the last socket had it.
    fn reach(&self, schedule: Schedule, after: usize) -> Latencies {
        let agents = self.watchers.len() as u64;
        let mut latencies = Latencies::new();
        self.watched.frames.with(after, |frames| {
            for index in 0..schedule.count {
                let due = schedule.due(index);
                let agent = usize::try_from(index % agents).unwrap_or(0);
                let told = |frame: &&Frame| frame.first >= due && frame.names(agent);
                let start = frames.partition_point(|frame| frame.first < due);
                if let Some(frame) = frames[start..].iter().find(told) {
                    latencies.record(frame.last.saturating_duration_since(due));
                }
            }
        });
        latencies
    }

    /// How many watchers know something else than the server says.
    async fn wrong(&self, address: SocketAddr) -> Result<usize> {
        let mut right = vec![Line::default(); self.watchers.len()];
        for row in list(address, &self.token).await? {
            right[row.number] = row.line;
        }
        let mut wrong = 0;
        for watcher in &self.watchers {
            let (sender, known) = oneshot::channel();
            // One that is gone knows nothing.
            let _ = watcher.send(Order::Report(sender));
            if known.await.is_ok_and(|known| known == right) {
                continue;
            }
            wrong += 1;
        }
        Ok(wrong)
    }

    fn order(&self, agent: usize, order: Order) -> Result<()> {
        self.watchers[agent]
            .send(order)
            .map_err(|_| anyhow::anyhow!("a socket was lost: {:?}", self.watched.losses()))
    }
}

/// An agent, as the server lists it.
struct Listed {
    /// The number in its name.
    number: usize,
    id: String,
    line: Line,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    data: Vec<Row<'a>>,
    next_cursor: Option<&'a str>,
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    presence: LineText<'a>,
    agent: RowAgent<'a>,
    load: u32,
}

#[derive(Deserialize)]
struct RowAgent<'a> {
    id: &'a str,
    name: &'a str,
}

impl Row<'_> {
    fn listed(&self) -> Result<Listed> {
        let number = self.agent.name.strip_prefix("Agent ");
        Ok(Listed {
            number: number.context("an agent of somebody else")?.parse()?,
            id: self.agent.id.to_owned(),
            line: self.presence.line(self.load),
        })
    }
}

/// Who is online, as the server says: every page of the list.
async fn list(address: SocketAddr, token: &str) -> Result<Vec<Listed>> {
    let mut client = Client::connect(address).await?;
    let bearer = format!("Bearer {token}");
    let mut listed = Vec::new();
    let mut path = "/v1/presence?limit=200".to_owned();
    loop {
        let asked = request("GET", &path, &[("authorization", &bearer)], "");
        let status = client.ask(&asked).await?;
        ensure!(status == 200, "the list was answered {status}");
        let page: Page = serde_json::from_slice(client.body())?;
        for row in &page.data {
            listed.push(row.listed()?);
        }
        match page.next_cursor {
            Some(cursor) => path = format!("/v1/presence?limit=200&cursor={cursor}"),
            None => return Ok(listed),
        }
    }
}
