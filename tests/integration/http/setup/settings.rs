//! The tenant's settings.

use serde_json::{Value, json};

use super::{create, stranger, tag};
use crate::support::{PASSWORD, Tenant};

const PATH: &str = "/v1/settings";

#[tokio::test]
async fn a_new_tenant_has_the_settings_of_the_rules() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;

    let answer = agent.get(PATH).await;

    assert_eq!(tag(&answer), "\"1\"");
    let expected = json!({
        "seats": 40, "time_zone": "UTC",
        "disconnect": {"grace_s": 60, "becomes": "offline", "restore_within_s": 900},
        "inactivity": {"away_after_s": 3600, "offline_after_s": null, "resume": false},
        "lease": {"ttl_s": 150}, "offline_replies": true, "show_agents": false,
        "show_queue": false, "version": 1,
        "chats": {
            "on_agent_gone": "keep", "inactive_after_s": 600, "ramp_per_minute": null,
            "stop_offers_before_end_s": null, "show_unsent_text": false,
        },
    });
    assert_eq!(answer.ok(), expected);
}

#[tokio::test]
async fn settings_are_patched_also_inside() {
    let tenant = Tenant::new().await;
    let mut expected = tenant.owner.get(PATH).await.ok();
    let owner = &tenant.owner;

    assert_eq!(owner.patch(PATH, json!({})).await.ok(), expected);
    let patch = json!({"disconnect": {"grace_s": null}, "inactivity": {"offline_after_s": 60}});
    let changed = owner.patch(PATH, patch).await;
    assert_eq!(tag(&changed), "\"2\"");
    expected["disconnect"]["grace_s"] = Value::Null;
    expected["inactivity"]["offline_after_s"] = json!(60);
    expected["version"] = json!(2);
    assert_eq!(changed.ok(), expected);

    let full = json!({
        "seats": 100_000, "time_zone": "Europe/Prague",
        "disconnect": {"grace_s": 0, "becomes": "away", "restore_within_s": 86_400},
        "inactivity": {"away_after_s": 86_400, "offline_after_s": null, "resume": true},
        "lease": {"ttl_s": 3600}, "offline_replies": false, "show_agents": true, "show_queue": true,
        "chats": {
            "on_agent_gone": {"requeue_after_s": 0}, "inactive_after_s": null, "ramp_per_minute": 100,
            "stop_offers_before_end_s": 14_400, "show_unsent_text": true,
        },
    });
    let mut expected = full.clone();
    expected["version"] = json!(3);
    assert_eq!(owner.patch(PATH, full).await.ok(), expected);
    assert_eq!(owner.get(PATH).await.ok(), expected);
    let null = json!({"disconnect": null, "inactivity": null, "lease": null, "time_zone": null});
    let back = owner.patch(PATH, null).await.ok();
    assert_eq!(back["disconnect"]["grace_s"], 60);
    assert_eq!(back["inactivity"]["away_after_s"], 3600);
    assert_eq!(
        (&back["lease"]["ttl_s"], &back["time_zone"]),
        (&json!(150), &json!("UTC"))
    );
    assert_eq!(back["offline_replies"], false);
}

#[tokio::test]
async fn settings_are_changed_from_the_version_that_was_seen() {
    let tenant = Tenant::new().await;
    let change = async |seats: u32, tag: &str| {
        let headers = [("if-match", tag)];
        let body = json!({"seats": seats});
        tenant.owner.patch_if(PATH, body, &headers).await
    };

    assert_eq!(change(41, "\"1\"").await.ok()["version"], 2);
    change(42, "\"1\"")
        .await
        .problem(412, "precondition_failed");
    assert_eq!(change(43, "*").await.ok()["version"], 3);
    let owner = &tenant.owner;
    let (first, second) = tokio::join!(
        owner.patch(PATH, json!({"show_agents": true})),
        owner.patch(PATH, json!({"show_queue": true})),
    );
    first.ok();
    second.ok();
    let after = owner.get(PATH).await.ok();
    assert_eq!(after["version"], 5);
    assert_eq!(
        (&after["show_agents"], &after["show_queue"]),
        (&json!(true), &json!(true))
    );
}

