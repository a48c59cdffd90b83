//! What a command names that engines do not know, looked up before an engine takes it: the file of a message (CHAT-5), the
//! tags of a chat (CHAT-7).
//!
//! Owns which uploads may be sent: one's own, that no other message has, for a day. Engines know no files, so of two
//! messages that name one file at the same instant both have it; who may open it is decided by the first one's chat.
//! Owns which tags a chat may have: those of the tenant, and those that it has already.

use std::sync::Arc;

use crate::domain::{
    ChatId, FileId, MessageId, TagId, TenantId, Timestamp, Upload, Uploader, Written,
};
use crate::engine::{AgentCommand, Command, Refusal, VisitorCommand, places_where};
use crate::store::{self, Store, TenantTx};

use super::mail::{Call, CallError};

/// Which message is sent, by whom, and in which chat; a chat that begins has no message yet.
struct Sending<'c> {
    uploader: Uploader,
    chat_id: Option<ChatId>,
    id: MessageId,
    written: &'c mut Written,
}

/// The message of a command, if it has one.
fn sending(command: &mut Command) -> Option<Sending<'_>> {
    let (uploader, chat_id, id, written) = match command {
        Command::Agent {
            agent_id,
            chat_id,
            command: AgentCommand::Send(id, written),
        } => (Uploader::Agent(*agent_id), Some(*chat_id), id, written),
        Command::Visitor {
            visitor_id,
            chat_id,
            command,
            ..
        } => {
            let (chat_id, id, written) = match command {
                VisitorCommand::Send(id, written) => (Some(*chat_id), id, written),
                VisitorCommand::Start(start) => {
                    let (id, written) = start.message.as_mut()?;
                    (None, id, written)
                }
                VisitorCommand::LeaveMessage(left) => {
                    let (id, written) = &mut left.message;
                    (None, id, written)
                }
                _ => return None,
            };
            (Uploader::Visitor(*visitor_id), chat_id, id, written)
        }
        _ => return None,
    };
    Some(Sending {
        uploader,
        chat_id,
        id: id.clone(),
        written,
    })
}

/// The tags that a command gives a chat, if there are some.
fn tagging(command: &Command) -> Option<(ChatId, &[TagId])> {
    match command {
        Command::Agent {
            chat_id,
            command: AgentCommand::Update(update),
            ..
        } => {
            let tags = update.tags.as_deref().filter(|tags| !tags.is_empty())?;
            Some((*chat_id, tags))
        }
        _ => None,
    }
}

/// Whether a call names something that [`attach`] looks up.
pub(super) fn names_something(call: &Call) -> bool {
    call.file_id.is_some() || tagging(&call.command).is_some()
}

/// Puts the file that a call names into its message, and sees that the tags that it names are there.
///
/// # Errors
/// `UnknownFile`, `FileSent` or `UnknownTags`, or that the database cannot be asked.
pub(super) async fn attach(
    store: &Store,
    tenant_id: TenantId,
    call: &mut Call,
    now: Timestamp,
) -> Result<(), CallError> {
    if let Some((chat_id, tags)) = tagging(&call.command) {
        let wrong = unknown_tags(store, tenant_id, chat_id, tags).await;
        match looked_up(wrong)? {
            0 => {}
            places => return Err(CallError::Refused(Refusal::UnknownTags { places })),
        }
    }
    let Some(file_id) = call.file_id else {
        return Ok(());
    };
    let Some(sending) = sending(&mut call.command) else {
        return Ok(());
    };
    let found = find(store, tenant_id, file_id, &sending, now).await;
    match looked_up(found)? {
        Ok(upload) => {
            sending.written.file = Some(Arc::new(upload.card()));
            Ok(())
        }
        Err(refusal) => Err(CallError::Refused(refusal)),
    }
}

fn looked_up<T>(found: Result<T, store::Error>) -> Result<T, CallError> {
    found.map_err(|error| {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "failed to look up what a command names"
        );
        CallError::LATER
    })
}

/// The places of those that the chat may not have.
async fn unknown_tags(
    store: &Store,
    tenant_id: TenantId,
    chat_id: ChatId,
    tags: &[TagId],
) -> Result<u32, store::Error> {
    let mut tx = store.tenant(tenant_id).await?;
    let may = tx.find_tags_for(chat_id, tags).await?;
    Ok(places_where(tags, |id| !may.contains(id)))
}

async fn find(
    store: &Store,
    tenant_id: TenantId,
    file_id: FileId,
    sending: &Sending<'_>,
    now: Timestamp,
) -> Result<Result<Upload, Refusal>, store::Error> {
    let mut tx = store.tenant(tenant_id).await?;
    let upload = tx.find_file(file_id).await?;
    let Some(upload) = upload.filter(|upload| upload.uploader == sending.uploader) else {
        return Ok(Err(Refusal::UnknownFile));
    };
    if upload.may_be_sent(now) {
        return Ok(Ok(upload));
    }
    Ok(match upload.chat_id {
        // Nobody has sent it in time.
        None => Err(Refusal::UnknownFile),
        Some(chat_id) if is_sent_again(&mut tx, chat_id, file_id, sending).await? => Ok(upload),
        Some(_) => Err(Refusal::FileSent),
    })
}

/// Whether the message that has the file is this one, which was sent before. The engine then gives the first answer.
async fn is_sent_again(
    tx: &mut TenantTx,
    chat_id: ChatId,
    file_id: FileId,
    sending: &Sending<'_>,
) -> Result<bool, store::Error> {
    if sending.chat_id.is_some_and(|id| id != chat_id) {
        return Ok(false);
    }
    let first = tx.find_message(chat_id, &sending.id).await?;
    Ok(first.is_some_and(|view| {
        let card = view.message.file();
        card.and_then(crate::domain::FileCard::file_id) == Some(file_id)
    }))
}
