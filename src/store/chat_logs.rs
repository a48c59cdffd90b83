//! Chats with all that happened in them, for what they add up to.
//!
//! The chats of a stretch of time are found by the index of their starts, each one's events by that of its chat. Kinds that
//! no figure counts are not read.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{
    Actor, AgentId, Author, ChatId, Name, OfferNumber, OfficeId, ParticipantRole, Purpose, QueueId,
    Timestamp,
};
use crate::reports::{ChatLog, Happened, Happening, MissedTarget, OfferEnd};

use super::events::{actor_from, author_from};
use super::row::RowOf;
use super::time::{from_db, to_db};
use super::{Error, TenantTx};

/// The kinds of event that are counted.
const KINDS: [&str; 23] = [
    "chat.accepted",
    "chat.closed",
    "chat.deferred",
    "chat.hand_over_ended",
    "chat.hand_over_requested",
    "chat.message",
    "chat.offline_message",
    "chat.overflowed",
    "chat.participant_joined",
    "chat.participant_left",
    "chat.queued",
    "chat.rated",
    "chat.reopened",
    "chat.requeued",
    "chat.target_missed",
    "chat.transferred",
    "chat.wrap_up_ended",
    "chat.wrap_up_started",
    "offer.accepted",
    "offer.made",
    "offer.missed",
    "offer.rejected",
    "offer.withdrawn",
];

/// Those of them that tell who answered a chat when, in which queue.
const KINDS_OF_PARTS: [&str; 9] = [
    "chat.accepted",
    "chat.closed",
    "chat.overflowed",
    "chat.participant_joined",
    "chat.participant_left",
    "chat.queued",
    "chat.reopened",
    "chat.requeued",
    "chat.transferred",
];

/// Which chats to read, by when they were started and then by id.
#[derive(Clone, Copy, Debug)]
pub struct ChatSpan {
    /// The first instant at which one may have been started.
    pub from: Timestamp,
    /// The first instant after.
    pub to: Timestamp,
    /// The last instant of which events are read.
    pub until: Timestamp,
    /// Only those after this one.
    pub after: Option<(Timestamp, ChatId)>,
    /// The most chats to return.
    pub limit: i64,
}

/// A queue of the present or the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its id.
    pub id: QueueId,
    /// Whose visitors it took.
    pub office_id: OfficeId,
    /// What agents read.
    pub name: Name,
}

struct LineRow {
    queue_id: Uuid,
    office_id: Uuid,
    name: String,
}

impl TryFrom<LineRow> for Line {
    type Error = Error;

    fn try_from(row: LineRow) -> Result<Self, Error> {
        Ok(Self {
            id: QueueId(row.queue_id),
            office_id: OfficeId(row.office_id),
            name: RowOf("queues", row.queue_id).parse("name", &row.name)?,
        })
    }
}

struct LogRow {
    chat_id: Uuid,
    office_id: Uuid,
    started_at: DateTime<Utc>,
    event_seq: Option<i64>,
    at: Option<DateTime<Utc>>,
    kind: Option<String>,
    actor: Option<String>,
    actor_agent_id: Option<Uuid>,
    agent_id: Option<Uuid>,
    payload: Option<Value>,
}

impl LogRow {
    /// What the event says, and in which office the chat stood then, if it says that; nothing for a chat without one.
    fn happenings(self) -> Result<(Vec<Happening>, Option<OfficeId>), Error> {
        let (Some(seq), Some(at), Some(kind)) = (self.event_seq, self.at, self.kind) else {
            return Ok((Vec::new(), None));
        };
        let of = RowOf("events", seq);
        let told = Told {
            actor: actor_from(
                self.actor.as_deref().unwrap_or_default(),
                self.actor_agent_id,
            ),
            agent_id: self.agent_id,
            payload: self.payload.unwrap_or_default(),
        };
        let happened = told.happened(&kind).ok_or_else(|| of.fault("payload"))?;
        let seq = of.number("event_seq", seq)?;
        let at = from_db(at);
        let happenings = happened.into_iter();
        let happenings = happenings.map(|what| Happening { seq, at, what });
        Ok((happenings.collect(), told.office_id()))
    }
}

