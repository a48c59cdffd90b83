//! Reading an engine: what a client starts from, and single things as they are now.

use crate::domain::{
    AgentId, ChatId, Email, Lease, Link, OfficeId, QueueId, TenantSettings, VisitorId, Widget,
    explain,
};

use super::Engine;
use super::state::AgentState;
use super::view::{
    AgentSnapshot, ChatView, OfficeView, PresenceRow, PresenceView, QueueView, VisitorSnapshot,
};

impl Engine {
    /// What the agent's client starts from; `None` for a stranger.
    #[must_use]
    pub fn agent_snapshot(&self, agent_id: AgentId) -> Option<AgentSnapshot> {
        let state = &self.state;
        let agent = state.agents.get(&agent_id)?;
        let offers = agent.ringing.iter().filter_map(|(chat_id, number)| {
            let chat = state.chats.get(chat_id)?;
            state.offer_view(chat, *number, chat.offers.get(number)?)
        });
        let queues = agent.queues.iter().filter_map(|id| state.queues.get(id));
        Some(AgentSnapshot {
            me: agent.profile.clone(),
            presence: agent.presence_view(),
            offices: state
                .offices
                .keys()
                .filter_map(|id| state.office_view(*id))
                .collect(),
            statuses: in_order(state.statuses.values(), |s| {
                (s.sort_order, s.created_at, s.id)
            }),
            pauses: in_order(state.pauses.values(), |p| {
                (p.sort_order, p.created_at, p.id)
            }),
            queues: queues.map(|queue| queue.queue.clone()).collect(),
            logged_out: agent.work.logged_out.clone(),
            offers: offers.collect(),
            chats: agent
                .chats
                .union(&agent.read_along)
                .filter_map(|id| self.chat(*id))
                .collect(),
            wrap_ups: agent
                .wrapping
                .iter()
                .filter_map(|id| state.wrap_up_view(agent_id, state.chats.get(id)?))
                .collect(),
        })
    }

    /// What the visitor's client starts from. A visitor without a chat is nobody's secret.
    #[must_use]
    pub fn visitor_snapshot(&self, visitor_id: VisitorId) -> VisitorSnapshot {
        let chats = self.state.visitors.get(&visitor_id).into_iter().flatten();
        VisitorSnapshot {
            visitor_id,
            chats: chats.filter_map(|id| self.chat(*id)).collect(),
            shows_unsent_text: self.state.settings.chats.show_unsent_text,
        }
    }

    /// A chat that is in memory.
    #[must_use]
    pub fn chat(&self, chat_id: ChatId) -> Option<ChatView> {
        self.state
            .chats
            .get(&chat_id)
            .map(|chat| self.state.chat_view(chat))
    }

    /// An agent's presence.
    #[must_use]
    pub fn presence(&self, agent_id: AgentId) -> Option<PresenceView> {
        let agent = self.state.agents.get(&agent_id)?;
        Some(agent.presence_view())
    }

    /// Who is online: every agent, or those that belong to an office.
    #[must_use]
    pub fn presences(&self, office: Option<OfficeId>) -> Vec<PresenceRow> {
        let agents = self.state.agents.values();
        agents
            .filter(|agent| office.is_none_or(|id| self.state.belongs(agent, id)))
            .map(|agent| presence_row(agent))
            .collect()
    }

    /// One agent's line of it, and the offices that it belongs to.
    #[must_use]
    pub fn presence_row_of(&self, agent_id: AgentId) -> Option<PresenceRow> {
        let agent = self.state.agents.get(&agent_id)?;
        Some(presence_row(agent))
    }

    /// The steps by which an agent's present status in an office, or outside of any, comes about (PRES-17).
    #[must_use]
    pub fn presence_chain(&self, agent_id: AgentId, office: Option<OfficeId>) -> Vec<Link> {
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return Vec::new();
        };
        let seated = self.state.is_seated(agent);
        explain(&agent.facts, office, &self.state.statuses, seated)
    }

    /// Finds an agent by the address that it logs in with, in whichever case it is written.
    #[must_use]
    pub fn find_agent_by_email(&self, email: &Email) -> Option<AgentId> {
        let folded = email.folded();
        let mut agents = self.state.agents.values();
        let found = agents.find(|agent| agent.profile.email.folded() == folded)?;
        Some(found.profile.id)
    }

    /// The tenant's settings.
    #[must_use]
    pub fn settings(&self) -> &TenantSettings {
        &self.state.settings
    }

    /// An office with its mode.
    #[must_use]
    pub fn office(&self, office_id: OfficeId) -> Option<OfficeView> {
        self.state.office_view(office_id)
    }

    /// Every widget.
    pub fn widgets(&self) -> impl Iterator<Item = &Widget> {
        self.state.widgets.values().map(|widget| &**widget)
    }

    /// A queue with its members.
    #[must_use]
    pub fn queue(&self, queue_id: QueueId) -> Option<QueueView> {
        self.state.queue_view(queue_id)
    }
}

fn presence_row(agent: &AgentState) -> PresenceRow {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    PresenceRow {
        agent: agent.profile.clone(),
        presence: agent.presence_view(),
        load: count(agent.load()),
        capacity: agent.profile.capacity.get(),
        connections: count(agent.connections.len()),
        lease_until: match agent.facts.lease {
            Lease::Held { until, .. } => Some(until),
            Lease::None | Lease::Expired { .. } => None,
        },
        logged_out: agent.work.logged_out.clone(),
    }
}

fn in_order<'a, T: Clone + 'a, K: Ord>(
    things: impl Iterator<Item = &'a T>,
    key: impl Fn(&T) -> K,
) -> Vec<T> {
    let mut things: Vec<T> = things.cloned().collect();
    things.sort_by_key(key);
    things
}
