//! Frames that clients send: read into a type, or a problem that names the command that failed.
//!
//! Owns the two tables of commands, which are apart so that a visitor's socket cannot even spell an agent's. Must not
//! act on any of them.

pub(super) mod agent;
mod common;
pub(super) mod table;
pub(super) mod visitor;

use deserr::Deserr;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Problem;
use crate::domain::Invalid;
use crate::faults::Faults;

pub use agent::{AgentFrame, AgentFrameKind, parse_agent};
pub use visitor::{VisitorFrame, VisitorFrameKind, parse_visitor};

/// The first frame of a page.
#[derive(Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Hello {
    /// Who it is; absent when the upgrade carried it.
    #[deserr(default)]
    pub token: Option<String>,
    /// Where it was.
    #[deserr(default)]
    pub resume: Option<Resume>,
}

impl std::fmt::Debug for Hello {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hello")
            .field("resume", &self.resume)
            .finish_non_exhaustive()
    }
}

/// Where a client was when it lost its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Resume {
    /// The history that its number belongs to.
    #[deserr(try_from(&String) = history -> Invalid)]
    pub history_id: Uuid,
    /// The number of the last event that it has.
    #[schema(minimum = 0)]
    #[deserr(try_from(i64) = crate::faults::between::<_, 0, { i64::MAX }> -> Invalid)]
    pub after: i64,
}

fn history(text: &str) -> Result<Uuid, Invalid> {
    text.parse().map_err(|_| Invalid::BadFormat("a UUID"))
}

/// A new token for a connection, of the same agent or visitor.
#[derive(Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
struct TokenRefresh {
    /// The new one.
    token: String,
}

/// A frame that cannot be read, and the id of the command that it was meant to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameFault {
    /// The command's own id, if that could be read.
    pub id: Option<String>,
    /// What is wrong.
    pub problem: Problem,
}

#[cfg(test)]
mod tests;
