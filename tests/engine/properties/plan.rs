//! Plans: what is done, to the how-manieth of what exists then.

use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

/// One index into a list of things that exist when the action's turn comes; it wraps around.
pub(super) type Index = u8;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Plan {
    /// How many agents are there to begin with, all members of the first queue.
    pub(super) agents: u8,
    pub(super) actions: Vec<Action>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Action {
    CreateOffice {
        hidden: bool,
    },
    CreateAgent {
        capacity: u8,
        /// Takes an address that is in use.
        again: bool,
    },
    CreateQueue {
        office: Index,
        members: u8,
        ring_s: Option<u8>,
        pause_s: u8,
        max_waiting: u8,
    },
    SetMembers {
        queue: Index,
        members: u8,
    },
    CreateWidget {
        offices: u8,
    },
    SetStatus {
        agent: Index,
        status: Index,
    },
    Connect {
        agent: Index,
    },
    ConnectAgain {
        connection: Index,
    },
    Disconnect {
        connection: Index,
    },
    LogOut {
        agent: Index,
    },
    Start {
        visitor: Index,
        widget: Index,
        office: Option<Index>,
        queue: Option<Index>,
        message: bool,
    },
    LeaveMessage {
        visitor: Index,
        widget: Index,
        office: Option<Index>,
    },
    /// Accepts the how-manieth of all offers that ring.
    Accept {
        offer: Index,
    },
    Reject {
        offer: Index,
    },
    Pick {
        agent: Index,
        chat: Index,
    },
    /// Answers some offer, which may be old, somebody else's or none.
    AnswerAny {
        agent: Index,
        chat: Index,
        number: u8,
        accept: bool,
    },
    /// A participant of the chat writes.
    AgentWrites {
        chat: Index,
        participant: Index,
    },
    /// Anybody writes to a chat that may be closed.
    Intrude {
        agent: Index,
        chat: Index,
    },
    VisitorWrites {
        chat: Index,
    },
    /// An earlier message id again, by either side.
    WriteAgain {
        message: Index,
        agent: Option<Index>,
    },
    Type {
        chat: Index,
        agent: Option<Index>,
    },
    Close {
        chat: Index,
        participant: Index,
    },
    End {
        chat: Index,
    },
    Wait {
        seconds: u16,
    },
    /// Until the next deadline fires, or to its last instant before.
    WaitForDeadline {
        fires: bool,
    },
    /// What happened is stored, and the engine forgets what is over.
    Commit,
    /// The process ends after a commit; another one goes on later.
    Restart {
        seconds: u16,
        /// Whether time passes in the new engine before it learns that nobody is connected.
        late: bool,
    },
}

pub(super) fn plans() -> impl Strategy<Value = Plan> {
    (1..4_u8, vec(action(), 1..80)).prop_map(|(agents, actions)| Plan { agents, actions })
}

fn action() -> impl Strategy<Value = Action> {
    let i = any::<Index>;
    let seconds = prop_oneof![0..40_u16, 50..130_u16, 800..1200_u16];
    let people = prop_oneof![
        6 => (i(), prop_oneof![3 => Just(0), 1 => 0..4_u8])
            .prop_map(|(agent, status)| Action::SetStatus { agent, status }),
        6 => i().prop_map(|agent| Action::Connect { agent }),
        1 => i().prop_map(|connection| Action::ConnectAgain { connection }),
        3 => i().prop_map(|connection| Action::Disconnect { connection }),
        1 => i().prop_map(|agent| Action::LogOut { agent }),
    ];
    let set_up = prop_oneof![
        1 => any::<bool>().prop_map(|hidden| Action::CreateOffice { hidden }),
        3 => (1..4_u8, prop::bool::weighted(0.2))
            .prop_map(|(capacity, again)| Action::CreateAgent { capacity, again }),
        2 => (i(), i(), prop::option::of(0..40_u8), 0..20_u8, 0..4_u8).prop_map(
            |(office, members, ring_s, pause_s, max_waiting)| Action::CreateQueue {
                office, members, ring_s, pause_s, max_waiting,
            },
        ),
        3 => (i(), i()).prop_map(|(queue, members)| Action::SetMembers { queue, members }),
        1 => i().prop_map(|offices| Action::CreateWidget { offices }),
    ];
    let visitors = prop_oneof![
        8 => (i(), i(), prop::option::weighted(0.3, i()), prop::option::weighted(0.3, i()), any::<bool>())
            .prop_map(|(visitor, widget, office, queue, message)| Action::Start {
                visitor, widget, office, queue, message,
            }),
        1 => (i(), i(), prop::option::of(i()))
            .prop_map(|(visitor, widget, office)| Action::LeaveMessage { visitor, widget, office }),
        3 => i().prop_map(|chat| Action::VisitorWrites { chat }),
        2 => i().prop_map(|chat| Action::End { chat }),
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
        1 => (i(), prop::option::of(i()))
            .prop_map(|(message, agent)| Action::WriteAgain { message, agent }),
        1 => (i(), prop::option::of(i())).prop_map(|(chat, agent)| Action::Type { chat, agent }),
        3 => (i(), i()).prop_map(|(chat, participant)| Action::Close { chat, participant }),
    ];
    let time = prop_oneof![
        3 => seconds.clone().prop_map(|seconds| Action::Wait { seconds }),
        4 => any::<bool>().prop_map(|fires| Action::WaitForDeadline { fires }),
        4 => Just(Action::Commit),
        1 => (seconds, any::<bool>()).prop_map(|(seconds, late)| Action::Restart { seconds, late }),
    ];
    prop_oneof![4 => people, 2 => set_up, 4 => visitors, 5 => answers, 3 => time]
}

/// A short plan in which something happens.
pub(super) fn example() -> Plan {
    let actions = vec![
        Action::Connect { agent: 0 },
        Action::SetStatus {
            agent: 0,
            status: 0,
        },
        Action::Start {
            visitor: 0,
            widget: 0,
            office: None,
            queue: None,
            message: true,
        },
        Action::WaitForDeadline { fires: true },
        Action::Commit,
        Action::WaitForDeadline { fires: true },
        Action::Accept { offer: 0 },
        Action::Restart {
            seconds: 5,
            late: false,
        },
    ];
    Plan { agents: 2, actions }
}
