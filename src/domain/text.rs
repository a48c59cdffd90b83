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
    )+};
}
pub(super) use texts;

texts! {
    /// The name of an office, a queue, an agent and so on: 1 to 100 characters.
    Name(1..=100),
    /// A short remark, like the reason of a reject: 1 to 500 characters.
    Note(1..=500),
}
