//! Tenants, for the operator of the service.
//!
//! No engine knows a tenant before it exists, so making one is a transaction of its own, with its idempotency key
//! in it.

use axum::Json as Body;
use axum::extract::State;
use axum::response::Response;
use deserr::Deserr;
use utoipa::ToSchema;

use super::docs::{BadBody, BadQuery, Failures, Missing, Unauthorized};
use super::error::idempotency_mismatch;
use super::extract::{Creation, Id, Query};
use super::page::{ListQuery, Page};
use super::{ApiError, AppState, PlatformOperator, reply};
use crate::auth::Password;
use crate::domain::{Agent, AgentId, Email, Invalid, Name, Role, Slug, TenantId};
use crate::engine::PasswordHash;
use crate::faults::{Faults, between};
use crate::protocol::request::SEATS_MAX;
use crate::protocol::wire;
use crate::realtime::IdempotencyKey;
use crate::store::{Error, IdempotencyRecord, NewTenant, Tenant};

/// The platform operator adds a tenant.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub(super) struct CreateTenant {
    /// Its name.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// Its name in addresses and at log-in: lower-case letters, digits and hyphens, letter first.
    #[schema(value_type = String, min_length = 2, max_length = 40, pattern = "^[a-z][a-z0-9-]+$")]
    pub slug: Slug,
    /// How many agents it pays for.
    #[deserr(try_from(i64) = between::<_, 1, SEATS_MAX> -> Invalid)]
    #[schema(minimum = 1, maximum = 100_000)]
    pub seats: u32,
    /// Its first agent, who gets the role `owner`.
    pub admin: NewAdmin,
}

/// A tenant's first agent.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub(super) struct NewAdmin {
    /// What colleagues and visitors read.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// Where it logs in with.
    #[schema(value_type = String, format = Email, max_length = 254)]
    pub email: Email,
    /// Its password.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 200)]
    pub password: Password,
}

fn shown(tenant: &Tenant) -> wire::Tenant {
    let Tenant {
        id,
        name,
        slug,
        seats,
        created_at,
    } = tenant.clone();
    wire::Tenant::new(id, name, slug, seats, created_at)
}

/// Adds a tenant with its first agent.
#[utoipa::path(
    post, path = "/v1/platform/tenants", operation_id = "create_tenant", tag = "platform",
    security(("platform" = [])), params(super::docs::IdempotencyKey),
    request_body = CreateTenant,
    responses(
        (status = 201, description = "The new tenant", body = wire::TenantWithAdmin,
            headers(("Location" = String, description = "Where it is found"))),
        (status = 409, description = "`slug_taken`, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, BadBody, Failures
    )
)]
pub(super) async fn create_tenant(
    State(app): State<AppState>,
    _: PlatformOperator,
    request: Creation<CreateTenant>,
) -> Result<Response, ApiError> {
    const FOLDER: &str = "/v1/platform/tenants";
    let (request, once) = request.split(|| "platform".to_owned());
    if let Some(first) = first_answer(&app, once.as_ref()).await? {
        return Ok(reply::created_body(first, FOLDER));
    }
    let hash = app.passwords.hash(&request.admin.password).await?;
    let new = new_tenant(&app, request, PasswordHash(hash.into()));
    let tenant = wire::Tenant::new(
        new.id,
        new.name.clone(),
        new.slug.clone(),
        new.seats,
        new.at,
    );
    let answer = serde_json::to_value(tenant.with_admin(&new.owner)).unwrap_or_default();
    let answer = match found(&app, &new, once.as_ref(), &answer).await {
        Ok(()) => answer,
        // The same request on another connection may have been faster; then its answer is there by now.
        Err(error @ Error::Conflict(_)) => {
            let first = first_answer(&app, once.as_ref()).await?;
            first.ok_or(error)?
        }
        Err(error) => return Err(error.into()),
    };
    Ok(reply::created_body(answer, FOLDER))
}

