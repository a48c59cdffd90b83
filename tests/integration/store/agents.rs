//! Reading agents, their credentials and their presence.

use deskbell::domain::{Actor, PresenceReason, Role, Status};
use deskbell::store::Error;

use super::support::{Desk, NOW, agent, store, tenant};

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
    assert_eq!(tx.find_presence(cy.id).await.unwrap(), None);
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
async fn a_presence_is_made_from_the_stored_facts() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let bo = agent("Bo", Role::Agent);
    desk.insert_agent(&bo).await;

    let mut tx = store.tenant(new.id).await.unwrap();
    let connected = tx.find_presence(bo.id).await.unwrap().unwrap();
    desk.change(
        "update agents set status_set_by = 'agent', status_set_by_agent_id = $2, reachability = 'lost',
             reachability_since = status_set_at + interval '5 s'
         where tenant_id = $1 and agent_id = $2",
        bo.id.0,
    )
    .await;
    let lost = tx.find_presence(bo.id).await.unwrap().unwrap();

    assert_eq!(
        (connected.choice.set_by, connected.choice.set_at),
        (Actor::System, NOW)
    );
    assert_eq!(connected.effective.status, Status::Online);
    assert_eq!(lost.choice.set_by, Actor::Agent(bo.id));
    assert_eq!(lost.effective.status, Status::Offline);
    assert_eq!(lost.effective.reason, PresenceReason::Disconnected);
}

#[tokio::test]
async fn a_row_that_the_code_cannot_have_written_is_an_inconsistency() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let owner_id = new.owner.id;
    desk.change(
        "update agents set status_reason = 'mood', reachability = 'grace', reachability_since = null, email = 'nowhere'
         where tenant_id = $1 and agent_id = $2",
        owner_id.0,
    )
    .await;

    let mut tx = store.tenant(new.id).await.unwrap();
    let presence = tx.find_presence(owner_id).await.unwrap_err();
    let agent = tx.find_agent(owner_id).await.unwrap_err();

    for (error, expected) in [(presence, "status_reason"), (agent, "email")] {
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
