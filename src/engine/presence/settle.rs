//! The one place where a change of facts becomes visible.

use std::collections::BTreeMap;

use crate::domain::{
    Actor, AgentId, ChatId, Facts, Lease, Millis, OfferNumber, OfficeId, Presence, Ramp,
    Reachability, Standing, Status, Timestamp, WithdrawReason, effective,
};

use super::super::effect::{Cause, ChatEvent, EventKind, PresenceEvent, Subject};
use super::super::routing::may_keep_offer;
use super::super::state::{AgentState, State};
use super::super::timers::TimerKey;
use super::super::turn::Turn;
use super::super::view::PresenceView;
use super::{inactivity, limit_due};

impl Turn<'_> {
    /// Changes an agent's facts and draws every consequence. A change that nobody sees is still an event, because what
    /// is not one is not stored.
    pub(in super::super) fn change_facts(
        &mut self,
        agent_id: AgentId,
        change: impl FnOnce(&mut Facts),
    ) {
        let Some(agent) = self.state.agent_mut(agent_id) else {
            return;
        };
        let facts = agent.facts.clone();
        let Some(before) = self.view_of(agent_id) else {
            return;
        };
        self.count_used(agent_id);
        if let Some(agent) = self.state.agent_mut(agent_id) {
            change(&mut agent.facts);
        }
        self.arm_limit(agent_id);
        self.settle(agent_id, &before);
        self.lose_unseen_offers(agent_id);
        let agent = self.state.agents.get(&agent_id);
        let told = self.subjects.contains(&Subject::Agent(agent_id));
        if agent.is_some_and(|agent| agent.facts != facts) && !told {
            self.emit(EventKind::Presence(PresenceEvent::Noted(agent_id)));
        }
    }

    /// Draws the consequences for an agent of a change of something else: its queues, a status, the seats.
    pub(in super::super) fn settle_again(&mut self, agent_id: AgentId) {
        if let Some(before) = self.view_of(agent_id) {
            self.settle(agent_id, &before);
        }
    }

    fn view_of(&self, agent_id: AgentId) -> Option<PresenceView> {
        let agent = self.state.agents.get(&agent_id)?;
        Some(agent.presence_view())
    }

    fn settle(&mut self, agent_id: AgentId, before: &PresenceView) {
        let reseated = self.settle_arrival(agent_id);
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        let standing = self.state.standing(agent, self.now, self.actor);
        let came_online = came_online(&before.standing, &standing);
        let told = self.state.to_tell(agent);
        let ramp = self.state.settings.chats.ramp_per_minute.map(|_| Ramp {
            since: self.now,
            given: 0,
        });
        if let Some(agent) = self.state.agent_mut(agent_id) {
            agent.standing = standing;
            agent.told = told;
            if came_online {
                agent.idle_since = self.now;
                agent.work.ramp = ramp;
            }
        }
        self.keep_deadlines(agent_id);
        let Some(after) = self.view_of(agent_id) else {
            return;
        };
        let changed = after != *before;
        if changed {
            let event = PresenceEvent::Changed(Box::new(after.clone()));
            self.emit(EventKind::Presence(event));
        }
        if after.standing != before.standing {
            self.tell_chats(agent_id, &before.standing, &after.standing);
            self.touch_offices(agent_id, &before.standing, &after.standing);
        }
        if changed {
            self.take_back_offers(agent_id);
            self.dispatch_agent(agent_id);
        }
        for other in reseated {
            self.settle_again(other);
        }
    }

    /// Inactivity looks at the offices that the agent stands in by now.
    fn keep_deadlines(&mut self, agent_id: AgentId) {
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        for (key, at) in settled_deadlines(self.state, agent) {
            self.state.timers.put(key, at);
        }
        self.time_offers(agent_id);
    }

    /// Sets the deadlines of what depends on the present instant: nothing new near the end of the hours, and a bounded
    /// beginning (ROUTE-22, ROUTE-23).
    pub(in super::super) fn time_offers(&mut self, agent_id: AgentId) {
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        let (end, ramp) = (TimerKey::OffersEnd(agent_id), TimerKey::Ramp(agent_id));
        let end_at = self.state.offers_end(agent, self.passed(end));
        let ramp_at = self.state.ramp_due(agent, self.passed(ramp));
        self.state.timers.put(end, end_at);
        self.state.timers.put(ramp, ramp_at);
    }

    /// An agent may be offered something that it could not be offered before, or the other way round, by the clock alone.
    pub(in super::super) fn look_again(&mut self, agent_id: AgentId) {
        self.state.changed.agents.insert(agent_id);
        self.time_offers(agent_id);
        self.dispatch_agent(agent_id);
    }

    /// PRES-10: those in a chat see its agents, an invisible one as online.
    fn tell_chats(&mut self, agent_id: AgentId, before: &Standing, after: &Standing) {
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        let changed: Vec<_> = agent
            .chats
            .iter()
            .filter_map(|id| self.state.chats.get(id))
            .filter(|chat| {
                let office = Some(chat.office_id);
                seen(before.of(office).status) != seen(after.of(office).status)
            })
            .filter_map(|chat| {
                let card = self.state.card_in(agent_id, Some(chat.office_id))?;
                Some((State::parties(chat), card))
            })
            .collect();
        for (parties, card) in changed {
            self.mark_gone(
                parties.chat_id,
                agent_id,
                card.status == Some(Status::Offline),
            );
            self.emit(EventKind::Chat(ChatEvent::AgentSeen(parties, card)));
        }
    }

    fn touch_offices(&mut self, agent_id: AgentId, before: &Standing, after: &Standing) {
        let offices: Vec<OfficeId> = before
            .offices
            .keys()
            .chain(after.offices.keys())
            .copied()
            .collect();
        for office in offices {
            let status = |standing: &Standing| standing.of(Some(office)).status;
            if status(before) != status(after) {
                self.touch_office(office, Cause::Presence(agent_id));
            }
        }
    }

    /// ROUTE-11: at whom nothing would be seen any more, though its presence is what it was, nothing rings.
    fn lose_unseen_offers(&mut self, agent_id: AgentId) {
        let agent = self.state.agents.get(&agent_id);
        if agent.is_some_and(|agent| agent.is_lost() && !agent.ringing.is_empty()) {
            self.take_back_offers(agent_id);
            self.dispatch_agent(agent_id);
        }
    }

    /// ROUTE-11: an agent that may not have an offer any more loses it at once; of those that are more than its
    /// capacity by now, the youngest.
    pub(in super::super) fn take_back_offers(&mut self, agent_id: AgentId) {
        let Some(agent) = self.state.agents.get(&agent_id) else {
            return;
        };
        let lost: Vec<_> = agent
            .ringing
            .iter()
            .filter(|(chat_id, _)| {
                let chat = self.state.chats.get(chat_id);
                chat.is_none_or(|chat| !may_keep_offer(self.state, agent, chat))
            })
            .copied()
            .collect();
        for (chat_id, number) in lost {
            self.withdraw(chat_id, number, WithdrawReason::AgentUnavailable);
        }
        while let Some((chat_id, number)) = self.state.offer_too_many(agent_id) {
            self.withdraw(chat_id, number, WithdrawReason::AgentUnavailable);
        }
    }
}