#[tokio::test]
async fn every_bad_setting_is_named_at_once() {
    let tenant = Tenant::new().await;

    let low = json!({
        "seats": 0, "time_zone": "Mars/Olympus",
        "disconnect": {"grace_s": -1, "becomes": "online", "restore_within_s": "900", "grace": 1},
        "inactivity": {"away_after_s": 59, "offline_after_s": 59.5, "resume": 1},
        "lease": {"ttl_s": 29}, "offline_replies": "yes", "show_agents": 1, "show_queue": [],
        "version": 2,
    });
    assert_eq!(
        tenant.owner.patch(PATH, low).await.faults(),
        [
            "/disconnect/becomes unknown_value",
            "/disconnect/grace unknown_field",
            "/disconnect/grace_s out_of_range",
            "/disconnect/restore_within_s wrong_type",
            "/inactivity/away_after_s out_of_range",
            "/inactivity/offline_after_s wrong_type",
            "/inactivity/resume wrong_type",
            "/lease/ttl_s out_of_range",
            "/offline_replies wrong_type",
            "/seats out_of_range",
            "/show_agents wrong_type",
            "/show_queue wrong_type",
            "/time_zone bad_format",
            "/version unknown_field",
        ]
    );
    let high = json!({
        "seats": 100_001, "disconnect": {"grace_s": 86_401, "restore_within_s": 86_401},
        "inactivity": {"away_after_s": 86_401, "offline_after_s": 86_401}, "lease": {"ttl_s": 3601},
    });
    assert_eq!(
        tenant.owner.patch(PATH, high).await.faults(),
        [
            "/disconnect/grace_s out_of_range",
            "/disconnect/restore_within_s out_of_range",
            "/inactivity/away_after_s out_of_range",
            "/inactivity/offline_after_s out_of_range",
            "/lease/ttl_s out_of_range",
            "/seats out_of_range",
        ]
    );
    let null = tenant.owner.patch(PATH, json!({"seats": null})).await;
    assert_eq!(null.faults(), ["/seats wrong_type"]);
    assert_eq!(tenant.owner.get(PATH).await.ok()["version"], 1);
}

#[tokio::test]
async fn pres_15_seats_are_not_fewer_than_are_assigned() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;
    let mut paths = Vec::new();
    for name in ["ana", "bo", "cy"] {
        let email = format!("{name}@test.example");
        let seat = if name == "cy" { "shared" } else { "assigned" };
        let body = json!({"name": name, "email": email, "password": PASSWORD, "seat": seat});
        let agent = create(owner, "/v1/agents", body).await;
        paths.push(format!("/v1/agents/{}", agent["id"].as_str().unwrap()));
    }

    let few = owner.patch(PATH, json!({"seats": 1})).await;
    assert_eq!(few.faults(), ["/seats out_of_range"]);
    assert_eq!(
        owner.patch(PATH, json!({"seats": 2})).await.ok()["seats"],
        2
    );
    let third = owner.patch(&paths[2], json!({"seat": "assigned"})).await;
    assert_eq!(third.faults(), ["/seat out_of_range"]);
    owner.patch(&paths[0], json!({"name": "Anna"})).await.ok();
    owner.patch(&paths[0], json!({"seat": "shared"})).await.ok();
    owner
        .patch(&paths[2], json!({"seat": "assigned"}))
        .await
        .ok();
}

#[tokio::test]
async fn avail_03_a_setting_is_what_visitors_see_next() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    agent
        .put("/v1/me/presence", json!({"status": "online"}))
        .await
        .ok();
    let path = format!("/v1/widget/{}/availability", tenant.widget_key);
    let agents = async || {
        let shown = stranger().get(&path).await.ok();
        shown["offices"][0].get("agents").cloned()
    };

    assert_eq!(agents().await, None);
    tenant
        .owner
        .patch(PATH, json!({"show_agents": true}))
        .await
        .ok();

    let shown = agents().await.unwrap();
    assert_eq!(shown[0]["name"], "ana");
}

#[tokio::test]
async fn agents_read_the_settings_and_admins_change_them() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let supervisor = tenant.agent_as("super", "supervisor").await;
    let admin = tenant.agent_as("chief", "admin").await;

    for caller in [&agent, &supervisor] {
        caller.get(PATH).await.ok();
        let answer = caller.patch(PATH, json!({"seats": "x"})).await;
        answer.problem(403, "forbidden");
    }
    assert_eq!(stranger().get(PATH).await.status, 401);
    admin.patch(PATH, json!({"seats": 50})).await.ok();
    let other = Tenant::new().await;
    assert_eq!(other.owner.get(PATH).await.ok()["seats"], 40);
}

#[tokio::test]
async fn an_empty_object_in_a_patch_changes_nothing_of_an_object() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;
    let set = async |gone: Value| {
        owner
            .patch(PATH, json!({"chats": {"on_agent_gone": gone}}))
            .await
    };

    let incomplete = "/chats/on_agent_gone/requeue_after_s required";
    assert_eq!(set(json!({})).await.faults(), [incomplete]);
    let stored = set(json!({"requeue_after_s": 30})).await.ok();
    assert_eq!(set(json!({})).await.ok(), stored);
    set(Value::Null).await.ok();
    assert_eq!(set(json!({})).await.faults(), [incomplete]);
}
