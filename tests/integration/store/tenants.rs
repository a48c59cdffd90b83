//! Founding tenants and finding them.

use deskbell::domain::{Facts, Role, Standing, TenantId, TenantSettings};
use deskbell::store::{Constraint, Error, Tenant};
use sqlx::Row;

use super::support::{NOW, connect, new_tenant, store, tenant, uuid};

fn expected(new: &deskbell::store::NewTenant) -> Tenant {
    Tenant {
        id: new.id,
        name: new.name.clone(),
        slug: new.slug.clone(),
        seats: new.seats,
        created_at: new.at,
    }
}

#[tokio::test]
async fn a_founded_tenant_is_found_by_its_slug_and_its_id() {
    let store = store();
    let new = tenant(&store).await;

    let mut tx = store.system().await.unwrap();
    let by_slug = tx.find_tenant_by_slug(&new.slug).await.unwrap();
    let by_id = tx.find_tenant(new.id).await.unwrap();

    assert_eq!(by_slug, Some(expected(&new)));
    assert_eq!(by_id, Some(expected(&new)));
    let unknown = "no-such-slug".parse().unwrap();
    assert_eq!(tx.find_tenant_by_slug(&unknown).await.unwrap(), None);
    assert_eq!(tx.find_tenant(TenantId(uuid())).await.unwrap(), None);
}

#[tokio::test]
async fn a_founded_tenant_has_its_first_agent_who_can_log_in() {
    let store = store();
    let new = tenant(&store).await;

    let mut tx = store.tenant(new.id).await.unwrap();
    let agent = tx.find_agent(new.owner.id).await.unwrap();
    let credentials = tx
        .find_credentials(&new.owner.email)
        .await
        .unwrap()
        .unwrap();
    let state = tx.state_record().await.unwrap();

    assert_eq!(agent.as_ref(), Some(&new.owner));
    assert_eq!(agent.unwrap().role, Role::Owner);
    assert_eq!(
        (credentials.agent, credentials.password_hash.as_str()),
        (new.owner.clone(), "$argon2id$ana")
    );
    let settings = TenantSettings {
        seats: new.seats,
        ..TenantSettings::default()
    };
    assert_eq!(state.settings, settings);
    let (_, record) = &state.agents[0];
    assert_eq!(record.facts, Facts::initial(NOW));
    assert_eq!(record.standing, Standing::initial(NOW));
    assert_eq!(record.idle_since, NOW);
}

#[tokio::test]
async fn a_founding_is_told_by_the_first_two_events() {
    let store = store();
    let new = tenant(&store).await;

    let mut owner = connect(None).await;
    let rows = sqlx::query(
        "select event_seq, kind, version, actor, agent_id, payload from events where tenant_id = $1 order by 1",
    )
    .bind(new.id.0)
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let next: (i64, i64) =
        sqlx::query_as("select last_event_seq, epoch from tenant_owners where tenant_id = $1")
            .bind(new.id.0)
            .fetch_one(&mut owner)
            .await
            .unwrap();

    let told: Vec<(i64, String, i16, String)> = rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2), row.get(3)))
        .collect();
    assert_eq!(
        told,
        [
            (1, "tenant.created".to_owned(), 1, "system".to_owned()),
            (2, "agent.created".to_owned(), 1, "system".to_owned()),
        ]
    );
    assert_eq!(
        rows[1].get::<Option<uuid::Uuid>, _>(4),
        Some(new.owner.id.0)
    );
    assert_eq!(
        rows[1].get::<serde_json::Value, _>(5),
        serde_json::json!({"agent_id": new.owner.id})
    );
    assert_eq!(next, (2, 0));
}

#[tokio::test]
async fn a_slug_that_is_taken_is_a_conflict_and_leaves_nothing() {
    let store = store();
    let first = tenant(&store).await;
    let mut second = new_tenant();
    second.slug = first.slug.clone();

    let mut tx = store.system().await.unwrap();
    let refused = tx.insert_tenant(&second).await;
    drop(tx);

    assert!(
        matches!(refused, Err(Error::Conflict(Constraint::TenantSlug))),
        "{refused:?}"
    );
    let mut tx = store.system().await.unwrap();
    assert_eq!(tx.find_tenant(second.id).await.unwrap(), None);
}

#[tokio::test]
async fn tenants_are_listed_newest_first_by_pages() {
    let store = store();
    let older = tenant(&store).await;
    let newer = tenant(&store).await;

    // Other tests found tenants too, so the pages are looked at from these two on.
    let mut tx = store.system().await.unwrap();
    let after_newer = tx.list_tenants(Some(newer.id), 100).await.unwrap();
    let one = tx.list_tenants(Some(newer.id), 1).await.unwrap();

    assert!(after_newer.contains(&expected(&older)));
    assert!(after_newer.iter().all(|tenant| tenant.id < newer.id));
    assert!(after_newer.is_sorted_by_key(|tenant| std::cmp::Reverse(tenant.id)));
    assert_eq!(one, after_newer[..1]);
}
