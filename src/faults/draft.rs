//! Inputs of which a part could be read.
//!
//! Owns that one bad field keeps no other from being checked: what is wrong is taken out of the input, a stand-in is put
//! where something must be, and the rest is read. What comes of that is only ever checked further, never acted upon; what
//! is found out about it then is told together with what was wrong before. Must not know what is checked.

use std::collections::BTreeSet;

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde_json::Value as Json;

use super::{Fault, Faults, read};

/// How often what is wrong is taken out: an entry, what it leaves incomplete, and so on up to the field. Deeper than this
/// no input is nested.
const ROUNDS_MAX: usize = 6;

/// Values for the fields that must be there, so that the rest of an input can be read without them.
pub trait StandIns {
    /// A field and a value that it takes, as JSON.
    const FIELDS: &'static [(&'static str, &'static str)] = &[];
}

/// What was sent, and what is wrong with it by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    source: Json,
    faults: Faults,
}

/// What was read of an input, together with the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft<T> {
    value: T,
    sent: Sent,
}

impl<T> Draft<T> {
    /// Makes something else of what was read.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Draft<U> {
        Draft {
            value: change(self.value),
            sent: self.sent,
        }
    }

    /// What was read. Unless the input is whole it is for looking at only.
    pub fn get(&self) -> &T {
        &self.value
    }

    /// Whether nothing is wrong with the input by itself.
    pub fn is_whole(&self) -> bool {
        self.sent.is_whole()
    }

    /// Takes what was read and what was sent apart.
    pub fn split(self) -> (T, Sent) {
        (self.value, self.sent)
    }
}

/// What did not come from outside is whole.
impl<T> From<T> for Draft<T> {
    fn from(value: T) -> Self {
        Self {
            value,
            sent: Sent::default(),
        }
    }
}

impl<T: Deserr<Faults> + StandIns> Deserr<Faults> for Draft<T> {
    /// Reads a whole input, so its place is the root. Fails only where nothing of it could be read.
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        _: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let source = Json::from(value);
        let faults = match read::<T>(source.clone()) {
            Ok(value) => {
                let faults = Faults::default();
                let sent = Sent { source, faults };
                return Ok(Self { value, sent });
            }
            Err(faults) => faults,
        };
        match rest::<T>(source.clone(), &faults) {
            Some(value) => {
                let sent = Sent { source, faults };
                Ok(Self { value, sent })
            }
            None => Err(faults),
        }
    }
}

impl Sent {
    /// Whether nothing is wrong with it by itself.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.faults.0.is_empty()
    }

    /// Adds what else is wrong with it by itself.
    pub fn wrong(&mut self, more: Faults) {
        self.faults.extend(more);
    }

    /// Adds what was found out about its fields. `at` are the places of all that a fault is about; one that was wrong by
    /// itself was not looked at, so nothing can be said about it or what it goes together with.
    pub fn found(&mut self, fault: Fault, at: &[&str]) {
        let before = &self.faults.0;
        let is_told = |place: &str| before.iter().any(|known| overlap(&known.pointer, place));
        if !at.iter().any(|place| is_told(place)) {
            self.faults.push(fault);
        }
    }

    /// Everything that is wrong with it.
    #[must_use]
    pub fn faults(self) -> Faults {
        self.faults
    }

    /// The places at which a text stands. `pattern` is a pointer in which `*` is any place of a list; a list in which
    /// the text is not found is the place itself.
    #[must_use]
    pub fn places_of(&self, pattern: &str, text: &str) -> Vec<String> {
        let (list, entry) = match pattern.split_once("/*") {
            Some((list, entry)) => (list, Some(entry)),
            None => (pattern, None),
        };
        let entries = entry.and_then(|entry| {
            let entries = self.source.pointer(list)?.as_array()?;
            let is_it = |value: &Json| {
                let found = value.pointer(entry).and_then(Json::as_str);
                found.is_some_and(|found| found.eq_ignore_ascii_case(text))
            };
            let places = entries.iter().enumerate();
            let places = places.filter(|(_, value)| is_it(value));
            Some(
                places
                    .map(|(at, _)| format!("{list}/{at}{entry}"))
                    .collect(),
            )
        });
        let places: Vec<String> = entries.unwrap_or_default();
        if places.is_empty() {
            vec![list.to_owned()]
        } else {
            places
        }
    }
}

