//! Queues and who is in them.

use std::collections::BTreeSet;

use deserr::Deserr;
use utoipa::ToSchema;

use super::{number, seconds};
use crate::domain::{
    AgentId, DispositionId, Hours, Name, OfficeId, OnMissedOffer, Overflow, Priority, Queue,
    QueueId, QueueSettings, Reminder, Skills, Strategy, Timestamp, UrlTemplate,
};
use crate::faults::{Between, Change, Distinct, Faults, Field, SkillList, StandIns};
use crate::protocol::wire;

/// From 5 s, in which a person can reach for the mouse, to 10 min, after which nobody will.
type RingTimeout = Between<5, 600>;
/// From 1 s, so that a queue without a willing agent does not spin, to 10 min.
type RoundPause = Between<1, 600>;
/// Every waiting chat is in memory, so there is an end to it.
type MaxWaiting = Between<1, 10_000>;
/// From 1 s, with which priority hardly counts, to a day, with which little else does.
type Ageing = Between<1, 86_400>;
/// From 5 s, less than which is no wait, to a day.
type Wait = Between<5, 86_400>;
/// Up to as many as an agent can miss in an hour of half-minute offers.
type MissedOffers = Between<1, 100>;
/// Up to a day: who comes back later has forgotten who it was.
type PreferLast = Between<1, 86_400>;
/// From 1 s to an hour: who needs longer takes a pause.
type WrapUp = Between<1, 3600>;
/// From 10 s, in which a visitor can read and type, to a week.
type Silence = Between<10, 604_800>;
/// From a minute to 30 days: an older chat is another subject.
type Reopen = Between<60, 2_592_000>;
/// From 1 s to a day.
type Target = Between<1, 86_400>;