/// Puts the events of chats together that come one by one, each chat's in order.
fn logs(rows: Vec<LogRow>) -> Result<Vec<ChatLog>, Error> {
    let mut logs: Vec<ChatLog> = Vec::new();
    // Whether the office to which the last chat came is known: the first event that names one names that.
    let mut is_placed = false;
    for row in rows {
        let (chat_id, office_id, started_at) = (row.chat_id, row.office_id, row.started_at);
        let (mut happenings, office_then) = row.happenings()?;
        let is_next = logs.last().is_none_or(|last| last.chat_id.0 != chat_id);
        if is_next {
            is_placed = false;
            logs.push(ChatLog {
                chat_id: ChatId(chat_id),
                started_at: from_db(started_at),
                office_id: OfficeId(office_id),
                happenings: Vec::new(),
            });
        }
        let Some(log) = logs.last_mut() else {
            continue;
        };
        log.happenings.append(&mut happenings);
        if let Some(id) = office_then.filter(|_| !is_placed) {
            log.office_id = id;
            is_placed = true;
        }
    }
    Ok(logs)
}

/// What an event tells besides its kind.
struct Told {
    actor: Option<Actor>,
    agent_id: Option<Uuid>,
    payload: Value,
}

impl Told {
    /// What happened, in order; `None` where something is missing that every such event has.
    fn happened(&self, kind: &str) -> Option<Vec<Happened>> {
        let one = |happened| Some(vec![happened]);
        match kind {
            "chat.queued" => one(Happened::Queued {
                queue_id: self.queue_id(),
            }),
            "chat.offline_message" | "chat.deferred" => one(Happened::OfflineMessage),
            "chat.overflowed" => one(Happened::Moved {
                queue_id: Some(QueueId(self.word("to")?)),
            }),
            "chat.message" => self.message(),
            "chat.closed" => one(Happened::Closed {
                reason: self.word("reason")?,
            }),
            "chat.target_missed" => one(Happened::TargetMissed {
                target: match self.field("target")?.as_str()? {
                    "waiting" => MissedTarget::Waiting,
                    "first_reply" => MissedTarget::FirstReply,
                    _ => return None,
                },
            }),
            "chat.rated" => one(Happened::Rated {
                score: u8::try_from(self.field("score")?.as_u64()?).ok()?,
            }),
            "chat.wrap_up_started" => one(Happened::WrapUpStarted {
                agent_id: self.agent()?,
            }),
            "chat.wrap_up_ended" => one(Happened::WrapUpEnded {
                agent_id: self.agent()?,
            }),
            _ if kind.starts_with("offer.") => one(self.offer(kind)?),
            _ => self.hands(kind),
        }
    }

    /// Who came in and who went.
    fn hands(&self, kind: &str) -> Option<Vec<Happened>> {
        let queue_id = self.queue_id();
        Some(match kind {
            // What was given away and waited is taken with it.
            "chat.accepted" => self.taken(Purpose::Transfer)?,
            "chat.participant_joined" => match self.word("role")? {
                ParticipantRole::Agent => self.taken(Purpose::Invite)?,
                role @ (ParticipantRole::Assistant | ParticipantRole::Listener) => {
                    vec![Happened::Joined {
                        agent_id: self.agent()?,
                        role,
                        queue_id: None,
                    }]
                }
            },
            "chat.participant_left" => vec![Happened::Left {
                agent_id: self.agent()?,
            }],
            "chat.transferred" if self.agent_id.is_some() => self.taken(Purpose::Transfer)?,
            // The sender has let go of it at once; nobody asked before.
            "chat.transferred" => vec![
                Happened::HandOver {
                    purpose: Purpose::Transfer,
                    by: self.word("by").map(AgentId),
                },
                Happened::Moved { queue_id },
            ],
            "chat.hand_over_requested" => vec![Happened::HandOver {
                purpose: self.word("purpose")?,
                by: self.agent(),
            }],
            "chat.hand_over_ended" => vec![Happened::HandOverEnded {
                purpose: self.word("purpose")?,
                taken_by: None,
            }],
            // It counts for the queue that it comes into: one that was taken up from the inbox was in none before.
            "chat.requeued" => vec![Happened::Moved { queue_id }, Happened::Requeued],
            "chat.reopened" => self.reopened()?,
            _ => Vec::new(),
        })
    }

