//! Reading chats and messages.

use deskbell::domain::{
    Agent, AgentId, Author, Body, ChatId, ChatState, CloseReason, ContactId, QueueId, Role,
    VisitorId,
};
use deskbell::engine::{AgentCard, ChatStateView};
use deskbell::store::{ChatFilter, ChatPage, InboxCounts, NewTenant, Store};

use super::support::{Desk, NOW, agent, later, store, tenant, uuid};

const ALL: ChatPage = ChatPage {
    before: None,
    limit: 100,
};

async fn ids(store: &Store, new: &NewTenant, filter: ChatFilter) -> Vec<ChatId> {
    let mut tx = store.tenant(new.id).await.unwrap();
    let chats = tx.list_chats(&filter, &ALL).await.unwrap();
    chats.into_iter().map(|chat| chat.id).collect()
}

fn card(agent: &Agent) -> AgentCard {
    AgentCard {
        id: agent.id,
        name: agent.name.clone(),
        status: None,
    }
}

#[tokio::test]
async fn a_chat_is_read_with_its_contact_its_agents_and_its_state() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let bo = agent("Bo", Role::Agent);
    desk.insert_agent(&bo).await;
    let id = desk.insert_chat(NOW).await;
    desk.insert_message(id, "m1", None).await;
    desk.insert_offer(id, bo.id, "ringing").await;

    let mut tx = store.tenant(new.id).await.unwrap();
    let offered = tx.find_chat(id).await.unwrap().unwrap();
    desk.accept(id, bo.id, later(5)).await;
    desk.accept(id, new.owner.id, later(5)).await;
    let active = tx.find_chat(id).await.unwrap().unwrap();
    desk.close(id, later(9)).await;
    let closed = tx.find_chat(id).await.unwrap().unwrap();

    assert_eq!((offered.id, offered.visitor_id), (id, desk.visitor_id));
    assert_eq!(
        (offered.office_id, offered.queue_id),
        (desk.office_id, Some(desk.queue_id))
    );
    assert_eq!((offered.started_at, offered.last_seq), (NOW, 1));
    assert_eq!(
        (offered.state, offered.position),
        (ChatStateView::Offered, None)
    );
    assert_eq!(offered.contact.id, ContactId::of_visitor(desk.visitor_id));
    assert_eq!(offered.contact.name.as_ref().unwrap().as_str(), "Vera");
    assert_eq!(
        serde_json::to_value(&offered.contact.fields).unwrap(),
        serde_json::json!({"course": "maths"})
    );
    assert_eq!(offered.agents, []);
    let state = ChatState::Active {
        accepted_at: later(5),
    };
    assert_eq!(
        (active.state, active.position),
        (ChatStateView::Settled(state), None)
    );
    assert_eq!(active.agents, [card(&new.owner), card(&bo)]);
    let state = ChatState::Closed {
        accepted_at: Some(later(5)),
        at: later(9),
        reason: CloseReason::AgentClosed,
    };
    assert_eq!(closed.state, ChatStateView::Settled(state));
    assert_eq!(tx.find_chat(ChatId(uuid())).await.unwrap(), None);
}

#[tokio::test]
async fn chats_are_listed_newest_first_by_pages() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let mut made = Vec::new();
    for second in [0, 1, 1, 1, 2] {
        made.push(desk.insert_chat(later(second)).await);
    }

    let mut tx = store.tenant(new.id).await.unwrap();
    let mut page = ChatPage {
        before: None,
        limit: 2,
    };
    let mut seen = Vec::new();
    loop {
        let chats = tx.list_chats(&ChatFilter::default(), &page).await.unwrap();
        let Some(last) = chats.last() else { break };
        page.before = Some((last.started_at, last.id));
        seen.extend(chats.iter().map(|chat| chat.id));
    }

    made.reverse();
    assert_eq!(seen, made);
}

/// One chat in each state, oldest first.
struct Sample {
    queue: QueueId,
    visitor: VisitorId,
    waiting: ChatId,
    offered: ChatId,
    active: ChatId,
    closed: ChatId,
    offline: ChatId,
}

/// The waiting chat has a queue of its own; it and the closed one have a visitor of their own.
async fn sample(desk: &mut Desk, agent: AgentId) -> Sample {
    let (queue, visitor) = (QueueId(uuid()), VisitorId(uuid()));
    desk.insert_queue(queue, &[]).await;
    desk.insert_visitor(visitor).await;
    let waiting = desk
        .insert_chat_of(visitor, Some(queue), "waiting", later(1))
        .await;
    let offered = desk.insert_chat(later(2)).await;
    desk.insert_offer(offered, agent, "missed").await;
    desk.insert_offer(offered, agent, "ringing").await;
    let active = desk.insert_chat(later(3)).await;
    desk.insert_offer(active, agent, "accepted").await;
    desk.accept(active, agent, later(3)).await;
    let closed = desk
        .insert_chat_of(visitor, Some(desk.queue_id), "waiting", later(4))
        .await;
    desk.close(closed, later(5)).await;
    let offline = desk
        .insert_chat_of(desk.visitor_id, None, "offline_message", later(6))
        .await;
    Sample {
        queue,
        visitor,
        waiting,
        offered,
        active,
        closed,
        offline,
    }
}

