//! What queues, agents and widgets are made of together: what they name, and what does not go together.

use serde_json::{Value, json};

use super::{NOBODY, agent, create, ids, text};
use crate::support::Tenant;

async fn patch(tenant: &Tenant, path: &str, body: Value) -> crate::support::Answer {
    tenant.owner.patch(path, body).await
}

#[tokio::test]
async fn everything_that_a_queue_names_must_be_there() {
    let tenant = Tenant::new().await;
    let other = Tenant::new().await;
    let skill = create(&other.owner, "/v1/skills", json!({"name": "Czech"})).await;
    let disposition = create(&other.owner, "/v1/dispositions", json!({"name": "Sold"})).await;
    let pause = json!({"name": "Missed", "paid": false});
    let pause = create(&other.owner, "/v1/pauses", pause).await;
    let path = format!("/v1/queues/{}", tenant.queue_id);
    let before = tenant.owner.get(&path).await.ok();

    for (skill, disposition, pause, queue) in [
        (NOBODY, NOBODY, NOBODY, NOBODY),
        (
            &*text(&skill["id"]),
            &*text(&disposition["id"]),
            &*text(&pause["id"]),
            &*other.queue_id,
        ),
    ] {
        let mut body = json!({
            "required_skills": [{"skill_id": skill, "level": 1}], "disposition_ids": [disposition],
            "on_missed_offer": {"pause_id": pause}, "overflow": {"queue_id": queue},
        });
        let expected = [
            "/disposition_ids/0 unknown_id",
            "/on_missed_offer/pause_id unknown_id",
            "/overflow/queue_id unknown_id",
            "/required_skills/0/skill_id unknown_id",
        ];
        let faults = patch(&tenant, &path, body.clone()).await.faults();
        assert_eq!(faults, expected);
        body["name"] = json!("Q");
        body["office_id"] = json!(tenant.office_id);
        let faults = tenant.owner.post("/v1/queues", body).await.faults();
        assert_eq!(faults, expected);
    }

    assert_eq!(tenant.owner.get(&path).await.ok(), before);
}

#[tokio::test]
async fn everything_that_contradicts_itself_is_named_at_once() {
    let tenant = Tenant::new().await;
    let path = format!("/v1/queues/{}", tenant.queue_id);

    let body = json!({
        "max_waiting": 5, "reopen_at": 5, "max_wait_s": 60, "idle_warning_s": 60, "idle_close_s": 60,
    });
    let faults = patch(&tenant, &path, body).await.faults();
    let expected = [
        "/idle_close_s out_of_range",
        "/overflow required",
        "/reopen_at out_of_range",
    ];
    assert_eq!(faults, expected);
    let body = json!({"max_waiting": 5, "reopen_at": 4, "idle_warning_s": 60});
    patch(&tenant, &path, body).await.ok();
    // Also with what stands there already.
    let lower = patch(&tenant, &path, json!({"max_waiting": 4})).await;
    assert_eq!(lower.faults(), ["/reopen_at out_of_range"]);
    let close = patch(&tenant, &path, json!({"idle_close_s": 59})).await;
    assert_eq!(close.faults(), ["/idle_close_s out_of_range"]);
    let ana = create(&tenant.owner, "/v1/agents", agent("ana")).await;
    let ana = format!("/v1/agents/{}", text(&ana["id"]));
    let most = patch(&tenant, &ana, json!({"capacity_max": 3})).await;
    assert_eq!(most.faults(), ["/capacity_max out_of_range"]);
    patch(&tenant, &ana, json!({"capacity_max": 4})).await.ok();
}

