//! Why a chat went to whom it went, and why not to somebody else (ROUTE-15, ROUTE-17).
//!
//! Owns the record of a decision, made at the moment of the decision by what decides (`routing.rs`), and what is said of
//! the present by the same. `weigh.rs` looks at the agents of a queue, `change.rs` finds what would have to be otherwise.
//! Nothing here decides anything.

mod change;
mod weigh;

use serde::{Deserialize, Serialize};

use crate::domain::word::words;
use crate::domain::{
    AgentId, ChatId, OfferNumber, OfficeId, Priority, Purpose, QueueId, Reserved, SkillId,
    Strategy, Timestamp,
};

use super::Engine;
use super::routing::Ineligible;

/// What was known when a chat was offered to an agent: ids and numbers, no texts. It is stored with the offer's event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What the chat looked for an agent for.
    pub purpose: Purpose,
    /// The queue in which it did; `None` when it looked for one agent by name.
    pub queue_id: Option<QueueId>,
    /// How the queue chose.
    pub strategy: Option<Strategy>,
    /// The agent that was asked before, which the turns of `round_robin` go on from.
    pub last_asked: Option<AgentId>,
    /// Where the chat stood among those that waited.
    pub place: Option<ChatPlace>,
    /// For whom it was kept, while one of them was there.
    pub reserved: Option<Reserved>,
    /// Which round of the chat it was.
    pub round: u32,
    /// Those who could have it, in the order in which they were asked: at most [`Decision::CANDIDATES`].
    pub candidates: Vec<Candidate>,
    /// What put the first of them before the second.
    pub tie_break: Option<TieBreak>,
    /// Those who could not, each with the first rule that kept it from it: at most [`Decision::PASSED_OVER`].
    pub passed_over: Vec<PassedOver>,
    /// How many agents were in question: the queue's members, and those whom the chat was kept for.
    pub members: u32,
    /// How many of them are in neither list, because there were so many.
    pub left_out: u32,
}

impl Decision {
    /// How many candidates are named at most.
    pub const CANDIDATES: usize = 10;
    /// How many agents that were passed over are named at most: an event stays small.
    pub const PASSED_OVER: usize = 20;
}

/// A chat's place in its queue's order, and what makes it (ROUTE-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatPlace {
    /// From 1.
    pub position: u32,
    /// How many stand in the line.
    pub waiting: u32,
    /// How urgent the chat is.
    pub priority: Priority,
    /// Whether it goes before all others (ROUTE-11).
    pub ahead: bool,
    /// Its age.
    pub waiting_since: Timestamp,
}

/// An agent that could have a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Which.
    pub agent_id: AgentId,
    /// Whether it is invisible and gets late chats (PRES-11).
    pub late: bool,
    /// What it was ranked by; `None` where each has its turn.
    pub rank: Option<RankValues>,
}

/// What agents are ranked by: the lowest is asked first, by the first of these that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RankValues {
    /// How many levels its skills are below the highest, with `priority_tiers`; else 0.
    pub missing_levels: u32,
    /// 1 if it had anything to do; with `least_busy`, thousandths of its capacity.
    pub busy: u32,
    /// When it last took, lost or ended something, was offered something, or came online.
    pub idle_since: Timestamp,
    /// Its chats that were not silent, and its ringing offers.
    pub load: u32,
}

words! {
    /// What puts one agent before another.
    pub enum TieBreak {
        /// It misses fewer levels in the queue's skills.
        MissingLevels = "missing_levels",
        /// It has less to do.
        Busy = "busy",
        /// It has been free for longer.
        IdleSince = "idle_since",
        /// It has fewer chats and offers.
        Load = "load",
        /// Its id is the lower one: in all else they are equal.
        Id = "id",
        /// It was its turn.
        Turn = "turn",
        /// One of the two is invisible and gets late chats.
        Late = "late",
    }
}

/// An agent that could not have a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// Which.
    pub agent_id: AgentId,
    /// The first rule that kept it from it.
    #[serde(flatten)]
    pub rule: Ineligible,
}

/// How a chat that looks for an agent stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutingNow {
    /// The moment.
    pub at: Timestamp,
    /// Where it rings.
    pub ringing: Vec<(OfferNumber, AgentId)>,
    /// When it may be offered again to those who have refused it (ROUTE-9).
    pub round_starts_at: Option<Timestamp>,
    /// What would be decided by if it were to be offered now.
    pub decision: Decision,
}

/// A rule that keeps a chat from an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The chat looks for nobody.
    NotWaiting,
    /// It looks for another agent by name.
    ForAnotherAgent(AgentId),
    /// One about the agent.
    Agent(Ineligible),
}

