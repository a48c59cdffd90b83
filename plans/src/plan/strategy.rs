//! How plans are made up.

use std::ops::Range;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{
    Action, AgentSpec, Aside, DelaysSpec, HoursSpec, Index, Kind, OfficeSpec, PauseSpec, Plan,
    QueueSpec, SettingsSpec, Speech, StatusSpec,
};

fn i() -> impl Strategy<Value = Index> {
    any::<Index>()
}

/// Plans of up to eighty actions: short ones find a fault in few steps.
pub fn plans() -> impl Strategy<Value = Plan> {
    plans_of(1..80)
}

/// Plans of a hundred to two hundred actions, in which much has come together before the last.
pub fn long_plans() -> impl Strategy<Value = Plan> {
    plans_of(100..200)
}

fn plans_of(actions: Range<usize>) -> impl Strategy<Value = Plan> {
    // Manual, the last, asks nobody: a few plans are enough for it.
    let strategy = prop_oneof![9 => 0..5_u8, 1 => Just(5)];
    let first = (i(), more(), strategy, option::of(order()));
    (1..4_u8, first, vec(action(), actions)).prop_map(
        |(agents, (life, more, strategy, order), actions)| Plan {
            agents,
            life,
            more,
            strategy,
            order,
            actions,
        },
    )
}

/// Whom a chat may be kept for.
fn kept() -> impl Strategy<Value = Option<(Index, bool)>> {
    option::weighted(0.3, (i(), any::<bool>()))
}

/// What else a queue has: in most of them an offer is no assignment, or nothing would ever ring.
fn more() -> impl Strategy<Value = u8> {
    let seldom = prop_oneof![4 => Just(0b10), 1 => Just(0)];
    // Into the inbox goes what nobody waits for any longer: not in most queues, or nothing would wait for long.
    let inbox = prop_oneof![3 => Just(0b10_0000), 1 => Just(0)];
    (any::<u8>(), seldom, inbox).prop_map(|(bits, seldom, inbox)| bits & !(seldom | inbox))
}

/// What a queue asks of agents and how urgent its chats are: mostly little, or nobody could be asked.
fn order() -> impl Strategy<Value = u8> {
    let least = prop_oneof![3 => Just(0), 2 => Just(0b001), 2 => 0..8_u8];
    (least, 0..16_u8).prop_map(|(least, urgency)| urgency << 3 | least)
}

fn action() -> impl Strategy<Value = Action> {
    let seconds = prop_oneof![0..40_u16, 50..130_u16, 800..1200_u16];
    let people = people();
    let set_up = set_up();
    let visitors = prop_oneof![
        8 => (i(), i(), option::weighted(0.3, i()), option::weighted(0.3, i()), any::<bool>(), kept())
            .prop_map(|(visitor, widget, office, queue, message, kept)| Action::Start {
                visitor, widget, office, queue, message, kept,
            }),
        1 => (i(), i(), option::of(i()))
            .prop_map(|(visitor, widget, office)| Action::LeaveMessage { visitor, widget, office }),
        3 => i().prop_map(|chat| Action::VisitorWrites { chat }),
        2 => i().prop_map(|chat| Action::End { chat }),
        1 => (i(), i()).prop_map(|(chat, score)| Action::Rate { chat, score }),
    ];
    let answers = prop_oneof![
        5 => i().prop_map(|offer| Action::Accept { offer }),
        4 => i().prop_map(|offer| Action::Reject { offer }),
        2 => (i(), i()).prop_map(|(agent, chat)| Action::Pick { agent, chat }),
        1 => (i(), i(), 0..5_u8, any::<bool>()).prop_map(|(agent, chat, number, accept)| {
            Action::AnswerAny { agent, chat, number, accept }
        }),
        3 => (i(), i()).prop_map(|(chat, participant)| Action::AgentWrites { chat, participant }),
        1 => (i(), i()).prop_map(|(agent, chat)| Action::Intrude { agent, chat }),
        1 => (i(), option::of(i()))
            .prop_map(|(message, agent)| Action::WriteAgain { message, agent }),
        1 => (i(), option::of(i())).prop_map(|(chat, agent)| Action::Type { chat, agent }),
        4 => speech().prop_map(Action::Speak),
        4 => aside().prop_map(Action::PutAside),
        3 => (i(), i()).prop_map(|(chat, participant)| Action::Close { chat, participant }),
        6 => hand_overs(),
        2 => (i(), i(), 0..32_u8).prop_map(|(chat, participant, outcomes)| Action::CloseWith {
            chat, participant, outcomes,
        }),
        2 => (i(), i(), i()).prop_map(|(chat, agent, what)| Action::Update { chat, agent, what }),
        2 => (i(), i()).prop_map(|(chat, agent)| Action::EndWrapUp { chat, agent }),
        2 => (i(), i(), 0..4_u8)
            .prop_map(|(chat, agent, priority)| Action::Prioritise { chat, agent, priority }),
    ];
    let time = prop_oneof![
        3 => seconds.clone().prop_map(|seconds| Action::Wait { seconds }),
        4 => any::<bool>().prop_map(|fires| Action::WaitForDeadline { fires }),
        4 => Just(Action::Commit),
        1 => (seconds, any::<bool>()).prop_map(|(seconds, late)| Action::Restart { seconds, late }),
    ];
    prop_oneof![7 => people, 3 => set_up, 4 => visitors, 5 => answers, 4 => time]
}

