//! Migrations and partitions, each test in a database of its own.

use deskbell::domain::Timestamp;
use deskbell::store::{MigrateError, make_partitions_ahead, migrate};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Executor};

use super::support::{NOW, in_empty_database, later};

/// The partitions of the events with the number of rows in each.
async fn partitions(options: &PgConnectOptions) -> Vec<(String, i64)> {
    let mut owner = PgConnection::connect_with(options).await.unwrap();
    sqlx::query_as(
        "select c.relname::text, (select count(*) from events e where e.tableoid = c.oid)
         from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'events'::regclass and c.relkind = 'r' order by 1",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap()
}

async fn insert_event(options: &PgConnectOptions, at: Timestamp) {
    let mut owner = PgConnection::connect_with(options).await.unwrap();
    sqlx::query(
        "insert into events (tenant_id, event_seq, at, kind, version, actor, payload)
         values (gen_random_uuid(), 1, $1, 'tenant.created', 1, 'system', '{}')",
    )
    .bind(chrono::DateTime::from_timestamp_millis(at.0).unwrap())
    .execute(&mut owner)
    .await
    .unwrap();
}

fn counts<'a>(rows: impl IntoIterator<Item = (&'a str, i64)>) -> Vec<(String, i64)> {
    rows.into_iter()
        .map(|(name, count)| (name.to_owned(), count))
        .collect()
}

#[tokio::test]
async fn an_empty_database_is_migrated_by_processes_that_start_together() {
    in_empty_database(|options| async move {
        let (one, other) = tokio::join!(migrate(&options), migrate(&options));
        let again = migrate(&options).await;

        one.unwrap();
        other.unwrap();
        again.unwrap();
        let mut owner = PgConnection::connect_with(&options).await.unwrap();
        let (applied, good): (i64, bool) =
            sqlx::query_as("select count(*), bool_and(success) from _sqlx_migrations")
                .fetch_one(&mut owner)
                .await
                .unwrap();
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap();
        let files =
            files.filter(|f| f.as_ref().unwrap().path().extension() == Some("sql".as_ref()));
        assert_eq!(
            (usize::try_from(applied).unwrap(), good),
            (files.count(), true)
        );
    })
    .await;
}

#[tokio::test]
async fn a_failed_migration_names_its_file() {
    in_empty_database(|options| async move {
        migrate(&options).await.unwrap();
        let mut owner = PgConnection::connect_with(&options).await.unwrap();
        owner
            .execute("update _sqlx_migrations set checksum = 'x' where version = 2")
            .await
            .unwrap();

        let refused = migrate(&options).await;

        match refused {
            Err(MigrateError::File { file, .. }) => assert_eq!(file, "0002_tenants.sql"),
            other => panic!("{other:?}"),
        }
    })
    .await;
}

#[tokio::test]
async fn partitions_are_made_ahead_once() {
    in_empty_database(|options| async move {
        migrate(&options).await.unwrap();

        let (one, other) = tokio::join!(
            make_partitions_ahead(&options, NOW, 2),
            make_partitions_ahead(&options, NOW, 2),
        );
        one.unwrap();
        other.unwrap();

        let expected = [
            ("events_202603", 0),
            ("events_202604", 0),
            ("events_202605", 0),
            ("events_default", 0),
        ];
        assert_eq!(partitions(&options).await, counts(expected));
    })
    .await;
}

#[tokio::test]
async fn events_that_came_before_their_partition_are_moved_into_it() {
    in_empty_database(|options| async move {
        migrate(&options).await.unwrap();
        insert_event(&options, NOW).await;
        insert_event(&options, later(40 * 86_400)).await;

        make_partitions_ahead(&options, NOW, 0).await.unwrap();
        insert_event(&options, NOW).await;

        assert_eq!(
            partitions(&options).await,
            counts([("events_202603", 2), ("events_default", 1)])
        );
    })
    .await;
}
