//! What is said in a chat, by agents and by visitors.
//!
//! Owns writing, changing, deleting and typing. Acting is a command; the engine decides.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::docs::{BadBody, Banned, Failures, Missing, ProblemBody, Unauthorized};
use super::extract::{Creation, Id, Ids, Json};
use super::principal::{AnswerChats, Permitted};
use super::{ApiError, AppState, VisitorPrincipal, chats, reply, visitor as visitors};
use crate::domain::{ChatId, KnownMessageId};
use crate::engine::{AgentCommand, VisitorCommand};
use crate::protocol::request::{
    EditMessage, SendAgentMessage, SendVisitorMessage, Typing, VisitorTyping,
};
use crate::protocol::{Audience, wire};

/// Writes a message. Sent again under the same id it is answered as at first.
#[utoipa::path(
    post, path = "/v1/chats/{chat_id}/messages", operation_id = "send_message", tag = "chats",
    security(("agent" = [])),
    params(("chat_id" = Uuid, Path), super::docs::IdempotencyKey),
    request_body = SendAgentMessage,
    responses(
        (status = 201, description = "The message as it was taken", body = wire::Message),
        (status = 200, description = "It was sent before: the first answer", body = wire::Message),
        (status = 403, description = "`not_participant`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`chat_closed`, `chat_full`, `limit_reached`, `message_id_taken`, `file_sent`, `status_forbids_chats`, `idempotency_mismatch`",
            body = ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn send_message(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Id(chat_id): Id<ChatId>,
    request: Creation<SendAgentMessage>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    let file_id = request.message.file_id;
    let command = request.message.into_command();
    let answer = chats::send(&app, &agent, chat_id, command, file_id, once).await?;
    let links = app.hub.links().of(agent.tenant_id);
    Ok(reply::message(answer, Audience::Agent, &links))
}

/// Gives a message of one's own another text; its number stays.
#[utoipa::path(
    patch, path = "/v1/chats/{chat_id}/messages/{message_id}", operation_id = "edit_message", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path), ("message_id" = String, Path)),
    request_body = EditMessage,
    responses(
        (status = 200, description = "The message as it is now", body = wire::Message),
        (status = 403, description = "`not_author`, `not_participant`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "`chat_closed`, `message_deleted`, `message_fixed`",
            body = ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn edit_message(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Ids(chat_id, KnownMessageId(id)): Ids<ChatId, KnownMessageId>,
    Json(request): Json<EditMessage>,
) -> Result<Response, ApiError> {
    let command = AgentCommand::Edit(id, request.text);
    let answer = chats::act(&app, &agent, chat_id, command, None).await?;
    let links = app.hub.links().of(agent.tenant_id);
    Ok(reply::changed(answer, Audience::Agent, &links))
}

/// Deletes a message of one's own: its number stays, and nothing else. Again it is answered as at first.
#[utoipa::path(
    delete, path = "/v1/chats/{chat_id}/messages/{message_id}", operation_id = "delete_message", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path), ("message_id" = String, Path)),
    responses(
        (status = 204, description = "It holds nothing any more"),
        (status = 403, description = "`not_author`, `not_participant`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "`chat_closed`, `message_fixed`", body = ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Missing, Failures
    )
)]
pub(super) async fn delete_message(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Ids(chat_id, KnownMessageId(id)): Ids<ChatId, KnownMessageId>,
) -> Result<StatusCode, ApiError> {
    let command = AgentCommand::Delete(id);
    chats::act(&app, &agent, chat_id, command, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells the other side that somebody types.
#[utoipa::path(
    post, path = "/v1/chats/{chat_id}/typing", operation_id = "type_in_chat", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path)),
    request_body = Typing,
    responses(
        (status = 204, description = "Told"),
        (status = 403, description = "`not_participant`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`chat_closed`", body = ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn type_in_chat(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Id(chat_id): Id<ChatId>,
    Json(request): Json<Typing>,
) -> Result<StatusCode, ApiError> {
    chats::act(
        &app,
        &agent,
        chat_id,
        AgentCommand::Type(request.typing),
        None,
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Writes a message. Sent again under the same id it is answered as at first.
#[utoipa::path(
    post, path = "/v1/visitor/chats/{chat_id}/messages", operation_id = "send_own_message", tag = "visitor",
    security(("visitor" = [])),
    params(("chat_id" = Uuid, Path), super::docs::IdempotencyKey),
    request_body = SendVisitorMessage,
    responses(
        (status = 201, description = "The message as it was taken", body = wire::Message),
        (status = 200, description = "It was sent before: the first answer", body = wire::Message),
        (status = 409, description = "`chat_closed`, `chat_full`, `message_id_taken`, `unknown_button`, `file_sent`, `idempotency_mismatch`",
            body = ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Banned, Missing, BadBody, Failures
    )
)]
pub(super) async fn send_own_message(
    State(app): State<AppState>,
    visitor: VisitorPrincipal,
    Id(chat_id): Id<ChatId>,
    request: Creation<SendVisitorMessage>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| visitor.name());
    let file_id = request.message.file_id();
    let command = request.message.into_command();
    let answer = visitors::send(&app, visitor, chat_id, command, file_id, once).await?;
    let links = app.hub.links().of(visitor.tenant_id);
    Ok(reply::message(answer, Audience::Visitor, &links))
}

/// Gives a message of one's own another text; its number stays.
#[utoipa::path(
    patch, path = "/v1/visitor/chats/{chat_id}/messages/{message_id}", operation_id = "edit_own_message", tag = "visitor",
    security(("visitor" = [])), params(("chat_id" = Uuid, Path), ("message_id" = String, Path)),
    request_body = EditMessage,
    responses(
        (status = 200, description = "The message as it is now", body = wire::Message),
        (status = 403, description = "`not_author`, `banned`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`chat_closed`, `message_deleted`, `message_fixed`",
            body = ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn edit_own_message(
    State(app): State<AppState>,
    visitor: VisitorPrincipal,
    Ids(chat_id, KnownMessageId(id)): Ids<ChatId, KnownMessageId>,
    Json(request): Json<EditMessage>,
) -> Result<Response, ApiError> {
    let command = VisitorCommand::Edit(id, request.text);
    let answer = visitors::act(&app, visitor, chat_id, command, None).await?;
    let links = app.hub.links().of(visitor.tenant_id);
    Ok(reply::changed(answer, Audience::Visitor, &links))
}

/// Deletes a message of one's own: its number stays, and nothing else. Again it is answered as at first.
#[utoipa::path(
    delete, path = "/v1/visitor/chats/{chat_id}/messages/{message_id}", operation_id = "delete_own_message", tag = "visitor",
    security(("visitor" = [])), params(("chat_id" = Uuid, Path), ("message_id" = String, Path)),
    responses(
        (status = 204, description = "It holds nothing any more"),
        (status = 403, description = "`not_author`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "`chat_closed`, `message_fixed`", body = ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Missing, Failures
    )
)]
pub(super) async fn delete_own_message(
    State(app): State<AppState>,
    visitor: VisitorPrincipal,
    Ids(chat_id, KnownMessageId(id)): Ids<ChatId, KnownMessageId>,
) -> Result<StatusCode, ApiError> {
    let command = VisitorCommand::Delete(id);
    visitors::act(&app, visitor, chat_id, command, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells the other side that the visitor types, and what, as far as the tenant lets it be shown.
#[utoipa::path(
    post, path = "/v1/visitor/chats/{chat_id}/typing", operation_id = "type_in_own_chat", tag = "visitor",
    security(("visitor" = [])), params(("chat_id" = Uuid, Path)),
    request_body = VisitorTyping,
    responses(
        (status = 204, description = "Told"),
        (status = 409, description = "`chat_closed`", body = ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Banned, Missing, BadBody, Failures
    )
)]
pub(super) async fn type_in_own_chat(
    State(app): State<AppState>,
    visitor: VisitorPrincipal,
    Id(chat_id): Id<ChatId>,
    Json(request): Json<VisitorTyping>,
) -> Result<StatusCode, ApiError> {
    visitors::act(&app, visitor, chat_id, request.into_command(), None).await?;
    Ok(StatusCode::NO_CONTENT)
}
