//! No tenant reaches another: every id of every operation, tried by everybody of another tenant.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Operation, operations, text};
use crate::support::{Answer, Persona, Socket, Tenant, Visitor};

/// Stands in everything that only its tenant may read.
const CANARY: &str = "canary-7f3a";

/// Whose operation it is, and what would be done if the id were one's own.
enum Case {
    /// Of agents.
    Agents(&'static str, Value),
    /// Of visitors.
    Visitors(&'static str, Value),
    /// Of the platform operator: no token of a tenant opens it.
    Platform,
    /// Of everybody who knows the widget's public key.
    Public,
}

/// A case for each operation with an id in its path. The word says which id of the other tenant is tried.
fn cases() -> BTreeMap<&'static str, Case> {
    let message = || json!({"message": {"id": "x-1", "text": "From elsewhere"}});
    let typing = || json!({"typing": true});
    let none = || json!({});
    let named = || json!({"name": "From elsewhere"});
    let away = || json!({"status": "away"});
    BTreeMap::from([
        ("find_office", Case::Agents("office", none())),
        ("change_office", Case::Agents("office", named())),
        ("delete_office", Case::Agents("office", none())),
        ("set_office_presence", Case::Agents("office", away())),
        ("clear_office_presence", Case::Agents("office", none())),
        ("find_agent", Case::Agents("agent", none())),
        ("change_agent", Case::Agents("agent", named())),
        ("delete_agent", Case::Agents("agent", none())),
        ("set_presence", Case::Agents("agent", away())),
        ("set_override", Case::Agents("agent", away())),
        ("clear_override", Case::Agents("agent", none())),
        (
            "start_pause",
            Case::Agents("agent", json!({"pause_id": super::NOBODY})),
        ),
        ("end_pause", Case::Agents("agent", none())),
        ("ping", Case::Agents("agent", none())),
        ("set_my_override", Case::Agents("office", away())),
        ("clear_my_override", Case::Agents("office", none())),
        ("find_status", Case::Agents("status", none())),
        ("change_status", Case::Agents("status", named())),
        ("delete_status", Case::Agents("status", none())),
        ("find_pause", Case::Agents("pause", none())),
        ("change_pause", Case::Agents("pause", named())),
        ("delete_pause", Case::Agents("pause", none())),
        ("find_queue", Case::Agents("queue", none())),
        ("change_queue", Case::Agents("queue", named())),
        ("delete_queue", Case::Agents("queue", none())),
        (
            "set_queue_members",
            Case::Agents("queue", json!({"member_ids": []})),
        ),
        ("find_widget", Case::Agents("widget", none())),
        ("change_widget", Case::Agents("widget", named())),
        ("delete_widget", Case::Agents("widget", none())),
        ("find_targeting_rule", Case::Agents("rule", none())),
        (
            "change_targeting_rule",
            Case::Agents("rule", json!({"enabled": false})),
        ),
        ("delete_targeting_rule", Case::Agents("rule", none())),
        ("find_chat", Case::Agents("chat", none())),
        ("list_chat_events", Case::Agents("chat", none())),
        ("accept_chat", Case::Agents("chat", none())),
        ("reject_offer", Case::Agents("chat", json!({"offer": 1}))),
        ("send_message", Case::Agents("chat", message())),
        ("type_in_chat", Case::Agents("chat", typing())),
        ("close_chat", Case::Agents("chat", none())),
        ("find_own_chat", Case::Visitors("chat", none())),
        ("list_own_chat_events", Case::Visitors("chat", none())),
        ("send_own_message", Case::Visitors("chat", message())),
        ("type_in_own_chat", Case::Visitors("chat", typing())),
        ("end_own_chat", Case::Visitors("chat", none())),
        ("find_tenant", Case::Platform),
        ("find_availability", Case::Public),
        ("find_widget_config", Case::Public),
        ("create_visitor", Case::Public),
        ("find_greeting", Case::Public),
    ])
}

/// The tenant whose ids are tried, with an active and a waiting chat.
struct Home {
    tenant: Tenant,
    agent: Persona,
    visitor: Visitor,
    ids: BTreeMap<&'static str, Vec<String>>,
}

impl Home {
    async fn new() -> Self {
        let mut tenant = Tenant::new().await;
        let agent = tenant.agent("ana").await;
        agent
            .put("/v1/me/presence", json!({"status": "online"}))
            .await
            .ok();
        let (visitor, active) = start(&tenant).await;
        let path = format!("/v1/chats/{active}/accept");
        agent.post(&path, json!({})).await.ok();
        let (_, waiting) = start(&tenant).await;
        let me = agent.get("/v1/me").await.ok();
        let widgets = tenant.owner.get("/v1/widgets").await.ok();
        let rule = json!({
            "name": CANARY, "greeting": CANARY, "conditions": {"url_contains": CANARY},
            "widget_id": widgets["data"][0]["id"], "office_id": tenant.office_id,
        });
        let rule = tenant.owner.post("/v1/targeting-rules", rule).await.ok();
        let status = json!({"name": CANARY, "base": "away"});
        let status = tenant.owner.post("/v1/statuses", status).await.ok();
        let pause = json!({"name": CANARY, "paid": true});
        let pause = tenant.owner.post("/v1/pauses", pause).await.ok();
        let ids = BTreeMap::from([
            ("office", vec![tenant.office_id.clone()]),
            ("agent", vec![text(&me["id"])]),
            ("queue", vec![tenant.queue_id.clone()]),
            ("widget", vec![text(&widgets["data"][0]["id"])]),
            ("rule", vec![text(&rule["id"])]),
            ("status", vec![text(&status["id"])]),
            ("pause", vec![text(&pause["id"])]),
            ("chat", vec![active, waiting]),
        ]);
        Self {
            tenant,
            agent,
            visitor,
            ids,
        }
    }

