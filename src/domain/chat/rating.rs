//! What a visitor thinks of a chat (CHAT-12).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::text::visible;
use crate::domain::{Invalid, NewText};

/// 1, the worst, to 5, the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "u8")]
pub struct Score(u8);

impl Score {
    /// The worst.
    pub const MIN: Self = Self(1);
    /// The best.
    pub const MAX: Self = Self(5);

    /// The number.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }
}

impl From<Score> for u8 {
    fn from(score: Score) -> Self {
        score.0
    }
}

impl TryFrom<i64> for Score {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        match u8::try_from(number) {
            Ok(number) if (Self::MIN.0..=Self::MAX.0).contains(&number) => Ok(Self(number)),
            _ => Err(Invalid::OutOfRange {
                min: i64::from(Self::MIN.0),
                max: i64::from(Self::MAX.0),
            }),
        }
    }
}

/// What the visitor says about its score: 1 to 2,000 characters, no control characters but tab and line breaks. White
/// space around it is removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RatingComment(Arc<str>);

impl RatingComment {
    /// The bound in characters.
    pub const CHARACTERS_MAX: usize = 2000;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for RatingComment {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::TooShort { min: 1 });
        }
        if text.chars().count() > Self::CHARACTERS_MAX {
            return Err(Invalid::TooLong {
                max: Self::CHARACTERS_MAX,
                unit: "characters",
            });
        }
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            return Err(Invalid::BadFormat(
                "free of control characters but tab and line breaks",
            ));
        }
        Ok(Self(text.into()))
    }
}

impl NewText for RatingComment {
    fn new_text(text: &str) -> Result<Self, Invalid> {
        visible(text)
    }
}

/// A visitor's rating of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rating {
    /// How good it was.
    pub score: Score,
    /// Why.
    pub comment: Option<RatingComment>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_one_of_five() {
        let taken = [-1, 0, 1, 3, 5, 6, 257].map(|number| Score::try_from(number).is_ok());

        assert_eq!(taken, [false, false, true, true, true, false, false]);
    }

    #[test]
    fn a_comment_says_something_and_ends() {
        let long = "x".repeat(RatingComment::CHARACTERS_MAX);

        assert_eq!(
            " Good\nwork ".parse::<RatingComment>().unwrap().as_str(),
            "Good\nwork"
        );
        assert!(long.parse::<RatingComment>().is_ok());
        for bad in ["  ", &format!("{long}x"), "a\u{7}b"] {
            assert!(bad.parse::<RatingComment>().is_err(), "{bad}");
        }
    }
}
