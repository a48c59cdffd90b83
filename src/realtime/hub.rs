//! Which tenants are in memory: actors are started on demand, woken by the wheel, and leave when nobody needs them.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::cluster::Lease;
use crate::domain::{Limits, Millis, Mode, OfficeId, TenantId, Timestamp};
use crate::engine::{Engine, StateRecord};
use crate::lifecycle::Tasks;
use crate::store::{Claim, Journal, Remembered, Store};

use crate::telemetry::names;

use super::board::Board;
use super::close::Close;
use super::mail::{Answer, Call, CallError, Mail, Probe, ReplyTo};
use super::resolve::resolve;
use super::ring::RingBounds;
use super::send_queue::Connection;
use super::sessions::RevokedSessions;
use super::tenant::{Fault, Shared, Tenant, answer_to};
use super::wheel::Wheel;

/// The bounds of actors.
#[derive(Clone, Copy, Debug)]
pub struct HubSettings {
    /// The most letters in one batch.
    pub batch_max: usize,
    /// The most letters in a mailbox; one more is answered `unavailable`.
    pub mailbox_max: usize,
    /// How long an engine that nobody uses stays in memory.
    pub idle_evict: Millis,
    /// The most events kept for resuming.
    pub ring_events_max: usize,
    /// The most bytes of them, about.
    pub ring_bytes_max: usize,
    /// How long calls are answered `unavailable` after an engine could not be loaded.
    pub reload_backoff: Millis,
}

/// What a hub works with.
pub struct HubParts {
    /// Where engines come from and events go.
    pub journal: Arc<dyn Journal>,
    /// For look-ups of what is not in memory.
    pub store: Store,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// What widgets show.
    pub board: Arc<Board>,
    /// The node's lease.
    pub lease: Arc<Lease>,
    /// Revoked sessions.
    pub sessions: RevokedSessions,
    /// Where actors run.
    pub tasks: Tasks,
    /// The history that the database holds.
    pub history_id: uuid::Uuid,
}

/// All tenants of this node.
#[derive(Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    store: Store,
    sessions: RevokedSessions,
    tasks: Tasks,
    settings: HubSettings,
    tenants: Mutex<HashMap<TenantId, mpsc::Sender<Mail>>>,
    /// Counts the actors, so that the end can wait for them.
    actors: TaskTracker,
    stopping: AtomicBool,
    wheel: Wheel,
}

impl Hub {
    /// A hub without a tenant in memory.
    #[must_use]
    pub fn new(parts: HubParts, settings: HubSettings) -> Self {
        let shared = Shared {
            journal: parts.journal,
            clock: parts.clock,
            board: parts.board,
            lease: parts.lease,
            history_id: parts.history_id,
            limits: Limits::default(),
            ring: RingBounds {
                events_max: settings.ring_events_max,
                bytes_max: settings.ring_bytes_max,
            },
        };
        Self {
            inner: Arc::new(Inner {
                shared: Arc::new(shared),
                store: parts.store,
                sessions: parts.sessions,
                tasks: parts.tasks,
                settings,
                tenants: Mutex::default(),
                actors: TaskTracker::new(),
                stopping: AtomicBool::new(false),
                wheel: Wheel::default(),
            }),
        }
    }

