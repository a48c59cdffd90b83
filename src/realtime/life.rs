//! The life of one actor: load, serve, leave.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, PoisonError};

use futures_util::FutureExt;
use tokio::sync::mpsc;

use crate::domain::{Millis, TenantId};
use crate::engine::Engine;
use crate::store::Claim;
use crate::telemetry::names;

use super::close::Close;
use super::hub::{Inner, note_loaded, refuse};
use super::mail::{CallError, Mail};
use super::mailbox::Mailbox;
use super::tenant::{Fault, Tenant, answer_to};

/// A month; whoever sleeps longer looks again.
const FOR_EVER: Millis = Millis::from_secs(30 * 24 * 3600);

/// Runs an actor from its first letter until the tenant leaves memory.
pub(super) async fn run(inner: Arc<Inner>, tenant_id: TenantId, letters: mpsc::Receiver<Mail>) {
    let mut mailbox = Mailbox::new(letters, inner.settings.mailbox_max);
    let deadline = match load(&inner, tenant_id).await {
        Ok(mut tenant) => {
            // A panic is a bug of one tenant's engine: its sockets are told and it is loaded anew like after
            // any other fault.
            let serving = AssertUnwindSafe(serve(&inner, &mut tenant, &mut mailbox));
            let fault = match serving.catch_unwind().await {
                Ok(outcome) => outcome.err(),
                Err(_) => Some(Fault::Panic),
            };
            if let Some(fault) = &fault {
                tracing::warn!(
                    tenant.id = %tenant_id,
                    error = fault as &dyn std::error::Error,
                    "dropped an engine, it will be loaded anew"
                );
                metrics::counter!(names::TENANT_RELOADS).increment(1);
            }
            for connection in tenant.connections() {
                connection.close(Close::Restart {
                    retry_after: Millis(200),
                });
            }
            // What was connected must be found gone even if nobody calls again.
            if fault.is_some() || !tenant.is_quiet() {
                Some(inner.shared.clock.monotonic())
            } else {
                tenant.wakes_at()
            }
        }
        Err(failure) => {
            refuse_for(
                &inner,
                &mut mailbox,
                &failure.answer(),
                inner.settings.reload_pause,
            )
            .await;
            // Held may also mean that this node's own lease had lapsed for a moment.
            (failure != LoadFailure::Unknown).then(|| inner.shared.clock.monotonic())
        }
    };
    mailbox.close().into_iter().for_each(refuse);
    let mut tenants = inner.tenants.lock().unwrap_or_else(PoisonError::into_inner);
    if tenants.get(&tenant_id).is_some_and(mpsc::Sender::is_closed) {
        tenants.remove(&tenant_id);
        note_loaded(tenants.len());
        inner.wheel.set(tenant_id, deadline);
    }
}

/// Why a tenant is not in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LoadFailure {
    /// Another node has it.
    Held,
    /// There is no such tenant.
    Unknown,
    /// Something is wrong, perhaps only for a moment.
    Failed,
}

impl LoadFailure {
    fn answer(self) -> CallError {
        match self {
            Self::Held | Self::Failed => CallError::LATER,
            Self::Unknown => CallError::UnknownTenant,
        }
    }
}

/// Claims the tenant and restores its engine.
async fn load(inner: &Arc<Inner>, tenant_id: TenantId) -> Result<Tenant, LoadFailure> {
    let shared = &inner.shared;
    // A start wakes many tenants at once; so many at a time leave connections for everything else.
    let _turn = inner
        .loads
        .acquire()
        .await
        .map_err(|_| LoadFailure::Failed)?;
    let failed = |error: &(dyn std::error::Error + 'static)| {
        tracing::error!(tenant.id = %tenant_id, error, "failed to load an engine");
        LoadFailure::Failed
    };
    let ownership = match shared.journal.claim(tenant_id).await {
        Ok(Claim::Granted(ownership)) => ownership,
        Ok(Claim::Held) => return Err(LoadFailure::Held),
        Ok(Claim::Unknown) => return Err(LoadFailure::Unknown),
        Err(error) => return Err(failed(&error)),
    };
    let record = shared
        .journal
        .load(tenant_id)
        .await
        .map_err(|error| failed(&error))?;
    let engine = Engine::restore(shared.limits, record, ownership.last_event_at)
        .map_err(|violation| failed(&violation))?;
    let mut tenant = Tenant::new(tenant_id, Arc::clone(shared), engine, ownership);
    tenant.recover().await.map_err(|fault| failed(&fault))?;
    Ok(tenant)
}

/// Serves until the tenant may leave memory, or must.
async fn serve(
    inner: &Arc<Inner>,
    tenant: &mut Tenant,
    mailbox: &mut Mailbox,
) -> Result<(), Fault> {
    let clock = &inner.shared.clock;
    let mut quiet_since = clock.monotonic();
    loop {
        tenant.tick().await?;
        let leave_at = tenant
            .is_idle()
            .then(|| Millis(quiet_since.0 + inner.settings.idle_evict.0));
        let wake_at = [tenant.wakes_at(), leave_at].into_iter().flatten().min();
        let nap = wake_at.map_or(FOR_EVER, |at| Millis(at.0 - clock.monotonic().0));
        let room = tenant.room();
        let batch = tokio::select! {
            biased;
            moved = tenant.moved() => {
                tenant.go_on(moved)?;
                continue;
            }
            taken = mailbox.take(room), if room.letters > 0 => {
                let Some(batch) = taken else {
                    return tenant.drain().await;
                };
                quiet_since = clock.monotonic();
                batch
            }
            () = clock.sleep(nap) => {
                if leave_at.is_some_and(|at| clock.monotonic() >= at) {
                    tenant.take(mailbox.close()).await?;
                    return tenant.drain().await;
                }
                Vec::new()
            }
        };
        tenant.take(batch).await?;
    }
}

/// Refuses every letter for a while, so that a tenant that cannot be loaded does not load the database.
async fn refuse_for(inner: &Inner, mailbox: &mut Mailbox, refusal: &CallError, pause: Millis) {
    let over = inner.shared.clock.sleep(pause);
    tokio::pin!(over);
    loop {
        tokio::select! {
            mail = mailbox.next() => match mail {
                Some(Mail::Call(_, reply_to)) => answer_to(reply_to, Err(refusal.clone())),
                Some(other) => refuse(other),
                None => return,
            },
            () = &mut over => return,
        }
    }
}
