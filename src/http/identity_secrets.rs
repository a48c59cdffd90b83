//! Identity secrets: what a tenant's own site signs with who a visitor is.
//!
//! Owns that a secret is told once, to who makes it, and that nothing else of it leaves the database but sealed. What is
//! signed with one is checked here too, where a visitor begins.

use axum::Json as Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::docs::{BadBody, BadQuery, Failures, Forbidden, Missing, Unauthorized};
use super::extract::{Creation, Id, Query};
use super::once::{first_answer, keep_answer};
use super::page::{ListQuery, Page};
use super::principal::{ChangeSetup, Permitted};
use super::{AgentPrincipal, ApiError, AppState, reply};
use crate::auth::{IdentityClaims, IdentitySecret, IdentityToken};
use crate::domain::{
    IDENTITY_SECRETS_MAX, IdentitySecretId, Sealed, SealedSecret, TenantId, Timestamp,
};
use crate::protocol::request::Nothing;
use crate::protocol::{ErrorCode, wire};
use crate::store::AuditEntry;

const FOLDER: &str = "/v1/identity-secrets";

/// What they are called in the audit, and where one waits for its turn.
const KIND: &str = "identity_secret";

/// Lists the identity secrets, oldest first, without what they are.
#[utoipa::path(
    get, path = "/v1/identity-secrets", operation_id = "list_identity_secrets", tag = "setup",
    security(("agent" = [])), params(ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<wire::IdentitySecret>),
        Unauthorized, Forbidden, BadQuery, Failures
    )
)]
pub(super) async fn list_identity_secrets(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Query(query): Query<ListQuery>,
) -> Result<Body<Page<wire::IdentitySecret>>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let rows = tx
        .list_identity_secrets(query.after(IdentitySecretId), query.limit.and_one_more())
        .await?;
    Ok(Body(Page::new(
        rows,
        query.limit,
        |secret| secret.id.0,
        |secret| secret.into(),
    )))
}

/// Makes an identity secret. The answer is the only one that shows it.
#[utoipa::path(
    post, path = "/v1/identity-secrets", operation_id = "create_identity_secret", tag = "setup",
    security(("agent" = [])), params(super::docs::IdempotencyKey),
    request_body = Nothing,
    responses(
        (status = 201, description = "The new secret", body = wire::NewIdentitySecret,
            headers(("Location" = String, description = "Where it is found"))),
        (status = 409, description = "`limit_reached` beyond two, `idempotency_mismatch`",
            body = super::docs::ProblemBody, content_type = "application/problem+json"),
        Unauthorized, Forbidden, BadBody, Failures
    )
)]
pub(super) async fn create_identity_secret(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    request: Creation<Nothing>,
) -> Result<Response, ApiError> {
    let (Nothing {}, once) = request.split(|| agent.name());
    let now = app.now();
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    // A twin of the request waits here, and then finds the answer to this one.
    tx.take_turn(KIND).await?;
    if let Some(first) = first_answer(&mut tx, once.as_ref(), now).await? {
        let secret = from_kept(&first).ok_or_else(ApiError::internal)?;
        return shown_once(&app, agent.tenant_id, &secret);
    }
    let bound = i64::try_from(IDENTITY_SECRETS_MAX).unwrap_or(i64::MAX);
    let there = tx.list_identity_secrets(None, bound).await?;
    if there.len() >= IDENTITY_SECRETS_MAX {
        let detail =
            "there are two identity secrets; delete the one that no site signs with any more";
        return Err(ApiError::new(ErrorCode::LimitReached, detail));
    }
    let id = IdentitySecretId(app.random.uuid_v7(now));
    let secret = IdentitySecret::new(&app.random);
    let secret = SealedSecret {
        id,
        sealed: secret.seal(agent.tenant_id, id, &app.sealer, &app.random),
        created_at: now,
    };
    tx.insert_identity_secret(&secret).await?;
    tx.insert_audit_entry(&entry(&app, &agent, now, "created", id))
        .await?;
    keep_answer(&mut tx, once.as_ref(), &to_kept(&secret), now).await?;
    tx.commit().await?;
    shown_once(&app, agent.tenant_id, &secret)
}

/// Shows an identity secret, without what it is.
#[utoipa::path(
    get, path = "/v1/identity-secrets/{identity_secret_id}", operation_id = "find_identity_secret", tag = "setup",
    security(("agent" = [])), params(("identity_secret_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The secret's id and age", body = wire::IdentitySecret),
        Unauthorized, Forbidden, Missing, Failures
    )
)]
pub(super) async fn find_identity_secret(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(id): Id<IdentitySecretId>,
) -> Result<Body<wire::IdentitySecret>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let found = tx.find_identity_secret(id).await?;
    let found = found.ok_or_else(ApiError::not_found)?;
    Ok(Body((&found).into()))
}

