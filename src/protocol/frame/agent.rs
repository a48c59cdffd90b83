//! What an agent's client sends.

use std::sync::LazyLock;

use deserr::Deserr;
use utoipa::ToSchema;

use super::common::{self, Connection};
use super::table::{Command, Here, InChat, InOffice, InQueue, NoFields, parse};
use super::{FrameFault, Hello};
use crate::domain::{ChatId, MessageId, Note, OfferNumber, OfficeId, RichText};
use crate::engine::{AgentCommand, PresenceCommand};
use crate::faults::{Faults, Field};
use crate::protocol::request::{
    Accept, AskForHelp, CloseChat, InviteToChat, MarkSeen, NewAgentMessage, ReadAlongInChat,
    Reject, SendAgentMessage, SetOfficeStatus, SetStatus, StartPause, TransferChat, Typing,
    UpdateChat, WriteNote,
};
use crate::protocol::shape::Shape;
use crate::protocol::wire;

/// A frame of an agent.
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
    /// Changes the agent's presence: its status, an override, a pause, activity.
    Presence(PresenceCommand),
    /// Begins or stops watching who is online.
    Watch {
        /// Which of the two.
        watch: bool,
        /// The office whose agents are watched; all without one.
        office_id: Option<OfficeId>,
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
        message: NewAgentMessage,
    },
    /// Gives a message of its own another text.
    Edit {
        /// In which chat.
        chat_id: ChatId,
        /// Which message.
        message_id: MessageId,
        /// What it says from now on.
        text: RichText,
    },
    /// Deletes a message of its own.
    Delete {
        /// In which chat.
        chat_id: ChatId,
        /// Which message.
        message_id: MessageId,
    },
    /// Begins or stops typing.
    Type {
        /// In which chat.
        chat_id: ChatId,
        /// Which of the two.
        typing: bool,
    },
    /// Does something with a chat that takes a command as it is.
    Chat(ChatId, AgentCommand),
    /// Says which chat the connection shows.
    Focus(Option<ChatId>),
    /// Renews the connection's token.
    TokenRefresh {
        /// The new one.
        token: String,
    },
}

use AgentFrameKind as Kind;

/// Reads a frame of an agent.
///
/// # Errors
/// Names every field that is wrong.
pub fn parse_agent(text: &str) -> Result<AgentFrame, FrameFault> {
    let (id, kind) = parse(&COMMANDS, text)?;
    Ok(AgentFrame { id, kind })
}

/// All that an agent's client may send.
pub(in crate::protocol) static COMMANDS: LazyLock<Vec<Command<Kind>>> = LazyLock::new(|| {
    let parts = [
        connection(),
        presence(),
        offers(),
        conversation(),
        hand_over(),
        life(),
    ];
    parts.into_iter().flatten().collect()
});

fn connection() -> Vec<Command<Kind>> {
    let connection = Connection {
        hello: Kind::Hello,
        ping: || Kind::Ping,
        pong: || Kind::Pong,
        refresh: |token| Kind::TokenRefresh { token },
    };
    connection.commands()
}

/// Who is watched.
#[derive(Clone, Copy, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
struct Watch {
    /// Whether watching begins or ends.
    watch: bool,
    /// The office whose agents are watched; all without one.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    office_id: Option<OfficeId>,
}

/// A command about the agent's own presence.
fn own<T: Deserr<Faults> + ToSchema>(
    name: &'static str,
    about: &'static str,
    make: impl Fn(T) -> PresenceCommand + Send + Sync + 'static,
) -> Command<Kind> {
    let make = move |Here {}, body| Kind::Presence(make(body));
    Command::new(name, about, make).answers("presence", Shape::named::<wire::Presence>)
}

fn presence() -> Vec<Command<Kind>> {
    vec![
        own(
            "presence.set",
            "Sets the agent's status",
            SetStatus::into_command,
        ),
        Command::new(
            "presence.set_office",
            "Sets the agent's status for one office",
            |InOffice { office_id }, body: SetOfficeStatus| {
                Kind::Presence(PresenceCommand::SetOverride(office_id, body.into_status()))
            },
        )
        .answers("presence", Shape::named::<wire::Presence>),
        Command::new(
            "presence.clear_office",
            "Takes the status for one office away",
            |InOffice { office_id }, NoFields {}| {
                Kind::Presence(PresenceCommand::ClearOverride(office_id))
            },
        )
        .answers("presence", Shape::named::<wire::Presence>),
        Command::new(
            "presence.watch",
            "Begins or ends watching who is online; `presence.watched` keeps the lines true",
            |Here {}, Watch { watch, office_id }| Kind::Watch { watch, office_id },
        )
        .may_answer("agents", || Shape::named::<wire::WatchedAgent>().list()),
        own("pause.start", "Begins a pause", |pause: StartPause| {
            PresenceCommand::StartPause(pause.pause_id)
        }),
        own("pause.end", "Ends the pause", |NoFields {}| {
            PresenceCommand::EndPause
        }),
        own(
            "activity",
            "Says that a person did something",
            |NoFields {}| PresenceCommand::Act,
        ),
        log_in(
            "queue.login",
            "Takes offers of a queue again",
            PresenceCommand::LogInQueue,
        ),
        log_in(
            "queue.logout",
            "Takes no offers of a queue",
            PresenceCommand::LogOutQueue,
        ),
    ]
}

