//! The upgrade of the two sockets; what is said on them is `realtime`'s.
//!
//! Owns who is admitted: at a bounded rate, up to a bounded number, from pages that may. A bad token is answered
//! before the upgrade when it came with it; a page sends its token in the first frame.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{FromRequestParts, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use deserr::Deserr;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use uuid::Uuid;

use super::address::{ClientAddress, ClientCountry};
use super::docs::{BadQuery, Failures, ProblemBody, Unauthorized};
use super::extract::Query;
use super::origin::PageOrigin;
use super::principal::{AgentPrincipal, VisitorPrincipal, bearer};
use super::{ApiError, AppState};
use crate::config::{Config, Socket};
use crate::domain::Source;
use crate::faults::Faults;
use crate::protocol::control::SUB_PROTOCOL;
use crate::protocol::{Audience, ErrorCode};
use crate::realtime::{Opening, SocketContext, serve};
use crate::telemetry::names;

/// How many seconds a client that was not admitted waits before it tries again.
const RETRY_AFTER_S: u32 = 2;

/// The door of the sockets.
pub struct Sockets {
    context: Arc<SocketContext>,
    settings: Socket,
    handshakes: Option<DefaultDirectRateLimiter>,
}

impl Sockets {
    /// A door for sockets that are served in this context.
    #[must_use]
    pub fn new(context: Arc<SocketContext>, config: &Config) -> Self {
        let rate = NonZeroU32::new(config.socket.handshakes_per_second_max);
        Self {
            context,
            settings: config.socket.clone(),
            handshakes: rate.map(|rate| RateLimiter::direct(Quota::per_second(rate))),
        }
    }

    fn admit(&self) -> Result<(), ApiError> {
        let refused = |reason: &'static str| {
            metrics::counter!(names::HANDSHAKES_REFUSED, "reason" => reason).increment(1);
            Err(ApiError::unavailable(RETRY_AFTER_S))
        };
        if self
            .handshakes
            .as_ref()
            .is_some_and(|rate| rate.check().is_err())
        {
            return refused("rate");
        }
        if self.context.open.load(Ordering::Relaxed) >= self.settings.connections_max {
            return refused("connections");
        }
        Ok(())
    }

    fn upgrade(&self, upgrade: WebSocketUpgrade, opening: Opening) -> Response {
        let context = Arc::clone(&self.context);
        // The library's defaults are 128 KiB of buffer a connection and messages of 64 MiB.
        upgrade
            .protocols([SUB_PROTOCOL])
            .read_buffer_size(self.settings.read_buffer_bytes)
            .write_buffer_size(0)
            .max_write_buffer_size(
                self.settings.send_queue_bytes_max + self.settings.frame_bytes_max,
            )
            .max_message_size(self.settings.frame_bytes_max)
            .max_frame_size(self.settings.frame_bytes_max)
            .on_upgrade(move |socket| serve(context, socket, opening))
    }
}

/// Where a client that authenticates by header goes on.
#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
pub(super) struct ResumeQuery {
    #[deserr(default)]
    history_id: Option<String>,
    #[deserr(default)]
    after: Option<String>,
}

impl ResumeQuery {
    /// Both or nothing; a history that is no id is another one's. Parameters are texts, numbers too.
    fn resume(&self) -> Option<(Uuid, i64)> {
        let history_id = self.history_id.as_deref()?.parse().ok()?;
        Some((history_id, self.after.as_deref()?.parse().ok()?))
    }
}

/// The agents' socket. Authenticates by `Authorization`, or by the first frame.
#[utoipa::path(
    get, path = "/v1/agent/ws", operation_id = "open_agent_socket", tag = "sockets",
    params(
        ("history_id" = Option<Uuid>, Query, description = "Where to resume, with `after`"),
        ("after" = Option<i64>, Query, description = "The number of the last event that the client has")
    ),
    responses(
        (status = 101, description = "Frames as `docs/protocol.md` says"),
        (status = 403, description = "`origin_not_allowed`", body = ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, BadQuery, Failures
    )
)]
pub(super) async fn open_agent_socket(
    State(app): State<AppState>,
    page: PageOrigin,
    ClientAddress(address): ClientAddress,
    country: ClientCountry,
    Query(query): Query<ResumeQuery>,
    token: HeaderToken<AgentPrincipal>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|_| no_upgrade())?;
    app.sockets.admit()?;
    check_page(&app, &page, token.origin.as_deref())?;
    let opening = Opening {
        audience: Audience::Agent,
        source: Source::new(address),
        country: country.0,
        token: token.text,
        resume: query.resume(),
        may_embed: Box::new(|_| true),
        may_start: Box::new(|_| false),
    };
    Ok(app.sockets.upgrade(upgrade, opening))
}

/// The visitors' socket. Authenticates by `Authorization`, or by the first frame.
#[utoipa::path(
    get, path = "/v1/visitor/ws", operation_id = "open_visitor_socket", tag = "sockets",
    params(
        ("history_id" = Option<Uuid>, Query, description = "Where to resume, with `after`"),
        ("after" = Option<i64>, Query, description = "The number of the last event that the client has")
    ),
    responses(
        (status = 101, description = "Frames as `docs/protocol.md` says"),
        Unauthorized, BadQuery, Failures
    )
)]
pub(super) async fn open_visitor_socket(
    State(app): State<AppState>,
    page: PageOrigin,
    ClientAddress(address): ClientAddress,
    country: ClientCountry,
    Query(query): Query<ResumeQuery>,
    token: HeaderToken<VisitorPrincipal>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|_| no_upgrade())?;
    app.sockets.admit()?;
    let limits = app.clone();
    let opening = Opening {
        audience: Audience::Visitor,
        source: Source::new(address),
        country: country.0,
        token: token.text,
        resume: query.resume(),
        may_embed: Box::new(move |widget| page.may_embed(widget)),
        may_start: Box::new(move |visitor| limits.limiter.chat_start(visitor.0).is_ok()),
    };

    Ok(app.sockets.upgrade(upgrade, opening))
}

/// What is told to who opens a socket's address without the headers of a WebSocket.
fn no_upgrade() -> ApiError {
    ApiError::new(
        ErrorCode::MalformedRequest,
        "this address is for WebSockets",
    )
}

/// The agents' socket is for the server's own pages and those that the configuration names.
fn check_page(app: &AppState, page: &PageOrigin, origin: Option<&str>) -> Result<(), ApiError> {
    let named = |origin: &str| {
        app.config
            .http
            .allowed_origins
            .iter()
            .any(|allowed| allowed.as_str() == origin)
    };
    if *page == PageOrigin::Own || origin.is_some_and(named) {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::OriginNotAllowed,
        "this page may not use the agents' socket",
    ))
}

/// The token of the header, checked before the upgrade; nothing when there is none.
pub(super) struct HeaderToken<P> {
    text: Option<String>,
    origin: Option<String>,
    principal: std::marker::PhantomData<P>,
}

impl<P> FromRequestParts<AppState> for HeaderToken<P>
where
    P: FromRequestParts<AppState, Rejection = ApiError> + Send,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let text = if parts
            .headers
            .contains_key(axum::http::header::AUTHORIZATION)
        {
            P::from_request_parts(parts, app).await?;
            Some(bearer(&parts.headers)?.to_owned())
        } else {
            None
        };
        Ok(Self {
            text,
            origin: origin(&parts.headers),
            principal: std::marker::PhantomData,
        })
    }
}

fn origin(headers: &HeaderMap) -> Option<String> {
    let origin = headers.get(axum::http::header::ORIGIN)?.to_str().ok()?;
    Some(origin.to_ascii_lowercase())
}
