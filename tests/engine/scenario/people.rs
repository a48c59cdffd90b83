//! The verbs of agents and visitors.

use std::sync::Arc;

use deskbell::domain::{
    AgentId, Button, ButtonRef, Buttons, ChatId, Contact, ContactFields, ContactId, KnownMessageId,
    Landing, MessageId, OfferNumber, OfficeId, QueueId, VisitorId, WidgetId, Written,
};
use deskbell::engine::{
    AgentCommand, AgentSnapshot, AskByEmail, Command, LeaveMessage, StartChat, VisitorCommand,
    VisitorSnapshot,
};

use super::Scenario;

/// An agent who does something.
pub(crate) struct Person<'s> {
    pub(super) s: &'s mut Scenario,
    pub(super) name: String,
}

impl<'s> Person<'s> {
    pub(super) fn new(s: &'s mut Scenario, name: &str) -> Self {
        let name = name.to_owned();
        Self { s, name }
    }

    /// Accepts the offer of the chat that rings at the agent now.
    pub(crate) fn accepts(&mut self, chat: &str) {
        let number = self.ringing(chat);
        self.chat(chat, AgentCommand::Accept(Some(number)));
    }

    pub(crate) fn accepts_offer(&mut self, chat: &str, number: u32) {
        self.chat(chat, AgentCommand::Accept(Some(OfferNumber(number))));
    }

    /// Takes the chat from the waiting list.
    pub(crate) fn picks(&mut self, chat: &str) {
        self.chat(chat, AgentCommand::Accept(None));
    }

    /// Rejects the offer of the chat that rings at the agent now.
    pub(crate) fn rejects(&mut self, chat: &str) {
        let number = self.ringing(chat);
        self.chat(chat, AgentCommand::Reject(number, None));
    }

    pub(crate) fn rejects_offer(&mut self, chat: &str, number: u32, reason: Option<&str>) {
        let reason = reason.map(|reason| reason.parse().unwrap());
        self.chat(chat, AgentCommand::Reject(OfferNumber(number), reason));
    }

    pub(crate) fn sends(&mut self, chat: &str, id: &str, text: &str) {
        let (id, text) = message(id, text);
        self.chat(chat, AgentCommand::Send(id, text));
    }

    /// Sends a message with buttons, each an id with its text and perhaps an address.
    pub(crate) fn asks(&mut self, chat: &str, id: &str, buttons: &[(&str, &str, Option<&str>)]) {
        let button = |(id, text, url): &(&str, &str, Option<&str>)| Button {
            id: id.parse().unwrap(),
            text: text.parse().unwrap(),
            url: url.map(|url| url.parse().unwrap()),
        };
        let buttons = Buttons::new(buttons.iter().map(button).collect()).unwrap();
        let (id, written) = message(id, "Which?");
        let written = Written { buttons, ..written };
        self.chat(chat, AgentCommand::Send(id, written));
    }

    pub(crate) fn edits(&mut self, chat: &str, id: &str, text: &str) {
        let command = AgentCommand::Edit(known(id), text.parse().unwrap());
        self.chat(chat, command);
    }

    pub(crate) fn deletes(&mut self, chat: &str, id: &str) {
        self.chat(chat, AgentCommand::Delete(known(id)));
    }

    pub(crate) fn types(&mut self, chat: &str, typing: bool) {
        self.chat(chat, AgentCommand::Type(typing));
    }

    pub(crate) fn closes(&mut self, chat: &str) {
        self.chat(chat, AgentCommand::Close(None));
    }

    pub(crate) fn snapshot(&self) -> AgentSnapshot {
        let snapshot = self.s.engine.agent_snapshot(self.s.agent_id(&self.name));
        snapshot.expect("a known agent")
    }

    fn ringing(&self, chat: &str) -> OfferNumber {
        let chat_id = self.s.chat_id(chat);
        let offers = self.snapshot().offers;
        let offer = offers.iter().find(|offer| offer.chat_id == chat_id);
        let offer = offer.unwrap_or_else(|| panic!("{chat} does not ring at {}", self.name));
        offer.number
    }

