//! What visitors see of an office (AVAIL-1, AVAIL-5), from the presences of its queues' members and its hours.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{AgentId, Hours, Mode, OfficeId, ShownReason, Status, Timestamp, WhenBusy};

use super::Engine;
use super::effect::{AvailabilityChange, Cause, EventKind};
use super::entry::is_open as is_in_hours;
use super::state::{AgentState, OfficeState, QueueState, Shown, State};
use super::timers::TimerKey;
use super::turn::Turn;
use super::view::{OfficeAvailability, OfficeNow, PublicAgent};

impl Turn<'_> {
    /// Remembers that an office may show something else after this step, and why. The first reason counts.
    pub(super) fn touch_office(&mut self, office_id: OfficeId, cause: Cause) {
        self.touched.entry(office_id).or_insert(cause);
    }

    /// Tells what a new office shows: what it is at a moment is read from these events, beginning with this one.
    pub(super) fn tell_new_office(&mut self, office_id: OfficeId) {
        let Some(office) = self.state.offices.get(&office_id) else {
            return;
        };
        let (mode, reason) = self.state.verdict_on(office, self.now);
        if let Some(office) = self.state.offices.get_mut(&office_id) {
            office.shown = Shown {
                mode,
                reason,
                since: self.now,
            };
        }
        let change = self
            .state
            .availability_change(office_id, self.now, Cause::Setup);
        if let Some(change) = change {
            self.emit(EventKind::Availability(Box::new(change)));
        }
    }

    /// At the end of a step: tells of the offices that show something else now.
    pub(super) fn settle_offices(&mut self) {
        for (office_id, cause) in std::mem::take(&mut self.touched) {
            let Some(office) = self.state.offices.get(&office_id) else {
                continue;
            };
            let (mode, reason) = self.state.verdict_on(office, self.now);
            if (office.shown.mode, office.shown.reason) == (mode, reason) {
                continue;
            }
            let shown = Shown {
                mode,
                reason,
                since: self.now,
            };
            if let Some(office) = self.state.offices.get_mut(&office_id) {
                office.shown = shown;
            }
            if let Some(change) = self.state.availability_change(office_id, self.now, cause) {
                self.emit(EventKind::Availability(Box::new(change)));
            }
        }
    }
}

impl State {
    /// The members of a queue who are effectively online in its office.
    fn online_in<'s>(&'s self, queue: &'s QueueState) -> impl Iterator<Item = &'s AgentState> {
        let office = queue.queue.office_id;
        let members = queue.members.iter().filter_map(|id| self.agents.get(id));
        members
            .map(|agent| &**agent)
            .filter(move |agent| agent.presence(office).status == Status::Online)
    }

    /// Whether a member of the queue is effectively online in its office, though it may have logged out of the queue
    /// (AVAIL-1): it may still pick what waits (ROUTE-7).
    fn is_staffed(&self, queue: &QueueState) -> bool {
        self.online_in(queue).next().is_some()
    }

    /// Whether one of those who are online has the chats of the queue offered.
    pub(super) fn is_attended(&self, queue: &QueueState) -> bool {
        let logged_out = |agent: &AgentState| agent.work.logged_out.contains(&queue.queue.id);
        self.online_in(queue).any(|agent| !logged_out(agent))
    }

    /// The mode that an office shows.
    pub(super) fn mode(&self, office: OfficeId) -> Mode {
        self.offices
            .get(&office)
            .map_or(Mode::Hidden, |office| office.shown.mode)
    }

    /// What an office shows from now on, and why: live when a member of one of its queues is effectively online and
    /// it is in hours; while all who are have no room, what its `when_busy` says.
    pub(super) fn verdict_on(&self, office: &OfficeState, now: Timestamp) -> (Mode, ShownReason) {
        let closed = office.office.when_not_live.mode();
        let queues = || office.queues.iter().filter_map(|id| self.queues.get(id));
        if !office.office.is_open(now) {
            return (closed, ShownReason::OutOfHours);
        }
        if queues().all(|queue| queue.members.is_empty()) {
            return (closed, ShownReason::NoMembers);
        }
        if !self.is_in_hours(office, now) {
            return (closed, ShownReason::OutOfHours);
        }
        if !queues().any(|queue| is_in_hours(queue, now) && self.is_staffed(queue)) {
            return (closed, ShownReason::NobodyOnline);
        }
        match office.office.when_busy {
            WhenBusy::Queue => (Mode::Live, ShownReason::AgentOnline),
            WhenBusy::Messenger if self.has_room_in(office) => {
                (Mode::Live, ShownReason::AgentOnline)
            }
            WhenBusy::Messenger => (closed.max(Mode::Messenger), ShownReason::AllBusy),
        }
    }