    /// Applies a command and answers when it is durable.
    ///
    /// # Errors
    /// Says whether the rules refused it, or nothing is known of the outcome.
    pub async fn call(&self, tenant_id: TenantId, call: Call) -> Result<Answer, CallError> {
        if let Some(key) = &call.once {
            let found = async {
                let not_before = self.inner.shared.clock.now().0 - 24 * 3600 * 1000;
                let mut tx = self.inner.store.tenant(tenant_id).await?;
                let not_before = Timestamp(not_before);
                tx.find_answer(&key.principal, &key.key, &key.body_hash, not_before)
                    .await
            };
            match found.await {
                Ok(Remembered::Unknown) => {}
                Ok(Remembered::Same(body)) => return Ok(Answer::Remembered(body)),
                Ok(Remembered::Mismatch) => return Err(CallError::IdempotencyMismatch),
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "failed to look up an idempotency key"
                    );
                    return Err(CallError::LATER);
                }
            }
        }
        let probe = Probe::of(&call.command);
        let (sender, outcome) = oneshot::channel();
        self.send(
            tenant_id,
            Mail::Call(Box::new(call), ReplyTo::Caller(sender)),
        );
        let outcome = outcome.await.unwrap_or(Err(CallError::LATER));
        resolve(&self.inner.store, tenant_id, &probe, outcome).await
    }

    /// The engine as it is now, after everything that was sent before. For tests and diagnosis.
    ///
    /// # Errors
    /// `Unavailable` when the tenant could not be loaded.
    pub async fn inspect(&self, tenant_id: TenantId) -> Result<Engine, CallError> {
        let (sender, engine) = oneshot::channel();
        self.send(tenant_id, Mail::Inspect(sender));
        engine.await.map_err(|_| CallError::LATER)
    }

    /// Which sessions were revoked.
    #[must_use]
    pub fn sessions(&self) -> &RevokedSessions {
        &self.inner.sessions
    }

    /// How many tenants are in memory.
    #[must_use]
    pub fn tenants_in_memory(&self) -> usize {
        self.inner
            .tenants
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    pub(super) fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Puts a letter into a tenant's mailbox, and starts its actor if need be. A full mailbox answers at once.
    pub(super) fn send(&self, tenant_id: TenantId, mail: Mail) {
        let mut tenants = self
            .inner
            .tenants
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut mail = mail;
        if let Some(mailbox) = tenants.get(&tenant_id) {
            match mailbox.try_send(mail) {
                Ok(()) => return,
                Err(mpsc::error::TrySendError::Full(back)) => {
                    drop(tenants);
                    return refuse(back);
                }
                // The actor has left; a new one takes its place.
                Err(mpsc::error::TrySendError::Closed(back)) => mail = back,
            }
        }
        if self.inner.stopping.load(Ordering::Acquire) {
            drop(tenants);
            return refuse(mail);
        }
        let (mailbox, letters) = mpsc::channel(self.inner.settings.mailbox_max);
        // A new mailbox has room for one.
        let _ = mailbox.try_send(mail);
        tenants.insert(tenant_id, mailbox);
        note_loaded(tenants.len());
        drop(tenants);
        self.inner.wheel.set(tenant_id, None);
        let actor = run(Arc::clone(&self.inner), tenant_id, letters);
        self.inner
            .tasks
            .spawn_isolated("tenant", self.inner.actors.track_future(actor));
    }

    /// Tells the tenant that a connection has ended, and waits for room: a lost letter would leave its agent
    /// connected for ever. Without an actor there is nothing to tell; a new one starts without connections.
    pub(super) async fn detach(&self, connection: Arc<Connection>) {
        let mailbox = {
            let tenants = self
                .inner
                .tenants
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            tenants.get(&connection.tenant_id).cloned()
        };
        if let Some(mailbox) = mailbox {
            // An actor that leaves forgets its connections.
            let _ = mailbox.send(Mail::Detach(connection)).await;
        }
    }

    /// Lets every actor finish what it has, and starts no new one.
    pub async fn stop(&self) {
        self.inner.stopping.store(true, Ordering::Release);
        self.inner
            .tenants
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.inner.actors.close();
        self.inner.actors.wait().await;
    }

    /// Reads the deadlines of sleeping tenants.
    ///
    /// # Errors
    /// The journal's error.
    pub async fn read_deadlines(&self) -> Result<(), crate::store::Error> {
        for (tenant_id, at) in self.inner.shared.journal.deadlines().await? {
            self.inner.wheel.set(tenant_id, Some(at));
        }
        Ok(())
    }

    /// Wakes tenants when their deadlines come, until it is dropped.
    pub async fn turn_wheel(self) {
        loop {
            let now = self.inner.shared.clock.now();
            while let Some(tenant_id) = self.inner.wheel.pop_due(now) {
                self.send(tenant_id, Mail::Wake);
            }
            let next = self.inner.wheel.earliest().unwrap_or(Timestamp::MAX);
            tokio::select! {
                () = self.inner.shared.clock.sleep_until(next) => {}
                () = self.inner.wheel.changed() => {}
            }
        }
    }
}

/// A node holds thousands of tenants, far fewer than a float can count.
fn note_loaded(tenants: usize) {
    metrics::gauge!(names::TENANTS_LOADED)
        .set(f64::from(u32::try_from(tenants).unwrap_or(u32::MAX)));
}

/// Answers a letter that cannot be delivered.
fn refuse(mail: Mail) {
    match mail {
        Mail::Call(_, reply_to) => answer_to(reply_to, Err(CallError::LATER)),
        Mail::Attach(connection, _) => {
            connection.close(Close::Restart {
                retry_after: Millis::from_secs(1),
            });
        }
        // A lost detach is made good by the next publish: the connection has ended and is skipped.
        Mail::Detach(_) | Mail::Wake | Mail::Inspect(_) => {}
    }
}

