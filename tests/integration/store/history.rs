//! What is read back of a chat is what was published.

use std::collections::BTreeSet;
use std::sync::Arc;

use deskbell::domain::{
    Agent, ChatId, Contact, ContactFields, ContactId, Landing, Millis, Office, OfficeId, Overflow,
    Queue, QueueId, QueueSettings, Role, Status, VisitorId, Widget, WidgetId, WidgetKey,
};
use deskbell::engine::{
    AgentCommand, ChatEvent, Command, EventKind, NewStatus, PasswordHash, SetupCommand, StartChat,
    VisitorCommand,
};

use super::owner::Owner;
use super::support::{NOW, agent, connect, later, store, tenant, uuid};

fn queue(office: &Office, overflow: Option<QueueId>) -> Queue {
    let settings = QueueSettings {
        max_wait: overflow.map(|_| Millis::from_secs(30)),
        overflow: overflow.map(Overflow::Queue),
        ..QueueSettings::default()
    };
    Queue {
        id: QueueId(uuid()),
        office_id: office.id,
        name: "Questions".parse().unwrap(),
        settings: Box::new(settings),
        created_at: NOW,
        version: 1,
    }
}

/// An office with a queue that the agent is a member of, and a widget that leads to it. Chats that wait too long would go to
/// an office where nobody is, so they stay.
async fn set_up(owner: &mut Owner, bo: &Agent) -> WidgetId {
    let office = Office::new(OfficeId(uuid()), "Library".parse().unwrap(), NOW);
    let empty = Office::new(OfficeId(uuid()), "Archive".parse().unwrap(), NOW);
    let elsewhere = queue(&empty, None);
    let queue = queue(&office, Some(elsewhere.id));
    let widget = Widget {
        agent_id: None,
        id: WidgetId(uuid()),
        key: WidgetKey::from_trusted(format!("wk_{}", uuid().simple())),
        name: "Website".parse().unwrap(),
        office_ids: vec![office.id],
        allowed_domains: Vec::new(),
        messenger_text: "Leave a message.".parse().unwrap(),
        form: Vec::new(),
        created_at: NOW,
        version: 1,
    };
    let widget_id = widget.id;
    let set_up = [
        SetupCommand::CreateOffice(Box::new(office)),
        SetupCommand::CreateOffice(Box::new(empty)),
        SetupCommand::CreateQueue(elsewhere, BTreeSet::new()),
        SetupCommand::CreateAgent(Box::new(bo.clone()), PasswordHash("one".into())),
        SetupCommand::CreateQueue(queue, BTreeSet::from([bo.id])),
        SetupCommand::CreateWidget(widget),
    ];
    for command in set_up {
        owner.set_up(later(1), command).await;
    }
    widget_id
}

async fn arrive(owner: &mut Owner, bo: &Agent) {
    owner.connect(later(2), bo.id).await;
    owner
        .set(later(3), bo.id, NewStatus::Base(Status::Online))
        .await;
}

/// A chat that waits, and rings at whoever is there.
async fn start(owner: &mut Owner, widget_id: WidgetId) -> ChatId {
    let (visitor_id, chat_id) = (VisitorId(uuid()), ChatId(uuid()));
    let start = StartChat {
        known: None,
        assigned: Vec::new(),
        last_agent_id: None,
        landing: Landing::default(),
        widget_id,
        office_id: None,
        queue_id: None,
        contact: Arc::new(Contact {
            id: ContactId::of_visitor(visitor_id),
            name: None,
            email: None,
            fields: ContactFields::default(),
        }),
        message: None,
    };
    let start = Command::Visitor {
        source: None,
        visitor_id,
        chat_id,
        command: VisitorCommand::Start(Box::new(start)),
    };
    owner.call(later(4), start).await.unwrap();
    chat_id
}

/// A chat that the agent is in.
async fn begin(owner: &mut Owner, bo: &Agent, widget_id: WidgetId) -> ChatId {
    let chat_id = start(owner, widget_id).await;
    let accept = Command::Agent {
        agent_id: bo.id,
        chat_id,
        command: AgentCommand::Accept(None),
    };
    owner.call(later(5), accept).await.unwrap();
    chat_id
}

#[tokio::test]
async fn pres_10_what_an_agent_was_seen_as_in_a_chat_is_read_back() {
    let store = store();
    let tenant_id = tenant(&store).await.id;
    let mut owner = Owner::of(store.clone(), tenant_id).await;
    let bo = Agent {
        public_name: Some("Bo of the library".parse().unwrap()),
        ..agent("Bo", Role::Agent)
    };
    let widget_id = set_up(&mut owner, &bo).await;
    arrive(&mut owner, &bo).await;
    let chat_id = begin(&mut owner, &bo, widget_id).await;

    // An invisible agent is online to those in its chats, so only the second change is seen.
    for (seconds, status) in [(6, Status::Invisible), (7, Status::Away)] {
        owner
            .set(later(seconds), bo.id, NewStatus::Base(status))
            .await;
    }

    let mut tx = store.tenant(tenant_id).await.unwrap();
    let events = tx.list_chat_events(chat_id, None, None, 100).await.unwrap();
    let seen: Vec<_> = events
        .iter()
        .filter_map(|stored| match &stored.event.kind {
            EventKind::Chat(ChatEvent::AgentSeen(parties, card)) => {
                Some((stored.event.at, parties.agents.clone(), card.clone()))
            }
            _ => None,
        })
        .collect();
    let [(at, agents, card)] = &seen[..] else {
        panic!("{seen:?}");
    };
    assert_eq!((*at, &agents[..]), (later(7), &[bo.id][..]));
    assert_eq!((card.id, card.status), (bo.id, Some(Status::Away)));
    assert_eq!(card.name, *bo.shown_name());
}

/// Everything that has a row is read back or left out, also what happens to a chat while nothing is said.
#[tokio::test]
async fn chat_06_what_only_the_engine_needs_to_know_of_a_chat_is_not_read_back() {
    let store = store();
    let tenant_id = tenant(&store).await.id;
    let mut owner = Owner::of(store.clone(), tenant_id).await;
    let bo = agent("Bo", Role::Agent);
    let widget_id = set_up(&mut owner, &bo).await;
    arrive(&mut owner, &bo).await;
    let waiting = start(&mut owner, widget_id).await;
    let silent = begin(&mut owner, &bo, widget_id).await;

    // Beyond what a chat waits at most, and then beyond what counts as silence.
    for at in [later(120), later(1_200)] {
        owner.set(at, bo.id, NewStatus::Base(Status::Online)).await;
    }

    let mut tx = store.tenant(tenant_id).await.unwrap();
    for (chat_id, own) in [(waiting, "chat.wait_overrun"), (silent, "chat.fell_silent")] {
        let events = tx.list_chat_events(chat_id, None, None, 100).await.unwrap();
        assert!(!events.is_empty());
        assert!(kinds_of(chat_id).await.contains(&own.to_owned()), "{own}");
    }
}

/// The kinds of all rows of a chat.
async fn kinds_of(chat_id: ChatId) -> Vec<String> {
    let mut owner = connect(None).await;
    sqlx::query_scalar("select kind from events where chat_id = $1")
        .bind(chat_id.0)
        .fetch_all(&mut owner)
        .await
        .unwrap()
}
