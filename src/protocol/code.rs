//! The one list of error codes, and what each stands for over HTTP and on a socket.
//!
//! Owns the mapping from the engine's refusals and from faults of an input to a code, a status and a sentence. Must
//! not tell anything internal: a detail is written here or comes from `faults`. The matches have no wildcard, so a
//! new refusal does not compile until it has a code.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use crate::domain::{AnswerFault, AnswerFaultKind};
use crate::engine::{Contradiction, Reference, Refusal, Use};
use crate::faults::{Fault, FaultCode, Faults};

/// Defines the codes with their word, status and title.
macro_rules! codes {
    ($($(#[$doc:meta])+ $code:ident = $word:literal, $status:literal, $title:literal;)+) => {
        /// What went wrong, for programs. Never renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorCode {
            $($(#[$doc])+ $code,)+
        }

        impl ErrorCode {
            /// Every code, in the order of the document.
            pub const ALL: &'static [Self] = &[$(Self::$code),+];

            /// The word on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $word,)+
                }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub fn status(self) -> u16 {
                match self {
                    $(Self::$code => $status,)+
                }
            }

            /// The sentence that is the same for every problem of this code.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$code => $title,)+
                }
            }
        }
    };
}

codes! {
    /// The body is not JSON.
    MalformedJson = "malformed_json", 400, "The body is not JSON";
    /// The request cannot be read for another reason than its fields.
    MalformedRequest = "malformed_request", 400, "The request cannot be read";
    /// No credentials.
    Unauthenticated = "unauthenticated", 401, "Credentials are required";
    /// The log-in is wrong.
    BadCredentials = "bad_credentials", 401, "The log-in is wrong";
    /// The token is none of this server's, or for something else.
    TokenInvalid = "token_invalid", 401, "The token is not valid";
    /// The token's time has passed.
    TokenExpired = "token_expired", 401, "The token has expired";
    /// The session has ended.
    SessionRevoked = "session_revoked", 401, "The session has ended";
    /// The role does not allow it.
    Forbidden = "forbidden", 403, "This is not allowed";
    /// The agent takes no part in the chat.
    NotParticipant = "not_participant", 403, "Only who takes part in the chat may do this";
    /// The message is somebody else's.
    NotAuthor = "not_author", 403, "Only its author may change a message";
    /// The visitor is banned.
    Banned = "banned", 403, "You are banned";
    /// The page may not embed the widget.
    OriginNotAllowed = "origin_not_allowed", 403, "This page may not use the widget";
    /// Nothing is there, or nothing that the caller may know of.
    NotFound = "not_found", 404, "There is no such thing";
    /// The chat has no such message.
    UnknownMessage = "unknown_message", 404, "The chat has no such message";
    /// The path has no such method.
    MethodNotAllowed = "method_not_allowed", 405, "The method is not allowed here";
    /// The address opened something for a time, which has passed.
    LinkExpired = "link_expired", 410, "The address has expired";
    /// It has been changed since the caller read it.
    PreconditionFailed = "precondition_failed", 412, "It has changed in the meantime";
    /// The body is too large.
    TooLarge = "too_large", 413, "The body is too large";
    /// The file is longer than a file may be.
    FileTooLarge = "file_too_large", 413, "The file is too large";
    /// The body is not said to be what is expected.
    UnsupportedMediaType = "unsupported_media_type", 415, "The body is not of the expected type";
    /// The file has none of these bytes.
    RangeNotSatisfiable = "range_not_satisfiable", 416, "The file has no such part";
    /// The agent's status lets it have no part in chats.
    StatusForbidsChats = "status_forbids_chats", 409, "The agent's status has no part in chats";
    /// The agent is in no pause.
    NotPaused = "not_paused", 409, "The agent is in no pause";
    /// Something else still needs it.
    InUse = "in_use", 409, "Something else still needs it";
    /// Chats that overflow would go round in a circle.
    OverflowLoop = "overflow_loop", 409, "Overflows lead back to the queue";
    /// The last owner stays.
    LastOwner = "last_owner", 409, "A tenant has an owner";
    /// The offer does not ring any more.
    OfferGone = "offer_gone", 409, "The offer is gone";
    /// The chat is closed.
    ChatClosed = "chat_closed", 409, "The chat is closed";
    /// Nobody is there.
    NotLive = "not_live", 409, "Nobody is there";
    /// The agent has as many chats as it may have.
    AtCapacity = "at_capacity", 409, "The agent has no room for another chat";
    /// The agent is not a member of the chat's queue.
    NotAMember = "not_a_member", 409, "The agent is not a member of the queue";
    /// Another author's message has this id.
    MessageIdTaken = "message_id_taken", 409, "The message's id is taken";
    /// Another author's note has this id.
    NoteIdTaken = "note_id_taken", 409, "The note's id is taken";
    /// The message was deleted.
    MessageDeleted = "message_deleted", 409, "The message was deleted";
    /// A notice, or the press of a button.
    MessageFixed = "message_fixed", 409, "The message cannot be changed";
    /// The message has no such button that could be pressed.
    UnknownButton = "unknown_button", 409, "There is no such button to press";
    /// The key was used with another body.
    IdempotencyMismatch = "idempotency_mismatch", 409, "The key was used for another request";
    /// Another tenant has this slug.
    SlugTaken = "slug_taken", 409, "The slug is taken";
    /// Another agent has this address.
    EmailTaken = "email_taken", 409, "The e-mail address is taken";
    /// Another template has this shortcut.
    ShortcutTaken = "shortcut_taken", 409, "The shortcut is taken";
    /// Another thing of this kind has this name.
    NameTaken = "name_taken", 409, "The name is taken";
    /// As many chats wait as may.
    QueueFull = "queue_full", 409, "The queue is full";
    /// The chat has as many messages as it may have.
    ChatFull = "chat_full", 409, "The chat is full";
    /// The chat does not wait.
    NotWaiting = "not_waiting", 409, "The chat does not wait";
    /// The visitor has as many open chats as it may have.
    TooManyOpenChats = "too_many_open_chats", 409, "There are too many open chats";
    /// Another message has the file.
    FileSent = "file_sent", 409, "The file was sent before";
    /// The files of the tenant take as much room as they may.
    StorageFull = "storage_full", 409, "There is no room for more files";
    /// The tenant or agent has as many things of this kind as it may have.
    LimitReached = "limit_reached", 409, "A limit is reached";
    /// The agent has no work left to do after the chat.
    NotInWrapUp = "not_in_wrap_up", 409, "The agent is not in wrap-up after the chat";
    /// No agent has taken part in the chat.
    NothingToRate = "nothing_to_rate", 409, "Nobody took part in the chat";
    /// The chat has been over for too long.
    RatingClosed = "rating_closed", 409, "The chat has been over for too long";
    /// The chat is not closed without an outcome.
    DispositionRequired = "disposition_required", 422, "A disposition is required";
    /// Fields are wrong.
    Invalid = "invalid", 422, "The request has bad fields";
    /// The file is not what its name or its sender says.
    FileTypeMismatch = "file_type_mismatch", 422, "The file is not what it is said to be";
    /// The image has more pixels than an image may have.
    ImageTooLarge = "image_too_large", 422, "The image is too large";
    /// The file begins as an image and is none.
    ImageUnreadable = "image_unreadable", 422, "The image cannot be read";
    /// Too many requests.
    RateLimited = "rate_limited", 429, "There are too many requests";
    /// A fault of the service.
    Internal = "internal", 500, "The service has failed";
    /// The service cannot answer now.
    Unavailable = "unavailable", 503, "The service is not available";
}

