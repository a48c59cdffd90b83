//! Files (CHAT-5): uploading them, and opening them again.
//!
//! Owns who may open a file: whoever has uploaded it, whoever may read the chat with the message that has it, and who
//! has an address that this server has signed. How a file is taken in, kept and sent is in the files beside this one.

mod keep;
mod multipart;
mod range;
mod receive;
mod show;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use deserr::Deserr;
use utoipa::{IntoParams, ToSchema};

use super::docs::{
    BadQuery, BadUpload, Banned, Failures, Forbidden, Missing, OpenedFile, Opening, Unauthorized,
};
use super::extract::{Id, Query, digest, idempotency_key};
use super::principal::{AnswerChats, Permitted, ReadOwnChats};
use super::visitor::refuse_banned;
use super::{ApiError, AppState, VisitorPrincipal, reply};
use crate::auth::{FileLink, LinkSignature, TokenError};
use crate::domain::{FileId, Millis, Permission, TenantId, Timestamp, Upload, Uploader};
use crate::faults::Faults;
use crate::files;
use crate::protocol::{ErrorCode, FileLinks as _, wire};
use crate::realtime::IdempotencyKey;
use crate::store::TenantTx;

use show::{By, show};

pub(super) use receive::file_too_large;

/// The form of an upload.
#[derive(ToSchema)]
#[schema(as = UploadForm)]
#[expect(
    dead_code,
    reason = "only its description is used; `receive` reads the form"
)]
struct UploadForm {
    /// The file, with its name.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// What an address that opens a file says beside its path.
#[derive(Clone, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LinkQuery {
    /// Whose file it is.
    #[param(value_type = Uuid)]
    pub tenant_id: TenantId,
    /// Until when the address opens it, in seconds since 1970.
    #[param(value_type = i64)]
    pub expires: Seconds,
    /// Which key has signed it.
    pub key: String,
    /// The signature.
    pub signature: String,
}

/// Seconds since 1970, written as digits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seconds(i64);

impl std::str::FromStr for Seconds {
    type Err = crate::domain::Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let seconds = text.parse().ok().filter(|seconds| *seconds >= 0);
        seconds
            .map(Self)
            .ok_or(crate::domain::Invalid::BadFormat("a number of seconds"))
    }
}

crate::faults::read_from_text! { Seconds }

/// A failure of the place where files are kept, as an answer.
fn failed(error: files::Error) -> ApiError {
    match error {
        files::Error::Gone => {
            tracing::error!("the bytes of a file are gone");
            ApiError::internal()
        }
        error => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the place of files fails"
            );
            ApiError::unavailable(1)
        }
    }
}

/// Takes an upload in and keeps it.
async fn upload(
    app: &AppState,
    tenant_id: TenantId,
    uploader: Uploader,
    request: Request,
) -> Result<Response, ApiError> {
    let (folder, uploader_id, principal) = match uploader {
        Uploader::Agent(id) => ("/v1/files", id.0, format!("agent:{id}")),
        Uploader::Visitor(id) => ("/v1/visitor/files", id.0, format!("visitor:{id}")),
    };
    app.limiter.upload(uploader_id)?;
    let Ok(_permit) = app.uploads.try_acquire() else {
        return Err(ApiError::unavailable(1));
    };
    let (parts, body) = request.into_parts();
    let key = idempotency_key(&parts.headers)?;
    let received = receive::receive(app, &parts.headers, body).await?;
    let once = key.map(|key| {
        let hash = digest(&parts.method, &parts.uri, &received.fingerprint());
        IdempotencyKey {
            principal,
            key,
            body_hash: app.tokens.fingerprint(&hash),
        }
    });
    let keeping = keep::keep(app.clone(), tenant_id, uploader, received, once);
    let mut answer = app.finish("upload", keeping).await?;
    // One that is given again gets an address of its own: that of the first may have expired.
    let id = answer["id"].as_str().and_then(|id| id.parse().ok());
    if let Some(id) = id {
        answer["url"] = app.hub.links().of(tenant_id).link_to(id).into();
    }
    Ok(reply::created_body(answer, folder))
}

/// Uploads a file, to be sent in a message.
#[utoipa::path(
    post, path = "/v1/files", operation_id = "upload_file", tag = "files", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "What was uploaded", body = wire::UploadedFile,
            headers(("Location" = String, description = "Where it is found"))),
        (status = 409, description = "`limit_reached`, `storage_full`, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadUpload, Failures
    )
)]
pub(super) async fn upload_file(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    request: Request,
) -> Result<Response, ApiError> {
    let uploader = Uploader::Agent(agent.agent_id);
    upload(&app, agent.tenant_id, uploader, request).await
}

