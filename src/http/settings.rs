//! The tenant's settings.

use axum::extract::State;
use axum::response::Response;

use super::conditional::{IfMatch, Tagged};
use super::docs::{BadBody, Failures, Forbidden, Stale, Unauthorized};
use super::patch::Patch;
use super::principal::{ChangeSetup, Permitted, ReadSetup};
use super::resource::{self, Resource};
use super::{ApiError, AppState};
use crate::domain::TenantSettings;
use crate::engine::SetupCommand;
use crate::protocol::request::PatchSettings;
use crate::protocol::wire;
use crate::store::{self, TenantTx};

impl Resource for TenantSettings {
    /// Each tenant has them once.
    type Id = ();
    type Wire = wire::Settings;

    async fn find(tx: &mut TenantTx, (): ()) -> Result<Option<Self>, store::Error> {
        tx.settings().await.map(Some)
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn shown(&self) -> wire::Settings {
        self.into()
    }

    fn update(self) -> SetupCommand {
        SetupCommand::UpdateSettings(self)
    }
}

/// Shows the settings.
#[utoipa::path(
    get, path = "/v1/settings", operation_id = "find_settings", tag = "setup", security(("agent" = [])),
    responses(
        (status = 200, description = "The settings", body = wire::Settings,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Failures
    )
)]
pub(super) async fn find_settings(
    State(app): State<AppState>,
    agent: Permitted<ReadSetup>,
) -> Result<Tagged<wire::Settings>, ApiError> {
    resource::find::<TenantSettings>(&app, &agent, ()).await
}

/// Changes the settings. Delays that have begun run by the new ones from where they began.
#[utoipa::path(
    patch, path = "/v1/settings", operation_id = "change_settings", tag = "setup", security(("agent" = [])),
    params(super::docs::IfMatch),
    request_body(content(
        (PatchSettings = "application/merge-patch+json"), (PatchSettings = "application/json")
    )),
    responses(
        (status = 200, description = "The settings as they are now", body = wire::Settings,
            headers(("ETag" = String, description = "Its version, for `If-Match`"))),
        Unauthorized, Forbidden, Stale, BadBody, Failures
    )
)]
pub(super) async fn change_settings(
    State(app): State<AppState>,
    agent: Permitted<ChangeSetup>,
    if_match: IfMatch,
    patch: Patch<PatchSettings>,
) -> Result<Response, ApiError> {
    let patch = |settings: &mut TenantSettings| {
        let shown = settings.shown();
        patch.change(settings, &shown, PatchSettings::apply)
    };
    resource::change(&app, &agent, (), &if_match, patch).await
}