/// What a caller is told when a request fails: the body over HTTP, an error frame on a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What went wrong, for programs.
    pub code: ErrorCode,
    /// What went wrong this time, for people: a lower-case fragment.
    pub detail: String,
    /// Which fields are wrong; empty for everything but `invalid`.
    pub errors: Vec<Fault>,
    /// Members that belong to a code, as `mode` to `not_live`.
    pub extra: Map<String, Value>,
}

impl Problem {
    /// Makes a problem without faults and further members.
    #[must_use]
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            extra: Map::new(),
        }
    }

    /// Adds a member that belongs to the code.
    #[must_use]
    pub fn with(mut self, member: &str, value: Value) -> Self {
        self.extra.insert(member.to_owned(), value);
        self
    }

    /// Says that an id in the request names nothing of the tenant.
    #[must_use]
    pub fn unknown_id(pointer: &str, detail: &str) -> Self {
        Faults::one(pointer, FaultCode::UnknownId, detail).into()
    }

    /// Says that there is no such thing; the same for what belongs to another tenant.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "there is no such thing")
    }

    /// The body of an answer, `application/problem+json`.
    #[must_use]
    pub fn to_json(&self) -> String {
        super::to_text(self)
    }
}

impl Serialize for Problem {
    /// Writes RFC 9457's members first, then those of this service.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(
            "type",
            &format_args!("urn:deskbell:problem:{}", self.code.as_str()),
        )?;
        map.serialize_entry("title", self.code.title())?;
        map.serialize_entry("status", &self.code.status())?;
        map.serialize_entry("code", self.code.as_str())?;
        map.serialize_entry("detail", &self.detail)?;
        map.serialize_entry("errors", &self.errors)?;
        for (member, value) in &self.extra {
            map.serialize_entry(member, value)?;
        }
        map.end()
    }
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        Self {
            code: ErrorCode::Invalid,
            detail: faults.to_string(),
            errors: faults.0,
            extra: Map::new(),
        }
    }
}

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
            Refusal::UnknownMember => {
                Self::unknown_id("/member_ids", "one of them is no agent of the tenant")
            }
            Refusal::OfferGone { taken_by } => {
                Self::new(Code::OfferGone, "the offer does not ring any more")
                    .with("taken_by", json!(taken_by))
            }
            Refusal::ChatClosed => Self::new(Code::ChatClosed, "the chat is closed"),
            Refusal::NotParticipant => {
                Self::new(Code::NotParticipant, "you do not take part in the chat")
            }
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
            Refusal::BadAnswers(faults) => bad_answers(faults).into(),
            Refusal::UnknownBan => Self::new(Code::NotFound, "there is no such ban"),
            Refusal::Banned => Self::new(Code::Banned, "you may not write here"),
            Refusal::UnknownIds(references) => unknown_ids(&references).into(),
            Refusal::Contradictory(found) => contradictions(&found).into(),
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
            Refusal::SeatsBelowAssigned { assigned } => Faults::one(
                "/seats",
                FaultCode::OutOfRange,
                format!("{assigned} seats are assigned to agents"),
            )
            .into(),
            Refusal::NoSeatLeft => Faults::one(
                "/seat",
                FaultCode::OutOfRange,
                "all seats are assigned to others",
            )
            .into(),
            Refusal::BeyondTenant { fields } => beyond_tenant(fields).into(),
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

