//! Queues with their members, as readers see them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{AgentId, OfficeId, Queue, QueueId, QueueMemory};
use crate::engine::QueueView;

use super::row::RowOf;
use super::time::from_db;
use super::{Error, TenantTx};

struct QueueRow {
    queue_id: Uuid,
    office_id: Uuid,
    name: String,
    settings: Value,
    created_at: DateTime<Utc>,
    version: i64,
    member_ids: Vec<Uuid>,
}

impl TryFrom<QueueRow> for QueueView {
    type Error = Error;

    fn try_from(row: QueueRow) -> Result<Self, Error> {
        let of = RowOf("queues", row.queue_id);
        let queue = Queue {
            id: QueueId(row.queue_id),
            office_id: OfficeId(row.office_id),
            name: of.parse("name", &row.name)?,
            settings: of.json("settings", row.settings)?,
            created_at: from_db(row.created_at),
            version: row.version,
        };
        Ok(Self {
            queue,
            member_ids: row.member_ids.into_iter().map(AgentId).collect(),
        })
    }
}

/// Reads the queues `q` that a condition chooses; its `$1` is the tenant.
macro_rules! queues_where {
    ($condition:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            QueueRow,
            r#"select q.queue_id, q.office_id, q.name, q.settings, q.created_at, q.version,
                 array(select m.agent_id from queue_members m
                       where m.tenant_id = $1 and m.queue_id = q.queue_id
                       order by m.agent_id) as "member_ids!"
             from queues q
             where q.tenant_id = $1 and q.archived_at is null and "# + $condition,
            $($argument),+
        )
    };
}

impl TenantTx {
    /// Finds a queue that is not archived.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_queue(&mut self, id: QueueId) -> Result<Option<QueueView>, Error> {
        let tenant_id = self.tenant();
        let row = queues_where!("q.queue_id = $2", tenant_id, id.0)
            .fetch_optional(self.connection())
            .await?;
        row.map(QueueView::try_from).transpose()
    }

    /// What every queue that is not archived remembers, for the engine.
    pub(super) async fn queue_memories(&mut self) -> Result<BTreeMap<QueueId, QueueMemory>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query!(
            "select queue_id, memory from queues where tenant_id = $1 and archived_at is null",
            tenant_id,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let of = RowOf("queues", row.queue_id);
                Ok((QueueId(row.queue_id), of.json("memory", row.memory)?))
            })
            .collect()
    }

    /// Lists the queues that are not archived, oldest first, from the one that follows `after`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_queues(
        &mut self,
        after: Option<QueueId>,
        limit: i64,
    ) -> Result<Vec<QueueView>, Error> {
        let tenant_id = self.tenant();
        let rows = queues_where!(
            "($2::uuid is null or q.queue_id > $2) order by q.queue_id limit $3",
            tenant_id,
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(QueueView::try_from).collect()
    }
}
