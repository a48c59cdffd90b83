//! Templates: canned answers with placeholders (CHAT-7), and addresses made in the same way (ROUTE-6).
//!
//! Owns what a template is. The grammar of placeholders is in `slot.rs`; `text.rs` and `url.rs` say how values are put in
//! the places of placeholders, so that none of them can be more than a text or a part of an address.

mod slot;
mod text;
mod url;

use std::collections::BTreeSet;

use super::{Invalid, Name, OfficeId, TemplateId, Timestamp};

pub use slot::{FALLBACK_CHARS_MAX, SLOTS_MAX, TemplateFault, TemplateFaults, TemplateValues};
pub use text::TemplateText;
pub use url::UrlTemplate;

/// The most templates of a tenant: a search looks at all of them.
pub const TEMPLATES_MAX: usize = 2000;

/// What an agent types to find a template: 1 to 32 letters, digits and `. _ -`. Two that differ in case only are the
/// same.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Shortcut(Box<str>);

impl Shortcut {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two of them are compared.
    #[must_use]
    pub fn folded(&self) -> String {
        super::folded(&self.0)
    }
}

impl std::str::FromStr for Shortcut {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        super::bounded(text, 1, 32)?;
        if text
            .chars()
            .all(|c| c.is_alphanumeric() || ['.', '_', '-'].contains(&c))
        {
            Ok(Self(text.into()))
        } else {
            Err(Invalid::BadFormat("letters, digits and . _ - only"))
        }
    }
}

/// A canned answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// What agents read.
    pub name: Name,
    /// What an agent types to find it; no two of a tenant are the same.
    pub shortcut: Option<Shortcut>,
    /// What it says.
    pub text: TemplateText,
    /// The offices that it is for; none is all.
    pub office_ids: BTreeSet<OfficeId>,
    /// Its place in lists; the lower comes first, the older one among equals.
    pub sort_order: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}
