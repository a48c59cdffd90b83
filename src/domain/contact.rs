//! Contacts as agents keep them, over all their chats.
//!
//! Owns what agents may write of a contact beside what its forms said. A chat has the answers of its own form
//! ([`Contact`](super::Contact)); this is the row behind them.

use std::collections::{BTreeMap, BTreeSet};

use super::text::visible;
use super::{
    AgentId, ContactFields, ContactId, Email, Invalid, LanguageTag, Name, NewText, Timestamp,
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

/// What is looked up when a visitor starts a chat: whom the chat is for (ROUTE-1), and who had the last one (ROUTE-10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactEntry {
    /// The visitor's contact.
    pub contact_id: ContactId,
    /// The agent who was the last to join one of its latest hundred chats, open or closed. It may be archived since.
    pub last_agent_id: Option<AgentId>,
    /// Who its chats are for. Some of them may be archived since.
    pub assigned_agent_ids: Vec<AgentId>,
}
