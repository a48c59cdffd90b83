//! What was, and why: time lines, reports, and the presence and availability of past moments, against what was said
//! when they were the present.

mod chats;
mod moments;
mod offices;
mod parts;
mod reports;
mod timelines;

use chrono::DateTime;
use deskbell::config::Config;
use serde_json::{Value, json};

use crate::realtime::setting::Stopped;
use crate::support::{Persona, Tenant};

/// A tenant whose time stands still until it is moved.
struct Scene {
    stopped: Stopped,
    tenant: Tenant,
}

/// Hours may pass without an end of tokens and sockets.
fn patient(config: &mut Config) {
    config.auth.access_token_s = 1_000_000;
    config.socket.silent_after_s = 1_000_000;
}

impl Scene {
    /// With these changes of the tenant's settings.
    async fn new(settings: Value) -> Self {
        Self::on(Stopped::start(patient).await, settings).await
    }

    async fn on(stopped: Stopped, settings: Value) -> Self {
        let tenant = Tenant::on(&stopped.base).await;
        tenant.owner.patch("/v1/settings", settings).await.ok();
        Self { stopped, tenant }
    }

    fn owner(&self) -> &Persona {
        &self.tenant.owner
    }

    /// Makes something by the API, and gives its id.
    async fn make(&self, path: &str, body: Value) -> String {
        text(&self.owner().post(path, body).await.ok()["id"])
    }
}

/// What makes a status stand without a connection for as long as one likes.
fn lasting() -> Value {
    json!({"disconnect": {"grace_s": null}, "inactivity": {"away_after_s": null}})
}

/// Sets one's own status.
async fn be(agent: &Persona, status: &str) {
    let body = json!({"status": status});
    agent.put("/v1/me/presence", body).await.ok();
}

async fn id_of(agent: &Persona) -> String {
    text(&agent.get("/v1/me").await.ok()["id"])
}

#[track_caller]
fn text(value: &Value) -> String {
    let text = value.as_str();
    text.unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// An instant of the wire in milliseconds.
#[track_caller]
fn ms(time: &Value) -> i64 {
    let read = DateTime::parse_from_rfc3339(time.as_str().unwrap());
    read.unwrap().timestamp_millis()
}

/// An instant so much later, as the wire has it.
fn later(time: &Value, by_ms: i64) -> String {
    let at = DateTime::from_timestamp_millis(ms(time) + by_ms).unwrap();
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// Without some fields.
fn without(value: &Value, fields: &[&str]) -> Value {
    let mut value = value.clone();
    for field in fields {
        value.as_object_mut().unwrap().remove(*field);
    }
    value
}

/// Every sum of seconds that stands directly in some totals.
fn sums(totals: &Value) -> Vec<(String, i64)> {
    let fields = totals.as_object().unwrap().iter();
    let sums = fields.filter_map(|(name, value)| Some((name.clone(), value.as_i64()?)));
    sums.collect()
}

/// What several totals are together.
fn together<'a>(all: impl IntoIterator<Item = &'a Value>) -> Vec<(String, i64)> {
    let mut whole: Vec<(String, i64)> = Vec::new();
    for totals in all {
        for (name, seconds) in sums(totals) {
            match whole.iter_mut().find(|(known, _)| *known == name) {
                Some((_, sum)) => *sum += seconds,
                None => whole.push((name, seconds)),
            }
        }
    }
    whole
}

/// An id that nothing has.
const NOBODY: &str = "01890000-0000-7000-8000-00000000dead";
