//! Agents are stored as a whole; a new password, another role and the end of an agent end its log-ins.

use std::collections::BTreeSet;

use deskbell::domain::{Agent, Millis, OwnInactivity, Role, Seat, SessionId, TenantId, Timestamp};
use deskbell::engine::{NewPassword, SetupCommand};
use deskbell::store::{Journal, NewSession, Store};

use super::setup_events::{hours, office, owner, password, queue};
use super::support::{NOW, agent, later, uuid};

#[tokio::test]
async fn agents_are_stored_with_their_offices_and_all_that_is_their_own() {
    let (_, mut owner, _) = owner().await;
    let (library, harbour) = (office("Library"), office("Harbour"));
    for office in [&library, &harbour] {
        let command = SetupCommand::CreateOffice(Box::new(office.clone()));
        owner.set_up(later(1), command).await;
    }
    let bo = Agent {
        office_ids: BTreeSet::from([library.id, harbour.id]),
        ..agent("Bo", Role::Agent)
    };
    let command = SetupCommand::CreateAgent(Box::new(bo.clone()), password("one"));
    owner.set_up(later(2), command).await;
    owner.check("after it was made").await;
    let changed = Agent {
        public_name: Some("Bo from the library".parse().unwrap()),
        picture_url: Some("https://pictures.example/bo.png".parse().unwrap()),
        email: "bo.new@harbour.example".parse().unwrap(),
        role: Role::Supervisor,
        capacity: 7.try_into().unwrap(),
        office_ids: BTreeSet::from([harbour.id]),
        hours: Some(hours()),
        inactivity: OwnInactivity {
            away_after: Some(Millis(60_000)),
            offline_after: None,
        },
        offers_when_invisible_after: Some(Millis(30_000)),
        seat: Seat::Assigned,
        ..bo
    };
    let command = SetupCommand::UpdateAgent(Box::new(changed.clone()), None);
    owner.set_up(later(3), command).await;

    let stored = owner.check("after it was changed").await;
    let expected = Agent {
        version: 2,
        ..changed
    };
    assert_eq!(stored.agents[1].0, expected);

    // The office goes, and with it the assignment.
    let archive = SetupCommand::ArchiveOffice(harbour.id, None);
    owner.set_up(later(4), archive).await;
    let stored = owner.check("after the office's end").await;
    let (agent, _) = &stored.agents[1];
    assert_eq!((agent.office_ids.len(), agent.version), (0, 3));
}

async fn log_in(store: &Store, tenant_id: TenantId, agent: &Agent) -> SessionId {
    let new = NewSession {
        id: SessionId(uuid()),
        agent_id: agent.id,
        token_hash: [1; 32],
        at: NOW,
        expires_at: later(100_000),
    };
    let mut tx = store.tenant(tenant_id).await.unwrap();
    tx.insert_session(&new).await.unwrap();
    tx.commit().await.unwrap();
    new.id
}

async fn revoked_since(store: &Store, at: Timestamp) -> Vec<SessionId> {
    let mut tx = store.system().await.unwrap();
    tx.list_revoked_sessions_since(at).await.unwrap()
}

