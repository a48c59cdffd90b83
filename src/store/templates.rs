//! Templates (CHAT-7). No engine decides by them, so they are written here and not by the journal.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{OfficeId, Shortcut, Template, TemplateId, Timestamp, folded};

use super::row::RowOf;
use super::time::{from_db, to_db};
use super::{Error, TenantTx};

/// Which templates to list; what is `None` does not narrow the list.
#[derive(Clone, Debug, Default)]
pub struct TemplateFilter {
    /// For this office: its own, and those for every one.
    pub office_id: Option<OfficeId>,
    /// With this somewhere in their name or shortcut, in either case.
    pub search: Option<String>,
}

struct TemplateRow {
    template_id: Uuid,
    name: String,
    shortcut: Option<String>,
    text: String,
    office_ids: Vec<Uuid>,
    sort_order: i32,
    created_at: DateTime<Utc>,
    version: i64,
}

impl TryFrom<TemplateRow> for Template {
    type Error = Error;

    fn try_from(row: TemplateRow) -> Result<Self, Error> {
        let of = RowOf("templates", row.template_id);
        Ok(Self {
            id: TemplateId(row.template_id),
            name: of.parse("name", &row.name)?,
            shortcut: of.parse_opt("shortcut", row.shortcut.as_deref())?,
            text: of.parse("text", &row.text)?,
            office_ids: row.office_ids.into_iter().map(OfficeId).collect(),
            sort_order: row.sort_order,
            created_at: from_db(row.created_at),
            version: row.version,
        })
    }
}

fn office_ids(template: &Template) -> Vec<Uuid> {
    template.office_ids.iter().map(|id| id.0).collect()
}

/// Reads the templates that a condition chooses; its `$1` is the tenant.
macro_rules! templates_where {
    ($condition:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            TemplateRow,
            "select template_id, name, shortcut, text, office_ids, sort_order, created_at, version
             from templates
             where tenant_id = $1 and archived_at is null and " + $condition,
            $($argument),+
        )
    };
}

impl TenantTx {
    /// Counts the templates that are not archived.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn count_templates(&mut self) -> Result<i64, Error> {
        let tenant_id = self.tenant();
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "count!" from templates where tenant_id = $1 and archived_at is null"#,
            tenant_id,
        )
        .fetch_one(self.connection())
        .await?)
    }

    /// Finds a template that is not archived.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_template(&mut self, id: TemplateId) -> Result<Option<Template>, Error> {
        let tenant_id = self.tenant();
        let row = templates_where!("template_id = $2", tenant_id, id.0)
            .fetch_optional(self.connection())
            .await?;
        row.map(Template::try_from).transpose()
    }

    /// Lists the templates that are not archived and pass a filter, oldest first, from the one that follows `after`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_templates(
        &mut self,
        filter: &TemplateFilter,
        after: Option<TemplateId>,
        limit: i64,
    ) -> Result<Vec<Template>, Error> {
        let tenant_id = self.tenant();
        let search = filter.search.as_deref().map(folded);
        let rows = templates_where!(
            "($2::uuid is null or office_ids = '{}' or $2 = any (office_ids))
                 and ($3::text is null or position($3 in name_folded) > 0
                     or position($3 in coalesce(shortcut_folded, '')) > 0)
                 and ($4::uuid is null or template_id > $4)
             order by template_id
             limit $5",
            tenant_id,
            filter.office_id.map(|id| id.0) as Option<Uuid>,
            search as Option<String>,
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(Template::try_from).collect()
    }

    /// Writes a new template.
    ///
    /// # Errors
    /// `Conflict(TemplateShortcut)` when another one has the shortcut; else as every write.
    pub async fn insert_template(&mut self, template: &Template) -> Result<(), Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "insert into templates
                 (tenant_id, template_id, name, name_folded, shortcut, shortcut_folded, text, office_ids, sort_order,
                  created_at, version)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            tenant_id,
            template.id.0,
            template.name.as_str(),
            folded(template.name.as_str()),
            template.shortcut.as_ref().map(Shortcut::as_str),
            template.shortcut.as_ref().map(Shortcut::folded),
            template.text.as_str(),
            &office_ids(template),
            template.sort_order,
            to_db(template.created_at),
            template.version,
        )
        .execute(self.connection())
        .await?;
        RowOf("templates", template.id).written("template_id", &done)
    }

    /// Writes a changed template, if the stored one still has the version `expected`. Says whether it had.
    ///
    /// # Errors
    /// `Conflict(TemplateShortcut)` when another one has the shortcut; else as every write.
    pub async fn update_template(
        &mut self,
        template: &Template,
        expected: i64,
    ) -> Result<bool, Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "update templates
             set name = $4, name_folded = $5, shortcut = $6, shortcut_folded = $7, text = $8, office_ids = $9,
                 sort_order = $10, version = $11
             where tenant_id = $1 and template_id = $2 and version = $3 and archived_at is null",
            tenant_id,
            template.id.0,
            expected,
            template.name.as_str(),
            folded(template.name.as_str()),
            template.shortcut.as_ref().map(Shortcut::as_str),
            template.shortcut.as_ref().map(Shortcut::folded),
            template.text.as_str(),
            &office_ids(template),
            template.sort_order,
            template.version,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Archives a template, if it still has the version `expected`. Says whether it had.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`.
    pub async fn archive_template(
        &mut self,
        id: TemplateId,
        expected: i64,
        at: Timestamp,
    ) -> Result<bool, Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "update templates set archived_at = $4
             where tenant_id = $1 and template_id = $2 and version = $3 and archived_at is null",
            tenant_id,
            id.0,
            expected,
            to_db(at),
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
