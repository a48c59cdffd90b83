//! Errors over HTTP: the only place where one becomes an answer.
//!
//! Owns the status, the headers and the body of everything that goes wrong, in `application/problem+json`. Must not
//! tell anything internal: what only people of the service should know is logged here, once, and the client
//! gets the request id.

use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::auth::{PasswordError, TokenError};
use crate::faults::{FaultCode, Faults};
use crate::protocol::{ErrorCode, Problem};
use crate::realtime::CallError;
use crate::store::{self, Constraint};

/// The media type of every error.
pub(super) const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// After how long a caller may come again when nothing better is known.
const LATER_S: u32 = 1;

/// A request that failed.
#[derive(Debug)]
pub struct ApiError {
    problem: Problem,
    /// Headers beside those that follow from the code; boxed because most errors have none.
    headers: Option<Box<HeaderMap>>,
}

impl ApiError {
    /// Makes an error of a code with a sentence for people.
    #[must_use]
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Problem::new(code, detail).into()
    }

    /// There is no such thing, or it is another tenant's, which is the same.
    #[must_use]
    pub fn not_found() -> Self {
        Problem::not_found().into()
    }

    /// One field is wrong.
    #[must_use]
    pub fn field(pointer: &str, code: FaultCode, detail: &str) -> Self {
        Faults::one(pointer, code, detail).into()
    }

    /// The service cannot answer now.
    #[must_use]
    pub fn unavailable(retry_after_s: u32) -> Self {
        Self::new(ErrorCode::Unavailable, "try again in a moment")
            .with_header(RETRY_AFTER, HeaderValue::from(retry_after_s))
    }

    /// The service has failed. The caller has logged why.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(ErrorCode::Internal, "the request id helps to find out why")
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.get_or_insert_default().insert(name, value);
        self
    }

    /// The body that it becomes.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            headers: None,
        }
    }
}

impl From<Faults> for ApiError {
    fn from(faults: Faults) -> Self {
        Problem::from(faults).into()
    }
}

impl From<CallError> for ApiError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused(refusal) => Problem::from(refusal).into(),
            CallError::IdempotencyMismatch => idempotency_mismatch(),
            CallError::UnknownTenant => Self::not_found(),
            CallError::Unavailable { retry_after_s } => Self::unavailable(retry_after_s),
        }
    }
}

/// The key came before with another body.
pub(super) fn idempotency_mismatch() -> ApiError {
    ApiError::new(
        ErrorCode::IdempotencyMismatch,
        "the key came before with another body",
    )
}

impl From<store::Error> for ApiError {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Conflict(Constraint::TenantSlug) => {
                Self::new(ErrorCode::SlugTaken, "another tenant has this slug")
            }
            store::Error::Conflict(Constraint::AgentEmail) => Self::new(
                ErrorCode::EmailTaken,
                "another agent logs in with this address",
            ),
            store::Error::Conflict(Constraint::MessageSentOnce) => Self::new(
                ErrorCode::MessageIdTaken,
                "the chat has a message of this id",
            ),
            store::Error::Conflict(Constraint::TemplateShortcut) => Self::new(
                ErrorCode::ShortcutTaken,
                "another template has this shortcut",
            ),
            store::Error::Conflict(Constraint::TagName) => {
                Self::new(ErrorCode::NameTaken, "another tag has this name")
            }
            // The same request is under way on another connection; its answer is there in a moment.
            store::Error::Conflict(Constraint::IdempotencyKey) => Self::unavailable(LATER_S),
            store::Error::Unavailable(_) | store::Error::TimedOut => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the database is away"
                );
                Self::unavailable(LATER_S)
            }
            store::Error::Conflict(Constraint::Other)
            | store::Error::Inconsistency { .. }
            | store::Error::Query(_) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the database failed"
                );
                Self::internal()
            }
        }
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Self::new(ErrorCode::TokenInvalid, "the token is not valid"),
            TokenError::Expired => Self::new(ErrorCode::TokenExpired, "the token has expired"),
        }
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy | PasswordError::CutOff => Self::unavailable(LATER_S),
            PasswordError::Hash(_) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a hash is unreadable"
                );
                Self::internal()
            }
        }
    }
}

/// What RFC 9110 and RFC 6750 ask of every 401: how to do better.
fn challenge(code: ErrorCode) -> HeaderValue {
    match code {
        ErrorCode::TokenInvalid | ErrorCode::TokenExpired | ErrorCode::SessionRevoked => {
            HeaderValue::from_static(r#"Bearer realm="deskbell", error="invalid_token""#)
        }
        _ => HeaderValue::from_static(r#"Bearer realm="deskbell""#),
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let code = self.problem.code;
        let status =
            StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, self.problem.to_json()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, PROBLEM_JSON);
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, challenge(code));
        }
        if let Some(more) = self.headers {
            headers.extend(*more);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Mode;
    use crate::engine::Refusal;

    #[test]
    fn every_answer_that_failed_is_a_problem() {
        let refused = CallError::Refused(Refusal::NotLive { mode: Mode::Hidden });
        let response = ApiError::from(refused).into_response();

        assert_eq!(response.status(), StatusCode::CONFLICT);
        assert_eq!(response.headers()[CONTENT_TYPE], PROBLEM_JSON);
    }

    #[test]
    fn who_must_wait_is_told_how_long_and_who_must_log_in_is_told_how() {
        let response = ApiError::from(CallError::Unavailable { retry_after_s: 7 }).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[RETRY_AFTER], "7");

        let response = ApiError::from(TokenError::Expired).into_response();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert!(
            response.headers()[WWW_AUTHENTICATE]
                .to_str()
                .unwrap()
                .contains("invalid_token")
        );
    }
}
