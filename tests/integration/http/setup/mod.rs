//! What admins set up and an engine decides by: made, found and listed here; changed and archived in the files beside.

mod agents;
mod bans;
mod faults;
mod kinds;
mod log_ins;
mod offices;
mod queues;
mod routing;
mod sessions;
mod settings;
mod statuses;
mod sweep;
mod widgets;

use serde_json::{Value, json};

use super::{NOBODY, ids, stranger, text};
use crate::support::{Answer, PASSWORD, Persona, Tenant};

#[track_caller]
fn tag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().unwrap().to_owned()
}

/// Archives what is at a path, if it still has the version of a tag.
async fn delete_if(caller: &Persona, path: &str, tag: &str) -> Answer {
    let headers = [("if-match", tag)];
    caller
        .call(reqwest::Method::DELETE, path, None, &headers)
        .await
}

/// A week's hours: one interval.
fn hours(opens: &str, closes: &str) -> Value {
    let weekly = json!([{"day": "monday", "opens": opens, "closes": closes}]);
    json!({"time_zone": "Europe/Prague", "weekly": weekly, "exceptions": []})
}

fn agent(name: &str) -> Value {
    json!({"name": name, "email": format!("{name}@test.example"), "password": PASSWORD})
}

/// Creates something and checks that it is found where the answer says, and last in its list.
async fn create(caller: &Persona, folder: &str, body: Value) -> Value {
    let answer = caller.post(folder, body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let place = answer.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(place, format!("{folder}/{}", text(&answer.body["id"])));
    assert_eq!(caller.get(&place).await.ok(), answer.body);
    let list = caller.get(&format!("{folder}?limit=200")).await.ok();
    assert!(ids(&list).contains(&text(&answer.body["id"])));
    answer.body
}

#[tokio::test]
async fn an_office_is_made_found_and_listed() {
    let tenant = Tenant::new().await;

    let plain = create(&tenant.owner, "/v1/offices", json!({"name": "Sales"})).await;
    let body = json!({"name": "Night", "when_not_live": "hidden"});
    let hidden = create(&tenant.owner, "/v1/offices", body).await;

    assert_eq!(plain["name"], "Sales");
    assert_eq!(plain["when_not_live"], "messenger");
    assert_eq!(plain["mode"], "messenger");
    assert_eq!(hidden["mode"], "hidden");
}

#[tokio::test]
async fn an_agent_is_made_found_and_listed() {
    let tenant = Tenant::new().await;

    let plain = create(&tenant.owner, "/v1/agents", agent("ana")).await;
    let mut body = agent("bo");
    body["role"] = json!("supervisor");
    body["capacity"] = json!(100);
    let other = create(&tenant.owner, "/v1/agents", body).await;

    assert_eq!(plain["role"], "agent");
    assert_eq!(plain["capacity"], 4);
    assert_eq!(other["role"], "supervisor");
    assert_eq!(other["capacity"], 100);
    assert!(other.get("password").is_none());
}

#[tokio::test]
async fn a_queue_is_made_found_and_listed() {
    let tenant = Tenant::new().await;
    let member = tenant.owner.post("/v1/agents", agent("ana")).await.ok();
    let office = &tenant.office_id;

    let body = json!({"office_id": office, "name": "Plain"});
    let plain = create(&tenant.owner, "/v1/queues", body).await;
    let body = json!({
        "office_id": office, "name": "Own", "strategy": "longest_idle", "ring_timeout_s": null,
        "round_pause_s": 600, "max_waiting": 1, "member_ids": [member["id"]],
    });
    let own = create(&tenant.owner, "/v1/queues", body).await;

    assert_eq!(plain["strategy"], "longest_idle");
    assert_eq!(plain["ring_timeout_s"], 30);
    assert_eq!(plain["round_pause_s"], 10);
    assert_eq!(plain["max_waiting"], 1000);
    assert_eq!(plain["member_ids"], json!([]));
    assert_eq!(own["ring_timeout_s"], Value::Null);
    assert_eq!(own["round_pause_s"], 600);
    assert_eq!(own["max_waiting"], 1);
    assert_eq!(own["member_ids"], json!([member["id"]]));
}

#[tokio::test]
async fn the_members_of_a_queue_are_set_as_a_whole() {
    let tenant = Tenant::new().await;
    let ana = tenant.owner.post("/v1/agents", agent("ana")).await.ok();
    let bo = tenant.owner.post("/v1/agents", agent("bo")).await.ok();
    let path = format!("/v1/queues/{}", tenant.queue_id);
    let set = async |members: Value| {
        let body = json!({"member_ids": members});
        tenant.owner.put(&format!("{path}/members"), body).await
    };

    for members in [json!([ana["id"]]), json!([bo["id"]]), json!([])] {
        assert_eq!(set(members.clone()).await.ok()["member_ids"], members);
        let queue = tenant.owner.get(&path).await.ok();
        assert_eq!(queue["member_ids"], members);
    }
    let unknown = set(json!([ana["id"], NOBODY])).await.faults();
    assert_eq!(unknown, ["/member_ids/1 unknown_id"]);
    let twice = set(json!([ana["id"], ana["id"]])).await.faults();
    assert_eq!(twice, ["/member_ids/1 duplicate"]);
    assert_eq!(tenant.owner.get(&path).await.ok()["member_ids"], json!([]));
    let nowhere = format!("/v1/queues/{NOBODY}/members");
    let answer = tenant.owner.put(&nowhere, json!({"member_ids": []})).await;
    answer.problem(404, "not_found");
}

#[tokio::test]
async fn a_widget_is_made_found_and_listed() {
    let tenant = Tenant::new().await;

    let body = json!({"name": "Plain", "office_ids": [tenant.office_id]});
    let plain = create(&tenant.owner, "/v1/widgets", body).await;
    let body = json!({
        "name": "Own", "office_ids": [tenant.office_id],
        "allowed_domains": ["example.com"], "messenger_text": "Write to us",
    });
    let own = create(&tenant.owner, "/v1/widgets", body).await;

    assert_ne!(plain["key"], own["key"]);
    assert_eq!(plain["allowed_domains"], json!([]));
    assert_eq!(own["allowed_domains"], json!(["example.com"]));
    assert_eq!(own["messenger_text"], "Write to us");
    assert_eq!(own["office_ids"], json!([tenant.office_id]));
}

#[tokio::test]
async fn the_lists_come_in_pages() {
    let tenant = Tenant::new().await;
    let office = &tenant.office_id;
    for number in 0..4 {
        let name = format!("n{number}");
        let bodies = [
            ("/v1/offices", json!({"name": name})),
            ("/v1/agents", agent(&name)),
            ("/v1/queues", json!({"name": name, "office_id": office})),
            ("/v1/widgets", json!({"name": name, "office_ids": [office]})),
        ];
        for (folder, body) in bodies {
            tenant.owner.post(folder, body).await.ok();
        }
    }

    for folder in ["/v1/offices", "/v1/agents", "/v1/queues", "/v1/widgets"] {
        let whole = tenant.owner.get(folder).await.ok();
        assert_eq!(whole["next_cursor"], Value::Null);
        let (mut seen, mut sizes, mut cursor) = (Vec::new(), Vec::new(), String::new());
        loop {
            let path = format!("{folder}?limit=2{cursor}");
            let page = tenant.owner.get(&path).await.ok();
            sizes.push(ids(&page).len());
            seen.extend(ids(&page));
            if page["next_cursor"].is_null() {
                break;
            }
            cursor = format!("&cursor={}", text(&page["next_cursor"]));
        }
        assert_eq!((sizes, seen), (vec![2, 2, 1], ids(&whole)), "{folder}");
    }
}

#[tokio::test]
async fn ids_in_bodies_are_of_the_tenant() {
    let tenant = Tenant::new().await;
    let other = Tenant::new().await;
    let stranger = text(&other.owner.get("/v1/me").await.ok()["id"]);
    let make = async |folder: &str, body: Value| tenant.owner.post(folder, body).await.faults();

    for office in [NOBODY, &*other.office_id] {
        let body = json!({"office_id": office, "name": "Queue"});
        assert_eq!(make("/v1/queues", body).await, ["/office_id unknown_id"]);
        let body = json!({"name": "Widget", "office_ids": [tenant.office_id, office]});
        assert_eq!(
            make("/v1/widgets", body).await,
            ["/office_ids/1 unknown_id"]
        );
    }
    for member in [NOBODY, &*stranger] {
        let body = json!({"office_id": tenant.office_id, "name": "Queue", "member_ids": [member]});
        assert_eq!(make("/v1/queues", body).await, ["/member_ids/0 unknown_id"]);
    }
    assert_eq!(ids(&tenant.owner.get("/v1/queues").await.ok()).len(), 1);
    assert_eq!(ids(&tenant.owner.get("/v1/widgets").await.ok()).len(), 1);
}

#[tokio::test]
async fn what_there_is_not_is_not_found() {
    let tenant = Tenant::new().await;

    for folder in ["offices", "agents", "queues", "widgets", "chats"] {
        for id in [NOBODY, "1", "not-an-id", "%00", "..%2f..", "ä"] {
            let answer = tenant.owner.get(&format!("/v1/{folder}/{id}")).await;
            answer.problem(404, "not_found");
        }
    }
}

#[tokio::test]
async fn an_address_is_of_one_agent_of_a_tenant() {
    let tenant = Tenant::new().await;
    let other = Tenant::new().await;
    tenant.owner.post("/v1/agents", agent("ana")).await.ok();

    let again = tenant.owner.post("/v1/agents", agent("ana")).await;
    again.problem(409, "email_taken");
    let mut shouted = agent("ana");
    shouted["email"] = json!("ANA@test.example");
    let again = tenant.owner.post("/v1/agents", shouted).await;
    again.problem(409, "email_taken");
    other.owner.post("/v1/agents", agent("ana")).await.ok();
}

#[tokio::test]
async fn two_agents_of_one_address_at_the_same_instant_are_one() {
    let tenant = Tenant::new().await;

    let (first, second) = tokio::join!(
        tenant.owner.post("/v1/agents", agent("ana")),
        tenant.owner.post("/v1/agents", agent("ana")),
    );

    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn nobody_gives_more_rights_than_it_has() {
    let mut tenant = Tenant::new().await;
    let admin = tenant.agent_as("chief", "admin").await;
    let make = async |caller: &Persona, role: &str| {
        let mut body = agent(role);
        body["email"] = json!(format!("{role}-2@test.example"));
        body["role"] = json!(role);
        caller.post("/v1/agents", body).await
    };

    make(&admin, "owner").await.problem(403, "forbidden");
    for role in ["agent", "supervisor", "admin"] {
        assert_eq!(make(&admin, role).await.ok()["role"], role);
    }
    assert_eq!(make(&tenant.owner, "owner").await.ok()["role"], "owner");
    assert_eq!(
        make(&tenant.owner, "king").await.faults(),
        ["/role unknown_value"]
    );
}

#[tokio::test]
async fn agents_read_the_setup_and_do_not_change_it() {
    let mut tenant = Tenant::new().await;
    let plain = tenant.agent("ana").await;
    let supervisor = tenant.agent_as("super", "supervisor").await;

    for caller in [&plain, &supervisor] {
        for folder in ["/v1/offices", "/v1/agents", "/v1/queues", "/v1/widgets"] {
            caller.get(folder).await.ok();
            // The role comes first: whoever may not write is not told what would be wrong.
            let answer = caller.post(folder, json!({"nam": 1})).await;
            answer.problem(403, "forbidden");
        }
        let path = format!("/v1/queues/{}/members", tenant.queue_id);
        let answer = caller.put(&path, json!({"member_ids": []})).await;
        answer.problem(403, "forbidden");
    }
}

#[tokio::test]
async fn the_bounds_of_the_settings_hold() {
    let tenant = Tenant::new().await;
    let office = &tenant.office_id;
    let make = async |folder: &str, body: Value| tenant.owner.post(folder, body).await.faults();
    let queue = |field: &str, value: Value| {
        let mut body = json!({"office_id": office, "name": "Queue"});
        body[field] = value;
        body
    };

    for (field, value, code) in [
        ("ring_timeout_s", json!(4), "out_of_range"),
        ("ring_timeout_s", json!(601), "out_of_range"),
        ("round_pause_s", json!(0), "out_of_range"),
        ("round_pause_s", json!(601), "out_of_range"),
        ("max_waiting", json!(0), "out_of_range"),
        ("max_waiting", json!(10_001), "out_of_range"),
        ("strategy", json!("random"), "unknown_value"),
        ("name", json!("x".repeat(101)), "too_long"),
    ] {
        let faults = make("/v1/queues", queue(field, value)).await;
        assert_eq!(faults, [format!("/{field} {code}")]);
    }
    for capacity in [0, 101] {
        let mut body = agent("ana");
        body["capacity"] = json!(capacity);
        assert_eq!(make("/v1/agents", body).await, ["/capacity out_of_range"]);
    }
    let body = json!({"name": "Widget", "office_ids": []});
    assert_eq!(make("/v1/widgets", body).await, ["/office_ids too_short"]);
    let body = json!({"name": "Widget", "office_ids": [office, office]});
    assert_eq!(make("/v1/widgets", body).await, ["/office_ids/1 duplicate"]);
    let body = json!({"name": "W", "office_ids": [office], "allowed_domains": ["http://x/"]});
    let faults = make("/v1/widgets", body).await;
    assert_eq!(faults, ["/allowed_domains/0 bad_format"]);
}
