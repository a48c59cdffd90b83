//! The journal: what engines decide, in Postgres before anybody sees it.
//!
//! Owns the port and its Postgres adapter, a group commit: a few workers, each with one connection at a time; while a
//! commit is under way the next batches gather. Load makes groups, idleness costs no wait. Each transaction
//! first moves the rows of its tenants in `tenant_owners`, which fences out a deposed owner and keeps `event_seq`
//! gapless.

mod asides;
mod life;
mod messages;
mod offices;
mod rows;
mod setup;
mod visitors;
mod write;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::domain::{
    ChatId, ContactEntry, MessageId, Millis, NodeId, OfficeId, TenantId, Timestamp, VisitorId,
};
use crate::engine::{ChatBundle, Event, OfficeAvailability, Records, StateRecord};

use super::idempotency::IdempotencyRecord;
use super::leases::{self, Claim};
use super::{Error, Store};

/// A future of the port, boxed since the port is an object.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Where engines are loaded from and their events are made durable. The real one is [`PgJournal`]; tests wrap it to
/// lose the answer to a commit.
pub trait Journal: Send + Sync + 'static {
    /// Takes the ownership of a tenant for this node.
    fn claim(&self, tenant_id: TenantId) -> BoxFuture<Result<Claim, Error>>;
    /// Reads everything durable of a tenant's engine.
    fn load(&self, tenant_id: TenantId) -> BoxFuture<Result<StateRecord, Error>>;
    /// Reads those of these chats that are over; there need be none of them.
    fn chats(
        &self,
        tenant_id: TenantId,
        chat_ids: Vec<ChatId>,
    ) -> BoxFuture<Result<Vec<ChatBundle>, Error>>;
    /// Finds those of these messages in the inbox, each by its visitor and its id.
    fn messages_left(
        &self,
        tenant_id: TenantId,
        left: Vec<(VisitorId, MessageId)>,
    ) -> BoxFuture<Result<Vec<ChatId>, Error>>;
    /// Finds a message in the inbox of each of these offices that has any.
    fn inboxes(
        &self,
        tenant_id: TenantId,
        office_ids: Vec<OfficeId>,
    ) -> BoxFuture<Result<Vec<ChatId>, Error>>;
    /// Reads what is known of those of these visitors that had a chat before.
    fn returning(
        &self,
        tenant_id: TenantId,
        visitor_ids: Vec<VisitorId>,
    ) -> BoxFuture<Result<Vec<(VisitorId, ContactEntry)>, Error>>;
    /// Makes a batch durable; on its way when this returns, before anybody waits for it. It is there when the future gives
    /// `Ok`, and not when it gives `Refused` or `Fenced`.
    fn commit(&self, batch: Batch) -> BoxFuture<Result<(), CommitError>>;
    /// The next deadline of each tenant that this node may wake.
    fn deadlines(&self) -> BoxFuture<Result<Vec<(TenantId, Timestamp)>, Error>>;
    /// Renews this node's lease.
    fn renew_lease(&self, ttl: Millis) -> BoxFuture<Result<(), Error>>;
    /// Gives this node's lease back.
    fn release_lease(&self) -> BoxFuture<Result<(), Error>>;
}

/// An event with the numbers that the actor gave it.
#[derive(Clone, Debug)]
pub struct NumberedEvent {
    /// The tenant's gapless number.
    pub seq: u64,
    /// The number in the visitor's stream, if the visitor sees it.
    pub visitor_seq: Option<i64>,
    /// What happened.
    pub event: Arc<Event>,
}

/// An answer that is remembered for an `Idempotency-Key`.
#[derive(Clone, Debug)]
pub struct KeptAnswer {
    /// Whose key.
    pub principal: String,
    /// The key.
    pub key: String,
    /// What was asked, and what was answered.
    pub record: IdempotencyRecord,
}

