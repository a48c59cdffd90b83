//! Kinds of pause as readers see them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{Millis, Pause, PauseId};

use super::row::RowOf;
use super::time::from_db;
use super::{Error, TenantTx};

struct PauseRow {
    pause_id: Uuid,
    name: String,
    paid: bool,
    longest_ms: Option<i64>,
    on_overrun: String,
    sort_order: i32,
    created_at: DateTime<Utc>,
    version: i64,
}

impl TryFrom<PauseRow> for Pause {
    type Error = Error;

    fn try_from(row: PauseRow) -> Result<Self, Error> {
        let of = RowOf("pauses", row.pause_id);
        Ok(Self {
            id: PauseId(row.pause_id),
            name: of.parse("name", &row.name)?,
            paid: row.paid,
            longest: row.longest_ms.map(Millis),
            on_overrun: of.parse("on_overrun", &row.on_overrun)?,
            sort_order: row.sort_order,
            created_at: from_db(row.created_at),
            version: row.version,
        })
    }
}

/// Reads the kinds of pause that a condition chooses; its `$1` is the tenant.
macro_rules! pauses_where {
    ($condition:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            PauseRow,
            "select pause_id, name, paid, longest_ms, on_overrun, sort_order, created_at, version
             from pauses
             where tenant_id = $1 and archived_at is null and " + $condition,
            $($argument),+
        )
    };
}

impl TenantTx {
    /// Finds a kind of pause that is not archived.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_pause(&mut self, id: PauseId) -> Result<Option<Pause>, Error> {
        let tenant_id = self.tenant();
        let row = pauses_where!("pause_id = $2", tenant_id, id.0)
            .fetch_optional(self.connection())
            .await?;
        row.map(Pause::try_from).transpose()
    }

    /// Lists the kinds of pause that are not archived, oldest first, from the one that follows `after`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_pauses(
        &mut self,
        after: Option<PauseId>,
        limit: i64,
    ) -> Result<Vec<Pause>, Error> {
        let tenant_id = self.tenant();
        let rows = pauses_where!(
            "($2::uuid is null or pause_id > $2) order by pause_id limit $3",
            tenant_id,
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(Pause::try_from).collect()
    }
}
