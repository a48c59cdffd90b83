//! What a visitor has written and not sent (CHAT-9).

use std::sync::Arc;

use super::Invalid;

/// Up to 2,000 characters, no control characters but tab and line breaks. It is shown and forgotten: no log holds it, so it does
/// not print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct UnsentText(Arc<str>);

impl UnsentText {
    /// The bound in characters: what somebody types by hand, at every pause of the hand.
    pub const CHARS_MAX: usize = 2000;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for UnsentText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl std::str::FromStr for UnsentText {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.chars().count() > Self::CHARS_MAX {
            return Err(Invalid::TooLong {
                max: Self::CHARS_MAX,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_refused_beyond_its_bound_and_never_prints_itself() {
        let longest = "ř".repeat(UnsentText::CHARS_MAX);

        let text: UnsentText = longest.parse().unwrap();
        let beyond = format!("{longest}r").parse::<UnsentText>();

        assert_eq!(text.as_str(), longest);
        assert_eq!(format!("{text:?}"), "[redacted]");
        assert!(matches!(beyond, Err(Invalid::TooLong { max: 2000, .. })));
        assert!("".parse::<UnsentText>().is_ok());
        assert!("a\u{7}".parse::<UnsentText>().is_err());
    }
}
