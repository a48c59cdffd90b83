//! Files (CHAT-5), over HTTP and where their bytes are kept.

mod bucket;
mod kept;
mod opened;
mod refused;
mod sent;
mod uploaded;

use reqwest::Method;
use serde_json::Value;

use crate::support::{Answer, Opened, Persona};

const BOUNDARY: &str = "a-boundary";

/// A form with one file.
fn form(name: &str, media_type: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: {media_type}\r\n\r\n"
    );
    let end = format!("\r\n--{BOUNDARY}--\r\n");
    [head.as_bytes(), bytes, end.as_bytes()].concat()
}

/// Where somebody uploads.
fn folder(of_visitor: bool) -> &'static str {
    if of_visitor {
        "/v1/visitor/files"
    } else {
        "/v1/files"
    }
}

async fn post(caller: &Persona, path: &str, body: Vec<u8>, headers: &[(&str, &str)]) -> Answer {
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let mut all = vec![("content-type", content_type.as_str())];
    all.extend(headers);
    caller
        .raw(Method::POST, path, Some(body), &all)
        .await
        .into()
}

/// Uploads as an agent.
async fn upload(caller: &Persona, name: &str, media_type: &str, bytes: &[u8]) -> Answer {
    post(caller, "/v1/files", form(name, media_type, bytes), &[]).await
}

/// Uploads as a visitor.
async fn upload_own(caller: &Persona, name: &str, media_type: &str, bytes: &[u8]) -> Answer {
    let body = form(name, media_type, bytes);
    post(caller, "/v1/visitor/files", body, &[]).await
}

async fn open(caller: &Persona, path: &str, headers: &[(&str, &str)]) -> Opened {
    caller.raw(Method::GET, path, None, headers).await
}

/// A path in an answer.
fn path(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A PNG of this size, as far as its header says.
fn png(width: u32, height: u32) -> Vec<u8> {
    [
        &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
        &width.to_be_bytes(),
        &height.to_be_bytes(),
        b"\x08\x06\0\0\0",
        &[0; 20],
    ]
    .concat()
}

const PDF: &[u8] = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\n";
