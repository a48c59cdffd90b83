//! Chats, for agents: reading them and acting on them.
//!
//! Owns who may read a chat: whoever has to do with it, and supervisors. Acting is a command; the engine decides.

use axum::Json as Body;
use axum::extract::State;
use axum::response::Response;
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use utoipa::IntoParams;

use super::contacts::reader;
use super::docs::{BadBody, BadQuery, Failures, Missing, Unauthorized};
use super::events::{EventPage, EventQuery, Part};
use super::extract::{Id, Json, Query};
use super::page::{Cursor, Limit, Page};
use super::principal::{AnswerChats, Permitted, ReadOwnChats};
use super::templates::external_url;
use super::{AgentPrincipal, ApiError, AppState, reply};
use crate::domain::{
    AgentId, ChatId, ContactId, FileId, Inbox, Invalid, Permission, QueueId, Timestamp,
};
use crate::engine::{AgentCommand, ChatView, Command};
use crate::faults::{Faults, pointer};
use crate::protocol::request::{Accept, Reject};
use crate::protocol::{Audience, event, wire};
use crate::realtime::{Answer, Call, IdempotencyKey};
use crate::store::{ChatFilter, ChatPage, TenantTx};

/// How far each view of an inbox is counted: nobody reads more than that, and counting must not cost what reading would.
const INBOX_COUNTED_MAX: i64 = 1000;
/// How far the chats before one are counted.
const EARLIER_COUNTED_MAX: i64 = 100;

/// A state to search for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StateWord(&'static str);

impl Deserr<Faults> for StateWord {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let text = String::deserialize_from_value(value, location)?;
        let word = wire::ChatState::ALL.iter().find(|word| **word == text);
        word.copied().map(Self).ok_or_else(|| {
            let words = "waiting, offered, active, wrap_up, closed, offline_message";
            Faults::invalid(pointer(location), Invalid::UnknownValue(words))
        })
    }
}

/// The parameters of the list of chats.
#[derive(Clone, Copy, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ChatQuery {
    /// Only chats in this state.
    #[deserr(default)]
    #[param(value_type = Option<wire::ChatState>)]
    pub state: Option<StateWord>,
    /// Only chats of this queue.
    #[deserr(default)]
    #[param(value_type = Option<Uuid>)]
    pub queue_id: Option<QueueId>,
    /// Only chats in which this agent takes part.
    #[deserr(default)]
    #[param(value_type = Option<Uuid>)]
    pub agent_id: Option<AgentId>,
    /// Only chats of this contact.
    #[deserr(default)]
    #[param(value_type = Option<Uuid>)]
    pub contact_id: Option<ContactId>,
    /// Only chats in this view of the agent's inbox: `mine` (open, the agent takes part), `waiting`, `offline` (messages
    /// that were left), `all` (everything that is open, those messages among them).
    #[deserr(default)]
    #[param(value_type = Option<wire::Inbox>)]
    pub view: Option<Inbox>,
    /// How many entries to return.
    #[deserr(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Limit,
    /// The `next_cursor` of the page before.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub cursor: Option<Cursor<(Timestamp, ChatId)>>,
}

/// Where a chat stands in a list.
pub(super) fn position(chat: &ChatView) -> (Timestamp, ChatId) {
    (chat.started_at, chat.id)
}

/// Lists chats, newest first: an agent's own, a supervisor's all.
#[utoipa::path(
    get, path = "/v1/chats", operation_id = "list_chats", tag = "chats", security(("agent" = [])),
    params(ChatQuery),
    responses((status = 200, description = "A page", body = Page<wire::Chat>), Unauthorized, BadQuery, Failures)
)]
pub(super) async fn list_chats(
    State(app): State<AppState>,
    agent: Permitted<ReadOwnChats>,
    Query(query): Query<ChatQuery>,
) -> Result<Body<Page<wire::Chat>>, ApiError> {
    let filter = ChatFilter {
        state: query.state.map(|word| word.0),
        queue_id: query.queue_id,
        agent_id: query.agent_id,
        contact_id: query.contact_id,
        visitor_id: None,
        readable_by: reader(&agent),
        inbox: query.view.map(|view| (view, agent.agent_id)),
    };
    let page = ChatPage {
        before: query.cursor.map(|cursor| cursor.0),
        limit: query.limit.and_one_more(),
    };
    let rows = app
        .store
        .tenant(agent.tenant_id)
        .await?
        .list_chats(&filter, &page)
        .await?;
    Ok(Body(Page::new(rows, query.limit, position, |row| {
        row.into()
    })))
}

/// A chat that the agent may read; any other is as unknown as one that never was.
pub(super) async fn readable_chat(
    tx: &mut TenantTx,
    agent: &AgentPrincipal,
    chat_id: ChatId,
) -> Result<Option<ChatView>, ApiError> {
    let may_read =
        agent.may(Permission::ReadAllChats) || tx.can_read_chat(agent.agent_id, chat_id).await?;
    if may_read {
        Ok(tx.find_chat(chat_id).await?)
    } else {
        Ok(None)
    }
}

