//! Routing rules.

use uuid::Uuid;

use crate::domain::{RoutingRule, RoutingRuleId};
use crate::store::Error;
use crate::store::row::RowOf;
use crate::store::time::to_db;

use super::Writer;

impl Writer<'_> {
    pub(super) async fn put_routing_rule(&mut self, rule: &RoutingRule) -> Result<(), Error> {
        let of = RowOf("routing_rules", rule.id);
        let action = &rule.action;
        let agents: Vec<Uuid> = action.agent_ids.iter().map(|id| id.0).collect();
        let done = sqlx::query!(
            "insert into routing_rules (tenant_id, rule_id, name, enabled, sort_order, conditions, queue_id, priority,
                 agent_ids, created_at, version)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             on conflict (tenant_id, rule_id) do update set
                 name = excluded.name, enabled = excluded.enabled, sort_order = excluded.sort_order,
                 conditions = excluded.conditions, queue_id = excluded.queue_id, priority = excluded.priority,
                 agent_ids = excluded.agent_ids, created_at = excluded.created_at, version = excluded.version
                 where routing_rules.version < excluded.version and routing_rules.archived_at is null",
            self.tenant.0,
            rule.id.0,
            rule.name.as_str(),
            rule.enabled,
            rule.sort_order,
            of.to_json("conditions", &rule.conditions)?,
            action.queue_id.map(|id| id.0),
            action.priority.map(|priority| i32::from(priority.get())),
            &agents,
            to_db(rule.created_at),
            rule.version,
        )
        .execute(&mut *self.connection)
        .await?;
        of.written("version", &done)
    }

    pub(super) async fn archive_routing_rule(&mut self, id: RoutingRuleId) -> Result<(), Error> {
        let done = sqlx::query!(
            "update routing_rules set archived_at = $3
             where tenant_id = $1 and rule_id = $2 and archived_at is null",
            self.tenant.0,
            id.0,
            to_db(self.at),
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("routing_rules", id).written("archived_at", &done)
    }
}
