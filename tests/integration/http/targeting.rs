//! AVAIL-6: which visitors are offered a greeting.

use deskbell::app::Ports;
use reqwest::Method;
use serde_json::{Value, json};

use super::{be, stranger, text};
use crate::support::{Answer, Persona, Tenant, start_server, until};

const FOLDER: &str = "/v1/targeting-rules";
const PAGE: &str = "https://shop.example/pricing?plan=gold";

fn visit() -> Value {
    json!({
        "url": PAGE, "time_on_page_s": 30, "visits": 3,
        "referrer": "https://search.example/?q=chairs", "language": "de-AT",
    })
}

fn path(tenant: &Tenant) -> String {
    format!("/v1/widget/{}/greeting", tenant.widget_key)
}

/// A visit with some of it changed; null takes a field away.
fn but(change: &Value) -> Value {
    let mut visit = visit();
    for (field, value) in change.as_object().unwrap() {
        if value.is_null() {
            visit.as_object_mut().unwrap().remove(field);
        } else {
            visit[field] = value.clone();
        }
    }
    visit
}

/// The greeting's text, `null` for none, and when to ask again.
async fn greeting(tenant: &Tenant, change: Value) -> (Value, Value) {
    let mut answer = stranger().post(&path(tenant), but(&change)).await.ok();
    let text = answer["greeting"]["text"].take();
    (text, answer["retry_after_s"].take())
}

/// A tenant with somebody effectively online.
async fn live() -> (Tenant, Persona) {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    set(&tenant, &agent, "online", "live").await;
    (tenant, agent)
}

/// Sets a status and waits for what the widget shows then.
async fn set(tenant: &Tenant, agent: &Persona, status: &str, mode: &str) {
    be(agent, status).await;
    until("the widget shows it", async || tenant.mode().await == mode).await;
}

/// Makes a rule whose greeting is its name.
async fn rule(owner: &Persona, name: &str, more: Value) -> String {
    let mut body = json!({"name": name, "greeting": name});
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    let rule = owner.post(FOLDER, body).await.ok();
    format!("{FOLDER}/{}", text(&rule["id"]))
}

/// Makes a rule with these conditions, and checks that it greets this visit and not that one.
async fn asks(conditions: Value, fits: Value, misses: Value) {
    let (tenant, _agent) = live().await;
    rule(&tenant.owner, "Hello", json!({"conditions": conditions})).await;

    assert_eq!(greeting(&tenant, fits).await, (json!("Hello"), Value::Null));
    assert_eq!(greeting(&tenant, misses).await.0, Value::Null);
}

#[tokio::test]
async fn avail_06_a_rule_may_ask_for_a_part_of_the_address() {
    let asked = json!({"url_contains": "/Pricing"});
    let other = json!({"url": "https://shop.example/cart"});
    asks(asked, json!({}), other).await;
}

#[tokio::test]
async fn avail_06_a_rule_may_ask_for_a_pattern_of_the_address() {
    let asked = json!({"url_matches": "https://*.example/pricing*"});
    let other = json!({"url": "https://shop.example/en/pricing"});
    asks(asked, json!({}), other).await;
}

#[tokio::test]
async fn avail_06_a_rule_may_ask_for_visits() {
    asks(json!({"min_visits": 3}), json!({}), json!({"visits": 2})).await;
}

#[tokio::test]
async fn avail_06_a_rule_may_ask_for_a_referrer() {
    let asked = json!({"referrer_contains": "search.example"});
    asks(asked, json!({}), json!({"referrer": null})).await;
}

#[tokio::test]
async fn avail_06_a_rule_may_ask_for_a_language() {
    let asked = json!({"languages": ["fr", "de"]});
    asks(asked.clone(), json!({}), json!({"language": "en-GB"})).await;
    asks(asked, json!({"language": "fr"}), json!({"language": null})).await;
}

#[tokio::test]
async fn avail_06_a_rule_may_ask_for_time_on_the_page_and_the_answer_says_when() {
    let (tenant, _agent) = live().await;
    let owner = &tenant.owner;
    let later = json!({"conditions": {"min_time_on_page_s": 60}});
    rule(owner, "Late", later).await;
    let asked = json!({"min_time_on_page_s": 45, "min_visits": 4});
    rule(owner, "Often", json!({"conditions": asked})).await;
    let at = async |seconds: u32, visits: u32| {
        let change = json!({"time_on_page_s": seconds, "visits": visits});
        greeting(&tenant, change).await
    };

    assert_eq!(at(0, 3).await, (Value::Null, json!(60)));
    assert_eq!(at(59, 3).await, (Value::Null, json!(1)));
    assert_eq!(at(60, 3).await, (json!("Late"), Value::Null));
    assert_eq!(at(30, 4).await, (Value::Null, json!(15)));
    assert_eq!(at(45, 4).await, (json!("Often"), Value::Null));
}

