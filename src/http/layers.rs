//! What happens to every request before and after its handler.
//!
//! Owns the request's id, its span, its metrics and the bounds on its time and size. Must not look into a body, and
//! must not log one, nor an address or a token.

use std::any::Any;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CONTENT_LENGTH, EXPECT, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderName, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, Limited};
use tower_http::cors::{AllowOrigin, Any as AnyOrigin, CorsLayer};
use tracing::Instrument;

use super::extract::{IDEMPOTENCY_KEY, too_large};
use super::files::file_too_large;
use super::{ApiError, AppState};
use crate::config::Config;
use crate::telemetry::names;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// How long a browser may keep the answer to a preflight: two hours, the most that Chromium keeps.
const PREFLIGHT_AGE: Duration = Duration::from_hours(2);
/// How much of a body that is too large is read and thrown away. A client that is cut off while it sends does not
/// read why; one that announces more than any file by mistake is answered at once.
const DISCARDED_MAX: usize = 8 << 20;
/// How long that may take: what a client on a bad line sends in that time, and no more.
const DISCARDED_FOR: Duration = Duration::from_secs(2);
/// What may stand around a file: the heads and delimiters of a form, and a field or two by mistake.
const FORM_BYTES_MAX: usize = 64 << 10;
/// The name of a request's path in metrics when no route matched: a name of its own for each path that
/// somebody makes up would fill the memory.
const UNMATCHED: &str = "unmatched";

/// Gives the request its id, its span and its metrics; the outermost layer.
pub(super) async fn observe(
    State(app): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = request_id(request.headers()).unwrap_or_else(|| fresh_id(&app));
    // Handlers behind this one find the id where the client would have put it.
    request.headers_mut().insert(X_REQUEST_ID, id.clone());
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let path = path.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        request.id = id.to_str().unwrap_or_default(),
        trace.id = trace_id(request.headers()),
        http.method = %method,
        http.path = path,
        http.status = tracing::field::Empty,
    );
    #[expect(
        clippy::disallowed_methods,
        reason = "a measurement for a histogram, finer than the clock's milliseconds; nothing is decided by it"
    )]
    let start = Instant::now();

    let mut response = next.run(request).instrument(span.clone()).await;

    let status = response.status().as_u16();
    span.record("http.status", status);
    count(&method, path, status, start.elapsed());
    let headers = response.headers_mut();
    headers.insert(X_REQUEST_ID, id);
    headers
        .entry(X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    response
}

fn count(method: &Method, path: &str, status: u16, took: Duration) {
    let labels = [
        ("method", known_method(method).to_owned()),
        ("route", path.to_owned()),
        ("status", status.to_string()),
    ];
    metrics::histogram!(names::REQUEST_SECONDS, &labels).record(took.as_secs_f64());
}

/// Methods are free text in HTTP, so whatever is not ours counts as one.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The id that the client or a proxy gave, when it is fit for a log.
pub(super) fn request_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(X_REQUEST_ID)?;
    let bytes = id.as_bytes();
    let fits = (1..=128).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    fits.then(|| id.clone())
}

fn fresh_id(app: &AppState) -> HeaderValue {
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    let id = app.new_id().hyphenated().encode_lower(&mut text);
    HeaderValue::from_str(id).unwrap_or(HeaderValue::from_static("unknown"))
}

/// The trace that the request belongs to (W3C Trace Context, version 00), for the log.
fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(TRACEPARENT)?.to_str().ok()?;
    let mut parts = text.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let hex = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let known = version.len() == 2 && hex(version) && version != "ff";
    let fits = known && trace.len() == 32 && hex(trace) && trace.bytes().any(|b| b != b'0');
    fits.then_some(trace)
}

/// Ends a request that takes too long. What it has asked of an engine may still happen, as 503 says.
pub(super) async fn bound_time(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let limit = Duration::from_secs(app.config.http.request_timeout_s);
    within(limit, request, next).await
}

/// The same for an upload, which takes as long as its client's line makes it take.
pub(super) async fn bound_upload_time(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let limit = Duration::from_secs(app.config.files.upload_timeout_s);
    within(limit, request, next).await
}

async fn within(limit: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::unavailable(1).into_response(),
    }
}

