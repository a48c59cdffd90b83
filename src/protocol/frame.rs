//! Frames that clients send: read into a type, or a problem that names the command that failed.
//!
//! Owns the two lists of commands, which are apart so that a visitor's socket cannot even spell an agent's. Must not
//! act on any of them.

use deserr::Deserr;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::request::{NewMessage, SetPresence, StartChat};
use super::{ErrorCode, Problem};
use crate::domain::{ChatId, Invalid, Note, OfferNumber, Status, bounded};
use crate::faults::{Fault, FaultCode, Faults, read};

/// What an agent's client sends.
#[derive(Clone, Debug)]
pub struct AgentFrame {
    /// Names the command in its answer; each command has one.
    pub id: Option<String>,
    /// What is asked.
    pub kind: AgentFrameKind,
}

/// What an agent's client asks.
#[derive(Clone, Debug)]
pub enum AgentFrameKind {
    /// Begins the connection.
    Hello(Hello),
    /// Asks for a `pong`.
    Ping,
    /// Answers a `ping`.
    Pong,
    /// Sets the agent's status.
    PresenceSet {
        /// What to be.
        status: Status,
    },
    /// Takes a chat.
    Accept {
        /// Which.
        chat_id: ChatId,
        /// By which offer; without one it is picked from the waiting list.
        offer: Option<OfferNumber>,
    },
    /// Declines an offer.
    Reject {
        /// Of which chat.
        chat_id: ChatId,
        /// Which offer.
        offer: OfferNumber,
        /// Why.
        reason: Option<Note>,
    },
    /// Writes a message.
    Send {
        /// In which chat.
        chat_id: ChatId,
        /// The message.
        message: NewMessage,
    },
    /// Begins or stops typing.
    Type {
        /// In which chat.
        chat_id: ChatId,
        /// Which of the two.
        typing: bool,
    },
    /// Closes a chat.
    Close {
        /// Which.
        chat_id: ChatId,
    },
    /// Renews the connection's token.
    TokenRefresh {
        /// The new one.
        token: String,
    },
}

/// What a visitor's client sends.
#[derive(Clone, Debug)]
pub struct VisitorFrame {
    /// Names the command in its answer; each command has one.
    pub id: Option<String>,
    /// What is asked.
    pub kind: VisitorFrameKind,
}

/// What a visitor's client asks.
#[derive(Clone, Debug)]
pub enum VisitorFrameKind {
    /// Begins the connection.
    Hello(Hello),
    /// Asks for a `pong`.
    Ping,
    /// Answers a `ping`.
    Pong,
    /// Starts a chat.
    Start(Box<StartChat>),
    /// Writes a message.
    Send {
        /// In which chat.
        chat_id: ChatId,
        /// The message.
        message: NewMessage,
    },
    /// Begins or stops typing.
    Type {
        /// In which chat.
        chat_id: ChatId,
        /// Which of the two.
        typing: bool,
    },
    /// Ends a chat.
    End {
        /// Which.
        chat_id: ChatId,
    },
    /// Renews the connection's token.
    TokenRefresh {
        /// The new one.
        token: String,
    },
}

/// The first frame of a page.
#[derive(Clone, Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Hello {
    /// Who it is; absent when the upgrade carried it.
    #[deserr(default)]
    pub token: Option<String>,
    /// Where it was.
    #[deserr(default)]
    pub resume: Option<Resume>,
}

impl std::fmt::Debug for Hello {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hello")
            .field("resume", &self.resume)
            .finish_non_exhaustive()
    }
}

/// Where a client was when it lost its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Resume {
    /// The history that its number belongs to.
    #[deserr(try_from(String) = history -> Invalid)]
    pub history_id: Uuid,
    /// The number of the last event that it has.
    #[deserr(try_from(i64) = crate::faults::between::<_, 0, { i64::MAX }> -> Invalid)]
    pub after: i64,
}

