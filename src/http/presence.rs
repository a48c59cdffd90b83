//! Who is online, and what makes an agent so: status, overrides, pauses, pings; one's own and that of others.
//!
//! A change of somebody else's presence is the same command as of one's own: whether this supervisor may change that
//! agent's is the engine's to say, because it knows their offices (PRES-5).

use axum::Json as Body;
use axum::extract::State;
use axum::response::Response;
use deserr::Deserr;
use utoipa::IntoParams;

use super::docs::{BadBody, BadQuery, Failures, Forbidden, Missing, Unauthorized};
use super::extract::{Id, Ids, Json, Query};
use super::page::{Cursor, Limit, Page};
use super::principal::{
    AgentPrincipal, ChangeOthersPresence, OwnPresence, Permitted, ReadPresence,
};
use super::timeline::unknown_office;
use super::{ApiError, AppState, reply};
use crate::domain::{AgentId, OfficeId, Status};
use crate::engine::{Command, PresenceCommand, PresenceRow, Refusal};
use crate::faults::Faults;
use crate::protocol::request::{Ping, PingByEmail, SetOfficeStatus, SetStatus, StartPause};
use crate::protocol::{Audience, wire};
use crate::realtime::{Answer, CallError};

/// What of the list of agents is wanted.
#[derive(Clone, Copy, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PresenceQuery {
    /// Only agents that belong to this office.
    #[deserr(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    office_id: Option<OfficeId>,
    /// Only agents that are effectively this: in the office if one is named, else outside of any.
    #[deserr(default)]
    #[param(value_type = Option<wire::Status>)]
    status: Option<Status>,
    /// The most entries of a page: 1 to 200, 50 when not named.
    #[deserr(default)]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 200)]
    limit: Limit,
    /// The page that begins here.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<uuid::Uuid>>,
}

impl PresenceQuery {
    /// The rows of the page, and one more if another page follows.
    fn choose(&self, rows: Vec<PresenceRow>) -> Vec<PresenceRow> {
        let rows = rows.into_iter().filter(|row| {
            let status = row.presence.standing.of(self.office_id).status;
            self.status.is_none_or(|wanted| wanted == status)
                && self.cursor.is_none_or(|after| row.agent.id.0 > after.0)
        });
        rows.take(usize::from(self.limit.0) + 1).collect()
    }
}

/// Who is online: every agent with what it chose, what it effectively is in each office, and how much it has to do.
#[utoipa::path(
    get, path = "/v1/presence", operation_id = "list_presences", tag = "presence", security(("agent" = [])),
    params(PresenceQuery),
    responses(
        (status = 200, description = "A page, by the agents' ids", body = Page<wire::PresenceRow>),
        Unauthorized, BadQuery, Failures
    )
)]
pub(super) async fn list_presences(
    State(app): State<AppState>,
    agent: Permitted<ReadPresence>,
    Query(query): Query<PresenceQuery>,
) -> Result<Body<Page<wire::PresenceRow>>, ApiError> {
    let office = query.office_id;
    let read = move |engine: &crate::engine::Engine| {
        let known = office.is_none_or(|id| engine.office(id).is_some());
        known.then(|| engine.presences(office))
    };
    let rows = app.hub.read(agent.tenant_id, read).await?;
    let rows = rows.ok_or_else(unknown_office)?;
    Ok(Body(Page::new(
        query.choose(rows),
        query.limit,
        |row| row.agent.id.0,
        |row| row.into(),
    )))
}

/// What the agent that calls chose to be, and what it effectively is.
#[utoipa::path(
    get, path = "/v1/me/presence", operation_id = "find_my_presence", tag = "presence", security(("agent" = [])),
    responses((status = 200, description = "The presence", body = wire::Presence), Unauthorized, Missing, Failures)
)]
pub(super) async fn find_my_presence(
    State(app): State<AppState>,
    agent: Permitted<OwnPresence>,
) -> Result<Body<wire::Presence>, ApiError> {
    let agent_id = agent.agent_id;
    let read = move |engine: &crate::engine::Engine| engine.presence(agent_id);
    let found = app.hub.read(agent.tenant_id, read).await?;
    found
        .map(|view| Body((&view).into()))
        .ok_or_else(ApiError::not_found)
}

