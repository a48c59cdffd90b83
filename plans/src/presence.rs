//! What agents are and offices show, told anew from the facts as the rules say it: a table from top to bottom, without
//! the engine's own function (PRES-15, PRES-17, AVAIL-1, AVAIL-5).

use std::collections::BTreeMap;

use deskbell::domain::{
    Agent, AgentId, ChatState, Choice, CustomStatus, Facts, Lease, Mode, Office, OfficeId,
    ParticipantRole, PresenceReason, Reachability, Seat, ShownReason, Status, StatusId, Timestamp,
    WhenBusy, WhenNotLive,
};
use deskbell::engine::{AgentRecord, ChatRecord, Engine, OfficeAvailability, StateRecord};

type Verdict = (Status, PresenceReason);

/// The presences that the rules ask for.
pub(crate) struct Presences {
    verdicts: BTreeMap<(AgentId, Option<OfficeId>), Verdict>,
}

impl Presences {
    /// In an office; who does not belong to it stands there as in general.
    pub(crate) fn is(&self, agent: AgentId, office: OfficeId) -> Option<Status> {
        let own = self.verdicts.get(&(agent, Some(office)));
        let verdict = own.or_else(|| self.verdicts.get(&(agent, None)));
        verdict.map(|(status, _)| *status)
    }
}

pub(crate) fn check(
    engine: &Engine,
    durable: &StateRecord,
    now: Timestamp,
) -> Result<Presences, String> {
    let statuses: BTreeMap<StatusId, CustomStatus> =
        durable.statuses.iter().map(|s| (s.id, s.clone())).collect();
    let mut verdicts = BTreeMap::new();
    for (agent, record) in &durable.agents {
        let facts = &record.facts;
        let offices = offices_of(agent, durable);
        let seated = is_seated(agent, facts, durable);
        check_arrival(agent, facts, &offices, &statuses)?;
        let view = engine
            .presence(agent.id)
            .ok_or("an agent without a presence")?;
        if view.seated != seated {
            return Err(format!(
                "{} is said to be seated: {}",
                agent.id, view.seated
            ));
        }
        if !view.standing.offices.keys().eq(offices.iter()) {
            return Err(format!("{} does not belong to {offices:?}", agent.id));
        }
        for office in std::iter::once(None).chain(offices.into_iter().map(Some)) {
            let expected = table(facts, office, &statuses, seated);
            let stands = view.standing.of(office);
            if (stands.status, stands.reason) != expected {
                let id = agent.id;
                return Err(format!(
                    "{id} is {stands:?} in {office:?}, not {expected:?}"
                ));
            }
            // What is kept of its reasons with every change tells the same steps (PRES-18).
            let steps = engine.presence_chain(agent.id, office);
            let verdict = steps
                .last()
                .map(|step| (step.after.status, step.after.reason));
            if view.chain(office) != steps || verdict != Some(expected) {
                return Err(format!("{} has other reasons: {steps:?}", agent.id));
            }
            if stands.since > now {
                return Err(format!("{} is something since later", agent.id));
            }
            verdicts.insert((agent.id, office), expected);
        }
    }
    let presences = Presences { verdicts };
    let availability = engine.availability();
    for (office, _) in &durable.offices {
        let shown = availability.get(&office.id);
        let shown = shown.ok_or("an office that shows nothing")?;
        check_office(durable, office, shown, &presences, now)?;
        if engine.office(office.id).map(|view| view.mode) != Some(shown.mode) {
            return Err(format!("{} shows two things", office.id));
        }
    }
    Ok(presences)
}

fn offices_of(agent: &Agent, durable: &StateRecord) -> Vec<OfficeId> {
    let queues = durable.queues.iter();
    let queues = queues.filter(|(_, members, _)| members.contains(&agent.id));
    let mut offices: Vec<OfficeId> = queues.map(|(queue, ..)| queue.office_id).collect();
    offices.extend(agent.office_ids.iter().copied());
    offices.sort();
    offices.dedup();
    offices
}

