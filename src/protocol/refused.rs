//! What each refusal of the engine is called on the wire, and the fields that it is about.
//!
//! The match has no wildcard, so a new refusal does not compile until it has a code.

use serde_json::json;

use super::{ErrorCode, Problem};
use crate::domain::{AnswerFault, AnswerFaultKind, Target};
use crate::engine::{Contradiction, FieldFault, Reference, Refusal, Use};
use crate::faults::{Fault, FaultCode, Faults, Sent};

impl From<Refusal> for Problem {
    /// Says what a refusal means to whoever asked. Where an id stands in the path instead of the body, the
    /// handler says `not_found` itself.
    #[expect(
        clippy::too_many_lines,
        reason = "a table with a line for each refusal"
    )]
    fn from(refusal: Refusal) -> Self {
        use ErrorCode as Code;
        match refusal {
            Refusal::UnknownAgent => Self::new(Code::NotFound, "there is no such agent"),
            Refusal::UnknownWidget => Self::new(Code::NotFound, "there is no such widget"),
            Refusal::UnknownChat => Self::new(Code::NotFound, "there is no such chat"),
            Refusal::UnknownOffer => Self::new(Code::NotFound, "the chat never had this offer"),
            Refusal::UnknownOffice => Self::unknown_id("/office_id", "there is no such office"),
            Refusal::UnknownQueue => Self::unknown_id("/queue_id", "there is no such queue"),
            Refusal::OfferGone { taken_by } => {
                Self::new(Code::OfferGone, "the offer does not ring any more")
                    .with("taken_by", json!(taken_by))
            }
            Refusal::ChatClosed => Self::new(Code::ChatClosed, "the chat is closed"),
            Refusal::NotParticipant => {
                Self::new(Code::NotParticipant, "you do not take part in the chat")
            }
            Refusal::NotAnswering => {
                Self::new(Code::NotAnswering, "you only read along in the chat")
            }
            Refusal::NotYourChat => Self::new(
                Code::Forbidden,
                "the chat is in none of the offices that you watch over",
            ),
            Refusal::UnknownTarget(Target::Agent(_)) => {
                Self::unknown_id("/to/agent_id", "there is no such agent")
            }
            Refusal::UnknownTarget(Target::Queue(_)) => {
                Self::unknown_id("/to/queue_id", "there is no such queue")
            }
            Refusal::ToYourself => Self::new(Code::ToYourself, "you have the chat already"),
            Refusal::AlreadyInChat => {
                Self::new(Code::AlreadyInChat, "the agent takes part in the chat")
            }
            Refusal::HandOverPending => Self::new(
                Code::HandOverPending,
                "somebody is being looked for already; cancel that first",
            ),
            Refusal::NoHandOver => Self::new(Code::NoHandOver, "nobody is being looked for"),
            Refusal::NobodyAvailable => Self::new(
                Code::NobodyAvailable,
                "nobody could be offered the chat now; if_unavailable decides whether it waits",
            ),
            Refusal::LastAgent => Self::new(
                Code::LastAgent,
                "nobody else answers the chat; close it or transfer it",
            ),
            Refusal::NotAMember => {
                Self::new(Code::NotAMember, "the agent is not a member of the queue")
            }
            Refusal::AtCapacity => {
                Self::new(Code::AtCapacity, "you have as many chats as you may have")
            }
            Refusal::NotLive { mode } => Self::new(Code::NotLive, "nobody is there to answer")
                .with("mode", mode.as_str().into()),
            Refusal::MessageIdTaken => {
                Self::new(Code::MessageIdTaken, "another author's message has this id")
            }
            Refusal::NoteIdTaken => {
                Self::new(Code::NoteIdTaken, "another author's note has this id")
            }
            Refusal::TooManyNotes => Self::new(
                Code::LimitReached,
                "the chat has as many notes as it may have",
            ),
            Refusal::BeyondLastMessage { fields, last_seq } => {
                beyond_last_message(fields, last_seq).into()
            }
            Refusal::UnknownMessage => {
                Self::new(Code::UnknownMessage, "the chat has no message of this id")
            }
            Refusal::NotAuthor => Self::new(Code::NotAuthor, "the message is somebody else's"),
            Refusal::MessageDeleted => {
                Self::new(Code::MessageDeleted, "the message was deleted before")
            }
            Refusal::MessageFixed => Self::new(
                Code::MessageFixed,
                "notices and presses of buttons stay as they are",
            ),
            Refusal::UnknownButton => Self::new(
                Code::UnknownButton,
                "no message of the chat has this button, or it is a link",
            ),
            Refusal::TooManyButtons => Self::new(
                Code::LimitReached,
                "the chat has as many messages with buttons as it may have",
            ),
            Refusal::UnknownFile => Self::unknown_id(
                "/message/file_id",
                "you have no such file that could be sent",
            ),
            Refusal::FileSent => Self::new(Code::FileSent, "another message has this file"),
            Refusal::QueueFull => Self::new(Code::QueueFull, "as many chats wait as may"),
            Refusal::ChatFull => Self::new(
                Code::ChatFull,
                "the chat has as many messages as it may have",
            ),
            Refusal::NotWaiting => Self::new(Code::NotWaiting, "the chat does not wait"),
            Refusal::EmailRequired => Faults::one(
                "/email",
                FaultCode::Required,
                "an answer by e-mail needs an address",
            )
            .into(),
            Refusal::TooManyOpenChats => Self::new(
                Code::TooManyOpenChats,
                "you have as many open chats as you may have",
            ),
            Refusal::TooManyConnections => Self::new(
                Code::LimitReached,
                "you have as many connections as you may have",
            ),
            Refusal::LimitReached => Self::new(
                Code::LimitReached,
                "there are as many of this kind as there may be",
            ),
            Refusal::UnknownStatus => {
                Self::unknown_id("/status_id", "there is no such custom status")
            }
            Refusal::UnknownPause => Self::unknown_id("/pause_id", "there is no such pause"),
            Refusal::UnknownSkill => Self::unknown_id("/skill_id", "there is no such skill"),
            Refusal::UnknownDisposition => {
                Self::unknown_id("/disposition_id", "there is no such disposition")
            }
            Refusal::UnknownRoutingRule => {
                Self::new(Code::NotFound, "there is no such routing rule")
            }
            Refusal::BadFields(found) => bad_fields(Sent::default(), found).into(),
            Refusal::UnknownBan => Self::new(Code::NotFound, "there is no such ban"),
            Refusal::Banned => Self::new(Code::Banned, "you may not write here"),
            Refusal::OverflowLoop => Self::new(
                Code::OverflowLoop,
                "chats that overflow would come back to this queue",
            ),
            Refusal::NotInOffice => {
                Self::unknown_id("/office_id", "the agent does not belong to this office")
            }
            Refusal::NotYourAgent => Self::new(
                Code::Forbidden,
                "a supervisor changes the presence of the agents of its own offices only",
            ),
            Refusal::NotPaused => Self::new(Code::NotPaused, "the agent is in no pause"),
            Refusal::StatusForbidsChats => Self::new(
                Code::StatusForbidsChats,
                "your status lets you have no part in chats",
            ),
            Refusal::VersionMismatch => Self::new(
                Code::PreconditionFailed,
                "it has changed since; read it again",
            ),
            Refusal::InUse(by) => Self::new(Code::InUse, in_use(by)),
            Refusal::LastOwner => Self::new(
                Code::LastOwner,
                "the last owner can be neither archived nor made something less",
            ),
            Refusal::AboveYourRole => Self::new(
                Code::Forbidden,
                "nobody gives or takes more rights than it has",
            ),
            Refusal::EmailTaken => {
                Self::new(Code::EmailTaken, "another agent logs in with this address")
            }
            Refusal::UnknownDispositions { places } => unknown_places(
                places,
                "/disposition_ids",
                "chats of this queue have no such disposition",
            )
            .into(),
            Refusal::UnknownTags { places } => {
                unknown_places(places, "/tag_ids", "there is no such tag").into()
            }
            Refusal::SeveralDispositions => Faults::one(
                "/disposition_ids",
                FaultCode::TooLong,
                "a chat of this queue has one disposition",
            )
            .into(),
            Refusal::DispositionRequired => Self {
                code: Code::DispositionRequired,
                ..Faults::one(
                    "/disposition_ids",
                    FaultCode::Required,
                    "a chat of this queue is closed with a disposition",
                )
                .into()
            },
            Refusal::NotInWrapUp => Self::new(
                Code::NotInWrapUp,
                "you have no work left to do after this chat",
            ),
            Refusal::TooManyFields => Faults::one(
                "/fields",
                FaultCode::TooLong,
                "a chat has up to 20 fields of 8,192 bytes together",
            )
            .into(),
            Refusal::NothingToRate => {
                Self::new(Code::NothingToRate, "no agent has taken part in the chat")
            }
            Refusal::RatingClosed => Self::new(
                Code::RatingClosed,
                "a chat can be rated for 24 hours after its end",
            ),
        }
    }
}

