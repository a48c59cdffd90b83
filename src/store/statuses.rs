//! Custom statuses (PRES-13) as readers see them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{CustomStatus, Millis, StatusId};

use super::row::RowOf;
use super::time::from_db;
use super::{Error, TenantTx};

struct StatusRow {
    status_id: Uuid,
    name: String,
    base: String,
    handles_chats: bool,
    paid: bool,
    color: String,
    sort_order: i32,
    longest_a_day_ms: Option<i64>,
    created_at: DateTime<Utc>,
    version: i64,
}

impl TryFrom<StatusRow> for CustomStatus {
    type Error = Error;

    fn try_from(row: StatusRow) -> Result<Self, Error> {
        let of = RowOf("statuses", row.status_id);
        Ok(Self {
            id: StatusId(row.status_id),
            name: of.parse("name", &row.name)?,
            base: of.parse("base", &row.base)?,
            handles_chats: row.handles_chats,
            paid: row.paid,
            color: of.parse("color", &row.color)?,
            sort_order: row.sort_order,
            longest_a_day: row.longest_a_day_ms.map(Millis),
            created_at: from_db(row.created_at),
            version: row.version,
        })
    }
}

/// Reads the statuses that a condition chooses; its `$1` is the tenant.
macro_rules! statuses_where {
    ($condition:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            StatusRow,
            "select status_id, name, base, handles_chats, paid, color, sort_order, longest_a_day_ms, created_at,
                 version
             from statuses
             where tenant_id = $1 and archived_at is null and " + $condition,
            $($argument),+
        )
    };
}

impl TenantTx {
    /// Finds a custom status that is not archived.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_status(&mut self, id: StatusId) -> Result<Option<CustomStatus>, Error> {
        let tenant_id = self.tenant();
        let row = statuses_where!("status_id = $2", tenant_id, id.0)
            .fetch_optional(self.connection())
            .await?;
        row.map(CustomStatus::try_from).transpose()
    }

    /// Lists the custom statuses that are not archived, oldest first, from the one that follows `after`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_statuses(
        &mut self,
        after: Option<StatusId>,
        limit: i64,
    ) -> Result<Vec<CustomStatus>, Error> {
        let tenant_id = self.tenant();
        let rows = statuses_where!(
            "($2::uuid is null or status_id > $2) order by status_id limit $3",
            tenant_id,
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(CustomStatus::try_from).collect()
    }
}
