//! System notices: what the service says in a chat, for typed reasons.

use serde::{Deserialize, Serialize};

use super::{AgentId, Name, QueueId, Timestamp};

/// An agent as a notice names it, by the name that it had then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeAgent {
    /// Its id.
    pub agent_id: AgentId,
    /// The name under which it chats.
    pub name: Name,
}

/// What a notice tells everybody in the chat, the visitor too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case", deny_unknown_fields)]
pub enum SystemNotice {
    /// The chat was given to an agent without being offered (ROUTE-12).
    Assigned {
        /// To whom.
        agent: NoticeAgent,
    },
    /// The chat goes on with another agent (CHAT-1).
    TransferredToAgent {
        /// With whom.
        agent: NoticeAgent,
    },
    /// The chat goes on with whoever of another queue takes it (CHAT-1).
    TransferredToQueue {
        /// Of which queue. Its name is for agents.
        queue_id: QueueId,
    },
    /// One agent more takes part (CHAT-2).
    AgentJoined {
        /// Who.
        agent: NoticeAgent,
    },
    /// One of several agents takes part no longer (CHAT-2).
    AgentLeft {
        /// Who.
        agent: NoticeAgent,
    },
    /// A supervisor goes on instead of the agent (CHAT-3).
    TakenOver {
        /// Who goes on.
        agent: NoticeAgent,
    },
    /// The agent is gone, and the chat waits for another one (ROUTE-11, ROUTE-21).
    Requeued {},
    /// The visitor has been silent, and the chat is about to close (CHAT-10).
    IdleWarning {
        /// When it closes unless the visitor writes; `None` where silence closes no chat.
        closes_at: Option<Timestamp>,
    },
    /// The visitor came back to a chat that was closed (CHAT-10).
    Reopened {},
}

impl SystemNotice {
    /// What it says to whoever shows it as it is, in English.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Assigned { agent } => format!("{} will answer you.", agent.name.as_str()),
            Self::TransferredToAgent { agent } => {
                format!("{} takes over this chat.", agent.name.as_str())
            }
            Self::TransferredToQueue { .. } => {
                "This chat was passed on. Somebody will be with you soon.".to_owned()
            }
            Self::AgentJoined { agent } => format!("{} has joined.", agent.name.as_str()),
            Self::AgentLeft { agent } => format!("{} has left.", agent.name.as_str()),
            Self::TakenOver { agent } => format!("{} has taken over.", agent.name.as_str()),
            Self::Requeued {} => {
                "The connection to your agent was lost. Somebody will be with you soon.".to_owned()
            }
            Self::IdleWarning { closes_at: Some(_) } => {
                "Are you still there? This chat closes soon if you do not write.".to_owned()
            }
            Self::IdleWarning { closes_at: None } => "Are you still there?".to_owned(),
            Self::Reopened {} => "The chat goes on.".to_owned(),
        }
    }
}
