//! Passwords: their rules, and their hashes.
//!
//! Owns how a password is hashed and compared, off the runtime's threads and never more at once
//! than the machine has memory for. Must not keep one, and must not log one.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error as HashError, PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use crate::domain::Invalid;
use crate::faults::read_from_text;
use crate::random::Random;

/// 19 MiB, two passes, one lane: the least that OWASP recommends for Argon2id. About 30 ms.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many callers wait for each one that is served: at 30 ms each, the last waits about 3 s.
const WAITING_FOR_EACH: usize = 100;

/// What is compared with when there is no such account, so that the answer takes the same time.
/// Nobody knows a password for it, and its outcome is ignored.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ibw\
                      $d2hhdGV2ZXIgaXQgaXMsIGl0IGlzIG5vIG9uZSdzISE";

/// A new password: 10 to 200 characters. Longer ones only cost, shorter ones are guessed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Box<str>);

impl Password {
    /// The text, for the one who needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password([redacted])")
    }
}

impl std::str::FromStr for Password {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.chars().count() {
            0..10 => Err(Invalid::TooShort { min: 10 }),
            10..=200 => Ok(Self(text.into())),
            _ => Err(Invalid::TooLong {
                max: 200,
                unit: "characters",
            }),
        }
    }
}

read_from_text! { Password }

/// Why a password was neither hashed nor compared.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// As many wait as may wait; the caller should come again.
    #[error("too many passwords are being checked")]
    Busy,
    /// The stored hash is none of ours.
    #[error("the stored hash cannot be read")]
    Hash(#[source] HashError),
    /// The thread that did the work is gone.
    #[error("hashing was cut off")]
    CutOff,
}

impl From<AcquireError> for PasswordError {
    fn from(_: AcquireError) -> Self {
        Self::CutOff
    }
}

/// Hashes and compares passwords. Clones share the bound.
#[derive(Debug, Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    room: Arc<Semaphore>,
    random: Random,
}

impl Passwords {
    /// Works on so many passwords at once.
    #[must_use]
    pub fn new(at_once: usize, random: Random) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(at_once)),
            room: Arc::new(Semaphore::new(at_once.saturating_mul(1 + WAITING_FOR_EACH))),
            random,
        }
    }

    /// Hashes a new password with a fresh salt, into a PHC string.
    ///
    /// # Errors
    /// `Busy`, or `CutOff` when the process ends.
    pub async fn hash(&self, password: &Password) -> Result<String, PasswordError> {
        let salt = self.random.secret(16);
        let password = password.clone();
        self.work(move || {
            let hash: Result<PasswordHash, _> =
                argon2id()?.hash_password_with_salt(password.expose().as_bytes(), &salt);
            Ok(hash?.to_string())
        })
        .await
    }

    /// Compares what somebody typed with the hash of the account that it named. Without an account
    /// the answer is no, after the same work.
    ///
    /// # Errors
    /// `Busy`; `Hash` when the hash cannot be read; `CutOff` when the process ends.
    pub async fn verify(&self, typed: &str, hash: Option<&str>) -> Result<bool, PasswordError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or(NOBODY).to_owned();
        let typed = typed.to_owned();
        self.work(move || {
            let hash = PasswordHash::new(&hash).map_err(|_| HashError::EncodingInvalid)?;
            // The parameters are those of the hash, so older ones are still compared.
            match argon2id()?.verify_password(typed.as_bytes(), &hash) {
                Ok(()) => Ok(known),
                Err(HashError::PasswordInvalid) => Ok(false),
                Err(error) => Err(error),
            }
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let room = Arc::clone(&self.room)
            .try_acquire_owned()
            .map_err(|_| PasswordError::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await?;
        // The thread holds its turn to the end, also when the caller is gone: the memory is still
        // in use.
        let held: (OwnedSemaphorePermit, OwnedSemaphorePermit) = (room, turn);
        let done = tokio::task::spawn_blocking(move || {
            let _held = held;
            work()
        });
        done.await
            .map_err(|_| PasswordError::CutOff)?
            .map_err(PasswordError::Hash)
    }
}

fn argon2id() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::phc::PasswordHash;

    use super::{NOBODY, Password, PasswordError, Passwords};
    use crate::domain::Invalid;
    use crate::random::Random;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_account_is_accepted() {
        let passwords = Passwords::new(2, Random::seeded(1));
        let password: Password = "correct horse".parse().unwrap();

        let hash = passwords.hash(&password).await.unwrap();

        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert_ne!(hash, passwords.hash(&password).await.unwrap());
        assert!(
            passwords
                .verify("correct horse", Some(&hash))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct horsf", Some(&hash))
                .await
                .unwrap()
        );
        assert!(!passwords.verify("correct horse", None).await.unwrap());
        let broken = passwords.verify("correct horse", Some("plain")).await;
        assert!(matches!(broken, Err(PasswordError::Hash(_))));
    }

    #[tokio::test]
    async fn who_finds_no_room_is_told_so() {
        let passwords = Passwords::new(1, Random::seeded(1));
        let all = passwords.room.available_permits().try_into().unwrap();
        let _held = passwords.room.acquire_many(all).await.unwrap();

        assert!(matches!(
            passwords.verify("x", None).await,
            Err(PasswordError::Busy)
        ));
    }

    #[test]
    fn nobodys_hash_costs_as_much_as_any_other() {
        let nobody = PasswordHash::new(NOBODY).unwrap();

        assert!(NOBODY.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(nobody.hash.unwrap().as_bytes().len(), 32);
        assert_eq!(nobody.salt.unwrap().len(), 16);
    }

    #[test]
    fn a_password_has_10_to_200_characters_and_is_not_shown() {
        let long = |count| "ä".repeat(count).parse::<Password>();

        assert_eq!(long(9), Err(Invalid::TooShort { min: 10 }));
        assert!(long(10).is_ok() && long(200).is_ok());
        assert!(matches!(long(201), Err(Invalid::TooLong { max: 200, .. })));
        assert_eq!(format!("{:?}", long(10).unwrap()), "Password([redacted])");
    }
}
