//! What is named in a path, and what lists show.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::super::{NOBODY, Operation, operations, text};
use super::{CANARY, Home, tells_nothing};
use crate::support::{Answer, Persona, Tenant};

/// Whose operation it is, and what would be done if the id were one's own.
enum Case {
    /// Of agents.
    Agents(&'static str, Value),
    /// Of agents, with two ids: each of them, and both, may be another tenant's.
    Pairs([&'static str; 2], Value),
    /// Of visitors.
    Visitors(&'static str, Value),
    /// Of the platform operator: no token of a tenant opens it.
    Platform,
    /// Of everybody who knows the widget's public key.
    Public,
}

/// A case for each operation with an id in its path. The word says which id of the other tenant is tried.
fn cases() -> BTreeMap<&'static str, Case> {
    let none = || json!({});
    let away = || json!({"status": "away"});
    let pause = || json!({"pause_id": NOBODY});
    let named = || json!({"name": "From elsewhere"});
    let mut cases = BTreeMap::from([
        ("find_office", Case::Agents("office", none())),
        ("change_office", Case::Agents("office", named())),
        ("delete_office", Case::Agents("office", none())),
        ("find_office_availability", Case::Agents("office", none())),
        ("find_agent", Case::Agents("agent", none())),
        ("change_agent", Case::Agents("agent", named())),
        ("delete_agent", Case::Agents("agent", none())),
        ("find_presence", Case::Agents("agent", none())),
        ("find_timeline", Case::Agents("agent", none())),
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
        ("set_my_override", Case::Agents("office", away())),
        ("clear_my_override", Case::Agents("office", none())),
        ("set_office_presence", Case::Agents("office", away())),
        ("clear_office_presence", Case::Agents("office", none())),
        ("set_presence", Case::Agents("agent", away())),
        ("set_override", Case::Pairs(["agent", "office"], away())),
        ("clear_override", Case::Pairs(["agent", "office"], none())),
        ("start_pause", Case::Agents("agent", pause())),
        ("end_pause", Case::Agents("agent", none())),
        ("ping", Case::Agents("agent", none())),
        (
            "find_identity_secret",
            Case::Agents("identity_secret", none()),
        ),
        (
            "delete_identity_secret",
            Case::Agents("identity_secret", none()),
        ),
        ("find_file", Case::Agents("file", none())),
        ("find_own_file", Case::Visitors("file", none())),
        ("find_tenant", Case::Platform),
        ("open_file", Case::Public),
        ("find_availability", Case::Public),
        ("find_widget_config", Case::Public),
        ("create_visitor", Case::Public),
        ("find_greeting", Case::Public),
    ]);
    cases.extend(in_chats());
    cases.extend(of_routing());
    cases
}

/// Those of what is set up of routing.
fn of_routing() -> Vec<(&'static str, Case)> {
    let none = || json!({});
    let named = || json!({"name": "From elsewhere"});
    vec![
        ("find_ban", Case::Agents("ban", none())),
        ("change_ban", Case::Agents("ban", json!({"reason": "No"}))),
        ("lift_ban", Case::Agents("ban", none())),
        ("find_routing_rule", Case::Agents("routing_rule", none())),
        ("change_routing_rule", Case::Agents("routing_rule", named())),
        ("delete_routing_rule", Case::Agents("routing_rule", none())),
        ("find_skill", Case::Agents("skill", none())),
        ("change_skill", Case::Agents("skill", named())),
        ("delete_skill", Case::Agents("skill", none())),
        ("find_disposition", Case::Agents("disposition", none())),
        ("change_disposition", Case::Agents("disposition", named())),
        ("delete_disposition", Case::Agents("disposition", none())),
        ("log_in_to_my_queue", Case::Agents("queue", none())),
        ("log_out_of_my_queue", Case::Agents("queue", none())),
        ("log_in_to_queue", Case::Pairs(["agent", "queue"], none())),
        ("log_out_of_queue", Case::Pairs(["agent", "queue"], none())),
    ]
}

/// Those of chats.
fn in_chats() -> Vec<(&'static str, Case)> {
    let message = || json!({"message": {"id": "x-1", "text": "From elsewhere"}});
    let edit = || json!({"text": "From elsewhere"});
    let typing = || json!({"typing": true});
    let to = || json!({"to": {"queue_id": NOBODY}});
    let whisper = || json!({"note": {"id": "x-1", "text": "From elsewhere"}});
    let read = || json!({"seq": 1});
    let none = || json!({});
    vec![
        ("find_chat", Case::Agents("chat", none())),
        ("list_chat_events", Case::Agents("chat", none())),
        ("find_transcript", Case::Agents("chat", none())),
        ("find_chat_routing", Case::Agents("chat", none())),
        ("accept_chat", Case::Agents("chat", none())),
        ("reject_offer", Case::Agents("chat", json!({"offer": 1}))),
        ("send_message", Case::Agents("chat", message())),
        ("edit_message", Case::Agents("chat", edit())),
        ("delete_message", Case::Agents("chat", none())),
        ("type_in_chat", Case::Agents("chat", typing())),
        ("write_note", Case::Agents("chat", whisper())),
        ("list_notes", Case::Agents("chat", none())),
        ("mark_chat_read", Case::Agents("chat", read())),
        ("mark_own_chat_read", Case::Visitors("chat", read())),
        ("close_chat", Case::Agents("chat", none())),
        ("transfer_chat", Case::Agents("chat", to())),
        ("cancel_hand_over", Case::Agents("chat", none())),
        ("invite_to_chat", Case::Agents("chat", to())),
        ("ask_for_help", Case::Agents("chat", none())),
        ("listen_to_chat", Case::Agents("chat", none())),
        ("take_chat_over", Case::Agents("chat", none())),
        ("leave_chat", Case::Agents("chat", none())),
        ("find_own_chat", Case::Visitors("chat", none())),
        ("list_own_chat_events", Case::Visitors("chat", none())),
        ("find_own_transcript", Case::Visitors("chat", none())),
        ("send_own_message", Case::Visitors("chat", message())),
        ("edit_own_message", Case::Visitors("chat", edit())),
        ("delete_own_message", Case::Visitors("chat", none())),
        ("type_in_own_chat", Case::Visitors("chat", typing())),
        ("end_own_chat", Case::Visitors("chat", none())),
        ("ask_by_email", Case::Visitors("chat", none())),
        (
            "update_chat",
            Case::Agents("chat", json!({"important": true})),
        ),
        ("end_wrap_up", Case::Agents("chat", none())),
        ("find_rating", Case::Agents("chat", none())),
        ("rate_own_chat", Case::Visitors("chat", json!({"score": 1}))),
        ("find_own_rating", Case::Visitors("chat", none())),
    ]
}

/// The same for templates, tags and contacts.
fn cases_of_lists() -> BTreeMap<&'static str, Case> {
    let none = || json!({});
    let named = || json!({"name": "From elsewhere"});
    BTreeMap::from([
        ("find_template", Case::Agents("template", none())),
        ("change_template", Case::Agents("template", named())),
        ("delete_template", Case::Agents("template", none())),
        (
            "render_template",
            Case::Agents("template", json!({"chat_id": NOBODY})),
        ),
        ("find_tag", Case::Agents("tag", none())),
        ("change_tag", Case::Agents("tag", named())),
        ("delete_tag", Case::Agents("tag", none())),
        ("find_contact", Case::Agents("contact", none())),
        ("change_contact", Case::Agents("contact", named())),
        ("delete_contact", Case::Agents("contact", none())),
        ("list_contact_chats", Case::Agents("contact", none())),
        ("list_conversation", Case::Agents("contact", none())),
    ])
}

fn all_cases() -> BTreeMap<&'static str, Case> {
    let mut cases = cases();
    cases.extend(cases_of_lists());
    cases
}

async fn call(caller: &Persona, operation: &Operation, ids: &[String], body: &Value) -> Answer {
    let body = (operation.method != Method::GET).then(|| body.to_string());
    let method = operation.method.clone();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let path = operation.path_with(&ids);
    caller.call(method, &path, body, &[]).await
}

/// Each single id as a path with one place.
fn single(ids: &[String]) -> Vec<Vec<String>> {
    ids.iter().map(|id| vec![id.clone()]).collect()
}

/// Both ids of another tenant, and each of them beside one's own.
fn pairs(home: &Home, kinds: [&str; 2], own: &BTreeMap<&str, String>) -> Vec<Vec<String>> {
    let [first, second] = kinds;
    let theirs = |kind: &str| home.ids[kind][0].clone();
    vec![
        vec![theirs(first), theirs(second)],
        vec![theirs(first), own[second].clone()],
        vec![own[first].clone(), theirs(second)],
    ]
}

/// What stands in the other place of a path with two ids.
fn own_ids(tenant: &Tenant, me: &Value) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("agent", text(&me["id"])),
        ("office", tenant.office_id.clone()),
        ("queue", tenant.queue_id.clone()),
    ])
}