    fn has_room_in(&self, office: &OfficeState) -> bool {
        let mut online = self.each_online(office);
        online.any(AgentState::has_room)
    }

    /// The members of an office's queues, one in two queues twice. Most questions are answered by the first few, so
    /// that nothing is gathered; [`State::members`] does that.
    fn each_member<'s>(&'s self, office: &'s OfficeState) -> impl Iterator<Item = &'s AgentState> {
        let queues = office.queues.iter().filter_map(|id| self.queues.get(id));
        queues
            .flat_map(|queue| &queue.members)
            .filter_map(|id| self.agents.get(id).map(|agent| &**agent))
    }

    /// Those of them who are effectively online in the office.
    fn each_online<'s>(&'s self, office: &'s OfficeState) -> impl Iterator<Item = &'s AgentState> {
        let id = office.office.id;
        self.each_member(office)
            .filter(move |agent| agent.presence(id).status == Status::Online)
    }

    fn members(&self, office: &OfficeState) -> BTreeSet<AgentId> {
        let queues = office.queues.iter().filter_map(|id| self.queues.get(id));
        queues
            .flat_map(|queue| queue.members.iter().copied())
            .collect()
    }

    fn members_online(&self, office: &OfficeState) -> BTreeSet<AgentId> {
        let online = self.each_online(office);
        online.map(|agent| agent.profile.id).collect()
    }

    fn availability_change(
        &self,
        office_id: OfficeId,
        now: Timestamp,
        cause: Cause,
    ) -> Option<AvailabilityChange> {
        let office = self.offices.get(&office_id)?;
        let online = self.members_online(office).into_iter();
        Some(AvailabilityChange {
            shown: self.availability_of(office, now),
            cause,
            is_open: self.is_in_hours(office, now),
            members: u32::try_from(self.members(office).len()).unwrap_or(u32::MAX),
            online: online.take(AvailabilityChange::NAMED).collect(),
        })
    }

    pub(super) fn availability_of(
        &self,
        office: &OfficeState,
        now: Timestamp,
    ) -> OfficeAvailability {
        let shown = office.shown;
        let mut agents = Vec::new();
        if self.settings.show_agents && shown.mode == Mode::Live {
            let online = self.members_online(office).into_iter();
            let cards = online
                .filter_map(|id| self.agents.get(&id))
                .map(|agent| PublicAgent {
                    name: agent.profile.shown_name().clone(),
                    picture_url: agent.profile.picture_url.clone(),
                });
            // A widget shows a few faces, not a staff list.
            agents = cards.take(PUBLIC_AGENTS_MAX).collect();
        }
        let waiting = self.settings.show_queue.then(|| {
            let queues = office.queues.iter().filter_map(|id| self.queues.get(id));
            let waiting: usize = queues.map(|queue| queue.waiting).sum();
            u32::try_from(waiting).unwrap_or(u32::MAX)
        });
        OfficeAvailability {
            office_id: office.office.id,
            mode: shown.mode,
            reason: shown.reason,
            since: shown.since,
            valid_until: self.valid_until(office, now),
            opens_at: self.opens_at(office, now),
            agents,
            waiting,
            estimated_wait: self.next_wait(office).filter(|_| waiting.is_some()),
        }
    }

    /// Whether an office is in hours: in its own and, where it has queues, in those of one of them (AVAIL-5).
    fn is_in_hours(&self, office: &OfficeState, now: Timestamp) -> bool {
        let mut queues = office.queues.iter().filter_map(|id| self.queues.get(id));
        let none = office.queues.is_empty();
        office.office.is_open(now) && (none || queues.any(|queue| is_in_hours(queue, now)))
    }

