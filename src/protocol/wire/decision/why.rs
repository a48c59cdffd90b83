//! The rules that keep a chat from an agent, as objects and as sentences.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::{ChangeKind, PresenceReason, RoutingRuleWord, Status, Strategy, Time, rfc3339};
use crate::domain::{self, AgentId, ChatId};
use crate::engine::{self, Change, Ineligible, Rule};

/// A rule that keeps a chat from an agent, with what it saw: each has the fields that belong to it.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct RuledOut {
    /// Which rule.
    pub rule: RoutingRuleWord,
    /// `not_online`: what the agent effectively is in the queue's office.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub status: Option<Status>,
    /// `not_online`: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<PresenceReason>,
    /// `in_wrap_up`: until when at the latest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub until: Option<Time>,
    /// `at_capacity`: its chats that are not silent, and its ringing offers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub load: Option<u32>,
    /// `at_capacity`: how many it may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub capacity: Option<u32>,
    /// `at_ceiling`: its chats and ringing offers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub chats: Option<u32>,
    /// `at_ceiling`: how many it may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ceiling: Option<u32>,
    /// `lacks_skill`: what.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub skill_id: Option<Uuid>,
    /// `lacks_skill`: the least level.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub required: Option<u8>,
    /// `lacks_skill`: its own level, if it has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub has: Option<u8>,
    /// `ramping`: how many offers it was made since it came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub given: Option<u32>,
    /// `ramping`: how many it may be made by now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub allowed: Option<u32>,
    /// `end_of_hours`: when its hours end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ends_at: Option<Time>,
    /// `not_yet_late`: when the chat will have waited for long enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub at: Option<Time>,
    /// `for_another_agent`: for whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub for_agent_id: Option<Uuid>,
}

impl RuledOut {
    fn word(rule: Rule) -> Self {
        Self {
            rule: RoutingRuleWord(rule.word()),
            status: None,
            reason: None,
            until: None,
            load: None,
            capacity: None,
            chats: None,
            ceiling: None,
            skill_id: None,
            required: None,
            has: None,
            given: None,
            allowed: None,
            ends_at: None,
            at: None,
            for_agent_id: None,
        }
    }
}

impl From<Rule> for RuledOut {
    fn from(rule: Rule) -> Self {
        let mut out = Self::word(rule);
        match rule {
            Rule::ForAnotherAgent(id) => out.for_agent_id = Some(id.0),
            Rule::Agent(Ineligible::NotOnline { status, reason }) => {
                out.status = Some(Status(status.as_str()));
                out.reason = Some(PresenceReason(reason.as_str()));
            }
            Rule::Agent(Ineligible::InWrapUp { until }) => out.until = Some(until.into()),
            Rule::Agent(Ineligible::AtCapacity { load, capacity }) => {
                (out.load, out.capacity) = (Some(load), Some(capacity));
            }
            Rule::Agent(Ineligible::AtCeiling { chats, ceiling }) => {
                (out.chats, out.ceiling) = (Some(chats), Some(ceiling));
            }
            Rule::Agent(Ineligible::LacksSkill {
                skill_id,
                required,
                has,
            }) => {
                out.skill_id = Some(skill_id.0);
                out.required = Some(required.get());
                out.has = has.map(domain::Level::get);
            }
            Rule::Agent(Ineligible::Ramping { given, allowed }) => {
                (out.given, out.allowed) = (Some(given), Some(allowed));
            }
            Rule::Agent(Ineligible::EndOfHours { ends_at }) => out.ends_at = Some(ends_at.into()),
            Rule::Agent(Ineligible::NotYetLate { at }) => out.at = Some(at.into()),
            Rule::NotWaiting
            | Rule::Agent(
                Ineligible::NotAMember
                | Ineligible::LoggedOut
                | Ineligible::Unreachable
                | Ineligible::HasIt
                | Ineligible::KeptForOthers
                | Ineligible::Refused,
            ) => {}
        }
        out
    }
}

/// Whether an agent may be offered a chat, and if not, why not and what would change that.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoutingExplanation {
    /// The chat.
    pub chat_id: Uuid,
    /// The agent.
    pub agent_id: Uuid,
    /// The moment.
    pub at: Time,
    /// The queue in which the chat looks for an agent; `null` when it looks for nobody, or for one by name.
    pub queue_id: Option<Uuid>,
    /// How that queue chooses.
    pub strategy: Option<Strategy>,
    /// Whether the agent may be offered it.
    pub eligible: bool,
    /// Its place among those who may, from 1.
    pub place: Option<u32>,
    /// The first rule that keeps it from it.
    pub rule: Option<RuledOut>,
    /// The rules that would keep it from it besides, in their order. None of the past.
    pub further: Vec<RuledOut>,
    /// The least that would have to be otherwise, all of it together; empty where nothing helps. Of the past, what
    /// follows from the first rule.
    pub changes: Vec<RoutingChange>,
    /// The same in words.
    pub detail: String,
    /// At whom the chat rings.
    pub ringing_agent_ids: Vec<Uuid>,
    /// The decision that was looked at, if the question was about the past.
    pub recorded: Option<RecordedDecision>,
}

