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
    PresenceReason: "initial", "chosen", "override", "logged_out", "schedule", "drained", "leased",
        "inactivity", "resumed", "disconnected", "reconnected", "lease_expired", "paused", "missed_offers",
        "draining", "status_forbids_chats", "no_seat";
    /// What is done when a pause has lasted for as long as it may.
    Overrun: "end", "flag";
    /// Which chats of its inbox an agent looks at.
    Inbox: "mine", "waiting", "offline", "all";
    /// Where a chat goes that cannot wait any longer, if not to a queue.
    OverflowWord: "messenger";
    /// What happens to an agent that misses offers, if it is not put into a pause.
    MissedOfferWord: "nothing", "away";
    /// When an agent is reminded, if not after a while.
    ReminderWord: "every_message";
    /// What becomes of the chats of an agent that is gone, if they do not go back.
    AgentGoneWord: "keep";
    /// What a field of a form takes.
    FieldKind: "text", "email", "phone", "choice", "checkbox";
    /// How an agent comes by a seat.
    Seat: "shared", "assigned";
    /// What an office shows while everybody who is there has as many chats as it may have.
    WhenBusy: "queue", "messenger";
    /// Why an office shows what it shows.
    ShownReason: "agent_online", "out_of_hours", "nobody_online", "all_busy", "no_members";
    /// What made something change.
    CauseKind: "presence", "hours", "setup", "chat";
    /// Which fact a step towards a presence is about.
    LinkKind: "choice", "override", "comeback", "custom_status", "inactivity", "unheld", "pause", "drain",
        "seat";
    /// What a visitor sees of an office.
    Mode: "live", "messenger", "hidden";
    /// What an office shows while it is not live.
    WhenNotLive: "messenger", "hidden";
    /// A day of the week.
    Weekday: "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday";
    /// How a queue chooses among eligible agents.
    Strategy: "longest_idle", "round_robin", "least_busy", "priority_tiers", "broadcast", "manual";
    /// The state of a chat.
    ChatState: "waiting", "offered", "active", "wrap_up", "closed", "offline_message";
    /// Why a chat ended; `visitor_ended` before an accept means abandoned.
    CloseReason: "agent_closed", "visitor_ended", "visitor_idle", "banned";
    /// What a queue wants to hold.
    TargetKind: "waiting", "first_reply";
    /// The state of an offer; all but `ringing` are final.
    OfferState: "ringing", "accepted", "rejected", "missed", "withdrawn";
    /// How a file is shown.
    Show: "image", "inline", "download";
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
        let words = |all: &'static [domain::PresenceReason]| all.iter().map(|word| word.as_str());
        assert!(words(domain::PresenceReason::ALL).eq(PresenceReason::ALL.iter().copied()));
        let words = |all: &'static [domain::ShownReason]| all.iter().map(|word| word.as_str());
        assert!(words(domain::ShownReason::ALL).eq(ShownReason::ALL.iter().copied()));
        let words = |all: &'static [domain::WhenBusy]| all.iter().map(|word| word.as_str());
        assert!(words(domain::WhenBusy::ALL).eq(WhenBusy::ALL.iter().copied()));
        let words = |all: &'static [domain::Overrun]| all.iter().map(|word| word.as_str());
        assert!(words(domain::Overrun::ALL).eq(Overrun::ALL.iter().copied()));
        let words = |all: &'static [domain::Inbox]| all.iter().map(|word| word.as_str());
        assert!(words(domain::Inbox::ALL).eq(Inbox::ALL.iter().copied()));
        let words = |all: &'static [domain::Seat]| all.iter().map(|word| word.as_str());
        assert!(words(domain::Seat::ALL).eq(Seat::ALL.iter().copied()));
        let words = |all: &'static [domain::Show]| all.iter().map(|word| word.as_str());
        assert!(words(domain::Show::ALL).eq(Show::ALL.iter().copied()));
        assert!(
            Status::ALL
                .iter()
                .all(|word| word.parse::<domain::Status>().is_ok())
        );
        assert!(
            WhenNotLive::ALL
                .iter()
                .all(|word| word.parse::<domain::WhenNotLive>().is_ok())
        );
        let words = |all: &'static [domain::Strategy]| all.iter().map(|word| word.as_str());
        assert!(words(domain::Strategy::ALL).eq(Strategy::ALL.iter().copied()));
        let words = |all: &'static [domain::TargetKind]| all.iter().map(|word| word.as_str());
        assert!(words(domain::TargetKind::ALL).eq(TargetKind::ALL.iter().copied()));
        let words = |all: &'static [domain::CloseReason]| all.iter().map(|word| word.as_str());
        assert!(words(domain::CloseReason::ALL).eq(CloseReason::ALL.iter().copied()));
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
