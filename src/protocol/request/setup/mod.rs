//! Making and changing what admins set up, each kind of thing in a file of its own.
//!
//! A field of a patch is a [`Change`](crate::faults::Change) where there must be a value, and a
//! [`Field`] where null takes it back to none or to its default. Objects inside are patches too (what one must have and
//! does not name is what is stored, see `http`); lists and hours are replaced as a whole.

mod form;
mod office;
mod pause;
mod queue;
mod routing_rule;
mod settings;
mod skill;
mod status;
mod tag;
mod template;
mod widget;

use deserr::Deserr;
use utoipa::ToSchema;

use crate::domain::{Invalid, Millis, OfficeId, OwnInactivity};
use crate::faults::{Between, Distinct, Faults, Field};

pub use form::{FieldForm, Form};
pub use office::{CreateOffice, PatchOffice};
pub use pause::{CreatePause, PatchPause};
pub use queue::{CreateQueue, PatchQueue, SetMembers};
pub use routing_rule::{
    ChangeRoutingConditions, ContactCondition, CreateRoutingRule, PatchRoutingRule,
};
pub use settings::{
    PatchChats, PatchDisconnect, PatchInactivity, PatchLease, PatchSettings, SEATS_MAX,
};
pub use skill::{CreateDisposition, CreateSkill, PatchDisposition, PatchSkill};
pub use status::{CreateStatus, PatchStatus};
pub use tag::{CreateTag, PatchTag};
pub use template::{CreateTemplate, PatchTemplate, RenderTemplate};
pub use widget::{CreateWidget, PatchWidget};

/// From a minute, below which it is no bound but a nuisance, to a day.
type MinuteToDay = Between<60, 86_400>;
/// Room for whatever order there is.
type SortOrder = Between<-1000, 1000>;

/// From 5 s, in which nobody online can have answered, to an hour.
pub type InvisibleOffers = Between<5, 3600>;

/// A length of time whose bounds were checked.
#[must_use]
pub fn seconds<const MIN: i64, const MAX: i64>(Between(seconds): Between<MIN, MAX>) -> Millis {
    Millis::from_secs(seconds)
}

fn order(Between(order): SortOrder) -> i32 {
    i32::try_from(order).unwrap_or_default()
}

/// A number whose bounds fit its type.
fn number<const MIN: i64, const MAX: i64>(Between(number): Between<MIN, MAX>) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Offices of which there must be one.
fn at_least_one(list: Distinct<OfficeId>) -> Result<Vec<OfficeId>, Invalid> {
    if list.0.is_empty() {
        Err(Invalid::TooShort { min: 1 })
    } else {
        Ok(list.0)
    }
}

/// Delays of inactivity of one's own, at most the tenant's (PRES-6); `null` is the tenant's.
#[derive(Clone, Copy, Debug, Default, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchOwnInactivity {
    /// Until the agent is away.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 60, maximum = 86400)]
    pub away_after_s: Field<MinuteToDay>,
    /// Until the agent is offline.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 60, maximum = 86400)]
    pub offline_after_s: Field<MinuteToDay>,
}

impl PatchOwnInactivity {
    /// The delays of something new.
    #[must_use]
    pub fn of_new(given: Option<Self>) -> OwnInactivity {
        let mut own = OwnInactivity::default();
        given.unwrap_or_default().apply(&mut own);
        own
    }

    /// Changes what it names.
    fn apply(self, own: &mut OwnInactivity) {
        self.away_after_s.map(seconds).put_into(&mut own.away_after);
        let offline_after = self.offline_after_s.map(seconds);
        offline_after.put_into(&mut own.offline_after);
    }

    /// Changes what it names; null takes all of it back.
    pub fn put(change: Field<Self>, own: &mut OwnInactivity) {
        match change {
            Field::Absent => {}
            Field::Null => *own = OwnInactivity::default(),
            Field::Value(change) => change.apply(own),
        }
    }
}
