//! Contacts as agents keep them, over all their chats.
//!
//! Owns what agents may write of a contact beside what its forms said. A chat has the answers of its own form
//! ([`Contact`]); this is the row behind them.

use std::collections::{BTreeMap, BTreeSet};

use super::text::visible;
use super::{
    AgentId, Contact, ContactFields, ContactId, Email, Invalid, LanguageTag, Name, NewText,
    Timestamp,
};

/// The most contacts of a tenant that agents have made. Those of visitors are as many as have written.
pub const MADE_CONTACTS_MAX: usize = 100_000;

/// The most agents that one contact is assigned to.
pub const ASSIGNED_MAX: usize = 20;

/// What agents know of a contact: 1 to 4,000 characters, tab and line breaks among them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct ContactNote(Box<str>);

impl ContactNote {
    const CHARS_MAX: usize = 4000;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for ContactNote {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::TooShort { min: 1 });
        }
        if text.chars().count() > Self::CHARS_MAX {
            return Err(Invalid::TooLong {
                max: Self::CHARS_MAX,
                unit: "characters",
            });
        }
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            return Err(Invalid::BadFormat(
                "free of control characters but tab and line breaks",
            ));
        }
        Ok(Self(text.into()))
    }
}

impl NewText for ContactNote {
    fn new_text(text: &str) -> Result<Self, Invalid> {
        visible(text)
    }
}

/// A text that agents and forms give. What an agent gives covers what forms say, and taking it back uncovers that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given<T> {
    /// What an agent has given; no form changes it.
    pub kept: Option<T>,
    /// What the last form said that had an answer.
    pub form: Option<T>,
}

impl<T> Given<T> {
    /// What counts over all chats: what an agent has given, else what the last form said.
    pub fn value(&self) -> Option<&T> {
        self.kept.as_ref().or(self.form.as_ref())
    }

    /// What counts beside the form of a certain chat: what an agent has given, else that form, else the last one.
    pub fn before<'a>(&'a self, form: Option<&'a T>) -> Option<&'a T> {
        self.kept.as_ref().or(form).or(self.form.as_ref())
    }
}

/// A contact over all its chats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactProfile {
    /// Its id.
    pub id: ContactId,
    /// What it is called.
    pub name: Given<Name>,
    /// Where it can be reached.
    pub email: Given<Email>,
    /// The other answers of its last form that had any.
    pub form: ContactFields,
    /// What agents have added to them.
    pub kept_fields: ContactFields,
    /// What agents know of it.
    pub note: Option<ContactNote>,
    /// What it reads.
    pub language: Option<LanguageTag>,
    /// Who its chats are for.
    pub assigned_agent_ids: BTreeSet<AgentId>,
    /// The agent that made it; `None` was a form.
    pub created_by: Option<AgentId>,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// Counts its changes, those by forms among them, from 1.
    pub version: i64,
}

impl ContactProfile {
    /// Its custom fields: what agents have added, and the form's answers under other names.
    #[must_use]
    pub fn fields(&self) -> BTreeMap<&str, &str> {
        self.form.iter().chain(self.kept_fields.iter()).collect()
    }
}

/// What a contact is called and where it can be reached, as it is known for one of its chats: what agents have given counts
/// before the form of the chat, and that before its other forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAs {
    /// What it is called.
    pub name: Option<Name>,
    /// Where it can be reached.
    pub email: Option<Email>,
}

/// What is looked up when a visitor starts a chat: what is known of its contact and whom the chat is for (ROUTE-1), and who
/// had the last one (ROUTE-10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactEntry {
    /// The visitor's contact.
    pub contact_id: ContactId,
    /// What it is called.
    pub name: Given<Name>,
    /// Where it can be reached.
    pub email: Given<Email>,
    /// The other answers of its last form that had any.
    pub form: ContactFields,
    /// What agents have added to them.
    pub kept_fields: ContactFields,
    /// The agent who was the last to join one of its latest hundred chats, open or closed. It may be archived since.
    pub last_agent_id: Option<AgentId>,
    /// Who its chats are for. Some of them may be archived since.
    pub assigned_agent_ids: Vec<AgentId>,
}

impl ContactEntry {
    /// The contact as it is known with the form of a chat that begins: what an agent has given counts first, then this
    /// form, then the last one. Fields beyond the bounds of one form are left out, those of the last form first.
    #[must_use]
    pub fn with(&self, form: &Contact) -> Contact {
        let mut fields = self.kept_fields.clone();
        for (name, answer) in form.fields.iter().chain(self.form.iter()) {
            if fields.get(name).is_none() {
                // Within the bounds or left out.
                let _ = fields.insert(name, answer);
            }
        }
        Contact {
            id: form.id,
            name: self.name.before(form.name.as_ref()).cloned(),
            email: self.email.before(form.email.as_ref()).cloned(),
            fields,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn fields(answers: &[(&str, &str)]) -> ContactFields {
        let mut fields = ContactFields::default();
        for (name, answer) in answers {
            fields.insert(name, answer).unwrap();
        }
        fields
    }

    fn given(kept: Option<&str>, form: Option<&str>) -> Given<Name> {
        Given {
            kept: kept.map(|name| name.parse().unwrap()),
            form: form.map(|name| name.parse().unwrap()),
        }
    }

    #[test]
    fn chat_06_agents_count_before_this_form_and_this_form_before_the_last_one() {
        let contact_id = ContactId(Uuid::nil());
        let entry = ContactEntry {
            contact_id,
            name: given(Some("Vic"), Some("Old")),
            email: Given {
                kept: None,
                form: Some("old@home.example".parse().unwrap()),
            },
            form: fields(&[("plan", "old"), ("city", "Brno"), ("order", "1")]),
            kept_fields: fields(&[("plan", "gold")]),
            last_agent_id: None,
            assigned_agent_ids: Vec::new(),
        };
        let form = Contact {
            id: contact_id,
            name: Some("New".parse().unwrap()),
            email: None,
            fields: fields(&[("plan", "new"), ("order", "2")]),
        };

        let known = entry.with(&form);

        assert_eq!(known.name, Some("Vic".parse().unwrap()));
        assert_eq!(known.email, Some("old@home.example".parse().unwrap()));
        let seen: Vec<_> = known.fields.iter().collect();
        assert_eq!(seen, [("city", "Brno"), ("order", "2"), ("plan", "gold")]);
    }
}
