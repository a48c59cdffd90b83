//! What is always true of a state, recomputed from the tables. Checked after every step of a debug build.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    AgentId, ChatId, ChatState, Hours, OfferNumber, OfferState, OfficeId, ParticipantRole,
    Presence, QueueId, Reachability, Seat, Status, Target, Timestamp, VisitorId, effective,
};

use super::line::Place;
use super::overflow::full_from_now;
use super::presence::settled_deadlines;
use super::routing::may_keep_offer;
use super::state::{AgentState, Changed, Chat, Offer, QueueState, State, Wants};
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
    /// A chat does not stand in the line that it looks for an agent in, or not at its place.
    #[error("chat {0} does not stand at its place")]
    Place(ChatId),
    /// A queue's line, or whether it is full, is not what its chats make of it.
    #[error("the line of queue {0} is not true to its chats")]
    Line(QueueId),
    /// A queue does not know which of its members are ready.
    #[error("queue {0} does not know which of its members are ready")]
    Ready(QueueId),
    /// A chat looks for somebody whom it cannot look for, or for nobody any more.
    #[error("chat {0} has a hand-over that should have ended")]
    HandOver(ChatId),
    /// A chat waits although somebody could take it (ROUTE-13).
    #[error("chat {0} waits although somebody could take it")]
    Stuck(ChatId),
    /// The numbers of a chat's messages have a hole.
    #[error("the messages of chat {0} are not numbered from 1 without a hole")]
    Numbers(ChatId),
    /// The numbers of a chat's notes have a hole.
    #[error("the notes of chat {0} are not numbered from 1 without a hole")]
    Notes(ChatId),
    /// Somebody has read what was not said yet.
    #[error("a mark in chat {0} is beyond its last message")]
    Marks(ChatId),
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
    check_lines(state, now)?;
    check_timers(state, now)?;
    check_offices(state, now)?;
    check_agents(state)?;
    for chat in state.chats.values() {
        check_chat(state, chat, now)?;
        chat.check_asides()?;
    }
    Ok(())
}

