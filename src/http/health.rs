//! Whether the process lives, whether it should get traffic, and its metrics.
//!
//! Owns the three addresses that machines look at. Must not show anything of a tenant.

use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::{ApiError, AppState};
use crate::protocol::{ErrorCode, Problem};

/// The exposition format of Prometheus.
const PROMETHEUS_TEXT: HeaderValue =
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Something that must hold before traffic is sent here.
type Check = Box<dyn Fn() -> bool + Send + Sync>;

/// What must hold before traffic is sent here, beside that the database answers. `app` puts it together, so
/// that who holds a flag need not know who reads it.
#[derive(Default)]
pub struct Readiness {
    checks: Vec<(&'static str, Check)>,
}

impl Readiness {
    /// Adds a check, which must not block: a flag that somebody else keeps.
    #[must_use]
    pub fn with(
        mut self,
        name: &'static str,
        check: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        self.checks.push((name, Box::new(check)));
        self
    }

    fn results(&self) -> impl Iterator<Item = (&'static str, bool)> + '_ {
        self.checks.iter().map(|(name, check)| (*name, check()))
    }
}

/// The process lives.
#[utoipa::path(
    get, path = "/healthz", tag = "service",
    responses((status = 200, description = "The process lives", body = Value))
)]
pub(super) async fn alive() -> Response {
    axum::Json(json!({"status": "alive"})).into_response()
}

/// Traffic may be sent here.
#[utoipa::path(
    get, path = "/readyz", tag = "service",
    responses(
        (status = 200, description = "Ready", body = Value),
        (status = 503, description = "Not ready; `checks` says why", body = super::docs::ProblemBody,
            content_type = "application/problem+json")
    )
)]
pub(super) async fn ready(State(app): State<AppState>) -> Result<Response, ApiError> {
    let database = app.store.ping().await.is_ok();
    let results = app.readiness.results().chain([("database", database)]);
    let checks: Map<String, Value> = results
        .map(|(name, holds)| (name.to_owned(), holds.into()))
        .collect();
    if checks.values().all(|holds| *holds == Value::Bool(true)) {
        return Ok(axum::Json(json!({"status": "ready", "checks": checks})).into_response());
    }
    let problem = Problem::new(ErrorCode::Unavailable, "not ready for traffic");
    Err(problem.with("checks", checks.into()).into())
}

/// Counters and histograms for Prometheus.
#[utoipa::path(
    get, path = "/metrics", tag = "service",
    responses(
        (status = 200, description = "Metrics", body = String, content_type = "text/plain"),
        super::docs::Missing
    )
)]
pub(super) async fn metrics(State(app): State<AppState>) -> Result<Response, ApiError> {
    let handle = app.metrics.as_ref().ok_or_else(ApiError::not_found)?;
    Ok(([(CONTENT_TYPE, PROMETHEUS_TEXT)], handle.render()).into_response())
}