impl State {
    /// The youngest offer of an agent that has more than it may.
    fn offer_too_many(&self, agent_id: AgentId) -> Option<(ChatId, OfferNumber)> {
        let agent = self.agents.get(&agent_id)?;
        if !agent.has_too_much() {
            return None;
        }
        let made_at = |(chat_id, number): &(ChatId, OfferNumber)| {
            let offer = self.chats.get(chat_id)?.offers.get(number)?;
            Some((offer.made_at, *chat_id))
        };
        agent.ringing.iter().max_by_key(|key| made_at(key)).copied()
    }

    /// The standing that the facts make now. What has not changed keeps since when it stands and who made it so.
    fn standing(&self, agent: &AgentState, now: Timestamp, actor: Actor) -> Standing {
        let seated = self.is_seated(agent);
        let make = |office: Option<OfficeId>, before: Option<Presence>| {
            let verdict = effective(&agent.facts, office, &self.statuses, seated);
            match before {
                Some(before)
                    if before.status == verdict.status && before.reason == verdict.reason =>
                {
                    before
                }
                _ => Presence {
                    status: verdict.status,
                    reason: verdict.reason,
                    since: now,
                    by: actor,
                },
            }
        };
        let global = make(None, Some(agent.standing.global));
        let offices = self.offices_of(agent).into_iter();
        let offices = offices.map(|id| {
            let before = agent.standing.offices.get(&id).copied();
            (id, make(Some(id), before.or(Some(global))))
        });
        Standing {
            global,
            offices: offices.collect::<BTreeMap<_, _>>(),
        }
    }
}

/// The deadlines that an agent's facts ask for; `None` clears one.
pub(in super::super) fn settled_deadlines(
    state: &State,
    agent: &AgentState,
) -> [(TimerKey, Option<Timestamp>); 5] {
    let id = agent.profile.id;
    let grace: Option<Millis> = state.settings.disconnect.grace;
    let grace_end = match agent.facts.reachability {
        Reachability::Grace { since } => grace.map(|grace| since + grace),
        Reachability::Connected | Reachability::Lost { .. } => None,
    };
    let lease_end = match agent.facts.lease {
        Lease::Held { until, .. } => Some(until),
        Lease::None | Lease::Expired { .. } => None,
    };
    [
        (TimerKey::GraceEnd(id), grace_end),
        (TimerKey::LeaseEnd(id), lease_end),
        (TimerKey::Inactivity(id), inactivity::due(state, agent)),
        (
            TimerKey::PauseDue(id),
            agent.facts.pausing.and_then(|pausing| pausing.due_at()),
        ),
        (TimerKey::StatusLimit(id), limit_due(state, agent)),
    ]
}

/// What the others in a chat see of an agent in it.
pub(in super::super) fn seen(status: Status) -> Status {
    match status {
        Status::Invisible => Status::Online,
        Status::Online | Status::Away | Status::Offline => status,
    }
}

fn came_online(before: &Standing, after: &Standing) -> bool {
    let online = |standing: &Standing| standing.all().any(|p| p.status == Status::Online);
    online(after) && !online(before)
}
