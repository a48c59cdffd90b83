//! The platform operator and its tenants.

use serde_json::{Value, json};

use super::{NOBODY, ids, stranger, text, with_token};
use crate::support::{PASSWORD, PLATFORM_KEY, Persona, Tenant};

const TENANTS: &str = "/v1/platform/tenants";

fn operator() -> Persona {
    with_token(&json!(PLATFORM_KEY))
}

/// A body whose slug is of this test run only.
fn tenant(slug: &str) -> Value {
    json!({
        "name": "Acme", "slug": format!("{slug}-{}", std::process::id()), "seats": 3,
        "admin": {"name": "Ada", "email": "ada@acme.example", "password": PASSWORD},
    })
}

#[tokio::test]
async fn the_operator_adds_a_tenant_whose_owner_can_log_in() {
    let body = tenant("acme");

    let answer = operator().post(TENANTS, body.clone()).await;

    assert_eq!(answer.status, 201);
    let id = text(&answer.body["id"]);
    assert_eq!(answer.headers["location"], format!("{TENANTS}/{id}"));
    assert_eq!(answer.body["slug"], body["slug"]);
    assert_eq!(answer.body["seats"], 3);
    assert_eq!(answer.body["admin"]["role"], "owner");
    let login = json!({"tenant": body["slug"], "email": "ada@acme.example", "password": PASSWORD});
    let login = stranger().post("/v1/auth/login", login).await.ok();
    assert_eq!(login["agent"]["id"], answer.body["admin"]["id"]);
    let found = operator().get(&format!("{TENANTS}/{id}")).await.ok();
    assert_eq!(found["name"], "Acme");
    assert!(found.get("admin").is_none());
}

#[tokio::test]
async fn nobody_but_the_operator_sees_tenants() {
    let mut other = Tenant::new().await;
    let agent = other.agent("ana").await;
    let visitor = other.visitor().await.persona;
    let wrong = with_token(&json!("platform-key-of-somebody-else"));

    for path in [TENANTS, &format!("{TENANTS}/{}", other.id)] {
        stranger().get(path).await.problem(401, "unauthenticated");
        for caller in [&wrong, &agent, &visitor, &other.owner] {
            caller.get(path).await.problem(401, "token_invalid");
        }
    }
    for caller in [&wrong, &agent, &visitor, &other.owner] {
        let answer = caller.post(TENANTS, tenant("mine")).await;
        answer.problem(401, "token_invalid");
    }
    stranger()
        .post(TENANTS, tenant("mine"))
        .await
        .problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_operator_is_no_agent_and_no_visitor() {
    operator().get("/v1/me").await.problem(401, "token_invalid");
    let chats = operator().get("/v1/visitor/chats").await;
    chats.problem(401, "token_invalid");
}

#[tokio::test]
async fn a_slug_is_taken_once() {
    operator().post(TENANTS, tenant("twice")).await.ok();

    let again = operator().post(TENANTS, tenant("twice")).await;

    again.problem(409, "slug_taken");
}

#[tokio::test]
async fn a_tenant_that_is_asked_for_twice_under_one_key_is_made_once() {
    let (body, key) = (tenant("once"), format!("once-{}", std::process::id()));
    let first = operator().post_once(TENANTS, body.clone(), &key).await;

    let again = operator().post_once(TENANTS, body.clone(), &key).await;

    assert_eq!(first.status, 201);
    assert_eq!(again.status, 201);
    assert_eq!(first.body, again.body);
    assert_eq!(first.headers["location"], again.headers["location"]);
    let other = operator().post_once(TENANTS, tenant("other"), &key).await;
    other.problem(409, "idempotency_mismatch");
}

#[tokio::test]
async fn the_tenants_are_listed_newest_first_in_pages() {
    let mut made = Vec::new();
    for slug in ["page-a", "page-b", "page-c"] {
        let answer = operator().post(TENANTS, tenant(slug)).await.ok();
        made.push(text(&answer["id"]));
    }
    made.reverse();

    // Other tests add tenants meanwhile, so only the order of these three is known.
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    while !made.iter().all(|id| seen.contains(id)) {
        let page = operator()
            .get(&format!("{TENANTS}?limit=2{cursor}"))
            .await
            .ok();
        assert!(page["data"].as_array().unwrap().len() <= 2);
        seen.extend(ids(&page));
        cursor = format!("&cursor={}", text(&page["next_cursor"]));
    }

    seen.retain(|id| made.contains(id));
    assert_eq!(seen, made);
}

#[tokio::test]
async fn a_tenant_that_there_is_not_is_not_found() {
    for id in [NOBODY, "acme", "1"] {
        let answer = operator().get(&format!("{TENANTS}/{id}")).await;
        answer.problem(404, "not_found");
    }
}

#[tokio::test]
async fn every_bad_field_of_a_tenant_is_named() {
    let body = json!({
        "name": "", "slug": "No Slug", "seats": 0,
        "admin": {"name": "Ada", "email": "ada", "password": "short", "role": "agent"},
        "plan": "gold",
    });

    let faults = operator().post(TENANTS, body).await.faults();

    assert_eq!(
        faults,
        [
            "/admin/email bad_format",
            "/admin/password too_short",
            "/admin/role unknown_field",
            "/name too_short",
            "/plan unknown_field",
            "/seats out_of_range",
            "/slug bad_format",
        ]
    );
}

#[tokio::test]
async fn a_tenant_has_at_most_as_many_seats_as_its_settings_may_say() {
    let mut body = tenant("large");
    body["seats"] = json!(100_001);
    let faults = operator().post(TENANTS, body.clone()).await.faults();
    assert_eq!(faults, ["/seats out_of_range"]);

    body["seats"] = json!(100_000);
    let made = operator().post(TENANTS, body.clone()).await.ok();

    assert_eq!(made["seats"], 100_000);
    let login = json!({"tenant": body["slug"], "email": "ada@acme.example", "password": PASSWORD});
    let login = stranger().post("/v1/auth/login", login).await.ok();
    let owner = with_token(&login["access_token"]);
    let settings = owner.patch("/v1/settings", json!({"seats": 100_001})).await;
    assert_eq!(settings.faults(), ["/seats out_of_range"]);
    assert_eq!(owner.get("/v1/settings").await.ok()["seats"], 100_000);
}