#[tokio::test]
async fn avail_05_overflows_that_come_back_are_refused_whichever_queue_closes_the_circle() {
    let tenant = Tenant::new().await;
    let make = async |name: &str| {
        let body = json!({"name": name, "office_id": tenant.office_id});
        text(&create(&tenant.owner, "/v1/queues", body).await["id"])
    };
    let (a, b, c) = (make("A").await, make("B").await, make("C").await);
    let overflow = async |from: &str, to: &str| {
        let body = json!({"overflow": {"queue_id": to}});
        patch(&tenant, &format!("/v1/queues/{from}"), body).await
    };

    overflow(&a, &b).await.ok();
    overflow(&b, &c).await.ok();
    for (from, to) in [(&c, &a), (&c, &b), (&c, &c), (&a, &a)] {
        overflow(from, to).await.problem(409, "overflow_loop");
    }
    let deleted = tenant.owner.delete(&format!("/v1/queues/{c}")).await;
    deleted.problem(409, "in_use");
    overflow(&b, &a).await.problem(409, "overflow_loop");
    let out = json!({"overflow": "messenger"});
    let b = format!("/v1/queues/{b}");
    assert_eq!(patch(&tenant, &b, out).await.ok()["overflow"], "messenger");
    overflow(&c, &a).await.ok();
    assert_eq!(
        patch(&tenant, &b, json!({"overflow": null})).await.ok()["overflow"],
        json!(null)
    );
}

#[tokio::test]
async fn what_a_queue_needs_is_not_archived_under_it() {
    let tenant = Tenant::new().await;
    let skill = create(&tenant.owner, "/v1/skills", json!({"name": "Czech"})).await;
    let disposition = create(&tenant.owner, "/v1/dispositions", json!({"name": "Sold"})).await;
    let pause = json!({"name": "Missed", "paid": false});
    let pause = create(&tenant.owner, "/v1/pauses", pause).await;
    let path = format!("/v1/queues/{}", tenant.queue_id);
    let body = json!({
        "required_skills": [{"skill_id": skill["id"], "level": 2}],
        "disposition_ids": [disposition["id"]], "on_missed_offer": {"pause_id": pause["id"]},
    });
    patch(&tenant, &path, body).await.ok();
    let mut body = agent("ana");
    body["skills"] = json!([{"skill_id": skill["id"], "level": 5}]);
    let ana = create(&tenant.owner, "/v1/agents", body).await;
    let things = [
        format!("/v1/skills/{}", text(&skill["id"])),
        format!("/v1/dispositions/{}", text(&disposition["id"])),
        format!("/v1/pauses/{}", text(&pause["id"])),
    ];

    for thing in &things {
        tenant.owner.delete(thing).await.problem(409, "in_use");
    }
    let nothing = json!({
        "required_skills": null, "disposition_ids": null, "on_missed_offer": null,
    });
    patch(&tenant, &path, nothing).await.ok();
    for thing in &things {
        assert_eq!(tenant.owner.delete(thing).await.status, 204, "{thing}");
    }

    // Agents lose the skill, as one change each.
    let ana = tenant
        .owner
        .get(&format!("/v1/agents/{}", text(&ana["id"])))
        .await
        .ok();
    assert_eq!((&ana["skills"], &ana["version"]), (&json!([]), &json!(2)));
}

#[tokio::test]
async fn everything_that_a_rule_names_must_be_there_and_stays() {
    let tenant = Tenant::new().await;
    let other = Tenant::new().await;
    let theirs = ids(&other.owner.get("/v1/widgets").await.ok()).remove(0);
    let stranger = other.owner.get("/v1/me").await.ok();
    let rule = create(&tenant.owner, "/v1/routing-rules", json!({"name": "R"})).await;
    let path = format!("/v1/routing-rules/{}", text(&rule["id"]));

    for [queue, agent, widget, office] in [
        [NOBODY; 4],
        [
            &*other.queue_id,
            &*text(&stranger["id"]),
            &*theirs,
            &*other.office_id,
        ],
    ] {
        let body = json!({
            "queue_id": queue, "agent_ids": [agent],
            "conditions": {"widget_ids": [widget], "office_ids": [office]},
        });
        let faults = patch(&tenant, &path, body).await.faults();
        let expected = [
            "/agent_ids/0 unknown_id",
            "/conditions/office_ids/0 unknown_id",
            "/conditions/widget_ids/0 unknown_id",
            "/queue_id unknown_id",
        ];
        assert_eq!(faults, expected);
    }
    let mine = ids(&tenant.owner.get("/v1/widgets").await.ok()).remove(0);
    let body = json!({"queue_id": tenant.queue_id, "conditions": {"widget_ids": [mine]}});
    patch(&tenant, &path, body).await.ok();
    for thing in [
        format!("/v1/queues/{}", tenant.queue_id),
        format!("/v1/widgets/{mine}"),
    ] {
        tenant.owner.delete(&thing).await.problem(409, "in_use");
    }
}

