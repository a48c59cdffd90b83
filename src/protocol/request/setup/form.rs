//! Forms of widgets (AVAIL-4).

use std::collections::BTreeSet;

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use utoipa::ToSchema;

use crate::domain::{FORM_FIELDS_MAX, FieldKind, FieldName, FormField, Invalid, Name};
use crate::faults::{Between, Distinct, Fault, FaultCode, Faults, entries, pointer};
use crate::protocol::wire;

/// From 1 to what an answer may have at all.
type MaxLength = Between<1, 1000>;

/// A select of more is a search.
const CHOICES_MAX: usize = 50;

/// One field of a form.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields, validate = can_be_answered -> Faults)]
// What is shown is a `FormField` too, and the document has one place for each name.
#[schema(as = NewFormField)]
pub struct FieldForm {
    /// Its name in `fields`; `name` and `email` are the contact's own.
    #[schema(value_type = String, min_length = 1, max_length = 40)]
    pub name: FieldName,
    /// What visitors read beside it.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub label: Name,
    /// What it takes; `text` when not named.
    #[deserr(default)]
    #[schema(value_type = Option<wire::FieldKind>)]
    pub kind: Option<FieldKind>,
    /// Whether it must be filled in; `false` when not named.
    #[deserr(default)]
    pub required: Option<bool>,
    /// The answers of which one is given: 1 to 50 of a choice, none of anything else.
    #[deserr(default)]
    #[schema(value_type = Vec<String>, required = false, max_items = 50)]
    pub choices: Distinct<Name>,
    /// The most characters of its answer; 1,000 when not named. It says nothing of a choice and a checkbox.
    #[deserr(default)]
    #[schema(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    pub max_length: Option<MaxLength>,
}

/// What a field asks must be what somebody can answer. All that is wrong with it is told together.
fn can_be_answered(form: FieldForm, location: ValuePointerRef<'_>) -> Result<FieldForm, Faults> {
    let field = FormField::from(form.clone());
    let mut faults = Faults::default();
    let mut wrong = |key: &str, code, detail: String| {
        faults.push(Fault {
            pointer: pointer(location.push_key(key)),
            code,
            detail,
        });
    };
    let is_choice = field.kind == FieldKind::Choice;
    match field.choices.len() {
        0 if is_choice => {
            let detail = "a choice has at least one answer".to_owned();
            wrong("choices", FaultCode::Required, detail);
        }
        1.. if !is_choice => {
            let detail = "only a choice has answers".to_owned();
            wrong("choices", FaultCode::UnknownField, detail);
        }
        count if count > CHOICES_MAX => {
            let (max, unit) = (CHOICES_MAX, "entries");
            let invalid = Invalid::TooLong { max, unit };
            wrong("choices", invalid.into(), invalid.to_string());
        }
        _ => {}
    }
    if !field.kind_fits_name() {
        let detail = format!("is no kind of the field {}", field.name.as_str());
        wrong("kind", FaultCode::UnknownValue, detail);
    } else if field.has_length() && field.max_length < field.length_min() {
        let min = field.length_min();
        let detail = format!("no answer of this field is shorter than {min} characters");
        wrong("max_length", FaultCode::OutOfRange, detail);
    }
    faults.or(form)
}

impl From<FieldForm> for FormField {
    fn from(form: FieldForm) -> Self {
        let length = form.max_length.map(|length| length.0);
        Self {
            name: form.name,
            label: form.label,
            kind: form.kind.unwrap_or(FieldKind::Text),
            required: form.required.unwrap_or(false),
            choices: form.choices.0,
            max_length: length
                .and_then(|length| u16::try_from(length).ok())
                .unwrap_or(Self::LENGTH_MAX),
        }
    }
}

/// The fields of a form, in their order: up to 20, none named twice.
#[derive(Clone, Debug, Default)]
pub struct Form(pub Vec<FormField>);

