//! How queues behave: skills, and settings that are a word or an object.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{AgentGoneWord, MissedOfferWord, OverflowWord, ReminderWord, Time};
use crate::domain::{self, Name, Note};

/// A skill with a level: an agent's own, or the least that a queue requires.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct SkillLevel {
    /// The skill.
    pub skill_id: Uuid,
    /// How good, or how good at least.
    #[schema(minimum = 1, maximum = 10)]
    pub level: u8,
}

/// The list of some skills, by their ids.
pub(super) fn skill_levels(skills: &domain::Skills) -> Vec<SkillLevel> {
    let entry = |(skill_id, level): (&domain::SkillId, &domain::Level)| SkillLevel {
        skill_id: skill_id.0,
        level: level.get(),
    };
    skills.iter().map(entry).collect()
}

/// Where a chat goes that finds the queue full or closed, or has waited for too long.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Overflow {
    /// To another queue.
    Queue {
        /// Which.
        queue_id: Uuid,
    },
    /// To the inbox, as an offline message.
    Word(OverflowWord),
}

impl From<domain::Overflow> for Overflow {
    fn from(overflow: domain::Overflow) -> Self {
        match overflow {
            domain::Overflow::Queue(id) => Self::Queue { queue_id: id.0 },
            domain::Overflow::Messenger => Self::Word(OverflowWord("messenger")),
        }
    }
}

/// What happens to an agent that has missed too many offers in a row.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum OnMissedOffer {
    /// It is put into a pause.
    Pause {
        /// Which.
        pause_id: Uuid,
    },
    /// Nothing, or it is away.
    Word(MissedOfferWord),
}

impl From<domain::OnMissedOffer> for OnMissedOffer {
    fn from(missed: domain::OnMissedOffer) -> Self {
        match missed {
            domain::OnMissedOffer::Nothing => Self::Word(MissedOfferWord("nothing")),
            domain::OnMissedOffer::Away => Self::Word(MissedOfferWord("away")),
            domain::OnMissedOffer::Pause(id) => Self::Pause { pause_id: id.0 },
        }
    }
}

/// When an agent that does not look at a chat is reminded of it.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Reminder {
    /// A while after the first unanswered message of the visitor.
    After {
        /// How long.
        #[schema(minimum = 5, maximum = 3600)]
        after_s: i64,
    },
    /// At every message of the visitor.
    Word(ReminderWord),
}

impl From<domain::Reminder> for Reminder {
    fn from(reminder: domain::Reminder) -> Self {
        match reminder {
            domain::Reminder::After(after) => Self::After {
                after_s: after.as_secs(),
            },
            domain::Reminder::EveryMessage => Self::Word(ReminderWord("every_message")),
        }
    }
}

/// What becomes of the active chats of an agent that is effectively offline.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum OnAgentGone {
    /// They go back to the front of their queues.
    Requeue {
        /// How long after it went.
        #[schema(minimum = 0, maximum = 86400)]
        requeue_after_s: i64,
    },
    /// It keeps them.
    Word(AgentGoneWord),
}

impl From<domain::OnAgentGone> for OnAgentGone {
    fn from(gone: domain::OnAgentGone) -> Self {
        match gone {
            domain::OnAgentGone::Keep => Self::Word(AgentGoneWord("keep")),
            domain::OnAgentGone::Requeue(after) => Self::Requeue {
                requeue_after_s: after.as_secs(),
            },
        }
    }
}

/// A visitor that may not talk, as a person or by where it asks from.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Ban {
    /// Its id.
    pub id: Uuid,
    /// The person; `null` when it is a network.
    pub contact_id: Option<Uuid>,
    /// The address or the network; `null` when it is a person.
    pub address: Option<String>,
    /// Why.
    #[schema(value_type = Option<String>)]
    pub reason: Option<Note>,
    /// When it ends; `null` is never.
    pub until: Option<Time>,
    /// The agent that made it.
    pub created_by: Option<Uuid>,
    /// When it was made.
    pub created_at: Time,
    /// Counts its changes; the entity tag is made of it.
    pub version: i64,
}

impl From<&domain::Ban> for Ban {
    fn from(ban: &domain::Ban) -> Self {
        let (contact_id, address) = match &ban.whom {
            domain::Banned::Contact(id) => (Some(id.0), None),
            domain::Banned::Network(network) => (None, Some(network.to_string())),
        };
        Self {
            id: ban.id.0,
            contact_id,
            address,
            reason: ban.reason.clone(),
            until: ban.until.map(Time),
            created_by: ban.created_by.map(|id| id.0),
            created_at: ban.created_at.into(),
            version: ban.version,
        }
    }
}

/// What a queue may ask of an agent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Skill {
    /// Its id.
    pub id: Uuid,
    /// What admins read.
    #[schema(value_type = String)]
    pub name: Name,
    /// When it was made.
    pub created_at: Time,
    /// Counts its changes; the entity tag is made of it.
    pub version: i64,
}

impl From<&domain::Skill> for Skill {
    fn from(skill: &domain::Skill) -> Self {
        Self {
            id: skill.id.0,
            name: skill.name.clone(),
            created_at: skill.created_at.into(),
            version: skill.version,
        }
    }
}

/// An outcome that agents say of a chat.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Disposition {
    /// Its id.
    pub id: Uuid,
    /// What agents read.
    #[schema(value_type = String)]
    pub name: Name,
    /// Its place in lists.
    pub sort_order: i32,
    /// When it was made.
    pub created_at: Time,
    /// Counts its changes; the entity tag is made of it.
    pub version: i64,
}

impl From<&domain::Disposition> for Disposition {
    fn from(found: &domain::Disposition) -> Self {
        Self {
            id: found.id.0,
            name: found.name.clone(),
            sort_order: found.sort_order,
            created_at: found.created_at.into(),
            version: found.version,
        }
    }
}
