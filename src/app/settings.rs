//! From the configuration to what each part takes. Configured numbers are checked to be small.

use crate::config::Config;
use crate::domain::Millis;
use crate::realtime::{HubSettings, SocketSettings};
use crate::store::GroupSettings;

/// The journal's bounds.
pub(super) fn group_settings(config: &Config) -> GroupSettings {
    GroupSettings {
        workers: config.database.journal_connections,
        tenants_per_commit_max: config.journal.tenants_per_commit_max,
        queue_max: config.journal.queue_max,
    }
}

/// The actors' bounds.
pub(super) fn hub_settings(config: &Config) -> HubSettings {
    HubSettings {
        batch_max: config.engine.batch_max,
        newcomers_max: config.engine.newcomers_max,
        mailbox_max: config.engine.mailbox_max,
        idle_evict: seconds(config.engine.idle_evict_s),
        ring_events_max: config.engine.ring_events_max,
        ring_bytes_max: config.engine.ring_bytes_max,
        reload_pause: millis(config.engine.reload_pause_ms),
    }
}

/// The sockets' bounds.
pub(super) fn socket_settings(config: &Config) -> SocketSettings {
    SocketSettings {
        hello_timeout: seconds(config.socket.hello_timeout_s),
        send_queue_frames_max: config.socket.send_queue_frames_max,
        send_queue_bytes_max: config.socket.send_queue_bytes_max,
        in_flight_max: u32::try_from(config.socket.in_flight_max).unwrap_or(u32::MAX),
        frames_per_second_max: config.socket.frames_per_second_max,
        frames_burst: config.socket.frames_burst,
    }
}

/// Whole seconds.
pub(super) fn seconds(seconds: u64) -> Millis {
    Millis::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// Milliseconds.
pub(super) fn millis(millis: u64) -> Millis {
    Millis(i64::try_from(millis).unwrap_or(i64::MAX))
}
