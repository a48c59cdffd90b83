//! Contacts that agents make, and contacts that are deleted (CHAT-6).

use deskbell::domain::Millis;
use reqwest::Method;
use serde_json::{Value, json};

use super::{NOBODY, be, close, ids, message, pick, text};
use crate::support::{Answer, Persona, Tenant, Visitor, set_queue, shared};

#[track_caller]
fn tag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().unwrap().to_owned()
}

async fn delete_if(caller: &Persona, path: &str, tag: &str) -> Answer {
    let headers = [("if-match", tag)];
    caller.call(Method::DELETE, path, None, &headers).await
}

/// A visitor with a chat that is over, and the path of its contact.
async fn after_a_chat(tenant: &Tenant, agent: &Persona) -> (Visitor, String, String) {
    be(agent, "online").await;
    let visitor = tenant.visitor().await;
    let body = json!({
        "fields": {"name": "Vic", "email": "vic@home.example", "plan": "gold"},
        "message": {"id": "m-1", "text": "Hello"},
    });
    let chat = visitor.persona.post("/v1/visitor/chats", body).await;
    let chat = text(&chat.ok()["id"]);
    pick(agent, &chat).await;
    close(agent, &chat).await;
    let path = format!("/v1/contacts/{}", visitor.id);
    (visitor, chat, path)
}

#[tokio::test]
async fn chat_06_an_agent_makes_a_contact_and_knows_of_it() {
    let mut tenant = Tenant::new().await;
    let (agent, other) = (tenant.agent("ana").await, tenant.agent("bo").await);
    let body = json!({
        "name": "Vic", "email": "vic@home.example", "note": "Rings", "language": "de-AT",
        "fields": {"plan": "gold"},
    });

    let made = agent.post("/v1/contacts", body.clone()).await;

    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(tag(&made), "\"1\"");
    let path = made.headers["location"].to_str().unwrap().to_owned();
    let contact = made.ok();
    assert_eq!(path, format!("/v1/contacts/{}", text(&contact["id"])));
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(contact[field], *value);
    }
    assert_eq!(contact["assigned_agent_ids"], json!([]));
    for reader in [&agent, &tenant.owner] {
        assert_eq!(reader.get(&path).await.ok(), contact);
        let found = reader.get("/v1/contacts?q=VIC").await.ok();
        assert_eq!(found["data"], json!([contact]));
    }
    // Without a chat nobody else has anything to do with it.
    other.get(&path).await.problem(404, "not_found");
    assert_eq!(ids(&other.get("/v1/contacts").await.ok()).len(), 0);
    let changed = agent.patch(&path, json!({"name": null})).await.ok();
    assert_eq!(
        (&changed["name"], &changed["version"]),
        (&Value::Null, &json!(2))
    );
    let chats = agent.get(&format!("{path}/chats")).await.ok();
    assert_eq!(chats["data"], json!([]));
}

#[tokio::test]
async fn chat_06_a_contact_is_made_with_something_to_find_it_by() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let me = text(&agent.get("/v1/me").await.ok()["id"]);
    let post = async |caller: &Persona, body| caller.post("/v1/contacts", body).await;

    for nothing in [json!({}), json!({"name": null, "note": "Rings"})] {
        assert_eq!(post(&agent, nothing).await.faults(), ["/name required"]);
    }
    let body = json!({"name": "", "email": "x", "fields": {"a": 1}, "nick": "V", "note": " "});
    assert_eq!(
        post(&agent, body).await.faults(),
        [
            "/email bad_format",
            "/fields/a wrong_type",
            "/name too_short",
            "/nick unknown_field",
            "/note too_short",
        ]
    );
    let assigned = json!({"name": "Vic", "assigned_agent_ids": [me]});
    post(&agent, assigned.clone())
        .await
        .problem(403, "forbidden");
    let made = post(&tenant.owner, assigned).await.ok();
    assert_eq!(made["assigned_agent_ids"], json!([me]));
    let unknown = json!({"name": "Vic", "assigned_agent_ids": [NOBODY]});
    let faults = post(&tenant.owner, unknown).await.faults();
    assert_eq!(faults, ["/assigned_agent_ids/0 unknown_id"]);
    let nobody = json!({"name": "Vic", "assigned_agent_ids": []});
    assert_eq!(post(&agent, nobody).await.status, 201);
}

