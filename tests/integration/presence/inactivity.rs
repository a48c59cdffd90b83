//! Inactivity over several tabs (PRES-6): an act on any of them counts, a heartbeat on none.

use deskbell::domain::Millis;
use serde_json::json;

use super::{effective, heard, heard_of, is, presence_of, stopped, tenant_on};
use crate::realtime::setting::{Talk, send};
use crate::support::{Setup, Socket};

const HOUR: i64 = 3600;

#[tokio::test]
async fn pres_06_activity_on_either_tab_keeps_an_agent_online() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let (agent, mut first) = tenant.online_agent("ana").await;
    let mut second = Socket::agent(&agent).await;
    heard(&mut first).await;

    for _ in 0..3 {
        stopped.pass(HOUR - 60);
        first.ok(json!({"type": "activity"})).await;
        stopped.pass(HOUR - 60);
        let answer = second.ok(json!({"type": "activity"})).await;
        assert_eq!(effective(&answer["presence"]), is("online", "chosen"));
    }
    stopped.pass(HOUR - 1);
    first.send(&json!({"type": "ping"})).await;
    first.expect("pong").await;
    drop(Socket::agent(&agent).await);
    assert_eq!(tenant.mode().await, "live");
    stopped.pass(2);

    for tab in [&mut first, &mut second] {
        let told = heard_of(tab, "presence.changed").await;
        assert_eq!(told.len(), 1, "{told:?}");
        let presence = &told[0]["presence"];
        assert_eq!(effective(presence), is("away", "inactivity"));
        assert_eq!(presence["status"], "online", "the choice stays");
        assert_eq!(presence["by"], json!({"kind": "system"}));
    }
    assert_eq!(tenant.mode().await, "messenger");
}

#[tokio::test]
async fn pres_06_a_command_about_a_chat_is_an_act_and_one_about_reading_is_none() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;

    stopped.pass(HOUR - 60);
    talk.desk
        .ok(send(&talk.chat_id, "a-1", "Still there"))
        .await;
    stopped.pass(HOUR - 60);
    assert_eq!(
        effective(&presence_of(&talk.agent).await),
        is("online", "chosen")
    );
    let watch = json!({"type": "presence.watch", "watch": true});
    talk.desk.ok(watch).await;
    talk.agent.get("/v1/chats").await.ok();
    stopped.pass(61);

    let now = presence_of(&talk.agent).await;
    assert_eq!(effective(&now), is("away", "inactivity"));
    let shown = heard_of(&mut talk.widget, "chat.agent_seen").await;
    assert_eq!(shown[0]["agent"]["status"], "away");
}

#[tokio::test]
async fn pres_06_with_resume_the_first_act_brings_the_status_back() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let setup = Setup::on(&stopped.server.state, &tenant);
    let settings = |settings: &mut deskbell::domain::TenantSettings| {
        settings.inactivity.resume = true;
        settings.inactivity.away_after = Some(Millis::from_secs(600));
        settings.inactivity.offline_after = Some(Millis::from_secs(1200));
    };
    setup.settings(settings).await;
    let (agent, mut first) = tenant.online_agent("ana").await;
    let mut second = Socket::agent(&agent).await;
    heard(&mut first).await;

    let mut met = Vec::new();
    stopped.pass(601);
    met.push(effective(&presence_of(&agent).await));
    stopped.pass(600);
    met.push(effective(&presence_of(&agent).await));
    second.ok(json!({"type": "activity"})).await;
    met.push(effective(&presence_of(&agent).await));

    let expected = [
        is("away", "inactivity"),
        is("offline", "inactivity"),
        is("online", "resumed"),
    ];
    assert_eq!(met, expected);
    for tab in [&mut first, &mut second] {
        let told = heard_of(tab, "presence.changed").await;
        let told: Vec<_> = told.iter().map(|e| effective(&e["presence"])).collect();
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn pres_06_without_resume_an_act_changes_nothing() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let (agent, mut tab) = tenant.online_agent("ana").await;
    stopped.pass(HOUR + 1);
    assert_eq!(
        effective(&presence_of(&agent).await),
        is("away", "inactivity")
    );

    tab.ok(json!({"type": "activity"})).await;

    assert_eq!(
        effective(&presence_of(&agent).await),
        is("away", "inactivity")
    );
    let set = json!({"type": "presence.set", "status": "online"});
    assert_eq!(
        effective(&tab.ok(set).await["presence"]),
        is("online", "chosen")
    );
    assert_eq!(tenant.mode().await, "live");
}
