//! Bans (CHAT-13) over HTTP and on the visitors' socket.

use reqwest::Method;
use serde_json::{Value, json};

use super::{NOBODY, create, ids, tag, text};
use crate::support::{Answer, Persona, Socket, Tenant, Visitor, shared};

/// Uploads a small file.
async fn upload(visitor: &Visitor) -> Answer {
    let form = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
        Content-Type: text/plain\r\n\r\nHello\r\n--b--\r\n";
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    let body = Some(form.to_owned());
    let call = visitor
        .persona
        .call(Method::POST, "/v1/visitor/files", body, &headers);
    call.await
}

#[tokio::test]
async fn chat_13_supervisors_ban_list_and_lift() {
    let mut tenant = Tenant::new().await;
    let supervisor = tenant.agent_as("sue", "supervisor").await;
    let agent = tenant.agent("ana").await;
    let body =
        json!({"address": "192.0.2.7/24", "reason": "spam", "until": "2199-01-01T00:00:00Z"});

    let ban = create(&supervisor, "/v1/bans", body.clone()).await;

    let sue = supervisor.get("/v1/me").await.ok();
    assert_eq!(ban["address"], "192.0.2.0/24");
    assert_eq!(ban["contact_id"], Value::Null);
    assert_eq!(
        (&ban["reason"], &ban["created_by"]),
        (&json!("spam"), &sue["id"])
    );
    let path = format!("/v1/bans/{}", text(&ban["id"]));
    for answer in [
        agent.get("/v1/bans").await,
        agent.get(&path).await,
        agent.post("/v1/bans", body).await,
        agent.delete(&path).await,
    ] {
        answer.problem(403, "forbidden");
    }
    assert_eq!(supervisor.delete(&path).await.status, 204);
    supervisor.get(&path).await.problem(404, "not_found");
    supervisor.delete(&path).await.problem(404, "not_found");
    let list = supervisor.get("/v1/bans").await.ok();
    assert!(ids(&list).is_empty());
}

#[tokio::test]
async fn chat_13_a_ban_names_a_contact_of_the_tenant_or_an_address() {
    let tenant = Tenant::new().await;
    let other = Tenant::new().await;
    let theirs = other.visitor().await.persona;
    let chat = json!({"fields": {}, "message": {"id": "m-1", "text": "Hi"}});
    let left = json!({
        "fields": {"name": "V", "email": "v@home.example"}, "message": chat["message"],
    });
    let left = theirs.post("/v1/visitor/offline-messages", left).await.ok();
    let path = format!("/v1/chats/{}", text(&left["id"]));
    let contact = other.owner.get(&path).await.ok()["contact"]["id"].clone();

    for (body, fault) in [
        (json!({}), "/contact_id required"),
        (json!({"contact_id": NOBODY}), "/contact_id unknown_id"),
        (json!({"contact_id": contact}), "/contact_id unknown_id"),
        (json!({"address": "192.0.2.0/15"}), "/address bad_format"),
        (
            json!({"address": "192.0.2.1", "contact_id": NOBODY}),
            "/address duplicate",
        ),
        (
            json!({"address": "192.0.2.1", "until": "2001-01-01T00:00:00Z"}),
            "/until out_of_range",
        ),
    ] {
        let faults = tenant.owner.post("/v1/bans", body).await.faults();
        assert_eq!(faults, [fault]);
    }
}

#[tokio::test]
async fn chat_13_who_is_banned_is_told_so_over_http_and_on_its_socket() {
    let mut tenant = Tenant::new().await;
    let (_agent, _socket) = tenant.online_agent("ana").await;
    let visitor = tenant.visitor().await;
    let mut socket = Socket::visitor(&visitor).await;
    let chat = visitor
        .persona
        .post("/v1/visitor/chats", json!({}))
        .await
        .ok();
    let path = format!("/v1/visitor/chats/{}", text(&chat["id"]));
    let contact =
        tenant.owner.get("/v1/chats?limit=1").await.ok()["data"][0]["contact"]["id"].clone();

    let body = json!({"contact_id": contact});
    let ban = create(&tenant.owner, "/v1/bans", body).await;

    let closed = socket.expect("chat.closed").await;
    assert_eq!(closed["reason"], "banned");
    assert_eq!(closed["by"], json!({"kind": "agent"}));
    assert_eq!(visitor.persona.get(&path).await.ok()["state"], "closed");
    // Neither here nor in what is read later does it learn who banned it.
    let read = visitor.persona.get(&format!("{path}/events")).await.ok();
    let last = read["data"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["type"], &last["by"]),
        (&closed["type"], &closed["by"])
    );
    upload(&visitor).await.problem(403, "banned");
    let again = visitor.persona.post("/v1/visitor/chats", json!({})).await;
    again.problem(403, "banned");
    socket
        .refused(json!({"type": "chat.start"}), "banned")
        .await;
    let lifted = format!("/v1/bans/{}", text(&ban["id"]));
    assert_eq!(tenant.owner.delete(&lifted).await.status, 204);
    let again = visitor.persona.post("/v1/visitor/chats", json!({})).await;
    assert_eq!(again.status, 201, "{}", again.body);
    assert_eq!(upload(&visitor).await.status, 201);
}