    pub(super) fn chat(&mut self, chat: &str, command: AgentCommand) {
        let agent_id = self.s.agent_id(&self.name);
        let chat_id = ChatId(self.s.id_of("chat", chat));
        self.s.does(Command::Agent {
            agent_id,
            chat_id,
            command,
        });
    }
}

/// A visitor who does something. Its chat has its name unless another is given.
pub(crate) struct Visitor<'s> {
    pub(super) s: &'s mut Scenario,
    pub(super) name: String,
}

impl<'s> Visitor<'s> {
    pub(super) fn new(s: &'s mut Scenario, name: &str) -> Self {
        let name = name.to_owned();
        Self { s, name }
    }

    /// Starts a chat where the site sends it; that it was queued is accounted for.
    pub(crate) fn starts_chat(&mut self) {
        self.asks_for(None, None);
        let name = self.name.clone();
        self.s.expect_queued(&name);
    }

    /// Asks for a chat; what comes of it is to be accounted for.
    pub(crate) fn asks_for(&mut self, office: Option<&str>, queue: Option<&str>) {
        let chat = self.name.clone();
        self.asks_for_chat(&chat, office, queue);
    }

    pub(crate) fn asks_for_chat(&mut self, chat: &str, office: Option<&str>, queue: Option<&str>) {
        let widget_id = self.s.site();
        self.asks_through(widget_id, chat, office, queue, None);
    }

    /// Asks for a chat as somebody whose last one this agent had.
    pub(crate) fn returns_to(&mut self, agent: &str) {
        let last = AgentId(self.s.id_of("agent", agent));
        self.asks_as(|start| start.last_agent_id = Some(last));
    }

    /// Asks for a chat as somebody who is assigned to these agents.
    pub(crate) fn is_assigned_to(&mut self, agents: &[&str]) {
        let agents = self.s.agent_ids(agents).into_iter().collect();
        self.asks_as(|start| start.assigned = agents);
    }

    pub(crate) fn starts_without_email(&mut self) {
        self.asks_as(|start| Arc::make_mut(&mut start.contact).email = None);
    }

    fn asks_as(&mut self, change: impl FnOnce(&mut StartChat)) {
        let mut start = StartChat {
            known: None,
            assigned: Vec::new(),
            last_agent_id: None,
            landing: Landing::default(),
            widget_id: self.s.site(),
            office_id: None,
            queue_id: None,
            contact: self.contact(),
            message: None,
        };
        change(&mut start);
        let chat = self.name.clone();
        self.chat(&chat, VisitorCommand::Start(Box::new(start)));
    }

    pub(crate) fn asks_by_email(&mut self, ask: AskByEmail) {
        let chat = self.name.clone();
        self.chat(&chat, VisitorCommand::AskByEmail(Box::new(ask)));
    }

    pub(crate) fn asks_with_message(&mut self, id: &str, text: &str) {
        let widget_id = self.s.site();
        let chat = self.name.clone();
        self.asks_through(widget_id, &chat, None, None, Some(message(id, text)));
    }

    pub(crate) fn asks_at_widget(&mut self, widget: &str) {
        let widget_id = WidgetId(self.s.id_of("widget", widget));
        let chat = self.name.clone();
        self.asks_through(widget_id, &chat, None, None, None);
    }

    fn asks_through(
        &mut self,
        widget_id: WidgetId,
        chat: &str,
        office: Option<&str>,
        queue: Option<&str>,
        message: Option<(MessageId, Written)>,
    ) {
        let start = StartChat {
            known: None,
            assigned: Vec::new(),
            last_agent_id: None,
            landing: Landing::default(),
            widget_id,
            office_id: office.map(|name| OfficeId(self.s.id_of("office", name))),
            queue_id: queue.map(|name| QueueId(self.s.id_of("queue", name))),
            contact: self.contact(),
            message,
        };
        self.chat(chat, VisitorCommand::Start(Box::new(start)));
    }

