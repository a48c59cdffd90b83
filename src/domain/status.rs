//! Custom statuses and pauses: what admins add to the four statuses.

use super::presence::{Overrun, Status};
use super::{Invalid, Millis, Name, PauseId, StatusId, Timestamp};

/// A colour as pages write it: `#` and six hexadecimal digits, kept in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Color(u32);

impl Default for Color {
    /// A grey that is seen on white and on black.
    fn default() -> Self {
        Self(0x75_75_75)
    }
}

impl std::fmt::Display for Color {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:06x}", self.0)
    }
}

impl std::str::FromStr for Color {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = text
            .strip_prefix('#')
            .filter(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()));
        digits
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .map(Self)
            .ok_or(Invalid::BadFormat("a colour such as #2e7d32"))
    }
}

/// A status that a tenant has added to the four (PRES-13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomStatus {
    /// Its id.
    pub id: StatusId,
    /// What agents read.
    pub name: Name,
    /// Which of the four it is built on.
    pub base: Status,
    /// Whether its agent has a part in chats; else it is effectively offline.
    pub handles_chats: bool,
    /// Whether the time in it is paid.
    pub paid: bool,
    /// The colour of its mark on pages.
    pub color: Color,
    /// Its place in lists; the lower comes first, the older one among equals.
    pub sort_order: i32,
    /// How long an agent may be in it on one day of the tenant's calendar; longer is marked. `None` is no bound.
    pub longest_a_day: Option<Millis>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// A kind of pause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Its id.
    pub id: PauseId,
    /// What agents read.
    pub name: Name,
    /// Whether it is paid.
    pub paid: bool,
    /// How long it may last; `None` is no bound.
    pub longest: Option<Millis>,
    /// What happens then.
    pub on_overrun: Overrun,
    /// Its place in lists; the lower comes first, the older one among equals.
    pub sort_order: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}