    /// All that its owner can read.
    async fn all(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for list in [
            "offices",
            "agents",
            "queues",
            "widgets",
            "targeting-rules",
            "statuses",
            "pauses",
            "presence",
            "settings",
            "chats",
        ] {
            all.push(self.tenant.owner.get(&format!("/v1/{list}")).await.ok());
        }
        for chat in &self.ids["chat"] {
            let path = format!("/v1/chats/{chat}/events");
            all.push(self.tenant.owner.get(&path).await.ok());
        }
        all
    }
}

/// A chat that has the canary in everything that it can hold.
async fn start(tenant: &Tenant) -> (Visitor, String) {
    let visitor = tenant.visitor().await;
    let body = json!({
        "fields": {"name": CANARY, "email": format!("{CANARY}@home.example"), "note": CANARY},
        "message": {"id": "m-1", "text": CANARY},
    });
    let chat = visitor.persona.post("/v1/visitor/chats", body).await;
    (visitor, text(&chat.ok()["id"]))
}

async fn call(caller: &Persona, operation: &Operation, id: &str, body: &Value) -> Answer {
    let body = (operation.method != Method::GET).then(|| body.to_string());
    let method = operation.method.clone();
    caller.call(method, &operation.path_of(id), body, &[]).await
}

#[track_caller]
fn tells_nothing(answer: &Answer) {
    let said = format!("{:?}{}", answer.headers, answer.body);
    assert!(!said.contains(CANARY), "{said}");
}

#[tokio::test]
async fn no_id_of_another_tenant_is_known() {
    let home = Home::new().await;
    let mut away = Tenant::new().await;
    let (agent, mut socket) = away.online_agent("eve").await;
    let admin = away.agent_as("chief", "admin").await;
    let visitor = away.visitor().await.persona;
    let neighbour = home.tenant.visitor().await.persona;
    let before = home.all().await;
    let mut cases = cases();

    for operation in operations().iter().filter(|operation| operation.has_id()) {
        let case = cases.remove(&*operation.id);
        let case = case.unwrap_or_else(|| panic!("{} has no case here", operation.id));
        let (own, others, ids, body) = match case {
            Case::Agents(kind, body) => (
                vec![&away.owner, &admin, &agent],
                vec![&visitor],
                home.ids[kind].clone(),
                body,
            ),
            // Even a visitor of the same tenant does not know another one's chat.
            Case::Visitors(kind, body) => (
                vec![&visitor, &neighbour],
                vec![&away.owner, &agent],
                home.ids[kind].clone(),
                body,
            ),
            Case::Platform => (
                Vec::new(),
                vec![&away.owner, &agent, &visitor],
                vec![home.tenant.id.clone()],
                json!({}),
            ),
            Case::Public => continue,
        };
        for id in &ids {
            for caller in &own {
                let answer = call(caller, operation, id, &body).await;
                tells_nothing(&answer);
                // Whoever may not change anything is told so, whatever the id.
                let code = answer.body["code"].as_str();
                let expected = match (answer.status.as_u16(), code) {
                    (404, Some("not_found")) => true,
                    (403, Some("forbidden")) => caller.token == agent.token,
                    _ => false,
                };
                assert!(expected, "{}: {}", operation.id, answer.body);
            }
            for caller in &others {
                let answer = call(caller, operation, id, &body).await;
                tells_nothing(&answer);
                assert_eq!(answer.status, 401, "{}: {}", operation.id, answer.body);
            }
        }
    }

    assert!(cases.is_empty(), "{:?} are gone", cases.keys());
    assert_eq!(home.all().await, before, "something was changed");
    socket
        .ok(json!({"type": "presence.set", "status": "away"}))
        .await;
    for frame in socket.kept() {
        assert!(!frame.to_string().contains(CANARY), "{frame}");
    }
}

#[tokio::test]
async fn no_list_shows_what_is_another_tenants() {
    let home = Home::new().await;
    let away = Tenant::new().await;
    let visitor = away.visitor().await.persona;
    let lists = operations();
    let lists = lists
        .iter()
        .filter(|operation| operation.id.starts_with("list_") && !operation.has_id());
    let known: Vec<&String> = home.ids.values().flatten().collect();

    for list in lists.filter(|list| list.id != "list_tenants") {
        for caller in [&away.owner, &visitor] {
            let answer = caller.get(&list.path).await;
            tells_nothing(&answer);
            let said = answer.body.to_string();
            assert!(known.iter().all(|id| !said.contains(&***id)), "{said}");
        }
    }
    for (name, kind) in [("queue_id", "queue"), ("agent_id", "agent")] {
        let path = format!("/v1/chats?{name}={}", home.ids[kind][0]);
        let page = away.owner.get(&path).await.ok();
        assert_eq!(page["data"], json!([]), "{path}");
    }
    let chat = format!("/v1/chats/{}", home.ids["chat"][0]);
    let contact = home.agent.get(&chat).await.ok()["contact"]["id"].clone();
    let path = format!("/v1/chats?contact_id={}", text(&contact));
    assert_eq!(away.owner.get(&path).await.ok()["data"], json!([]));
}

#[tokio::test]
async fn no_body_may_name_what_is_another_tenants() {
    let home = Home::new().await;
    let mut away = Tenant::new().await;
    let agent = away.agent("eve").await;
    let status = json!({"status": "online"});
    agent.put("/v1/me/presence", status).await.ok();
    let visitor = away.visitor().await.persona;
    let (office, queue) = (&home.ids["office"][0], &home.ids["queue"][0]);
    let (member, widget) = (&home.ids["agent"][0], &home.ids["widget"][0]);
    let own = &away.office_id;
    let left = json!({
        "office_id": office, "fields": {"name": "Eve", "email": "eve@test.example"},
        "message": {"id": "m-1", "text": "Hello"},
    });

    for (caller, path, body, pointer) in [
        (
            &away.owner,
            "/v1/queues",
            json!({"name": "Q", "office_id": office}),
            "/office_id",
        ),
        (
            &away.owner,
            "/v1/queues",
            json!({"name": "Q", "office_id": own, "member_ids": [member]}),
            "/member_ids",
        ),
        (
            &away.owner,
            "/v1/widgets",
            json!({"name": "W", "office_ids": [own, office]}),
            "/office_ids",
        ),
        (
            &away.owner,
            "/v1/targeting-rules",
            json!({"name": "R", "greeting": "Hi", "office_id": office}),
            "/office_id",
        ),
        (
            &away.owner,
            "/v1/targeting-rules",
            json!({"name": "R", "greeting": "Hi", "widget_id": widget}),
            "/widget_id",
        ),
        (
            &visitor,
            "/v1/visitor/chats",
            json!({"office_id": office}),
            "/office_id",
        ),
        (
            &visitor,
            "/v1/visitor/chats",
            json!({"queue_id": queue}),
            "/queue_id",
        ),
        (&visitor, "/v1/visitor/offline-messages", left, "/office_id"),
    ] {
        let faults = caller.post(path, body).await.faults();
        assert_eq!(faults, [format!("{pointer} unknown_id")], "{path}");
    }
    let path = format!("/v1/queues/{}/members", away.queue_id);
    let body = json!({"member_ids": [member]});
    let faults = away.owner.put(&path, body).await.faults();
    assert_eq!(faults, ["/member_ids unknown_id"]);
}

#[tokio::test]
async fn no_socket_command_reaches_another_tenant() {
    let home = Home::new().await;
    let mut away = Tenant::new().await;
    let (_agent, mut agents) = away.online_agent("eve").await;
    let mut visitors = Socket::visitor(&away.visitor().await).await;
    let message = json!({"id": "x-1", "text": "From elsewhere"});
    let before = home.all().await;

    for chat in &home.ids["chat"] {
        for (is_agent, mut frame) in [
            (true, json!({"type": "chat.accept"})),
            (true, json!({"type": "chat.reject", "offer": 1})),
            (true, json!({"type": "chat.send", "message": message})),
            (true, json!({"type": "chat.typing", "typing": true})),
            (true, json!({"type": "chat.close"})),
            (false, json!({"type": "chat.send", "message": message})),
            (false, json!({"type": "chat.typing", "typing": true})),
            (false, json!({"type": "chat.end"})),
        ] {
            frame["chat_id"] = json!(chat);
            let socket = if is_agent { &mut agents } else { &mut visitors };
            socket.refused(frame, "not_found").await;
        }
    }

    assert_eq!(home.all().await, before, "something was changed");
    let own = format!("/v1/visitor/chats/{}", home.ids["chat"][0]);
    home.visitor.persona.get(&own).await.ok();
    for frame in agents.kept().chain(visitors.kept()) {
        assert!(!frame.to_string().contains(CANARY), "{frame}");
    }
}
