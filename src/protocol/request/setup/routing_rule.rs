//! Routing rules (ROUTE-1).

use std::collections::BTreeSet;

use deserr::Deserr;
use utoipa::ToSchema;

use crate::domain::{
    AgentId, Comparison, ContactTest, Country, FieldName, FieldText, Hours, Invalid, Language,
    Name, OfficeId, Priority, QueueId, RoutingAction, RoutingConditions, RoutingRule,
    RoutingRuleId, Timestamp, UrlPattern, WidgetId,
};
use crate::faults::{Between, Change, Distinct, FaultCode, Faults, Field, StandIns};
use crate::protocol::wire;

/// Room to put a rule between any two.
type SortOrder = Between<0, 1_000_000>;

/// As many as a person can keep apart; each is tried for every chat.
const PATTERNS_MAX: usize = 20;
/// The same for what is asked of a contact.
const TESTS_MAX: usize = 10;
/// There are 249 countries.
const COUNTRIES_MAX: usize = 250;
/// More than a service answers in.
const LANGUAGES_MAX: usize = 50;
/// A group that one rule can name; larger ones are queues.
const AGENTS_MAX: usize = 100;
/// Widgets, or offices, that one rule can name.
const PLACES_MAX: usize = 100;

/// What is asked of one field of the contact: exactly one of the two comparisons.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields, validate = one_comparison -> Faults)]
pub struct ContactCondition {
    /// `name`, `email`, or a field of a form.
    #[schema(value_type = String, min_length = 1, max_length = 40)]
    pub field: FieldName,
    /// It is this; upper and lower case are the same.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub equals: Option<FieldText>,
    /// This stands somewhere in it.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub contains: Option<FieldText>,
}

fn one_comparison(
    asked: ContactCondition,
    location: deserr::ValuePointerRef<'_>,
) -> Result<ContactCondition, Faults> {
    let at = |field: &str| crate::faults::pointer(location.push_key(field));
    match (&asked.equals, &asked.contains) {
        (Some(_), None) | (None, Some(_)) => Ok(asked),
        (None, None) => Err(Faults::one(
            at("equals"),
            FaultCode::Required,
            "say what it equals or contains",
        )),
        (Some(_), Some(_)) => Err(Faults::one(
            at("contains"),
            FaultCode::Duplicate,
            "say what it equals or contains, not both",
        )),
    }
}

impl ContactCondition {
    fn into_test(self) -> Option<ContactTest> {
        let equals = self.equals.map(Comparison::Equals);
        let test = equals.or(self.contains.map(Comparison::Contains))?;
        Some(ContactTest {
            field: self.field,
            test,
        })
    }
}

/// What a rule asks of a chat. All that is there must hold, of a list one entry; what is absent or null asks nothing.
#[derive(Clone, Debug, Default, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct ChangeRoutingConditions {
    /// The page's whole address fits one of these; `*` stands for any characters. ASCII letters in either case.
    #[deserr(default, try_from(Field<Vec<UrlPattern>>) = few::<_, PATTERNS_MAX> -> Invalid)]
    #[schema(value_type = Option<Vec<String>>, max_items = 20, example = json!(["https://*/cz/*"]))]
    pub url_matches: Field<Vec<UrlPattern>>,
    /// The visitor's language is one of these, whatever its region (primary subtags of BCP 47).
    #[deserr(default, try_from(Field<Distinct<Language>>) = at_most::<_, LANGUAGES_MAX> -> Invalid)]
    #[schema(value_type = Option<Vec<String>>, max_items = 50, example = json!(["cs"]))]
    pub languages: Field<BTreeSet<Language>>,
    /// The visitor is in one of these (ISO 3166-1 alpha-2).
    #[deserr(default, try_from(Field<Distinct<Country>>) = at_most::<_, COUNTRIES_MAX> -> Invalid)]
    #[schema(value_type = Option<Vec<String>>, max_items = 250, example = json!(["CZ"]))]
    pub countries: Field<BTreeSet<Country>>,
    /// What is asked of the contact; every one must hold.
    #[deserr(default, try_from(Field<Vec<ContactCondition>>) = few::<_, TESTS_MAX> -> Invalid)]
    #[schema(value_type = Option<Vec<ContactCondition>>, max_items = 10)]
    pub contact: Field<Vec<ContactCondition>>,
    /// Within these hours only, replaced as a whole.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Hours>)]
    pub hours: Field<Hours>,
    /// The chat came through one of these widgets.
    #[deserr(default, try_from(Field<Distinct<WidgetId>>) = at_most::<_, PLACES_MAX> -> Invalid)]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 100)]
    pub widget_ids: Field<BTreeSet<WidgetId>>,
    /// The visitor chose one of these offices.
    #[deserr(default, try_from(Field<Distinct<OfficeId>>) = at_most::<_, PLACES_MAX> -> Invalid)]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 100)]
    pub office_ids: Field<BTreeSet<OfficeId>>,
}

fn at_most<T: Ord, const MAX: usize>(
    list: Field<Distinct<T>>,
) -> Result<Field<BTreeSet<T>>, Invalid> {
    few::<T, MAX>(list.map(|list| list.0)).map(|list| list.map(|list| list.into_iter().collect()))
}