#[tokio::test]
async fn route_01_a_rule_sends_a_chat_by_its_page_and_the_language_of_its_visitor() {
    let mut tenant = Tenant::new().await;
    let (_agent, _socket) = tenant.online_agent("ana").await;
    let body = json!({"name": "Czech", "office_id": tenant.office_id});
    let queue = create(&tenant.owner, "/v1/queues", body).await;
    let body = json!({
        "name": "Czech", "queue_id": queue["id"],
        "conditions": {"url_matches": ["https://*/cz/*"], "languages": ["cs"]},
    });
    create(&tenant.owner, "/v1/routing-rules", body).await;
    let visitor = tenant.visitor().await.persona;
    let start = async |body: Value| {
        let chat = visitor.post("/v1/visitor/chats", body).await.ok();
        let path = format!("/v1/chats/{}", text(&chat["id"]));
        tenant.owner.get(&path).await.ok()["queue_id"].clone()
    };

    let page = "https://shop.example/cz/cart";
    let fits = start(json!({"page_url": page, "language": "cs-CZ"})).await;
    let other = start(json!({"page_url": page, "language": "de"})).await;

    assert_eq!((&fits, &other), (&queue["id"], &json!(tenant.queue_id)));
}

#[tokio::test]
async fn skills_of_agents_and_agents_of_widgets_must_be_there() {
    let tenant = Tenant::new().await;
    let other = Tenant::new().await;
    let theirs = create(&other.owner, "/v1/skills", json!({"name": "Czech"})).await;
    let stranger = create(&other.owner, "/v1/agents", agent("eve")).await;
    let ana = create(&tenant.owner, "/v1/agents", agent("ana")).await;
    let path = format!("/v1/agents/{}", text(&ana["id"]));
    let widgets = tenant.owner.get("/v1/widgets").await.ok();
    let widget = format!("/v1/widgets/{}", ids(&widgets)[0]);

    for id in [NOBODY, &*text(&theirs["id"])] {
        let body = json!({"skills": [{"skill_id": id, "level": 1}]});
        let faults = patch(&tenant, &path, body).await.faults();
        assert_eq!(faults, ["/skills/0/skill_id unknown_id"]);
    }
    for id in [NOBODY, &*text(&stranger["id"])] {
        let body = json!({"agent_id": id});
        let faults = patch(&tenant, &widget, body).await.faults();
        assert_eq!(faults, ["/agent_id unknown_id"]);
    }

    let bound = patch(&tenant, &widget, json!({"agent_id": ana["id"]})).await;
    assert_eq!(bound.ok()["agent_id"], ana["id"]);
    assert_eq!(tenant.owner.delete(&path).await.status, 204);
    let free = tenant.owner.get(&widget).await.ok();
    assert_eq!(free["agent_id"], json!(null));
}

#[tokio::test]
async fn route_01_a_rule_asks_what_is_known_of_the_contact_over_all_its_chats() {
    let mut tenant = Tenant::new().await;
    let (_agent, _socket) = tenant.online_agent("ana").await;
    let body = json!({"name": "Gold", "office_id": tenant.office_id});
    let queue = create(&tenant.owner, "/v1/queues", body).await;
    let body = json!({
        "name": "Gold", "queue_id": queue["id"],
        "conditions": {"contact": [{"field": "plan", "equals": "gold"}]},
    });
    create(&tenant.owner, "/v1/routing-rules", body).await;
    let visitor = tenant.visitor().await.persona;
    let start = async || {
        let chat = visitor.post("/v1/visitor/chats", json!({})).await.ok();
        let path = format!("/v1/chats/{}", text(&chat["id"]));
        tenant.owner.get(&path).await.ok()
    };

    let first = start().await;
    assert_eq!(first["queue_id"], tenant.queue_id);
    let contact = format!("/v1/contacts/{}", text(&first["contact"]["id"]));
    patch(&tenant, &contact, json!({"fields": {"plan": "Gold"}}))
        .await
        .ok();

    assert_eq!(start().await["queue_id"], queue["id"]);
}
