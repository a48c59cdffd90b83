//! The way down: nothing new is taken, sockets are told, tenants finish, the lease is given back.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::domain::Millis;
use crate::realtime::{Heartbeat, Hub};
use crate::store::Journal;

/// How long sockets may take to hear of the shutdown.
const FAREWELL: Duration = Duration::from_secs(3);

/// What ends, in the order in which it does.
pub(super) struct Ending {
    pub(super) hub: Hub,
    pub(super) heartbeat: Arc<Heartbeat>,
    pub(super) journal: Arc<dyn Journal>,
    /// Over how long clients come back.
    pub(super) spread: Millis,
    /// Tells the listener.
    pub(super) end_of_listening: CancellationToken,
    /// Tells the journal and the lease, when the last commit is done.
    pub(super) end_of_journal: CancellationToken,
}

impl Ending {
    /// Runs once the process should end.
    pub(super) async fn run(self) {
        self.end_of_listening.cancel();
        self.heartbeat.close_all(self.spread);
        let told = async {
            while !self.heartbeat.is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(FAREWELL, told).await.is_err() {
            tracing::warn!(
                connections = self.heartbeat.len(),
                "some sockets did not hear the end"
            );
        }
        self.hub.stop().await;
        if let Err(error) = self.journal.release_lease().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "failed to give the node's lease back"
            );
        }
        self.end_of_journal.cancel();
    }
}