fn check_agents(state: &State) -> Result<(), Violation> {
    for agent in state.agents.values() {
        let id = agent.profile.id;
        // Nothing is offered or picked beyond the capacity. One that is made less ends no chat, but takes offers back.
        if agent.has_too_much() && !agent.ringing.is_empty() {
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
    let (ringing, seeks) = (chat.is_offered(), chat.routing.seek.is_some());
    let answered = chat.answering().next().is_some();
    let fits = match chat.state {
        ChatState::Waiting => !answered && seeks,
        ChatState::Active { .. } => answered,
        ChatState::WrapUp { .. } => !seeks && !chat.course.wrapping.is_empty(),
        ChatState::Closed { .. } | ChatState::OfflineMessage => {
            !seeks && chat.course.wrapping.is_empty()
        }
    };
    let paused = chat.round_starts_at.is_some();
    let waits = chat.line().is_some();
    if !fits || (ringing && !seeks) || (paused && (ringing || !waits)) {
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
        let may = state
            .agents
            .get(&offer.agent_id)
            .is_some_and(|agent| may_keep_offer(state, agent, chat));
        if !may || !asked.insert(offer.agent_id) || number > chat.last_offer {
            return Err(Violation::WrongOffer(chat.id, offer.agent_id));
        }
    }
    check_hand_over(state, chat, now)?;
    if chat.messages.len() != chat.last_seq as usize {
        return Err(Violation::Numbers(chat.id));
    }
    if waits && !state.is_served(chat, passed(state, chat, now)) {
        return Err(Violation::Stuck(chat.id));
    }
    Ok(())
}

/// A waiting chat looks for an agent in its own queue. An active one looks for somebody on an agent's behalf who can still
/// come, and by name for one that rings or cannot have it now. Who is gone answers it, and who listens watches over its
/// office.
fn check_hand_over(state: &State, chat: &Chat, now: Timestamp) -> Result<(), Violation> {
    let seek = chat.routing.seek.as_ref();
    let own = || chat.queue_id.map(Target::Queue);
    let fits = match chat.state {
        ChatState::Waiting => seek.map(|seek| seek.target) == own(),
        ChatState::Active { .. } => seek.is_none() || chat.hand_over().is_some(),
        ChatState::WrapUp { .. } | ChatState::Closed { .. } | ChatState::OfflineMessage => true,
    };
    let named = chat.named().map(|id| state.agents.get(&id));
    let stuck = named.flatten().is_some_and(|agent| {
        let could = state.ineligibilities_by_name(agent, chat, now).is_empty();
        could && !chat.is_offered() && !state.has_pending_offers(agent, now)
    });
    let ended = chat.is_searching()
        && !has_pending_search(state, chat, now)
        && state.end_of_hand_over(chat, now).is_some();
    let gone = chat.course.gone.keys();
    let mut gone = gone.filter(|id| chat.is_open() && !chat.is_answered_by(**id));
    let unknown = named.is_some_and(|agent| agent.is_none());
    let mut listening = chat.listening();
    let just = listening.all(|id| !chat.is_open() || state.supervises(id, chat.office_id));
    if fits && just && !stuck && !unknown && !ended && gone.next().is_none() {
        Ok(())
    } else {
        Err(Violation::HandOver(chat.id))
    }
}

/// Whether a deadline of this very instant is still to fire that has a say in whether somebody is left to ask.
fn has_pending_search(state: &State, chat: &Chat, now: Timestamp) -> bool {
    asked_for(state, chat).any(|agent| state.has_pending_offers(agent, now))
}

/// Those whom a chat may ring at: the members of its line, and whom it names.
fn asked_for<'s>(state: &'s State, chat: &'s Chat) -> impl Iterator<Item = &'s AgentState> {
    let queue = chat.line().and_then(|id| state.queues.get(&id));
    let members = queue.into_iter().flat_map(|queue| &queue.members);
    let asked = members.copied().chain(chat.named());
    asked.filter_map(|id| state.agents.get(&id).map(|agent| &**agent))
}

impl State {
    /// Whether a deadline of this very instant is still to fire by which an agent may be offered something or not.
    fn has_pending_offers(&self, agent: &AgentState, now: Timestamp) -> bool {
        let id = agent.profile.id;
        [TimerKey::OffersEnd(id), TimerKey::Ramp(id)]
            .into_iter()
            .any(|key| self.timers.get(key).is_some_and(|at| at <= now))
    }
}

/// Up to when everything was offered that a deadline offers: one that is still to fire has offered nothing.
fn passed(state: &State, chat: &Chat, now: Timestamp) -> Timestamp {
    let agents = asked_for(state, chat).map(|agent| agent.profile.id);
    let agents = agents.flat_map(|id| [TimerKey::OffersEnd(id), TimerKey::Ramp(id)]);
    let keys = chat.line().map(TimerKey::LateOffers).into_iter();
    let dues = keys.chain(agents).filter_map(|key| state.timers.get(key));
    dues.fold(now, |now, at| now.min(Timestamp(at.0 - 1)))
}

fn check_timers(state: &State, now: Timestamp) -> Result<(), Violation> {
    let mut expected = BTreeMap::new();
    for agent in state.agents.values() {
        let deadlines = settled_deadlines(state, agent).into_iter();
        expected.extend(deadlines.filter_map(|(key, at)| Some((key, at?))));
    }
    for chat in state.chats.values() {
        if let Some((at, _)) = state.next_due(chat) {
            expected.insert(TimerKey::Chat(chat.id), at);
        }
    }
    let of_facts = |key: &TimerKey| {
        !matches!(
            key,
            TimerKey::AgentHours(_)
                | TimerKey::OfficeHours(_)
                | TimerKey::QueueHours(_)
                | TimerKey::LateOffers(_)
                | TimerKey::OffersEnd(_)
                | TimerKey::Ramp(_)
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
    let mut opening = state.queues.values().map(|queue| {
        let key = TimerKey::QueueHours(queue.queue.id);
        fits(key, queue.queue.settings.hours.as_ref())
    });
    let mut queues = state.queues.keys().map(|id| {
        let at = state.timers.get(TimerKey::LateOffers(*id));
        let due = state.late_due(*id, now);
        due.is_none_or(|due| at.is_some_and(|at| at <= due))
    });
    let pending = |key: TimerKey, due: Option<Timestamp>| {
        let at = state.timers.get(key);
        at == due || at.is_some_and(|at| at <= now)
    };
    let mut offers = state.agents.values().map(|agent| {
        let id = agent.profile.id;
        pending(TimerKey::OffersEnd(id), state.offers_end(agent, now))
            && pending(TimerKey::Ramp(id), state.ramp_due(agent, now))
    });
    if agents.all(|fits| fits)
        && offices.all(|fits| fits)
        && queues.all(|fits| fits)
        && opening.all(|fits| fits)
        && offers.all(|fits| fits)
    {
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
    silent: BTreeMap<AgentId, BTreeSet<ChatId>>,
    read_along: BTreeMap<AgentId, BTreeSet<ChatId>>,
    wrapping: BTreeMap<AgentId, BTreeSet<ChatId>>,
    sought: BTreeMap<AgentId, BTreeSet<ChatId>>,
    visitors: BTreeMap<VisitorId, BTreeSet<ChatId>>,
    offices: BTreeMap<OfficeId, BTreeSet<QueueId>>,
    searching: BTreeSet<ChatId>,
    arrivals: BTreeSet<(Timestamp, AgentId)>,
}

/// The indexes by which chats and agents find each other. An agent whose deadline is still to fire stands as before it.
fn check_lines(state: &State, now: Timestamp) -> Result<(), Violation> {
    let mut lines: BTreeMap<QueueId, [BTreeSet<Place>; 4]> = BTreeMap::new();
    let mut waiting: BTreeMap<QueueId, usize> = BTreeMap::new();
    for chat in state.chats.values() {
        let placed = state.placed(chat);
        if placed != chat.placed {
            return Err(Violation::Place(chat.id));
        }
        if let Some(placed) = placed {
            let [line, hungry, reserved, overran] = lines.entry(placed.queue_id).or_default();
            line.insert(placed.place);
            if placed.overran {
                overran.insert(placed.place);
            }
            *waiting.entry(placed.queue_id).or_default() +=
                usize::from(chat.state == ChatState::Waiting);
            match placed.wants {
                Wants::Nobody => {}
                Wants::Anybody => drop(hungry.insert(placed.place)),
                Wants::Some => drop(reserved.insert(placed.place)),
            }
        }
    }
    for (id, queue) in &state.queues {
        let [line, hungry, reserved, overran] = lines.remove(id).unwrap_or_default();
        let same = queue.line.iter().eq(line.iter())
            && queue.hungry == hungry
            && queue.reserved == reserved
            && queue.overran == overran
            && state.overrun.contains(id) != overran.is_empty()
            && queue.waiting == waiting.get(id).copied().unwrap_or_default();
        let full = queue.memory.is_full == full_from_now(queue);
        if !same || !full {
            return Err(Violation::Line(*id));
        }
        if !has_true_posts(state, queue, now) {
            return Err(Violation::Ready(*id));
        }
    }
    if state.changed == Changed::default() {
        Ok(())
    } else {
        Err(Violation::Index)
    }
}

fn has_true_posts(state: &State, queue: &QueueState, now: Timestamp) -> bool {
    let (mut ready, mut late, mut staff) = (BTreeSet::new(), BTreeSet::new(), 0);
    let mut barred = BTreeSet::new();
    for agent in queue.members.iter().filter_map(|id| state.agents.get(id)) {
        let id = agent.profile.id;
        let kept = agent.posts.get(&queue.queue.id).copied();
        let pending = state.has_pending_offers(agent, now);
        if !pending && kept.unwrap_or_default() != state.post_of(agent, queue, now) {
            return false;
        }
        let post = kept.unwrap_or_default();
        ready.extend(post.rank);
        barred.extend(post.is_barred.then_some(id));
        late.extend(post.is_late.then_some(id));
        staff += post.capacity;
    }
    (&ready, &barred, &late, staff) == (&queue.ready, &queue.barred, &queue.late, queue.staff)
}

fn check_indexes(state: &State) -> Result<(), Violation> {
    let settled = |chat: &Chat| {
        let over = |offer: &Offer| !offer.matters_in(chat.round);
        !chat.is_kept() || chat.offers.values().any(over)
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
        if chat.is_searching() {
            expected.searching.insert(chat.id);
        }
        if let Some(agent_id) = chat.named() {
            expected.sought.entry(agent_id).or_default().insert(chat.id);
        }
        for (agent_id, participant) in &chat.participants {
            let answers = participant.role == ParticipantRole::Agent;
            let add = |index: &mut BTreeMap<AgentId, BTreeSet<ChatId>>| {
                index.entry(*agent_id).or_default().insert(chat.id);
            };
            add(if answers {
                &mut expected.chats
            } else {
                &mut expected.read_along
            });
            if answers && chat.course.is_silent {
                add(&mut expected.silent);
            }
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
    }
    for chat in state.chats.values() {
        for agent_id in chat.course.wrapping.keys() {
            let wrapping = expected.wrapping.entry(*agent_id).or_default();
            wrapping.insert(chat.id);
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
        searching: state.searching.clone(),
        ..Indexes::default()
    };
    for (id, office) in &state.offices {
        keep(&mut kept.offices, *id, &office.queues);
    }
    for (id, agent) in &state.agents {
        keep(&mut kept.ringing, *id, &agent.ringing);
        keep(&mut kept.chats, *id, &agent.chats);
        keep(&mut kept.memberships, *id, &agent.queues);
        keep(&mut kept.silent, *id, &agent.silent);
        keep(&mut kept.read_along, *id, &agent.read_along);
        keep(&mut kept.wrapping, *id, &agent.wrapping);
        keep(&mut kept.sought, *id, &agent.sought);
    }
    kept
}

fn keep<K: Ord, V: Ord + Clone>(map: &mut BTreeMap<K, BTreeSet<V>>, key: K, set: &BTreeSet<V>) {
    if !set.is_empty() {
        map.insert(key, set.clone());
    }
}
