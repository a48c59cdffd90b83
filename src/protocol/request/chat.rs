//! Chats: starting, answering, typing, ending.

use std::sync::Arc;

use deserr::Deserr;
use utoipa::ToSchema;

use super::FirstMessage;
use crate::domain::{
    Address, Contact, ContactId, Country, Email, FileId, Landing, LanguageTag, Name, Note,
    OfferNumber, OfficeId, QueueId, VisitorId, Vouched, WidgetId,
};
use crate::engine::{self, VisitorCommand};
use crate::faults::{ContactForm, Faults, StandIns};

/// Somebody types, or has stopped.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Typing {
    /// Whether typing began or stopped.
    pub typing: bool,
}

/// Nothing to say: an empty object.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Nothing {}

/// An agent takes a chat.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Accept {
    /// The number of the offer; without it the agent picks a waiting chat.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 1)]
    pub offer: Option<OfferNumber>,
}

/// An agent declines an offer.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Reject {
    /// The number of the offer.
    #[schema(value_type = u32, minimum = 1)]
    pub offer: OfferNumber,
    /// Why.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub reason: Option<Note>,
}

/// An answer of a form: a text, or what a checkbox says, which is kept as the text `true` or `false`. `name` and `email`
/// are texts.
#[derive(serde::Serialize, ToSchema)]
#[schema(as = FormAnswer)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "only its description is used; `ContactForm` reads the answers"
)]
enum Answer {
    Text(String),
    Flag(bool),
}

/// A visitor starts a chat.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct StartChat {
    /// The office that it chose; else the first of the widget's that is live.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    pub office_id: Option<OfficeId>,
    /// The queue that it chose; else the office's first.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    pub queue_id: Option<QueueId>,
    /// The answers of the form: up to 20; `name` and `email` are the contact's.
    #[deserr(default)]
    #[schema(value_type = BTreeMap<String, Answer>, required = false)]
    pub fields: ContactForm,
    /// The address of the page on which it is: what routing rules ask.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4096)]
    pub page_url: Option<Address>,
    /// What its browser prefers to read.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 35, example = "de-AT")]
    pub language: Option<LanguageTag>,
    /// Its first message.
    #[deserr(default)]
    pub message: Option<FirstMessage>,
}

/// A visitor leaves a message while nobody is there.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
// Its answer is an `OfflineMessage` too, and the document has one place for each name.
#[schema(as = NewOfflineMessage)]
pub struct OfflineMessage {
    /// The office that it is for; else the widget's first.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    pub office_id: Option<OfficeId>,
    /// The answers of the form: up to 20, among them `name` and `email`.
    #[deserr(default)]
    #[schema(value_type = BTreeMap<String, Answer>)]
    pub fields: ContactForm,
    /// The message.
    pub message: FirstMessage,
}

/// A waiting visitor asks for the answer by e-mail.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct AskByEmail {
    /// Its name, if it gives another than before.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub name: Option<Name>,
    /// Where to; needed unless it was given when the chat began.
    #[deserr(default)]
    #[schema(value_type = Option<String>, format = "email", max_length = 254)]
    pub email: Option<Email>,
}

impl From<AskByEmail> for engine::AskByEmail {
    fn from(ask: AskByEmail) -> Self {
        Self {
            name: ask.name,
            email: ask.email,
        }
    }
}

fn contact(visitor_id: VisitorId, form: ContactForm, vouched: &Vouched) -> Arc<Contact> {
    let said = Contact {
        id: ContactId::of_visitor(visitor_id),
        name: form.name,
        email: form.email,
        fields: form.fields,
    };
    Arc::new(vouched.beside(said))
}

impl StandIns for StartChat {}

impl StartChat {
    /// The upload that its message names.
    #[must_use]
    pub fn file_id(&self) -> Option<FileId> {
        self.message.as_ref().and_then(|message| message.file_id)
    }

    /// The command of a visitor that came through a widget. Which country it is in is for a proxy to say, what its site
    /// vouches for its token.
    #[must_use]
    pub fn into_command(
        self,
        widget_id: WidgetId,
        visitor_id: VisitorId,
        vouched: &Vouched,
        country: Option<Country>,
    ) -> VisitorCommand {
        VisitorCommand::Start(Box::new(engine::StartChat {
            widget_id,
            office_id: self.office_id,
            queue_id: self.queue_id,
            contact: contact(visitor_id, self.fields, vouched),
            known: None,
            assigned: Vec::new(),
            last_agent_id: None,
            landing: Landing {
                url: self.page_url,
                language: self.language,
                country,
            },
            message: self.message.map(FirstMessage::into_message),
        }))
    }
}

impl StandIns for OfflineMessage {
    const FIELDS: &'static [(&'static str, &'static str)] =
        &[("message", r#"{"id": "-", "text": "-"}"#)];
}

impl OfflineMessage {
    /// The upload that it names.
    #[must_use]
    pub fn file_id(&self) -> Option<FileId> {
        self.message.file_id
    }

    /// The command of a visitor that came through a widget.
    #[must_use]
    pub fn into_command(
        self,
        widget_id: WidgetId,
        visitor_id: VisitorId,
        vouched: &Vouched,
    ) -> VisitorCommand {
        VisitorCommand::LeaveMessage(Box::new(engine::LeaveMessage {
            widget_id,
            office_id: self.office_id,
            contact: contact(visitor_id, self.fields, vouched),
            message: self.message.into_message(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::faults::read;

    #[test]
    fn a_chat_starts_without_a_form_and_without_a_message() {
        let start = read::<StartChat>(json!({})).unwrap();

        assert!(start.message.is_none() && start.fields == ContactForm::default());
    }
}