#[tokio::test]
async fn avail_06_a_rule_may_ask_for_a_country_that_a_trusted_proxy_names() {
    let trusting = start_server(Ports::default(), |config| {
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        config.widget.country_header = Some("x-country".to_owned());
    })
    .await;
    let base = format!("http://{}", trusting.address);
    let mut tenant = Tenant::on(&base).await;
    let agent = tenant.agent("ana").await;
    set(&tenant, &agent, "online", "live").await;
    let asked = json!({"conditions": {"countries": ["AT", "DE"]}});
    rule(&tenant.owner, "Servus", asked).await;
    let ask = async |headers: &[(&str, &str)]| {
        let body = Some(visit().to_string());
        let anybody = Persona::new(&base, None);
        let answer = anybody
            .call(Method::POST, &path(&tenant), body, headers)
            .await;
        answer.ok()["greeting"]["text"].take()
    };

    assert_eq!(ask(&[("x-country", "at")]).await, "Servus");
    for headers in [&[("x-country", "FR")][..], &[("x-country", "")], &[]] {
        assert_eq!(ask(headers).await, Value::Null, "{headers:?}");
    }
    trusting.stop();
    // The shared server knows no country, whatever a client says.
    let (tenant, _agent) = live().await;
    let asked = json!({"conditions": {"countries": ["AT"]}});
    rule(&tenant.owner, "Servus", asked).await;
    let body = Some(visit().to_string());
    let headers = [("x-country", "AT")];
    let answer = stranger()
        .call(Method::POST, &path(&tenant), body, &headers)
        .await;
    assert_eq!(answer.ok()["greeting"], Value::Null);
}

#[tokio::test]
async fn avail_06_nobody_is_greeted_while_nobody_is_there() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    rule(&tenant.owner, "Hello", json!({})).await;
    let late = json!({"conditions": {"min_time_on_page_s": 60}, "sort_order": 0});
    rule(&tenant.owner, "Late", late).await;

    let none = (Value::Null, Value::Null);
    assert_eq!(greeting(&tenant, json!({})).await, none);
    set(&tenant, &agent, "online", "live").await;
    assert_eq!(greeting(&tenant, json!({})).await.0, "Hello");
    for status in ["away", "invisible", "offline"] {
        set(&tenant, &agent, status, "messenger").await;
        assert_eq!(greeting(&tenant, json!({})).await, none, "{status}");
        set(&tenant, &agent, "online", "live").await;
    }
}

#[tokio::test]
async fn avail_06_a_rule_of_an_office_waits_for_that_office() {
    let (tenant, _agent) = live().await;
    let owner = &tenant.owner;
    let night = owner
        .post("/v1/offices", json!({"name": "Night"}))
        .await
        .ok();
    let widget = json!({"name": "Both", "office_ids": [tenant.office_id, night["id"]]});
    let widget = owner.post("/v1/widgets", widget).await.ok();
    let both = format!("/v1/widget/{}/greeting", text(&widget["key"]));
    let first = json!({"office_id": night["id"], "sort_order": 1});
    rule(owner, "Night", first).await;
    let ask = async || {
        let answer = stranger().post(&both, visit()).await;
        answer.ok()["greeting"]["text"].take()
    };

    assert_eq!(ask().await, Value::Null);
    let day = json!({"office_id": tenant.office_id});
    rule(owner, "Day", day).await;
    assert_eq!(ask().await, "Day");
    let eve =
        json!({"name": "Eve", "email": "eve@test.example", "password": crate::support::PASSWORD});
    let eve = owner.post("/v1/agents", eve).await.ok();
    let queue = json!({"office_id": night["id"], "name": "Night", "member_ids": [eve["id"]]});
    owner.post("/v1/queues", queue).await.ok();
    be(&tenant.log_in("eve").await, "online").await;
    until("the night office is live", async || ask().await == "Night").await;
}

#[tokio::test]
async fn avail_06_a_rule_of_a_widget_greets_on_that_widget() {
    let (tenant, _agent) = live().await;
    let owner = &tenant.owner;
    let widget = json!({"name": "Other", "office_ids": [tenant.office_id]});
    let widget = owner.post("/v1/widgets", widget).await.ok();
    rule(owner, "Here", json!({"widget_id": widget["id"]})).await;

    let other = format!("/v1/widget/{}/greeting", text(&widget["key"]));
    let answer = stranger().post(&other, visit()).await.ok();

    assert_eq!(answer["greeting"]["text"], "Here");
    assert_eq!(greeting(&tenant, json!({})).await.0, Value::Null);
}

