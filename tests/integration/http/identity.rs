//! Identity secrets, and whom a token that one of them has signed makes of a visitor.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deskbell::clock::{Clock, SystemClock};
use deskbell::domain::TenantId;
use serde_json::{Value, json};

use super::{NOBODY, ids, stranger, text, with_token};
use crate::support::{Answer, Site, Tenant, owner_options, shared};

const SECRETS: &str = "/v1/identity-secrets";

async fn identify(tenant: &Tenant, identity_token: Value) -> Answer {
    let path = format!("/v1/widget/{}/visitors", tenant.widget_key);
    let body = json!({"identity_token": identity_token});
    stranger().post(&path, body).await
}

fn tenant_id(tenant: &Tenant) -> TenantId {
    tenant.id.parse().unwrap()
}

/// The one fault of an answer, as `code: detail`.
#[track_caller]
fn fault(answer: Answer) -> String {
    let body = answer.problem(422, "invalid");
    let errors = body["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{body}");
    assert_eq!(errors[0]["pointer"], "/identity_token");
    format!(
        "{}: {}",
        text(&errors[0]["code"]),
        text(&errors[0]["detail"])
    )
}

#[tokio::test]
async fn a_secret_is_shown_once_and_there_are_two_at_most() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;
    assert_eq!(owner.get(SECRETS).await.ok()["data"], json!([]));

    let answer = owner.post(SECRETS, json!({})).await;
    assert_eq!(answer.status, 201);
    let location = answer.headers["location"].to_str().unwrap().to_owned();
    let first = answer.ok();
    let second = owner.post(SECRETS, json!({})).await.ok();

    assert_eq!(location, format!("{SECRETS}/{}", text(&first["id"])));
    let secret = text(&first["secret"]);
    let random = secret.strip_prefix("dbi_").unwrap();
    assert_eq!(URL_SAFE_NO_PAD.decode(random).unwrap().len(), 32);
    assert_ne!(first["secret"], second["secret"]);
    let list = owner.get(SECRETS).await.ok();
    let shown = json!({"id": first["id"], "created_at": first["created_at"]});
    assert_eq!(list["data"][0], shown);
    assert_eq!(ids(&list), [text(&first["id"]), text(&second["id"])]);
    assert_eq!(owner.get(&location).await.ok(), shown);
    let page = owner.get(&format!("{SECRETS}?limit=1")).await.ok();
    let cursor = text(&page["next_cursor"]);
    let rest = owner.get(&format!("{SECRETS}?cursor={cursor}")).await.ok();
    assert_eq!(ids(&rest), [text(&second["id"])]);
    let third = owner.post(SECRETS, json!({})).await;
    third.problem(409, "limit_reached");

    assert_eq!(owner.delete(&location).await.status, 204);
    owner.delete(&location).await.problem(404, "not_found");
    owner.get(&location).await.problem(404, "not_found");
    owner.post(SECRETS, json!({})).await.ok();
    let unknown = owner.delete(&format!("{SECRETS}/{NOBODY}")).await;
    unknown.problem(404, "not_found");
    let body = json!({"secret": "my own"});
    assert_eq!(
        owner.post(SECRETS, body).await.faults(),
        ["/secret unknown_field"]
    );
}

#[tokio::test]
async fn only_admins_have_to_do_with_secrets() {
    let mut tenant = Tenant::new().await;
    let site = Site::of(&tenant).await;
    let path = format!("{SECRETS}/{}", site.secret_id);

    for role in ["agent", "supervisor"] {
        let agent = tenant.agent_as(role, role).await;
        agent.get(SECRETS).await.problem(403, "forbidden");
        agent.get(&path).await.problem(403, "forbidden");
        let made = agent.post(SECRETS, json!({})).await;
        made.problem(403, "forbidden");
        agent.delete(&path).await.problem(403, "forbidden");
    }
    let admin = tenant.agent_as("admin", "admin").await;
    Site::with(&admin).await;
    assert_eq!(admin.delete(&path).await.status, 204);
}