/// A decision on record.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct RecordedDecision {
    /// The number of the offer's event.
    pub seq: i64,
    /// When the decision was made.
    pub at: Time,
    /// Which offer of the chat it made.
    pub offer: u32,
    /// At whom it rang.
    pub agent_id: Uuid,
}

impl RoutingExplanation {
    /// What is so now.
    #[must_use]
    pub fn now(chat_id: ChatId, agent_id: AgentId, found: &engine::Explanation) -> Self {
        let rules = found.rules.iter().copied();
        let ringing = found.ringing.iter();
        Self {
            chat_id: chat_id.0,
            agent_id: agent_id.0,
            at: found.at.into(),
            queue_id: found.queue_id.map(|id| id.0),
            strategy: found.strategy.map(|word| Strategy(word.as_str())),
            eligible: found.rules.is_empty(),
            place: found.place,
            rule: rules.clone().next().map(RuledOut::from),
            further: rules.clone().skip(1).map(RuledOut::from).collect(),
            changes: found.changes.iter().map(RoutingChange::from).collect(),
            detail: detail(found),
            ringing_agent_ids: ringing.map(|id| id.0).collect(),
            recorded: None,
        }
    }
}

/// Something that would have to be otherwise: each has the fields that belong to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoutingChange {
    /// What.
    pub change: ChangeKind,
    /// The same in words.
    pub detail: String,
    /// `add_member`, `log_in_to_queue`: the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub queue_id: Option<Uuid>,
    /// `go_online_in_office`: the office.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub office_id: Option<Uuid>,
    /// `add_skill`, `raise_skill`: the skill.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub skill_id: Option<Uuid>,
    /// `raise_capacity`, `raise_capacity_max`, `raise_skill`: what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from: Option<u32>,
    /// The same and `add_skill`: what it would have to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub to: Option<u32>,
    /// `end_chats`: how many chats or offers would have to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub count: Option<u32>,
    /// `wait_until`, `end_wrap_up`: when it comes by itself. `extend_hours`: the hours would have to end later than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub at: Option<Time>,
    /// `accept_offer`: which.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub offer: Option<u32>,
    /// `others_go_offline`: who is online.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agent_ids: Option<Vec<Uuid>>,
}

impl From<&Change> for RoutingChange {
    fn from(change: &Change) -> Self {
        let mut out = Self {
            change: ChangeKind(change.word()),
            detail: deed(change),
            queue_id: None,
            office_id: None,
            skill_id: None,
            from: None,
            to: None,
            count: None,
            at: None,
            offer: None,
            agent_ids: None,
        };
        match change {
            Change::AddMember(id) | Change::LogInToQueue(id) => out.queue_id = Some(id.0),
            Change::GoOnlineInOffice(id) => out.office_id = Some(id.0),
            Change::RaiseCapacity(from, to) | Change::RaiseCapacityMax(from, to) => {
                (out.from, out.to) = (Some(*from), Some(*to));
            }
            Change::EndChats(count) => out.count = Some(*count),
            Change::AddSkill(id, level) => {
                (out.skill_id, out.to) = (Some(id.0), Some(u32::from(*level)));
            }
            Change::RaiseSkill(id, from, to) => {
                out.skill_id = Some(id.0);
                (out.from, out.to) = (Some(u32::from(*from)), Some(u32::from(*to)));
            }
            Change::WaitUntil(at) | Change::EndWrapUp(at) | Change::ExtendHours(at) => {
                out.at = Some((*at).into());
            }
            Change::AcceptOffer(number) => out.offer = Some(number.0),
            Change::OthersGoOffline(ids) => {
                out.agent_ids = Some(ids.iter().map(|id| id.0).collect());
            }
            Change::GoOnline
            | Change::BeActive
            | Change::Connect
            | Change::EndPause
            | Change::AssignSeat
            | Change::Pick => {}
        }
        out
    }
}

