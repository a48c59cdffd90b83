//! Which tenants are in memory: actors are started on demand, woken by the wheel, and leave when nobody needs them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::cluster::Lease;
use crate::domain::{AgentId, Limits, Millis, SessionId, TenantId, Timestamp};
use crate::engine::Engine;
use crate::lifecycle::Tasks;
use crate::store::{Journal, Remembered, Store};

use crate::telemetry::names;

use super::attach::attach;
use super::board::Board;
use super::close::Close;
use super::life::run;
use super::links::Links;
use super::mail::{Answer, Call, CallError, Mail, Probe, ReplyTo};
use super::resolve::resolve;
use super::ring::RingBounds;
use super::send_queue::Connection;
use super::sessions::RevokedSessions;
use super::tenant::{Shared, answer_to};
use super::wheel::Wheel;

/// Loads under way at once: fewer than the app role has connections, so that requests find some.
const LOADS_MAX: usize = 4;

/// How long the wheel sleeps when nothing is on it.
const HOUR: Millis = Millis::from_secs(3600);

/// The bounds of actors.
#[derive(Clone, Copy, Debug)]
pub struct HubSettings {
    /// The most letters in one batch.
    pub batch_max: usize,
    /// The most letters in one batch that begin a chat; others wait, and let pass who talks already.
    pub newcomers_max: usize,
    /// The most letters in a mailbox, and the most that wait to begin a chat; one more is answered `unavailable`.
    pub mailbox_max: usize,
    /// How long an engine that nobody uses stays in memory.
    pub idle_evict: Millis,
    /// The most events kept for resuming.
    pub ring_events_max: usize,
    /// The most bytes of them, about.
    pub ring_bytes_max: usize,
    /// How long calls are answered `unavailable` after an engine could not be loaded.
    pub reload_pause: Millis,
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
    /// Addresses of files.
    pub links: Links,
}

