//! Tags in the database.

use deskbell::domain::{Color, Tag, TagId};
use deskbell::store::{Constraint, Error};

use super::support::{NOW, later, store, tenant, uuid};

fn mark(name: &str) -> Tag {
    Tag {
        id: TagId(uuid()),
        name: name.parse().unwrap(),
        color: Color::default(),
        created_at: NOW,
        version: 1,
    }
}

#[tokio::test]
async fn a_tag_is_read_changed_and_archived() {
    let store = store();
    let new = tenant(&store).await;
    let (mut first, second) = (mark("Refund"), mark("Delivery"));
    let mut tx = store.tenant(new.id).await.unwrap();
    tx.insert_tag(&first).await.unwrap();
    tx.insert_tag(&second).await.unwrap();

    assert_eq!(
        tx.list_tags(None, 10).await.unwrap(),
        [first.clone(), second.clone()]
    );
    let rest = tx.list_tags(Some(first.id), 10).await.unwrap();
    assert_eq!(rest, std::slice::from_ref(&second));
    first.version = 2;
    first.name = "Money back".parse().unwrap();
    first.color = "#2e7d32".parse().unwrap();
    assert!(!tx.update_tag(&first, 2).await.unwrap());
    assert!(tx.update_tag(&first, 1).await.unwrap());
    assert_eq!(tx.find_tag(first.id).await.unwrap().as_ref(), Some(&first));
    let asked = [second.id, TagId(uuid()), first.id];
    let found = tx.find_tags(&asked).await.unwrap();
    assert_eq!(found, [first.clone(), second.clone()]);
    assert!(!tx.archive_tag(first.id, 1, later(1)).await.unwrap());
    assert!(tx.archive_tag(first.id, 2, later(1)).await.unwrap());
    assert_eq!(tx.find_tags(&asked).await.unwrap(), [second]);
    assert_eq!(tx.find_tag(first.id).await.unwrap(), None);
    assert_eq!(tx.count_tags().await.unwrap(), 1);
    assert!(!tx.update_tag(&first, 2).await.unwrap());
}

#[tokio::test]
async fn two_tags_of_a_tenant_have_two_names() {
    let store = store();
    let (new, other) = (tenant(&store).await, tenant(&store).await);
    let mut tx = store.tenant(new.id).await.unwrap();
    tx.insert_tag(&mark("Late  Delivery")).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = store.tenant(other.id).await.unwrap();
    tx.insert_tag(&mark("late delivery")).await.unwrap();
    let mut tx = store.tenant(new.id).await.unwrap();
    let taken = tx.insert_tag(&mark("late delivery")).await;
    assert!(
        matches!(taken, Err(Error::Conflict(Constraint::TagName))),
        "{taken:?}"
    );
}
