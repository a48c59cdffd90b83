//! Tags.

use deserr::Deserr;
use utoipa::ToSchema;

use crate::domain::{Color, Name, Tag, TagId, Timestamp};
use crate::faults::{Change, Faults, Field};

/// An admin adds a tag.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct CreateTag {
    /// What agents read; no other tag's, in whichever case it is written.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// The colour of its mark on pages; a grey when not named.
    #[deserr(default)]
    #[schema(value_type = Option<String>, pattern = "^#[0-9a-fA-F]{6}$", example = "#2e7d32")]
    pub color: Option<Color>,
}

impl CreateTag {
    /// The tag that is asked for.
    #[must_use]
    pub fn into_tag(self, id: TagId, at: Timestamp) -> Tag {
        Tag {
            id,
            name: self.name,
            color: self.color.unwrap_or_default(),
            created_at: at,
            version: 1,
        }
    }
}

/// An admin changes a tag, at once on all chats that have it; what is not named stays as it is.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchTag {
    /// What agents read; no other tag's, in whichever case it is written.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub name: Change<Name>,
    /// The colour of its mark on pages; `null` for a grey.
    #[deserr(default)]
    #[schema(value_type = Option<String>, pattern = "^#[0-9a-fA-F]{6}$", example = "#2e7d32")]
    pub color: Field<Color>,
}

impl PatchTag {
    /// Changes what it names; the version is not its business.
    pub fn apply(self, tag: &mut Tag) {
        self.name.put_into(&mut tag.name);
        self.color.put_or(&mut tag.color, Color::default);
    }
}