/// What an engine has found wrong with the fields of a request, together with what was wrong with it by itself. Each
/// fault is named by its place in what was sent.
#[must_use]
pub fn bad_fields(mut sent: Sent, found: Vec<FieldFault>) -> Faults {
    for fault in found {
        match fault {
            FieldFault::Unknown(reference, id) => {
                let (pattern, detail) = place_of(reference);
                for place in sent.places_of(pattern, &id.to_string()) {
                    sent.found(fault_at(&place, FaultCode::UnknownId, detail), &[&place]);
                }
            }
            FieldFault::Contradicts(contradiction) => {
                let (place, other, code, detail) = contradicts(contradiction);
                sent.found(fault_at(place, code, detail), &[place, other]);
            }
            FieldFault::BeyondTenant(field) => {
                let place = format!("/inactivity/{field}");
                let detail = "must not be longer than the tenant's";
                sent.found(fault_at(&place, FaultCode::OutOfRange, detail), &[&place]);
            }
            FieldFault::SeatsBelowAssigned(assigned) => {
                let detail = format!("{assigned} seats are assigned to agents");
                let fault = fault_at("/seats", FaultCode::OutOfRange, &detail);
                sent.found(fault, &["/seats"]);
            }
            FieldFault::NoSeatLeft => {
                let detail = "all seats are assigned to others";
                let fault = fault_at("/seat", FaultCode::OutOfRange, detail);
                sent.found(fault, &["/seat"]);
            }
            FieldFault::PaidPause => {
                let place = "/on_missed_offer/pause_id";
                let fault = fault_at(place, FaultCode::UnknownValue, "must be an unpaid pause");
                sent.found(fault, &[place]);
            }
            FieldFault::Answer(answer) => {
                let fault = bad_answer(&answer);
                let place = fault.pointer.clone();
                sent.found(fault, &[&place]);
            }
        }
    }
    sent.faults()
}