#[tokio::test]
async fn avail_06_the_lowest_order_greets_and_a_change_is_seen_at_once() {
    let (tenant, _agent) = live().await;
    let owner = &tenant.owner;
    let now = async || greeting(&tenant, json!({})).await.0;
    assert_eq!(now().await, Value::Null);

    rule(owner, "Older", json!({})).await;
    let newer = rule(owner, "Newer", json!({})).await;
    assert_eq!(now().await, "Older");
    owner.patch(&newer, json!({"sort_order": 99})).await.ok();
    assert_eq!(now().await, "Newer");
    owner.patch(&newer, json!({"enabled": false})).await.ok();
    assert_eq!(now().await, "Older");
    let body = json!({"enabled": true, "greeting": "Welcome"});
    let answer = owner.patch(&newer, body).await.ok();
    let whole = stranger().post(&path(&tenant), visit()).await.ok();
    let expected = json!({"rule_id": answer["id"], "text": "Welcome"});
    assert_eq!(whole, json!({"greeting": expected, "retry_after_s": null}));
    owner.delete(&newer).await;
    assert_eq!(now().await, "Older");
}

#[tokio::test]
async fn avail_06_another_node_sees_a_change_within_five_seconds() {
    let stopped = crate::realtime::setting::Stopped::start(|_| ()).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let agent = tenant.agent("ana").await;
    set(&tenant, &agent, "online", "live").await;
    let anybody = Persona::new(&stopped.base, None);
    let now = async || {
        let answer = anybody.post(&path(&tenant), visit()).await;
        answer.ok()["greeting"]["text"].take()
    };
    assert_eq!(now().await, Value::Null);
    // The shared server has the same database and another memory.
    let log_in = json!({
        "tenant": tenant.slug, "email": "owner@test.example", "password": crate::support::PASSWORD,
    });
    let session = stranger().post("/v1/auth/login", log_in).await.ok();
    let elsewhere = super::with_token(&session["access_token"]);
    rule(&elsewhere, "Hello", json!({})).await;

    assert_eq!(now().await, Value::Null);
    stopped.pass(5);

    assert_eq!(now().await, "Hello");
}

#[tokio::test]
async fn avail_06_another_tenants_rules_greet_nobody_here() {
    let (tenant, _agent) = live().await;
    let other = Tenant::new().await;
    rule(&other.owner, "Elsewhere", json!({})).await;

    assert_eq!(greeting(&tenant, json!({})).await.0, Value::Null);
    let unknown = stranger().post("/v1/widget/wk_1/greeting", visit()).await;
    unknown.problem(404, "not_found");
}

#[tokio::test]
async fn avail_06_every_bad_field_of_a_question_is_named() {
    let (tenant, _agent) = live().await;
    let ask = async |body: Value| stranger().post(&path(&tenant), body).await.faults();

    assert_eq!(
        ask(json!({})).await,
        [
            "/time_on_page_s required",
            "/url required",
            "/visits required"
        ]
    );
    let bad = json!({
        "url": "x".repeat(4097), "time_on_page_s": -1, "visits": 0, "referrer": "", "language": "de_AT",
        "country": "DE",
    });
    assert_eq!(
        ask(bad).await,
        [
            "/country unknown_field",
            "/language bad_format",
            "/referrer too_short",
            "/time_on_page_s out_of_range",
            "/url too_long",
            "/visits out_of_range",
        ]
    );
    let body = but(&json!({"time_on_page_s": 2_147_483_647, "visits": 2_147_483_647}));
    stranger().post(&path(&tenant), body).await.ok();
}

async fn from_origin(base: &str, path: &str, origin: &str) -> Answer {
    let body = Some(visit().to_string());
    let headers = [("origin", origin)];
    let anybody = Persona::new(base, None);
    anybody.call(Method::POST, path, body, &headers).await
}

#[tokio::test]
async fn avail_06_a_greeting_is_for_the_pages_of_the_widget() {
    let (tenant, _agent) = live().await;
    let body = json!({
        "name": "Shop", "office_ids": [tenant.office_id], "allowed_domains": ["shop.example"],
    });
    let widget = tenant.owner.post("/v1/widgets", body).await.ok();
    let path = format!("/v1/widget/{}/greeting", text(&widget["key"]));
    let base = stranger().base().to_owned();

    let answer = from_origin(&base, &path, "https://shop.example").await;
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    answer.ok();
    let answer = from_origin(&base, &path, "https://evil.example").await;
    answer.problem(403, "origin_not_allowed");
}

#[tokio::test]
async fn avail_06_who_asks_too_often_waits() {
    let server = start_server(Ports::default(), |config| {
        config.limits.greetings_per_minute_per_address = 2;
    })
    .await;
    let base = format!("http://{}", server.address);
    let tenant = Tenant::on(&base).await;
    let anybody = Persona::new(&base, None);
    for _ in 0..2 {
        anybody.post(&path(&tenant), visit()).await.ok();
    }

    let answer = anybody.post(&path(&tenant), visit()).await;

    assert!(answer.headers.contains_key("retry-after"));
    answer.problem(429, "rate_limited");
    server.stop();
}
