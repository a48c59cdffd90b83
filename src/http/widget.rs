//! What a website's widget asks before there is a visitor, and how one begins.
//!
//! Polls of availability are the busiest call of all: they are answered from memory, without a lock, and mostly by 304.

use axum::Json as Body;
use axum::extract::{FromRequestParts, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

use super::address::ClientAddress;
use super::docs::{BadBody, Failures, Missing};
use super::extract::{Id, Json};
use super::identity_secrets::identify;
use super::origin::PageOrigin;
use super::{ApiError, AppState};
use crate::auth::{IdentityToken, VisitorClaims, is_identified, visitor_of};
use crate::domain::{Name, Note, Timestamp, VisitorId, Vouched, message_form};
use crate::faults::{FaultCode, Faults};
use crate::protocol::request::VisitorSession;
use crate::protocol::wire;
use crate::realtime::WidgetEntry;

/// Long enough for a shared cache to take the load of a busy page, short enough for nobody to notice.
pub(super) const POLL_CACHE: HeaderValue = HeaderValue::from_static("public, max-age=1");
/// How a widget looks changes rarely.
const CONFIG_CACHE: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// The widget whose key is in the path.
pub(super) struct OnBoard(pub Arc<WidgetEntry>);

impl FromRequestParts<AppState> for OnBoard {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let Id(key) = Id::<String>::from_request_parts(parts, app).await?;
        app.board
            .find(&key)
            .map(Self)
            .ok_or_else(ApiError::not_found)
    }
}

/// Whether the client has this answer already (RFC 9110, section 13.1.2).
pub(super) fn has_it(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// What the widget shows.
#[utoipa::path(
    get, path = "/v1/widget/{key}/availability", operation_id = "find_availability", tag = "widget",
    params(("key" = String, Path), ("if-none-match" = Option<String>, Header, description = "The `ETag` of the last answer")),
    responses(
        (status = 200, description = "What the widget shows", body = wire::Availability,
            headers(("ETag" = String), ("Cache-Control" = String))),
        (status = 304, description = "As before"),
        Missing, Failures
    )
)]
pub(super) async fn find_availability(
    State(app): State<AppState>,
    address: ClientAddress,
    OnBoard(entry): OnBoard,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    app.limiter.poll(address.key())?;
    let ready = entry.ready();
    let etag = HeaderValue::from_str(&ready.etag).unwrap_or(HeaderValue::from_static("\"\""));
    let caching = [(CACHE_CONTROL, POLL_CACHE), (ETAG, etag)];
    if has_it(&headers, &ready.etag) {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    let content_type = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    Ok((caching, content_type, ready.body.clone()).into_response())
}

/// How the widget looks and what it asks for.
#[derive(Serialize, ToSchema)]
pub(super) struct WidgetConfig {
    /// The widget's name.
    #[schema(value_type = String)]
    name: Name,
    /// Its offices in their order.
    offices: Vec<OfficeName>,
    /// The form while somebody is there.
    live: LiveForm,
    /// The form while nobody is.
    messenger: MessengerForm,
}

/// An office that the widget reaches. What it shows is the poll's to say: this answer is cached for longer.
#[derive(Serialize, ToSchema)]
pub(super) struct OfficeName {
    /// Its id.
    id: uuid::Uuid,
    /// What visitors read.
    #[schema(value_type = String)]
    name: Name,
}

/// The form that starts a chat.
#[derive(Serialize, ToSchema)]
pub(super) struct LiveForm {
    /// What is asked.
    fields: Vec<wire::FormField>,
}

/// The form that leaves a message.
#[derive(Serialize, ToSchema)]
pub(super) struct MessengerForm {
    /// What stands above it.
    #[schema(value_type = String)]
    text: Note,
    /// What is asked.
    fields: Vec<wire::FormField>,
}

/// How the widget looks and what it asks for.
#[utoipa::path(
    get, path = "/v1/widget/{key}/config", operation_id = "find_widget_config", tag = "widget",
    params(("key" = String, Path)),
    responses((status = 200, description = "The widget's settings", body = WidgetConfig), Missing, Failures)
)]
pub(super) async fn find_widget_config(OnBoard(entry): OnBoard) -> Response {
    let ready = entry.ready();
    let offices = ready.offices.iter();
    let config = WidgetConfig {
        name: entry.widget.name.clone(),
        offices: offices
            .map(|office| OfficeName {
                id: office.shown.office_id.0,
                name: office.name.clone(),
            })
            .collect(),
        live: LiveForm {
            fields: entry.widget.form.iter().map(Into::into).collect(),
        },
        messenger: MessengerForm {
            text: entry.widget.messenger_text.clone(),
            fields: message_form(&entry.widget.form)
                .iter()
                .map(Into::into)
                .collect(),
        },
    };
    ([(CACHE_CONTROL, CONFIG_CACHE)], Body(config)).into_response()
}

