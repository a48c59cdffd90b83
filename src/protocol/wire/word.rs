//! Words from closed lists, as they are written and as the document of the API names them.
//!
//! Owns the lists for readers. Must not be a second place that decides which word applies: that is `as_str` of the
//! types in `domain`, and a test holds the two together.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// Defines a text of a closed list.
macro_rules! words {
    ($($(#[doc = $doc:literal])+ $name:ident: $($word:literal),+;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(pub &'static str);

        impl $name {
            /// Every word of the list.
            pub const ALL: &'static [&'static str] = &[$($word),+];
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .enum_values(Some(Self::ALL.iter().copied()))
                    .description(Some(concat!($($doc),+).trim()))
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )+};
}

words! {
    /// The rights of an agent, least first.
    Role: "agent", "supervisor", "admin", "owner";
    /// What an agent is, or chose to be.
    Status: "online", "away", "offline", "invisible";
    /// Why a presence is what it is.
    PresenceReason: "initial", "chosen", "logged_out", "disconnected", "reconnected";
    /// What a visitor sees of an office.
    Mode: "live", "messenger", "hidden";
    /// What an office shows while it is not live.
    WhenNotLive: "messenger", "hidden";
    /// A day of the week.
    Weekday: "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday";
    /// How a queue chooses among eligible agents.
    Strategy: "longest_idle";
    /// The state of a chat.
    ChatState: "waiting", "offered", "active", "closed", "offline_message";
    /// Why a chat ended; `visitor_ended` before an accept means abandoned.
    CloseReason: "agent_closed", "visitor_ended";
    /// The state of an offer; all but `ringing` are final.
    OfferState: "ringing", "accepted", "rejected", "missed", "withdrawn";
    /// Who wrote a message.
    AuthorKind: "visitor", "agent", "system";
    /// Who did something.
    ActorKind: "agent", "visitor", "system";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain;

    #[test]
    fn every_word_of_the_domain_is_on_its_list() {
        for role in domain::Role::ALL {
            assert!(Role::ALL.contains(&role.as_str()));
        }
        assert!(
            Status::ALL
                .iter()
                .all(|word| word.parse::<domain::Status>().is_ok())
        );
        assert!(
            PresenceReason::ALL
                .iter()
                .all(|word| word.parse::<domain::PresenceReason>().is_ok())
        );
        assert!(
            WhenNotLive::ALL
                .iter()
                .all(|word| word.parse::<domain::WhenNotLive>().is_ok())
        );
        assert!(
            Strategy::ALL
                .iter()
                .all(|word| word.parse::<domain::Strategy>().is_ok())
        );
        assert!(
            CloseReason::ALL
                .iter()
                .all(|word| word.parse::<domain::CloseReason>().is_ok())
        );
        for day in domain::Weekday::ALL {
            assert!(Weekday::ALL.contains(&day.as_str()));
        }
        for mode in [
            domain::Mode::Live,
            domain::Mode::Messenger,
            domain::Mode::Hidden,
        ] {
            assert!(Mode::ALL.contains(&mode.as_str()));
        }
    }
}
