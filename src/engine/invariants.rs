//! What is always true of a state, recomputed from the tables. Checked after every step of a debug build.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    AgentId, ChatId, ChatState, Hours, OfferNumber, OfferState, OfficeId, Presence, QueueId,
    Reachability, Seat, Status, Timestamp, VisitorId, effective,
};

use super::presence::settled_deadlines;
use super::routing::may_keep_offer;
use super::state::{AgentState, Chat, Offer, State};
use super::timers::TimerKey;

/// An invariant that does not hold, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A reference to something that is not there.
    #[error("{0} refers to something that does not exist")]
    Dangling(ChatId),
    /// A chat's state contradicts its participants or its offers.
    #[error("chat {0} is in two states at once")]
    TwoStates(ChatId),
    /// An offer rings at somebody who may not have it.
    #[error("agent {1} has an offer of chat {0} that it may not have")]
    WrongOffer(ChatId, AgentId),
    /// An offer rings at an agent that has more than its capacity.
    #[error("agent {0} has an offer beyond its capacity")]
    OverCapacity(AgentId),
    /// The deadlines are not those that the facts ask for.
    #[error("the deadlines are not those of the state")]
    Timers,
    /// An index is not what its table gives.
    #[error("an index is not true to its table")]
    Index,
    /// A chat waits although somebody could take it (ROUTE-13).
    #[error("chat {0} waits although somebody could take it")]
    Stuck(ChatId),
    /// The numbers of a chat's messages have a hole.
    #[error("the messages of chat {0} are not numbered from 1 without a hole")]
    Numbers(ChatId),
    /// An agent's reachability contradicts its connections.
    #[error("agent {0} has connections but cannot be reached")]
    Reachability(AgentId),
    /// An agent's standing is not what its facts make of it (PRES-17).
    #[error("agent {0} does not stand as its facts say")]
    Standing(AgentId),
    /// More agents without a seat of their own are online than there are seats left (PRES-15).
    #[error("more agents are online than there are seats")]
    Seats,
    /// An office shows what it should not (AVAIL-1).
    #[error("office {0} does not show what its agents and hours ask for")]
    Shown(OfficeId),
}

pub(super) fn check(state: &State, now: Timestamp) -> Result<(), Violation> {
    check_indexes(state)?;
    check_timers(state, now)?;
    check_offices(state, now)?;
    check_agents(state)?;
    for chat in state.chats.values() {
        check_chat(state, chat, now)?;
    }
    Ok(())
}

fn check_agents(state: &State) -> Result<(), Violation> {
    for agent in state.agents.values() {
        let id = agent.profile.id;
        // Nothing is offered or picked beyond the capacity. One that is made less ends no chat, but takes offers back.
        let over = agent.load() > agent.profile.capacity.get() as usize;
        if over && !agent.ringing.is_empty() {
            return Err(Violation::OverCapacity(id));
        }
        check_standing(state, agent)?;
        if !agent.connections.is_empty() && agent.facts.reachability != Reachability::Connected {
            return Err(Violation::Reachability(id));
        }
    }
    Ok(())
}

/// The memo of an agent's presence, against the one function that makes it.
fn check_standing(state: &State, agent: &AgentState) -> Result<(), Violation> {
    let seated = state.is_seated(agent);
    let stands = |office: Option<OfficeId>| {
        let verdict = effective(&agent.facts, office, &state.statuses, seated);
        let presence = agent.standing.of(office);
        (presence.status, presence.reason) == (verdict.status, verdict.reason)
    };
    if agent.told != state.to_tell(agent) {
        return Err(Violation::Standing(agent.profile.id));
    }
    let offices = state.offices_of(agent);
    let same_offices = agent.standing.offices.keys().eq(offices.iter());
    if !same_offices || !stands(None) || !offices.into_iter().all(|id| stands(Some(id))) {
        return Err(Violation::Standing(agent.profile.id));
    }
    Ok(())
}

