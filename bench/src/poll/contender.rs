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

/// One of the two.
pub(super) struct Contender {
    /// The number of its process.
    pub(super) id: u32,
    pub(super) address: SocketAddr,
    /// How many connections it is asked on.
    pub(super) connections: usize,
}

impl Contender {
    /// Fresh connections for one round: the server closes those that were idle for long, as the
    /// ones to it would be while it is the other's turn.
    async fn connect(&self) -> Result<Vec<Client>> {
        let mut clients = Vec::with_capacity(self.connections);
        for _ in 0..self.connections {
            clients.push(Client::connect(self.address).await?);
        }
        Ok(clients)
    }

    /// How many bytes its answer has.
    pub(super) async fn answer_bytes(&self, request: &[u8]) -> Result<usize> {
        let mut client = Client::connect(self.address).await?;
        client.ask(request).await?;
        Ok(client.answer_bytes())
    }

    /// Asks on all connections as fast as answers come. Returns how many a second were answered.
    pub(super) async fn closed_loop(
        &self,
        request: &Arc<[u8]>,
        status: u16,
        length: Duration,
    ) -> Result<f64> {
        let clients = self.connect().await?;
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for mut client in clients {
            let request = Arc::clone(request);
            tasks.spawn(async move {
                let mut count = 0_u32;
                while start.elapsed() < length {
                    let got = client.ask(&request).await?;
                    ensure!(got == status, "a poll was answered {got}");
                    count += 1;
                }
                anyhow::Ok(count)
            });
        }
        let mut total = 0.0;
        while let Some(joined) = tasks.join_next().await {
            total += f64::from(joined??);
        }
        Ok(total / start.elapsed().as_secs_f64())
    }

    /// Asks at fixed times, whatever the answers do. Returns latencies from those times on, and how
    /// late the schedule itself was.
    pub(super) async fn open_loop(
        &self,
        request: &Arc<[u8]>,
        schedule: Schedule,
    ) -> Result<(Latencies, Latencies)> {
        let mut tasks = JoinSet::new();
        let mut senders = Vec::new();
        for mut client in self.connect().await? {
            let (sender, mut due) = mpsc::unbounded_channel::<Instant>();
            senders.push(sender);
            let request = Arc::clone(request);
            tasks.spawn(async move {
                let mut latencies = Latencies::new();
                while let Some(due) = due.recv().await {
                    client.ask(&request).await?;
                    latencies.record(due.elapsed());
                }
                anyhow::Ok(latencies)
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
            latencies.add(&joined??);
        }
        Ok((latencies, lateness))
    }
}
