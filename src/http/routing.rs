//! Why a chat went to whom it went, and why not to somebody else (ROUTE-15, ROUTE-17).
//!
//! Owns who may ask: whoever may read the chat. The present is the engine's, the past is read from the offers' events.

use axum::Json as Body;
use axum::extract::State;
use deserr::Deserr;
use utoipa::{IntoParams, ToSchema};

use super::chats::readable_chat;
use super::docs::{BadBody, BadQuery, Failures, Missing, ProblemBody, Unauthorized};
use super::extract::{Id, Json, Query};
use super::page::{Cursor, Limit, Page};
use super::past::Moment;
use super::principal::{Permitted, ReadOwnChats};
use super::{ApiError, AppState};
use crate::domain::{AgentId, ChatId, Timestamp};
use crate::engine::{ChatView, Engine, Ineligible, Rule};
use crate::faults::{Fault, FaultCode, Faults};
use crate::protocol::ErrorCode;
use crate::protocol::wire::{self, ChatRouting, RecordedDecision, RoutingExplanation};
use crate::store::{OfferDecision, SearchTurn, TenantTx};

/// The parameters of the list of decisions.
#[derive(Clone, Copy, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DecisionQuery {
    /// How many decisions to return.
    #[deserr(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<i64>>,
}

/// Which agent and which chat.
#[derive(Clone, Copy, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub(super) struct ExplainRouting {
    /// The chat.
    #[schema(value_type = Uuid)]
    chat_id: ChatId,
    /// The agent.
    #[schema(value_type = Uuid)]
    agent_id: AgentId,
    /// The moment; the present when not named or later.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Time>)]
    at: Option<Moment>,
}

/// Shows how a chat came to where it waits, how it stands, and every decision about it: who could have it in which order,
/// and what kept the others from it.
#[utoipa::path(
    get, path = "/v1/chats/{chat_id}/routing", operation_id = "find_chat_routing", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path), DecisionQuery),
    responses(
        (status = 200, description = "A page of decisions, oldest first", body = ChatRouting),
        Unauthorized, Missing, BadQuery, Failures
    )
)]
pub(super) async fn find_chat_routing(
    State(app): State<AppState>,
    agent: Permitted<ReadOwnChats>,
    Id(chat_id): Id<ChatId>,
    Query(query): Query<DecisionQuery>,
) -> Result<Body<ChatRouting>, ApiError> {
    let read = move |engine: &Engine| engine.routing_now(chat_id);
    let now = app.hub.read(agent.tenant_id, read).await?;
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let chat = readable_chat(&mut tx, &agent, chat_id).await?;
    chat.ok_or_else(ApiError::not_found)?;
    let way = tx.way_of_chat(chat_id).await?;
    let way = way.ok_or_else(ApiError::not_found)?;
    let after = query.cursor.map(|cursor| cursor.0);
    let rows = tx
        .list_decisions(chat_id, after, query.limit.and_one_more())
        .await?;
    let page = Page::new(rows, query.limit, |row| row.seq, shown);
    let moves = way.moves.iter();
    Ok(Body(ChatRouting {
        chat_id: chat_id.0,
        entry: wire::ChatEntry::new(way.entered_at, way.queue_id, way.entry),
        overflows: moves
            .map(|moved| wire::Overflowed {
                at: moved.at.into(),
                from_queue_id: moved.from.map(|id| id.0),
                to_queue_id: moved.to.map(|id| id.0),
            })
            .collect(),
        now: now.as_ref().map(wire::RoutingNow::from),
        data: page.data,
        next_cursor: page.next_cursor,
    }))
}

fn shown(row: &OfferDecision) -> wire::OfferDecision {
    wire::OfferDecision {
        seq: row.seq,
        at: row.at.into(),
        offer: row.number.0,
        agent_id: row.agent_id.0,
        state: wire::OfferState(row.state.as_str()),
        ended_at: row.ended_at.map(wire::Time),
        decision: row.decision.as_deref().map(wire::Decision::from),
    }
}

