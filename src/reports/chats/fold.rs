//! From what happened in a chat to the values of figures, and to who answered it when.
//!
//! Owns the definition of every figure: a value is one measure, and a report, a table and the list behind a figure are
//! made from the same measures, so they cannot differ. Owns the times in which agents answered too: the `handling` of a
//! chat and the time that its agents spent in it are told by the same events.

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

/// A stretch of time in which an agent answered a chat, in one queue: from when it came in, the chat went on with it or
/// came into the queue, to when its part or the chat ended or the chat left the queue. What has ended never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Who answered.
    pub agent_id: AgentId,
    /// The queue in which the chat stood; `None` for one that came to none.
    pub queue_id: Option<QueueId>,
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it; `None` for one that goes on.
    pub to: Option<Timestamp>,
}

/// What comes of all that happened in a chat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// All values that it has, in the order in which they were known; those which only its end tells come last.
    pub measures: Vec<Measure>,
    /// Who answered it when, by the ends; those that go on come last.
    pub parts: Vec<Part>,
}

/// Folds what happened in a chat.
#[must_use]
pub fn fold(log: &ChatLog) -> Folded {
    let mut fold = Fold {
        started_at: log.started_at,
        at: log.started_at,
        ..Fold::default()
    };
    for happening in &log.happenings {
        fold.take(happening);
    }
    fold.end();
    Folded {
        measures: fold.measures,
        parts: fold.parts,
    }
}

