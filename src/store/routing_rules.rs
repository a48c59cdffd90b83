//! Routing rules (ROUTE-1) as readers see them.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{AgentId, QueueId, RoutingAction, RoutingRule, RoutingRuleId};

use super::row::RowOf;
use super::time::from_db;
use super::{Error, TenantTx};

struct RuleRow {
    rule_id: Uuid,
    name: String,
    enabled: bool,
    sort_order: i32,
    conditions: Value,
    queue_id: Option<Uuid>,
    priority: Option<i32>,
    agent_ids: Vec<Uuid>,
    created_at: DateTime<Utc>,
    version: i64,
}

impl TryFrom<RuleRow> for RoutingRule {
    type Error = Error;

    fn try_from(row: RuleRow) -> Result<Self, Error> {
        let of = RowOf("routing_rules", row.rule_id);
        let priority = row.priority.map(i64::from);
        Ok(Self {
            id: RoutingRuleId(row.rule_id),
            name: of.parse("name", &row.name)?,
            enabled: row.enabled,
            sort_order: row.sort_order,
            conditions: of.json("conditions", row.conditions)?,
            action: RoutingAction {
                queue_id: row.queue_id.map(QueueId),
                priority: priority
                    .map(|number| of.number("priority", number))
                    .transpose()?,
                agent_ids: row.agent_ids.into_iter().map(AgentId).collect(),
            },
            created_at: from_db(row.created_at),
            version: row.version,
        })
    }
}

impl TenantTx {
    /// Finds a routing rule that is not archived.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_routing_rule(
        &mut self,
        id: RoutingRuleId,
    ) -> Result<Option<RoutingRule>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            RuleRow,
            "select rule_id, name, enabled, sort_order, conditions, queue_id, priority, agent_ids, created_at, version
             from routing_rules
             where tenant_id = $1 and rule_id = $2 and archived_at is null",
            tenant_id,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(RoutingRule::try_from).transpose()
    }

    /// Lists the routing rules that are not archived, oldest first, from the one that follows `after`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_routing_rules(
        &mut self,
        after: Option<RoutingRuleId>,
        limit: i64,
    ) -> Result<Vec<RoutingRule>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            RuleRow,
            "select rule_id, name, enabled, sort_order, conditions, queue_id, priority, agent_ids, created_at, version
             from routing_rules
             where tenant_id = $1 and archived_at is null and ($2::uuid is null or rule_id > $2)
             order by rule_id limit $3",
            tenant_id,
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(RoutingRule::try_from).collect()
    }
}