#[tokio::test]
async fn chat_06_a_contact_is_made_once_under_one_key() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let body = json!({"email": "vic@home.example"});

    let first = agent.post_once("/v1/contacts", body.clone(), "key-1").await;
    let again = agent.post_once("/v1/contacts", body, "key-1").await;

    assert_eq!((again.status, &again.body), (first.status, &first.body));
    let listed = agent.get("/v1/contacts").await.ok();
    assert_eq!(ids(&listed), [text(&first.body["id"])]);
    let other = json!({"email": "zoe@home.example"});
    let mismatch = agent.post_once("/v1/contacts", other, "key-1").await;
    mismatch.problem(409, "idempotency_mismatch");
}

#[tokio::test]
async fn chat_06_a_contact_that_is_deleted_is_gone_and_its_chats_stay() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let supervisor = tenant.agent_as("sue", "supervisor").await;
    let (visitor, chat, path) = after_a_chat(&tenant, &agent).await;
    agent
        .patch(&path, json!({"note": "Rings", "name": "Victor"}))
        .await
        .ok();
    let seen = tag(&agent.get(&path).await);

    for caller in [&agent, &supervisor] {
        caller.delete(&path).await.problem(403, "forbidden");
    }
    let stale = delete_if(&tenant.owner, &path, "\"1\"").await;
    stale.problem(412, "precondition_failed");
    let gone = delete_if(&tenant.owner, &path, &seen).await;

    assert_eq!(gone.status, 204, "{}", gone.body);
    for of in ["", "/chats", "/conversation"] {
        let path = format!("{path}{of}");
        tenant.owner.get(&path).await.problem(404, "not_found");
    }
    tenant.owner.delete(&path).await.problem(404, "not_found");
    let change = tenant.owner.patch(&path, json!({"note": "x"})).await;
    change.problem(404, "not_found");
    for query in ["", "?q=vic", "?email=vic@home.example"] {
        let list = tenant.owner.get(&format!("/v1/contacts{query}")).await.ok();
        assert_eq!(list["data"], json!([]), "{query}");
    }
    let ban = json!({"contact_id": visitor.id});
    let faults = tenant.owner.post("/v1/bans", ban).await.faults();
    assert_eq!(faults, ["/contact_id unknown_id"]);
    // What was said stays, with what its own form gave.
    let kept = agent.get(&format!("/v1/chats/{chat}")).await.ok();
    assert_eq!(
        (&kept["state"], &kept["contact"]["name"]),
        (&json!("closed"), &json!("Vic"))
    );
    let events = agent.get(&format!("/v1/chats/{chat}/events")).await.ok();
    let said = events["data"].as_array().unwrap().iter();
    let mut said = said.filter(|event| event["type"] == "chat.message");
    assert_eq!(said.next().unwrap()["message"]["text"], "Hello");
    let own = visitor.persona.get("/v1/visitor/history").await.ok();
    assert_eq!(own["data"][0]["message"]["text"], "Hello");
}

#[tokio::test]
async fn chat_06_nothing_of_the_person_is_left_in_the_row() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let (visitor, chat, path) = after_a_chat(&tenant, &agent).await;
    let me = agent.get("/v1/me").await.ok()["id"].clone();
    let change = json!({
        "name": "Victor", "note": "Rings", "language": "de", "fields": {"number": "7"},
        "assigned_agent_ids": [me],
    });
    tenant.owner.patch(&path, change).await.ok();
    let version = tenant.owner.get(&path).await.ok()["version"]
        .as_i64()
        .unwrap();
    assert_eq!(tenant.owner.delete(&path).await.status, 204);

    // Its visitor comes back and says only who it is now.
    let again = json!({"fields": {"name": "Zoe"}});
    let new = visitor.persona.post("/v1/visitor/chats", again).await;
    let new = text(&new.ok()["id"]);

    let contact = tenant.owner.get(&path).await.ok();
    assert_eq!(
        contact,
        json!({
            "id": visitor.id, "name": "Zoe", "email": null, "fields": {}, "note": null,
            "language": null, "assigned_agent_ids": [], "created_at": contact["created_at"],
            "version": version + 2,
        })
    );
    let back = tenant
        .owner
        .patch(&path, json!({"name": null, "fields": null}))
        .await
        .ok();
    assert_eq!(
        (&back["name"], &back["fields"]),
        (&json!("Zoe"), &json!({}))
    );
    let chats = agent.get(&format!("{path}/chats")).await.ok();
    assert_eq!(ids(&chats), [new, chat]);
}