fn log_in(
    name: &'static str,
    about: &'static str,
    make: fn(crate::domain::QueueId) -> PresenceCommand,
) -> Command<Kind> {
    Command::new(name, about, move |InQueue { queue_id }, NoFields {}| {
        Kind::Presence(make(queue_id))
    })
    .answers("queue", Shape::named::<wire::QueueLogIn>)
}

fn offers() -> Vec<Command<Kind>> {
    vec![
        Command::new(
            "chat.accept",
            "Takes a chat: by its offer, or a waiting one",
            |InChat { chat_id }, Accept { offer }| Kind::Accept { chat_id, offer },
        )
        .answers("chat", Shape::named::<wire::Chat>),
        Command::new(
            "chat.reject",
            "Declines an offer",
            |InChat { chat_id }, Reject { offer, reason }| Kind::Reject {
                chat_id,
                offer,
                reason,
            },
        )
        .answers("offer", Shape::named::<wire::Offer>),
    ]
}

fn conversation() -> Vec<Command<Kind>> {
    vec![
        Command::new(
            "chat.send",
            "Writes a message",
            |InChat { chat_id }, SendAgentMessage { message }| Kind::Send { chat_id, message },
        )
        .answers("message", Shape::named::<wire::Message>),
        common::edit(|chat_id, message_id, text| Kind::Edit {
            chat_id,
            message_id,
            text,
        }),
        common::delete(|chat_id, message_id| Kind::Delete {
            chat_id,
            message_id,
        }),
        Command::new(
            "chat.typing",
            "Begins or stops typing",
            |InChat { chat_id }, Typing { typing }| Kind::Type { chat_id, typing },
        ),
        Command::new(
            "chat.note",
            "Tells the agents of a chat something",
            |InChat { chat_id }, WriteNote { note }| Kind::Chat(chat_id, note.into_command()),
        )
        .answers("note", Shape::named::<wire::Note>),
        Command::new(
            "chat.read",
            "Says how far the agent has got",
            |InChat { chat_id }, seen: MarkSeen| {
                Kind::Chat(chat_id, AgentCommand::Mark(seen.into()))
            },
        ),
    ]
}

/// A command that does something with a chat as it is.
fn in_chat<T: Deserr<Faults> + ToSchema>(
    name: &'static str,
    about: &'static str,
    make: impl Fn(T) -> AgentCommand + Send + Sync + 'static,
) -> Command<Kind> {
    Command::new(name, about, move |InChat { chat_id }, body| {
        Kind::Chat(chat_id, make(body))
    })
}

fn hand_over() -> Vec<Command<Kind>> {
    vec![
        in_chat(
            "chat.transfer",
            "Gives the chat to somebody else",
            TransferChat::into_command,
        )
        .answers("chat", Shape::named::<wire::Chat>),
        in_chat(
            "chat.transfer_cancel",
            "Takes a transfer back that nobody has taken",
            |NoFields {}| AgentCommand::CancelHandOver,
        )
        .answers("chat", Shape::named::<wire::Chat>),
        in_chat(
            "chat.invite",
            "Has somebody answer besides",
            InviteToChat::into_command,
        )
        .answers("chat", Shape::named::<wire::Chat>),
        in_chat("chat.assist", "Asks for help", AskForHelp::into_command)
            .answers("chat", Shape::named::<wire::Chat>),
        in_chat("chat.listen", "Reads along", ReadAlongInChat::into_command)
            .answers("chat", Shape::named::<wire::Chat>),
        in_chat("chat.takeover", "Takes the chat over", |NoFields {}| {
            AgentCommand::TakeOver
        })
        .answers("chat", Shape::named::<wire::Chat>),
        in_chat(
            "chat.leave",
            "Leaves the chat to the others",
            |NoFields {}| AgentCommand::Leave,
        ),
    ]
}

/// Which chat a window shows.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
struct Focus {
    /// The chat; null is none.
    #[schema(value_type = Option<Uuid>, required = true)]
    chat_id: Field<ChatId>,
}

fn life() -> Vec<Command<Kind>> {
    vec![
        in_chat("chat.close", "Closes the chat", CloseChat::into_command)
            .answers("chat", Shape::named::<wire::Chat>),
        in_chat(
            "chat.update",
            "Says something of the chat",
            UpdateChat::into_command,
        )
        .answers("chat", Shape::named::<wire::Chat>),
        in_chat("wrap_up.end", "Ends the work after a chat", |NoFields {}| {
            AgentCommand::EndWrapUp
        })
        .answers("chat", Shape::named::<wire::Chat>),
        Command::new(
            "focus",
            "Says which chat this connection shows",
            |Here {}, focus: Focus| Kind::Focus(focus.chat_id.or(None)),
        )
        .answers("presence", Shape::named::<wire::Presence>),
    ]
}