/// PRES-17, from top to bottom: what was set; then each thing that takes something away, of which the strongest
/// counts, and the first of those that are as strong.
fn table(
    facts: &Facts,
    office: Option<OfficeId>,
    statuses: &BTreeMap<StatusId, CustomStatus>,
    seated: bool,
) -> Verdict {
    let set: Choice = match office.and_then(|office| facts.overrides.get(&office)) {
        Some(own) => *own,
        None => facts.choice,
    };
    let mut rows: Vec<Verdict> = vec![(set.status, set.reason)];
    if let Some(comeback) = facts.comeback
        && comeback.at >= set.set_at
        && set.status != Status::Offline
    {
        rows[0].1 = comeback.reason;
    }
    let custom = set.status_id.and_then(|id| statuses.get(&id));
    if custom.is_some_and(|custom| !custom.handles_chats) {
        rows.push((Status::Offline, PresenceReason::StatusForbidsChats));
    }
    let of_office = office.and_then(|office| facts.inactivity.offices.get(&office));
    for demotion in facts.inactivity.global.iter().chain(of_office) {
        if demotion.since >= set.set_at {
            rows.push((demotion.status, PresenceReason::Inactivity));
        }
    }
    let leased = matches!(facts.lease, Lease::Held { .. });
    if let (Reachability::Lost { since, becomes }, false) = (facts.reachability, leased) {
        rows.push(match facts.lease {
            Lease::Expired { at } if at >= since => (Status::Offline, PresenceReason::LeaseExpired),
            _ => (becomes, PresenceReason::Disconnected),
        });
    }
    let presence = |status: Status| match status {
        Status::Offline => 0,
        Status::Away => 1,
        Status::Online | Status::Invisible => 2,
    };
    let lowest = rows.into_iter().min_by_key(|(status, _)| presence(*status));
    match lowest {
        Some((Status::Online, _)) if facts.pausing.is_some() => {
            (Status::Away, PresenceReason::Paused)
        }
        Some((Status::Online, _)) if facts.wanted.is_some() => {
            (Status::Away, PresenceReason::Draining)
        }
        Some((Status::Online, _)) if !seated => (Status::Offline, PresenceReason::NoSeat),
        Some(verdict) => verdict,
        None => unreachable!("something was set"),
    }
}

/// PRES-15: seats that are assigned are kept for their agents, the others go by order of arrival.
fn is_seated(agent: &Agent, facts: &Facts, durable: &StateRecord) -> bool {
    let (Some(at), Seat::Shared) = (facts.arrived_at, agent.seat) else {
        return true;
    };
    let assigned = durable.agents.iter();
    let assigned = assigned
        .filter(|(agent, _)| agent.seat == Seat::Assigned)
        .count();
    let ahead = durable.agents.iter().filter(|(other, record)| {
        let earlier = record
            .facts
            .arrived_at
            .is_some_and(|other_at| (other_at, other.id) < (at, agent.id));
        other.seat == Seat::Shared && earlier
    });
    ahead.count() + assigned < durable.settings.seats as usize
}

/// An agent comes to work when it would be online, and leaves when it is offline everywhere.
fn check_arrival(
    agent: &Agent,
    facts: &Facts,
    offices: &[OfficeId],
    statuses: &BTreeMap<StatusId, CustomStatus>,
) -> Result<(), String> {
    let everywhere = std::iter::once(None).chain(offices.iter().copied().map(Some));
    let would_be: Vec<Status> = everywhere
        .map(|office| table(facts, office, statuses, true).0)
        .collect();
    let arrived = facts.arrived_at.is_some();
    if (would_be.contains(&Status::Online) && !arrived)
        || (would_be.iter().all(|status| *status == Status::Offline) && arrived)
    {
        return Err(format!(
            "{} would be {would_be:?}, and has arrived: {arrived}",
            agent.id
        ));
    }
    Ok(())
}

