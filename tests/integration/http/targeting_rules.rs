//! Targeting rules as admins set them up: made, found, changed, removed.

use serde_json::{Value, json};

use super::{NOBODY, ids, text};
use crate::realtime::setting::Stopped;
use crate::support::{Answer, Persona, Tenant};

const FOLDER: &str = "/v1/targeting-rules";

fn plain() -> Value {
    json!({"name": "Pricing", "greeting": "May we help?"})
}

/// Makes a rule and gives its path and what the answer says.
async fn make(owner: &Persona, body: Value) -> (String, Value) {
    let answer = owner.post(FOLDER, body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let path = format!("{FOLDER}/{}", text(&answer.body["id"]));
    assert_eq!(answer.headers["location"], path.as_str());
    (path, answer.body)
}

#[track_caller]
fn tag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_targeting_rule_is_made_found_and_listed() {
    let tenant = Tenant::new().await;
    let widgets = tenant.owner.get("/v1/widgets").await.ok();
    let widget = &widgets["data"][0]["id"];

    let (path, bare) = make(&tenant.owner, plain()).await;
    let body = json!({
        "name": "Own", "greeting": "Hello", "widget_id": widget, "office_id": tenant.office_id,
        "enabled": false, "sort_order": 0,
        "conditions": {
            "url_contains": "/Pricing", "url_matches": "https://*", "min_time_on_page_s": 86_400,
            "min_visits": 1_000_000, "referrer_contains": "search", "countries": ["de", "AT"],
            "languages": ["FR"],
        },
    });
    let (_, own) = make(&tenant.owner, body).await;

    assert_eq!(
        bare,
        json!({
            "id": bare["id"], "name": "Pricing", "greeting": "May we help?", "widget_id": null,
            "office_id": null, "enabled": true, "sort_order": 100, "version": 1,
            "created_at": bare["created_at"],
            "conditions": {
                "url_contains": null, "url_matches": null, "min_time_on_page_s": null,
                "min_visits": null, "referrer_contains": null, "countries": [], "languages": [],
            },
        })
    );
    assert_eq!(own["widget_id"], *widget);
    assert_eq!(own["office_id"], tenant.office_id.as_str());
    assert_eq!(
        (&own["enabled"], &own["sort_order"]),
        (&json!(false), &json!(0))
    );
    let asked = &own["conditions"];
    assert_eq!(asked["url_contains"], "/Pricing");
    assert_eq!(asked["countries"], json!(["AT", "DE"]));
    assert_eq!(asked["languages"], json!(["fr"]));
    let found = tenant.owner.get(&path).await;
    assert_eq!(tag(&found), "\"1\"");
    assert_eq!(found.ok(), bare);
    let page = tenant.owner.get(&format!("{FOLDER}?limit=1")).await.ok();
    assert_eq!(page["data"], json!([bare]));
    let cursor = text(&page["next_cursor"]);
    let next = format!("{FOLDER}?limit=1&cursor={cursor}");
    let page = tenant.owner.get(&next).await.ok();
    assert_eq!(
        (&page["data"], &page["next_cursor"]),
        (&json!([own]), &Value::Null)
    );
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_the_version_rises() {
    let tenant = Tenant::new().await;
    let mut body = plain();
    body["conditions"] = json!({"min_visits": 2, "countries": ["DE"]});
    let (path, mut expected) = make(&tenant.owner, body).await;

    for (patch, version) in [
        (json!({}), 1),
        (
            json!({"enabled": false, "conditions": {"min_visits": null}}),
            2,
        ),
        // Nothing that was not so already.
        (json!({"enabled": false, "sort_order": null}), 2),
        (
            json!({"conditions": {"languages": ["de"]}, "name": "Own"}),
            3,
        ),
        (json!({"conditions": null, "enabled": null}), 4),
    ] {
        let answer = tenant.owner.patch(&path, patch.clone()).await;
        assert_eq!(tag(&answer), format!("\"{version}\""), "{patch}");
        let body = answer.ok();
        assert_eq!(body["version"], version);
        assert_eq!(tenant.owner.get(&path).await.ok(), body);
        if version == 3 {
            expected["name"] = json!("Own");
            expected["enabled"] = json!(false);
            expected["conditions"]["min_visits"] = Value::Null;
            expected["conditions"]["languages"] = json!(["de"]);
            expected["version"] = json!(3);
            assert_eq!(body, expected);
        }
    }
}

#[tokio::test]
async fn a_change_is_made_to_the_version_that_was_seen() {
    let tenant = Tenant::new().await;
    let (path, _) = make(&tenant.owner, plain()).await;
    let change = async |name: &str, tag: &str| {
        let headers = [("if-match", tag)];
        let body = json!({"name": name});
        tenant.owner.patch_if(&path, body, &headers).await
    };

    let first = change("A", "\"1\"").await;
    assert_eq!(
        (first.status.as_u16(), tag(&first)),
        (200, "\"2\"".to_owned())
    );
    for stale in ["\"1\"", "\"1\", \"3\"", "W/\"2\"", "\"x\""] {
        let answer = change("B", stale).await;
        answer.problem(412, "precondition_failed");
    }
    assert_eq!(change("C", "\"1\", \"2\"").await.ok()["version"], 3);
    assert_eq!(change("D", "*").await.ok()["version"], 4);
    for bad in ["2", "\"2", "", "*, \"4\""] {
        change("E", bad).await.problem(400, "malformed_request");
    }
    let found = tenant.owner.get(&path).await.ok();
    assert_eq!(
        (&found["name"], &found["version"]),
        (&json!("D"), &json!(4))
    );
}

#[tokio::test]
async fn of_two_changes_at_the_same_instant_neither_is_lost() {
    let tenant = Tenant::new().await;
    let (path, _) = make(&tenant.owner, plain()).await;

    let (name, greeting) = tokio::join!(
        tenant.owner.patch(&path, json!({"name": "Own"})),
        tenant.owner.patch(&path, json!({"greeting": "Hello"})),
    );
    let (name, greeting) = (name.ok(), greeting.ok());

    assert_ne!(name["version"], greeting["version"]);
    let found = tenant.owner.get(&path).await.ok();
    assert_eq!(
        (&found["name"], &found["greeting"], &found["version"]),
        (&json!("Own"), &json!("Hello"), &json!(3))
    );
    let seen = [("if-match", "\"3\"")];
    let (first, second) = tokio::join!(
        tenant.owner.patch_if(&path, json!({"name": "A"}), &seen),
        tenant.owner.patch_if(&path, json!({"name": "B"}), &seen),
    );
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}

#[tokio::test]
async fn a_patch_is_a_merge_patch_by_its_media_type() {
    let tenant = Tenant::new().await;
    let (path, _) = make(&tenant.owner, plain()).await;
    let change = async |media_type: &str| {
        let headers = [("content-type", media_type)];
        let body = json!({"name": "Own"});
        tenant.owner.patch_if(&path, body, &headers).await
    };

    change("application/merge-patch+json").await.ok();
    change("application/json; charset=utf-8").await.ok();
    for other in ["application/json-patch+json", "text/plain"] {
        let answer = change(other).await;
        let accepted = answer.headers["accept-patch"].clone();
        assert_eq!(accepted, "application/merge-patch+json, application/json");
        answer.problem(415, "unsupported_media_type");
    }
}

#[tokio::test]
async fn what_is_removed_is_gone() {
    let tenant = Tenant::new().await;
    let (path, _) = make(&tenant.owner, plain()).await;
    let (kept, _) = make(&tenant.owner, plain()).await;
    let stale = tenant
        .owner
        .call(
            reqwest::Method::DELETE,
            &path,
            None,
            &[("if-match", "\"7\"")],
        )
        .await;
    stale.problem(412, "precondition_failed");

    let answer = tenant.owner.delete(&path).await;

    assert_eq!((answer.status.as_u16(), answer.body), (204, json!("")));
    tenant.owner.delete(&path).await.problem(404, "not_found");
    tenant.owner.get(&path).await.problem(404, "not_found");
    let late = tenant.owner.patch(&path, json!({"name": "A"})).await;
    late.problem(404, "not_found");
    tenant.owner.get(&kept).await.ok();
    for id in [NOBODY, "1", "not-an-id", "%00"] {
        let path = format!("{FOLDER}/{id}");
        tenant.owner.get(&path).await.problem(404, "not_found");
        tenant.owner.delete(&path).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn avail_06_ids_in_a_rule_are_of_the_tenant() {
    let tenant = Tenant::new().await;
    let other = Tenant::new().await;
    let widgets = other.owner.get("/v1/widgets").await.ok();
    let widget = text(&widgets["data"][0]["id"]);
    let (path, before) = make(&tenant.owner, plain()).await;

    for (widget, office) in [(NOBODY, NOBODY), (&widget, &other.office_id)] {
        let ids = json!({"widget_id": widget, "office_id": office});
        let expected = ["/office_id unknown_id", "/widget_id unknown_id"];
        let patched = tenant.owner.patch(&path, ids.clone()).await;
        assert_eq!(patched.faults(), expected);
        let mut body = plain();
        body["widget_id"] = ids["widget_id"].clone();
        body["office_id"] = ids["office_id"].clone();
        let made = tenant.owner.post(FOLDER, body).await;
        assert_eq!(made.faults(), expected);
    }
    let list = tenant.owner.get(FOLDER).await.ok();
    assert_eq!(list["data"], json!([before]));
}

#[tokio::test]
async fn avail_06_every_bad_field_of_a_rule_is_named() {
    let tenant = Tenant::new().await;
    let (path, _) = make(&tenant.owner, plain()).await;
    let bad = json!({
        "name": null, "greeting": "x".repeat(501), "sort_order": 1_000_001, "enabled": "yes",
        "widget_id": "x", "order": 1,
        "conditions": {
            "url_contains": "", "url_matches": "x".repeat(501), "min_time_on_page_s": 86_401,
            "min_visits": 0, "referrer_contains": 1, "countries": ["DEU", "de", "DE"],
            "languages": ["de-AT"], "country": "DE",
        },
    });
    let expected = [
        "/conditions/countries/0 bad_format",
        "/conditions/countries/2 duplicate",
        "/conditions/country unknown_field",
        "/conditions/languages/0 bad_format",
        "/conditions/min_time_on_page_s out_of_range",
        "/conditions/min_visits out_of_range",
        "/conditions/referrer_contains wrong_type",
        "/conditions/url_contains too_short",
        "/conditions/url_matches too_long",
        "/enabled wrong_type",
        "/greeting too_long",
        "/name wrong_type",
        "/order unknown_field",
        "/sort_order out_of_range",
        "/widget_id bad_format",
    ];

    assert_eq!(
        tenant.owner.post(FOLDER, bad.clone()).await.faults(),
        expected
    );
    assert_eq!(tenant.owner.patch(&path, bad).await.faults(), expected);
    let none = tenant.owner.post(FOLDER, json!({})).await.faults();
    assert_eq!(none, ["/greeting required", "/name required"]);
    let list = tenant.owner.patch(&path, json!([])).await.faults();
    assert_eq!(list, [" wrong_type"]);
}

#[tokio::test]
async fn agents_read_the_rules_and_do_not_change_them() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let (path, rule) = make(&tenant.owner, plain()).await;

    assert_eq!(agent.get(&path).await.ok(), rule);
    assert_eq!(agent.get(FOLDER).await.ok()["data"], json!([rule]));
    let refused = [
        agent.post(FOLDER, plain()).await,
        agent.patch(&path, json!({"name": 1})).await,
        agent.delete(&path).await,
    ];
    for answer in refused {
        answer.problem(403, "forbidden");
    }
    assert_eq!(tenant.owner.get(&path).await.ok(), rule);
}

#[tokio::test]
async fn a_rule_that_is_made_twice_under_one_key_is_there_once() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;
    let post = |body| owner.post_once(FOLDER, body, "key-1");

    let (first, second) = tokio::join!(post(plain()), post(plain()));
    let third = post(plain()).await;

    for answer in [&second, &third] {
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert_eq!(answer.body, first.body);
        assert_eq!(answer.headers["location"], first.headers["location"]);
        assert_eq!(tag(answer), "\"1\"");
    }
    assert_eq!(ids(&owner.get(FOLDER).await.ok()).len(), 1);
    let other = post(json!({"name": "Other", "greeting": "Hello"})).await;
    other.problem(409, "idempotency_mismatch");
    // One key names one request of a caller, whether an engine makes the thing or not.
    let office = owner.post_once("/v1/offices", json!({"name": "Sales"}), "key-1");
    office.await.problem(409, "idempotency_mismatch");
    let office = owner.post_once("/v1/offices", json!({"name": "Sales"}), "key-2");
    office.await.ok();
    let rule = owner.post_once(FOLDER, plain(), "key-2").await;
    rule.problem(409, "idempotency_mismatch");
    let admin = Tenant::new().await.owner;
    assert_ne!(
        admin.post_once(FOLDER, plain(), "key-1").await.ok(),
        first.body
    );
}

#[tokio::test]
async fn the_key_of_a_rule_is_good_for_a_day() {
    let stopped = Stopped::start(|config| config.auth.access_token_s = 86_400).await;
    let tenant = Tenant::on(&stopped.base).await;
    let create = async |owner: &Persona| {
        let answer = owner.post_once(FOLDER, plain(), "key-1").await;
        answer.ok()["id"].clone()
    };
    let first = create(&tenant.owner).await;

    stopped.pass_hours(23).await;
    assert_eq!(create(&tenant.owner).await, first);
    stopped.pass_hours(2).await;
    let again = tenant.log_in("owner").await;

    assert_ne!(create(&again).await, first);
}

#[tokio::test]
async fn there_are_at_most_200_rules() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;
    let mut last = String::new();
    for _ in 0..199 {
        last = make(owner, plain()).await.0;
    }

    let (first, second) = tokio::join!(owner.post(FOLDER, plain()), owner.post(FOLDER, plain()));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();

    assert_eq!(statuses, [201, 409]);
    let one_more = owner.post_once(FOLDER, plain(), "key-1").await;
    one_more.problem(409, "limit_reached");
    assert_eq!(
        ids(&owner.get(&format!("{FOLDER}?limit=200")).await.ok()).len(),
        200
    );
    assert_eq!(owner.delete(&last).await.status, 204);
    assert_eq!(owner.post_once(FOLDER, plain(), "key-1").await.status, 201);
}
