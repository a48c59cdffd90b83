//! Logging in, renewing a session, logging out.

use serde_json::{Value, json};

use super::{be, stranger, text, with_token};
use crate::realtime::setting::Stopped;
use crate::support::{PASSWORD, Persona, Socket, Tenant};

async fn log_in(tenant: &Tenant, name: &str) -> Value {
    let body = json!({
        "tenant": tenant.slug, "email": format!("{name}@test.example"), "password": PASSWORD,
    });
    stranger().post("/v1/auth/login", body).await.ok()
}

async fn refresh(token: &Value) -> crate::support::Answer {
    let body = json!({"refresh_token": token});
    stranger().post("/v1/auth/refresh", body).await
}

#[tokio::test]
async fn an_agent_logs_in_with_tenant_address_and_password() {
    let tenant = Tenant::new().await;

    let answer = log_in(&tenant, "owner").await;

    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in_s"], 900);
    assert_eq!(answer["agent"]["role"], "owner");
    assert_eq!(answer["agent"]["email"], "owner@test.example");
    let me = with_token(&answer["access_token"]).get("/v1/me").await;
    assert_eq!(me.ok(), answer["agent"]);
}

#[tokio::test]
async fn the_case_of_an_address_does_not_matter() {
    let tenant = Tenant::new().await;
    let body = json!({"tenant": tenant.slug, "email": "Owner@Test.Example", "password": PASSWORD});

    let answer = stranger().post("/v1/auth/login", body).await.ok();

    assert_eq!(answer["agent"]["email"], "owner@test.example");
}

#[tokio::test]
async fn a_wrong_tenant_address_or_password_is_answered_alike() {
    let tenant = Tenant::new().await;
    let other = Tenant::new().await;
    other
        .owner
        .post(
            "/v1/agents",
            json!({"name": "Eve", "email": "eve@test.example", "password": PASSWORD}),
        )
        .await
        .ok();
    let attempts = [
        ("no-such-tenant", "owner@test.example", PASSWORD),
        (&*tenant.slug, "nobody@test.example", PASSWORD),
        (&*tenant.slug, "owner@test.example", "wrong horse battery"),
        (&*tenant.slug, "eve@test.example", PASSWORD),
        (&*tenant.slug, "no address", PASSWORD),
        ("", "", ""),
    ];

    let mut bodies = Vec::new();
    for (slug, email, password) in attempts {
        let body = json!({"tenant": slug, "email": email, "password": password});
        let answer = stranger().post("/v1/auth/login", body).await;
        assert_eq!(
            answer.headers["www-authenticate"],
            "Bearer realm=\"deskbell\""
        );
        bodies.push(answer.problem(401, "bad_credentials"));
    }

    bodies.dedup();
    assert_eq!(bodies.len(), 1, "the answers differ: {bodies:?}");
}

#[tokio::test]
async fn a_refresh_token_gets_the_next_pair() {
    let tenant = Tenant::new().await;
    let first = log_in(&tenant, "owner").await;

    let second = refresh(&first["refresh_token"]).await.ok();
    let third = refresh(&second["refresh_token"]).await.ok();

    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_ne!(second["refresh_token"], third["refresh_token"]);
    assert_eq!(second["agent"], first["agent"]);
    for answer in [first, second, third] {
        with_token(&answer["access_token"]).get("/v1/me").await.ok();
    }
}

#[tokio::test]
async fn a_refresh_token_that_comes_twice_ends_its_session() {
    let tenant = Tenant::new().await;
    let first = log_in(&tenant, "owner").await;
    let second = refresh(&first["refresh_token"]).await.ok();

    let again = refresh(&first["refresh_token"]).await;

    again.problem(401, "session_revoked");
    let newest = refresh(&second["refresh_token"]).await;
    assert_eq!(newest.status, 401, "{}", newest.body);
    for answer in [&first, &second] {
        let answer = with_token(&answer["access_token"]).get("/v1/me").await;
        assert!(answer.headers.contains_key("www-authenticate"));
        answer.problem(401, "session_revoked");
    }
    tenant.owner.get("/v1/me").await.ok();
}

#[tokio::test]
async fn a_refresh_token_that_was_never_issued_is_invalid() {
    let tenant = Tenant::new().await;
    let first = log_in(&tenant, "owner").await;
    let mut forged = text(&first["refresh_token"]);
    let last = forged.pop().unwrap();
    forged.push(if last == 'A' { 'B' } else { 'A' });

    for token in ["", "x", forged.as_str(), &text(&first["access_token"])] {
        let answer = refresh(&json!(token)).await;
        assert_eq!(answer.status, 401, "{token}: {}", answer.body);
    }
}

#[tokio::test]
async fn pres_08_logging_out_ends_the_session_at_once() {
    let mut tenant = Tenant::new().await;
    tenant.agent("ana").await;
    let session = log_in(&tenant, "ana").await;
    let agent = with_token(&session["access_token"]);
    be(&agent, "online").await;
    assert_eq!(tenant.mode().await, "live");

    let answer = agent.post("/v1/auth/logout", json!({})).await;

    assert_eq!((answer.status.as_u16(), answer.body), (204, json!("")));
    agent.get("/v1/me").await.problem(401, "session_revoked");
    let renewal = refresh(&session["refresh_token"]).await;
    assert_eq!(renewal.status, 401, "{}", renewal.body);
    agent
        .post("/v1/auth/logout", json!({}))
        .await
        .problem(401, "session_revoked");
    let other = tenant.log_in("ana").await;
    let presence = other.get("/v1/me/presence").await.ok();
    assert_eq!(presence["effective"], "offline");
    assert_eq!(presence["reason"], "logged_out");
    assert_eq!(tenant.mode().await, "messenger");
}

#[tokio::test]
async fn pres_08_the_sockets_of_the_session_close_and_those_of_others_stay() {
    let mut tenant = Tenant::new().await;
    let (agent, mut socket) = tenant.online_agent("ana").await;
    let other = tenant.log_in("ana").await;
    let mut other_socket = Socket::agent(&other).await;

    agent.post("/v1/auth/logout", json!({})).await;

    socket.expect("session.logged_out").await;
    assert_eq!(socket.closed().await.code, 4001);
    other_socket.expect("session.logged_out").await;
    other_socket
        .ok(json!({"type": "presence.set", "status": "away"}))
        .await;
}

#[tokio::test]
async fn a_refresh_token_lives_for_its_days_and_each_use_begins_them_anew() {
    let stopped = Stopped::start(|_| ()).await;
    let tenant = Tenant::on(&stopped.base).await;
    let anybody = Persona::new(&stopped.base, None);
    let refresh = async |token: &Value| {
        let body = json!({"refresh_token": token});
        anybody.post("/v1/auth/refresh", body).await
    };
    let body = json!({"tenant": tenant.slug, "email": "owner@test.example", "password": PASSWORD});
    let logged_in = anybody.post("/v1/auth/login", body).await.ok();

    stopped.pass_days(29);
    let second = refresh(&logged_in["refresh_token"]).await.ok();
    stopped.pass_days(29);
    let third = refresh(&second["refresh_token"]).await.ok();
    stopped.pass_days(31);

    refresh(&third["refresh_token"])
        .await
        .problem(401, "token_invalid");
}
