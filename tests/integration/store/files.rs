//! Files in the database: what counts, what is given up, and what they come to.

use deskbell::domain::{Millis, Timestamp, Uploader};
use deskbell::store::Store;

use super::support::{Desk, NOW, connect, store, tenant};

async fn used(desk: &Desk) -> i64 {
    let mut owner = connect(None).await;
    sqlx::query_scalar("select bytes from file_usage where tenant_id = $1")
        .bind(desk.tenant_id.0)
        .fetch_one(&mut owner)
        .await
        .unwrap()
}

async fn given_up(store: &Store, desk: &Desk) -> usize {
    let mut tx = store.system().await.unwrap();
    let all = tx.list_given_up_files(10_000).await.unwrap();
    let own = all
        .iter()
        .filter(|(tenant_id, _)| *tenant_id == desk.tenant_id);
    own.count()
}

#[tokio::test]
async fn a_file_counts_once_it_is_whole() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let whole = desk.insert_file(new.owner.id, true).await;
    let part = desk.insert_file(new.owner.id, false).await;

    let mut tx = store.tenant(new.id).await.unwrap();
    let found = tx.find_file(whole).await.unwrap().unwrap();
    assert_eq!(found.uploader, Uploader::Agent(new.owner.id));
    assert_eq!(found.pixels.unwrap().count(), 2);
    assert_eq!(found.sha256, [7; 32]);
    assert_eq!(tx.find_file(part).await.unwrap(), None);
    assert_eq!(tx.count_unsent_files(found.uploader).await.unwrap(), 2);
    // It is whole once.
    assert!(tx.complete_file(whole, NOW).await.is_err());
    assert!(!tx.delete_incomplete_file(whole).await.unwrap());
    assert!(tx.delete_incomplete_file(part).await.unwrap());
    tx.commit().await.unwrap();

    assert_eq!(used(&desk).await, 7);
}

#[tokio::test]
async fn the_room_of_a_tenant_is_given_out_to_the_last_byte() {
    let store = store();
    let new = tenant(&store).await;
    let mut tx = store.tenant(new.id).await.unwrap();

    for (bytes, fits) in [(11, false), (4, true), (7, false), (6, true), (1, false)] {
        assert_eq!(
            tx.reserve_file_bytes(bytes, 10).await.unwrap(),
            fits,
            "{bytes}"
        );
    }
    assert!(tx.reserve_file_bytes(1, u64::MAX).await.unwrap());
}

#[tokio::test]
async fn what_was_given_up_is_unknown_and_then_gone() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let old = desk.insert_file(new.owner.id, true).await;
    let young = desk.insert_file(new.owner.id, true).await;
    let ages = sqlx::query(
        "update files set created_at = created_at - interval '10 years' where file_id = $1",
    );
    let mut owner = connect(None).await;
    ages.bind(old.0).execute(&mut owner).await.unwrap();
    let before = Timestamp(NOW.0 - Millis::from_secs(9 * 365 * 86_400).0);

    let mut tx = store.system().await.unwrap();
    assert_eq!(tx.give_up_unsent_files(before, NOW, 10).await.unwrap(), 1);
    assert_eq!(tx.give_up_unsent_files(before, NOW, 10).await.unwrap(), 0);
    tx.commit().await.unwrap();

    let mut tx = store.tenant(new.id).await.unwrap();
    assert_eq!(tx.find_file(old).await.unwrap(), None);
    assert!(tx.find_file(young).await.unwrap().is_some());
    let uploader = Uploader::Agent(new.owner.id);
    assert_eq!(tx.count_unsent_files(uploader).await.unwrap(), 1);
    drop(tx);
    assert_eq!((given_up(&store, &desk).await, used(&desk).await), (1, 14));
    let mut tx = store.system().await.unwrap();
    // Only what was given up is removed.
    tx.delete_given_up_file(new.id, young).await.unwrap();
    tx.delete_given_up_file(new.id, old).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((given_up(&store, &desk).await, used(&desk).await), (0, 7));
}