/// Deletes an identity secret: what it has signed is worth nothing from now on. Visitors' tokens that were given for it
/// stay good until they end.
#[utoipa::path(
    delete, path = "/v1/identity-secrets/{identity_secret_id}", operation_id = "delete_identity_secret", tag = "setup",
    security(("agent" = [])), params(("identity_secret_id" = Uuid, Path)),
    responses(
        (status = 204, description = "It is gone"),
        Unauthorized, Forbidden, Missing, Failures
    )
)]
pub(super) async fn delete_identity_secret(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    Id(id): Id<IdentitySecretId>,
) -> Result<StatusCode, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    if !tx.delete_identity_secret(id).await? {
        return Err(ApiError::not_found());
    }
    tx.insert_audit_entry(&entry(&app, &agent, app.now(), "deleted", id))
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who a visitor of a tenant is, by a token of its site.
///
/// # Errors
/// What is wrong with the token, or that the tenant has nothing that could have signed one.
pub(super) async fn identify(
    app: &AppState,
    tenant_id: TenantId,
    token: IdentityToken<'_>,
    now: Timestamp,
) -> Result<IdentityClaims, ApiError> {
    let bound = i64::try_from(IDENTITY_SECRETS_MAX).unwrap_or(i64::MAX);
    let mut tx = app.store.tenant(tenant_id).await?;
    let rows = tx.list_identity_secrets(None, bound).await?;
    drop(tx);
    if rows.is_empty() {
        let detail =
            "the tenant takes no identity_token before an admin has made an identity secret";
        return Err(ApiError::new(ErrorCode::NoIdentitySecret, detail));
    }
    let mut secrets = Vec::with_capacity(rows.len());
    for row in &rows {
        match IdentitySecret::open(tenant_id, row, &app.sealer) {
            Ok(secret) => secrets.push(secret),
            // The other one may be good; a tenant is told to make a new one by whoever reads this.
            Err(error) => unreadable(tenant_id, row, error),
        }
    }
    if secrets.is_empty() {
        return Err(ApiError::internal());
    }
    Ok(token.verify(&secrets, now)?)
}

fn unreadable(tenant_id: TenantId, secret: &SealedSecret, error: crate::auth::Unreadable) {
    tracing::error!(
        tenant.id = %tenant_id,
        identity_secret.id = %secret.id,
        kid = %secret.sealed.kid,
        error = &error as &dyn std::error::Error,
        "an identity secret cannot be read: is its key in auth.sealing_keys_file?"
    );
}

fn shown_once(
    app: &AppState,
    tenant_id: TenantId,
    secret: &SealedSecret,
) -> Result<Response, ApiError> {
    let opened = IdentitySecret::open(tenant_id, secret, &app.sealer).map_err(|error| {
        unreadable(tenant_id, secret, error);
        ApiError::internal()
    })?;
    let shown = wire::NewIdentitySecret::new(secret, opened.reveal());
    let body = serde_json::to_value(shown).unwrap_or_default();
    Ok(reply::created_body(body, FOLDER))
}

/// What is kept of the answer for its idempotency key: the secret stays sealed there too, also when its row is gone.
fn to_kept(secret: &SealedSecret) -> Value {
    json!({
        "id": secret.id,
        "kid": secret.sealed.kid,
        "sealed": STANDARD.encode(&secret.sealed.bytes),
        "created_at": secret.created_at.0,
    })
}

fn from_kept(kept: &Value) -> Option<SealedSecret> {
    Some(SealedSecret {
        id: kept["id"].as_str()?.parse().ok()?,
        sealed: Sealed {
            kid: kept["kid"].as_str()?.to_owned(),
            bytes: STANDARD.decode(kept["sealed"].as_str()?).ok()?,
        },
        created_at: Timestamp(kept["created_at"].as_i64()?),
    })
}

fn entry(
    app: &AppState,
    by: &AgentPrincipal,
    at: Timestamp,
    done: &str,
    id: IdentitySecretId,
) -> AuditEntry {
    AuditEntry {
        id: app.random.uuid_v7(at),
        at,
        agent_id: by.agent_id,
        kind: format!("{KIND}.{done}"),
        subject_id: id.0,
        fields: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_answer_is_kept_sealed_and_given_again() {
        let secret = SealedSecret {
            id: IdentitySecretId(Uuid::from_u128(1)),
            sealed: Sealed {
                kid: "a".to_owned(),
                bytes: vec![0, 255, 7],
            },
            created_at: Timestamp(1_772_357_400_123),
        };

        assert_eq!(from_kept(&to_kept(&secret)), Some(secret));
        assert_eq!(from_kept(&json!({})), None);
    }
}
