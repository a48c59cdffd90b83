//! Rows and bytes: neither without the other for long, whatever happens between them.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use deskbell::config::Config;
use deskbell::domain::{FileId, TenantId, Timestamp, Upload, Uploader, VisitorId};
use deskbell::files::{Error, FileKey, Files};
use deskbell::random::Random;
use futures_util::StreamExt;
use sqlx::{Connection, PgConnection};
use std::os::unix::fs::PermissionsExt;

use super::{folder as folder_of, form, open, path, png, post, upload_own};
use crate::realtime::setting::Stopped;
use crate::support::{Answer, Persona, Tenant, owner_options, until};

fn files(folder: &std::path::Path) -> Files {
    let config = Config::built_in();
    Files::open(&config.files, folder, Random::system()).unwrap()
}

fn key() -> FileKey {
    let now = Timestamp(1_772_357_400_000);
    FileKey {
        tenant_id: TenantId(Random::system().uuid_v7(now)),
        file_id: FileId(Random::system().uuid_v7(now)),
    }
}

async fn all(files: &Files, key: FileKey, range: std::ops::Range<u64>) -> Vec<u8> {
    let mut content = files.read(key, range).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = content.next().await {
        bytes.extend_from_slice(&chunk.unwrap());
    }
    bytes
}

/// The files below a folder, and what their folders may be entered by.
fn below(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found
}

#[tokio::test]
async fn a_file_lies_under_its_ids_for_the_servers_eyes_only() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let key = key();
    let mut draft = files.draft().await.unwrap();
    draft.write(b"Hello, ").await.unwrap();
    draft.write(b"file").await.unwrap();
    assert_eq!(draft.bytes(), 11);

    files.keep(key, draft).await.unwrap();

    let place = folder
        .path()
        .join(format!("files/kept/{}/{}", key.tenant_id, key.file_id));
    assert_eq!(below(folder.path()), std::slice::from_ref(&place));
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place), 0o600);
    for parent in place.ancestors().skip(1).take(3) {
        assert_eq!(mode(parent), 0o700, "{}", parent.display());
    }
    assert_eq!(all(&files, key, 0..11).await, b"Hello, file");
    assert_eq!(all(&files, key, 7..9).await, b"fi");
    files.remove(key).await.unwrap();
    files.remove(key).await.unwrap();
    assert!(matches!(files.read(key, 0..1).await, Err(Error::Gone)));
}

#[tokio::test]
async fn a_draft_that_is_not_kept_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let mut draft = files.draft().await.unwrap();
    draft.write(b"Hello").await.unwrap();

    assert_eq!(below(folder.path()).len(), 1);
    drop(draft);
    assert_eq!(below(folder.path()).len(), 0);
}

#[tokio::test]
async fn drafts_of_a_process_that_ended_are_removed_by_their_age() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let fresh = files.draft().await.unwrap();
    let old = folder.path().join("files/drafts/old");
    let file = std::fs::File::create(&old).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_hours(2))
        .unwrap();

    let hour = Duration::from_hours(1);
    assert_eq!(files.remove_drafts_older_than(hour).await.unwrap(), 1);

    assert!(!old.exists());
    assert_eq!(below(folder.path()).len(), 1);
    drop(fresh);
}

async fn rows(tenant: &Tenant) -> i64 {
    let mut owner = PgConnection::connect_with(&owner_options()).await.unwrap();
    sqlx::query_scalar("select count(*) from files where tenant_id = $1::uuid")
        .bind(&tenant.id)
        .fetch_one(&mut owner)
        .await
        .unwrap()
}

