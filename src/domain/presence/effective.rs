//! From the facts to the effective presence, step by step (PRES-17).

use std::collections::BTreeMap;

use super::{
    Choice, Comeback, Demotion, Facts, Inactivity, Lease, Pausing, PresenceReason, Reachability,
    Status, Unheld, Wanted,
};
use crate::domain::{Actor, CustomStatus, OfficeId, PauseId, StatusId, Timestamp};

/// What the facts make of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The effective status.
    pub status: Status,
    /// What made it so.
    pub reason: PresenceReason,
}

/// One step from the facts to a verdict: a fact, and what the agent is after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The fact.
    pub kind: LinkKind,
    /// Since when it holds, if that is known.
    pub since: Option<Timestamp>,
    /// Who brought it about.
    pub by: Actor,
    /// What the agent is when this fact was taken into account.
    pub after: Verdict,
}

/// Which fact a step is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// The global choice.
    Choice,
    /// The override for this office.
    Override,
    /// How the choice came back after an absence.
    Comeback,
    /// A custom status without a part in chats.
    CustomStatus(StatusId),
    /// Inactivity.
    Inactivity,
    /// No connection and no lease.
    Unheld,
    /// A pause.
    Pause(PauseId),
    /// A status that is wanted when the chats have ended.
    Drain,
    /// The want of a seat.
    Seat,
}

/// Makes the effective presence of an agent in an office, or outside of any, from the facts (PRES-17). Whoever needs
/// a presence has it from here. `seated` is whether the agent has a seat (PRES-15), which depends on the others.
///
/// The steps, each of which can only lower what the ones before it gave:
/// 1. the override of the office, else the global choice (PRES-3, PRES-4);
/// 2. a custom status that has no part in chats is offline (PRES-13);
/// 3. inactivity that came after the choice (PRES-6);
/// 4. neither a connection nor its grace nor a lease (PRES-7, PRES-14);
/// 5. a pause, and the wish to only finish what there is, turn online into away (AVAIL-1, PRES-21);
/// 6. without a seat nobody is online (PRES-15).
#[must_use]
pub fn effective(
    facts: &Facts,
    office: Option<OfficeId>,
    statuses: &BTreeMap<StatusId, CustomStatus>,
    seated: bool,
) -> Verdict {
    let silent = |choice: Choice| silent(choice, statuses);
    judge(&Basis::of(facts, seated, &silent), office, &mut |_| {})
}

/// The steps by which [`effective`] comes to its verdict. Facts that change nothing are not among them, but for the
/// choice with which it begins.
#[must_use]
pub fn explain(
    facts: &Facts,
    office: Option<OfficeId>,
    statuses: &BTreeMap<StatusId, CustomStatus>,
    seated: bool,
) -> Vec<Link> {
    let silent = |choice: Choice| silent(choice, statuses);
    steps(&Basis::of(facts, seated, &silent), office)
}

/// What a verdict is made from. Facts give it, and so does what is kept of them with each change.
pub(super) struct Basis<'a> {
    pub(super) choice: Choice,
    pub(super) overrides: &'a BTreeMap<OfficeId, Choice>,
    pub(super) comeback: Option<Comeback>,
    pub(super) inactivity: &'a Inactivity,
    pub(super) unheld: Option<Unheld>,
    pub(super) pausing: Option<Pausing>,
    pub(super) wanted: Option<Wanted>,
    pub(super) seated: bool,
    /// Which custom status keeps its agent out of chats by a choice, if one does (PRES-13).
    pub(super) silent: &'a dyn Fn(Choice) -> Option<StatusId>,
}

impl<'a> Basis<'a> {
    pub(super) fn of(
        facts: &'a Facts,
        seated: bool,
        silent: &'a dyn Fn(Choice) -> Option<StatusId>,
    ) -> Self {
        Self {
            choice: facts.choice,
            overrides: &facts.overrides,
            comeback: facts.comeback,
            inactivity: &facts.inactivity,
            unheld: unheld(facts),
            pausing: facts.pausing,
            wanted: facts.wanted,
            seated,
            silent,
        }
    }
}

/// The steps to a verdict, in their order.
pub(super) fn steps(basis: &Basis<'_>, office: Option<OfficeId>) -> Vec<Link> {
    let mut chain = Vec::new();
    judge(basis, office, &mut |link| chain.push(link));
    chain
}

/// A verdict on its way, and whoever is told of its steps.
struct Judge<'t> {
    verdict: Verdict,
    told: &'t mut dyn FnMut(Link),
}