fn beyond_tenant(fields: &[&str]) -> Faults {
    let fault = |field: &&str| Fault {
        pointer: format!("/inactivity/{field}"),
        code: FaultCode::OutOfRange,
        detail: "must not be longer than the tenant's".to_owned(),
    };
    Faults(fields.iter().map(fault).collect())
}

/// The answers stand under `fields`.
fn bad_answers(faults: Vec<AnswerFault>) -> Faults {
    let fault = |fault: AnswerFault| {
        let (code, detail) = match fault.kind {
            AnswerFaultKind::Missing => (FaultCode::Required, "this field is required".to_owned()),
            AnswerFaultKind::Invalid(invalid) => (invalid.into(), invalid.to_string()),
            AnswerFaultKind::NoChoice => (
                FaultCode::UnknownValue,
                "must be one of the form's choices".to_owned(),
            ),
        };
        let name = fault.name.as_str().replace('~', "~0").replace('/', "~1");
        Fault {
            pointer: format!("/fields/{name}"),
            code,
            detail,
        }
    };
    Faults(faults.into_iter().map(fault).collect())
}

fn unknown_ids(references: &[Reference]) -> Faults {
    let fault = |reference: &Reference| {
        let (pointer, detail) = match reference {
            Reference::RequiredSkill => {
                ("/required_skills", "one of them is no skill of the tenant")
            }
            Reference::Skill => ("/skills", "one of them is no skill of the tenant"),
            Reference::Disposition => (
                "/disposition_ids",
                "one of them is no disposition of the tenant",
            ),
            Reference::Overflow => ("/overflow/queue_id", "there is no such queue"),
            Reference::MissedOfferPause => ("/on_missed_offer/pause_id", "there is no such pause"),
            Reference::RuleQueue => ("/queue_id", "there is no such queue"),
            Reference::RuleAgent => ("/agent_ids", "one of them is no agent of the tenant"),
            Reference::RuleWidget => (
                "/conditions/widget_ids",
                "one of them is no widget of the tenant",
            ),
            Reference::RuleOffice => (
                "/conditions/office_ids",
                "one of them is no office of the tenant",
            ),
            Reference::WidgetAgent => ("/agent_id", "there is no such agent"),
        };
        Fault {
            pointer: pointer.to_owned(),
            code: FaultCode::UnknownId,
            detail: detail.to_owned(),
        }
    };
    Faults(references.iter().map(fault).collect())
}

