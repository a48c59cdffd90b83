//! One party of the chats: a visitor or an agent at its socket.
//!
//! It sends when it is told to, accepts every offer, and writes down what it hears and when. What
//! that means is for the ledger to say, after the fact.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context, Result};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::socket::{Frame, Side, Socket};

/// What a party is told to do.
pub(super) enum Order {
    /// Send message `number`.
    Send { number: u64, chat_id: Uuid },
    /// Hand over what was written down so far.
    Report(oneshot::Sender<Log>),
}

/// An acknowledgement of an own message.
pub(super) struct Acknowledged {
    pub(super) number: u64,
    pub(super) seq: u64,
    pub(super) at: Instant,
}

/// A message of anybody, as it arrived.
pub(super) struct Seen {
    pub(super) chat_id: Uuid,
    pub(super) number: u64,
    pub(super) seq: u64,
    pub(super) at: Instant,
}

/// What a party has written down.
#[derive(Default)]
pub(super) struct Log {
    pub(super) acknowledged: Vec<Acknowledged>,
    pub(super) seen: Vec<Seen>,
    /// What went wrong, and how often.
    pub(super) faults: BTreeMap<String, u64>,
}

/// What all parties have done together.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) acknowledged: AtomicU64,
    /// Messages that were answered by an error.
    pub(super) refused: AtomicU64,
    /// Messages that each party saw, own ones included.
    pub(super) seen: AtomicU64,
    /// Sockets that are gone.
    pub(super) lost: AtomicU64,
}

/// A party with its socket.
pub(super) struct Party {
    pub(super) side: Side,
    /// Its place among those of its side.
    pub(super) index: usize,
    pub(super) socket: Socket,
    pub(super) progress: Arc<Progress>,
    /// Where agents tell which chats they are in.
    pub(super) joined: mpsc::UnboundedSender<(Uuid, usize)>,
}

impl Party {
    /// Follows orders until nobody is left to give any.
    pub(super) async fn play(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut log = Log::default();
        let mut alive = true;
        loop {
            let done = tokio::select! {
                order = orders.recv() => match order {
                    None => return,
                    Some(Order::Report(to)) => {
                        // Who asked may have given up.
                        let _ = to.send(std::mem::take(&mut log));
                        Ok(())
                    }
                    Some(Order::Send { number, chat_id }) if alive => {
                        self.socket.send(message(number, chat_id)).await
                    }
                    Some(Order::Send { .. }) => Ok(()),
                },
                text = self.socket.receive(), if alive => match text {
                    Ok(text) => self.hear(&text, &mut log).await,
                    Err(error) => Err(error),
                },
            };
            if let Err(error) = done {
                alive = false;
                self.progress.lost.fetch_add(1, Ordering::Relaxed);
                log.fault(format!(
                    "a socket of side {:?} was lost: {error:#}",
                    self.side
                ));
            }
        }
    }

    async fn hear(&mut self, text: &str, log: &mut Log) -> Result<()> {
        let at = Instant::now();
        let frame: Frame =
            serde_json::from_str(text).with_context(|| format!("read the frame {text}"))?;
        match frame.kind {
            "ok" => {
                if let Some(message) = frame.message {
                    let number = number(message.id)?;
                    log.acknowledged.push(Acknowledged {
                        number,
                        seq: message.seq,
                        at,
                    });
                    self.progress.acknowledged.fetch_add(1, Ordering::Relaxed);
                }
            }
            "error" => {
                self.progress.refused.fetch_add(1, Ordering::Relaxed);
                let code = frame.code.context("no code")?;
                log.fault(format!("a message was refused: {code}"));
            }
            "chat.message" => {
                let message = frame.message.context("no message")?;
                let chat_id = Uuid::parse_str(frame.chat_id.context("no chat_id")?)?;
                let number = number(message.id)?;
                log.seen.push(Seen {
                    chat_id,
                    number,
                    seq: message.seq,
                    at,
                });
                self.progress.seen.fetch_add(1, Ordering::Relaxed);
            }
            "offer.made" => {
                let (chat_id, offer) = (frame.chat_id.context("no chat_id")?, frame.offer);
                let offer = offer.context("no offer")?;
                let accept = format!(
                    r#"{{"id":"accept","type":"chat.accept","chat_id":"{chat_id}","offer":{offer}}}"#
                );
                self.socket.send(accept).await?;
            }
            "chat.accepted" if self.side == Side::Agent => {
                let chat_id = Uuid::parse_str(frame.chat_id.context("no chat_id")?)?;
                // Nobody listens once all chats have begun.
                let _ = self.joined.send((chat_id, self.index));
            }
            _ => {}
        }
        Ok(())
    }
}

impl Log {
    fn fault(&mut self, fault: String) {
        *self.faults.entry(fault).or_default() += 1;
    }
}

/// The frame of message `number`, with a text as long as people's messages are.
fn message(number: u64, chat_id: Uuid) -> String {
    format!(
        r#"{{"id":"m{number}","type":"chat.send","chat_id":"{chat_id}","message":{{"id":"m{number}","text":"Thank you, that is message {number}: the parcel has not arrived yet, could you look?"}}}}"#
    )
}

/// The number in a message's id.
fn number(id: &str) -> Result<u64> {
    let digits = id
        .strip_prefix('m')
        .with_context(|| format!("{id} is no message of ours"))?;
    Ok(digits.parse()?)
}
