//! Contacts in the database: what forms and agents say, who may know of them, and how they are found.

use deskbell::domain::{
    Agent, ContactEntry, ContactFields, ContactId, ContactProfile, Given, QueueId, Role, VisitorId,
};
use deskbell::store::{ContactFilter, NewTenant, Store, TenantTx};
use sqlx::{AssertSqlSafe, Connection};

use super::support::{Desk, agent, connect, later, store, tenant, uuid};

/// A contact of a visitor of its own, called so.
async fn named(desk: &mut Desk, name: &'static str, email: &'static str) -> ContactId {
    let visitor = VisitorId(uuid());
    desk.insert_visitor(visitor).await;
    let mut owner = connect(None).await;
    sqlx::query(
        "update contacts set name = $3, email = $4, form_name = $3, form_email = $4 where tenant_id = $1 and contact_id = $2",
    )
    .bind(desk.tenant_id.0)
    .bind(visitor.0)
    .bind(name)
    .bind(email)
    .execute(&mut owner)
    .await
    .unwrap();
    ContactId::of_visitor(visitor)
}

async fn found(store: &Store, new: &NewTenant, filter: ContactFilter) -> Vec<ContactId> {
    let mut tx = store.tenant(new.id).await.unwrap();
    let contacts = tx.list_contacts(&filter, None, 100).await.unwrap();
    contacts.into_iter().map(|contact| contact.id).collect()
}

fn search(text: &str) -> ContactFilter {
    ContactFilter {
        search: Some(text.to_owned()),
        ..ContactFilter::default()
    }
}

#[tokio::test]
async fn what_agents_keep_is_read_as_it_was_written() {
    let store = store();
    let new = tenant(&store).await;
    let desk = Desk::of(new.id).await;
    let id = ContactId::of_visitor(desk.visitor_id);
    let mut tx = store.tenant(new.id).await.unwrap();
    let before = tx.find_contact(id, None).await.unwrap().unwrap();
    assert_eq!(
        before.fields().into_iter().collect::<Vec<_>>(),
        [("course", "maths")]
    );
    assert_eq!((before.version, &before.name.kept), (1, &None));
    let mut after = ContactProfile {
        name: Given {
            kept: Some("Vera M.".parse().unwrap()),
            ..before.name.clone()
        },
        note: Some("Rings\nin the morning".parse().unwrap()),
        language: Some("de-AT".parse().unwrap()),
        assigned_agent_ids: [new.owner.id].into(),
        version: 2,
        ..before.clone()
    };
    after.kept_fields.insert("course", "physics").unwrap();
    after.kept_fields.insert("number", "7").unwrap();

    assert!(!tx.update_contact(&after, 2).await.unwrap());
    assert!(tx.update_contact(&after, 1).await.unwrap());

    let stored = tx.find_contact(id, None).await.unwrap().unwrap();
    assert_eq!(stored, after);
    let fields: Vec<_> = stored.fields().into_iter().collect();
    assert_eq!(fields, [("course", "physics"), ("number", "7")]);
}

#[tokio::test]
async fn chat_06_contacts_are_found_by_the_beginning_of_a_name_or_an_address() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let vera = ContactId::of_visitor(desk.visitor_id);
    let zoe = named(&mut desk, "Ärzte Zoë", "zoe@home.example").await;
    let odd = named(&mut desk, "50%_off \\ x", "Vera@Work.example").await;

    for (text, expected) in [
        ("ve", vec![odd, vera]),
        ("VERA", vec![odd, vera]),
        ("vera@work", vec![odd]),
        ("ärz", vec![zoe]),
        ("ÄRZTE zoë", vec![zoe]),
        // A beginning, and neither a part nor a pattern.
        ("zoë", vec![]),
        ("50%", vec![odd]),
        ("50%_OFF \\", vec![odd]),
        ("50_", vec![]),
        ("%", vec![]),
        ("e_", vec![]),
    ] {
        assert_eq!(found(&store, &new, search(text)).await, expected, "{text}");
    }
    let of_address = |address: &str| ContactFilter {
        email: Some(address.parse().unwrap()),
        ..ContactFilter::default()
    };
    assert_eq!(
        found(&store, &new, of_address("VERA@work.EXAMPLE")).await,
        [odd]
    );
    assert_eq!(found(&store, &new, of_address("vera@work")).await, []);
}