fn contradictions(found: &[Contradiction]) -> Faults {
    let fault = |contradiction: &Contradiction| {
        let (pointer, code, detail) = match contradiction {
            Contradiction::ReopenAt => (
                "/reopen_at",
                FaultCode::OutOfRange,
                "must be less than max_waiting",
            ),
            Contradiction::MaxWait => (
                "/overflow",
                FaultCode::Required,
                "with max_wait_s there must be somewhere to go then",
            ),
            Contradiction::IdleClose => (
                "/idle_close_s",
                FaultCode::OutOfRange,
                "must be longer than idle_warning_s",
            ),
            Contradiction::CapacityMax => (
                "/capacity_max",
                FaultCode::OutOfRange,
                "must not be less than capacity",
            ),
        };
        Fault {
            pointer: pointer.to_owned(),
            code,
            detail: detail.to_owned(),
        }
    };
    Faults(found.iter().map(fault).collect())
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
        Use::Chat => "there are open chats; close them first",
        Use::QueueSettings => "the settings of a queue name it; change them first",
        Use::RoutingRule => "a routing rule names it; change that first",
        Use::Overflow => "another queue overflows into it; change that first",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Mode;

    #[test]
    fn a_problem_has_the_members_of_the_document_in_its_order() {
        let problem = Problem::from(Refusal::NotLive {
            mode: Mode::Messenger,
        });

        assert_eq!(
            problem.to_json(),
            r#"{"type":"urn:deskbell:problem:not_live","title":"Nobody is there","status":409,"code":"not_live","detail":"nobody is there to answer","errors":[],"mode":"messenger"}"#
        );
    }

    #[test]
    fn an_offer_that_nobody_took_is_gone_all_the_same() {
        let problem = Problem::from(Refusal::OfferGone { taken_by: None });

        assert_eq!(problem.extra.get("taken_by"), Some(&Value::Null));
    }

    #[test]
    fn every_code_stands_in_the_document_at_its_status() {
        let document = include_str!("../../docs/protocol.md");
        for code in ErrorCode::ALL {
            let word = format!("`{}`", code.as_str());
            let row = document
                .lines()
                .find(|line| line.starts_with("| ") && line.contains(&word))
                .unwrap_or_else(|| panic!("{word} is not in the document"));
            assert!(row.contains(&code.status().to_string()), "{word}: {row}");
        }
    }
}
