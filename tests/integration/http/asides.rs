//! Notes and marks over HTTP, and that nothing of a note comes near a visitor.

use serde_json::{Value, json};

use super::{active_chat, close, ids, message, text};
use crate::support::{Persona, Setup, Socket, Tenant, Visitor};

/// Stands in notes and nowhere else.
const CANARY: &str = "canary-41c6";

fn note(id: &str, text: &str) -> Value {
    json!({"note": {"id": id, "text": text}})
}

fn notes(chat_id: &str) -> String {
    format!("/v1/chats/{chat_id}/notes")
}

async fn said(visitor: &Visitor, chat_id: &str, count: usize) {
    let path = format!("/v1/visitor/chats/{chat_id}/messages");
    for number in 0..count {
        let message = message(&format!("m-{number}"), "Hello");
        visitor.persona.post(&path, message).await.ok();
    }
}

#[tokio::test]
async fn chat_05_a_note_is_written_once_and_listed_in_pages() {
    let (mut tenant, agent, _visitor, chat_id) = active_chat().await;
    let colleague = tenant.agent("bo").await;
    let me = agent.get("/v1/me").await.ok();
    let path = notes(&chat_id);

    let first = agent.post(&path, note("n-1", "A *regular*")).await;

    assert_eq!(first.status, 201, "{}", first.body);
    assert_eq!(first.body["number"], 1);
    assert_eq!(first.body["text"], "A *regular*");
    assert_eq!(first.body["content"][1]["kind"], "italic");
    let author = json!({"kind": "agent", "agent_id": me["id"], "name": "ana"});
    assert_eq!(first.body["author"], author);
    let again = agent.post(&path, note("n-1", "Another text")).await;
    assert_eq!(
        (again.status.as_u16(), again.body),
        (200, first.body.clone())
    );
    let theft = colleague.post(&path, note("n-1", "Mine")).await;
    theft.problem(409, "note_id_taken");
    // Members of the queue may read the chat, and so they may say something about it.
    for number in 2..=5 {
        let note = note(&format!("n-{number}"), "Be kind");
        assert_eq!(colleague.post(&path, note).await.body["number"], number);
    }
    let page = agent.get(&format!("{path}?limit=3")).await.ok();
    assert_eq!(page["data"][0], first.body);
    assert_eq!(ids(&page), ["n-1", "n-2", "n-3"]);
    let cursor = text(&page["next_cursor"]);
    let rest = agent.get(&format!("{path}?limit=3&cursor={cursor}")).await;
    let rest = rest.ok();
    assert_eq!(ids(&rest), ["n-4", "n-5"]);
    assert_eq!(rest["next_cursor"], Value::Null);
    let chat = agent.get(&format!("/v1/chats/{chat_id}")).await.ok();
    assert_eq!(
        (&chat["last_note"], &chat["last_seq"]),
        (&json!(5), &json!(0))
    );
}

#[tokio::test]
async fn chat_05_notes_stand_among_the_events_that_agents_read() {
    let (_tenant, agent, _visitor, chat_id) = active_chat().await;
    let written = agent
        .post(&notes(&chat_id), note("n-1", "Mind her"))
        .await
        .ok();

    let path = format!("/v1/chats/{chat_id}/events");
    let page = agent.get(&path).await.ok();

    let last = page["data"].as_array().unwrap().last().unwrap();
    assert_eq!(last["type"], "chat.note");
    assert_eq!(last["note"], written);
}

/// A note is answered again after the close, and a new one is taken, with the next number.
#[tokio::test]
async fn chat_05_a_note_is_written_and_answered_again_also_after_the_close() {
    let (_tenant, agent, _visitor, chat_id) = active_chat().await;
    let path = notes(&chat_id);
    let first = agent.post(&path, note("n-1", "Before")).await.ok();
    close(&agent, &chat_id).await;

    let again = agent.post(&path, note("n-1", "After")).await;

    assert_eq!((again.status.as_u16(), again.body), (200, first));
    let late = agent.post(&path, note("n-2", "After")).await;
    assert_eq!(
        (late.status.as_u16(), &late.body["number"]),
        (201, &json!(2))
    );
    assert_eq!(ids(&agent.get(&path).await.ok()), ["n-1", "n-2"]);
}

#[tokio::test]
async fn chat_05_the_answer_to_a_note_is_kept_with_its_key() {
    let (_tenant, agent, _visitor, chat_id) = active_chat().await;
    let path = notes(&chat_id);

    let first = agent.post_once(&path, note("n-1", "Once"), "key-1").await;
    let again = agent.post_once(&path, note("n-1", "Once"), "key-1").await;
    let other = agent.post_once(&path, note("n-2", "Twice"), "key-1").await;

    assert_eq!(
        (first.status, again.status),
        (201.try_into().unwrap(), first.status)
    );
    assert_eq!(first.body, again.body);
    other.problem(409, "idempotency_mismatch");
    assert_eq!(ids(&agent.get(&path).await.ok()), ["n-1"]);
}

