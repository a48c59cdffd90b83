//! The frames that agents and visitors send alike.

use super::table::{AtMessage, Command, Here, NoFields};
use super::{Hello, TokenRefresh};
use crate::domain::{ChatId, MessageId, RichText};
use crate::protocol::request::EditMessage;
use crate::protocol::shape::Shape;
use crate::protocol::wire;

/// What each side makes of the frames of the connection itself.
pub(super) struct Connection<K> {
    pub(super) hello: fn(Hello) -> K,
    pub(super) ping: fn() -> K,
    pub(super) pong: fn() -> K,
    pub(super) refresh: fn(String) -> K,
}

impl<K: 'static> Connection<K> {
    /// The frames of the connection itself.
    pub(super) fn commands(self) -> Vec<Command<K>> {
        let Self {
            hello,
            ping,
            pong,
            refresh,
        } = self;
        vec![
            Command::control("hello", "Begins the connection", hello),
            Command::control("ping", "Asks for a `pong`", move |NoFields {}| ping()),
            Command::control("pong", "Answers a `ping`", move |NoFields {}| pong()),
            Command::new(
                "token.refresh",
                "Renews the connection's token",
                move |Here {}, TokenRefresh { token }| refresh(token),
            )
            .answers("expires_at", Shape::named::<wire::Time>),
        ]
    }
}

/// Somebody gives a message of its own another text.
pub(super) fn edit<K: 'static>(make: fn(ChatId, MessageId, RichText) -> K) -> Command<K> {
    Command::new(
        "chat.edit",
        "Gives a message of its own another text",
        move |at: AtMessage, EditMessage { text }| make(at.chat_id, at.message_id.0, text),
    )
    .answers("message", Shape::named::<wire::Message>)
}

/// Somebody deletes a message of its own.
pub(super) fn delete<K: 'static>(make: fn(ChatId, MessageId) -> K) -> Command<K> {
    Command::new(
        "chat.delete",
        "Deletes a message of its own",
        move |at: AtMessage, NoFields {}| make(at.chat_id, at.message_id.0),
    )
    .answers("message", Shape::named::<wire::Message>)
}
