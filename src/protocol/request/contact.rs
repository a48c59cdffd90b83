//! What agents keep of a contact: adding one, changing it.

use std::collections::BTreeSet;

use deserr::Deserr;
use utoipa::ToSchema;

use crate::domain::{
    ASSIGNED_MAX, AgentId, ContactFields, ContactId, ContactNote, ContactProfile, Email, Given,
    Invalid, Language, LanguageTag, Name, Timestamp,
};
use crate::faults::{Distinct, FaultCode, Faults, Field, FieldsPatch, StandIns};

fn assigned(list: Field<Distinct<AgentId>>) -> Result<Field<BTreeSet<AgentId>>, Invalid> {
    match &list {
        Field::Value(list) if list.0.len() > ASSIGNED_MAX => Err(Invalid::TooLong {
            max: ASSIGNED_MAX,
            unit: "entries",
        }),
        _ => Ok(list.map(|list| list.0.into_iter().collect())),
    }
}

/// What a contact reads begins with a language, as routing rules and greetings name it.
fn spoken(tag: Field<LanguageTag>) -> Result<Field<LanguageTag>, Invalid> {
    match &tag {
        Field::Value(named) if named.primary().parse::<Language>().is_err() => {
            Err(Invalid::BadFormat("a language tag such as de-AT"))
        }
        _ => Ok(tag),
    }
}

/// An agent adds a contact that has not written yet.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields, validate = named -> Faults)]
pub struct CreateContact {
    /// What it is called; this or an e-mail address.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub name: Option<Name>,
    /// Where it can be reached.
    #[deserr(default)]
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    pub email: Option<Email>,
    /// Custom fields: up to 20 texts of up to 1,000 characters, under names of 1 to 40 characters, together at most 8 KiB.
    #[deserr(default)]
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    pub fields: Option<ContactFields>,
    /// What agents know of it.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Option<ContactNote>,
    /// What it reads (BCP 47).
    #[deserr(default, try_from(Field<LanguageTag>) = spoken -> Invalid)]
    #[schema(value_type = Option<String>, max_length = 35, example = "de-AT")]
    pub language: Field<LanguageTag>,
    /// The agents whom its chats are for; nobody in particular when not named. Supervisors and above.
    #[deserr(default, try_from(Field<Distinct<AgentId>>) = assigned -> Invalid)]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 20)]
    pub assigned_agent_ids: Field<BTreeSet<AgentId>>,
}

/// What is wrong with a contact that an agent makes, or has made, without both.
const NAMELESS: &str = "give a name or an email";

/// Something to find it by is known.
fn named<L>(request: CreateContact, _: L) -> Result<CreateContact, Faults> {
    if request.name.is_some() || request.email.is_some() {
        return Ok(request);
    }
    Err(Faults::one("/name", FaultCode::Required, NAMELESS))
}

impl CreateContact {
    /// Whether it says whom the chats of the contact are for.
    #[must_use]
    pub fn assigns(&self) -> bool {
        matches!(&self.assigned_agent_ids, Field::Value(ids) if !ids.is_empty())
    }

    /// The contact that is asked for.
    #[must_use]
    pub fn into_contact(self, id: ContactId, by: AgentId, at: Timestamp) -> ContactProfile {
        let mut contact = ContactProfile {
            id,
            name: Given {
                kept: self.name,
                form: None,
            },
            email: Given {
                kept: self.email,
                form: None,
            },
            form: ContactFields::default(),
            kept_fields: self.fields.unwrap_or_default(),
            note: self.note,
            language: None,
            assigned_agent_ids: BTreeSet::new(),
            created_by: Some(by),
            created_at: at,
            version: 1,
        };
        self.language.put_into(&mut contact.language);
        self.assigned_agent_ids
            .put_or(&mut contact.assigned_agent_ids, BTreeSet::default);
        contact
    }
}

/// An agent changes a contact; what is not named stays as it is.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchContact {
    /// What it is called. Forms leave it as it is from then on; `null` takes it back, and what the last form said is seen
    /// again.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub name: Field<Name>,
    /// Where it can be reached. Forms leave it as it is from then on; `null` takes it back, and what the last form said is
    /// seen again.
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
    #[deserr(default, try_from(Field<LanguageTag>) = spoken -> Invalid)]
    #[schema(value_type = Option<String>, max_length = 35, example = "de-AT")]
    pub language: Field<LanguageTag>,
    /// The agents whom its chats are for; `null` or empty for nobody in particular. Supervisors and above.
    #[deserr(default, try_from(Field<Distinct<AgentId>>) = assigned -> Invalid)]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 20)]
    pub assigned_agent_ids: Field<BTreeSet<AgentId>>,
}