    /// An agent came in, and what was asked for is done by it.
    fn taken(&self, purpose: Purpose) -> Option<Vec<Happened>> {
        let agent_id = self.agent()?;
        let joined = Happened::Joined {
            agent_id,
            role: ParticipantRole::Agent,
            queue_id: self.queue_id(),
        };
        let taken_by = Some(agent_id);
        Some(vec![joined, Happened::HandOverEnded { purpose, taken_by }])
    }

    fn reopened(&self) -> Option<Vec<Happened>> {
        let agents = self.field("agents")?.as_array()?.iter();
        let joined = agents.map(|id| {
            let agent_id = AgentId(id.as_str()?.parse().ok()?);
            Some(Happened::Joined {
                agent_id,
                role: ParticipantRole::Agent,
                queue_id: None,
            })
        });
        std::iter::once(Some(Happened::Reopened))
            .chain(joined)
            .collect()
    }

    fn offer(&self, kind: &str) -> Option<Happened> {
        let number = u32::try_from(self.field("offer")?.as_u64()?).ok()?;
        let number = OfferNumber(number);
        let end = match kind {
            "offer.made" => {
                return Some(Happened::OfferMade {
                    number,
                    agent_id: self.agent()?,
                    queue_id: self.queue_id(),
                });
            }
            "offer.accepted" => OfferEnd::Accepted,
            "offer.rejected" => OfferEnd::Rejected,
            "offer.missed" => OfferEnd::Missed,
            "offer.withdrawn" => OfferEnd::Withdrawn,
            _ => return None,
        };
        Some(Happened::OfferEnded { number, end })
    }

    /// What the service itself says in a chat is nobody's message. Events of earlier builds do not name the author, who
    /// was whoever acted then.
    fn message(&self) -> Option<Vec<Happened>> {
        let author = match self.field("author") {
            Some(author) => author_from(author.as_str()?, self.agent_id)?,
            None => match self.actor? {
                Actor::Agent(id) => Author::Agent(id),
                Actor::Visitor => Author::Visitor,
                Actor::System => Author::System,
            },
        };
        Some(match author {
            Author::Agent(id) => vec![Happened::Message { agent_id: Some(id) }],
            Author::Visitor => vec![Happened::Message { agent_id: None }],
            Author::System => Vec::new(),
        })
    }

    fn agent(&self) -> Option<AgentId> {
        self.agent_id.map(AgentId)
    }

    fn field(&self, name: &str) -> Option<&Value> {
        self.payload.get(name)
    }

    fn word<T: FromStr>(&self, name: &str) -> Option<T> {
        self.field(name)?.as_str()?.parse().ok()
    }

    /// The queue of the chat then, where the event says it.
    fn queue_id(&self) -> Option<QueueId> {
        self.stood("queue_id").map(QueueId)
    }

    /// Its office then, likewise.
    fn office_id(&self) -> Option<OfficeId> {
        self.stood("office_id").map(OfficeId)
    }

    /// An id of how the chat stood, which an event tells by itself or under `chat`.
    fn stood(&self, name: &str) -> Option<Uuid> {
        let of_chat = || self.field("chat")?.get(name);
        let id = self.field(name).or_else(of_chat)?;
        id.as_str()?.parse().ok()
    }
}

/// Reads the chats that a query chooses, with their events of some kinds, each chat's in order. Its `$1` is the tenant, its
/// `$2` and `$3` are the first and the last instant of which events are read, its `$4` the kinds.
macro_rules! logs_of {
    ($chats:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            LogRow,
            "with part as (" + $chats + r#")
             select p.chat_id as "chat_id!", p.office_id as "office_id!", p.started_at as "started_at!",
                 e.event_seq as "event_seq?", e.at as "at?", e.kind as "kind?", e.actor as "actor?", e.actor_agent_id,
                 e.agent_id, e.payload as "payload?"
             from part p
             left join events e on e.tenant_id = $1 and e.chat_id = p.chat_id and e.at >= p.started_at
                 and e.at between $2 and $3 and e.kind = any($4)
             order by p.started_at, p.chat_id, e.event_seq"#,
            $($argument),+
        )
    };
}

