//! Ids: one type for each thing, so that an agent's id cannot stand where a chat's is meant.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Defines a UUID newtype. New ids come from `random.rs` at the edge; nothing here makes one up.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = super::Invalid;

            /// Reads the hyphenated form.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match Uuid::try_parse(text) {
                    Ok(id) if text.len() == 36 => Ok(Self(id)),
                    _ => Err(super::Invalid::BadFormat("a UUID in its hyphenated form")),
                }
            }
        }
    )+};
}

ids! {
    /// A customer of this service; nothing crosses it.
    TenantId,
    /// A unit of a tenant that visitors reach and agents serve.
    OfficeId,
    /// A person who answers chats.
    AgentId,
    /// Where chats wait.
    QueueId,
    /// What a website embeds.
    WidgetId,
    /// Which visitors are greeted, and how.
    TargetingRuleId,
    /// A browser on a website, as its token names it.
    VisitorId,
    /// The visitor as a person, over all chats.
    ContactId,
    /// One conversation from request to close.
    ChatId,
    /// One live socket.
    ConnectionId,
    /// A log-in, which outlives connections.
    SessionId,
    /// A process that owns tenants.
    NodeId,
    /// A status that a tenant has added to the four.
    StatusId,
    /// A kind of pause.
    PauseId,
    /// A file that somebody has uploaded.
    FileId,
    /// What a queue may ask of an agent.
    SkillId,
    /// An outcome of a chat.
    DispositionId,
    /// A word that chats are found by.
    TagId,
    /// Who may not talk to a tenant.
    BanId,
    /// What sends a chat to a queue.
    RoutingRuleId,
    /// A canned answer.
    TemplateId,
    /// What a tenant's own site signs with who a visitor is.
    IdentitySecretId,
}

impl ContactId {
    /// The contact that a visitor is until it is merged with another: the one of its own id, so
    /// that starting a chat needs no look-up.
    #[must_use]
    pub fn of_visitor(visitor: VisitorId) -> Self {
        Self(visitor.0)
    }
}