/// Defines the bodies that make and change a queue. What both may say of its behaviour stands once; each group of it
/// says how it changes the settings.
macro_rules! bodies {
    ($($group:ident { $($(#[$meta:meta])+ $field:ident: $value:ty,)+ })+) => {
        /// An admin adds a queue. What is not named has its default.
        #[derive(Clone, Debug, Deserr, ToSchema)]
        #[deserr(error = Faults, deny_unknown_fields)]
        pub struct CreateQueue {
            /// The office whose visitors it takes, for good: its chats belong there.
            #[schema(value_type = Uuid)]
            pub office_id: OfficeId,
            /// What agents read.
            #[schema(value_type = String, min_length = 1, max_length = 100)]
            pub name: Name,
            $($($(#[$meta])+ #[deserr(default)] pub $field: Field<$value>,)+)+
            /// The agents that its chats are offered to.
            #[deserr(default)]
            #[schema(value_type = Vec<Uuid>, required = false)]
            pub member_ids: Distinct<AgentId>,
        }

        impl CreateQueue {
            /// The queue that is asked for, and its members.
            #[must_use]
            pub fn into_queue(self, id: QueueId, at: Timestamp) -> (Queue, BTreeSet<AgentId>) {
                let mut settings = Box::<QueueSettings>::default();
                $($group { $($field: self.$field,)+ }.apply(&mut settings);)+
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

        /// An admin changes a queue; what is not named stays as it is. Null takes back to the default.
        #[derive(Clone, Debug, Deserr, ToSchema)]
        #[deserr(error = Faults, deny_unknown_fields)]
        pub struct PatchQueue {
            /// What agents read.
            #[deserr(default)]
            #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
            pub name: Change<Name>,
            $($($(#[$meta])+ #[deserr(default)] pub $field: Field<$value>,)+)+
            /// The agents that its chats are offered to, all of them; `null` for nobody.
            #[deserr(default)]
            #[schema(value_type = Option<Vec<Uuid>>)]
            pub member_ids: Field<Distinct<AgentId>>,
        }

        impl PatchQueue {
            /// Changes what it names; the version is not its business.
            pub fn apply(self, queue: &mut Queue, member_ids: &mut Vec<AgentId>) {
                self.name.put_into(&mut queue.name);
                $($group { $($field: self.$field,)+ }.apply(&mut queue.settings);)+
                // In the order in which members are shown, so that the same ones in another order are no change.
                let sorted = |ids: Distinct<AgentId>| {
                    let ids: BTreeSet<AgentId> = ids.0.into_iter().collect();
                    ids.into_iter().collect()
                };
                self.member_ids.map(sorted).put_or(member_ids, Vec::new);
            }
        }

        $(struct $group { $($field: Field<$value>,)+ })+
    };
}

bodies! {
    Offering {
        /// How agents are ranked; `longest_idle` by default.
        #[schema(value_type = Option<wire::Strategy>)]
        strategy: Strategy,
        /// The skills that an agent needs, each once with the least level; none by default.
        #[schema(value_type = Option<Vec<wire::SkillLevel>>)]
        required_skills: SkillList,
        /// How long an offer rings: 30 when not named; `null` rings on.
        #[schema(value_type = Option<u32>, minimum = 5, maximum = 600)]
        ring_timeout_s: RingTimeout,
        /// How long a chat waits for a new round; 10 by default.
        #[schema(value_type = Option<u32>, minimum = 1, maximum = 600)]
        round_pause_s: RoundPause,
        /// Whether an offer is an assignment; `false` by default.
        #[schema(value_type = Option<bool>)]
        auto_accept: bool,
        /// What happens to an agent that misses offers; `nothing` by default.
        #[schema(value_type = Option<wire::OnMissedOffer>)]
        on_missed_offer: OnMissedOffer,
        /// After how many missed in a row; 1 by default.
        #[schema(value_type = Option<u32>, minimum = 1, maximum = 100)]
        missed_offers_before: MissedOffers,
        /// For how long a chat is kept for the agent that had the contact's last one; not by default.
        #[schema(value_type = Option<u32>, minimum = 1, maximum = 86400)]
        prefer_last_agent_for_s: PreferLast,
        /// Where an agent finds more about a chat in another system: an `https` address with placeholders behind its
        /// host, those of templates; none by default.
        #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
        external_url_template: UrlTemplate,
        /// How long an agent has for its first message; no bound by default.
        #[schema(value_type = Option<u32>, minimum = 5, maximum = 86400)]
        first_reply_within_s: Wait,
    }
    Line {
        /// How urgent its chats are; 0 by default.
        #[schema(value_type = Option<u32>, minimum = 0, maximum = 10)]
        priority: Priority,
        /// How much longer a chat must have waited to go before one that is a step more urgent; 300 by default.
        #[schema(value_type = Option<u32>, minimum = 1, maximum = 86400)]
        ageing_s: Ageing,
        /// How many chats may wait; 1000 by default.
        #[schema(value_type = Option<u32>, minimum = 1, maximum = 10000)]
        max_waiting: MaxWaiting,
        /// Once it was full, it takes chats again when fewer than this wait, which is less than `max_waiting`; by default
        /// as soon as there is a place.
        #[schema(value_type = Option<u32>, minimum = 1, maximum = 9999)]
        reopen_at: MaxWaiting,
        /// How long a chat may wait before it goes to the overflow; no bound by default.
        #[schema(value_type = Option<u32>, minimum = 5, maximum = 86400)]
        max_wait_s: Wait,
        /// Where a chat goes that finds the queue full or closed, or has waited for too long; nowhere by default.
        #[schema(value_type = Option<wire::Overflow>)]
        overflow: Overflow,
        /// When it takes chats, besides the office's hours, replaced as a whole; always by default.
        #[schema(value_type = Option<wire::Hours>)]
        hours: Hours,
    }
    Ending {
        /// The outcomes among which an agent chooses, all of them; none by default.
        #[schema(value_type = Option<Vec<Uuid>>)]
        disposition_ids: Distinct<DispositionId>,
        /// Whether it must choose one, if there are any; `true` by default.
        #[schema(value_type = Option<bool>)]
        disposition_required: bool,
        /// Whether it may choose several; `false` by default.
        #[schema(value_type = Option<bool>)]
        several_dispositions: bool,
        /// How long an agent gets no offers after a chat; no wrap-up by default.
        #[schema(value_type = Option<u32>, minimum = 1, maximum = 3600)]
        wrap_up_s: WrapUp,
        /// After how long a silent visitor is warned; never by default.
        #[schema(value_type = Option<u32>, minimum = 10, maximum = 604_800)]
        idle_warning_s: Silence,
        /// After how long its chat is closed, which is longer than `idle_warning_s`; never by default.
        #[schema(value_type = Option<u32>, minimum = 10, maximum = 604_800)]
        idle_close_s: Silence,
        /// How long after the end a visitor goes on with the same chat; not at all by default.
        #[schema(value_type = Option<u32>, minimum = 60, maximum = 2_592_000)]
        reopen_within_s: Reopen,
    }
    Watching {
        /// When an agent is reminded of a chat that it does not look at; never by default.
        #[schema(value_type = Option<wire::Reminder>)]
        reminder: Reminder,
        /// How long a chat should wait at most; no target by default.
        #[schema(value_type = Option<u32>, minimum = 1, maximum = 86400)]
        waiting_target_s: Target,
        /// How long a visitor should wait for the first reply at most; no target by default.
        #[schema(value_type = Option<u32>, minimum = 1, maximum = 86400)]
        first_reply_target_s: Target,
    }
}

impl StandIns for CreateQueue {
    const FIELDS: &'static [(&'static str, &'static str)] = &[
        ("office_id", r#""00000000-0000-0000-0000-000000000000""#),
        ("name", r#""-""#),
    ];
}

impl StandIns for PatchQueue {}

impl Offering {
    fn apply(self, settings: &mut QueueSettings) {
        let default = QueueSettings::default();
        self.strategy
            .put_or(&mut settings.strategy, || default.strategy);
        self.required_skills
            .map(|list| list.0)
            .put_or(&mut settings.required_skills, Skills::new);
        let ring_timeout = self.ring_timeout_s.map(seconds);
        ring_timeout.put_into(&mut settings.ring_timeout);
        self.round_pause_s
            .map(seconds)
            .put_or(&mut settings.round_pause, || default.round_pause);
        self.auto_accept
            .put_or(&mut settings.auto_accept, || default.auto_accept);
        self.on_missed_offer
            .put_or(&mut settings.on_missed_offer, || default.on_missed_offer);
        self.missed_offers_before
            .map(number)
            .put_or(&mut settings.missed_offers_before, || {
                default.missed_offers_before
            });
        let prefer_last = self.prefer_last_agent_for_s.map(seconds);
        prefer_last.put_into(&mut settings.prefer_last_agent_for);
        self.external_url_template
            .put_into(&mut settings.external_url);
        let first_reply = self.first_reply_within_s.map(seconds);
        first_reply.put_into(&mut settings.first_reply_within);
    }
}

impl Line {
    fn apply(self, settings: &mut QueueSettings) {
        let default = QueueSettings::default();
        self.priority
            .put_or(&mut settings.priority, || default.priority);
        self.ageing_s
            .map(seconds)
            .put_or(&mut settings.ageing, || default.ageing);
        self.max_waiting
            .map(number)
            .put_or(&mut settings.max_waiting, || default.max_waiting);
        self.reopen_at.map(number).put_into(&mut settings.reopen_at);
        self.max_wait_s
            .map(seconds)
            .put_into(&mut settings.max_wait);
        self.overflow.put_into(&mut settings.overflow);
        self.hours.put_into(&mut settings.hours);
    }
}

impl Ending {
    fn apply(self, settings: &mut QueueSettings) {
        let default = QueueSettings::default().closing;
        let closing = &mut settings.closing;
        self.disposition_ids
            .map(|ids| ids.0.into_iter().collect())
            .put_or(&mut closing.dispositions, BTreeSet::new);
        self.disposition_required
            .put_or(&mut closing.disposition_required, || {
                default.disposition_required
            });
        self.several_dispositions
            .put_or(&mut closing.several_dispositions, || {
                default.several_dispositions
            });
        self.wrap_up_s.map(seconds).put_into(&mut closing.wrap_up);
        let idle = &mut settings.visitor_idle;
        self.idle_warning_s.map(seconds).put_into(&mut idle.warning);
        self.idle_close_s.map(seconds).put_into(&mut idle.close);
        let reopen = self.reopen_within_s.map(seconds);
        reopen.put_into(&mut idle.reopen_within);
    }
}

impl Watching {
    fn apply(self, settings: &mut QueueSettings) {
        self.reminder.put_into(&mut settings.reminder);
        let targets = &mut settings.targets;
        self.waiting_target_s
            .map(seconds)
            .put_into(&mut targets.waiting);
        self.first_reply_target_s
            .map(seconds)
            .put_into(&mut targets.first_reply);
    }
}

impl StandIns for SetMembers {
    const FIELDS: &'static [(&'static str, &'static str)] = &[("member_ids", "[]")];
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
