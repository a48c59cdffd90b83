//! Forms of widgets.

use serde::Serialize;
use utoipa::ToSchema;

use super::FieldKind;
use crate::domain::{self, Name};

/// One field of a form.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FormField {
    /// Its name in `fields`; `name` and `email` are the contact's own.
    pub name: String,
    /// What visitors read beside it.
    #[schema(value_type = String)]
    pub label: Name,
    /// What it takes.
    pub kind: FieldKind,
    /// Whether it must be filled in; of a checkbox, ticked.
    pub required: bool,
    /// The answers of which one is given, if it is a choice.
    #[schema(value_type = Vec<String>)]
    pub choices: Vec<Name>,
    /// The most characters of its answer; of a choice and a checkbox it says nothing.
    pub max_length: u16,
}

impl From<&domain::FormField> for FormField {
    fn from(field: &domain::FormField) -> Self {
        Self {
            name: field.name.as_str().to_owned(),
            label: field.label.clone(),
            kind: FieldKind(field.kind.as_str()),
            required: field.required,
            choices: field.choices.clone(),
            max_length: field.max_length,
        }
    }
}
