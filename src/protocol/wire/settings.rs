//! What a tenant decides for all its agents and chats.

use serde::Serialize;
use utoipa::ToSchema;

use super::{OnAgentGone, Status};
use crate::domain::{self, Millis};

/// The settings of a tenant.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Settings {
    /// How many agents may be online at once.
    pub seats: u32,
    /// The calendar by which days are counted.
    #[schema(example = "Europe/Prague")]
    pub time_zone: &'static str,
    /// The end of the last connection.
    pub disconnect: DisconnectSettings,
    /// The end of activity.
    pub inactivity: InactivitySettings,
    /// Presence that another system holds.
    pub lease: LeaseSettings,
    /// Whether agents that are offline may write in chats.
    pub offline_replies: bool,
    /// Whether visitors see the names and pictures of the agents that are online.
    pub show_agents: bool,
    /// Whether visitors see how many chats wait before they begin one.
    pub show_queue: bool,
    /// Chats, whatever their queue.
    pub chats: ChatSettings,
    /// Counts its changes; the entity tag is made of it.
    pub version: i64,
}

/// What holds for all chats, whatever their queue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChatSettings {
    /// What becomes of the active chats of an agent that is effectively offline.
    pub on_agent_gone: OnAgentGone,
    /// After how long without a message a chat does not count as load; `null` is never.
    pub inactive_after_s: Option<i64>,
    /// How many chats a minute an agent that has come back is given; `null` is no bound.
    pub ramp_per_minute: Option<u32>,
    /// How long before the end of an agent's hours nothing new is offered to it; `null` is not.
    pub stop_offers_before_end_s: Option<i64>,
    /// Whether agents see what a visitor has written and not sent.
    pub show_unsent_text: bool,
}

/// What happens when an agent's last connection is gone.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DisconnectSettings {
    /// How long the status stands; `null` until inactivity ends it.
    pub grace_s: Option<i64>,
    /// What the agent is then: `away` or `offline`.
    pub becomes: Status,
    /// How long after that a returning connection brings the earlier status back.
    pub restore_within_s: i64,
}

/// What happens when an agent does nothing; `null` is never.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InactivitySettings {
    /// After how long it is away.
    pub away_after_s: Option<i64>,
    /// After how long it is offline.
    pub offline_after_s: Option<i64>,
    /// Whether its first act brings the earlier status back.
    pub resume: bool,
}

/// Presence that another system holds.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LeaseSettings {
    /// How long a ping holds an agent online.
    pub ttl_s: i64,
}

impl From<&domain::TenantSettings> for Settings {
    fn from(settings: &domain::TenantSettings) -> Self {
        let (disconnect, inactivity) = (settings.disconnect, settings.inactivity);
        let chats = settings.chats;
        Self {
            seats: settings.seats,
            time_zone: settings.time_zone.as_str(),
            disconnect: DisconnectSettings {
                grace_s: disconnect.grace.map(Millis::as_secs),
                becomes: Status(disconnect.becomes.as_str()),
                restore_within_s: disconnect.restore_within.as_secs(),
            },
            inactivity: InactivitySettings {
                away_after_s: inactivity.away_after.map(Millis::as_secs),
                offline_after_s: inactivity.offline_after.map(Millis::as_secs),
                resume: inactivity.resume,
            },
            lease: LeaseSettings {
                ttl_s: settings.lease_ttl.as_secs(),
            },
            offline_replies: settings.offline_replies,
            show_agents: settings.show_agents,
            show_queue: settings.show_queue,
            chats: ChatSettings {
                on_agent_gone: chats.on_agent_gone.into(),
                inactive_after_s: chats.inactive_after.map(Millis::as_secs),
                ramp_per_minute: chats.ramp_per_minute,
                stop_offers_before_end_s: chats.stop_offers_before_end.map(Millis::as_secs),
                show_unsent_text: chats.show_unsent_text,
            },
            version: settings.version,
        }
    }
}
