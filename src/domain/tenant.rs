//! A tenant's own name for itself, its settings and its bounds.

use super::{Invalid, Millis};

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

/// What a tenant decides for all its agents and chats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenantSettings {
    /// How long a status stands after the last connection is gone (PRES-7).
    pub disconnect_grace: Millis,
    /// How long after that a returning connection brings the earlier status back (PRES-7).
    pub restore_within: Millis,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            disconnect_grace: Millis::from_secs(60),
            restore_within: Millis::from_secs(15 * 60),
        }
    }
}

/// Bounds on what one tenant's engine holds. Each breach is a refusal, never a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Offices, agents, queues and widgets, each; 10,000 agents is the size that is measured.
    pub resources_of_a_kind: usize,
    /// Live sockets of one agent; a person has a few tabs, a leaking client has more.
    pub connections_per_agent: usize,
    /// Live sockets of one visitor; as many as a person has tabs.
    pub connections_per_visitor: usize,
    /// Open chats of one visitor; a person needs one, a widget per office a few.
    pub open_chats_per_visitor: usize,
    /// Messages of one chat; their ids stay in memory while it is open.
    pub messages_per_chat: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            resources_of_a_kind: 10_000,
            connections_per_agent: 20,
            connections_per_visitor: 20,
            open_chats_per_visitor: 5,
            messages_per_chat: 10_000,
        }
    }
}
