//! No tenant reaches another: every id of every operation, tried by everybody of another tenant.

mod named;
mod paths;

use std::collections::BTreeMap;

use deskbell::domain::Status;
use reqwest::Method;
use serde_json::{Value, json};

use super::text;
use crate::support::{Answer, Persona, Setup, Site, Tenant, Visitor};

/// Stands in everything that only its tenant may read.
const CANARY: &str = "canary-7f3a";

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
        let agent = tenant.agent(CANARY).await;
        agent
            .put("/v1/me/presence", json!({"status": "online"}))
            .await
            .ok();
        let setup = Setup::new(&tenant);
        let status = setup.status(CANARY, Status::Online, true).await;
        let pause = setup.pause(CANARY, None).await;
        let own = format!("/v1/me/presence/offices/{}", tenant.office_id);
        let body = json!({"status_id": status});
        agent.put(&own, body).await.ok();
        let (visitor, active) = start(&tenant).await;
        let path = format!("/v1/chats/{active}/accept");
        agent.post(&path, json!({})).await.ok();
        let path = format!("/v1/chats/{active}/notes");
        let note = json!({"note": {"id": "n-1", "text": CANARY}});
        agent.post(&path, note).await.ok();
        let (_, waiting) = start(&tenant).await;
        let me = agent.get("/v1/me").await.ok();
        let widgets = tenant.owner.get("/v1/widgets").await.ok();
        let rule = json!({
            "name": CANARY, "greeting": CANARY, "conditions": {"url_contains": CANARY},
            "widget_id": widgets["data"][0]["id"], "office_id": tenant.office_id,
        });
        let rule = tenant.owner.post("/v1/targeting-rules", rule).await.ok();
        let files = [
            upload(&agent, "/v1/files").await,
            upload(&visitor.persona, "/v1/visitor/files").await,
        ];
        let (template, mark, contact) = lists(&tenant, &visitor).await;
        let canary = json!({"name": CANARY});
        let routing_rule = json!({
            "name": CANARY, "conditions": {"contact": [{"field": "name", "equals": CANARY}]},
        });
        let owner = &tenant.owner;
        let routing_rule = owner.post("/v1/routing-rules", routing_rule).await;
        let routing_rule = routing_rule.ok();
        let ban = json!({"address": "192.0.2.1", "reason": CANARY});
        let ban = tenant.owner.post("/v1/bans", ban).await.ok();
        let skill = tenant.owner.post("/v1/skills", canary.clone()).await.ok();
        let disposition = tenant.owner.post("/v1/dispositions", canary).await.ok();
        let ids = BTreeMap::from([
            ("file", files.into()),
            ("routing_rule", vec![text(&routing_rule["id"])]),
            ("ban", vec![text(&ban["id"])]),
            ("skill", vec![text(&skill["id"])]),
            ("identity_secret", vec![Site::of(&tenant).await.secret_id]),
            ("disposition", vec![text(&disposition["id"])]),
            ("office", vec![tenant.office_id.clone()]),
            ("agent", vec![text(&me["id"])]),
            ("queue", vec![tenant.queue_id.clone()]),
            ("widget", vec![text(&widgets["data"][0]["id"])]),
            ("rule", vec![text(&rule["id"])]),
            ("template", vec![template]),
            ("tag", vec![mark]),
            ("contact", vec![contact]),
            ("status", vec![status]),
            ("pause", vec![pause]),
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
            "templates",
            "tags",
            "contacts",
            "statuses",
            "pauses",
            "skills",
            "identity-secrets",
            "routing-rules",
            "bans",
            "dispositions",
            "settings",
            "chats",
            "presence",
        ] {
            all.push(self.tenant.owner.get(&format!("/v1/{list}")).await.ok());
        }
        for chat in &self.ids["chat"] {
            for part in ["events", "notes"] {
                let path = format!("/v1/chats/{chat}/{part}");
                all.push(self.tenant.owner.get(&path).await.ok());
            }
        }
        all
    }
}

/// A file that holds the canary and is called so.
async fn upload(caller: &Persona, path: &str) -> String {
    let form = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{CANARY}\"\r\n\r\n{CANARY}\r\n--b--"
    );
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    let answer = caller.call(Method::POST, path, Some(form), &headers).await;
    text(&answer.ok()["id"])
}

/// A template, a tag, and the visitor's contact, with the canary in everything that they can hold.
async fn lists(tenant: &Tenant, visitor: &Visitor) -> (String, String, String) {
    let owner = &tenant.owner;
    let template = json!({
        "name": CANARY, "shortcut": CANARY, "text": CANARY, "office_ids": [tenant.office_id],
    });
    let template = owner.post("/v1/templates", template).await.ok();
    let mark = owner.post("/v1/tags", json!({"name": CANARY})).await.ok();
    let change = json!({"note": CANARY, "fields": {CANARY: CANARY}, "name": CANARY});
    let path = format!("/v1/contacts/{}", visitor.id);
    let contact = owner.patch(&path, change).await.ok();
    (
        text(&template["id"]),
        text(&mark["id"]),
        text(&contact["id"]),
    )
}

/// A chat that has the canary in everything that it can hold.
async fn start(tenant: &Tenant) -> (Visitor, String) {
    let visitor = tenant.visitor().await;
    let body = json!({
        "fields": {"name": CANARY, "email": format!("{CANARY}@home.example"), "note": CANARY},
        "message": {"id": "m-1", "text": CANARY},
    });
    let chat = visitor.persona.post("/v1/visitor/chats", body).await;
    let id = text(&chat.ok()["id"]);
    // A path that names a chat and a message is tried with one id in both places.
    let path = format!("/v1/visitor/chats/{id}/messages");
    let message = json!({"message": {"id": id, "text": CANARY}});
    visitor.persona.post(&path, message).await.ok();
    (visitor, id)
}

#[track_caller]
fn tells_nothing(answer: &Answer) {
    let said = format!("{:?}{}", answer.headers, answer.body);
    assert!(!said.contains(CANARY), "{said}");
}
