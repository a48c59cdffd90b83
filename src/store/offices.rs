//! Offices as readers see them, with what visitors saw of them last.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{
    Millis, Mode, Office, OfficeId, OwnInactivity, PictureUrl, ShownReason, Timestamp,
};
use crate::engine::{OfficeAvailability, OfficeRecord, OfficeView, PublicAgent};

use super::row::RowOf;
use super::time::from_db;
use super::{Error, TenantTx};

struct OfficeRow {
    office_id: Uuid,
    name: String,
    when_not_live: String,
    when_busy: String,
    hours: Option<Value>,
    away_after_ms: Option<i64>,
    offline_after_ms: Option<i64>,
    mode: String,
    shown_reason: String,
    shown_since: DateTime<Utc>,
    created_at: DateTime<Utc>,
    version: i64,
}

impl TryFrom<OfficeRow> for (Office, OfficeRecord) {
    type Error = Error;

    fn try_from(row: OfficeRow) -> Result<Self, Error> {
        let of = RowOf("offices", row.office_id);
        let office_id = OfficeId(row.office_id);
        let office = Office {
            id: office_id,
            name: of.parse("name", &row.name)?,
            when_not_live: of.parse("when_not_live", &row.when_not_live)?,
            when_busy: of.parse("when_busy", &row.when_busy)?,
            hours: row.hours.map(|hours| of.json("hours", hours)).transpose()?,
            inactivity: OwnInactivity {
                away_after: row.away_after_ms.map(Millis),
                offline_after: row.offline_after_ms.map(Millis),
            },
            created_at: from_db(row.created_at),
            version: row.version,
        };
        let record = OfficeRecord {
            office_id,
            mode: mode_of(&row.mode, row.office_id)?,
            reason: of.parse("shown_reason", &row.shown_reason)?,
            since: from_db(row.shown_since),
        };
        Ok((office, record))
    }
}

impl TryFrom<OfficeRow> for OfficeView {
    type Error = Error;

    fn try_from(row: OfficeRow) -> Result<Self, Error> {
        let (office, record) = row.try_into()?;
        Ok(Self {
            office,
            mode: record.mode,
        })
    }
}

fn mode_of(word: &str, office_id: Uuid) -> Result<Mode, Error> {
    [Mode::Hidden, Mode::Messenger, Mode::Live]
        .into_iter()
        .find(|mode| mode.as_str() == word)
        .ok_or_else(|| RowOf("offices", office_id).fault("mode"))
}

/// The columns of an office that say what visitors saw of it last.
pub(super) struct ShownRow {
    pub(super) office_id: Uuid,
    pub(super) mode: String,
    pub(super) shown_reason: String,
    pub(super) shown_since: DateTime<Utc>,
    pub(super) shown: Value,
}

/// The JSON of `offices.shown`: what the other columns do not say.
#[derive(Default, Serialize, Deserialize)]
struct Shown {
    valid_until: Option<Timestamp>,
    opens_at: Option<Timestamp>,
    agents: Vec<ShownAgent>,
    waiting: Option<u32>,
    estimated_wait: Option<Millis>,
}

#[derive(Serialize, Deserialize)]
struct ShownAgent {
    name: String,
    picture_url: Option<String>,
}

/// What is stored of an availability beside its mode, reason and since.
pub(super) fn shown_json(availability: &OfficeAvailability) -> Result<Value, Error> {
    let agents = availability.agents.iter();
    let shown = Shown {
        valid_until: availability.valid_until,
        opens_at: availability.opens_at,
        agents: agents
            .map(|agent| ShownAgent {
                name: agent.name.as_str().to_owned(),
                picture_url: agent
                    .picture_url
                    .as_ref()
                    .map(|url| url.as_str().to_owned()),
            })
            .collect(),
        waiting: availability.waiting,
        estimated_wait: availability.estimated_wait,
    };
    RowOf("offices", availability.office_id).to_json("shown", &shown)
}

/// What is stored of an office before its engine has told of it.
pub(super) fn nothing_shown(office_id: OfficeId) -> Result<Value, Error> {
    RowOf("offices", office_id).to_json("shown", &Shown::default())
}

impl TryFrom<ShownRow> for OfficeAvailability {
    type Error = Error;

    fn try_from(row: ShownRow) -> Result<Self, Error> {
        let of = RowOf("offices", row.office_id);
        let shown: Shown = of.json("shown", row.shown)?;
        let agent = |agent: ShownAgent| {
            let picture_url: Option<PictureUrl> =
                of.parse_opt("shown", agent.picture_url.as_deref())?;
            Ok(PublicAgent {
                name: of.parse("shown", &agent.name)?,
                picture_url,
            })
        };
        let reason: ShownReason = of.parse("shown_reason", &row.shown_reason)?;
        Ok(Self {
            office_id: OfficeId(row.office_id),
            mode: mode_of(&row.mode, row.office_id)?,
            reason,
            since: from_db(row.shown_since),
            valid_until: shown.valid_until,
            opens_at: shown.opens_at,
            agents: shown
                .agents
                .into_iter()
                .map(agent)
                .collect::<Result<_, Error>>()?,
            waiting: shown.waiting,
            estimated_wait: shown.estimated_wait,
        })
    }
}

/// Reads the offices that a condition chooses; its `$1` is the tenant.
macro_rules! offices_where {
    ($condition:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            OfficeRow,
            "select office_id, name, when_not_live, when_busy, hours, away_after_ms, offline_after_ms,
                 mode, shown_reason, shown_since, created_at, version
             from offices
             where tenant_id = $1 and archived_at is null and " + $condition,
            $($argument),+
        )
    };
}

impl TenantTx {
    /// Finds an office that is not archived.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_office(&mut self, id: OfficeId) -> Result<Option<OfficeView>, Error> {
        let tenant_id = self.tenant();
        let row = offices_where!("office_id = $2", tenant_id, id.0)
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
        let rows = self.office_rows(after, limit).await?;
        rows.into_iter().map(OfficeView::try_from).collect()
    }

    /// Those of these offices that are not of the tenant or are archived, in their order.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn unknown_offices(&mut self, ids: &[OfficeId]) -> Result<Vec<OfficeId>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let tenant_id = self.tenant();
        let wanted: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let known = sqlx::query_scalar!(
            "select office_id from offices
             where tenant_id = $1 and archived_at is null and office_id = any ($2)",
            tenant_id,
            &wanted,
        )
        .fetch_all(self.connection())
        .await?;
        let unknown = ids.iter().filter(|id| !known.contains(&id.0));
        Ok(unknown.copied().collect())
    }

    /// Every office that is not archived with what it shows, for the engine.
    pub(super) async fn offices_with_records(
        &mut self,
    ) -> Result<Vec<(Office, OfficeRecord)>, Error> {
        let rows = self.office_rows(None, i64::MAX).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn office_rows(
        &mut self,
        after: Option<OfficeId>,
        limit: i64,
    ) -> Result<Vec<OfficeRow>, Error> {
        let tenant_id = self.tenant();
        Ok(offices_where!(
            "($2::uuid is null or office_id > $2) order by office_id limit $3",
            tenant_id,
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?)
    }
}
