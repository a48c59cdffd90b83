//! Clients that come back: what they missed, once and in order, or a fresh snapshot.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::setting::{Stopped, Talk, send};
use crate::support::{Persona, Socket, Tenant};

const AGENT: &str = "/v1/agent/ws";
const VISITOR: &str = "/v1/visitor/ws";

async fn resume(persona: &Persona, path: &str, welcome: &Value, after: i64) -> Socket {
    let resume = json!({"history_id": welcome["history_id"], "after": after});
    Socket::welcomed(persona, path, Some(resume)).await
}

/// The events that have come, after a command has shown that no more were under way.
async fn events(socket: &mut Socket) -> Vec<Value> {
    let nothing = json!({"type": "chat.typing", "chat_id": uuid::Uuid::nil(), "typing": true});
    socket.refused(nothing, "not_found").await;
    let mut events = Vec::new();
    for _ in 0..socket.kept().count() {
        let event = socket.next().await;
        if event["seq"].is_i64() {
            events.push(event);
        }
    }
    events
}

/// A talk of some messages both ways; gives all events that agent and visitor saw.
async fn history(talk: &mut Talk) -> (Vec<Value>, Vec<Value>) {
    for number in 2..8 {
        talk.desk
            .ok(send(&talk.chat_id, &format!("a-{number}"), "From the desk"))
            .await;
        talk.widget
            .ok(send(&talk.chat_id, &format!("v-{number}"), "From the page"))
            .await;
    }
    (events(&mut talk.desk).await, events(&mut talk.widget).await)
}

#[tokio::test]
async fn an_agent_gets_every_event_after_its_last_once_and_in_order() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let (seen, _) = history(&mut talk).await;
    let welcome = talk.desk.first.clone();

    // Between two of the first the talk's beginning took an offer out.
    for from in 2..seen.len() {
        let after = seen[from]["seq"].as_i64().unwrap();
        let mut again = resume(&talk.agent, AGENT, &welcome, after).await;
        assert_eq!(again.first["type"], "resumed", "after {after}");
        assert_eq!(events(&mut again).await, seen[from + 1..], "after {after}");
    }
    let mut live = resume(
        &talk.agent,
        AGENT,
        &welcome,
        seen[3]["seq"].as_i64().unwrap(),
    )
    .await;
    talk.widget
        .ok(send(&talk.chat_id, "v-9", "Are you there?"))
        .await;
    let rest = events(&mut live).await;
    assert_eq!(rest.len(), seen.len() - 4 + 1);
    assert_eq!(rest.last().unwrap()["message"]["id"], "v-9");
}

#[tokio::test]
async fn a_visitor_gets_every_event_after_its_last_once_and_in_order() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    // Another visitor's events are nothing to this one.
    let mut other = Talk::begin(&mut tenant, "bo").await;
    let (_, seen) = history(&mut talk).await;
    history(&mut other).await;
    let welcome = talk.widget.first.clone();

    for from in 0..seen.len() {
        let after = seen[from]["seq"].as_i64().unwrap();
        let mut again = resume(&talk.visitor.persona, VISITOR, &welcome, after).await;
        assert_eq!(again.first["type"], "resumed", "after {after}");
        assert_eq!(events(&mut again).await, seen[from + 1..], "after {after}");
    }
    let after = welcome["seq"].as_i64().unwrap();
    let mut again = resume(&talk.visitor.persona, VISITOR, &welcome, after).await;
    assert_eq!(events(&mut again).await, seen);
}

#[tokio::test]
async fn the_seq_of_a_first_frame_is_where_to_go_on() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    history(&mut talk).await;

    let desk = Socket::agent(&talk.agent).await;
    let widget = Socket::visitor(&talk.visitor).await;
    talk.desk.ok(send(&talk.chat_id, "a-9", "One more")).await;

    for (persona, path, first) in [
        (&talk.agent, AGENT, &desk.first),
        (&talk.visitor.persona, VISITOR, &widget.first),
    ] {
        let mut again = resume(persona, path, first, first["seq"].as_i64().unwrap()).await;
        assert_eq!(again.first["type"], "resumed");
        let missed = events(&mut again).await;
        let ids: Vec<&Value> = missed.iter().map(|event| &event["message"]["id"]).collect();
        assert_eq!(ids, ["a-9"]);
        assert!(again.first["seq"].as_i64() >= missed[0]["seq"].as_i64());
    }
}

#[tokio::test]
async fn a_number_of_another_history_or_of_the_future_gives_a_welcome() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    history(&mut talk).await;
    let now = Socket::agent(&talk.agent).await.first;
    let seq = now["seq"].as_i64().unwrap();
    let strange = json!({"history_id": uuid::Uuid::nil()});

    let history = |welcome: &Value, after: i64| (welcome.clone(), after);
    for (welcome, after) in [
        history(&strange, seq),
        history(&now, seq + 1),
        history(&now, 0),
        history(&now, i64::MAX),
    ] {
        let again = resume(&talk.agent, AGENT, &welcome, after).await;
        assert_eq!(again.first["type"], "welcome", "after {after}");
        assert_eq!(again.first["snapshot"], now["snapshot"]);
    }
    for (welcome, after) in [
        history(&strange, seq),
        history(&now, i64::MAX),
        history(&now, 0),
    ] {
        let again = resume(&talk.visitor.persona, VISITOR, &welcome, after).await;
        assert_eq!(again.first["type"], "welcome", "after {after}");
    }
}

