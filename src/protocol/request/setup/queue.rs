//! Queues and who is in them.

use std::collections::BTreeSet;

use deserr::Deserr;
use utoipa::ToSchema;

use super::{number, seconds};
use crate::domain::{AgentId, Name, OfficeId, Queue, QueueId, QueueSettings, Strategy, Timestamp};
use crate::faults::{Between, Change, Distinct, Faults, Field};
use crate::protocol::wire;

/// From 5 s, in which a person can reach for the mouse, to 10 min, after which nobody will.
type RingTimeout = Between<5, 600>;
/// From 1 s, so that a queue without a willing agent does not spin, to 10 min.
type RoundPause = Between<1, 600>;
/// Every waiting chat is in memory, so there is an end to it.
type MaxWaiting = Between<1, 10_000>;

/// An admin adds a queue.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct CreateQueue {
    /// The office whose visitors it takes, for good: its chats belong there.
    #[schema(value_type = Uuid)]
    pub office_id: OfficeId,
    /// What agents read.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// How agents are ranked.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Strategy>)]
    pub strategy: Option<Strategy>,
    /// How long an offer rings: 30 when not named; `null` rings on.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 5, maximum = 600)]
    pub ring_timeout_s: Field<RingTimeout>,
    /// How long a chat waits for a new round; 10 when not named.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 600)]
    pub round_pause_s: Option<RoundPause>,
    /// How many chats may wait; 1000 when not named.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 10000)]
    pub max_waiting: Option<MaxWaiting>,
    /// The agents that its chats are offered to.
    #[deserr(default)]
    #[schema(value_type = Vec<Uuid>, required = false)]
    pub member_ids: Distinct<AgentId>,
}

impl CreateQueue {
    /// The queue that is asked for, and its members.
    #[must_use]
    pub fn into_queue(self, id: QueueId, at: Timestamp) -> (Queue, BTreeSet<AgentId>) {
        let default = QueueSettings::default();
        let settings = Box::new(QueueSettings {
            strategy: self.strategy.unwrap_or_default(),
            ring_timeout: self.ring_timeout_s.map(seconds).or(default.ring_timeout),
            round_pause: self.round_pause_s.map_or(default.round_pause, seconds),
            max_waiting: self.max_waiting.map_or(default.max_waiting, number),
            ..default
        });
        let queue = Queue {
            id,
            office_id: self.office_id,
            name: self.name,
            settings,
            created_at: at,
            version: 1,
        };
        (queue, self.member_ids.0.into_iter().collect())
    }
}

/// An admin changes a queue; what is not named stays as it is.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchQueue {
    /// What agents read.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub name: Change<Name>,
    /// How agents are ranked; `null` for `longest_idle`.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Strategy>)]
    pub strategy: Field<Strategy>,
    /// How long an offer rings; `null` rings on.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 5, maximum = 600)]
    pub ring_timeout_s: Field<RingTimeout>,
    /// How long a chat waits for a new round; `null` for 10.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 600)]
    pub round_pause_s: Field<RoundPause>,
    /// How many chats may wait; `null` for 1000.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 10000)]
    pub max_waiting: Field<MaxWaiting>,
    /// The agents that its chats are offered to, all of them; `null` for nobody.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<Uuid>>)]
    pub member_ids: Field<Distinct<AgentId>>,
}

impl PatchQueue {
    /// Changes what it names; the version is not its business.
    pub fn apply(self, queue: &mut Queue, member_ids: &mut Vec<AgentId>) {
        let default = QueueSettings::default();
        let settings = &mut queue.settings;
        self.name.put_into(&mut queue.name);
        self.strategy
            .put_or(&mut settings.strategy, Strategy::default);
        let ring_timeout = self.ring_timeout_s.map(seconds);
        ring_timeout.put_into(&mut settings.ring_timeout);
        self.round_pause_s
            .map(seconds)
            .put_or(&mut settings.round_pause, || default.round_pause);
        self.max_waiting
            .map(number)
            .put_or(&mut settings.max_waiting, || default.max_waiting);
        // In the order in which members are shown, so that the same ones in another order are no change.
        let sorted = |ids: Distinct<AgentId>| {
            let ids: BTreeSet<AgentId> = ids.0.into_iter().collect();
            ids.into_iter().collect()
        };
        self.member_ids.map(sorted).put_or(member_ids, Vec::new);
    }
}

/// An admin says who is in a queue.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct SetMembers {
    /// All of its members.
    #[schema(value_type = Vec<Uuid>)]
    pub member_ids: Distinct<AgentId>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::domain::Millis;
    use crate::faults::read;

    const ID: &str = "01890000-0000-7000-8000-000000000001";

    fn queue(ring_timeout: Option<Value>) -> Queue {
        let mut body = json!({"office_id": ID, "name": "Sales"});
        if let Some(value) = ring_timeout {
            body["ring_timeout_s"] = value;
        }
        let request: CreateQueue = read(body).unwrap();
        request.into_queue(QueueId(Uuid::nil()), Timestamp(0)).0
    }

    #[test]
    fn a_ring_timeout_of_null_rings_on_and_an_absent_one_is_the_default() {
        assert_eq!(*queue(None).settings, QueueSettings::default());
        assert_eq!(queue(Some(Value::Null)).settings.ring_timeout, None);
        assert_eq!(
            queue(Some(json!(45))).settings.ring_timeout,
            Some(Millis::from_secs(45))
        );
    }

    #[test]
    fn members_in_another_order_are_the_same_members() {
        let ids: Vec<AgentId> = (1..=3).map(|n| AgentId(Uuid::from_u128(n))).collect();
        let mut after = ids.clone();
        let body = json!({"member_ids": [ids[2].0, ids[0].0, ids[1].0]});

        read::<PatchQueue>(body)
            .unwrap()
            .apply(&mut queue(None), &mut after);

        assert_eq!(after, ids);
    }
}
