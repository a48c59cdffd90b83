//! Who a visitor is, as the tenant's own site has signed it.
//!
//! Owns the secrets that sites sign with, how an identity token is checked, and which visitor it is
//! for. Must not say anything of what a token claims before its signature is known to be good.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{Sealer, Unreadable};
use crate::domain::{
    IdentitySecretId, Invalid, Millis, NewText, Sealed, SealedSecret, Subject, TenantId, Timestamp,
    VisitorId, Vouched, is_blank,
};
use crate::faults::{Fault, FaultCode, Faults};
use crate::random::Random;

/// The field of a request that holds the token.
const FIELD: &str = "/identity_token";

/// Twice what the claims that are read can take, so that a site may sign others for its own use.
const BYTES_MAX: usize = 4096;

/// How far the clock of a site's server may be apart from ours. It is somebody else's, so more than between two nodes.
const LEEWAY: Millis = Millis::from_secs(60);

/// How far ahead a token may end. It stands in a page, so it is as good as what it says to whoever gets hold of the page; a
/// site makes one with each page that it shows, and no page is meant to be looked at for longer than a day.
const AHEAD_MAX: Millis = Millis::from_secs(24 * 3600);

/// What a tenant's site signs with: the text itself, as it was shown, is the key.
#[derive(Clone, PartialEq, Eq)]
pub struct IdentitySecret(String);

impl std::fmt::Debug for IdentitySecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentitySecret([redacted])")
    }
}

impl IdentitySecret {
    /// Makes a new one: 32 random bytes as base64url behind a word by which a leaked one is recognised.
    #[must_use]
    pub fn new(random: &Random) -> Self {
        Self(format!("dbi_{}", random.token(32)))
    }

    /// The text for the tenant, which sees it once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Seals it for its row.
    #[must_use]
    pub fn seal(
        &self,
        tenant_id: TenantId,
        id: IdentitySecretId,
        sealer: &Sealer,
        random: &Random,
    ) -> Sealed {
        sealer.seal(self.0.as_bytes(), &place(tenant_id, id), random)
    }

    /// Opens the one of a row.
    ///
    /// # Errors
    /// `Unreadable` when the server's key is gone, or the row was another's.
    pub fn open(
        tenant_id: TenantId,
        secret: &SealedSecret,
        sealer: &Sealer,
    ) -> Result<Self, Unreadable> {
        let text = sealer.open(&secret.sealed, &place(tenant_id, secret.id))?;
        String::from_utf8(text).map(Self).map_err(|_| Unreadable)
    }
}

/// What a sealed secret is bound to: a row that is copied to another tenant, or under another id, does not open.
fn place(tenant_id: TenantId, id: IdentitySecretId) -> Vec<u8> {
    [
        &b"identity_secret:"[..],
        tenant_id.0.as_bytes(),
        id.0.as_bytes(),
    ]
    .concat()
}

/// The visitor that somebody is, over all browsers and all widgets of the tenant. The id is of version 8, so it is none of
/// those that are made up for visitors nobody knows.
#[must_use]
pub fn visitor_of(tenant_id: TenantId, subject: &Subject) -> VisitorId {
    // Both before the subject have one length, so that no two inputs look alike.
    let hash = Sha256::new()
        .chain_update(b"deskbell:identified-visitor:1:")
        .chain_update(tenant_id.0.as_bytes())
        .chain_update(subject.as_str());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    VisitorId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Whether an identity token once said who the visitor is.
#[must_use]
pub fn is_identified(visitor_id: VisitorId) -> bool {
    visitor_id.0.get_version_num() == 8
}

/// What a good identity token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityClaims {
    /// Who it is.
    pub subject: Subject,
    /// What else the site says.
    pub vouched: Vouched,
}

/// An identity token of the right form. Nothing is known of who signed it yet.
#[derive(Clone, Copy)]
pub struct IdentityToken<'t>(&'t str);

impl<'t> IdentityToken<'t> {
    /// Looks at the form of a token: a JWT in its compact form, signed with HS256.
    ///
    /// # Errors
    /// The one thing that is wrong with it.
    pub fn read(text: &'t str) -> Result<Self, Faults> {
        if text.len() > BYTES_MAX {
            let invalid = Invalid::TooLong {
                max: BYTES_MAX,
                unit: "bytes",
            };
            return Err(Faults::invalid(FIELD, invalid));
        }
        let parts: Vec<_> = text.split('.').collect();
        let [header, _, _] = parts[..] else {
            return Err(bad_form("a JWT: three parts with dots between them"));
        };
        let header = URL_SAFE_NO_PAD.decode(header).ok();
        let header =
            header.and_then(|json| serde_json::from_slice::<Map<String, Value>>(&json).ok());
        let header = header.ok_or_else(|| bad_form("a JWT: its header is no JSON as base64url"))?;
        // The header is the sender's: it must not choose how it is checked.
        if header.get("alg").and_then(Value::as_str) != Some("HS256") {
            return Err(bad_form("signed with HS256: its header names another alg"));
        }
        // RFC 7515, 4.1.11: whoever does not know an extension that is named there must refuse.
        if header.contains_key("crit") {
            return Err(bad_form("a JWT without extensions: its header has crit"));
        }
        Ok(Self(text))
    }

