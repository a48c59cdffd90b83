//! How a socket begins, and what it may do wrong.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::setting::{Stopped, Talk, send};
use crate::support::{Persona, Socket, Tenant, shared};

const AGENT: &str = "/v1/agent/ws";
const VISITOR: &str = "/v1/visitor/ws";

fn bearer(persona: &Persona) -> String {
    format!("Bearer {}", persona.token.as_deref().unwrap())
}

#[tokio::test]
async fn a_hello_is_answered_by_a_welcome_with_a_snapshot() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let visitor = tenant.visitor().await;

    let desk = Socket::agent(&agent).await;
    let widget = Socket::visitor(&visitor).await;

    let welcome = &desk.first;
    assert_eq!(welcome["type"], "welcome");
    assert_eq!(welcome["snapshot"]["me"]["name"], "ana");
    assert_eq!(welcome["snapshot"]["presence"]["status"], "offline");
    assert_eq!(
        welcome["snapshot"]["queues"],
        json!([{
            "id": tenant.queue_id, "name": "General", "office_id": tenant.office_id, "logged_in": true,
        }])
    );
    assert_eq!(
        welcome["snapshot"]["offices"],
        json!([{"id": tenant.office_id, "name": "Support", "mode": "messenger"}])
    );
    assert_eq!(welcome["snapshot"]["offers"], json!([]));
    assert_eq!(welcome["snapshot"]["chats"], json!([]));
    assert_eq!(widget.first["snapshot"]["visitor_id"], visitor.id);
    assert_eq!(widget.first["snapshot"]["chats"], json!([]));
    assert_eq!(widget.first["history_id"], welcome["history_id"]);
    assert_ne!(widget.first["connection_id"], welcome["connection_id"]);
}

#[tokio::test]
async fn an_authorization_header_is_welcomed_at_once() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let visitor = tenant.visitor().await;

    let headers = [("authorization", bearer(&agent))];
    let headers = [(headers[0].0, headers[0].1.as_str())];
    let mut desk = Socket::open_with(agent.base(), AGENT, &headers)
        .await
        .unwrap();
    let token = bearer(&visitor.persona);
    let mut widget = Socket::open_with(agent.base(), VISITOR, &[("authorization", &token)])
        .await
        .unwrap();

    assert_eq!(desk.next().await["type"], "welcome");
    assert_eq!(widget.next().await["type"], "welcome");
}

#[tokio::test]
async fn an_address_takes_the_place_of_resume_beside_a_header() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let first = Socket::agent(&talk.agent).await.first;
    talk.widget.ok(send(&talk.chat_id, "m-2", "And?")).await;

    let path = format!(
        "{AGENT}?history_id={}&after={}",
        first["history_id"].as_str().unwrap(),
        first["seq"]
    );
    let token = bearer(&talk.agent);
    let mut again = Socket::open_with(talk.agent.base(), &path, &[("authorization", &token)])
        .await
        .unwrap();

    assert_eq!(again.next().await["type"], "resumed");
    let missed = again.expect("chat.message").await;
    assert_eq!(missed["message"]["id"], "m-2");
}

#[tokio::test]
async fn a_bad_token_closes_with_4001() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let visitor = tenant.visitor().await;
    let base = agent.base();
    let wrong = [
        (AGENT, json!({"type": "hello", "token": "nonsense"})),
        (
            AGENT,
            json!({"type": "hello", "token": visitor.persona.token}),
        ),
        (VISITOR, json!({"type": "hello", "token": agent.token})),
    ];

    for (path, hello) in wrong {
        let mut socket = Socket::open(base, path).await;
        socket.send(&hello).await;
        assert_eq!(socket.closed().await.code, 4001, "{hello}");
    }
    let header = [("authorization", "Bearer nonsense")];
    let code = match Socket::open_with(base, AGENT, &header).await {
        Ok(mut socket) => socket.closed().await.code,
        Err(status) => status,
    };
    assert!(matches!(code, 401 | 4001), "{code}");
}

