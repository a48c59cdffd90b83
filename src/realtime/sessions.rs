//! Which sessions were revoked. An access token lives for minutes after; this makes it die at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::domain::{Millis, SessionId, Timestamp};

/// Sessions revoked not longer ago than an access token lives. Read without a lock on each request.
#[derive(Clone)]
pub struct RevokedSessions {
    revoked: Arc<ArcSwap<BTreeMap<SessionId, Timestamp>>>,
    token_life: Millis,
}

impl RevokedSessions {
    /// An empty list; `token_life` is how long an access token lives.
    #[must_use]
    pub fn new(token_life: Millis) -> Self {
        Self {
            revoked: Arc::default(),
            token_life,
        }
    }

    /// Whether the session was revoked.
    #[must_use]
    pub fn is_revoked(&self, session_id: SessionId) -> bool {
        self.revoked.load().contains_key(&session_id)
    }

    /// Whether the session was revoked at that moment or before.
    pub(super) fn was_revoked_by(&self, session_id: SessionId, moment: Timestamp) -> bool {
        let revoked = self.revoked.load();
        revoked.get(&session_id).is_some_and(|at| *at <= moment)
    }

    /// Notes a revocation, and forgets those that no token can outlive.
    pub fn revoke(&self, session_id: SessionId, now: Timestamp) {
        self.revoked.rcu(|revoked| {
            let mut revoked = BTreeMap::clone(revoked);
            revoked.retain(|_, at| now.since(*at) <= self.token_life);
            revoked.insert(session_id, now);
            revoked
        });
    }
}
