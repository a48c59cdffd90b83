//! Templates, tags and contacts.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Time;
use crate::domain::{self, ContactNote, Email, Name, Shortcut};

/// A canned answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Template {
    /// Its id.
    pub id: Uuid,
    /// What agents read.
    #[schema(value_type = String)]
    pub name: Name,
    /// What an agent types to find it.
    #[schema(value_type = Option<String>)]
    pub shortcut: Option<Shortcut>,
    /// What it says, with placeholders.
    pub text: String,
    /// The offices that it is for; empty for every one.
    pub office_ids: Vec<Uuid>,
    /// Its place in lists; the lower comes first, the older one among equals.
    pub sort_order: i32,
    /// When it was made.
    pub created_at: Time,
    /// Rises with every change; `ETag` says the same.
    pub version: i64,
}

impl From<&domain::Template> for Template {
    fn from(template: &domain::Template) -> Self {
        Self {
            id: template.id.0,
            name: template.name.clone(),
            shortcut: template.shortcut.clone(),
            text: template.text.as_str().to_owned(),
            office_ids: template.office_ids.iter().map(|id| id.0).collect(),
            sort_order: template.sort_order,
            created_at: template.created_at.into(),
            version: template.version,
        }
    }
}

/// The text of a template for one chat.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RenderedTemplate {
    /// The text; empty when nothing is known of what it is made of.
    pub text: String,
}

/// What chats are sorted by.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Tag {
    /// Its id.
    pub id: Uuid,
    /// What agents read.
    #[schema(value_type = String)]
    pub name: Name,
    /// The colour of its mark on pages.
    #[schema(example = "#2e7d32")]
    pub color: String,
    /// When it was made.
    pub created_at: Time,
    /// Rises with every change; `ETag` says the same.
    pub version: i64,
}

impl From<&domain::Tag> for Tag {
    fn from(tag: &domain::Tag) -> Self {
        Self {
            id: tag.id.0,
            name: tag.name.clone(),
            color: tag.color.to_string(),
            created_at: tag.created_at.into(),
            version: tag.version,
        }
    }
}

/// The visitor as a person, with what agents keep of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContactProfile {
    /// Its id.
    pub id: Uuid,
    /// As an agent has given it, or the last form that did.
    #[schema(value_type = Option<String>)]
    pub name: Option<Name>,
    /// As an agent has given it, or the last form that did.
    #[schema(value_type = Option<String>, format = Email)]
    pub email: Option<Email>,
    /// Custom fields: what agents have given, and the other answers of the last form that had any.
    pub fields: BTreeMap<String, String>,
    /// What agents know of it.
    #[schema(value_type = Option<String>)]
    pub note: Option<ContactNote>,
    /// What it reads.
    pub language: Option<String>,
    /// The agents whom its chats are for.
    pub assigned_agent_ids: Vec<Uuid>,
    /// When it was first seen.
    pub created_at: Time,
    /// Rises with every change, those by forms among them; `ETag` says the same.
    pub version: i64,
}

impl From<&domain::ContactProfile> for ContactProfile {
    fn from(contact: &domain::ContactProfile) -> Self {
        let fields = contact.fields().into_iter();
        Self {
            id: contact.id.0,
            name: contact.name.value().cloned(),
            email: contact.email.value().cloned(),
            fields: fields
                .map(|(name, answer)| (name.to_owned(), answer.to_owned()))
                .collect(),
            note: contact.note.clone(),
            language: contact.language.as_ref().map(|tag| tag.as_str().to_owned()),
            assigned_agent_ids: contact.assigned_agent_ids.iter().map(|id| id.0).collect(),
            created_at: contact.created_at.into(),
            version: contact.version,
        }
    }
}
