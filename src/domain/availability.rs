//! What a visitor may see of an office (AVAIL-1).

use super::Invalid;
use super::word::words;

/// The mode that a widget shows.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Nothing is shown.
    Hidden,
    /// Nobody is there; a message can be left.
    Messenger,
    /// A chat can start.
    Live,
}

impl Mode {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Messenger => "messenger",
            Self::Live => "live",
        }
    }
}

/// What an office shows while it is not live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenNotLive {
    /// A message can be left.
    #[default]
    Messenger,
    /// Nothing is shown.
    Hidden,
}

impl WhenNotLive {
    /// The word on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Messenger => "messenger",
            Self::Hidden => "hidden",
        }
    }

    /// The mode that it stands for.
    #[must_use]
    pub fn mode(self) -> Mode {
        match self {
            Self::Messenger => Mode::Messenger,
            Self::Hidden => Mode::Hidden,
        }
    }
}

impl std::str::FromStr for WhenNotLive {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "messenger" => Ok(Self::Messenger),
            "hidden" => Ok(Self::Hidden),
            _ => Err(Invalid::UnknownValue("messenger, hidden")),
        }
    }
}

words! {
    /// What an office shows while all its agents that are online have as many chats as they may have (AVAIL-5).
    pub enum WhenBusy {
        /// It stays live; the chat waits in its queue.
        Queue = "queue",
        /// A message can be left.
        Messenger = "messenger",
    }
}

#[expect(
    clippy::derivable_impls,
    reason = "the macro of the word lists derives no default"
)]
impl Default for WhenBusy {
    fn default() -> Self {
        Self::Queue
    }
}

words! {
    /// Why an office shows what it shows.
    pub enum ShownReason {
        /// Somebody is there.
        AgentOnline = "agent_online",
        /// It is out of its hours.
        OutOfHours = "out_of_hours",
        /// No agent of its queues is effectively online.
        NobodyOnline = "nobody_online",
        /// Everybody who is there has as many chats as it may have.
        AllBusy = "all_busy",
        /// None of its queues has a member.
        NoMembers = "no_members",
    }
}
