//! Skills and dispositions.

use crate::domain::{Disposition, DispositionId, Skill, SkillId};
use crate::store::Error;
use crate::store::row::RowOf;
use crate::store::time::to_db;

use super::Writer;

impl Writer<'_> {
    pub(super) async fn put_skill(&mut self, skill: &Skill) -> Result<(), Error> {
        let done = sqlx::query!(
            "insert into skills (tenant_id, skill_id, name, created_at, version)
             values ($1, $2, $3, $4, $5)
             on conflict (tenant_id, skill_id) do update set
                 name = excluded.name, created_at = excluded.created_at, version = excluded.version
                 where skills.version < excluded.version and skills.archived_at is null",
            self.tenant.0,
            skill.id.0,
            skill.name.as_str(),
            to_db(skill.created_at),
            skill.version,
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("skills", skill.id).written("version", &done)
    }

    pub(super) async fn archive_skill(&mut self, id: SkillId) -> Result<(), Error> {
        let done = sqlx::query!(
            "update skills set archived_at = $3
             where tenant_id = $1 and skill_id = $2 and archived_at is null",
            self.tenant.0,
            id.0,
            to_db(self.at),
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("skills", id).written("archived_at", &done)
    }

    pub(super) async fn put_disposition(&mut self, found: &Disposition) -> Result<(), Error> {
        let done = sqlx::query!(
            "insert into dispositions (tenant_id, disposition_id, name, sort_order, created_at, version)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (tenant_id, disposition_id) do update set
                 name = excluded.name, sort_order = excluded.sort_order, created_at = excluded.created_at,
                 version = excluded.version
                 where dispositions.version < excluded.version and dispositions.archived_at is null",
            self.tenant.0,
            found.id.0,
            found.name.as_str(),
            found.sort_order,
            to_db(found.created_at),
            found.version,
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("dispositions", found.id).written("version", &done)
    }

    pub(super) async fn archive_disposition(&mut self, id: DispositionId) -> Result<(), Error> {
        let done = sqlx::query!(
            "update dispositions set archived_at = $3
             where tenant_id = $1 and disposition_id = $2 and archived_at is null",
            self.tenant.0,
            id.0,
            to_db(self.at),
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("dispositions", id).written("archived_at", &done)
    }
}
