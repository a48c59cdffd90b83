//! Skills and dispositions as readers see them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{Disposition, DispositionId, Skill, SkillId};

use super::row::RowOf;
use super::time::from_db;
use super::{Error, TenantTx};

struct SkillRow {
    skill_id: Uuid,
    name: String,
    created_at: DateTime<Utc>,
    version: i64,
}

impl TryFrom<SkillRow> for Skill {
    type Error = Error;

    fn try_from(row: SkillRow) -> Result<Self, Error> {
        let of = RowOf("skills", row.skill_id);
        Ok(Self {
            id: SkillId(row.skill_id),
            name: of.parse("name", &row.name)?,
            created_at: from_db(row.created_at),
            version: row.version,
        })
    }
}

struct DispositionRow {
    disposition_id: Uuid,
    name: String,
    sort_order: i32,
    created_at: DateTime<Utc>,
    version: i64,
}

impl TryFrom<DispositionRow> for Disposition {
    type Error = Error;

    fn try_from(row: DispositionRow) -> Result<Self, Error> {
        let of = RowOf("dispositions", row.disposition_id);
        Ok(Self {
            id: DispositionId(row.disposition_id),
            name: of.parse("name", &row.name)?,
            sort_order: row.sort_order,
            created_at: from_db(row.created_at),
            version: row.version,
        })
    }
}

impl TenantTx {
    /// Finds a skill that is not archived.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_skill(&mut self, id: SkillId) -> Result<Option<Skill>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            SkillRow,
            "select skill_id, name, created_at, version from skills
             where tenant_id = $1 and skill_id = $2 and archived_at is null",
            tenant_id,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(Skill::try_from).transpose()
    }

    /// Lists the skills that are not archived, oldest first, from the one that follows `after`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_skills(
        &mut self,
        after: Option<SkillId>,
        limit: i64,
    ) -> Result<Vec<Skill>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            SkillRow,
            "select skill_id, name, created_at, version from skills
             where tenant_id = $1 and archived_at is null and ($2::uuid is null or skill_id > $2)
             order by skill_id limit $3",
            tenant_id,
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(Skill::try_from).collect()
    }

    /// Finds a disposition that is not archived.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_disposition(
        &mut self,
        id: DispositionId,
    ) -> Result<Option<Disposition>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            DispositionRow,
            "select disposition_id, name, sort_order, created_at, version from dispositions
             where tenant_id = $1 and disposition_id = $2 and archived_at is null",
            tenant_id,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(Disposition::try_from).transpose()
    }

    /// Lists the dispositions that are not archived, oldest first, from the one that follows `after`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_dispositions(
        &mut self,
        after: Option<DispositionId>,
        limit: i64,
    ) -> Result<Vec<Disposition>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            DispositionRow,
            "select disposition_id, name, sort_order, created_at, version from dispositions
             where tenant_id = $1 and archived_at is null and ($2::uuid is null or disposition_id > $2)
             order by disposition_id limit $3",
            tenant_id,
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(Disposition::try_from).collect()
    }
}
