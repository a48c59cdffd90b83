//! Bans.

use crate::domain::{Ban, BanId, Banned, Note};
use crate::store::Error;
use crate::store::row::RowOf;
use crate::store::time::{to_db, to_db_opt};

use super::Writer;

impl Writer<'_> {
    pub(super) async fn insert_ban(&mut self, ban: &Ban) -> Result<(), Error> {
        let (contact_id, network) = match &ban.whom {
            Banned::Contact(id) => (Some(id.0), None),
            Banned::Network(network) => (None, Some(network.to_string())),
        };
        let done = sqlx::query!(
            "insert into bans (tenant_id, ban_id, contact_id, network, reason, until_at, created_by, created_at, version)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            self.tenant.0,
            ban.id.0,
            contact_id,
            network,
            ban.reason.as_ref().map(Note::as_str),
            to_db_opt(ban.until),
            ban.created_by.map(|id| id.0),
            to_db(ban.created_at),
            ban.version,
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("bans", ban.id).written("ban_id", &done)
    }

    pub(super) async fn update_ban(&mut self, ban: &Ban) -> Result<(), Error> {
        let done = sqlx::query!(
            "update bans set reason = $3, until_at = $4, version = $5
             where tenant_id = $1 and ban_id = $2 and lifted_at is null",
            self.tenant.0,
            ban.id.0,
            ban.reason.as_ref().map(Note::as_str),
            to_db_opt(ban.until) as _,
            ban.version,
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("bans", ban.id).written("version", &done)
    }

    pub(super) async fn lift_ban(&mut self, id: BanId) -> Result<(), Error> {
        let done = sqlx::query!(
            "update bans set lifted_at = $3 where tenant_id = $1 and ban_id = $2 and lifted_at is null",
            self.tenant.0,
            id.0,
            to_db(self.at),
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("bans", id).written("lifted_at", &done)
    }
}
