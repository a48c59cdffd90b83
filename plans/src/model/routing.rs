//! Who may be asked for which chat, told anew from what is durable: nobody whom the rules keep from it, nobody beyond what it
//! may have, everybody in the order of the line, and no chat waits while somebody could take it (ROUTE-2, ROUTE-4, ROUTE-13).

use std::collections::BTreeSet;

use deskbell::domain::{
    AgentId, ChatId, ChatState, ConnectionId, Lease, Mode, OfficeId, Overflow, Purpose, Queue,
    Status, Strategy, Timestamp,
};
use deskbell::engine::StateRecord;

use super::super::presence::{Presences, has_room, has_too_much};
use super::{Chat, Model};

/// What of the engine's state has a say in who may be asked for which chat.
pub(super) struct Routing<'a> {
    pub(super) durable: &'a StateRecord,
    pub(super) connections: &'a [(AgentId, ConnectionId)],
    pub(super) presences: Presences,
    /// Whether something is due at this instant that has not been done yet: a change has made a delay shorter.
    pub(super) is_due: bool,
    pub(super) now: Timestamp,
}

impl Routing<'_> {
    /// Whether an agent could be offered a chat that has waited since then (ROUTE-2, PRES-7, PRES-11, PRES-14).
    fn could_take(&self, id: AgentId, queue: &Queue, waits_since: Timestamp) -> bool {
        let mut agents = self.durable.agents.iter();
        let agent = agents.find(|(agent, _)| agent.id == id);
        agent.is_some_and(|(agent, _)| has_room(agent, self.durable))
            && self.could_ring_at(id, queue, waits_since)
    }

    /// The same, whether or not it has room.
    fn could_ring_at(&self, id: AgentId, queue: &Queue, waits_since: Timestamp) -> bool {
        let agent = self.durable.agents.iter().find(|(agent, _)| agent.id == id);
        let Some((agent, record)) = agent else {
            return false;
        };
        let leased = matches!(
            record.facts.lease,
            Lease::Held {
                takes_offers: true,
                ..
            }
        );
        let logged_in = !record.work.logged_out.contains(&queue.id);
        let reachable = leased || self.connections.iter().any(|(known, _)| *known == id);
        let mut over = self.durable.chats.iter();
        if over.any(|chat| chat.course.wrapping.contains_key(&id)) {
            return false;
        }
        let there = match self.presences.is(id, queue.office_id) {
            Some(Status::Online) => true,
            // A deadline of this very instant is still to come.
            Some(Status::Invisible) => {
                let after = agent.offers_when_invisible_after;
                let is_late = after.is_some_and(|after| waits_since + after < self.now);
                is_late && record.facts.pausing.is_none() && record.facts.wanted.is_none()
            }
            _ => false,
        };
        logged_in && reachable && there
    }

    /// Whether an agent is as good as a queue requires (ROUTE-2).
    fn is_skilled(&self, id: AgentId, queue: &Queue) -> bool {
        let agent = self.durable.agents.iter().find(|(agent, _)| agent.id == id);
        let skills = agent.map(|(agent, _)| &agent.skills);
        let mut required = queue.settings.required_skills.iter();
        required.all(|(skill, level)| {
            let has = skills.and_then(|skills| skills.get(skill));
            has.is_some_and(|has| has >= level)
        })
    }

    fn is_logged_out(&self, id: AgentId, queue: &Queue) -> bool {
        let mut agents = self.durable.agents.iter();
        let agent = agents.find(|(agent, _)| agent.id == id);
        agent.is_some_and(|(_, record)| record.work.logged_out.contains(&queue.id))
    }

    /// Whether an agent is where a chat that is kept for it can ring (PRES-10).
    fn is_there(&self, id: AgentId, office: OfficeId, given: bool) -> bool {
        let agent = self.durable.agents.iter().find(|(agent, _)| agent.id == id);
        agent.is_some_and(|(_, record)| match self.presences.is(id, office) {
            Some(Status::Online) => true,
            Some(Status::Invisible) if given => {
                record.facts.pausing.is_none() && record.facts.wanted.is_none()
            }
            _ => false,
        })
    }

    /// Whether an agent can be reached and has room for one more.
    fn has_room(&self, id: AgentId) -> bool {
        let agent = self.durable.agents.iter().find(|(agent, _)| agent.id == id);
        agent.is_some_and(|(agent, record)| {
            let lease = &record.facts.lease;
            let leased = matches!(
                lease,
                Lease::Held {
                    takes_offers: true,
                    ..
                }
            );
            let connected = self.connections.iter().any(|(known, _)| *known == id);
            let mut over = self.durable.chats.iter();
            let wraps_up = over.any(|chat| chat.course.wrapping.contains_key(&id));
            (leased || connected) && !wraps_up && has_room(agent, self.durable)
        })
    }

    /// Whether an offer may ring at an agent.
    fn may_have(&self, id: AgentId, office: OfficeId) -> bool {
        let mut over = self.durable.chats.iter();
        if over.any(|chat| chat.course.wrapping.contains_key(&id)) {
            return false;
        }
        let agent = self.durable.agents.iter().find(|(agent, _)| agent.id == id);
        agent.is_some_and(|(agent, record)| match self.presences.is(id, office) {
            Some(Status::Online) => true,
            Some(Status::Invisible) => {
                let idle = record.facts.pausing.is_none() && record.facts.wanted.is_none();
                idle && agent.offers_when_invisible_after.is_some()
            }
            _ => false,
        })
    }

    /// No chat waits while somebody could take it; nobody has more than it may.
    pub(super) fn check(&self, model: &Model) -> Result<(), String> {
        let durable = self.durable;
        let offers = durable.offers.iter();
        let ringing: Vec<_> = offers.filter(|o| o.ended_at.is_none()).collect();
        for (agent, _) in &durable.agents {
            let rings = ringing.iter().any(|offer| offer.agent_id == agent.id);
            // A capacity that was lowered ends no chat.
            if rings && has_too_much(agent, durable) {
                return Err(format!("{} has more than it may", agent.id));
            }
        }
        for (queue, members, _) in &durable.queues {
            for chat_id in model.waiting.get(&queue.id).into_iter().flatten() {
                let rings: Vec<AgentId> = ringing
                    .iter()
                    .filter(|offer| offer.chat_id == *chat_id)
                    .map(|offer| offer.agent_id)
                    .collect();
                let office = queue.office_id;
                let kept = model.open[chat_id].kept.as_ref();
                let wrong = |id: &AgentId| {
                    let given = kept.is_some_and(|kept| {
                        kept.agents.contains(id) && self.is_there(*id, office, kept.given)
                    });
                    let wrong = !members.contains(id)
                        || !self.may_have(*id, office)
                        || !self.is_skilled(*id, queue)
                        || self.is_logged_out(*id, queue);
                    !given && wrong
                };
                if rings.iter().any(wrong) {
                    return Err(format!("{chat_id} rings where it may not: {rings:?}"));
                }
                if rings.is_empty() {
                    self.check_waiting(model, *chat_id, queue, members)?;
                }
            }
            self.check_order(model, queue)?;
            self.check_overflow(model, queue)?;
        }
        Ok(())
    }

    /// AVAIL-5: nothing waits for longer than its queue allows while it could wait elsewhere, or be in the inbox.
    fn check_overflow(&self, model: &Model, queue: &Queue) -> Result<(), String> {
        let bounds = queue.settings.max_wait.zip(queue.settings.overflow);
        let Some((longest, overflow)) = bounds.filter(|_| !self.is_due) else {
            return Ok(());
        };
        let mut next = Some(overflow);
        while let Some(Overflow::Queue(id)) = next {
            let mut queues = self.durable.queues.iter();
            let found = queues.find(|(queue, ..)| queue.id == id);
            let (queue, _, memory) = found.ok_or("a queue overflows into nothing")?;
            let waiting = model.waiting.get(&id).into_iter().flatten();
            let waiting = waiting.filter(|id| model.open[id].seeks.is_none()).count();
            let is_full = memory.is_full || waiting >= queue.settings.max_waiting as usize;
            if !is_full && self.is_live(queue.office_id) {
                break;
            }
            next = queue.settings.overflow;
        }
        let late = self.durable.chats.iter().find(|chat| {
            let seek = chat.routing.seek.as_ref();
            chat.state == ChatState::Waiting
                && chat.queue_id == Some(queue.id)
                && seek.is_some_and(|seek| seek.since + longest < self.now)
        });
        match (late, next) {
            (Some(chat), Some(next)) => Err(format!("{} waits and could go to {next:?}", chat.id)),
            _ => Ok(()),
        }
    }

    fn is_live(&self, office_id: OfficeId) -> bool {
        let mut offices = self.durable.offices.iter();
        offices.any(|(office, shown)| office.id == office_id && shown.mode == Mode::Live)
    }

    /// Whom an agent was asked to take at this instant stood before all others of the queue that it could have been asked to
    /// take. Of an earlier instant nobody knows any more what was possible then.
    fn check_order(&self, model: &Model, queue: &Queue) -> Result<(), String> {
        if matches!(
            queue.settings.strategy,
            Strategy::Broadcast | Strategy::Manual
        ) {
            return Ok(());
        }
        let line = model.line(queue);
        let rings = |chat_id: ChatId, agent_id: Option<AgentId>| {
            let offers = self.durable.offers.iter();
            offers
                .filter(|offer| offer.ended_at.is_none() && offer.chat_id == chat_id)
                .any(|offer| agent_id.is_none_or(|id| offer.agent_id == id))
        };
        let rung = model.rung.iter().enumerate();
        let rung = rung.filter(|(_, (_, _, at))| *at == self.now);
        for (number, (chat_id, agent_id, _)) in rung {
            // What began to wait only afterwards was not passed over.
            let stood = |id: &ChatId| model.anew.get(id).is_none_or(|before| *before <= number);
            let at = line.iter().position(|id| id == chat_id);
            let is_kept = |chat: &Chat| chat.kept.is_some() || chat.seeks.is_some();
            let Some(at) = at.filter(|_| rings(*chat_id, Some(*agent_id))) else {
                continue;
            };
            if is_kept(&model.open[chat_id]) {
                continue;
            }
            let passed_over = line[..at].iter().filter(|id| stood(id)).find(|id| {
                let chat = &model.open[id];
                let record = self.durable.chats.iter().find(|chat| chat.id == **id);
                let waits = record.is_some_and(|record| {
                    record.round_starts_at.is_none()
                        && self.could_ring_at(*agent_id, queue, record.enqueued_at)
                });
                waits && !rings(**id, None) && !is_kept(chat) && !chat.refused_by.contains(agent_id)
            });
            if let Some(first) = passed_over {
                return Err(format!("{agent_id} was asked for {chat_id} before {first}"));
            }
        }
        Ok(())
    }

    /// A chat that rings at nobody.
    fn check_waiting(
        &self,
        model: &Model,
        chat_id: ChatId,
        queue: &Queue,
        members: &BTreeSet<AgentId>,
    ) -> Result<(), String> {
        let record = self.durable.chats.iter().find(|chat| chat.id == chat_id);
        let record = record.ok_or("a waiting chat without a record")?;
        let chat = &model.open[&chat_id];
        let helps =
            |id: &AgentId| chat.seeks == Some(Purpose::Assist) && chat.assisted_by.contains(id);
        if queue.settings.strategy == Strategy::Manual {
            // Nobody is asked; agents pick.
            return Ok(());
        }
        let refused = &chat.refused_by;
        let there = chat.kept.iter().flat_map(|kept| {
            let agents = kept.agents.iter().copied();
            agents.filter(|id| self.is_there(*id, queue.office_id, kept.given))
        });
        // What all of those have refused that it is kept for is for everybody, until they are asked again.
        let (gone, there): (Vec<_>, Vec<_>) = there.partition(|id| refused.contains(id));
        let free: Vec<AgentId> = if there.is_empty() {
            let members = members.iter().copied();
            members
                .filter(|id| !chat.taken_by.contains(id) && !helps(id))
                .filter(|id| self.could_take(*id, queue, record.enqueued_at))
                .filter(|id| self.is_skilled(*id, queue))
                .chain(gone.into_iter().filter(|id| self.has_room(*id)))
                .collect()
        } else {
            there.into_iter().filter(|id| self.has_room(*id)).collect()
        };
        if let Some(agent) = free.iter().find(|id| !refused.contains(id)) {
            return Err(format!("{chat_id} waits although {agent} could take it"));
        }
        // A search of an active chat goes on for whom it has not asked yet, whose connection blinks.
        if record.round_starts_at.is_none() && !free.is_empty() && chat.seeks.is_none() {
            return Err(format!(
                "{chat_id} was refused by all and is never offered again"
            ));
        }
        Ok(())
    }
}
