//! The document of the sockets.

use std::collections::BTreeSet;

use deskbell::protocol::sockets;
use serde_json::{Value, json};

use reqwest::{Method, StatusCode};

use super::stranger;
use crate::support::documents::{check_answer, check_frame};

#[tokio::test]
async fn the_document_is_asyncapi_3_and_names_both_sockets() {
    let answer = stranger().get("/asyncapi.json").await;
    assert_eq!(answer.headers["content-type"], "application/json");
    let document = answer.ok();

    assert_eq!(document["asyncapi"], "3.0.0");
    assert_eq!(document, sockets::document());
    let addresses = ["agent", "visitor"].map(|party| &document["channels"][party]["address"]);
    assert_eq!(addresses, ["/v1/agent/ws", "/v1/visitor/ws"]);
}

/// Every reference of a document.
fn references<'d>(value: &'d Value, found: &mut BTreeSet<&'d str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|part| references(part, found));
        }
        Value::Array(list) => list.iter().for_each(|part| references(part, found)),
        _ => {}
    }
}

#[test]
fn whatever_is_referred_to_is_there() {
    let document = sockets::document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);

    assert!(found.len() > 200, "only {} references", found.len());
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

/// The names in the first column of the protocol's tables in a section.
fn documented(section: &str) -> BTreeSet<String> {
    let protocol = include_str!("../../../docs/protocol.md");
    let (_, rest) = protocol.split_once(&format!("\n### {section}\n")).unwrap();
    let rest = rest.split("\n### ").next().unwrap();
    let rows = rest.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.trim_start_matches("| ").split(" | ").next().unwrap());
    let names = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    names.map(ToOwned::to_owned).collect()
}

/// The messages of both sockets under a prefix, without those of the connection itself.
fn described(prefix: &str) -> BTreeSet<String> {
    let document = sockets::document();
    let channels = document["channels"].as_object().unwrap();
    let messages = channels
        .values()
        .flat_map(|channel| channel["messages"].as_object().unwrap());
    let names = messages.filter_map(|(name, _)| name.strip_prefix(prefix));
    let of_the_connection = ["hello", "ping", "pong", "welcome", "resumed"];
    let names = names.filter(|name| !of_the_connection.contains(name));
    names.map(ToOwned::to_owned).collect()
}

#[test]
fn the_commands_and_events_of_the_protocol_are_those_of_the_document() {
    assert_eq!(described("command."), documented("Commands"));
    assert_eq!(described("event."), documented("Events"));
}

/// What every test rests on that gets a frame or an answer.
#[test]
fn what_the_documents_do_not_describe_is_found() {
    fn me(status: StatusCode, body: &Value) {
        check_answer(&Method::GET, "/v1/me", status, "application/json", body);
    }
    check_frame("agent", None, &json!({"type": "pong"}));
    let undescribed: [fn(); 5] = [
        || check_frame("agent", None, &json!({"type": "pong", "more": 1})),
        || check_frame("agent", None, &json!({"type": "chat.nothing"})),
        || check_frame("agent", Some("chat.leave"), &json!({"type": "ok", "id": 1})),
        || me(StatusCode::OK, &json!({"id": 1})),
        || me(StatusCode::CONFLICT, &json!({})),
    ];
    for (number, check) in undescribed.into_iter().enumerate() {
        assert!(std::panic::catch_unwind(check).is_err(), "{number}");
    }
}
