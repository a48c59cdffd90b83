//! Offices.

use crate::domain::{Office, OfficeId, ShownReason};
use crate::store::Error;
use crate::store::offices::nothing_shown;
use crate::store::row::RowOf;
use crate::store::time::to_db;

use super::Writer;

impl Writer<'_> {
    /// What an office shows is written over by the batch's records, if it is something else than a new one's: that has
    /// no queue, so nobody can be there yet.
    pub(super) async fn put_office(&mut self, office: &Office) -> Result<(), Error> {
        let of = RowOf("offices", office.id);
        let hours = office.hours.as_ref();
        let done = sqlx::query!(
            "insert into offices (tenant_id, office_id, name, when_not_live, when_busy, hours, away_after_ms,
                 offline_after_ms, created_at, version, mode, shown_reason, shown_since, shown)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             on conflict (tenant_id, office_id) do update set
                 name = excluded.name, when_not_live = excluded.when_not_live, when_busy = excluded.when_busy,
                 hours = excluded.hours, away_after_ms = excluded.away_after_ms,
                 offline_after_ms = excluded.offline_after_ms, created_at = excluded.created_at,
                 version = excluded.version
                 where offices.version < excluded.version and offices.archived_at is null",
            self.tenant.0,
            office.id.0,
            office.name.as_str(),
            office.when_not_live.as_str(),
            office.when_busy.as_str(),
            hours.map(|hours| of.to_json("hours", hours)).transpose()?,
            office.inactivity.away_after.map(|delay| delay.0),
            office.inactivity.offline_after.map(|delay| delay.0),
            to_db(office.created_at),
            office.version,
            office.when_not_live.mode().as_str(),
            ShownReason::NoMembers.as_str(),
            to_db(self.at),
            nothing_shown(office.id)?,
        )
        .execute(&mut *self.connection)
        .await?;
        of.written("version", &done)
    }

    pub(super) async fn archive_office(&mut self, id: OfficeId) -> Result<(), Error> {
        let done = sqlx::query!(
            "update offices set archived_at = $3
             where tenant_id = $1 and office_id = $2 and archived_at is null",
            self.tenant.0,
            id.0,
            to_db(self.at),
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("offices", id).written("archived_at", &done)
    }
}
