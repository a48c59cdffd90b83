//! Passwords: their rules, and their hashes.
//!
//! Owns how a password is hashed and compared, off the runtime's threads and never more at once
//! than the machine has memory for. Must not keep one, and must not log one.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::Error as HashError;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
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

/// Hashes and compares passwords. Clones share the bound and the memory.
#[derive(Debug, Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    room: Arc<Semaphore>,
    memories: Memories,
    random: Random,
}

/// What hashes work in, kept from one to the next: as many as were worked on at once. Memory that each hash took and gave
/// back anew would stay with the allocator, once for each thread that ever hashed.
#[derive(Clone, Default)]
struct Memories(Arc<Mutex<Vec<Vec<Block>>>>);

impl std::fmt::Debug for Memories {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memories([redacted])")
    }
}

impl Memories {
    /// Lends one to a piece of work. One that panics takes it along.
    fn lend<T>(&self, work: impl FnOnce(&mut Vec<Block>) -> T) -> T {
        let idle = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = idle().pop().unwrap_or_default();
        let done = work(&mut memory);
        idle().push(memory);
        done
    }
}

impl Passwords {
    /// Works on so many passwords at once.
    #[must_use]
    pub fn new(at_once: usize, random: Random) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(at_once)),
            room: Arc::new(Semaphore::new(at_once.saturating_mul(1 + WAITING_FOR_EACH))),
            memories: Memories::default(),
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
        self.work(move |memory| {
            let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
            let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(Params::DEFAULT_OUTPUT_LEN))?;
            let hasher = Argon2::new(algorithm, version, params.clone());
            let salt = Salt::new(&salt)?;
            let hash = PasswordHash {
                algorithm: algorithm.ident(),
                version: Some(version.into()),
                params: ParamsString::try_from(&params)?,
                salt: Some(salt),
                hash: Some(output(&hasher, password.expose(), &salt, memory)?),
            };
            Ok(hash.to_string())
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
        self.work(move |memory| {
            let hash = PasswordHash::new(&hash).map_err(|_| HashError::EncodingInvalid)?;
            let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else {
                return Err(HashError::EncodingInvalid);
            };
            // The parameters are those of the hash, so older ones are still compared.
            let algorithm = Algorithm::try_from(hash.algorithm.as_str())?;
            let version = hash.version.map(Version::try_from).transpose()?;
            let params = Params::try_from(&hash)?;
            let hasher = Argon2::new(algorithm, version.unwrap_or_default(), params);
            // Two outputs are compared in constant time.
            let is_right = output(&hasher, &typed, salt, memory)? == *expected;
            Ok(known && is_right)
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let room = Arc::clone(&self.room)
            .try_acquire_owned()
            .map_err(|_| PasswordError::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await?;
        // The thread holds its turn to the end, also when the caller is gone: the memory is still
        // in use.
        let held: (OwnedSemaphorePermit, OwnedSemaphorePermit) = (room, turn);
        let memories = self.memories.clone();
        let done = tokio::task::spawn_blocking(move || {
            // Given back after the memory, so that there are never more memories than turns.
            let _held = held;
            memories.lend(work)
        });
        done.await
            .map_err(|_| PasswordError::CutOff)?
            .map_err(PasswordError::Hash)
    }
}

/// Hashes in a memory, which grows to what the dearest hash has needed.
fn output(
    hasher: &Argon2<'_>,
    password: &str,
    salt: &Salt,
    memory: &mut Vec<Block>,
) -> Result<Output, HashError> {
    let params = hasher.params();
    let needed = params.block_count();
    if memory.len() < needed {
        memory.resize(needed, Block::new());
    }
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..length).ok_or(HashError::OutputSize)?;
    hasher.hash_password_into_with_memory(password.as_bytes(), salt, output, memory)?;
    Ok(Output::new(output)?)
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
    async fn hashes_work_in_memories_that_are_kept_as_many_as_there_are_at_once() {
        let passwords = Passwords::new(2, Random::seeded(1));
        let password: Password = "correct horse".parse().unwrap();
        let idle = || passwords.memories.0.lock().unwrap().len();

        let hash = passwords.hash(&password).await.unwrap();
        assert_eq!(idle(), 1);
        passwords
            .verify("correct horse", Some(&hash))
            .await
            .unwrap();
        assert_eq!(idle(), 1);
        // What lies in a memory from before is of no account.
        let checks = (0..6).map(|number| {
            let typed = if number % 2 == 0 {
                "correct horse"
            } else {
                "wrong"
            };
            passwords.verify(typed, Some(&hash))
        });
        for (number, right) in futures_util::future::join_all(checks)
            .await
            .into_iter()
            .enumerate()
        {
            assert_eq!(right.unwrap(), number % 2 == 0);
        }
        assert!(idle() <= 2, "{} memories", idle());
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
