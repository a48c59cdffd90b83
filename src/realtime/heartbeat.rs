//! Which connections are alive: one sweep for all of them, no timer for each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::clock::Clock;
use crate::domain::{ConnectionId, Millis, Timestamp};
use crate::protocol::control::PING;

use super::close::Close;

use super::connection::FrameText;
use super::send_queue::{Connection, Outgoing, Party};
use super::sessions::RevokedSessions;

/// How often every connection is looked at: bounds by how much a dead one is found too late.
const SWEEP: Millis = Millis(1000);

/// How long the order to close a revoked session's sockets has. It comes after all that came of the revocation, which
/// they are told first.
const ORDER_WITHIN: Millis = Millis::from_secs(2);

/// All connections of the node.
pub struct Heartbeat {
    connections: Mutex<HashMap<ConnectionId, Weak<Connection>>>,
    ping_every: Millis,
    silent_after: Millis,
    sessions: RevokedSessions,
}

impl Heartbeat {
    /// Connections are pinged every `ping_every`, and closed when silent for `silent_after`, or when their session
    /// is revoked, whatever became of the order to close them.
    #[must_use]
    pub fn new(ping_every: Millis, silent_after: Millis, sessions: RevokedSessions) -> Self {
        Self {
            connections: Mutex::default(),
            ping_every,
            silent_after,
            sessions,
        }
    }

    /// How many connections there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn add(&self, connection: &Arc<Connection>) {
        let mut connections = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        connections.insert(connection.id, Arc::downgrade(connection));
    }

    pub(super) fn remove(&self, id: ConnectionId) {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&id);
    }

    /// Closes every connection, each with a delay of its own after which it is to come back, spread over
    /// `spread`.
    pub fn close_all(&self, spread: Millis) {
        let connections = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let count = i64::try_from(connections.len().max(1)).unwrap_or(i64::MAX);
        for (index, connection) in (0_i64..).zip(connections.values().filter_map(Weak::upgrade)) {
            connection.close(Close::Restart {
                retry_after: Millis(spread.0 * index / count),
            });
        }
    }

    /// Sweeps until it is dropped.
    pub async fn run(self: Arc<Self>, clock: Arc<dyn Clock>) {
        let mut tick: i64 = 0;
        loop {
            clock.sleep(SWEEP).await;
            self.sweep(&*clock, tick);
            tick += 1;
        }
    }

    /// Whether its session was revoked, and no order to close it has come.
    fn is_forgotten(&self, connection: &Connection, now: Timestamp) -> bool {
        match connection.party {
            Party::Agent(_, session_id) => {
                let in_time = Timestamp(now.0 - ORDER_WITHIN.0);
                self.sessions.was_revoked_by(session_id, in_time)
            }
            Party::Visitor(_) => false,
        }
    }

    /// Pings the eighth of the connections whose turn it is, so that pings are spread, and closes those that are
    /// silent or whose token has ended.
    fn sweep(&self, clock: &dyn Clock, tick: i64) {
        let turns = (self.ping_every.0 / SWEEP.0).max(1);
        let (now, monotonic) = (clock.now(), clock.monotonic());
        let mut connections = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        connections.retain(|_, connection| connection.strong_count() > 0);
        metrics::gauge!(crate::telemetry::names::CONNECTIONS).set(f64::from(
            u32::try_from(connections.len()).unwrap_or(u32::MAX),
        ));
        for (id, connection) in connections.iter() {
            let Some(connection) = connection.upgrade() else {
                continue;
            };
            if connection.silent_for(monotonic) >= self.silent_after {
                connection.close(Close::Silent);
            } else if connection.is_behind() {
                connection.close(Close::TooSlow);
            } else if now > connection.token_expires_at() || self.is_forgotten(&connection, now) {
                connection.close(Close::Unauthenticated);
            } else if turn_of(*id, turns) == tick % turns {
                connection.push(Outgoing::Frame(FrameText::from_static(PING)));
            }
        }
    }
}

/// In which of the seconds a connection is pinged. The low bits of an id are random, so pings are spread.
fn turn_of(id: ConnectionId, turns: i64) -> i64 {
    let bits = id.0.as_bytes().last().copied().unwrap_or_default();
    i64::from(bits) % turns
}
