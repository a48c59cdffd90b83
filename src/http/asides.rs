//! What is beside the messages of a chat: notes, which agents alone write and read, and marks of what was read.

use axum::Json as Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use deserr::Deserr;
use utoipa::IntoParams;

use super::chats::{self, readable_chat};
use super::docs::{BadBody, BadQuery, Banned, Failures, Missing, ProblemBody, Unauthorized};
use super::extract::{Creation, Id, Json, Query};
use super::page::{Cursor, Limit, Page};
use super::principal::{AnswerChats, Permitted, ReadOwnChats};
use super::{ApiError, AppState, VisitorPrincipal, reply, visitor as visitors};
use crate::domain::ChatId;
use crate::engine::{AgentCommand, NoteView, VisitorCommand};
use crate::faults::Faults;
use crate::protocol::request::{MarkSeen, WriteNote};
use crate::protocol::{Audience, wire};

/// The parameters of a chat's notes.
#[derive(Clone, Copy, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NoteQuery {
    /// How many entries to return.
    #[deserr(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Limit,
    /// The `next_cursor` of the page before.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub cursor: Option<Cursor<u32>>,
}

/// Tells the agents of a chat something. Sent again under the same id it is answered as at first.
#[utoipa::path(
    post, path = "/v1/chats/{chat_id}/notes", operation_id = "write_note", tag = "chats",
    security(("agent" = [])),
    params(("chat_id" = Uuid, Path), super::docs::IdempotencyKey),
    request_body = WriteNote,
    responses(
        (status = 201, description = "The note as it was taken", body = wire::Note),
        (status = 200, description = "It was sent before: the first answer", body = wire::Note),
        (status = 409, description = "`limit_reached`, `note_id_taken`, `idempotency_mismatch`",
            body = ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn write_note(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Id(chat_id): Id<ChatId>,
    request: Creation<WriteNote>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    let command = request.note.into_command();
    let answer = chats::act(&app, &agent, chat_id, command, once).await?;
    let links = app.hub.links().of(agent.tenant_id);
    Ok(reply::message(answer, Audience::Agent, &links))
}

/// Lists the notes of a chat, oldest first.
#[utoipa::path(
    get, path = "/v1/chats/{chat_id}/notes", operation_id = "list_notes", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path), NoteQuery),
    responses((status = 200, description = "A page", body = Page<wire::Note>), Unauthorized, Missing, BadQuery, Failures)
)]
pub(super) async fn list_notes(
    State(app): State<AppState>,
    agent: Permitted<ReadOwnChats>,
    Id(chat_id): Id<ChatId>,
    Query(query): Query<NoteQuery>,
) -> Result<Body<Page<wire::Note>>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let chat = readable_chat(&mut tx, &agent, chat_id).await?;
    chat.ok_or_else(ApiError::not_found)?;
    let after = query.cursor.map_or(0, |cursor| cursor.0);
    let rows = tx
        .list_notes(chat_id, after, query.limit.and_one_more())
        .await?;
    let number = |view: &NoteView| view.note.number;
    Ok(Body(Page::new(rows, query.limit, number, |row| row.into())))
}

/// Says how far the agent has read, and how far it was delivered. A mark never falls.
#[utoipa::path(
    post, path = "/v1/chats/{chat_id}/read", operation_id = "mark_chat_read", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path)),
    request_body = MarkSeen,
    responses(
        (status = 204, description = "Taken; beyond the last message is `invalid`"),
        (status = 403, description = "`not_participant`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`chat_closed`", body = ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn mark_chat_read(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Id(chat_id): Id<ChatId>,
    Json(request): Json<MarkSeen>,
) -> Result<StatusCode, ApiError> {
    let command = AgentCommand::Mark(request.into());
    chats::act(&app, &agent, chat_id, command, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says how far the visitor has read, and how far it was delivered. A mark never falls.
#[utoipa::path(
    post, path = "/v1/visitor/chats/{chat_id}/read", operation_id = "mark_own_chat_read", tag = "visitor",
    security(("visitor" = [])), params(("chat_id" = Uuid, Path)),
    request_body = MarkSeen,
    responses(
        (status = 204, description = "Taken; beyond the last message is `invalid`"),
        (status = 409, description = "`chat_closed`", body = ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Banned, Missing, BadBody, Failures
    )
)]
pub(super) async fn mark_own_chat_read(
    State(app): State<AppState>,
    visitor: VisitorPrincipal,
    Id(chat_id): Id<ChatId>,
    Json(request): Json<MarkSeen>,
) -> Result<StatusCode, ApiError> {
    let command = VisitorCommand::Mark(request.into());
    visitors::act(&app, visitor, chat_id, command, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
