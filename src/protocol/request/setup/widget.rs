//! Widgets.

use deserr::Deserr;
use utoipa::ToSchema;

use super::at_least_one;
use super::form::{FieldForm, Form};
use crate::domain::{
    AgentId, Domain, Invalid, Name, Note, OfficeId, Timestamp, Widget, WidgetId, WidgetKey,
};
use crate::faults::{Change, Distinct, Faults, Field, StandIns};

/// An admin adds a widget.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct CreateWidget {
    /// What admins read.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// The offices that a visitor may reach through it, at least one, in the order in which they are tried.
    #[deserr(try_from(Distinct<OfficeId>) = at_least_one -> Invalid)]
    #[schema(value_type = Vec<Uuid>, min_items = 1)]
    pub office_ids: Vec<OfficeId>,
    /// The pages that may embed it; `*` for every one. The server's own are always allowed.
    #[deserr(default)]
    #[schema(value_type = Vec<String>, required = false, example = json!(["example.com"]))]
    pub allowed_domains: Distinct<Domain>,
    /// What it says when nobody is there.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub messenger_text: Option<Note>,
    /// What it asks before a chat begins: up to 20 fields; nothing when not named.
    #[deserr(default)]
    #[schema(value_type = Vec<FieldForm>, required = false, max_items = 20)]
    pub form: Form,
    /// The agent that its chats are kept for while it is there; nobody when not named.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    pub agent_id: Option<AgentId>,
}

/// What a widget says when its admin has nothing to say.
const MESSENGER_TEXT: &str = "Leave a message and we will answer by e-mail. That may take a while.";

#[expect(clippy::expect_used, reason = "a constant that a test parses")]
fn messenger_text() -> Note {
    MESSENGER_TEXT
        .parse()
        .expect("the default text fits a note")
}

impl StandIns for CreateWidget {
    const FIELDS: &'static [(&'static str, &'static str)] = &[
        ("name", r#""-""#),
        ("office_ids", r#"["00000000-0000-0000-0000-000000000000"]"#),
    ];
}

impl CreateWidget {
    /// The widget that is asked for.
    #[must_use]
    pub fn into_widget(self, id: WidgetId, key: WidgetKey, at: Timestamp) -> Widget {
        Widget {
            id,
            key,
            name: self.name,
            office_ids: self.office_ids,
            allowed_domains: self.allowed_domains.0,
            messenger_text: self.messenger_text.unwrap_or_else(messenger_text),
            form: self.form.0,
            agent_id: self.agent_id,
            created_at: at,
            version: 1,
        }
    }
}

/// An admin changes a widget; what is not named stays as it is, and so does its key.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchWidget {
    /// What admins read.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub name: Change<Name>,
    /// The offices that a visitor may reach through it, all of them, in the order in which they are tried.
    #[deserr(default, try_from(Change<Distinct<OfficeId>>) = offices -> Invalid)]
    #[schema(value_type = Vec<Uuid>, required = false, min_items = 1)]
    pub office_ids: Change<Vec<OfficeId>>,
    /// The pages that may embed it, all of them; `null` for the server's own alone.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<String>>)]
    pub allowed_domains: Field<Distinct<Domain>>,
    /// What it says when nobody is there; `null` for the default text.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub messenger_text: Field<Note>,
    /// What it asks before a chat begins, replaced as a whole; `null` is nothing.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<FieldForm>>, max_items = 20)]
    pub form: Field<Form>,
    /// The agent that its chats are kept for while it is there; `null` is nobody.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    pub agent_id: Field<AgentId>,
}

fn offices(list: Change<Distinct<OfficeId>>) -> Result<Change<Vec<OfficeId>>, Invalid> {
    match list {
        Change::Absent => Ok(Change::Absent),
        Change::Value(list) => at_least_one(list).map(Change::Value),
    }
}

impl StandIns for PatchWidget {}

impl PatchWidget {
    /// Changes what it names; the version is not its business.
    pub fn apply(self, widget: &mut Widget) {
        self.name.put_into(&mut widget.name);
        self.office_ids.put_into(&mut widget.office_ids);
        self.allowed_domains
            .map(|list| list.0)
            .put_or(&mut widget.allowed_domains, Vec::new);
        self.messenger_text
            .put_or(&mut widget.messenger_text, messenger_text);
        self.form
            .map(|form| form.0)
            .put_or(&mut widget.form, Vec::new);
        self.agent_id.put_into(&mut widget.agent_id);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::faults::read;

    const ID: &str = "01890000-0000-7000-8000-000000000001";

    #[test]
    fn a_widget_has_an_office_and_something_to_say() {
        let none = read::<CreateWidget>(json!({"name": "Shop", "office_ids": []})).unwrap_err();
        assert_eq!(none.0[0].pointer, "/office_ids");
        for bad in [json!([]), json!(null)] {
            let fault = read::<PatchWidget>(json!({"office_ids": bad})).unwrap_err();
            assert_eq!(fault.0[0].pointer, "/office_ids");
        }

        let request: CreateWidget = read(json!({"name": "Shop", "office_ids": [ID]})).unwrap();
        let key = WidgetKey::from_trusted("wk_1".to_owned());
        let widget = request.into_widget(WidgetId(Uuid::nil()), key, Timestamp(0));
        assert_eq!(widget.messenger_text.as_str(), MESSENGER_TEXT);
    }
}
