//! Chats, for visitors: their own and no others.

use axum::Json as Body;
use axum::extract::State;
use axum::response::Response;

use super::address::ClientCountry;
use super::chats::position;
use super::docs::{BadBody, BadQuery, Banned, Failures, Missing, Unauthorized};
use super::events::{EventPage, EventQuery, Part};
use super::extract::{Creation, Id, Json, Query};
use super::page::{ChatListQuery, Page};
use super::principal::KnownVisitor;
use super::{ApiError, AppState, VisitorPrincipal, reply};
use crate::domain::{ChatId, ChatState, FileId};
use crate::engine::{ChatStateView, ChatView, Command, Engine, Refusal, VisitorCommand, Waiting};
use crate::faults::Draft;
use crate::protocol::request::{AskByEmail, Nothing, OfflineMessage, StartChat};
use crate::protocol::{Audience, event, wire};
use crate::realtime::{Answer, Call, CallError, IdempotencyKey};
use crate::store::{ChatFilter, TenantTx};

/// Where a visitor's chats are found.
const FOLDER: &str = "/v1/visitor/chats";

/// Has the engine do something with a chat.
pub(super) async fn act(
    app: &AppState,
    visitor: VisitorPrincipal,
    chat_id: ChatId,
    command: VisitorCommand,
    once: Option<IdempotencyKey>,
) -> Result<Answer, ApiError> {
    send(app, visitor, chat_id, command, None, once).await
}

/// The same with a file that the message names.
pub(super) async fn send(
    app: &AppState,
    visitor: VisitorPrincipal,
    chat_id: ChatId,
    command: VisitorCommand,
    file_id: Option<FileId>,
    once: Option<IdempotencyKey>,
) -> Result<Answer, ApiError> {
    let call = Call {
        command: as_command(visitor, chat_id, command),
        file_id,
        once,
    };
    Ok(app.hub.call(visitor.tenant_id, call).await?)
}

/// Has the engine begin a chat of what was sent, or names all that is wrong with it.
async fn begin(
    app: &AppState,
    visitor: VisitorPrincipal,
    command: Draft<VisitorCommand>,
    file_id: Option<FileId>,
    once: Option<IdempotencyKey>,
) -> Result<Response, ApiError> {
    let chat_id = ChatId(app.new_id());
    let (command, sent) = command.split();
    if !sent.is_whole() {
        let command = as_command(visitor, chat_id, command);
        return Err(app.flawed(visitor.tenant_id, command, sent).await);
    }
    let answer = send(app, visitor, chat_id, command, file_id, once).await?;
    Ok(reply::created(answer, Audience::Visitor, FOLDER))
}

/// Refuses what a banned visitor brings that no engine sees.
pub(super) async fn refuse_banned(
    app: &AppState,
    visitor: VisitorPrincipal,
) -> Result<(), ApiError> {
    let (visitor_id, source, now) = (visitor.visitor_id, visitor.source, app.now());
    let read = move |engine: &Engine| engine.is_banned(visitor_id, source, now);
    if app.hub.read(visitor.tenant_id, read).await? {
        return Err(CallError::Refused(Refusal::Banned).into());
    }
    Ok(())
}

fn as_command(visitor: VisitorPrincipal, chat_id: ChatId, command: VisitorCommand) -> Command {
    Command::Visitor {
        visitor_id: visitor.visitor_id,
        chat_id,
        source: Some(visitor.source),
        command,
    }
}

/// Starts a chat.
#[utoipa::path(
    post, path = "/v1/visitor/chats", operation_id = "start_chat", tag = "visitor",
    security(("visitor" = [])), params(super::docs::IdempotencyKey),
    request_body = StartChat,
    responses(
        (status = 201, description = "The new chat", body = wire::VisitorChat,
            headers(("Location" = String, description = "Where it is found"))),
        (status = 409, description = "`not_live` with `mode` when nobody is there, and nothing is stored; \
            `queue_full`, `too_many_open_chats`, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Banned, BadBody, Failures
    )
)]
pub(super) async fn start_chat(
    State(app): State<AppState>,
    KnownVisitor { visitor, vouched }: KnownVisitor,
    country: ClientCountry,
    request: Creation<Draft<StartChat>>,
) -> Result<Response, ApiError> {
    app.limiter.chat_start(visitor.visitor_id.0)?;
    let (request, once) = request.split(|| visitor.name());
    let file_id = request.get().file_id();
    let (widget_id, visitor_id) = (visitor.widget_id, visitor.visitor_id);
    let command =
        request.map(|start| start.into_command(widget_id, visitor_id, &vouched, country.0));
    begin(&app, visitor, command, file_id, once).await
}

