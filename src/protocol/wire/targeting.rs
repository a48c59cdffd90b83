//! Targeting rules, and the greeting that one of them gives.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Time;
use crate::domain::{self, Name, Note};

/// What a rule asks of a visit. What is `null` or empty asks nothing; all else must hold.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Conditions {
    /// Stands somewhere in the page's address.
    pub url_contains: Option<String>,
    /// Fits the page's whole address; `*` stands for any characters.
    pub url_matches: Option<String>,
    /// How long the visitor has been on the page at least.
    pub min_time_on_page_s: Option<u32>,
    /// How many visits this is at least, this one among them.
    pub min_visits: Option<u32>,
    /// Stands somewhere in the address of the page that led here.
    pub referrer_contains: Option<String>,
    /// The visitor is in one of them (ISO 3166-1 alpha-2).
    pub countries: Vec<String>,
    /// The visitor's language is one of them, whatever its region.
    pub languages: Vec<String>,
}

impl From<&domain::Conditions> for Conditions {
    fn from(asked: &domain::Conditions) -> Self {
        let part = |part: &Option<domain::UrlPart>| {
            let part = part.as_ref();
            part.map(|part| part.as_str().to_owned())
        };
        let pattern = asked.url_matches.as_ref();
        let countries = asked.countries.iter();
        let languages = asked.languages.iter();
        Self {
            url_contains: part(&asked.url_contains),
            url_matches: pattern.map(|pattern| pattern.as_str().to_owned()),
            min_time_on_page_s: asked.min_time_on_page_s,
            min_visits: asked.min_visits,
            referrer_contains: part(&asked.referrer_contains),
            countries: countries.map(|it| it.as_str().to_owned()).collect(),
            languages: languages.map(|it| it.as_str().to_owned()).collect(),
        }
    }
}

/// Which visitors are offered which greeting.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TargetingRule {
    /// Its id.
    pub id: Uuid,
    /// What admins read.
    #[schema(value_type = String)]
    pub name: Name,
    /// The widget that it is for; `null` for every one.
    pub widget_id: Option<Uuid>,
    /// The office that must be live; `null` for any of the widget's.
    pub office_id: Option<Uuid>,
    /// Whether it is in force.
    pub enabled: bool,
    /// The lower, the sooner it is tried; of the same the older one.
    pub sort_order: i32,
    /// What it asks of a visit.
    pub conditions: Conditions,
    /// What the visitor reads.
    #[schema(value_type = String)]
    pub greeting: Note,
    /// When it was made.
    pub created_at: Time,
    /// Rises with every change; `ETag` says the same.
    pub version: i64,
}

impl From<&domain::TargetingRule> for TargetingRule {
    fn from(rule: &domain::TargetingRule) -> Self {
        Self {
            id: rule.id.0,
            name: rule.name.clone(),
            widget_id: rule.widget_id.map(|id| id.0),
            office_id: rule.office_id.map(|id| id.0),
            enabled: rule.enabled,
            sort_order: rule.sort_order,
            conditions: (&rule.conditions).into(),
            greeting: rule.greeting.clone(),
            created_at: rule.created_at.into(),
            version: rule.version,
        }
    }
}

/// What a visitor is offered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Greeting {
    /// The rule that offers it.
    pub rule_id: Uuid,
    /// What the visitor reads.
    #[schema(value_type = String)]
    pub text: Note,
}

/// The answer to a widget that asks for a greeting.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GreetingAnswer {
    /// The greeting; `null` when there is none now.
    pub greeting: Option<Greeting>,
    /// In how many seconds there may be one if the visitor stays on the page; `null` when there is one, or staying
    /// changes nothing.
    pub retry_after_s: Option<u32>,
}
