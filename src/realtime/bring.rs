//! What letters need that no engine holds, read for a whole batch at once: chats that are over, for those that are about
//! them; messages in the inbox, for those that may leave them again or archive their office; what is known of visitors, for
//! those that start a chat (ROUTE-1, ROUTE-10).

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{ChatId, ContactEntry, MessageId, OfficeId, TenantId, VisitorId};
use crate::engine::{ChatBundle, Command, Engine, StartChat, VisitorCommand};
use crate::store::{self, Journal};

use super::mail::{Call, CallError, Mail};
use super::tenant::answer_to;

/// What the letters of a batch need.
pub(super) struct Needs {
    chats: BTreeSet<ChatId>,
    left: Vec<(VisitorId, MessageId)>,
    /// The offices of which a message in the inbox is to be known.
    inboxes: BTreeSet<OfficeId>,
    visitors: BTreeSet<VisitorId>,
}

/// What was read for them.
pub(super) struct Found {
    /// The chats that were asked for.
    asked: BTreeSet<ChatId>,
    read: Result<Read, store::Error>,
}

#[derive(Default)]
struct Read {
    chats: Vec<ChatBundle>,
    visitors: BTreeMap<VisitorId, ContactEntry>,
}

impl Needs {
    pub(super) fn of(batch: &[Mail]) -> Self {
        Self {
            chats: batch.iter().filter_map(needs_chat).collect(),
            left: batch.iter().filter_map(leaves).collect(),
            inboxes: batch.iter().filter_map(archives).collect(),
            visitors: batch.iter().filter_map(starts).collect(),
        }
    }

    /// The chats that the engine does not hold.
    pub(super) fn missing(&self, engine: &Engine) -> BTreeSet<ChatId> {
        let chats = self.chats.iter().copied();
        chats.filter(|id| !engine.holds(*id)).collect()
    }

    /// The visitors that something is to be known of.
    pub(super) fn visitors(&self) -> impl Iterator<Item = &VisitorId> {
        let left = self.left.iter().map(|(visitor_id, _)| visitor_id);
        self.visitors.iter().chain(left)
    }

    /// Whether it is to be known what lies in an office's inbox.
    pub(super) fn looks_into_inboxes(&self) -> bool {
        !self.inboxes.is_empty()
    }

    /// Reads what is needed, the chats that are `asked` for among it.
    pub(super) async fn read(
        &self,
        asked: BTreeSet<ChatId>,
        journal: &dyn Journal,
        tenant_id: TenantId,
    ) -> Found {
        let read = self.read_all(&asked, journal, tenant_id).await;
        Found { asked, read }
    }

    /// Most batches need nothing.
    async fn read_all(
        &self,
        asked: &BTreeSet<ChatId>,
        journal: &dyn Journal,
        tenant_id: TenantId,
    ) -> Result<Read, store::Error> {
        let mut read = Read::default();
        let mut chats = asked.clone();
        if !self.left.is_empty() {
            chats.extend(journal.messages_left(tenant_id, self.left.clone()).await?);
        }
        if !self.inboxes.is_empty() {
            let offices = self.inboxes.iter().copied().collect();
            chats.extend(journal.inboxes(tenant_id, offices).await?);
        }
        if !chats.is_empty() {
            let ids = chats.into_iter().collect();
            read.chats = journal.chats(tenant_id, ids).await?;
        }
        if !self.visitors.is_empty() {
            let ids = self.visitors.iter().copied().collect();
            let known = journal.returning(tenant_id, ids).await?;
            read.visitors = known.into_iter().collect();
        }
        Ok(read)
    }
}

impl Found {
    /// Whether nothing has left the engine since that is needed.
    pub(super) fn covers(&self, needs: &Needs, engine: &Engine) -> bool {
        needs.missing(engine).is_subset(&self.asked)
    }

    /// Brings it, and gives the letters that can be opened. What could not be read is asked for again by whoever asks.
    pub(super) fn bring(
        self,
        engine: &mut Engine,
        tenant_id: TenantId,
        mut batch: Vec<Mail>,
    ) -> Vec<Mail> {
        let error = match self.read {
            Ok(read) => {
                for bundle in read.chats {
                    if !engine.holds(bundle.chat.id) {
                        engine.bring(bundle);
                    }
                }
                for (visitor_id, start) in batch.iter_mut().filter_map(starts_mut) {
                    if let Some(entry) = read.visitors.get(&visitor_id) {
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
        let is_missing = |mail: &Mail| {
            needs_chat(mail).is_some_and(|id| self.asked.contains(&id))
                || leaves(mail).is_some()
                || archives(mail).is_some()
                || starts(mail).is_some()
        };
        let mut rest = Vec::with_capacity(batch.len());
        for mail in batch {
            let is_missing = is_missing(&mail);
            match mail {
                Mail::Call(_, reply_to) if is_missing => answer_to(reply_to, Err(CallError::LATER)),
                mail => rest.push(mail),
            }
        }
        rest
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

/// The office that a letter archives.
fn archives(mail: &Mail) -> Option<OfficeId> {
    call(mail)?.command.archives_office()
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
