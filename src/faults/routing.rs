//! How the settings of routing are read: lists of skills with levels, and choices that are a word or an object.
//!
//! Owns their forms and the bounds of the numbers in them. Must not know what they do.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};

use super::{Between, Faults, entries, pointer};
use crate::domain::{
    Invalid, Level, Millis, OnAgentGone, OnMissedOffer, Overflow, PauseId, Priority, QueueId,
    Reminder, SkillId, Skills,
};

/// From 5 s, in which an agent can have read what was written, to an hour.
type RemindAfter = Between<5, 3600>;
/// From 0, at once, to a day.
type RequeueAfter = Between<0, 86_400>;

/// Reads a number that a type of the domain checks.
fn number<T: TryFrom<i64, Error = Invalid>, V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
) -> Result<T, Faults> {
    let Between(number) =
        Between::<{ i64::MIN }, { i64::MAX }>::deserialize_from_value(value, location)?;
    T::try_from(number).map_err(|invalid| Faults::invalid(pointer(location), invalid))
}

impl Deserr<Faults> for Level {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        number(value, location)
    }
}

impl Deserr<Faults> for Priority {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        number(value, location)
    }
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct SkillEntry {
    skill_id: SkillId,
    level: Level,
}

/// Skills with a level each, as a list: none stands in it twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SkillList(pub Skills);

impl Deserr<Faults> for SkillList {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let (entries, mut faults) = entries::<SkillEntry, V>(value, location)?;
        let mut skills = Skills::new();
        for (index, entry) in entries {
            if skills.insert(entry.skill_id, entry.level).is_some() {
                let entry = location.push_index(index);
                let here = pointer(entry.push_key("skill_id"));
                faults.extend(Faults::invalid(here, Invalid::Duplicate));
            }
        }
        faults.or(Self(skills))
    }
}

/// Reads a choice: an object, or one of some words.
fn word_or_object<T, O: Deserr<Faults>, V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
    of_object: impl FnOnce(O) -> T,
    of_word: impl FnOnce(&str) -> Option<T>,
    known: &'static str,
) -> Result<T, Faults> {
    if matches!(value, Value::Map(_)) {
        return O::deserialize_from_value(value, location).map(of_object);
    }
    let word = String::deserialize_from_value(value, location)?;
    let unknown = || Faults::invalid(pointer(location), Invalid::UnknownValue(known));
    of_word(&word).ok_or_else(unknown)
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct ToQueue {
    queue_id: QueueId,
}

impl Deserr<Faults> for Overflow {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        word_or_object(
            value,
            location,
            |ToQueue { queue_id }| Self::Queue(queue_id),
            |word| (word == "messenger").then_some(Self::Messenger),
            "messenger, {\"queue_id\": ...}",
        )
    }
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct IntoPause {
    pause_id: PauseId,
}

impl Deserr<Faults> for OnMissedOffer {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        word_or_object(
            value,
            location,
            |IntoPause { pause_id }| Self::Pause(pause_id),
            |word| match word {
                "nothing" => Some(Self::Nothing),
                "away" => Some(Self::Away),
                _ => None,
            },
            "nothing, away, {\"pause_id\": ...}",
        )
    }
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct After {
    after_s: RemindAfter,
}

impl Deserr<Faults> for Reminder {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        word_or_object(
            value,
            location,
            |After { after_s }| Self::After(Millis::from_secs(after_s.0)),
            |word| (word == "every_message").then_some(Self::EveryMessage),
            "every_message, {\"after_s\": ...}",
        )
    }
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct Requeue {
    requeue_after_s: RequeueAfter,
}

impl Deserr<Faults> for OnAgentGone {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        word_or_object(
            value,
            location,
            |Requeue { requeue_after_s }| Self::Requeue(Millis::from_secs(requeue_after_s.0)),
            |word| (word == "keep").then_some(Self::Keep),
            "keep, {\"requeue_after_s\": ...}",
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};
    use uuid::Uuid;

    use super::super::read;
    use super::*;

    const ID: &str = "01890000-0000-7000-8000-000000000001";

    fn id() -> Uuid {
        ID.parse().unwrap()
    }

    fn faults<T: Deserr<Faults> + std::fmt::Debug>(value: Json) -> Vec<String> {
        let faults = read::<T>(value).unwrap_err().0.into_iter();
        let named = faults.map(|fault| format!("{} {}", fault.pointer, fault.code.as_str()));
        named.collect()
    }

    #[test]
    fn a_choice_is_a_word_or_an_object() {
        let overflow = |value| read::<Overflow>(value).unwrap();
        assert_eq!(overflow(json!("messenger")), Overflow::Messenger);
        let queue = Overflow::Queue(QueueId(id()));
        assert_eq!(overflow(json!({"queue_id": ID})), queue);
        let missed = |value| read::<OnMissedOffer>(value).unwrap();
        assert_eq!(missed(json!("nothing")), OnMissedOffer::Nothing);
        assert_eq!(missed(json!("away")), OnMissedOffer::Away);
        let pause = OnMissedOffer::Pause(PauseId(id()));
        assert_eq!(missed(json!({"pause_id": ID})), pause);
        let reminder = |value| read::<Reminder>(value).unwrap();
        assert_eq!(reminder(json!("every_message")), Reminder::EveryMessage);
        let after = Reminder::After(Millis::from_secs(60));
        assert_eq!(reminder(json!({"after_s": 60})), after);
        let gone = |value| read::<OnAgentGone>(value).unwrap();
        assert_eq!(gone(json!("keep")), OnAgentGone::Keep);
        let requeue = OnAgentGone::Requeue(Millis::ZERO);
        assert_eq!(gone(json!({"requeue_after_s": 0})), requeue);
    }

    #[test]
    fn a_choice_that_is_neither_says_what_it_could_be() {
        assert_eq!(faults::<Overflow>(json!("mail")), [" unknown_value"]);
        assert_eq!(faults::<Overflow>(json!(1)), [" wrong_type"]);
        assert_eq!(faults::<Overflow>(json!({})), ["/queue_id required"]);
        assert_eq!(
            faults::<OnMissedOffer>(json!({"pause_id": "x"})),
            ["/pause_id bad_format"]
        );
        assert_eq!(
            faults::<Reminder>(json!({"after_s": 4, "x": 1})),
            ["/after_s out_of_range", "/x unknown_field"]
        );
        assert_eq!(
            faults::<OnAgentGone>(json!({"requeue_after_s": 86_401})),
            ["/requeue_after_s out_of_range"]
        );
    }

    #[test]
    fn a_skill_has_one_level() {
        let entry = |level: Json| json!({"skill_id": ID, "level": level});

        let one = read::<SkillList>(json!([entry(json!(10))])).unwrap();
        assert_eq!(one.0[&SkillId(id())].get(), 10);
        let twice = json!([entry(json!(1)), entry(json!(2))]);
        assert_eq!(faults::<SkillList>(twice), ["/1/skill_id duplicate"]);
        for level in [json!(0), json!(11)] {
            let list = json!([entry(level)]);
            assert_eq!(faults::<SkillList>(list), ["/0/level out_of_range"]);
        }
        assert_eq!(
            faults::<SkillList>(json!([{"skill": 1}])),
            [
                "/0/skill unknown_field",
                "/0/skill_id required",
                "/0/level required"
            ]
        );
    }
}
