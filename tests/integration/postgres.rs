//! The private Postgres against real clusters: what is left behind by every kind of end.

use std::fs::{self, Permissions};
use std::future::Future;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use deskbell::postgres::{Error, OWNER, PrivatePostgres, Settings};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use tokio::time::timeout;

/// Far above what anything here takes, so that only a hang reaches it.
const HANG: Duration = Duration::from_mins(1);

fn folder() -> TempDir {
    folder_with_mode(0o755) // root's server runs as another user
}

fn folder_with_mode(mode: u32) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
    folder
}

fn settings(data_dir: &Path) -> Settings {
    Settings {
        data_dir: data_dir.to_owned(),
        bin_dir: None,
        durable: false,
        max_connections: 10,
    }
}

async fn start(data_dir: &Path) -> PrivatePostgres {
    within(PrivatePostgres::start(settings(data_dir)))
        .await
        .unwrap()
}

async fn refused(data_dir: &Path) -> Error {
    within(PrivatePostgres::start(settings(data_dir)))
        .await
        .unwrap_err()
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(HANG, future).await.expect("it hangs")
}

async fn run(postgres: &PrivatePostgres, sql: &'static str) {
    let mut connection = connect(postgres).await;
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn ask(postgres: &PrivatePostgres, sql: &'static str) -> String {
    let mut connection = connect(postgres).await;
    let answer = sqlx::query_scalar(sql)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    answer
}

async fn connect(postgres: &PrivatePostgres) -> PgConnection {
    PgConnection::connect_with(&postgres.connect_options(OWNER))
        .await
        .unwrap()
}

fn postmaster(postgres: &PrivatePostgres) -> Pid {
    let text = fs::read_to_string(postgres.data_dir().join("pg/postmaster.pid")).unwrap();
    Pid::from_raw(text.lines().next().unwrap().parse().unwrap()).unwrap()
}

#[tokio::test]
async fn a_fresh_start_makes_a_database_that_only_this_user_can_reach() {
    let folder = folder();
    let durable = Settings {
        durable: true,
        ..settings(&folder.path().join("data"))
    };

    let postgres = within(PrivatePostgres::start(durable)).await.unwrap();

    assert_eq!(
        ask(&postgres, "select current_database()::text").await,
        "deskbell"
    );
    assert_eq!(
        ask(&postgres, "select current_user::text").await,
        "deskbell_owner"
    );
    assert_eq!(ask(&postgres, "show server_encoding").await, "UTF8");
    assert_eq!(ask(&postgres, "show listen_addresses").await, "");
    assert_eq!(ask(&postgres, "show max_connections").await, "10");
    for safeguard in [
        "show fsync",
        "show synchronous_commit",
        "show full_page_writes",
    ] {
        assert_eq!(ask(&postgres, safeguard).await, "on", "{safeguard}");
    }
    let run_dir = fs::metadata(postgres.socket_dir()).unwrap();
    assert_eq!(run_dir.mode() & 0o777, 0o700);
    assert_eq!(
        postgres.data_dir(),
        folder.path().join("data").canonicalize().unwrap()
    );
    within(postgres.stop()).await.unwrap();
}

#[tokio::test]
async fn a_restart_finds_the_data() {
    let folder = folder();
    let first = start(folder.path()).await;
    run(&first, "create table kept as select 'found'::text as word").await;
    within(first.stop()).await.unwrap();

    let second = start(folder.path()).await;

    assert_eq!(ask(&second, "select word from kept").await, "found");
    within(second.stop()).await.unwrap();
}

#[tokio::test]
async fn a_killed_server_is_noticed_and_the_next_start_recovers() {
    let folder = folder();
    let durable = || Settings {
        durable: true,
        ..settings(folder.path())
    };
    let mut first = within(PrivatePostgres::start(durable())).await.unwrap();
    run(&first, "create table kept as select 'found'::text as word").await;

    kill_process(postmaster(&first), Signal::KILL).unwrap();
    let status = within(first.exited()).await;
    drop(first);
    let second = within(PrivatePostgres::start(durable())).await.unwrap();

    assert!(!status.success());
    assert_eq!(ask(&second, "select word from kept").await, "found");
    within(second.stop()).await.unwrap();
}

#[tokio::test]
async fn a_server_left_running_by_a_crash_is_replaced() {
    let folder = folder();
    let first = start(folder.path()).await;
    run(&first, "create table kept as select 'found'::text as word").await;
    let left_running = postmaster(&first);
    // As after a crash: nobody stops the server, and the lock is gone.
    std::mem::forget(first);
    fs::remove_file(folder.path().join("lock")).unwrap();

    let second = start(folder.path()).await;

    assert_ne!(postmaster(&second), left_running);
    assert_eq!(ask(&second, "select word from kept").await, "found");
    within(second.stop()).await.unwrap();
}

#[tokio::test]
async fn a_start_right_after_a_server_was_dropped_waits_for_it() {
    let folder = folder();
    drop(start(folder.path()).await);

    let second = start(folder.path()).await;

    within(second.stop()).await.unwrap();
}

#[tokio::test]
async fn a_half_made_cluster_is_made_again() {
    let folder = folder();
    fs::create_dir(folder.path().join("pg.new")).unwrap();
    fs::write(folder.path().join("pg.new/PG_VERSION"), "15\n").unwrap();

    let postgres = start(folder.path()).await;

    assert!(!folder.path().join("pg.new").exists());
    within(postgres.stop()).await.unwrap();
}

#[tokio::test]
async fn a_cluster_of_another_version_is_refused_with_both_versions_and_a_way_out() {
    let folder = folder();
    within(start(folder.path()).await.stop()).await.unwrap();
    let version_file = folder.path().join("pg/PG_VERSION");
    let version = fs::read_to_string(&version_file).unwrap();
    fs::write(&version_file, "9.6\n").unwrap();

    let error = refused(folder.path()).await.to_string();

    assert!(error.contains("was made by PostgreSQL 9.6"), "{error}");
    assert!(
        error.contains(&format!("holds PostgreSQL {}", version.trim())),
        "{error}"
    );
    assert!(error.contains("install PostgreSQL 9.6"), "{error}");
}

#[tokio::test]
async fn a_data_folder_in_use_is_refused_with_the_process_that_uses_it() {
    let folder = folder();
    let first = start(folder.path()).await;

    let error = refused(folder.path()).await.to_string();

    let us = std::process::id();
    assert!(
        error.starts_with(&format!("another deskbell (pid {us}) runs on ")),
        "{error}"
    );
    within(first.stop()).await.unwrap();
}

#[tokio::test]
async fn a_server_that_cannot_start_is_reported_at_once_with_its_last_words() {
    let folder = folder();
    within(start(folder.path()).await.stop()).await.unwrap();
    fs::write(
        folder.path().join("pg/postgresql.conf"),
        "no_such_setting = 1\n",
    )
    .unwrap();

    let error = refused(folder.path()).await.to_string();

    assert!(error.contains("no_such_setting"), "{error}");
}

#[tokio::test]
async fn a_folder_without_the_programs_is_named() {
    let folder = folder();
    let empty = Settings {
        bin_dir: Some(folder.path().to_owned()),
        ..settings(&folder.path().join("data"))
    };

    let error = within(PrivatePostgres::start(empty)).await.unwrap_err();

    assert!(
        matches!(&error, Error::NoBinaries { bin_dir } if bin_dir == folder.path()),
        "{error}"
    );
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_made_is_named() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();

    let error = refused(&file.join("data")).await.to_string();

    assert!(error.starts_with("cannot create the folder "), "{error}");
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_gets_one_in_the_temporary_folder() {
    let folder = folder();
    let long = folder.path().join("d".repeat(100));

    let postgres = start(&long).await;

    let socket_dir = postgres.socket_dir().to_owned();
    assert!(!socket_dir.starts_with(folder.path()));
    assert_eq!(
        ask(&postgres, "select current_database()::text").await,
        "deskbell"
    );
    within(postgres.stop()).await.unwrap();
    assert!(!socket_dir.exists());
}

#[tokio::test]
async fn a_folder_that_only_root_can_enter_is_replaced_by_one_in_the_state_directory() {
    if !geteuid().is_root() {
        return; // Only root runs the server as somebody else.
    }
    let folder = folder_with_mode(0o700);

    let postgres = start(folder.path()).await;

    let really = postgres.data_dir().to_owned();
    assert!(
        really.starts_with("/var/lib/deskbell"),
        "{}",
        really.display()
    );
    assert!(!folder.path().join("pg").exists());
    within(postgres.stop()).await.unwrap();
    fs::remove_dir_all(really).unwrap();
}

#[tokio::test]
async fn a_cluster_of_somebody_else_is_reported_at_once() {
    let folder = folder();
    let first = start(folder.path()).await;
    run(&first, "create role stranger superuser login").await;
    let mut connection = PgConnection::connect_with(&first.connect_options("stranger"))
        .await
        .unwrap();
    let rename = "alter role deskbell_owner rename to previous_owner";
    sqlx::query(rename).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    within(first.stop()).await.unwrap();

    let error = refused(folder.path()).await.to_string();

    assert!(error.contains("it refuses deskbell_owner"), "{error}");
}
