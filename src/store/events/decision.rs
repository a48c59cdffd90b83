//! The stored form of an offer's event: why the chat rang at this agent (ROUTE-15).
//!
//! Every offer has one, so it is small: a candidate is a row of values, and of agents that the same rule kept from the
//! chat with the same values the rule is written once. What has more than two kilobytes Postgres would compress and
//! store apart, at several times the cost. Version 1 was the decision as the engine has it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{AgentId, OfferNumber, Purpose, QueueId, Reserved, Strategy, Timestamp};
use crate::engine::{
    Candidate, ChatPlace, Decision, Ineligible, OfferView, PassedOver, RankValues, TieBreak,
};

/// The version that this build writes.
pub(super) const VERSION: i16 = 2;

/// What is stored of an offer that was made.
#[derive(Serialize)]
pub(super) struct Stored {
    offer: OfferNumber,
    queue_id: QueueId,
    /// The chat's age as it was then; it may begin anew.
    waiting_since: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Short>,
}

/// A decision.
#[derive(Serialize, Deserialize)]
struct Short {
    purpose: Purpose,
    queue_id: Option<QueueId>,
    strategy: Option<Strategy>,
    last_asked: Option<AgentId>,
    place: Option<ChatPlace>,
    reserved: Option<Reserved>,
    round: u32,
    candidates: Vec<Row>,
    tie_break: Option<TieBreak>,
    passed_over: Vec<Kept>,
    members: u32,
    left_out: u32,
}

/// A candidate: which, whether it gets late chats, and what it was ranked by in the order of [`RankValues`].
#[derive(Serialize, Deserialize)]
struct Row(AgentId, bool, Option<(u32, u32, Timestamp, u32)>);

/// Agents one after the other that the same kept from the chat.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    rule: Ineligible,
    agent_ids: Vec<AgentId>,
}

impl From<&Decision> for Short {
    fn from(decision: &Decision) -> Self {
        let rows = decision.candidates.iter().map(|candidate| {
            let rank = candidate
                .rank
                .map(|rank| (rank.missing_levels, rank.busy, rank.idle_since, rank.load));
            Row(candidate.agent_id, candidate.late, rank)
        });
        let same = decision
            .passed_over
            .chunk_by(|one, next| one.rule == next.rule);
        let kept = same.map(|agents| Kept {
            rule: agents[0].rule,
            agent_ids: agents.iter().map(|passed| passed.agent_id).collect(),
        });
        Self {
            purpose: decision.purpose,
            queue_id: decision.queue_id,
            strategy: decision.strategy,
            last_asked: decision.last_asked,
            place: decision.place,
            reserved: decision.reserved.clone(),
            round: decision.round,
            candidates: rows.collect(),
            tie_break: decision.tie_break,
            passed_over: kept.collect(),
            members: decision.members,
            left_out: decision.left_out,
        }
    }
}

impl From<Short> for Decision {
    fn from(short: Short) -> Self {
        let candidates = short.candidates.into_iter();
        let candidates = candidates.map(|Row(agent_id, late, rank)| Candidate {
            agent_id,
            late,
            rank: rank.map(|(missing_levels, busy, idle_since, load)| RankValues {
                missing_levels,
                busy,
                idle_since,
                load,
            }),
        });
        let passed_over = short.passed_over.into_iter().flat_map(|kept| {
            let rule = kept.rule;
            let agents = kept.agent_ids.into_iter();
            agents.map(move |agent_id| PassedOver { agent_id, rule })
        });
        Self {
            purpose: short.purpose,
            queue_id: short.queue_id,
            strategy: short.strategy,
            last_asked: short.last_asked,
            place: short.place,
            reserved: short.reserved,
            round: short.round,
            candidates: candidates.collect(),
            tie_break: short.tie_break,
            passed_over: passed_over.collect(),
            members: short.members,
            left_out: short.left_out,
        }
    }
}

/// The stored form.
pub(super) fn stored(number: OfferNumber, view: &OfferView, decision: Option<&Decision>) -> Stored {
    Stored {
        offer: number,
        queue_id: view.queue_id,
        waiting_since: view.waiting_since,
        decision: decision.map(Short::from),
    }
}

/// Since when the chat waited, as its agent was told; `None` of an event of the time before that was kept.
pub(in super::super) fn waiting_since(payload: &Value) -> Option<Timestamp> {
    serde_json::from_value(payload.get("waiting_since")?.clone()).ok()
}

/// The decision of a stored event, whichever version it has; the inner `None` is one of the time before decisions were
/// kept.
#[expect(
    clippy::option_option,
    reason = "one that cannot be read is a fault, one that is not there is not"
)]
pub(in super::super) fn read(version: i16, payload: &Value) -> Option<Option<Box<Decision>>> {
    let Some(decision) = payload.get("decision") else {
        return Some(None);
    };
    let decision = match version {
        1 => Decision::deserialize(decision).ok()?,
        VERSION => Short::deserialize(decision).ok()?.into(),
        _ => return None,
    };
    Some(Some(Box::new(decision)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn agent(number: u128) -> AgentId {
        AgentId(Uuid::from_u128(number))
    }

    fn decision() -> Decision {
        let full = Ineligible::AtCapacity {
            load: 4,
            capacity: 4,
        };
        let rank = RankValues {
            missing_levels: 3,
            busy: 1,
            idle_since: Timestamp(1_700_000_000_000),
            load: 2,
        };
        let passed = [(1, full), (2, full), (3, Ineligible::Refused), (4, full)];
        Decision {
            purpose: Purpose::Answer,
            queue_id: Some(QueueId(Uuid::from_u128(9))),
            strategy: Some(Strategy::PriorityTiers),
            last_asked: None,
            place: None,
            reserved: None,
            round: 2,
            candidates: [(7, false, Some(rank)), (8, true, None)]
                .map(|(id, late, rank)| Candidate {
                    agent_id: agent(id),
                    late,
                    rank,
                })
                .to_vec(),
            tie_break: Some(TieBreak::Late),
            passed_over: passed
                .map(|(id, rule)| PassedOver {
                    agent_id: agent(id),
                    rule,
                })
                .to_vec(),
            members: 7,
            left_out: 1,
        }
    }

    #[test]
    fn what_is_stored_is_what_was_decided() {
        let payload = json!({"decision": Short::from(&decision())});

        assert_eq!(read(2, &payload), Some(Some(Box::new(decision()))));
        let kept = payload["decision"]["passed_over"].as_array().unwrap();
        assert_eq!(
            kept.len(),
            3,
            "one after the other, by what kept them from it"
        );
        assert_eq!(
            kept[0],
            json!({"rule": "at_capacity", "load": 4, "capacity": 4, "agent_ids": [agent(1), agent(2)]})
        );
    }

    #[test]
    fn older_ones_are_read_and_newer_ones_are_not_guessed() {
        let payload = json!({"decision": decision()});

        assert_eq!(read(1, &payload), Some(Some(Box::new(decision()))));
        assert_eq!(read(2, &payload), None);
        assert_eq!(read(3, &payload), None);
        assert_eq!(read(1, &json!({"offer": 1})), Some(None));
    }
}
