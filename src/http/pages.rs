//! The pages inside the binary: the demo, the agents' page, the widget's script.
//!
//! Owns how they are cached and what they may load. Files have no hash in their names, so a browser asks whether
//! its copy is the newest; scripts that run on other companies' pages may be a few minutes old.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, HeaderValue,
    REFERRER_POLICY,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::widget::has_it;
use super::{ApiError, AppState};

/// What `web/` builds; committed, so that the server needs no Node to be built.
#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Dist;

/// Stands in the demo page where the widget's key belongs.
const KEY_PLACE: &str = "__WIDGET_KEY__";

/// A page loads its own files and talks to its own server.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     media-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);
const REFERRER: HeaderValue = HeaderValue::from_static("same-origin");
/// Asks each time; mostly the answer is 304.
const ALWAYS_ASK: HeaderValue = HeaderValue::from_static("no-cache");
/// Five minutes: a new release reaches every site within them, and a site's next page costs no request.
const FEW_MINUTES: HeaderValue = HeaderValue::from_static("public, max-age=300");

const INDEX: &str = "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Deskbell</title></head>\n\
<body>\n<h1>Deskbell</h1>\n<ul>\n<li><a href=\"/demo\">A website with a chat</a></li>\n\
<li><a href=\"/agent\">The agents' page</a></li>\n<li><a href=\"/docs/\">The API</a></li>\n</ul>\n</body>\n</html>\n";
const NO_DEMO: &str =
    "There is no demo here. Start the server with demo.enabled = true to have one.\n";

/// A file as it goes out.
struct File {
    bytes: Bytes,
    content_type: HeaderValue,
    etag: String,
}

impl File {
    fn new(bytes: Bytes, content_type: &str) -> Self {
        let digest = Sha256::digest(&bytes);
        let tag = URL_SAFE_NO_PAD.encode(digest);
        Self {
            content_type: HeaderValue::from_str(content_type)
                .unwrap_or(HeaderValue::from_static("application/octet-stream")),
            bytes,
            etag: format!("\"{tag}\""),
        }
    }

    /// A file of the build; `None` when there is none of this name.
    fn embedded(path: &str) -> Option<Self> {
        let file = Dist::get(path)?;
        let guess = mime_guess::from_path(path).first_or_octet_stream();
        let content_type = match guess.essence_str() {
            text if text.starts_with("text/") => format!("{text}; charset=utf-8"),
            other => other.to_owned(),
        };
        Some(Self::new(
            Bytes::from(file.data.into_owned()),
            &content_type,
        ))
    }

    fn answer(&self, headers: &HeaderMap, caching: HeaderValue) -> Response {
        let etag = HeaderValue::from_str(&self.etag).unwrap_or(HeaderValue::from_static("\"\""));
        let caching = [(CACHE_CONTROL, caching), (ETAG, etag)];
        if has_it(headers, &self.etag) {
            return (StatusCode::NOT_MODIFIED, caching).into_response();
        }
        let content_type = [(CONTENT_TYPE, self.content_type.clone())];
        (caching, content_type, self.bytes.clone()).into_response()
    }

    /// The same for a page, which says what it may load.
    fn page(&self, headers: &HeaderMap) -> Response {
        let policies: [(HeaderName, HeaderValue); 2] = [
            (CONTENT_SECURITY_POLICY, PAGE_POLICY),
            (REFERRER_POLICY, REFERRER),
        ];
        (policies, self.answer(headers, ALWAYS_ASK)).into_response()
    }
}

/// The routes of the pages.
pub(super) fn routes() -> Router<AppState> {
    let index = Arc::new(File::new(Bytes::from_static(INDEX.as_bytes()), HTML));
    Router::new()
        .route(
            "/",
            get(async move |headers: HeaderMap| index.page(&headers)),
        )
        .route("/demo", get(demo))
        .route(
            "/agent",
            get(async |headers: HeaderMap| page("agent.html", &headers)),
        )
        .route(
            "/widget.js",
            get(async |headers: HeaderMap| script("widget.js", &headers)),
        )
        .route("/assets/{*path}", get(asset))
}

const HTML: &str = "text/html; charset=utf-8";

fn page(path: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    Ok(File::embedded(path)
        .ok_or_else(ApiError::not_found)?
        .page(headers))
}

fn script(path: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    let file = File::embedded(path).ok_or_else(ApiError::not_found)?;
    Ok(file.answer(headers, FEW_MINUTES))
}

async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Result<Response, ApiError> {
    script(&format!("assets/{path}"), &headers)
}

/// A website with the demo tenant's widget.
async fn demo(State(app): State<AppState>, headers: HeaderMap) -> Result<Response, ApiError> {
    let Some(key) = &app.demo_widget_key else {
        return Ok((StatusCode::NOT_FOUND, NO_DEMO).into_response());
    };
    let page = Dist::get("demo.html").ok_or_else(ApiError::not_found)?;
    let text = String::from_utf8_lossy(&page.data).replace(KEY_PLACE, key);
    Ok(File::new(Bytes::from(text), HTML).page(&headers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_it_may_load_and_is_not_sent_twice() {
        let file = File::new(Bytes::from_static(b"<!doctype html>"), HTML);

        let first = file.page(&HeaderMap::new());
        assert_eq!(first.headers()[CONTENT_SECURITY_POLICY], PAGE_POLICY);
        assert_eq!(first.headers()[CONTENT_TYPE], HTML);
        let tag = first.headers()[ETAG].clone();
        let again = HeaderMap::from_iter([(axum::http::header::IF_NONE_MATCH, tag)]);
        assert_eq!(file.page(&again).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn nothing_outside_of_the_build_is_served() {
        for path in [
            "../Cargo.toml",
            "/etc/hostname",
            "assets/../../Cargo.toml",
            "",
        ] {
            assert!(File::embedded(path).is_none(), "{path}");
        }
    }
}
