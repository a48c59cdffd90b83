//! The API over HTTP, as a client meets it: a real server, a real database, a fresh tenant for each test.

mod asides;
mod asyncapi;
mod auth;
mod bad_input;
mod chats;
mod contacts;
mod contacts_made;
mod handover;
mod history;
mod idempotency;
mod identity;
mod inbox;
mod life;
mod me;
mod messages;
mod openapi;
mod platform;
mod reading;
mod returning;
mod routing;
mod setup;
mod speech;
mod tags;
mod targeting;
mod targeting_rules;
mod templates;
mod tokens;
mod transcripts;
mod widget;

use serde_json::{Value, json};

use crate::support::{Persona, Tenant, Visitor, shared};

/// An id that nothing has.
const NOBODY: &str = "01890000-0000-7000-8000-00000000dead";

/// Somebody without credentials.
fn stranger() -> Persona {
    Persona::new(&shared().base, None)
}

/// Somebody with this token.
fn with_token(token: &Value) -> Persona {
    Persona::new(&shared().base, Some(&text(token)))
}

#[track_caller]
fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// The ids of a page in their order.
#[track_caller]
fn ids(page: &Value) -> Vec<String> {
    let data = page["data"].as_array().unwrap();
    data.iter().map(|entry| text(&entry["id"])).collect()
}

/// Sets the status of an agent without a connection: nothing rings at it, but its office is live and it may pick.
async fn be(agent: &Persona, status: &str) -> Value {
    agent
        .put("/v1/me/presence", json!({"status": status}))
        .await
        .ok()
}

/// A visitor with a waiting chat.
async fn start(tenant: &Tenant) -> (Visitor, String) {
    let visitor = tenant.visitor().await;
    let chat = visitor.persona.post("/v1/visitor/chats", json!({})).await;
    (visitor, text(&chat.ok()["id"]))
}

/// A tenant whose agent has picked a visitor's chat.
async fn active_chat() -> (Tenant, Persona, Visitor, String) {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    be(&agent, "online").await;
    let (visitor, chat_id) = start(&tenant).await;
    pick(&agent, &chat_id).await;
    (tenant, agent, visitor, chat_id)
}

async fn pick(agent: &Persona, chat_id: &str) -> Value {
    let path = format!("/v1/chats/{chat_id}/accept");
    agent.post(&path, json!({})).await.ok()
}

async fn close(agent: &Persona, chat_id: &str) -> Value {
    let path = format!("/v1/chats/{chat_id}/close");
    agent.post(&path, json!({})).await.ok()
}

fn message(id: &str, text: &str) -> Value {
    json!({"message": {"id": id, "text": text}})
}