/// Counts the chats in each view of the agent's inbox, of those that it may read.
#[utoipa::path(
    get, path = "/v1/chats/views", operation_id = "count_inbox", tag = "chats", security(("agent" = [])),
    responses((status = 200, description = "How many", body = wire::InboxCounts), Unauthorized, Failures)
)]
pub(super) async fn count_inbox(
    State(app): State<AppState>,
    agent: Permitted<ReadOwnChats>,
) -> Result<Body<wire::InboxCounts>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let counts = tx
        .count_inbox(agent.agent_id, reader(&agent), INBOX_COUNTED_MAX)
        .await?;
    Ok(Body(wire::InboxCounts {
        mine: counts.mine,
        waiting: counts.waiting,
        offline: counts.offline,
        all: counts.all,
    }))
}

/// Shows a chat, and whether there is more to read of its contact.
#[utoipa::path(
    get, path = "/v1/chats/{chat_id}", operation_id = "find_chat", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path)),
    responses((status = 200, description = "The chat", body = wire::ChatWithHistory), Unauthorized, Missing, Failures)
)]
pub(super) async fn find_chat(
    State(app): State<AppState>,
    agent: Permitted<ReadOwnChats>,
    Id(chat_id): Id<ChatId>,
) -> Result<Body<wire::ChatWithHistory>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let chat = readable_chat(&mut tx, &agent, chat_id).await?;
    let chat = chat.ok_or_else(ApiError::not_found)?;
    let earlier_chats = tx
        .count_earlier_chats(&chat, reader(&agent), EARLIER_COUNTED_MAX)
        .await?;
    let external_url = external_url(&mut tx, agent.agent_id, &chat).await?;
    Ok(Body(wire::ChatWithHistory {
        chat: (&chat).into(),
        external_url,
        has_history: earlier_chats > 0,
        earlier_chats,
    }))
}

/// Lists what has happened in a chat, oldest first.
#[utoipa::path(
    get, path = "/v1/chats/{chat_id}/events", operation_id = "list_chat_events", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path), EventQuery),
    responses((status = 200, description = "A page", body = EventPage<event::AgentEvent>), Unauthorized, Missing, BadQuery, Failures)
)]
pub(super) async fn list_chat_events(
    State(app): State<AppState>,
    agent: Permitted<ReadOwnChats>,
    Id(chat_id): Id<ChatId>,
    Query(query): Query<EventQuery>,
) -> Result<Response, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let chat = readable_chat(&mut tx, &agent, chat_id).await?;
    chat.ok_or_else(ApiError::not_found)?;
    let number = |seq: Option<i64>| seq.and_then(|seq| u64::try_from(seq).ok());
    let before = number(query.before());
    let links = app.hub.links().of(agent.tenant_id);
    let mut part = Part::new(query.limit, query.after());
    while let Some((after, count)) = part.wanted() {
        let rows = tx
            .list_chat_events(chat_id, number(after), before, count)
            .await?;
        part.take(
            &rows,
            |row| i64::try_from(row.seq).unwrap_or(i64::MAX),
            |row| event::agent_frame(&row.event, row.seq, &links),
        );
    }
    Ok(part.answer())
}

/// Has the engine do something with a chat.
pub(super) async fn act(
    app: &AppState,
    agent: &Permitted<AnswerChats>,
    chat_id: ChatId,
    command: AgentCommand,
    once: Option<IdempotencyKey>,
) -> Result<Answer, ApiError> {
    send(app, agent, chat_id, command, None, once).await
}

/// The same with a file that the message names.
pub(super) async fn send(
    app: &AppState,
    agent: &Permitted<AnswerChats>,
    chat_id: ChatId,
    command: AgentCommand,
    file_id: Option<FileId>,
    once: Option<IdempotencyKey>,
) -> Result<Answer, ApiError> {
    let command = Command::Agent {
        agent_id: agent.agent_id,
        chat_id,
        command,
    };
    let call = Call {
        command,
        file_id,
        once,
    };
    Ok(app.hub.call(agent.tenant_id, call).await?)
}

/// Takes a chat: by an offer, from the waiting list, or a message that was left, from the inbox.
#[utoipa::path(
    post, path = "/v1/chats/{chat_id}/accept", operation_id = "accept_chat", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path)),
    request_body = Accept,
    responses(
        (status = 200, description = "The chat as it is now", body = wire::Chat),
        (status = 409, description = "`offer_gone` with `taken_by`, `chat_closed`, `at_capacity`, `not_a_member`, `status_forbids_chats`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn accept_chat(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Id(chat_id): Id<ChatId>,
    Json(request): Json<Accept>,
) -> Result<Response, ApiError> {
    let answer = act(
        &app,
        &agent,
        chat_id,
        AgentCommand::Accept(request.offer),
        None,
    )
    .await?;
    Ok(reply::ok(answer, Audience::Agent))
}

/// Declines an offer; the next agent is asked at once.
#[utoipa::path(
    post, path = "/v1/chats/{chat_id}/reject", operation_id = "reject_offer", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path)),
    request_body = Reject,
    responses(
        (status = 200, description = "The offer as it is now", body = wire::Offer),
        (status = 409, description = "`offer_gone` with `taken_by`, `chat_closed`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn reject_offer(
    State(app): State<AppState>,
    agent: Permitted<AnswerChats>,
    Id(chat_id): Id<ChatId>,
    Json(request): Json<Reject>,
) -> Result<Response, ApiError> {
    let command = AgentCommand::Reject(request.offer, request.reason);
    let answer = act(&app, &agent, chat_id, command, None).await?;
    Ok(reply::ok(answer, Audience::Agent))
}
