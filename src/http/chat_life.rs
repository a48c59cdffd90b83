//! How chats end, the work after them, what is said of them, how visitors rate them.

use axum::Json as Body;
use axum::extract::State;
use axum::response::Response;

use super::chats::{act, readable_chat};
use super::docs::{BadBody, Banned, Failures, Missing, ProblemBody, Unauthorized};
use super::extract::{Id, Json};
use super::patch::MergePatch;
use super::principal::{AnswerChats, Permitted, ReadOwnChats};
use super::{ApiError, AppState, VisitorPrincipal, reply, visitor};
use crate::domain::ChatId;
use crate::engine::AgentCommand;
use crate::protocol::request::{CloseChat, Nothing, RateChat, UpdateChat};
use crate::protocol::{Audience, wire};

/// Closes a chat. Who answers it works on it for as long as its queue says.
#[utoipa::path(
    post, path = "/v1/chats/{chat_id}/close", operation_id = "close_chat", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path)),
    request_body = CloseChat,
    responses(
        (status = 200, description = "The chat as it is now", body = wire::Chat),
        (status = 403, description = "`not_participant`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`chat_closed`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`disposition_required`, or `invalid` with every bad field",
            body = ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn close_chat(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Id(chat_id): Id<ChatId>,
    Json(request): Json<CloseChat>,
) -> Result<Response, ApiError> {
    let answer = act(&app, &agent, chat_id, request.into_command(), None).await?;
    Ok(reply::ok(answer, Audience::Agent))
}

/// Says something of a chat, also when it is over.
#[utoipa::path(
    patch, path = "/v1/chats/{chat_id}", operation_id = "update_chat", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path)),
    request_body(
        content(
            (UpdateChat = "application/merge-patch+json"),
            (UpdateChat = "application/json"),
        )
    ),
    responses(
        (status = 200, description = "The chat as it is now", body = wire::Chat),
        (status = 403, description = "`not_participant`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`not_waiting`", body = ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn update_chat(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Id(chat_id): Id<ChatId>,
    MergePatch(request): MergePatch<UpdateChat>,
) -> Result<Response, ApiError> {
    let answer = act(&app, &agent, chat_id, request.into_command(), None).await?;
    Ok(reply::ok(answer, Audience::Agent))
}

/// Ends the caller's work after a chat before its time is over.
#[utoipa::path(
    post, path = "/v1/chats/{chat_id}/wrap-up/end", operation_id = "end_wrap_up", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path)),
    request_body = Nothing,
    responses(
        (status = 200, description = "The chat as it is now", body = wire::Chat),
        (status = 409, description = "`not_in_wrap_up`", body = ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn end_wrap_up(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Id(chat_id): Id<ChatId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Response, ApiError> {
    let answer = act(&app, &agent, chat_id, AgentCommand::EndWrapUp, None).await?;
    Ok(reply::ok(answer, Audience::Agent))
}

/// Shows how the visitor has rated a chat.
#[utoipa::path(
    get, path = "/v1/chats/{chat_id}/rating", operation_id = "find_rating", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path)),
    responses((status = 200, description = "The rating", body = wire::Rating), Unauthorized, Missing, Failures)
)]
pub(super) async fn find_rating(
    State(app): State<AppState>,
    agent: Permitted<ReadOwnChats>,
    Id(chat_id): Id<ChatId>,
) -> Result<Body<wire::Rating>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    readable_chat(&mut tx, &agent, chat_id).await?;
    let found = tx.find_rating(chat_id).await?;
    let found = found.ok_or_else(ApiError::not_found)?;
    Ok(Body(wire::Rating::new(found.rating, found.rated_at)))
}

/// Shows how the visitor has rated its chat.
#[utoipa::path(
    get, path = "/v1/visitor/chats/{chat_id}/rating", operation_id = "find_own_rating", tag = "visitor",
    security(("visitor" = [])), params(("chat_id" = Uuid, Path)),
    responses((status = 200, description = "The rating", body = wire::Rating), Unauthorized, Missing, Failures)
)]
pub(super) async fn find_own_rating(
    State(app): State<AppState>,
    visitor: VisitorPrincipal,
    Id(chat_id): Id<ChatId>,
) -> Result<Body<wire::Rating>, ApiError> {
    let mut tx = app.store.tenant(visitor.tenant_id).await?;
    visitor::own_chat(&mut tx, visitor, chat_id).await?;
    let found = tx.find_rating(chat_id).await?;
    let found = found.ok_or_else(ApiError::not_found)?;
    Ok(Body(wire::Rating::new(found.rating, found.rated_at)))
}

/// Rates a chat, or changes what was said of it: while an agent takes part, and for 24 hours after its end.
#[utoipa::path(
    post, path = "/v1/visitor/chats/{chat_id}/rating", operation_id = "rate_own_chat", tag = "visitor",
    security(("visitor" = [])), params(("chat_id" = Uuid, Path)),
    request_body = RateChat,
    responses(
        (status = 200, description = "The chat as it is now", body = wire::VisitorChat),
        (status = 409, description = "`nothing_to_rate`, `rating_closed`", body = ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Banned, Missing, BadBody, Failures
    )
)]
pub(super) async fn rate_own_chat(
    State(app): State<AppState>,
    visitor: VisitorPrincipal,
    Id(chat_id): Id<ChatId>,
    Json(request): Json<RateChat>,
) -> Result<Response, ApiError> {
    let answer = visitor::act(&app, visitor, chat_id, request.into_command(), None).await?;
    Ok(reply::ok(answer, Audience::Visitor))
}
