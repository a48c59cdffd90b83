//! The documents of the API and the page that shows the one of HTTP.
//!
//! Owns what every operation has in common: the ways to authenticate, the problems. The operations themselves
//! are described where they are handled. Everything is served from the binary: the page works without the internet.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::Path;
use axum::http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{self, OpenApi, RefOr};
use utoipa::{IntoParams, IntoResponses, Modify, ToSchema};
use utoipa_swagger_ui::Config;

use super::ApiError;
use crate::faults::Fault;
use crate::protocol::sockets;

/// An error as every call answers it (RFC 9457).
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(
    dead_code,
    reason = "only its description is used; protocol::Problem writes it"
)]
pub(super) struct ProblemBody {
    /// `urn:deskbell:problem:` and the code.
    #[schema(rename = "type", example = "urn:deskbell:problem:invalid")]
    kind: String,
    /// The sentence that is the same for every problem of this code.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What went wrong, for programs; never renamed.
    #[schema(example = "invalid")]
    code: String,
    /// What went wrong this time, for people.
    detail: String,
    /// Which fields are wrong.
    errors: Vec<Fault>,
    /// With `not_live`: what the widget shows.
    mode: Option<crate::protocol::wire::Mode>,
    /// With `offer_gone`: which agent has the chat, if one has.
    taken_by: Option<uuid::Uuid>,
}

/// Describes one problem among the answers of an operation.
fn problem(description: &str) -> RefOr<openapi::Response> {
    let content = openapi::ContentBuilder::new()
        .schema(Some(openapi::Ref::from_schema_name("Problem")))
        .build();
    openapi::ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content)
        .build()
        .into()
}

/// Defines groups of problems, so that an operation names a group instead of repeating it.
macro_rules! problems {
    ($($(#[$doc:meta])+ $name:ident: $($status:literal $what:literal),+;)+) => {$(
        $(#[$doc])+
        pub(super) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
                BTreeMap::from([$(($status.to_owned(), problem($what))),+])
            }
        }
    )+};
}

problems! {
    /// What every call can meet.
    Failures: "429" "`rate_limited`, with `Retry-After` and `RateLimit`",
        "500" "`internal`", "503" "`unavailable`, with `Retry-After`";
    /// What every call with a token can meet.
    Unauthorized: "401" "`unauthenticated`, `token_invalid`, `token_expired`, `session_revoked`";
    /// What a call can meet that needs more than any agent has.
    Forbidden: "403" "`forbidden`";
    /// What a visitor can meet that writes something.
    Banned: "403" "`banned`";
    /// What a call with an id in its path can meet.
    Missing: "404" "`not_found`";
    /// What a call with a body can meet.
    BadBody: "400" "`malformed_json`, `malformed_request`", "413" "`too_large`",
        "415" "`unsupported_media_type`", "422" "`invalid`, with every bad field";
    /// What an upload can meet.
    BadUpload: "400" "`malformed_request`", "413" "`file_too_large`, with `bytes_max`", "415" "`unsupported_media_type`",
        "422" "`invalid`, `file_type_mismatch` with the `media_type` found, `image_too_large` with `pixels_max`, \
            `image_unreadable`";
    /// What a call with `If-Match` can meet. Stands before `BadBody` where there is a body too.
    Stale: "400" "`malformed_request`", "412" "`precondition_failed`: changed since that version";
    /// What a call with parameters can meet.
    BadQuery: "400" "`malformed_request`", "422" "`invalid`, with every bad parameter";
}

/// The header that makes sending a creation again harmless.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(
    dead_code,
    reason = "only its description is used; extract::Creation reads it"
)]
pub(super) struct IdempotencyKey {
    /// 1 to 128 visible ASCII characters. Within 24 hours the same key with the same body gives the same
    /// answer; with another body `409 idempotency_mismatch`.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 128)]
    idempotency_key: Option<String>,
}

/// The header that makes a change depend on what the caller has seen.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(
    dead_code,
    reason = "only its description is used; conditional::IfMatch reads it"
)]
pub(super) struct IfMatch {
    /// The `ETag` of the version that is to be changed, or several of them; `*` for whichever there is. With another
    /// version there the answer is `412 precondition_failed`. Without it the last change wins.
    #[param(rename = "If-Match")]
    if_match: Option<String>,
}

/// The headers by which a part of a file is asked for, or nothing when the client has it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(
    dead_code,
    reason = "only its description is used; `files` reads the headers"
)]
pub(super) struct Opening {
    /// One range of bytes, as `bytes=0-1023`.
    #[param(rename = "Range")]
    range: Option<String>,
    /// The `ETag` that the range belongs to; of another file all is sent.
    #[param(rename = "If-Range")]
    if_range: Option<String>,
    /// The `ETag` of what the client has.
    #[param(rename = "If-None-Match")]
    if_none_match: Option<String>,
}

/// A file as it is sent.
pub(super) struct OpenedFile;

