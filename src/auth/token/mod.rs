//! Signed tokens: the access token of an agent, the token of a visitor.
//!
//! Owns what they say and how they are checked: one algorithm, known keys, every claim required,
//! and the time as the caller gives it. Must not look up whether a session or an agent still is
//! what the token says.

mod link;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::auth::ServerKeys;
use crate::domain::{
    AgentId, Millis, Role, SessionId, TenantId, Timestamp, VisitorId, Vouched, WidgetId,
};

pub use link::{FileLink, LinkSignature};

const ISSUER: &str = "deskbell";
const FOR_AGENTS: &str = "agent";
const FOR_VISITORS: &str = "visitor";

/// How far the clocks of two nodes may be apart.
const LEEWAY: Millis = Millis::from_secs(2);

/// Ours have about 500 bytes, 1,500 with a long name and address; nothing longer is worth the work of decoding it.
const BYTES_MAX: usize = 2048;

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is none of ours, not for this use, or not valid yet.
    #[error("the token is not valid")]
    Invalid,
    /// It was valid; its holder can get a new one.
    #[error("the token has expired")]
    Expired,
}

/// What an agent's access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentClaims {
    /// The agent's tenant.
    pub tenant_id: TenantId,
    /// The agent.
    pub agent_id: AgentId,
    /// The log-in that the token comes from.
    pub session_id: SessionId,
    /// The agent's role when it was issued.
    pub role: Role,
    /// When it ends; kept in whole seconds.
    pub expires_at: Timestamp,
}

/// What a visitor's token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitorClaims {
    /// The widget's tenant.
    pub tenant_id: TenantId,
    /// The visitor.
    pub visitor_id: VisitorId,
    /// The widget that the visitor came through.
    pub widget_id: WidgetId,
    /// What the tenant's own site has signed of the visitor.
    pub vouched: Vouched,
    /// When it ends; kept in whole seconds.
    pub expires_at: Timestamp,
}

/// The claims of RFC 7519, and whose tenant it is.
#[derive(Serialize, Deserialize)]
struct Wire<T> {
    iss: String,
    aud: String,
    sub: uuid::Uuid,
    exp: i64,
    nbf: i64,
    iat: i64,
    tid: TenantId,
    // Flattened, since the claims of a token lie side by side by its standard.
    #[serde(flatten)]
    own: T,
}

#[derive(Serialize, Deserialize)]
struct AgentWire {
    sid: SessionId,
    role: String,
}

