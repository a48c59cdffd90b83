//! Making and changing targeting rules, and asking for a greeting.

use std::collections::BTreeSet;

use deserr::Deserr;
use utoipa::ToSchema;

use crate::domain::{
    Address, Conditions, Country, Invalid, Language, LanguageTag, Name, Note, OfficeId,
    TargetingRule, TargetingRuleId, Timestamp, UrlPart, UrlPattern, Visit, WidgetId,
};
use crate::faults::{Between, Change, Distinct, Faults, Field, StandIns, between};

/// Room to put a rule between any two.
type SortOrder = Between<0, 1_000_000>;
/// From a second to a day: longer than that nobody reads a page.
type TimeOnPage = Between<1, 86_400>;
type Visits = Between<1, 1_000_000>;

/// There are 249 countries.
const COUNTRIES_MAX: usize = 250;
/// A greeting has one language, and a few that are near to it.
const LANGUAGES_MAX: usize = 50;

/// What a rule asks of a visit. All that is there must hold; what is absent or null asks nothing.
#[derive(Clone, Debug, Default, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct ChangeConditions {
    /// Stands somewhere in the page's address; ASCII letters in either case.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub url_contains: Field<UrlPart>,
    /// Fits the page's whole address; `*` stands for any characters. ASCII letters in either case.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "https://*/pricing*")]
    pub url_matches: Field<UrlPattern>,
    /// How long the visitor has been on the page at least.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 86400)]
    pub min_time_on_page_s: Field<TimeOnPage>,
    /// How many visits this is at least, this one among them.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1_000_000)]
    pub min_visits: Field<Visits>,
    /// Stands somewhere in the address of the page that led here; ASCII letters in either case.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub referrer_contains: Field<UrlPart>,
    /// The visitor is in one of them (ISO 3166-1 alpha-2).
    #[deserr(default, try_from(Field<Distinct<Country>>) = at_most::<_, COUNTRIES_MAX> -> Invalid)]
    #[schema(value_type = Option<Vec<String>>, max_items = 250, example = json!(["AT", "DE"]))]
    pub countries: Field<BTreeSet<Country>>,
    /// The visitor's language is one of them, whatever its region (primary subtags of BCP 47).
    #[deserr(default, try_from(Field<Distinct<Language>>) = at_most::<_, LANGUAGES_MAX> -> Invalid)]
    #[schema(value_type = Option<Vec<String>>, max_items = 50, example = json!(["de"]))]
    pub languages: Field<BTreeSet<Language>>,
}

fn at_most<T: Ord, const MAX: usize>(
    list: Field<Distinct<T>>,
) -> Result<Field<BTreeSet<T>>, Invalid> {
    match list {
        Field::Value(list) if list.0.len() > MAX => Err(Invalid::TooLong {
            max: MAX,
            unit: "entries",
        }),
        list => Ok(list.map(|list| list.0.into_iter().collect())),
    }
}

/// A number whose bounds fit its type.
fn number<const MIN: i64, const MAX: i64>(Between(number): Between<MIN, MAX>) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl ChangeConditions {
    /// Changes what it names.
    pub fn apply(self, asked: &mut Conditions) {
        self.url_contains.put_into(&mut asked.url_contains);
        self.url_matches.put_into(&mut asked.url_matches);
        let seconds = self.min_time_on_page_s.map(number);
        seconds.put_into(&mut asked.min_time_on_page_s);
        self.min_visits.map(number).put_into(&mut asked.min_visits);
        self.referrer_contains
            .put_into(&mut asked.referrer_contains);
        self.countries
            .put_or(&mut asked.countries, BTreeSet::default);
        self.languages
            .put_or(&mut asked.languages, BTreeSet::default);
    }
}

fn order(Between(order): SortOrder) -> i32 {
    i32::try_from(order).unwrap_or(i32::MAX)
}