/// Uploads a file of the visitor, to be sent in a message.
#[utoipa::path(
    post, path = "/v1/visitor/files", operation_id = "upload_own_file", tag = "files",
    security(("visitor" = [])), params(super::docs::IdempotencyKey),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "What was uploaded", body = wire::UploadedFile,
            headers(("Location" = String, description = "Where it is found"))),
        (status = 409, description = "`limit_reached`, `storage_full`, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Banned, BadUpload, Failures
    )
)]
pub(super) async fn upload_own_file(
    State(app): State<AppState>,
    visitor: VisitorPrincipal,
    request: Request,
) -> Result<Response, ApiError> {
    refuse_banned(&app, visitor).await?;
    let uploader = Uploader::Visitor(visitor.visitor_id);
    upload(&app, visitor.tenant_id, uploader, request).await
}

/// A file that the agent may open; any other is as unknown as one that never was.
async fn readable_file(
    tx: &mut TenantTx,
    agent: &Permitted<ReadOwnChats>,
    file_id: FileId,
) -> Result<Upload, ApiError> {
    let file = tx.find_file(file_id).await?;
    let file = file.ok_or_else(ApiError::not_found)?;
    let own = file.uploader == Uploader::Agent(agent.agent_id);
    let readable = match file.chat_id {
        Some(chat_id) if !own && !agent.may(Permission::ReadAllChats) => {
            tx.can_read_chat(agent.agent_id, chat_id).await?
        }
        Some(_) => true,
        None => own,
    };
    Some(file)
        .filter(|_| readable)
        .ok_or_else(ApiError::not_found)
}

/// Opens a file that the agent has uploaded, or that is in a chat which it may read.
#[utoipa::path(
    get, path = "/v1/files/{file_id}", operation_id = "find_file", tag = "files",
    security(("agent" = [])), params(("file_id" = Uuid, Path), Opening),
    responses(OpenedFile, Unauthorized, Missing, Failures)
)]
pub(super) async fn find_file(
    State(app): State<AppState>,
    agent: Permitted<ReadOwnChats>,
    Id(file_id): Id<FileId>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let file = readable_file(&mut tx, &agent, file_id).await?;
    // The bytes come from elsewhere and take their time; the connection is for others meanwhile.
    drop(tx);
    show(&app, agent.tenant_id, &file, By::Token, &headers).await
}

/// Opens a file that the visitor has uploaded, or that is in one of its chats.
#[utoipa::path(
    get, path = "/v1/visitor/files/{file_id}", operation_id = "find_own_file", tag = "files",
    security(("visitor" = [])), params(("file_id" = Uuid, Path), Opening),
    responses(OpenedFile, Unauthorized, Missing, Failures)
)]
pub(super) async fn find_own_file(
    State(app): State<AppState>,
    visitor: VisitorPrincipal,
    Id(file_id): Id<FileId>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let mut tx = app.store.tenant(visitor.tenant_id).await?;
    let file = tx.find_file(file_id).await?;
    let file = file.ok_or_else(ApiError::not_found)?;
    let own = file.uploader == Uploader::Visitor(visitor.visitor_id);
    let readable = match file.chat_id {
        Some(chat_id) if !own => {
            let chat = tx.find_chat(chat_id).await?;
            chat.is_some_and(|chat| chat.visitor_id == visitor.visitor_id)
        }
        Some(_) => true,
        None => own,
    };
    drop(tx);
    if !readable {
        return Err(ApiError::not_found());
    }
    show(&app, visitor.tenant_id, &file, By::Token, &headers).await
}

/// Opens a file by an address that this server has signed, as an image of a page does.
#[utoipa::path(
    get, path = "/v1/files/{file_id}/content", operation_id = "open_file", tag = "files",
    params(("file_id" = Uuid, Path), LinkQuery, Opening),
    responses(
        OpenedFile,
        (status = 410, description = "`link_expired`", body = super::docs::ProblemBody,
            content_type = "application/problem+json"),
        Missing, BadQuery, Failures
    )
)]
pub(super) async fn open_file(
    State(app): State<AppState>,
    Id(file_id): Id<FileId>,
    Query(query): Query<LinkQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let link = FileLink {
        tenant_id: query.tenant_id,
        file_id,
        expires_at: Timestamp(0) + Millis::from_secs(query.expires.0),
    };
    let signed = LinkSignature {
        kid: query.key,
        signature: query.signature,
    };
    match app.tokens.verify_link(&link, &signed, app.now()) {
        Ok(()) => {}
        Err(TokenError::Expired) => {
            let detail = "ask for the message again, which brings another address";
            return Err(ApiError::new(ErrorCode::LinkExpired, detail));
        }
        // Whoever makes addresses up learns nothing.
        Err(TokenError::Invalid) => return Err(ApiError::not_found()),
    }
    let mut tx = app.store.tenant(link.tenant_id).await?;
    let file = tx.find_file(file_id).await?;
    let file = file.ok_or_else(ApiError::not_found)?;
    drop(tx);
    show(&app, link.tenant_id, &file, By::Address, &headers).await
}
