//! A tenant's settings as readers see them.

use crate::domain::{DisconnectSettings, InactivitySettings, Millis, TenantSettings};

use super::row::RowOf;
use super::{Error, TenantTx};

impl TenantTx {
    /// The tenant's settings.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn settings(&mut self) -> Result<TenantSettings, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query!(
            "select seats, time_zone, disconnect_grace_ms, disconnect_becomes, restore_within_ms, away_after_ms,
                 offline_after_ms, inactivity_resume, lease_ttl_ms, offline_replies, show_agents, show_queue, chats,
                 settings_version
             from tenants
             where tenant_id = $1",
            tenant_id,
        )
        .fetch_one(self.connection())
        .await?;
        let of = RowOf("tenants", tenant_id);
        Ok(TenantSettings {
            seats: of.number("seats", row.seats)?,
            time_zone: of.parse("time_zone", &row.time_zone)?,
            disconnect: DisconnectSettings {
                grace: row.disconnect_grace_ms.map(Millis),
                becomes: of.parse("disconnect_becomes", &row.disconnect_becomes)?,
                restore_within: Millis(row.restore_within_ms),
            },
            inactivity: InactivitySettings {
                away_after: row.away_after_ms.map(Millis),
                offline_after: row.offline_after_ms.map(Millis),
                resume: row.inactivity_resume,
            },
            lease_ttl: Millis(row.lease_ttl_ms),
            offline_replies: row.offline_replies,
            show_agents: row.show_agents,
            show_queue: row.show_queue,
            chats: of.json("chats", row.chats)?,
            version: row.settings_version,
        })
    }
}