/// Writes the tenant and the answer to its key, both or neither. A twin of the request waits at the first row that
/// both want until this one has committed.
async fn found(
    app: &AppState,
    new: &NewTenant,
    once: Option<&IdempotencyKey>,
    answer: &serde_json::Value,
) -> Result<(), Error> {
    let mut tx = app.store.system().await?;
    tx.insert_tenant(new).await?;
    if let Some(IdempotencyKey { key, body_hash, .. }) = once {
        let record = IdempotencyRecord {
            body_hash: *body_hash,
            answer: answer.clone(),
        };
        tx.insert_platform_answer(key, &record, new.at).await?;
    }
    tx.commit().await
}

/// What was answered when the key came before.
async fn first_answer(
    app: &AppState,
    once: Option<&IdempotencyKey>,
) -> Result<Option<serde_json::Value>, ApiError> {
    let Some(once) = once else { return Ok(None) };
    match app
        .store
        .system()
        .await?
        .find_platform_answer(&once.key)
        .await?
    {
        None => Ok(None),
        Some(record) if record.body_hash == once.body_hash => Ok(Some(record.answer)),
        Some(_) => Err(idempotency_mismatch()),
    }
}

fn new_tenant(app: &AppState, request: CreateTenant, owner_password: PasswordHash) -> NewTenant {
    let now = app.now();
    NewTenant {
        id: TenantId(app.random.uuid_v7(now)),
        name: request.name,
        slug: request.slug,
        seats: request.seats,
        owner: Agent::new(
            AgentId(app.random.uuid_v7(now)),
            request.admin.name,
            request.admin.email,
            Role::Owner,
            now,
        ),
        owner_password,
        at: now,
    }
}

/// Lists the tenants, newest first.
#[utoipa::path(
    get, path = "/v1/platform/tenants", operation_id = "list_tenants", tag = "platform",
    security(("platform" = [])), params(ListQuery),
    responses((status = 200, description = "A page", body = Page<wire::Tenant>), Unauthorized, BadQuery, Failures)
)]
pub(super) async fn list_tenants(
    State(app): State<AppState>,
    _: PlatformOperator,
    Query(query): Query<ListQuery>,
) -> Result<Body<Page<wire::Tenant>>, ApiError> {
    let mut tx = app.store.system().await?;
    let rows = tx
        .list_tenants(query.after(TenantId), query.limit.and_one_more())
        .await?;
    Ok(Body(Page::new(rows, query.limit, |row| row.id.0, shown)))
}

/// Shows a tenant.
#[utoipa::path(
    get, path = "/v1/platform/tenants/{tenant_id}", operation_id = "find_tenant", tag = "platform",
    security(("platform" = [])), params(("tenant_id" = uuid::Uuid, Path)),
    responses((status = 200, description = "The tenant", body = wire::Tenant), Unauthorized, Missing, Failures)
)]
pub(super) async fn find_tenant(
    State(app): State<AppState>,
    _: PlatformOperator,
    Id(tenant_id): Id<TenantId>,
) -> Result<Body<wire::Tenant>, ApiError> {
    let found = app.store.system().await?.find_tenant(tenant_id).await?;
    found
        .map(|tenant| Body(shown(&tenant)))
        .ok_or_else(ApiError::not_found)
}

#[cfg(test)]
mod tests {
    use utoipa::PartialSchema as _;

    use super::*;
    use crate::protocol::request::PatchSettings;

    #[test]
    fn the_operator_and_the_admins_set_seats_within_the_same_bounds() {
        let seats = |schema: serde_json::Value| schema["properties"]["seats"].clone();
        let of_operator = seats(serde_json::to_value(CreateTenant::schema()).unwrap());
        let of_admins = seats(serde_json::to_value(PatchSettings::schema()).unwrap());

        for schema in [of_operator, of_admins] {
            assert_eq!(schema["minimum"], 1, "{schema}");
            assert_eq!(schema["maximum"], SEATS_MAX, "{schema}");
        }
    }
}
