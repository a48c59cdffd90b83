//! Transcripts over HTTP: what a text holds, for whom, and that it goes on beyond a part.

use reqwest::Method;
use serde_json::json;

use super::{active_chat, be, close, message, pick, text};
use crate::support::{Persona, Tenant};

async fn transcript(persona: &Persona, path: &str) -> String {
    let answer = persona.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
    text(&answer.body)
}

/// The entries without their times, and the head.
fn entries(transcript: &str) -> (String, Vec<String>) {
    let (head, entries) = transcript.split_once("\n\n").unwrap();
    let entries = entries.split_terminator("\n[");
    let entries = entries.map(|entry| {
        let (time, said) = entry.trim_end().split_once("] ").unwrap();
        assert!(
            time.ends_with("+02:00") || time.ends_with("+01:00"),
            "{time}"
        );
        said.to_owned()
    });
    (head.to_owned(), entries.collect())
}

#[tokio::test]
async fn chat_07_a_transcript_says_who_said_what_and_notes_are_in_it_for_agents_who_ask() {
    let (tenant, agent, visitor, chat_id) = active_chat().await;
    let zone = json!({"time_zone": "Europe/Prague"});
    tenant.owner.patch("/v1/settings", zone).await.ok();
    let own = format!("/v1/visitor/chats/{chat_id}");
    let path = format!("/v1/chats/{chat_id}");
    let forged = "Hello\n[2026-01-01 00:00:00 +01:00] ana: I owe you a million\r\nBye";
    let said = message("m-1", forged);
    visitor
        .persona
        .post(&format!("{own}/messages"), said)
        .await
        .ok();
    let note = json!({"note": {"id": "n-1", "text": "canary-77d2"}});
    agent.post(&format!("{path}/notes"), note).await.ok();
    let choice = json!({"message": {"id": "a-1", "text": "Which?", "buttons": [{"id": "y", "text": "This"}]}});
    agent.post(&format!("{path}/messages"), choice).await.ok();
    for (id, text) in [("a-2", "Wrong"), ("a-3", "Typpo")] {
        let said = message(id, text);
        agent.post(&format!("{path}/messages"), said).await.ok();
    }
    agent.delete(&format!("{path}/messages/a-2")).await;
    let better = json!({"text": "*Typo*"});
    agent
        .patch(&format!("{path}/messages/a-3"), better)
        .await
        .ok();
    close(&agent, &chat_id).await;

    let of_visitor = transcript(&visitor.persona, &format!("{own}/transcript")).await;
    let (head, said) = entries(&of_visitor);

    assert!(
        head.starts_with(&format!("Chat {chat_id}\nWith Visitor\nStarted ")),
        "{head}"
    );
    assert!(head.ends_with("(Europe/Prague)"), "{head}");
    let whole = [
        "Visitor: Hello\n    [2026-01-01 00:00:00 +01:00] ana: I owe you a million\n    Bye",
        "ana: Which?\n    ( This )",
        "ana: (deleted)",
        "ana (edited): *Typo*",
    ];
    assert_eq!(said, whole);
    let of_agent = transcript(&agent, &format!("{path}/transcript")).await;
    assert_eq!(entries(&of_agent).1, whole);
    let with_notes = transcript(&agent, &format!("{path}/transcript?notes=true")).await;
    let mut noted = whole.to_vec();
    noted.insert(1, "ana, note: canary-77d2");
    assert_eq!(entries(&with_notes).1, noted);
    // A visitor has nothing to ask for.
    let asked = visitor
        .persona
        .get(&format!("{own}/transcript?notes=true"))
        .await;
    assert!(!asked.body.to_string().contains("canary"), "{}", asked.body);
    let bad = agent.get(&format!("{path}/transcript?notes=1")).await;
    assert_eq!(bad.faults(), ["/notes bad_format"]);
}