#[tokio::test]
async fn no_id_of_another_tenant_is_known() {
    let home = Home::new().await;
    let mut away = Tenant::new().await;
    let (agent, mut socket) = away.online_agent("eve").await;
    let admin = away.agent_as("chief", "admin").await;
    let me = agent.get("/v1/me").await.ok();
    let mine = own_ids(&away, &me);
    let visitor = away.visitor().await.persona;
    let neighbour = home.tenant.visitor().await.persona;
    let before = home.all().await;
    let mut cases = all_cases();

    for operation in operations().iter().filter(|operation| operation.has_id()) {
        let case = cases.remove(&*operation.id);
        let case = case.unwrap_or_else(|| panic!("{} has no case here", operation.id));
        let (own, others, ids, body) = match case {
            Case::Agents(kind, body) => (
                vec![&away.owner, &admin, &agent],
                vec![&visitor],
                single(&home.ids[kind]),
                body,
            ),
            Case::Pairs(kinds, body) => (
                vec![&away.owner, &admin, &agent],
                vec![&visitor],
                pairs(&home, kinds, &mine),
                body,
            ),
            // Even a visitor of the same tenant does not know another one's chat.
            Case::Visitors(kind, body) => (
                vec![&visitor, &neighbour],
                vec![&away.owner, &agent],
                single(&home.ids[kind]),
                body,
            ),
            Case::Platform => (
                Vec::new(),
                vec![&away.owner, &agent, &visitor],
                single(std::slice::from_ref(&home.tenant.id)),
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
        .filter(|operation| !operation.has_id())
        .filter(|operation| {
            let id = &operation.id;
            id.starts_with("list_") || id.starts_with("report_")
        });
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