    /// Starts a chat from a page, as somebody.
    pub(crate) fn starts_from(&mut self, landing: Landing, contact: Arc<Contact>) {
        self.asks_as(|start| {
            start.landing = landing;
            start.contact = contact;
        });
    }

    pub(crate) fn leaves_message(&mut self, office: Option<&str>, text: &str) {
        let widget_id = self.s.site();
        self.leaves_message_at(widget_id, office, text);
    }

    pub(crate) fn leaves_message_at(
        &mut self,
        widget_id: WidgetId,
        office: Option<&str>,
        text: &str,
    ) {
        let left = LeaveMessage {
            widget_id,
            office_id: office.map(|name| OfficeId(self.s.id_of("office", name))),
            contact: self.contact(),
            message: message("m1", text),
        };
        let chat = self.name.clone();
        self.chat(&chat, VisitorCommand::LeaveMessage(Box::new(left)));
    }

    pub(crate) fn sends(&mut self, id: &str, text: &str) {
        let chat = self.name.clone();
        self.sends_to(&chat, id, text);
    }

    pub(crate) fn sends_to(&mut self, chat: &str, id: &str, text: &str) {
        let (id, text) = message(id, text);
        self.chat(chat, VisitorCommand::Send(id, text));
    }

    pub(crate) fn presses(&mut self, id: &str, message: &str, button: &str) {
        let button = ButtonRef {
            message_id: known(message),
            button_id: button.parse().unwrap(),
        };
        let chat = self.name.clone();
        self.chat(&chat, VisitorCommand::Press(id.parse().unwrap(), button));
    }

    pub(crate) fn edits(&mut self, id: &str, text: &str) {
        let chat = self.name.clone();
        self.edits_in(&chat, id, text);
    }

    pub(crate) fn edits_in(&mut self, chat: &str, id: &str, text: &str) {
        let command = VisitorCommand::Edit(known(id), text.parse().unwrap());
        self.chat(chat, command);
    }

    pub(crate) fn deletes(&mut self, id: &str) {
        let chat = self.name.clone();
        self.chat(&chat, VisitorCommand::Delete(known(id)));
    }

    pub(crate) fn types(&mut self, typing: bool) {
        let chat = self.name.clone();
        self.chat(&chat, VisitorCommand::Type(typing, None));
    }

    pub(crate) fn ends(&mut self) {
        let chat = self.name.clone();
        self.ends_chat(&chat);
    }

    pub(crate) fn ends_chat(&mut self, chat: &str) {
        self.chat(chat, VisitorCommand::End);
    }

    pub(crate) fn snapshot(&self) -> VisitorSnapshot {
        let id = VisitorId(self.s.known("visitor", &self.name));
        self.s.engine.visitor_snapshot(id)
    }

    fn contact(&mut self) -> Arc<Contact> {
        let visitor = VisitorId(self.s.id_of("visitor", &self.name));
        Arc::new(Contact {
            id: ContactId::of_visitor(visitor),
            name: Some(self.name.parse().unwrap()),
            email: Some(format!("{}@example.com", self.name).parse().unwrap()),
            fields: ContactFields::default(),
        })
    }

    pub(super) fn chat(&mut self, chat: &str, command: VisitorCommand) {
        let visitor_id = VisitorId(self.s.id_of("visitor", &self.name));
        let chat_id = ChatId(self.s.id_of("chat", chat));
        let source = self.s.source;
        self.s.does(Command::Visitor {
            source,
            visitor_id,
            chat_id,
            command,
        });
    }
}

fn message(id: &str, text: &str) -> (MessageId, Written) {
    (id.parse().unwrap(), text.parse().unwrap())
}

/// The id of a message that is there, a notice's too.
fn known(id: &str) -> MessageId {
    let KnownMessageId(id) = id.parse().unwrap();
    id
}
