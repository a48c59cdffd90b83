//! A tenant to work with, made through the public API only.

use std::net::SocketAddr;

use anyhow::Result;
use serde_json::{Value, json};

use crate::http::{Api, text};
use crate::server::PLATFORM_KEY;

/// Nobody else's: the server is gone after the run.
pub(crate) const PASSWORD: &str = "a long enough password";

/// The tenant's own name.
const SLUG: &str = "bench";

/// A tenant with one office, one queue, one widget and some agents.
#[derive(Debug)]
pub(crate) struct Tenant {
    address: SocketAddr,
    /// The widget's public key.
    pub(crate) widget_key: String,
    /// The agents' access tokens.
    pub(crate) agents: Vec<String>,
}

impl Tenant {
    /// Makes one with `agents` agents who may have `capacity` chats each.
    pub(crate) async fn create(address: SocketAddr, agents: usize, capacity: u32) -> Result<Self> {
        let mut api = Api::connect(address).await?;
        let tenant = json!({
            "name": "Bench", "slug": SLUG, "seats": agents + 10,
            "admin": {"name": "Ada", "email": "admin@example.com", "password": PASSWORD},
        });
        api.post("/v1/platform/tenants", PLATFORM_KEY, &tenant)
            .await?;
        let admin = log_in(&mut api, "admin@example.com").await?;
        let office = api
            .post("/v1/offices", &admin, &json!({"name": "Support"}))
            .await?;
        let office_id = text(&office, "id")?;
        let mut ids = Vec::new();
        let mut tokens = Vec::new();
        for index in 0..agents {
            let email = format!("agent{index}@example.com");
            let agent = json!({
                "name": format!("Agent {index}"), "email": email, "password": PASSWORD,
                "capacity": capacity,
            });
            ids.push(text(&api.post("/v1/agents", &admin, &agent).await?, "id")?);
            tokens.push(log_in(&mut api, &email).await?);
        }
        let queue = json!({
            "office_id": office_id, "name": "Questions", "member_ids": ids,
            "ring_timeout_s": Value::Null,
        });
        api.post("/v1/queues", &admin, &queue).await?;
        let widget = json!({
            "name": "Shop", "office_ids": [office_id], "allowed_domains": ["*"],
        });
        let widget = api.post("/v1/widgets", &admin, &widget).await?;
        Ok(Self {
            address,
            widget_key: text(&widget, "key")?,
            agents: tokens,
        })
    }

    /// Makes visitors and returns their tokens.
    pub(crate) async fn visitors(&self, count: usize) -> Result<Vec<String>> {
        let mut api = Api::connect(self.address).await?;
        let path = format!("/v1/widget/{}/visitors", self.widget_key);
        let mut tokens = Vec::with_capacity(count);
        for _ in 0..count {
            tokens.push(text(&api.post(&path, "", &json!({})).await?, "token")?);
        }
        Ok(tokens)
    }
}

async fn log_in(api: &mut Api, email: &str) -> Result<String> {
    let body = json!({"tenant": SLUG, "email": email, "password": PASSWORD});
    text(
        &api.post("/v1/auth/login", "", &body).await?,
        "access_token",
    )
}
