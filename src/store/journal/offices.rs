//! What offices show: the engine's record of it, and what answers polls while the tenant is not in memory.

use sqlx::PgConnection;

use super::super::Error;
use super::super::offices::shown_json;
use super::super::time::to_db;
use super::Batch;
use super::rows::{Offices, expect_rows};

/// Writes the records first: what visitors see holds them too, and is the later of the two.
pub(super) async fn write(connection: &mut PgConnection, batches: &[&Batch]) -> Result<(), Error> {
    let mut rows = Offices::default();
    for batch in batches {
        for record in &batch.records.offices {
            rows.push(batch.tenant_id, record);
        }
    }
    update_records(connection, &rows).await?;
    update_shown(connection, batches).await
}

async fn update_records(connection: &mut PgConnection, rows: &Offices) -> Result<(), Error> {
    if rows.tenant_id.is_empty() {
        return Ok(());
    }
    let changed = sqlx::query!(
        "update offices o
         set mode = r.mode, shown_reason = r.shown_reason, shown_since = r.shown_since
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[])
              as r (tenant_id, office_id, mode, shown_reason, shown_since)
         where o.tenant_id = r.tenant_id and o.office_id = r.office_id",
        &rows.tenant_id,
        &rows.office_id,
        &rows.mode as _,
        &rows.shown_reason as _,
        &rows.shown_since
    )
    .execute(connection)
    .await?;
    expect_rows(changed.rows_affected(), rows.tenant_id.len(), "offices")
}

async fn update_shown(connection: &mut PgConnection, batches: &[&Batch]) -> Result<(), Error> {
    let mut rows = Offices::default();
    let mut shown = Vec::new();
    for batch in batches {
        for office in &batch.shown {
            rows.tenant_id.push(batch.tenant_id.0);
            rows.office_id.push(office.office_id.0);
            rows.mode.push(office.mode.as_str());
            rows.shown_reason.push(office.reason.as_str());
            rows.shown_since.push(to_db(office.since));
            shown.push(shown_json(office)?);
        }
    }
    if shown.is_empty() {
        return Ok(());
    }
    let changed = sqlx::query!(
        "update offices o
         set mode = r.mode, shown_reason = r.shown_reason, shown_since = r.shown_since, shown = r.shown
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::jsonb[])
              as r (tenant_id, office_id, mode, shown_reason, shown_since, shown)
         where o.tenant_id = r.tenant_id and o.office_id = r.office_id",
        &rows.tenant_id,
        &rows.office_id,
        &rows.mode as _,
        &rows.shown_reason as _,
        &rows.shown_since,
        &shown
    )
    .execute(connection)
    .await?;
    expect_rows(changed.rows_affected(), shown.len(), "offices")
}
