//! Who is in question for a chat, in the order in which they are asked, and who is not. It costs what the bounds of a
//! decision allow, however many agents there are.

use std::collections::BTreeSet;

use crate::domain::{AgentId, Seek, Strategy, Target, Timestamp};

use super::super::dispatch::in_turn;
use super::super::routing::{Ineligible, Rank, ineligibilities};
use super::super::state::{AgentState, Chat, QueueState, State};
use super::{Candidate, ChatPlace, Decision, PassedOver, RankValues, TieBreak};

/// How many of those who are ready are looked at: enough for both lists to be full.
const LOOKED_AT: usize = Decision::CANDIDATES + Decision::PASSED_OVER;

/// What has been found so far.
struct Weighing<'s> {
    state: &'s State,
    queue: &'s QueueState,
    chat: &'s Chat,
    now: Timestamp,
    candidates: Vec<Ranked>,
    passed_over: Vec<PassedOver>,
}

/// An agent that could have the chat. The online ones come before the invisible.
#[derive(Clone, Copy)]
struct Ranked {
    late: bool,
    rank: Rank,
}

impl State {
    /// What would be decided by for a chat that looks for an agent, or is decided by as it is offered to `chosen`.
    pub(in super::super) fn weigh(
        &self,
        chat: &Chat,
        chosen: Option<AgentId>,
        now: Timestamp,
    ) -> Option<Decision> {
        let seek = chat.routing.seek.as_ref()?;
        match seek.target {
            Target::Agent(agent_id) => Some(by_name(chat, seek, agent_id)),
            Target::Queue(queue_id) => {
                let queue = self.queues.get(&queue_id)?;
                let mut weighing = Weighing {
                    state: self,
                    queue,
                    chat,
                    now,
                    candidates: Vec::with_capacity(Decision::CANDIDATES),
                    passed_over: Vec::with_capacity(Decision::PASSED_OVER),
                };
                if self.is_kept(chat) {
                    weighing.look_at_reserved();
                } else {
                    weighing.look_at_all();
                }
                weighing.put_first(chosen);
                Some(weighing.decision(seek))
            }
        }
    }

    /// The first rule that keeps a chat from an agent. That it has it already is said before that this is too much.
    pub(super) fn first_rule(
        &self,
        agent: &AgentState,
        queue: &QueueState,
        chat: &Chat,
        now: Timestamp,
    ) -> Option<Ineligible> {
        let special = self.special(agent, queue, chat, now);
        if special == Some(Ineligible::HasIt) {
            return special;
        }
        let rules = ineligibilities(self, agent, queue, chat, now);
        rules.first().copied()
    }
}

fn place_of(chat: &Chat, queue: &QueueState) -> Option<ChatPlace> {
    let placed = chat.placed?;
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Some(ChatPlace {
        position: count(queue.line.before(&placed.place) + 1),
        waiting: count(queue.line.len()),
        priority: chat.routing.priority,
        ahead: chat.routing.ahead,
        waiting_since: chat.enqueued_at,
    })
}

/// A chat that looks for one agent asks nobody else.
fn by_name(chat: &Chat, seek: &Seek, agent_id: AgentId) -> Decision {
    Decision {
        purpose: seek.purpose,
        queue_id: None,
        strategy: None,
        last_asked: None,
        place: None,
        reserved: None,
        round: chat.round,
        candidates: vec![Candidate {
            agent_id,
            late: false,
            rank: None,
        }],
        tie_break: None,
        passed_over: Vec::new(),
        members: 1,
        left_out: 0,
    }
}

