//! What was said in all chats of a contact, as one conversation (CHAT-6).
//!
//! Owns that its pages go back in time while each of them is read forwards. Notes are no messages: what a visitor's history
//! is made of cannot hold one.

use axum::Json as Body;
use axum::extract::State;
use deserr::Deserr;
use utoipa::IntoParams;

use super::contacts::{known, reader};
use super::docs::{BadQuery, Failures, Missing, Unauthorized};
use super::extract::{Id, Query};
use super::page::{Cursor, Limit};
use super::principal::{Permitted, ReadOwnChats};
use super::{ApiError, AppState, VisitorPrincipal};
use crate::domain::{ChatId, ContactId};
use crate::engine::ChatView;
use crate::faults::Faults;
use crate::protocol::{FileLinks, wire};
use crate::store::{ConversationEntry, ConversationPlace, Said, TenantTx};

/// The parameters of a conversation.
#[derive(Clone, Copy, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ConversationQuery {
    /// The `next_cursor` of the page that follows in time; the end of the conversation when not named.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub before: Option<Cursor<ConversationPlace>>,
    /// How many entries to return.
    #[deserr(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Limit,
    /// The same as `before`.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub cursor: Option<Cursor<ConversationPlace>>,
}

impl ConversationQuery {
    /// The place before which the page ends: the earlier of the two that may be given.
    fn before(&self) -> Option<ConversationPlace> {
        let both = [self.before, self.cursor].into_iter().flatten();
        both.map(|cursor| cursor.0).min()
    }
}

/// A page of a conversation, in the order in which it is read.
struct Part<T> {
    entries: Vec<ConversationEntry<T>>,
    chats: Vec<ChatView>,
    next_cursor: Option<String>,
}

impl<T> Part<T> {
    /// Makes it of up to one more entry than it holds, newest first.
    async fn new(
        tx: &mut TenantTx,
        mut entries: Vec<ConversationEntry<T>>,
        limit: Limit,
    ) -> Result<Self, ApiError> {
        let size = usize::from(limit.0);
        let more = entries.len() > size;
        entries.truncate(size);
        let first = entries.last().filter(|_| more);
        let next_cursor = first.map(|entry| Cursor(entry.place).encode());
        entries.reverse();
        let mut ids: Vec<ChatId> = entries.iter().map(|entry| entry.place.chat_id).collect();
        ids.dedup();
        let mut chats = tx.find_chats(&ids).await?;
        chats.reverse();
        Ok(Self {
            entries,
            chats,
            next_cursor,
        })
    }
}

fn line(entry: &ConversationEntry<Said>, links: &dyn FileLinks) -> wire::ConversationLine {
    let (message, note) = match &entry.said {
        Said::Message(view) => (Some(wire::Message::new(view, links)), None),
        Said::Note(view) => (None, Some(view.into())),
    };
    wire::ConversationLine {
        chat_id: entry.place.chat_id.0,
        message,
        note,
    }
}

/// Lists what was said and noted in the chats of a contact that the agent may read, the newest page first.
#[utoipa::path(
    get, path = "/v1/contacts/{contact_id}/conversation", operation_id = "list_conversation", tag = "contacts",
    security(("agent" = [])), params(("contact_id" = Uuid, Path), ConversationQuery),
    responses(
        (status = 200, description = "A page, oldest first", body = wire::Conversation),
        Unauthorized, Missing, BadQuery, Failures
    )
)]
pub(super) async fn list_conversation(
    State(app): State<AppState>,
    agent: Permitted<ReadOwnChats>,
    Id(contact_id): Id<ContactId>,
    Query(query): Query<ConversationQuery>,
) -> Result<Body<wire::Conversation>, ApiError> {
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    known(&mut tx, &agent, contact_id).await?;
    let (before, limit) = (query.before(), query.limit);
    let entries = tx
        .conversation(contact_id, reader(&agent), before, limit.and_one_more())
        .await?;
    let part = Part::new(&mut tx, entries, limit).await?;
    let links = app.hub.links().of(agent.tenant_id);
    let entries = part.entries.iter();
    Ok(Body(wire::Conversation {
        data: entries.map(|entry| line(entry, &links)).collect(),
        chats: part.chats.iter().map(wire::Chat::from).collect(),
        next_cursor: part.next_cursor,
    }))
}

/// Lists what was said in the visitor's chats that are over and what it has left, the newest page first. What is open is
/// read chat by chat.
#[utoipa::path(
    get, path = "/v1/visitor/history", operation_id = "list_own_history", tag = "visitor",
    security(("visitor" = [])), params(ConversationQuery),
    responses(
        (status = 200, description = "A page, oldest first", body = wire::VisitorHistory),
        Unauthorized, BadQuery, Failures
    )
)]
pub(super) async fn list_own_history(
    State(app): State<AppState>,
    visitor: VisitorPrincipal,
    Query(query): Query<ConversationQuery>,
) -> Result<Body<wire::VisitorHistory>, ApiError> {
    let mut tx = app.store.tenant(visitor.tenant_id).await?;
    let (before, limit) = (query.before(), query.limit);
    let entries = tx
        .visitor_history(visitor.visitor_id, before, limit.and_one_more())
        .await?;
    let part = Part::new(&mut tx, entries, limit).await?;
    let links = app.hub.links().of(visitor.tenant_id);
    let entries = part.entries.iter().map(|entry| wire::ConversationEntry {
        chat_id: entry.place.chat_id.0,
        message: wire::Message::new(&entry.said, &links),
    });
    Ok(Body(wire::VisitorHistory {
        data: entries.collect(),
        chats: part.chats.iter().map(wire::VisitorChat::from).collect(),
        next_cursor: part.next_cursor,
    }))
}
