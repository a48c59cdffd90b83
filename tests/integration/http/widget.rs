//! What a website's widget asks: availability, settings, a visitor's token.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{be, ids, stranger, text, with_token};
use crate::realtime::setting::Stopped;
use crate::support::{Answer, Persona, Tenant, until};

fn path(tenant: &Tenant, what: &str) -> String {
    format!("/v1/widget/{}/{what}", tenant.widget_key)
}

async fn poll(tenant: &Tenant, etag: &str) -> Answer {
    let path = path(tenant, "availability");
    let headers = [("if-none-match", etag)];
    stranger().call(Method::GET, &path, None, &headers).await
}

fn etag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().unwrap().to_owned()
}

/// Asks for a visitor's token from a page of this origin.
async fn from_origin(key: &str, origin: &str) -> Answer {
    let path = format!("/v1/widget/{key}/visitors");
    let headers = [("origin", origin)];
    let body = Some("{}".to_owned());
    stranger().call(Method::POST, &path, body, &headers).await
}

#[tokio::test]
async fn avail_03_a_poll_tells_the_mode_and_may_be_cached() {
    let tenant = Tenant::new().await;

    let first = stranger().get(&path(&tenant, "availability")).await;

    assert_eq!(first.status, 200);
    assert_eq!(first.headers["cache-control"], "public, max-age=1");
    assert_eq!(
        first.body,
        json!({
            "mode": "messenger", "valid_until": null, "poll_after_s": 30,
            "offices": [{
                "id": tenant.office_id, "name": "Support", "mode": "messenger", "valid_until": null, "opens_at": null,
            }],
        })
    );
    let again = poll(&tenant, &etag(&first)).await;
    assert_eq!((again.status.as_u16(), again.body), (304, json!("")));
    assert_eq!(again.headers["etag"], first.headers["etag"]);
    assert_eq!(again.headers["cache-control"], "public, max-age=1");
    assert_eq!(poll(&tenant, "\"another\"").await.status, 200);
}

#[tokio::test]
async fn avail_02_the_next_poll_sees_who_has_come_and_gone() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let path = path(&tenant, "availability");
    let before = stranger().get(&path).await;

    be(&agent, "online").await;
    let seen = tokio::time::timeout(
        Duration::from_secs(1),
        until("the widget is live", async || tenant.mode().await == "live"),
    );
    seen.await.expect("it took more than a second");

    let live = poll(&tenant, &etag(&before)).await;
    assert_eq!(live.status, 200);
    assert_ne!(etag(&live), etag(&before));
    assert_eq!(live.body["offices"][0]["mode"], "live");
    be(&agent, "away").await;
    until("the widget shows the messenger", async || {
        tenant.mode().await == "messenger"
    })
    .await;
}

#[tokio::test]
async fn avail_01_a_hidden_office_shows_nothing_while_nobody_is_there() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;
    let body = json!({"name": "Night", "when_not_live": "hidden"});
    let office = owner.post("/v1/offices", body).await.ok();
    let widget = |offices: Value| json!({"name": "W", "office_ids": offices});
    let mode = async |offices: Value| {
        let made = owner.post("/v1/widgets", widget(offices)).await.ok();
        let path = format!("/v1/widget/{}/availability", text(&made["key"]));
        text(&stranger().get(&path).await.ok()["mode"])
    };

    assert_eq!(mode(json!([office["id"]])).await, "hidden");
    let both = json!([office["id"], tenant.office_id]);
    assert_eq!(mode(both).await, "messenger");
}

#[tokio::test]
async fn a_widget_says_how_it_looks() {
    let tenant = Tenant::new().await;
    let body = json!({
        "name": "Shop", "office_ids": [tenant.office_id], "messenger_text": "Write to us",
    });
    let widget = tenant.owner.post("/v1/widgets", body).await.ok();

    let path = format!("/v1/widget/{}/config", text(&widget["key"]));
    let config = stranger().get(&path).await.ok();

    let field = |name: &str, label: &str, kind: &str| {
        json!({
            "name": name, "label": label, "kind": kind, "required": true, "choices": [],
            "max_length": 1000,
        })
    };
    let fields = [
        field("name", "Name", "text"),
        field("email", "E-mail", "email"),
    ];
    assert_eq!(
        config,
        json!({
            "name": "Shop", "offices": [{"id": tenant.office_id, "name": "Support"}],
            "live": {"fields": []},
            "messenger": {"text": "Write to us", "fields": fields},
        })
    );
}