#[tokio::test]
async fn chat_06_contacts_are_listed_newest_first_by_pages() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let mut made = vec![ContactId::of_visitor(desk.visitor_id)];
    for _ in 0..4 {
        made.push(named(&mut desk, "Vic", "vic@home.example").await);
    }
    made.reverse();
    // Of a visitor with an identity, whose id tells nothing of its age: an old one with a high id, a new one with a low one.
    let mut owner = connect(None).await;
    for (id, at) in [(u128::MAX, "2020-01-01"), (1, "2999-01-01")] {
        let id = uuid::Builder::from_custom_bytes(id.to_be_bytes()).into_uuid();
        let old = at < "2026";
        made.insert(if old { made.len() } else { 0 }, ContactId(id));
        sqlx::query(
            "insert into contacts (tenant_id, contact_id, created_at) values ($1, $2, $3::text::timestamptz)",
        )
        .bind(new.id.0)
        .bind(id)
        .bind(at)
        .execute(&mut owner)
        .await
        .unwrap();
    }
    let mut tx = store.tenant(new.id).await.unwrap();

    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let filter = ContactFilter::default();
        let page = tx.list_contacts(&filter, after, 2).await.unwrap();
        seen.extend(page.iter().map(|contact| contact.id));
        after = page.last().map(|contact| (contact.created_at, contact.id));
        if page.len() < 2 {
            break;
        }
    }
    assert_eq!(seen, made);
}

#[tokio::test]
async fn chat_06_an_agent_knows_of_the_contacts_whose_chats_it_may_read() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let agents: Vec<Agent> = ["Bo", "Cy", "Di", "Ed"]
        .map(|name| agent(name, Role::Agent))
        .into();
    for agent in &agents {
        desk.insert_agent(agent).await;
    }
    let [member, taker, offered, stranger] = [0, 1, 2, 3].map(|place: usize| agents[place].id);
    let queue = QueueId(uuid());
    desk.insert_queue(queue, &[member]).await;
    let vera = desk.visitor_id;
    desk.insert_chat_of(vera, Some(queue), "waiting", later(1))
        .await;
    let zoe = named(&mut desk, "Zoe", "zoe@home.example").await;
    let chat = desk
        .insert_chat_of(VisitorId(zoe.0), Some(desk.queue_id), "waiting", later(2))
        .await;
    desk.accept(chat, taker, later(3)).await;
    desk.insert_offer(chat, offered, "ringing").await;
    let left = named(&mut desk, "Left", "left@home.example").await;
    desk.insert_chat_of(VisitorId(left.0), None, "offline_message", later(3))
        .await;
    let never = named(&mut desk, "Never", "never@home.example").await;
    let vera = ContactId::of_visitor(vera);

    for (reader, expected) in [
        // The offline message is its office's.
        (Some(member), vec![left, vera]),
        (Some(taker), vec![zoe]),
        (Some(offered), vec![zoe]),
        (Some(stranger), vec![]),
        (None, vec![never, left, zoe, vera]),
    ] {
        let filter = ContactFilter {
            readable_by: reader,
            ..ContactFilter::default()
        };
        assert_eq!(found(&store, &new, filter).await, expected, "{reader:?}");
        let mut tx = store.tenant(new.id).await.unwrap();
        for id in [vera, zoe, left, never] {
            let is_known = tx.find_contact(id, reader).await.unwrap().is_some();
            assert_eq!(is_known, expected.contains(&id), "{reader:?} {id}");
        }
    }
}

/// What is known of one visitor.
async fn returning(tx: &mut TenantTx, visitor_id: VisitorId) -> Option<ContactEntry> {
    let found = tx.returning(&[visitor_id]).await.unwrap();
    found.into_iter().map(|(_, entry)| entry).next()
}

