//! Chats: start, leave a message, close, end (ROUTE-1, AVAIL-4, CHAT-4).

use crate::domain::{
    AgentId, Author, Body, ChatId, ChatState, CloseReason, Entered, Entry, MessageId, Mode,
    OfferNumber, Office, OfficeId, Priority, QueueId, VisitorId, WidgetId, WithdrawReason,
};

use super::command::{LeaveMessage, StartChat};
use super::effect::{Cause, ChatEvent, EventKind};
use super::state::{Chat, Entrance, QueueState, Sent, State};
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
        let open = self
            .state
            .visitors
            .get(&visitor_id)
            .map_or(0, std::collections::BTreeSet::len);
        if open >= self.state.limits.open_chats_per_visitor {
            return Err(Refusal::TooManyOpenChats);
        }
        let entry = Entry {
            by: match (start.queue_id, start.office_id) {
                (Some(_), _) => Entered::Queue,
                (None, Some(_)) => Entered::Office,
                (None, None) => Entered::Widget,
            },
            rule_id: None,
        };
        let queue = self
            .state
            .entry(start.widget_id, start.office_id, start.queue_id)?;
        if queue.line.len() >= queue.queue.settings.max_waiting as usize {
            return Err(Refusal::QueueFull);
        }
        let (queue_id, office_id) = (queue.queue.id, queue.queue.office_id);
        let entrance = Entrance {
            widget: start.widget_id,
            office: office_id,
            queue: Some((queue_id, entry)),
            priority: queue.queue.settings.priority,
        };
        let chat = Chat::new(chat_id, visitor_id, entrance, start.contact, self.now);
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

    /// Stores a message that nobody is there to answer. It waits in the inbox, not in a queue.
    pub(super) fn leave_message(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        left: LeaveMessage,
    ) -> Result<Reply, Refusal> {
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

    /// An agent that takes part closes the chat.
    pub(super) fn close(&mut self, agent_id: AgentId, chat_id: ChatId) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get(&chat_id).ok_or(Refusal::UnknownChat)?;
        match chat.state {
            ChatState::WrapUp { .. } | ChatState::Closed { .. } => return Err(Refusal::ChatClosed),
            ChatState::Waiting | ChatState::Active { .. } | ChatState::OfflineMessage => {}
        }
        if !chat.participants.contains_key(&agent_id) {
            return Err(Refusal::NotParticipant);
        }
        self.finish(chat_id, CloseReason::AgentClosed)
    }

    /// The visitor ends its chat, whether somebody has taken it or not.
    pub(super) fn end_chat(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
    ) -> Result<Reply, Refusal> {
        self.state.own_chat(visitor_id, chat_id)?;
        self.finish(chat_id, CloseReason::VisitorEnded)
    }

    fn finish(&mut self, chat_id: ChatId, reason: CloseReason) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get(&chat_id).ok_or(Refusal::UnknownChat)?;
        let ringing: Vec<OfferNumber> = chat.ringing().map(|(number, _)| number).collect();
        let mut freed: Vec<AgentId> = chat.answering().collect();
        for number in ringing {
            freed.extend(self.withdraw(chat_id, number, WithdrawReason::ChatClosed));
        }
        self.cancel_round(chat_id);
        let now = self.now;
        let chat = self.state.chat_mut(chat_id).ok_or(Refusal::UnknownChat)?;
        let accepted_at = match chat.state {
            ChatState::Active { accepted_at } => Some(accepted_at),
            ChatState::Waiting
            | ChatState::WrapUp { .. }
            | ChatState::Closed { .. }
            | ChatState::OfflineMessage => None,
        };
        chat.state = ChatState::Closed {
            accepted_at,
            at: now,
            reason,
        };
        chat.routing.seek = None;
        let (parties, queue_id) = (State::parties(chat), chat.queue_id);
        self.state.unlink_chat(chat_id);
        if let Some(queue_id) = queue_id {
            self.time_late_offers(queue_id);
        }
        for agent_id in &parties.agents {
            if let Some(agent) = self.state.agent_mut(*agent_id) {
                agent.idle_since = now;
            }
        }
        let agents = parties.agents.clone();
        self.emit(EventKind::Chat(ChatEvent::Closed(parties, reason)));
        for agent_id in agents {
            self.touch_offices_of(agent_id, Cause::Chat(chat_id));
            self.drain(agent_id);
        }
        for agent_id in freed {
            self.dispatch_agent(agent_id);
        }
        self.chat_view(chat_id)
            .map(Reply::Chat)
            .ok_or(Refusal::UnknownChat)
    }
}

