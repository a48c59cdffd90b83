//! What is uploaded, and what is said of it.

use serde_json::{Value, json};

use super::{PDF, folder, form, open, path, png, post, upload, upload_own};
use crate::support::Tenant;

#[tokio::test]
async fn chat_05_an_upload_is_told_what_it_is_by_its_content() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;

    for (name, said, bytes, expected) in [
        (
            "shot.png",
            "image/png",
            &png(640, 480)[..],
            "image/png image",
        ),
        (
            "shot",
            "application/octet-stream",
            &png(640, 480),
            "image/png image",
        ),
        ("bill.pdf", "application/pdf", PDF, "application/pdf inline"),
        (
            "song.mp3",
            "audio/mp3",
            b"ID3\x03\0\0\0\0\0\0",
            "audio/mpeg inline",
        ),
        (
            "page.html",
            "text/html",
            b"<!doctype html><p>",
            "text/html download",
        ),
        (
            "logo.svg",
            "image/svg+xml",
            b"<svg onload='a'/>",
            "image/svg+xml download",
        ),
        (
            "feed.xml",
            "text/xml",
            b"<?xml version='1.0'?><a/>",
            "text/xml download",
        ),
        (
            "run.sh",
            "application/x-sh",
            b"#!/bin/sh\n",
            "text/x-shellscript download",
        ),
        (
            "app.js",
            "text/javascript",
            b"alert(1)",
            "text/plain download",
        ),
        (
            "data.bin",
            "application/x-data",
            &[0, 1, 2],
            "application/octet-stream download",
        ),
    ] {
        let file = upload(&agent, name, said, bytes).await.ok();
        assert_eq!(file["name"], name);
        assert_eq!(file["bytes"], bytes.len(), "{name}");
        let (media_type, show) = expected.split_once(' ').unwrap();
        assert_eq!(file["media_type"], media_type, "{name}");
        assert_eq!(file["show"], show, "{name}");
        let pixels = (show == "image").then_some([640, 480]);
        let pixels = pixels.map_or(json!([null, null]), |pixels| json!(pixels));
        assert_eq!(json!([file["width"], file["height"]]), pixels, "{name}");
    }
}

#[tokio::test]
async fn chat_05_a_polyglot_is_one_thing_only() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let image = [&png(1, 1)[..], b"<script>alert(1)</script>"].concat();
    let page = b"<script>/*%PDF-1.7*/alert(1)</script>";

    // An image with a script behind it is an image, and nothing makes a browser think otherwise.
    let file = upload(&agent, "a.png", "image/png", &image).await.ok();
    let opened = open(&agent, &path(&file["url"]), &[]).await;
    assert_eq!(opened.header("content-type"), "image/png");
    assert_eq!(opened.header("x-content-type-options"), "nosniff");
    assert!(
        opened
            .header("content-security-policy")
            .starts_with("sandbox;")
    );
    // A page that holds the mark of a PDF is a page.
    let file = upload(&agent, "a.html", "text/html", page).await.ok();
    assert_eq!(file["show"], "download");
    // A script that begins like an image is a text, so its name lies.
    for script in [&b"GIF89a=1;alert(1)//"[..], b"GIF89a/*", b"BM=1;alert(1)"] {
        let refused = upload(&agent, "a.gif", "image/gif", script).await;
        refused.problem(422, "file_type_mismatch");
    }
}

#[tokio::test]
async fn an_upload_is_answered_the_same_when_it_comes_again() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let visitor = tenant.visitor().await.persona;
    let key = [("idempotency-key", "k-1")];

    for (caller, of_visitor) in [(&agent, false), (&visitor, true)] {
        let send = async |name: &str, bytes: &[u8]| {
            post(
                caller,
                folder(of_visitor),
                form(name, "image/png", bytes),
                &key,
            )
            .await
        };
        let first = send("a.png", &png(1, 1)).await;
        let location = first.headers["location"].to_str().unwrap().to_owned();
        let first = first.ok();
        assert_eq!(
            location,
            format!("{}/{}", folder(of_visitor), path(&first["id"]))
        );

        let again = send("a.png", &png(1, 1)).await;
        assert_eq!(again.status, 201);
        assert_eq!(again.ok(), first);
        let other = send("b.png", &png(1, 1)).await;
        other.problem(409, "idempotency_mismatch");
        let other = send("a.png", &png(1, 2)).await;
        other.problem(409, "idempotency_mismatch");
    }
}

#[tokio::test]
async fn a_name_is_kept_as_it_was_and_leads_nowhere() {
    let tenant = Tenant::new().await;
    let visitor = tenant.visitor().await.persona;

    let file = upload_own(&visitor, "größe %22x%22.png", "image/png", &png(1, 1)).await;
    let file = file.ok();
    assert_eq!(file["name"], "größe \"x\".png");
    let opened = open(&visitor, &path(&file["url"]), &[]).await;
    assert_eq!(
        opened.header("content-disposition"),
        "inline; filename=\"gr__e _x_.png\"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%22x%22.png"
    );
    assert_eq!(opened.bytes, png(1, 1));
    for bad in [
        "../../etc/passwd",
        "..",
        "C:\\a.png",
        "a/b.png",
        "a\u{202e}gnp.exe",
        " ",
    ] {
        let refused = upload_own(&visitor, bad, "image/png", &png(1, 1)).await;
        let faults = refused.faults();
        assert_eq!(faults.len(), 1, "{bad}: {faults:?}");
        assert!(faults[0].starts_with("/file/name "), "{bad}: {faults:?}");
    }
}

#[tokio::test]
async fn an_address_in_an_answer_opens_the_file_without_a_token() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let stranger = crate::support::Persona::new(agent.base(), None);

    let file: Value = upload(&agent, "a.png", "image/png", &png(3, 2)).await.ok();

    let opened = open(&stranger, &path(&file["url"]), &[]).await;
    assert_eq!(opened.status, 200);
    assert_eq!(opened.bytes, png(3, 2));
    assert_eq!(
        opened.header("cross-origin-resource-policy"),
        "cross-origin"
    );
    let own = format!("/v1/files/{}", path(&file["id"]));
    let refused = open(&stranger, &own, &[]).await;
    crate::support::Answer::from(refused).problem(401, "unauthenticated");
}
