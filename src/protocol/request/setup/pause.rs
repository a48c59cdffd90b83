//! Kinds of pause.

use deserr::Deserr;
use utoipa::ToSchema;

use super::{MinuteToDay, SortOrder, order, seconds};
use crate::domain::{Name, Overrun, Pause, PauseId, Timestamp};
use crate::faults::{Change, Faults, Field};
use crate::protocol::wire;

/// An admin adds a kind of pause.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct CreatePause {
    /// What agents read.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// Whether it is paid.
    pub paid: bool,
    /// How long it may last; no bound when not named.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 60, maximum = 86400)]
    pub longest_s: Option<MinuteToDay>,
    /// What happens then; `flag` when not named.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Overrun>)]
    pub on_overrun: Option<Overrun>,
    /// Its place in lists, the lower the earlier; 0 when not named.
    #[deserr(default)]
    #[schema(value_type = Option<i32>, minimum = -1000, maximum = 1000)]
    pub sort_order: Option<SortOrder>,
}

impl CreatePause {
    /// The kind of pause that is asked for.
    #[must_use]
    pub fn into_pause(self, id: PauseId, at: Timestamp) -> Pause {
        Pause {
            id,
            name: self.name,
            paid: self.paid,
            longest: self.longest_s.map(seconds),
            on_overrun: self.on_overrun.unwrap_or(Overrun::Flag),
            sort_order: self.sort_order.map_or(0, order),
            created_at: at,
            version: 1,
        }
    }
}

/// An admin changes a kind of pause; those that have begun go on as they were. What is not named stays as it is.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchPause {
    /// What agents read.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub name: Change<Name>,
    /// Whether it is paid.
    #[deserr(default)]
    #[schema(value_type = bool, required = false)]
    pub paid: Change<bool>,
    /// How long it may last; `null` is no bound.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 60, maximum = 86400)]
    pub longest_s: Field<MinuteToDay>,
    /// What happens then; `null` for `flag`.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Overrun>)]
    pub on_overrun: Field<Overrun>,
    /// Its place in lists, the lower the earlier; `null` for 0.
    #[deserr(default)]
    #[schema(value_type = Option<i32>, minimum = -1000, maximum = 1000)]
    pub sort_order: Field<SortOrder>,
}

impl PatchPause {
    /// Changes what it names; the version is not its business.
    pub fn apply(self, pause: &mut Pause) {
        self.name.put_into(&mut pause.name);
        self.paid.put_into(&mut pause.paid);
        self.longest_s.map(seconds).put_into(&mut pause.longest);
        self.on_overrun
            .put_or(&mut pause.on_overrun, || Overrun::Flag);
        self.sort_order
            .map(order)
            .put_or(&mut pause.sort_order, || 0);
    }
}