fn few<T, const MAX: usize>(list: Field<Vec<T>>) -> Result<Field<Vec<T>>, Invalid> {
    match list {
        Field::Value(list) if list.len() > MAX => Err(Invalid::TooLong {
            max: MAX,
            unit: "entries",
        }),
        list => Ok(list),
    }
}

impl ChangeRoutingConditions {
    /// Changes what it names.
    fn apply(self, asked: &mut RoutingConditions) {
        self.url_matches.put_or(&mut asked.url_matches, Vec::new);
        self.languages.put_or(&mut asked.languages, BTreeSet::new);
        self.countries.put_or(&mut asked.countries, BTreeSet::new);
        let tests = |list: Vec<ContactCondition>| {
            let tests = list.into_iter();
            tests.filter_map(ContactCondition::into_test).collect()
        };
        self.contact.map(tests).put_or(&mut asked.contact, Vec::new);
        self.hours.put_into(&mut asked.hours);
        self.widget_ids.put_or(&mut asked.widget_ids, BTreeSet::new);
        self.office_ids.put_or(&mut asked.office_ids, BTreeSet::new);
    }
}

fn order(Between(order): SortOrder) -> i32 {
    i32::try_from(order).unwrap_or(i32::MAX)
}

/// An admin adds a routing rule.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct CreateRoutingRule {
    /// What admins read.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// Whether it is in force; `true` when not named.
    #[deserr(default)]
    pub enabled: Option<bool>,
    /// The lower, the sooner it is tried; 100 when not named.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, maximum = 1_000_000)]
    pub sort_order: Option<SortOrder>,
    /// What it asks of a chat; nothing when not named.
    #[deserr(default)]
    pub conditions: Option<ChangeRoutingConditions>,
    /// Where the chat goes; as without the rule when not named.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    pub queue_id: Option<QueueId>,
    /// How urgent it is; as the queue says when not named.
    #[deserr(default)]
    #[schema(value_type = Option<u8>, minimum = 0, maximum = 10)]
    pub priority: Option<Priority>,
    /// Whom it is kept for while one of them is there; nobody when not named.
    #[deserr(default, try_from(Field<Distinct<AgentId>>) = at_most::<_, AGENTS_MAX> -> Invalid)]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 100)]
    pub agent_ids: Field<BTreeSet<AgentId>>,
}

impl StandIns for CreateRoutingRule {
    const FIELDS: &'static [(&'static str, &'static str)] = &[("name", r#""-""#)];
}

impl CreateRoutingRule {
    /// The rule that is asked for.
    #[must_use]
    pub fn into_rule(self, id: RoutingRuleId, at: Timestamp) -> RoutingRule {
        let mut conditions = RoutingConditions::default();
        self.conditions.unwrap_or_default().apply(&mut conditions);
        RoutingRule {
            id,
            name: self.name,
            enabled: self.enabled.unwrap_or(true),
            sort_order: self.sort_order.map_or(RoutingRule::SORT_ORDER, order),
            conditions,
            action: RoutingAction {
                queue_id: self.queue_id,
                priority: self.priority,
                agent_ids: self.agent_ids.or(None).unwrap_or_default(),
            },
            created_at: at,
            version: 1,
        }
    }
}

/// An admin changes a routing rule; what is not named stays as it is.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchRoutingRule {
    /// What admins read.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub name: Change<Name>,
    /// Whether it is in force; `null` for `true`.
    #[deserr(default)]
    #[schema(value_type = Option<bool>)]
    pub enabled: Field<bool>,
    /// The lower, the sooner it is tried; `null` for 100.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, maximum = 1_000_000)]
    pub sort_order: Field<SortOrder>,
    /// What it asks of a chat, a patch itself; `null` takes all of it away.
    #[deserr(default)]
    #[schema(value_type = Option<ChangeRoutingConditions>)]
    pub conditions: Field<ChangeRoutingConditions>,
    /// Where the chat goes; `null` as without the rule.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    pub queue_id: Field<QueueId>,
    /// How urgent it is; `null` as the queue says.
    #[deserr(default)]
    #[schema(value_type = Option<u8>, minimum = 0, maximum = 10)]
    pub priority: Field<Priority>,
    /// Whom it is kept for while one of them is there, all of them; `null` for nobody.
    #[deserr(default, try_from(Field<Distinct<AgentId>>) = at_most::<_, AGENTS_MAX> -> Invalid)]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 100)]
    pub agent_ids: Field<BTreeSet<AgentId>>,
}

impl StandIns for PatchRoutingRule {}

impl PatchRoutingRule {
    /// Changes what it names; the version is not its business.
    pub fn apply(self, rule: &mut RoutingRule) {
        self.name.put_into(&mut rule.name);
        self.enabled.put_or(&mut rule.enabled, || true);
        self.sort_order
            .map(order)
            .put_or(&mut rule.sort_order, || RoutingRule::SORT_ORDER);
        match self.conditions {
            Field::Absent => {}
            Field::Null => rule.conditions = RoutingConditions::default(),
            Field::Value(change) => change.apply(&mut rule.conditions),
        }
        let action = &mut rule.action;
        self.queue_id.put_into(&mut action.queue_id);
        self.priority.put_into(&mut action.priority);
        self.agent_ids.put_or(&mut action.agent_ids, BTreeSet::new);
    }
}