    /// When an office's hours next begin, while it is out of them.
    fn opens_at(&self, office: &OfficeState, now: Timestamp) -> Option<Timestamp> {
        if self.is_in_hours(office, now) {
            return None;
        }
        let own = office.office.hours.as_ref();
        if office.queues.is_empty() {
            return both_open(own, None, now);
        }
        let queues = office.queues.iter().filter_map(|id| self.queues.get(id));
        let opens = |queue: &QueueState| both_open(own, queue.queue.settings.hours.as_ref(), now);
        queues.filter_map(|queue| opens(queue)).min()
    }

    /// The moment of the next change that is already known: the hours of the office and of its queues, and the hours and
    /// the pauses of its members. What an act of somebody can still put off is not known: a grace, a lease, inactivity.
    fn valid_until(&self, office: &OfficeState, now: Timestamp) -> Option<Timestamp> {
        if !self.is_in_hours(office, now) {
            return self.opens_at(office, now);
        }
        let hours = self.timers.get(TimerKey::OfficeHours(office.office.id));
        let known = |agent: &AgentState| {
            let hours = self.timers.get(TimerKey::AgentHours(agent.profile.id));
            let pause = self.timers.get(TimerKey::PauseDue(agent.profile.id));
            hours.into_iter().chain(pause).min()
        };
        let boundary = |queue: &QueueState| self.timers.get(TimerKey::QueueHours(queue.queue.id));
        let queues = || office.queues.iter().filter_map(|id| self.queues.get(id));
        let of_staff = if office.shown.mode == Mode::Live {
            // It stays live until the last one in the last queue is gone, of whom no end may be known: then the first such
            // ends the search.
            let open = queues().filter(|queue| is_in_hours(queue, now));
            let mut ends = open.flat_map(|queue| {
                let closes = boundary(queue);
                self.online_in(queue)
                    .map(move |agent| known(agent).into_iter().chain(closes).min())
            });
            let last = ends.try_fold(None, |last: Option<Timestamp>, end| {
                Some(last.max(Some(end?)))
            });
            last.flatten()
        } else {
            let closed = queues().filter(|queue| !is_in_hours(queue, now));
            let opens = closed.filter_map(|queue| boundary(queue));
            self.each_member(office)
                .filter_map(known)
                .chain(opens)
                .min()
        };
        hours.into_iter().chain(of_staff).min()
    }
}

/// How many boundaries of hours are looked at for an instant at which both of two are open; beyond, none is known.
const BOUNDARIES_MAX: usize = 64;

/// When hours and others are first both open, from now on; those that there are none of always are.
fn both_open(hours: Option<&Hours>, others: Option<&Hours>, now: Timestamp) -> Option<Timestamp> {
    let mut at = now;
    for _ in 0..BOUNDARIES_MAX {
        let given = [hours, others].into_iter().flatten();
        let Some(closed) = given.into_iter().find(|hours| !hours.is_open(at)) else {
            return Some(at);
        };
        at = closed.next_boundary(at)?.at;
    }
    None
}

/// How many agents a widget is told of.
const PUBLIC_AGENTS_MAX: usize = 10;

impl Engine {
    /// What every office shows, for the board of widgets.
    #[must_use]
    pub fn availability(&self) -> BTreeMap<OfficeId, OfficeAvailability> {
        let offices = self.state.offices.values();
        offices
            .map(|office| {
                let shown = self.state.availability_of(office, self.now);
                (office.office.id, shown)
            })
            .collect()
    }

    /// What stands behind what an office shows now.
    #[must_use]
    pub fn office_now(&self, office_id: OfficeId) -> Option<OfficeNow> {
        let office = self.state.offices.get(&office_id)?;
        let online = self.state.members_online(office).into_iter();
        let online = online.filter_map(|id| {
            let agent = self.state.agents.get(&id)?;
            Some((id, agent.presence(office_id)))
        });
        let members = self.state.members(office).len();
        Some(OfficeNow {
            shown: self.state.availability_of(office, self.now),
            is_open: self.state.is_in_hours(office, self.now),
            members: u32::try_from(members).unwrap_or(u32::MAX),
            online: online.collect(),
        })
    }

    /// Whether what visitors see depends on the chats too, and not on presence and set-up alone.
    #[must_use]
    pub fn shows_chats(&self) -> bool {
        self.state.settings.show_queue
    }
}
