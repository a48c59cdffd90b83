//! Reading chats: lists with filters and cursors, and what has happened in one.

use serde_json::{Value, json};

use super::{NOBODY, active_chat, be, close, ids, message, pick, start, text};
use crate::support::{Persona, Tenant, Visitor};

async fn list(caller: &Persona, query: &str) -> Vec<String> {
    ids(&caller.get(&format!("/v1/chats{query}")).await.ok())
}

/// Reads all pages of a list.
async fn all_pages(caller: &Persona, path: &str) -> Vec<Vec<Value>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = caller.get(&format!("{path}{cursor}")).await.ok();
        pages.push(page["data"].as_array().unwrap().clone());
        if page["next_cursor"].is_null() {
            return pages;
        }
        cursor = format!("&cursor={}", text(&page["next_cursor"]));
    }
}

#[tokio::test]
async fn the_list_of_chats_is_filtered() {
    let mut tenant = Tenant::new().await;
    let (ana, bo) = (tenant.agent("ana").await, tenant.agent("bo").await);
    be(&ana, "online").await;
    let ana_id = text(&ana.get("/v1/me").await.ok()["id"]);
    let (_, closed) = start(&tenant).await;
    pick(&ana, &closed).await;
    close(&ana, &closed).await;
    let (_, active) = start(&tenant).await;
    pick(&bo, &active).await;
    let (_, waiting) = start(&tenant).await;
    let contact = tenant.owner.get(&format!("/v1/chats/{active}")).await.ok();
    let contact_id = text(&contact["contact"]["id"]);
    let visitor = tenant.visitor().await.persona;
    let body = json!({
        "fields": {"name": "Vic", "email": "vic@home.example"},
        "message": {"id": "m-1", "text": "Call me"},
    });
    let left = visitor
        .post("/v1/visitor/offline-messages", body)
        .await
        .ok();
    let left = text(&left["id"]);
    let owner = &tenant.owner;

    assert_eq!(list(owner, "").await, [&*left, &waiting, &active, &closed]);
    assert_eq!(list(owner, "?state=waiting").await, [&*waiting]);
    assert_eq!(list(owner, "?state=active").await, [&*active]);
    assert_eq!(list(owner, "?state=closed").await, [&*closed]);
    assert_eq!(list(owner, "?state=offline_message").await, [&*left]);
    assert_eq!(list(owner, "?state=offered").await, Vec::<String>::new());
    let query = format!("?agent_id={ana_id}");
    assert_eq!(list(owner, &query).await, [&*closed]);
    let query = format!("?contact_id={contact_id}");
    assert_eq!(list(owner, &query).await, [&*active]);
    let query = format!("?queue_id={}", tenant.queue_id);
    assert_eq!(list(owner, &query).await, [&*waiting, &active, &closed]);
    let query = format!("?queue_id={}&state=closed", tenant.queue_id);
    assert_eq!(list(owner, &query).await, [&*closed]);
    for name in ["queue_id", "agent_id", "contact_id"] {
        let query = format!("?{name}={NOBODY}");
        assert_eq!(list(owner, &query).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_list_of_chats_comes_in_pages_newest_first() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    be(&agent, "online").await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(start(&tenant).await.1);
    }
    made.reverse();

    let pages = all_pages(&tenant.owner, "/v1/chats?limit=2").await;

    let sizes: Vec<usize> = pages.iter().map(Vec::len).collect();
    assert_eq!(sizes, [2, 2, 1]);
    let seen: Vec<String> = pages.concat().iter().map(|c| text(&c["id"])).collect();
    assert_eq!(seen, made);
    assert_eq!(list(&tenant.owner, "?limit=5").await, made);
}

#[tokio::test]
async fn an_agent_reads_the_chats_of_its_queues_and_a_supervisor_all() {
    let mut tenant = Tenant::new().await;
    let member = tenant.agent("ana").await;
    be(&member, "online").await;
    let (_, chat_id) = start(&tenant).await;
    for (name, role) in [("out", "agent"), ("super", "supervisor")] {
        let body = json!({
            "name": name, "email": format!("{name}@test.example"), "role": role,
            "password": crate::support::PASSWORD,
        });
        tenant.owner.post("/v1/agents", body).await.ok();
    }
    let (outsider, supervisor) = (tenant.log_in("out").await, tenant.log_in("super").await);
    let paths = [
        format!("/v1/chats/{chat_id}"),
        format!("/v1/chats/{chat_id}/events"),
    ];

    for reader in [&member, &supervisor, &tenant.owner] {
        assert_eq!(list(reader, "").await, [&*chat_id]);
        for path in &paths {
            reader.get(path).await.ok();
        }
    }
    assert_eq!(list(&outsider, "").await, Vec::<String>::new());
    for path in &paths {
        outsider.get(path).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_visitor_reads_its_own_chats_only() {
    let mut tenant = Tenant::new().await;
    be(&tenant.agent("ana").await, "online").await;
    let (first, chat_id) = start(&tenant).await;
    let (second, _) = start(&tenant).await;
    let path = format!("/v1/visitor/chats/{chat_id}");
    let newer = first.persona.post("/v1/visitor/chats", json!({})).await;
    let newer = text(&newer.ok()["id"]);

    let pages = all_pages(&first.persona, "/v1/visitor/chats?limit=1").await;

    let seen: Vec<String> = pages.concat().iter().map(|c| text(&c["id"])).collect();
    assert_eq!(seen, [&*newer, &chat_id]);
    first.persona.get(&path).await.ok();
    first.persona.get(&format!("{path}/events")).await.ok();
    for path in [path.clone(), format!("{path}/events")] {
        let answer = second.persona.get(&path).await;
        answer.problem(404, "not_found");
    }
}

/// A chat with five messages of its visitor, closed by its agent.
async fn told_chat() -> (Tenant, Persona, Visitor, String) {
    let (tenant, agent, visitor, chat_id) = active_chat().await;
    let path = format!("/v1/visitor/chats/{chat_id}/messages");
    for number in 1..=5 {
        let body = message(&format!("m-{number}"), &format!("Line {number}"));
        visitor.persona.post(&path, body).await.ok();
    }
    close(&agent, &chat_id).await;
    (tenant, agent, visitor, chat_id)
}

fn kinds(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| text(&event["type"])).collect()
}

fn seqs(events: &[Value]) -> Vec<i64> {
    let seq = |event: &Value| event["seq"].as_i64().unwrap();
    events.iter().map(seq).collect()
}

#[tokio::test]
async fn both_sides_read_what_has_happened_oldest_first() {
    let (_tenant, agent, visitor, chat_id) = told_chat().await;
    let visitors = format!("/v1/visitor/chats/{chat_id}/events?limit=200");
    let agents = format!("/v1/chats/{chat_id}/events?limit=200");

    let seen = all_pages(&visitor.persona, &visitors).await.concat();
    let told = all_pages(&agent, &agents).await.concat();

    let both = ["chat.message"; 5].into_iter().chain(["chat.closed"]);
    let accepted: Vec<&str> = ["chat.accepted"].into_iter().chain(both).collect();
    assert_eq!(kinds(&told), accepted);
    assert_eq!(kinds(&seen)[0], "chat.queued");
    assert_eq!(kinds(&seen)[1..], accepted);
    for events in [&seen, &told] {
        assert!(seqs(events).is_sorted_by(|a, b| a < b), "{events:?}");
        assert!(events.iter().all(|event| event["chat_id"] == *chat_id));
    }
    assert_eq!(told[1]["message"]["text"], "Line 1");
    assert_eq!(told[1]["message"], seen[2]["message"]);
}

#[tokio::test]
async fn events_are_read_between_two_numbers_and_in_pages() {
    let (_tenant, agent, visitor, chat_id) = told_chat().await;
    let sides = [
        (&agent, format!("/v1/chats/{chat_id}/events")),
        (
            &visitor.persona,
            format!("/v1/visitor/chats/{chat_id}/events"),
        ),
    ];

    for (reader, path) in sides {
        let all = all_pages(reader, &format!("{path}?limit=200")).await;
        let all = all.concat();
        let (second, last) = (&all[1]["seq"], &all[all.len() - 1]["seq"]);
        let read = async |query: &str| {
            let page = reader.get(&format!("{path}?{query}")).await.ok();
            page["data"].as_array().unwrap().clone()
        };

        assert_eq!(read(&format!("after={second}")).await, all[2..]);
        assert_eq!(read(&format!("before={second}")).await, all[..1]);
        let between = format!("after={second}&before={last}");
        assert_eq!(read(&between).await, all[2..all.len() - 1]);
        assert_eq!(read(&format!("after={last}")).await, Vec::<Value>::new());
        assert_eq!(read("before=0").await, Vec::<Value>::new());
        let pages = all_pages(reader, &format!("{path}?limit=3")).await;
        assert!(pages.iter().all(|page| page.len() <= 3));
        assert_eq!(pages.concat(), all, "limit=3");
    }
}

/// Reads all events of a chat as somebody, in pages of this size. Every page but the last one is full.
async fn in_pages(reader: &Persona, path: &str, limit: usize) -> Vec<Value> {
    let (mut events, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = format!("{path}?limit={limit}{cursor}");
        let page = reader.get(&page).await.ok();
        let data = page["data"].as_array().unwrap();
        events.extend(data.iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else {
            return events;
        };
        assert_eq!(data.len(), limit, "{page}");
        assert_eq!(next, data[limit - 1]["seq"].to_string(), "{page}");
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn what_a_reader_is_not_told_takes_no_place_on_a_page_of_events() {
    let (tenant, agent, visitor, chat_id) = active_chat().await;
    let agents = format!("/v1/chats/{chat_id}/events");
    let visitors = format!("/v1/visitor/chats/{chat_id}/events");
    for number in 0..3 {
        let path = format!("/v1/chats/{chat_id}/messages");
        let said = message(&format!("a-{number}"), "Hello");
        agent.post(&path, said).await.ok();
    }
    close(&agent, &chat_id).await;

    for (reader, path) in [
        (&agent, &agents),
        (&tenant.owner, &agents),
        (&visitor.persona, &visitors),
    ] {
        let all = in_pages(reader, path, 200).await;
        assert!(all.len() > 4, "{all:?}");
        for limit in 1..=all.len() {
            assert_eq!(in_pages(reader, path, limit).await, all, "{path} {limit}");
        }
        let first = reader.get(&format!("{path}?limit=1")).await.ok();
        assert_eq!(first["data"], json!([all[0]]));
        let before = all[1]["seq"].to_string();
        let first = format!("{path}?limit=1&before={before}");
        let first = reader.get(&first).await.ok();
        assert_eq!(first, json!({"data": [all[0]], "next_cursor": null}));
    }
}