/// Has an agent's presence changed. An agent or office of the path that is unknown is 404.
async fn change(
    app: &AppState,
    by: &AgentPrincipal,
    agent_id: AgentId,
    command: PresenceCommand,
) -> Result<Response, ApiError> {
    let command = Command::Presence {
        agent_id,
        by: Some(by.agent_id),
        command,
    };
    done(app.call(by.tenant_id, command, None).await)
}

fn done(answer: Result<Answer, CallError>) -> Result<Response, ApiError> {
    match answer {
        Ok(answer) => Ok(reply::ok(answer, Audience::Agent)),
        Err(CallError::Refused(Refusal::UnknownAgent | Refusal::UnknownOffice)) => {
            Err(ApiError::not_found())
        }
        Err(error) => Err(error.into()),
    }
}

/// Sets the status of the agent that calls, for all offices.
#[utoipa::path(
    put, path = "/v1/me/presence", operation_id = "set_my_presence", tag = "presence", security(("agent" = [])),
    request_body = SetStatus,
    responses(
        (status = 200, description = "The presence as it is now", body = wire::Presence),
        Unauthorized, BadBody, Failures
    )
)]
pub(super) async fn set_my_presence(
    State(app): State<AppState>,
    agent: Permitted<OwnPresence>,
    Json(request): Json<SetStatus>,
) -> Result<Response, ApiError> {
    change(&app, &agent, agent.agent_id, request.into_command()).await
}

/// Sets the status of the agent that calls for one office.
#[utoipa::path(
    put, path = "/v1/me/presence/offices/{office_id}", operation_id = "set_my_override", tag = "presence",
    security(("agent" = [])), params(("office_id" = uuid::Uuid, Path)), request_body = SetOfficeStatus,
    responses(
        (status = 200, description = "The presence as it is now", body = wire::Presence),
        Unauthorized, Missing, BadBody, Failures
    )
)]
pub(super) async fn set_my_override(
    State(app): State<AppState>,
    agent: Permitted<OwnPresence>,
    Id(office_id): Id<OfficeId>,
    Json(request): Json<SetOfficeStatus>,
) -> Result<Response, ApiError> {
    let command = PresenceCommand::SetOverride(office_id, request.into_status());
    change(&app, &agent, agent.agent_id, command).await
}

/// Clears what the agent that calls has set for one office.
#[utoipa::path(
    delete, path = "/v1/me/presence/offices/{office_id}", operation_id = "clear_my_override", tag = "presence",
    security(("agent" = [])), params(("office_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "The presence as it is now", body = wire::Presence),
        Unauthorized, Missing, BadQuery, Failures
    )
)]
pub(super) async fn clear_my_override(
    State(app): State<AppState>,
    agent: Permitted<OwnPresence>,
    Id(office_id): Id<OfficeId>,
) -> Result<Response, ApiError> {
    let command = PresenceCommand::ClearOverride(office_id);
    change(&app, &agent, agent.agent_id, command).await
}

/// Begins a pause of the agent that calls, or changes to another one.
#[utoipa::path(
    put, path = "/v1/me/pause", operation_id = "start_my_pause", tag = "presence", security(("agent" = [])),
    request_body = StartPause,
    responses(
        (status = 200, description = "The presence as it is now", body = wire::Presence),
        Unauthorized, BadBody, Failures
    )
)]
pub(super) async fn start_my_pause(
    State(app): State<AppState>,
    agent: Permitted<OwnPresence>,
    Json(request): Json<StartPause>,
) -> Result<Response, ApiError> {
    let command = PresenceCommand::StartPause(request.pause_id);
    change(&app, &agent, agent.agent_id, command).await
}