impl TenantTx {
    /// Reads the chats of a stretch of time with what happened in them, oldest first.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_chat_logs(&mut self, span: &ChatSpan) -> Result<Vec<ChatLog>, Error> {
        let tenant_id = self.tenant();
        let kinds = KINDS.map(str::to_owned);
        // No chat has the least id, so what begins after it begins with the first one.
        let (after, after_id) = span.after.unwrap_or((span.from, ChatId(Uuid::nil())));
        let rows = logs_of!(
            "select chat_id, office_id, started_at from chats
             where tenant_id = $1 and started_at >= $2 and started_at < $5 and (started_at, chat_id) > ($6, $7)
             order by started_at, chat_id
             limit $8",
            tenant_id,
            to_db(span.from),
            to_db(span.until),
            kinds.as_slice(),
            to_db(span.to),
            to_db(after),
            after_id.0,
            span.limit,
        )
        .fetch_all(self.connection())
        .await?;
        logs(rows)
    }

    /// Reads those chats of a stretch of time in which any of these agents had a part that may reach beyond an instant, with
    /// what tells the parts of all that answered them, oldest first.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_part_logs(
        &mut self,
        agents: &[AgentId],
        beyond: Timestamp,
        span: &ChatSpan,
    ) -> Result<Vec<ChatLog>, Error> {
        let tenant_id = self.tenant();
        let kinds = KINDS_OF_PARTS.map(str::to_owned);
        let agents: Vec<Uuid> = agents.iter().map(|id| id.0).collect();
        let (after, after_id) = span.after.unwrap_or((span.from, ChatId(Uuid::nil())));
        // The row of a part is that of the last one that its agent had in the chat, whatever it was: none of the others ended
        // later. When each was stands in the events alone.
        let rows = logs_of!(
            "select distinct c.chat_id, c.office_id, c.started_at
             from participants p
             join chats c on c.tenant_id = p.tenant_id and c.chat_id = p.chat_id
             where p.tenant_id = $1 and p.agent_id = any($9)
                 and (coalesce(p.left_at, c.closed_at) is null or coalesce(p.left_at, c.closed_at) > $10)
                 and c.started_at >= $2 and c.started_at < $5 and (c.started_at, c.chat_id) > ($6, $7)
             order by c.started_at, c.chat_id
             limit $8",
            tenant_id,
            to_db(span.from),
            to_db(span.until),
            kinds.as_slice(),
            to_db(span.to),
            to_db(after),
            after_id.0,
            span.limit,
            agents.as_slice(),
            to_db(beyond),
        )
        .fetch_all(self.connection())
        .await?;
        logs(rows)
    }

    /// Counts the chats of a stretch of time, up to so many.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn count_chats(
        &mut self,
        from: Timestamp,
        to: Timestamp,
        most: i64,
    ) -> Result<i64, Error> {
        let tenant_id = self.tenant();
        let count = sqlx::query_scalar!(
            r#"select count(*) as "count!" from (
                 select 1 from chats where tenant_id = $1 and started_at >= $2 and started_at < $3 limit $4
             ) as found"#,
            tenant_id,
            to_db(from),
            to_db(to),
            most,
        )
        .fetch_one(self.connection())
        .await?;
        Ok(count)
    }

    /// Lists the queues, archived or not, by id.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_lines(&mut self) -> Result<Vec<Line>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            LineRow,
            "select queue_id, office_id, name from queues where tenant_id = $1 order by queue_id",
            tenant_id,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(Line::try_from).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ANA: Uuid = Uuid::from_u128(1);
    const BO: AgentId = AgentId(Uuid::from_u128(2));
    const QUEUE: QueueId = QueueId(Uuid::from_u128(3));

    fn happened(kind: &str, agent_id: Option<Uuid>, payload: Value) -> Option<Vec<Happened>> {
        let told = Told {
            actor: Some(Actor::Agent(BO)),
            agent_id,
            payload,
        };
        told.happened(kind)
    }

    #[test]
    fn every_kind_that_is_read_is_counted() {
        let payload = json!({
            "to": QUEUE, "queue_id": QUEUE, "reason": "visitor_idle", "target": "first_reply", "score": 4,
            "offer": 1, "role": "agent", "purpose": "invite", "author": "visitor", "agents": [BO],
        });
        for kind in KINDS {
            let agent_id = (kind != "chat.message").then_some(ANA);
            let happened = happened(kind, agent_id, payload.clone());
            assert!(happened.is_some_and(|some| !some.is_empty()), "{kind}");
        }
    }

    #[test]
    fn a_chat_that_waits_again_is_counted_where_it_waits() {
        let payload = json!({"reason": "agent_gone", "chat": {"queue_id": QUEUE}});
        let moved = Happened::Moved {
            queue_id: Some(QUEUE),
        };
        let requeued = happened("chat.requeued", None, payload);
        assert_eq!(requeued, Some(vec![moved, Happened::Requeued]));
    }

    #[test]
    fn a_chat_came_to_the_office_that_is_named_first() {
        let (first, second, now) = (Uuid::from_u128(7), Uuid::from_u128(8), Uuid::from_u128(9));
        let row = |seq, kind: &str, payload| LogRow {
            chat_id: Uuid::from_u128(5),
            office_id: now,
            started_at: DateTime::UNIX_EPOCH,
            event_seq: Some(seq),
            at: Some(DateTime::UNIX_EPOCH),
            kind: Some(kind.to_owned()),
            actor: Some("visitor".to_owned()),
            actor_agent_id: None,
            agent_id: Some(ANA),
            payload: Some(payload),
        };
        let left = || row(1, "chat.offline_message", json!({}));
        let taken = row(2, "chat.accepted", json!({"office_id": first}));
        let moved = json!({"chat": {"office_id": second, "queue_id": QUEUE}, "by": BO});
        let moved = row(3, "chat.transferred", moved);
        let of = |rows| logs(rows).unwrap()[0].office_id.0;

        assert_eq!(of(vec![left(), taken, moved]), first);
        assert_eq!(of(vec![left()]), now, "nothing has moved it");
    }

    #[test]
    fn what_tells_parts_is_read_for_figures_too() {
        for kind in KINDS_OF_PARTS {
            assert!(KINDS.contains(&kind), "{kind}");
        }
    }

    #[test]
    fn what_waited_to_change_hands_is_taken_with_the_chat() {
        let agent_id = AgentId(ANA);
        let taken = |purpose| {
            vec![
                Happened::Joined {
                    agent_id,
                    role: ParticipantRole::Agent,
                    queue_id: Some(QUEUE),
                },
                Happened::HandOverEnded {
                    purpose,
                    taken_by: Some(agent_id),
                },
            ]
        };
        let chat = || json!({"chat": {"queue_id": QUEUE}, "role": "agent", "by": BO});

        let accepted = happened("chat.accepted", Some(ANA), json!({"queue_id": QUEUE}));
        assert_eq!(accepted, Some(taken(Purpose::Transfer)));
        let transferred = happened("chat.transferred", Some(ANA), chat());
        assert_eq!(transferred, Some(taken(Purpose::Transfer)));
        let invited = happened("chat.participant_joined", Some(ANA), chat());
        assert_eq!(invited, Some(taken(Purpose::Invite)));
        let released = [
            Happened::HandOver {
                purpose: Purpose::Transfer,
                by: Some(BO),
            },
            Happened::Moved {
                queue_id: Some(QUEUE),
            },
        ];
        let transferred = happened("chat.transferred", None, chat());
        assert_eq!(transferred.as_deref(), Some(&released[..]));
    }

    #[test]
    fn a_message_is_its_authors_and_none_of_the_service() {
        let of = |payload| happened("chat.message", Some(ANA), payload);
        let message = |agent_id| Some(vec![Happened::Message { agent_id }]);

        assert_eq!(of(json!({"author": "agent"})), message(Some(AgentId(ANA))));
        assert_eq!(
            of(json!({})),
            message(Some(BO)),
            "an event of an earlier build"
        );
        let visitor = json!({"author": "visitor"});
        assert_eq!(happened("chat.message", None, visitor), message(None));
        let service = json!({"author": "system"});
        assert_eq!(happened("chat.message", None, service), Some(Vec::new()));
        assert_eq!(of(json!({"author": "nobody"})), None);
    }
}
