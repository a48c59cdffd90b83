//! The parties of many chats, brought together through the product's own rules: visitors ask for
//! chats, agents are offered them and accept.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::ledger::{Ledger, Step, sender};
use super::party::{Order, Party, Progress};
use crate::latency::Latencies;
use crate::pace::{Pacer, Schedule};
use crate::process::CpuSeconds;
use crate::socket::{Frame, Side, Socket};
use crate::tenant::Tenant;

/// How long all chats together may take to be accepted.
const ASSEMBLED_WITHIN: Duration = Duration::from_mins(1);

/// How long after the end of a schedule what is under way may still arrive.
const DRAINED_WITHIN: Duration = Duration::from_secs(15);

/// How many chats and agents there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) chats: usize,
    pub(super) agents: usize,
}

/// One chat: how its visitor and its agent are told what to do.
struct Chat {
    id: Uuid,
    visitor: mpsc::UnboundedSender<Order>,
    agent: mpsc::UnboundedSender<Order>,
}

/// All parties at their sockets.
pub(super) struct Cast {
    chats: Arc<Vec<Chat>>,
    everybody: Vec<mpsc::UnboundedSender<Order>>,
    progress: Arc<Progress>,
    /// How many messages have been sent.
    sent: u64,
    _tasks: JoinSet<()>,
}

/// What was seen of one schedule while it ran; the ledger has the rest.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) step: Step,
    /// How late the driver's schedule was.
    pub(super) lateness: Latencies,
    /// Messages without an answer when the last one was due.
    pub(super) backlog: u64,
    /// Whether all of them were answered and delivered in the end.
    pub(super) drained: bool,
    /// Messages that were refused, and sockets lost.
    pub(super) refused: u64,
    pub(super) lost: u64,
    /// Processor time from the first due time to the last.
    pub(super) cpu: CpuSeconds,
    pub(super) seconds: f64,
}

impl Cast {
    /// Sets up a tenant and starts all its chats.
    pub(super) async fn assemble(address: SocketAddr, size: Size) -> Result<Self> {
        ensure!(
            size.agents > 0 && size.chats > 0,
            "there must be agents and chats"
        );
        let capacity = u32::try_from(size.chats.div_ceil(size.agents))?;
        let tenant = Tenant::create(address, size.agents, capacity).await?;
        let progress = Arc::new(Progress::default());
        let (joined, mut joins) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        let mut join = |side, index, socket| {
            let (orders, received) = mpsc::unbounded_channel();
            let (progress, joined) = (Arc::clone(&progress), joined.clone());
            tasks.spawn(
                Party {
                    side,
                    index,
                    socket,
                    progress,
                    joined,
                }
                .play(received),
            );
            orders
        };

        let mut agents = Vec::with_capacity(size.agents);
        for (index, token) in tenant.agents.iter().enumerate() {
            let mut socket = Socket::open(address, Side::Agent, token).await?;
            let online = r#"{"id":"online","type":"presence.set","status":"online"}"#;
            ask(&mut socket, online).await?;
            agents.push(join(Side::Agent, index, socket));
        }
        let mut visitors = Vec::with_capacity(size.chats);
        for (index, token) in tenant.visitors(size.chats).await?.iter().enumerate() {
            let mut socket = Socket::open(address, Side::Visitor, token).await?;
            let start = r#"{"id":"start","type":"chat.start","fields":{"name":"Visitor"}}"#;
            let chat_id = ask(&mut socket, start)
                .await?
                .context("no chat in the answer")?;
            visitors.push((chat_id, join(Side::Visitor, index, socket)));
        }
        let accepted = accepted_by(&mut joins, size.chats);
        let accepted = tokio::time::timeout(ASSEMBLED_WITHIN, accepted).await;
        let accepted = accepted.context("not all chats were accepted in time")??;

        let mut everybody = agents.clone();
        let mut chats = Vec::with_capacity(size.chats);
        for (id, visitor) in visitors {
            everybody.push(visitor.clone());
            let agent = accepted.get(&id).and_then(|&index| agents.get(index));
            let agent = agent
                .context("a chat was accepted that nobody had started")?
                .clone();
            chats.push(Chat { id, visitor, agent });
        }
        Ok(Self {
            chats: Arc::new(chats),
            everybody,
            progress,
            sent: 0,
            _tasks: tasks,
        })
    }

