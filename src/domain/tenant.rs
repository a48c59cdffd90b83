//! A tenant's own name for itself, its settings and its bounds.

use serde::{Deserialize, Serialize};

use super::{Invalid, Millis, Status, Zone};

/// The tenant's name in addresses and at log-in: 2 to 40 of `a-z 0-9 -`, starting with a letter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Slug(Box<str>);

impl Slug {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Slug {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let length = text.chars().count();
        if length < 2 {
            return Err(Invalid::TooShort { min: 2 });
        }
        if length > 40 {
            return Err(Invalid::TooLong {
                max: 40,
                unit: "characters",
            });
        }
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !text.starts_with(|c: char| c.is_ascii_lowercase()) || !text.chars().all(fits) {
            return Err(Invalid::BadFormat(
                "lower-case letters, digits and hyphens, letter first",
            ));
        }
        Ok(Self(text.into()))
    }
}

/// What happens when an agent's last connection is gone (PRES-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisconnectSettings {
    /// How long the status stands; `None` until inactivity ends it.
    pub grace: Option<Millis>,
    /// What the agent is then: `away` or `offline`.
    pub becomes: Status,
    /// How long after that a returning connection brings the earlier status back.
    pub restore_within: Millis,
}

/// What happens when an agent does nothing (PRES-6). `None` is never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InactivitySettings {
    /// After how long it is away.
    pub away_after: Option<Millis>,
    /// After how long it is offline.
    pub offline_after: Option<Millis>,
    /// Whether its first act brings the earlier status back.
    pub resume: bool,
}

/// What becomes of the active chats of an agent that is effectively offline (ROUTE-11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnAgentGone {
    /// It keeps them.
    #[default]
    Keep,
    /// After this long they go back to the front of their queues.
    Requeue(Millis),
}

/// What a tenant decides for all its chats, whatever their queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChatSettings {
    /// The chats of an agent that is gone.
    pub on_agent_gone: OnAgentGone,
    /// After how long without a message of either side a chat does not count as load (ROUTE-22); `None` is never.
    pub inactive_after: Option<Millis>,
    /// How many chats a minute an agent that has come back is given (ROUTE-22); `None` is no bound.
    pub ramp_per_minute: Option<u32>,
    /// How long before the end of an agent's hours nothing new is offered to it (ROUTE-23).
    pub stop_offers_before_end: Option<Millis>,
    /// Whether agents see what a visitor has written and not sent (CHAT-9).
    pub show_unsent_text: bool,
}

impl Default for ChatSettings {
    fn default() -> Self {
        Self {
            on_agent_gone: OnAgentGone::Keep,
            inactive_after: Some(Millis::from_secs(10 * 60)),
            ramp_per_minute: None,
            stop_offers_before_end: None,
            show_unsent_text: false,
        }
    }
}

/// What a tenant decides for all its agents and chats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenantSettings {
    /// How many agents may be online at once (PRES-15).
    pub seats: u32,
    /// The calendar by which days are counted.
    pub time_zone: Zone,
    /// The end of the last connection.
    pub disconnect: DisconnectSettings,
    /// The end of activity.
    pub inactivity: InactivitySettings,
    /// How long a ping holds an agent online (PRES-14).
    pub lease_ttl: Millis,
    /// Whether agents that are offline may write in chats (PRES-12).
    pub offline_replies: bool,
    /// Whether visitors see the names and pictures of the agents that are online (AVAIL-3).
    pub show_agents: bool,
    /// Whether visitors see how many chats wait before they begin one (AVAIL-3).
    pub show_queue: bool,
    /// Chats.
    pub chats: ChatSettings,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            seats: 10,
            time_zone: Zone::default(),
            disconnect: DisconnectSettings {
                grace: Some(Millis::from_secs(60)),
                becomes: Status::Offline,
                restore_within: Millis::from_secs(15 * 60),
            },
            inactivity: InactivitySettings {
                away_after: Some(Millis::from_secs(60 * 60)),
                offline_after: None,
                resume: false,
            },
            lease_ttl: Millis::from_secs(150),
            offline_replies: true,
            show_agents: false,
            show_queue: false,
            chats: ChatSettings::default(),
            version: 1,
        }
    }
}

/// Bounds on what one tenant's engine holds. Each breach is a refusal, never a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Offices, agents, queues and widgets, each; 10,000 agents is the size that is measured.
    pub resources_of_a_kind: usize,
    /// Custom statuses and kinds of pause, each: people choose from them as from a list.
    pub choices_of_a_kind: usize,
    /// Live sockets of one agent; a person has a few tabs, a leaking client has more.
    pub connections_per_agent: usize,
    /// Live sockets of one visitor; as many as a person has tabs.
    pub connections_per_visitor: usize,
    /// Open chats of one visitor; a person needs one, a widget per office a few.
    pub open_chats_per_visitor: usize,
    /// Messages of one chat; their ids stay in memory while it is open.
    pub messages_per_chat: u32,
    /// Messages of one chat that have buttons; these stay in memory while it is open.
    pub messages_with_buttons_per_chat: usize,
    /// Notes of one chat; their ids stay in memory while it is open.
    pub notes_per_chat: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            resources_of_a_kind: 10_000,
            choices_of_a_kind: 100,
            connections_per_agent: 20,
            connections_per_visitor: 20,
            open_chats_per_visitor: 5,
            messages_per_chat: 10_000,
            messages_with_buttons_per_chat: 100,
            notes_per_chat: 1000,
        }
    }
}
