//! Custom statuses and kinds of pause.

use crate::domain::{CustomStatus, Pause, PauseId, StatusId};
use crate::store::Error;
use crate::store::row::RowOf;
use crate::store::time::to_db;

use super::Writer;

impl Writer<'_> {
    pub(super) async fn put_status(&mut self, status: &CustomStatus) -> Result<(), Error> {
        let done = sqlx::query!(
            "insert into statuses (tenant_id, status_id, name, base, handles_chats, paid, color, sort_order,
                 longest_a_day_ms, created_at, version)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             on conflict (tenant_id, status_id) do update set
                 name = excluded.name, base = excluded.base, handles_chats = excluded.handles_chats,
                 paid = excluded.paid, color = excluded.color, sort_order = excluded.sort_order,
                 longest_a_day_ms = excluded.longest_a_day_ms, created_at = excluded.created_at,
                 version = excluded.version
                 where statuses.version < excluded.version and statuses.archived_at is null",
            self.tenant.0,
            status.id.0,
            status.name.as_str(),
            status.base.as_str(),
            status.handles_chats,
            status.paid,
            status.color.to_string(),
            status.sort_order,
            status.longest_a_day.map(|bound| bound.0),
            to_db(status.created_at),
            status.version,
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("statuses", status.id).written("version", &done)
    }

    pub(super) async fn archive_status(&mut self, id: StatusId) -> Result<(), Error> {
        let done = sqlx::query!(
            "update statuses set archived_at = $3
             where tenant_id = $1 and status_id = $2 and archived_at is null",
            self.tenant.0,
            id.0,
            to_db(self.at),
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("statuses", id).written("archived_at", &done)
    }

    pub(super) async fn put_pause(&mut self, pause: &Pause) -> Result<(), Error> {
        let done = sqlx::query!(
            "insert into pauses (tenant_id, pause_id, name, paid, longest_ms, on_overrun, sort_order, created_at,
                 version)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (tenant_id, pause_id) do update set
                 name = excluded.name, paid = excluded.paid, longest_ms = excluded.longest_ms,
                 on_overrun = excluded.on_overrun, sort_order = excluded.sort_order,
                 created_at = excluded.created_at, version = excluded.version
                 where pauses.version < excluded.version and pauses.archived_at is null",
            self.tenant.0,
            pause.id.0,
            pause.name.as_str(),
            pause.paid,
            pause.longest.map(|bound| bound.0),
            pause.on_overrun.as_str(),
            pause.sort_order,
            to_db(pause.created_at),
            pause.version,
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("pauses", pause.id).written("version", &done)
    }

    pub(super) async fn archive_pause(&mut self, id: PauseId) -> Result<(), Error> {
        let done = sqlx::query!(
            "update pauses set archived_at = $3
             where tenant_id = $1 and pause_id = $2 and archived_at is null",
            self.tenant.0,
            id.0,
            to_db(self.at),
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("pauses", id).written("archived_at", &done)
    }
}
