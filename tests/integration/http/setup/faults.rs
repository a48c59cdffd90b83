//! Every field that is wrong is named in one answer: its form, its bounds, what it does not go together with, and what it
//! names and is not there.

use serde_json::{Value, json};

use super::{NOBODY, agent, create, ids, text};
use crate::support::{PASSWORD, Persona, Tenant};

/// Posts a body to a folder, and patches what is there with what of it a patch may say. Neither changes anything.
async fn told(owner: &Persona, folder: &str, path: &str, body: &Value, fixed: &[&str]) {
    let before = owner.get(path).await.ok();
    let count = ids(&owner.get(&format!("{folder}?limit=200")).await.ok()).len();
    let posted = owner.post(folder, body.clone()).await.faults();
    let mut change = body.clone();
    for field in fixed {
        change.as_object_mut().unwrap().remove(*field);
    }
    let patched = owner.patch(path, change).await.faults();
    let is_fixed = |fault: &String| {
        fixed
            .iter()
            .any(|name| fault.starts_with(&format!("/{name} ")))
    };
    let expected: Vec<String> = posted
        .iter()
        .filter(|fault| !is_fixed(fault))
        .cloned()
        .collect();
    assert_eq!(patched, expected, "{path}");
    assert_eq!(owner.get(path).await.ok(), before);
    let after = owner.get(&format!("{folder}?limit=200")).await.ok();
    assert_eq!(ids(&after).len(), count);
}

#[tokio::test]
async fn all_that_is_wrong_with_a_queue_is_told_at_once() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;
    let ana = create(owner, "/v1/agents", agent("ana")).await;
    let body = json!({
        "name": "", "office_id": NOBODY, "member_ids": [ana["id"], NOBODY, "x"],
        "disposition_ids": [NOBODY], "required_skills": [{"skill_id": NOBODY, "level": 3}, {"level": 11}],
        "on_missed_offer": {"pause_id": NOBODY}, "overflow": {"queue_id": NOBODY},
        "max_waiting": 5, "reopen_at": 5, "idle_warning_s": 60, "idle_close_s": 60, "ring_timeout_s": 1,
    });

    let faults = owner.post("/v1/queues", body.clone()).await.faults();

    assert_eq!(
        faults,
        [
            "/disposition_ids/0 unknown_id",
            "/idle_close_s out_of_range",
            "/member_ids/1 unknown_id",
            "/member_ids/2 bad_format",
            "/name too_short",
            "/office_id unknown_id",
            "/on_missed_offer/pause_id unknown_id",
            "/overflow/queue_id unknown_id",
            "/reopen_at out_of_range",
            "/required_skills/0/skill_id unknown_id",
            "/required_skills/1/level out_of_range",
            "/required_skills/1/skill_id required",
            "/ring_timeout_s out_of_range",
        ]
    );
    let path = format!("/v1/queues/{}", tenant.queue_id);
    told(owner, "/v1/queues", &path, &body, &["office_id"]).await;
    let body = json!({"name": 1, "max_wait_s": 60});
    let faults = owner.patch(&path, body).await.faults();
    assert_eq!(faults, ["/name wrong_type", "/overflow required"]);
    let members = json!({"member_ids": [NOBODY, "x", ana["id"], NOBODY]});
    let faults = owner
        .put(&format!("{path}/members"), members)
        .await
        .faults();
    assert_eq!(
        faults,
        [
            "/member_ids/0 unknown_id",
            "/member_ids/1 bad_format",
            "/member_ids/3 duplicate"
        ]
    );
}

#[tokio::test]
async fn what_cannot_be_read_says_nothing_of_what_goes_together_with_it() {
    let tenant = Tenant::new().await;
    let path = format!("/v1/queues/{}", tenant.queue_id);

    for (body, expected) in [
        (
            json!({"max_waiting": 0, "reopen_at": 9000}),
            "/max_waiting out_of_range",
        ),
        (
            json!({"max_wait_s": 60, "overflow": "nowhere"}),
            "/overflow unknown_value",
        ),
        (
            json!({"idle_warning_s": "x", "idle_close_s": 10}),
            "/idle_warning_s wrong_type",
        ),
    ] {
        let faults = tenant.owner.patch(&path, body).await.faults();
        assert_eq!(faults, [expected]);
    }
}

