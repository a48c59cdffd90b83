//! Status, overrides, pauses, pings.

use deserr::Deserr;
use utoipa::ToSchema;

use crate::domain::{Email, PauseId, Status, StatusId};
use crate::engine::{NewStatus, PresenceCommand};
use crate::faults::{FaultCode, Faults};
use crate::protocol::wire;

/// A status is set: one of the four, or one that the tenant has added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields, validate = one_of_the_two -> Faults)]
pub struct SetStatus {
    /// One of the four.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Status>)]
    pub status: Option<Status>,
    /// Or one that the tenant has added.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    pub status_id: Option<StatusId>,
    /// Sets it when the last chat has ended, and makes no new offers until then.
    #[deserr(default)]
    #[schema(required = false)]
    pub after_chats: bool,
}

/// A status is set for one office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields, validate = one_of_the_two_for_an_office -> Faults)]
pub struct SetOfficeStatus {
    /// One of the four.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Status>)]
    pub status: Option<Status>,
    /// Or one that the tenant has added.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    pub status_id: Option<StatusId>,
}

/// The status that is named by exactly one of the two fields.
///
/// # Errors
/// Names the field that is missing, or one too many.
pub fn new_status(
    status: Option<Status>,
    status_id: Option<StatusId>,
) -> Result<NewStatus, Faults> {
    match (status, status_id) {
        (Some(status), None) => Ok(NewStatus::Base(status)),
        (None, Some(id)) => Ok(NewStatus::Custom(id)),
        (None, None) => Err(Faults::one(
            "/status",
            FaultCode::Required,
            "name a status or a status_id",
        )),
        (Some(_), Some(_)) => Err(Faults::one(
            "/status_id",
            FaultCode::Duplicate,
            "name a status or a status_id, not both",
        )),
    }
}

fn one_of_the_two<L>(request: SetStatus, _: L) -> Result<SetStatus, Faults> {
    new_status(request.status, request.status_id).map(|_| request)
}

fn one_of_the_two_for_an_office<L>(
    request: SetOfficeStatus,
    _: L,
) -> Result<SetOfficeStatus, Faults> {
    new_status(request.status, request.status_id).map(|_| request)
}

impl SetStatus {
    /// The command that is asked for. A request that was read names exactly one status.
    #[must_use]
    pub fn into_command(self) -> PresenceCommand {
        let status = chosen(self.status, self.status_id);
        if self.after_chats {
            PresenceCommand::SetStatusAfterChats(status)
        } else {
            PresenceCommand::SetStatus(status)
        }
    }
}

impl SetOfficeStatus {
    /// The status that is asked for.
    #[must_use]
    pub fn into_status(self) -> NewStatus {
        chosen(self.status, self.status_id)
    }
}

fn chosen(status: Option<Status>, status_id: Option<StatusId>) -> NewStatus {
    match (status, status_id) {
        (_, Some(id)) => NewStatus::Custom(id),
        (status, None) => NewStatus::Base(status.unwrap_or(Status::Offline)),
    }
}

/// A pause begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct StartPause {
    /// Which.
    #[schema(value_type = Uuid)]
    pub pause_id: PauseId,
}

/// Another system says that an agent is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Ping {
    /// Whether offers may be made although the agent has no connection; `false` when not named.
    #[deserr(default)]
    #[schema(required = false)]
    pub takes_offers: bool,
}

/// The same, for an agent that is named by its address.
#[derive(Clone, Debug, PartialEq, Eq, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PingByEmail {
    /// Where the agent logs in with.
    #[schema(value_type = String, format = Email)]
    pub email: Email,
    /// Whether offers may be made although the agent has no connection; `false` when not named.
    #[deserr(default)]
    #[schema(required = false)]
    pub takes_offers: bool,
}
