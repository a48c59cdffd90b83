//! Databases of earlier schemas, each test in a database of its own.

use std::path::Path;

use deskbell::domain::{
    AgentId, ContactId, OfficeId, PresenceReason, QueueId, Reachability, ShownReason, Status,
    TenantId,
};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};

use super::owner::Owner;
use super::support::{in_empty_database, later, store_on, uuid};

/// Applies the migrations of these numbers.
async fn apply(owner: &mut PgConnection, numbers: std::ops::RangeInclusive<u32>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension() == Some("sql".as_ref()))
        .collect();
    files.sort();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        if numbers.contains(&name[..4].parse().unwrap()) {
            let sql = std::fs::read_to_string(&file).unwrap();
            owner.execute(AssertSqlSafe(sql)).await.unwrap();
        }
    }
}

fn at(seconds: i64) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp_millis(later(seconds).0).unwrap()
}

struct Before {
    tenant_id: TenantId,
    staffed: OfficeId,
    left: OfficeId,
    bare: OfficeId,
    queue: QueueId,
    agents: Vec<AgentId>,
}

/// A tenant as version 6 of the schema held it, with more agents online than it has seats.
async fn insert(owner: &mut PgConnection) -> Before {
    let before = Before {
        tenant_id: TenantId(uuid()),
        staffed: OfficeId(uuid()),
        left: OfficeId(uuid()),
        bare: OfficeId(uuid()),
        queue: QueueId(uuid()),
        agents: (0..6).map(|_| AgentId(uuid())).collect(),
    };
    sqlx::query(
        "with tenant as (
             insert into tenants (tenant_id, name, slug, seats, created_at) values ($1, 'Harbour', 'harbour', 1, $2)
         )
         insert into tenant_owners (tenant_id, last_event_at) values ($1, $3)",
    )
    .bind(before.tenant_id.0)
    .bind(at(0))
    .bind(at(1000))
    .execute(&mut *owner)
    .await
    .unwrap();
    let offices = [
        (before.staffed, "live"),
        (before.left, "messenger"),
        (before.bare, "messenger"),
    ];
    for (id, mode) in offices {
        sqlx::query(
            "insert into offices (tenant_id, office_id, name, when_not_live, mode, created_at)
             values ($1, $2, 'Office', 'messenger', $3, $4)",
        )
        .bind(before.tenant_id.0)
        .bind(id.0)
        .bind(mode)
        .bind(at(0))
        .execute(&mut *owner)
        .await
        .unwrap();
    }
    insert_agents(owner, &before).await;
    insert_queues(owner, &before).await;
    before
}

async fn insert_agents(owner: &mut PgConnection, before: &Before) {
    let agents = [
        ("online", "agent", "chosen", "connected", None),
        ("online", "system", "reconnected", "grace", Some(at(900))),
        ("online", "agent", "chosen", "lost", Some(at(800))),
        ("offline", "agent", "logged_out", "connected", None),
        ("away", "agent", "chosen", "connected", None),
        ("offline", "system", "initial", "lost", Some(at(0))),
    ];
    for (id, (status, by, reason, reachability, since)) in before.agents.iter().zip(agents) {
        sqlx::query(
            "insert into agents (tenant_id, agent_id, name, email, email_folded, role, capacity, created_at, status,
                 status_set_at, status_set_by, status_set_by_agent_id, status_reason, reachability,
                 reachability_since, idle_since)
             values ($1, $2, 'Agent', $2::text || '@x.example', $2::text || '@x.example', 'agent', 4, $3, $4, $5, $6,
                 case $6 when 'agent' then $2 end, $7, $8, $9, $5)",
        )
        .bind(before.tenant_id.0)
        .bind(id.0)
        .bind(at(0))
        .bind(status)
        .bind(at(500))
        .bind(by)
        .bind(reason)
        .bind(reachability)
        .bind(since)
        .execute(&mut *owner)
        .await
        .unwrap();
    }
}