#[tokio::test]
async fn a_secret_that_is_made_again_under_its_key_is_the_same_and_nowhere_in_the_open() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;

    let first = owner.post_once(SECRETS, json!({}), "key-1").await;
    let again = owner.post_once(SECRETS, json!({}), "key-1").await;

    assert_eq!(again.status, 201);
    assert_eq!(again.body, first.body);
    assert_eq!(again.headers["location"], first.headers["location"]);
    let first = first.ok();
    assert_eq!(ids(&owner.get(SECRETS).await.ok()), [text(&first["id"])]);
    // Whoever reads the database finds it in no row, in no form that is not sealed.
    let random = text(&first["secret"])[4..].to_owned();
    let pool = sqlx::PgPool::connect_with(owner_options()).await.unwrap();
    for table in ["identity_secrets", "idempotency_keys", "audit_entries"] {
        let query = format!("select t::text from {table} t where tenant_id = $1");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(tenant_id(&tenant).0)
            .fetch_all(&pool)
            .await
            .unwrap();
        assert!(!rows.is_empty(), "{table} is empty");
        for row in rows {
            assert!(!row.contains(&random), "{row}");
        }
    }
    pool.close().await;

    let path = format!("{SECRETS}/{}", text(&first["id"]));
    assert_eq!(owner.delete(&path).await.status, 204);
    let late = owner.post_once(SECRETS, json!({}), "key-1").await;
    assert_eq!(late.ok(), first);
    assert_eq!(owner.get(SECRETS).await.ok()["data"], json!([]));
}

#[tokio::test]
async fn avail_07_a_token_of_either_secret_makes_one_visitor_of_all_widgets_until_it_is_deleted() {
    let tenant = Tenant::new().await;
    let (old, new) = (Site::of(&tenant).await, Site::of(&tenant).await);
    let widget = json!({"name": "Shop", "office_ids": [tenant.office_id]});
    let widget = tenant.owner.post("/v1/widgets", widget).await.ok();

    let first = identify(&tenant, json!(old.knows("vic"))).await;
    assert_eq!(first.status, 201);
    let first = first.ok();
    let second = identify(&tenant, json!(new.knows("vic"))).await.ok();
    let shop = format!("/v1/widget/{}/visitors", text(&widget["key"]));
    let body = json!({"identity_token": new.knows("vic")});
    let third = stranger().post(&shop, body).await.ok();
    let other = identify(&tenant, json!(new.knows("eve"))).await.ok();

    assert_eq!(second["visitor_id"], first["visitor_id"]);
    assert_eq!(third["visitor_id"], first["visitor_id"]);
    assert_ne!(other["visitor_id"], first["visitor_id"]);
    let path = format!("{SECRETS}/{}", old.secret_id);
    assert_eq!(tenant.owner.delete(&path).await.status, 204);
    let refused = identify(&tenant, json!(old.knows("vic"))).await;
    assert_eq!(
        fault(refused),
        "mismatch: none of the tenant's identity secrets has signed it"
    );
    identify(&tenant, json!(new.knows("vic"))).await.ok();
    // What was given for it before goes on.
    let visitor = with_token(&first["token"]);
    visitor.get("/v1/visitor/chats").await.ok();
}

