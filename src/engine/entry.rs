//! Where a chat enters, and for whom it is kept there (ROUTE-1, ROUTE-10, ROUTE-14, AVAIL-5). Never nowhere.

use std::collections::BTreeSet;

use crate::domain::{
    AgentId, Entered, Entry, KeptFor, Mode, Office, OfficeId, Overflow, Priority, QueueId,
    Reserved, RoutingAction, Timestamp, WidgetId,
};

use super::Refusal;
use super::command::StartChat;
use super::overflow::Onward;
use super::state::{QueueState, State};

/// Where a chat goes in.
pub(super) struct Found {
    pub(super) office_id: OfficeId,
    pub(super) queue_id: QueueId,
    pub(super) entry: Entry,
    pub(super) priority: Priority,
    pub(super) reserved: Option<Reserved>,
}

impl State {
    /// Finds the queue that a chat enters: the one that the visitor chose, else the one to which the first fitting rule
    /// sends it, else the first with somebody online of the office that it chose, else of the first of the widget's
    /// offices that is live. One that is full or closed sends it
    /// to its overflow.
    pub(super) fn enter(&self, start: &StartChat, now: Timestamp) -> Result<Found, Refusal> {
        let ruled = self.rule_for(start, now);
        let (queue, by) = match ruled {
            Some((_, Some(queue))) => (queue, Entered::Rule),
            Some((_, None)) | None => self.asked_queue(start, now)?,
        };
        let action = ruled.map(|(rule, _)| &rule.action);
        let priority = action.and_then(|action| action.priority);
        Ok(Found {
            office_id: queue.queue.office_id,
            queue_id: queue.queue.id,
            entry: Entry {
                by,
                rule_id: ruled.map(|(rule, _)| rule.id),
            },
            priority: priority.unwrap_or(queue.queue.settings.priority),
            reserved: self.reservation(start, action, queue, now),
        })
    }

    /// Where a chat enters that no rule sends anywhere.
    fn asked_queue(
        &self,
        start: &StartChat,
        now: Timestamp,
    ) -> Result<(&QueueState, Entered), Refusal> {
        let meant = self.meant_queue(start, now)?;
        let queue = self.admitting(meant, now)?;
        let by = match (start.queue_id, start.office_id) {
            _ if queue.queue.id != meant.queue.id => Entered::Overflow,
            (Some(_), _) => Entered::Queue,
            (None, Some(_)) => Entered::Office,
            (None, None) => Entered::Widget,
        };
        Ok((queue, by))
    }

    fn meant_queue(&self, start: &StartChat, now: Timestamp) -> Result<&QueueState, Refusal> {
        if let Some(queue_id) = start.queue_id {
            let queue = self.queues.get(&queue_id).ok_or(Refusal::UnknownQueue)?;
            let office = self.office_of(start.widget_id, Some(queue.queue.office_id));
            let office = office.map_err(|_| Refusal::UnknownQueue)?;
            if start.office_id.is_some_and(|id| id != office.id) {
                return Err(Refusal::UnknownQueue);
            }
            return self.live_queue(office, Some(queue), now);
        }
        if start.office_id.is_some() {
            let office = self.office_of(start.widget_id, start.office_id)?;
            return self.live_queue(office, None, now);
        }
        let widget = self.widgets.get(&start.widget_id);
        let widget = widget.ok_or(Refusal::UnknownWidget)?;
        let mut mode = Mode::Hidden;
        let offices = widget
            .office_ids
            .iter()
            .filter_map(|id| self.offices.get(id));
        for office in offices {
            match self.live_queue(&office.office, None, now) {
                Err(Refusal::NotLive { mode: shown }) => mode = mode.max(shown),
                found => return found,
            }
        }
        Err(Refusal::NotLive { mode })
    }

