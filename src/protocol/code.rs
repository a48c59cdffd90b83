//! The one list of error codes, and what each stands for over HTTP and on a socket.
//!
//! Owns the mapping from faults of an input to a code, a status and a sentence; `refused` has that of the engine's refusals.
//! Must not tell anything internal: a detail is written here, there or comes from `faults`.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

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
    /// The agent only reads along in the chat.
    NotAnswering = "not_answering", 403, "Only who answers the chat may do this";
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
    /// The chat is to be handed to the one who asks.
    ToYourself = "to_yourself", 409, "A chat is handed to somebody else";
    /// The chat is to be handed to an agent that takes part in it.
    AlreadyInChat = "already_in_chat", 409, "The agent is in the chat already";
    /// Somebody is being looked for already.
    HandOverPending = "hand_over_pending", 409, "The chat is being handed over already";
    /// Nobody is being looked for.
    NoHandOver = "no_hand_over", 409, "The chat is not being handed over";
    /// Nobody could be offered the chat now.
    NobodyAvailable = "nobody_available", 409, "Nobody can take the chat now";
    /// No other agent answers the chat.
    LastAgent = "last_agent", 409, "The last agent cannot leave";
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
    /// No decision on record around that moment names the agent.
    NotRecorded = "not_recorded", 409, "There is no record of it";
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
    /// Nothing of the tenant could have signed an identity token.
    NoIdentitySecret = "no_identity_secret", 409, "The tenant has no identity secret";
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Mode;
    use crate::engine::Refusal;

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
