//! Transcripts: what was said in a chat as a text to keep (CHAT-7).
//!
//! Owns how a text of any length goes out: in parts, each read in a transaction of its own, so that whoever reads slowly
//! holds no connection to the database. A part that cannot be read breaks the answer off.

use std::future::Future;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use futures_util::stream;
use utoipa::IntoParams;

use super::chats::readable_chat;
use super::docs::{BadQuery, Failures, Missing, Unauthorized};
use super::extract::{Id, Query};
use super::past::Present;
use super::principal::{Permitted, ReadOwnChats};
use super::visitor::own_chat;
use super::{ApiError, AppState, VisitorPrincipal};
use crate::domain::{ChatId, Invalid, TenantId, Timestamp};
use crate::engine::MessageView;
use crate::faults::{Faults, pointer};
use crate::protocol::Audience;
use crate::protocol::transcript::Transcript;
use crate::store::{self, Said, Store};

/// How many messages are read at once, and how many notes.
const PART: i64 = 100;

/// Yes or no in a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Flag(bool);

impl Deserr<Faults> for Flag {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let text = String::deserialize_from_value(value, location)?;
        let flag = text.parse().map(Self);
        flag.map_err(|_| Faults::invalid(pointer(location), Invalid::BadFormat("true or false")))
    }
}

/// The parameters of a transcript.
#[derive(Clone, Copy, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TranscriptQuery {
    /// Whether the agents' notes are in it.
    #[deserr(default)]
    #[param(value_type = Option<bool>, default = false)]
    notes: Flag,
}

/// Shows what was said in a chat, as a text.
#[utoipa::path(
    get, path = "/v1/chats/{chat_id}/transcript", operation_id = "find_transcript", tag = "chats",
    security(("agent" = [])), params(("chat_id" = Uuid, Path), TranscriptQuery),
    responses(
        (status = 200, description = "The text, oldest first, by the clocks of the tenant's time zone", body = String,
            content_type = "text/plain; charset=utf-8"),
        Unauthorized, Missing, BadQuery, Failures
    )
)]
pub(super) async fn find_transcript(
    State(app): State<AppState>,
    agent: Permitted<ReadOwnChats>,
    Id(chat_id): Id<ChatId>,
    Query(query): Query<TranscriptQuery>,
) -> Result<Response, ApiError> {
    let zone = Present::of(&app, agent.tenant_id).await?.zone;
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let chat = readable_chat(&mut tx, &agent, chat_id).await?;
    let chat = chat.ok_or_else(ApiError::not_found)?;
    let transcript = Transcript::of(&chat, zone);
    let head = transcript.head(&chat, Audience::Agent);
    let reader = Reader::new(&app, agent.tenant_id, chat_id);
    let parts = move |mut reader: Reader| {
        let transcript = transcript.clone();
        async move {
            let said = if query.notes.0 {
                reader.messages_and_notes().await?
            } else {
                let messages = reader.messages().await?;
                messages.into_iter().map(Said::Message).collect()
            };
            for said in &said {
                reader.pass(said);
            }
            let entries = said.iter().map(|said| match said {
                Said::Message(view) => transcript.message(view),
                Said::Note(view) => transcript.note(view),
            });
            Ok((entries.collect(), reader))
        }
    };
    Ok(answer(chat_id, head, reader, parts))
}

/// Shows what was said in a chat, as a text.
#[utoipa::path(
    get, path = "/v1/visitor/chats/{chat_id}/transcript", operation_id = "find_own_transcript", tag = "visitor",
    security(("visitor" = [])), params(("chat_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The text, oldest first, by the clocks of the tenant's time zone", body = String,
            content_type = "text/plain; charset=utf-8"),
        Unauthorized, Missing, Failures
    )
)]
pub(super) async fn find_own_transcript(
    State(app): State<AppState>,
    visitor: VisitorPrincipal,
    Id(chat_id): Id<ChatId>,
) -> Result<Response, ApiError> {
    let zone = Present::of(&app, visitor.tenant_id).await?.zone;
    let mut tx = app.store.tenant(visitor.tenant_id).await?;
    let chat = own_chat(&mut tx, visitor, chat_id).await?;
    let transcript = Transcript::of(&chat, zone);
    let head = transcript.head(&chat, Audience::Visitor);
    let reader = Reader::new(&app, visitor.tenant_id, chat_id);
    let parts = move |mut reader: Reader| {
        let transcript = transcript.clone();
        async move {
            let messages = reader.messages().await?;
            let last = messages.last().map(|view| view.message.seq);
            reader.last_message = last.unwrap_or(reader.last_message);
            let entries = messages.iter().map(|view| transcript.message(view));
            Ok((entries.collect(), reader))
        }
    };
    Ok(answer(chat_id, head, reader, parts))
}

/// How far a chat was read.
struct Reader {
    store: Store,
    tenant_id: TenantId,
    chat_id: ChatId,
    last_message: u32,
    last_note: u32,
}

impl Reader {
    fn new(app: &AppState, tenant_id: TenantId, chat_id: ChatId) -> Self {
        Self {
            store: app.store.clone(),
            tenant_id,
            chat_id,
            last_message: 0,
            last_note: 0,
        }
    }

    /// The next messages; none at the end.
    async fn messages(&self) -> Result<Vec<MessageView>, store::Error> {
        let mut tx = self.store.tenant(self.tenant_id).await?;
        tx.list_messages(self.chat_id, self.last_message, PART)
            .await
    }

    /// The next messages and notes in the order of a conversation: a message before a note of the same instant.
    async fn messages_and_notes(&self) -> Result<Vec<Said>, store::Error> {
        let messages = self.messages().await?.into_iter().map(Said::Message);
        let mut tx = self.store.tenant(self.tenant_id).await?;
        let notes = tx.list_notes(self.chat_id, self.last_note, PART).await?;
        let mut said: Vec<Said> = messages.chain(notes.into_iter().map(Said::Note)).collect();
        said.sort_by_key(place);
        // Beyond this there may be more of the one kind before what is here of the other.
        said.truncate(usize::try_from(PART).unwrap_or(usize::MAX));
        Ok(said)
    }

    /// This was read.
    fn pass(&mut self, said: &Said) {
        match said {
            Said::Message(view) => self.last_message = view.message.seq,
            Said::Note(view) => self.last_note = view.note.number,
        }
    }
}

fn place(said: &Said) -> (Timestamp, u8) {
    match said {
        Said::Message(view) => (view.message.sent_at, 0),
        Said::Note(view) => (view.note.sent_at, 1),
    }
}

/// The answer: the head, then part by part until one is empty.
fn answer<F>(
    chat_id: ChatId,
    head: String,
    reader: Reader,
    parts: impl Fn(Reader) -> F + Send + 'static,
) -> Response
where
    F: Future<Output = Result<(Vec<String>, Reader), store::Error>> + Send,
{
    let text = stream::try_unfold((Some(head), reader, parts), |(head, reader, parts)| async {
        if let Some(head) = head {
            return Ok::<_, store::Error>(Some((head, (None, reader, parts))));
        }
        let (entries, reader) = parts(reader).await?;
        let is_over = entries.is_empty();
        Ok((!is_over).then(|| (entries.concat(), (None, reader, parts))))
    });
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    let name = format!("attachment; filename=\"chat-{chat_id}.txt\"");
    let mut response = ([(CONTENT_TYPE, plain)], Body::from_stream(text)).into_response();
    if let Ok(name) = HeaderValue::try_from(name) {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    response
}
