//! Presence and availability as agents, visitors and websites meet them: real sockets, real requests, one server.

mod availability;
mod bad_input;
mod commands;
mod flapping;
mod hours;
mod inactivity;
mod leases;
mod office;
mod plans;
mod poll;
mod seen;
mod sessions;
mod slow_watcher;
mod watch;

use deskbell::config::Config;
use deskbell::domain::Millis;
use serde_json::{Value, json};

use crate::realtime::setting::Stopped;
use crate::support::{Persona, Socket, Tenant};

/// What is heard when nothing was said.
const NONE: [Value; 0] = [];

/// A server whose time stands still, and that lets hours pass without losing patience with tokens and sockets.
async fn stopped() -> Stopped {
    Stopped::start(patient).await
}

fn patient(config: &mut Config) {
    config.auth.access_token_s = 1_000_000;
    config.socket.silent_after_s = 1_000_000;
}

/// A tenant on that server.
async fn tenant_on(stopped: &Stopped) -> Tenant {
    Tenant::on(&stopped.base).await
}

/// The caller's id.
async fn id_of(agent: &Persona) -> String {
    text(&agent.get("/v1/me").await.ok()["id"])
}

/// What an agent is, by its own word.
async fn presence_of(agent: &Persona) -> Value {
    agent.get("/v1/me/presence").await.ok()
}

/// Sets the global status over HTTP.
async fn be(agent: &Persona, status: &str) -> Value {
    let body = json!({"status": status});
    agent.put("/v1/me/presence", body).await.ok()
}

/// All that has come to a socket until now.
async fn heard(socket: &mut Socket) -> Vec<Value> {
    let nothing = json!({"type": "chat.typing", "chat_id": uuid::Uuid::nil(), "typing": true});
    socket.refused(nothing, "not_found").await;
    let mut frames = Vec::new();
    for _ in 0..socket.kept().count() {
        frames.push(socket.next().await);
    }
    frames
}

/// What of it is of this type.
async fn heard_of(socket: &mut Socket, kind: &str) -> Vec<Value> {
    let mut frames = heard(socket).await;
    frames.retain(|frame| frame["type"] == kind);
    frames
}

/// Lets a tick of the watchers come, and gives what it brought to this one. The tick follows the answers of its step,
/// so that what is said after the next answer is all.
async fn tick(stopped: &Stopped, watcher: &mut Socket) -> Vec<Value> {
    stopped.clock.advance(Millis(250));
    let mut frames = heard_of(watcher, "presence.watched").await;
    frames.extend(heard_of(watcher, "presence.watched").await);
    frames
}

#[track_caller]
fn text(value: &Value) -> String {
    let text = value.as_str();
    text.unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// The effective status and its reason.
fn effective(presence: &Value) -> (String, String) {
    (text(&presence["effective"]), text(&presence["reason"]))
}

/// The same in an office.
fn effective_in(presence: &Value, office_id: &str) -> (String, String) {
    let offices = presence["offices"].as_array().unwrap();
    let office = offices
        .iter()
        .find(|office| office["office_id"] == office_id);
    effective(office.unwrap_or_else(|| panic!("not of {office_id}: {presence}")))
}

/// A pair to compare with.
fn is(status: &str, reason: &str) -> (String, String) {
    (status.to_owned(), reason.to_owned())
}
