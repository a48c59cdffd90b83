//! Queues with their members.

use uuid::Uuid;

use crate::domain::QueueId;
use crate::engine::QueueView;
use crate::store::Error;
use crate::store::row::RowOf;
use crate::store::time::to_db;

use super::Writer;

impl Writer<'_> {
    pub(super) async fn put_queue(&mut self, view: &QueueView) -> Result<(), Error> {
        let queue = &view.queue;
        let of = RowOf("queues", queue.id);
        let done = sqlx::query!(
            "insert into queues (tenant_id, queue_id, office_id, name, settings, created_at, version)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (tenant_id, queue_id) do update set
                 office_id = excluded.office_id, name = excluded.name, settings = excluded.settings,
                 created_at = excluded.created_at, version = excluded.version
                 where queues.version < excluded.version and queues.archived_at is null",
            self.tenant.0,
            queue.id.0,
            queue.office_id.0,
            queue.name.as_str(),
            of.to_json("settings", &queue.settings)?,
            to_db(queue.created_at),
            queue.version,
        )
        .execute(&mut *self.connection)
        .await?;
        of.written("version", &done)?;
        let members: Vec<Uuid> = view.member_ids.iter().map(|id| id.0).collect();
        self.replace_members(queue.id, &members).await
    }

    async fn replace_members(&mut self, id: QueueId, members: &[Uuid]) -> Result<(), Error> {
        sqlx::query!(
            "delete from queue_members
             where tenant_id = $1 and queue_id = $2 and agent_id <> all ($3)",
            self.tenant.0,
            id.0,
            members,
        )
        .execute(&mut *self.connection)
        .await?;
        // Having logged out of a queue ends with the membership.
        sqlx::query!(
            "update agents set work = jsonb_set(work, '{logged_out}', (work -> 'logged_out') - $2::uuid::text)
             where tenant_id = $1 and agent_id <> all ($3) and work -> 'logged_out' ? $2::uuid::text",
            self.tenant.0,
            id.0,
            members,
        )
        .execute(&mut *self.connection)
        .await?;
        sqlx::query!(
            "insert into queue_members (tenant_id, queue_id, agent_id)
             select $1, $2, agent_id from unnest($3::uuid[]) as m (agent_id)
             on conflict do nothing",
            self.tenant.0,
            id.0,
            members,
        )
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// It has no members any more; its chats stay.
    pub(super) async fn archive_queue(&mut self, id: QueueId) -> Result<(), Error> {
        let done = sqlx::query!(
            "update queues set archived_at = $3
             where tenant_id = $1 and queue_id = $2 and archived_at is null",
            self.tenant.0,
            id.0,
            to_db(self.at),
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("queues", id).written("archived_at", &done)?;
        self.replace_members(id, &[]).await
    }
}
