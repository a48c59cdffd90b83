//! What is no upload, and where the bounds are.

use reqwest::Method;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{BOUNDARY, PDF, form, png, post, upload, upload_own};
use crate::realtime::setting::Stopped;
use crate::support::{Answer, Tenant, owner_options, shared};

#[tokio::test]
async fn chat_05_a_file_that_lies_about_its_type_is_refused() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let page = b"<!doctype html><script>alert(1)</script>";

    for (name, said, bytes, found) in [
        ("a.png", "image/png", page.to_vec(), "text/html"),
        (
            "a.png",
            "application/octet-stream",
            page.to_vec(),
            "text/html",
        ),
        ("a", "image/png", page.to_vec(), "text/html"),
        ("a.jpg", "image/jpeg", png(1, 1), "image/png"),
        ("a.pdf", "application/pdf", png(1, 1), "image/png"),
        ("a.txt", "text/plain", PDF.to_vec(), "application/pdf"),
        (
            "a.png",
            "image/png",
            vec![0, 1, 2, 3],
            "application/octet-stream",
        ),
        (
            "a.docx",
            "application/octet-stream",
            page.to_vec(),
            "text/html",
        ),
        (
            "a.pdf",
            "application/pdf",
            b"MZ\x90\0\x03\0\0\0\x04\0".to_vec(),
            "application/vnd.microsoft.portable-executable",
        ),
    ] {
        let refused = upload(&agent, name, said, &bytes).await;
        let body = refused.problem(422, "file_type_mismatch");
        assert_eq!(body["media_type"], found, "{name} {said}");
    }
}

#[tokio::test]
async fn chat_05_an_image_has_as_many_pixels_as_it_may() {
    let tenant = Tenant::new().await;
    let visitor = tenant.visitor().await.persona;
    let send = async |bytes: &[u8]| upload_own(&visitor, "a.png", "image/png", bytes).await;

    // 50 million by default.
    assert_eq!(send(&png(10_000, 5000)).await.status, 201);
    let body = send(&png(10_000, 5001))
        .await
        .problem(422, "image_too_large");
    assert_eq!(body["pixels_max"], 50_000_000);
    send(&png(50_000, 50_000))
        .await
        .problem(422, "image_too_large");
    let most = u32::MAX;
    send(&png(most, most)).await.problem(422, "image_too_large");
    send(&png(0, 1)).await.problem(422, "image_unreadable");
    send(&png(1, 1)[..20])
        .await
        .problem(422, "image_unreadable");
}

#[tokio::test]
async fn chat_05_a_file_is_as_long_as_it_may() {
    let stopped = Stopped::start(|config| config.files.file_bytes_max = 4096).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let agent = tenant.agent("ana").await;
    let send =
        async |length: usize| upload(&agent, "a.txt", "text/plain", &vec![b'a'; length]).await;

    assert_eq!(send(4096).await.ok()["bytes"], 4096);
    assert_eq!(send(1).await.ok()["bytes"], 1);
    let body = send(4097).await.problem(413, "file_too_large");
    assert_eq!(body["bytes_max"], 4096);
    // Beyond what a form can be it is refused by what it says of its length.
    send(4096 + (64 << 10)).await.problem(413, "file_too_large");
    assert_eq!(send(0).await.faults(), ["/file too_short"]);
    // What is in other fields counts towards the form.
    let note = "x".repeat(70 << 10);
    let part =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n{note}\r\n");
    let body = [part.as_bytes(), &form("a.txt", "text/plain", b"a")].concat();
    post(&agent, "/v1/files", body, &[])
        .await
        .problem(413, "file_too_large");
}

#[tokio::test]
async fn chat_05_a_file_without_an_end_is_cut_off_at_the_bound() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let address = shared().base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let token = agent.token.clone().unwrap();
    let head = format!(
        "POST /v1/files HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n\
         content-type: multipart/form-data; boundary={BOUNDARY}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut start = form("a.txt", "text/plain", b"");
    start.truncate(start.len() - BOUNDARY.len() - 8);
    let (mut reader, mut writer) = stream.into_split();
    let sending = async move {
        let chunk =
            |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        writer.write_all(&chunk(&start)).await?;
        let more = chunk(&vec![b'a'; 1 << 20]);
        // No more than the bound, what is read on for the answer's sake, and what lies in buffers.
        for _ in 0..60 {
            writer.write_all(&more).await?;
        }
        Ok::<_, std::io::Error>(())
    };
    let sender = tokio::spawn(sending);

    let mut answer = vec![0; 12];
    reader.read_exact(&mut answer).await.unwrap();

    assert_eq!(answer, b"HTTP/1.1 413");
    assert!(sender.await.unwrap().is_err(), "it took all that was sent");
}

