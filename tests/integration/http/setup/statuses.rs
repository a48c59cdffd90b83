//! Custom statuses and kinds of pause: their defaults, their number, and who is in them.

use serde_json::json;

use super::{create, ids};
use crate::support::Tenant;

#[tokio::test]
async fn pres_13_a_status_handles_chats_and_is_paid_unless_it_says_otherwise() {
    let tenant = Tenant::new().await;

    let body = json!({"name": "Mail", "base": "online"});
    let status = create(&tenant.owner, "/v1/statuses", body).await;
    let body = json!({"name": "Break", "paid": false});
    let pause = create(&tenant.owner, "/v1/pauses", body).await;

    let expected = json!({
        "id": status["id"], "name": "Mail", "base": "online", "handles_chats": true, "paid": true,
        "color": "#757575", "sort_order": 0, "longest_a_day_s": null,
        "created_at": status["created_at"], "version": 1,
    });
    assert_eq!(status, expected);
    let expected = json!({
        "id": pause["id"], "name": "Break", "paid": false, "longest_s": null, "on_overrun": "flag",
        "sort_order": 0, "created_at": pause["created_at"], "version": 1,
    });
    assert_eq!(pause, expected);
    let none = tenant.owner.post("/v1/statuses", json!({})).await.faults();
    assert_eq!(none, ["/base required", "/name required"]);
    let none = tenant.owner.post("/v1/pauses", json!({})).await.faults();
    assert_eq!(none, ["/name required", "/paid required"]);
}

#[tokio::test]
async fn there_are_at_most_100_of_what_people_choose_from() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;

    for (folder, body) in [
        ("/v1/statuses", json!({"name": "S", "base": "away"})),
        ("/v1/pauses", json!({"name": "P", "paid": true})),
        ("/v1/skills", json!({"name": "K"})),
        ("/v1/dispositions", json!({"name": "D"})),
    ] {
        let mut last = None;
        for _ in 0..100 {
            last = Some(owner.post(folder, body.clone()).await.ok()["id"].clone());
        }
        let one_more = owner.post_once(folder, body.clone(), &folder[4..]).await;
        one_more.problem(409, "limit_reached");
        let all = owner.get(&format!("{folder}?limit=200")).await.ok();
        assert_eq!(ids(&all).len(), 100);
        let path = format!("{folder}/{}", last.unwrap().as_str().unwrap());
        assert_eq!(owner.delete(&path).await.status, 204);
        let again = owner.post_once(folder, body, &folder[4..]).await;
        assert_eq!(again.status, 201, "{}", again.body);
    }
}

#[tokio::test]
async fn pres_13_a_change_of_a_status_is_one_of_all_who_are_in_it() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let body = json!({"name": "Mail", "base": "online"});
    let status = create(&tenant.owner, "/v1/statuses", body).await;
    let path = format!("/v1/statuses/{}", status["id"].as_str().unwrap());
    let set = json!({"status_id": status["id"]});
    let presence = agent.put("/v1/me/presence", set.clone()).await.ok();
    assert_eq!(presence["effective"], "online");
    assert_eq!(tenant.mode().await, "live");

    let change = json!({"handles_chats": false, "paid": false});
    tenant.owner.patch(&path, change).await.ok();

    let presence = agent.get("/v1/me/presence").await.ok();
    assert_eq!(presence["effective"], "offline");
    assert_eq!(presence["reason"], "status_forbids_chats");
    assert_eq!(presence["paid"], false);
    assert_eq!(tenant.mode().await, "messenger");
    assert_eq!(tenant.owner.delete(&path).await.status, 204);
    let presence = agent.get("/v1/me/presence").await.ok();
    assert_eq!(presence["status_id"], json!(null));
    assert_eq!(presence["effective"], "online");
    let faults = agent.put("/v1/me/presence", set).await.faults();
    assert_eq!(faults, ["/status_id unknown_id"]);
}

#[tokio::test]
async fn a_pause_that_was_archived_goes_on_for_who_is_in_it() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    agent
        .put("/v1/me/presence", json!({"status": "online"}))
        .await
        .ok();
    let body = json!({"name": "Lunch", "paid": true});
    let pause = create(&tenant.owner, "/v1/pauses", body).await;
    let path = format!("/v1/pauses/{}", pause["id"].as_str().unwrap());
    let start = json!({"pause_id": pause["id"]});
    agent.put("/v1/me/pause", start.clone()).await.ok();

    tenant.owner.patch(&path, json!({"paid": false})).await.ok();
    assert_eq!(tenant.owner.delete(&path).await.status, 204);

    let presence = agent.get("/v1/me/presence").await.ok();
    assert_eq!(presence["pause"]["pause_id"], pause["id"]);
    assert_eq!(presence["pause"]["paid"], true);
    agent.delete("/v1/me/pause").await.ok();
    let faults = agent.put("/v1/me/pause", start).await.faults();
    assert_eq!(faults, ["/pause_id unknown_id"]);
}
