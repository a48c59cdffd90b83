//! The key of the platform operator.
//!
//! Owns where it comes from and how it is compared. Must not print it.

use std::path::Path;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{SecretFileError, read_or_create};
use crate::config::Secret;
use crate::random::Random;

/// The file in the data folder that holds the key when none is configured.
const FILE: &str = "platform_key";

/// The key of the platform operator, kept as a hash so that comparing it takes the same time for
/// every guess.
#[derive(Clone)]
pub struct PlatformKey([u8; 32]);

impl std::fmt::Debug for PlatformKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlatformKey([redacted])")
    }
}

impl PlatformKey {
    /// Takes the configured key, or the one in the data folder, which is made at the first start.
    ///
    /// # Errors
    /// When the file cannot be read or made, or holds less than 16 characters.
    pub fn load(
        configured: &Secret,
        data_dir: &Path,
        random: &Random,
    ) -> Result<Self, SecretFileError> {
        if !configured.is_empty() {
            return Ok(Self::new(configured.expose()));
        }
        let path = data_dir.join(FILE);
        let text = read_or_create(&path, random, |random| {
            format!("dbp_{}\n", random.token(32))
        })?;
        let key = text.trim();
        if key.chars().count() < 16 {
            let expected = "a key of 16 characters at least";
            return Err(SecretFileError::Unusable { path, expected });
        }
        Ok(Self::new(key))
    }

    /// Takes a key.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// Whether this is the key.
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        let presented: [u8; 32] = Sha256::digest(presented).into();
        self.0.ct_eq(&presented).into()
    }
}

#[cfg(test)]
mod tests {
    use super::{FILE, PlatformKey};
    use crate::config::Secret;
    use crate::random::Random;

    #[test]
    fn the_key_is_the_configured_one_or_made_at_the_first_start() {
        let folder = tempfile::tempdir().unwrap();
        let random = Random::system();
        let load = |key: &str| PlatformKey::load(&Secret::new(key), folder.path(), &random);

        assert!(
            load("0123456789abcdef")
                .unwrap()
                .matches("0123456789abcdef")
        );
        load("").unwrap();
        let made = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert!(load("").unwrap().matches(made.trim()));
        assert!(!load("").unwrap().matches(""));

        std::fs::write(folder.path().join(FILE), "\n").unwrap();
        assert!(load("").is_err());
    }
}
