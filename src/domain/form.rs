//! Forms: what a widget asks before a chat begins or a message is left (AVAIL-4).

use serde::{Deserialize, Serialize};

use super::word::words;
use super::{Contact, Email, FieldName, Invalid, Name, NewText, is_blank};

/// As many as a contact may have answers.
pub const FORM_FIELDS_MAX: usize = super::ContactFields::COUNT_MAX;

words! {
    /// What a field of a form takes.
    pub enum FieldKind {
        /// Any text.
        Text = "text",
        /// An e-mail address.
        Email = "email",
        /// A telephone number.
        Phone = "phone",
        /// One of some answers.
        Choice = "choice",
        /// Yes or no: `true` or `false`. One that is required must be `true`.
        Checkbox = "checkbox",
    }
}

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormField {
    /// Its name among the answers; `name` and `email` are the contact's own.
    pub name: FieldName,
    /// What visitors read beside it.
    pub label: Name,
    /// What it takes.
    pub kind: FieldKind,
    /// Whether it must be filled in.
    pub required: bool,
    /// The answers of which one is given, if it is a choice.
    pub choices: Vec<Name>,
    /// The most characters of its answer; of a choice and a checkbox it says nothing.
    pub max_length: u16,
}

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerFault {
    /// To which field.
    pub name: FieldName,
    /// What.
    pub kind: AnswerFaultKind,
}

/// The ways in which an answer can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerFaultKind {
    /// It is not there.
    Missing,
    /// It is there, and not what the field takes.
    Invalid(Invalid),
    /// It is none of the choices.
    NoChoice,
}

impl FormField {
    /// The most characters of an answer that a field takes when it says nothing else; no answer may be longer.
    pub const LENGTH_MAX: u16 = 1000;

    /// Whether its answers have a length of their own; those of a choice and a checkbox are given with the field.
    #[must_use]
    pub fn has_length(&self) -> bool {
        match self.kind {
            FieldKind::Text | FieldKind::Email | FieldKind::Phone => true,
            FieldKind::Choice | FieldKind::Checkbox => false,
        }
    }

    /// The characters of the shortest answer that it takes.
    #[must_use]
    pub fn length_min(&self) -> u16 {
        match self.kind {
            FieldKind::Phone => DIGITS_MIN,
            FieldKind::Email => ADDRESS_MIN,
            FieldKind::Text if self.name.as_str() == "email" => ADDRESS_MIN,
            FieldKind::Text | FieldKind::Choice | FieldKind::Checkbox => 1,
        }
    }

    /// Whether an answer of its kind can be an answer under its name: `name` and `email` are the contact's own, and no
    /// `true` is a name, nor a telephone number an address.
    #[must_use]
    pub fn kind_fits_name(&self) -> bool {
        match self.name.as_str() {
            "name" => self.kind != FieldKind::Checkbox,
            "email" => matches!(self.kind, FieldKind::Text | FieldKind::Email),
            _ => true,
        }
    }

    /// What is wrong with what a contact has answered, if anything is.
    #[must_use]
    pub fn fault(&self, contact: &Contact) -> Option<AnswerFault> {
        let answer = match self.name.as_str() {
            "name" => contact.name.as_ref().map(Name::as_str),
            "email" => contact.email.as_ref().map(Email::as_str),
            other => contact.fields.get(other),
        };
        let kind = match answer.filter(|answer| !is_blank(answer)) {
            Some(answer) => self.fault_of(answer),
            None => self.required.then_some(AnswerFaultKind::Missing),
        };
        kind.map(|kind| AnswerFault {
            name: self.name.clone(),
            kind,
        })
    }

    fn fault_of(&self, answer: &str) -> Option<AnswerFaultKind> {
        if self.has_length() && answer.chars().count() > usize::from(self.max_length) {
            return Some(AnswerFaultKind::Invalid(Invalid::TooLong {
                max: usize::from(self.max_length),
                unit: "characters",
            }));
        }
        let bad = |wanted| Some(AnswerFaultKind::Invalid(Invalid::BadFormat(wanted)));
        match self.kind {
            FieldKind::Text => None,
            FieldKind::Email => match Email::new_text(answer) {
                Ok(_) => None,
                Err(invalid) => Some(AnswerFaultKind::Invalid(invalid)),
            },
            FieldKind::Phone if is_phone(answer) => None,
            FieldKind::Phone => bad("a telephone number such as +420 123 456 789"),
            FieldKind::Choice => {
                let mut choices = self.choices.iter();
                let known = choices.any(|choice| choice.as_str() == answer.trim());
                (!known).then_some(AnswerFaultKind::NoChoice)
            }
            FieldKind::Checkbox => match answer {
                "false" if self.required => Some(AnswerFaultKind::Missing),
                "true" | "false" => None,
                _ => bad("true or false"),
            },
        }
    }
}

/// The characters of the shortest address, `a@b`.
const ADDRESS_MIN: u16 = 3;

/// The fewest digits of a telephone number: those of extensions within a company.
const DIGITS_MIN: u16 = 5;

