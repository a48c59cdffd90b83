//! Events as they were stored, made whole again: each from its row and from what that refers to.

use serde_json::Value;

use super::super::events::life::{self, Told};
use super::super::events::shown::Shown;
use super::super::events::{actor_from, asides, author_from, decision, handover};
use super::super::messages::{BodyColumns, rich_text};
use super::super::row::RowOf;
use super::super::time::from_db;
use super::{Context, Error, EventRow, StoredEvent};
use crate::domain::{
    AgentId, Attributes, ChatState, KnownMessageId, Message, MessageId, Note, OfferNumber,
    OfferState,
};
use crate::engine::{
    AgentCard, Aside, ChatEvent, ChatStateView, ChatView, DeletedMessage, Departure, EditedMessage,
    Event, EventKind, HandOverRequest, LifeEvent, MessageView, NoteEvent, OfferEvent, OfferKey,
    OfferView, Onlookers, Parties, Transfer, WrapUpView,
};

impl EventRow {
    pub(super) fn message_id(&self) -> Option<MessageId> {
        let KnownMessageId(id) = self.message_id.as_deref()?.parse().ok()?;
        Some(id)
    }

    /// The row of its message.
    pub(super) fn of(&self) -> Option<RowOf<String>> {
        Some(RowOf("messages", self.message_id.clone()?))
    }
}

impl Context {
    pub(super) fn resolve(&self, row: &EventRow) -> Result<StoredEvent, Error> {
        let seq = u64::try_from(row.event_seq)
            .map_err(|_| Error::inconsistent("events", "event_seq", row.event_seq))?;
        let kind = self
            .kind(row)
            .ok_or_else(|| Error::inconsistent("events", "payload", seq))?;
        let actor = actor_from(&row.actor, row.actor_agent_id)
            .ok_or_else(|| Error::inconsistent("events", "actor", seq))?;
        let event = Event {
            at: from_db(row.at),
            actor,
            kind,
        };
        Ok(StoredEvent {
            seq,
            visitor_seq: row.visitor_seq,
            event,
        })
    }

    fn kind(&self, row: &EventRow) -> Option<EventKind> {
        let chat = |event| Some(EventKind::Chat(event));
        match row.kind.as_str() {
            "chat.queued" | "chat.overflowed" | "chat.deferred" | "chat.offline_message" => {
                chat(self.waiting(row)?)
            }
            "chat.accepted" => {
                let then: Shown = read(row)?;
                let accepted_at = then.accepted_at.unwrap_or(from_db(row.at));
                let active = ChatStateView::Settled(ChatState::Active { accepted_at });
                let view = self.chat_then(&then, active);
                chat(ChatEvent::Accepted(view, AgentId(row.agent_id?)))
            }
            "chat.message" => chat(ChatEvent::MessageSent(
                self.parties(row)?,
                self.message(row)?,
            )),
            "chat.message_edited" => {
                let edited = EditedMessage {
                    id: row.message_id()?,
                    seq: count(&row.payload, "seq")?,
                    text: rich_text(&row.of()?, row.text.as_deref(), row.content.clone()).ok()?,
                };
                chat(ChatEvent::MessageEdited(self.parties(row)?, edited))
            }
            "chat.message_deleted" => {
                let deleted = DeletedMessage {
                    id: row.message_id()?,
                    seq: count(&row.payload, "seq")?,
                };
                chat(ChatEvent::MessageDeleted(self.parties(row)?, deleted))
            }
            "chat.agent_seen" => {
                let status = row.payload.get("status")?.as_str()?.parse().ok()?;
                let card = AgentCard {
                    status: Some(status),
                    ..self.cards.get(&AgentId(row.agent_id?))?.clone()
                };
                chat(ChatEvent::AgentSeen(self.parties(row)?, card))
            }
            "chat.read" => {
                let raised = asides::mark_from(&row.payload)?;
                chat(ChatEvent::MarkRaised(self.parties(row)?, raised))
            }
            "chat.note" => Some(EventKind::Note(NoteEvent {
                chat_id: self.chat.id,
                agents: agent_ids(&row.payload)?,
                note: self.notes.get(&count(&row.payload, "number")?)?.clone(),
            })),
            "chat.closed" => {
                let reason = row.payload.get("reason")?.as_str()?.parse().ok()?;
                chat(ChatEvent::Closed(self.parties(row)?, reason))
            }
            kind if kind.starts_with("chat.") => {
                let life = || self.life(row).map(ChatEvent::Life);
                self.handover(row).or_else(life).and_then(chat)
            }
            _ => self
                .offer(row)
                .map(|event| EventKind::Offer(event, onlookers(row))),
        }
    }