#[tokio::test]
async fn each_filter_narrows_the_list() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let Sample {
        queue,
        visitor,
        waiting,
        offered,
        active,
        closed,
        offline,
    } = sample(&mut desk, new.owner.id).await;

    let filter = |change: &dyn Fn(&mut ChatFilter)| {
        let mut filter = ChatFilter::default();
        change(&mut filter);
        filter
    };
    let state = |word: &'static str| filter(&|f| f.state = Some(word));
    let contact = ContactId::of_visitor(visitor);
    let of_agent = filter(&|f| f.agent_id = Some(new.owner.id));
    let closed_of_visitor = ChatFilter {
        visitor_id: Some(visitor),
        ..state("closed")
    };
    let active_of_visitor = ChatFilter {
        visitor_id: Some(visitor),
        ..state("active")
    };
    let rows = [
        (
            "no filter",
            filter(&|_| ()),
            vec![offline, closed, active, offered, waiting],
        ),
        ("waiting", state("waiting"), vec![waiting]),
        ("offered", state("offered"), vec![offered]),
        ("active", state("active"), vec![active]),
        ("closed", state("closed"), vec![closed]),
        ("offline message", state("offline_message"), vec![offline]),
        (
            "queue",
            filter(&|f| f.queue_id = Some(queue)),
            vec![waiting],
        ),
        ("agent", of_agent, vec![active]),
        (
            "contact",
            filter(&|f| f.contact_id = Some(contact)),
            vec![closed, waiting],
        ),
        (
            "visitor",
            filter(&|f| f.visitor_id = Some(visitor)),
            vec![closed, waiting],
        ),
        ("two at once", closed_of_visitor, vec![closed]),
        ("nothing", active_of_visitor, vec![]),
    ];
    for (name, filter, expected) in rows {
        assert_eq!(ids(&store, &new, filter).await, expected, "{name}");
    }
}

#[tokio::test]
async fn an_agent_reads_the_chats_of_its_queues_its_own_and_those_that_ring_at_it() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let (bo, cy) = (agent("Bo", Role::Agent), agent("Cy", Role::Agent));
    desk.insert_agent(&bo).await;
    desk.insert_agent(&cy).await;
    let queue = QueueId(uuid());
    desk.insert_queue(queue, &[bo.id]).await;
    let foreign = desk.insert_chat(later(1)).await;
    let in_queue = desk
        .insert_chat_of(desk.visitor_id, Some(queue), "waiting", later(2))
        .await;
    let own = desk.insert_chat(later(3)).await;
    desk.accept(own, bo.id, later(3)).await;
    let rings = desk.insert_chat(later(4)).await;
    desk.insert_offer(rings, bo.id, "ringing").await;
    // What it has to do with a chat no more counts no more (CHAT-1).
    let rang = desk.insert_chat(later(4)).await;
    desk.insert_offer(rang, bo.id, "missed").await;
    let given_away = desk.insert_chat(later(4)).await;
    desk.accept(given_away, bo.id, later(4)).await;
    desk.change(
        "update participants set left_at = now() where tenant_id = $1 and chat_id = $2",
        given_away.0,
    )
    .await;
    // Somebody of its queue is to come into it.
    let looks = desk.insert_chat(later(4)).await;
    desk.accept(looks, new.owner.id, later(4)).await;
    desk.change(
        "update chats set routing = jsonb_build_object('seek', jsonb_build_object(
             'purpose', 'invite', 'by', null, 'note', null, 'since', 0,
             'target', jsonb_build_object('queue', (
                 select m.queue_id from queue_members m
                 join agents a on a.tenant_id = m.tenant_id and a.agent_id = m.agent_id
                 where m.tenant_id = $1 and a.name = 'Bo'))))
         where tenant_id = $1 and chat_id = $2",
        looks.0,
    )
    .await;
    let left = desk
        .insert_chat_of(desk.visitor_id, None, "offline_message", later(5))
        .await;

    let readable = ids(
        &store,
        &new,
        ChatFilter {
            readable_by: Some(bo.id),
            ..ChatFilter::default()
        },
    )
    .await;
    let of_cy = ids(
        &store,
        &new,
        ChatFilter {
            readable_by: Some(cy.id),
            ..ChatFilter::default()
        },
    )
    .await;

    // The message was left for the office of its queue.
    assert_eq!(readable, [left, looks, rings, own, in_queue]);
    assert_eq!(of_cy, []);
    let mut tx = store.tenant(new.id).await.unwrap();
    let nothing = ChatId(uuid());
    for chat in [
        foreign, in_queue, own, rings, rang, given_away, looks, left, nothing,
    ] {
        let expected = readable.contains(&chat);
        assert_eq!(tx.can_read_chat(bo.id, chat).await.unwrap(), expected);
        assert!(!tx.can_read_chat(cy.id, chat).await.unwrap());
    }
}

