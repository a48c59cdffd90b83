//! Queues.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::routing::skill_levels;
use super::{Hours, OnMissedOffer, Overflow, Reminder, SkillLevel, Strategy, Time};
use crate::domain::{Millis, Name};
use crate::engine;

/// Where chats wait, and how they are offered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Queue {
    /// Its id.
    pub id: Uuid,
    /// The office whose visitors it takes.
    pub office_id: Uuid,
    /// What agents read.
    #[schema(value_type = String)]
    pub name: Name,
    /// How agents are ranked.
    pub strategy: Strategy,
    /// The skills that an agent needs, each with the least level.
    pub required_skills: Vec<SkillLevel>,
    /// How urgent its chats are.
    #[schema(minimum = 0, maximum = 10)]
    pub priority: u8,
    /// How much longer a chat must have waited to go before one that is a step more urgent.
    pub ageing_s: i64,
    /// How long an offer rings; `null` rings on.
    pub ring_timeout_s: Option<i64>,
    /// How long a chat waits for a new round after all have rejected or missed it.
    pub round_pause_s: i64,
    /// Whether an offer is an assignment.
    pub auto_accept: bool,
    /// What happens to an agent that misses offers.
    pub on_missed_offer: OnMissedOffer,
    /// After how many missed in a row.
    pub missed_offers_before: u32,
    /// For how long a chat is kept for the agent that had the contact's last one; `null` is not.
    pub prefer_last_agent_for_s: Option<i64>,
    /// Where an agent finds more about a chat in another system, with placeholders.
    pub external_url_template: Option<String>,
    /// How long an agent has for its first message; `null` is no bound.
    pub first_reply_within_s: Option<i64>,
    /// How many chats may wait.
    pub max_waiting: u32,
    /// Once it was full, it takes chats again when fewer than this wait; `null` is as soon as there is a place.
    pub reopen_at: Option<u32>,
    /// How long a chat may wait before it goes to the overflow; `null` is no bound.
    pub max_wait_s: Option<i64>,
    /// Where a chat goes that finds the queue full or closed, or has waited for too long; `null` is nowhere.
    pub overflow: Option<Overflow>,
    /// When it takes chats, besides the office's hours; `null` is always.
    pub hours: Option<Hours>,
    /// The outcomes among which an agent chooses.
    pub disposition_ids: Vec<Uuid>,
    /// Whether it must choose one, if there are any.
    pub disposition_required: bool,
    /// Whether it may choose several.
    pub several_dispositions: bool,
    /// How long an agent gets no offers after a chat; `null` is no wrap-up.
    pub wrap_up_s: Option<i64>,
    /// After how long a silent visitor is warned; `null` is never.
    pub idle_warning_s: Option<i64>,
    /// After how long its chat is closed; `null` is never.
    pub idle_close_s: Option<i64>,
    /// How long after the end a visitor goes on with the same chat; `null` is not at all.
    pub reopen_within_s: Option<i64>,
    /// When an agent is reminded; `null` is never.
    pub reminder: Option<Reminder>,
    /// How long a chat should wait at most; `null` is no target.
    pub waiting_target_s: Option<i64>,
    /// How long a visitor should wait for the first reply at most; `null` is no target.
    pub first_reply_target_s: Option<i64>,
    /// The agents that its chats are offered to.
    pub member_ids: Vec<Uuid>,
    /// When it was made.
    pub created_at: Time,
    /// Counts its changes; the entity tag is made of it.
    pub version: i64,
}

/// Whether a member of a queue has its chats offered.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct QueueLogIn {
    /// The member.
    pub agent_id: Uuid,
    /// The queue.
    pub queue_id: Uuid,
    /// Whether it is logged in.
    pub logged_in: bool,
}

impl From<engine::QueueLogIn> for QueueLogIn {
    fn from(log_in: engine::QueueLogIn) -> Self {
        Self {
            agent_id: log_in.agent_id.0,
            queue_id: log_in.queue_id.0,
            logged_in: log_in.logged_in,
        }
    }
}

impl From<&engine::QueueView> for Queue {
    fn from(view: &engine::QueueView) -> Self {
        let (queue, settings) = (&view.queue, &view.queue.settings);
        let seconds = |time: Option<Millis>| time.map(Millis::as_secs);
        let (closing, idle) = (&settings.closing, settings.visitor_idle);
        let external_url = settings.external_url.as_ref();
        let dispositions = closing.dispositions.iter();
        Self {
            id: queue.id.0,
            office_id: queue.office_id.0,
            name: queue.name.clone(),
            strategy: Strategy(settings.strategy.as_str()),
            required_skills: skill_levels(&settings.required_skills),
            priority: settings.priority.get(),
            ageing_s: settings.ageing.as_secs(),
            ring_timeout_s: seconds(settings.ring_timeout),
            round_pause_s: settings.round_pause.as_secs(),
            auto_accept: settings.auto_accept,
            on_missed_offer: settings.on_missed_offer.into(),
            missed_offers_before: settings.missed_offers_before,
            prefer_last_agent_for_s: seconds(settings.prefer_last_agent_for),
            external_url_template: external_url.map(|template| template.as_str().to_owned()),
            first_reply_within_s: seconds(settings.first_reply_within),
            max_waiting: settings.max_waiting,
            reopen_at: settings.reopen_at,
            max_wait_s: seconds(settings.max_wait),
            overflow: settings.overflow.map(Overflow::from),
            hours: settings.hours.as_ref().map(Hours::from),
            disposition_ids: dispositions.map(|id| id.0).collect(),
            disposition_required: closing.disposition_required,
            several_dispositions: closing.several_dispositions,
            wrap_up_s: seconds(closing.wrap_up),
            idle_warning_s: seconds(idle.warning),
            idle_close_s: seconds(idle.close),
            reopen_within_s: seconds(idle.reopen_within),
            reminder: settings.reminder.map(Reminder::from),
            waiting_target_s: seconds(settings.targets.waiting),
            first_reply_target_s: seconds(settings.targets.first_reply),
            member_ids: view.member_ids.iter().map(|id| id.0).collect(),
            created_at: queue.created_at.into(),
            version: queue.version,
        }
    }
}
