//! One agent at its socket: it watches all agents, itself among them, and sets its status when it is told to.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Result, bail};
use serde_json::json;
use tokio::sync::{Notify, mpsc, oneshot};

use super::frames::{Frames, Line};
use crate::latency::Latencies;
use crate::socket::Socket;

/// What a watcher is told to do.
pub(super) enum Order {
    /// Set the status; it was due at this moment.
    Set(&'static str, Instant),
    /// Hand over what it knows of each agent.
    Report(oneshot::Sender<Vec<Line>>),
}

/// What all watchers write down together.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) frames: Frames,
    /// The last watcher has heard a frame.
    pub(super) heard_by_all: Notify,
    /// From the moment a change was due to its acknowledgement.
    pub(super) acknowledged: Mutex<Latencies>,
    /// Changes that were answered by an error.
    pub(super) refused: AtomicU64,
    /// Why sockets are gone.
    pub(super) lost: Mutex<Vec<String>>,
}

impl Watched {
    pub(super) fn new(frames: Frames) -> Self {
        Self {
            frames,
            heard_by_all: Notify::new(),
            acknowledged: Mutex::new(Latencies::new()),
            refused: AtomicU64::new(0),
            lost: Mutex::default(),
        }
    }

    /// Takes the latencies of the acknowledgements so far.
    pub(super) fn take_acknowledged(&self) -> Latencies {
        let mut acknowledged = self
            .acknowledged
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *acknowledged, Latencies::new())
    }

    /// How many changes were acknowledged since the last time they were taken.
    pub(super) fn count_acknowledged(&self) -> u64 {
        let acknowledged = self.acknowledged.lock();
        acknowledged.unwrap_or_else(PoisonError::into_inner).count()
    }

    /// Why sockets are gone, so far.
    pub(super) fn losses(&self) -> Vec<String> {
        let lost = self.lost.lock();
        lost.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A watcher with what it knows.
pub(super) struct Watcher {
    socket: Socket,
    watched: Arc<Watched>,
    known: Vec<Line>,
    /// When the changes under way were due.
    under_way: VecDeque<Instant>,
}

impl Watcher {
    /// Goes online and begins to watch.
    pub(super) async fn begin(mut socket: Socket, watched: Arc<Watched>) -> Result<Self> {
        let online = json!({"type": "presence.set", "id": "online", "status": "online"});
        socket.send(online.to_string()).await?;
        let watch = json!({"type": "presence.watch", "id": "watch", "watch": true});
        socket.send(watch.to_string()).await?;
        let mut known = vec![Line::default(); watched.frames.agents.len()];
        loop {
            let text = socket.receive().await?;
            if text.starts_with(r#"{"type":"error""#) {
                bail!("could not begin to watch: {text}");
            }
            if text.starts_with(r#"{"type":"ok","id":"watch""#) {
                for (index, line) in watched.frames.agents.lines(&text)? {
                    known[index] = line;
                }
                break;
            }
        }
        Ok(Self {
            socket,
            watched,
            known,
            under_way: VecDeque::new(),
        })
    }

    /// Follows orders until nobody is left to give any.
    pub(super) async fn play(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        loop {
            let done = tokio::select! {
                order = orders.recv() => match order {
                    None => return,
                    Some(Order::Report(to)) => {
                        // Who asked may have given up.
                        let _ = to.send(self.known.clone());
                        Ok(())
                    }
                    Some(Order::Set(status, due)) => {
                        self.under_way.push_back(due);
                        let set = format!(r#"{{"type":"presence.set","id":"set","status":"{status}"}}"#);
                        self.socket.send(set).await
                    }
                },
                text = self.socket.receive() => match text {
                    Ok(text) => self.hear(text),
                    Err(error) => Err(error),
                },
            };
            if let Err(error) = done {
                let lost = self.watched.lost.lock();
                lost.unwrap_or_else(PoisonError::into_inner)
                    .push(format!("{error:#}"));
                return;
            }
        }
    }

    fn hear(&mut self, text: tokio_tungstenite::tungstenite::Utf8Bytes) -> Result<()> {
        if text.starts_with(r#"{"type":"presence.watched""#) {
            let (lines, by_all) = self.watched.frames.hear(text)?;
            for (index, line) in &*lines {
                self.known[*index] = *line;
            }
            if by_all {
                self.watched.heard_by_all.notify_one();
            }
        } else if text.starts_with(r#"{"type":"ok""#) {
            if let Some(due) = self.under_way.pop_front() {
                let acknowledged = self.watched.acknowledged.lock();
                acknowledged
                    .unwrap_or_else(PoisonError::into_inner)
                    .record(due.elapsed());
            }
        } else if text.starts_with(r#"{"type":"error""#) {
            self.under_way.pop_front();
            self.watched.refused.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}