#[tokio::test]
async fn a_widget_that_there_is_not_is_not_found() {
    let tenant = Tenant::new().await;
    let made_up = format!("{}0", tenant.widget_key);

    for key in ["wk_1", &*made_up, &*tenant.id, "%00"] {
        for what in ["availability", "config"] {
            let answer = stranger().get(&format!("/v1/widget/{key}/{what}")).await;
            answer.problem(404, "not_found");
        }
        let path = format!("/v1/widget/{key}/visitors");
        let answer = stranger().post(&path, json!({})).await;
        answer.problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_visitor_that_comes_back_keeps_its_id_and_its_chats() {
    let mut tenant = Tenant::new().await;
    be(&tenant.agent("ana").await, "online").await;
    let (visitor, chat_id) = super::start(&tenant).await;
    let visitors = path(&tenant, "visitors");

    let body = json!({"token": visitor.persona.token});
    let renewed = stranger().post(&visitors, body).await;

    assert_eq!(renewed.status, 201);
    assert_eq!(renewed.body["visitor_id"], visitor.id);
    let again = with_token(&renewed.body["token"]);
    let chats = again.get("/v1/visitor/chats").await.ok();
    assert_eq!(ids(&chats), [chat_id]);
    let another = stranger()
        .post(&visitors, json!({"token": null}))
        .await
        .ok();
    assert_ne!(another["visitor_id"], visitor.id);
}

#[tokio::test]
async fn a_token_of_another_widget_is_not_renewed() {
    let tenant = Tenant::new().await;
    let other = Tenant::new().await;
    let body = json!({"name": "Second", "office_ids": [tenant.office_id]});
    let second = tenant.owner.post("/v1/widgets", body).await.ok();
    let visitor = tenant.visitor().await;
    let own = path(&tenant, "visitors");
    let renew = async |path: &str, token: &Value| {
        let answer = stranger().post(path, json!({"token": token})).await;
        answer.problem(401, "token_invalid")
    };

    let token = json!(visitor.persona.token);
    renew(
        &format!("/v1/widget/{}/visitors", text(&second["key"])),
        &token,
    )
    .await;
    renew(&path(&other, "visitors"), &token).await;
    renew(&own, &json!(tenant.owner.token)).await;
    renew(&own, &json!("")).await;
    renew(&own, &json!("a.b.c")).await;
}

#[tokio::test]
async fn a_page_of_an_allowed_domain_gets_a_visitor() {
    let tenant = Tenant::new().await;
    let body = json!({
        "name": "Shop", "office_ids": [tenant.office_id], "allowed_domains": ["example.com"],
    });
    let widget = tenant.owner.post("/v1/widgets", body).await.ok();
    let key = text(&widget["key"]);

    for origin in ["https://example.com", "http://example.com:8080"] {
        assert_eq!(from_origin(&key, origin).await.status, 201, "{origin}");
    }
    for origin in [
        "https://example.com.evil.example",
        "https://notexample.com",
        "https://evil.example",
        "null",
        "example.com",
    ] {
        let answer = from_origin(&key, origin).await;
        answer.problem(403, "origin_not_allowed");
    }
}

#[tokio::test]
async fn a_widget_without_domains_is_for_the_servers_own_pages() {
    let tenant = Tenant::new().await;
    let own = stranger().base().to_owned();

    let answer = from_origin(&tenant.widget_key, "https://example.com").await;

    answer.problem(403, "origin_not_allowed");
    assert_eq!(from_origin(&tenant.widget_key, &own).await.status, 201);
    let body = json!({
        "name": "All", "office_ids": [tenant.office_id], "allowed_domains": ["*"],
    });
    let widget = tenant.owner.post("/v1/widgets", body).await.ok();
    let key = text(&widget["key"]);
    assert_eq!(from_origin(&key, "https://any.example").await.status, 201);
}

#[tokio::test]
async fn any_page_may_ask_what_widgets_ask_and_none_what_agents_ask() {
    let tenant = Tenant::new().await;
    let preflight = async |path: &str| {
        let headers = [
            ("origin", "https://any.example"),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", "authorization"),
        ];
        stranger().call(Method::OPTIONS, path, None, &headers).await
    };
    let allowed = "access-control-allow-origin";

    for path in [&*path(&tenant, "availability"), "/v1/visitor/chats"] {
        let answer = preflight(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.headers[allowed], "*");
    }
    for path in ["/v1/me", "/v1/chats", "/v1/platform/tenants"] {
        let answer = preflight(path).await;
        assert!(!answer.headers.contains_key(allowed), "{path}");
    }
}

#[tokio::test]
async fn a_visitors_token_lives_for_its_days_and_each_renewal_begins_them_anew() {
    let stopped = Stopped::start(|_| ()).await;
    let tenant = Tenant::on(&stopped.base).await;
    let visitor = tenant.visitor().await;
    let anybody = Persona::new(&stopped.base, None);
    let path = format!("/v1/widget/{}/visitors", tenant.widget_key);
    let renew = async |token: &str| anybody.post(&path, json!({"token": token})).await;
    let first = visitor.persona.token.clone().unwrap();

    stopped.pass_days(29);
    let renewed = renew(&first).await.ok();
    stopped.pass_days(29);

    assert_eq!(renewed["visitor_id"], visitor.id.as_str());
    let chats = visitor.persona.get("/v1/visitor/chats").await;
    chats.problem(401, "token_expired");
    renew(&first).await.problem(401, "token_expired");
    let fresh = Persona::new(&stopped.base, renewed["token"].as_str());
    fresh.get("/v1/visitor/chats").await.ok();
}
