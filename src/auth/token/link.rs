//! Addresses that open one file without a token, for a time: an image of a page sends no headers.
//!
//! Owns what is signed. Must not know how an address looks.

use jsonwebtoken::Algorithm;

use super::{TokenError, Tokens, instant};
use crate::domain::{FileId, TenantId, Timestamp};

/// What such an address opens, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLink {
    /// Whose file it is.
    pub tenant_id: TenantId,
    /// The file.
    pub file_id: FileId,
    /// When it ends; signed in whole seconds.
    pub expires_at: Timestamp,
}

impl FileLink {
    /// When it ends, as the signature has it.
    #[must_use]
    pub fn expires_s(&self) -> i64 {
        self.expires_at.0 / 1000
    }

    /// What is signed for a token is two texts with a dot, so it never begins like this. All parts have one length.
    fn message(&self) -> Vec<u8> {
        let (tenant, file) = (self.tenant_id.0, self.file_id.0);
        let expires = self.expires_s().to_be_bytes();
        [b"file:", &tenant.as_bytes()[..], file.as_bytes(), &expires].concat()
    }
}

/// A signature, and the name of the key that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkSignature {
    /// The key's name.
    pub kid: String,
    /// The signature as base64url.
    pub signature: String,
}

impl Tokens {
    /// Signs what an address opens.
    #[must_use]
    #[expect(clippy::expect_used, reason = "HMAC takes every key and every message")]
    pub fn sign_link(&self, link: &FileLink) -> LinkSignature {
        let (kid, key) = &self.signing;
        let signature = jsonwebtoken::crypto::sign(&link.message(), key, Algorithm::HS256)
            .expect("signing bytes succeeds");
        LinkSignature {
            kid: kid.clone(),
            signature,
        }
    }

    /// Checks what an address opens, at a time.
    ///
    /// # Errors
    /// `Expired` when only its time has passed, else `Invalid`.
    pub fn verify_link(
        &self,
        link: &FileLink,
        signed: &LinkSignature,
        now: Timestamp,
    ) -> Result<(), TokenError> {
        let key = self.verifying.iter().find(|(kid, _)| *kid == signed.kid);
        let (_, key) = key.ok_or(TokenError::Invalid)?;
        let holds =
            jsonwebtoken::crypto::verify(&signed.signature, &link.message(), key, Algorithm::HS256);
        if !holds.unwrap_or(false) {
            return Err(TokenError::Invalid);
        }
        if instant(link.expires_s()) <= now {
            return Err(TokenError::Expired);
        }
        Ok(())
    }
}
