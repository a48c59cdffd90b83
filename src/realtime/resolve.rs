//! A message that was sent before or was changed, looked up in the database: what it says is not in memory. It is
//! acknowledged again without a time limit, also after the close.

use crate::domain::{AgentId, Author, ChatId, MessageId, NoteId, VisitorId};
use crate::engine::{ChatView, Refusal, Reply};
use crate::store::{Store, TenantTx};

use super::mail::{Answer, CallError, Outcome, Probe};

/// What the caller is told in the end.
pub(super) async fn resolve(
    store: &Store,
    tenant_id: crate::domain::TenantId,
    probe: &Probe,
    outcome: Outcome,
) -> Outcome {
    let asks = matches!(
        outcome,
        Ok(Answer::Fresh(
            Reply::AlreadySent(..) | Reply::MessageChanged(..) | Reply::NoteWrittenBefore(..)
        )) | Err(CallError::Refused(
            Refusal::UnknownChat | Refusal::ChatClosed
        ))
    );
    if !asks || matches!(probe, Probe::Nothing) {
        return outcome;
    }
    // On the heap, since it is rare: inside, its 15 KB would be part of the task of every idle connection.
    Box::pin(look_up(store, tenant_id, probe, outcome.is_ok())).await
}

async fn look_up(
    store: &Store,
    tenant_id: crate::domain::TenantId,
    probe: &Probe,
    went_well: bool,
) -> Outcome {
    let looked_up = async {
        let mut tx = store.tenant(tenant_id).await?;
        match probe {
            Probe::Message(chat_id, id, author, visitor) => {
                message(&mut tx, *chat_id, id, *author, *visitor).await
            }
            Probe::Change(chat_id, id, _) if went_well => {
                let view = tx.find_message(*chat_id, id).await?;
                Ok(view.map_or(UNKNOWN, |view| Ok(Answer::Fresh(Reply::Message(view)))))
            }
            Probe::Note(chat_id, id, author) => note(&mut tx, *chat_id, id, *author).await,
            Probe::Offer(chat_id) => offer(&mut tx, *chat_id).await,
            Probe::Change(chat_id, _, visitor) => {
                let chat = own_chat(&mut tx, *chat_id, *visitor).await?;
                Ok(chat.map_or(UNKNOWN, |_| CLOSED))
            }
            Probe::Nothing => Ok(UNKNOWN),
        }
    };
    match looked_up.await {
        Ok(outcome) => outcome,
        Err(error) => {
            let error: crate::store::Error = error;
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "failed to look up a chat"
            );
            Err(CallError::LATER)
        }
    }
}

const UNKNOWN: Outcome = Err(CallError::Refused(Refusal::UnknownChat));
const CLOSED: Outcome = Err(CallError::Refused(Refusal::ChatClosed));

async fn own_chat(
    tx: &mut TenantTx,
    chat_id: ChatId,
    visitor: Option<VisitorId>,
) -> Result<Option<ChatView>, crate::store::Error> {
    let chat = tx.find_chat(chat_id).await?;
    Ok(chat.filter(|chat| visitor.is_none_or(|id| id == chat.visitor_id)))
}

async fn message(
    tx: &mut TenantTx,
    chat_id: ChatId,
    id: &MessageId,
    author: Author,
    visitor: Option<VisitorId>,
) -> Result<Outcome, crate::store::Error> {
    if own_chat(tx, chat_id, visitor).await?.is_none() {
        return Ok(UNKNOWN);
    }
    Ok(match tx.find_message(chat_id, id).await? {
        Some(view) if view.message.author == author => Ok(Answer::Repeated(Reply::Message(view))),
        Some(_) => Err(CallError::Refused(Refusal::MessageIdTaken)),
        None => CLOSED,
    })
}

/// Whoever may not read the chat learns nothing of it; who has written the note had a part in it.
async fn note(
    tx: &mut TenantTx,
    chat_id: ChatId,
    id: &NoteId,
    author: AgentId,
) -> Result<Outcome, crate::store::Error> {
    let view = tx.find_note(chat_id, id).await?;
    if let Some(view) = view.filter(|view| view.note.author == author) {
        return Ok(Ok(Answer::Repeated(Reply::Note(view))));
    }
    let may_read = tx.can_read_chat(author, chat_id).await?;
    Ok(if may_read { CLOSED } else { UNKNOWN })
}

async fn offer(tx: &mut TenantTx, chat_id: ChatId) -> Result<Outcome, crate::store::Error> {
    Ok(match tx.find_chat(chat_id).await? {
        Some(chat) => {
            let taken_by: Option<AgentId> = chat.agents.first().map(|agent| agent.id);
            Err(CallError::Refused(Refusal::OfferGone { taken_by }))
        }
        None => UNKNOWN,
    })
}