#[tokio::test]
async fn chat_13_a_banned_address_starts_nothing_over_http_nor_on_a_socket() {
    let mut tenant = Tenant::new().await;
    let (_agent, _socket) = tenant.online_agent("ana").await;
    let visitor = tenant.visitor().await;
    let mut socket = Socket::visitor(&visitor).await;

    create(&tenant.owner, "/v1/bans", json!({"address": "127.0.0.1"})).await;

    let start = visitor.persona.post("/v1/visitor/chats", json!({})).await;
    start.problem(403, "banned");
    upload(&visitor).await.problem(403, "banned");
    socket
        .refused(json!({"type": "chat.start"}), "banned")
        .await;
}

#[tokio::test]
async fn chat_13_the_document_says_where_a_visitor_may_be_told_that_it_is_banned() {
    let anybody = Persona::new(&shared().base, None);
    let document = anybody.get("/openapi.json").await.ok();
    let chat = "/v1/visitor/chats/{chat_id}";
    let of_chat = ["messages", "typing", "read", "rating", "ask-by-email"];
    let mut calls: Vec<(String, &str)> = of_chat
        .map(|verb| (format!("{chat}/{verb}"), "post"))
        .to_vec();
    for path in [
        "/v1/visitor/chats",
        "/v1/visitor/offline-messages",
        "/v1/visitor/files",
    ] {
        calls.push((path.to_owned(), "post"));
    }
    calls.push((format!("{chat}/messages/{{message_id}}"), "patch"));

    for (path, method) in &calls {
        let answers = &document["paths"][path][method]["responses"];
        let said = answers["403"]["description"].as_str().unwrap_or_default();
        assert!(said.contains("`banned`"), "{method} {path}: {answers}");
    }
    // It may still end its chat and take back what it has written.
    for (path, method) in [
        (format!("{chat}/end"), "post"),
        (format!("{chat}/messages/{{message_id}}"), "delete"),
    ] {
        let answers = document["paths"][&path][method]["responses"].to_string();
        assert!(!answers.contains("`banned`"), "{method} {path}: {answers}");
    }
}

#[tokio::test]
async fn chat_13_a_ban_is_changed_by_who_has_seen_it() {
    let mut tenant = Tenant::new().await;
    let supervisor = tenant.agent_as("sue", "supervisor").await;
    let agent = tenant.agent("ana").await;
    let made = json!({"address": "192.0.2.7", "reason": "spam", "until": "2199-01-01T00:00:00Z"});
    let made = supervisor.post("/v1/bans", made).await;
    assert_eq!(tag(&made), "\"1\"");
    let made = made.ok();
    let path = format!("/v1/bans/{}", text(&made["id"]));
    assert_eq!(tag(&supervisor.get(&path).await), "\"1\"");

    agent
        .patch(&path, json!({"reason": "x"}))
        .await
        .problem(403, "forbidden");
    let change = json!({"reason": "Threats", "until": null});
    let first = [("if-match", "\"1\"")];
    let changed = supervisor.patch_if(&path, change.clone(), &first).await;

    assert_eq!(tag(&changed), "\"2\"");
    let changed = changed.ok();
    let mut expected = made;
    expected["reason"] = json!("Threats");
    expected["until"] = Value::Null;
    expected["version"] = json!(2);
    assert_eq!(changed, expected);
    assert_eq!(supervisor.get(&path).await.ok(), expected);
    let page = supervisor.get("/v1/bans").await.ok();
    assert_eq!(page["data"], json!([expected]));
    let same = supervisor.patch(&path, change.clone()).await;
    assert_eq!(tag(&same), "\"2\"", "it was so already");
    let stale = supervisor.patch_if(&path, change.clone(), &first).await;
    stale.problem(412, "precondition_failed");
    let garbage = supervisor
        .patch_if(&path, change, &[("if-match", "2")])
        .await;
    garbage.problem(400, "malformed_request");
    let body = json!({"reason": "", "until": "2001-01-01T00:00:00Z", "address": "192.0.2.8"});
    assert_eq!(
        supervisor.patch(&path, body).await.faults(),
        ["/address unknown_field", "/reason too_short"]
    );
    let past = json!({"until": "2001-01-01T00:00:00Z"});
    let faults = supervisor.patch(&path, past).await.faults();
    assert_eq!(faults, ["/until out_of_range"]);
    let lift = async |tag: &str| {
        let headers = [("if-match", tag)];
        supervisor.call(Method::DELETE, &path, None, &headers).await
    };
    lift("\"1\"").await.problem(412, "precondition_failed");
    assert_eq!(lift("\"2\"").await.status, 204);
    let gone = supervisor.patch(&path, json!({"reason": "x"})).await;
    gone.problem(404, "not_found");
}
