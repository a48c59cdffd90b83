//! Widgets: what a website embeds.

use super::{Invalid, Name, OfficeId, Timestamp, WidgetId};

/// A widget's public key: `wk_`, the tenant's id and 16 random hexadecimal digits. It names the tenant so that
/// nothing is searched across tenants.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct WidgetKey(Box<str>);

impl WidgetKey {
    /// Takes a key that `random.rs` made or that stands in the database.
    #[must_use]
    pub fn from_trusted(key: String) -> Self {
        Self(key.into_boxed_str())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A host name that may embed a widget, or `*` for every one. `example.com` stands for its sub-domains too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct Domain(Box<str>);

impl Domain {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a page on `host` (without port, lower case) may embed the widget.
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        &*self.0 == "*"
            || host
                .strip_suffix(&*self.0)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

impl std::str::FromStr for Domain {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().to_ascii_lowercase();
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if text == "*" || (text.len() <= 253 && text.split('.').all(label)) {
            return Ok(Self(text.into_boxed_str()));
        }
        Err(Invalid::BadFormat("a host name such as example.com, or *"))
    }
}

/// A widget of some offices of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Widget {
    /// Its id.
    pub id: WidgetId,
    /// What a page names it by.
    pub key: WidgetKey,
    /// What admins read.
    pub name: Name,
    /// The offices that a visitor may reach through it, in the order in which they are tried.
    pub office_ids: Vec<OfficeId>,
    /// The pages that may embed it; the server's own are always allowed.
    pub allowed_domains: Vec<Domain>,
    /// What it says when nobody is there.
    pub messenger_text: super::Note,
    /// What it asks before a chat begins, and besides a name and an address before a message is left (AVAIL-4).
    pub form: Vec<super::FormField>,
    /// The agent that its chats are kept for (ROUTE-14).
    pub agent_id: Option<super::AgentId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}
