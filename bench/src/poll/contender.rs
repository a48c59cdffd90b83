//! One of the two that are compared, and the two ways to ask it: as fast as it answers, and at fixed
//! times.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::http::Client;
use crate::latency::Latencies;
use crate::pace::{Pacer, Schedule};

/// One of the two, with the connections to it.
pub(super) struct Contender {
    /// The number of its process.
    pub(super) id: u32,
    /// Idle ones; they are kept over all rounds.
    pub(super) clients: Vec<Client>,
}

impl Contender {
    /// Connects to it.
    pub(super) async fn new(id: u32, address: SocketAddr, connections: usize) -> Result<Self> {
        let mut clients = Vec::with_capacity(connections);
        for _ in 0..connections {
            clients.push(Client::connect(address).await?);
        }
        Ok(Self { id, clients })
    }

    /// Asks on all connections as fast as answers come. Returns how many a second were answered.
    pub(super) async fn closed_loop(
        &mut self,
        request: &Arc<[u8]>,
        status: u16,
        length: Duration,
    ) -> Result<f64> {
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for mut client in self.clients.drain(..) {
            let request = Arc::clone(request);
            tasks.spawn(async move {
                let mut count = 0_u32;
                while start.elapsed() < length {
                    let got = client.ask(&request).await?;
                    ensure!(got == status, "a poll was answered {got}");
                    count += 1;
                }
                Ok((client, count))
            });
        }
        let mut total = 0.0;
        while let Some(joined) = tasks.join_next().await {
            let (client, count) = joined??;
            self.clients.push(client);
            total += f64::from(count);
        }
        Ok(total / start.elapsed().as_secs_f64())
    }

    /// Asks at fixed times, whatever the answers do. Returns latencies from those times on, and how
    /// late the schedule itself was.
    pub(super) async fn open_loop(
        &mut self,
        request: &Arc<[u8]>,
        schedule: Schedule,
    ) -> Result<(Latencies, Latencies)> {
        let mut tasks = JoinSet::new();
        let mut senders = Vec::new();
        for mut client in self.clients.drain(..) {
            let (sender, mut due) = mpsc::unbounded_channel::<Instant>();
            senders.push(sender);
            let request = Arc::clone(request);
            tasks.spawn(async move {
                let mut latencies = Latencies::new();
                while let Some(due) = due.recv().await {
                    client.ask(&request).await?;
                    latencies.record(due.elapsed());
                }
                anyhow::Ok((client, latencies))
            });
        }
        let turns = u64::try_from(senders.len())?;
        let pacer = Pacer::run(schedule, move |index| {
            let sender = usize::try_from(index % turns)
                .ok()
                .and_then(|turn| senders.get(turn));
            // A task that ended early tells its error when it is joined.
            let _ = sender.map(|sender| sender.send(schedule.due(index)));
        });
        let lateness = pacer.finish().await?;
        let mut latencies = Latencies::new();
        while let Some(joined) = tasks.join_next().await {
            let (client, own) = joined??;
            self.clients.push(client);
            latencies.add(&own);
        }
        Ok((latencies, lateness))
    }
}