/// AVAIL-1 and AVAIL-5. At the very instant of a boundary of its hours an office may show either.
fn check_office(
    durable: &StateRecord,
    office: &Office,
    shown: &OfficeAvailability,
    presences: &Presences,
    now: Timestamp,
) -> Result<(), String> {
    if shown.valid_until.is_some_and(|until| until < now) {
        return Err(format!("{} shows what was valid: {shown:?}", office.id));
    }
    let next = office
        .hours
        .as_ref()
        .and_then(|hours| hours.next_boundary(now));
    if next.is_some_and(|next| shown.valid_until.is_none_or(|until| until > next.at)) {
        return Err(format!(
            "{} does not know of its hours: {shown:?}",
            office.id
        ));
    }
    let is_open = |at: Timestamp| office.hours.as_ref().is_none_or(|hours| hours.is_open(at));
    let expected = verdict_on(durable, office, presences, is_open(now));
    let before = verdict_on(durable, office, presences, is_open(Timestamp(now.0 - 1)));
    let verdict = (shown.mode, shown.reason);
    if verdict != expected && verdict != before {
        return Err(format!("{} shows {verdict:?}, not {expected:?}", office.id));
    }
    Ok(())
}

fn verdict_on(
    durable: &StateRecord,
    office: &Office,
    presences: &Presences,
    is_open: bool,
) -> (Mode, ShownReason) {
    let closed = match office.when_not_live {
        WhenNotLive::Messenger => Mode::Messenger,
        WhenNotLive::Hidden => Mode::Hidden,
    };
    let queues = durable
        .queues
        .iter()
        .filter(|(queue, ..)| queue.office_id == office.id);
    let members: Vec<AgentId> = queues
        .flat_map(|(_, members, _)| members.iter().copied())
        .collect();
    let online: Vec<&(Agent, AgentRecord)> = durable
        .agents
        .iter()
        .filter(|(agent, _)| members.contains(&agent.id))
        .filter(|(agent, _)| presences.is(agent.id, office.id) == Some(Status::Online))
        .collect();
    let busy = |agent: &Agent| !has_room(agent, durable);
    if !is_open {
        (closed, ShownReason::OutOfHours)
    } else if members.is_empty() {
        (closed, ShownReason::NoMembers)
    } else if online.is_empty() {
        (closed, ShownReason::NobodyOnline)
    } else if office.when_busy == WhenBusy::Messenger && online.iter().all(|(agent, _)| busy(agent))
    {
        (Mode::Messenger, ShownReason::AllBusy)
    } else {
        (Mode::Live, ShownReason::AgentOnline)
    }
}

/// Whether an agent may have one chat more.
pub(crate) fn has_room(agent: &Agent, durable: &StateRecord) -> bool {
    let (spare, spare_at_all) = room(agent, durable);
    spare > 0 && spare_at_all > 0
}

/// Whether an agent has more than it may.
pub(crate) fn has_too_much(agent: &Agent, durable: &StateRecord) -> bool {
    let (spare, spare_at_all) = room(agent, durable);
    spare < 0 || spare_at_all < 0
}

/// How many chats more an agent may have: of those that somebody writes in (ROUTE-22), and of all.
fn room(agent: &Agent, durable: &StateRecord) -> (i64, i64) {
    let silent = answered_by(agent.id, durable).filter(|chat| chat.course.is_silent);
    let silent = silent.count();
    let count = |number: usize| i64::try_from(number).unwrap();
    let (all, silent) = (count(load(agent.id, durable)), count(silent));
    let capacity = i64::from(agent.capacity.get());
    let ceiling = agent
        .capacity_max
        .map_or(2 * capacity, |c| i64::from(c.get()));
    (capacity - (all - silent), ceiling.max(capacity) - all)
}

/// Chats and ringing offers, silent chats among them.
fn load(agent: AgentId, durable: &StateRecord) -> usize {
    let offers = durable.offers.iter();
    let ringing = offers.filter(|offer| offer.agent_id == agent && offer.ended_at.is_none());
    answered_by(agent, durable).count() + ringing.count()
}

/// The chats that an agent answers; to read along is no load.
fn answered_by(agent: AgentId, durable: &StateRecord) -> impl Iterator<Item = &ChatRecord> {
    let open =
        |chat: &&ChatRecord| matches!(chat.state, ChatState::Waiting | ChatState::Active { .. });
    durable.chats.iter().filter(open).filter(move |chat| {
        let part = chat.participants.get(&agent);
        part.is_some_and(|part| part.role == ParticipantRole::Agent)
    })
}