fn fault_at(pointer: &str, code: FaultCode, detail: &str) -> Fault {
    Fault {
        pointer: pointer.to_owned(),
        code,
        detail: detail.to_owned(),
    }
}

/// The answers stand under `fields`.
fn bad_answer(fault: &AnswerFault) -> Fault {
    let (code, detail) = match fault.kind {
        AnswerFaultKind::Missing => (FaultCode::Required, "this field is required".to_owned()),
        AnswerFaultKind::Invalid(invalid) => (invalid.into(), invalid.to_string()),
        AnswerFaultKind::NoChoice => (
            FaultCode::UnknownValue,
            "must be one of the form's choices".to_owned(),
        ),
    };
    let name = fault.name.as_str().replace('~', "~0").replace('/', "~1");
    fault_at(&format!("/fields/{name}"), code, &detail)
}

/// Where a reference stands in a request, `*` for any place of a list, and what to say of one that leads nowhere.
fn place_of(reference: Reference) -> (&'static str, &'static str) {
    const OFFICE: &str = "there is no such office";
    const QUEUE: &str = "there is no such queue";
    const AGENT: &str = "there is no such agent";
    const WIDGET: &str = "there is no such widget";
    const SKILL: &str = "there is no such skill";
    match reference {
        Reference::Office => ("/office_id", OFFICE),
        Reference::Offices => ("/office_ids/*", OFFICE),
        Reference::Queue | Reference::RuleQueue => ("/queue_id", QUEUE),
        Reference::Member => ("/member_ids/*", AGENT),
        Reference::RequiredSkill => ("/required_skills/*/skill_id", SKILL),
        Reference::Skill => ("/skills/*/skill_id", SKILL),
        Reference::Disposition => ("/disposition_ids/*", "there is no such disposition"),
        Reference::Overflow => ("/overflow/queue_id", QUEUE),
        Reference::MissedOfferPause => ("/on_missed_offer/pause_id", "there is no such pause"),
        Reference::WidgetAgent => ("/agent_id", AGENT),
        Reference::Widget => ("/widget_id", WIDGET),
        Reference::Assigned => ("/assigned_agent_ids/*", AGENT),
        Reference::RuleAgent => ("/agent_ids/*", AGENT),
        Reference::RuleWidget => ("/conditions/widget_ids/*", WIDGET),
        Reference::RuleOffice => ("/conditions/office_ids/*", OFFICE),
    }
}