#[tokio::test]
async fn a_page_that_may_not_use_the_socket_is_refused() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let owner = &tenant.owner;
    let widget = json!({"name": "Shop", "office_ids": [tenant.office_id],
        "allowed_domains": ["shop.example"]});
    let widget = owner.post("/v1/widgets", widget).await.ok();
    let path = format!("/v1/widget/{}/visitors", widget["key"].as_str().unwrap());
    let visitor = Persona::new(agent.base(), None)
        .post(&path, json!({}))
        .await;
    let token = visitor.ok()["token"].take();

    let origin = |host: &str| [("origin", format!("https://{host}"))];
    let foreign = origin("evil.example");
    let foreign = [(foreign[0].0, foreign[0].1.as_str())];
    let refused = Socket::open_with(agent.base(), AGENT, &foreign).await;
    assert_eq!(refused.err(), Some(403));

    // Which widget a visitor uses is known with its token only.
    let mut socket = Socket::open_with(agent.base(), VISITOR, &foreign)
        .await
        .unwrap();
    socket.send(&json!({"type": "hello", "token": token})).await;
    assert_eq!(socket.closed().await.code, 4003);

    let own = [("origin", "https://shop.example")];
    let mut socket = Socket::open_with(agent.base(), VISITOR, &own)
        .await
        .unwrap();
    socket.send(&json!({"type": "hello", "token": token})).await;
    assert_eq!(socket.next().await["type"], "welcome");
}

#[tokio::test]
async fn who_never_says_hello_is_closed_with_4408() {
    let stopped = Stopped::start(|_| ()).await;
    let mut silent = Socket::open(&stopped.base, AGENT).await;
    let mut chatty = Socket::open(&stopped.base, VISITOR).await;
    chatty.send(&json!({"type": "ping"})).await;
    assert_eq!(chatty.next().await["type"], "pong");
    // That the first is at its hello, too, a frame shows.
    silent.send(&json!({"type": "ping"})).await;
    assert_eq!(silent.next().await["type"], "pong");

    stopped.pass(10);

    assert_eq!(silent.closed().await.code, 4408);
    assert_eq!(chatty.closed().await.code, 4408);
}

#[tokio::test]
async fn a_binary_frame_closes_with_1003() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let mut before = Socket::open(agent.base(), AGENT).await;
    let mut after = Socket::agent(&agent).await;

    before.send_raw(Message::binary(vec![1, 2, 3])).await;
    after.send_raw(Message::binary(vec![1, 2, 3])).await;

    assert_eq!(before.closed().await.code, 1003);
    assert_eq!(after.closed().await.code, 1003);
}

#[tokio::test]
async fn an_oversized_frame_closes_with_1009() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let mut before = Socket::open(agent.base(), AGENT).await;
    let mut after = Socket::agent(&agent).await;
    let frame = json!({"type": "ping", "padding": "x".repeat(300_000)});

    before.send(&frame).await;
    after.send(&frame).await;

    assert_eq!(before.closed().await.code, 1009);
    assert_eq!(after.closed().await.code, 1009);
}

#[tokio::test]
async fn frames_that_cannot_be_read_are_errors_and_the_socket_goes_on() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let mut desk = Socket::agent(&agent).await;

    desk.send_raw(Message::text("{not json")).await;
    let error = desk.expect("error").await;
    assert_eq!(
        (&error["id"], &error["code"]),
        (&Value::Null, &json!("malformed_json"))
    );

    desk.send_raw(Message::text("[1, 2]")).await;
    assert_eq!(desk.expect("error").await["id"], Value::Null);

    desk.refused(json!({"type": "chat.fly"}), "invalid").await;
    let missing = desk.refused(json!({"type": "chat.close"}), "invalid").await;
    assert_eq!(missing["errors"][0]["pointer"], "/chat_id");
    let unknown = json!({"type": "presence.set", "status": "online", "until": 5});
    let unknown = desk.refused(unknown, "invalid").await;
    assert_eq!(unknown["errors"][0]["code"], "unknown_field");
    let no_id = json!({"type": "presence.set", "status": "online"});
    desk.send(&no_id).await;
    assert_eq!(desk.expect("error").await["errors"][0]["pointer"], "/id");

    desk.ok(json!({"type": "presence.set", "status": "online"}))
        .await;
}

#[tokio::test]
async fn before_hello_a_frame_is_an_error_and_hello_still_works() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let mut desk = Socket::open(agent.base(), AGENT).await;

    desk.refused(
        json!({"type": "presence.set", "status": "online"}),
        "unauthenticated",
    )
    .await;
    desk.send_raw(Message::text("{")).await;
    assert_eq!(desk.expect("error").await["code"], "malformed_json");
    desk.send(&json!({"type": "hello", "token": agent.token}))
        .await;

    assert_eq!(
        desk.expect("welcome").await["snapshot"]["presence"]["status"],
        "offline"
    );
}