async fn insert_queues(owner: &mut PgConnection, before: &Before) {
    let queues = [
        (before.queue, before.staffed, &before.agents[..5]),
        (QueueId(uuid()), before.left, &before.agents[5..]),
    ];
    for (queue, office, members) in queues {
        sqlx::query(
            "with queue as (
                 insert into queues (tenant_id, queue_id, office_id, name, strategy, round_pause_ms, max_waiting,
                     created_at)
                 values ($1, $2, $3, 'Questions', 'longest_idle', 10000, 1000, $5)
             )
             insert into queue_members (tenant_id, queue_id, agent_id) select $1, $2, unnest($4::uuid[])",
        )
        .bind(before.tenant_id.0)
        .bind(queue.0)
        .bind(office.0)
        .bind(members.iter().map(|id| id.0).collect::<Vec<_>>())
        .bind(at(0))
        .execute(&mut *owner)
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn facts_of_presence_are_made_from_the_columns_that_were() {
    in_empty_database(|options: PgConnectOptions| async move {
        let mut owner = PgConnection::connect_with(&options).await.unwrap();
        apply(&mut owner, 1..=6).await;
        let before = insert(&mut owner).await;
        // A tenant of which nothing is to be made.
        let empty = insert_empty(&mut owner).await;
        apply(&mut owner, 7..=9999).await;

        // Loading it checks every invariant: each agent stands as its facts say, each office shows what they ask for.
        Owner::of(store_on(options.clone()), empty).await;
        let owner = Owner::of(store_on(options), before.tenant_id).await;
        let state = owner.check("after the upgrade").await;

        assert_eq!(state.settings.seats, 2, "as many as were online");
        let stands = |index: usize| {
            let (_, record) = &state.agents[index];
            let presence = record.standing.of(Some(before.staffed));
            (presence.status, presence.reason, presence.since)
        };
        let chosen = PresenceReason::Chosen;
        assert_eq!(stands(0), (Status::Online, chosen, later(500)));
        let back = PresenceReason::Reconnected;
        assert_eq!(stands(1), (Status::Online, back, later(500)));
        let gone = PresenceReason::Disconnected;
        assert_eq!(stands(2), (Status::Offline, gone, later(800)));
        let out = PresenceReason::LoggedOut;
        assert_eq!(stands(3), (Status::Offline, out, later(500)));
        assert_eq!(stands(4), (Status::Away, chosen, later(500)));
        let (_, lost) = &state.agents[2];
        let reachability = Reachability::Lost {
            since: later(800),
            becomes: Status::Offline,
        };
        assert_eq!(lost.facts.reachability, reachability);
        assert_eq!(lost.facts.active_at, later(1000));
        let reason = |id| owner.shown(id).reason;
        assert_eq!(reason(before.staffed), ShownReason::AgentOnline);
        assert_eq!(reason(before.left), ShownReason::NobodyOnline);
        assert_eq!(reason(before.bare), ShownReason::NoMembers);
        assert_eq!(owner.engine.now(), later(1000));
    })
    .await;
}

async fn insert_empty(owner: &mut PgConnection) -> TenantId {
    let id = TenantId(uuid());
    sqlx::query(
        "with tenant as (
             insert into tenants (tenant_id, name, slug, seats, created_at) values ($1, 'Bay', 'bay', 10, $2)
         )
         insert into tenant_owners (tenant_id, last_event_at) values ($1, $2)",
    )
    .bind(id.0)
    .bind(at(0))
    .execute(owner)
    .await
    .unwrap();
    id
}

/// A contact whose name and address are these, and what forms of its chats said, oldest first.
async fn insert_contact(
    owner: &mut PgConnection,
    tenant_id: TenantId,
    kept: bool,
    name: &str,
    forms: &[Option<&str>],
) -> ContactId {
    let id = uuid();
    sqlx::query(
        "insert into contacts (tenant_id, contact_id, name, name_is_kept, email, created_at)
         values ($1, $2, $3, $4, 'form@x.example', $5)",
    )
    .bind(tenant_id.0)
    .bind(id)
    .bind(name)
    .bind(kept)
    .bind(at(0))
    .execute(&mut *owner)
    .await
    .unwrap();
    for (seconds, said) in (1..).zip(forms) {
        sqlx::query(
            "insert into chats (tenant_id, chat_id, visitor_id, contact_id, contact_name, contact_fields, widget_id,
                 office_id, state, started_at, enqueued_at, round, last_offer, last_seq)
             values ($1, $2, $3, $3, $4, '{}', $3, $3, 'offline_message', $5, $5, 1, 0, 0)",
        )
        .bind(tenant_id.0)
        .bind(uuid())
        .bind(id)
        .bind(*said)
        .bind(at(seconds))
        .execute(&mut *owner)
        .await
        .unwrap();
    }
    ContactId(id)
}

#[tokio::test]
async fn what_forms_said_is_found_in_the_chats_where_an_agent_has_covered_it() {
    in_empty_database(|options: PgConnectOptions| async move {
        let mut owner = PgConnection::connect_with(&options).await.unwrap();
        apply(&mut owner, 1..=20).await;
        let tenant_id = insert_empty(&mut owner).await;
        // What the chats refer to is of no account here.
        owner
            .execute("set session_replication_role = replica")
            .await
            .unwrap();
        let forms = [Some("First"), Some("Second"), None];
        let covered = insert_contact(&mut owner, tenant_id, true, "Agent", &forms).await;
        let plain = insert_contact(&mut owner, tenant_id, false, "Second", &forms).await;
        owner
            .execute("set session_replication_role = origin")
            .await
            .unwrap();
        apply(&mut owner, 21..=9999).await;

        let store = store_on(options);
        let mut tx = store.tenant(tenant_id).await.unwrap();
        for (id, kept) in [(covered, Some("Agent")), (plain, None)] {
            let contact = tx.find_contact(id, None).await.unwrap().unwrap();
            let name = (contact.name.kept, contact.name.form);
            let expected = kept.map(|name| name.parse().unwrap());
            assert_eq!(name, (expected, Some("Second".parse().unwrap())));
            let email = (contact.email.kept, contact.email.form);
            assert_eq!(email, (None, Some("form@x.example".parse().unwrap())));
        }
    })
    .await;
}
