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

#[tokio::test]
async fn an_agent_changes_what_is_its_own_and_nothing_else() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let before = agent.get("/v1/me").await;
    assert_eq!(before.headers["etag"], "\"1\"");
    let mut expected = before.ok();

    let own = json!({
        "public_name": "A.", "picture_url": "/pictures/a.png", "inactivity": {"away_after_s": 60},
        "offers_when_invisible_after_s": 30,
    });
    let headers = [("if-match", "\"1\"")];
    let changed = agent.patch_if("/v1/me", own.clone(), &headers).await;

    assert_eq!(changed.headers["etag"], "\"2\"");
    for field in [
        "public_name",
        "picture_url",
        "offers_when_invisible_after_s",
    ] {
        expected[field] = own[field].clone();
    }
    expected["inactivity"]["away_after_s"] = json!(60);
    expected["version"] = json!(2);
    assert_eq!(changed.ok(), expected);
    assert_eq!(agent.get("/v1/me").await.ok(), expected);
    let stale = agent.patch_if("/v1/me", json!({"public_name": "B."}), &headers);
    stale.await.problem(412, "precondition_failed");
    let null = json!({
        "public_name": null, "picture_url": null, "inactivity": null,
        "offers_when_invisible_after_s": null,
    });
    let back = agent.patch("/v1/me", null).await.ok();
    assert_eq!(back["public_name"], json!(null));
    assert_eq!(back["inactivity"]["away_after_s"], json!(null));
}

#[tokio::test]
async fn every_bad_field_of_ones_own_is_named_and_so_is_what_is_an_admins() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;

    let bad = json!({
        "public_name": "", "picture_url": "javascript:alert(1)", "inactivity": {"resume": true},
        "offers_when_invisible_after_s": 3601, "password": {"current": 1, "new": "short"},
        "name": "Eve", "email": "eve@test.example", "role": "owner", "capacity": 100,
        "office_ids": [], "hours": null, "seat": "assigned",
    });

    assert_eq!(
        agent.patch("/v1/me", bad).await.faults(),
        [
            "/capacity unknown_field",
            "/email unknown_field",
            "/hours unknown_field",
            "/inactivity/resume unknown_field",
            "/name unknown_field",
            "/offers_when_invisible_after_s out_of_range",
            "/office_ids unknown_field",
            "/password/current wrong_type",
            "/password/new too_short",
            "/picture_url bad_format",
            "/public_name too_short",
            "/role unknown_field",
            "/seat unknown_field",
        ]
    );
    assert_eq!(agent.get("/v1/me").await.ok()["version"], 1);
}