/// An admin adds a targeting rule.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct CreateTargetingRule {
    /// What admins read.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// The widget that it is for; every one when not named.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    pub widget_id: Option<WidgetId>,
    /// The office that must be live; any of the widget's when not named.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    pub office_id: Option<OfficeId>,
    /// Whether it is in force; `true` when not named.
    #[deserr(default)]
    pub enabled: Option<bool>,
    /// The lower, the sooner it is tried; 100 when not named.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, maximum = 1_000_000)]
    pub sort_order: Option<SortOrder>,
    /// What it asks of a visit; nothing when not named.
    #[deserr(default)]
    pub conditions: Option<ChangeConditions>,
    /// What the visitor reads.
    #[schema(value_type = String, min_length = 1, max_length = 500)]
    pub greeting: Note,
}

impl StandIns for CreateTargetingRule {
    const FIELDS: &'static [(&'static str, &'static str)] =
        &[("name", r#""-""#), ("greeting", r#""-""#)];
}

impl CreateTargetingRule {
    /// The rule that is asked for.
    #[must_use]
    pub fn into_rule(self, id: TargetingRuleId, at: Timestamp) -> TargetingRule {
        let mut conditions = Conditions::default();
        self.conditions.unwrap_or_default().apply(&mut conditions);
        TargetingRule {
            id,
            name: self.name,
            widget_id: self.widget_id,
            office_id: self.office_id,
            enabled: self.enabled.unwrap_or(true),
            sort_order: self.sort_order.map_or(TargetingRule::SORT_ORDER, order),
            conditions,
            greeting: self.greeting,
            created_at: at,
            version: 1,
        }
    }
}

/// An admin changes a targeting rule; what is not named stays as it is.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchTargetingRule {
    /// What admins read.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub name: Change<Name>,
    /// The widget that it is for; `null` for every one.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    pub widget_id: Field<WidgetId>,
    /// The office that must be live; `null` for any of the widget's.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    pub office_id: Field<OfficeId>,
    /// Whether it is in force; `null` for `true`.
    #[deserr(default)]
    #[schema(value_type = Option<bool>)]
    pub enabled: Field<bool>,
    /// The lower, the sooner it is tried; `null` for 100.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, maximum = 1_000_000)]
    pub sort_order: Field<SortOrder>,
    /// What it asks of a visit, a patch itself; `null` takes all of it away.
    #[deserr(default)]
    #[schema(value_type = Option<ChangeConditions>)]
    pub conditions: Field<ChangeConditions>,
    /// What the visitor reads.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 500)]
    pub greeting: Change<Note>,
}

impl StandIns for PatchTargetingRule {}

impl PatchTargetingRule {
    /// Changes what it names; the version is not its business.
    pub fn apply(self, rule: &mut TargetingRule) {
        self.name.put_into(&mut rule.name);
        self.widget_id.put_into(&mut rule.widget_id);
        self.office_id.put_into(&mut rule.office_id);
        self.enabled.put_or(&mut rule.enabled, || true);
        self.sort_order
            .map(order)
            .put_or(&mut rule.sort_order, || TargetingRule::SORT_ORDER);
        match self.conditions {
            Field::Absent => {}
            Field::Null => rule.conditions = Conditions::default(),
            Field::Value(change) => change.apply(&mut rule.conditions),
        }
        self.greeting.put_into(&mut rule.greeting);
    }
}

/// A widget asks whether its visitor is to be greeted.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct AskGreeting {
    /// The page's address.
    #[schema(value_type = String, min_length = 1, max_length = 4096)]
    pub url: Address,
    /// How long the page has been open.
    #[deserr(try_from(i64) = between::<_, 0, 2_147_483_647> -> Invalid)]
    #[schema(maximum = 2_147_483_647)]
    pub time_on_page_s: u32,
    /// How many visits this is, this one among them.
    #[deserr(try_from(i64) = between::<_, 1, 2_147_483_647> -> Invalid)]
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub visits: u32,
    /// The address of the page that led here.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4096)]
    pub referrer: Option<Address>,
    /// What the browser prefers.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 35, example = "de-AT")]
    pub language: Option<LanguageTag>,
}