#[tokio::test]
async fn chat_05_whoever_may_not_read_a_chat_neither_writes_nor_reads_its_notes() {
    let (tenant, agent, visitor, chat_id) = active_chat().await;
    let stranger = tenant.outsider_as("eve", "agent").await;
    let chief = tenant.outsider_as("chief", "supervisor").await;
    let path = notes(&chat_id);
    agent.post(&path, note("n-1", CANARY)).await.ok();

    let post = stranger.post(&path, note("n-2", "Hi")).await;
    post.problem(404, "not_found");
    stranger.get(&path).await.problem(404, "not_found");
    // A visitor has no such path at all.
    let answer = visitor.persona.get(&path).await;
    assert_eq!(answer.status, 401);
    let own = format!("/v1/visitor/chats/{chat_id}/notes");
    visitor.persona.get(&own).await.problem(404, "not_found");

    assert_eq!(
        chief.post(&path, note("n-2", "Well done")).await.status,
        201
    );
    assert_eq!(ids(&chief.get(&path).await.ok()), ["n-1", "n-2"]);
}

#[tokio::test]
async fn chat_05_every_fault_of_a_note_is_named() {
    let (_tenant, agent, _visitor, chat_id) = active_chat().await;
    let path = notes(&chat_id);

    let faults = agent.post(&path, note("a b", " ")).await.faults();
    assert_eq!(faults, ["/note/id bad_format", "/note/text too_short"]);
    let long = note("n-1", &"a".repeat(65_537));
    assert_eq!(
        agent.post(&path, long).await.faults(),
        ["/note/text too_long"]
    );
    let faults = agent.post(&path, json!({})).await.faults();
    assert_eq!(faults, ["/note required"]);
    let bad = agent.get(&format!("{path}?cursor=x&limit=0")).await;
    assert_eq!(bad.faults().len(), 2);
    let longest = note("n-1", &"a".repeat(65_536));
    assert_eq!(agent.post(&path, longest).await.status, 201);
}

/// Every byte that the visitor gets of the chat, by every way there is.
async fn all_of(visitor: &Visitor, chat_id: &str, sockets: &mut [Socket]) -> String {
    let persona = &visitor.persona;
    let mut bytes = String::new();
    for path in [
        "/v1/visitor/chats".to_owned(),
        "/v1/visitor/history".to_owned(),
        format!("/v1/visitor/chats/{chat_id}"),
        format!("/v1/visitor/chats/{chat_id}/events"),
        format!("/v1/visitor/chats/{chat_id}/transcript"),
    ] {
        let answer = persona.get(&path).await;
        bytes.push_str(&answer.body.to_string());
        bytes.extend(answer.headers.iter().map(|header| format!("{header:?}")));
        answer.ok();
    }
    for socket in sockets {
        bytes += &socket.first.to_string();
        let nothing = json!({"type": "chat.typing", "chat_id": uuid::Uuid::nil(), "typing": true});
        socket.refused(nothing, "not_found").await;
        for _ in 0..socket.kept().count() {
            bytes += &socket.next().await.to_string();
        }
    }
    bytes
}

#[tokio::test]
async fn chat_05_no_byte_of_a_note_reaches_the_visitor() {
    let (_tenant, agent, visitor, chat_id) = active_chat().await;
    let live = Socket::visitor(&visitor).await;
    let resume = json!({"history_id": live.first["history_id"], "after": live.first["seq"]});
    for number in 1..=3 {
        let written = note(&format!("{CANARY}-{number}"), CANARY);
        agent.post(&notes(&chat_id), written).await.ok();
        let answer = message(&format!("a-{number}"), "Hello");
        let path = format!("/v1/chats/{chat_id}/messages");
        agent.post(&path, answer).await.ok();
    }
    let resumed = Socket::welcomed(&visitor.persona, "/v1/visitor/ws", Some(resume)).await;
    assert_eq!(resumed.first["type"], "resumed");
    let fresh = Socket::visitor(&visitor).await;
    assert_eq!(fresh.first["type"], "welcome");
    let mut sockets = [live, resumed, fresh];

    let while_open = all_of(&visitor, &chat_id, &mut sockets).await;
    close(&agent, &chat_id).await;
    let after = all_of(&visitor, &chat_id, &mut sockets).await;

    for bytes in [while_open, after] {
        assert!(bytes.contains("Hello"), "the messages are there");
        for secret in [CANARY, "note"] {
            assert!(!bytes.contains(secret), "{bytes}");
        }
    }
    let notes = agent.get(&notes(&chat_id)).await.ok();
    assert!(
        notes.to_string().contains(CANARY),
        "it is kept all the same"
    );
}

