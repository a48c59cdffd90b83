//! The server's own secret keys: those that sign tokens, those that seal what is stored.
//!
//! Owns the form of their files: made at the first start, at most two keys, the first is for what is
//! new and all are for what there is, so that a key is replaced by putting a new one in front of it.
//! Must not know what is signed or sealed.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deserr::Deserr;

use super::{SecretFileError, read_or_create};
use crate::domain::{Invalid, bounded};
use crate::faults::{FaultCode, Faults, read, read_from_text};
use crate::random::Random;

/// A new one and the one that it replaces.
const KEYS_MAX: usize = 2;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum ServerKeysError {
    /// The file cannot be read or made.
    #[error(transparent)]
    File(#[from] SecretFileError),
    /// The file is no JSON.
    #[error("the keys in {path} are not JSON", path = path.display())]
    Json {
        /// The file.
        path: PathBuf,
    },
    /// The file has other things in it.
    #[error("the keys in {path} are wrong: {0}", list(faults), path = path.display())]
    Faults {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong.
        faults: Faults,
    },
}

fn list(faults: &Faults) -> String {
    let each = faults
        .0
        .iter()
        .map(|fault| format!("{} {}", fault.pointer, fault.detail));
    each.collect::<Vec<_>>().join("; ")
}

/// The keys of one file: one or two, the first is for what is new.
#[derive(Clone)]
pub struct ServerKeys(Vec<ServerKey>);

/// One key.
#[derive(Clone)]
pub struct ServerKey {
    /// Its name in what it has signed or sealed.
    pub kid: String,
    /// The secret itself.
    pub secret: [u8; 32],
}

impl std::fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ServerKey")
            .field(&self.kid)
            .field(&"[redacted]")
            .finish()
    }
}

impl std::fmt::Debug for ServerKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ServerKeys").field(&self.0).finish()
    }
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct File {
    keys: Vec<Entry>,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct Entry {
    kid: Kid,
    secret: Bytes,
}

struct Kid(String);
struct Bytes([u8; 32]);

impl std::str::FromStr for Kid {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        bounded(text, 1, 64)?;
        Ok(Self(text.to_owned()))
    }
}

impl std::str::FromStr for Bytes {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(Self)
            .ok_or(Invalid::BadFormat("32 bytes as unpadded base64url"))
    }
}

read_from_text! { Kid, Bytes }

impl ServerKeys {
    /// Reads the keys, or makes the file with one new key.
    ///
    /// # Errors
    /// When the file cannot be read or made, or is not in order.
    pub fn load(path: &Path, random: &Random) -> Result<Self, ServerKeysError> {
        let text = read_or_create(path, random, fresh)?;
        let path = path.to_owned();
        let Ok(value) = serde_json::from_str(&text) else {
            return Err(ServerKeysError::Json { path });
        };
        Self::from_json(value).map_err(|faults| ServerKeysError::Faults { path, faults })
    }

    /// Makes one key that is kept nowhere, for tests.
    #[must_use]
    pub fn ephemeral(random: &Random) -> Self {
        let mut secret = [0; 32];
        secret.copy_from_slice(&random.secret(32));
        Self(vec![ServerKey {
            kid: random.hex(8),
            secret,
        }])
    }

    /// All keys; the first is for what is new. There is at least one.
    #[must_use]
    pub fn all(&self) -> &[ServerKey] {
        &self.0
    }

    fn from_json(value: serde_json::Value) -> Result<Self, Faults> {
        let File { keys } = read(value)?;
        let mut faults = Faults::default();
        if !(1..=KEYS_MAX).contains(&keys.len()) {
            let detail = "there must be one key or two";
            faults.extend(Faults::one("/keys", FaultCode::OutOfRange, detail));
        }
        if let [first, second, ..] = &keys[..]
            && first.kid.0 == second.kid.0
        {
            faults.extend(Faults::invalid("/keys/1/kid", Invalid::Duplicate));
        }
        let key = |Entry { kid, secret }| ServerKey {
            kid: kid.0,
            secret: secret.0,
        };
        faults.or(Self(keys.into_iter().map(key).collect()))
    }
}

fn fresh(random: &Random) -> String {
    let key = serde_json::json!({"kid": random.hex(8), "secret": random.token(32)});
    format!("{:#}\n", serde_json::json!({"keys": [key]}))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ServerKeys, ServerKeysError};
    use crate::random::Random;

    #[test]
    fn keys_are_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");

        let made = ServerKeys::load(&path, &Random::system()).unwrap();
        let read = ServerKeys::load(&path, &Random::system()).unwrap();

        assert_eq!(made.all().len(), 1);
        assert_eq!(made.all()[0].secret, read.all()[0].secret);
        assert!(!format!("{made:?}").contains("secret"));

        std::fs::write(&path, "{").unwrap();
        let broken = ServerKeys::load(&path, &Random::system());
        assert!(matches!(broken, Err(ServerKeysError::Json { .. })));
    }

    #[test]
    fn a_file_that_is_not_in_order_is_refused_with_its_faults() {
        let key = |kid: &str| json!({"kid": kid, "secret": Random::seeded(1).token(32)});
        let faults = |value| {
            let faults = ServerKeys::from_json(value).unwrap_err();
            faults
                .0
                .into_iter()
                .map(|fault| fault.pointer)
                .collect::<Vec<_>>()
        };

        assert!(ServerKeys::from_json(json!({"keys": [key("b"), key("a")]})).is_ok());
        assert_eq!(faults(json!({"keys": []})), ["/keys"]);
        assert_eq!(
            faults(json!({"keys": [key("a"), key("a")]})),
            ["/keys/1/kid"]
        );
        assert_eq!(
            faults(json!({"keys": [key("a"), key("b"), key("c")]})),
            ["/keys"]
        );
        assert_eq!(
            faults(json!({"keys": [{"kid": "", "secret": "AAAA"}]})),
            ["/keys/0/kid", "/keys/0/secret"]
        );
    }
}
