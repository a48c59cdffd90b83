//! A fresh tenant with people, an office, a queue and a widget, made through the public API.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::cluster::{PLATFORM_KEY, shared};
use super::{Answer, Persona, Socket};

/// The password of everybody in tests.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A tenant of a test's own.
pub(crate) struct Tenant {
    base: String,
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) owner: Persona,
    pub(crate) office_id: String,
    pub(crate) queue_id: String,
    pub(crate) widget_key: String,
    members: Vec<String>,
}

/// A visitor with its token.
pub(crate) struct Visitor {
    pub(crate) id: String,
    pub(crate) persona: Persona,
}

impl Tenant {
    /// A tenant on the shared server.
    pub(crate) async fn new() -> Self {
        Self::on(&shared().base).await
    }

    /// A tenant on a server of the test's own.
    pub(crate) async fn on(base: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let slug = format!("t{number}-{}", std::process::id());
        let platform = Persona::new(base, Some(PLATFORM_KEY));
        let body = json!({
            "name": "Tenant", "slug": slug, "seats": 40,
            "admin": {"name": "Owner", "email": "owner@test.example", "password": PASSWORD},
        });
        let tenant = platform.post("/v1/platform/tenants", body).await.ok();
        let owner = log_in(base, &slug, "owner@test.example").await;
        let office = owner
            .post("/v1/offices", json!({"name": "Support"}))
            .await
            .ok();
        let queue = json!({"office_id": office["id"], "name": "General"});
        let queue = owner.post("/v1/queues", queue).await.ok();
        let widget = json!({"name": "Site", "office_ids": [office["id"]]});
        let widget = owner.post("/v1/widgets", widget).await.ok();
        Self {
            base: base.to_owned(),
            id: text(&tenant["id"]),
            slug,
            owner,
            office_id: text(&office["id"]),
            queue_id: text(&queue["id"]),
            widget_key: text(&widget["key"]),
            members: Vec::new(),
        }
    }

    /// A new agent of this role, logged in and in no office.
    pub(crate) async fn outsider_as(&self, name: &str, role: &str) -> Persona {
        self.create(name, role).await;
        self.log_in(name).await
    }

    async fn create(&self, name: &str, role: &str) -> String {
        let email = format!("{name}@test.example");
        let body = json!({"name": name, "email": email, "password": PASSWORD, "role": role});
        text(&self.owner.post("/v1/agents", body).await.ok()["id"])
    }

    /// A new office with a queue of these members; gives its id and that of the queue.
    pub(crate) async fn office(&self, name: &str, member_ids: &[&str]) -> (String, String) {
        let office = self.owner.post("/v1/offices", json!({"name": name})).await;
        let office = text(&office.ok()["id"]);
        let queue = json!({"office_id": office, "name": name, "member_ids": member_ids});
        let queue = self.owner.post("/v1/queues", queue).await.ok();
        (office, text(&queue["id"]))
    }

    /// A new agent of this role, logged in and a member of the queue.
    pub(crate) async fn agent_as(&mut self, name: &str, role: &str) -> Persona {
        let id = self.create(name, role).await;
        self.members.push(id);
        let path = format!("/v1/queues/{}/members", self.queue_id);
        self.owner
            .put(&path, json!({"member_ids": self.members}))
            .await
            .ok();
        self.log_in(name).await
    }

    /// A new agent, logged in and a member of the queue.
    pub(crate) async fn agent(&mut self, name: &str) -> Persona {
        self.agent_as(name, "agent").await
    }

    /// Another session of an agent.
    pub(crate) async fn log_in(&self, name: &str) -> Persona {
        log_in(&self.base, &self.slug, &format!("{name}@test.example")).await
    }

    /// A new agent with an open socket, online.
    pub(crate) async fn online_agent(&mut self, name: &str) -> (Persona, Socket) {
        let agent = self.agent(name).await;
        let mut socket = Socket::agent(&agent).await;
        socket
            .ok(json!({"type": "presence.set", "status": "online"}))
            .await;
        (agent, socket)
    }

    /// A new visitor of the widget.
    pub(crate) async fn visitor(&self) -> Visitor {
        self.visitor_with(json!({})).await
    }

    /// Whom an identity token makes of a visitor of the widget.
    pub(crate) async fn identified(&self, identity_token: &str) -> Visitor {
        self.visitor_with(json!({"identity_token": identity_token}))
            .await
    }

    async fn visitor_with(&self, body: Value) -> Visitor {
        let stranger = Persona::new(&self.base, None);
        let path = format!("/v1/widget/{}/visitors", self.widget_key);
        let visitor = stranger.post(&path, body).await.ok();
        let token = text(&visitor["token"]);
        Visitor {
            id: text(&visitor["visitor_id"]),
            persona: Persona::new(&self.base, Some(&token)),
        }
    }

    /// What the widget shows.
    pub(crate) async fn mode(&self) -> String {
        text(&self.poll().await.ok()["mode"])
    }

    /// What the widget's poll is answered.
    pub(crate) async fn poll(&self) -> Answer {
        self.poll_of(&self.widget_key).await
    }

    /// What the poll of another widget is answered.
    pub(crate) async fn poll_of(&self, widget_key: &str) -> Answer {
        let path = format!("/v1/widget/{widget_key}/availability");
        Persona::new(&self.base, None).get(&path).await
    }
}

async fn log_in(base: &str, slug: &str, email: &str) -> Persona {
    let body = json!({"tenant": slug, "email": email, "password": PASSWORD});
    let answer = Persona::new(base, None)
        .post("/v1/auth/login", body)
        .await
        .ok();
    Persona::new(base, answer["access_token"].as_str())
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}
