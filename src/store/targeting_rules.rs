//! Targeting rules (AVAIL-6). No engine decides by them, so they are written here and not by the journal.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{
    Conditions, Millis, OfficeId, TargetingRule, TargetingRuleId, UrlPart, UrlPattern, WidgetId,
};

use super::row::RowOf;
use super::time::{from_db, to_db};
use super::{Error, TenantTx};

struct RuleRow {
    rule_id: Uuid,
    name: String,
    widget_id: Option<Uuid>,
    office_id: Option<Uuid>,
    enabled: bool,
    sort_order: i32,
    url_contains: Option<String>,
    url_matches: Option<String>,
    min_time_on_page_ms: Option<i64>,
    min_visits: Option<i32>,
    referrer_contains: Option<String>,
    countries: Vec<String>,
    languages: Vec<String>,
    greeting: String,
    version: i64,
    created_at: DateTime<Utc>,
}

impl RuleRow {
    fn conditions(&self) -> Result<Conditions, Error> {
        let of = RowOf("targeting_rules", self.rule_id);
        let seconds = self.min_time_on_page_ms.map(|ms| Millis(ms).as_secs());
        let countries = self.countries.iter();
        let languages = self.languages.iter();
        Ok(Conditions {
            url_contains: of.parse_opt("url_contains", self.url_contains.as_deref())?,
            url_matches: of.parse_opt("url_matches", self.url_matches.as_deref())?,
            min_time_on_page_s: seconds
                .map(|seconds| of.number("min_time_on_page_ms", seconds))
                .transpose()?,
            min_visits: self
                .min_visits
                .map(|visits| of.number("min_visits", visits))
                .transpose()?,
            referrer_contains: of
                .parse_opt("referrer_contains", self.referrer_contains.as_deref())?,
            countries: countries
                .map(|country| of.parse("countries", country))
                .collect::<Result<_, _>>()?,
            languages: languages
                .map(|language| of.parse("languages", language))
                .collect::<Result<_, _>>()?,
        })
    }
}

impl TryFrom<RuleRow> for TargetingRule {
    type Error = Error;

    fn try_from(row: RuleRow) -> Result<Self, Error> {
        let of = RowOf("targeting_rules", row.rule_id);
        Ok(Self {
            id: TargetingRuleId(row.rule_id),
            name: of.parse("name", &row.name)?,
            widget_id: row.widget_id.map(WidgetId),
            office_id: row.office_id.map(OfficeId),
            enabled: row.enabled,
            sort_order: row.sort_order,
            conditions: row.conditions()?,
            greeting: of.parse("greeting", &row.greeting)?,
            created_at: from_db(row.created_at),
            version: row.version,
        })
    }
}

/// The columns of a rule that can change, as the database takes them.
struct Columns {
    widget_id: Option<Uuid>,
    office_id: Option<Uuid>,
    min_time_on_page_ms: Option<i64>,
    min_visits: Option<i32>,
    countries: Vec<String>,
    languages: Vec<String>,
}

impl Columns {
    fn of(rule: &TargetingRule) -> Result<Self, Error> {
        let of = RowOf("targeting_rules", rule.id);
        let asked = &rule.conditions;
        let seconds = asked.min_time_on_page_s;
        let countries = asked.countries.iter();
        let languages = asked.languages.iter();
        Ok(Self {
            widget_id: rule.widget_id.map(|id| id.0),
            office_id: rule.office_id.map(|id| id.0),
            min_time_on_page_ms: seconds.map(|seconds| Millis::from_secs(seconds.into()).0),
            min_visits: asked
                .min_visits
                .map(|visits| of.number("min_visits", visits))
                .transpose()?,
            countries: countries
                .map(|country| country.as_str().to_owned())
                .collect(),
            languages: languages
                .map(|language| language.as_str().to_owned())
                .collect(),
        })
    }
}