async fn used(tenant: &Tenant) -> i64 {
    let mut owner = PgConnection::connect_with(&owner_options()).await.unwrap();
    sqlx::query_scalar("select bytes from file_usage where tenant_id = $1::uuid")
        .bind(&tenant.id)
        .fetch_one(&mut owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn what_was_cut_off_between_the_row_and_the_bytes_is_nothing_to_anybody() {
    let stopped = Stopped::start(|_| {}).await;
    let tenant = Tenant::on(&stopped.base).await;
    let visitor = tenant.visitor().await;
    let state = &stopped.server.state;
    let tenant_id = TenantId(tenant.id.parse().unwrap());
    let upload = Upload {
        id: FileId(state.new_id()),
        uploader: Uploader::Visitor(VisitorId(visitor.id.parse().unwrap())),
        name: "a.png".parse().unwrap(),
        media_type: "image/png".parse().unwrap(),
        bytes: 5,
        sha256: [7; 32],
        pixels: None,
        created_at: state.now(),
        chat_id: None,
    };
    // As far as a process gets that is killed before the last commit: the row, and the bytes.
    let mut tx = state.store.tenant(tenant_id).await.unwrap();
    assert!(tx.reserve_file_bytes(5, 100).await.unwrap());
    tx.insert_file(&upload).await.unwrap();
    tx.commit().await.unwrap();
    let mut draft = state.files.draft().await.unwrap();
    draft.write(b"Hello").await.unwrap();
    let key = FileKey {
        tenant_id,
        file_id: upload.id,
    };
    state.files.keep(key, draft).await.unwrap();

    let own = format!("/v1/visitor/files/{}", upload.id);
    let answer: Answer = open(&visitor.persona, &own, &[]).await.into();
    answer.problem(404, "not_found");
    let stranger = Persona::new(&stopped.base, None);
    let file = upload_own(&visitor.persona, "b.png", "image/png", &png(1, 1))
        .await
        .ok();
    let url = path(&file["url"]).replace(&path(&file["id"]), &upload.id.to_string());
    let answer: Answer = open(&stranger, &url, &[]).await.into();
    answer.problem(404, "not_found");
    assert_eq!(rows(&tenant).await, 2);

    // A day and an hour later it goes, row and bytes.
    make_old(upload.id).await;
    stopped.pass_hours(1).await;
    until("its row is gone", async || rows(&tenant).await == 1).await;
    let gone = async || matches!(state.files.read(key, 0..1).await, Err(Error::Gone));
    until("its bytes are gone", gone).await;
    assert_eq!(used(&tenant).await, file["bytes"].as_i64().unwrap());
}

/// Other tests of the run share the database, so it is this file that becomes older, not the present that becomes later.
async fn make_old(file_id: FileId) {
    let mut owner = PgConnection::connect_with(&owner_options()).await.unwrap();
    let done = sqlx::query(
        "update files set created_at = created_at - interval '25 hours' where file_id = $1",
    )
    .bind(file_id.0)
    .execute(&mut owner)
    .await
    .unwrap();
    assert_eq!(done.rows_affected(), 1);
}

#[tokio::test]
async fn chat_05_an_upload_that_nobody_sends_is_removed_after_a_day() {
    let stopped = Stopped::start(|_| {}).await;
    let tenant = Tenant::on(&stopped.base).await;
    let visitor = tenant.visitor().await.persona;
    let old = upload_own(&visitor, "a.png", "image/png", &png(1, 1))
        .await
        .ok();
    let young = upload_own(&visitor, "a.png", "image/png", &png(1, 1))
        .await
        .ok();
    make_old(FileId(path(&old["id"]).parse().unwrap())).await;

    stopped.pass_hours(1).await;
    until("its row is gone", async || rows(&tenant).await == 1).await;

    let own = |file: &serde_json::Value| format!("/v1/visitor/files/{}", path(&file["id"]));
    let answer: Answer = open(&visitor, &own(&old), &[]).await.into();
    answer.problem(404, "not_found");
    let answer: Answer = open(&visitor, &path(&old["url"]), &[]).await.into();
    answer.problem(404, "not_found");
    assert_eq!(open(&visitor, &own(&young), &[]).await.status, 200);
    assert_eq!(used(&tenant).await, young["bytes"].as_i64().unwrap());
}

#[tokio::test]
async fn two_uploads_at_the_same_instant_under_one_key_make_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().to_owned();
    let stopped = Stopped::start(|config| config.files.directory = Some(directory)).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let agent = tenant.agent("ana").await;
    let visitor = tenant.visitor().await.persona;
    let (mut kept, mut bytes) = (0, 0);

    for (caller, of_visitor) in [(&agent, false), (&visitor, true)] {
        for round in 0..4 {
            let key = format!("same-{round}");
            let send = async |width| {
                let body = form("a.png", "image/png", &png(width, 1));
                let key = [("idempotency-key", &*key)];
                post(caller, folder_of(of_visitor), body, &key).await
            };

            let (first, second, third) = tokio::join!(send(1), send(1), send(1));

            let location = |answer: &Answer| answer.headers.get("location").cloned();
            assert_eq!(first.status, 201, "{}", first.body);
            for other in [&second, &third] {
                assert_eq!(other.status, 201, "{}", other.body);
                assert_eq!(location(other), location(&first));
                assert_eq!(other.body["id"], first.body["id"]);
            }
            assert_eq!(send(1).await.ok()["id"], first.body["id"]);
            assert_eq!(
                open(caller, &path(&third.body["url"]), &[]).await.bytes,
                png(1, 1)
            );
            kept += 1;
            bytes += first.body["bytes"].as_i64().unwrap();

            // Another file is another request: one of the two is taken, the other one refused.
            let key = format!("other-{round}");
            let send = async |width| {
                let body = form("a.png", "image/png", &png(width, 1));
                let key = [("idempotency-key", &*key)];
                post(caller, folder_of(of_visitor), body, &key).await
            };
            let (one, other) = tokio::join!(send(1), send(2));
            let (taken, refused) = if one.status == 201 {
                (one, other)
            } else {
                (other, one)
            };
            bytes += taken.ok()["bytes"].as_i64().unwrap();
            refused.problem(409, "idempotency_mismatch");
            kept += 1;
        }
    }

    assert_eq!(rows(&tenant).await, kept);
    assert_eq!(used(&tenant).await, bytes);
    let left = i64::try_from(below(folder.path()).len()).unwrap();
    assert_eq!(left, kept, "no bytes are left without a row");
}

#[tokio::test]
async fn an_upload_that_cannot_be_kept_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().to_owned();
    let stopped = Stopped::start(|config| config.files.directory = Some(directory)).await;
    let tenant = Tenant::on(&stopped.base).await;
    let visitor = tenant.visitor().await.persona;
    // A file stands where the tenant's folder belongs.
    let obstacle = folder.path().join("kept").join(&tenant.id);
    std::fs::write(&obstacle, "").unwrap();

    let refused = upload_own(&visitor, "a.png", "image/png", &png(1, 1)).await;
    refused.problem(503, "unavailable");

    assert_eq!(below(folder.path()), std::slice::from_ref(&obstacle));
    std::fs::remove_file(obstacle).unwrap();
    let file = upload_own(&visitor, "a.png", "image/png", &png(1, 1))
        .await
        .ok();
    assert_eq!(
        open(&visitor, &path(&file["url"]), &[]).await.bytes,
        png(1, 1)
    );
}