impl Deserr<Faults> for Form {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let (fields, mut faults) = entries::<FieldForm, V>(value, location)?;
        if fields.len() > FORM_FIELDS_MAX {
            let max = FORM_FIELDS_MAX;
            let invalid = Invalid::TooLong {
                max,
                unit: "fields",
            };
            faults.extend(Faults::invalid(pointer(location), invalid));
        }
        let mut names = BTreeSet::new();
        for (index, field) in &fields {
            if !names.insert(&field.name) {
                let entry = location.push_index(*index);
                let here = pointer(entry.push_key("name"));
                faults.extend(Faults::invalid(here, Invalid::Duplicate));
            }
        }
        drop(names);
        let fields = fields.into_iter().map(|(_, field)| field.into());
        faults.or(Self(fields.collect()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::domain::{Contact, ContactFields, ContactId, faults_of_answers};
    use crate::faults::read;

    fn faults(form: Json) -> Vec<String> {
        let faults = read::<Form>(form).unwrap_err().0.into_iter();
        let named = faults.map(|fault| format!("{} {}", fault.pointer, fault.code.as_str()));
        named.collect()
    }

    #[test]
    fn a_field_is_a_text_that_need_not_be_filled_in_unless_it_says_so() {
        let form: Form = read(json!([{"name": "plan", "label": "Plan"}])).unwrap();

        let field = &form.0[0];
        assert_eq!((field.kind, field.required), (FieldKind::Text, false));
        assert_eq!(field.max_length, FormField::LENGTH_MAX);
    }

    #[test]
    fn choices_are_those_of_a_choice() {
        let choice = |choices: Json| json!([{"name": "a", "label": "A", "kind": "choice", "choices": choices}]);
        assert!(read::<Form>(choice(json!(["x"]))).is_ok());
        assert_eq!(faults(choice(json!([]))), ["/0/choices required"]);
        let text = json!([{"name": "a", "label": "A", "choices": ["x"]}]);
        assert_eq!(faults(text), ["/0/choices unknown_field"]);
        let many: Vec<String> = (0..51).map(|n| n.to_string()).collect();
        assert_eq!(faults(choice(json!(many))), ["/0/choices too_long"]);
        assert_eq!(
            faults(choice(json!(["x", "x"]))),
            ["/0/choices/1 duplicate"]
        );
    }

    #[test]
    fn a_field_that_nobody_can_answer_is_refused() {
        let field = |name: &str, kind: &str| json!({"name": name, "label": "A", "kind": kind});
        for (name, kind) in [
            ("email", "checkbox"),
            ("email", "phone"),
            ("name", "checkbox"),
        ] {
            assert_eq!(
                faults(json!([field(name, kind)])),
                ["/0/kind unknown_value"]
            );
        }
        let mut choice = field("email", "choice");
        choice["choices"] = json!(["a@b"]);
        assert_eq!(faults(json!([choice])), ["/0/kind unknown_value"]);
        for (name, kind, longest) in [("a", "phone", 4), ("a", "email", 2), ("email", "text", 2)] {
            let mut short = field(name, kind);
            short["max_length"] = json!(longest);
            assert_eq!(faults(json!([short])), ["/0/max_length out_of_range"]);
            short["max_length"] = json!(longest + 1);
            assert!(read::<Form>(json!([short])).is_ok());
        }
        let mut both = field("email", "checkbox");
        both["choices"] = json!(["x"]);
        assert_eq!(
            faults(json!([both])),
            ["/0/choices unknown_field", "/0/kind unknown_value"]
        );
        assert!(read::<Form>(json!([field("email", "text"), field("name", "text")])).is_ok());
    }

    #[test]
    fn a_length_says_nothing_of_a_choice_and_a_checkbox() {
        let form = json!([
            {"name": "plan", "label": "Plan", "kind": "choice", "required": true, "choices": ["abcdef"], "max_length": 2},
            {"name": "terms", "label": "Terms", "kind": "checkbox", "required": true, "max_length": 1},
        ]);

        let form: Form = read(form).unwrap();

        let mut fields = ContactFields::default();
        fields.insert("plan", "abcdef").unwrap();
        fields.insert("terms", "true").unwrap();
        let answers = Contact {
            id: ContactId(uuid::Uuid::nil()),
            name: None,
            email: None,
            fields,
        };
        assert_eq!(faults_of_answers(&form.0, &answers), []);
        // It is shown as it was sent.
        assert_eq!(form.0[0].max_length, 2);
    }

    #[test]
    fn no_name_stands_twice_and_there_are_at_most_20() {
        let field = |name: String| json!({"name": name, "label": "A"});
        let twice = json!([field("a".to_owned()), field("a".to_owned())]);
        assert_eq!(faults(twice), ["/1/name duplicate"]);
        let many: Vec<Json> = (0..21).map(|n| field(format!("f{n}"))).collect();
        assert_eq!(faults(json!(many)), [" too_long"]);
    }
}