impl StandIns for CreateContact {}

impl StandIns for PatchContact {}

impl PatchContact {
    /// Changes what it names; the version is not its business.
    ///
    /// # Errors
    /// Names the fields with which there would be too many, or too much in them; and what it takes away without which there
    /// would be nothing left to find a contact by that no form is known of.
    pub fn apply(self, contact: &mut ContactProfile) -> Result<(), Faults> {
        let taken_away = [
            ("/name", self.name == Field::Null),
            ("/email", self.email == Field::Null),
        ];
        self.name.put_into(&mut contact.name.kept);
        self.email.put_into(&mut contact.email.kept);
        self.note.put_into(&mut contact.note);
        self.language.put_into(&mut contact.language);
        self.assigned_agent_ids
            .put_or(&mut contact.assigned_agent_ids, BTreeSet::default);
        let mut faults = match self.fields {
            Field::Absent => Faults::default(),
            Field::Null => {
                contact.kept_fields = ContactFields::default();
                Faults::default()
            }
            Field::Value(patch) => {
                let applied = patch.apply(&mut contact.kept_fields, "/fields");
                applied.err().unwrap_or_default()
            }
        };
        let is_nameless = contact.name.value().is_none() && contact.email.value().is_none();
        // A form makes a contact of somebody who comes back and is found by its visitor.
        if contact.created_by.is_some() && is_nameless {
            for (place, _) in taken_away.into_iter().filter(|(_, taken)| *taken) {
                faults.extend(Faults::one(place, FaultCode::Required, NAMELESS));
            }
        }
        faults.or(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use uuid::Uuid;

    use crate::faults::read;

    fn contact() -> ContactProfile {
        let mut form = ContactFields::default();
        form.insert("plan", "silver").unwrap();
        ContactProfile {
            id: ContactId(Uuid::nil()),
            name: Given {
                kept: None,
                form: Some("Vic of the form".parse().unwrap()),
            },
            email: Given {
                kept: None,
                form: Some("vic@home.example".parse().unwrap()),
            },
            form,
            kept_fields: ContactFields::default(),
            note: None,
            language: None,
            assigned_agent_ids: BTreeSet::new(),
            created_by: None,
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
        assert_eq!(vic.name.value(), Some(&"Vic".parse().unwrap()));
        assert_eq!(vic.email, contact().email);
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
    fn what_an_agent_has_made_keeps_something_to_find_it_by() {
        let of_agent = |name: Option<&str>| Given {
            kept: name.map(|name| name.parse().unwrap()),
            form: None,
        };
        let made = || ContactProfile {
            name: of_agent(Some("Vic")),
            email: Given {
                kept: None,
                form: None,
            },
            created_by: Some(AgentId(Uuid::nil())),
            ..contact()
        };
        let places = |contact: &mut ContactProfile, body| {
            let faults = patch(contact, body).err().unwrap_or_default().0.into_iter();
            faults.map(|fault| fault.pointer).collect::<Vec<_>>()
        };

        let both = json!({"name": null, "email": null});
        assert_eq!(places(&mut made(), both.clone()), ["/name", "/email"]);
        assert_eq!(places(&mut made(), json!({"name": null})), ["/name"]);
        assert_eq!(places(&mut made(), json!({"email": null})), [""; 0]);
        let other = json!({"name": null, "email": "vic@home.example"});
        assert_eq!(places(&mut made(), other), [""; 0]);
        // What has no name and loses none may be changed, and so may what a form has made or knows.
        let mut nameless = ContactProfile {
            name: of_agent(None),
            ..made()
        };
        assert_eq!(places(&mut nameless, json!({"note": "Rings"})), [""; 0]);
        let mut known = ContactProfile {
            name: contact().name,
            ..made()
        };
        assert_eq!(places(&mut known, both.clone()), [""; 0]);
        let mut of_form = ContactProfile {
            created_by: None,
            ..made()
        };
        assert_eq!(places(&mut of_form, both), [""; 0]);
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