/// What offices show, computed anew. A boundary of this very instant is still to be passed, and so is an earlier one
/// right after a restore.
fn check_offices(state: &State, now: Timestamp) -> Result<(), Violation> {
    let online = state.agents.values().filter(|agent| {
        let online = |presence: Presence| presence.status == Status::Online;
        agent.standing.all().any(online)
    });
    if online.count() > state.settings.seats as usize {
        return Err(Violation::Seats);
    }
    for (id, office) in &state.offices {
        let hours = state.timers.get(TimerKey::OfficeHours(*id));
        let due = hours.is_some_and(|at| at <= now);
        let verdict = state.verdict_on(office, now);
        if !due && (office.shown.mode, office.shown.reason) != verdict {
            return Err(Violation::Shown(*id));
        }
    }
    Ok(())
}

fn check_chat(state: &State, chat: &Chat, now: Timestamp) -> Result<(), Violation> {
    let ringing = chat.is_offered();
    let fits = match chat.state {
        ChatState::Waiting => chat.participants.is_empty(),
        ChatState::Active { .. } => !chat.participants.is_empty() && !ringing,
        ChatState::Closed { .. } => !ringing,
    };
    let paused = chat.round_starts_at.is_some();
    let waits = chat.state == ChatState::Waiting && chat.queue_id.is_some();
    if !fits || (paused && (ringing || !waits)) {
        return Err(Violation::TwoStates(chat.id));
    }
    let known = |id: &AgentId| state.agents.contains_key(id);
    let no_queue = chat
        .queue_id
        .is_some_and(|id| !state.queues.contains_key(&id));
    // Who took part in a chat that is over may have been archived since.
    if chat.is_open() && (no_queue || !chat.participants.keys().all(known)) {
        return Err(Violation::Dangling(chat.id));
    }
    let mut asked = BTreeSet::new();
    for (number, offer) in chat.ringing() {
        let may = state.agents.get(&offer.agent_id).is_some_and(|agent| {
            may_keep_offer(agent, chat)
                && chat.queue_id.is_some_and(|id| agent.queues.contains(&id))
        });
        if !may || !asked.insert(offer.agent_id) || number > chat.last_offer {
            return Err(Violation::WrongOffer(chat.id, offer.agent_id));
        }
    }
    if chat.messages.len() != chat.last_seq as usize {
        return Err(Violation::Numbers(chat.id));
    }
    if waits && !state.is_served(chat, passed(state, chat, now)) {
        return Err(Violation::Stuck(chat.id));
    }
    Ok(())
}

/// Up to when late offers of the chat's queue have been made: those whose deadline is still to fire have not.
fn passed(state: &State, chat: &Chat, now: Timestamp) -> Timestamp {
    let key = chat.queue_id.map(TimerKey::LateOffers);
    let due = key.and_then(|key| state.timers.get(key));
    due.map_or(now, |at| now.min(Timestamp(at.0 - 1)))
}

fn check_timers(state: &State, now: Timestamp) -> Result<(), Violation> {
    let mut expected = BTreeMap::new();
    for agent in state.agents.values() {
        let deadlines = settled_deadlines(state, agent).into_iter();
        expected.extend(deadlines.filter_map(|(key, at)| Some((key, at?))));
    }
    for chat in state.chats.values() {
        if let Some(at) = chat.round_starts_at {
            expected.insert(TimerKey::RoundStart(chat.id), at);
        }
        for (number, offer) in chat.ringing() {
            if let Some(at) = offer.expires_at {
                expected.insert(TimerKey::OfferExpiry(chat.id, number), at);
            }
        }
    }
    let of_facts = |key: &TimerKey| {
        !matches!(
            key,
            TimerKey::AgentHours(_) | TimerKey::OfficeHours(_) | TimerKey::LateOffers(_)
        )
    };
    let mut kept = state.timers.all().clone();
    kept.retain(|key, _| of_facts(key));
    if expected != kept {
        return Err(Violation::Timers);
    }
    check_hours(state, now)
}

