//! Routing rules.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Hours, Time};
use crate::domain::{self, Name};

/// What is asked of one field of the contact.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContactTest {
    /// `name`, `email`, or a field of a form.
    pub field: String,
    /// It is this.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub equals: Option<String>,
    /// This stands somewhere in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub contains: Option<String>,
}

impl From<&domain::ContactTest> for ContactTest {
    fn from(asked: &domain::ContactTest) -> Self {
        let (equals, contains) = match &asked.test {
            domain::Comparison::Equals(text) => (Some(text.as_str().to_owned()), None),
            domain::Comparison::Contains(text) => (None, Some(text.as_str().to_owned())),
        };
        Self {
            field: asked.field.as_str().to_owned(),
            equals,
            contains,
        }
    }
}

/// What a rule asks of a chat. What is `null` or empty asks nothing; all else must hold, of a list one entry, but of the
/// contact every one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoutingConditions {
    /// The page's whole address fits one of these; `*` stands for any characters.
    pub url_matches: Vec<String>,
    /// The visitor's language is one of these, whatever its region.
    pub languages: Vec<String>,
    /// The visitor is in one of these (ISO 3166-1 alpha-2).
    pub countries: Vec<String>,
    /// What is asked of the contact.
    pub contact: Vec<ContactTest>,
    /// Within these hours only.
    pub hours: Option<Hours>,
    /// The chat came through one of these.
    pub widget_ids: Vec<Uuid>,
    /// The visitor chose one of these.
    pub office_ids: Vec<Uuid>,
}

impl From<&domain::RoutingConditions> for RoutingConditions {
    fn from(asked: &domain::RoutingConditions) -> Self {
        let patterns = asked.url_matches.iter();
        let languages = asked.languages.iter();
        let countries = asked.countries.iter();
        Self {
            url_matches: patterns.map(|it| it.as_str().to_owned()).collect(),
            languages: languages.map(|it| it.as_str().to_owned()).collect(),
            countries: countries.map(|it| it.as_str().to_owned()).collect(),
            contact: asked.contact.iter().map(ContactTest::from).collect(),
            hours: asked.hours.as_ref().map(Hours::from),
            widget_ids: asked.widget_ids.iter().map(|id| id.0).collect(),
            office_ids: asked.office_ids.iter().map(|id| id.0).collect(),
        }
    }
}

/// By what a chat finds its queue, its priority and the agents that it is kept for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoutingRule {
    /// Its id.
    pub id: Uuid,
    /// What admins read.
    #[schema(value_type = String)]
    pub name: Name,
    /// Whether it is in force.
    pub enabled: bool,
    /// The lower, the sooner it is tried; of the same the older one.
    pub sort_order: i32,
    /// What it asks of a chat.
    pub conditions: RoutingConditions,
    /// Where the chat goes; `null` is as without the rule.
    pub queue_id: Option<Uuid>,
    /// How urgent it is; `null` is as the queue says.
    #[schema(minimum = 0, maximum = 10)]
    pub priority: Option<u8>,
    /// Whom it is kept for while one of them is there.
    pub agent_ids: Vec<Uuid>,
    /// When it was made.
    pub created_at: Time,
    /// Counts its changes; the entity tag is made of it.
    pub version: i64,
}

impl From<&domain::RoutingRule> for RoutingRule {
    fn from(rule: &domain::RoutingRule) -> Self {
        let action = &rule.action;
        Self {
            id: rule.id.0,
            name: rule.name.clone(),
            enabled: rule.enabled,
            sort_order: rule.sort_order,
            conditions: (&rule.conditions).into(),
            queue_id: action.queue_id.map(|id| id.0),
            priority: action.priority.map(domain::Priority::get),
            agent_ids: action.agent_ids.iter().map(|id| id.0).collect(),
            created_at: rule.created_at.into(),
            version: rule.version,
        }
    }
}
