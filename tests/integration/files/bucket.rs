//! Files in an S3-compatible store: a small one that believes no request whose signature it cannot make itself
//! (AWS Signature Version 4).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deskbell::config::Secret;
use deskbell::domain::{FileId, TenantId};
use deskbell::files::{Error, FileKey};
use jsonwebtoken::{Algorithm, EncodingKey};
use sha2::{Digest, Sha256};

use super::{open, path, png, upload};
use crate::realtime::setting::Stopped;
use crate::support::{Persona, Tenant};

const KEY_ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "a-secret-of-the-bucket";
const REGION: &str = "eu-north-7";

/// What it holds and what was asked of it.
#[derive(Default)]
struct Held {
    objects: BTreeMap<String, Vec<u8>>,
    parts: BTreeMap<u32, Vec<u8>>,
    requests: Vec<String>,
    /// Requests that are answered as if it were broken.
    broken: u32,
}

type Shared = Arc<Mutex<Held>>;

fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    let key = EncodingKey::from_secret(key);
    let text = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

/// The signature that a request should have.
fn expected(method: &Method, path: &str, query: &str, headers: &HeaderMap, signed: &str) -> String {
    let text = |name: &str| headers[name].to_str().unwrap().trim().to_owned();
    let mut pairs: Vec<String> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            if pair.contains('=') {
                pair.to_owned()
            } else {
                format!("{pair}=")
            }
        })
        .collect();
    pairs.sort();
    let mut lines = String::new();
    for name in signed.split(';') {
        writeln!(lines, "{name}:{}", text(name)).unwrap();
    }
    let (query, hash) = (pairs.join("&"), text("x-amz-content-sha256"));
    let canonical = format!("{method}\n{path}\n{query}\n{lines}\n{signed}\n{hash}");
    let at = text("x-amz-date");
    let day = &at[..8];
    let scope = format!("{day}/{REGION}/s3/aws4_request");
    let digest = hex(&Sha256::digest(canonical));
    let to_sign = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{digest}");
    let mut key = hmac(format!("AWS4{SECRET}").as_bytes(), day);
    for part in [REGION, "s3", "aws4_request"] {
        key = hmac(&key, part);
    }
    hex(&hmac(&key, &to_sign))
}

/// Whether the request is signed with the secret, and its body is the one that was signed.
fn is_signed(method: &Method, path: &str, query: &str, headers: &HeaderMap, body: &[u8]) -> bool {
    let authorization = headers["authorization"].to_str().unwrap();
    let fields = authorization.strip_prefix("AWS4-HMAC-SHA256 ").unwrap();
    let fields: BTreeMap<&str, &str> = fields
        .split(',')
        .map(|field| field.trim().split_once('=').unwrap())
        .collect();
    let names: BTreeSet<&str> = fields["SignedHeaders"].split(';').collect();
    let all = ["host", "x-amz-content-sha256", "x-amz-date"];
    let body_is_signed = headers["x-amz-content-sha256"] == *hex(&Sha256::digest(body));
    fields["Credential"].starts_with(&format!("{KEY_ID}/"))
        && all.iter().all(|name| names.contains(name))
        && fields["Signature"] == expected(method, path, query, headers, fields["SignedHeaders"])
        && body_is_signed
}

fn xml(text: &str) -> Response {
    ([("content-type", "application/xml")], text.to_owned()).into_response()
}

