//! What nobody can foresee: ids, secrets, passwords.
//!
//! Owns the only randomness of the crate, the operating system's, and a seeded source for tests.
//! Must not be used by `domain` or `engine`: new ids come in with a command. Passed on by cloning.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::rngs::{StdRng, SysRng};
use rand::{Rng as _, SeedableRng as _, TryRng as _};
use uuid::Uuid;

use crate::domain::{Millis, Timestamp};

/// How far the clock may go back before ids follow it. Within it they keep rising, which keeps
/// lists in the order in which things were made; a larger jump is a correction of the clock.
const BACKWARD_MAX: Millis = Millis::from_secs(60);

/// Characters that cannot be mistaken for one another when read aloud or written by hand.
const READABLE: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A handle to the source of randomness. Clones share it.
#[derive(Clone)]
pub struct Random {
    shared: Arc<Shared>,
}

struct Shared {
    seeded: Option<Mutex<StdRng>>,
    last_id: Mutex<u128>,
}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let source = if self.shared.seeded.is_some() {
            "seeded"
        } else {
            "system"
        };
        f.debug_tuple("Random").field(&source).finish()
    }
}

impl Random {
    /// The operating system's randomness.
    #[must_use]
    pub fn system() -> Self {
        Self::over(None)
    }

    /// A source that gives the same for the same seed, for tests: everything it makes can be
    /// foreseen.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::over(Some(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    fn over(seeded: Option<Mutex<StdRng>>) -> Self {
        Self {
            shared: Arc::new(Shared {
                seeded,
                last_id: Mutex::new(0),
            }),
        }
    }

    /// Makes an id that holds the time (UUID version 7). Ids of one source rise strictly, also
    /// within a millisecond and while the clock goes back by less than a minute.
    #[must_use]
    pub fn uuid_v7(&self, now: Timestamp) -> Uuid {
        let mut random = [0; 10];
        self.fill(&mut random);
        let millis = u64::try_from(now.0).unwrap_or_default();
        let fresh = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();

        let mut last = self
            .shared
            .last_id
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let back = (*last >> 80).saturating_sub(fresh.as_u128() >> 80);
        let id = if fresh.as_u128() > *last || back > u128::from(BACKWARD_MAX.0.unsigned_abs()) {
            fresh.as_u128()
        } else {
            // Rises by a step that cannot be guessed, within the 62 random bits after the variant.
            // An overflow would take billions of ids in one millisecond.
            let step = u128::from(u32::from_be_bytes([
                random[6], random[7], random[8], random[9],
            ]));
            let tail = (1 << 62) - 1;
            (*last & !tail) | ((*last & tail) + step + 1).min(tail)
        };
        *last = id;
        Uuid::from_u128(id)
    }

    /// Makes a secret of so many bytes.
    #[must_use]
    pub fn secret(&self, bytes: usize) -> Vec<u8> {
        let mut secret = vec![0; bytes];
        self.fill(&mut secret);
        secret
    }

    /// Makes a secret of so many bytes as text that fits into addresses and headers (base64url,
    /// unpadded).
    #[must_use]
    pub fn token(&self, bytes: usize) -> String {
        URL_SAFE_NO_PAD.encode(self.secret(bytes))
    }

    /// Makes so many lower-case hexadecimal digits.
    #[must_use]
    pub fn hex(&self, digits: usize) -> String {
        let nibble = |byte: u8| char::from_digit(u32::from(byte & 0xf), 16).unwrap_or('0');
        self.secret(digits).into_iter().map(nibble).collect()
    }

    /// Makes a password that a person can read to another: four groups of four, 80 bits.
    #[must_use]
    pub fn password(&self) -> String {
        let letters: Vec<u8> = self
            .secret(16)
            .into_iter()
            .map(|byte| READABLE[usize::from(byte & 31)])
            .collect();
        let groups: Vec<_> = letters.chunks(4).map(String::from_utf8_lossy).collect();
        groups.join("-")
    }

    /// Makes a number below `bound`, for jitter: slightly uneven, so not for anything secret. Zero
    /// for zero.
    #[must_use]
    pub fn below(&self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_be_bytes(bytes)
            .checked_rem(bound)
            .unwrap_or_default()
    }

    #[expect(
        clippy::expect_used,
        reason = "without randomness no credential is safe to make: better to stop"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        match &self.shared.seeded {
            Some(seeded) => {
                seeded
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .fill_bytes(bytes);
            }
            None => SysRng
                .try_fill_bytes(bytes)
                .expect("the operating system gives random bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Random;
    use crate::domain::Timestamp;

    #[test]
    fn ids_rise_within_a_millisecond_and_while_the_clock_stumbles() {
        let random = Random::system();
        let times = [1000, 1000, 1000, 999, 1001, 60_900, 1001]
            .into_iter()
            .cycle()
            .take(1000);

        let ids: Vec<_> = times
            .map(|at| random.uuid_v7(Timestamp(1_700_000_000_000 + at)))
            .collect();

        assert!(ids.is_sorted_by(|a, b| a < b));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
        assert!(
            ids.iter()
                .all(|id| id.get_variant() == uuid::Variant::RFC4122)
        );
    }

    #[test]
    fn an_id_follows_a_clock_that_was_corrected() {
        let random = Random::seeded(1);
        let wrong = random.uuid_v7(Timestamp(4_000_000_000_000));
        let right = random.uuid_v7(Timestamp(1_700_000_000_000));

        assert!(right < wrong);
        assert_eq!(right.as_u128() >> 80, 1_700_000_000_000);
    }

    #[test]
    fn the_same_seed_gives_the_same_and_the_system_never_does() {
        assert_eq!(Random::seeded(7).token(32), Random::seeded(7).token(32));
        assert_ne!(Random::seeded(7).token(32), Random::seeded(8).token(32));
        assert_ne!(Random::system().token(32), Random::system().token(32));
    }

    #[test]
    fn texts_have_their_form() {
        let random = Random::seeded(3);

        assert_eq!(random.token(32).len(), 43);
        assert_eq!(random.hex(16).len(), 16);
        assert_eq!(random.password().len(), 19);
        assert!(random.password().split('-').all(|group| group.len() == 4));
        assert_eq!(random.below(0), 0);
        assert!(random.below(10) < 10);
    }
}
