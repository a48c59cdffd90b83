//! What a visitor's client sends.

use std::sync::LazyLock;

use deserr::Deserr;
use utoipa::ToSchema;

use super::common::{self, Connection};
use super::table::{Command, Here, InChat, NoFields, parse};
use super::{FrameFault, Hello};
use crate::domain::{ChatId, MessageId, RichText};
use crate::engine::VisitorCommand;
use crate::faults::Faults;
use crate::protocol::request::{
    AskByEmail, MarkSeen, NewVisitorMessage, RateChat, SendVisitorMessage, StartChat, VisitorTyping,
};
use crate::protocol::shape::Shape;
use crate::protocol::wire;

/// A frame of a visitor.
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
        message: NewVisitorMessage,
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
    /// Does not wait any longer and asks for the answer by e-mail.
    AskByEmail {
        /// In which chat.
        chat_id: ChatId,
        /// Where to.
        ask: AskByEmail,
    },
    /// Does something with a chat that takes a command as it is.
    Chat(ChatId, VisitorCommand),
    /// Renews the connection's token.
    TokenRefresh {
        /// The new one.
        token: String,
    },
}

use VisitorFrameKind as Kind;

/// Reads a frame of a visitor.
///
/// # Errors
/// Names every field that is wrong.
pub fn parse_visitor(text: &str) -> Result<VisitorFrame, FrameFault> {
    let (id, kind) = parse(&COMMANDS, text)?;
    Ok(VisitorFrame { id, kind })
}

/// All that a visitor's client may send.
pub(in crate::protocol) static COMMANDS: LazyLock<Vec<Command<Kind>>> = LazyLock::new(|| {
    let parts = [connection(), conversation(), life()];
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

fn conversation() -> Vec<Command<Kind>> {
    vec![
        Command::new(
            "chat.send",
            "Writes a message or presses a button",
            |InChat { chat_id }, SendVisitorMessage { message }| Kind::Send { chat_id, message },
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
        in_chat(
            "chat.typing",
            "Begins or stops typing",
            VisitorTyping::into_command,
        )
        .answers("shows_unsent_text", Shape::of::<bool>),
        in_chat(
            "chat.read",
            "Says how far the visitor has got",
            |seen: MarkSeen| VisitorCommand::Mark(seen.into()),
        ),
    ]
}

/// A command that does something with a chat as it is.
fn in_chat<T: Deserr<Faults> + ToSchema>(
    name: &'static str,
    about: &'static str,
    make: impl Fn(T) -> VisitorCommand + Send + Sync + 'static,
) -> Command<Kind> {
    Command::new(name, about, move |InChat { chat_id }, body| {
        Kind::Chat(chat_id, make(body))
    })
}

fn life() -> Vec<Command<Kind>> {
    vec![
        Command::new(
            "chat.start",
            "Starts a chat",
            |Here {}, start: StartChat| Kind::Start(Box::new(start)),
        )
        .answers("chat", Shape::named::<wire::VisitorChat>),
        Command::new(
            "chat.ask_by_email",
            "Does not wait any longer and asks for the answer by e-mail",
            |InChat { chat_id }, ask: AskByEmail| Kind::AskByEmail { chat_id, ask },
        )
        .answers("chat", Shape::named::<wire::OfflineMessage>),
        in_chat("chat.end", "Ends the chat", |NoFields {}| {
            VisitorCommand::End
        })
        .answers("chat", Shape::named::<wire::VisitorChat>),
        in_chat(
            "chat.rate",
            "Says how good the chat was",
            RateChat::into_command,
        )
        .answers("chat", Shape::named::<wire::VisitorChat>),
    ]
}