impl Judge<'_> {
    fn step(&mut self, kind: LinkKind, since: Option<Timestamp>, by: Actor) {
        let after = self.verdict;
        (self.told)(Link {
            kind,
            since,
            by,
            after,
        });
    }

    /// Goes down to a status, if it is below the present one.
    fn lower(&mut self, to: (Status, PresenceReason), kind: LinkKind, fact: (Timestamp, Actor)) {
        let (status, reason) = to;
        if rank(status) < rank(self.verdict.status) {
            self.verdict = Verdict { status, reason };
            self.step(kind, Some(fact.0), fact.1);
        }
    }
}

pub(super) fn judge(
    basis: &Basis<'_>,
    office: Option<OfficeId>,
    told: &mut dyn FnMut(Link),
) -> Verdict {
    let own = office.and_then(|id| basis.overrides.get(&id)).copied();
    let selected = own.unwrap_or(basis.choice);
    let (status, reason) = (selected.status, selected.reason);
    let verdict = Verdict { status, reason };
    let mut judge = Judge { verdict, told };
    let kind = match own {
        Some(_) => LinkKind::Override,
        None => LinkKind::Choice,
    };
    judge.step(kind, Some(selected.set_at), selected.set_by);
    let returned = |comeback: &Comeback| comeback.at >= selected.set_at;
    if let Some(comeback) = basis.comeback.filter(returned)
        && status != Status::Offline
    {
        judge.verdict.reason = comeback.reason;
        judge.step(LinkKind::Comeback, Some(comeback.at), Actor::System);
    }
    if let Some(id) = (basis.silent)(selected) {
        let to = (Status::Offline, PresenceReason::StatusForbidsChats);
        let fact = (selected.set_at, selected.set_by);
        judge.lower(to, LinkKind::CustomStatus(id), fact);
    }
    let came_later = |demotion: &Demotion| demotion.since >= selected.set_at;
    for demotion in basis.inactivity.of(office).filter(came_later) {
        let to = (demotion.status, PresenceReason::Inactivity);
        judge.lower(to, LinkKind::Inactivity, (demotion.since, Actor::System));
    }
    if let Some(unheld) = basis.unheld {
        let fact = (unheld.since, Actor::System);
        judge.lower((unheld.status, unheld.reason), LinkKind::Unheld, fact);
    }
    // What takes offers away only, is for those who would get them.
    if judge.verdict.status == Status::Online {
        if let Some(pausing) = basis.pausing {
            let fact = (pausing.since, pausing.set_by);
            let kind = LinkKind::Pause(pausing.pause_id);
            judge.lower((Status::Away, PresenceReason::Paused), kind, fact);
        } else if let Some(wanted) = basis.wanted {
            let fact = (wanted.set_at, wanted.set_by);
            let to = (Status::Away, PresenceReason::Draining);
            judge.lower(to, LinkKind::Drain, fact);
        } else if !basis.seated {
            judge.verdict = Verdict {
                status: Status::Offline,
                reason: PresenceReason::NoSeat,
            };
            judge.step(LinkKind::Seat, None, Actor::System);
        }
    }
    judge.verdict
}

/// The custom status that keeps its agent out of chats.
pub(super) fn silent(
    selected: Choice,
    statuses: &BTreeMap<StatusId, CustomStatus>,
) -> Option<StatusId> {
    let status = statuses.get(&selected.status_id?)?;
    (!status.handles_chats && selected.status != Status::Offline).then_some(status.id)
}

/// What an agent is whom nothing holds any more, by whatever held it last.
fn unheld(facts: &Facts) -> Option<Unheld> {
    if facts.is_held() {
        return None;
    }
    let Reachability::Lost { since, becomes } = facts.reachability else {
        return None;
    };
    let (status, reason, since) = match facts.lease {
        Lease::Expired { at } if at >= since => (Status::Offline, PresenceReason::LeaseExpired, at),
        Lease::Expired { .. } | Lease::None | Lease::Held { .. } => {
            (becomes, PresenceReason::Disconnected, since)
        }
    };
    Some(Unheld {
        status,
        reason,
        since,
    })
}

/// How much there is of an agent: a step may only go down. Visitors see an invisible agent as offline, but inactivity
/// turns it into away all the same (PRES-6).
fn rank(status: Status) -> u8 {
    match status {
        Status::Offline => 0,
        Status::Away => 1,
        Status::Invisible | Status::Online => 2,
    }
}