/// Ends the pause of the agent that calls.
#[utoipa::path(
    delete, path = "/v1/me/pause", operation_id = "end_my_pause", tag = "presence", security(("agent" = [])),
    responses(
        (status = 200, description = "The presence as it is now", body = wire::Presence),
        (status = 409, description = "`not_paused`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Failures
    )
)]
pub(super) async fn end_my_pause(
    State(app): State<AppState>,
    agent: Permitted<OwnPresence>,
) -> Result<Response, ApiError> {
    change(&app, &agent, agent.agent_id, PresenceCommand::EndPause).await
}

/// Sets the status of an agent, for all offices.
#[utoipa::path(
    put, path = "/v1/agents/{agent_id}/presence", operation_id = "set_presence", tag = "presence",
    security(("agent" = [])), params(("agent_id" = uuid::Uuid, Path)), request_body = SetStatus,
    responses(
        (status = 200, description = "The presence as it is now", body = wire::Presence),
        Unauthorized, Forbidden, Missing, BadBody, Failures
    )
)]
pub(super) async fn set_presence(
    State(app): State<AppState>,
    agent: Permitted<ChangeOthersPresence>,
    Id(agent_id): Id<AgentId>,
    Json(request): Json<SetStatus>,
) -> Result<Response, ApiError> {
    change(&app, &agent, agent_id, request.into_command()).await
}

/// Sets the status of an agent for one office.
#[utoipa::path(
    put, path = "/v1/agents/{agent_id}/presence/offices/{office_id}", operation_id = "set_override",
    tag = "presence", security(("agent" = [])),
    params(("agent_id" = uuid::Uuid, Path), ("office_id" = uuid::Uuid, Path)), request_body = SetOfficeStatus,
    responses(
        (status = 200, description = "The presence as it is now", body = wire::Presence),
        Unauthorized, Forbidden, Missing, BadBody, Failures
    )
)]
pub(super) async fn set_override(
    State(app): State<AppState>,
    agent: Permitted<ChangeOthersPresence>,
    Ids(agent_id, office_id): Ids<AgentId, OfficeId>,
    Json(request): Json<SetOfficeStatus>,
) -> Result<Response, ApiError> {
    let command = PresenceCommand::SetOverride(office_id, request.into_status());
    change(&app, &agent, agent_id, command).await
}

/// Clears what was set for an agent in one office.
#[utoipa::path(
    delete, path = "/v1/agents/{agent_id}/presence/offices/{office_id}", operation_id = "clear_override",
    tag = "presence", security(("agent" = [])),
    params(("agent_id" = uuid::Uuid, Path), ("office_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "The presence as it is now", body = wire::Presence),
        Unauthorized, Forbidden, Missing, BadQuery, Failures
    )
)]
pub(super) async fn clear_override(
    State(app): State<AppState>,
    agent: Permitted<ChangeOthersPresence>,
    Ids(agent_id, office_id): Ids<AgentId, OfficeId>,
) -> Result<Response, ApiError> {
    let command = PresenceCommand::ClearOverride(office_id);
    change(&app, &agent, agent_id, command).await
}

/// Begins a pause of an agent.
#[utoipa::path(
    put, path = "/v1/agents/{agent_id}/pause", operation_id = "start_pause", tag = "presence",
    security(("agent" = [])), params(("agent_id" = uuid::Uuid, Path)), request_body = StartPause,
    responses(
        (status = 200, description = "The presence as it is now", body = wire::Presence),
        Unauthorized, Forbidden, Missing, BadBody, Failures
    )
)]
pub(super) async fn start_pause(
    State(app): State<AppState>,
    agent: Permitted<ChangeOthersPresence>,
    Id(agent_id): Id<AgentId>,
    Json(request): Json<StartPause>,
) -> Result<Response, ApiError> {
    let command = PresenceCommand::StartPause(request.pause_id);
    change(&app, &agent, agent_id, command).await
}

