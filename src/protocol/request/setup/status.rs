//! Custom statuses (PRES-13).

use deserr::Deserr;
use utoipa::ToSchema;

use super::{MinuteToDay, SortOrder, order, seconds};
use crate::domain::{Color, CustomStatus, Name, Status, StatusId, Timestamp};
use crate::faults::{Change, Faults, Field};
use crate::protocol::wire;

/// An admin adds a custom status.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct CreateStatus {
    /// What agents read.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// Which of the four it is built on.
    #[schema(value_type = wire::Status)]
    pub base: Status,
    /// Whether its agent has a part in chats; `true` when not named.
    #[deserr(default)]
    pub handles_chats: Option<bool>,
    /// Whether the time in it is paid; `true` when not named.
    #[deserr(default)]
    pub paid: Option<bool>,
    /// The colour of its mark on pages; a grey when not named.
    #[deserr(default)]
    #[schema(value_type = Option<String>, pattern = "^#[0-9a-fA-F]{6}$", example = "#2e7d32")]
    pub color: Option<Color>,
    /// Its place in lists, the lower the earlier; 0 when not named.
    #[deserr(default)]
    #[schema(value_type = Option<i32>, minimum = -1000, maximum = 1000)]
    pub sort_order: Option<SortOrder>,
    /// How long an agent may be in it a day; longer is marked. No bound when not named.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 60, maximum = 86400)]
    pub longest_a_day_s: Option<MinuteToDay>,
}

impl CreateStatus {
    /// The status that is asked for.
    #[must_use]
    pub fn into_status(self, id: StatusId, at: Timestamp) -> CustomStatus {
        CustomStatus {
            id,
            name: self.name,
            base: self.base,
            handles_chats: self.handles_chats.unwrap_or(true),
            paid: self.paid.unwrap_or(true),
            color: self.color.unwrap_or_default(),
            sort_order: self.sort_order.map_or(0, order),
            longest_a_day: self.longest_a_day_s.map(seconds),
            created_at: at,
            version: 1,
        }
    }
}

/// An admin changes a custom status, at once for all who are in it; what is not named stays as it is.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchStatus {
    /// What agents read.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub name: Change<Name>,
    /// Which of the four it is built on.
    #[deserr(default)]
    #[schema(value_type = wire::Status, required = false)]
    pub base: Change<Status>,
    /// Whether its agent has a part in chats; `null` for `true`.
    #[deserr(default)]
    #[schema(value_type = Option<bool>)]
    pub handles_chats: Field<bool>,
    /// Whether the time in it is paid; `null` for `true`.
    #[deserr(default)]
    #[schema(value_type = Option<bool>)]
    pub paid: Field<bool>,
    /// The colour of its mark on pages; `null` for a grey.
    #[deserr(default)]
    #[schema(value_type = Option<String>, pattern = "^#[0-9a-fA-F]{6}$", example = "#2e7d32")]
    pub color: Field<Color>,
    /// Its place in lists, the lower the earlier; `null` for 0.
    #[deserr(default)]
    #[schema(value_type = Option<i32>, minimum = -1000, maximum = 1000)]
    pub sort_order: Field<SortOrder>,
    /// How long an agent may be in it a day; longer is marked. `null` is no bound.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 60, maximum = 86400)]
    pub longest_a_day_s: Field<MinuteToDay>,
}

impl PatchStatus {
    /// Changes what it names; the version is not its business.
    pub fn apply(self, status: &mut CustomStatus) {
        self.name.put_into(&mut status.name);
        self.base.put_into(&mut status.base);
        self.handles_chats
            .put_or(&mut status.handles_chats, || true);
        self.paid.put_or(&mut status.paid, || true);
        self.color.put_or(&mut status.color, Color::default);
        self.sort_order
            .map(order)
            .put_or(&mut status.sort_order, || 0);
        let longest_a_day = self.longest_a_day_s.map(seconds);
        longest_a_day.put_into(&mut status.longest_a_day);
    }
}