impl IntoResponses for OpenedFile {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let bytes = |description: &str| {
            let schema = openapi::ObjectBuilder::new()
                .schema_type(openapi::schema::Type::String)
                .format(Some(openapi::SchemaFormat::KnownFormat(
                    openapi::KnownFormat::Binary,
                )));
            let content = openapi::ContentBuilder::new().schema(Some(schema)).build();
            openapi::ResponseBuilder::new()
                .description(description)
                .content("*/*", content)
                .build()
        };
        let unchanged = openapi::ResponseBuilder::new().description("The client has it");
        BTreeMap::from([
            ("200".to_owned(), bytes("The file, with its `ETag`").into()),
            (
                "206".to_owned(),
                bytes("The part that `Content-Range` names").into(),
            ),
            ("304".to_owned(), unchanged.build().into()),
            ("416".to_owned(), problem("`range_not_satisfiable`")),
        ])
    }
}

/// The document without its operations, which the route table adds.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Deskbell",
        description = "A live-chat backend for many tenants. The sockets are described by /asyncapi.json; what a \
                       schema cannot say stands in docs/protocol.md."
    ),
    tags(
        (name = "log-in", description = "Tokens of agents"),
        (name = "me", description = "The agent that calls"),
        (name = "presence", description = "Who is online, and what makes them so"),
        (name = "reports", description = "What was, and what it adds up to"),
        (name = "setup", description = "Offices, agents, queues, widgets, statuses, pauses, skills, dispositions, targeting rules, \
            routing rules, bans, templates, tags, settings"),
        (name = "chats", description = "Chats, for agents"),
        (name = "files", description = "Files that are sent in messages"),
        (name = "contacts", description = "Visitors as persons, over all their chats"),
        (name = "widget", description = "What a website's widget asks before there is a visitor"),
        (name = "visitor", description = "Chats, for visitors"),
        (name = "sockets", description = "Where frames are exchanged"),
        (name = "platform", description = "Tenants, for the operator of the service"),
        (name = "service", description = "For machines that watch over this one")
    ),
    components(schemas(ProblemBody, Fault, crate::protocol::wire::Inbox)),
    modifiers(&Security)
)]
pub(super) struct Base;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut OpenApi) {
        let bearer = |format: &str, description: &str| {
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format(format)
                    .description(Some(description))
                    .build(),
            )
        };
        let components = document.components.get_or_insert_default();
        let schemes = [
            (
                "agent",
                bearer("JWT", "The access token of `POST /v1/auth/login`"),
            ),
            (
                "visitor",
                bearer("JWT", "The token of `POST /v1/widget/{key}/visitors`"),
            ),
            (
                "platform",
                bearer("key", "The platform key of the configuration"),
            ),
        ];
        for (name, scheme) in schemes {
            components.add_security_scheme(name, scheme);
        }
    }
}

/// What the page may load: its own files, and styles that its scripts write.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

/// The routes of the documents and the page. Each document is written once.
pub(super) fn routes(document: &OpenApi) -> axum::Router<super::AppState> {
    let calls = Bytes::from(document.to_json().unwrap_or_else(|_| "{}".to_owned()));
    let frames = Bytes::from(sockets::document().to_string());
    let config = Arc::new(Config::from("/openapi.json"));
    let file = move |path: String| {
        let config = Arc::clone(&config);
        async move { page_file(&path, config) }
    };
    let index = file.clone();
    axum::Router::new()
        .route(
            "/openapi.json",
            get(async move || ([(CONTENT_TYPE, "application/json")], calls)),
        )
        .route(
            "/asyncapi.json",
            get(async move || ([(CONTENT_TYPE, "application/json")], frames)),
        )
        .route("/docs", get(async || Redirect::permanent("/docs/")))
        .route("/docs/", get(move || index("index.html".to_owned())))
        .route(
            "/docs/{*path}",
            get(move |Path(path): Path<String>| file(path)),
        )
}

/// One file of the page.
fn page_file(path: &str, config: Arc<Config<'static>>) -> Result<Response, ApiError> {
    let file = match utoipa_swagger_ui::serve(path, config) {
        Ok(Some(file)) => file,
        Ok(None) => return Err(ApiError::not_found()),
        Err(error) => {
            tracing::error!(%error, "the page of the document cannot be made");
            return Err(ApiError::internal());
        }
    };
    let mut response = file.bytes.into_owned().into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, PAGE_POLICY);
    if let Ok(content_type) = HeaderValue::from_str(&file.content_type) {
        headers.insert(CONTENT_TYPE, content_type);
    }
    if file.gzpipped {
        // Every browser that the page runs in reads gzip; there is no other form of the file to choose.
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_inside_the_binary() {
        let file = |path| page_file(path, Arc::new(Config::from("/openapi.json")));

        let index = file("index.html").unwrap();
        assert_eq!(index.headers()[CONTENT_SECURITY_POLICY], PAGE_POLICY);
        for path in [
            "swagger-ui.css",
            "swagger-ui-bundle.js",
            "swagger-initializer.js",
        ] {
            assert!(file(path).is_ok(), "{path}");
        }
        assert!(file("../Cargo.toml").is_err());
    }
}
