//! Tags (CHAT-7). No engine decides by them, so they are written here and not by the journal.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{ChatId, Tag, TagId, Timestamp, folded};

use super::row::RowOf;
use super::time::{from_db, to_db};
use super::{Error, TenantTx};

struct TagRow {
    tag_id: Uuid,
    name: String,
    color: String,
    created_at: DateTime<Utc>,
    version: i64,
}

impl TryFrom<TagRow> for Tag {
    type Error = Error;

    fn try_from(row: TagRow) -> Result<Self, Error> {
        let of = RowOf("tags", row.tag_id);
        Ok(Self {
            id: TagId(row.tag_id),
            name: of.parse("name", &row.name)?,
            color: of.parse("color", &row.color)?,
            created_at: from_db(row.created_at),
            version: row.version,
        })
    }
}

/// Reads the tags that a condition chooses; its `$1` is the tenant.
macro_rules! tags_where {
    ($condition:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            TagRow,
            "select tag_id, name, color, created_at, version
             from tags
             where tenant_id = $1 and archived_at is null and " + $condition,
            $($argument),+
        )
    };
}

impl TenantTx {
    /// Counts the tags that are not archived.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn count_tags(&mut self) -> Result<i64, Error> {
        let tenant_id = self.tenant();
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "count!" from tags where tenant_id = $1 and archived_at is null"#,
            tenant_id,
        )
        .fetch_one(self.connection())
        .await?)
    }

    /// Finds a tag that is not archived.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_tag(&mut self, id: TagId) -> Result<Option<Tag>, Error> {
        let tenant_id = self.tenant();
        let row = tags_where!("tag_id = $2", tenant_id, id.0)
            .fetch_optional(self.connection())
            .await?;
        row.map(Tag::try_from).transpose()
    }

    /// Finds those of these tags that are the tenant's and not archived, by their ids. Which of them are missing is for
    /// the caller to say.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_tags(&mut self, ids: &[TagId]) -> Result<Vec<Tag>, Error> {
        let tenant_id = self.tenant();
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = tags_where!("tag_id = any ($2) order by tag_id", tenant_id, &ids)
            .fetch_all(self.connection())
            .await?;
        rows.into_iter().map(Tag::try_from).collect()
    }

    /// Finds those of these tags that a chat may have: the tenant's that are not archived, and those that it has already.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn find_tags_for(
        &mut self,
        chat_id: ChatId,
        ids: &[TagId],
    ) -> Result<BTreeSet<TagId>, Error> {
        let tenant_id = self.tenant();
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let found = sqlx::query_scalar!(
            r#"select t.tag_id
               from tags t
               where t.tenant_id = $1 and t.tag_id = any ($2)
                 and (t.archived_at is null or exists (
                    select from chats c
                    where c.tenant_id = $1 and c.chat_id = $3 and t.tag_id = any (c.tag_ids)))"#,
            tenant_id,
            &ids,
            chat_id.0,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(found.into_iter().map(TagId).collect())
    }

    /// Lists the tags that are not archived, oldest first, from the one that follows `after`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_tags(&mut self, after: Option<TagId>, limit: i64) -> Result<Vec<Tag>, Error> {
        let tenant_id = self.tenant();
        let rows = tags_where!(
            "($2::uuid is null or tag_id > $2) order by tag_id limit $3",
            tenant_id,
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(Tag::try_from).collect()
    }

    /// Writes a new tag.
    ///
    /// # Errors
    /// `Conflict(TagName)` when another one has the name; else as every write.
    pub async fn insert_tag(&mut self, tag: &Tag) -> Result<(), Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "insert into tags (tenant_id, tag_id, name, name_folded, color, created_at, version)
             values ($1, $2, $3, $4, $5, $6, $7)",
            tenant_id,
            tag.id.0,
            tag.name.as_str(),
            folded(tag.name.as_str()),
            tag.color.to_string(),
            to_db(tag.created_at),
            tag.version,
        )
        .execute(self.connection())
        .await?;
        RowOf("tags", tag.id).written("tag_id", &done)
    }

    /// Writes a changed tag, if the stored one still has the version `expected`. Says whether it had.
    ///
    /// # Errors
    /// `Conflict(TagName)` when another one has the name; else as every write.
    pub async fn update_tag(&mut self, tag: &Tag, expected: i64) -> Result<bool, Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "update tags set name = $4, name_folded = $5, color = $6, version = $7
             where tenant_id = $1 and tag_id = $2 and version = $3 and archived_at is null",
            tenant_id,
            tag.id.0,
            expected,
            tag.name.as_str(),
            folded(tag.name.as_str()),
            tag.color.to_string(),
            tag.version,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Archives a tag, if it still has the version `expected`. Says whether it had.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`.
    pub async fn archive_tag(
        &mut self,
        id: TagId,
        expected: i64,
        at: Timestamp,
    ) -> Result<bool, Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "update tags set archived_at = $4
             where tenant_id = $1 and tag_id = $2 and version = $3 and archived_at is null",
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