fn history(text: String) -> Result<Uuid, Invalid> {
    text.parse().map_err(|_| Invalid::BadFormat("a UUID"))
}

/// A frame that cannot be read, and the id of the command that it was meant to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameFault {
    /// The command's own id, if that could be read.
    pub id: Option<String>,
    /// What is wrong.
    pub problem: Problem,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct AcceptFields {
    chat_id: ChatId,
    #[deserr(default)]
    offer: Option<OfferNumber>,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct RejectFields {
    chat_id: ChatId,
    offer: OfferNumber,
    #[deserr(default)]
    reason: Option<Note>,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct SendFields {
    chat_id: ChatId,
    message: NewMessage,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct TypeFields {
    chat_id: ChatId,
    typing: bool,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct ChatField {
    chat_id: ChatId,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct TokenField {
    token: String,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct NoFields {}

/// Reads a frame of an agent.
///
/// # Errors
/// Names every field that is wrong.
pub fn parse_agent(text: &str) -> Result<AgentFrame, FrameFault> {
    let (envelope, fields) = Envelope::open(text)?;
    let read = match envelope.kind.as_str() {
        "hello" => envelope.read(fields).map(AgentFrameKind::Hello),
        "ping" => envelope
            .read(fields)
            .map(|NoFields {}| AgentFrameKind::Ping),
        "pong" => envelope
            .read(fields)
            .map(|NoFields {}| AgentFrameKind::Pong),
        "presence.set" => envelope
            .command(fields)
            .map(|SetPresence { status }| AgentFrameKind::PresenceSet { status }),
        "chat.accept" => envelope
            .command(fields)
            .map(|AcceptFields { chat_id, offer }| AgentFrameKind::Accept { chat_id, offer }),
        "chat.reject" => envelope.command(fields).map(
            |RejectFields {
                 chat_id,
                 offer,
                 reason,
             }| {
                AgentFrameKind::Reject {
                    chat_id,
                    offer,
                    reason,
                }
            },
        ),
        "chat.send" => envelope
            .command(fields)
            .map(|SendFields { chat_id, message }| AgentFrameKind::Send { chat_id, message }),
        "chat.typing" => envelope
            .command(fields)
            .map(|TypeFields { chat_id, typing }| AgentFrameKind::Type { chat_id, typing }),
        "chat.close" => envelope
            .command(fields)
            .map(|ChatField { chat_id }| AgentFrameKind::Close { chat_id }),
        "token.refresh" => envelope
            .command(fields)
            .map(|TokenField { token }| AgentFrameKind::TokenRefresh { token }),
        _ => Err(unknown_type(
            "must be one of hello, ping, pong, presence.set, chat.accept, chat.reject, chat.send, \
             chat.typing, chat.close, token.refresh",
        )),
    };
    let (id, kind) = envelope.close(read)?;
    Ok(AgentFrame { id, kind })
}

/// Reads a frame of a visitor.
///
/// # Errors
/// Names every field that is wrong.
pub fn parse_visitor(text: &str) -> Result<VisitorFrame, FrameFault> {
    let (envelope, fields) = Envelope::open(text)?;
    let read = match envelope.kind.as_str() {
        "hello" => envelope.read(fields).map(VisitorFrameKind::Hello),
        "ping" => envelope
            .read(fields)
            .map(|NoFields {}| VisitorFrameKind::Ping),
        "pong" => envelope
            .read(fields)
            .map(|NoFields {}| VisitorFrameKind::Pong),
        "chat.start" => envelope
            .command(fields)
            .map(|start: StartChat| VisitorFrameKind::Start(Box::new(start))),
        "chat.send" => envelope
            .command(fields)
            .map(|SendFields { chat_id, message }| VisitorFrameKind::Send { chat_id, message }),
        "chat.typing" => envelope
            .command(fields)
            .map(|TypeFields { chat_id, typing }| VisitorFrameKind::Type { chat_id, typing }),
        "chat.end" => envelope
            .command(fields)
            .map(|ChatField { chat_id }| VisitorFrameKind::End { chat_id }),
        "token.refresh" => envelope
            .command(fields)
            .map(|TokenField { token }| VisitorFrameKind::TokenRefresh { token }),
        _ => Err(unknown_type(
            "must be one of hello, ping, pong, chat.start, chat.send, chat.typing, chat.end, \
             token.refresh",
        )),
    };
    let (id, kind) = envelope.close(read)?;
    Ok(VisitorFrame { id, kind })
}

fn unknown_type(detail: &str) -> Faults {
    Faults::one("/type", FaultCode::UnknownValue, detail)
}

/// What every frame has.
struct Envelope {
    id: Option<String>,
    kind: String,
    /// What is wrong with the id, told together with what is wrong with the rest.
    faults: Faults,
}

impl Envelope {
    /// Takes a frame apart.
    fn open(text: &str) -> Result<(Self, Value), FrameFault> {
        let broken = |code, detail: String| FrameFault {
            id: None,
            problem: Problem::new(code, detail),
        };
        let value: Value = serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            broken(
                ErrorCode::MalformedJson,
                format!("not JSON at line {line}, column {column}"),
            )
        })?;
        let Value::Object(mut fields) = value else {
            return Err(broken(
                ErrorCode::MalformedRequest,
                "a frame is an object".to_owned(),
            ));
        };
        let mut faults = Faults::default();
        let id = command_id(&mut fields, &mut faults);
        match fields.remove("type") {
            Some(Value::String(kind)) => Ok((Self { id, kind, faults }, Value::Object(fields))),
            Some(_) => {
                faults.push(fault("/type", FaultCode::WrongType, "expected a text"));
                Err(FrameFault {
                    id,
                    problem: faults.into(),
                })
            }
            None => {
                faults.push(fault(
                    "/type",
                    FaultCode::Required,
                    "this field is required",
                ));
                Err(FrameFault {
                    id,
                    problem: faults.into(),
                })
            }
        }
    }

    /// Reads what needs no id.
    fn read<T: Deserr<Faults>>(&self, fields: Value) -> Result<T, Faults> {
        read(fields)
    }

    /// Reads a command, which needs one.
    fn command<T: Deserr<Faults>>(&self, fields: Value) -> Result<T, Faults> {
        let command = read(fields);
        if self.id.is_some() || !self.faults.0.is_empty() {
            return command;
        }
        let mut faults = Faults::one("/id", FaultCode::Required, "this field is required");
        faults.extend(command.err().unwrap_or_default());
        Err(faults)
    }

    /// Puts the id and what was read together.
    fn close<T>(self, read: Result<T, Faults>) -> Result<(Option<String>, T), FrameFault> {
        let mut faults = self.faults;
        match read {
            Ok(kind) if faults.0.is_empty() => Ok((self.id, kind)),
            Ok(_) => Err(FrameFault {
                id: self.id,
                problem: faults.into(),
            }),
            Err(more) => {
                faults.extend(more);
                Err(FrameFault {
                    id: self.id,
                    problem: faults.into(),
                })
            }
        }
    }
}

/// Takes a command's id, 1 to 64 characters.
fn command_id(fields: &mut Map<String, Value>, faults: &mut Faults) -> Option<String> {
    match fields.remove("id")? {
        Value::String(id) => match bounded(&id, 1, 64) {
            Ok(()) => Some(id),
            Err(invalid) => {
                faults.extend(Faults::invalid("/id", invalid));
                None
            }
        },
        _ => {
            faults.push(fault("/id", FaultCode::WrongType, "expected a text"));
            None
        }
    }
}

fn fault(pointer: &str, code: FaultCode, detail: &str) -> Fault {
    Fault {
        pointer: pointer.to_owned(),
        code,
        detail: detail.to_owned(),
    }
}

#[cfg(test)]
mod tests;
