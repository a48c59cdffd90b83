//! How a chat ends, what is said of it, what its visitor thinks of it.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use utoipa::ToSchema;

use crate::domain::{DispositionId, Invalid, Priority, Rating, RatingComment, Score, TagId};
use crate::engine::{AgentCommand, ChatUpdate, DISPOSITIONS_MAX, TAGS_MAX, VisitorCommand};
use crate::faults::{Between, Change, Distinct, Faults, FieldsPatch, pointer};

/// A list of ids that names none twice and not too many.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Few<T, const MAX: usize>(Vec<T>);

impl<T: Deserr<Faults> + Ord, const MAX: usize> Deserr<Faults> for Few<T, MAX> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let Distinct(list) = Distinct::deserialize_from_value(value, location)?;
        if list.len() > MAX {
            let (max, unit) = (MAX, "entries");
            return Err(Faults::invalid(
                pointer(location),
                Invalid::TooLong { max, unit },
            ));
        }
        Ok(Self(list))
    }
}

/// An agent closes a chat.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct CloseChat {
    /// Its outcomes: of those of its queue, one unless the queue allows several. Without this field those that were
    /// selected before count.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 20)]
    disposition_ids: Option<Few<DispositionId, DISPOSITIONS_MAX>>,
}

impl CloseChat {
    /// The command of an agent.
    #[must_use]
    pub fn into_command(self) -> AgentCommand {
        AgentCommand::Close(self.disposition_ids.map(|few| few.0))
    }
}

/// What is to be said of a chat; what is absent stays as it is.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct UpdateChat {
    /// Whether it is marked as important.
    #[deserr(default)]
    #[schema(value_type = bool, required = false)]
    important: Change<bool>,
    /// Its tags, as a whole; one that is archived stays if it is named again.
    #[deserr(default)]
    #[schema(value_type = Vec<Uuid>, required = false, max_items = 20)]
    tag_ids: Change<Few<TagId, TAGS_MAX>>,
    /// Its outcomes, as a whole.
    #[deserr(default)]
    #[schema(value_type = Vec<Uuid>, required = false, max_items = 20)]
    disposition_ids: Change<Few<DispositionId, DISPOSITIONS_MAX>>,
    /// Fields of the tenant's own choice: a text sets one, null takes it away, the others stay.
    #[deserr(default)]
    #[schema(value_type = std::collections::BTreeMap<String, Option<String>>, required = false)]
    fields: Change<FieldsPatch>,
    /// How urgent it is; only while it waits.
    #[deserr(default)]
    #[schema(value_type = u8, required = false, minimum = 0, maximum = 10)]
    priority: Change<Between<0, 10>>,
}

impl UpdateChat {
    /// The command of an agent.
    #[must_use]
    pub fn into_command(self) -> AgentCommand {
        AgentCommand::Update(Box::new(ChatUpdate {
            important: named(self.important),
            tags: named(self.tag_ids).map(|few| few.0),
            dispositions: named(self.disposition_ids).map(|few| few.0),
            fields: named(self.fields).unwrap_or_default().into_iter().collect(),
            // Its bounds are those of a priority.
            priority: named(self.priority).and_then(|Between(p)| Priority::try_from(p).ok()),
        }))
    }
}

fn named<T>(change: Change<T>) -> Option<T> {
    match change {
        Change::Absent => None,
        Change::Value(value) => Some(value),
    }
}

/// A visitor says how good a chat was.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct RateChat {
    /// 1, the worst, to 5, the best.
    #[schema(value_type = u8, minimum = 1, maximum = 5)]
    #[deserr(try_from(i64) = Score::try_from -> Invalid)]
    score: Score,
    /// Why.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    comment: Option<RatingComment>,
}

impl RateChat {
    /// The command of a visitor.
    #[must_use]
    pub fn into_command(self) -> VisitorCommand {
        VisitorCommand::Rate(Rating {
            score: self.score,
            comment: self.comment,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::faults::read;

    #[test]
    fn every_bad_field_of_an_update_is_named() {
        let id = "00000000-0000-0000-0000-000000000001";
        let faults = read::<UpdateChat>(json!({
            "important": null, "disposition_ids": [id, "x", id], "tag_ids": [7],
            "fields": {"": "a", "plan": 7}, "priority": 11, "colour": "red",
        }))
        .unwrap_err();

        let mut pointers: Vec<_> = faults.0.iter().map(|fault| &*fault.pointer).collect();
        pointers.sort_unstable();
        assert_eq!(
            pointers,
            [
                "/colour",
                "/disposition_ids/1",
                "/disposition_ids/2",
                "/fields/",
                "/fields/plan",
                "/important",
                "/priority",
                "/tag_ids/0"
            ]
        );
    }

    #[test]
    fn a_field_is_set_or_taken_away() {
        let update = read::<UpdateChat>(json!({"fields": {"plan": "gold", "old": null}}));

        let AgentCommand::Update(update) = update.unwrap().into_command() else {
            panic!("an update is read");
        };
        let fields: Vec<_> = update
            .fields
            .iter()
            .map(|(n, t)| (&**n, t.as_deref()))
            .collect();
        assert_eq!(fields, [("old", None), ("plan", Some("gold"))]);
    }

    #[test]
    fn a_score_is_between_one_and_five() {
        assert!(read::<RateChat>(json!({"score": 5, "comment": "Quick"})).is_ok());
        for bad in [
            json!({"score": 0}),
            json!({"score": 6}),
            json!({}),
            json!({"score": "5"}),
        ] {
            assert!(read::<RateChat>(bad.clone()).is_err(), "{bad}");
        }
    }
}
