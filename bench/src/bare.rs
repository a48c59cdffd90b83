//! The yardstick of the availability poll: an axum handler that does nothing but return the bytes
//! that the server returned, in a process of its own like the server.
//!
//! It has one route, no layer, no state that changes and no lock. It does compare `If-None-Match`
//! with the one tag that it knows, since somebody has to.

use std::io::Read;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::IF_NONE_MATCH;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use axum::routing::get;
use serde_json::{Value, json};

/// What one answer consists of.
#[derive(Clone, Debug)]
pub(crate) struct Canned {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// The process of the bare handler. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Bare {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Bare {
    /// Starts one that answers `path` with `ok`, and with `not_modified` to who has it.
    pub(crate) fn start(
        path: &str,
        ok: &Canned,
        not_modified: &Canned,
        threads: usize,
    ) -> Result<Self> {
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let canned = json!({
            "address": address, "path": path, "body": ok.body,
            "ok": ok.headers, "not_modified": not_modified.headers,
        });
        let child = Command::new(std::env::current_exe()?)
            .args(["bare", &canned.to_string()])
            .env("TOKIO_WORKER_THREADS", threads.to_string())
            .stdin(Stdio::piped())
            .spawn()
            .context("start the bare handler")?;
        Ok(Self { child, address })
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // It has nothing to finish.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Answers {
    ok: HeaderMap,
    not_modified: HeaderMap,
    etag: Option<HeaderValue>,
    body: Bytes,
}

/// What the process of the bare handler does: serve until its standard input ends, which it does at
/// the latest with the driver.
pub(crate) fn serve(canned: &str) -> Result<()> {
    let canned: Value = serde_json::from_str(canned)?;
    let address: SocketAddr = canned["address"].as_str().context("no address")?.parse()?;
    let path = canned["path"].as_str().context("no path")?.to_owned();
    let ok = headers(&canned["ok"])?;
    let answers = Answers {
        etag: ok.get("etag").cloned(),
        ok,
        not_modified: headers(&canned["not_modified"])?,
        body: Bytes::from(canned["body"].as_str().context("no body")?.to_owned()),
    };
    std::thread::spawn(|| {
        // Nothing is ever written to it: it ends when the driver does.
        let _ = std::io::stdin().read(&mut [0; 1]);
        std::process::exit(0);
    });
    // The same runtime as the server's, with as many threads as the variable says.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await?;
        let answers: &'static Answers = Box::leak(Box::new(answers));
        let router = Router::new().route(&path, get(answer)).with_state(answers);
        axum::serve(listener, router).await?;
        Ok(())
    })
}

async fn answer(State(answers): State<&'static Answers>, headers: HeaderMap) -> Response<Body> {
    let has_it = answers.etag.is_some() && headers.get(IF_NONE_MATCH) == answers.etag.as_ref();
    let (status, body, own) = if has_it {
        (
            StatusCode::NOT_MODIFIED,
            Bytes::new(),
            &answers.not_modified,
        )
    } else {
        (StatusCode::OK, answers.body.clone(), &answers.ok)
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = own.clone();
    response
}

/// Reads the headers that are copied; what hyper adds by itself is left to it.
fn headers(pairs: &Value) -> Result<HeaderMap> {
    let pairs: Vec<(String, String)> = serde_json::from_value(pairs.clone())?;
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        if name != "date" && name != "content-length" {
            map.append(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
        }
    }
    Ok(map)
}