/// Digits with what people put between them: at least 5, at most 15 (ITU-T E.164), after a plus or not.
fn is_phone(answer: &str) -> bool {
    let answer = answer.trim();
    let rest = answer.strip_prefix('+').unwrap_or(answer);
    let between = |c: char| matches!(c, ' ' | '-' | '.' | '/' | '(' | ')');
    let digits = rest.chars().filter(char::is_ascii_digit).count();
    rest.chars().all(|c| c.is_ascii_digit() || between(c))
        && (usize::from(DIGITS_MIN)..=15).contains(&digits)
}

/// What is asked before a message is left: what the form asks, and a name and an address in any case, because whoever
/// answers later needs to know whom, and where to.
#[must_use]
pub fn message_form(form: &[FormField]) -> Vec<FormField> {
    let own = [
        ("name", "Name", FieldKind::Text),
        ("email", "E-mail", FieldKind::Email),
    ];
    let mut fields: Vec<FormField> = Vec::new();
    for (name, label, kind) in own {
        let asked = form.iter().find(|field| field.name.as_str() == name);
        fields.push(match asked {
            Some(field) => FormField {
                required: true,
                ..field.clone()
            },
            None => own_field(name, label, kind),
        });
    }
    let own = |field: &&FormField| !matches!(field.name.as_str(), "name" | "email");
    fields.extend(form.iter().filter(own).cloned());
    fields
}

#[expect(clippy::expect_used, reason = "constants that a test parses")]
fn own_field(name: &str, label: &str, kind: FieldKind) -> FormField {
    FormField {
        name: name.parse().expect("a constant is a field's name"),
        label: label.parse().expect("a constant is a label"),
        kind,
        required: true,
        choices: Vec::new(),
        max_length: FormField::LENGTH_MAX,
    }
}

/// Everything that is wrong with the answers to a form.
#[must_use]
pub fn faults_of_answers(form: &[FormField], contact: &Contact) -> Vec<AnswerFault> {
    form.iter()
        .filter_map(|field| field.fault(contact))
        .collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::{ContactFields, ContactId};
    use super::*;

    fn field(kind: FieldKind, required: bool) -> FormField {
        FormField {
            name: "plan".parse().unwrap(),
            label: "Plan".parse().unwrap(),
            kind,
            required,
            choices: vec!["gold".parse().unwrap(), "tin".parse().unwrap()],
            max_length: 20,
        }
    }

    #[test]
    fn a_choice_is_as_long_as_it_is() {
        let short = FormField {
            max_length: 2,
            ..field(FieldKind::Choice, true)
        };
        assert_eq!(fault(&short, Some("gold")), None);
    }

    fn fault(field: &FormField, answer: Option<&str>) -> Option<AnswerFaultKind> {
        let mut fields = ContactFields::default();
        if let Some(answer) = answer {
            fields.insert("plan", answer).unwrap();
        }
        let contact = Contact {
            id: ContactId(Uuid::nil()),
            name: None,
            email: None,
            fields,
        };
        let faults = faults_of_answers(std::slice::from_ref(field), &contact);
        faults.into_iter().next().map(|fault| fault.kind)
    }

    #[test]
    fn what_is_required_must_be_there() {
        for kind in FieldKind::ALL {
            for answer in [None, Some(""), Some("  ")] {
                let missing = Some(AnswerFaultKind::Missing);
                assert_eq!(fault(&field(*kind, true), answer), missing, "{kind:?}");
                assert_eq!(fault(&field(*kind, false), answer), None, "{kind:?}");
            }
        }
    }

    #[test]
    fn whoever_leaves_a_message_says_who_it_is_in_any_case() {
        let mut email = field(FieldKind::Email, false);
        email.name = "email".parse().unwrap();
        email.label = "Your address".parse().unwrap();
        let form = [field(FieldKind::Text, false), email];

        let asked = message_form(&form);

        let asked: Vec<_> = asked
            .iter()
            .map(|field| (field.name.as_str(), field.label.as_str(), field.required))
            .collect();
        let expected = [
            ("name", "Name", true),
            ("email", "Your address", true),
            ("plan", "Plan", false),
        ];
        assert_eq!(asked, expected);
    }

    #[test]
    fn each_kind_takes_what_it_says() {
        for (kind, good, bad) in [
            (FieldKind::Email, "a@b.example", "a@"),
            (FieldKind::Phone, "+420 (2) 12-34.56", "12ab5678"),
            (FieldKind::Phone, "12345", "1234"),
            (FieldKind::Choice, "gold", "silver"),
            (FieldKind::Checkbox, "true", "yes"),
            (
                FieldKind::Text,
                "12345678901234567890",
                "123456789012345678901",
            ),
        ] {
            assert_eq!(fault(&field(kind, true), Some(good)), None, "{kind:?}");
            assert!(fault(&field(kind, true), Some(bad)).is_some(), "{kind:?}");
        }
        let box_ = |required| fault(&field(FieldKind::Checkbox, required), Some("false"));
        assert_eq!(box_(true), Some(AnswerFaultKind::Missing));
        assert_eq!(box_(false), None);
    }
}
