//! Which sockets close because a session has ended (PRES-8).
//!
//! Every connection that was handed in is looked at, also one that has not been welcomed yet: it may have said hello
//! with a token that was good a moment before.

use std::sync::Arc;

use crate::domain::{AgentId, SessionId};
use crate::engine::{EventKind, PresenceEvent, SetupEvent};

use super::close::Close;
use super::send_queue::{Connection, Party};

/// Whether an event may end sessions.
pub(super) fn ends_sessions(event: &EventKind) -> bool {
    matches!(
        event,
        EventKind::Presence(PresenceEvent::LoggedOut(..))
            | EventKind::Setup(SetupEvent::AgentChanged(..) | SetupEvent::AgentArchived(_))
    )
}

/// Closes what an event has ended. Most events end nothing.
pub(super) fn close_by_event<'c>(
    event: &EventKind,
    attached: impl Iterator<Item = &'c Arc<Connection>>,
) {
    match event {
        EventKind::Presence(PresenceEvent::LoggedOut(agent_id, session_id)) => {
            close(attached, *agent_id, |id| id == *session_id);
        }
        EventKind::Setup(SetupEvent::AgentChanged(agent, change)) => {
            close(attached, agent.id, |id| change.ended.contains(id));
        }
        EventKind::Setup(SetupEvent::AgentArchived(agent_id)) => {
            close(attached, *agent_id, |_| true);
        }
        EventKind::Setup(_)
        | EventKind::Presence(_)
        | EventKind::Queue(_)
        | EventKind::Availability(_)
        | EventKind::Offer(..)
        | EventKind::Chat(_)
        | EventKind::Note(_) => {}
    }
}

/// Closes the connections of an agent's sessions that have ended, and leaves the others.
pub(super) fn close<'c>(
    attached: impl Iterator<Item = &'c Arc<Connection>>,
    agent_id: AgentId,
    ended: impl Fn(SessionId) -> bool,
) {
    for connection in attached {
        if let Party::Agent(id, session_id) = connection.party
            && id == agent_id
            && ended(session_id)
        {
            connection.close_after(Close::Unauthenticated);
        }
    }
}
