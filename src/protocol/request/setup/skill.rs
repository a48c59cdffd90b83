//! Skills and dispositions.

use deserr::Deserr;
use utoipa::ToSchema;

use super::{SortOrder, order};
use crate::domain::{Disposition, DispositionId, Name, Skill, SkillId, Timestamp};
use crate::faults::{Change, Faults, Field};

/// An admin adds a skill.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct CreateSkill {
    /// What admins read.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
}

impl CreateSkill {
    /// The skill that is asked for.
    #[must_use]
    pub fn into_skill(self, id: SkillId, at: Timestamp) -> Skill {
        Skill {
            id,
            name: self.name,
            created_at: at,
            version: 1,
        }
    }
}

/// An admin changes a skill.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchSkill {
    /// What admins read.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub name: Change<Name>,
}

impl PatchSkill {
    /// Changes what it names; the version is not its business.
    pub fn apply(self, skill: &mut Skill) {
        self.name.put_into(&mut skill.name);
    }
}

/// An admin adds a disposition.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct CreateDisposition {
    /// What agents read.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// Its place in lists, the lower the earlier; 0 when not named.
    #[deserr(default)]
    #[schema(value_type = Option<i32>, minimum = -1000, maximum = 1000)]
    pub sort_order: Option<SortOrder>,
}

impl CreateDisposition {
    /// The disposition that is asked for.
    #[must_use]
    pub fn into_disposition(self, id: DispositionId, at: Timestamp) -> Disposition {
        Disposition {
            id,
            name: self.name,
            sort_order: self.sort_order.map_or(0, order),
            created_at: at,
            version: 1,
        }
    }
}

/// An admin changes a disposition; what is not named stays as it is.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchDisposition {
    /// What agents read.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub name: Change<Name>,
    /// Its place in lists, the lower the earlier; `null` for 0.
    #[deserr(default)]
    #[schema(value_type = Option<i32>, minimum = -1000, maximum = 1000)]
    pub sort_order: Field<SortOrder>,
}

impl PatchDisposition {
    /// Changes what it names; the version is not its business.
    pub fn apply(self, found: &mut Disposition) {
        self.name.put_into(&mut found.name);
        self.sort_order
            .map(order)
            .put_or(&mut found.sort_order, || 0);
    }
}