#[tokio::test]
async fn chat_06_a_contact_with_an_open_chat_or_a_message_in_the_inbox_stays() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let (visitor, _, path) = after_a_chat(&tenant, &agent).await;
    let start = visitor.persona.post("/v1/visitor/chats", json!({})).await;
    let waiting = text(&start.ok()["id"]);
    let seen = tag(&tenant.owner.get(&path).await);

    tenant.owner.delete(&path).await.problem(409, "in_use");
    pick(&agent, &waiting).await;
    delete_if(&tenant.owner, &path, &seen)
        .await
        .problem(409, "in_use");
    close(&agent, &waiting).await;
    let left = json!({
        "fields": {"name": "Vic", "email": "vic@home.example"},
        "message": {"id": "m-2", "text": "Call me"},
    });
    let left = visitor
        .persona
        .post("/v1/visitor/offline-messages", left)
        .await;
    let left = text(&left.ok()["id"]);
    tenant.owner.delete(&path).await.problem(409, "in_use");
    pick(&agent, &left).await;
    close(&agent, &left).await;

    assert_eq!(
        tenant.owner.get(&path).await.status,
        200,
        "nothing has changed"
    );
    assert_eq!(tenant.owner.delete(&path).await.status, 204);
}

#[tokio::test]
async fn chat_06_a_chat_that_goes_on_brings_its_contact_back_with_nothing_in_it() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    set_queue(&shared().state.hub, &tenant, |settings| {
        settings.visitor_idle.reopen_within = Some(Millis::from_secs(600));
    })
    .await;
    let (visitor, chat, path) = after_a_chat(&tenant, &agent).await;
    assert_eq!(tenant.owner.delete(&path).await.status, 204);

    let own = format!("/v1/visitor/chats/{chat}/messages");
    let sent = visitor
        .persona
        .post(&own, message("m-2", "One more thing"))
        .await;

    assert_eq!(sent.status, 201, "{}", sent.body);
    let contact = tenant.owner.get(&path).await.ok();
    assert_eq!(
        (&contact["name"], &contact["fields"]),
        (&Value::Null, &json!({}))
    );
    tenant.owner.delete(&path).await.problem(409, "in_use");
}

#[tokio::test]
async fn chat_06_of_a_start_and_a_delete_at_once_either_comes_first() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let (visitor, _, path) = after_a_chat(&tenant, &agent).await;

    for _ in 0..8 {
        let start = visitor.persona.post("/v1/visitor/chats", json!({}));
        let (started, deleted) = tokio::join!(start, tenant.owner.delete(&path));

        let chat = text(&started.ok()["id"]);
        if deleted.status != 204 {
            deleted.problem(409, "in_use");
        }
        // Whichever it was: a chat that is open has a contact.
        assert_eq!(tenant.owner.get(&path).await.status, 200);
        pick(&agent, &chat).await;
        close(&agent, &chat).await;
    }
}

#[tokio::test]
async fn chat_06_a_contact_that_an_agent_has_made_keeps_something_to_find_it_by() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let body = json!({"name": "Vic", "email": "vic@home.example"});
    let made = agent.post("/v1/contacts", body).await.ok();
    let path = format!("/v1/contacts/{}", text(&made["id"]));
    let change = async |body| agent.patch(&path, body).await;

    let both = json!({"name": null, "email": null, "note": "Rings"});
    let faults = change(both.clone()).await.faults();
    assert_eq!(faults, ["/email required", "/name required"]);
    assert_eq!(agent.get(&path).await.ok(), made, "nothing has changed");
    change(json!({"email": null})).await.ok();
    assert_eq!(
        change(json!({"name": null})).await.faults(),
        ["/name required"]
    );
    let other = json!({"name": null, "email": "vic@work.example"});
    assert_eq!(change(other).await.ok()["name"], Value::Null);
    assert_eq!(change(json!({"note": "Rings"})).await.status, 200);

    // What a form has made is found by its visitor.
    let (_visitor, _chat, of_form) = after_a_chat(&tenant, &agent).await;
    let named = json!({"name": "Victor", "email": "victor@home.example"});
    agent.patch(&of_form, named).await.ok();
    let back = agent.patch(&of_form, both).await.ok();
    assert_eq!(
        (&back["name"], &back["note"]),
        (&json!("Vic"), &json!("Rings"))
    );
}
