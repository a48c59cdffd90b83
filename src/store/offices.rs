//! Offices as readers see them, with the mode that visitors saw last.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{Mode, Office, OfficeId};
use crate::engine::OfficeView;

use super::row::RowOf;
use super::time::from_db;
use super::{Error, TenantTx};

struct OfficeRow {
    office_id: Uuid,
    name: String,
    when_not_live: String,
    mode: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<OfficeRow> for OfficeView {
    type Error = Error;

    fn try_from(row: OfficeRow) -> Result<Self, Error> {
        let of = RowOf("offices", row.office_id);
        let office = Office {
            id: OfficeId(row.office_id),
            name: of.parse("name", &row.name)?,
            when_not_live: of.parse("when_not_live", &row.when_not_live)?,
            created_at: from_db(row.created_at),
        };
        Ok(Self {
            office,
            mode: mode_of(&row.mode, row.office_id)?,
        })
    }
}

/// The mode of an office's row.
pub(super) fn mode_of(word: &str, office_id: Uuid) -> Result<Mode, Error> {
    [Mode::Hidden, Mode::Messenger, Mode::Live]
        .into_iter()
        .find(|mode| mode.as_str() == word)
        .ok_or_else(|| RowOf("offices", office_id).fault("mode"))
}

impl TenantTx {
    /// Finds an office that is not archived.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_office(&mut self, id: OfficeId) -> Result<Option<OfficeView>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            OfficeRow,
            "select office_id, name, when_not_live, mode, created_at
             from offices
             where tenant_id = $1 and office_id = $2 and archived_at is null",
            tenant_id,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(OfficeView::try_from).transpose()
    }

    /// Lists the offices that are not archived, oldest first, from the one that follows `after`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_offices(
        &mut self,
        after: Option<OfficeId>,
        limit: i64,
    ) -> Result<Vec<OfficeView>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            OfficeRow,
            "select office_id, name, when_not_live, mode, created_at
             from offices
             where tenant_id = $1 and ($2::uuid is null or office_id > $2) and archived_at is null
             order by office_id
             limit $3",
            tenant_id,
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(OfficeView::try_from).collect()
    }
}