/// All values that a chat has.
#[must_use]
pub fn measures(log: &ChatLog) -> Vec<Measure> {
    fold(log).measures
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

/// Since when an agent answers.
#[derive(Clone, Copy)]
struct Answering {
    /// Without a break.
    since: Timestamp,
    /// In the present queue.
    here: Timestamp,
}

/// What the visitor said of a chat, and for whom.
#[derive(Clone, Copy)]
struct Rating {
    score: u8,
    at: Timestamp,
    agent_id: Option<AgentId>,
    queue_id: Option<QueueId>,
}

/// What is known of a chat up to one of its events.
#[derive(Default)]
struct Fold {
    measures: Vec<Measure>,
    parts: Vec<Part>,
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
    /// Who answers.
    answering: BTreeMap<AgentId, Answering>,
    answered: BTreeSet<AgentId>,
    last_agent: Option<AgentId>,
    has_reply: bool,
    messages: BTreeMap<(Option<AgentId>, Option<QueueId>), (i64, Timestamp)>,
    pending: Option<Pending>,
    wrapping: BTreeMap<AgentId, Timestamp>,
    /// The last rating: a later one takes the place of those before it.
    rated: Option<Rating>,
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
            Happened::Moved { queue_id } => self.stands_in(queue_id),
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
                    self.stands_in(queue_id);
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
            Happened::TargetMissed { target } => self.target_missed(target),
            Happened::Rated { score } => {
                self.rated = Some(Rating {
                    score,
                    at: happening.at,
                    agent_id: self.last_agent,
                    queue_id: self.queue_id,
                });
            }
        }
    }

    fn target_missed(&mut self, target: MissedTarget) {
        let figure = match target {
            MissedTarget::Waiting => Figure::TargetsMissedWaiting,
            MissedTarget::FirstReply => Figure::TargetsMissedFirstReply,
        };
        self.put(figure, 1, None);
    }

    /// The chat stands in a queue from now on, if the event says in which. Whoever answers goes on there.
    fn stands_in(&mut self, queue_id: Option<QueueId>) {
        let before = self.queue_id;
        self.queue_id = queue_id.or(before);
        if self.queue_id == before {
            return;
        }
        for (agent_id, answering) in &mut self.answering {
            let from = std::mem::replace(&mut answering.here, self.at);
            self.parts.push(Part {
                agent_id: *agent_id,
                queue_id: before,
                from,
                to: Some(self.at),
            });
        }
    }

    /// A chat that enters a queue once more has not started once more.
    fn queued(&mut self, queue_id: Option<QueueId>) {
        self.stands_in(queue_id);
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
        self.answering.entry(agent_id).or_insert(Answering {
            since: self.at,
            here: self.at,
        });
        self.last_agent = Some(agent_id);
        if self.answered.insert(agent_id) {
            self.put(Figure::Handled, 1, Some(agent_id));
        }
    }

    fn left(&mut self, agent_id: AgentId) {
        if let Some(answering) = self.answering.remove(&agent_id) {
            let length = self.at.since(answering.since).0;
            self.put(Figure::Handling, length, Some(agent_id));
            self.parts.push(Part {
                agent_id,
                queue_id: self.queue_id,
                from: answering.here,
                to: Some(self.at),
            });
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
        if let Some(rating) = self.rated {
            self.at = rating.at;
            let score = i64::from(rating.score);
            self.put_in(Figure::Ratings, score, rating.agent_id, rating.queue_id);
        }
        for (agent_id, answering) in std::mem::take(&mut self.answering) {
            self.parts.push(Part {
                agent_id,
                queue_id: self.queue_id,
                from: answering.here,
                to: None,
            });
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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{ChatId, Millis, OfficeId};

    const ANA: AgentId = AgentId(Uuid::from_u128(1));
    const BO: AgentId = AgentId(Uuid::from_u128(2));
    const SALES: QueueId = QueueId(Uuid::from_u128(3));
    const CARE: QueueId = QueueId(Uuid::from_u128(4));

    const CLOSED: Happened = Happened::Closed {
        reason: CloseReason::AgentClosed,
    };

    /// A chat that was started at 0, and what happened at which second of it.
    fn folded(happened: &[(i64, Happened)]) -> Folded {
        let happenings = (1..).zip(happened).map(|(seq, (second, what))| Happening {
            seq,
            at: Timestamp(0) + Millis::from_secs(*second),
            what: *what,
        });
        fold(&ChatLog {
            chat_id: ChatId(Uuid::nil()),
            started_at: Timestamp(0),
            office_id: OfficeId(Uuid::nil()),
            happenings: happenings.collect(),
        })
    }

    /// Who answered, in which queue, from which second to which.
    fn parts(happened: &[(i64, Happened)]) -> Vec<(AgentId, Option<QueueId>, i64, Option<i64>)> {
        let parts = folded(happened).parts.into_iter().map(|part| {
            let to = part.to.map(|to| to.0 / 1000);
            (part.agent_id, part.queue_id, part.from.0 / 1000, to)
        });
        parts.collect()
    }

    fn joins(agent_id: AgentId, queue_id: impl Into<Option<QueueId>>) -> Happened {
        Happened::Joined {
            agent_id,
            role: ParticipantRole::Agent,
            queue_id: queue_id.into(),
        }
    }

    fn left(agent_id: AgentId) -> Happened {
        Happened::Left { agent_id }
    }

    fn moved(queue_id: QueueId) -> Happened {
        let queue_id = Some(queue_id);
        Happened::Moved { queue_id }
    }

    #[test]
    fn chat_12_a_chat_that_is_over_takes_nobodys_time() {
        let past = [
            (
                0,
                Happened::Queued {
                    queue_id: Some(SALES),
                },
            ),
            (5, joins(ANA, SALES)),
            (10, CLOSED),
        ];
        let of_past = (ANA, Some(SALES), 5, Some(10));
        assert_eq!(parts(&past), [of_past]);

        // It goes on with her, or with another one.
        let again = [(60, Happened::Reopened), (60, joins(ANA, None))];
        let again = parts(&[&past[..], &again].concat());
        assert_eq!(again, [of_past, (ANA, Some(SALES), 60, None)]);
        let other = [
            (60, Happened::Reopened),
            (70, joins(BO, SALES)),
            (75, CLOSED),
        ];
        let other = parts(&[&past[..], &other].concat());
        assert_eq!(other, [of_past, (BO, Some(SALES), 70, Some(75))]);
    }

    #[test]
    fn chat_12_who_comes_back_has_two_stretches() {
        let back = parts(&[
            (5, joins(ANA, SALES)),
            (20, left(ANA)),
            (20, joins(BO, SALES)),
            (30, left(BO)),
            (30, joins(ANA, SALES)),
        ]);
        let expected = [
            (ANA, Some(SALES), 5, Some(20)),
            (BO, Some(SALES), 20, Some(30)),
            (ANA, Some(SALES), 30, None),
        ];
        assert_eq!(back, expected);
    }

    #[test]
    fn chat_12_a_stretch_is_of_the_queue_in_which_the_chat_stood_then() {
        // Both answer; he gives it to another queue, and she stays.
        let stays = [
            (5, joins(ANA, SALES)),
            (10, joins(BO, SALES)),
            (20, left(BO)),
            (20, moved(CARE)),
            (25, joins(BO, CARE)),
            (40, CLOSED),
        ];
        let expected = [
            (BO, Some(SALES), 10, Some(20)),
            (ANA, Some(SALES), 5, Some(20)),
            (ANA, Some(CARE), 20, Some(40)),
            (BO, Some(CARE), 25, Some(40)),
        ];
        assert_eq!(parts(&stays), expected);
        let handling: Vec<i64> = folded(&stays)
            .measures
            .iter()
            .filter(|measure| measure.figure == Figure::Handling)
            .map(|measure| measure.value / 1000)
            .collect();
        assert_eq!(handling, [10, 35, 15], "a part is one, whatever the queue");
    }

    #[test]
    fn chat_12_who_reads_along_has_no_stretch() {
        let reads_along = Happened::Joined {
            agent_id: BO,
            role: ParticipantRole::Listener,
            queue_id: None,
        };
        let one = parts(&[
            (5, joins(ANA, SALES)),
            (6, reads_along),
            (7, left(BO)),
            (9, CLOSED),
        ]);
        assert_eq!(one, [(ANA, Some(SALES), 5, Some(9))]);
    }

    fn ratings(happened: &[(i64, Happened)]) -> Vec<(i64, Option<AgentId>, Option<QueueId>, i64)> {
        let measures = folded(happened).measures.into_iter();
        measures
            .filter(|measure| measure.figure == Figure::Ratings)
            .map(|rating| {
                let at = rating.at.0 / 1000;
                (rating.value, rating.agent_id, rating.queue_id, at)
            })
            .collect()
    }

    #[test]
    fn chat_12_a_rating_is_of_who_had_answered_then() {
        let begun = [
            (
                0,
                Happened::Queued {
                    queue_id: Some(SALES),
                },
            ),
            (5, joins(ANA, SALES)),
            (8, Happened::Rated { score: 1 }),
            (9, left(ANA)),
            (9, joins(BO, CARE)),
        ];
        assert_eq!(ratings(&begun), [(1, Some(ANA), Some(SALES), 8)]);

        let changed = [(12, Happened::Rated { score: 5 }), (15, CLOSED)];
        let changed = ratings(&[&begun[..], &changed].concat());
        assert_eq!(changed, [(5, Some(BO), Some(CARE), 12)], "the last word");
    }

    #[test]
    fn chat_12_what_was_in_no_queue_waits_again_in_the_one_that_it_comes_into() {
        let requeued = folded(&[
            (0, Happened::OfflineMessage),
            (5, joins(ANA, None)),
            (9, left(ANA)),
            (9, moved(SALES)),
            (9, Happened::Requeued),
        ]);
        let of = |figure| {
            let mut measures = requeued.measures.iter();
            measures
                .find(|measure| measure.figure == figure)
                .map(|measure| measure.queue_id)
        };
        assert_eq!(of(Figure::Requeued), Some(Some(SALES)));
        assert_eq!(of(Figure::Handling), Some(None), "that was before");
    }
}
