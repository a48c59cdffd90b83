//! Answers to commands: the body over HTTP, `ok` and `error` on a socket.
//!
//! Owns which object a reply shows and under which name. Must not decide a status: `http` does.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use super::wire::{
    Agent, Ban, Chat, CustomStatus, Disposition, Message, Mode, Note, Offer, Office,
    OfflineMessage, Pause, Presence, Queue, QueueLogIn, RoutingRule, Settings, Skill, Time,
    VisitorChat, WatchedAgent, Widget,
};
use super::{Audience, FileLinks, Problem, to_text, to_tree};
use crate::domain::{ChatState, Timestamp};
use crate::engine::{ChatStateView, PresenceRow, Reply};
use crate::faults::Fault;

/// The object that a reply shows.
enum Shown {
    Nothing,
    Presence(Presence),
    Presences(Vec<Presence>),
    Flag(bool),
    QueueLogIn(QueueLogIn),
    Settings(Settings),
    Status(CustomStatus),
    Pause(Pause),
    Skill(Skill),
    Disposition(Disposition),
    Ban(Ban),
    RoutingRule(RoutingRule),
    Chat(Chat),
    VisitorChat(VisitorChat),
    OfflineMessage(OfflineMessage),
    Offer(Offer),
    Message(Message),
    Note(Note),
    Office(Office),
    Agent(Agent),
    Queue(Queue),
    Widget(Widget),
}

impl Shown {
    fn new(reply: &Reply, audience: Audience, links: &dyn FileLinks) -> Self {
        match reply {
            // Before anybody is told of these three, the hub looks up the message or the note.
            Reply::Done
            | Reply::AlreadySent(..)
            | Reply::MessageChanged(..)
            | Reply::NoteWrittenBefore(..) => Self::Nothing,
            Reply::Presence(view) => Self::Presence((&**view).into()),
            Reply::Presences(views) => Self::Presences(views.iter().map(Presence::from).collect()),
            Reply::Typing { shows_unsent_text } => Self::Flag(*shows_unsent_text),
            Reply::QueueLogIn(log_in) => Self::QueueLogIn((*log_in).into()),
            Reply::Settings(settings) => Self::Settings(settings.into()),
            Reply::Status(status) => Self::Status(status.into()),
            Reply::Pause(pause) => Self::Pause(pause.into()),
            Reply::Skill(skill) => Self::Skill(skill.into()),
            Reply::Disposition(found) => Self::Disposition(found.into()),
            Reply::Ban(ban) => Self::Ban(ban.into()),
            Reply::RoutingRule(rule) => Self::RoutingRule((&**rule).into()),
            Reply::Chat(view) => match (audience, view.state) {
                (Audience::Agent, _) => Self::Chat(view.into()),
                (Audience::Visitor, ChatStateView::Settled(ChatState::OfflineMessage)) => {
                    Self::OfflineMessage(view.into())
                }
                (Audience::Visitor, _) => Self::VisitorChat(view.into()),
            },
            Reply::Offer(view) => Self::Offer(view.into()),
            Reply::Message(view) => Self::Message(Message::new(view, links)),
            // No command of a visitor is answered by one; if it were, it would be told nothing.
            Reply::Note(view) => match audience {
                Audience::Agent => Self::Note(view.into()),
                Audience::Visitor => Self::Nothing,
            },
            Reply::Office(view) => Self::Office((&**view).into()),
            Reply::Agent(agent) => Self::Agent((&**agent).into()),
            Reply::Queue(view) => Self::Queue(view.into()),
            Reply::Widget(widget) => Self::Widget(widget.into()),
        }
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => serializer.serialize_unit(),
            Self::Presence(object) => object.serialize(serializer),
            Self::Presences(objects) => objects.serialize(serializer),
            Self::Flag(flag) => flag.serialize(serializer),
            Self::QueueLogIn(object) => object.serialize(serializer),
            Self::Settings(object) => object.serialize(serializer),
            Self::Status(object) => object.serialize(serializer),
            Self::Pause(object) => object.serialize(serializer),
            Self::Skill(object) => object.serialize(serializer),
            Self::Disposition(object) => object.serialize(serializer),
            Self::Ban(object) => object.serialize(serializer),
            Self::RoutingRule(object) => object.serialize(serializer),
            Self::Chat(object) => object.serialize(serializer),
            Self::VisitorChat(object) => object.serialize(serializer),
            Self::OfflineMessage(object) => object.serialize(serializer),
            Self::Offer(object) => object.serialize(serializer),
            Self::Message(object) => object.serialize(serializer),
            Self::Note(object) => object.serialize(serializer),
            Self::Office(object) => object.serialize(serializer),
            Self::Agent(object) => object.serialize(serializer),
            Self::Queue(object) => object.serialize(serializer),
            Self::Widget(object) => object.serialize(serializer),
        }
    }
}

/// The body over HTTP; null when there is nothing to show. This is also what is kept with an idempotency key.
#[must_use]
pub fn body(reply: &Reply, audience: Audience, links: &dyn FileLinks) -> Value {
    to_tree(&Shown::new(reply, audience, links))
}

/// The version of what a reply shows, if it has one: what its entity tag is made of.
#[must_use]
pub fn version(reply: &Reply) -> Option<i64> {
    match reply {
        Reply::Settings(settings) => Some(settings.version),
        Reply::Office(view) => Some(view.office.version),
        Reply::Agent(agent) => Some(agent.version),
        Reply::Queue(view) => Some(view.queue.version),
        Reply::Widget(widget) => Some(widget.version),
        Reply::Status(status) => Some(status.version),
        Reply::Pause(pause) => Some(pause.version),
        Reply::Skill(skill) => Some(skill.version),
        Reply::Disposition(found) => Some(found.version),
        Reply::RoutingRule(rule) => Some(rule.version),
        Reply::Done
        | Reply::Typing { .. }
        | Reply::Presence(_)
        | Reply::Presences(_)
        | Reply::QueueLogIn(_)
        | Reply::Ban(_)
        | Reply::Chat(_)
        | Reply::Offer(_)
        | Reply::Message(_)
        | Reply::AlreadySent(..)
        | Reply::MessageChanged(..)
        | Reply::Note(_)
        | Reply::NoteWrittenBefore(..) => None,
    }
}