#[tokio::test]
async fn route_10_the_last_agent_of_a_visitor_is_who_joined_last() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let (bo, cy) = (agent("Bo", Role::Agent), agent("Cy", Role::Agent));
    desk.insert_agent(&bo).await;
    desk.insert_agent(&cy).await;
    let contact_id = ContactId::of_visitor(desk.visitor_id);
    let mut tx = store.tenant(new.id).await.unwrap();
    let mut form = ContactFields::default();
    form.insert("course", "maths").unwrap();
    let entry = |last_agent_id| {
        Some(ContactEntry {
            contact_id,
            name: Given {
                kept: None,
                form: Some("Vera".parse().unwrap()),
            },
            email: Given {
                kept: None,
                form: Some("vera@home.example".parse().unwrap()),
            },
            form: form.clone(),
            kept_fields: ContactFields::default(),
            last_agent_id,
            assigned_agent_ids: Vec::new(),
        })
    };

    let stranger = returning(&mut tx, VisitorId(uuid())).await;
    assert_eq!(stranger, None);
    let none_yet = returning(&mut tx, desk.visitor_id).await;
    assert_eq!(none_yet, entry(None));
    let first = desk.insert_chat(later(1)).await;
    let second = desk.insert_chat(later(2)).await;
    desk.accept(second, bo.id, later(3)).await;
    let at_work = returning(&mut tx, desk.visitor_id).await;
    assert_eq!(at_work, entry(Some(bo.id)));
    desk.close(second, later(4)).await;
    // The older chat, but the later accept.
    desk.accept(first, cy.id, later(5)).await;
    desk.close(first, later(6)).await;
    let closed = returning(&mut tx, desk.visitor_id).await;
    assert_eq!(closed, entry(Some(cy.id)));

    let mut contact = tx.find_contact(contact_id, None).await.unwrap().unwrap();
    contact.assigned_agent_ids = [cy.id, bo.id].into();
    contact.version += 1;
    assert!(tx.update_contact(&contact, 1).await.unwrap());
    let assigned = returning(&mut tx, desk.visitor_id).await;
    assert_eq!(assigned.unwrap().assigned_agent_ids, [bo.id, cy.id]);
}

/// Under row-level security a comparison that might tell of a row it was not shown cannot use an index.
#[tokio::test]
async fn chat_06_a_search_reads_the_rows_that_it_finds_and_no_others() {
    let store = store();
    let new = tenant(&store).await;
    let desk = Desk::of(new.id).await;
    let mut owner = connect(None).await;
    sqlx::query(
        "insert into contacts (tenant_id, contact_id, name, email, created_at)
         select $1, gen_random_uuid(), 'Name ' || n, 'mail' || n || '@home.example', now()
         from generate_series(1, 20000) n",
    )
    .bind(desk.tenant_id.0)
    .execute(&mut owner)
    .await
    .unwrap();
    sqlx::query("analyze contacts")
        .execute(&mut owner)
        .await
        .unwrap();
    let mut app = connect(Some("deskbell_app")).await;
    let mut tx = app.begin().await.unwrap();
    sqlx::query("select set_config('app.tenant_id', $1, true)")
        .bind(new.id.to_string())
        .execute(&mut *tx)
        .await
        .unwrap();

    let plan: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!(
        "explain select contact_id from contacts k
         where k.tenant_id = '{}'
             and (k.name_folded >= lower('Name 77') and k.name_folded < lower('Name 77') || chr(1114111)
                 or k.email_folded >= lower('Name 77') and k.email_folded < lower('Name 77') || chr(1114111))",
        new.id
    )))
    .fetch_all(&mut *tx)
    .await
    .unwrap();

    let plan = plan.join("\n");
    assert!(!plan.contains("Seq Scan"), "{plan}");
    for index in ["contacts_name", "contacts_email"] {
        assert!(plan.contains(index), "{plan}");
    }
    let condition = plan.lines().find(|line| line.contains("Index Cond"));
    assert!(condition.unwrap().contains("name_folded"), "{plan}");
}