    /// The queue that was chosen, else of the office's queues one that takes chats and has somebody online; the oldest
    /// first.
    fn live_queue<'s>(
        &'s self,
        office: &Office,
        chosen: Option<&'s QueueState>,
        now: Timestamp,
    ) -> Result<&'s QueueState, Refusal> {
        let mode = self.mode(office.id);
        let first = || {
            let queues = self.queues.values().map(|queue| &**queue);
            queues
                .filter(|queue| queue.queue.office_id == office.id)
                .min_by_key(|queue| {
                    let admits = self.admitting(queue, now).is_ok();
                    let deserted = !self.is_attended(queue);
                    (!admits, deserted, queue.queue.created_at, queue.queue.id)
                })
        };
        match (mode, chosen.or_else(first)) {
            (Mode::Live, Some(queue)) => Ok(queue),
            (mode, _) => Err(Refusal::NotLive { mode }),
        }
    }

    /// The queue itself if it takes chats, else the first along its overflows that does.
    pub(super) fn admitting<'s>(
        &'s self,
        meant: &'s QueueState,
        now: Timestamp,
    ) -> Result<&'s QueueState, Refusal> {
        match self.along(meant, now) {
            Some(Onward::Queue(queue)) => Ok(queue),
            Some(Onward::Inbox) => Err(Refusal::NotLive {
                mode: Mode::Messenger,
            }),
            None => Err(self.turning_away(meant, now)),
        }
    }

    /// Where a queue and its overflows lead a chat: the first that takes chats and whose office is live, since a chat waits
    /// no better where nobody is. The chain has no loop, which is seen to when one is saved; should it have one, it leads
    /// nowhere.
    pub(super) fn along<'s>(&'s self, from: &'s QueueState, now: Timestamp) -> Option<Onward<'s>> {
        let mut queue = from;
        let mut seen = BTreeSet::new();
        while seen.insert(queue.queue.id) {
            if self.takes_chats(queue, now) && self.mode(queue.queue.office_id) == Mode::Live {
                return Some(Onward::Queue(queue));
            }
            match queue.queue.settings.overflow? {
                Overflow::Messenger => return Some(Onward::Inbox),
                Overflow::Queue(id) => queue = self.queues.get(&id)?,
            }
        }
        None
    }

    /// What a visitor is told of a queue that takes no chat.
    pub(super) fn turning_away(&self, queue: &QueueState, now: Timestamp) -> Refusal {
        if is_open(queue, now) {
            return Refusal::QueueFull;
        }
        let office = self.offices.get(&queue.queue.office_id);
        let mode = office.map_or(Mode::Hidden, |office| office.office.when_not_live.mode());
        Refusal::NotLive { mode }
    }

    /// Whether a queue takes a chat: it is in its hours, and neither full nor still emptying after it was (AVAIL-5).
    pub(super) fn takes_chats(&self, queue: &QueueState, now: Timestamp) -> bool {
        let full = queue.memory.is_full || is_full(queue);
        is_open(queue, now) && !full && self.offices.contains_key(&queue.queue.office_id)
    }

    /// For whom a chat is kept: the agents that its contact is assigned to, those of the rule, the widget's, or the one
    /// that had the contact's last chat, in this order.
    fn reservation(
        &self,
        start: &StartChat,
        action: Option<&RoutingAction>,
        queue: &QueueState,
        now: Timestamp,
    ) -> Option<Reserved> {
        let widget = self.widgets.get(&start.widget_id);
        let assigned = start.assigned.clone();
        let last = queue
            .queue
            .settings
            .prefer_last_agent_for
            .zip(start.last_agent_id);
        let known = |agents: Vec<AgentId>| -> Option<BTreeSet<AgentId>> {
            let known = agents.into_iter().filter(|id| self.agents.contains_key(id));
            Some(known.collect()).filter(|agents: &BTreeSet<AgentId>| !agents.is_empty())
        };
        let kept = |agents: Vec<AgentId>, kept_for: KeptFor, until: Option<Timestamp>| {
            known(agents).map(|agents| Reserved {
                agents,
                kept_for,
                until,
            })
        };
        let ruled = action.map(|action| action.agent_ids.iter().copied().collect());
        kept(assigned, KeptFor::Assignment, None)
            .or_else(|| kept(ruled.unwrap_or_default(), KeptFor::Assignment, None))
            .or_else(|| {
                let agent = widget.and_then(|widget| widget.agent_id);
                kept(agent.into_iter().collect(), KeptFor::Widget, None)
            })
            .or_else(|| {
                let (preferred_for, agent) = last?;
                let until = Some(now + preferred_for);
                kept(vec![agent], KeptFor::LastAgent, until)
            })
    }

    /// One of the widget's offices: the one that was named, else the first.
    pub(super) fn office_of(
        &self,
        widget_id: WidgetId,
        office_id: Option<OfficeId>,
    ) -> Result<&Office, Refusal> {
        let widget = self.widgets.get(&widget_id).ok_or(Refusal::UnknownWidget)?;
        let id = match office_id {
            Some(id) => widget.office_ids.iter().find(|own| **own == id),
            None => widget.office_ids.first(),
        };
        id.and_then(|id| self.offices.get(id))
            .map(|office| &office.office)
            .ok_or(Refusal::UnknownOffice)
    }
}

/// Whether as many chats wait as may.
pub(super) fn is_full(queue: &QueueState) -> bool {
    queue.waiting >= queue.queue.settings.max_waiting as usize
}

/// Whether a queue is in its own hours.
pub(super) fn is_open(queue: &QueueState, now: Timestamp) -> bool {
    let hours = queue.queue.settings.hours.as_ref();
    hours.is_none_or(|hours| hours.is_open(now))
}