fn speech() -> impl Strategy<Value = Speech> {
    let by = || option::weighted(0.6, i());
    prop_oneof![
        3 => (i(), i()).prop_map(|(chat, participant)| Speech::Ask { chat, participant }),
        3 => (i(), 0..3_u8).prop_map(|(message, button)| Speech::Press { message, button }),
        2 => (i(), by()).prop_map(|(message, agent)| Speech::Edit { message, agent }),
        1 => (i(), by()).prop_map(|(message, agent)| Speech::Delete { message, agent }),
    ]
}

fn hand_overs() -> impl Strategy<Value = Action> {
    prop_oneof![
        6 => (i(), i(), i(), 0..4_u8, any::<bool>()).prop_map(
            |(chat, participant, to, how, waits)| Action::HandOver {
                chat, participant, to, how, waits,
            }
        ),
        1 => (i(), i()).prop_map(|(chat, agent)| Action::CancelHandOver { chat, agent }),
        1 => (i(), i(), any::<bool>())
            .prop_map(|(chat, agent, seen)| Action::ReadAlong { chat, agent, seen }),
        1 => (i(), i()).prop_map(|(chat, agent)| Action::TakeOver { chat, agent }),
        2 => (i(), i()).prop_map(|(chat, participant)| Action::Leave { chat, participant }),
    ]
}

fn aside() -> impl Strategy<Value = Aside> {
    let seq = || option::weighted(0.7, 0..5_u8);
    prop_oneof![
        3 => (i(), i(), any::<u8>()).prop_map(|(chat, agent, id)| Aside::Note { chat, agent, id }),
        4 => (i(), option::weighted(0.6, i()), seq(), seq()).prop_map(
            |(chat, participant, read, delivered)| Aside::Mark { chat, participant, read, delivered }
        ),
        1 => i().prop_map(|chat| Aside::Unsent { chat }),
    ]
}

/// Online more often than not.
fn status() -> impl Strategy<Value = Index> {
    prop_oneof![3 => Just(0), 3 => 0..8_u8]
}

fn by() -> impl Strategy<Value = Option<Index>> {
    option::weighted(0.3, i())
}

fn people() -> impl Strategy<Value = Action> {
    prop_oneof![
        6 => (i(), status(), by())
            .prop_map(|(agent, status, by)| Action::SetStatus { agent, status, by }),
        3 => (i(), i(), status(), by()).prop_map(|(agent, office, status, by)| {
            Action::SetOverride { agent, office, status, by }
        }),
        1 => (i(), i(), by())
            .prop_map(|(agent, office, by)| Action::ClearOverride { agent, office, by }),
        1 => (i(), option::of(status()), i())
            .prop_map(|(office, status, by)| Action::SetOffice { office, status, by }),
        2 => (i(), status()).prop_map(|(agent, status)| Action::SetAfterChats { agent, status }),
        2 => (i(), i()).prop_map(|(agent, pause)| Action::StartPause { agent, pause }),
        1 => i().prop_map(|agent| Action::EndPause { agent }),
        2 => (i(), i(), any::<bool>(), by()).prop_map(|(agent, queue, logged_in, by)| {
            Action::LogInQueue { agent, queue, logged_in, by }
        }),
        3 => (i(), any::<bool>())
            .prop_map(|(agent, takes_offers)| Action::Ping { agent, takes_offers }),
        2 => i().prop_map(|agent| Action::ActAsPerson { agent }),
        6 => i().prop_map(|agent| Action::Connect { agent }),
        1 => i().prop_map(|connection| Action::ConnectAgain { connection }),
        1 => (i(), option::of(i()))
            .prop_map(|(connection, chat)| Action::Focus { connection, chat }),
        3 => i().prop_map(|connection| Action::Disconnect { connection }),
        1 => i().prop_map(|agent| Action::LogOut { agent }),
        1 => i().prop_map(|agent| Action::Revoke { agent }),
    ]
}

