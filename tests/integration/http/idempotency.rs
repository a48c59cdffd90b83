//! `Idempotency-Key`: a creation that is sent again is answered again.

use serde_json::{Value, json};

use super::{active_chat, be, ids, message};
use crate::realtime::setting::Stopped;
use crate::support::{PASSWORD, Persona, Tenant};

/// Creates the same twice under one key and gives the answer.
async fn twice(caller: &Persona, path: &str, body: Value) -> Value {
    let first = caller.post_once(path, body.clone(), "key-1").await;
    let again = caller.post_once(path, body.clone(), "key-1").await;

    assert_eq!(first.status, 201, "{}", first.body);
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    let place = |answer: &crate::support::Answer| answer.headers.get("location").cloned();
    assert_eq!(place(&again), place(&first));
    first.body
}

#[tokio::test]
async fn what_is_created_twice_under_one_key_is_there_once() {
    let tenant = Tenant::new().await;
    let office = &tenant.office_id;

    let bodies = [
        ("/v1/offices", json!({"name": "Sales"})),
        ("/v1/queues", json!({"name": "Sales", "office_id": office})),
        (
            "/v1/widgets",
            json!({"name": "Sales", "office_ids": [office]}),
        ),
        (
            "/v1/agents",
            json!({"name": "Ana", "email": "ana@test.example", "password": PASSWORD}),
        ),
    ];
    for (folder, body) in bodies {
        // One key for all: it names a request of a caller, so each folder needs its own.
        let key = format!("key{}", folder.replace('/', "-"));
        let first = tenant.owner.post_once(folder, body.clone(), &key).await;
        let again = tenant.owner.post_once(folder, body, &key).await;
        assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
        assert_eq!(first.body, again.body);
        assert_eq!(first.headers["location"], again.headers["location"]);
        let list = tenant.owner.get(folder).await.ok();
        assert_eq!(ids(&list).len(), 2, "{folder}: {list}");
    }
}

#[tokio::test]
async fn no_key_gives_anybody_the_token_of_another_visitor() {
    let tenant = Tenant::new().await;
    let path = format!("/v1/widget/{}/visitors", tenant.widget_key);
    let anybody = Persona::new(tenant.owner.base(), None);

    let one = anybody.post_once(&path, json!({}), "key-1").await;
    let other = anybody.post_once(&path, json!({}), "key-1").await;

    assert_eq!((one.status.as_u16(), other.status.as_u16()), (201, 201));
    assert_ne!(one.body["visitor_id"], other.body["visitor_id"]);
    assert_ne!(one.body["token"], other.body["token"]);
    // Nothing is left of either before it says something.
    assert_eq!(ids(&tenant.owner.get("/v1/contacts").await.ok()), [""; 0]);
}

#[tokio::test]
async fn a_chat_is_started_once_under_one_key() {
    let mut tenant = Tenant::new().await;
    be(&tenant.agent("ana").await, "online").await;
    let visitor = tenant.visitor().await.persona;

    let chat = twice(&visitor, "/v1/visitor/chats", json!({})).await;

    let list = visitor.get("/v1/visitor/chats").await.ok();
    assert_eq!(json!(ids(&list)), json!([chat["id"]]));
}

#[tokio::test]
async fn two_starts_at_the_same_instant_under_one_key_make_one_chat() {
    let mut tenant = Tenant::new().await;
    be(&tenant.agent("ana").await, "online").await;

    for round in 0..5 {
        let visitor = tenant.visitor().await.persona;
        let key = format!("key-{round}");
        let start = || visitor.post_once("/v1/visitor/chats", json!({}), &key);

        let (first, second, third) = tokio::join!(start(), start(), start());

        let chat = first.ok();
        assert_eq!(second.ok(), chat);
        assert_eq!(third.ok(), chat);
        let list = visitor.get("/v1/visitor/chats").await.ok();
        assert_eq!(ids(&list).len(), 1);
    }
}