/// Ends the pause of an agent.
#[utoipa::path(
    delete, path = "/v1/agents/{agent_id}/pause", operation_id = "end_pause", tag = "presence",
    security(("agent" = [])), params(("agent_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "The presence as it is now", body = wire::Presence),
        (status = 409, description = "`not_paused`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, Failures
    )
)]
pub(super) async fn end_pause(
    State(app): State<AppState>,
    agent: Permitted<ChangeOthersPresence>,
    Id(agent_id): Id<AgentId>,
) -> Result<Response, ApiError> {
    change(&app, &agent, agent_id, PresenceCommand::EndPause).await
}

/// Sets the status of all agents of an office there, in one step. Those who chose to be offline stay so.
#[utoipa::path(
    put, path = "/v1/offices/{office_id}/presence", operation_id = "set_office_presence", tag = "presence",
    security(("agent" = [])), params(("office_id" = uuid::Uuid, Path)), request_body = SetOfficeStatus,
    responses(
        (status = 200, description = "The presences of its agents as they are now", body = Vec<wire::Presence>),
        Unauthorized, Forbidden, Missing, BadBody, Failures
    )
)]
pub(super) async fn set_office_presence(
    State(app): State<AppState>,
    agent: Permitted<ChangeOthersPresence>,
    Id(office_id): Id<OfficeId>,
    Json(request): Json<SetOfficeStatus>,
) -> Result<Response, ApiError> {
    let command = Command::Office {
        office_id,
        by: agent.agent_id,
        status: Some(request.into_status()),
    };
    done(app.call(agent.tenant_id, command, None).await)
}

/// Clears what was set for an office of all its agents, in one step.
#[utoipa::path(
    delete, path = "/v1/offices/{office_id}/presence", operation_id = "clear_office_presence", tag = "presence",
    security(("agent" = [])), params(("office_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "The presences of its agents as they are now", body = Vec<wire::Presence>),
        Unauthorized, Forbidden, Missing, Failures
    )
)]
pub(super) async fn clear_office_presence(
    State(app): State<AppState>,
    agent: Permitted<ChangeOthersPresence>,
    Id(office_id): Id<OfficeId>,
) -> Result<Response, ApiError> {
    let command = Command::Office {
        office_id,
        by: agent.agent_id,
        status: None,
    };
    done(app.call(agent.tenant_id, command, None).await)
}

/// Holds an agent online for the tenant's `lease.ttl_s`, without a connection.
#[utoipa::path(
    post, path = "/v1/agents/{agent_id}/presence/ping", operation_id = "ping", tag = "presence",
    security(("agent" = [])), params(("agent_id" = uuid::Uuid, Path)), request_body = Ping,
    responses(
        (status = 200, description = "The presence as it is now", body = wire::Presence),
        Unauthorized, Forbidden, Missing, BadBody, Failures
    )
)]
pub(super) async fn ping(
    State(app): State<AppState>,
    agent: Permitted<ChangeOthersPresence>,
    Id(agent_id): Id<AgentId>,
    Json(request): Json<Ping>,
) -> Result<Response, ApiError> {
    let takes_offers = request.takes_offers;
    change(
        &app,
        &agent,
        agent_id,
        PresenceCommand::Ping { takes_offers },
    )
    .await
}

/// The same for an agent that is named by its address.
#[utoipa::path(
    post, path = "/v1/presence/ping", operation_id = "ping_by_email", tag = "presence",
    security(("agent" = [])), request_body = PingByEmail,
    responses(
        (status = 200, description = "The presence as it is now", body = wire::Presence),
        Unauthorized, Forbidden, Missing, BadBody, Failures
    )
)]
pub(super) async fn ping_by_email(
    State(app): State<AppState>,
    agent: Permitted<ChangeOthersPresence>,
    Json(request): Json<PingByEmail>,
) -> Result<Response, ApiError> {
    let PingByEmail {
        email,
        takes_offers,
    } = request;
    let read = move |engine: &crate::engine::Engine| engine.find_agent_by_email(&email);
    let found = app.hub.read(agent.tenant_id, read).await?;
    let agent_id = found.ok_or_else(ApiError::not_found)?;
    change(
        &app,
        &agent,
        agent_id,
        PresenceCommand::Ping { takes_offers },
    )
    .await
}