/// The field that gives way, the one that it does not go together with, and what to say of it.
fn contradicts(
    contradiction: Contradiction,
) -> (&'static str, &'static str, FaultCode, &'static str) {
    match contradiction {
        Contradiction::ReopenAt => (
            "/reopen_at",
            "/max_waiting",
            FaultCode::OutOfRange,
            "must be less than max_waiting",
        ),
        Contradiction::MaxWait => (
            "/overflow",
            "/max_wait_s",
            FaultCode::Required,
            "with max_wait_s there must be somewhere to go then",
        ),
        Contradiction::IdleClose => (
            "/idle_close_s",
            "/idle_warning_s",
            FaultCode::OutOfRange,
            "must be longer than idle_warning_s",
        ),
        Contradiction::CapacityMax => (
            "/capacity_max",
            "/capacity",
            FaultCode::OutOfRange,
            "must not be less than capacity",
        ),
    }
}

fn beyond_last_message(fields: &[&str], last_seq: u32) -> Faults {
    let fault = |field: &&str| Fault {
        pointer: format!("/{field}"),
        code: FaultCode::OutOfRange,
        detail: format!("the last message of the chat is {last_seq}"),
    };
    Faults(fields.iter().map(fault).collect())
}

/// Each id of a list that names nothing.
fn unknown_places(places: u32, list: &str, detail: &str) -> Faults {
    let wrong = (0..u32::BITS).filter(|at| places & (1 << at) != 0);
    let fault = |at| Fault {
        pointer: format!("{list}/{at}"),
        code: FaultCode::UnknownId,
        detail: detail.to_owned(),
    };
    Faults(wrong.map(fault).collect())
}

fn in_use(by: Use) -> &'static str {
    match by {
        Use::Queue => "the office has queues; archive them first",
        Use::Widget => "a widget names the office; change it first",
        Use::Chat => "there are open chats or messages in the inbox; close them first",
        Use::QueueSettings => "the settings of a queue name it; change them first",
        Use::RoutingRule => "a routing rule names it; change that first",
        Use::Overflow => "another queue overflows into it; change that first",
    }
}
