//! The agent that calls. Its presence is in `presence.rs`, with that of others.

use axum::extract::State;
use axum::response::Response;
use deserr::Deserr;
use utoipa::ToSchema;

use super::agents::{Profile, change_profile};
use super::conditional::{IfMatch, Tagged};
use super::docs::{BadBody, Failures, Missing, Stale, Unauthorized};
use super::patch::MergePatch;
use super::principal::{AgentPrincipal, OwnPresence, Permitted};
use super::{ApiError, AppState, resource};
use crate::auth::Password;
use crate::domain::{Name, PictureUrl};
use crate::engine::{NewPassword, PasswordHash};
use crate::faults::{Change, Draft, FaultCode, Faults, Field, StandIns};
use crate::protocol::request::{InvisibleOffers, PatchOwnInactivity, seconds};
use crate::protocol::wire;

/// An agent changes what is its own to say; what is not named stays as it is.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub(super) struct PatchMe {
    /// What visitors read instead of the name; `null` for the name.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub public_name: Field<Name>,
    /// What visitors see of it: an `https` address, or a path of this server; `null` for nothing.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    pub picture_url: Field<PictureUrl>,
    /// Delays of its own within the tenant's, a patch itself; `null` takes all of them away.
    #[deserr(default)]
    #[schema(value_type = Option<PatchOwnInactivity>)]
    pub inactivity: Field<PatchOwnInactivity>,
    /// After how long it is offered a waiting chat while it is invisible; `null` is never.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 5, maximum = 3600)]
    pub offers_when_invisible_after_s: Field<InvisibleOffers>,
    /// A new password. All sessions end but the one that asks for it.
    #[deserr(default)]
    #[schema(value_type = ChangePassword, required = false)]
    pub password: Change<ChangePassword>,
}

/// A new password, from who knows the present one.
#[derive(Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub(super) struct ChangePassword {
    /// The present one. Nothing is checked but that it is right.
    #[schema(format = Password)]
    pub current: String,
    /// The one from now on.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 200)]
    pub new: Password,
}

impl std::fmt::Debug for ChangePassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChangePassword([redacted])")
    }
}

impl StandIns for PatchMe {}

impl PatchMe {
    /// Changes what it names but the password.
    fn apply(self, profile: &mut Profile) {
        let agent = &mut profile.agent;
        self.public_name.put_into(&mut agent.public_name);
        self.picture_url.put_into(&mut agent.picture_url);
        PatchOwnInactivity::put(self.inactivity, &mut agent.inactivity);
        self.offers_when_invisible_after_s
            .map(seconds)
            .put_into(&mut agent.offers_when_invisible_after);
    }
}

/// The agent that calls.
#[utoipa::path(
    get, path = "/v1/me", operation_id = "find_me", tag = "me", security(("agent" = [])),
    responses(
        (status = 200, description = "The agent", body = wire::Agent,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Missing, Failures
    )
)]
pub(super) async fn find_me(
    State(app): State<AppState>,
    agent: Permitted<OwnPresence>,
) -> Result<Tagged<wire::Agent>, ApiError> {
    resource::find::<Profile>(&app, &agent, agent.agent_id).await
}

/// Changes what the agent that calls may say of itself. Its name, role, offices and the like are the admin's.
#[utoipa::path(
    patch, path = "/v1/me", operation_id = "change_me", tag = "me", security(("agent" = [])),
    params(super::docs::IfMatch),
    request_body(content(
        (PatchMe = "application/merge-patch+json"), (PatchMe = "application/json")
    )),
    responses(
        (status = 200, description = "The agent as it is now", body = wire::Agent,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Missing, Stale, BadBody, Failures
    )
)]
pub(super) async fn change_me(
    State(app): State<AppState>,
    agent: Permitted<OwnPresence>,
    if_match: IfMatch,
    MergePatch(draft): MergePatch<Draft<PatchMe>>,
) -> Result<Response, ApiError> {
    let (patch, sent) = draft.split();
    let password = match &patch.password {
        // A try at the password counts, so there is none while something else is wrong.
        Change::Value(change) if sent.is_whole() => Some(new_password(&app, &agent, change).await?),
        Change::Absent | Change::Value(_) => None,
    };
    let patch = move |profile: &mut Profile| {
        patch.clone().apply(profile);
        profile.password.clone_from(&password);
        sent.clone()
    };
    change_profile(&app, *agent, agent.agent_id, if_match, patch).await
}

/// Checks the present password, as often as a log-in may be tried, and hashes the new one.
async fn new_password(
    app: &AppState,
    agent: &AgentPrincipal,
    change: &ChangePassword,
) -> Result<NewPassword, ApiError> {
    let (tenant, id) = (agent.tenant_id.to_string(), agent.agent_id.to_string());
    app.limiter.account(&tenant, &id)?;
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let known = tx.find_agent(agent.agent_id).await?;
    let known = known.ok_or_else(ApiError::not_found)?;
    let credentials = tx.find_credentials(&known.email).await?;
    drop(tx);
    let hash = credentials.ok_or_else(ApiError::not_found)?.password_hash;
    if !app.passwords.verify(&change.current, Some(&hash)).await? {
        return Err(ApiError::field(
            "/password/current",
            FaultCode::Mismatch,
            "this is not your password",
        ));
    }
    let hash = app.passwords.hash(&change.new).await?;
    Ok(NewPassword {
        hash: PasswordHash(hash.into()),
        keeps: Some(agent.session_id),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::request::tests::check_nulls;

    #[test]
    fn a_schema_says_null_where_null_is_taken() {
        check_nulls::<PatchMe>();
    }
}
