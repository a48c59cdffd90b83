//! Dispositions: the outcomes that an agent selects before or with the close of a chat (CHAT-4).

use super::{DispositionId, Name, Timestamp};

/// An outcome that a tenant has named. Queues say which of them their chats may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disposition {
    /// Its id.
    pub id: DispositionId,
    /// What agents read.
    pub name: Name,
    /// Its place in the list; ties in order of making.
    pub sort_order: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}