impl TenantTx {
    /// Counts the rules.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn count_targeting_rules(&mut self) -> Result<i64, Error> {
        let tenant_id = self.tenant();
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "count!" from targeting_rules where tenant_id = $1"#,
            tenant_id,
        )
        .fetch_one(self.connection())
        .await?)
    }

    /// Finds a rule.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_targeting_rule(
        &mut self,
        id: TargetingRuleId,
    ) -> Result<Option<TargetingRule>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            RuleRow,
            "select rule_id, name, widget_id, office_id, enabled, sort_order, url_contains, url_matches,
                 min_time_on_page_ms, min_visits, referrer_contains, countries, languages, greeting, version,
                 created_at
             from targeting_rules
             where tenant_id = $1 and rule_id = $2",
            tenant_id,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(TargetingRule::try_from).transpose()
    }

    /// Lists the rules, oldest first, from the one that follows `after`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_targeting_rules(
        &mut self,
        after: Option<TargetingRuleId>,
        limit: i64,
    ) -> Result<Vec<TargetingRule>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            RuleRow,
            "select rule_id, name, widget_id, office_id, enabled, sort_order, url_contains, url_matches,
                 min_time_on_page_ms, min_visits, referrer_contains, countries, languages, greeting, version,
                 created_at
             from targeting_rules
             where tenant_id = $1 and ($2::uuid is null or rule_id > $2)
             order by rule_id
             limit $3",
            tenant_id,
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(TargetingRule::try_from).collect()
    }

    /// Writes a new rule.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`, `Conflict`.
    pub async fn insert_targeting_rule(&mut self, rule: &TargetingRule) -> Result<(), Error> {
        let tenant_id = self.tenant();
        let columns = Columns::of(rule)?;
        let asked = &rule.conditions;
        let done = sqlx::query!(
            "insert into targeting_rules
                 (tenant_id, rule_id, name, widget_id, office_id, enabled, sort_order, url_contains, url_matches,
                  min_time_on_page_ms, min_visits, referrer_contains, countries, languages, greeting, version,
                  created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
            tenant_id,
            rule.id.0,
            rule.name.as_str(),
            columns.widget_id,
            columns.office_id,
            rule.enabled,
            rule.sort_order,
            asked.url_contains.as_ref().map(UrlPart::as_str),
            asked.url_matches.as_ref().map(UrlPattern::as_str),
            columns.min_time_on_page_ms,
            columns.min_visits,
            asked.referrer_contains.as_ref().map(UrlPart::as_str),
            &columns.countries,
            &columns.languages,
            rule.greeting.as_str(),
            rule.version,
            to_db(rule.created_at),
        )
        .execute(self.connection())
        .await?;
        RowOf("targeting_rules", rule.id).written("rule_id", &done)
    }

    /// Writes a changed rule, if the stored one still has the version `expected`. Says whether it had.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`, `Conflict`.
    pub async fn update_targeting_rule(
        &mut self,
        rule: &TargetingRule,
        expected: i64,
    ) -> Result<bool, Error> {
        let tenant_id = self.tenant();
        let columns = Columns::of(rule)?;
        let asked = &rule.conditions;
        let done = sqlx::query!(
            "update targeting_rules
             set name = $4, widget_id = $5, office_id = $6, enabled = $7, sort_order = $8, url_contains = $9,
                 url_matches = $10, min_time_on_page_ms = $11, min_visits = $12, referrer_contains = $13,
                 countries = $14, languages = $15, greeting = $16, version = $17
             where tenant_id = $1 and rule_id = $2 and version = $3",
            tenant_id,
            rule.id.0,
            expected,
            rule.name.as_str(),
            columns.widget_id,
            columns.office_id,
            rule.enabled,
            rule.sort_order,
            asked.url_contains.as_ref().map(UrlPart::as_str),
            asked.url_matches.as_ref().map(UrlPattern::as_str),
            columns.min_time_on_page_ms,
            columns.min_visits,
            asked.referrer_contains.as_ref().map(UrlPart::as_str),
            &columns.countries,
            &columns.languages,
            rule.greeting.as_str(),
            rule.version,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes a rule, if it still has the version `expected`. Says whether it had.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`.
    pub async fn delete_targeting_rule(
        &mut self,
        id: TargetingRuleId,
        expected: i64,
    ) -> Result<bool, Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "delete from targeting_rules where tenant_id = $1 and rule_id = $2 and version = $3",
            tenant_id,
            id.0,
            expected,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
