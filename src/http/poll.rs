//! The availability poll, answered in front of the router.
//!
//! It is by far the busiest call, and its answer lies ready as bytes, so it does what the layers do for every
//! request (id, rate limit, metrics, headers for other origins) without a span, a timer or a route to match:
//! nothing here waits or fails. Whatever is not this one case goes on to the router, which answers it the same way.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, CONTENT_TYPE, ETAG,
    HeaderValue, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::Response;
use metrics::Histogram;

use super::AppState;
use super::address::ClientAddress;
use super::layers::{X_REQUEST_ID, request_id};
use super::widget::{POLL_CACHE, has_it};
use crate::realtime::Ready;
use crate::telemetry::names;

const ROUTE: &str = "/v1/widget/{key}/availability";
const EXPOSED: HeaderValue =
    HeaderValue::from_static("x-request-id,etag,location,retry-after,ratelimit,ratelimit-policy");

/// Answers polls.
pub(super) struct Polls {
    app: AppState,
    found: Histogram,
    not_modified: Histogram,
    /// Part of the ids of this process's polls; with the count they are unlike any other.
    process: u64,
    count: AtomicU64,
}

impl Polls {
    /// Takes its handles of the metrics once, instead of looking them up on each request.
    pub(super) fn new(app: AppState) -> Self {
        let histogram = |status: &'static str| {
            metrics::histogram!(
                names::REQUEST_SECONDS, "method" => "GET", "route" => ROUTE, "status" => status
            )
        };
        Self {
            found: histogram("200"),
            not_modified: histogram("304"),
            process: app.random.below(u64::MAX),
            count: AtomicU64::new(0),
            app,
        }
    }

    /// The answer, if this is a poll of a widget that there is, from an address that may ask.
    pub(super) fn answer<B>(&self, request: &Request<B>, peer: SocketAddr) -> Option<Response> {
        let path = request.uri().path();
        let key = path
            .strip_prefix("/v1/widget/")?
            .strip_suffix("/availability")?;
        if request.method() != Method::GET {
            return None;
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "a measurement for a histogram, finer than the clock's milliseconds; nothing is decided by it"
        )]
        let start = Instant::now();
        let entry = self.app.board.find(key)?;
        let headers = request.headers();
        if self.app.limiter.limits_polls() {
            let trusted = &self.app.config.http.trusted_proxies;
            let address = ClientAddress::of(peer.ip(), headers, trusted);
            // The router tells a client that asks too often; it is asked for the same again.
            self.app.limiter.poll(address.key()).ok()?;
        }
        let ready = entry.ready();
        let has_it = has_it(headers, &ready.etag);
        let answer = self.response(headers, &ready, has_it);
        let histogram = if has_it {
            &self.not_modified
        } else {
            &self.found
        };
        histogram.record(start.elapsed().as_secs_f64());
        Some(answer)
    }

    fn response(&self, asked: &HeaderMap, ready: &Ready, has_it: bool) -> Response {
        let body = if has_it {
            Body::empty()
        } else {
            Body::from(ready.body.clone())
        };
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.reserve(8);
        if has_it {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, POLL_CACHE);
        // A quoted hexadecimal number is a good header.
        if let Ok(etag) = HeaderValue::from_str(&ready.etag) {
            headers.insert(ETAG, etag);
        }
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(
            X_REQUEST_ID,
            request_id(asked).unwrap_or_else(|| self.fresh_id()),
        );
        response
    }

    fn fresh_id(&self) -> HeaderValue {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let mut text = *b"poll-0000000000000000-0000000000000000";
        hexadecimal(self.process, &mut text[5..21]);
        hexadecimal(number, &mut text[22..]);
        HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static("poll"))
    }
}

fn hexadecimal(mut number: u64, digits: &mut [u8]) {
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[usize::from(number.to_le_bytes()[0] & 15)];
        number >>= 4;
    }
}

#[cfg(test)]
mod tests {
    use super::hexadecimal;

    #[test]
    fn numbers_are_written_with_all_their_digits() {
        let mut text = *b"________________";
        hexadecimal(0x0123_4567_89ab_cdef, &mut text);
        assert_eq!(&text, b"0123456789abcdef");
    }
}
