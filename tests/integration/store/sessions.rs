//! Log-ins: rotation, reuse, revocation, expiry.

use deskbell::domain::{SessionId, Timestamp};
use deskbell::store::{NewSession, NewTenant, Outdated, Portion, Refreshed, Store};

use super::support::{NOW, later, store, tenant, uuid};

const FIRST: [u8; 32] = [1; 32];
const SECOND: [u8; 32] = [2; 32];
const THIRD: [u8; 32] = [3; 32];

async fn log_in(store: &Store, new: &NewTenant) -> SessionId {
    let id = SessionId(uuid());
    let session = NewSession {
        id,
        agent_id: new.owner.id,
        token_hash: FIRST,
        at: NOW,
        expires_at: later(1000),
    };
    let mut tx = store.tenant(new.id).await.unwrap();
    tx.insert_session(&session).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// A refresh at `seconds`, in a transaction of its own, that makes the session last 1,000 seconds
/// more.
async fn refresh(
    store: &Store,
    new: &NewTenant,
    id: SessionId,
    (old, fresh): ([u8; 32], [u8; 32]),
    seconds: i64,
) -> Refreshed {
    let mut tx = store.tenant(new.id).await.unwrap();
    let refreshed = tx
        .rotate_refresh_token(id, &old, &fresh, later(seconds), later(seconds + 1000))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    refreshed
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_successor_next() {
    let store = store();
    let new = tenant(&store).await;
    let id = log_in(&store, &new).await;

    let first = refresh(&store, &new, id, (FIRST, SECOND), 10).await;
    let second = refresh(&store, &new, id, (SECOND, THIRD), 20).await;

    assert_eq!(first, Refreshed::Renewed(new.owner.id));
    assert_eq!(second, Refreshed::Renewed(new.owner.id));
}

#[tokio::test]
async fn a_used_refresh_token_revokes_the_session() {
    let store = store();
    let new = tenant(&store).await;
    let id = log_in(&store, &new).await;
    refresh(&store, &new, id, (FIRST, SECOND), 10).await;

    let reused = refresh(&store, &new, id, (FIRST, THIRD), 20).await;
    let successor = refresh(&store, &new, id, (SECOND, THIRD), 30).await;

    assert_eq!(reused, Refreshed::Reused(new.owner.id));
    assert_eq!(successor, Refreshed::Unknown);
    let mut tx = store.system().await.unwrap();
    assert!(
        tx.list_revoked_sessions_since(later(20))
            .await
            .unwrap()
            .contains(&id)
    );
    assert!(
        !tx.list_revoked_sessions_since(later(21))
            .await
            .unwrap()
            .contains(&id)
    );
}

#[tokio::test]
async fn of_two_refreshes_at_once_with_one_token_only_one_renews() {
    let store = store();
    let new = tenant(&store).await;
    let id = log_in(&store, &new).await;

    let (one, other) = tokio::join!(
        refresh(&store, &new, id, (FIRST, SECOND), 10),
        refresh(&store, &new, id, (FIRST, THIRD), 10),
    );

    let renewed = Refreshed::Renewed(new.owner.id);
    let reused = Refreshed::Reused(new.owner.id);
    assert!(
        [(renewed, reused), (reused, renewed)].contains(&(one, other)),
        "{one:?} {other:?}"
    );
}

#[tokio::test]
async fn an_unknown_token_is_unknown_and_leaves_the_session_alone() {
    let store = store();
    let new = tenant(&store).await;
    let id = log_in(&store, &new).await;

    let no_token = refresh(&store, &new, id, (SECOND, THIRD), 10).await;
    let no_session = refresh(&store, &new, SessionId(uuid()), (FIRST, THIRD), 10).await;
    let good = refresh(&store, &new, id, (FIRST, SECOND), 20).await;

    assert_eq!(
        (no_token, no_session),
        (Refreshed::Unknown, Refreshed::Unknown)
    );
    assert_eq!(good, Refreshed::Renewed(new.owner.id));
}

#[tokio::test]
async fn a_session_ends_with_its_time_unless_it_is_refreshed() {
    let store = store();
    let new = tenant(&store).await;
    let (idle, busy) = (log_in(&store, &new).await, log_in(&store, &new).await);

    let in_time = refresh(&store, &new, busy, (FIRST, SECOND), 999).await;
    let extended = refresh(&store, &new, busy, (SECOND, THIRD), 1998).await;
    let too_late = refresh(&store, &new, idle, (FIRST, SECOND), 1000).await;

    let renewed = Refreshed::Renewed(new.owner.id);
    assert_eq!(
        (in_time, extended, too_late),
        (renewed, renewed, Refreshed::Unknown)
    );
}

#[tokio::test]
async fn a_revoked_session_refreshes_no_more_and_is_revoked_once() {
    let store = store();
    let new = tenant(&store).await;
    let id = log_in(&store, &new).await;

    let mut tx = store.tenant(new.id).await.unwrap();
    let first = tx.revoke_session(id, later(5)).await.unwrap();
    let again = tx.revoke_session(id, later(6)).await.unwrap();
    tx.commit().await.unwrap();
    let refreshed = refresh(&store, &new, id, (FIRST, SECOND), 10).await;

    assert_eq!((first, again), (Some(new.owner.id), None));
    assert_eq!(refreshed, Refreshed::Unknown);
}

#[tokio::test]
async fn sessions_that_ended_long_ago_are_removed_with_their_tokens() {
    let store = store();
    let new = tenant(&store).await;
    let kept = log_in(&store, &new).await;
    let old = SessionId(uuid());
    // Years before every other test, because the removal goes over all tenants.
    let session = NewSession {
        id: old,
        agent_id: new.owner.id,
        token_hash: FIRST,
        at: Timestamp(0),
        expires_at: Timestamp(1000),
    };
    let mut tx = store.tenant(new.id).await.unwrap();
    tx.insert_session(&session).await.unwrap();
    tx.rotate_refresh_token(old, &FIRST, &SECOND, Timestamp(1), Timestamp(1000))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let mut tx = store.system().await.unwrap();
    for what in [Outdated::UsedTokens, Outdated::Sessions] {
        let portion = tx.remove_outdated(what, Timestamp(2000)).await.unwrap();
        assert_eq!(portion, Portion::Last);
    }
    tx.commit().await.unwrap();

    let mut tx = store.tenant(new.id).await.unwrap();
    assert_eq!(tx.revoke_session(old, NOW).await.unwrap(), None);
    assert_eq!(
        tx.revoke_session(kept, NOW).await.unwrap(),
        Some(new.owner.id)
    );
}
