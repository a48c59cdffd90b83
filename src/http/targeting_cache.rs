//! Targeting rules in memory, since every page of every visitor asks for a greeting.
//!
//! Owns how old they may be: a change made on this node is seen by the next question, one made on another node after
//! a few seconds. Of many that ask for the same tenant at once one reads, and the others wait for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Mutex as AsyncMutex;

use crate::clock::Clock;
use crate::domain::{Millis, TARGETING_RULES_MAX, TargetingRule, TenantId};
use crate::store::{Error, Store};

/// How long they are believed: a change on another node is seen within it.
const LIFE: Millis = Millis::from_secs(5);
/// The most tenants whose rules are kept, with at most 200 of them each; a rule has about 1 KB.
const TENANTS_MAX: usize = 1000;

/// A tenant's rules, and when they were read.
struct Kept {
    read_at: Millis,
    rules: Arc<[TargetingRule]>,
}

/// The place of one tenant. Forgetting it takes it off the map: whoever is reading then fills a place that nobody comes
/// to any more.
type Place = Arc<AsyncMutex<Option<Kept>>>;

/// The rules of the tenants that were asked for lately.
pub struct TargetingCache {
    store: Store,
    clock: Arc<dyn Clock>,
    places: Mutex<HashMap<TenantId, Place>>,
}

impl TargetingCache {
    /// An empty one.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            places: Mutex::default(),
        }
    }

    /// A tenant's rules, at most a few seconds old.
    ///
    /// # Errors
    /// As every read of the store.
    pub async fn rules(&self, tenant_id: TenantId) -> Result<Arc<[TargetingRule]>, Error> {
        let place = self.place(tenant_id);
        let mut kept = place.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| self.is_fresh(kept)) {
            return Ok(Arc::clone(&kept.rules));
        }
        // The time before the reading: what changes during it may be missing.
        let read_at = self.clock.monotonic();
        let limit = i64::try_from(TARGETING_RULES_MAX).unwrap_or(i64::MAX);
        let mut tx = self.store.tenant(tenant_id).await?;
        let rules: Arc<[TargetingRule]> = tx.list_targeting_rules(None, limit).await?.into();
        *kept = Some(Kept {
            read_at,
            rules: Arc::clone(&rules),
        });
        Ok(rules)
    }

    /// Forgets a tenant's rules, which have changed. To be called after the commit.
    pub fn forget(&self, tenant_id: TenantId) {
        self.places().remove(&tenant_id);
    }

    /// Forgets what is too old to be believed. Called from time to time.
    pub fn shrink(&self) {
        self.places().retain(|_, place| self.is_in_use(place));
    }

    fn place(&self, tenant_id: TenantId) -> Place {
        let mut places = self.places();
        if places.len() >= TENANTS_MAX && !places.contains_key(&tenant_id) {
            places.retain(|_, place| self.is_in_use(place));
            // Rare enough to begin anew; whoever is reading keeps its own place.
            if places.len() >= TENANTS_MAX {
                places.clear();
            }
        }
        Arc::clone(places.entry(tenant_id).or_default())
    }

    /// One that is locked is being read.
    fn is_in_use(&self, place: &Place) -> bool {
        place.try_lock().map_or(true, |kept| {
            kept.as_ref().is_some_and(|kept| self.is_fresh(kept))
        })
    }

    fn is_fresh(&self, kept: &Kept) -> bool {
        self.clock.monotonic().0 - kept.read_at.0 < LIFE.0
    }

    fn places(&self) -> MutexGuard<'_, HashMap<TenantId, Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
