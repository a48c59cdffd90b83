//! Addresses that open files, for those who are told of them.
//!
//! Owns how such an address looks and how long it lives. They are made when something is written for a client, never
//! stored: what is read later has fresh ones.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::auth::{FileLink, LinkSignature, Tokens};
use crate::clock::Clock;
use crate::domain::{FileId, Millis, TenantId, Timestamp};
use crate::protocol::FileLinks;

/// Addresses made within the same hour are the same, so that a browser finds in its cache what it has loaded.
const STEP_S: i64 = 3600;

/// Makes addresses for all tenants.
#[derive(Clone)]
pub struct Links {
    tokens: Arc<Tokens>,
    clock: Arc<dyn Clock>,
    life: Millis,
}

impl Links {
    /// Signs with these keys, for so long and up to an hour more.
    #[must_use]
    pub fn new(tokens: Arc<Tokens>, clock: Arc<dyn Clock>, life: Millis) -> Self {
        Self {
            tokens,
            clock,
            life,
        }
    }

    /// Those of one tenant's files.
    #[must_use]
    pub fn of(&self, tenant_id: TenantId) -> TenantLinks<'_> {
        TenantLinks {
            links: self,
            tenant_id,
        }
    }
}

/// Makes addresses for one tenant.
#[derive(Clone, Copy)]
pub struct TenantLinks<'a> {
    links: &'a Links,
    tenant_id: TenantId,
}

impl FileLinks for TenantLinks<'_> {
    fn link_to(&self, file_id: FileId) -> String {
        let Self { links, tenant_id } = self;
        let end = links.clock.now().0 / 1000 + links.life.as_secs();
        let rounded = (end.div_euclid(STEP_S) + 1) * STEP_S;
        let link = FileLink {
            tenant_id: *tenant_id,
            file_id,
            expires_at: Timestamp(0) + Millis::from_secs(rounded),
        };
        let LinkSignature { kid, signature } = links.tokens.sign_link(&link);
        let (expires, key) = (link.expires_s(), encoded(&kid));
        format!(
            "/v1/files/{file_id}/content?tenant_id={tenant_id}&expires={expires}&key={key}&signature={signature}"
        )
    }
}

/// A text as a value of a query: whoever configures a key may call it anything.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing into a text cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::auth::ServerKeys;
    use crate::clock::ManualClock;
    use crate::random::Random;

    #[test]
    fn an_address_stays_the_same_for_an_hour_at_most() {
        let clock = ManualClock::new(Timestamp(3_600_000));
        let tokens = Tokens::new(&ServerKeys::ephemeral(&Random::seeded(1)));
        let life = Millis::from_secs(60);
        let links = Links::new(Arc::new(tokens), Arc::new(clock.clone()), life);
        let link = || links.of(TenantId(Uuid::nil())).link_to(FileId(Uuid::nil()));

        let first = link();
        assert!(first.contains("&expires=7200&"), "{first}");
        clock.advance(Millis::from_secs(3600 - 61));
        assert_eq!(link(), first);
        clock.advance(Millis::from_secs(1));
        assert!(link().contains("&expires=10800&"));
    }

    #[test]
    fn a_keys_name_is_a_value_of_the_query() {
        assert_eq!(encoded("a-1.b_c~"), "a-1.b_c~");
        assert_eq!(encoded("a&b=%é"), "a%26b%3D%25%C3%A9");
    }
}
