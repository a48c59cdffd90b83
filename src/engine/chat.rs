//! Chats: start, leave a message (ROUTE-1, AVAIL-4).

use crate::domain::{Author, Body, ChatId, ChatState, MessageId, Priority, VisitorId};

use super::command::{LeaveMessage, StartChat};
use super::effect::{ChatEvent, EventKind};
use super::fields::refuse;
use super::state::{Chat, Entrance, Sent, State};
use super::turn::Turn;
use super::{Refusal, Reply};

impl Turn<'_> {
    /// Starts a chat. A visitor whose first answer was lost starts it again with the same first message, and is
    /// told of the chat that it has.
    pub(super) fn start_chat(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        start: StartChat,
    ) -> Result<Reply, Refusal> {
        let first = start.message.as_ref().map(|(id, _)| id);
        if let Some(started) = first.and_then(|id| self.state.started_with(visitor_id, id)) {
            return Ok(Reply::Chat(self.state.chat_view(started)));
        }
        refuse(self.state.start_faults(&start, self.now))?;
        let open = self
            .state
            .visitors
            .get(&visitor_id)
            .map_or(0, std::collections::BTreeSet::len);
        if open >= self.state.limits.open_chats_per_visitor {
            return Err(Refusal::TooManyOpenChats);
        }
        let found = self.state.enter(&start, self.now)?;
        let entrance = Entrance {
            widget: start.widget_id,
            office: found.office_id,
            queue: Some((found.queue_id, found.entry)),
            priority: found.priority,
        };
        let queue_id = found.queue_id;
        let mut chat = Chat::new(chat_id, visitor_id, entrance, start.contact, self.now);
        chat.routing.reserved = found.reserved;
        self.state.insert_chat(chat);
        if let Some(view) = self.chat_view(chat_id) {
            self.emit(EventKind::Chat(ChatEvent::Queued(view)));
        }
        if let Some((id, written)) = start.message {
            self.add_message(chat_id, Author::Visitor, id, Body::Written(written.into()));
        }
        self.dispatch(&[queue_id]);
        self.chat_view(chat_id)
            .map(Reply::Chat)
            .ok_or(Refusal::UnknownChat)
    }

    /// Stores a message that nobody is there to answer. It waits in the inbox, not in a queue. A visitor whose first answer
    /// was lost leaves it again, and is told of the one that is there.
    pub(super) fn leave_message(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        left: LeaveMessage,
    ) -> Result<Reply, Refusal> {
        if let Some(there) = self.state.left_with(visitor_id, &left.message.0) {
            return Ok(Reply::Chat(self.state.chat_view(there)));
        }
        refuse(self.state.message_faults(&left))?;
        let office_id = self.state.office_of(left.widget_id, left.office_id)?.id;
        let (id, written) = left.message;
        let entrance = Entrance {
            widget: left.widget_id,
            office: office_id,
            queue: None,
            priority: Priority::default(),
        };
        let chat = Chat::new(chat_id, visitor_id, entrance, left.contact, self.now);
        self.state.insert_chat(chat);
        if let Some(view) = self.chat_view(chat_id) {
            self.emit(EventKind::Chat(ChatEvent::OfflineMessageLeft(view)));
        }
        self.add_message(chat_id, Author::Visitor, id, Body::Written(written.into()));
        self.chat_view(chat_id)
            .map(Reply::Chat)
            .ok_or(Refusal::UnknownChat)
    }
}

/// Whether the first message of a chat is this one of its visitor.
fn begins_with(chat: &Chat, id: &MessageId) -> bool {
    let first = |sent: &Sent| sent.seq == 1 && sent.author == Author::Visitor;
    chat.messages.get(id).is_some_and(first)
}

impl State {
    /// The open chat that a visitor has started with this message.
    fn started_with(&self, visitor: VisitorId, id: &MessageId) -> Option<&Chat> {
        let chats = self.visitors.get(&visitor)?.iter();
        let mut chats = chats.filter_map(|chat_id| self.chats.get(chat_id));
        chats.find(|chat| begins_with(chat, id))
    }

    /// The message that a visitor has left under this id and that is not over: an agent has taken it up, or it is in the
    /// inbox. What is there from earlier batches is brought back before ([`Command::leaves`](super::Command::leaves)).
    fn left_with(&self, visitor: VisitorId, id: &MessageId) -> Option<&Chat> {
        let taken_up = self.visitors.get(&visitor).into_iter().flatten();
        let chats = taken_up.chain(&self.settled);
        let mut chats = chats.filter_map(|chat_id| self.chats.get(chat_id));
        chats.find(|chat| {
            let is_over = matches!(
                chat.state,
                ChatState::WrapUp { .. } | ChatState::Closed { .. }
            );
            // What has entered a queue was no message that was left.
            let was_left = chat.routing.entry.is_none();
            chat.visitor_id == visitor && was_left && !is_over && begins_with(chat, id)
        })
    }

    /// A visitor's own open chat; somebody else's is as unknown as one that never was.
    pub(super) fn own_chat(&self, visitor: VisitorId, chat_id: ChatId) -> Result<&Chat, Refusal> {
        let chat = self
            .chats
            .get(&chat_id)
            .filter(|chat| chat.visitor_id == visitor);
        let chat = chat.ok_or(Refusal::UnknownChat)?;
        match chat.state {
            ChatState::WrapUp { .. } | ChatState::Closed { .. } | ChatState::OfflineMessage => {
                Err(Refusal::ChatClosed)
            }
            ChatState::Waiting | ChatState::Active { .. } => Ok(chat),
        }
    }
}
