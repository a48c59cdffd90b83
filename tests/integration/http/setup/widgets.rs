//! Widgets: what pages see of a change.

use serde_json::json;

use super::{NOBODY, stranger};
use crate::support::Tenant;

#[tokio::test]
async fn a_change_of_a_widget_is_what_pages_see_next() {
    let tenant = Tenant::new().await;
    let widgets = tenant.owner.get("/v1/widgets").await.ok();
    let before = &widgets["data"][0];
    let path = format!("/v1/widgets/{}", before["id"].as_str().unwrap());
    let config = format!("/v1/widget/{}/config", tenant.widget_key);

    let change = json!({"name": "Shop", "messenger_text": "Write to us"});
    let changed = tenant.owner.patch(&path, change).await.ok();

    assert_eq!(changed["key"], before["key"]);
    let shown = stranger().get(&config).await.ok();
    assert_eq!(shown["name"], "Shop");
    assert_eq!(shown["messenger"]["text"], "Write to us");
    let back = json!({"messenger_text": null, "allowed_domains": null});
    let back = tenant.owner.patch(&path, back).await.ok();
    assert_eq!(back["messenger_text"], before["messenger_text"]);
    assert_eq!(back["allowed_domains"], json!([]));
    assert_eq!(tenant.owner.delete(&path).await.status, 204);
    stranger().get(&config).await.problem(404, "not_found");
}

#[tokio::test]
async fn avail_04_a_form_is_shown_and_every_answer_to_it_is_checked() {
    let mut tenant = Tenant::new().await;
    let (_agent, _socket) = tenant.online_agent("ana").await;
    let widgets = tenant.owner.get("/v1/widgets").await.ok();
    let path = format!("/v1/widgets/{}", widgets["data"][0]["id"].as_str().unwrap());
    let form = json!([
        {"name": "name", "label": "Your name", "required": true},
        {"name": "plan", "label": "Plan", "kind": "choice", "required": true, "choices": ["gold", "tin"]},
        {"name": "phone", "label": "Phone", "kind": "phone"},
        {"name": "terms", "label": "I agree", "kind": "checkbox", "required": true},
    ]);
    let shown = tenant.owner.patch(&path, json!({"form": form})).await.ok()["form"].clone();

    let config = format!("/v1/widget/{}/config", tenant.widget_key);
    let config = stranger().get(&config).await.ok();
    assert_eq!(config["live"]["fields"], shown);
    let asked = config["messenger"]["fields"].as_array().unwrap();
    let asked: Vec<_> = asked.iter().map(|field| &field["name"]).collect();
    assert_eq!(asked, ["name", "email", "plan", "phone", "terms"]);
    let visitor = tenant.visitor().await.persona;
    let start = async |fields| {
        visitor
            .post("/v1/visitor/chats", json!({"fields": fields}))
            .await
    };
    let expected = [
        "/fields/name required",
        "/fields/plan required",
        "/fields/terms required",
    ];
    assert_eq!(start(json!({})).await.faults(), expected);
    let wrong = json!({"name": "V", "plan": "silver", "phone": "none", "terms": "false"});
    let expected = [
        "/fields/phone bad_format",
        "/fields/plan unknown_value",
        "/fields/terms required",
    ];
    assert_eq!(start(wrong).await.faults(), expected);
    let right = json!({"name": "V", "plan": "tin", "phone": "+420 123 456 789", "terms": "true"});
    assert_eq!(start(right).await.status, 201);
    let left = json!({
        "fields": {"name": "V", "email": "v@home.example"}, "message": {"id": "m-1", "text": "Hi"},
    });
    let left = visitor.post("/v1/visitor/offline-messages", left).await;
    assert_eq!(
        left.faults(),
        ["/fields/plan required", "/fields/terms required"]
    );
}

#[tokio::test]
async fn the_offices_of_a_widget_are_the_tenants() {
    let tenant = Tenant::new().await;
    let other = Tenant::new().await;
    let widgets = tenant.owner.get("/v1/widgets").await.ok();
    let path = format!("/v1/widgets/{}", widgets["data"][0]["id"].as_str().unwrap());

    for office in [NOBODY, &*other.office_id] {
        let body = json!({"office_ids": [tenant.office_id, office]});
        let faults = tenant.owner.patch(&path, body).await.faults();
        assert_eq!(faults, ["/office_ids/1 unknown_id"]);
    }
    let null = tenant.owner.patch(&path, json!({"office_ids": null})).await;
    assert_eq!(null.faults(), ["/office_ids wrong_type"]);
}