#[tokio::test]
async fn a_number_that_is_no_longer_at_hand_gives_a_welcome() {
    let stopped = Stopped::start(|config| config.engine.ring_events_max = 5).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let (agent, visitor) = history(&mut talk).await;
    let welcome = talk.desk.first.clone();

    for (persona, path, seen) in [
        (&talk.agent, AGENT, &agent),
        (&talk.visitor.persona, VISITOR, &visitor),
    ] {
        let at = |index: usize| seen[index]["seq"].as_i64().unwrap();
        let old = resume(persona, path, &welcome, at(seen.len() - 8)).await;
        assert_eq!(old.first["type"], "welcome");
        let mut new = resume(persona, path, &welcome, at(seen.len() - 4)).await;
        assert_eq!(new.first["type"], "resumed");
        assert_eq!(events(&mut new).await, seen[seen.len() - 3..]);
    }
}

#[tokio::test]
async fn what_others_do_is_not_replayed() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let other = Talk::begin(&mut tenant, "bo").await;
    let welcome = Socket::agent(&other.agent).await.first;
    history(&mut talk).await;

    let after = welcome["seq"].as_i64().unwrap();
    let mut again = resume(&other.agent, AGENT, &welcome, after).await;

    assert_eq!(again.first["type"], "resumed");
    assert!(again.first["seq"].as_i64().unwrap() > after);
    assert_eq!(events(&mut again).await, Vec::<Value>::new());
    let ids: BTreeSet<String> = [talk.desk.first, other.desk.first, welcome, again.first]
        .iter()
        .map(|frame| frame["connection_id"].to_string())
        .collect();
    assert_eq!(ids.len(), 4);
}

#[tokio::test]
async fn what_every_agent_hears_is_not_missed_by_one_that_comes_back() {
    let mut tenant = Tenant::new().await;
    let bo = tenant.agent("bo").await;
    let mut live = Socket::agent(&bo).await;
    let after = live.first["seq"].as_i64().unwrap();
    let (_ana, _desk) = tenant.online_agent("ana").await;

    let seen = events(&mut live).await;
    let mut again = resume(&bo, AGENT, &live.first, after).await;

    assert_eq!(again.first["type"], "resumed");
    assert_eq!(events(&mut again).await, seen);
    let kinds: Vec<&Value> = seen.iter().map(|event| &event["type"]).collect();
    assert!(kinds.contains(&&json!("availability.changed")), "{kinds:?}");
}

/// Says, changes and takes back what nobody who comes later is to read.
async fn think_better_of_it(socket: &mut Socket, chat_id: &Value, side: &str) {
    let named = |kind: &str, number: u32| {
        let message_id = format!("{side}-{number}");
        json!({"type": kind, "chat_id": chat_id, "message_id": message_id})
    };
    for number in [1, 2, 3] {
        let id = format!("{side}-{number}");
        socket.ok(send(chat_id, &id, "canary-1")).await;
    }
    for (number, text) in [(1, "*canary*-2"), (2, "canary-3"), (1, "_So_ be it")] {
        let mut edit = named("chat.edit", number);
        edit["text"] = json!(text);
        socket.ok(edit).await;
    }
    for number in [2, 3] {
        socket.ok(named("chat.delete", number)).await;
    }
}

#[tokio::test]
async fn what_is_told_again_of_a_message_is_what_it_is_now() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let desk = Socket::agent(&talk.agent).await.first;
    let widget = Socket::visitor(&talk.visitor).await.first;
    think_better_of_it(&mut talk.desk, &talk.chat_id, "a").await;
    think_better_of_it(&mut talk.widget, &talk.chat_id, "v").await;

    let chat_id = talk.chat_id.as_str().unwrap();
    for (persona, path, welcome, read) in [
        (&talk.agent, AGENT, &desk, "/v1/chats"),
        (&talk.visitor.persona, VISITOR, &widget, "/v1/visitor/chats"),
    ] {
        let after = welcome["seq"].as_i64().unwrap();
        let mut again = resume(persona, path, welcome, after).await;
        assert_eq!(again.first["type"], "resumed");
        let told = events(&mut again).await;

        let page = format!("{read}/{chat_id}/events?limit=200");
        let page = persona.get(&page).await.ok();
        let stored = page["data"].as_array().unwrap().iter();
        let stored: Vec<&Value> = stored
            .filter(|event| event["seq"].as_i64() > Some(after))
            .collect();
        assert_eq!(told.iter().collect::<Vec<_>>(), stored);
        let changes = told.iter().filter(|event| {
            let kind = event["type"].as_str().unwrap();
            kind.starts_with("chat.message_")
        });
        assert_eq!(changes.count(), 10);
        assert!(!json!(told).to_string().contains("canary"), "{told:?}");
        assert_eq!(told[0]["message"]["text"], "_So_ be it");
    }
}
