//! The edge of the server: clients that hang up, send what no client sends, or send it twice at once.

use std::time::Duration;

use deskbell::app::Ports;
use deskbell::lifecycle::{ExitStatus, Signals};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::support::{Persona, Tenant, owner_options, shared, start_server};

const PLATFORM_KEY: &str = "platform-key-of-the-tests";

async fn connect(base: &str) -> TcpStream {
    let address = base.strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.unwrap()
}

#[tokio::test]
async fn a_page_of_another_origin_can_read_that_its_body_is_too_large() {
    let mut stream = connect(&shared().base).await;
    let head = "POST /v1/widget/none/visitors HTTP/1.1\r\nhost: a\r\norigin: https://shop.example\r\n\
                content-type: application/json\r\ncontent-length: 999999999\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();

    let mut bytes = [0; 2048];
    let count = stream.read(&mut bytes).await.unwrap();

    let answer = std::str::from_utf8(&bytes[..count]).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(
        answer.contains("access-control-allow-origin: *"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_log_out_is_finished_when_its_client_hangs_up() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let id = agent.get("/v1/me").await.ok()["id"]
        .as_str()
        .unwrap()
        .parse::<Uuid>();
    let token = agent.token.clone().unwrap();
    // Holds the log-out up in the database until its client is gone.
    let mut owner = PgConnection::connect_with(&owner_options()).await.unwrap();
    let mut hold = owner.begin().await.unwrap();
    let locked = sqlx::query("select from sessions where agent_id = $1 for update")
        .bind(id.unwrap())
        .execute(&mut *hold);
    assert_eq!(locked.await.unwrap().rows_affected(), 1);
    let mut stream = connect(&shared().base).await;
    let request = format!(
        "POST /v1/auth/logout HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let waits = "select exists (select from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid)))";
    while !sqlx::query_scalar::<_, bool>(waits)
        .fetch_one(&mut *hold)
        .await
        .unwrap()
    {}

    drop(stream);
    // By the time of its answer the server has seen the end of the other connection as well.
    agent.get("/v1/me").await.ok();
    hold.rollback().await.unwrap();

    let ended = async { while agent.get("/v1/me").await.status != 401 {} };
    tokio::time::timeout(Duration::from_secs(20), ended)
        .await
        .unwrap();
}

#[tokio::test]
async fn what_the_database_cannot_hold_is_refused_before_it() {
    let tenant = Tenant::new().await;
    let stranger = Persona::new(&shared().base, None);
    for (slug, email) in [("a\0b", "a@b.example"), ("acme", "a\0@b.example")] {
        let body = json!({"tenant": slug, "email": email, "password": "wrong password"});
        let answer = stranger.post("/v1/auth/login", body).await;
        answer.problem(401, "bad_credentials");
    }

    // 24 bytes of ones: a time long before the first, and an id.
    let path = format!("/v1/chats?cursor={}", "_".repeat(32));
    let faults = tenant.owner.get(&path).await.faults();

    assert_eq!(faults, ["/cursor bad_format"]);
}

#[tokio::test]
async fn two_requests_at_once_with_one_key_found_one_tenant_and_have_one_answer() {
    let operator = Persona::new(&shared().base, Some(PLATFORM_KEY));
    let slug = format!("twin-{}", std::process::id());
    let body = json!({
        "name": "Twin", "slug": slug, "seats": 1,
        "admin": {"name": "Owner", "email": "owner@twin.example", "password": "correct horse battery"},
    });
    let found = || operator.post_once("/v1/platform/tenants", body.clone(), &slug);

    let (one, other) = tokio::join!(found(), found());

    assert_eq!(one.ok()["id"], other.ok()["id"]);
    let foreign = operator.post("/v1/platform/tenants", body.clone()).await;
    foreign.problem(409, "slug_taken");
}

#[tokio::test]
async fn refreshes_are_bounded_by_address_and_offline_messages_by_visitor() {
    let server = start_server(Ports::default(), |config| {
        config.limits.refreshes_per_minute_per_address = 2;
        config.limits.chat_starts_per_minute = 1;
    })
    .await;
    let base = format!("http://{}", server.address);
    let stranger = Persona::new(&base, None);
    let refresh = || stranger.post("/v1/auth/refresh", json!({"refresh_token": "made up"}));
    refresh().await.problem(401, "token_invalid");
    refresh().await.problem(401, "token_invalid");
    refresh().await.problem(429, "rate_limited");

    let visitor = Tenant::on(&base).await.visitor().await.persona;
    let leave = |id: &'static str| {
        let body = json!({
            "fields": {"name": "Vi", "email": "vi@test.example"}, "message": {"id": id, "text": "Hello"},
        });
        visitor.post("/v1/visitor/offline-messages", body)
    };
    leave("m-1").await.ok();

    leave("m-2").await.problem(429, "rate_limited");
}

#[tokio::test]
async fn half_a_header_does_not_delay_a_shutdown() {
    let mut server = start_server(Ports::default(), |_| {}).await;
    let mut half = connect(&format!("http://{}", server.address)).await;
    half.write_all(b"GET / HT").await.unwrap();

    server.stop();
    let status = server
        .until_stopped(Signals::none(), Duration::from_secs(20))
        .await;

    assert_eq!(status, ExitStatus::Clean);
    server.close().await;
}