/// Whether one place is the other or within it.
fn overlap(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let rest = long.strip_prefix(short);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Reads an input without what is wrong with it; `None` where that leaves nothing to read.
fn rest<T: Deserr<Faults> + StandIns>(mut source: Json, faults: &Faults) -> Option<T> {
    let mut wrong = faults.clone();
    for _ in 0..ROUNDS_MAX {
        take_out(&mut source, &wrong);
        let fields = source.as_object_mut()?;
        for (field, value) in T::FIELDS {
            if !fields.contains_key(*field) {
                let value = serde_json::from_str(value).ok()?;
                fields.insert((*field).to_owned(), value);
            }
        }
        match read::<T>(source.clone()) {
            Ok(value) => return Some(value),
            // What is missing now was taken out; what is around it goes too.
            Err(more) => wrong = more,
        }
    }
    None
}

/// Takes out what is wrong, and where something is missing what is around it. The root stays.
fn take_out(source: &mut Json, wrong: &Faults) {
    let there = |fault: &Fault| {
        let mut place = &*fault.pointer;
        while source.pointer(place).is_none() {
            place = place.rsplit_once('/').map_or("", |(around, _)| around);
        }
        place.to_owned()
    };
    // In an order in which each place is still what it was when its turn comes: of a list the last ones first, and what is
    // in something before it.
    let places: BTreeSet<(Vec<String>, String)> = wrong
        .0
        .iter()
        .map(there)
        .map(|place| (order(&place), place))
        .collect();
    for (_, place) in places.iter().rev() {
        let Some((around, last)) = place.rsplit_once('/') else {
            continue;
        };
        match source.pointer_mut(around) {
            Some(Json::Object(fields)) => {
                fields.remove(&last.replace("~1", "/").replace("~0", "~"));
            }
            Some(Json::Array(entries)) => {
                let at = last.parse().ok();
                if let Some(at) = at.filter(|at: &usize| *at < entries.len()) {
                    entries.remove(at);
                }
            }
            _ => {}
        }
    }
}

/// Numbers of places as long as each other, so that they are in their order as texts too.
fn order(place: &str) -> Vec<String> {
    let tokens = place.split('/');
    tokens.map(|token| format!("{token:0>20}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{AgentId, Name};
    use crate::faults::{Distinct, FaultCode, Field, SkillList};

    #[derive(Debug, PartialEq, Deserr)]
    #[deserr(error = Faults, deny_unknown_fields)]
    struct Team {
        name: Name,
        #[deserr(default)]
        lead_id: Option<AgentId>,
        #[deserr(default)]
        member_ids: Distinct<AgentId>,
        #[deserr(default)]
        skills: SkillList,
        #[deserr(default)]
        size: Field<u8>,
    }

    impl StandIns for Team {
        const FIELDS: &'static [(&'static str, &'static str)] = &[("name", "\"-\"")];
    }

    const A: &str = "01890000-0000-7000-8000-00000000000a";
    const B: &str = "01890000-0000-7000-8000-00000000000b";

    fn told(sent: Sent) -> Vec<String> {
        let faults = sent.faults().0.into_iter();
        let mut told: Vec<String> = faults
            .map(|fault| format!("{} {}", fault.pointer, fault.code.as_str()))
            .collect();
        told.sort();
        told
    }

    fn unknown(pointer: &str) -> Fault {
        Faults::one(pointer, FaultCode::UnknownId, "x").0.remove(0)
    }

    #[test]
    fn what_is_right_is_read_beside_what_is_wrong() {
        let draft: Draft<Team> = read(json!({
            "lead_id": "x", "nam": 1, "size": 300,
            "member_ids": ["x", A, 7, B],
            "skills": [{"skill_id": A}, {"skill_id": B, "level": 3}, {"level": 99}],
        }))
        .unwrap();

        assert!(!draft.is_whole());
        let (team, sent) = draft.split();
        let ids: Vec<String> = team.member_ids.0.iter().map(ToString::to_string).collect();
        assert_eq!(ids, [A, B]);
        assert_eq!((team.lead_id, team.size), (None, Field::Absent));
        assert_eq!(team.skills.0.len(), 1);
        assert_eq!(
            told(sent),
            [
                "/lead_id bad_format",
                "/member_ids/0 bad_format",
                "/member_ids/2 wrong_type",
                "/nam unknown_field",
                "/name required",
                "/size out_of_range",
                "/skills/0/level required",
                "/skills/2/level out_of_range",
                "/skills/2/skill_id required",
            ]
        );
    }

    #[test]
    fn what_is_no_object_at_all_is_no_draft() {
        for input in [json!([]), json!(null), json!("x")] {
            assert!(read::<Draft<Team>>(input).is_err());
        }
    }

    #[test]
    fn a_place_is_that_of_the_request_as_it_was_sent() {
        let draft: Draft<Team> = read(json!({"member_ids": ["x", A, B.to_uppercase()]})).unwrap();
        let (_, sent) = draft.split();

        assert_eq!(sent.places_of("/member_ids/*", A), ["/member_ids/1"]);
        assert_eq!(sent.places_of("/member_ids/*", B), ["/member_ids/2"]);
        assert_eq!(sent.places_of("/lead_id", A), ["/lead_id"]);
        assert_eq!(sent.places_of("/skills/*/skill_id", A), ["/skills"]);
    }

    #[test]
    fn nothing_is_said_twice_of_a_field_or_of_one_that_could_not_be_read() {
        let draft: Draft<Team> = read(json!({"lead_id": "x", "size": 5})).unwrap();
        let (_, mut sent) = draft.split();

        sent.found(unknown("/lead_id"), &["/lead_id"]);
        sent.found(unknown("/size"), &["/size", "/lead_id"]);
        sent.found(unknown("/member_ids/0"), &["/member_ids/0"]);

        assert_eq!(
            told(sent),
            [
                "/lead_id bad_format",
                "/member_ids/0 unknown_id",
                "/name required"
            ]
        );
        assert!(overlap("/a", "/a/b") && overlap("/a/b", "/a") && !overlap("/a", "/ab"));
    }
}
