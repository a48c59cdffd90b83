//! Plans: what is done, to the how-manieth of what exists then.

mod spec;
mod strategy;

use serde::{Deserialize, Serialize};

pub(crate) use spec::{
    AgentSpec, DelaysSpec, HoursSpec, Kind, OfficeSpec, PauseSpec, QueueSpec, SettingsSpec,
    StatusSpec,
};
pub use strategy::{long_plans, plans};

/// One index into a list of things that exist when the action's turn comes; it wraps around.
pub(crate) type Index = u8;

/// What is done, in order, beginning with a few agents in one queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// How many agents are there to begin with, all members of the first queue.
    pub(crate) agents: u8,
    /// What belongs to the life of the first queue's chats.
    pub(crate) life: u8,
    /// What else the first queue has.
    pub(crate) more: u8,
    /// Which of all strategies the first queue has; it wraps around.
    pub(crate) strategy: u8,
    /// What the first queue asks of agents and how urgent its chats are; with it there are two skills from the beginning.
    #[serde(default)]
    pub(crate) order: Option<u8>,
    pub(crate) actions: Vec<Action>,
}

impl Plan {
    /// What is there before the first action: an office, agents of whom the first half is online, a queue and a widget.
    pub(crate) fn beginning(&self) -> Vec<Action> {
        let mut actions = vec![Action::CreateOffice(OfficeSpec::plain())];
        if self.order.is_some() {
            actions.extend([Action::CreateSkill, Action::CreateSkill]);
        }
        actions.extend((0..self.agents).map(|n| Action::CreateAgent {
            agent: AgentSpec {
                skills: self.order.map(|_| 0b0110 + n),
                ..AgentSpec::plain(n % 2 + 1)
            },
            again: false,
        }));
        let queue = QueueSpec {
            members: u8::MAX,
            ring_s: Some(30),
            pause_s: 10,
            max_waiting: 3,
            reply_s: None,
            strategy: self.strategy,
            life: self.life,
            order: self.order.unwrap_or_default(),
            more: self.more,
        };
        actions.push(Action::CreateQueue { office: 0, queue });
        actions.push(Action::CreateWidget { offices: u8::MAX });
        for agent in 0..self.agents.div_ceil(2) {
            actions.push(Action::Connect { agent });
            actions.push(Action::SetStatus {
                agent,
                status: 0,
                by: None,
            });
        }
        actions
    }

    /// How many actions it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.actions.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// Leaves out one action.
    ///
    /// # Panics
    ///
    /// There are not so many.
    pub fn leave_out(&mut self, at: usize) {
        self.actions.remove(at);
    }
}

/// What is said in a chat besides a text, by an agent or, without one, by the visitor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Speech {
    /// A participant of the chat offers a choice.
    Ask { chat: Index, participant: Index },
    /// A button, which may be another message's or nobody's.
    Press { message: Index, button: u8 },
    /// Any message, by anybody.
    Edit {
        message: Index,
        agent: Option<Index>,
    },
    Delete {
        message: Index,
        agent: Option<Index>,
    },
}

/// What is beside the messages of a chat.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Aside {
    /// Any agent writes a note in any chat.
    Note { chat: Index, agent: Index, id: u8 },
    /// A participant or, without one, the visitor has got so far, perhaps further than there is anything to read.
    Mark {
        chat: Index,
        participant: Option<Index>,
        read: Option<u8>,
        delivered: Option<u8>,
    },
    /// The visitor types, and has not sent it.
    Unsent { chat: Index },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Action {
    CreateOffice(OfficeSpec),
    UpdateOffice(Index, OfficeSpec),
    CreateAgent {
        agent: AgentSpec,
        /// Takes an address that is in use.
        again: bool,
    },
    UpdateAgent(Index, AgentSpec),
    CreateQueue {
        office: Index,
        queue: QueueSpec,
    },
    UpdateQueue(Index, QueueSpec),
    SetMembers {
        queue: Index,
        members: u8,
    },
    CreateWidget {
        offices: u8,
    },
    CreateStatus(StatusSpec),
    UpdateStatus(Index, StatusSpec),
    CreatePause(PauseSpec),
    UpdatePause(Index, PauseSpec),
    UpdateSettings(SettingsSpec),
    CreateSkill,
    CreateDisposition,
    /// An agent becomes this good at something; 0 is not at all.
    Learn {
        agent: Index,
        skill: Index,
        level: u8,
    },
    /// A queue requires something of its agents; 0 is not any more.
    Require {
        queue: Index,
        skill: Index,
        level: u8,
    },
    /// Somebody says how urgent a chat is.
    Prioritise {
        chat: Index,
        agent: Index,
        priority: u8,
    },
    /// A queue offers a disposition, and no other.
    OfferDisposition {
        queue: Index,
        disposition: Index,
    },
    Archive {
        kind: Kind,
        which: Index,
        /// Names a version that does not stand any more.
        stale: bool,
    },
    SetStatus {
        agent: Index,
        status: Index,
        by: Option<Index>,
    },
    SetOverride {
        agent: Index,
        office: Index,
        status: Index,
        by: Option<Index>,
    },
    ClearOverride {
        agent: Index,
        office: Index,
        by: Option<Index>,
    },
    SetOffice {
        office: Index,
        status: Option<Index>,
        by: Index,
    },
    SetAfterChats {
        agent: Index,
        status: Index,
    },
    StartPause {
        agent: Index,
        pause: Index,
    },
    EndPause {
        agent: Index,
    },
    LogInQueue {
        agent: Index,
        queue: Index,
        logged_in: bool,
        by: Option<Index>,
    },
    Ping {
        agent: Index,
        takes_offers: bool,
    },
    ActAsPerson {
        agent: Index,
    },
    Revoke {
        agent: Index,
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
        /// Who had its contact's last chat or, if so, whom its chats are assigned to.
        kept: Option<(Index, bool)>,
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
    Speak(Speech),
    /// A participant gives a chat away or asks for somebody besides: an agent or a queue.
    HandOver {
        chat: Index,
        participant: Index,
        to: Index,
        how: u8,
        waits: bool,
    },
    CancelHandOver {
        chat: Index,
        agent: Index,
    },
    ReadAlong {
        chat: Index,
        agent: Index,
        seen: bool,
    },
    TakeOver {
        chat: Index,
        agent: Index,
    },
    Leave {
        chat: Index,
        participant: Index,
    },
    PutAside(Aside),
    Close {
        chat: Index,
        participant: Index,
    },
    /// A participant closes the chat with some of the first eight outcomes, by bit.
    CloseWith {
        chat: Index,
        participant: Index,
        outcomes: u8,
    },
    /// Somebody says something of a chat that may be over; what, by bit.
    Update {
        chat: Index,
        agent: Index,
        what: u8,
    },
    EndWrapUp {
        chat: Index,
        agent: Index,
    },
    Rate {
        chat: Index,
        score: u8,
    },
    /// A connection shows a chat, or none.
    Focus {
        connection: Index,
        chat: Option<Index>,
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

/// A short plan in which something happens.
pub fn example() -> Plan {
    let actions = vec![
        Action::Connect { agent: 0 },
        Action::SetStatus {
            agent: 0,
            status: 0,
            by: None,
        },
        Action::Start {
            visitor: 0,
            widget: 0,
            office: None,
            queue: None,
            message: true,
            kept: None,
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
    Plan {
        agents: 2,
        life: 0b0011_1111,
        more: 0,
        strategy: 0,
        order: None,
        actions,
    }
}