/// A message that was left; its chat where it was sent again while an agent has it.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "only its description is used; `answer` writes both"
)]
enum LeftMessage {
    Left(wire::OfflineMessage),
    TakenUp(wire::VisitorChat),
}

/// Leaves a message for when somebody is back.
#[utoipa::path(
    post, path = "/v1/visitor/offline-messages", operation_id = "leave_message", tag = "visitor",
    security(("visitor" = [])), params(super::docs::IdempotencyKey),
    request_body = OfflineMessage,
    responses(
        (status = 201, description = "The message was taken", body = LeftMessage,
            headers(("Location" = String, description = "Where it is found"))),
        (status = 409, description = "`idempotency_mismatch`", body = super::docs::ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Banned, BadBody, Failures
    )
)]
pub(super) async fn leave_message(
    State(app): State<AppState>,
    KnownVisitor { visitor, vouched }: KnownVisitor,
    request: Creation<Draft<OfflineMessage>>,
) -> Result<Response, ApiError> {
    app.limiter.chat_start(visitor.visitor_id.0)?;
    let (request, once) = request.split(|| visitor.name());
    let file_id = request.get().file_id();
    let (widget_id, visitor_id) = (visitor.widget_id, visitor.visitor_id);
    let command = request.map(|left| left.into_command(widget_id, visitor_id, &vouched));
    begin(&app, visitor, command, file_id, once).await
}

/// Lists the visitor's chats, newest first.
#[utoipa::path(
    get, path = "/v1/visitor/chats", operation_id = "list_own_chats", tag = "visitor",
    security(("visitor" = [])), params(ChatListQuery),
    responses((status = 200, description = "A page", body = Page<wire::VisitorChat>), Unauthorized, BadQuery, Failures)
)]
pub(super) async fn list_own_chats(
    State(app): State<AppState>,
    visitor: VisitorPrincipal,
    Query(query): Query<ChatListQuery>,
) -> Result<Body<Page<wire::VisitorChat>>, ApiError> {
    let filter = ChatFilter {
        visitor_id: Some(visitor.visitor_id),
        ..ChatFilter::default()
    };
    let waiting = waiting_of(&app, visitor).await?;
    let mut rows = app
        .store
        .tenant(visitor.tenant_id)
        .await?
        .list_chats(&filter, &query.page())
        .await?;
    for chat in &mut rows {
        show_wait(chat, &waiting);
    }
    Ok(Body(Page::new(rows, query.limit, position, |row| {
        row.into()
    })))
}

/// Where the visitor's waiting chats stand, which the engine alone knows.
async fn waiting_of(app: &AppState, visitor: VisitorPrincipal) -> Result<Vec<Waiting>, ApiError> {
    let visitor_id = visitor.visitor_id;
    let read = move |engine: &Engine| engine.waiting_of(visitor_id);
    Ok(app.hub.read(visitor.tenant_id, read).await?)
}

/// Says of a chat that was read from the database where it stands. One that was taken meanwhile stands nowhere.
fn show_wait(chat: &mut ChatView, waiting: &[Waiting]) {
    let waits = matches!(
        chat.state,
        ChatStateView::Offered | ChatStateView::Settled(ChatState::Waiting)
    );
    let known = waiting
        .iter()
        .find(|known| waits && known.chat_id == chat.id);
    chat.position = known.map(|known| known.position);
    chat.estimated_wait = known.and_then(|known| known.estimated_wait);
}

/// A chat of the visitor; any other is as unknown as one that never was.
pub(super) async fn own_chat(
    tx: &mut TenantTx,
    visitor: VisitorPrincipal,
    chat_id: ChatId,
) -> Result<ChatView, ApiError> {
    let chat = tx.find_chat(chat_id).await?;
    chat.filter(|chat| chat.visitor_id == visitor.visitor_id)
        .ok_or_else(ApiError::not_found)
}

