//! When tenants that are not in memory must wake: one list for the node, no timer for each.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::domain::{Millis, TenantId};

/// The next deadline of each sleeping tenant, in the clock's monotonic time: a jump of the wall clock delays none.
#[derive(Default)]
pub(super) struct Wheel {
    inner: Mutex<Inner>,
    changed: Notify,
}

#[derive(Default)]
struct Inner {
    by_time: BTreeSet<(Millis, TenantId)>,
    by_tenant: HashMap<TenantId, Millis>,
}

impl Wheel {
    /// Sets or clears a tenant's deadline.
    pub(super) fn set(&self, tenant_id: TenantId, deadline: Option<Millis>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let inner = &mut *inner;
        if let Some(before) = inner.by_tenant.remove(&tenant_id) {
            inner.by_time.remove(&(before, tenant_id));
        }
        if let Some(at) = deadline {
            inner.by_tenant.insert(tenant_id, at);
            inner.by_time.insert((at, tenant_id));
            self.changed.notify_one();
        }
    }

    /// Takes a tenant whose deadline has come.
    pub(super) fn pop_due(&self, now: Millis) -> Option<TenantId> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, tenant_id) = *inner.by_time.first()?;
        if at > now {
            return None;
        }
        inner.by_time.pop_first();
        inner.by_tenant.remove(&tenant_id);
        Some(tenant_id)
    }

    /// The earliest deadline.
    pub(super) fn earliest(&self) -> Option<Millis> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.by_time.first().map(|(at, _)| *at)
    }

    /// Waits until a deadline was set.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }
}
