//! Reading frames.
//!
//! Owns that a frame which is wrong in several places is told all of them at once, the command's id included.

use deserr::Deserr;
use serde_json::{Map, Value};

use super::{
    AgentFrame, AgentFrameKind, FrameFault, VisitorFrame, VisitorFrameKind, conversation, life,
};
use crate::domain::{
    ChatId, Email, IfUnavailable, Name, Note, OfferNumber, OfficeId, QueueId, Release, Status,
    StatusId, bounded,
};
use crate::engine::{AgentCommand, PresenceCommand};
use crate::faults::{Fault, FaultCode, Faults, read};
use crate::protocol::request::{
    AskByEmail, AskForHelp, HandOverTarget, InviteToChat, ReadAlongInChat, SetStatus, StartChat,
    StartPause, TransferChat, new_status,
};
use crate::protocol::{ErrorCode, Problem, read_json};

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
struct AskFields {
    chat_id: ChatId,
    #[deserr(default)]
    name: Option<Name>,
    #[deserr(default)]
    email: Option<Email>,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct ChatField {
    chat_id: ChatId,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct TransferFields {
    chat_id: ChatId,
    to: HandOverTarget,
    #[deserr(default)]
    note: Option<Note>,
    #[deserr(default)]
    release: Option<Release>,
    #[deserr(default)]
    if_unavailable: Option<IfUnavailable>,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct InviteFields {
    chat_id: ChatId,
    to: HandOverTarget,
    #[deserr(default)]
    note: Option<Note>,
    #[deserr(default)]
    if_unavailable: Option<IfUnavailable>,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct AssistFields {
    chat_id: ChatId,
    #[deserr(default)]
    to: Option<HandOverTarget>,
    #[deserr(default)]
    note: Option<Note>,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct ListenFields {
    chat_id: ChatId,
    #[deserr(default)]
    seen: bool,
}

impl Envelope {
    /// A frame about how a chat changes hands; `None` for another type.
    fn hand_over(&self, fields: &Value) -> Option<Result<AgentFrameKind, Faults>> {
        let fields = || fields.clone();
        let frame = |chat_id, command| AgentFrameKind::Chat(chat_id, command);
        let plain = |command: AgentCommand| {
            let read = self.command(fields());
            read.map(|ChatField { chat_id }| frame(chat_id, command))
        };
        Some(match self.kind.as_str() {
            "chat.transfer" => self.command(fields()).map(|f: TransferFields| {
                let request = TransferChat {
                    to: f.to,
                    note: f.note,
                    release: f.release,
                    if_unavailable: f.if_unavailable,
                };
                frame(f.chat_id, request.into_command())
            }),
            "chat.invite" => self.command(fields()).map(|f: InviteFields| {
                let request = InviteToChat {
                    to: f.to,
                    note: f.note,
                    if_unavailable: f.if_unavailable,
                };
                frame(f.chat_id, request.into_command())
            }),
            "chat.assist" => self.command(fields()).map(|f: AssistFields| {
                let request = AskForHelp {
                    to: f.to,
                    note: f.note,
                };
                frame(f.chat_id, request.into_command())
            }),
            "chat.listen" => self.command(fields()).map(|f: ListenFields| {
                let request = ReadAlongInChat { seen: f.seen };
                frame(f.chat_id, request.into_command())
            }),
            "chat.transfer_cancel" => plain(AgentCommand::CancelHandOver),
            "chat.takeover" => plain(AgentCommand::TakeOver),
            "chat.leave" => plain(AgentCommand::Leave),
            _ => return None,
        })
    }
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct SetOfficeFields {
    office_id: OfficeId,
    #[deserr(default)]
    status: Option<Status>,
    #[deserr(default)]
    status_id: Option<StatusId>,
}

impl SetOfficeFields {
    fn into_frame(self) -> Result<AgentFrameKind, Faults> {
        let status = new_status(self.status, self.status_id)?;
        let command = PresenceCommand::SetOverride(self.office_id, status);
        Ok(AgentFrameKind::Presence(command))
    }
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct OfficeField {
    office_id: OfficeId,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct QueueField {
    queue_id: QueueId,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct WatchFields {
    watch: bool,
    #[deserr(default)]
    office_id: Option<OfficeId>,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct TokenField {
    token: String,
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
pub(super) struct NoFields {}

/// Reads a frame of an agent.
///
/// # Errors
/// Names every field that is wrong.
pub fn parse_agent(text: &str) -> Result<AgentFrame, FrameFault> {
    let (envelope, fields) = Envelope::open(text)?;
    let frame = match envelope.kind.as_str() {
        "hello" => read(fields).map(AgentFrameKind::Hello),
        "ping" => read(fields).map(|NoFields {}| AgentFrameKind::Ping),
        "pong" => read(fields).map(|NoFields {}| AgentFrameKind::Pong),
        "presence.set" => envelope
            .command(fields)
            .map(|set: SetStatus| AgentFrameKind::Presence(set.into_command())),
        "presence.set_office" => envelope
            .command(fields)
            .and_then(SetOfficeFields::into_frame),
        "presence.clear_office" => envelope.command(fields).map(|OfficeField { office_id }| {
            AgentFrameKind::Presence(PresenceCommand::ClearOverride(office_id))
        }),
        "presence.watch" => envelope
            .command(fields)
            .map(|WatchFields { watch, office_id }| AgentFrameKind::Watch { watch, office_id }),
        "pause.start" => envelope.command(fields).map(|StartPause { pause_id }| {
            AgentFrameKind::Presence(PresenceCommand::StartPause(pause_id))
        }),
        "pause.end" => envelope
            .command(fields)
            .map(|NoFields {}| AgentFrameKind::Presence(PresenceCommand::EndPause)),
        "queue.login" => envelope.command(fields).map(|QueueField { queue_id }| {
            AgentFrameKind::Presence(PresenceCommand::LogInQueue(queue_id))
        }),
        "queue.logout" => envelope.command(fields).map(|QueueField { queue_id }| {
            AgentFrameKind::Presence(PresenceCommand::LogOutQueue(queue_id))
        }),
        "activity" => envelope
            .command(fields)
            .map(|NoFields {}| AgentFrameKind::Presence(PresenceCommand::Act)),
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
        "chat.send" | "chat.edit" | "chat.delete" | "chat.typing" | "chat.note" | "chat.read" => {
            conversation::agent(&envelope, fields)
        }
        kind if life::OF_AGENTS.contains(&kind) => life::of_agent(&envelope, fields),
        "token.refresh" => envelope
            .command(fields)
            .map(|TokenField { token }| AgentFrameKind::TokenRefresh { token }),
        _ => envelope.hand_over(&fields).unwrap_or_else(|| {
            Err(unknown_type(
                "must be one of hello, ping, pong, presence.set, presence.set_office, \
                 presence.clear_office, presence.watch, pause.start, pause.end, queue.login, \
                 queue.logout, activity, chat.accept, chat.reject, chat.send, chat.edit, \
                 chat.delete, chat.typing, chat.note, chat.read, chat.transfer, chat.transfer_cancel, chat.invite, \
                 chat.assist, chat.listen, chat.takeover, chat.leave, chat.close, chat.update, \
                 wrap_up.end, focus, token.refresh",
            ))
        }),
    };
    let (id, kind) = envelope.close(frame)?;
    Ok(AgentFrame { id, kind })
}

/// Reads a frame of a visitor.
///
/// # Errors
/// Names every field that is wrong.
pub fn parse_visitor(text: &str) -> Result<VisitorFrame, FrameFault> {
    let (envelope, fields) = Envelope::open(text)?;
    let frame = match envelope.kind.as_str() {
        "hello" => read(fields).map(VisitorFrameKind::Hello),
        "ping" => read(fields).map(|NoFields {}| VisitorFrameKind::Ping),
        "pong" => read(fields).map(|NoFields {}| VisitorFrameKind::Pong),
        "chat.start" => envelope
            .command(fields)
            .map(|start: StartChat| VisitorFrameKind::Start(Box::new(start))),
        "chat.send" | "chat.edit" | "chat.delete" | "chat.typing" | "chat.read" => {
            conversation::visitor(&envelope, fields)
        }
        "chat.ask_by_email" => {
            envelope
                .command(fields)
                .map(|fields: AskFields| VisitorFrameKind::AskByEmail {
                    chat_id: fields.chat_id,
                    ask: AskByEmail {
                        name: fields.name,
                        email: fields.email,
                    },
                })
        }
        kind if life::OF_VISITORS.contains(&kind) => life::of_visitor(&envelope, fields),
        "token.refresh" => envelope
            .command(fields)
            .map(|TokenField { token }| VisitorFrameKind::TokenRefresh { token }),
        _ => Err(unknown_type(
            "must be one of hello, ping, pong, chat.start, chat.send, chat.edit, chat.delete, \
             chat.typing, chat.read, chat.ask_by_email, chat.end, chat.rate, token.refresh",
        )),
    };
    let (id, kind) = envelope.close(frame)?;
    Ok(VisitorFrame { id, kind })
}

fn unknown_type(detail: &str) -> Faults {
    Faults::one("/type", FaultCode::UnknownValue, detail)
}

/// What every frame has.
pub(super) struct Envelope {
    id: Option<String>,
    pub(super) kind: String,
    /// What is wrong with the id, told together with what is wrong with the rest.
    faults: Faults,
}

impl Envelope {
    /// Takes a frame apart.
    fn open(text: &str) -> Result<(Self, Value), FrameFault> {
        let broken = |problem| FrameFault { id: None, problem };
        let value = read_json("frame", text.as_bytes()).map_err(broken)?;
        let Value::Object(mut fields) = value else {
            let problem = Problem::new(ErrorCode::MalformedRequest, "a frame is an object");
            return Err(broken(problem));
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

    /// Reads a command, which needs one.
    pub(super) fn command<T: Deserr<Faults>>(&self, fields: Value) -> Result<T, Faults> {
        self.named(read(fields))
    }

    /// What was read of a command, which needs an id.
    pub(super) fn named<T>(&self, command: Result<T, Faults>) -> Result<T, Faults> {
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
    let Value::String(id) = fields.remove("id")? else {
        faults.push(fault("/id", FaultCode::WrongType, "expected a text"));
        return None;
    };
    match bounded(&id, 1, 64) {
        Ok(()) => Some(id),
        Err(invalid) => {
            faults.extend(Faults::invalid("/id", invalid));
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
