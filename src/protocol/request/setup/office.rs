//! Offices.

use deserr::Deserr;
use utoipa::ToSchema;

use super::PatchOwnInactivity;
use crate::domain::{Hours, Name, Office, OfficeId, Timestamp, WhenBusy, WhenNotLive};
use crate::faults::{Change, Faults, Field, StandIns};
use crate::protocol::wire;

/// An admin adds an office.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct CreateOffice {
    /// What visitors read.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// What a visitor sees while nobody is there; `messenger` when not named.
    #[deserr(default)]
    #[schema(value_type = Option<wire::WhenNotLive>)]
    pub when_not_live: Option<WhenNotLive>,
    /// What a visitor sees while everybody who is there has as many chats as it may have; `queue` when not named.
    #[deserr(default)]
    #[schema(value_type = Option<wire::WhenBusy>)]
    pub when_busy: Option<WhenBusy>,
    /// When it is open; always when not named.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Hours>)]
    pub hours: Option<Hours>,
    /// Delays that narrow the tenant's for its agents.
    #[deserr(default)]
    pub inactivity: Option<PatchOwnInactivity>,
}

impl StandIns for CreateOffice {
    const FIELDS: &'static [(&'static str, &'static str)] = &[("name", r#""-""#)];
}

impl CreateOffice {
    /// The office that is asked for.
    #[must_use]
    pub fn into_office(self, id: OfficeId, at: Timestamp) -> Office {
        Office {
            when_not_live: self.when_not_live.unwrap_or_default(),
            when_busy: self.when_busy.unwrap_or_default(),
            hours: self.hours,
            inactivity: PatchOwnInactivity::of_new(self.inactivity),
            ..Office::new(id, self.name, at)
        }
    }
}

/// An admin changes an office; what is not named stays as it is.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchOffice {
    /// What visitors read.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub name: Change<Name>,
    /// What a visitor sees while nobody is there; `null` for `messenger`.
    #[deserr(default)]
    #[schema(value_type = Option<wire::WhenNotLive>)]
    pub when_not_live: Field<WhenNotLive>,
    /// What a visitor sees while everybody who is there has as many chats as it may have; `null` for `queue`.
    #[deserr(default)]
    #[schema(value_type = Option<wire::WhenBusy>)]
    pub when_busy: Field<WhenBusy>,
    /// When it is open, replaced as a whole; `null` for always.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Hours>)]
    pub hours: Field<Hours>,
    /// Delays that narrow the tenant's for its agents, a patch itself; `null` takes all of them away.
    #[deserr(default)]
    #[schema(value_type = Option<PatchOwnInactivity>)]
    pub inactivity: Field<PatchOwnInactivity>,
}

impl StandIns for PatchOffice {}

impl PatchOffice {
    /// Changes what it names; the version is not its business.
    pub fn apply(self, office: &mut Office) {
        self.name.put_into(&mut office.name);
        self.when_not_live
            .put_or(&mut office.when_not_live, WhenNotLive::default);
        self.when_busy
            .put_or(&mut office.when_busy, WhenBusy::default);
        self.hours.put_into(&mut office.hours);
        PatchOwnInactivity::put(self.inactivity, &mut office.inactivity);
    }
}
