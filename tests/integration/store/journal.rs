//! The journal: who owns a tenant may write, who owned it may not, and a fault costs only its own tenant.

use std::collections::BTreeSet;

use deskbell::domain::{Limits, Millis, NodeId, Office, OfficeId, TenantId};
use deskbell::engine::{Command, Effect, Engine, SetupCommand, Subject};
use deskbell::store::{
    Batch, Claim, CommitError, GroupSettings, Journal, NumberedEvent, Ownership, PgJournal,
};
use sqlx::{Executor, PgConnection};
use std::sync::Arc;
use tokio::task::JoinSet;

use super::support::{NOW, connect, later, store, tenant, uuid};

const LONG: Millis = Millis::from_secs(60);

/// A node's journal with its worker.
struct Node {
    journal: PgJournal,
    _workers: JoinSet<()>,
}

impl Node {
    async fn start() -> Self {
        let settings = GroupSettings {
            workers: 1,
            tenants_per_commit_max: 64,
            queue_max: 64,
        };
        let (journal, workers) = PgJournal::new(store(), NodeId(uuid()), settings);
        journal.renew_lease(LONG).await.unwrap();
        Self {
            journal,
            _workers: workers.into_iter().collect(),
        }
    }

    async fn granted(&self, tenant_id: TenantId) -> Ownership {
        match self.journal.claim(tenant_id).await.unwrap() {
            Claim::Granted(ownership) => ownership,
            other => panic!("{other:?}"),
        }
    }

    /// What this owner would write for a new office.
    async fn batch(&self, tenant_id: TenantId, ownership: Ownership, office: OfficeId) -> Batch {
        let record = self.journal.load(tenant_id).await.unwrap();
        let limits = Limits::default();
        let mut engine = Engine::restore(limits, record, ownership.last_event_at).unwrap();
        let name = "Support".parse().unwrap();
        let command = SetupCommand::CreateOffice(Box::new(Office::new(office, name, NOW)));
        let command = Command::Setup { by: None, command };
        let applied = engine.apply(later(1), command).unwrap();
        let mut subjects: BTreeSet<Subject> = BTreeSet::new();
        let mut events = Vec::new();
        for effect in applied.effects {
            if let Effect::Event(event) = effect {
                event.subjects(&mut subjects);
                events.push(NumberedEvent {
                    seq: ownership.last_event_seq + events.len() as u64 + 1,
                    visitor_seq: None,
                    event: Arc::new(event),
                });
            }
        }
        Batch {
            tenant_id,
            epoch: ownership.epoch,
            last_event_seq: ownership.last_event_seq,
            events,
            records: engine.records(&subjects),
            shown: Vec::new(),
            answers: Vec::new(),
            next_deadline: None,
        }
    }

    async fn offices(&self, tenant_id: TenantId) -> Vec<OfficeId> {
        let record = self.journal.load(tenant_id).await.unwrap();
        let offices = record.offices.iter();
        offices.map(|(office, _)| office.id).collect()
    }
}

#[tokio::test]
async fn a_tenant_of_a_living_node_is_held() {
    let tenant_id = tenant(&store()).await.id;
    let (first, second) = (Node::start().await, Node::start().await);

    let owned = first.granted(tenant_id).await;

    assert_eq!(second.journal.claim(tenant_id).await.unwrap(), Claim::Held);
    let again = first.granted(tenant_id).await;
    assert!(
        again.epoch > owned.epoch,
        "each claim is an epoch of its own"
    );
    let nobody = TenantId(uuid());
    assert_eq!(first.journal.claim(nobody).await.unwrap(), Claim::Unknown);
}

#[tokio::test]
async fn a_node_without_a_lease_owns_nothing() {
    let tenant_id = tenant(&store()).await.id;
    let node = Node::start().await;

    node.journal.release_lease().await.unwrap();

    assert_eq!(node.journal.claim(tenant_id).await.unwrap(), Claim::Held);
}

#[tokio::test]
async fn a_deposed_owner_writes_nothing() {
    for given_back in [true, false] {
        let tenant_id = tenant(&store()).await.id;
        let (first, second) = (Node::start().await, Node::start().await);
        let before = first.granted(tenant_id).await;
        let late = first.batch(tenant_id, before, OfficeId(uuid())).await;

        if given_back {
            first.journal.release_lease().await.unwrap();
        } else {
            // One that ends at once.
            first.journal.renew_lease(Millis::ZERO).await.unwrap();
        }
        let after = second.granted(tenant_id).await;
        assert!(after.epoch > before.epoch);

        let outcome = first.journal.commit(late).await;
        assert!(matches!(outcome, Err(CommitError::Fenced)), "{outcome:?}");
        assert_eq!(second.offices(tenant_id).await, []);
        let office = OfficeId(uuid());
        let batch = second.batch(tenant_id, after, office).await;
        second.journal.commit(batch).await.unwrap();
        assert_eq!(second.offices(tenant_id).await, [office]);

        // Coming back to life changes nothing of that.
        first.journal.renew_lease(LONG).await.unwrap();
        let late = first.batch(tenant_id, before, OfficeId(uuid())).await;
        let outcome = first.journal.commit(late).await;
        assert!(matches!(outcome, Err(CommitError::Fenced)), "{outcome:?}");
        assert_eq!(second.offices(tenant_id).await, [office]);
    }
}

