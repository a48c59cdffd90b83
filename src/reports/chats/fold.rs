//! From what happened in a chat to the values of figures.
//!
//! Owns the definition of every figure: a value is one measure, and a report, a table and the list behind a figure are
//! made from the same measures, so they cannot differ.

use std::collections::{BTreeMap, BTreeSet};

use super::figure::Figure;
use super::log::{ChatLog, Happened, Happening, MissedTarget, OfferEnd};
use crate::domain::{
    AgentId, CloseReason, OfferNumber, ParticipantRole, Purpose, QueueId, Timestamp,
};

/// One value of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Which figure.
    pub figure: Figure,
    /// 1 where it is counted, else the number, the milliseconds or the score.
    pub value: i64,
    /// The queue that it is about; `None` for what happened in none.
    pub queue_id: Option<QueueId>,
    /// The agent that it is about; `None` for what is about none.
    pub agent_id: Option<AgentId>,
    /// When it was known.
    pub at: Timestamp,
}

/// All values that a chat has, in the order in which they were known; those which only its end tells come last.
#[must_use]
pub fn measures(log: &ChatLog) -> Vec<Measure> {
    let mut fold = Fold {
        started_at: log.started_at,
        at: log.started_at,
        ..Fold::default()
    };
    for happening in &log.happenings {
        fold.take(happening);
    }
    fold.end();
    fold.measures
}

/// An offer that was made.
#[derive(Clone, Copy)]
struct Offered {
    agent_id: AgentId,
    queue_id: Option<QueueId>,
}

/// Something that an agent has asked for and that is under way.
#[derive(Clone, Copy)]
struct Pending {
    purpose: Purpose,
    by: Option<AgentId>,
    queue_id: Option<QueueId>,
}

/// What is known of a chat up to one of its events.
#[derive(Default)]
struct Fold {
    measures: Vec<Measure>,
    started_at: Timestamp,
    /// The instant of the event.
    at: Timestamp,
    queue_id: Option<QueueId>,
    was_queued: bool,
    /// Whether it is or was in the inbox.
    is_offline: bool,
    accepted_at: Option<Timestamp>,
    closed: Option<(CloseReason, Timestamp)>,
    offers: BTreeMap<OfferNumber, Offered>,
    missed: Vec<(Offered, Timestamp)>,
    /// Who answers, and since when.
    answering: BTreeMap<AgentId, Timestamp>,
    answered: BTreeSet<AgentId>,
    last_agent: Option<AgentId>,
    has_reply: bool,
    messages: BTreeMap<(Option<AgentId>, Option<QueueId>), (i64, Timestamp)>,
    pending: Option<Pending>,
    wrapping: BTreeMap<AgentId, Timestamp>,
    rated: Option<(u8, Timestamp)>,
}

impl Fold {
    fn put(&mut self, figure: Figure, value: i64, agent_id: Option<AgentId>) {
        self.put_in(figure, value, agent_id, self.queue_id);
    }

    fn put_in(
        &mut self,
        figure: Figure,
        value: i64,
        agent_id: Option<AgentId>,
        queue_id: Option<QueueId>,
    ) {
        self.measures.push(Measure {
            figure,
            value,
            queue_id,
            agent_id,
            at: self.at,
        });
    }

    fn take(&mut self, happening: &Happening) {
        self.at = happening.at;
        match happening.what {
            Happened::Queued { queue_id } => self.queued(queue_id),
            Happened::OfflineMessage => {
                self.is_offline = true;
                self.put(Figure::OfflineMessages, 1, None);
            }
            Happened::Moved { queue_id } => self.queue_id = queue_id.or(self.queue_id),
            Happened::OfferMade {
                number,
                agent_id,
                queue_id,
            } => {
                let queue_id = queue_id.or(self.queue_id);
                let offered = Offered { agent_id, queue_id };
                self.offers.insert(number, offered);
                self.put_in(Figure::Offers, 1, Some(agent_id), queue_id);
            }
            Happened::OfferEnded { number, end } => self.offer_ended(number, end),
            Happened::Joined {
                agent_id,
                role,
                queue_id,
            } => {
                if role == ParticipantRole::Agent {
                    self.queue_id = queue_id.or(self.queue_id);
                    self.joined(agent_id);
                }
            }
            Happened::Left { agent_id } => self.left(agent_id),
            Happened::Message { agent_id } => self.message(agent_id),
            Happened::Closed { reason } => self.closed(reason),
            Happened::Reopened => {
                self.closed = None;
                self.put(Figure::Reopened, 1, None);
            }
            Happened::Requeued => self.put(Figure::Requeued, 1, None),
            Happened::HandOver { purpose, by } => self.hand_over(purpose, by),
            Happened::HandOverEnded { purpose, taken_by } => {
                if self
                    .pending
                    .is_some_and(|pending| pending.purpose == purpose)
                {
                    self.hand_over_ended(taken_by);
                }
            }
            Happened::WrapUpStarted { agent_id } => {
                self.wrapping.entry(agent_id).or_insert(happening.at);
            }
            Happened::WrapUpEnded { agent_id } => {
                if let Some(since) = self.wrapping.remove(&agent_id) {
                    let length = happening.at.since(since).0;
                    self.put(Figure::WrapUp, length, Some(agent_id));
                }
            }
            Happened::TargetMissed { target } => {
                let figure = match target {
                    MissedTarget::Waiting => Figure::TargetsMissedWaiting,
                    MissedTarget::FirstReply => Figure::TargetsMissedFirstReply,
                };
                self.put(figure, 1, None);
            }
            Happened::Rated { score } => self.rated = Some((score, happening.at)),
        }
    }

