//! What a command needs to know that no engine holds, looked up before the engine takes it: the file of a message, the
//! tags of a chat, and whom the chats of a visitor's contact are for (ROUTE-1, ROUTE-10).
//!
//! Owns that both ways in, HTTP and the socket, go through [`prepare`], and that a command which needs nothing asks nothing.

use crate::domain::{TenantId, Timestamp, VisitorId};
use crate::engine::{Command, StartChat, VisitorCommand};
use crate::store::{self, Store};

use super::attach::{attach, names_something};
use super::mail::{Call, CallError};

/// Whether a call needs anything.
pub(super) fn needs_something(call: &Call) -> bool {
    let starts = matches!(
        &call.command,
        Command::Visitor {
            command: VisitorCommand::Start(_),
            ..
        }
    );
    starts || names_something(call)
}

/// Looks up what a call needs and puts it in.
///
/// # Errors
/// What stands against the file, or that the database cannot be asked.
pub(super) async fn prepare(
    store: &Store,
    tenant_id: TenantId,
    call: &mut Call,
    now: Timestamp,
) -> Result<(), CallError> {
    if !needs_something(call) {
        return Ok(());
    }
    attach(store, tenant_id, call, now).await?;
    let Command::Visitor {
        visitor_id,
        command: VisitorCommand::Start(start),
        ..
    } = &mut call.command
    else {
        return Ok(());
    };
    let found = recall(store, tenant_id, *visitor_id, start).await;
    found.map_err(|error| {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "failed to look up a visitor's contact"
        );
        CallError::LATER
    })
}

/// Tells a start whom the contact's chats are for, and who had its last one. A visitor's first chat has neither.
async fn recall(
    store: &Store,
    tenant_id: TenantId,
    visitor_id: VisitorId,
    start: &mut StartChat,
) -> Result<(), store::Error> {
    let mut tx = store.tenant(tenant_id).await?;
    if let Some(contact) = tx.contact_of_visitor(visitor_id).await? {
        start.assigned = contact.assigned_agent_ids;
        start.last_agent_id = contact.last_agent_id;
    }
    Ok(())
}