#[tokio::test]
async fn what_is_no_form_with_a_file_is_refused_with_all_that_is_wrong() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let send = async |text: String| post(&agent, "/v1/files", text.into_bytes(), &[]).await;
    let part = |parameters: &str| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {parameters}\r\n\r\na\r\n")
    };
    let end = format!("--{BOUNDARY}--");

    let json = agent.post("/v1/files", json!({})).await;
    json.problem(415, "unsupported_media_type");
    let none = agent.raw(Method::POST, "/v1/files", None, &[]).await;
    Answer::from(none).problem(415, "unsupported_media_type");
    assert_eq!(send(end.clone()).await.faults(), ["/file required"]);
    let wrong = part("name=\"picture\"; filename=\"a.txt\"") + &end;
    assert_eq!(
        send(wrong).await.faults(),
        ["/file required", "/picture unknown_field"]
    );
    let twice = part("name=\"file\"; filename=\"a.txt\"").repeat(2) + &end;
    assert_eq!(send(twice).await.faults(), ["/file duplicate"]);
    let nameless = part("name=\"file\"") + &end;
    assert_eq!(send(nameless).await.faults(), ["/file/name too_short"]);
    let all = form("../a", "not a type", b"");
    let faults = post(&agent, "/v1/files", all, &[]).await.faults();
    assert_eq!(
        faults,
        [
            "/file too_short",
            "/file/media_type bad_format",
            "/file/name bad_format"
        ]
    );
    for cut in [
        String::new(),
        part("name=\"file\"; filename=\"a.txt\""),
        format!("--{BOUNDARY}\r\nno header\r\n\r\n{end}"),
        "x".repeat(10_000),
    ] {
        send(cut).await.problem(400, "malformed_request");
    }
    let key = [("idempotency-key", "a b")];
    let bad = post(&agent, "/v1/files", form("a", "text/plain", b"a"), &key).await;
    bad.problem(400, "malformed_request");
}

#[tokio::test]
async fn files_that_nobody_sends_do_not_pile_up() {
    let stopped = Stopped::start(|config| config.files.unsent_per_uploader_max = 2).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let (ana, bo) = (tenant.agent("ana").await, tenant.agent("bo").await);
    let visitor = tenant.visitor().await.persona;

    for _ in 0..2 {
        upload(&ana, "a.txt", "text/plain", b"a").await.ok();
        upload_own(&visitor, "a.txt", "text/plain", b"a").await.ok();
    }

    let third = upload(&ana, "a.txt", "text/plain", b"a").await;
    third.problem(409, "limit_reached");
    let third = upload_own(&visitor, "a.txt", "text/plain", b"a").await;
    third.problem(409, "limit_reached");
    upload(&bo, "a.txt", "text/plain", b"a").await.ok();
}

#[tokio::test]
async fn the_files_of_a_tenant_have_so_much_room() {
    let stopped = Stopped::start(|config| config.files.tenant_bytes_max = 10).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let agent = tenant.agent("ana").await;
    let mut other = Tenant::on(&stopped.base).await;
    let stranger = other.agent("eve").await;
    let send =
        async |length: usize| upload(&agent, "a.txt", "text/plain", &vec![b'a'; length]).await;

    send(11).await.problem(409, "storage_full");
    send(6).await.ok();
    send(5).await.problem(409, "storage_full");
    send(4).await.ok();
    send(1).await.problem(409, "storage_full");
    upload(&stranger, "a.txt", "text/plain", b"a").await.ok();

    let mut owner = PgConnection::connect_with(&owner_options()).await.unwrap();
    let used: i64 = sqlx::query_scalar("select bytes from file_usage where tenant_id = $1::uuid")
        .bind(&tenant.id)
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(used, 10);
}

#[tokio::test]
async fn who_uploads_too_often_is_told_when_to_come_back() {
    let stopped = Stopped::start(|config| config.limits.uploads_per_minute = 1).await;
    let tenant = Tenant::on(&stopped.base).await;
    let visitor = tenant.visitor().await.persona;

    upload_own(&visitor, "a.txt", "text/plain", b"a").await.ok();
    let refused = upload_own(&visitor, "a.txt", "text/plain", b"a").await;
    assert_eq!(refused.headers["retry-after"], "60");
    refused.problem(429, "rate_limited");
    stopped.pass(60);
    upload_own(&visitor, "a.txt", "text/plain", b"a").await.ok();
}

#[tokio::test]
async fn a_node_takes_so_many_uploads_at_once() {
    let stopped = Stopped::start(|config| config.files.uploads_max = 1).await;
    let tenant = Tenant::on(&stopped.base).await;
    let visitor = tenant.visitor().await.persona;
    let permit = stopped.server.state.uploads.try_acquire().unwrap();

    let refused = upload_own(&visitor, "a.txt", "text/plain", b"a").await;
    assert_eq!(refused.headers["retry-after"], "1");
    refused.problem(503, "unavailable");
    drop(permit);
    upload_own(&visitor, "a.txt", "text/plain", b"a").await.ok();
}