#[tokio::test]
async fn a_hello_with_a_bad_resume_is_told_so_and_may_be_said_again() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let visitor = tenant.visitor().await;
    for (path, persona) in [(AGENT, &agent), (VISITOR, &visitor.persona)] {
        let mut socket = Socket::open(persona.base(), path).await;
        let resume = json!({"history_id": "x", "after": "y"});
        let bad = json!({"type": "hello", "token": persona.token, "resume": resume});

        socket.send(&bad).await;

        let error = socket.expect("error").await;
        assert_eq!(
            (&error["id"], &error["code"]),
            (&Value::Null, &json!("invalid"))
        );
        let faults = error["errors"].as_array().unwrap().iter();
        let mut faults: Vec<_> = faults.map(|fault| fault["pointer"].clone()).collect();
        faults.sort_by_key(Value::to_string);
        assert_eq!(faults, ["/resume/after", "/resume/history_id"]);
        let detail = error["detail"].as_str().unwrap();
        assert!(
            detail.ends_with("; a good hello is still awaited"),
            "{detail}"
        );
        let hello = json!({"type": "hello", "token": persona.token});
        socket.send(&hello).await;
        assert_eq!(socket.next().await["type"], "welcome");
    }
}

#[tokio::test]
async fn a_second_hello_is_an_error() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let mut desk = Socket::agent(&agent).await;

    desk.send(&json!({"type": "hello", "token": agent.token}))
        .await;

    assert_eq!(desk.expect("error").await["code"], "malformed_request");
    desk.ok(json!({"type": "presence.set", "status": "away"}))
        .await;
}

#[tokio::test]
async fn a_new_token_of_the_same_session_goes_on() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let visitor = tenant.visitor().await;
    let (mut desk, mut widget) = (Socket::agent(&agent).await, Socket::visitor(&visitor).await);

    let answer = desk
        .ok(json!({"type": "token.refresh", "token": agent.token}))
        .await;
    assert!(answer["expires_at"].is_string(), "{answer}");
    let path = format!("/v1/widget/{}/visitors", tenant.widget_key);
    let renewed = Persona::new(agent.base(), None)
        .post(&path, json!({"token": visitor.persona.token}))
        .await
        .ok();
    widget
        .ok(json!({"type": "token.refresh", "token": renewed["token"]}))
        .await;

    desk.ok(json!({"type": "presence.set", "status": "away"}))
        .await;
}

#[tokio::test]
async fn another_persons_token_closes_with_4001() {
    let mut tenant = Tenant::new().await;
    let (ana, bo) = (tenant.agent("ana").await, tenant.agent("bo").await);
    let (vera, will) = (tenant.visitor().await, tenant.visitor().await);
    let (mut desk, mut widget) = (Socket::agent(&ana).await, Socket::visitor(&vera).await);

    desk.command(json!({"type": "token.refresh", "token": bo.token}))
        .await;
    widget
        .command(json!({"type": "token.refresh", "token": will.persona.token}))
        .await;

    assert_eq!(desk.closed().await.code, 4001);
    assert_eq!(widget.closed().await.code, 4001);
}

#[tokio::test]
async fn a_log_out_closes_the_sockets_of_its_session_only() {
    let mut tenant = Tenant::new().await;
    let here = tenant.agent("ana").await;
    let there = tenant.log_in("ana").await;
    let (mut first, mut second) = (Socket::agent(&here).await, Socket::agent(&here).await);
    let mut other = Socket::agent(&there).await;

    here.post("/v1/auth/logout", json!({})).await.ok();

    assert_eq!(first.closed().await.code, 4001);
    assert_eq!(second.closed().await.code, 4001);
    assert_eq!(
        other.expect("session.logged_out").await["type"],
        "session.logged_out"
    );
    other
        .ok(json!({"type": "presence.set", "status": "online"}))
        .await;
    let mut again = Socket::open(&shared().base, AGENT).await;
    again
        .send(&json!({"type": "hello", "token": here.token}))
        .await;
    assert_eq!(again.closed().await.code, 4001);
}

#[tokio::test]
async fn silence_closes_with_4000() {
    let stopped = Stopped::start(|_| ()).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let (_, mut silent) = tenant.online_agent("ana").await;
    let (_, mut chatty) = tenant.online_agent("bo").await;

    stopped.pass(10);
    // Its answer shows that this was heard.
    chatty
        .ok(json!({"type": "presence.set", "status": "away"}))
        .await;
    stopped.pass(9);

    assert_eq!(silent.closed().await.code, 4000);
    chatty
        .ok(json!({"type": "presence.set", "status": "online"}))
        .await;
}
