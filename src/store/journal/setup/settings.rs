//! The tenant's settings, which are columns of its row.

use crate::domain::TenantSettings;
use crate::store::Error;
use crate::store::row::RowOf;

use super::Writer;

impl Writer<'_> {
    pub(super) async fn put_settings(&mut self, settings: &TenantSettings) -> Result<(), Error> {
        let of = RowOf("tenants", self.tenant);
        let (disconnect, inactivity) = (settings.disconnect, settings.inactivity);
        let done = sqlx::query!(
            "update tenants set
                 seats = $2, time_zone = $3, disconnect_grace_ms = $4, disconnect_becomes = $5,
                 restore_within_ms = $6, away_after_ms = $7, offline_after_ms = $8, inactivity_resume = $9,
                 lease_ttl_ms = $10, offline_replies = $11, show_agents = $12, show_queue = $13,
                 chats = $14, settings_version = $15
             where tenant_id = $1 and settings_version < $15",
            self.tenant.0,
            of.number::<i32, _>("seats", settings.seats)?,
            settings.time_zone.to_string(),
            disconnect.grace.map(|grace| grace.0),
            disconnect.becomes.as_str(),
            disconnect.restore_within.0,
            inactivity.away_after.map(|delay| delay.0),
            inactivity.offline_after.map(|delay| delay.0),
            inactivity.resume,
            settings.lease_ttl.0,
            settings.offline_replies,
            settings.show_agents,
            settings.show_queue,
            of.to_json("chats", &settings.chats)?,
            settings.version,
        )
        .execute(&mut *self.connection)
        .await?;
        of.written("settings_version", &done)
    }
}
