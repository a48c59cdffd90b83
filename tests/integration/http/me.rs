//! One's own profile and presence.

use serde_json::json;

use super::be;
use crate::support::{Socket, Tenant};

#[tokio::test]
async fn an_agent_reads_its_own_profile() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;

    let me = agent.get("/v1/me").await.ok();

    assert_eq!(me["name"], "ana");
    assert_eq!(me["email"], "ana@test.example");
    assert_eq!(me["role"], "agent");
    assert_eq!(me["capacity"], 4);
    assert!(me.get("password").is_none());
}

#[tokio::test]
async fn pres_01_a_new_agent_is_offline() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let me = agent.get("/v1/me").await.ok();

    let presence = agent.get("/v1/me/presence").await.ok();

    assert_eq!(presence["agent_id"], me["id"]);
    assert_eq!(presence["status"], "offline");
    assert_eq!(presence["effective"], "offline");
    assert_eq!(presence["reason"], "initial");
    assert_eq!(presence["since"], presence["status_set_at"]);
}

#[tokio::test]
async fn pres_02_an_agent_sets_each_of_the_four_statuses() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let me = agent.get("/v1/me").await.ok();

    for status in ["online", "away", "invisible", "offline"] {
        let set = be(&agent, status).await;

        assert_eq!(set["status"], status);
        assert_eq!(set["effective"], status);
        assert_eq!(set["reason"], "chosen");
        let by = json!({"kind": "agent", "agent_id": me["id"]});
        assert_eq!(set["status_set_by"], by);
        assert_eq!(agent.get("/v1/me/presence").await.ok(), set);
    }
}

#[tokio::test]
async fn pres_02_every_connection_of_the_agent_is_told() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let mut first = Socket::agent(&agent).await;
    let mut second = Socket::agent(&tenant.log_in("ana").await).await;

    let set = be(&agent, "away").await;

    for socket in [&mut first, &mut second] {
        let event = socket.expect("presence.changed").await;
        assert_eq!(event["presence"], set);
    }
}

#[tokio::test]
async fn a_status_that_there_is_not_is_refused() {
    let tenant = Tenant::new().await;
    let put = async |body| tenant.owner.put("/v1/me/presence", body).await.faults();

    assert_eq!(
        put(json!({"status": "busy"})).await,
        ["/status unknown_value"]
    );
    assert_eq!(put(json!({})).await, ["/status required"]);
    assert_eq!(put(json!({"status": 1})).await, ["/status wrong_type"]);
    assert_eq!(
        put(json!({"status": "away", "statsu": "away"})).await,
        ["/statsu unknown_field"]
    );
}