async fn answer(State(held): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 64 << 20).await.unwrap().to_vec();
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let mut held = held.lock().unwrap();
    held.requests
        .push(format!("{} {path}?{query}", parts.method));
    if !is_signed(&parts.method, &path, &query, &parts.headers, &body) {
        return StatusCode::FORBIDDEN.into_response();
    }
    if held.broken > 0 {
        held.broken -= 1;
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    match (parts.method.as_str(), query.as_str()) {
        ("POST", "uploads" | "uploads=") => xml(
            "<InitiateMultipartUploadResult><Bucket>files</Bucket><Key>k</Key><UploadId>u-1</UploadId></InitiateMultipartUploadResult>",
        ),
        ("PUT", "") => {
            held.objects.insert(path, body);
            [("etag", "\"whole\"")].into_response()
        }
        ("PUT", query) => {
            let number = query
                .split('&')
                .find_map(|pair| pair.strip_prefix("partNumber="));
            held.parts.insert(number.unwrap().parse().unwrap(), body);
            [("etag", "\"part\"")].into_response()
        }
        ("POST", _) => {
            let whole = std::mem::take(&mut held.parts)
                .into_values()
                .flatten()
                .collect();
            held.objects.insert(path, whole);
            xml(
                "<CompleteMultipartUploadResult><ETag>\"whole\"</ETag></CompleteMultipartUploadResult>",
            )
        }
        ("GET", _) => get(&held, &path, &parts.headers),
        ("DELETE", _) => {
            held.objects.remove(&path);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

fn get(held: &Held, path: &str, headers: &HeaderMap) -> Response {
    let Some(object) = held.objects.get(path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let range = headers["range"].to_str().unwrap();
    let (first, last) = range
        .strip_prefix("bytes=")
        .unwrap()
        .split_once('-')
        .unwrap();
    let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
    let part = object[first..=last].to_vec();
    Response::builder()
        .status(StatusCode::PARTIAL_CONTENT)
        .header("content-length", part.len())
        .header(
            "content-range",
            format!("bytes {first}-{last}/{}", object.len()),
        )
        .header("etag", "\"whole\"")
        .header("last-modified", "Tue, 01 Dec 2026 10:00:00 GMT")
        .body(Body::from(part))
        .unwrap()
}

/// A store of the test's own; gives its address and what it holds.
async fn store() -> (String, Shared) {
    let held = Shared::default();
    let router = Router::new().fallback(answer).with_state(Arc::clone(&held));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, held)
}

async fn server(endpoint: &str, secret: &str) -> Stopped {
    let (endpoint, secret) = (endpoint.to_owned(), Secret::new(secret));
    Stopped::start(|config| {
        "files".clone_into(&mut config.files.s3_bucket);
        config.files.s3_endpoint = Some(endpoint);
        REGION.clone_into(&mut config.files.s3_region);
        KEY_ID.clone_into(&mut config.files.s3_access_key_id);
        config.files.s3_secret_access_key = secret;
    })
    .await
}

#[tokio::test]
async fn a_bucket_keeps_gives_and_removes_files_by_signed_requests() {
    let (endpoint, held) = store().await;
    let stopped = server(&endpoint, SECRET).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let agent = tenant.agent("ana").await;
    let stranger = Persona::new(&stopped.base, None);

    let file = upload(&agent, "a.png", "image/png", &png(2, 1)).await.ok();

    let key = FileKey {
        tenant_id: TenantId(tenant.id.parse().unwrap()),
        file_id: FileId(path(&file["id"]).parse().unwrap()),
    };
    let place = format!("/files/{}/{}", key.tenant_id, key.file_id);
    assert_eq!(held.lock().unwrap().objects[&place], png(2, 1));
    let opened = open(&stranger, &path(&file["url"]), &[]).await;
    assert_eq!((opened.status.as_u16(), &opened.bytes), (200, &png(2, 1)));
    let part = open(&stranger, &path(&file["url"]), &[("range", "bytes=1-3")]).await;
    assert_eq!((part.status.as_u16(), &part.bytes[..]), (206, &b"PNG"[..]));
    stopped.server.state.files.remove(key).await.unwrap();
    assert_eq!(held.lock().unwrap().objects.len(), 0);
    let gone = stopped.server.state.files.read(key, 0..1).await;
    assert!(matches!(gone, Err(Error::Gone)));
    let asked = std::mem::take(&mut held.lock().unwrap().requests);
    let methods: Vec<&str> = asked
        .iter()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(methods, ["PUT", "GET", "GET", "DELETE", "GET"], "{asked:?}");
}

#[tokio::test]
async fn a_long_file_goes_in_parts() {
    let (endpoint, held) = store().await;
    let stopped = server(&endpoint, SECRET).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let agent = tenant.agent("ana").await;
    let bytes: Vec<u8> = (0..=255).cycle().take((8 << 20) + 1).collect();

    let file = upload(&agent, "a.bin", "application/octet-stream", &bytes)
        .await
        .ok();

    let asked = std::mem::take(&mut held.lock().unwrap().requests);
    assert_eq!(asked.len(), 4, "{asked:?}");
    assert!(held.lock().unwrap().objects.values().eq([&bytes]));
    assert_eq!(open(&agent, &path(&file["url"]), &[]).await.bytes, bytes);
}

#[tokio::test]
async fn a_bucket_that_is_broken_for_a_moment_is_asked_again() {
    let (endpoint, held) = store().await;
    let stopped = server(&endpoint, SECRET).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let agent = tenant.agent("ana").await;
    held.lock().unwrap().broken = 1;

    upload(&agent, "a.png", "image/png", &png(2, 1)).await.ok();

    assert_eq!(held.lock().unwrap().requests.len(), 2);
}

#[tokio::test]
async fn a_bucket_that_refuses_leaves_no_file() {
    let (endpoint, held) = store().await;
    let stopped = server(&endpoint, "another-secret").await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let agent = tenant.agent("ana").await;

    let refused = upload(&agent, "a.png", "image/png", &png(2, 1)).await;

    refused.problem(503, "unavailable");
    assert_eq!(held.lock().unwrap().objects.len(), 0);
    let drafts = stopped
        .server
        .state
        .config
        .database
        .data_dir
        .join("files/drafts");
    assert_eq!(std::fs::read_dir(drafts).unwrap().count(), 0);
}