    /// The ids of the chats in their order.
    pub(super) fn chat_ids(&self) -> Vec<Uuid> {
        self.chats.iter().map(|chat| chat.id).collect()
    }

    /// Sends messages by a schedule and waits until all have arrived, or too long. What was written
    /// down goes to the ledger.
    pub(super) async fn play(
        &mut self,
        server: u32,
        schedule: Schedule,
        ledger: &mut Ledger,
    ) -> Result<Played> {
        let first = self.sent;
        let chats = Arc::clone(&self.chats);
        let refused_before = self.progress.refused.load(Ordering::Relaxed);
        let cpu = CpuSeconds::now(server);
        let began = Instant::now();
        let pacer = Pacer::run(schedule, move |index| {
            let number = first + index;
            let (chat, side) = sender(number, chats.len());
            let chat = &chats[chat];
            let party = if side == Side::Visitor {
                &chat.visitor
            } else {
                &chat.agent
            };
            // A party is only gone when the run is.
            let _ = party.send(Order::Send {
                number,
                chat_id: chat.id,
            });
        });
        let lateness = pacer.finish().await?;
        let cpu = CpuSeconds::now(server).since(cpu);
        let seconds = began.elapsed().as_secs_f64();
        self.sent += schedule.count;
        let backlog = self.sent.saturating_sub(self.answered());
        let drained = self.drain().await;
        self.collect(ledger).await?;
        Ok(Played {
            step: Step { first, schedule },
            lateness,
            backlog,
            drained,
            refused: self.progress.refused.load(Ordering::Relaxed) - refused_before,
            lost: self.progress.lost.load(Ordering::Relaxed),
            cpu,
            seconds,
        })
    }

    fn answered(&self) -> u64 {
        let progress = &self.progress;
        progress.acknowledged.load(Ordering::Relaxed) + progress.refused.load(Ordering::Relaxed)
    }

    /// Waits until every message is answered, and each acknowledged one was seen on both sides.
    async fn drain(&self) -> bool {
        let since = Instant::now();
        while since.elapsed() < DRAINED_WITHIN {
            let seen = self.progress.seen.load(Ordering::Relaxed);
            let acknowledged = self.progress.acknowledged.load(Ordering::Relaxed);
            if self.answered() >= self.sent && seen >= 2 * acknowledged {
                return true;
            }
            if self.progress.lost.load(Ordering::Relaxed) > 0 {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    }

    async fn collect(&self, ledger: &mut Ledger) -> Result<()> {
        for (index, party) in self.everybody.iter().enumerate() {
            let (to, log) = oneshot::channel();
            ensure!(party.send(Order::Report(to)).is_ok(), "a party has gone");
            let agents = self.everybody.len() - self.chats.len();
            let side = if index < agents {
                Side::Agent
            } else {
                Side::Visitor
            };
            ledger.add(side, log.await?);
        }
        Ok(())
    }
}

/// Sends a command and returns the chat that its answer names, if it names one.
async fn ask(socket: &mut Socket, command: &str) -> Result<Option<Uuid>> {
    socket.send(command.to_owned()).await?;
    loop {
        let text = socket.receive().await?;
        let frame: Frame = serde_json::from_str(&text)?;
        match frame.kind {
            "ok" => {
                return Ok(frame
                    .chat
                    .map(|chat| Uuid::parse_str(chat.id))
                    .transpose()?);
            }
            "error" => bail!("{command} was answered by {text}"),
            _ => {}
        }
    }
}

/// Waits until `count` chats are accepted; returns which agent has which.
async fn accepted_by(
    joins: &mut mpsc::UnboundedReceiver<(Uuid, usize)>,
    count: usize,
) -> Result<std::collections::HashMap<Uuid, usize>> {
    let mut accepted = std::collections::HashMap::with_capacity(count);
    while accepted.len() < count {
        let (chat_id, agent) = joins.recv().await.context("all agents have gone")?;
        accepted.insert(chat_id, agent);
    }
    Ok(accepted)
}