#[tokio::test]
async fn chat_09_marks_stand_in_the_chat_of_both_sides() {
    let (_tenant, agent, visitor, chat_id) = active_chat().await;
    let me = agent.get("/v1/me").await.ok();
    said(&visitor, &chat_id, 5).await;
    let (of_agent, of_visitor) = (
        format!("/v1/chats/{chat_id}"),
        format!("/v1/visitor/chats/{chat_id}"),
    );

    let calls: [(&Persona, &String, Value); 3] = [
        (&agent, &of_agent, json!({"seq": 2, "delivered": 4})),
        (&visitor.persona, &of_visitor, json!({"delivered": 5})),
        (&visitor.persona, &of_visitor, json!({"seq": 4})),
    ];
    for (caller, path, body) in calls {
        let answer = caller.post(&format!("{path}/read"), body).await;
        assert_eq!((answer.status.as_u16(), answer.body), (204, json!("")));
    }

    let mark = |read: u32, delivered: u32| json!({"read_seq": read, "delivered_seq": delivered, "unread": 5 - read});
    let chat = agent.get(&of_agent).await.ok();
    let mut own = mark(2, 4);
    own["agent_id"] = me["id"].clone();
    assert_eq!(chat["agent_marks"], json!([own]));
    assert_eq!(chat["visitor_mark"], mark(4, 5));
    let chat = visitor.persona.get(&of_visitor).await.ok();
    assert_eq!(chat["agents_mark"], mark(2, 4), "which agent is not said");
    assert_eq!(chat["visitor_mark"], mark(4, 5));
    assert!(chat.get("agent_marks").is_none());
}

#[tokio::test]
async fn chat_09_a_mark_beyond_the_last_message_names_its_field() {
    let (mut tenant, agent, visitor, chat_id) = active_chat().await;
    said(&visitor, &chat_id, 1).await;
    let path = format!("/v1/chats/{chat_id}/read");
    let own = format!("/v1/visitor/chats/{chat_id}/read");

    for (caller, path) in [(&agent, &path), (&visitor.persona, &own)] {
        let beyond = caller.post(path, json!({"seq": 2, "delivered": 3})).await;
        assert_eq!(
            beyond.faults(),
            ["/delivered out_of_range", "/seq out_of_range"]
        );
        let none = caller.post(path, json!({})).await;
        assert_eq!(none.faults(), ["/seq required"]);
        let odd = caller
            .post(path, json!({"seq": -1, "delivered": 1.5}))
            .await;
        assert_eq!(odd.faults(), ["/delivered wrong_type", "/seq out_of_range"]);
    }
    let colleague = tenant.agent("bo").await;
    let other = colleague.post(&path, json!({"seq": 1})).await;
    other.problem(403, "not_participant");
    close(&agent, &chat_id).await;
    let late = agent.post(&path, json!({"seq": 1})).await;
    late.problem(409, "chat_closed");
    let late = visitor.persona.post(&own, json!({"seq": 1})).await;
    late.problem(409, "chat_closed");
}

/// However often a client tells, a mark is written once.
#[tokio::test]
async fn chat_09_a_mark_that_does_not_rise_is_not_written() {
    let (_tenant, agent, visitor, chat_id) = active_chat().await;
    said(&visitor, &chat_id, 3).await;
    let path = format!("/v1/chats/{chat_id}/read");

    for seq in [1, 3, 2, 3, 1, 0, 3] {
        let answer = agent.post(&path, json!({"seq": seq})).await;
        assert_eq!(answer.status, 204);
    }

    let events = format!("/v1/chats/{chat_id}/events?limit=200");
    let page = agent.get(&events).await.ok();
    let marks = page["data"].as_array().unwrap().iter();
    let marks: Vec<i64> = marks
        .filter(|event| event["type"] == "chat.read")
        .map(|event| event["read_seq"].as_i64().unwrap())
        .collect();
    assert_eq!(marks, [1, 3]);
    let seen = visitor
        .persona
        .get(&format!("/v1/visitor{}", &events[3..]))
        .await;
    let seen = seen.ok().to_string();
    assert_eq!(seen.matches("chat.read").count(), 2);
    assert_eq!(seen.matches(r#""reader":{"kind":"agent"}"#).count(), 2);
}

#[tokio::test]
async fn chat_09_a_text_that_is_too_long_to_show_is_refused() {
    let (tenant, _agent, visitor, chat_id) = active_chat().await;
    Setup::new(&tenant)
        .settings(|settings| settings.chats.show_unsent_text = true)
        .await;
    let path = format!("/v1/visitor/chats/{chat_id}/typing");
    let typing = |text: &str| json!({"typing": true, "text": text});

    let longest = visitor.persona.post(&path, typing(&"ä".repeat(2000))).await;
    assert_eq!(longest.status, 204);
    let beyond = visitor.persona.post(&path, typing(&"a".repeat(2001))).await;
    assert_eq!(beyond.faults(), ["/text too_long"]);
    let stopped = json!({"typing": false, "text": "Hm"});
    let stopped = visitor.persona.post(&path, stopped).await;
    assert_eq!(stopped.faults(), ["/text unknown_field"]);
}

/// Agents' typing has no text.
#[tokio::test]
async fn chat_09_an_agent_shows_no_unsent_text() {
    let (_tenant, agent, _visitor, chat_id): (Tenant, _, _, _) = active_chat().await;

    let path = format!("/v1/chats/{chat_id}/typing");
    let answer = agent
        .post(&path, json!({"typing": true, "text": "Hm"}))
        .await;

    assert_eq!(answer.faults(), ["/text unknown_field"]);
}
