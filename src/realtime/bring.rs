//! Chats that are over, brought back for the letters that are about them.

use std::collections::BTreeSet;

use crate::domain::{ChatId, TenantId};
use crate::engine::Engine;
use crate::store::Journal;

use super::mail::{CallError, Mail};
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
    if missing.is_empty() {
        return batch;
    }
    let ids = missing.iter().copied().collect();
    let error = match journal.chats(tenant_id, ids).await {
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
        let is_missing = needs_chat(&mail).is_some_and(|id| missing.contains(&id));
        match mail {
            Mail::Call(_, reply_to) if is_missing => answer_to(reply_to, Err(CallError::LATER)),
            mail => rest.push(mail),
        }
    }
    rest
}

/// The chat that a letter is about.
fn needs_chat(mail: &Mail) -> Option<ChatId> {
    match mail {
        Mail::Call(call, _) => call.command.needs_chat(),
        Mail::Attach(..)
        | Mail::Detach(_)
        | Mail::Wake
        | Mail::Watch(..)
        | Mail::EndSessions(..)
        | Mail::Read(_) => None,
    }
}