#[tokio::test]
async fn chat_07_a_transcript_is_a_file_and_goes_on_beyond_a_part() {
    let (_tenant, agent, visitor, chat_id) = active_chat().await;
    let path = format!("/v1/visitor/chats/{chat_id}");
    for number in 1..=205 {
        let said = message(&format!("m-{number}"), &format!("number {number}"));
        visitor
            .persona
            .post(&format!("{path}/messages"), said)
            .await
            .ok();
        if number % 2 == 0 {
            let note =
                json!({"note": {"id": format!("n-{number}"), "text": format!("note {number}")}});
            agent
                .post(&format!("/v1/chats/{chat_id}/notes"), note)
                .await
                .ok();
        }
    }

    let path = format!("/v1/chats/{chat_id}/transcript?notes=true");
    let file = agent.raw(Method::GET, &path, None, &[]).await;

    let name = format!("attachment; filename=\"chat-{chat_id}.txt\"");
    assert_eq!(file.headers["content-disposition"], name.as_str());
    let text = String::from_utf8(file.bytes).unwrap();
    let said: Vec<&str> = text
        .lines()
        .filter_map(|line| Some(line.split_once("] ")?.1))
        .collect();
    let expected: Vec<String> = (1..=205)
        .flat_map(|number| {
            let note = (number % 2 == 0).then(|| format!("ana, note: note {number}"));
            [Some(format!("Visitor: number {number}")), note]
        })
        .flatten()
        .collect();
    assert_eq!(said, expected);
}

#[tokio::test]
async fn chat_07_a_transcript_is_for_whoever_may_read_the_chat() {
    let (_tenant, _agent, visitor, chat_id) = active_chat().await;
    let (other, agent, stranger, _) = active_chat().await;
    let path = format!("/v1/chats/{chat_id}/transcript");
    let own = format!("/v1/visitor/chats/{chat_id}/transcript");

    agent.get(&path).await.problem(404, "not_found");
    other.owner.get(&path).await.problem(404, "not_found");
    stranger.persona.get(&own).await.problem(404, "not_found");
    visitor
        .persona
        .get(&path)
        .await
        .problem(401, "token_invalid");
    assert_eq!(visitor.persona.get(&own).await.status, 200);
}

#[tokio::test]
async fn chat_07_no_name_passes_for_an_entry() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    be(&agent, "online").await;
    let me = text(&agent.get("/v1/me").await.ok()["id"]);
    let forged = |by: &str| format!("{by}\u{2028}[2026-01-01 10:00:00 +00:00] a1: forged\u{2029}");
    let name = json!({"name": forged("ana") + "!"});
    let path = format!("/v1/agents/{me}");
    tenant.owner.patch(&path, name).await.ok();
    let visitor = tenant.visitor().await.persona;
    let body =
        json!({"fields": {"name": forged("Eve") + "!"}, "message": {"id": "m-1", "text": "Hi"}});
    let chat = visitor.post("/v1/visitor/chats", body).await.ok();
    let chat_id = text(&chat["id"]);
    pick(&agent, &chat_id).await;
    let path = format!("/v1/chats/{chat_id}");
    let said = message("a-1", "Hello");
    agent.post(&format!("{path}/messages"), said).await.ok();
    let note = json!({"note": {"id": "n-1", "text": "Hm"}});
    agent.post(&format!("{path}/notes"), note).await.ok();

    let own = format!("/v1/visitor/chats/{chat_id}/transcript");
    for (reader, path, entries) in [
        (&visitor, own, 2),
        (&agent, format!("{path}/transcript?notes=true"), 3),
    ] {
        let transcript = transcript(reader, &path).await;
        // As somebody reads it for whom all of these end a line.
        let lines: Vec<&str> = transcript
            .split(['\n', '\r', '\u{2028}', '\u{2029}'])
            .collect();
        let begun = lines.iter().filter(|line| line.starts_with('['));
        assert_eq!(begun.count(), entries, "{transcript}");
        assert_eq!(
            lines[1],
            "With Eve [2026-01-01 10:00:00 +00:00] a1: forged !"
        );
        assert!(lines[2].starts_with("Started "), "{transcript}");
    }
}
