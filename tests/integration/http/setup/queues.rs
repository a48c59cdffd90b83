//! Queues: their members, and the chats that keep them.

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
