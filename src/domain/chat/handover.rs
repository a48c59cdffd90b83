//! How a chat changes hands, and how that ends.

use serde::{Deserialize, Serialize};

use super::routing::{Purpose, Target};
use crate::domain::word::words;
use crate::domain::{AgentId, Timestamp};

words! {
    /// When the part of an agent that gives a chat away ends (CHAT-1).
    pub enum Release {
        /// When the target accepts.
        OnAccept = "on_accept",
        /// Now, whoever accepts.
        AtOnce = "at_once",
    }
}

words! {
    /// What becomes of a hand-over that nobody could be offered now.
    pub enum IfUnavailable {
        /// It is refused.
        Fail = "fail",
        /// It waits.
        Queue = "queue",
    }
}

words! {
    /// How a hand-over ended without anybody having come in by it.
    pub enum HandOverEnd {
        /// Who asked for it took it back or has no part in the chat any more, or the chat was taken over.
        Cancelled = "cancelled",
        /// Everybody who was asked has rejected or missed it.
        Refused = "refused",
        /// Nobody can be asked any more.
        Unavailable = "unavailable",
    }
}

words! {
    /// Why a chat is with somebody else than before (CHAT-12).
    pub enum TransferReason {
        /// The target accepted it.
        Accepted = "accepted",
        /// The sender let go of it; it waits for the target.
        Released = "released",
    }
}

/// A search for somebody who comes into an active chat, as agents see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// What for.
    pub purpose: Purpose,
    /// Whom it is for.
    pub to: Target,
    /// Who asked.
    pub by: AgentId,
    /// Since when.
    pub since: Timestamp,
}