/// The life of one actor: load, serve, leave.
async fn run(inner: Arc<Inner>, tenant_id: TenantId, mut letters: mpsc::Receiver<Mail>) {
    let deadline = match load(&inner, tenant_id).await {
        Ok(mut tenant) => {
            let outcome = serve(&inner, &mut tenant, &mut letters).await;
            if let Err(fault) = outcome {
                tracing::warn!(
                    tenant.id = %tenant_id,
                    error = &fault as &dyn std::error::Error,
                    "dropped an engine, it will be loaded anew"
                );
                metrics::counter!(names::TENANT_RELOADS).increment(1);
            }
            for connection in tenant.connections() {
                connection.close(Close::Restart {
                    retry_after: Millis(200),
                });
            }
            tenant.next_deadline()
        }
        Err(refusal) => {
            let until = inner.shared.clock.now() + inner.settings.reload_backoff;
            refuse_until(&inner, &mut letters, refusal, until).await;
            None
        }
    };
    letters.close();
    while let Ok(mail) = letters.try_recv() {
        refuse(mail);
    }
    let mut tenants = inner.tenants.lock().unwrap_or_else(PoisonError::into_inner);
    if tenants.get(&tenant_id).is_some_and(mpsc::Sender::is_closed) {
        tenants.remove(&tenant_id);
        note_loaded(tenants.len());
        inner.wheel.set(tenant_id, deadline);
    }
}

/// Claims the tenant and restores its engine.
async fn load(inner: &Arc<Inner>, tenant_id: TenantId) -> Result<Tenant, CallError> {
    let shared = &inner.shared;
    let failed = |error: &(dyn std::error::Error + 'static)| {
        tracing::error!(tenant.id = %tenant_id, error, "failed to load an engine");
        CallError::LATER
    };
    let ownership = match shared.journal.claim(tenant_id).await {
        Ok(Claim::Granted(ownership)) => ownership,
        Ok(Claim::Held) => return Err(CallError::LATER),
        Ok(Claim::Unknown) => return Err(CallError::UnknownTenant),
        Err(error) => return Err(failed(&error)),
    };
    let record = shared
        .journal
        .load(tenant_id)
        .await
        .map_err(|error| failed(&error))?;
    let modes = stored_modes(inner, tenant_id, &record);
    let engine = Engine::restore(shared.limits, record, ownership.last_event_at)
        .map_err(|violation| failed(&violation))?;
    let mut tenant = Tenant::new(tenant_id, Arc::clone(shared), engine, ownership);
    tenant
        .recover(modes)
        .await
        .map_err(|fault| failed(&fault))?;
    Ok(tenant)
}

/// The modes that visitors see now. Offices of no widget are unknown to the board and are written once more.
fn stored_modes(
    inner: &Inner,
    tenant_id: TenantId,
    record: &StateRecord,
) -> BTreeMap<OfficeId, Mode> {
    let mut modes = BTreeMap::new();
    for widget in &record.widgets {
        if let Some(entry) = inner.shared.board.find(widget.key.as_str()) {
            debug_assert_eq!(entry.tenant_id, tenant_id);
            modes.extend(entry.ready().offices.iter().map(|o| (o.office_id, o.mode)));
        }
    }
    modes
}

/// Serves until the tenant may leave memory, or must.
async fn serve(
    inner: &Arc<Inner>,
    tenant: &mut Tenant,
    letters: &mut mpsc::Receiver<Mail>,
) -> Result<(), Fault> {
    let clock = &inner.shared.clock;
    let mut quiet_since = clock.now();
    loop {
        let leave_at = tenant
            .is_idle()
            .then(|| quiet_since + inner.settings.idle_evict);
        let wake_at = [tenant.next_deadline(), leave_at]
            .into_iter()
            .flatten()
            .min();
        let mut batch = Vec::new();
        tokio::select! {
            biased;
            taken = letters.recv_many(&mut batch, inner.settings.batch_max) => {
                if taken == 0 {
                    return Ok(());
                }
                quiet_since = clock.now();
            }
            () = clock.sleep_until(wake_at.unwrap_or(Timestamp::MAX)) => {
                if leave_at.is_some_and(|at| clock.now() >= at) {
                    // Letters that come from now on start a new actor.
                    letters.close();
                    letters.recv_many(&mut batch, inner.settings.mailbox_max).await;
                    return tenant.handle(batch).await;
                }
            }
        }
        tenant.handle(batch).await?;
    }
}

/// Refuses every letter for a while, so that a tenant that cannot be loaded does not load the database.
async fn refuse_until(
    inner: &Inner,
    letters: &mut mpsc::Receiver<Mail>,
    refusal: CallError,
    until: Timestamp,
) {
    loop {
        tokio::select! {
            mail = letters.recv() => match mail {
                Some(Mail::Call(_, reply_to)) => answer_to(reply_to, Err(refusal.clone())),
                Some(other) => refuse(other),
                None => return,
            },
            () = inner.shared.clock.sleep_until(until) => return,
        }
    }
}
