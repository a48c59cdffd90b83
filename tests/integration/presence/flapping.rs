//! Connections that come and go: nobody sees a blink (PRES-19), and what a loss and a return look like (PRES-7).

use deskbell::domain::TenantId;
use serde_json::json;

use super::{
    NONE, be, effective, heard, heard_of, id_of, is, presence_of, stopped, tenant_on, tick,
};
use crate::realtime::setting::{Stopped, Talk};
use crate::support::{Socket, Tenant, until};

/// Waits until the engine knows of no connection of the agent.
async fn until_gone(stopped: &Stopped, tenant: &Tenant, agent_id: &str) {
    until_connections(stopped, tenant, agent_id, 0).await;
}

async fn until_connections(stopped: &Stopped, tenant: &Tenant, agent_id: &str, count: u32) {
    let tenant_id = TenantId(tenant.id.parse().unwrap());
    let agent_id = deskbell::domain::AgentId(agent_id.parse().unwrap());
    let hub = &stopped.server.state.hub;
    until("the engine knows its connections", async || {
        let row = hub.read(tenant_id, move |engine| engine.presence_row_of(agent_id));
        row.await.unwrap().unwrap().connections == count
    })
    .await;
}

#[tokio::test]
async fn pres_19_ten_blinks_of_the_only_tab_are_seen_by_nobody() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let Talk {
        agent,
        desk,
        mut widget,
        ..
    } = Talk::begin(&mut tenant, "ana").await;
    let id = id_of(&agent).await;
    let mut watcher = Socket::agent(&tenant.owner).await;
    let watch = json!({"type": "presence.watch", "watch": true});
    watcher.ok(watch).await;
    let before = presence_of(&agent).await;
    let poll = tenant.poll().await;
    heard(&mut watcher).await;
    heard(&mut widget).await;

    let mut tab = Some(desk);
    for _ in 0..10 {
        drop(tab.take());
        until_gone(&stopped, &tenant, &id).await;
        stopped.pass(20);
        assert_eq!(tenant.mode().await, "live");
        tab = Some(Socket::agent(&agent).await);
    }

    assert_eq!(tick(&stopped, &mut watcher).await, NONE);
    assert_eq!(
        heard(&mut watcher).await,
        NONE,
        "neither a change of the office"
    );
    assert_eq!(heard(&mut widget).await, NONE, "nor the visitor");
    assert_eq!(heard(&mut tab.unwrap()).await, NONE);
    assert_eq!(presence_of(&agent).await, before);
    let after = tenant.poll().await;
    assert_eq!(
        (after.body, &after.headers["etag"]),
        (poll.body, &poll.headers["etag"])
    );
}

#[tokio::test]
async fn pres_07_a_second_tab_that_comes_and_goes_changes_nothing_for_the_first() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let (agent, mut first) = tenant.online_agent("ana").await;
    let id = id_of(&agent).await;
    heard(&mut first).await;

    for _ in 0..10 {
        let second = Socket::agent(&agent).await;
        drop(second);
        until_connections(&stopped, &tenant, &id, 1).await;
        stopped.pass(20);
    }

    assert_eq!(heard(&mut first).await, NONE);
    assert_eq!(
        effective(&presence_of(&agent).await),
        is("online", "chosen")
    );
}

#[tokio::test]
async fn pres_07_a_loss_is_told_after_its_grace_and_undone_by_a_return_in_time() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let (agent, desk) = tenant.online_agent("ana").await;
    let id = id_of(&agent).await;
    let own = format!("/v1/me/presence/offices/{}", tenant.office_id);
    agent.put(&own, json!({"status": "away"})).await.ok();
    let mut watcher = Socket::agent(&tenant.owner).await;
    watcher
        .ok(json!({"type": "presence.watch", "watch": true}))
        .await;
    let before = presence_of(&agent).await;

    drop(desk);
    until_gone(&stopped, &tenant, &id).await;
    stopped.pass(60);
    assert_eq!(
        effective(&presence_of(&agent).await),
        is("online", "chosen")
    );
    stopped.pass(1);
    heard(&mut watcher).await;
    assert_eq!(
        tick(&stopped, &mut watcher).await.len(),
        1,
        "the grace has ended"
    );
    assert_eq!(
        effective(&presence_of(&agent).await),
        is("offline", "disconnected")
    );
    stopped.pass(14 * 60);
    let mut back = Socket::agent(&agent).await;

    let now = presence_of(&agent).await;
    assert_eq!(effective(&now), is("online", "reconnected"));
    assert_eq!(
        now["offices"][0]["override"],
        before["offices"][0]["override"]
    );
    assert_eq!(
        back.first["snapshot"]["presence"], now,
        "the welcome shows it"
    );
    assert_eq!(heard_of(&mut back, "presence.changed").await, NONE);
    let lines = tick(&stopped, &mut watcher).await;
    assert_eq!(lines[0]["agents"][0]["reason"], "reconnected");
}

#[tokio::test]
async fn pres_07_who_comes_back_too_late_is_offline_and_has_lost_its_overrides() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let (agent, desk) = tenant.online_agent("ana").await;
    let own = format!("/v1/me/presence/offices/{}", tenant.office_id);
    agent.put(&own, json!({"status": "away"})).await.ok();

    drop(desk);
    until_gone(&stopped, &tenant, &id_of(&agent).await).await;
    stopped.pass(61);
    presence_of(&agent).await;
    stopped.pass(15 * 60);
    let back = Socket::agent(&agent).await;

    let now = presence_of(&agent).await;
    assert_eq!(
        (&now["status"], effective(&now)),
        (&json!("offline"), is("offline", "disconnected"))
    );
    assert_eq!(now["offices"][0]["override"], json!(null));
    assert_eq!(back.first["snapshot"]["presence"], now);
}

#[tokio::test]
async fn pres_07_who_sets_a_status_meanwhile_has_the_last_word() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let (agent, desk) = tenant.online_agent("ana").await;
    let id = id_of(&agent).await;
    drop(desk);
    until_gone(&stopped, &tenant, &id).await;
    stopped.pass(61);

    let path = format!("/v1/agents/{id}/presence");
    tenant
        .owner
        .put(&path, json!({"status": "away"}))
        .await
        .ok();
    let _back = Socket::agent(&agent).await;

    assert_eq!(presence_of(&agent).await["effective"], "away");
    // One that an agent sets without a connection stands for a grace.
    be(&agent, "invisible").await;
    assert_eq!(
        effective(&presence_of(&agent).await),
        is("invisible", "chosen")
    );
}