/// Refuses a body that is said to be too large, and cuts off one that turns out to be.
pub(super) async fn bound_body(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    up_to(app.config.http.body_bytes_max, too_large, request, next).await
}

/// The same for an upload: a file and the form around it.
pub(super) async fn bound_upload_body(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let max = app.config.files.file_bytes_max;
    let limit = usize::try_from(max)
        .unwrap_or(usize::MAX)
        .saturating_add(FORM_BYTES_MAX);
    up_to(limit, || file_too_large(max), request, next).await
}

async fn up_to(
    limit: usize,
    too_large: impl FnOnce() -> ApiError,
    request: Request,
    next: Next,
) -> Response {
    let length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let length = length.and_then(|text| text.parse::<usize>().ok());
    if let Some(length) = length.filter(|length| *length > limit) {
        // Who waits for a `100 Continue` has sent nothing and need not.
        if length <= DISCARDED_MAX && !request.headers().contains_key(EXPECT) {
            discard(request.into_body()).await;
        }
        return too_large().into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, limit))))
        .await
}

/// Reads on for a while and keeps nothing of it, so that a client which is still sending reads the answer. Whether the
/// body comes to its end or not, the answer is the same.
pub(super) async fn discard(mut body: Body) {
    let discarded = async {
        let mut left = DISCARDED_MAX;
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, bytes::Bytes::len);
            let Some(rest) = left.checked_sub(length) else {
                break;
            };
            left = rest;
        }
    };
    drop(tokio::time::timeout(DISCARDED_FOR, discarded).await);
}

/// What a client is told when a handler panicked. The hook has logged where.
pub(super) fn panicked(_payload: Box<dyn Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    ApiError::internal().into_response()
}

fn cors() -> CorsLayer {
    let seen = [
        X_REQUEST_ID,
        axum::http::header::ETAG,
        axum::http::header::ACCEPT_RANGES,
        axum::http::header::CONTENT_DISPOSITION,
        axum::http::header::CONTENT_RANGE,
        axum::http::header::LOCATION,
        axum::http::header::RETRY_AFTER,
        HeaderName::from_static("ratelimit"),
        HeaderName::from_static("ratelimit-policy"),
    ];
    let sent = [
        axum::http::header::AUTHORIZATION,
        axum::http::header::CONTENT_TYPE,
        axum::http::header::IF_MATCH,
        axum::http::header::IF_NONE_MATCH,
        axum::http::header::IF_RANGE,
        axum::http::header::RANGE,
        IDEMPOTENCY_KEY,
        X_REQUEST_ID,
        TRACEPARENT,
    ];
    CorsLayer::new()
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers(sent)
        .expose_headers(seen)
        .max_age(PREFLIGHT_AGE)
}

/// Any page may ask what widgets ask: credentials are tokens that no browser sends by itself, and whose widget
/// it is is checked where a visitor gets its token.
pub(super) fn cors_for_widgets() -> CorsLayer {
    cors().allow_origin(AnyOrigin)
}

/// Only configured pages beside the server's own may use the agents' API.
pub(super) fn cors_for_agents(config: &Config) -> CorsLayer {
    let origins = config.http.allowed_origins.iter();
    let origins = origins.filter_map(|origin| HeaderValue::from_str(origin.as_str()).ok());
    cors().allow_origin(AllowOrigin::list(origins))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn a_request_id_is_taken_over_when_it_is_fit_for_a_log() {
        assert!(request_id(&with(X_REQUEST_ID, "0190-abc")).is_some());
        for bad in ["", "a b", &"x".repeat(129)] {
            assert_eq!(request_id(&with(X_REQUEST_ID, bad)), None, "{bad}");
        }
        assert_eq!(request_id(&HeaderMap::new()), None);
    }

    #[test]
    fn a_trace_is_named_when_it_is_one() {
        let trace = |text: &str| trace_id(&with(TRACEPARENT, text)).map(str::to_owned);
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        assert_eq!(
            trace(good).as_deref(),
            Some("0af7651916cd43dd8448eb211c80319c")
        );
        for bad in [
            "",
            "00",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        ] {
            assert_eq!(trace(bad), None, "{bad}");
        }
        assert_eq!(
            trace(&good.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32))),
            None
        );
    }
}