    /// What happened to a chat that no agent had: it began to wait, went to another queue, or into the inbox.
    fn waiting(&self, row: &EventRow) -> Option<ChatEvent> {
        let then: Shown = read(row)?;
        let queued = || self.chat_then(&then, then.state());
        let message = ChatStateView::Settled(ChatState::OfflineMessage);
        let left = || self.chat_then(&then, message);
        match row.kind.as_str() {
            "chat.queued" => Some(ChatEvent::Queued(queued())),
            "chat.overflowed" => {
                let from = row.payload.get("from")?.as_str();
                let from = from.and_then(|id| id.parse().ok());
                Some(ChatEvent::Overflowed(queued(), from))
            }
            "chat.deferred" => {
                let reason = row.payload.get("reason")?.as_str()?.parse().ok()?;
                Some(ChatEvent::Deferred(left(), reason))
            }
            "chat.offline_message" => Some(ChatEvent::OfflineMessageLeft(left())),
            _ => None,
        }
    }

    fn life(&self, row: &EventRow) -> Option<LifeEvent> {
        let parties = |agents| Parties {
            chat_id: self.chat.id,
            visitor_id: self.chat.visitor_id,
            agents,
        };
        let agent_id = row.agent_id.map(AgentId);
        match life::from_row(&row.kind, agent_id, &row.payload, parties, self.chat.id)? {
            Told::Whole(event) => Some(event),
            Told::Updated(agents, told) => {
                let mut marks = self.chat.marks.clone();
                marks.priority = told.priority;
                marks.attributes = Attributes {
                    fields: marks.attributes.fields,
                    ..told.attributes
                };
                Some(LifeEvent::Updated(parties(agents), marks))
            }
            Told::WrapUpStarted(wrap_up) => {
                let view = WrapUpView {
                    chat: self.chat.clone(),
                    agent_id: agent_id?,
                    wrap_up,
                };
                Some(LifeEvent::WrapUpStarted(Box::new(view)))
            }
            Told::Reopened(agents, gone, last_seq) => {
                let state = if agents.is_empty() {
                    ChatState::Waiting
                } else {
                    ChatState::Active {
                        accepted_at: from_db(row.at),
                    }
                };
                let then = Shown {
                    agents,
                    last_seq,
                    ..Shown::default()
                };
                let view = self.chat_then(&then, ChatStateView::Settled(state));
                Some(LifeEvent::Reopened(Box::new(view), gone))
            }
        }
    }

    fn offer(&self, row: &EventRow) -> Option<OfferEvent> {
        let number = OfferNumber(count(&row.payload, "offer")?);
        let offer = self.offers.get(&number)?;
        let key = OfferKey {
            chat_id: self.chat.id,
            number,
            agent_id: offer.agent_id,
        };
        match row.kind.as_str() {
            "offer.made" => {
                let (queue_id, queue_name) = offer.queue.clone()?;
                let decision = decision::read(row.version, &row.payload)?;
                // Of the time before it was kept: as the decision saw it, else the chat's, which is later when the chat has
                // begun to wait anew.
                let kept = decision::waiting_since(&row.payload);
                let decided = || {
                    let place = decision.as_ref()?.place;
                    place.map(|place| place.waiting_since)
                };
                let waiting_since = kept
                    .or_else(decided)
                    .unwrap_or(self.waiting_since.min(offer.made_at));
                let view = OfferView {
                    chat_id: self.chat.id,
                    number,
                    agent_id: offer.agent_id,
                    state: OfferState::Ringing,
                    made_at: offer.made_at,
                    expires_at: offer.expires_at,
                    waiting_since,
                    office_id: self.chat.office_id,
                    queue_id,
                    queue_name,
                    contact: self.chat.contact.clone(),
                    purpose: offer.purpose,
                    by: offer.by.and_then(|id| self.cards.get(&id).cloned()),
                    note: offer.note.clone(),
                    // It is for whom it rings at, while it does.
                    external_url: None,
                };
                Some(OfferEvent::Made(view, decision))
            }
            "offer.accepted" => Some(OfferEvent::Accepted(key)),
            "offer.rejected" => {
                let reason = offer.reject_reason.as_deref();
                let reason = reason.and_then(|text| text.parse::<Note>().ok());
                Some(OfferEvent::Rejected(key, reason))
            }
            "offer.missed" => Some(OfferEvent::Missed(key)),
            "offer.withdrawn" => {
                let reason = offer.withdraw_reason.as_deref()?.parse().ok()?;
                Some(OfferEvent::Withdrawn(key, reason))
            }
            _ => None,
        }
    }