impl State {
    /// The queue that a chat enters: the one that the visitor chose, else the first with somebody online of the
    /// office that it chose, else of the first of the widget's offices that is live. Never nowhere (ROUTE-1).
    fn entry(
        &self,
        widget_id: WidgetId,
        office_id: Option<OfficeId>,
        queue_id: Option<QueueId>,
    ) -> Result<&QueueState, Refusal> {
        if let Some(queue_id) = queue_id {
            let queue = self.queues.get(&queue_id).ok_or(Refusal::UnknownQueue)?;
            let office = self.office_of(widget_id, Some(queue.queue.office_id));
            let office = office.map_err(|_| Refusal::UnknownQueue)?;
            if office_id.is_some_and(|id| id != office.id) {
                return Err(Refusal::UnknownQueue);
            }
            return self.live_queue(office, Some(queue));
        }
        if office_id.is_some() {
            return self.live_queue(self.office_of(widget_id, office_id)?, None);
        }
        let widget = self.widgets.get(&widget_id).ok_or(Refusal::UnknownWidget)?;
        let mut mode = Mode::Hidden;
        for office in widget
            .office_ids
            .iter()
            .filter_map(|id| self.offices.get(id))
        {
            match self.live_queue(&office.office, None) {
                Err(Refusal::NotLive { mode: shown }) => mode = mode.max(shown),
                found => return found,
            }
        }
        Err(Refusal::NotLive { mode })
    }

    fn live_queue<'s>(
        &'s self,
        office: &Office,
        queue: Option<&'s QueueState>,
    ) -> Result<&'s QueueState, Refusal> {
        let mode = self.mode(office.id);
        let first = || {
            self.queues
                .values()
                .map(|queue| &**queue)
                .filter(|queue| queue.queue.office_id == office.id)
                .min_by_key(|queue| {
                    let deserted = !self.is_staffed(queue);
                    (deserted, queue.queue.created_at, queue.queue.id)
                })
        };
        match (mode, queue.or_else(first)) {
            (Mode::Live, Some(queue)) => Ok(queue),
            (mode, _) => Err(Refusal::NotLive { mode }),
        }
    }

    /// One of the widget's offices: the one that was named, else the first.
    fn office_of(
        &self,
        widget_id: WidgetId,
        office_id: Option<OfficeId>,
    ) -> Result<&Office, Refusal> {
        let widget = self.widgets.get(&widget_id).ok_or(Refusal::UnknownWidget)?;
        let id = match office_id {
            Some(id) => widget.office_ids.iter().find(|own| **own == id),
            None => widget.office_ids.first(),
        };
        id.and_then(|id| self.offices.get(id))
            .map(|office| &office.office)
            .ok_or(Refusal::UnknownOffice)
    }

    /// The open chat that a visitor has started with this message.
    fn started_with(&self, visitor: VisitorId, id: &MessageId) -> Option<&Chat> {
        let chats = self.visitors.get(&visitor)?.iter();
        let mut chats = chats.filter_map(|chat_id| self.chats.get(chat_id));
        let first = |sent: &Sent| sent.seq == 1 && sent.author == Author::Visitor;
        chats.find(|chat| chat.messages.get(id).is_some_and(first))
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
