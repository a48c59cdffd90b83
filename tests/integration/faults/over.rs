//! Chats that are over, when the database or the process fails.

use deskbell::domain::Millis;
use serde_json::json;

use super::journal::Faults;
use crate::realtime::setting::{Stopped, Talk, send};
use crate::support::{Socket, Tenant, set_queue, start_server, until};

#[tokio::test]
async fn what_cannot_be_read_of_a_chat_that_is_over_is_asked_for_again() {
    let faults = Faults::default();
    let server = start_server(faults.ports(), |_| ()).await;
    let mut tenant = Tenant::on(&format!("http://{}", server.address)).await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let chat_id = talk.chat_id.clone();
    talk.desk
        .ok(json!({"type": "chat.close", "chat_id": chat_id}))
        .await;
    let update = json!({"type": "chat.update", "chat_id": chat_id, "important": true});

    faults.no_chats(true);
    talk.desk.refused(update.clone(), "unavailable").await;
    // Everything else goes on.
    talk.desk.ok(json!({"type": "activity"})).await;
    faults.no_chats(false);

    assert_eq!(talk.desk.ok(update).await["chat"]["important"], true);
}

#[tokio::test]
async fn wrap_up_ends_at_its_time_also_after_the_tenant_has_left_memory() {
    let stopped = Stopped::start(|config| config.engine.idle_evict_s = 5).await;
    let hub = &stopped.server.state.hub;
    let mut tenant = Tenant::on(&stopped.base).await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    set_queue(hub, &tenant, |settings| {
        settings.closing.wrap_up = Some(Millis::from_secs(600));
    })
    .await;
    let chat_id = talk.chat_id.clone();
    talk.desk.ok(send(&chat_id, "a-1", "Bye")).await;
    talk.desk
        .ok(json!({"type": "chat.close", "chat_id": chat_id}))
        .await;
    let agent = talk.agent.clone();
    drop(talk);
    let tenant_id = deskbell::domain::TenantId(tenant.id.parse().unwrap());
    until("it is not in memory", async || {
        stopped.pass(6);
        !hub.is_in_memory(tenant_id)
    })
    .await;

    let path = format!("/v1/chats/{}", chat_id.as_str().unwrap());
    assert_eq!(agent.get(&path).await.ok()["state"], "wrap_up");
    let desk = Socket::agent(&agent).await;
    assert_eq!(desk.first["snapshot"]["wrap_ups"][0]["chat"]["id"], chat_id);
    drop(desk);
    stopped.pass(601);

    until("the chat is closed", async || {
        agent.get(&path).await.ok()["state"] == "closed"
    })
    .await;
}
