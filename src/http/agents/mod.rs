//! Agents, as admins set them up.

mod body;

use axum::Json as Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use crate::domain::{Agent, AgentId, Role};
use crate::engine::{NewPassword, PasswordHash, SetupCommand};
use crate::faults::{Draft, Sent};
use crate::http::conditional::{IfMatch, Tagged};
use crate::http::docs::{BadBody, BadQuery, Failures, Forbidden, Missing, Stale, Unauthorized};
use crate::http::extract::{Creation, Id, Query};
use crate::http::page::{ListQuery, Page};
use crate::http::patch::MergePatch;
use crate::http::principal::{ChangeSetup, Permitted, ReadSetup};
use crate::http::resource::{self, Listed, Resource};
use crate::http::{AgentPrincipal, ApiError, AppState, sessions};
use crate::protocol::{ErrorCode, wire};
use crate::store::{self, TenantTx};

pub(in crate::http) use body::{CreateAgent, PatchAgent};

/// An agent, and the password that it is to have.
#[derive(Clone, PartialEq)]
pub(in crate::http) struct Profile {
    /// The agent.
    pub agent: Agent,
    /// Its new password. What is read has none: a password is only ever given.
    pub password: Option<NewPassword>,
}

impl From<Agent> for Profile {
    fn from(agent: Agent) -> Self {
        Self {
            agent,
            password: None,
        }
    }
}

impl Resource for Profile {
    type Id = AgentId;
    type Wire = wire::Agent;

    async fn find(tx: &mut TenantTx, id: AgentId) -> Result<Option<Self>, store::Error> {
        Ok(tx.find_agent(id).await?.map(Self::from))
    }

    fn version(&self) -> i64 {
        self.agent.version
    }

    fn shown(&self) -> wire::Agent {
        (&self.agent).into()
    }

    fn update(self) -> SetupCommand {
        SetupCommand::UpdateAgent(Box::new(self.agent), self.password)
    }
}

impl Listed for Profile {
    const FOLDER: &'static str = "/v1/agents";

    async fn list(
        tx: &mut TenantTx,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Self>, store::Error> {
        let agents = tx.list_agents(after.map(AgentId), limit).await?;
        Ok(agents.into_iter().map(Self::from).collect())
    }

    fn id(&self) -> Uuid {
        self.agent.id.0
    }

    fn archive(id: AgentId, version: Option<i64>) -> SetupCommand {
        SetupCommand::ArchiveAgent(id, version)
    }
}

/// Refuses a role above one's own before anything is done for it; the engine holds it against what is so then.
fn check_role(by: &AgentPrincipal, role: Option<Role>) -> Result<(), ApiError> {
    if role.is_some_and(|role| role > by.role) {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            "nobody gives more rights than it has",
        ));
    }
    Ok(())
}

/// Changes an agent, and ends the sessions that go with what it was. Runs to its end, whether its caller waits or not.
pub(in crate::http) async fn change_profile(
    app: &AppState,
    by: AgentPrincipal,
    agent_id: AgentId,
    if_match: IfMatch,
    patch: impl Fn(&mut Profile) -> Sent + Send + Sync + 'static,
) -> Result<Response, ApiError> {
    let state = app.clone();
    let work = async move {
        let outcome = resource::attempt(&state, &by, agent_id, &if_match, &patch).await;
        let ended = match &outcome {
            Ok(change) => {
                let mut after = change.before.clone();
                patch(&mut after);
                let keeps = after.password.as_ref().and_then(|password| password.keeps);
                let another_role = after.agent.role != change.before.agent.role;
                (another_role || after.password.is_some())
                    .then_some(sessions::Ended::AllBut(keeps.filter(|_| !another_role)))
            }
            Err(error) => sessions::Ended::by_failure(error),
        };
        sessions::end(&state, by.tenant_id, agent_id, ended).await?;
        Ok(outcome?.into_response())
    };
    app.finish("agent-change", work).await
}

/// Lists the agents, oldest first.
#[utoipa::path(
    get, path = "/v1/agents", operation_id = "list_agents", tag = "setup", security(("agent" = [])),
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<wire::Agent>), Unauthorized, BadQuery, Failures)
)]
pub(in crate::http) async fn list_agents(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Query(query): Query<ListQuery>,
) -> Result<Body<Page<wire::Agent>>, ApiError> {
    resource::list::<Profile>(&app, &agent, query).await
}