/// What one tenant's actor hands in at once.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The epoch of the ownership under which this was decided.
    pub epoch: i64,
    /// The number of the last event before this batch.
    pub last_event_seq: u64,
    /// The events, numbered on from there. At least one.
    pub events: Vec<NumberedEvent>,
    /// The records that they make stale.
    pub records: Records,
    /// What visitors see from now on, of the offices of which they see something else.
    pub shown: Vec<OfficeAvailability>,
    /// Answers to remember.
    pub answers: Vec<KeptAnswer>,
    /// When the engine must next be called.
    pub next_deadline: Option<Timestamp>,
}

/// Why a batch may not be durable. In each case the engine that made it is dropped and loaded anew.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Another node owns the tenant. Nothing was written.
    #[error("the tenant has another owner")]
    Fenced,
    /// The database refused it. Nothing was written.
    #[error("the database refused the batch")]
    Refused(#[source] Error),
    /// Whether it was written is not known.
    #[error("the outcome of the commit is not known")]
    Unknown(#[source] Error),
}

/// Longer than Postgres lets a statement take: only a connection that is dead without knowing it gets here.
const COMMIT_WITHIN: std::time::Duration = std::time::Duration::from_secs(30);

struct Pending {
    batch: Batch,
    done: oneshot::Sender<Result<(), CommitError>>,
}

/// Bounds of the group commit.
#[derive(Clone, Copy, Debug)]
pub struct GroupSettings {
    /// How many commits may be under way at once.
    pub workers: u32,
    /// The most batches in one transaction: what one slow tenant's neighbours wait for.
    pub tenants_per_commit_max: usize,
    /// The most batches that wait; the actors of further ones wait with them.
    pub queue_max: usize,
}

/// The journal in Postgres.
pub struct PgJournal {
    store: Store,
    node_id: NodeId,
    pending: mpsc::Sender<Pending>,
}

impl PgJournal {
    /// Makes the journal and the futures of its workers, which the caller runs until the journal is dropped.
    pub fn new(
        store: Store,
        node_id: NodeId,
        settings: GroupSettings,
    ) -> (Self, Vec<BoxFuture<()>>) {
        let (pending, receiver) = mpsc::channel(settings.queue_max);
        let receiver = Arc::new(Mutex::new(receiver));
        let workers = (0..settings.workers)
            .map(|_| {
                let worker = Worker {
                    store: store.clone(),
                    node_id,
                    receiver: Arc::clone(&receiver),
                    most: settings.tenants_per_commit_max,
                };
                Box::pin(worker.run()) as BoxFuture<()>
            })
            .collect();
        (
            Self {
                store,
                node_id,
                pending,
            },
            workers,
        )
    }
}

impl Journal for PgJournal {
    fn claim(&self, tenant_id: TenantId) -> BoxFuture<Result<Claim, Error>> {
        let (store, node_id) = (self.store.clone(), self.node_id);
        Box::pin(async move { leases::claim(&store.claims, tenant_id, node_id).await })
    }

    fn load(&self, tenant_id: TenantId) -> BoxFuture<Result<StateRecord, Error>> {
        let store = self.store.clone();
        Box::pin(async move { store.tenant(tenant_id).await?.state_record().await })
    }

    fn chats(
        &self,
        tenant_id: TenantId,
        chat_ids: Vec<ChatId>,
    ) -> BoxFuture<Result<Vec<ChatBundle>, Error>> {
        let store = self.store.clone();
        Box::pin(async move {
            let mut tx = store.tenant(tenant_id).await?;
            tx.chat_bundles(&chat_ids).await
        })
    }

    fn messages_left(
        &self,
        tenant_id: TenantId,
        left: Vec<(VisitorId, MessageId)>,
    ) -> BoxFuture<Result<Vec<ChatId>, Error>> {
        let store = self.store.clone();
        Box::pin(async move {
            let mut tx = store.tenant(tenant_id).await?;
            tx.messages_left(&left).await
        })
    }

    fn inboxes(
        &self,
        tenant_id: TenantId,
        office_ids: Vec<OfficeId>,
    ) -> BoxFuture<Result<Vec<ChatId>, Error>> {
        let store = self.store.clone();
        Box::pin(async move {
            let mut tx = store.tenant(tenant_id).await?;
            tx.inboxes(&office_ids).await
        })
    }

    fn returning(
        &self,
        tenant_id: TenantId,
        visitor_ids: Vec<VisitorId>,
    ) -> BoxFuture<Result<Vec<(VisitorId, ContactEntry)>, Error>> {
        let store = self.store.clone();
        Box::pin(async move {
            let mut tx = store.tenant(tenant_id).await?;
            tx.returning(&visitor_ids).await
        })
    }

    fn commit(&self, batch: Batch) -> BoxFuture<Result<(), CommitError>> {
        let (done, outcome) = oneshot::channel();
        let handed_in = self.pending.try_send(Pending { batch, done });
        let pending = self.pending.clone();
        Box::pin(async move {
            let stopped = || CommitError::Unknown(Error::Unavailable(sqlx::Error::PoolClosed));
            match handed_in {
                Ok(()) => {}
                Err(TrySendError::Full(more)) => pending.send(more).await.map_err(|_| stopped())?,
                Err(TrySendError::Closed(_)) => return Err(stopped()),
            }
            outcome.await.map_err(|_| stopped())?
        })
    }

    fn deadlines(&self) -> BoxFuture<Result<Vec<(TenantId, Timestamp)>, Error>> {
        let (store, node_id) = (self.store.clone(), self.node_id);
        Box::pin(async move { leases::deadlines(&store.claims, node_id).await })
    }

    fn renew_lease(&self, ttl: Millis) -> BoxFuture<Result<(), Error>> {
        let (store, node_id) = (self.store.clone(), self.node_id);
        Box::pin(async move { leases::renew(&store.lease, node_id, ttl).await })
    }

    fn release_lease(&self) -> BoxFuture<Result<(), Error>> {
        let (store, node_id) = (self.store.clone(), self.node_id);
        Box::pin(async move { leases::release(&store.lease, node_id).await })
    }
}

struct Worker {
    store: Store,
    node_id: NodeId,
    receiver: Arc<Mutex<mpsc::Receiver<Pending>>>,
    most: usize,
}

impl Worker {
    async fn run(self) {
        let mut group = Vec::new();
        loop {
            // One worker waits at the door; the others are committing or wait behind it.
            let taken = self
                .receiver
                .lock()
                .await
                .recv_many(&mut group, self.most)
                .await;
            if taken == 0 {
                return;
            }
            metrics::histogram!(crate::telemetry::names::COMMIT_TENANTS)
                .record(u32::try_from(taken).unwrap_or(u32::MAX));
            self.commit_group(std::mem::take(&mut group)).await;
        }
    }

    /// Commits a group as one. If that is refused, each batch is tried alone, so that one tenant's fault costs only
    /// that tenant.
    async fn commit_group(&self, group: Vec<Pending>) {
        let batches: Vec<&Batch> = group.iter().map(|pending| &pending.batch).collect();
        let commit = write::commit(&self.store.commits, self.node_id, &batches);
        // A panic over one batch must not end the worker, and with it the process.
        let commit = AssertUnwindSafe(commit).catch_unwind();
        let outcome = tokio::time::timeout(COMMIT_WITHIN, commit).await;
        let unknown = || Err(CommitError::Unknown(Error::TimedOut));
        match outcome.map_or_else(|_| unknown(), |done| done.unwrap_or_else(|_| unknown())) {
            Ok(()) => {
                for pending in group {
                    // An actor that is gone needs no answer.
                    let _ = pending.done.send(Ok(()));
                }
            }
            Err(CommitError::Unknown(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "lost a commit");
                for pending in group {
                    let again = Error::Unavailable(sqlx::Error::WorkerCrashed);
                    let _ = pending.done.send(Err(CommitError::Unknown(again)));
                }
            }
            Err(error) if group.len() == 1 => {
                if let Some(pending) = group.into_iter().next() {
                    tracing::warn!(
                        tenant.id = %pending.batch.tenant_id,
                        error = &error as &dyn std::error::Error,
                        "a batch was refused"
                    );
                    let _ = pending.done.send(Err(error));
                }
            }
            Err(_) => {
                for pending in group {
                    Box::pin(self.commit_group(vec![pending])).await;
                }
            }
        }
    }
}