    /// A chat that enters a queue once more has not started once more.
    fn queued(&mut self, queue_id: Option<QueueId>) {
        self.queue_id = queue_id.or(self.queue_id);
        if !self.was_queued {
            self.was_queued = true;
            self.put(Figure::Started, 1, None);
        }
    }

    fn offer_ended(&mut self, number: OfferNumber, end: OfferEnd) {
        let Some(offered) = self.offers.remove(&number) else {
            return;
        };
        let figure = match end {
            OfferEnd::Accepted => Figure::OffersAccepted,
            OfferEnd::Rejected => Figure::OffersRejected,
            OfferEnd::Missed => {
                self.missed.push((offered, self.at));
                Figure::OffersMissed
            }
            OfferEnd::Withdrawn => Figure::OffersWithdrawn,
        };
        self.put_in(figure, 1, Some(offered.agent_id), offered.queue_id);
    }

    fn joined(&mut self, agent_id: AgentId) {
        if self.accepted_at.is_none() {
            self.accepted_at = Some(self.at);
            if self.is_offline {
                self.put(Figure::OfflineMessagesTaken, 1, Some(agent_id));
            } else {
                let waited = self.at.since(self.started_at).0;
                self.put(Figure::Accepted, 1, Some(agent_id));
                self.put(Figure::Waiting, waited, Some(agent_id));
            }
        }
        self.answering.entry(agent_id).or_insert(self.at);
        self.last_agent = Some(agent_id);
        if self.answered.insert(agent_id) {
            self.put(Figure::Handled, 1, Some(agent_id));
        }
    }

    fn left(&mut self, agent_id: AgentId) {
        if let Some(since) = self.answering.remove(&agent_id) {
            let length = self.at.since(since).0;
            self.put(Figure::Handling, length, Some(agent_id));
        }
    }

    fn message(&mut self, agent_id: Option<AgentId>) {
        if agent_id.is_some() && !self.has_reply {
            self.has_reply = true;
            if !self.is_offline {
                let length = self.at.since(self.started_at).0;
                self.put(Figure::FirstReply, length, agent_id);
            }
        }
        let written = self.messages.entry((agent_id, self.queue_id));
        let (count, at) = written.or_default();
        *count += 1;
        *at = self.at;
    }

    fn closed(&mut self, reason: CloseReason) {
        self.closed = Some((reason, self.at));
        let answering: Vec<AgentId> = self.answering.keys().copied().collect();
        for agent_id in answering {
            self.left(agent_id);
        }
        self.hand_over_ended(None);
    }

    fn hand_over(&mut self, purpose: Purpose, by: Option<AgentId>) {
        self.hand_over_ended(None);
        let figure = match purpose {
            Purpose::Transfer => Figure::Transfers,
            Purpose::Invite => Figure::Invites,
            Purpose::Answer | Purpose::Assist => return,
        };
        self.pending = Some(Pending {
            purpose,
            by,
            queue_id: self.queue_id,
        });
        self.put(figure, 1, by);
    }

    /// What is asked for counts for who asked, in the queue in which it did; a transfer counts for who took it too.
    fn hand_over_ended(&mut self, taken_by: Option<AgentId>) {
        let Some(pending) = self.pending.take() else {
            return;
        };
        let figure = match (pending.purpose, taken_by) {
            (Purpose::Transfer, Some(_)) => Figure::TransfersDone,
            (Purpose::Transfer, None) => Figure::TransfersFailed,
            (Purpose::Invite, Some(_)) => Figure::InvitesAccepted,
            (Purpose::Invite, None) | (Purpose::Answer | Purpose::Assist, _) => return,
        };
        self.put_in(figure, 1, pending.by, pending.queue_id);
        if figure == Figure::TransfersDone {
            self.put(Figure::TransfersIn, 1, taken_by);
        }
    }

    /// What only the end of the events tells.
    fn end(&mut self) {
        let was_abandoned = self.ended();
        let missed = if was_abandoned {
            Figure::MissedVisitorLeft
        } else {
            Figure::MissedVisitorStayed
        };
        for (offered, at) in std::mem::take(&mut self.missed) {
            self.at = at;
            self.put_in(missed, 1, Some(offered.agent_id), offered.queue_id);
        }
        for ((agent_id, queue_id), (count, at)) in std::mem::take(&mut self.messages) {
            self.at = at;
            let figure = match agent_id {
                Some(_) => Figure::MessagesAgent,
                None => Figure::MessagesVisitor,
            };
            self.put_in(figure, count, agent_id, queue_id);
        }
        if let Some((score, at)) = self.rated {
            self.at = at;
            self.put(Figure::Ratings, i64::from(score), self.last_agent);
        }
    }

    /// The end of the chat, if it has one; whether it was abandoned.
    fn ended(&mut self) -> bool {
        let Some((reason, at)) = self.closed else {
            if self.was_queued && !self.is_offline {
                self.put(Figure::Open, 1, None);
            }
            return false;
        };
        self.at = at;
        self.put(Figure::Closed, 1, None);
        self.put(Figure::of_reason(reason), 1, None);
        if let Some(accepted_at) = self.accepted_at {
            self.put(Figure::Conversation, at.since(accepted_at).0, None);
            return false;
        }
        let was_abandoned = reason == CloseReason::VisitorEnded && !self.is_offline;
        if was_abandoned {
            self.put(Figure::Abandoned, 1, None);
            self.put(Figure::AbandonedAfter, at.since(self.started_at).0, None);
        }
        was_abandoned
    }
}
