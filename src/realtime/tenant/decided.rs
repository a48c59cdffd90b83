//! What was decided and is not everybody's knowledge yet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{AgentId, ChatId, Millis, OfficeId, SessionId, VisitorId};
use crate::engine::{ChatEvent, Event, EventKind, Notice, OfficeAvailability, Subject};
use crate::store::{BoxFuture, CommitError, KeptAnswer, NumberedEvent};

use super::super::bring::Needs;
use super::super::mail::{Look, Mail, Outcome, ReplyTo, Resume, Watched};
use super::super::ring::Published;
use super::super::send_queue::Connection;

/// What letters have brought since the last commit was handed in, in order.
#[derive(Default)]
pub(super) struct Decided {
    pub(super) steps: Vec<Step>,
    pub(super) events: Vec<NumberedEvent>,
    pub(super) answers: Vec<KeptAnswer>,
    pub(super) subjects: BTreeSet<Subject>,
    pub(super) touched: Touched,
    /// How many letters that were.
    pub(super) letters: usize,
    /// How many of them begin a chat.
    pub(super) newcomers: usize,
    /// Whether all of them change an agent's presence and nothing else.
    pub(super) is_presence_only: bool,
}

impl Decided {
    /// Takes note of a letter that is opened next.
    pub(super) fn count(&mut self, mail: &Mail) {
        let are_others = self.letters > 0 && !self.is_presence_only;
        self.is_presence_only = mail.is_change_of_presence() && !are_others;
        self.letters += 1;
        self.newcomers += usize::from(mail.begins_a_chat());
    }
}

/// One thing to do after the commit.
pub(super) enum Step {
    Publish(Published),
    Notify(Notice),
    Reply(ReplyTo, Outcome),
    Welcome(Arc<Connection>, Option<Resume>),
    Watch(Arc<Connection>, Box<str>, Option<Watched>),
    Look(Look),
    EndSessions(AgentId, Vec<SessionId>),
}

/// What the database does not say of these as it is: more was decided.
#[derive(Default)]
pub(super) struct Touched {
    chats: BTreeSet<ChatId>,
    visitors: BTreeSet<VisitorId>,
}

impl Touched {
    pub(super) fn add(&mut self, event: &Event, visitor_id: Option<VisitorId>) {
        self.chats.extend(chat_of(&event.kind));
        self.visitors.extend(visitor_id);
        // The inbox keeps what its visitor is not told of.
        if let EventKind::Chat(ChatEvent::OfflineMessageLeft(chat)) = &event.kind {
            self.visitors.insert(chat.visitor_id);
        }
    }

    /// Whether something of what is to be read was touched. A chat that the engine still holds is not read; what comes into
    /// an office's inbox is seldom asked about, and not noted.
    pub(super) fn concern(&self, missing: &BTreeSet<ChatId>, needs: &Needs) -> bool {
        !self.chats.is_disjoint(missing)
            || needs.visitors().any(|id| self.visitors.contains(id))
            || needs.looks_into_inboxes()
    }
}

fn chat_of(kind: &EventKind) -> Option<ChatId> {
    match kind {
        EventKind::Chat(event) => Some(event.chat_id()),
        EventKind::Offer(event, _) => Some(event.key().chat_id),
        EventKind::Note(event) => Some(event.chat_id),
        EventKind::Setup(_)
        | EventKind::Presence(_)
        | EventKind::Availability(_)
        | EventKind::Queue(_) => None,
    }
}

/// A commit that was handed in, and what is to be done when it is durable.
pub(super) struct UnderWay {
    pub(super) commit: BoxFuture<Result<(), CommitError>>,
    pub(super) steps: Vec<Step>,
    pub(super) touched: Touched,
    /// What visitors see from then on, of the offices of which they see something else.
    pub(super) shown: BTreeMap<OfficeId, OfficeAvailability>,
    /// Whether what is set up of widgets has changed.
    pub(super) sets_up: bool,
    /// When it was handed in, in the clock's monotonic time.
    pub(super) began: Millis,
}