#[tokio::test]
async fn a_message_is_left_once_under_one_key() {
    let tenant = Tenant::new().await;
    let visitor = tenant.visitor().await.persona;
    let mut body = message("m-1", "Call me");
    body["fields"] = json!({"name": "Vic", "email": "vic@home.example"});

    twice(&visitor, "/v1/visitor/offline-messages", body).await;

    let list = tenant.owner.get("/v1/chats").await.ok();
    assert_eq!(ids(&list).len(), 1);
}

#[tokio::test]
async fn a_message_is_sent_once_under_one_key() {
    let (_tenant, agent, visitor, chat_id) = active_chat().await;

    let agents = format!("/v1/chats/{chat_id}/messages");
    twice(&agent, &agents, message("a-1", "Hello")).await;
    let visitors = format!("/v1/visitor/chats/{chat_id}/messages");
    twice(&visitor.persona, &visitors, message("m-1", "Hi")).await;

    let chat = agent.get(&format!("/v1/chats/{chat_id}")).await.ok();
    assert_eq!(chat["last_seq"], 2);
}

#[tokio::test]
async fn a_key_with_another_body_or_path_is_a_mismatch() {
    let tenant = Tenant::new().await;
    let body = json!({"name": "Sales"});
    let post = async |path: &str, body| tenant.owner.post_once(path, body, "key-1").await;
    post("/v1/offices", body).await.ok();

    let other = post("/v1/offices", json!({"name": "Service"})).await;
    other.problem(409, "idempotency_mismatch");
    let queue = json!({"name": "Sales", "office_id": tenant.office_id});
    let other = post("/v1/queues", queue).await;
    other.problem(409, "idempotency_mismatch");

    let list = tenant.owner.get("/v1/offices").await.ok();
    assert_eq!(ids(&list).len(), 2);
}

#[tokio::test]
async fn a_key_is_of_one_caller() {
    let mut tenant = Tenant::new().await;
    let other = Tenant::new().await;
    let admin = tenant.agent_as("chief", "admin").await;
    let body = json!({"name": "Sales"});
    let mut made = Vec::new();

    for caller in [&tenant.owner, &admin, &other.owner] {
        let answer = caller.post_once("/v1/offices", body.clone(), "key-1").await;
        made.push(answer.ok()["id"].clone());
    }

    made.dedup();
    assert_eq!(made.len(), 3);
}

#[tokio::test]
async fn what_was_refused_may_be_tried_again_under_its_key() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let visitor = tenant.visitor().await.persona;
    let start = async || {
        visitor
            .post_once("/v1/visitor/chats", json!({}), "key-1")
            .await
    };

    start().await.problem(409, "not_live");
    be(&agent, "online").await;

    assert_eq!(start().await.status, 201);
}

#[tokio::test]
async fn a_key_is_1_to_128_visible_characters() {
    let tenant = Tenant::new().await;
    let body = json!({"name": "Sales"});

    for key in ["", "a b", &"x".repeat(129)] {
        let answer = tenant
            .owner
            .post_once("/v1/offices", body.clone(), key)
            .await;
        answer.problem(400, "malformed_request");
    }
    let longest = "x".repeat(128);
    let answer = tenant.owner.post_once("/v1/offices", body, &longest).await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn a_key_is_good_for_a_day() {
    let stopped = Stopped::start(|config| config.auth.access_token_s = 86_400).await;
    let tenant = Tenant::on(&stopped.base).await;
    let body = json!({"name": "Sales"});
    let create = async |owner: &Persona| {
        let answer = owner.post_once("/v1/offices", body.clone(), "key-1").await;
        answer.ok()["id"].clone()
    };
    let first = create(&tenant.owner).await;

    stopped.pass_hours(23).await;
    assert_eq!(create(&tenant.owner).await, first);
    stopped.pass_hours(2).await;
    let again = tenant.log_in("owner").await;

    assert_ne!(create(&again).await, first);
}