#[tokio::test]
async fn an_earlier_claim_of_the_same_node_writes_nothing() {
    let tenant_id = tenant(&store()).await.id;
    let node = Node::start().await;
    let before = node.granted(tenant_id).await;
    let late = node.batch(tenant_id, before, OfficeId(uuid())).await;

    node.granted(tenant_id).await;

    let outcome = node.journal.commit(late).await;
    assert!(matches!(outcome, Err(CommitError::Fenced)), "{outcome:?}");
    assert_eq!(node.offices(tenant_id).await, []);
}

#[tokio::test]
async fn a_batch_that_was_written_is_not_written_twice() {
    let tenant_id = tenant(&store()).await.id;
    let node = Node::start().await;
    let owned = node.granted(tenant_id).await;
    let office = OfficeId(uuid());
    let batch = node.batch(tenant_id, owned, office).await;
    let written = batch.events.len() as u64;

    node.journal.commit(batch.clone()).await.unwrap();

    let outcome = node.journal.commit(batch).await;
    assert!(matches!(outcome, Err(CommitError::Fenced)), "{outcome:?}");
    assert_eq!(node.offices(tenant_id).await, [office]);
    let now = node.granted(tenant_id).await;
    assert_eq!(now.last_event_seq, owned.last_event_seq + written);
    assert_eq!(now.last_event_at, later(1));
}

#[tokio::test]
async fn a_batch_that_is_refused_costs_only_its_own_tenant() {
    let node = Node::start().await;
    let mut batches = Vec::new();
    for _ in 0..6 {
        let tenant_id = tenant(&store()).await.id;
        let owned = node.granted(tenant_id).await;
        let batch = node.batch(tenant_id, owned, OfficeId(uuid())).await;
        batches.push(batch);
    }
    let ids: Vec<TenantId> = batches.iter().map(|batch| batch.tenant_id).collect();
    // One whose office is there before it, and one of a deposed owner.
    let doubled = node.journal.claim(ids[2]);
    assert!(matches!(doubled.await.unwrap(), Claim::Granted(_)));
    let owned = node.granted(ids[2]).await;
    let office = OfficeId(uuid());
    let first = node.batch(ids[2], owned, office).await;
    let mut second = node.batch(ids[2], owned, office).await;
    let written = first.events.len() as u64;
    node.journal.commit(first).await.unwrap();
    second.last_event_seq += written;
    for numbered in &mut second.events {
        numbered.seq += written;
    }
    batches[2] = second;
    batches[4].epoch -= 1;

    let commits = batches.into_iter().map(|batch| node.journal.commit(batch));
    let outcomes = futures_util::future::join_all(commits).await;

    for (index, outcome) in outcomes.iter().enumerate() {
        let expected = match index {
            2 => matches!(outcome, Err(CommitError::Refused(_))),
            4 => matches!(outcome, Err(CommitError::Fenced)),
            _ => outcome.is_ok(),
        };
        assert!(expected, "{index}: {outcome:?}");
        let offices = node.offices(ids[index]).await.len();
        assert_eq!(offices, usize::from(index != 4), "{index}");
    }
}

/// Promise 8 and its negative control, as statements: what is proven here is the database's part.
#[tokio::test]
async fn rule_08_a_take_over_waits_for_the_rows_lock_and_not_for_who_only_compares() {
    let tenant_id = tenant(&store()).await.id;
    let (first, second) = (Node::start().await, Node::start().await);
    let before = first.granted(tenant_id).await.epoch;
    first.journal.release_lease().await.unwrap();
    let mut writer = connect(None).await;
    let mut watcher = connect(None).await;
    let process: i32 = sqlx::query_scalar("select pg_backend_pid()")
        .fetch_one(&mut writer)
        .await
        .unwrap();
    let moved = async |writer: &mut PgConnection, epoch: i64| {
        let statement = "update tenant_owners set last_event_seq = last_event_seq \
                         where tenant_id = $1 and epoch = $2";
        let query = sqlx::query(statement).bind(tenant_id.0).bind(epoch);
        query.execute(writer).await.unwrap().rows_affected()
    };
    let epoch = async |reader: &mut PgConnection| -> i64 {
        let query = sqlx::query_scalar("select epoch from tenant_owners where tenant_id = $1");
        query.bind(tenant_id.0).fetch_one(reader).await.unwrap()
    };

    // Who has moved the row writes, and the take-over comes after.
    writer.execute("begin").await.unwrap();
    assert_eq!(moved(&mut writer, before).await, 1);
    let waiting = async {
        let mut waits = false;
        while !waits {
            let query = "select exists (select from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))";
            let query = sqlx::query_scalar(query).bind(process);
            waits = query.fetch_one(&mut watcher).await.unwrap();
        }
        writer.execute("commit").await.unwrap();
    };
    let (taken, ()) = tokio::join!(second.granted(tenant_id), waiting);
    assert_eq!(taken.epoch, before + 1);
    assert_eq!(
        moved(&mut writer, before).await,
        0,
        "the old epoch has no row"
    );

    // Who only compares is deposed meanwhile, and would go on to write.
    second.journal.release_lease().await.unwrap();
    writer.execute("begin").await.unwrap();
    let compared = epoch(&mut writer).await;
    assert_eq!(compared, taken.epoch, "the comparison says yes");
    first.journal.renew_lease(LONG).await.unwrap();
    let next = first.granted(tenant_id).await;
    assert!(next.epoch > compared, "nothing has waited");
    let written = sqlx::query("update tenants set name = name where tenant_id = $1");
    let written = written
        .bind(tenant_id.0)
        .execute(&mut writer)
        .await
        .unwrap();
    assert_eq!(written.rows_affected(), 1, "and nothing stops it");
    writer.execute("rollback").await.unwrap();
}