/// The field of an `ok` frame that carries what a reply shows.
#[must_use]
pub fn name(reply: &Reply) -> Option<&'static str> {
    match reply {
        Reply::Done
        | Reply::AlreadySent(..)
        | Reply::MessageChanged(..)
        | Reply::NoteWrittenBefore(..) => None,
        Reply::Typing { .. } => Some("shows_unsent_text"),
        Reply::Presence(_) => Some("presence"),
        Reply::Presences(_) => Some("presences"),
        Reply::Settings(_) => Some("settings"),
        Reply::Status(_) => Some("status"),
        Reply::Pause(_) => Some("pause"),
        Reply::Skill(_) => Some("skill"),
        Reply::Disposition(_) => Some("disposition"),
        Reply::Ban(_) => Some("ban"),
        Reply::RoutingRule(_) => Some("routing_rule"),
        Reply::Chat(_) => Some("chat"),
        Reply::Offer(_) => Some("offer"),
        Reply::Message(_) => Some("message"),
        Reply::Note(_) => Some("note"),
        Reply::Office(_) => Some("office"),
        Reply::Agent(_) => Some("agent"),
        Reply::Queue(_) | Reply::QueueLogIn(_) => Some("queue"),
        Reply::Widget(_) => Some("widget"),
    }
}

struct Ok<'a, T> {
    id: &'a str,
    shown: Option<(&'static str, T)>,
}

impl<T: Serialize> Serialize for Ok<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", "ok")?;
        map.serialize_entry("id", self.id)?;
        if let Some((name, object)) = &self.shown {
            map.serialize_entry(name, object)?;
        }
        map.end()
    }
}

/// The frame that answers a command that went well.
#[must_use]
pub fn ok_frame(id: &str, reply: &Reply, audience: Audience, links: &dyn FileLinks) -> String {
    let shown = name(reply).map(|name| (name, Shown::new(reply, audience, links)));
    to_text(&Ok { id, shown })
}

/// The frame that answers `token.refresh`.
#[must_use]
pub fn refreshed_frame(id: &str, expires_at: Timestamp) -> String {
    to_text(&Ok {
        id,
        shown: Some(("expires_at", Time(expires_at))),
    })
}

/// The frame that answers `presence.watch`: every line of the list, which `presence.watched` keeps true from then on.
#[must_use]
pub fn watching_frame(id: &str, rows: &[PresenceRow]) -> String {
    let lines: Vec<WatchedAgent> = rows
        .iter()
        .map(|row| WatchedAgent::new(row, true))
        .collect();
    to_text(&Ok {
        id,
        shown: Some(("agents", lines)),
    })
}

/// How [`error_frame`]s look.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used; `Failed` writes it")]
pub(super) struct ErrorFrame {
    #[schema(rename = "type")]
    kind: String,
    /// The command that failed; null when its id could not be read.
    #[schema(required = true)]
    id: Option<String>,
    /// What went wrong, for programs; never renamed.
    #[schema(example = "invalid")]
    code: String,
    /// What went wrong this time, for people.
    detail: String,
    /// Which fields are wrong.
    errors: Vec<Fault>,
    /// With `not_live`: what the widget shows.
    mode: Option<Mode>,
    /// With `offer_gone`: which agent has the chat, if one has.
    taken_by: Option<uuid::Uuid>,
}

struct Failed<'a> {
    id: Option<&'a str>,
    problem: &'a Problem,
}

impl Serialize for Failed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", "error")?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("code", self.problem.code.as_str())?;
        map.serialize_entry("detail", &self.problem.detail)?;
        map.serialize_entry("errors", &self.problem.errors)?;
        for (member, value) in &self.problem.extra {
            map.serialize_entry(member, value)?;
        }
        map.end()
    }
}

/// The frame that answers a command that failed; its `id` is null when the command's own could not be read.
#[must_use]
pub fn error_frame(id: Option<&str>, problem: &Problem) -> String {
    to_text(&Failed { id, problem })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FileId;
    use crate::engine::Refusal;

    struct NoLinks;

    impl FileLinks for NoLinks {
        fn link_to(&self, file_id: FileId) -> String {
            panic!("nothing here has a file, {file_id} neither")
        }
    }

    #[test]
    fn a_command_without_an_object_is_answered_by_its_id_alone() {
        assert_eq!(
            ok_frame("c1", &Reply::Done, Audience::Agent, &NoLinks),
            r#"{"type":"ok","id":"c1"}"#
        );
        assert_eq!(body(&Reply::Done, Audience::Visitor, &NoLinks), Value::Null);
    }

    #[test]
    fn a_token_that_was_renewed_says_until_when() {
        assert_eq!(
            refreshed_frame("c1", Timestamp(0)),
            r#"{"type":"ok","id":"c1","expires_at":"1970-01-01T00:00:00.000Z"}"#
        );
    }

    #[test]
    fn an_error_frame_is_that_of_the_document() {
        assert_eq!(
            error_frame(Some("c1"), &Refusal::ChatClosed.into()),
            r#"{"type":"error","id":"c1","code":"chat_closed","detail":"the chat is closed","errors":[]}"#
        );
        assert!(
            error_frame(None, &Problem::not_found()).starts_with(r#"{"type":"error","id":null,"#)
        );
    }
}
