//! Node leases and the ownership of tenants. All times are the database's, so clocks of nodes do not matter.

use sqlx::PgPool;

use crate::domain::{Millis, NodeId, TenantId, Timestamp};

use super::Error;
use super::time::from_db;

/// The right to write for a tenant, as it was when it was claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ownership {
    /// Grows with each claim; fences writes of earlier owners.
    pub epoch: i64,
    /// The number of the tenant's last event.
    pub last_event_seq: u64,
    /// When that happened.
    pub last_event_at: Timestamp,
}

/// What came of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// This node owns the tenant now.
    Granted(Ownership),
    /// Another node with a living lease owns it, or this one has no living lease itself.
    Held,
    /// There is no such tenant.
    Unknown,
}

/// Renews this node's lease. The caller counts its time from before the call.
pub(super) async fn renew(pool: &PgPool, node_id: NodeId, ttl: Millis) -> Result<(), Error> {
    sqlx::query!(
        "insert into node_leases (node_id, expires_at)
         values ($1, now() + make_interval(secs => $2))
         on conflict (node_id) do update set expires_at = excluded.expires_at, renewed_at = now()",
        node_id.0,
        ttl_seconds(ttl)
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Gives the lease back, so that others need not wait for it to end.
pub(super) async fn release(pool: &PgPool, node_id: NodeId) -> Result<(), Error> {
    sqlx::query!("delete from node_leases where node_id = $1", node_id.0)
        .execute(pool)
        .await?;
    Ok(())
}

/// Takes a tenant that nobody else holds. The row's lock makes this wait for a commit that is under way.
pub(super) async fn claim(
    pool: &PgPool,
    tenant_id: TenantId,
    node_id: NodeId,
) -> Result<Claim, Error> {
    let granted = sqlx::query!(
        "update tenant_owners o
         set node_id = $2, epoch = o.epoch + 1
         where o.tenant_id = $1
           and exists (select from node_leases l where l.node_id = $2 and l.expires_at > now())
           and (o.node_id is null or o.node_id = $2 or not exists
                (select from node_leases l where l.node_id = o.node_id and l.expires_at > now()))
         returning o.epoch, o.last_event_seq, o.last_event_at",
        tenant_id.0,
        node_id.0
    )
    .fetch_optional(pool)
    .await?;
    if let Some(row) = granted {
        let last_event_seq = u64::try_from(row.last_event_seq)
            .map_err(|_| Error::inconsistent("tenant_owners", "last_event_seq", tenant_id))?;
        return Ok(Claim::Granted(Ownership {
            epoch: row.epoch,
            last_event_seq,
            last_event_at: from_db(row.last_event_at),
        }));
    }
    let known = sqlx::query_scalar!(
        r#"select exists (select from tenant_owners where tenant_id = $1) as "known!""#,
        tenant_id.0
    )
    .fetch_one(pool)
    .await?;
    Ok(if known { Claim::Held } else { Claim::Unknown })
}

/// The next deadline of every tenant that this node may wake: what it owned before, and what nobody holds. A
/// tenant with an agent that was connected when the process ended is due at once (PRES-20): if nobody called
/// it, that agent would stay online for ever.
pub(super) async fn deadlines(
    pool: &PgPool,
    node_id: NodeId,
) -> Result<Vec<(TenantId, Timestamp)>, Error> {
    let rows = sqlx::query!(
        r#"select o.tenant_id as "tenant_id!",
                  case when a.tenant_id is null then o.next_deadline_at else to_timestamp(0) end
                      as "deadline!"
           from tenant_owners o
           left join (select distinct tenant_id from agents where is_connected and archived_at is null) a
                on a.tenant_id = o.tenant_id
           where (o.next_deadline_at is not null or a.tenant_id is not null)
             and (o.node_id is null or o.node_id = $1 or not exists
                  (select from node_leases l where l.node_id = o.node_id and l.expires_at > now()))"#,
        node_id.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (TenantId(row.tenant_id), from_db(row.deadline)))
        .collect())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a lease lasts seconds, far below 2^53 ms"
)]
fn ttl_seconds(ttl: Millis) -> f64 {
    ttl.0 as f64 / 1000.0
}
