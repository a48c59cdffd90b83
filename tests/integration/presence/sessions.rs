//! Sessions that end (PRES-8): a log-out takes its agent offline, a revocation only closes its sockets.

use deskbell::domain::{AgentId, TenantId};
use deskbell::engine::{Command, PresenceCommand};
use serde_json::json;

use super::{NONE, effective, heard, heard_of, id_of, is, presence_of};
use crate::support::{Socket, Tenant, shared};

#[tokio::test]
async fn pres_08_a_log_out_is_told_to_every_tab_and_closes_those_of_its_session() {
    let mut tenant = Tenant::new().await;
    let (agent, mut first) = tenant.online_agent("ana").await;
    let mut second = Socket::agent(&agent).await;
    let other = tenant.log_in("ana").await;
    let mut stays = Socket::agent(&other).await;
    let id = id_of(&other).await;
    heard(&mut first).await;

    agent.post("/v1/auth/logout", json!({})).await;

    let now = presence_of(&other).await;
    assert_eq!(effective(&now), is("offline", "logged_out"));
    assert_eq!(now["by"]["agent_id"], id);
    for tab in [&mut first, &mut second] {
        let closed = tab.closed().await;
        assert_eq!(closed.code, 4001);
        let told: Vec<_> = tab
            .kept()
            .filter(|f| f["type"] == "presence.changed")
            .collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["presence"], now);
        assert_eq!(
            tab.kept()
                .filter(|f| f["type"] == "session.logged_out")
                .count(),
            1
        );
    }
    assert_eq!(
        heard_of(&mut stays, "presence.changed").await[0]["presence"],
        now
    );
    let set = json!({"type": "presence.set", "status": "online"});
    assert_eq!(
        effective(&stays.ok(set).await["presence"]),
        is("online", "chosen")
    );
}

#[tokio::test]
async fn pres_08_a_session_that_is_revoked_loses_its_sockets_and_leaves_the_status() {
    let mut tenant = Tenant::new().await;
    let (agent, mut gone) = tenant.online_agent("ana").await;
    let other = tenant.log_in("ana").await;
    let mut stays = Socket::agent(&other).await;
    let state = &shared().state;
    let token = agent.token.as_deref().unwrap();
    let session = state
        .tokens
        .verify_agent(token, state.now())
        .unwrap()
        .session_id;
    let before = presence_of(&other).await;

    let revoke = Command::Presence {
        agent_id: AgentId(id_of(&other).await.parse().unwrap()),
        by: None,
        command: PresenceCommand::Revoke(session),
    };
    let tenant_id = TenantId(tenant.id.parse().unwrap());
    state.hub.call(tenant_id, revoke.into()).await.unwrap();

    assert_eq!(gone.closed().await.code, 4001);
    assert_eq!(presence_of(&other).await, before);
    assert_eq!(heard_of(&mut stays, "presence.changed").await, NONE);
    assert_eq!(tenant.mode().await, "live");
}

#[tokio::test]
async fn pres_08_the_last_sockets_end_by_a_log_out_needs_no_grace() {
    let mut tenant = Tenant::new().await;
    let (agent, mut tab) = tenant.online_agent("ana").await;

    agent.post("/v1/auth/logout", json!({})).await;

    assert_eq!(tenant.mode().await, "messenger", "at once");
    assert_eq!(tab.closed().await.code, 4001);
    let back = tenant.log_in("ana").await;
    let tab = Socket::agent(&back).await;
    let presence = &tab.first["snapshot"]["presence"];
    assert_eq!(
        effective(presence),
        is("offline", "logged_out"),
        "nothing comes back"
    );
}
