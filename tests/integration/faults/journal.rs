//! A journal that fails when it is told to.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use deskbell::app::Ports;
use deskbell::domain::{
    ChatId, ContactEntry, MessageId, Millis, OfficeId, TenantId, Timestamp, VisitorId,
};
use deskbell::engine::{ChatBundle, StateRecord};
use deskbell::store::{Batch, BoxFuture, Claim, CommitError, Error, Journal};

/// How a commit fails.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// It is written, and nobody hears of it.
    Lost,
    /// It never arrives, and nobody hears of that either.
    Vanished,
    /// The database refuses it.
    Refused,
    /// Another owner has taken over.
    Fenced,
}

/// The fault of the next commit, if there is to be one, whether no engine can be loaded, and whether no chat that is over
/// can be read.
#[derive(Clone, Default)]
pub(crate) struct Faults(
    Arc<Mutex<Option<Fault>>>,
    Arc<AtomicBool>,
    Arc<AtomicBool>,
    /// Of commits, and of looking up who comes again.
    Arc<[Gate; 2]>,
);

/// Where calls wait while it is shut.
#[derive(Default)]
pub(crate) struct Gate {
    /// While it is shut, the number of the last call that may pass.
    last: watch::Sender<Option<usize>>,
    calls: AtomicUsize,
}

impl Gate {
    /// Lets calls wait from now on, until they may go on.
    pub(crate) fn hold(&self, hold: bool) {
        self.last.send_replace(hold.then(|| self.calls()));
    }

    /// Lets the next of those that wait go on.
    pub(crate) fn let_one(&self) {
        self.last
            .send_modify(|last| *last = last.map(|last| last + 1));
    }

    /// How many calls there were.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Counts a call; it may go on when the future is ready.
    fn enter(&self) -> impl Future<Output = ()> + Send + 'static {
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let mut last = self.last.subscribe();
        async move {
            last.wait_for(|last| last.is_none_or(|last| number <= last))
                .await
                .expect("the gate is there");
        }
    }
}

impl Faults {
    /// Lets the next commit fail.
    pub(crate) fn next(&self, fault: Fault) {
        *self.0.lock().unwrap() = Some(fault);
    }

    /// Lets the next commit go well after all.
    pub(crate) fn none(&self) {
        *self.0.lock().unwrap() = None;
    }

    /// Whether no tenant can be loaded from now on.
    pub(crate) fn no_engines(&self, none: bool) {
        self.1.store(none, Ordering::Relaxed);
    }

    /// Whether no chat that is over can be read from now on.
    pub(crate) fn no_chats(&self, none: bool) {
        self.2.store(none, Ordering::Relaxed);
    }

    /// Where commits can be held.
    pub(crate) fn commits(&self) -> &Gate {
        &self.3[0]
    }

    /// Where it can be held to look up who comes again.
    pub(crate) fn looks(&self) -> &Gate {
        &self.3[1]
    }

    /// Ports with a journal that does so.
    pub(crate) fn ports(&self) -> Ports {
        let faults = self.clone();
        Ports {
            wrap_journal: Box::new(|inner| Arc::new(FaultyJournal { inner, faults })),
            ..Ports::default()
        }
    }
}

struct FaultyJournal {
    inner: Arc<dyn Journal>,
    faults: Faults,
}

impl Journal for FaultyJournal {
    fn claim(&self, tenant_id: TenantId) -> BoxFuture<Result<Claim, Error>> {
        if self.faults.1.load(Ordering::Relaxed) {
            return Box::pin(async { Err(Error::Unavailable(sqlx::Error::WorkerCrashed)) });
        }
        self.inner.claim(tenant_id)
    }

    fn load(&self, tenant_id: TenantId) -> BoxFuture<Result<StateRecord, Error>> {
        self.inner.load(tenant_id)
    }

    fn chats(
        &self,
        tenant_id: TenantId,
        chat_ids: Vec<ChatId>,
    ) -> BoxFuture<Result<Vec<ChatBundle>, Error>> {
        if self.faults.2.load(Ordering::Relaxed) {
            return Box::pin(async { Err(Error::Unavailable(sqlx::Error::WorkerCrashed)) });
        }
        self.inner.chats(tenant_id, chat_ids)
    }

    fn messages_left(
        &self,
        tenant_id: TenantId,
        left: Vec<(VisitorId, MessageId)>,
    ) -> BoxFuture<Result<Vec<ChatId>, Error>> {
        if self.faults.2.load(Ordering::Relaxed) {
            return Box::pin(async { Err(Error::Unavailable(sqlx::Error::WorkerCrashed)) });
        }
        self.inner.messages_left(tenant_id, left)
    }

    fn inboxes(
        &self,
        tenant_id: TenantId,
        office_ids: Vec<OfficeId>,
    ) -> BoxFuture<Result<Vec<ChatId>, Error>> {
        self.inner.inboxes(tenant_id, office_ids)
    }

    fn returning(
        &self,
        tenant_id: TenantId,
        visitor_ids: Vec<VisitorId>,
    ) -> BoxFuture<Result<Vec<(VisitorId, ContactEntry)>, Error>> {
        if self.faults.2.load(Ordering::Relaxed) {
            return Box::pin(async { Err(Error::Unavailable(sqlx::Error::WorkerCrashed)) });
        }
        let pass = self.faults.looks().enter();
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            pass.await;
            inner.returning(tenant_id, visitor_ids).await
        })
    }

    fn commit(&self, batch: Batch) -> BoxFuture<Result<(), CommitError>> {
        let unavailable = || Error::Unavailable(sqlx::Error::WorkerCrashed);
        let fault = self.faults.0.lock().unwrap().take();
        let inner = Arc::clone(&self.inner);
        let pass = self.faults.commits().enter();
        Box::pin(async move {
            pass.await;
            match fault {
                None => inner.commit(batch).await,
                Some(Fault::Lost) => {
                    inner.commit(batch).await?;
                    Err(CommitError::Unknown(unavailable()))
                }
                Some(Fault::Vanished) => Err(CommitError::Unknown(unavailable())),
                Some(Fault::Refused) => Err(CommitError::Refused(unavailable())),
                Some(Fault::Fenced) => Err(CommitError::Fenced),
            }
        })
    }

    fn deadlines(&self) -> BoxFuture<Result<Vec<(TenantId, Timestamp)>, Error>> {
        self.inner.deadlines()
    }

    fn renew_lease(&self, ttl: Millis) -> BoxFuture<Result<(), Error>> {
        self.inner.renew_lease(ttl)
    }

    fn release_lease(&self) -> BoxFuture<Result<(), Error>> {
        self.inner.release_lease()
    }
}
