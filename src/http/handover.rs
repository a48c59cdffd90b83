//! Chats that change hands, for agents and those who watch over them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::chats::act;
use super::docs::{BadBody, Failures, Forbidden, Missing, ProblemBody, Unauthorized};
use super::extract::{Id, Json};
use super::principal::{AnswerChats, Permitted, ReadAllChats};
use super::{ApiError, AppState, reply};
use crate::domain::ChatId;
use crate::engine::{AgentCommand, Command};
use crate::protocol::request::{AskForHelp, InviteToChat, Nothing, ReadAlongInChat, TransferChat};
use crate::protocol::{Audience, wire};

/// Gives a chat to an agent or a queue, with a note.
#[utoipa::path(
    post, path = "/v1/chats/{chat_id}/transfer", operation_id = "transfer_chat", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path)),
    request_body = TransferChat,
    responses(
        (status = 200, description = "The chat as it is now", body = wire::Chat),
        (status = 403, description = "`not_participant`, `not_answering`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`chat_closed`, `nobody_available`, `hand_over_pending`, `to_yourself`, `already_in_chat`",
            body = ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn transfer_chat(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Id(chat_id): Id<ChatId>,
    Json(request): Json<TransferChat>,
) -> Result<Response, ApiError> {
    let answer = act(&app, &agent, chat_id, request.into_command(), None).await?;
    Ok(reply::ok(answer, Audience::Agent))
}

/// Takes back a transfer, an invitation or a request for help that nobody has accepted yet.
#[utoipa::path(
    post, path = "/v1/chats/{chat_id}/transfer/cancel", operation_id = "cancel_hand_over", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path)),
    request_body = Nothing,
    responses(
        (status = 200, description = "The chat as it is now", body = wire::Chat),
        (status = 403, description = "`not_participant`, `not_answering`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`chat_closed`, `no_hand_over`", body = ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn cancel_hand_over(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Id(chat_id): Id<ChatId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Response, ApiError> {
    let answer = act(&app, &agent, chat_id, AgentCommand::CancelHandOver, None).await?;
    Ok(reply::ok(answer, Audience::Agent))
}

/// Has an agent, or one of a queue, answer besides.
#[utoipa::path(
    post, path = "/v1/chats/{chat_id}/invite", operation_id = "invite_to_chat", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path)),
    request_body = InviteToChat,
    responses(
        (status = 200, description = "The chat as it is now", body = wire::Chat),
        (status = 403, description = "`not_participant`, `not_answering`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`chat_closed`, `nobody_available`, `hand_over_pending`, `to_yourself`, `already_in_chat`, `limit_reached`",
            body = ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn invite_to_chat(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Id(chat_id): Id<ChatId>,
    Json(request): Json<InviteToChat>,
) -> Result<Response, ApiError> {
    let answer = act(&app, &agent, chat_id, request.into_command(), None).await?;
    Ok(reply::ok(answer, Audience::Agent))
}

/// Asks for somebody who reads along and advises: an agent, one of a queue, or the supervisors of the office.
#[utoipa::path(
    post, path = "/v1/chats/{chat_id}/assist", operation_id = "ask_for_help", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path)),
    request_body = AskForHelp,
    responses(
        (status = 200, description = "The chat as it is now", body = wire::Chat),
        (status = 403, description = "`not_participant`, `not_answering`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`chat_closed`, `nobody_available`, `hand_over_pending`, `to_yourself`, `already_in_chat`, `limit_reached`",
            body = ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn ask_for_help(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Id(chat_id): Id<ChatId>,
    Json(request): Json<AskForHelp>,
) -> Result<Response, ApiError> {
    let answer = act(&app, &agent, chat_id, request.into_command(), None).await?;
    Ok(reply::ok(answer, Audience::Agent))
}

/// Reads along: unseen, or as an assistant whom the agents see. For supervisors of the chat's office, and admins.
#[utoipa::path(
    post, path = "/v1/chats/{chat_id}/listen", operation_id = "listen_to_chat", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path)),
    request_body = ReadAlongInChat,
    responses(
        (status = 200, description = "The chat as it is now", body = wire::Chat),
        (status = 409, description = "`chat_closed`, `limit_reached`", body = ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, BadBody, Failures
    )
)]
pub(super) async fn listen_to_chat(
    State(app): State<AppState>,
    agent: Permitted<ReadAllChats>,
    Id(chat_id): Id<ChatId>,
    Json(request): Json<ReadAlongInChat>,
) -> Result<Response, ApiError> {
    let command = Command::Agent {
        agent_id: agent.agent_id,
        chat_id,
        command: request.into_command(),
    };
    let answer = app.call(agent.tenant_id, command, None).await?;
    Ok(reply::ok(answer, Audience::Agent))
}

/// Takes a chat from whoever has it. For its assistants, the supervisors of its office, and admins.
#[utoipa::path(
    post, path = "/v1/chats/{chat_id}/takeover", operation_id = "take_chat_over", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path)),
    request_body = Nothing,
    responses(
        (status = 200, description = "The chat as it is now", body = wire::Chat),
        (status = 409, description = "`chat_closed`, `at_capacity`, `status_forbids_chats`", body = ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, BadBody, Failures
    )
)]
pub(super) async fn take_chat_over(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Id(chat_id): Id<ChatId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Response, ApiError> {
    let answer = act(&app, &agent, chat_id, AgentCommand::TakeOver, None).await?;
    Ok(reply::ok(answer, Audience::Agent))
}

/// Leaves a chat that others go on with.
#[utoipa::path(
    post, path = "/v1/chats/{chat_id}/leave", operation_id = "leave_chat", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path)),
    request_body = Nothing,
    responses(
        (status = 204, description = "Left"),
        (status = 403, description = "`not_participant`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`chat_closed`, `last_agent`", body = ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn leave_chat(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Id(chat_id): Id<ChatId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<StatusCode, ApiError> {
    act(&app, &agent, chat_id, AgentCommand::Leave, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
