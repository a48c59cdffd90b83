//! Chats that are over, brought back for the letters that are about them, and messages in the inbox for those that may
//! leave them again.

use std::collections::BTreeSet;

use crate::domain::{ChatId, MessageId, TenantId, VisitorId};
use crate::engine::{ChatBundle, Engine};
use crate::store::{self, Journal};

use super::mail::{Call, CallError, Mail};
use super::tenant::answer_to;

/// Brings back the chats that letters are about and that are over, as earlier batches have left them, and gives the
/// letters that can be opened. What cannot be read now is asked for again by whoever asks.
pub(super) async fn bring(
    engine: &mut Engine,
    journal: &dyn Journal,
    tenant_id: TenantId,
    batch: Vec<Mail>,
) -> Vec<Mail> {
    let missing = batch.iter().filter_map(needs_chat);
    let missing: BTreeSet<ChatId> = missing.filter(|id| !engine.holds(*id)).collect();
    let left: Vec<(VisitorId, MessageId)> = batch.iter().filter_map(leaves).collect();
    let error = match read(engine, journal, tenant_id, missing.clone(), left).await {
        Ok(bundles) => {
            for bundle in bundles {
                engine.bring(bundle);
            }
            return batch;
        }
        Err(error) => error,
    };
    tracing::warn!(
        tenant.id = %tenant_id,
        error = &error as &dyn std::error::Error,
        "failed to read chats that are over"
    );
    let mut rest = Vec::with_capacity(batch.len());
    for mail in batch {
        let is_missing =
            needs_chat(&mail).is_some_and(|id| missing.contains(&id)) || leaves(&mail).is_some();
        match mail {
            Mail::Call(_, reply_to) if is_missing => answer_to(reply_to, Err(CallError::LATER)),
            mail => rest.push(mail),
        }
    }
    rest
}

/// Reads these chats, and those that these messages were left in before. Most batches need none.
async fn read(
    engine: &Engine,
    journal: &dyn Journal,
    tenant_id: TenantId,
    mut missing: BTreeSet<ChatId>,
    left: Vec<(VisitorId, MessageId)>,
) -> Result<Vec<ChatBundle>, store::Error> {
    if !left.is_empty() {
        let there = journal.messages_left(tenant_id, left).await?;
        missing.extend(there.into_iter().filter(|id| !engine.holds(*id)));
    }
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    journal
        .chats(tenant_id, missing.into_iter().collect())
        .await
}

/// The call of a letter, if it is one.
fn call(mail: &Mail) -> Option<&Call> {
    match mail {
        Mail::Call(call, _) => Some(call),
        Mail::Attach(..)
        | Mail::Detach(_)
        | Mail::Wake
        | Mail::Watch(..)
        | Mail::EndSessions(..)
        | Mail::Read(_) => None,
    }
}

/// The chat that a letter is about.
fn needs_chat(mail: &Mail) -> Option<ChatId> {
    call(mail)?.command.needs_chat()
}

/// The message that a letter leaves.
fn leaves(mail: &Mail) -> Option<(VisitorId, MessageId)> {
    let (visitor_id, id) = call(mail)?.command.leaves()?;
    Some((visitor_id, id.clone()))
}