    /// The message as it is now.
    fn message(&self, row: &EventRow) -> Option<MessageView> {
        let body = BodyColumns {
            text: row.text.clone(),
            content: row.content.clone(),
            buttons: row.buttons.clone(),
            pressed_message_id: row.pressed_message_id.clone(),
            pressed_button_id: row.pressed_button_id.clone(),
            notice: row.notice.clone(),
            file: row.file.clone(),
            deleted_at: row.deleted_at,
        };
        Some(MessageView {
            message: Message {
                id: row.message_id()?,
                seq: count(&row.payload, "seq")?,
                author: author_from(row.author.as_deref()?, row.author_agent_id)?,
                body: body.body(&row.of()?).ok()?,
                sent_at: from_db(row.sent_at?),
                edited_at: row.edited_at.map(from_db),
            },
            author_name: row
                .author_agent_id
                .and_then(|id| Some(self.cards.get(&AgentId(id))?.name.clone())),
        })
    }

    fn parties(&self, row: &EventRow) -> Option<Parties> {
        Some(Parties {
            chat_id: self.chat.id,
            visitor_id: self.chat.visitor_id,
            agents: agent_ids(&row.payload)?,
        })
    }

    /// The chat as it stood at an event, from what never changes and what the event says.
    fn chat_then(&self, then: &Shown, state: ChatStateView) -> ChatView {
        let cards = |ids: &[AgentId]| {
            let cards = ids.iter().filter_map(|id| self.cards.get(id).cloned());
            cards.collect()
        };
        let aside = Aside {
            assistants: cards(&then.assistants),
            listeners: Vec::new(),
            hand_over: then.hand_over,
        };
        ChatView {
            state,
            agents: cards(&then.agents),
            aside: aside.boxed(),
            last_seq: then.last_seq,
            position: then.position,
            estimated_wait: then.estimated_wait,
            queue_id: then.queue_id.or(self.chat.queue_id),
            office_id: then.office_id.unwrap_or(self.chat.office_id),
            ..self.chat.clone()
        }
    }

    /// Who came in, who went, who was asked.
    fn handover(&self, row: &EventRow) -> Option<ChatEvent> {
        let parties = |agents: Vec<AgentId>| Parties {
            chat_id: self.chat.id,
            visitor_id: self.chat.visitor_id,
            agents,
        };
        let view = |then: &Shown| self.chat_then(then, then.state());
        let agent_id = row.agent_id.map(AgentId);
        let card = || self.cards.get(&agent_id?).cloned();
        match row.kind.as_str() {
            "chat.hand_over_requested" => {
                let stored: handover::Requested = read(row)?;
                let offer = self.offers.get(&stored.offer);
                let offer = offer.filter(|o| o.purpose == stored.purpose && o.by == agent_id);
                let request = HandOverRequest {
                    purpose: stored.purpose,
                    to: stored.to,
                    by: card()?,
                    note: offer.and_then(|offer| offer.note.clone()),
                    offer: stored.offer,
                    asked: stored.asked,
                };
                Some(ChatEvent::HandOverRequested(
                    parties(stored.agents),
                    request,
                ))
            }
            "chat.hand_over_ended" => {
                let stored: handover::Ended = read(row)?;
                let (purpose, end) = (stored.purpose, stored.end);
                Some(ChatEvent::HandOverEnded(
                    parties(stored.agents),
                    purpose,
                    end,
                ))
            }
            "chat.transferred" => {
                let stored: handover::Transferred = read(row)?;
                let transfer = Transfer {
                    by: stored.by,
                    to: stored.to,
                    agent_id,
                    reason: stored.reason,
                };
                Some(ChatEvent::Transferred(view(&stored.chat), transfer.into()))
            }
            "chat.participant_joined" => {
                let stored: handover::Joined = read(row)?;
                let view = view(&stored.chat);
                Some(ChatEvent::ParticipantJoined(view, agent_id?, stored.role))
            }
            "chat.participant_left" => {
                let stored: handover::Left = read(row)?;
                let departure = Departure {
                    agent: card()?,
                    role: stored.role,
                    joined_at: stored.joined_at,
                    reason: stored.reason,
                };
                Some(ChatEvent::ParticipantLeft(
                    parties(stored.agents),
                    departure,
                ))
            }
            "chat.requeued" => {
                let stored: handover::Requeued = read(row)?;
                Some(ChatEvent::Requeued(view(&stored.chat), stored.reason))
            }
            _ => None,
        }
    }
}

/// Whether the chat rang on. Who read it along is not kept, and an event of the time before that was told does not say.
fn onlookers(row: &EventRow) -> Onlookers {
    let rings = row.payload.get("rings").and_then(Value::as_bool);
    Onlookers {
        agents: Vec::new(),
        rings,
    }
}

/// What an event says, in the form of its kind.
fn read<T: serde::de::DeserializeOwned>(row: &EventRow) -> Option<T> {
    serde_json::from_value(row.payload.clone()).ok()
}

fn agent_ids(payload: &Value) -> Option<Vec<AgentId>> {
    let ids = payload.get("agents")?.as_array()?.iter();
    ids.map(|id| id.as_str()?.parse().ok()).collect()
}

pub(super) fn count(payload: &Value, key: &str) -> Option<u32> {
    u32::try_from(payload.get(key)?.as_u64()?).ok()
}
