//! What handlers work with.
//!
//! Owns nothing: it holds what `app` put together, shared by all requests.

use std::future::Future;
use std::ops::Deref;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::ApiError;
use super::health::Readiness;
use super::limit::Limiter;
use super::socket::Sockets;
use super::targeting_cache::TargetingCache;
use crate::auth::{Passwords, PlatformKey, Sealer, Tokens};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::{TenantId, Timestamp};
use crate::engine::{Command, Engine};
use crate::faults::Sent;
use crate::files::Files;
use crate::lifecycle::Tasks;
use crate::protocol::bad_fields;
use crate::random::Random;
use crate::realtime::{Answer, Board, Call, CallError, Hub, IdempotencyKey};
use crate::store::Store;
use crate::telemetry::Metrics;

/// The parts of a running server. Cloned for each request, which costs a reference count.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// What a server is made of.
pub struct Parts {
    /// What was configured.
    pub config: Arc<Config>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids and secrets.
    pub random: Random,
    /// Reads, and the few writes that are not commands.
    pub store: Store,
    /// Commands.
    pub hub: Hub,
    /// What widgets show.
    pub board: Arc<Board>,
    /// The rules by which visitors are greeted.
    pub targeting: TargetingCache,
    /// Access tokens and visitor tokens.
    pub tokens: Arc<Tokens>,
    /// What secrets in the database are sealed with.
    pub sealer: Sealer,
    /// Hashing and comparing of passwords.
    pub passwords: Passwords,
    /// The platform operator's key.
    pub platform_key: PlatformKey,
    /// The door of the sockets.
    pub sockets: Sockets,
    /// What must come to its end whether or not its client waits.
    pub tasks: Tasks,
    /// Rate limits.
    pub limiter: Limiter,
    /// The bytes of files.
    pub files: Files,
    /// A place for each upload that this node takes at once.
    pub uploads: Semaphore,
    /// What `/metrics` renders; `None` when it is off.
    pub metrics: Option<Metrics>,
    /// What must hold before traffic is sent here.
    pub readiness: Readiness,
    /// The widget of the demo page, if there is a demo.
    pub demo_widget_key: Option<String>,
}

impl AppState {
    /// Shares the parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The wall clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Makes an id for something new.
    #[must_use]
    pub fn new_id(&self) -> uuid::Uuid {
        self.random.uuid_v7(self.now())
    }

    /// Has a tenant's engine do something; answers after the commit.
    ///
    /// # Errors
    /// When the rules refuse it, or the outcome is unknown.
    pub(super) async fn call(
        &self,
        tenant_id: TenantId,
        command: Command,
        once: Option<IdempotencyKey>,
    ) -> Result<Answer, CallError> {
        let call = Call {
            once,
            ..command.into()
        };
        self.hub.call(tenant_id, call).await
    }

    /// Says everything that is wrong with a request of which only a part could be read. Its command, made of that part, is
    /// looked at by the engine and not applied. Where no engine can be asked, what is known is told.
    pub(super) async fn flawed(
        &self,
        tenant_id: TenantId,
        command: Command,
        sent: Sent,
    ) -> ApiError {
        let look = move |engine: &Engine| engine.faults_of(&command);
        let found = self.hub.read(tenant_id, look).await;
        bad_fields(sent, found.unwrap_or_default()).into()
    }

    /// Does something to its end, also when the client hangs up meanwhile: a handler's own future is dropped then,
    /// wherever it stands.
    ///
    /// # Errors
    /// What the work says, and `internal` when it panics, which has been logged.
    pub(super) async fn finish<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<T, ApiError>> + Send + 'static,
    ) -> Result<T, ApiError> {
        match self.tasks.spawn_isolated(name, work).await {
            Ok(Some(outcome)) => outcome,
            Ok(None) | Err(_) => Err(ApiError::internal()),
        }
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
