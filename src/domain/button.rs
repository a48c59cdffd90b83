//! Buttons of a message: answers that need no writing, and links.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::message::{MessageId, check_id};
use super::{Invalid, markup};

/// The id of a button within its message: 1 to 64 of `A-Z a-z 0-9 . _ : -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ButtonId(Arc<str>);

impl ButtonId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for ButtonId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        check_id(text)?;
        Ok(Self(text.into()))
    }
}

/// Where a button leads: an address that a link of a message may have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ButtonUrl(Arc<str>);

impl ButtonUrl {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for ButtonUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let unseen = |c: char| c.is_whitespace() || c.is_control();
        if markup::may_be_followed(text) && !text.contains(unseen) {
            Ok(Self(text.into()))
        } else {
            Err(Invalid::BadFormat(
                "an http, https, mailto or tel address of up to 2,048 bytes, without a user",
            ))
        }
    }
}

super::text::texts! {
    /// What stands on a button: 1 to 80 characters.
    ButtonText(1..=80),
}

/// A button.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// Chosen by the author, unique within the message.
    pub id: ButtonId,
    /// What stands on it.
    pub text: ButtonText,
    /// Where it leads; `None` for one that is pressed to answer.
    pub url: Option<ButtonUrl>,
}

/// The buttons of a message: up to ten, in their order, each with an id of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Buttons(Arc<[Button]>);

impl Buttons {
    /// The most buttons of a message: what fits on a telephone.
    pub const COUNT_MAX: usize = 10;

    /// Takes buttons whose ids differ.
    ///
    /// # Errors
    /// `TooLong`, or `Duplicate` for two of one id.
    pub fn new(buttons: Vec<Button>) -> Result<Self, Invalid> {
        if buttons.len() > Self::COUNT_MAX {
            return Err(Invalid::TooLong {
                max: Self::COUNT_MAX,
                unit: "buttons",
            });
        }
        let twice =
            |(at, button): (usize, &Button)| buttons[..at].iter().any(|b| b.id == button.id);
        if buttons.iter().enumerate().any(twice) {
            return Err(Invalid::Duplicate);
        }
        Ok(Self(buttons.into()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Button> {
        self.0.iter()
    }

    /// The one that is pressed under this id. A button that leads somewhere is followed, not pressed.
    #[must_use]
    pub fn pressable(&self, id: &ButtonId) -> Option<&Button> {
        self.iter()
            .find(|button| button.id == *id && button.url.is_none())
    }
}

/// Which button of which message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ButtonRef {
    /// The message.
    pub message_id: MessageId,
    /// The button.
    pub button_id: ButtonId,
}

/// Reads what was stored through the type's own check.
macro_rules! deserialize_from_text {
    ($($name:ident),+) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
deserialize_from_text!(ButtonId, ButtonUrl);

impl<'de> Deserialize<'de> for Buttons {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
