//! Settings of queues, set as the service itself does.

use deskbell::domain::{QueueId, QueueSettings, TenantId};
use deskbell::engine::{Command, SetupCommand};
use deskbell::realtime::Hub;

use super::Tenant;

/// Changes the settings of a tenant's queue.
pub(crate) async fn set_queue(hub: &Hub, tenant: &Tenant, change: impl FnOnce(&mut QueueSettings)) {
    let tenant_id = TenantId(tenant.id.parse().unwrap());
    let queue_id = QueueId(tenant.queue_id.parse().unwrap());
    let engine = hub.inspect(tenant_id).await.unwrap();
    let view = engine.queue(queue_id).unwrap();
    let mut queue = view.queue;
    change(&mut queue.settings);
    let command = SetupCommand::UpdateQueue(queue, view.member_ids.into_iter().collect());
    let command = Command::Setup { by: None, command };
    hub.call(tenant_id, command.into()).await.unwrap();
}