    /// Checks the signature, then what is claimed.
    ///
    /// # Errors
    /// That none of the secrets has signed it, or else everything that is wrong with its claims.
    pub fn verify(
        &self,
        secrets: &[IdentitySecret],
        now: Timestamp,
    ) -> Result<IdentityClaims, Faults> {
        for secret in secrets {
            let key = DecodingKey::from_secret(secret.0.as_bytes());
            match jsonwebtoken::decode::<Map<String, Value>>(self.0, &key, &signature_alone()) {
                Ok(token) => return Claims(token.claims).check(now),
                Err(error) if matches!(error.kind(), ErrorKind::InvalidSignature) => {}
                Err(_) => {
                    return Err(bad_form(
                        "a JWT: base64url throughout, its claims a JSON object",
                    ));
                }
            }
        }
        let detail = "none of the tenant's identity secrets has signed it";
        Err(Faults::one(FIELD, FaultCode::Mismatch, detail))
    }
}

/// What the library checks: the algorithm and the signature. The claims are looked at here, all at once, and at the time
/// that the caller gives.
fn signature_alone() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

fn bad_form(expected: &'static str) -> Faults {
    Faults::invalid(FIELD, Invalid::BadFormat(expected))
}

/// The claims of a token that is signed. Others than those that are asked for are the site's own matter.
struct Claims(Map<String, Value>);

impl Claims {
    fn check(&self, now: Timestamp) -> Result<IdentityClaims, Faults> {
        let mut faults = Faults::default();
        let subject = self.text::<Subject>("sub", str::parse, &mut faults);
        if subject.is_none() && self.said("sub").is_none() {
            faults.push(fault("sub", FaultCode::Required, "is required"));
        }
        self.check_times(now, &mut faults);
        let vouched = Vouched {
            name: self.visible("name", &mut faults),
            email: self.visible("email", &mut faults),
        };
        match subject {
            Some(subject) => faults.or(IdentityClaims { subject, vouched }),
            None => Err(faults),
        }
    }

    /// A claim that says something.
    fn said(&self, claim: &str) -> Option<&Value> {
        self.0.get(claim).filter(|value| !value.is_null())
    }

    fn text<T>(
        &self,
        claim: &str,
        read: impl FnOnce(&str) -> Result<T, Invalid>,
        faults: &mut Faults,
    ) -> Option<T> {
        let Value::String(text) = self.said(claim)? else {
            faults.push(fault(claim, FaultCode::WrongType, "must be a text"));
            return None;
        };
        match read(text) {
            Ok(value) => Some(value),
            Err(invalid) => {
                faults.push(fault(claim, invalid.into(), &invalid.to_string()));
                None
            }
        }
    }

    /// What a form could say too. A site that knows no name may sign an empty one.
    fn visible<T: NewText>(&self, claim: &str, faults: &mut Faults) -> Option<T> {
        if matches!(self.said(claim), Some(Value::String(text)) if is_blank(text)) {
            return None;
        }
        self.text(claim, T::new_text, faults)
    }

    fn check_times(&self, now: Timestamp, faults: &mut Faults) {
        match self.time("exp", faults) {
            Ok(Some(exp)) if exp + LEEWAY <= now => {
                faults.push(fault("exp", FaultCode::Expired, "has passed"));
            }
            Ok(Some(exp)) if exp > now + AHEAD_MAX + LEEWAY => {
                let detail = "must be at most 24 hours ahead";
                faults.push(fault("exp", FaultCode::OutOfRange, detail));
            }
            Ok(None) => faults.push(fault("exp", FaultCode::Required, "is required")),
            Ok(Some(_)) | Err(NoTime) => {}
        }
        for claim in ["nbf", "iat"] {
            if let Ok(Some(at)) = self.time(claim, faults)
                && at > now + LEEWAY
            {
                faults.push(fault(claim, FaultCode::NotYetValid, "is ahead"));
            }
        }
    }

    /// A time in seconds, which may have a fraction (RFC 7519, section 2).
    fn time(&self, claim: &str, faults: &mut Faults) -> Result<Option<Timestamp>, NoTime> {
        let Some(value) = self.said(claim) else {
            return Ok(None);
        };
        let millis = match (value.as_i64(), value.as_f64()) {
            (Some(seconds), _) => seconds.saturating_mul(1000),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "stops at the ends of the range, which are no times anyway"
            )]
            (None, Some(seconds)) => (seconds * 1000.0) as i64,
            (None, None) => {
                let detail = "must be a number of seconds";
                faults.push(fault(claim, FaultCode::WrongType, detail));
                return Err(NoTime);
            }
        };
        Ok(Some(Timestamp(millis).min(Timestamp::MAX)))
    }
}

/// A claim that is there and is no time, which has been said.
struct NoTime;

fn fault(claim: &str, code: FaultCode, detail: &str) -> Fault {
    Fault {
        pointer: FIELD.to_owned(),
        code,
        detail: format!("the claim {claim}: {detail}"),
    }
}

#[cfg(test)]
mod tests;