impl Weighing<'_> {
    fn pass_over(&mut self, agent: &AgentState) {
        if self.passed_over.len() < Decision::PASSED_OVER {
            let rule = self
                .state
                .first_rule(agent, self.queue, self.chat, self.now);
            self.passed_over.extend(rule.map(|rule| PassedOver {
                agent_id: agent.profile.id,
                rule,
            }));
        }
    }

    /// Those whom the chat is kept for are the only ones who are asked.
    fn look_at_reserved(&mut self) {
        let reserved = self.reserved();
        let kept_for: Vec<AgentId> = reserved.iter().copied().collect();
        for agent in self.agents(&kept_for) {
            if ineligibilities(self.state, agent, self.queue, self.chat, self.now).is_empty() {
                let rank = self.state.rank(self.queue, agent);
                self.candidates.push(Ranked { late: false, rank });
            } else {
                self.pass_over(agent);
            }
        }
        self.candidates.sort_by_key(|ranked| ranked.rank);
        let ready = self.queue.ready.iter().map(|rank| rank.agent_id);
        let others = ready.chain(self.queue.barred.iter().copied());
        let others: Vec<AgentId> = others
            .filter(|id| !reserved.contains(id))
            .take(Decision::PASSED_OVER)
            .collect();
        for agent in self.agents(&others) {
            self.pass_over(agent);
        }
    }

    fn look_at_all(&mut self) {
        for rank in in_turn(self.queue).take(LOOKED_AT) {
            if self.candidates.len() == Decision::CANDIDATES {
                break;
            }
            let Some(agent) = self.state.agents.get(&rank.agent_id) else {
                continue;
            };
            let special = self.state.special(agent, self.queue, self.chat, self.now);
            if special.is_some() {
                self.pass_over(agent);
            } else {
                let rank = *rank;
                self.candidates.push(Ranked { late: false, rank });
            }
        }
        let mut late = Vec::new();
        let invisible = self.queue.late.iter().take(LOOKED_AT);
        for agent in invisible.filter_map(|id| self.state.agents.get(id)) {
            if ineligibilities(self.state, agent, self.queue, self.chat, self.now).is_empty() {
                let rank = self.state.rank(self.queue, agent);
                late.push(Ranked { late: true, rank });
            }
        }
        late.sort_by_key(|ranked| ranked.rank);
        self.candidates.extend(late);
        for id in self.queue.barred.iter().take(LOOKED_AT) {
            if self.passed_over.len() == Decision::PASSED_OVER {
                break;
            }
            if let Some(agent) = self.state.agents.get(id) {
                self.pass_over(agent);
            }
        }
    }

    /// Who is asked stands first: it may be an invisible one that the chat's age calls, while others could be asked too.
    fn put_first(&mut self, chosen: Option<AgentId>) {
        let Some(agent) = chosen.and_then(|id| self.state.agents.get(&id)) else {
            return;
        };
        let id = agent.profile.id;
        let found = self.candidates.iter().position(|c| c.rank.agent_id == id);
        let ranked = match found {
            Some(index) => self.candidates.remove(index),
            None => Ranked {
                late: self.queue.late.contains(&id),
                rank: self.state.rank(self.queue, agent),
            },
        };
        self.candidates.insert(0, ranked);
    }

    fn decision(mut self, seek: &Seek) -> Decision {
        let strategy = self.queue.queue.settings.strategy;
        let tie_break = self.tie_break();
        let reserved = self.chat.routing.reserved.clone();
        let is_kept = self.state.is_kept(self.chat);
        let outside = self.reserved().difference(&self.queue.members).count();
        let members = self.queue.members.len() + if is_kept { outside } else { 0 };
        self.candidates.truncate(Decision::CANDIDATES);
        let named = self.candidates.len() + self.passed_over.len();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Decision {
            purpose: seek.purpose,
            queue_id: Some(self.queue.queue.id),
            strategy: Some(strategy),
            last_asked: self.queue.memory.last_asked,
            place: place_of(self.chat, self.queue),
            reserved: reserved.filter(|_| is_kept),
            round: self.chat.round,
            candidates: self.shown(strategy),
            tie_break,
            passed_over: self.passed_over,
            members: count(members),
            left_out: count(members.saturating_sub(named)),
        }
    }

    fn shown(&self, strategy: Strategy) -> Vec<Candidate> {
        let has_turns = strategy == Strategy::RoundRobin;
        let candidates = self
            .candidates
            .iter()
            .map(|Ranked { late, rank }| Candidate {
                agent_id: rank.agent_id,
                late: *late,
                rank: (!has_turns).then_some(RankValues {
                    missing_levels: rank.tier,
                    busy: rank.busy,
                    idle_since: rank.last,
                    load: rank.load,
                }),
            });
        candidates.collect()
    }

    fn tie_break(&self) -> Option<TieBreak> {
        let [first, second, ..] = &*self.candidates else {
            return None;
        };
        let (one, other) = (&first.rank, &second.rank);
        let turns = self.queue.queue.settings.strategy == Strategy::RoundRobin;
        let differs = [
            (first.late != second.late, TieBreak::Late),
            (turns, TieBreak::Turn),
            (one.tier != other.tier, TieBreak::MissingLevels),
            (one.busy != other.busy, TieBreak::Busy),
            (one.last != other.last, TieBreak::IdleSince),
            (one.load != other.load, TieBreak::Load),
        ];
        let found = differs.into_iter().find(|(differs, _)| *differs);
        Some(found.map_or(TieBreak::Id, |(_, word)| word))
    }

    fn reserved(&self) -> BTreeSet<AgentId> {
        let reserved = self.chat.routing.reserved.as_ref();
        reserved.map_or_else(BTreeSet::new, |reserved| reserved.agents.clone())
    }
}

impl<'s> Weighing<'s> {
    fn agents(&self, ids: &[AgentId]) -> Vec<&'s AgentState> {
        let state = self.state;
        let agents = ids.iter().filter_map(|id| state.agents.get(id));
        agents.map(|agent| &**agent).collect()
    }
}
