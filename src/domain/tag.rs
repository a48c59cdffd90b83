//! Tags: what a tenant sorts its chats by (CHAT-7).

use super::{Color, Name, TagId, Timestamp};

/// The most tags of a tenant: one list, which people choose from.
pub const TAGS_MAX: usize = 1000;

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its id.
    pub id: TagId,
    /// What agents read; no two of a tenant are the same.
    pub name: Name,
    /// The colour of its mark on pages.
    pub color: Color,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}
