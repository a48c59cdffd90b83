//! Who gets a chat: eligibility, then ranking (ROUTE-2, -3, -13).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::domain::{AgentId, ChatId, QueueId, Status, Strategy, Timestamp};

use super::state::{AgentState, Chat, State};
use super::turn::Turn;

/// A rule that keeps an agent from being offered a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ineligible {
    /// Not effectively online.
    NotOnline,
    /// Without a connection at the moment.
    Unreachable,
    /// Has as many chats as it may have.
    AtCapacity,
    /// Has rejected or missed this chat in this round.
    Refused,
}

/// Every reason why the agent, a member of the chat's queue, may not be offered the chat. It decides, and it
/// explains.
pub(super) fn ineligibilities(agent: &AgentState, chat: &Chat) -> Vec<Ineligible> {
    let mut reasons = general_ineligibilities(agent);
    if chat.was_refused_by(agent.profile.id) {
        reasons.push(Ineligible::Refused);
    }
    reasons
}

/// The reasons that hold for every chat.
fn general_ineligibilities(agent: &AgentState) -> Vec<Ineligible> {
    let mut reasons = Vec::new();
    if agent.presence().status != Status::Online {
        reasons.push(Ineligible::NotOnline);
    }
    if !agent.is_reachable() {
        reasons.push(Ineligible::Unreachable);
    }
    if agent.load() >= agent.profile.capacity.get() as usize {
        reasons.push(Ineligible::AtCapacity);
    }
    reasons
}

/// The lowest rank is offered first. The id is the last tie-break, so that every order is total.
type Rank = (bool, Timestamp, usize, AgentId);

/// What can be done for a waiting chat now.
enum Decision {
    Offer(AgentId),
    /// Somebody could take it, but all who could have refused in this round.
    AllRefused,
    /// Nobody can take it.
    Nobody,
}

impl State {
    /// An offer occupies its agent as a chat does: chats that come at once ring at different agents.
    fn rank(&self, strategy: Strategy, agent: &AgentState) -> Rank {
        match strategy {
            Strategy::LongestIdle => {
                let offered = agent.ringing.iter().filter_map(|(chat_id, number)| {
                    let offer = self.chats.get(chat_id)?.offers.get(number)?;
                    Some(offer.made_at)
                });
                let load = agent.load();
                let last = offered.fold(agent.idle_since, Timestamp::max);
                (load > 0, last, load, agent.profile.id)
            }
        }
    }

    /// Decides among these members of the chat's queue.
    fn decide<'a>(&self, chat: &Chat, members: impl IntoIterator<Item = &'a AgentId>) -> Decision {
        let Some(queue) = chat.queue_id.and_then(|id| self.queues.get(&id)) else {
            return Decision::Nobody;
        };
        let mut refused = false;
        let mut best: Option<Rank> = None;
        let strategy = queue.queue.settings.strategy;
        for agent in members.into_iter().filter_map(|id| self.agents.get(id)) {
            match ineligibilities(agent, chat).as_slice() {
                [] => {
                    let rank = self.rank(strategy, agent);
                    if best.is_none_or(|best| rank < best) {
                        best = Some(rank);
                    }
                }
                [Ineligible::Refused] => refused = true,
                _ => {}
            }
        }
        match best {
            Some((.., agent_id)) => Decision::Offer(agent_id),
            None if refused => Decision::AllRefused,
            None => Decision::Nobody,
        }
    }

    fn is_free(&self, agent_id: AgentId) -> bool {
        let agent = self.agents.get(&agent_id);
        agent.is_some_and(|agent| general_ineligibilities(agent).is_empty())
    }

    /// The members who could take a chat now, of those of these queues that have any.
    fn free_members(&self, queue_ids: &[QueueId]) -> BTreeMap<QueueId, Vec<AgentId>> {
        let queues = queue_ids.iter().filter_map(|id| self.queues.get(id));
        queues
            .filter(|queue| !queue.waiting.is_empty())
            .map(|queue| {
                let members = queue.members.iter().copied();
                let free = members.filter(|id| self.is_free(*id)).collect();
                (queue.queue.id, free)
            })
            .filter(|(_, free): &(_, Vec<AgentId>)| !free.is_empty())
            .collect()
    }

    /// Waiting chats of these queues that ring at nobody, oldest last, so that `pop` gives the next one.
    fn unoffered<'a>(
        &self,
        queue_ids: impl Iterator<Item = &'a QueueId>,
    ) -> Vec<(Timestamp, ChatId)> {
        let mut waiting: Vec<(Timestamp, ChatId)> = queue_ids
            .filter_map(|id| self.queues.get(id))
            .flat_map(|queue| queue.waiting.iter().copied())
            .filter(|(_, id)| self.chats.get(id).is_some_and(|chat| !chat.is_offered()))
            .collect();
        waiting.sort_unstable_by_key(|key| Reverse(*key));
        waiting
    }

    /// Whether the chat rings, or could ring at nobody: what ROUTE-13 promises of every waiting chat.
    pub(super) fn is_served(&self, chat: &Chat) -> bool {
        let queue = chat.queue_id.and_then(|id| self.queues.get(&id));
        match self.decide(chat, queue.into_iter().flat_map(|queue| &queue.members)) {
            _ if chat.is_offered() => true,
            Decision::Offer(_) => false,
            Decision::AllRefused => chat.round_starts_at.is_some(),
            Decision::Nobody => true,
        }
    }
}

impl Turn<'_> {
    /// Offers what the agent's change has made possible.
    pub(super) fn dispatch_agent(&mut self, agent_id: AgentId) {
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        let queue_ids: Vec<QueueId> = agent.queues.iter().copied().collect();
        self.dispatch(&queue_ids);
    }

    /// Offers every waiting chat of these queues that somebody can take, oldest first. Who is free is found
    /// once: many chats wait when few are.
    pub(super) fn dispatch(&mut self, queue_ids: &[QueueId]) {
        let mut free = self.state.free_members(queue_ids);
        let mut waiting = self.state.unoffered(free.keys());
        while !free.is_empty()
            && let Some((_, chat_id)) = waiting.pop()
        {
            let Some(chat) = self.state.chats.get(&chat_id) else {
                continue;
            };
            let Some(members) = chat.queue_id.and_then(|id| free.get(&id)) else {
                continue;
            };
            match self.state.decide(chat, members) {
                Decision::Offer(agent_id) => {
                    self.make_offer(chat_id, agent_id);
                    if !self.state.is_free(agent_id) {
                        free.retain(|_, members| {
                            members.retain(|id| *id != agent_id);
                            !members.is_empty()
                        });
                    }
                }
                Decision::AllRefused => self.pause_round(chat_id),
                Decision::Nobody => {}
            }
        }
    }
}