/// Says whether an agent may be offered a chat: its place among those who may, or the first rule that keeps it from it
/// and the least that would have to be otherwise. Of a past moment, what the decision says that was made then or last
/// before, and what had become of it by then.
#[utoipa::path(
    post, path = "/v1/routing/explain", operation_id = "explain_routing", tag = "chats",
    security(("agent" = [])), request_body = ExplainRouting,
    responses(
        (status = 200, description = "Whether, and why", body = RoutingExplanation),
        (status = 409, description = "`not_recorded`: the decision of that time does not name the agent, or there is none",
            body = ProblemBody, content_type = "application/problem+json"),
        Unauthorized, BadBody, Failures
    )
)]
pub(super) async fn explain_routing(
    State(app): State<AppState>,
    agent: Permitted<ReadOwnChats>,
    Json(request): Json<ExplainRouting>,
) -> Result<Body<RoutingExplanation>, ApiError> {
    let (chat_id, agent_id) = (request.chat_id, request.agent_id);
    let read = move |engine: &Engine| (engine.now(), engine.explain(chat_id, agent_id));
    let (now, found) = app.hub.read(agent.tenant_id, read).await?;
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let chat = readable_chat(&mut tx, &agent, chat_id).await?;
    let past = request.at.map(|at| at.0).filter(|at| *at < now);
    // Of the past, also those may be asked about who are archived by now.
    let knows_agent =
        found.is_some() || (past.is_some() && tx.find_person(agent_id).await?.is_some());
    let chat = known(chat, knows_agent)?;
    match (past, found) {
        (None, Some(found)) => Ok(Body(RoutingExplanation::now(chat_id, agent_id, &found))),
        (past, _) => explain_past(&mut tx, &chat, agent_id, past.unwrap_or(now)).await,
    }
}

/// Checks that the request names a chat and an agent, and says of both if it does not.
fn known(chat: Option<ChatView>, knows_agent: bool) -> Result<ChatView, ApiError> {
    let mut faults = Faults::default();
    let mut unknown = |pointer: &str, detail: &str| {
        faults.push(Fault {
            pointer: pointer.to_owned(),
            code: FaultCode::UnknownId,
            detail: detail.to_owned(),
        });
    };
    if chat.is_none() {
        unknown("/chat_id", "there is no such chat");
    }
    if !knows_agent {
        unknown("/agent_id", "there is no such agent");
    }
    match chat {
        Some(chat) if knows_agent => Ok(chat),
        _ => Err(faults.into()),
    }
}

async fn explain_past(
    tx: &mut TenantTx,
    chat: &ChatView,
    agent_id: AgentId,
    at: Timestamp,
) -> Result<Body<RoutingExplanation>, ApiError> {
    let not_recorded = |detail| ApiError::new(ErrorCode::NotRecorded, detail);
    let made = tx.decision_at(chat.id, at).await?;
    let made = made.ok_or_else(|| not_recorded("the chat had not been offered by then"))?;
    let after = tx.aftermath(chat.id, &made, agent_id, at).await?;
    if after.turn == Some(SearchTurn::Anew) {
        let anew = "the chat had begun to look for somebody else, and had not been offered yet";
        return Err(not_recorded(anew));
    }
    let decision = made.decision.as_ref();
    let found =
        decision.and_then(|decision| decision.explain(agent_id, after.ringing, at, chat.office_id));
    let unnamed = "the last decision before that moment does not name the agent";
    let found = found.ok_or_else(|| not_recorded(unnamed))?;
    let found = match after.turn {
        Some(_) => found.kept_by(Rule::NotWaiting),
        None if after.refused => found.kept_by(Rule::Agent(Ineligible::Refused)),
        None => found,
    };
    Ok(Body(RoutingExplanation {
        recorded: Some(RecordedDecision {
            seq: made.seq,
            at: made.at.into(),
            offer: made.number.0,
            agent_id: made.agent_id.0,
        }),
        ..RoutingExplanation::now(chat.id, agent_id, &found)
    }))
}