#[tokio::test]
async fn a_new_password_ends_the_log_ins_of_its_agent_alone() {
    let (store, mut owner, first) = owner().await;
    let bo = agent("Bo", Role::Agent);
    let command = SetupCommand::CreateAgent(Box::new(bo.clone()), password("one"));
    owner.set_up(later(1), command).await;
    let tenant_id = owner.pen.tenant_id;
    let own = log_in(&store, tenant_id, &bo).await;
    let others = log_in(&store, tenant_id, &first).await;

    let unchanged = SetupCommand::UpdateAgent(Box::new(bo.clone()), None);
    owner.set_up(later(2), unchanged).await;
    assert!(!revoked_since(&store, later(2)).await.contains(&own));
    let newer = Agent { version: 2, ..bo };
    let (kept, new) = (log_in(&store, tenant_id, &newer).await, |word, keeps| {
        let hash = password(word);
        Some(NewPassword { hash, keeps })
    });
    let command = SetupCommand::UpdateAgent(Box::new(newer.clone()), new("two", Some(kept)));
    owner.set_up(later(3), command).await;

    let revoked = revoked_since(&store, later(3)).await;
    assert!(revoked.contains(&own) && !revoked.contains(&others));
    assert!(!revoked.contains(&kept));
    assert!(!revoked_since(&store, later(4)).await.contains(&own));
    let mut tx = store.tenant(tenant_id).await.unwrap();
    let credentials = tx.find_credentials(&newer.email).await.unwrap().unwrap();
    assert_eq!(credentials.password_hash, "two");
    assert_eq!(credentials.agent.version, 3);
    assert_eq!(owner.check("after the password").await.agents.len(), 2);

    let last = Agent {
        version: 3,
        ..newer
    };
    let command = SetupCommand::UpdateAgent(Box::new(last), new("three", None));
    owner.set_up(later(5), command).await;
    let revoked = revoked_since(&store, later(5)).await;
    assert!(revoked.contains(&kept) && !revoked.contains(&others));
}

#[tokio::test]
async fn another_role_ends_the_log_ins_of_its_agent_and_another_name_does_not() {
    let (store, mut owner, _) = owner().await;
    let bo = agent("Bo", Role::Agent);
    let command = SetupCommand::CreateAgent(Box::new(bo.clone()), password("one"));
    owner.set_up(later(1), command).await;
    let session = log_in(&store, owner.pen.tenant_id, &bo).await;

    let named = Agent {
        name: "Bob".parse().unwrap(),
        ..bo
    };
    let command = SetupCommand::UpdateAgent(Box::new(named.clone()), None);
    owner.set_up(later(2), command).await;
    assert!(!revoked_since(&store, later(2)).await.contains(&session));
    let risen = Agent {
        role: Role::Supervisor,
        version: 2,
        ..named
    };
    let command = SetupCommand::UpdateAgent(Box::new(risen), None);
    owner.set_up(later(3), command).await;

    assert!(revoked_since(&store, later(3)).await.contains(&session));
}

#[tokio::test]
async fn an_archived_agent_leaves_its_queues_and_log_ins_and_its_address() {
    let (store, mut owner, _) = owner().await;
    let (library, bo) = (office("Library"), agent("Bo", Role::Agent));
    let queue = queue(library.id);
    let set_up = [
        SetupCommand::CreateOffice(Box::new(library)),
        SetupCommand::CreateAgent(Box::new(bo.clone()), password("one")),
        SetupCommand::CreateQueue(queue.clone(), BTreeSet::from([bo.id])),
    ];
    for command in set_up {
        owner.set_up(later(1), command).await;
    }
    owner.connect(later(2), bo.id).await;
    let session = log_in(&store, owner.pen.tenant_id, &bo).await;

    let archive = SetupCommand::ArchiveAgent(bo.id, Some(1));
    owner.set_up(later(3), archive).await;

    let stored = owner.check("after its end").await;
    assert_eq!(stored.agents.len(), 1);
    let (stored_queue, members, _) = &stored.queues[0];
    assert_eq!((stored_queue.version, members.len()), (2, 0));
    assert!(revoked_since(&store, later(3)).await.contains(&session));
    let again = SetupCommand::CreateAgent(Box::new(agent("Bo", Role::Agent)), password("two"));
    owner.set_up(later(4), again).await;
    owner.check("after another one has its address").await;
    // It was connected when it left; that makes nobody wake its tenant.
    let next = owner.engine.next_deadline();
    let deadlines = owner.pen.journal.deadlines().await.unwrap();
    let own = deadlines.iter().find(|(id, _)| *id == owner.pen.tenant_id);
    assert_eq!(own.map(|(_, at)| *at), next);
}
