//! Agents, as admins set them up.

use axum::Json as Body;
use axum::extract::State;
use axum::response::Response;
use deserr::Deserr;
use utoipa::ToSchema;

use super::docs::{BadBody, BadQuery, Failures, Forbidden, Missing, Unauthorized};
use super::extract::{Creation, Id, Query};
use super::page::{ListQuery, Page};
use super::principal::{ChangeSetup, Permitted, ReadSetup};
use super::{ApiError, AppState, reply};
use crate::auth::Password;
use crate::domain::{Agent, AgentId, Capacity, Email, Name, Role, Timestamp};
use crate::engine::{Command, PasswordHash, SetupCommand};
use crate::faults::Faults;
use crate::protocol::{Audience, ErrorCode, wire};

/// An admin adds an agent.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub(super) struct CreateAgent {
    /// What colleagues and visitors read.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// Where it logs in with.
    #[schema(value_type = String, format = Email, max_length = 254)]
    pub email: Email,
    /// Its password.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 200)]
    pub password: Password,
    /// Its rights, at most those of who adds it; `agent` when not named.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Role>)]
    pub role: Option<Role>,
    /// How many chats it may have at once; 4 when not named.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub capacity: Option<Capacity>,
}

impl CreateAgent {
    /// The agent that is asked for.
    fn into_agent(self, id: AgentId, at: Timestamp) -> Agent {
        let role = self.role.unwrap_or(Role::Agent);
        Agent {
            capacity: self.capacity.unwrap_or(Capacity::DEFAULT),
            ..Agent::new(id, self.name, self.email, role, at)
        }
    }
}

/// Lists the agents.
#[utoipa::path(
    get, path = "/v1/agents", operation_id = "list_agents", tag = "setup", security(("agent" = [])),
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<wire::Agent>), Unauthorized, BadQuery, Failures)
)]
pub(super) async fn list_agents(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Query(query): Query<ListQuery>,
) -> Result<Body<Page<wire::Agent>>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let rows = tx
        .list_agents(query.after(AgentId), query.limit.and_one_more())
        .await?;
    Ok(Body(Page::new(
        rows,
        query.limit,
        |row| row.id.0,
        |row| row.into(),
    )))
}

/// Adds an agent.
#[utoipa::path(
    post, path = "/v1/agents", operation_id = "create_agent", tag = "setup", security(("agent" = [])),
    params(super::docs::IdempotencyKey),
    request_body = CreateAgent,
    responses(
        (status = 201, description = "The new agent", body = wire::Agent,
            headers(("Location" = String, description = "Where it is found"))),
        (status = 409, description = "`email_taken`, `limit_reached`, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_agent(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<CreateAgent>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    if request.role.is_some_and(|role| role > agent.role) {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            "nobody gives more rights than it has",
        ));
    }
    let hash = app.passwords.hash(&request.password).await?;
    let now = app.now();
    let new = request.into_agent(AgentId(app.random.uuid_v7(now)), now);
    let command = SetupCommand::CreateAgent(Box::new(new), PasswordHash(hash.into()));
    let command = Command::Setup {
        by: Some(agent.agent_id),
        command,
    };
    let answer = app.call(agent.tenant_id, command, once).await?;
    Ok(reply::created(answer, Audience::Agent, "/v1/agents"))
}

/// Shows an agent.
#[utoipa::path(
    get, path = "/v1/agents/{agent_id}", operation_id = "find_agent", tag = "setup",
    security(("agent" = [])), params(("agent_id" = uuid::Uuid, Path)),
    responses((status = 200, description = "The agent", body = wire::Agent), Unauthorized, Missing, Failures)
)]
pub(super) async fn find_agent(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Id(agent_id): Id<AgentId>,
) -> Result<Body<wire::Agent>, ApiError> {
    let found = app
        .store
        .tenant(agent.tenant_id)
        .await?
        .find_agent(agent_id)
        .await?;
    found
        .map(|agent| Body((&agent).into()))
        .ok_or_else(ApiError::not_found)
}