#[tokio::test]
async fn a_message_is_found_by_its_senders_id_and_holds_nothing_once_deleted() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let (chat, other) = (desk.insert_chat(NOW).await, desk.insert_chat(NOW).await);
    desk.insert_message(chat, "v:1", None).await;
    desk.insert_message(chat, "a:1", Some(new.owner.id)).await;
    desk.insert_message(chat, "gone", None).await;
    desk.change(
        "update messages set text = null, deleted_at = now()
         where tenant_id = $1 and chat_id = $2 and message_id = 'gone'",
        chat.0,
    )
    .await;

    let mut tx = store.tenant(new.id).await.unwrap();
    let of_visitor = tx
        .find_message(chat, &"v:1".parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let of_agent = tx
        .find_message(chat, &"a:1".parse().unwrap())
        .await
        .unwrap()
        .unwrap();

    assert_eq!(
        (of_visitor.message.author, of_visitor.author_name),
        (Author::Visitor, None)
    );
    assert_eq!(
        (of_visitor.message.seq, of_visitor.message.sent_at),
        (1, NOW)
    );
    assert_eq!(
        of_visitor.message.text().unwrap().source().as_str(),
        "Hello"
    );
    assert_eq!(of_agent.message.author, Author::Agent(new.owner.id));
    assert_eq!(
        (of_agent.message.seq, of_agent.author_name),
        (2, Some(new.owner.name))
    );
    let gone = "gone".parse().unwrap();
    let gone = tx.find_message(chat, &gone).await.unwrap().unwrap();
    assert_eq!(gone.message.body, Body::Deleted);
    for (chat, id) in [(chat, "v:2"), (other, "v:1")] {
        assert_eq!(
            tx.find_message(chat, &id.parse().unwrap()).await.unwrap(),
            None,
            "{id}"
        );
    }
}

#[tokio::test]
async fn chat_06_the_views_of_an_inbox_are_counted_up_to_a_bound() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let bo = agent("Bo", Role::Agent);
    desk.insert_agent(&bo).await;
    desk.insert_member(desk.queue_id, bo.id).await;
    for second in 0..4 {
        let chat = desk.insert_chat(later(second)).await;
        desk.accept(chat, bo.id, later(second)).await;
    }
    for second in 4..7 {
        desk.insert_chat(later(second)).await;
    }
    let closed = desk.insert_chat(later(7)).await;
    desk.accept(closed, bo.id, later(7)).await;
    desk.close(closed, later(8)).await;
    for second in 9..11 {
        desk.insert_chat_of(desk.visitor_id, None, "offline_message", later(second))
            .await;
    }
    let mut tx = store.tenant(new.id).await.unwrap();
    let counts = |mine, waiting, offline, all| InboxCounts {
        mine,
        waiting,
        offline,
        all,
    };

    for (most, expected) in [
        (1000, counts(4, 3, 2, 9)),
        (8, counts(4, 3, 2, 8)),
        (3, counts(3, 3, 2, 3)),
        (1, counts(1, 1, 1, 1)),
    ] {
        for reader in [None, Some(bo.id)] {
            let found = tx.count_inbox(bo.id, reader, most).await.unwrap();
            assert_eq!(found, expected, "{most} {reader:?}");
        }
    }
    let stranger = AgentId(uuid());
    let found = tx.count_inbox(stranger, Some(stranger), 10).await.unwrap();
    assert_eq!(found, counts(0, 0, 0, 0));
}

#[tokio::test]
async fn chat_06_earlier_chats_are_counted_up_to_a_bound() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    for second in [0, 1, 1, 2] {
        desk.insert_chat(later(second)).await;
    }
    let mut tx = store.tenant(new.id).await.unwrap();
    let chats = tx.list_chats(&ChatFilter::default(), &ALL).await.unwrap();

    for (place, chat) in chats.iter().rev().enumerate() {
        let found = tx.count_earlier_chats(chat, None, 100).await.unwrap();
        assert_eq!(usize::try_from(found).unwrap(), place);
        let bounded = tx.count_earlier_chats(chat, None, 2).await.unwrap();
        assert_eq!(usize::try_from(bounded).unwrap(), place.min(2));
        let reader = Some(new.owner.id);
        assert_eq!(tx.count_earlier_chats(chat, reader, 100).await.unwrap(), 0);
    }
}