fn set_up() -> impl Strategy<Value = Action> {
    let kind = prop_oneof![
        Just(Kind::Office),
        Just(Kind::Agent),
        Just(Kind::Queue),
        Just(Kind::Widget),
        Just(Kind::Status),
        Just(Kind::Pause),
        Just(Kind::Skill),
        Just(Kind::Disposition),
    ];
    prop_oneof![
        1 => office().prop_map(Action::CreateOffice),
        3 => (i(), office()).prop_map(|(at, office)| Action::UpdateOffice(at, office)),
        2 => (agent(), prop::bool::weighted(0.2))
            .prop_map(|(agent, again)| Action::CreateAgent { agent, again }),
        4 => (i(), agent()).prop_map(|(at, agent)| Action::UpdateAgent(at, agent)),
        2 => (i(), queue()).prop_map(|(office, queue)| Action::CreateQueue { office, queue }),
        1 => (i(), queue()).prop_map(|(at, queue)| Action::UpdateQueue(at, queue)),
        2 => (i(), i()).prop_map(|(queue, members)| Action::SetMembers { queue, members }),
        1 => i().prop_map(|offices| Action::CreateWidget { offices }),
        2 => custom().prop_map(Action::CreateStatus),
        2 => (i(), custom()).prop_map(|(at, status)| Action::UpdateStatus(at, status)),
        2 => pause().prop_map(Action::CreatePause),
        1 => (i(), pause()).prop_map(|(at, pause)| Action::UpdatePause(at, pause)),
        3 => settings().prop_map(Action::UpdateSettings),
        1 => Just(Action::CreateSkill),
        1 => Just(Action::CreateDisposition),
        2 => (i(), i(), 0..4_u8)
            .prop_map(|(agent, skill, level)| Action::Learn { agent, skill, level }),
        2 => (i(), i(), 0..3_u8)
            .prop_map(|(queue, skill, level)| Action::Require { queue, skill, level }),
        1 => (i(), i())
            .prop_map(|(queue, disposition)| Action::OfferDisposition { queue, disposition }),
        3 => (kind, i(), prop::bool::weighted(0.1))
            .prop_map(|(kind, which, stale)| Action::Archive { kind, which, stale }),
    ]
}

/// Short intervals, so that plans pass their ends.
fn hours() -> impl Strategy<Value = HoursSpec> {
    (0..10_u8, 1..20_u8, 1..20_u8, any::<bool>()).prop_map(|(offset, length, gap, abroad)| {
        HoursSpec {
            offset,
            length,
            gap,
            abroad,
        }
    })
}

fn delays() -> impl Strategy<Value = DelaysSpec> {
    let delay = || option::weighted(0.2, 1..10_u8);
    (delay(), delay()).prop_map(|(away_min, offline_min)| DelaysSpec {
        away_min,
        offline_min,
    })
}

fn office() -> impl Strategy<Value = OfficeSpec> {
    let hours = option::weighted(0.4, hours());
    (any::<bool>(), prop::bool::weighted(0.3), hours, delays()).prop_map(
        |(hidden, messenger_when_busy, hours, delays)| OfficeSpec {
            hidden,
            messenger_when_busy,
            hours,
            delays,
        },
    )
}

fn agent() -> impl Strategy<Value = AgentSpec> {
    let hours = option::weighted(0.3, hours());
    let late_s = option::weighted(0.5, 5..40_u8); // the interfaces take no less
    let assigned = prop::bool::weighted(0.2);
    let skills = (0..16_u8).prop_map(Some);
    let auto_accept = prop::bool::weighted(0.15);
    let routed = (1..4_u8, i(), late_s, skills, auto_accept);
    (0..4_u8, routed, hours, delays(), assigned).prop_map(
        |(role, (capacity, offices, late_s, skills, auto_accept), hours, delays, assigned)| {
            AgentSpec {
                role,
                capacity,
                offices,
                hours,
                delays,
                late_s,
                assigned,
                skills,
                auto_accept,
            }
        },
    )
}

fn queue() -> impl Strategy<Value = QueueSpec> {
    let reply_s = option::weighted(0.3, 1..60_u8);
    let offers = (option::of(0..40_u8), 0..20_u8, reply_s, i());
    (i(), offers, 0..4_u8, i(), more(), order()).prop_map(
        |(members, (ring_s, pause_s, reply_s, strategy), max_waiting, life, more, order)| {
            QueueSpec {
                members,
                ring_s,
                pause_s,
                max_waiting,
                reply_s,
                strategy,
                life,
                order,
                more,
            }
        },
    )
}

fn custom() -> impl Strategy<Value = StatusSpec> {
    let longest_s = option::weighted(0.4, 1..600_u16);
    let base = prop_oneof![2 => Just(0), 2 => 0..4_u8];
    (base, any::<bool>(), any::<bool>(), longest_s).prop_map(
        |(base, handles_chats, paid, longest_s)| StatusSpec {
            base,
            handles_chats,
            paid,
            longest_s,
        },
    )
}

fn pause() -> impl Strategy<Value = PauseSpec> {
    let longest_s = option::weighted(0.7, 1..600_u16);
    (any::<bool>(), longest_s, any::<bool>()).prop_map(|(paid, longest_s, ends)| PauseSpec {
        paid,
        longest_s,
        ends,
    })
}

fn settings() -> impl Strategy<Value = SettingsSpec> {
    let delays = (
        option::weighted(0.7, 1..30_u8),
        option::weighted(0.3, 1..30_u8),
    );
    let delays = delays.prop_map(|(away_min, offline_min)| DelaysSpec {
        away_min,
        offline_min,
    });
    let grace_s = option::weighted(0.8, 0..90_u8);
    let flags = any::<u8>();
    let seconds = (0..1200_u16, 1..200_u8);
    (0..6_u8, grace_s, seconds, delays, flags).prop_map(
        |(seats, grace_s, (restore_s, lease_s), delays, flags)| SettingsSpec {
            seats,
            grace_s,
            restore_s,
            lease_s,
            delays,
            flags,
        },
    )
}
