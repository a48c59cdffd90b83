//! Refresh tokens: opaque to their holder, kept as a hash.
//!
//! Owns their form, which names tenant and session so that nothing is searched across tenants. Must
//! not know whether a session still stands.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::domain::{SessionId, TenantId};
use crate::random::Random;

const PREFIX: &str = "dbr";

/// `dbr_<tenant>_<session>_<secret>`: both ids as 32 hexadecimal digits, the secret as 43
/// characters.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// Whose session it is.
    pub tenant_id: TenantId,
    /// The session that it prolongs.
    pub session_id: SessionId,
    secret: [u8; 32],
}

impl std::fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshToken")
            .field("tenant_id", &self.tenant_id)
            .field("session_id", &self.session_id)
            .finish_non_exhaustive()
    }
}

impl RefreshToken {
    /// Makes a new one.
    #[must_use]
    pub fn new(tenant_id: TenantId, session_id: SessionId, random: &Random) -> Self {
        let mut secret = [0; 32];
        secret.copy_from_slice(&random.secret(32));
        Self {
            tenant_id,
            session_id,
            secret,
        }
    }

    /// Reads what somebody presents; `None` when it has another form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // The secret may hold underscores of its own.
        let mut parts = text.splitn(4, '_');
        if parts.next()? != PREFIX {
            return None;
        }
        Some(Self {
            tenant_id: TenantId(simple(parts.next()?)?),
            session_id: SessionId(simple(parts.next()?)?),
            secret: URL_SAFE_NO_PAD
                .decode(parts.next()?)
                .ok()?
                .try_into()
                .ok()?,
        })
    }

    /// The text for its holder, who sees it once.
    #[must_use]
    pub fn reveal(&self) -> String {
        let secret = URL_SAFE_NO_PAD.encode(self.secret);
        format!(
            "{PREFIX}_{}_{}_{secret}",
            self.tenant_id.0.simple(),
            self.session_id.0.simple()
        )
    }

    /// What is stored. The secret has 256 bits, so a plain hash cannot be searched.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret).into()
    }

    /// Whether this is the token whose hash was stored, in the same time for every guess.
    #[must_use]
    pub fn matches(&self, stored: &[u8]) -> bool {
        self.hash().ct_eq(stored).into()
    }
}

/// Reads an id in the one form that we write.
fn simple(text: &str) -> Option<Uuid> {
    let plain = text.len() == 32 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    plain.then(|| Uuid::try_parse(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::RefreshToken;
    use crate::domain::{SessionId, TenantId};
    use crate::random::Random;

    fn token(seed: u64) -> RefreshToken {
        let (tenant, session) = (TenantId(Uuid::from_u128(1)), SessionId(Uuid::from_u128(2)));
        RefreshToken::new(tenant, session, &Random::seeded(seed))
    }

    #[test]
    fn a_token_is_read_as_it_was_written() {
        for seed in 0..50 {
            let token = token(seed);
            let text = token.reveal();

            assert_eq!(text.len(), 4 + 33 + 33 + 43);
            assert_eq!(RefreshToken::parse(&text), Some(token.clone()));
            assert!(token.matches(&token.hash()));
        }
        assert!(!token(1).matches(&token(2).hash()));
        assert!(!token(1).matches(&[]));
        let text = token(1).reveal();
        assert!(!format!("{:?}", token(1)).contains(&text[70..]));
    }

    #[test]
    fn another_form_is_refused() {
        let text = token(1).reveal();
        for end in 0..text.len() {
            assert_eq!(RefreshToken::parse(&text[..end]), None);
        }
        assert_eq!(RefreshToken::parse(&text.replace("dbr_", "dbk_")), None);
        assert_eq!(RefreshToken::parse(&format!("{text}=")), None);
        assert_eq!(RefreshToken::parse(&format!("{text}_x")), None);
        assert_eq!(RefreshToken::parse(""), None);
    }
}
