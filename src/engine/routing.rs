//! Who gets a chat: eligibility, then ranking (ROUTE-2, -3, -13).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::domain::{AgentId, ChatId, Millis, OfficeId, QueueId, Status, Strategy, Timestamp};

use super::state::{AgentState, Chat, State};
use super::timers::TimerKey;
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
pub(super) fn ineligibilities(agent: &AgentState, chat: &Chat, now: Timestamp) -> Vec<Ineligible> {
    let mut reasons = Vec::new();
    let status = agent.presence(chat.office_id).status;
    if status != Status::Online && !may_be_late(agent, chat, now) {
        reasons.push(Ineligible::NotOnline);
    }
    reasons.extend(general_ineligibilities(agent));
    if chat.was_refused_by(agent.profile.id) {
        reasons.push(Ineligible::Refused);
    }
    reasons
}

/// PRES-11: whether an invisible agent that wants late offers may have this chat by now.
fn may_be_late(agent: &AgentState, chat: &Chat, now: Timestamp) -> bool {
    let after = agent.profile.offers_when_invisible_after;
    wants_late_offers(agent, chat.office_id)
        && after.is_some_and(|after| chat.enqueued_at + after <= now)
}

fn wants_late_offers(agent: &AgentState, office: OfficeId) -> bool {
    let idle = agent.facts.pausing.is_none() && agent.facts.wanted.is_none();
    idle && agent.profile.offers_when_invisible_after.is_some()
        && agent.presence(office).status == Status::Invisible
}

/// Whether an offer may go on ringing at an agent (ROUTE-11). A blink of the connection does not end it.
pub(super) fn may_keep_offer(agent: &AgentState, chat: &Chat) -> bool {
    agent.presence(chat.office_id).status == Status::Online
        || wants_late_offers(agent, chat.office_id)
}