#[tokio::test]
async fn avail_07_a_bad_identity_token_is_refused_with_what_is_wrong_with_it() {
    let (tenant, away) = (Tenant::new().await, Tenant::new().await);
    let (site, their_site) = (Site::of(&tenant).await, Site::of(&away).await);
    let now = SystemClock::new().now().0 / 1000;
    let unsigned = {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = json!({"sub": "vic", "exp": now + 600});
        format!("{}.{}.", part(json!({"alg": "none"})), part(claims))
    };

    let foreign = "mismatch: none of the tenant's identity secrets has signed it";
    for (token, expected) in [
        (their_site.knows("vic"), foreign),
        (
            site.signs(json!({"sub": "vic", "exp": now - 61})),
            "expired: the claim exp: has passed",
        ),
        (
            site.signs(json!({"sub": "vic", "exp": now + 86_400 + 120})),
            "out_of_range: the claim exp: must be at most 24 hours ahead",
        ),
        (
            site.signs(json!({"sub": "vic", "nbf": now + 120})),
            "not_yet_valid: the claim nbf: is ahead",
        ),
        (
            site.signs(json!({})),
            "required: the claim sub: is required",
        ),
        (
            site.signs(json!({"sub": "vic", "email": "vic"})),
            "bad_format: the claim email: must be an e-mail address",
        ),
    ] {
        assert_eq!(fault(identify(&tenant, json!(token)).await), expected);
    }
    for token in [json!(unsigned), json!("a.b.c"), json!("")] {
        let said = fault(identify(&tenant, token).await);
        assert!(said.starts_with("bad_format: "), "{said}");
    }
    let said = fault(identify(&tenant, json!("a".repeat(4097))).await);
    assert!(said.starts_with("too_long: "), "{said}");
    let said = fault(identify(&tenant, json!(17)).await);
    assert!(said.starts_with("wrong_type: "), "{said}");
    let two = site.signs(json!({"name": 1}));
    assert_eq!(
        identify(&tenant, json!(two)).await.faults(),
        ["/identity_token required", "/identity_token wrong_type"]
    );
}

#[tokio::test]
async fn avail_07_a_tenant_without_a_secret_takes_no_identity_token() {
    let (tenant, away) = (Tenant::new().await, Tenant::new().await);
    let site = Site::of(&away).await;

    let refused = identify(&tenant, json!(site.knows("vic"))).await;
    refused.problem(409, "no_identity_secret");

    // Without one, or with null, a visitor is nobody that is known.
    identify(&tenant, Value::Null).await.ok();
    tenant.visitor().await;
}

#[tokio::test]
async fn avail_07_who_has_an_identity_shows_it_again_to_renew_its_token() {
    let tenant = Tenant::new().await;
    let site = Site::of(&tenant).await;
    let path = format!("/v1/widget/{}/visitors", tenant.widget_key);
    let known = identify(&tenant, json!(site.knows("vic"))).await.ok();
    let nobody = stranger().post(&path, json!({})).await.ok();

    let renewed = json!({"token": known["token"]});
    let renewed = stranger().post(&path, renewed).await;
    assert_eq!(renewed.faults(), ["/identity_token required"]);
    for earlier in [&known["token"], &nobody["token"]] {
        let both = json!({"token": earlier, "identity_token": site.knows("vic")});
        let both = stranger().post(&path, both).await;
        assert_eq!(both.faults(), ["/token duplicate"]);
    }
    let both = json!({"token": "x", "identity_token": "y"});
    assert_eq!(
        stranger().post(&path, both).await.faults(),
        ["/identity_token bad_format", "/token duplicate"]
    );
    let renewed = json!({"token": nobody["token"]});
    let renewed = stranger().post(&path, renewed).await.ok();
    assert_eq!(renewed["visitor_id"], nobody["visitor_id"]);
}

#[tokio::test]
async fn a_secret_that_lies_in_another_tenants_row_opens_nothing() {
    let (tenant, thief) = (Tenant::new().await, Tenant::new().await);
    let site = Site::of(&tenant).await;
    let store = &shared().state.store;
    let mut tx = store.tenant(tenant_id(&tenant)).await.unwrap();
    let rows = tx.list_identity_secrets(None, 10).await.unwrap();
    drop(tx);
    let mut tx = store.tenant(tenant_id(&thief)).await.unwrap();
    tx.insert_identity_secret(&rows[0]).await.unwrap();
    tx.commit().await.unwrap();

    let answer = identify(&thief, json!(site.knows("vic"))).await;
    answer.problem(500, "internal");

    // One that cannot be read does not take the other one's place.
    let own = Site::of(&thief).await;
    identify(&thief, json!(own.knows("vic"))).await.ok();
    let answer = identify(&thief, json!(site.knows("vic"))).await;
    assert!(fault(answer).starts_with("mismatch: "));
}