#[derive(Serialize, Deserialize)]
struct VisitorWire {
    wid: WidgetId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

/// Issues and checks tokens.
#[derive(Clone)]
pub struct Tokens {
    signing: (String, EncodingKey),
    verifying: Vec<(String, DecodingKey)>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens")
            .field("kid", &self.signing.0)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    /// Signs with the first key, accepts all of them.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "ServerKeys holds at least one key by construction"
    )]
    pub fn new(keys: &ServerKeys) -> Self {
        let first = keys.all().first().expect("there is a key");
        let verifying = keys
            .all()
            .iter()
            .map(|key| (key.kid.clone(), DecodingKey::from_secret(&key.secret)));
        Self {
            signing: (first.kid.clone(), EncodingKey::from_secret(&first.secret)),
            verifying: verifying.collect(),
        }
    }

    /// Issues an agent's access token.
    #[must_use]
    pub fn issue_agent(&self, claims: &AgentClaims, now: Timestamp) -> String {
        let own = AgentWire {
            sid: claims.session_id,
            role: claims.role.as_str().to_owned(),
        };
        let AgentClaims {
            tenant_id,
            agent_id,
            expires_at,
            ..
        } = *claims;
        self.sign(&wire(
            FOR_AGENTS, agent_id.0, tenant_id, now, expires_at, own,
        ))
    }

    /// Issues a visitor's token.
    #[must_use]
    pub fn issue_visitor(&self, claims: &VisitorClaims, now: Timestamp) -> String {
        let VisitorClaims {
            tenant_id,
            visitor_id,
            widget_id,
            ref vouched,
            expires_at,
        } = *claims;
        let (name, email) = (vouched.name.as_ref(), vouched.email.as_ref());
        let own = VisitorWire {
            wid: widget_id,
            name: name.map(|name| name.as_str().to_owned()),
            email: email.map(|email| email.as_str().to_owned()),
        };
        self.sign(&wire(
            FOR_VISITORS,
            visitor_id.0,
            tenant_id,
            now,
            expires_at,
            own,
        ))
    }

    /// Checks an agent's access token at a time.
    ///
    /// # Errors
    /// `Expired` when only its time has passed, else `Invalid`.
    pub fn verify_agent(&self, token: &str, now: Timestamp) -> Result<AgentClaims, TokenError> {
        let wire: Wire<AgentWire> = self.verify(token, FOR_AGENTS, now)?;
        Ok(AgentClaims {
            tenant_id: wire.tid,
            agent_id: AgentId(wire.sub),
            session_id: wire.own.sid,
            role: wire.own.role.parse().map_err(|_| TokenError::Invalid)?,
            expires_at: instant(wire.exp),
        })
    }

    /// Checks a visitor's token at a time.
    ///
    /// # Errors
    /// `Expired` when only its time has passed, else `Invalid`.
    pub fn verify_visitor(&self, token: &str, now: Timestamp) -> Result<VisitorClaims, TokenError> {
        let wire: Wire<VisitorWire> = self.verify(token, FOR_VISITORS, now)?;
        Ok(VisitorClaims {
            tenant_id: wire.tid,
            visitor_id: VisitorId(wire.sub),
            widget_id: wire.own.wid,
            vouched: Vouched {
                name: read(wire.own.name)?,
                email: read(wire.own.email)?,
            },
            expires_at: instant(wire.exp),
        })
    }

    /// Hashes what must be recognised when it comes again, such as a request with a password in it.
    /// The hash is keyed: who reads it in the database cannot try passwords against it. Another
    /// first key gives other hashes.
    #[must_use]
    #[expect(clippy::expect_used, reason = "HMAC takes every key and every message")]
    pub fn fingerprint(&self, digest: &[u8; 32]) -> [u8; 32] {
        // What is signed for a token is two texts with a dot, so it never begins like this.
        let message = [&b"fingerprint:"[..], digest].concat();
        let (_, key) = &self.signing;
        let mac = jsonwebtoken::crypto::sign(&message, key, Algorithm::HS256)
            .expect("signing bytes succeeds");
        Sha256::digest(mac).into()
    }

    #[expect(
        clippy::expect_used,
        reason = "HMAC takes every key, and the claims are plain values"
    )]
    fn sign<T: Serialize>(&self, wire: &Wire<T>) -> String {
        let (kid, key) = &self.signing;
        let header = Header {
            kid: Some(kid.clone()),
            ..Header::new(Algorithm::HS256)
        };
        jsonwebtoken::encode(&header, wire, key).expect("signing plain claims succeeds")
    }

    fn verify<T: DeserializeOwned>(
        &self,
        token: &str,
        audience: &str,
        now: Timestamp,
    ) -> Result<Wire<T>, TokenError> {
        if token.len() > BYTES_MAX {
            return Err(TokenError::Invalid);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        let kid = header.kid.ok_or(TokenError::Invalid)?;
        let (_, key) = self
            .verifying
            .iter()
            .find(|(known, _)| *known == kid)
            .ok_or(TokenError::Invalid)?;
        let wire = jsonwebtoken::decode::<Wire<T>>(token, key, &validation(audience))
            .map_err(|_| TokenError::Invalid)?
            .claims;
        if instant(wire.nbf) > now + LEEWAY {
            return Err(TokenError::Invalid);
        }
        if instant(wire.exp) + LEEWAY <= now {
            return Err(TokenError::Expired);
        }
        Ok(wire)
    }
}

/// What the library checks: the algorithm, the signature, and that the standard claims are there
/// and ours. Left to itself it takes a token without `aud` or `iss`. The times are ours to check:
/// it reads the machine's clock.
fn validation(audience: &str) -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
    validation.set_audience(&[audience]);
    validation.set_issuer(&[ISSUER]);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

fn wire<T>(
    audience: &str,
    sub: uuid::Uuid,
    tid: TenantId,
    now: Timestamp,
    expires_at: Timestamp,
    own: T,
) -> Wire<T> {
    let issued = now.0 / 1000;
    let (iss, aud) = (ISSUER.to_owned(), audience.to_owned());
    Wire {
        iss,
        aud,
        sub,
        exp: expires_at.0 / 1000,
        nbf: issued,
        iat: issued,
        tid,
        own,
    }
}

/// A text that was written from a value.
fn read<T: std::str::FromStr>(text: Option<String>) -> Result<Option<T>, TokenError> {
    let read = text.map(|text| text.parse());
    read.transpose().map_err(|_| TokenError::Invalid)
}

/// A time of a token, which has whole seconds.
fn instant(seconds: i64) -> Timestamp {
    Timestamp(seconds.saturating_mul(1000)).min(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
