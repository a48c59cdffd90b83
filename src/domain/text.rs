//! Texts with bounds.

use super::Invalid;

/// Checks a text's length in characters and that it holds no control characters.
///
/// # Errors
/// `TooShort`, `TooLong` or `BadFormat`, in this order.
pub fn bounded(text: &str, min: usize, max: usize) -> Result<(), Invalid> {
    let length = text.chars().count();
    if length < min {
        return Err(Invalid::TooShort { min });
    }
    if length > max {
        return Err(Invalid::TooLong {
            max,
            unit: "characters",
        });
    }
    if text.chars().any(char::is_control) {
        return Err(Invalid::BadFormat("free of control characters"));
    }
    Ok(())
}

/// A text of which more is asked where somebody gives it than where it is read back: what was stored before a rule was
/// narrowed stays readable. Reading it back is `FromStr`.
pub trait NewText: std::str::FromStr<Err = Invalid> {
    /// Reads it as it comes in.
    ///
    /// # Errors
    /// What `FromStr` says, and what is asked of new texts besides.
    fn new_text(text: &str) -> Result<Self, Invalid>;
}

/// Whether nothing would be seen of a text: it has white space and invisible characters only.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// Reads a text of which something would be seen. Invisible characters beside others stay: joined emoji and several
/// scripts are written with them.
///
/// # Errors
/// What `FromStr` says, else `TooShort`.
pub(super) fn visible<T: std::str::FromStr<Err = Invalid>>(text: &str) -> Result<T, Invalid> {
    let read = text.parse()?;
    if is_blank(text) {
        Err(Invalid::TooShort { min: 1 })
    } else {
        Ok(read)
    }
}

/// Characters that leave no trace of their own: `Default_Ignorable_Code_Point` (`DerivedCoreProperties.txt` of Unicode
/// 16.0), to which all of `Bidi_Control` belongs, the other format characters (`Cf`) without a glyph, and the blank of
/// Braille.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The form in which two names are compared: in lower case, each run of white space as one space.
#[must_use]
pub fn folded(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for word in name.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(&word.to_lowercase());
    }
    folded
}

/// Defines a text newtype whose surrounding white space is removed before its length is checked. Shared by
/// reference: a name stands in many events.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident($min:literal..=$max:literal)),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::Invalid;

            fn from_str(text: &str) -> Result<Self, $crate::domain::Invalid> {
                let text = text.trim();
                $crate::domain::bounded(text, $min, $max)?;
                Ok(Self(text.into()))
            }
        }

        impl $crate::domain::NewText for $name {
            fn new_text(text: &str) -> Result<Self, $crate::domain::Invalid> {
                $crate::domain::text::visible(text)
            }
        }
    )+};
}
pub(super) use texts;

texts! {
    /// The name of an office, a queue, an agent and so on: 1 to 100 characters.
    Name(1..=100),
    /// A short remark, like the reason of a reject: 1 to 500 characters.
    Note(1..=500),
}
