//! One of the two that are compared, and the two ways to ask it: as fast as it answers, and at fixed
//! times.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::task::JoinSet;

use super::steady::{self, Exchange};
use crate::http::Client;
use crate::latency::Latencies;
use crate::pace::Schedule;

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
    /// late the driver itself was.
    pub(super) async fn open_loop(
        &self,
        request: &Arc<[u8]>,
        status: u16,
        schedule: Schedule,
    ) -> Result<(Latencies, Latencies)> {
        let answer_bytes = self.answer_bytes(request).await?;
        let (address, connections) = (self.address, self.connections);
        let request = Arc::clone(request);
        let asking = tokio::task::spawn_blocking(move || {
            let exchange = Exchange {
                request: &request,
                status,
                answer_bytes,
            };
            steady::run(address, connections, exchange, schedule)
        });
        asking.await?
    }
}
