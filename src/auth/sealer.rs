//! Secrets that must be read again, as they are stored: sealed (AES-256-GCM) under the server's keys.
//!
//! Owns the form of what is stored: a nonce, the ciphertext and its tag, bound to the place where it
//! lies, so that it opens nowhere else. Must not know what is sealed.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::ServerKeys;
use crate::domain::Sealed;
use crate::random::Random;

/// What was sealed does not open: its key is gone from the file, it was changed, or it lies in another place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was sealed with another key, or for another place")]
pub struct Unreadable;

/// Seals with the first key, opens with all of them.
pub struct Sealer {
    keys: Vec<(String, LessSafeKey)>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kids: Vec<&str> = self.keys.iter().map(|(kid, _)| &**kid).collect();
        f.debug_struct("Sealer")
            .field("kids", &kids)
            .finish_non_exhaustive()
    }
}

impl Sealer {
    /// Takes the keys of a file.
    #[must_use]
    #[expect(clippy::expect_used, reason = "every key has the 32 bytes of AES-256")]
    pub fn new(keys: &ServerKeys) -> Self {
        let each = keys.all().iter().map(|key| {
            let unbound = UnboundKey::new(&AES_256_GCM, &key.secret);
            let unbound = unbound.expect("32 bytes make a key");
            (key.kid.clone(), LessSafeKey::new(unbound))
        });
        Self {
            keys: each.collect(),
        }
    }

    /// Seals a secret for a place. The nonce is random: 96 bits stay unique for billions of secrets under one key.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "there is a key, and only a text of gigabytes cannot be sealed"
    )]
    pub fn seal(&self, secret: &[u8], place: &[u8], random: &Random) -> Sealed {
        let (kid, key) = self.keys.first().expect("there is a key");
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&random.secret(NONCE_LEN));
        let mut text = secret.to_vec();
        let once = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(once, Aad::from(place), &mut text)
            .expect("a short text is sealed");
        Sealed {
            kid: kid.clone(),
            bytes: [&nonce[..], &text].concat(),
        }
    }

    /// Opens what was sealed for the place.
    ///
    /// # Errors
    /// `Unreadable` when it was not, or its key is not there any more.
    pub fn open(&self, sealed: &Sealed, place: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let known = self.keys.iter().find(|(kid, _)| *kid == sealed.kid);
        let (_, key) = known.ok_or(Unreadable)?;
        let (nonce, text) = sealed.bytes.split_first_chunk().ok_or(Unreadable)?;
        let once = Nonce::assume_unique_for_key(*nonce);
        let mut text = text.to_vec();
        let secret = key
            .open_in_place(once, Aad::from(place), &mut text)
            .map_err(|_| Unreadable)?;
        Ok(secret.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SECRET: &[u8] = b"the secret";

    fn sealer(seed: u64) -> Sealer {
        Sealer::new(&ServerKeys::ephemeral(&Random::seeded(seed)))
    }

    #[test]
    fn what_was_sealed_opens_in_its_place_only() {
        let own = sealer(1);
        let random = Random::system();
        let sealed = own.seal(SECRET, b"here", &random);

        assert_eq!(own.open(&sealed, b"here").unwrap(), SECRET);
        assert_eq!(own.open(&sealed, b"there"), Err(Unreadable));
        assert_eq!(sealed.bytes.len(), 12 + SECRET.len() + 16);
        assert!(!sealed.bytes.windows(6).any(|part| part == b"secret"));
        assert_ne!(own.seal(SECRET, b"here", &random), sealed);
    }

    #[test]
    fn what_was_changed_or_cut_does_not_open() {
        let own = sealer(1);
        let sealed = own.seal(SECRET, b"here", &Random::system());

        for at in 0..sealed.bytes.len() {
            let mut bent = sealed.clone();
            bent.bytes[at] ^= 1;
            assert_eq!(own.open(&bent, b"here"), Err(Unreadable), "{at}");
            let mut cut = sealed.clone();
            cut.bytes.truncate(at);
            assert_eq!(own.open(&cut, b"here"), Err(Unreadable), "{at}");
        }
    }

    #[test]
    fn a_replaced_key_still_opens_until_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let load = |kids: &[(&str, u64)]| {
            let key = |(kid, seed)| json!({"kid": kid, "secret": Random::seeded(seed).token(32)});
            let keys: Vec<_> = kids.iter().copied().map(key).collect();
            std::fs::write(&path, json!({"keys": keys}).to_string()).unwrap();
            Sealer::new(&ServerKeys::load(&path, &Random::system()).unwrap())
        };
        let (old, new) = (("old", 3), ("new", 4));
        let sealed = load(&[old]).seal(SECRET, b"here", &Random::system());

        let both = load(&[new, old]);
        assert_eq!(both.open(&sealed, b"here").unwrap(), SECRET);
        let renewed = both.seal(SECRET, b"here", &Random::system());
        assert_eq!(renewed.kid, "new");
        let only_new = load(&[new]);
        assert_eq!(only_new.open(&renewed, b"here").unwrap(), SECRET);
        assert_eq!(only_new.open(&sealed, b"here"), Err(Unreadable));
        // Another key of the same name.
        let stranger = load(&[("old", 5)]);
        assert_eq!(stranger.open(&sealed, b"here"), Err(Unreadable));
    }

    #[test]
    fn no_key_is_printed() {
        let keys = ServerKeys::ephemeral(&Random::seeded(1));
        let printed = format!("{:?}", Sealer::new(&keys));

        assert!(printed.contains(&keys.all()[0].kid));
        assert!(!printed.contains("LessSafeKey"), "{printed}");
    }
}
