//! Reading agents and their credentials.

use deskbell::domain::Role;
use deskbell::store::Error;

use super::support::{Desk, agent, store, tenant};

#[tokio::test]
async fn agents_are_listed_by_pages_without_the_archived() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let (bo, cy, di) = (
        agent("Bo", Role::Agent),
        agent("Cy", Role::Admin),
        agent("Di", Role::Supervisor),
    );
    for agent in [&bo, &cy, &di] {
        desk.insert_agent(agent).await;
    }
    desk.change(
        "update agents set archived_at = now() where tenant_id = $1 and agent_id = $2",
        cy.id.0,
    )
    .await;

    let mut tx = store.tenant(new.id).await.unwrap();
    let first = tx.list_agents(None, 2).await.unwrap();
    let second = tx.list_agents(Some(bo.id), 2).await.unwrap();

    assert_eq!(first, [new.owner, bo]);
    assert_eq!(second, [di]);
    assert_eq!(tx.find_agent(cy.id).await.unwrap(), None);
    assert!(tx.find_credentials(&cy.email).await.unwrap().is_none());
}

#[tokio::test]
async fn credentials_are_found_in_whichever_case_the_address_is_written() {
    let store = store();
    let new = tenant(&store).await;

    let mut tx = store.tenant(new.id).await.unwrap();
    let shouted = new.owner.email.as_str().to_uppercase().parse().unwrap();
    let found = tx.find_credentials(&shouted).await.unwrap();
    let unknown = tx
        .find_credentials(&"nobody@harbour.example".parse().unwrap())
        .await
        .unwrap();

    assert_eq!(found.map(|credentials| credentials.agent), Some(new.owner));
    assert!(unknown.is_none());
}

#[tokio::test]
async fn the_address_of_an_archived_agent_can_be_used_again() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let (first, second) = (agent("Bo", Role::Agent), agent("Bo", Role::Agent));
    desk.insert_agent(&first).await;
    desk.change(
        "update agents set archived_at = now() where tenant_id = $1 and agent_id = $2",
        first.id.0,
    )
    .await;

    desk.insert_agent(&second).await;

    let mut tx = store.tenant(new.id).await.unwrap();
    assert_eq!(tx.list_agents(None, 10).await.unwrap(), [new.owner, second]);
}

#[tokio::test]
async fn a_row_that_the_code_cannot_have_written_is_an_inconsistency() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let owner_id = new.owner.id;
    desk.change(
        "update agents set facts = jsonb_set(facts, '{choice,reason}', '\"mood\"'), hours = '{}'
         where tenant_id = $1 and agent_id = $2",
        owner_id.0,
    )
    .await;

    let mut tx = store.tenant(new.id).await.unwrap();
    let hours = tx.find_agent(owner_id).await.unwrap_err();
    desk.change(
        "update agents set hours = null where tenant_id = $1 and agent_id = $2",
        owner_id.0,
    )
    .await;
    let facts = tx.state_record().await.unwrap_err();

    for (error, expected) in [(hours, "hours"), (facts, "facts")] {
        match error {
            Error::Inconsistency {
                table: "agents",
                column,
                id,
            } => {
                assert_eq!((column, id), (expected, owner_id.to_string()));
            }
            other => panic!("{other:?}"),
        }
    }
}
