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
    /// Why a chat became a message in the inbox.
    DeferReason: "overflow", "asked_by_email";
    /// Why an agent's part in a chat ended.
    LeaveReason: "closed", "left", "transferred", "taken_over", "agent_gone", "no_first_reply", "removed";
    /// How a chat came to somebody else: it was taken, or it waits to be.
    TransferReason: "accepted", "released";
    /// Why nobody came of those who were asked for.
    HandOverEnd: "cancelled", "refused", "unavailable";
    /// Why an offer was taken back.
    WithdrawReason: "chat_closed", "accepted_elsewhere", "agent_unavailable", "removed_from_queue",
        "logged_out_of_queue", "moved", "cancelled";
    /// What a queue wants to hold.
    TargetKind: "waiting", "first_reply";
    /// The state of an offer; all but `ringing` are final.
    OfferState: "ringing", "accepted", "rejected", "missed", "withdrawn";
    /// How a file is shown.
    Show: "image", "inline", "download";
    /// What an agent is in a chat: it answers, or it reads along and advises.
    ParticipantRole: "agent", "assistant", "listener";
    /// What a chat looks for an agent for.
    Purpose: "answer", "transfer", "invite", "assist";
    /// When the part of an agent that gives a chat away ends.
    Release: "on_accept", "at_once";
    /// What becomes of a hand-over that nobody could be offered now.
    IfUnavailable: "fail", "queue";
    /// Who wrote a message.
    AuthorKind: "visitor", "agent", "system";
    /// Who did something.
    ActorKind: "agent", "visitor", "system";
    /// What chose a chat's queue.
    EnteredBy: "widget", "office", "queue", "rule", "overflow";
    /// Why a chat is kept for some agents.
    KeptFor: "assignment", "widget", "last_agent", "transfer";
    /// What puts one agent before another.
    TieBreak: "missing_levels", "busy", "idle_since", "load", "id", "turn", "late";
    /// A rule that keeps a chat from an agent, in the order in which they are asked.
    RoutingRuleWord: "not_waiting", "for_another_agent", "has_it", "not_a_member", "logged_out", "not_online",
        "unreachable", "in_wrap_up", "at_capacity", "at_ceiling", "lacks_skill", "ramping", "end_of_hours",
        "kept_for_others", "not_yet_late", "refused";
    /// Something that would have to be otherwise for an agent to be offered a chat.
    ChangeKind: "add_member", "log_in_to_queue", "go_online", "go_online_in_office", "be_active", "connect",
        "end_pause", "assign_seat", "end_wrap_up", "raise_capacity", "raise_capacity_max", "end_chats", "add_skill",
        "raise_skill", "wait_until", "extend_hours", "accept_offer", "others_go_offline", "pick";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{domain, engine};

    /// The words of a type of the domain, or of the engine, are those of the list of the same name.
    macro_rules! same {
        ($($of:ident: $($name:ident),+;)+) => {$($(
            let words = $of::$name::ALL.iter().map(|word| word.as_str());
            assert!(words.eq($name::ALL.iter().copied()), stringify!($name));
        )+)+};
    }

    #[test]
    fn every_word_of_the_domain_is_on_its_list() {
        same! {
            domain: PresenceReason, ShownReason, WhenBusy, Overrun, Inbox, Seat, Show, Strategy, TargetKind,
                CloseReason, DeferReason, LeaveReason, TransferReason, HandOverEnd, Purpose, ParticipantRole,
                Release, IfUnavailable, KeptFor;
            engine: TieBreak;
        }
        let words = domain::Entered::ALL.iter().map(|word| word.as_str());
        assert!(words.eq(EnteredBy::ALL.iter().copied()));
        assert_eq!(engine::Rule::WORDS, RoutingRuleWord::ALL);
        assert_eq!(engine::Change::WORDS, ChangeKind::ALL);
    }

    #[test]
    fn the_words_whose_order_is_another_one_are_all_there() {
        let all = |list: &[&'static str]| list.iter().copied().collect::<BTreeSet<_>>();
        let of = |words: Vec<&'static str>| words.into_iter().collect::<BTreeSet<_>>();
        let reasons = domain::WithdrawReason::ALL.iter();
        let reasons = of(reasons.map(|reason| reason.as_str()).collect());
        assert_eq!(reasons, all(WithdrawReason::ALL));
        let days = domain::Weekday::ALL.iter();
        assert_eq!(
            of(days.map(|day| day.as_str()).collect()),
            all(Weekday::ALL)
        );
        let roles = domain::Role::ALL.iter();
        assert_eq!(
            of(roles.map(|role| role.as_str()).collect()),
            all(Role::ALL)
        );
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
        let modes = [
            domain::Mode::Live,
            domain::Mode::Messenger,
            domain::Mode::Hidden,
        ];
        assert_eq!(modes.map(domain::Mode::as_str), Mode::ALL);
    }
}