/// The deadlines of hours and of late offers depend on the present instant: one of this very instant is still to fire,
/// and so is an earlier one right after a restore.
fn check_hours(state: &State, now: Timestamp) -> Result<(), Violation> {
    let fits = |key: TimerKey, hours: Option<&Hours>| {
        let at = state.timers.get(key);
        let next = hours.and_then(|hours| hours.next_boundary(now));
        at.is_some_and(|at| at <= now) || at == next.map(|boundary| boundary.at)
    };
    let agents = state.agents.values();
    let mut agents =
        agents.map(|a| fits(TimerKey::AgentHours(a.profile.id), a.profile.hours.as_ref()));
    let offices = state.offices.values();
    let mut offices =
        offices.map(|o| fits(TimerKey::OfficeHours(o.office.id), o.office.hours.as_ref()));
    let mut queues = state.queues.keys().map(|id| {
        let at = state.timers.get(TimerKey::LateOffers(*id));
        let due = state.late_due(*id, now);
        due.is_none_or(|due| at.is_some_and(|at| at <= due))
    });
    if agents.all(|fits| fits) && offices.all(|fits| fits) && queues.all(|fits| fits) {
        Ok(())
    } else {
        Err(Violation::Timers)
    }
}

/// Every index, computed from the tables alone.
#[derive(Default, PartialEq)]
struct Indexes {
    ringing: BTreeMap<AgentId, BTreeSet<(ChatId, OfferNumber)>>,
    chats: BTreeMap<AgentId, BTreeSet<ChatId>>,
    memberships: BTreeMap<AgentId, BTreeSet<QueueId>>,
    waiting: BTreeMap<QueueId, BTreeSet<(Timestamp, ChatId)>>,
    visitors: BTreeMap<VisitorId, BTreeSet<ChatId>>,
    offices: BTreeMap<OfficeId, BTreeSet<QueueId>>,
    arrivals: BTreeSet<(Timestamp, AgentId)>,
}

fn check_indexes(state: &State) -> Result<(), Violation> {
    let settled = |chat: &Chat| {
        let over = |offer: &Offer| !offer.matters_in(chat.round);
        !chat.is_open() || chat.offers.values().any(over)
    };
    for chat in state.chats.values().filter(|chat| settled(chat)) {
        if !state.settled.contains(&chat.id) {
            return Err(Violation::Index);
        }
    }
    if expected_indexes(state) == kept_indexes(state) {
        Ok(())
    } else {
        Err(Violation::Index)
    }
}

/// What the tables alone ask for.
fn expected_indexes(state: &State) -> Indexes {
    let mut expected = Indexes::default();
    for chat in state.chats.values().filter(|chat| chat.is_open()) {
        expected
            .visitors
            .entry(chat.visitor_id)
            .or_default()
            .insert(chat.id);
        for agent_id in chat.participants.keys() {
            expected.chats.entry(*agent_id).or_default().insert(chat.id);
        }
        for (number, offer) in chat
            .offers
            .iter()
            .filter(|(_, o)| o.state == OfferState::Ringing)
        {
            expected
                .ringing
                .entry(offer.agent_id)
                .or_default()
                .insert((chat.id, *number));
        }
        if let (ChatState::Waiting, Some(id)) = (chat.state, chat.queue_id) {
            expected
                .waiting
                .entry(id)
                .or_default()
                .insert((chat.enqueued_at, chat.id));
        }
    }
    for (id, queue) in &state.queues {
        expected
            .offices
            .entry(queue.queue.office_id)
            .or_default()
            .insert(*id);
        for member in &queue.members {
            expected.memberships.entry(*member).or_default().insert(*id);
        }
    }
    for agent in state.agents.values() {
        if let (Seat::Shared, Some(at)) = (agent.profile.seat, agent.facts.arrived_at) {
            expected.arrivals.insert((at, agent.profile.id));
        }
    }
    expected
}

/// What is kept.
fn kept_indexes(state: &State) -> Indexes {
    let mut kept = Indexes {
        visitors: state.visitors.clone(),
        arrivals: state.arrivals.clone(),
        ..Indexes::default()
    };
    for (id, office) in &state.offices {
        keep(&mut kept.offices, *id, &office.queues);
    }
    for (id, agent) in &state.agents {
        keep(&mut kept.ringing, *id, &agent.ringing);
        keep(&mut kept.chats, *id, &agent.chats);
        keep(&mut kept.memberships, *id, &agent.queues);
    }
    for (id, queue) in &state.queues {
        keep(&mut kept.waiting, *id, &queue.waiting);
    }
    kept
}

fn keep<K: Ord, V: Ord + Clone>(map: &mut BTreeMap<K, BTreeSet<V>>, key: K, set: &BTreeSet<V>) {
    if !set.is_empty() {
        map.insert(key, set.clone());
    }
}