/// Shows a chat.
#[utoipa::path(
    get, path = "/v1/visitor/chats/{chat_id}", operation_id = "find_own_chat", tag = "visitor",
    security(("visitor" = [])), params(("chat_id" = Uuid, Path)),
    responses((status = 200, description = "The chat", body = wire::VisitorChat), Unauthorized, Missing, Failures)
)]
pub(super) async fn find_own_chat(
    State(app): State<AppState>,
    visitor: VisitorPrincipal,
    Id(chat_id): Id<ChatId>,
) -> Result<Body<wire::VisitorChat>, ApiError> {
    let waiting = waiting_of(&app, visitor).await?;
    let mut tx = app.store.tenant(visitor.tenant_id).await?;
    let mut chat = own_chat(&mut tx, visitor, chat_id).await?;
    show_wait(&mut chat, &waiting);
    Ok(Body((&chat).into()))
}

/// Lists what has happened in a chat, oldest first.
#[utoipa::path(
    get, path = "/v1/visitor/chats/{chat_id}/events", operation_id = "list_own_chat_events", tag = "visitor",
    security(("visitor" = [])), params(("chat_id" = Uuid, Path), EventQuery),
    responses((status = 200, description = "A page", body = EventPage<event::VisitorEvent>), Unauthorized, Missing, BadQuery, Failures)
)]
pub(super) async fn list_own_chat_events(
    State(app): State<AppState>,
    visitor: VisitorPrincipal,
    Id(chat_id): Id<ChatId>,
    Query(query): Query<EventQuery>,
) -> Result<Response, ApiError> {
    let mut tx = app.store.tenant(visitor.tenant_id).await?;
    own_chat(&mut tx, visitor, chat_id).await?;
    let before = query.before();
    let links = app.hub.links().of(visitor.tenant_id);
    let mut part = Part::new(query.limit, query.after());
    while let Some((after, count)) = part.wanted() {
        let rows = tx
            .list_visitor_events(chat_id, after, before, count)
            .await?;
        part.take(
            &rows,
            |row| row.visitor_seq.unwrap_or_default(),
            |row| event::visitor_frame(row.event.chat()?, row.visitor_seq?, &links),
        );
    }
    Ok(part.answer())
}

/// Does not wait any longer: the chat becomes an offline message, whose answer goes out by e-mail.
#[utoipa::path(
    post, path = "/v1/visitor/chats/{chat_id}/ask-by-email", operation_id = "ask_by_email", tag = "visitor",
    security(("visitor" = [])), params(("chat_id" = Uuid, Path)),
    request_body = AskByEmail,
    responses(
        (status = 200, description = "The chat as it is now", body = wire::OfflineMessage),
        (status = 409, description = "`chat_closed`, `not_waiting`", body = super::docs::ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Banned, Missing, BadBody, Failures
    )
)]
pub(super) async fn ask_by_email(
    State(app): State<AppState>,
    visitor: VisitorPrincipal,
    Id(chat_id): Id<ChatId>,
    Json(request): Json<AskByEmail>,
) -> Result<Response, ApiError> {
    let command = VisitorCommand::AskByEmail(Box::new(request.into()));
    let answer = act(&app, visitor, chat_id, command, None).await?;
    Ok(reply::ok(answer, Audience::Visitor))
}

/// Ends a chat.
#[utoipa::path(
    post, path = "/v1/visitor/chats/{chat_id}/end", operation_id = "end_own_chat", tag = "visitor",
    security(("visitor" = [])), params(("chat_id" = Uuid, Path)),
    request_body = Nothing,
    responses(
        (status = 200, description = "The chat as it is now", body = wire::VisitorChat),
        (status = 409, description = "`chat_closed`", body = super::docs::ProblemBody,
            content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn end_own_chat(
    State(app): State<AppState>,
    visitor: VisitorPrincipal,
    Id(chat_id): Id<ChatId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Response, ApiError> {
    let answer = act(&app, visitor, chat_id, VisitorCommand::End, None).await?;
    Ok(reply::ok(answer, Audience::Visitor))
}