/// A visitor's token.
#[derive(Serialize, ToSchema)]
pub(super) struct VisitorToken {
    /// The visitor.
    visitor_id: uuid::Uuid,
    /// For `Authorization: Bearer` and for the socket.
    token: String,
    /// When it ends unless it is renewed.
    expires_at: wire::Time,
}

/// Begins a visitor, or renews its token. With an identity token it is the same visitor in every browser.
///
/// Takes no `Idempotency-Key`: nobody calls yet whose key it could be, so whoever sent the same one would be given the token of
/// another. A request whose answer was lost is sent again and leaves nothing behind: of a visitor nothing is kept before it
/// starts a chat or leaves a message.
#[utoipa::path(
    post, path = "/v1/widget/{key}/visitors", operation_id = "create_visitor", tag = "widget",
    params(("key" = String, Path)),
    request_body = VisitorSession,
    responses(
        (status = 201, description = "The token", body = VisitorToken),
        (status = 401, description = "The earlier token: `token_invalid`, `token_expired`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "`origin_not_allowed`", body = super::docs::ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`no_identity_secret`", body = super::docs::ProblemBody,
            content_type = "application/problem+json"),
        Missing, BadBody, Failures
    )
)]
pub(super) async fn create_visitor(
    State(app): State<AppState>,
    address: ClientAddress,
    OnBoard(entry): OnBoard,
    origin: PageOrigin,
    Json(request): Json<VisitorSession>,
) -> Result<(StatusCode, Body<VisitorToken>), ApiError> {
    origin.check(&entry.widget)?;
    app.limiter.visitor(address.key())?;
    let now = app.now();
    let (visitor_id, vouched) = match (&request.token, &request.identity_token) {
        (token, Some(identity)) => {
            let identity = readable(token.as_deref(), identity)?;
            let claims = identify(&app, entry.tenant_id, identity, now).await?;
            (visitor_of(entry.tenant_id, &claims.subject), claims.vouched)
        }
        (Some(token), None) => (
            earlier_visitor(&app, &entry, token, now)?,
            Vouched::default(),
        ),
        (None, None) => (VisitorId(app.random.uuid_v7(now)), Vouched::default()),
    };
    let claims = VisitorClaims {
        tenant_id: entry.tenant_id,
        visitor_id,
        widget_id: entry.widget.id,
        vouched,
        expires_at: now + super::auth::days(app.config.auth.visitor_token_days),
    };
    let token = app.tokens.issue_visitor(&claims, now);
    let expires_at = claims.expires_at.into();
    Ok((
        StatusCode::CREATED,
        Body(VisitorToken {
            visitor_id: visitor_id.0,
            token,
            expires_at,
        }),
    ))
}

/// An identity token that came alone, and of which the form is good.
fn readable<'t>(token: Option<&str>, identity: &'t str) -> Result<IdentityToken<'t>, Faults> {
    let mut faults = Faults::default();
    if token.is_some() {
        let detail = "the identity_token says who the visitor is; send one of the two";
        faults.extend(Faults::one("/token", FaultCode::Duplicate, detail));
    }
    match IdentityToken::read(identity) {
        Ok(identity) => faults.or(identity),
        Err(more) => {
            faults.extend(more);
            Err(faults)
        }
    }
}

/// The visitor of an earlier token. It is bound to its widget: another one, even of the same tenant, has visitors
/// of its own. Whoever has an identity shows it again: a token that renewed itself would outlive the secret, and the
/// person's log-out.
fn earlier_visitor(
    app: &AppState,
    entry: &WidgetEntry,
    token: &str,
    now: Timestamp,
) -> Result<VisitorId, ApiError> {
    let claims = app.tokens.verify_visitor(token, now)?;
    if claims.tenant_id != entry.tenant_id || claims.widget_id != entry.widget.id {
        return Err(crate::auth::TokenError::Invalid.into());
    }
    if is_identified(claims.visitor_id) {
        let detail = "this visitor has an identity, which its token is renewed with";
        return Err(ApiError::field(
            "/identity_token",
            FaultCode::Required,
            detail,
        ));
    }
    Ok(claims.visitor_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_not_sent_twice() {
        let has = |value: &str| {
            let headers = HeaderMap::from_iter([(IF_NONE_MATCH, value.parse().unwrap())]);
            has_it(&headers, "\"abc\"")
        };

        for tag in ["\"abc\"", "W/\"abc\"", "*", "\"x\", \"abc\""] {
            assert!(has(tag), "{tag}");
        }
        for tag in ["\"x\"", "abc", ""] {
            assert!(!has(tag), "{tag}");
        }
        assert!(!has_it(&HeaderMap::new(), "\"abc\""));
    }
}
