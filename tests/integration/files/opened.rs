//! Who may open a file, and how it comes.

use reqwest::Method;

use super::{PDF, open, path, png, upload, upload_own};
use crate::realtime::setting::Stopped;
use crate::support::{Answer, Persona, Tenant};

async fn refused(caller: &Persona, path: &str, status: u16, code: &str) {
    let answer: Answer = open(caller, path, &[]).await.into();
    answer.problem(status, code);
}

#[tokio::test]
async fn a_file_that_nobody_has_sent_is_its_uploaders() {
    let mut tenant = Tenant::new().await;
    let (ana, bo) = (tenant.agent("ana").await, tenant.agent("bo").await);
    let (vera, walt) = (
        tenant.visitor().await.persona,
        tenant.visitor().await.persona,
    );
    let away = Tenant::new().await;
    let stranger = away.visitor().await.persona;

    let of_agent = upload(&ana, "a.png", "image/png", &png(1, 1)).await.ok();
    let of_visitor = upload_own(&vera, "a.png", "image/png", &png(1, 1))
        .await
        .ok();

    let id = path(&of_agent["id"]);
    assert_eq!(
        open(&ana, &format!("/v1/files/{id}"), &[]).await.bytes,
        png(1, 1)
    );
    for caller in [&bo, &tenant.owner, &away.owner] {
        refused(caller, &format!("/v1/files/{id}"), 404, "not_found").await;
    }
    refused(&vera, &format!("/v1/visitor/files/{id}"), 404, "not_found").await;
    let id = path(&of_visitor["id"]);
    let own = format!("/v1/visitor/files/{id}");
    assert_eq!(open(&vera, &own, &[]).await.bytes, png(1, 1));
    for caller in [&walt, &stranger] {
        refused(caller, &own, 404, "not_found").await;
    }
    for caller in [&ana, &tenant.owner] {
        refused(caller, &format!("/v1/files/{id}"), 404, "not_found").await;
    }
}

#[tokio::test]
async fn chat_05_a_file_is_opened_under_a_policy_that_leaves_it_nothing() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let page = b"<!doctype html><script>alert(1)</script>";

    for (name, said, bytes, content_type, disposition) in [
        ("a.png", "image/png", png(1, 1), "image/png", "inline"),
        (
            "a.pdf",
            "application/pdf",
            PDF.to_vec(),
            "application/pdf",
            "inline",
        ),
        (
            "a.html",
            "text/html",
            page.to_vec(),
            "application/octet-stream",
            "attachment",
        ),
        (
            "a.svg",
            "image/svg+xml",
            b"<svg/>".to_vec(),
            "application/octet-stream",
            "attachment",
        ),
        (
            "a.txt",
            "text/plain",
            b"a".to_vec(),
            "application/octet-stream",
            "attachment",
        ),
    ] {
        let file = upload(&agent, name, said, &bytes).await.ok();
        for by in [
            format!("/v1/files/{}", path(&file["id"])),
            path(&file["url"]),
        ] {
            let opened = open(&agent, &by, &[]).await;
            assert_eq!(opened.header("content-type"), content_type, "{name}");
            let value = format!("{disposition}; filename=\"{name}\"");
            assert_eq!(opened.header("content-disposition"), value);
            assert_eq!(opened.header("x-content-type-options"), "nosniff");
            let policy = opened.header("content-security-policy");
            assert!(policy.contains("default-src 'none'"), "{policy}");
            assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
            assert!(!policy.contains("script"), "{policy}");
            assert!(policy.starts_with("sandbox;"), "{policy}");
            assert!(opened.header("cache-control").starts_with("private"));
            assert_eq!(opened.header("referrer-policy"), "no-referrer");
            assert_eq!(opened.bytes, bytes);
        }
    }
}

#[tokio::test]
async fn a_part_of_a_file_is_sent_to_who_asks_for_it() {
    let tenant = Tenant::new().await;
    let visitor = tenant.visitor().await.persona;
    let bytes: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    let file = upload_own(&visitor, "a.bin", "application/octet-stream", &bytes)
        .await
        .ok();
    let own = format!("/v1/visitor/files/{}", path(&file["id"]));

    let whole = open(&visitor, &own, &[]).await;
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert_eq!(whole.header("content-length"), "200000");
    assert_eq!(whole.bytes, bytes);
    let etag = whole.header("etag").to_owned();
    for (range, first, last) in [
        ("bytes=0-0", 0, 0),
        ("bytes=65535-131072", 65_535, 131_072),
        ("bytes=199999-", 199_999, 199_999),
        ("bytes=-5", 199_995, 199_999),
        ("bytes=100-9999999", 100, 199_999),
    ] {
        let part = open(&visitor, &own, &[("range", range), ("if-range", &etag)]).await;
        assert_eq!(part.status, 206, "{range}");
        assert_eq!(
            part.header("content-range"),
            format!("bytes {first}-{last}/200000")
        );
        assert_eq!(part.bytes, &bytes[first..=last], "{range}");
    }
    let beyond = open(&visitor, &own, &[("range", "bytes=200000-")]).await;
    assert_eq!(beyond.header("content-range"), "bytes */200000");
    Answer::from(beyond).problem(416, "range_not_satisfiable");
    let other = open(
        &visitor,
        &own,
        &[("range", "bytes=0-0"), ("if-range", "\"x\"")],
    )
    .await;
    assert_eq!((other.status.as_u16(), other.bytes.len()), (200, 200_000));
    let known = open(&visitor, &own, &[("if-none-match", &etag)]).await;
    assert_eq!((known.status.as_u16(), known.bytes.len()), (304, 0));
    let head = visitor.raw(Method::HEAD, &own, None, &[]).await;
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
    assert_eq!(head.header("content-length"), "200000");
}

#[tokio::test]
async fn an_address_opens_one_file_until_its_end() {
    let stopped = Stopped::start(|config| config.files.link_s = 60).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let mut away = Tenant::on(&stopped.base).await;
    let (ana, eve) = (tenant.agent("ana").await, away.agent("eve").await);
    let stranger = Persona::new(&stopped.base, None);
    let file = upload(&ana, "a.png", "image/png", &png(1, 1)).await.ok();
    let other = upload(&eve, "b.png", "image/png", &png(2, 2)).await.ok();
    let url = path(&file["url"]);

    assert_eq!(open(&stranger, &url, &[]).await.status, 200);
    // Whatever is changed in it, it opens nothing.
    for (part, another) in [
        (path(&file["id"]), path(&other["id"])),
        (tenant.id.clone(), away.id.clone()),
        ("expires=1".to_owned(), "expires=2".to_owned()),
        ("key=".to_owned(), "key=x".to_owned()),
        ("signature=".to_owned(), "signature=A".to_owned()),
    ] {
        assert!(url.contains(&part), "{url}");
        refused(&stranger, &url.replace(&part, &another), 404, "not_found").await;
    }
    let both = url.replace(&path(&file["id"]), &path(&other["id"]));
    let both = both.replace(&tenant.id, &away.id);
    refused(&stranger, &both, 404, "not_found").await;
    let bare = url.split('?').next().unwrap();
    let answer: Answer = open(&stranger, bare, &[]).await.into();
    assert_eq!(
        answer.faults(),
        [
            "/expires required",
            "/key required",
            "/signature required",
            "/tenant_id required"
        ]
    );
    // Rounded up to the hour, so that a page finds in its cache what it has loaded.
    stopped.pass(2 * 3600);
    refused(&stranger, &url, 410, "link_expired").await;
}
