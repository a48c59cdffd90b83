//! What letters need that no engine holds, read for a whole batch at once: chats that are over, for those that are about
//! them; messages in the inbox, for those that may leave them again; what is known of visitors, for those that start a
//! chat (ROUTE-1, ROUTE-10).

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{ChatId, ContactEntry, MessageId, TenantId, VisitorId};
use crate::engine::{ChatBundle, Command, Engine, StartChat, VisitorCommand};
use crate::store::{self, Journal};

use super::mail::{Call, CallError, Mail};
use super::tenant::answer_to;

/// What the letters of a batch need.
pub(super) struct Needs {
    chats: BTreeSet<ChatId>,
    left: Vec<(VisitorId, MessageId)>,
    visitors: BTreeSet<VisitorId>,
}

/// What was read for them.
#[derive(Default)]
struct Found {
    chats: Vec<ChatBundle>,
    visitors: BTreeMap<VisitorId, ContactEntry>,
}

/// Brings what letters need, as earlier batches have left it, and gives the letters that can be opened. What cannot be read
/// now is asked for again by whoever asks.
pub(super) async fn bring(
    engine: &mut Engine,
    journal: &dyn Journal,
    tenant_id: TenantId,
    needs: &Needs,
    mut batch: Vec<Mail>,
) -> Vec<Mail> {
    let error = match needs.read(engine, journal, tenant_id).await {
        Ok(found) => {
            for bundle in found.chats {
                engine.bring(bundle);
            }
            for (visitor_id, start) in batch.iter_mut().filter_map(starts_mut) {
                if let Some(entry) = found.visitors.get(&visitor_id) {
                    recall(start, entry);
                }
            }
            return batch;
        }
        Err(error) => error,
    };
    tracing::warn!(
        tenant.id = %tenant_id,
        error = &error as &dyn std::error::Error,
        "failed to read what commands are about"
    );
    let mut rest = Vec::with_capacity(batch.len());
    for mail in batch {
        let is_missing = needs.are_of(&mail);
        match mail {
            Mail::Call(_, reply_to) if is_missing => answer_to(reply_to, Err(CallError::LATER)),
            mail => rest.push(mail),
        }
    }
    rest
}

impl Needs {
    pub(super) fn of(engine: &Engine, batch: &[Mail]) -> Self {
        let chats = batch.iter().filter_map(needs_chat);
        Self {
            chats: chats.filter(|id| !engine.holds(*id)).collect(),
            left: batch.iter().filter_map(leaves).collect(),
            visitors: batch.iter().filter_map(starts).collect(),
        }
    }

    /// The chats that the engine does not hold.
    pub(super) fn chats(&self) -> impl Iterator<Item = &ChatId> {
        self.chats.iter()
    }

    /// The visitors that something is to be known of.
    pub(super) fn visitors(&self) -> impl Iterator<Item = &VisitorId> {
        let left = self.left.iter().map(|(visitor_id, _)| visitor_id);
        self.visitors.iter().chain(left)
    }

    fn are_of(&self, mail: &Mail) -> bool {
        needs_chat(mail).is_some_and(|id| self.chats.contains(&id))
            || leaves(mail).is_some()
            || starts(mail).is_some()
    }

    /// Most batches need nothing.
    async fn read(
        &self,
        engine: &Engine,
        journal: &dyn Journal,
        tenant_id: TenantId,
    ) -> Result<Found, store::Error> {
        let mut found = Found::default();
        let mut chats = self.chats.clone();
        if !self.left.is_empty() {
            let there = journal.messages_left(tenant_id, self.left.clone()).await?;
            chats.extend(there.into_iter().filter(|id| !engine.holds(*id)));
        }
        if !chats.is_empty() {
            let ids = chats.into_iter().collect();
            found.chats = journal.chats(tenant_id, ids).await?;
        }
        if !self.visitors.is_empty() {
            let ids = self.visitors.iter().copied().collect();
            let known = journal.returning(tenant_id, ids).await?;
            found.visitors = known.into_iter().collect();
        }
        Ok(found)
    }
}

/// Tells a start what is known of its contact, whom its chats are for, and who had its last one. A visitor's first chat has
/// nothing of it.
fn recall(start: &mut StartChat, entry: &ContactEntry) {
    start.known = Some(Box::new(entry.with(&start.contact)));
    start.assigned.clone_from(&entry.assigned_agent_ids);
    start.last_agent_id = entry.last_agent_id;
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

/// The visitor for whom a letter starts a chat.
fn starts(mail: &Mail) -> Option<VisitorId> {
    match &call(mail)?.command {
        Command::Visitor {
            visitor_id,
            command: VisitorCommand::Start(_),
            ..
        } => Some(*visitor_id),
        _ => None,
    }
}

fn starts_mut(mail: &mut Mail) -> Option<(VisitorId, &mut StartChat)> {
    let Mail::Call(call, _) = mail else {
        return None;
    };
    match &mut call.command {
        Command::Visitor {
            visitor_id,
            command: VisitorCommand::Start(start),
            ..
        } => Some((*visitor_id, &mut **start)),
        _ => None,
    }
}