#[tokio::test]
async fn all_that_is_wrong_with_an_agent_is_told_at_once() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;
    let settings = json!({"inactivity": {"away_after_s": 600}});
    owner.patch("/v1/settings", settings).await.ok();
    let ana = create(owner, "/v1/agents", agent("ana")).await;
    let body = json!({
        "name": "\u{200b}", "email": "a@b..c", "password": PASSWORD, "office_ids": [tenant.office_id, NOBODY],
        "skills": [{"skill_id": NOBODY, "level": 1}], "capacity": 4, "capacity_max": 3,
        "inactivity": {"away_after_s": 601}, "seat": "window",
    });

    let faults = owner.post("/v1/agents", body.clone()).await.faults();

    assert_eq!(
        faults,
        [
            "/capacity_max out_of_range",
            "/email bad_format",
            "/inactivity/away_after_s out_of_range",
            "/name too_short",
            "/office_ids/1 unknown_id",
            "/seat unknown_value",
            "/skills/0/skill_id unknown_id",
        ]
    );
    let path = format!("/v1/agents/{}", text(&ana["id"]));
    told(owner, "/v1/agents", &path, &body, &[]).await;
    let body = json!({"inactivity": {"away_after_s": 601}, "public_name": ""});
    let faults = owner.patch("/v1/me", body).await.faults();
    let expected = [
        "/inactivity/away_after_s out_of_range",
        "/public_name too_short",
    ];
    assert_eq!(faults, expected);
}

#[tokio::test]
async fn all_that_is_wrong_with_a_widget_a_rule_or_a_template_is_told_at_once() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;
    let widgets = owner.get("/v1/widgets").await.ok();
    let path = |folder: &str, thing: &Value| format!("{folder}/{}", text(&thing["id"]));
    let rule = create(owner, "/v1/routing-rules", json!({"name": "R"})).await;
    let template = create(owner, "/v1/templates", json!({"name": "T", "text": "Hi"})).await;
    let body = json!({"name": "G", "greeting": "Hello"});
    let greeting = create(owner, "/v1/targeting-rules", body).await;
    for (folder, thing, body, expected) in [
        (
            "/v1/widgets",
            &widgets["data"][0],
            json!({"name": "", "office_ids": [NOBODY, tenant.office_id], "agent_id": NOBODY}),
            vec![
                "/agent_id unknown_id",
                "/name too_short",
                "/office_ids/0 unknown_id",
            ],
        ),
        (
            "/v1/routing-rules",
            &rule,
            json!({
                "name": "", "priority": 11, "queue_id": NOBODY, "agent_ids": [NOBODY],
                "conditions": {"widget_ids": ["x", NOBODY], "office_ids": [NOBODY]},
            }),
            vec![
                "/agent_ids/0 unknown_id",
                "/conditions/office_ids/0 unknown_id",
                "/conditions/widget_ids/0 bad_format",
                "/conditions/widget_ids/1 unknown_id",
                "/name too_short",
                "/priority out_of_range",
                "/queue_id unknown_id",
            ],
        ),
        (
            "/v1/templates",
            &template,
            json!({"name": "", "text": "{{x}}", "office_ids": [tenant.office_id, NOBODY]}),
            vec![
                "/name too_short",
                "/office_ids/1 unknown_id",
                "/text unknown_placeholder",
            ],
        ),
        (
            "/v1/targeting-rules",
            &greeting,
            json!({"name": "", "greeting": "Hello", "widget_id": NOBODY, "office_id": NOBODY}),
            vec![
                "/name too_short",
                "/office_id unknown_id",
                "/widget_id unknown_id",
            ],
        ),
    ] {
        let faults = owner.post(folder, body.clone()).await.faults();
        assert_eq!(faults, expected, "{folder}");
        told(owner, folder, &path(folder, thing), &body, &[]).await;
    }
}

#[tokio::test]
async fn all_that_is_wrong_with_a_visitors_request_is_told_at_once() {
    let mut tenant = Tenant::new().await;
    super::super::be(&tenant.agent("ana").await, "online").await;
    let widgets = tenant.owner.get("/v1/widgets").await.ok();
    let path = format!("/v1/widgets/{}", text(&widgets["data"][0]["id"]));
    let form = json!({"form": [
        {"name": "order", "label": "Order", "required": true},
        {"name": "terms", "label": "Terms", "kind": "checkbox", "required": true},
    ]});
    tenant.owner.patch(&path, form).await.ok();
    let visitor = tenant.visitor().await.persona;
    let post = async |path: &str, body: Value| visitor.post(path, body).await.faults();

    let body = json!({
        "office_id": NOBODY, "queue_id": NOBODY, "fields": {"terms": false, "plan": 7},
        "message": {"id": "a b", "text": "x"},
    });
    assert_eq!(
        post("/v1/visitor/chats", body).await,
        [
            "/fields/order required",
            "/fields/plan wrong_type",
            "/fields/terms required",
            "/message/id bad_format",
            "/office_id unknown_id",
            "/queue_id unknown_id",
        ]
    );
    let body = json!({"fields": {"order": 7, "terms": true}});
    let faults = post("/v1/visitor/chats", body).await;
    assert_eq!(faults, ["/fields/order wrong_type"]);
    assert_eq!(
        post("/v1/visitor/offline-messages", json!({})).await,
        [
            "/fields/email required",
            "/fields/name required",
            "/fields/order required",
            "/fields/terms required",
            "/message required",
        ]
    );
    let body = json!({"fields": {"order": "12", "terms": true}});
    let chat = visitor.post("/v1/visitor/chats", body).await;
    assert_eq!(chat.status, 201, "{}", chat.body);
}