impl Rule {
    /// Every word, in the order in which the rules are asked.
    pub const WORDS: [&'static str; 16] = [
        "not_waiting",
        "for_another_agent",
        "has_it",
        "not_a_member",
        "logged_out",
        "not_online",
        "unreachable",
        "in_wrap_up",
        "at_capacity",
        "at_ceiling",
        "lacks_skill",
        "ramping",
        "end_of_hours",
        "kept_for_others",
        "not_yet_late",
        "refused",
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotWaiting => "not_waiting",
            Self::ForAnotherAgent(_) => "for_another_agent",
            Self::Agent(rule) => match rule {
                Ineligible::NotAMember => "not_a_member",
                Ineligible::LoggedOut => "logged_out",
                Ineligible::NotOnline { .. } => "not_online",
                Ineligible::Unreachable => "unreachable",
                Ineligible::InWrapUp { .. } => "in_wrap_up",
                Ineligible::AtCapacity { .. } => "at_capacity",
                Ineligible::AtCeiling { .. } => "at_ceiling",
                Ineligible::LacksSkill { .. } => "lacks_skill",
                Ineligible::Ramping { .. } => "ramping",
                Ineligible::EndOfHours { .. } => "end_of_hours",
                Ineligible::HasIt => "has_it",
                Ineligible::KeptForOthers => "kept_for_others",
                Ineligible::NotYetLate { .. } => "not_yet_late",
                Ineligible::Refused => "refused",
            },
        }
    }
}

/// Why an agent may be offered a chat now, or may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The moment.
    pub at: Timestamp,
    /// The queue in which the chat looks for an agent.
    pub queue_id: Option<QueueId>,
    /// Every rule that keeps it from the agent, the first one first; none if it may have it.
    pub rules: Vec<Rule>,
    /// The least that would have to be otherwise, all of it together. None where nothing helps.
    pub changes: Vec<Change>,
    /// Its place among those who may have it, from 1, if it may.
    pub place: Option<u32>,
    /// At whom the chat rings.
    pub ringing: Vec<AgentId>,
    /// How the queue chooses.
    pub strategy: Option<Strategy>,
}

/// Something that would have to be otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It becomes a member of the queue.
    AddMember(QueueId),
    /// It logs in to the queue.
    LogInToQueue(QueueId),
    /// It is set online.
    GoOnline,
    /// What was set for the office is cleared, or set to online.
    GoOnlineInOffice(OfficeId),
    /// It does something.
    BeActive,
    /// It connects.
    Connect,
    /// It ends its pause.
    EndPause,
    /// It is given a seat.
    AssignSeat,
    /// It ends its work after the other chat, which ends by itself then.
    EndWrapUp(Timestamp),
    /// It may have more chats.
    RaiseCapacity(u32, u32),
    /// It may have more chats, silent ones among them.
    RaiseCapacityMax(u32, u32),
    /// It may not have more than it has: so many of its chats and offers end.
    EndChats(u32),
    /// It gets a skill, at this level.
    AddSkill(SkillId, u8),
    /// It gets better at something.
    RaiseSkill(SkillId, u8, u8),
    /// Time passes, up to this instant.
    WaitUntil(Timestamp),
    /// Its hours end later than this instant.
    ExtendHours(Timestamp),
    /// It accepts the offer that rings at it.
    AcceptOffer(OfferNumber),
    /// None of these agents is online.
    OthersGoOffline(Vec<AgentId>),
    /// It picks the chat, which it may; it is not offered to it again in this round.
    Pick,
}

impl Change {
    /// Every word.
    pub const WORDS: [&'static str; 19] = [
        "add_member",
        "log_in_to_queue",
        "go_online",
        "go_online_in_office",
        "be_active",
        "connect",
        "end_pause",
        "assign_seat",
        "end_wrap_up",
        "raise_capacity",
        "raise_capacity_max",
        "end_chats",
        "add_skill",
        "raise_skill",
        "wait_until",
        "extend_hours",
        "accept_offer",
        "others_go_offline",
        "pick",
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::AddMember(_) => "add_member",
            Self::LogInToQueue(_) => "log_in_to_queue",
            Self::GoOnline => "go_online",
            Self::GoOnlineInOffice(_) => "go_online_in_office",
            Self::BeActive => "be_active",
            Self::Connect => "connect",
            Self::EndPause => "end_pause",
            Self::AssignSeat => "assign_seat",
            Self::EndWrapUp(_) => "end_wrap_up",
            Self::RaiseCapacity(..) => "raise_capacity",
            Self::RaiseCapacityMax(..) => "raise_capacity_max",
            Self::EndChats(_) => "end_chats",
            Self::AddSkill(..) => "add_skill",
            Self::RaiseSkill(..) => "raise_skill",
            Self::WaitUntil(_) => "wait_until",
            Self::ExtendHours(_) => "extend_hours",
            Self::AcceptOffer(_) => "accept_offer",
            Self::OthersGoOffline(_) => "others_go_offline",
            Self::Pick => "pick",
        }
    }
}

impl Engine {
    /// How a chat that looks for an agent stands; `None` for any other.
    #[must_use]
    pub fn routing_now(&self, chat_id: ChatId) -> Option<RoutingNow> {
        let chat = self.state.chats.get(&chat_id)?;
        let ringing = chat
            .ringing()
            .map(|(number, offer)| (number, offer.agent_id));
        Some(RoutingNow {
            at: self.now,
            ringing: ringing.collect(),
            round_starts_at: chat.round_starts_at,
            decision: self.state.weigh(chat, None, self.now)?,
        })
    }

    /// Why an agent may be offered a chat now, or may not; `None` if there is no such agent. A chat that is not in
    /// memory looks for nobody.
    #[must_use]
    pub fn explain(&self, chat_id: ChatId, agent_id: AgentId) -> Option<Explanation> {
        let agent = self.state.agents.get(&agent_id)?;
        let chat = self.state.chats.get(&chat_id);
        Some(self.state.explain(chat, agent, self.now))
    }
}
