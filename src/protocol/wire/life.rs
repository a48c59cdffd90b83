//! What is said of a chat, work after it, what its visitor thought of it.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Chat, TargetKind, Time};
use crate::domain::{self, ContactFields, RatingComment};
use crate::engine::{Marks, WrapUpView};

/// What agents say of a chat.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChatMarks {
    /// Whether it is marked as important.
    pub important: bool,
    /// Its tags.
    pub tag_ids: Vec<Uuid>,
    /// Its outcomes.
    pub disposition_ids: Vec<Uuid>,
    /// Fields of the tenant's own choice.
    #[schema(value_type = BTreeMap<String, String>)]
    pub fields: ContactFields,
    /// How urgent it is: 0 to 10.
    pub priority: u8,
}

impl From<&Marks> for ChatMarks {
    fn from(marks: &Marks) -> Self {
        let attributes = &marks.attributes;
        Self {
            important: attributes.important,
            tag_ids: attributes.tags.iter().map(|id| id.0).collect(),
            disposition_ids: attributes.dispositions.iter().map(|id| id.0).collect(),
            fields: attributes.fields.clone(),
            priority: marks.priority.get(),
        }
    }
}

/// The targets that a chat has missed.
pub(super) fn missed_targets(missed: domain::MissedTargets) -> Vec<TargetKind> {
    let all = [
        (missed.waiting, domain::TargetKind::Waiting),
        (missed.first_reply, domain::TargetKind::FirstReply),
    ];
    let missed = all.into_iter().filter(|(missed, _)| *missed);
    missed.map(|(_, kind)| TargetKind(kind.as_str())).collect()
}

/// An agent's work after a chat, in which it gets no new offer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WrapUp {
    /// The chat.
    pub chat: Chat,
    /// Since when.
    pub since: Time,
    /// When it ends by itself.
    pub until: Time,
}

impl From<&WrapUpView> for WrapUp {
    fn from(view: &WrapUpView) -> Self {
        Self {
            chat: (&view.chat).into(),
            since: view.wrap_up.since.into(),
            until: view.wrap_up.until.into(),
        }
    }
}

/// What a visitor thought of a chat.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Rating {
    /// 1, the worst, to 5, the best.
    #[schema(minimum = 1, maximum = 5)]
    pub score: u8,
    /// Why.
    #[schema(value_type = Option<String>)]
    pub comment: Option<RatingComment>,
    /// When it was last given or changed.
    pub rated_at: Time,
}

impl Rating {
    /// A rating with the time when it was given.
    #[must_use]
    pub fn new(rating: domain::Rating, rated_at: domain::Timestamp) -> Self {
        Self {
            score: rating.score.get(),
            comment: rating.comment,
            rated_at: rated_at.into(),
        }
    }
}
