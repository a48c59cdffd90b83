//! Changes of a chat's life, as events.

use crate::domain::{AgentId, ChatId, Rating, TargetKind, Timestamp, VisitorId};

use super::super::effect::{Parties, Subject};
use super::super::view::{ChatView, Marks, WrapUpView};

/// What has happened to a chat besides its way to an agent and what was said in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LifeEvent {
    /// What agents say of it is this now.
    Updated(Parties, Box<Marks>),
    /// It is over, and an agent still works on it (CHAT-4).
    WrapUpStarted(Box<WrapUpView>),
    /// An agent is done with it.
    WrapUpEnded(ChatId, AgentId),
    /// The visitor has not answered for long; when the chat is closed for that (CHAT-10).
    IdleWarned(Parties, Option<Timestamp>),
    /// The visitor gave a sign, which nobody but its clock needs to know.
    VisitorSeen(ChatId),
    /// It was over and goes on (CHAT-10); these agents had it and have it no more.
    Reopened(Box<ChatView>, Vec<AgentId>),
    /// A target of its queue has passed (CHAT-12).
    TargetMissed(Parties, TargetKind),
    /// These agents are reminded that its visitor waits for an answer (CHAT-8).
    Reminded(ChatId, Vec<AgentId>),
    /// Its visitor has rated it (CHAT-12).
    Rated(Parties, Rating),
}

impl LifeEvent {
    /// The chat concerned.
    #[must_use]
    pub fn chat_id(&self) -> ChatId {
        match self {
            Self::Updated(parties, _)
            | Self::IdleWarned(parties, _)
            | Self::TargetMissed(parties, _)
            | Self::Rated(parties, _) => parties.chat_id,
            Self::WrapUpStarted(view) => view.chat.id,
            Self::Reopened(chat, _) => chat.id,
            Self::WrapUpEnded(id, _) | Self::VisitorSeen(id) | Self::Reminded(id, _) => *id,
        }
    }

    /// The agents who hear of it.
    #[must_use]
    pub fn agents(&self) -> Vec<AgentId> {
        match self {
            Self::Updated(parties, _)
            | Self::IdleWarned(parties, _)
            | Self::TargetMissed(parties, _)
            | Self::Rated(parties, _) => parties.agents.clone(),
            Self::WrapUpStarted(view) => vec![view.agent_id],
            Self::WrapUpEnded(_, agent_id) => vec![*agent_id],
            Self::Reopened(chat, _) => chat.agents.iter().map(|card| card.id).collect(),
            Self::Reminded(_, agents) => agents.clone(),
            Self::VisitorSeen(_) => Vec::new(),
        }
    }

    /// The visitor, where it hears of it.
    #[must_use]
    pub fn visitor(&self) -> Option<VisitorId> {
        match self {
            Self::IdleWarned(parties, _) | Self::Rated(parties, _) => Some(parties.visitor_id),
            Self::Reopened(chat, _) => Some(chat.visitor_id),
            Self::Updated(..)
            | Self::WrapUpStarted(_)
            | Self::WrapUpEnded(..)
            | Self::VisitorSeen(_)
            | Self::TargetMissed(..)
            | Self::Reminded(..) => None,
        }
    }

    /// The agents whose records it makes stale.
    pub(in super::super) fn subjects(&self, out: &mut std::collections::BTreeSet<Subject>) {
        match self {
            Self::WrapUpEnded(_, agent_id) => {
                out.insert(Subject::Work(*agent_id));
            }
            Self::Reopened(chat, _) => {
                out.extend(chat.agents.iter().map(|card| Subject::Work(card.id)));
            }
            Self::Updated(..)
            | Self::WrapUpStarted(_)
            | Self::IdleWarned(..)
            | Self::VisitorSeen(_)
            | Self::TargetMissed(..)
            | Self::Reminded(..)
            | Self::Rated(..) => {}
        }
    }
}