/// The reasons that hold for every chat of whichever office.
fn general_ineligibilities(agent: &AgentState) -> Vec<Ineligible> {
    let mut reasons = Vec::new();
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

    /// Decides among these members of the chat's queue. Those who are online come before the invisible (PRES-11).
    fn decide<'a>(
        &self,
        chat: &Chat,
        members: impl IntoIterator<Item = &'a AgentId>,
        now: Timestamp,
    ) -> Decision {
        let Some(queue) = chat.queue_id.and_then(|id| self.queues.get(&id)) else {
            return Decision::Nobody;
        };
        let mut refused = false;
        let mut best: Option<(bool, Rank)> = None;
        let strategy = queue.queue.settings.strategy;
        for agent in members.into_iter().filter_map(|id| self.agents.get(id)) {
            match ineligibilities(agent, chat, now).as_slice() {
                [] => {
                    let late = agent.presence(chat.office_id).status != Status::Online;
                    let rank = (late, self.rank(strategy, agent));
                    if best.is_none_or(|best| rank < best) {
                        best = Some(rank);
                    }
                }
                [Ineligible::Refused] => refused = true,
                _ => {}
            }
        }
        match best {
            Some((_, (.., agent_id))) => Decision::Offer(agent_id),
            None if refused => Decision::AllRefused,
            None => Decision::Nobody,
        }
    }

    /// Whether an agent has fewer chats and offers than it may have.
    pub(super) fn has_room_for_one(&self, agent_id: AgentId) -> bool {
        let agent = self.agents.get(&agent_id);
        agent.is_some_and(|agent| agent.load() < agent.profile.capacity.get() as usize)
    }

    /// Whether an agent could take a chat of this office now.
    fn is_free(&self, agent_id: AgentId, office: OfficeId) -> bool {
        self.agents.get(&agent_id).is_some_and(|agent| {
            let online = agent.presence(office).status == Status::Online;
            (online || wants_late_offers(agent, office))
                && general_ineligibilities(agent).is_empty()
        })
    }

    /// When a waiting chat of a queue may next be offered to one of its invisible members (PRES-11).
    pub(super) fn late_due(&self, queue_id: QueueId, now: Timestamp) -> Option<Timestamp> {
        let queue = self.queues.get(&queue_id)?;
        if queue.waiting.is_empty() {
            return None;
        }
        let office = queue.queue.office_id;
        let members = queue.members.iter().filter_map(|id| self.agents.get(id));
        let delays: BTreeSet<Millis> = members
            .filter(|agent| wants_late_offers(agent, office))
            .filter_map(|agent| agent.profile.offers_when_invisible_after)
            .collect();
        let first_after = |delay: Millis| {
            let waited = Timestamp(now.0.saturating_sub(delay.0));
            let later = (
                Bound::Excluded((waited, ChatId(uuid::Uuid::max()))),
                Bound::Unbounded,
            );
            let (enqueued_at, _) = queue.waiting.range(later).next()?;
            Some(*enqueued_at + delay)
        };
        delays.into_iter().filter_map(first_after).min()
    }

    /// The members who could take a chat now, of those of these queues that have any.
    fn free_members(&self, queue_ids: &[QueueId]) -> BTreeMap<QueueId, Vec<AgentId>> {
        let queues = queue_ids.iter().filter_map(|id| self.queues.get(id));
        queues
            .filter(|queue| !queue.waiting.is_empty())
            .map(|queue| {
                let members = queue.members.iter().copied();
                let office = queue.queue.office_id;
                let free = members.filter(|id| self.is_free(*id, office)).collect();
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

    /// Whether something waits in a queue, and one of its members is invisible and wants late offers.
    fn has_late_members(&self, queue_id: QueueId) -> bool {
        let queue = self.queues.get(&queue_id);
        queue
            .filter(|queue| !queue.waiting.is_empty())
            .is_some_and(|queue| {
                let mut members = queue.members.iter().filter_map(|id| self.agents.get(id));
                members.any(|agent| wants_late_offers(agent, queue.queue.office_id))
            })
    }

    /// The waiting chats of a queue that ring at somebody, but at no invisible agent.
    fn unanswered(&self, queue_id: QueueId, now: Timestamp) -> Vec<ChatId> {
        let queue = self.queues.get(&queue_id);
        let waiting = queue.into_iter().flat_map(|queue| &queue.waiting);
        let chats = waiting.filter_map(|(_, id)| self.chats.get(id));
        chats
            .filter(|chat| chat.is_offered() && chat.enqueued_at < now)
            .filter(|chat| {
                !chat.ringing().any(|(_, offer)| {
                    let agent = self.agents.get(&offer.agent_id);
                    agent.is_some_and(|agent| wants_late_offers(agent, chat.office_id))
                })
            })
            .map(|chat| chat.id)
            .collect()
    }

    /// Whether the chat rings, or could ring at nobody: what ROUTE-13 promises of every waiting chat.
    pub(super) fn is_served(&self, chat: &Chat, now: Timestamp) -> bool {
        let queue = chat.queue_id.and_then(|id| self.queues.get(&id));
        let members = queue.into_iter().flat_map(|queue| &queue.members);
        match self.decide(chat, members, now) {
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
            let office = chat.office_id;
            match self.state.decide(chat, members, self.now) {
                Decision::Offer(agent_id) => {
                    self.make_offer(chat_id, agent_id);
                    if !self.state.is_free(agent_id, office) {
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
        for queue_id in queue_ids {
            self.ring_late(*queue_id);
            self.time_late_offers(*queue_id);
        }
    }

    /// Sets the deadline of a queue's next late offers: a chat has come or gone, or an agent may have them or not.
    pub(super) fn time_late_offers(&mut self, queue_id: QueueId) {
        let at = self.state.late_due(queue_id, self.now);
        self.state.timers.put(TimerKey::LateOffers(queue_id), at);
    }

    /// PRES-11: a chat that has waited for long enough and rings at somebody who does not answer rings at an invisible
    /// agent besides, at one at a time.
    fn ring_late(&mut self, queue_id: QueueId) {
        if !self.state.has_late_members(queue_id) {
            return;
        }
        for chat_id in self.state.unanswered(queue_id, self.now) {
            let chat = self.state.chats.get(&chat_id);
            let Some((chat, queue)) = chat.zip(self.state.queues.get(&queue_id)) else {
                continue;
            };
            let late = queue.members.iter().filter(|id| {
                let agent = self.state.agents.get(id);
                agent.is_some_and(|agent| wants_late_offers(agent, chat.office_id))
            });
            if let Decision::Offer(agent_id) = self.state.decide(chat, late, self.now) {
                self.make_offer(chat_id, agent_id);
            }
        }
    }

    /// The deadline of late offers: chats of this queue have waited for long enough.
    pub(super) fn offer_late(&mut self, queue_id: QueueId) {
        self.dispatch(&[queue_id]);
    }
}