/// All tenants of this node.
#[derive(Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) shared: Arc<Shared>,
    store: Store,
    sessions: RevokedSessions,
    tasks: Tasks,
    pub(super) settings: HubSettings,
    pub(super) tenants: Mutex<HashMap<TenantId, mpsc::Sender<Mail>>>,
    /// Counts the actors, so that the end can wait for them.
    actors: TaskTracker,
    stopping: AtomicBool,
    pub(super) wheel: Wheel,
    /// How many engines may be loaded at once.
    pub(super) loads: Semaphore,
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
            links: parts.links,
            limits: Limits::default(),
            batch_max: settings.batch_max,
            newcomers_max: settings.newcomers_max,
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
                loads: Semaphore::new(LOADS_MAX),
            }),
        }
    }

    /// Applies a command and answers when it is durable.
    ///
    /// # Errors
    /// Says whether the rules refused it, or nothing is known of the outcome.
    pub async fn call(&self, tenant_id: TenantId, mut call: Call) -> Result<Answer, CallError> {
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
        let now = self.inner.shared.clock.now();
        attach(&self.inner.store, tenant_id, &mut call, now).await?;
        let probe = Probe::of(&call.command);
        let (sender, outcome) = oneshot::channel();
        self.send(
            tenant_id,
            Mail::Call(Box::new(call), ReplyTo::Caller(sender)),
        );
        let outcome = outcome.await.unwrap_or(Err(CallError::LATER));
        resolve(&self.inner.store, tenant_id, &probe, outcome).await
    }

    /// The engine as it is now, after everything that was sent before, but for chats that wait to be begun. For tests and
    /// diagnosis.
    ///
    /// # Errors
    /// `Unavailable` when the tenant could not be loaded.
    pub async fn inspect(&self, tenant_id: TenantId) -> Result<Engine, CallError> {
        self.read(tenant_id, Engine::clone).await
    }

    /// Reads the engine as it is when everything before was done. The reading must be quick: the tenant waits for it.
    ///
    /// # Errors
    /// `Unavailable` when the tenant could not be loaded.
    pub async fn read<T: Send + 'static>(
        &self,
        tenant_id: TenantId,
        read: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, CallError> {
        let (sender, found) = oneshot::channel();
        // Whoever asked may be gone.
        let look = Box::new(move |engine: &Engine| drop(sender.send(read(engine))));
        self.send(tenant_id, Mail::Read(look));
        found.await.map_err(|_| CallError::LATER)
    }

    /// Makes addresses of files.
    #[must_use]
    pub fn links(&self) -> &Links {
        &self.inner.shared.links
    }

    /// Which sessions were revoked.
    #[must_use]
    pub fn sessions(&self) -> &RevokedSessions {
        &self.inner.sessions
    }

    /// Ends sessions of an agent that the database has ended: their access tokens die, and their sockets close.
    pub fn end_sessions(&self, tenant_id: TenantId, agent_id: AgentId, ended: Vec<SessionId>) {
        let now = self.inner.shared.clock.now();
        for session_id in &ended {
            self.inner.sessions.revoke(*session_id, now);
        }
        if !ended.is_empty() {
            // Also those that said hello before the tokens died and were let in after the engine's own word.
            self.send(tenant_id, Mail::EndSessions(agent_id, ended));
        }
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

    /// Whether a tenant is in memory, or about to be. For tests and diagnosis.
    #[must_use]
    pub fn is_in_memory(&self, tenant_id: TenantId) -> bool {
        let tenants = self.inner.tenants.lock();
        tenants
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(&tenant_id)
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
        // Boxed, or each wrapper would make room for it twice: 2.7 KB of each tenant in memory.
        let actor = Box::pin(self.inner.actors.track_future(actor));
        self.inner.tasks.spawn_isolated("tenant", actor);
    }

    /// Tells the tenant that a connection has ended. A lost letter would leave its agent connected for ever, so
    /// with a full mailbox a task waits for room. Without an actor there is nothing to tell: a new one starts
    /// without connections.
    pub(super) fn detach(&self, connection: Arc<Connection>) {
        let tenants = self
            .inner
            .tenants
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(mailbox) = tenants.get(&connection.tenant_id).cloned() else {
            return;
        };
        drop(tenants);
        if let Err(mpsc::error::TrySendError::Full(letter)) =
            mailbox.try_send(Mail::Detach(connection))
        {
            self.inner.tasks.spawn_isolated("detach", async move {
                // An actor that leaves meanwhile forgets its connections.
                let _ = mailbox.send(letter).await;
            });
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
        let clock = &self.inner.shared.clock;
        let (now, monotonic) = (clock.now(), clock.monotonic());
        for (tenant_id, at) in self.inner.shared.journal.deadlines().await? {
            let at = Millis(monotonic.0.saturating_add(at.0 - now.0));
            self.inner.wheel.set(tenant_id, Some(at));
        }
        Ok(())
    }

    /// Wakes tenants when their deadlines come, until it is dropped.
    pub async fn turn_wheel(self) {
        loop {
            let now = self.inner.shared.clock.monotonic();
            while let Some(tenant_id) = self.inner.wheel.pop_due(now) {
                self.send(tenant_id, Mail::Wake);
            }
            let next = self.inner.wheel.earliest();
            let nap = next.map_or(HOUR, |at| Millis(at.0 - now.0));
            tokio::select! {
                () = self.inner.shared.clock.sleep(nap) => {}
                () = self.inner.wheel.changed() => {}
            }
        }
    }
}

/// A node holds thousands of tenants, far fewer than a float can count.
pub(super) fn note_loaded(tenants: usize) {
    metrics::gauge!(names::TENANTS_LOADED)
        .set(f64::from(u32::try_from(tenants).unwrap_or(u32::MAX)));
}

/// Answers a letter that cannot be delivered.
pub(super) fn refuse(mail: Mail) {
    match mail {
        Mail::Call(_, reply_to) => answer_to(reply_to, Err(CallError::LATER)),
        Mail::Attach(connection, _) => {
            connection.close(Close::Restart {
                retry_after: Millis::from_secs(1),
            });
        }
        // A lost detach is made good by the next publish: the connection has ended and is skipped.
        // Without an actor there are no sockets to close.
        Mail::Detach(_) | Mail::Wake | Mail::EndSessions(..) | Mail::Read(_) => {}
        Mail::Watch(connection, ..) => connection.close(Close::Restart {
            retry_after: Millis(200),
        }),
    }
}
