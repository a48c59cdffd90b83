//! Changing what agents keep of a contact.

use std::collections::BTreeSet;

use deserr::Deserr;
use utoipa::ToSchema;

use crate::domain::{
    ASSIGNED_MAX, AgentId, ContactFields, ContactNote, ContactProfile, Email, Given, Invalid,
    LanguageTag, Name,
};
use crate::faults::{Distinct, Faults, Field, FieldsPatch, StandIns};

fn assigned(list: Field<Distinct<AgentId>>) -> Result<Field<BTreeSet<AgentId>>, Invalid> {
    match &list {
        Field::Value(list) if list.0.len() > ASSIGNED_MAX => Err(Invalid::TooLong {
            max: ASSIGNED_MAX,
            unit: "entries",
        }),
        _ => Ok(list.map(|list| list.0.into_iter().collect())),
    }
}

/// An agent changes a contact; what is not named stays as it is.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchContact {
    /// What it is called. Forms leave it as it is from then on; `null` lets the next one say it.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub name: Field<Name>,
    /// Where it can be reached. Forms leave it as it is from then on; `null` lets the next one say it.
    #[deserr(default)]
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    pub email: Field<Email>,
    /// Custom fields, a patch themselves: `null` takes back what agents have put there, and what the last form said is
    /// seen again. Up to 20 texts of up to 1,000 characters, under names of 1 to 40 characters, together at most 8 KiB.
    #[deserr(default)]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Option<String>>>)]
    pub fields: Field<FieldsPatch>,
    /// What agents know of it; `null` takes it away.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Field<ContactNote>,
    /// What it reads (BCP 47); `null` for not known.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 35, example = "de-AT")]
    pub language: Field<LanguageTag>,
    /// The agents whom its chats are for; `null` or empty for nobody in particular. Supervisors and above.
    #[deserr(default, try_from(Field<Distinct<AgentId>>) = assigned -> Invalid)]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 20)]
    pub assigned_agent_ids: Field<BTreeSet<AgentId>>,
}

fn keep<T>(change: Field<T>, kept: &mut Given<T>) {
    match change {
        Field::Absent => {}
        Field::Null => {
            *kept = Given {
                value: None,
                is_kept: false,
            }
        }
        Field::Value(value) => {
            *kept = Given {
                value: Some(value),
                is_kept: true,
            }
        }
    }
}

impl StandIns for PatchContact {}

impl PatchContact {
    /// Changes what it names; the version is not its business.
    ///
    /// # Errors
    /// Names the fields with which there would be too many, or too much in them.
    pub fn apply(self, contact: &mut ContactProfile) -> Result<(), Faults> {
        keep(self.name, &mut contact.name);
        keep(self.email, &mut contact.email);
        self.note.put_into(&mut contact.note);
        self.language.put_into(&mut contact.language);
        self.assigned_agent_ids
            .put_or(&mut contact.assigned_agent_ids, BTreeSet::default);
        match self.fields {
            Field::Absent => Ok(()),
            Field::Null => {
                contact.kept_fields = ContactFields::default();
                Ok(())
            }
            Field::Value(patch) => patch.apply(&mut contact.kept_fields, "/fields"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use uuid::Uuid;

    use crate::domain::{ContactId, Timestamp};
    use crate::faults::read;

    fn contact() -> ContactProfile {
        let mut form = ContactFields::default();
        form.insert("plan", "silver").unwrap();
        let given = Given {
            value: None,
            is_kept: false,
        };
        ContactProfile {
            id: ContactId(Uuid::nil()),
            name: given,
            email: Given {
                value: Some("vic@home.example".parse().unwrap()),
                is_kept: false,
            },
            form,
            kept_fields: ContactFields::default(),
            note: None,
            language: None,
            assigned_agent_ids: BTreeSet::new(),
            created_at: Timestamp(0),
            version: 1,
        }
    }

    fn patch(contact: &mut ContactProfile, body: Value) -> Result<(), Faults> {
        read::<PatchContact>(body)?.apply(contact)
    }

    #[test]
    fn what_agents_give_is_kept_and_null_gives_it_back_to_the_forms() {
        let mut vic = contact();

        let body =
            json!({"name": "Vic", "fields": {"plan": "gold", "no": "7"}, "note": "Rings\ntwice"});
        patch(&mut vic, body).unwrap();
        assert!(vic.name.is_kept && !vic.email.is_kept);
        let seen: Vec<_> = vic.fields().into_iter().collect();
        assert_eq!(seen, [("no", "7"), ("plan", "gold")]);
        patch(
            &mut vic,
            json!({"name": null, "note": null, "fields": {"plan": null}}),
        )
        .unwrap();
        assert_eq!((&vic.name, &vic.note), (&contact().name, &None));
        let seen: Vec<_> = vic.fields().into_iter().collect();
        assert_eq!(seen, [("no", "7"), ("plan", "silver")]);
        patch(&mut vic, json!({"fields": null})).unwrap();
        assert_eq!(vic, contact());
    }

    #[test]
    fn every_bad_field_is_named() {
        let agents: Vec<String> = (0..=ASSIGNED_MAX as u128)
            .map(|number| Uuid::from_u128(number).to_string())
            .collect();
        let body = json!({
            "name": "", "email": "vic", "note": " ", "language": "de_AT", "nick": 1,
            "assigned_agent_ids": agents,
            "fields": {"": "x", "plan": 1, "long": "x".repeat(1001), "fine": null},
        });

        let faults = read::<PatchContact>(body).unwrap_err().0;
        let mut found: Vec<_> = faults
            .into_iter()
            .map(|fault| format!("{} {}", fault.pointer, fault.code.as_str()))
            .collect();
        found.sort();
        assert_eq!(
            found,
            [
                "/assigned_agent_ids too_long",
                "/email bad_format",
                "/fields/ too_short",
                "/fields/long too_long",
                "/fields/plan wrong_type",
                "/language bad_format",
                "/name too_short",
                "/nick unknown_field",
                "/note too_short",
            ]
        );
    }

    #[test]
    fn there_are_at_most_as_many_fields_as_a_form_has() {
        let mut vic = contact();
        let of = |numbers: std::ops::Range<usize>| {
            let fields: serde_json::Map<_, _> = numbers
                .map(|number| (format!("f{number:02}"), json!("x")))
                .collect();
            json!({"fields": fields})
        };
        let most = ContactFields::COUNT_MAX;

        patch(&mut vic, of(0..most)).unwrap();
        let faults = patch(&mut vic, of(most..most + 1)).unwrap_err().0;
        assert_eq!(faults[0].pointer, format!("/fields/f{most}"));
        // What goes makes room, whatever the order of the names.
        let mut change = of(most..most + 1);
        change["fields"]["f00"] = Value::Null;
        change["fields"]["zz"] = Value::Null;
        patch(&mut vic, change).unwrap();
        assert_eq!(vic.kept_fields.iter().count(), most);
    }
}
