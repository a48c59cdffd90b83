//! Skills: what a queue may ask of an agent, in levels.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Invalid, Name, SkillId, Timestamp};

/// How good an agent is at something: 1 to 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Level(u8);

impl Level {
    /// The highest.
    pub const MAX: Self = Self(10);

    /// The number.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<i64> for Level {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        match u8::try_from(number) {
            Ok(number) if (1..=Self::MAX.0).contains(&number) => Ok(Self(number)),
            _ => Err(Invalid::OutOfRange {
                min: 1,
                max: i64::from(Self::MAX.0),
            }),
        }
    }
}

/// Skills with a level each: an agent's own, or the least that a queue requires.
pub type Skills = BTreeMap<SkillId, Level>;

/// A skill that a tenant has named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skill {
    /// Its id.
    pub id: SkillId,
    /// What admins read.
    pub name: Name,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}
