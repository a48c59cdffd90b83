//! Templates.

use std::collections::BTreeSet;

use deserr::Deserr;
use utoipa::ToSchema;

use super::{SortOrder, order};
use crate::domain::{
    ChatId, Invalid, Name, OfficeId, Shortcut, Template, TemplateId, TemplateText, Timestamp,
};
use crate::faults::{Change, Distinct, Faults, Field, StandIns};

/// More offices than this are all of them.
const OFFICES_MAX: usize = 200;

fn offices(list: Field<Distinct<OfficeId>>) -> Result<Field<BTreeSet<OfficeId>>, Invalid> {
    match &list {
        Field::Value(list) if list.0.len() > OFFICES_MAX => Err(Invalid::TooLong {
            max: OFFICES_MAX,
            unit: "entries",
        }),
        _ => Ok(list.map(|list| list.0.into_iter().collect())),
    }
}

/// An admin adds a template.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct CreateTemplate {
    /// What agents read.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// What an agent types to find it: letters, digits and `. _ -`. None when not named.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 32)]
    pub shortcut: Option<Shortcut>,
    /// What it says, with placeholders such as `{{visitor.name|there}}`.
    #[schema(value_type = String, min_length = 1, max_length = 65536)]
    pub text: TemplateText,
    /// The offices that it is for; every one when not named or empty.
    #[deserr(default, try_from(Field<Distinct<OfficeId>>) = offices -> Invalid)]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 200)]
    pub office_ids: Field<BTreeSet<OfficeId>>,
    /// Its place in lists, the lower the earlier; 0 when not named.
    #[deserr(default)]
    #[schema(value_type = Option<i32>, minimum = -1000, maximum = 1000)]
    pub sort_order: Option<SortOrder>,
}

impl StandIns for CreateTemplate {
    const FIELDS: &'static [(&'static str, &'static str)] =
        &[("name", r#""-""#), ("text", r#""-""#)];
}

impl CreateTemplate {
    /// The template that is asked for.
    #[must_use]
    pub fn into_template(self, id: TemplateId, at: Timestamp) -> Template {
        Template {
            id,
            name: self.name,
            shortcut: self.shortcut,
            text: self.text,
            office_ids: self.office_ids.or(None).unwrap_or_default(),
            sort_order: self.sort_order.map_or(0, order),
            created_at: at,
            version: 1,
        }
    }
}

/// An admin changes a template; what is not named stays as it is.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchTemplate {
    /// What agents read.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub name: Change<Name>,
    /// What an agent types to find it; `null` takes it away.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 32)]
    pub shortcut: Field<Shortcut>,
    /// What it says, with placeholders such as `{{visitor.name|there}}`.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 65536)]
    pub text: Change<TemplateText>,
    /// The offices that it is for; `null` or empty for every one.
    #[deserr(default, try_from(Field<Distinct<OfficeId>>) = offices -> Invalid)]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 200)]
    pub office_ids: Field<BTreeSet<OfficeId>>,
    /// Its place in lists, the lower the earlier; `null` for 0.
    #[deserr(default)]
    #[schema(value_type = Option<i32>, minimum = -1000, maximum = 1000)]
    pub sort_order: Field<SortOrder>,
}

impl StandIns for PatchTemplate {}

impl PatchTemplate {
    /// Changes what it names; the version is not its business.
    pub fn apply(self, template: &mut Template) {
        self.name.put_into(&mut template.name);
        self.shortcut.put_into(&mut template.shortcut);
        self.text.put_into(&mut template.text);
        self.office_ids
            .put_or(&mut template.office_ids, BTreeSet::default);
        self.sort_order
            .map(order)
            .put_or(&mut template.sort_order, || 0);
    }
}

/// An agent asks for the text of a template for one chat.
#[derive(Clone, Copy, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct RenderTemplate {
    /// The chat.
    #[schema(value_type = Uuid)]
    pub chat_id: ChatId,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::faults::read;

    fn found(body: Value) -> Vec<(String, &'static str)> {
        let faults = read::<CreateTemplate>(body).unwrap_err().0;
        let mut found: Vec<_> = faults
            .into_iter()
            .map(|fault| (fault.pointer, fault.code.as_str()))
            .collect();
        found.sort();
        found
    }

    #[test]
    fn each_bad_placeholder_is_a_fault_of_the_text() {
        let body = json!({"name": "", "text": "{{visitor.nam}} {{agent.name {{x}}"});

        let pointers = |code| ("/text".to_owned(), code);
        assert_eq!(
            found(body),
            [
                ("/name".to_owned(), "too_short"),
                pointers("bad_format"),
                pointers("unknown_placeholder"),
                pointers("unknown_placeholder"),
            ]
        );
    }

    #[test]
    fn a_template_is_for_few_offices_or_for_all() {
        let ids: Vec<String> = (0..=OFFICES_MAX as u128)
            .map(|number| Uuid::from_u128(number).to_string())
            .collect();
        let body = json!({"name": "A", "text": "B", "office_ids": ids});

        assert_eq!(found(body), [("/office_ids".to_owned(), "too_long")]);
        let body = json!({"name": "A", "text": "B", "office_ids": ids[1..]});
        assert!(read::<CreateTemplate>(body).is_ok());
    }
}