/// The answer as sentences.
fn detail(found: &engine::Explanation) -> String {
    let Some(rule) = found.rules.first() else {
        let place = found.place.unwrap_or(1);
        let by_itself = match found.strategy {
            Some(domain::Strategy::Manual) => "; the queue offers nothing, agents pick",
            _ if !found.ringing.is_empty() => "; it rings already",
            _ => "",
        };
        return format!("the agent may have the chat, as number {place} in turn{by_itself}");
    };
    let further = match found.rules.len() - 1 {
        0 => String::new(),
        1 => "; 1 more rule would keep it from it".to_owned(),
        further => format!("; {further} more rules would keep it from it"),
    };
    let deeds: Vec<String> = found.changes.iter().map(deed).collect();
    let deeds = match &*deeds {
        [] => String::new(),
        deeds => format!(". It might have it after this: {}", deeds.join("; ")),
    };
    format!("{}{further}{deeds}", sentence(*rule))
}

/// What a rule says, as a sentence.
fn sentence(rule: Rule) -> String {
    let rule = match rule {
        Rule::NotWaiting => return "the chat looks for nobody".to_owned(),
        Rule::ForAnotherAgent(_) => {
            return "the chat looks for another agent by name".to_owned();
        }
        Rule::Agent(rule) => rule,
    };
    match rule {
        Ineligible::NotAMember => "the agent is not a member of the queue".to_owned(),
        Ineligible::LoggedOut => "the agent has logged out of the queue".to_owned(),
        Ineligible::NotOnline { status, reason } => {
            let (status, reason) = (status.as_str(), reason.as_str());
            format!("the agent is {status} in the queue's office ({reason})")
        }
        Ineligible::Unreachable => {
            "the agent has no connection, and no lease that takes offers".to_owned()
        }
        Ineligible::InWrapUp { until } => {
            let until = rfc3339(until);
            format!("the agent is at work after another chat, until {until} at the latest")
        }
        Ineligible::AtCapacity { load, capacity } => {
            format!("the agent has {load} chats and offers and may have {capacity}")
        }
        Ineligible::AtCeiling { chats, ceiling } => format!(
            "the agent has {chats} chats and offers, silent ones among them, and may have {ceiling}"
        ),
        Ineligible::LacksSkill { required, has, .. } => match has {
            None => format!(
                "the agent lacks a skill that the queue requires at level {required}",
                required = required.get()
            ),
            Some(has) => format!(
                "the agent has level {} of a skill that the queue requires at level {}",
                has.get(),
                required.get()
            ),
        },
        Ineligible::Ramping { given, allowed } => format!(
            "the agent has just come back and was given {given} of {allowed} chats that it may be given by now"
        ),
        Ineligible::EndOfHours { ends_at } => {
            format!("the agent's hours end at {}", rfc3339(ends_at))
        }
        Ineligible::HasIt => "the agent has the chat, or it rings there".to_owned(),
        Ineligible::KeptForOthers => "the chat is kept for others, of whom one is there".to_owned(),
        Ineligible::NotYetLate { at } => format!(
            "the agent is invisible and gets late chats only; this one is late from {}",
            rfc3339(at)
        ),
        Ineligible::Refused => {
            "the agent has rejected or missed the chat in this round, or has given it away"
                .to_owned()
        }
    }
}

/// What would have to be done, as the end of a sentence.
fn deed(change: &Change) -> String {
    match change {
        Change::AddMember(_) => "make it a member of the queue".to_owned(),
        Change::LogInToQueue(_) => "log it in to the queue".to_owned(),
        Change::GoOnline => "set it online".to_owned(),
        Change::GoOnlineInOffice(_) => "set it online in the queue's office".to_owned(),
        Change::BeActive => "it does something at its page".to_owned(),
        Change::Connect => "it connects".to_owned(),
        Change::EndPause => "end its pause".to_owned(),
        Change::AssignSeat => "assign it a seat".to_owned(),
        Change::EndWrapUp(at) => {
            format!("end its wrap-up, which ends by itself at {}", rfc3339(*at))
        }
        Change::RaiseCapacity(from, to) => format!("raise its capacity from {from} to {to}"),
        Change::RaiseCapacityMax(from, to) => {
            format!("raise its capacity with silent chats from {from} to {to}")
        }
        Change::EndChats(count) => format!("end {count} of its chats"),
        Change::AddSkill(_, level) => format!("give it the skill at level {level}"),
        Change::RaiseSkill(_, from, to) => format!("raise its skill from {from} to {to}"),
        Change::WaitUntil(at) => format!("wait until {}", rfc3339(*at)),
        Change::ExtendHours(at) => format!("let its hours end later than {}", rfc3339(*at)),
        Change::AcceptOffer(number) => format!("accept offer {}", number.0),
        Change::OthersGoOffline(ids) => {
            format!("the {} for whom it is kept are not online", ids.len())
        }
        Change::Pick => "pick it from the waiting chats".to_owned(),
    }
}
