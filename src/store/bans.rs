//! Bans (CHAT-13) as readers see them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{AgentId, Ban, BanId, Banned, ContactId, Timestamp};

use super::row::RowOf;
use super::time::{from_db, to_db, to_db_opt};
use super::{Error, TenantTx};

struct BanRow {
    ban_id: Uuid,
    contact_id: Option<Uuid>,
    network: Option<String>,
    reason: Option<String>,
    until_at: Option<DateTime<Utc>>,
    created_by: Option<Uuid>,
    created_at: DateTime<Utc>,
    version: i64,
}

impl TryFrom<BanRow> for Ban {
    type Error = Error;

    fn try_from(row: BanRow) -> Result<Self, Error> {
        let of = RowOf("bans", row.ban_id);
        let network = of.parse_opt("network", row.network.as_deref())?;
        let whom = match row.contact_id {
            Some(id) => Banned::Contact(ContactId(id)),
            None => Banned::Network(of.present("network", network)?),
        };
        Ok(Self {
            id: BanId(row.ban_id),
            whom,
            reason: of.parse_opt("reason", row.reason.as_deref())?,
            until: row.until_at.map(from_db),
            created_by: row.created_by.map(AgentId),
            created_at: from_db(row.created_at),
            version: row.version,
        })
    }
}

impl TenantTx {
    /// Finds a ban that was not lifted and holds at an instant.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_ban(&mut self, id: BanId, at: Timestamp) -> Result<Option<Ban>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            BanRow,
            "select ban_id, contact_id, network, reason, until_at, created_by, created_at, version from bans
             where tenant_id = $1 and ban_id = $2 and lifted_at is null and (until_at is null or until_at > $3)",
            tenant_id,
            id.0,
            to_db(at),
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(Ban::try_from).transpose()
    }

    /// Lists the bans that were not lifted, oldest first, from the one that follows `after`; with an instant, only those
    /// that hold then.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_bans(
        &mut self,
        at: Option<Timestamp>,
        after: Option<BanId>,
        limit: i64,
    ) -> Result<Vec<Ban>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            BanRow,
            "select ban_id, contact_id, network, reason, until_at, created_by, created_at, version from bans
             where tenant_id = $1 and lifted_at is null
                 and ($2::timestamptz is null or until_at is null or until_at > $2)
                 and ($3::uuid is null or ban_id > $3)
             order by ban_id limit $4",
            tenant_id,
            to_db_opt(at) as Option<DateTime<Utc>>,
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(Ban::try_from).collect()
    }

    /// Whether there is such a contact, and it was not deleted.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn has_contact(&mut self, id: ContactId) -> Result<bool, Error> {
        let tenant_id = self.tenant();
        let there = sqlx::query_scalar!(
            r#"select exists (select from contacts where tenant_id = $1 and contact_id = $2 and deleted_at is null) as "there!""#,
            tenant_id,
            id.0,
        )
        .fetch_one(self.connection())
        .await?;
        Ok(there)
    }
}
