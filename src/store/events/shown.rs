//! What a stored event says of a chat as it stood then: what changes in the course of a chat, by ids alone.

use serde::{Deserialize, Serialize};

use crate::domain::{AgentId, ChatState, HandOver, Millis, OfficeId, QueueId, Timestamp};
use crate::engine::{AgentCard, ChatStateView, ChatView};

/// A chat at an event. What an older event did not say is taken from the chat as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in super::super) struct Shown {
    /// Who answered it.
    pub(in super::super) agents: Vec<AgentId>,
    /// Who read along and was seen to. Who was not is nobody's business later either.
    pub(in super::super) assistants: Vec<AgentId>,
    pub(in super::super) last_seq: u32,
    pub(in super::super) position: Option<u32>,
    /// What was said of its wait.
    pub(in super::super) estimated_wait: Option<Millis>,
    pub(in super::super) queue_id: Option<QueueId>,
    pub(in super::super) office_id: Option<OfficeId>,
    /// When it was accepted, if it was active.
    pub(in super::super) accepted_at: Option<Timestamp>,
    /// Whether it rang while it waited.
    pub(in super::super) rings: bool,
    pub(in super::super) hand_over: Option<HandOver>,
}

impl Shown {
    pub(super) fn of(chat: &ChatView) -> Self {
        let ids = |cards: &[AgentCard]| cards.iter().map(|card| card.id).collect();
        Self {
            agents: ids(&chat.agents),
            assistants: ids(chat.assistants()),
            last_seq: chat.last_seq,
            position: chat.position,
            estimated_wait: chat.estimated_wait,
            queue_id: chat.queue_id,
            office_id: Some(chat.office_id),
            accepted_at: match chat.state {
                ChatStateView::Settled(ChatState::Active { accepted_at }) => Some(accepted_at),
                ChatStateView::Settled(_) | ChatStateView::Offered => None,
            },
            rings: chat.state == ChatStateView::Offered,
            hand_over: chat.hand_over(),
        }
    }

    /// The state of a chat that was open.
    pub(in super::super) fn state(&self) -> ChatStateView {
        match self.accepted_at {
            Some(accepted_at) => ChatStateView::Settled(ChatState::Active { accepted_at }),
            None if self.rings => ChatStateView::Offered,
            None => ChatStateView::Settled(ChatState::Waiting),
        }
    }
}
