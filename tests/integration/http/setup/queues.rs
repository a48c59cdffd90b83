//! Queues: their members, and the chats that keep them.

use reqwest::Method;
use serde_json::{Value, json};

use super::super::{active_chat, close};
use super::{NOBODY, create, tag};
use crate::support::{PASSWORD, Tenant};

#[tokio::test]
async fn the_members_of_a_queue_are_patched_as_a_whole() {
    let tenant = Tenant::new().await;
    let path = format!("/v1/queues/{}", tenant.queue_id);
    let mut agents = Vec::new();
    for name in ["ana", "bo"] {
        let email = format!("{name}@test.example");
        let body = json!({"name": name, "email": email, "password": PASSWORD});
        agents.push(create(&tenant.owner, "/v1/agents", body).await["id"].clone());
    }
    let set = async |members: Value| {
        let body = json!({"member_ids": members});
        tenant.owner.patch(&path, body).await
    };

    for (members, version) in [
        (json!(agents), 2),
        (json!([agents[1], agents[0]]), 2),
        (json!([agents[1]]), 3),
        (json!(null), 4),
    ] {
        let answer = set(members.clone()).await;
        assert_eq!(tag(&answer), format!("\"{version}\""), "{members}");
    }
    assert_eq!(
        set(json!([NOBODY])).await.faults(),
        ["/member_ids/0 unknown_id"]
    );
    let twice = set(json!([agents[0], agents[0]])).await;
    assert_eq!(twice.faults(), ["/member_ids/1 duplicate"]);
    // The older call counts as a change too.
    let members = format!("{path}/members");
    let body = json!({"member_ids": [agents[0]]});
    let answer = tenant.owner.put(&members, body).await;
    assert_eq!(tag(&answer), "\"5\"");
}

#[tokio::test]
async fn the_office_of_a_queue_stays() {
    let tenant = Tenant::new().await;
    let path = format!("/v1/queues/{}", tenant.queue_id);

    let body = json!({"office_id": tenant.office_id});
    let faults = tenant.owner.patch(&path, body).await.faults();

    assert_eq!(faults, ["/office_id unknown_field"]);
}

#[tokio::test]
async fn a_queue_with_an_open_chat_stays_until_it_ends() {
    let (tenant, agent, _visitor, chat) = active_chat().await;
    let path = format!("/v1/queues/{}", tenant.queue_id);

    tenant.owner.delete(&path).await.problem(409, "in_use");
    close(&agent, &chat).await;
    assert_eq!(tenant.owner.delete(&path).await.status, 204);

    assert_eq!(tenant.mode().await, "messenger");
    let kept = agent.get(&format!("/v1/chats/{chat}")).await.ok();
    assert_eq!(kept["queue_id"], tenant.queue_id.as_str());
}

#[tokio::test]
async fn members_are_set_by_who_has_seen_the_queue() {
    let mut tenant = Tenant::new().await;
    let ana = tenant.agent("ana").await;
    let ana = ana.get("/v1/me").await.ok()["id"].clone();
    let queue = format!("/v1/queues/{}", tenant.queue_id);
    let path = format!("{queue}/members");
    let seen = tag(&tenant.owner.get(&queue).await);
    let set = async |members: Value, tag: Option<&str>| {
        let body = json!({"member_ids": members}).to_string();
        let headers: Vec<_> = tag.map(|tag| ("if-match", tag)).into_iter().collect();
        let owner = &tenant.owner;
        owner.call(Method::PUT, &path, Some(body), &headers).await
    };

    let same = set(json!([ana]), Some(&seen)).await;
    assert_eq!(tag(&same), seen, "the same list changes nothing");
    let emptied = set(json!([]), Some(&seen)).await;
    let now = tag(&emptied);
    assert_ne!(now, seen);
    assert_eq!(emptied.ok()["member_ids"], json!([]));
    let stale = set(json!([ana]), Some(&seen)).await;
    stale.problem(412, "precondition_failed");
    for garbage in ["7", "garbage", ""] {
        let refused = set(json!([ana]), Some(garbage)).await;
        refused.problem(400, "malformed_request");
    }
    assert_eq!(tag(&tenant.owner.get(&queue).await), now);
    for (tag_given, members) in [(Some("*"), json!([ana])), (None, json!([]))] {
        let set = set(members.clone(), tag_given).await;
        assert_eq!(set.ok()["member_ids"], members);
    }
    let nowhere = format!("/v1/queues/{NOBODY}/members");
    let body = json!({"member_ids": []}).to_string();
    let owner = &tenant.owner;
    for headers in [vec![], vec![("if-match", "\"1\"")]] {
        let missing = owner
            .call(Method::PUT, &nowhere, Some(body.clone()), &headers)
            .await;
        missing.problem(404, "not_found");
    }
}

#[tokio::test]
async fn an_empty_object_in_a_patch_changes_nothing_of_an_object() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;
    let path = format!("/v1/queues/{}", tenant.queue_id);
    let other = json!({"name": "Second", "office_id": tenant.office_id});
    let other = create(owner, "/v1/queues", other).await["id"].clone();
    let pause = json!({"name": "Lunch", "paid": false});
    let pause = create(owner, "/v1/pauses", pause).await["id"].clone();
    let objects = json!({
        "overflow": {"queue_id": other}, "on_missed_offer": {"pause_id": pause}, "reminder": {"after_s": 60},
    });
    let empty = json!({"overflow": {}, "on_missed_offer": {}, "reminder": {}});
    let missing = [
        "/on_missed_offer/pause_id required",
        "/overflow/queue_id required",
        "/reminder/after_s required",
    ];

    // There is nothing yet, or a word.
    assert_eq!(
        owner.patch(&path, empty.clone()).await.faults(),
        missing.map(ToOwned::to_owned)
    );
    let words =
        json!({"overflow": "messenger", "on_missed_offer": "away", "reminder": "every_message"});
    owner.patch(&path, words).await.ok();
    assert_eq!(
        owner.patch(&path, empty.clone()).await.faults(),
        missing.map(ToOwned::to_owned)
    );
    let stored = owner.patch(&path, objects).await;
    let seen = tag(&stored);
    let stored = stored.ok();
    let same = owner.patch(&path, empty.clone()).await;
    assert_eq!(tag(&same), seen, "nothing was changed");
    assert_eq!(same.ok(), stored);
    // Beside a change it leaves what it names, and beside a fault nothing is said of it.
    let mut body = empty;
    body["max_waiting"] = json!(7);
    let changed = owner.patch(&path, body.clone()).await.ok();
    assert_eq!(changed["max_waiting"], 7);
    for field in ["overflow", "on_missed_offer", "reminder"] {
        assert_eq!(changed[field], stored[field], "{field}");
    }
    body["max_waiting"] = json!(0);
    let faults = owner.patch(&path, body).await.faults();
    assert_eq!(faults, ["/max_waiting out_of_range"]);
    // What takes its place has to be whole.
    let faults = owner
        .patch(&path, json!({"overflow": {"queue": other}}))
        .await;
    assert_eq!(faults.faults(), ["/overflow/queue unknown_field"]);
}

#[tokio::test]
async fn an_empty_object_is_no_choice_for_a_new_queue() {
    let tenant = Tenant::new().await;
    let body = json!({"name": "Third", "office_id": tenant.office_id, "overflow": {}});

    let faults = tenant.owner.post("/v1/queues", body).await.faults();

    assert_eq!(faults, ["/overflow/queue_id required"]);
}
