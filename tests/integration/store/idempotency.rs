//! Remembered answers of tenants and of the platform operator.

use deskbell::domain::Timestamp;
use deskbell::store::{Constraint, Error, IdempotencyRecord, Outdated, Portion, Remembered};
use serde_json::json;

use super::support::{Desk, NOW, later, store, tenant, uuid};

#[tokio::test]
async fn an_answer_is_remembered_for_its_principal_key_and_body() {
    let store = store();
    let new = tenant(&store).await;
    Desk::of(new.id)
        .await
        .insert_answer("agent:1", "key", NOW)
        .await;

    let mut tx = store.tenant(new.id).await.unwrap();
    let rows = [
        (
            "the same",
            "agent:1",
            "key",
            [1; 32],
            NOW,
            Remembered::Same(json!({"id": 7})),
        ),
        (
            "another body",
            "agent:1",
            "key",
            [2; 32],
            NOW,
            Remembered::Mismatch,
        ),
        (
            "another key",
            "agent:1",
            "other",
            [1; 32],
            NOW,
            Remembered::Unknown,
        ),
        (
            "another principal",
            "agent:2",
            "key",
            [1; 32],
            NOW,
            Remembered::Unknown,
        ),
        (
            "too old",
            "agent:1",
            "key",
            [1; 32],
            later(1),
            Remembered::Unknown,
        ),
    ];
    for (name, principal, key, body_hash, not_before, expected) in rows {
        let found = tx
            .find_answer(principal, key, &body_hash, not_before)
            .await
            .unwrap();
        assert_eq!(found, expected, "{name}");
    }
}

#[tokio::test]
async fn an_answer_to_the_platform_operator_is_kept_once() {
    let store = store();
    let key = uuid().to_string();
    let record = IdempotencyRecord {
        body_hash: [1; 32],
        answer: json!({"id": 7}),
    };
    let mut tx = store.system().await.unwrap();
    assert_eq!(tx.find_platform_answer(&key).await.unwrap(), None);
    tx.insert_platform_answer(&key, &record, NOW).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = store.system().await.unwrap();
    let found = tx.find_platform_answer(&key).await.unwrap();
    let again = tx.insert_platform_answer(&key, &record, NOW).await;

    assert_eq!(found, Some(record));
    assert!(
        matches!(again, Err(Error::Conflict(Constraint::IdempotencyKey))),
        "{again:?}"
    );
}

#[tokio::test]
async fn old_answers_are_removed() {
    let store = store();
    let new = tenant(&store).await;
    // Years before every other test, because the removal goes over all tenants.
    let (old, cut) = (Timestamp(0), Timestamp(1));
    let mut desk = Desk::of(new.id).await;
    desk.insert_answer("agent:1", "old", old).await;
    desk.insert_answer("agent:1", "new", cut).await;
    let record = IdempotencyRecord {
        body_hash: [1; 32],
        answer: json!(null),
    };
    let key = uuid().to_string();

    let mut tx = store.system().await.unwrap();
    tx.insert_platform_answer(&key, &record, old).await.unwrap();
    for what in [Outdated::Answers, Outdated::PlatformAnswers] {
        assert_eq!(tx.remove_outdated(what, cut).await.unwrap(), Portion::Last);
    }
    let platform = tx.find_platform_answer(&key).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = store.tenant(new.id).await.unwrap();
    assert_eq!(platform, None);
    assert_eq!(
        tx.find_answer("agent:1", "old", &[1; 32], old)
            .await
            .unwrap(),
        Remembered::Unknown
    );
    assert!(matches!(
        tx.find_answer("agent:1", "new", &[1; 32], old)
            .await
            .unwrap(),
        Remembered::Same(_)
    ));
}