impl AskGreeting {
    /// What is known of the visit, with what the server knows besides.
    #[must_use]
    pub fn into_visit(
        self,
        widget_id: WidgetId,
        live_offices: Vec<OfficeId>,
        country: Option<Country>,
    ) -> Visit {
        Visit {
            widget_id,
            live_offices,
            url: self.url,
            time_on_page_s: self.time_on_page_s,
            visits: self.visits,
            referrer: self.referrer,
            country,
            language: self.language,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::faults::read;

    const ID: &str = "01890000-0000-7000-8000-000000000001";

    fn rule(more: &[(&str, Value)]) -> TargetingRule {
        let mut body = json!({"name": "Pricing", "greeting": "Hello"});
        for (field, value) in more {
            body[*field] = value.clone();
        }
        let request: CreateTargetingRule = read(body).unwrap();
        request.into_rule(TargetingRuleId(Uuid::nil()), Timestamp(0))
    }

    fn full() -> TargetingRule {
        let conditions = json!({
            "url_contains": "/pricing", "url_matches": "*", "min_time_on_page_s": 5, "min_visits": 2,
            "referrer_contains": "search", "countries": ["de"], "languages": ["DE"],
        });
        rule(&[
            ("widget_id", json!(ID)),
            ("office_id", json!(ID)),
            ("enabled", json!(false)),
            ("sort_order", json!(7)),
            ("conditions", conditions),
        ])
    }

    fn patched(patch: Value) -> TargetingRule {
        let mut rule = full();
        read::<PatchTargetingRule>(patch).unwrap().apply(&mut rule);
        rule
    }

    #[test]
    fn a_rule_is_in_force_and_asks_nothing_unless_it_says_so() {
        let plain = rule(&[]);

        assert!(plain.enabled);
        assert_eq!(plain.sort_order, TargetingRule::SORT_ORDER);
        assert_eq!(plain.conditions, Conditions::default());
        assert_eq!((plain.widget_id, plain.office_id), (None, None));
    }

    #[test]
    fn a_patch_leaves_what_it_does_not_name_and_null_takes_back() {
        assert_eq!(patched(json!({})), full());
        let nothing = json!({
            "widget_id": null, "office_id": null, "enabled": null, "sort_order": null,
            "conditions": null,
        });
        assert_eq!(patched(nothing), rule(&[]));
        let one = patched(json!({"conditions": {"countries": null, "min_visits": 3}}));
        let mut expected = full();
        expected.conditions.countries.clear();
        expected.conditions.min_visits = Some(3);
        assert_eq!(one, expected);
    }

    #[test]
    fn every_bad_field_of_a_rule_is_named() {
        let many: Vec<String> = (0..51_u8)
            .map(|n| {
                format!(
                    "a{}{}",
                    char::from(b'a' + n / 26),
                    char::from(b'a' + n % 26)
                )
            })
            .collect();
        let body = json!({
            "name": null, "greeting": "", "sort_order": -1,
            "conditions": {
                "url_matches": "", "min_time_on_page_s": 0, "min_visits": "3",
                "countries": ["DE", "de"], "languages": many, "url": 1,
            },
        });

        let mut found: Vec<_> = read::<PatchTargetingRule>(body)
            .unwrap_err()
            .0
            .into_iter()
            .map(|fault| format!("{} {}", fault.pointer, fault.code.as_str()))
            .collect();
        found.sort();

        assert_eq!(
            found,
            [
                "/conditions/countries/1 duplicate",
                "/conditions/languages too_long",
                "/conditions/min_time_on_page_s out_of_range",
                "/conditions/min_visits wrong_type",
                "/conditions/url unknown_field",
                "/conditions/url_matches too_short",
                "/greeting too_short",
                "/name wrong_type",
                "/sort_order out_of_range",
            ]
        );
    }
}