/// Adds an agent.
#[utoipa::path(
    post, path = "/v1/agents", operation_id = "create_agent", tag = "setup", security(("agent" = [])),
    params(crate::http::docs::IdempotencyKey),
    request_body = CreateAgent,
    responses(
        (status = 201, description = "The new agent", body = wire::Agent, headers(
            ("Location" = String, description = "Where it is found"),
            ("ETag" = String, description = "Its version, for `If-Match`")
        )),
        (status = 409, description = "`email_taken`, `limit_reached`, `idempotency_mismatch`",
            body = crate::http::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(in crate::http) async fn create_agent(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<Draft<CreateAgent>>,
) -> Result<Response, ApiError> {
    let (request, once) = request.split(|| agent.name());
    check_role(&agent, request.get().role)?;
    let hash = if request.is_whole() {
        app.passwords.hash(&request.get().password).await?
    } else {
        // Nobody is made of it, so the time that a hash takes is not spent.
        String::new()
    };
    let now = app.now();
    let id = AgentId(app.random.uuid_v7(now));
    let new = request.map(|request| request.into_agent(id, now));
    let command =
        new.map(|new| SetupCommand::CreateAgent(Box::new(new), PasswordHash(hash.into())));
    resource::create::<Profile>(&app, &agent, once, command).await
}

/// Shows an agent.
#[utoipa::path(
    get, path = "/v1/agents/{agent_id}", operation_id = "find_agent", tag = "setup",
    security(("agent" = [])), params(("agent_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The agent", body = wire::Agent,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Missing, Failures
    )
)]
pub(in crate::http) async fn find_agent(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
    Id(agent_id): Id<AgentId>,
) -> Result<Tagged<wire::Agent>, ApiError> {
    resource::find::<Profile>(&app, &agent, agent_id).await
}

/// Changes an agent. A new password or another role ends its sessions.
#[utoipa::path(
    patch, path = "/v1/agents/{agent_id}", operation_id = "change_agent", tag = "setup",
    security(("agent" = [])), params(("agent_id" = Uuid, Path), crate::http::docs::IfMatch),
    request_body(content(
        (PatchAgent = "application/merge-patch+json"), (PatchAgent = "application/json")
    )),
    responses(
        (status = 200, description = "The agent as it is now", body = wire::Agent,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        (status = 409, description = "`email_taken`, `last_owner`",
            body = crate::http::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, Stale, BadBody, Failures
    )
)]
pub(in crate::http) async fn change_agent(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(agent_id): Id<AgentId>,
    if_match: IfMatch,
    MergePatch(draft): MergePatch<Draft<PatchAgent>>,
) -> Result<Response, ApiError> {
    let (patch, sent) = draft.split();
    check_role(&agent, patch.named_role())?;
    let password = match patch.named_password().filter(|_| sent.is_whole()) {
        Some(password) => Some(NewPassword {
            hash: PasswordHash(app.passwords.hash(password).await?.into()),
            keeps: None,
        }),
        None => None,
    };
    let patch = move |profile: &mut Profile| {
        patch.clone().apply(&mut profile.agent);
        profile.password.clone_from(&password);
        sent.clone()
    };
    change_profile(&app, *agent, agent_id, if_match, patch).await
}

/// Archives an agent; its sessions end.
#[utoipa::path(
    delete, path = "/v1/agents/{agent_id}", operation_id = "delete_agent", tag = "setup",
    security(("agent" = [])), params(("agent_id" = Uuid, Path), crate::http::docs::IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "`in_use`: it has open chats; `last_owner`",
            body = crate::http::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, Missing, Stale, Failures
    )
)]
pub(in crate::http) async fn delete_agent(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(agent_id): Id<AgentId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    let state = app.clone();
    let work = async move {
        let outcome = resource::archive::<Profile>(&state, &agent, agent_id, &if_match).await;
        let ended = match &outcome {
            Ok(_) => Some(sessions::Ended::AllBut(None)),
            Err(error) => sessions::Ended::by_failure(error),
        };
        sessions::end(&state, agent.tenant_id, agent_id, ended).await?;
        outcome
    };
    app.finish("agent-archive", work).await
}
