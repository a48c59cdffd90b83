//! Routing rules (ROUTE-1): by what is known of a visitor, a chat finds its queue, its priority and the agents that it is
//! kept for.
//!
//! Owns what a rule asks of a chat and what it does with it. Which rule wins also depends on which queues take chats: the
//! engine decides that.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::text::visible;
use super::{
    Address, AgentId, Contact, Country, Hours, Invalid, Language, LanguageTag, Name, NewText,
    OfficeId, Priority, QueueId, RoutingRuleId, Timestamp, UrlPattern, WidgetId, bounded,
};

/// The most rules of a tenant: all of them are looked at for each chat that begins.
pub const ROUTING_RULES_MAX: usize = 200;

/// Defines a text of 1 to some characters that is stored as it is.
macro_rules! texts {
    ($($(#[$doc:meta])+ $name:ident($max:literal)),+) => {$(
        $(#[$doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                let text = text.trim();
                bounded(text, 1, $max)?;
                Ok(Self(text.into()))
            }
        }

        impl NewText for $name {
            fn new_text(text: &str) -> Result<Self, Invalid> {
                visible(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;

            fn try_from(text: String) -> Result<Self, Invalid> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0.into()
            }
        }
    )+};
}

texts! {
    /// The name of a field of a contact: `name`, `email`, or one of a form; 1 to 40 characters.
    FieldName(40),
    /// What such a field is compared with: 1 to 200 characters.
    FieldText(200)
}

/// How a field of a contact is compared. Upper and lower case are the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// It is this, but for white space around it.
    Equals(FieldText),
    /// This stands somewhere in it.
    Contains(FieldText),
}

/// What is asked of one field of a contact. One that the visitor did not fill in does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactTest {
    /// Which field.
    pub field: FieldName,
    /// What is asked of it.
    pub test: Comparison,
}

impl ContactTest {
    fn fits(&self, contact: &Contact) -> bool {
        let answer = match self.field.as_str() {
            "name" => contact.name.as_ref().map(Name::as_str),
            "email" => contact.email.as_ref().map(super::Email::as_str),
            other => contact.fields.get(other),
        };
        answer.is_some_and(|answer| {
            let answer = answer.to_lowercase();
            match &self.test {
                Comparison::Equals(text) => answer.trim() == text.as_str().to_lowercase(),
                Comparison::Contains(text) => answer.contains(&text.as_str().to_lowercase()),
            }
        })
    }
}

/// What a rule asks of a chat. What is none or empty asks nothing; all that is there must hold, and of a list one entry,
/// but of the contact every one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoutingConditions {
    /// The page's whole address fits one of these. An address that is not known does not fit.
    pub url_matches: Vec<UrlPattern>,
    /// One of these is the visitor's language. One that is not known does not fit.
    pub languages: BTreeSet<Language>,
    /// One of these is the visitor's country. One that is not known does not fit.
    pub countries: BTreeSet<Country>,
    /// What is asked of the contact.
    pub contact: Vec<ContactTest>,
    /// Within these hours only.
    pub hours: Option<Hours>,
    /// The chat came through one of these.
    pub widget_ids: BTreeSet<WidgetId>,
    /// The visitor chose one of these. One that chose none does not fit.
    pub office_ids: BTreeSet<OfficeId>,
}

/// What a rule does with a chat. What it does not say is as without it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoutingAction {
    /// Where the chat goes.
    pub queue_id: Option<QueueId>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// Whom it is kept for while one of them is there; they need not be members of the queue.
    pub agent_ids: BTreeSet<AgentId>,
}

/// A tenant's rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutingRule {
    /// Its id.
    pub id: RoutingRuleId,
    /// What admins read.
    pub name: Name,
    /// Whether it is in force.
    pub enabled: bool,
    /// The lower, the sooner it is tried; of the same the older one.
    pub sort_order: i32,
    /// What it asks.
    pub conditions: RoutingConditions,
    /// What it does.
    pub action: RoutingAction,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// What is known of where a visitor comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Landing {
    /// The page on which it is.
    pub url: Option<Address>,
    /// What its browser prefers to read.
    pub language: Option<LanguageTag>,
    /// Where it is.
    pub country: Option<Country>,
}

/// A chat that begins.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// The widget that it came through.
    pub widget_id: WidgetId,
    /// The office that its visitor chose.
    pub office_id: Option<OfficeId>,
    /// Who asks.
    pub contact: &'a Contact,
    /// Where it comes from.
    pub landing: &'a Landing,
    /// When.
    pub at: Timestamp,
}

impl RoutingRule {
    /// The order of a rule that names none, so that others can be put before it.
    pub const SORT_ORDER: i32 = 100;

    /// By what rules are tried: the lowest first, of the same the oldest.
    #[must_use]
    pub fn place(&self) -> (i32, Timestamp, RoutingRuleId) {
        (self.sort_order, self.created_at, self.id)
    }

    /// Whether it is in force and all that it asks holds.
    #[must_use]
    pub fn fits(&self, arrival: &Arrival<'_>) -> bool {
        let asked = &self.conditions;
        let landing = arrival.landing;
        let url = || {
            let url = landing.url.as_ref();
            url.is_some_and(|url| asked.url_matches.iter().any(|pattern| pattern.fits(url)))
        };
        let language = || {
            let tag = landing.language.as_ref();
            tag.is_some_and(|tag| asked.languages.iter().any(|it| it.begins(tag)))
        };
        let country = || {
            let country = landing.country;
            country.is_some_and(|country| asked.countries.contains(&country))
        };
        let office = || {
            let office = arrival.office_id;
            office.is_some_and(|id| asked.office_ids.contains(&id))
        };
        let hours = asked.hours.as_ref();
        self.enabled
            && (asked.url_matches.is_empty() || url())
            && (asked.languages.is_empty() || language())
            && (asked.countries.is_empty() || country())
            && asked.contact.iter().all(|test| test.fits(arrival.contact))
            && hours.is_none_or(|hours| hours.is_open(arrival.at))
            && (asked.widget_ids.is_empty() || asked.widget_ids.contains(&arrival.widget_id))
            && (asked.office_ids.is_empty() || office())
    }
}
