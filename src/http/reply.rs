//! Answers of the engine over HTTP.
//!
//! Owns the status of what went well, `Location`, and the `ETag` of a body that has a `version`. The body is
//! `protocol`'s; the first answer to an idempotency key is given again as it was stored.

use axum::Json;
use axum::http::header::{ETAG, HeaderValue, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::conditional::etag;
use crate::domain::FileId;
use crate::protocol::{Audience, FileLinks, answer};
use crate::realtime::Answer;

/// For what has no files. If it had, their addresses would need a token.
struct Unsigned;

impl FileLinks for Unsigned {
    fn link_to(&self, file_id: FileId) -> String {
        format!("/v1/files/{file_id}")
    }
}

/// The body of an answer.
fn body(answer: Answer, audience: Audience, links: &dyn FileLinks) -> Value {
    match answer {
        Answer::Fresh(reply) | Answer::Repeated(reply) => answer::body(&reply, audience, links),
        Answer::Remembered(body) => body,
    }
}

/// The headers of one thing: its tag, if it has a version.
fn headers_of(body: &Value) -> HeaderMap {
    let version = body.get("version").and_then(Value::as_i64);
    version
        .map(|version| (ETAG, etag(version)))
        .into_iter()
        .collect()
}

/// The thing as it is now.
pub(super) fn ok(answer: Answer, audience: Audience) -> Response {
    let body = body(answer, audience, &Unsigned);
    (headers_of(&body), Json(body)).into_response()
}

/// Something new; `folder` is where it is found by its id.
pub(super) fn created(answer: Answer, audience: Audience, folder: &str) -> Response {
    created_body(body(answer, audience, &Unsigned), folder)
}

/// The same for what no engine made.
pub(super) fn created_body(body: Value, folder: &str) -> Response {
    let mut headers = headers_of(&body);
    let id = body.get("id").and_then(Value::as_str).unwrap_or_default();
    if let Ok(location) = HeaderValue::from_str(&format!("{folder}/{id}")) {
        headers.insert(LOCATION, location);
    }
    (StatusCode::CREATED, headers, Json(body)).into_response()
}

/// A message: new, or sent before.
pub(super) fn message(answer: Answer, audience: Audience, links: &dyn FileLinks) -> Response {
    let status = match answer {
        Answer::Repeated(_) => StatusCode::OK,
        Answer::Fresh(_) | Answer::Remembered(_) => StatusCode::CREATED,
    };
    (status, Json(body(answer, audience, links))).into_response()
}

/// A message as it is after a change.
pub(super) fn changed(answer: Answer, audience: Audience, links: &dyn FileLinks) -> Response {
    Json(body(answer, audience, links)).into_response()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_that_is_given_again_has_the_status_and_the_place_of_the_first() {
        let first = json!({"id": "01890000-0000-7000-8000-000000000001"});

        let again = created(Answer::Remembered(first), Audience::Agent, "/v1/offices");

        assert_eq!(again.status(), StatusCode::CREATED);
        assert_eq!(
            again.headers()[LOCATION],
            "/v1/offices/01890000-0000-7000-8000-000000000001"
        );
        assert!(!again.headers().contains_key(ETAG));
    }

    #[test]
    fn what_has_a_version_has_a_tag() {
        let first = json!({"id": "01890000-0000-7000-8000-000000000001", "version": 3});

        let made = created(
            Answer::Remembered(first.clone()),
            Audience::Agent,
            "/v1/offices",
        );
        let shown = ok(Answer::Remembered(first), Audience::Agent);

        assert_eq!(made.headers()[ETAG], "\"3\"");
        assert_eq!(shown.headers()[ETAG], "\"3\"");
    }
}
