//! The fixed values that golden frames are made of.

use std::sync::Arc;

use deskbell::domain::{
    Actor, Agent, AgentId, Author, Capacity, ChatId, ChatState, Choice, CloseReason, Contact,
    ContactFields, ContactId, Message, Millis, OfferNumber, OfferState, Office, OfficeId,
    PresenceReason, Queue, QueueId, QueueSettings, Reachability, Role, Status, Timestamp,
    VisitorId, WhenNotLive, Widget, WidgetId, WidgetKey, effective,
};
use deskbell::engine::{
    AgentCard, ChatStateView, ChatView, MessageView, OfferView, Parties, PresenceView, QueueView,
};
use uuid::Uuid;

/// 2026-03-01, 09:30 UTC.
pub(super) const AT: Timestamp = Timestamp(1_772_357_400_000);

pub(super) fn later(seconds: i64) -> Timestamp {
    AT + Millis::from_secs(seconds)
}

pub(super) fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0189_0000_0000_7000_8000_0000_0000_0000 + number)
}

pub(super) fn agent_id() -> AgentId {
    AgentId(id(5))
}

pub(super) fn agent() -> Agent {
    Agent {
        id: agent_id(),
        name: "Ana".parse().unwrap(),
        email: "ana@acme.example".parse().unwrap(),
        role: Role::Agent,
        capacity: Capacity::DEFAULT,
        created_at: AT,
    }
}

pub(super) fn contact() -> Arc<Contact> {
    let mut fields = ContactFields::default();
    fields.insert("plan", "gold").unwrap();
    Arc::new(Contact {
        id: ContactId(id(2)),
        name: Some("Vic".parse().unwrap()),
        email: Some("vic@home.example".parse().unwrap()),
        fields,
    })
}

pub(super) fn chat(state: ChatStateView, has_agent: bool) -> ChatView {
    let card = AgentCard {
        id: agent_id(),
        name: "Ana".parse().unwrap(),
    };
    ChatView {
        id: ChatId(id(1)),
        visitor_id: VisitorId(id(2)),
        office_id: OfficeId(id(3)),
        queue_id: Some(QueueId(id(4))),
        contact: contact(),
        state,
        agents: has_agent.then_some(card).into_iter().collect(),
        last_seq: 1,
        started_at: AT,
        position: (!has_agent).then_some(1),
    }
}

pub(super) fn active() -> ChatView {
    let accepted_at = later(5);
    chat(
        ChatStateView::Settled(ChatState::Active { accepted_at }),
        true,
    )
}

pub(super) fn closed() -> ChatView {
    let state = ChatState::Closed {
        accepted_at: Some(later(5)),
        at: later(60),
        reason: CloseReason::AgentClosed,
    };
    chat(ChatStateView::Settled(state), true)
}

pub(super) fn parties() -> Parties {
    Parties {
        chat_id: ChatId(id(1)),
        visitor_id: VisitorId(id(2)),
        agents: vec![agent_id()],
    }
}

pub(super) fn message(author: Author) -> MessageView {
    let author_name = matches!(author, Author::Agent(_)).then(|| "Ana".parse().unwrap());
    MessageView {
        message: Message {
            id: "m-1".parse().unwrap(),
            seq: 1,
            author,
            text: "Hello \u{1F44B}\n<b>there</b>".parse().unwrap(),
            sent_at: later(6),
        },
        author_name,
    }
}

pub(super) fn offer(state: OfferState) -> OfferView {
    OfferView {
        chat_id: ChatId(id(1)),
        number: OfferNumber(1),
        agent_id: agent_id(),
        state,
        made_at: later(1),
        expires_at: Some(later(31)),
        waiting_since: AT,
        office_id: OfficeId(id(3)),
        queue_id: QueueId(id(4)),
        queue_name: "General".parse().unwrap(),
        contact: contact(),
    }
}

pub(super) fn presence() -> PresenceView {
    let choice = Choice {
        status: Status::Online,
        set_at: AT,
        set_by: Actor::Agent(agent_id()),
        reason: PresenceReason::Chosen,
    };
    PresenceView {
        agent_id: agent_id(),
        choice,
        effective: effective(choice, Reachability::Lost { since: later(90) }),
    }
}

pub(super) fn office() -> Office {
    Office {
        id: OfficeId(id(3)),
        name: "Support".parse().unwrap(),
        when_not_live: WhenNotLive::Messenger,
        created_at: AT,
    }
}

pub(super) fn queue() -> Queue {
    Queue {
        id: QueueId(id(4)),
        office_id: OfficeId(id(3)),
        name: "General".parse().unwrap(),
        settings: QueueSettings::default(),
        created_at: AT,
    }
}

pub(super) fn queue_view() -> QueueView {
    QueueView {
        queue: queue(),
        member_ids: vec![agent_id()],
    }
}

pub(super) fn widget() -> Widget {
    Widget {
        id: WidgetId(id(7)),
        key: WidgetKey::from_trusted("wk_1".to_owned()),
        name: "Site".parse().unwrap(),
        office_ids: vec![OfficeId(id(3))],
        allowed_domains: Vec::new(),
        messenger_text: "Write to us".parse().unwrap(),
        created_at: AT,
    }
}
