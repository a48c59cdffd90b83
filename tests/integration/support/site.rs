//! The tenant's own site, which knows its visitors and says so in identity tokens.

use deskbell::clock::{Clock, SystemClock};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use super::{Persona, Tenant};

/// A site with one of the tenant's identity secrets.
pub(crate) struct Site {
    pub(crate) secret_id: String,
    pub(crate) secret: String,
}

impl Site {
    /// A site that was just given a secret.
    pub(crate) async fn of(tenant: &Tenant) -> Self {
        Self::with(&tenant.owner).await
    }

    /// The same, given by this admin.
    pub(crate) async fn with(admin: &Persona) -> Self {
        let made = admin.post("/v1/identity-secrets", json!({})).await.ok();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Self {
            secret_id: text("id"),
            secret: text("secret"),
        }
    }

    /// Signs claims; one that does not say when it ends is good for ten minutes.
    pub(crate) fn signs(&self, mut claims: Value) -> String {
        if claims.get("exp").is_none() {
            claims["exp"] = json!(SystemClock::new().now().0 / 1000 + 600);
        }
        let key = EncodingKey::from_secret(self.secret.as_bytes());
        jsonwebtoken::encode(&Header::default(), &claims, &key).unwrap()
    }

    /// A token that says who somebody is and nothing else.
    pub(crate) fn knows(&self, subject: &str) -> String {
        self.signs(json!({"sub": subject}))
    }
}
