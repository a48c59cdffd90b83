//! What agents say of a chat: important, tags, outcomes, fields, how urgent it is (CHAT-4, CHAT-7).

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    AgentId, ChatId, ChatState, ContactFields, DispositionId, Permission, Priority, TagId, allows,
};

use super::super::effect::{ChatEvent, EventKind};
use super::super::state::{AgentState, Chat, State};
use super::super::turn::Turn;
use super::super::view::Marks;
use super::super::{Refusal, Reply};
use super::LifeEvent;

/// The most outcomes that a chat has, and that a request names.
pub const DISPOSITIONS_MAX: usize = 20;
/// The same of its tags.
pub const TAGS_MAX: usize = 20;

/// What is to be said of a chat; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChatUpdate {
    /// Whether it is marked as important.
    pub important: Option<bool>,
    /// Its tags. Engines know none: that there are such was found out before.
    pub tags: Option<Vec<TagId>>,
    /// Its outcomes.
    pub dispositions: Option<Vec<DispositionId>>,
    /// Fields of the tenant's own choice; a field of `None` goes.
    pub fields: BTreeMap<Box<str>, Option<Box<str>>>,
    /// How urgent it is; only while it waits.
    pub priority: Option<Priority>,
}

impl Turn<'_> {
    /// Says something of a chat, also when it is over. Whoever may read it by its part in it may: who takes part or took
    /// part to the end, a member of its queue, an agent of the office of an offline message, and who reads all chats.
    pub(in super::super) fn update_chat(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        update: ChatUpdate,
    ) -> Result<Reply, Refusal> {
        let chat = self.state.chats.get(&chat_id).ok_or(Refusal::UnknownChat)?;
        let agent = self.state.agents.get(&agent_id);
        let agent = agent.ok_or(Refusal::UnknownAgent)?;
        if !self.state.may_mark(agent, chat) {
            return Err(Refusal::NotParticipant);
        }
        let mut attributes = chat.attributes.clone();
        if let Some(important) = update.important {
            attributes.important = important;
        }
        if let Some(tags) = update.tags {
            attributes.tags = tags.into_iter().collect();
        }
        if let Some(chosen) = &update.dispositions {
            attributes.dispositions = self.state.chosen(chat, chosen)?;
            let taken_away =
                attributes.dispositions.is_empty() && !chat.attributes.dispositions.is_empty();
            if taken_away && !chat.is_open() && self.state.asks_for_disposition(chat) {
                return Err(Refusal::DispositionRequired);
            }
        }
        attributes.fields = patched(attributes.fields, &update.fields)?;
        if update.priority.is_some() && chat.state != ChatState::Waiting {
            return Err(Refusal::NotWaiting);
        }
        let priority = update.priority.unwrap_or(chat.routing.priority);
        if attributes != chat.attributes || priority != chat.routing.priority {
            if let Some(chat) = self.state.chat_mut(chat_id) {
                chat.attributes = attributes;
                chat.routing.priority = priority;
            }
            self.tell_marks(chat_id);
        }
        self.chat_view(chat_id)
            .map(Reply::Chat)
            .ok_or(Refusal::UnknownChat)
    }

    /// Tells the agents of a chat what is said of it by now.
    pub(super) fn tell_marks(&mut self, chat_id: ChatId) {
        let Some(chat) = self.state.chats.get(&chat_id) else {
            return;
        };
        let event = LifeEvent::Updated(State::parties(chat), Box::new(Marks::of(chat)));
        self.emit(EventKind::Chat(ChatEvent::Life(event)));
    }
}

impl State {
    fn may_mark(&self, agent: &AgentState, chat: &Chat) -> bool {
        chat.participants.contains_key(&agent.profile.id)
            || self.may_take(agent, chat)
            || allows(agent.profile.role, Permission::ReadAllChats)
    }

    /// The outcomes that were chosen, if a chat of its queue may have them. One that it has already stays allowed, though
    /// its queue may have others by now.
    pub(super) fn chosen(
        &self,
        chat: &Chat,
        chosen: &[DispositionId],
    ) -> Result<BTreeSet<DispositionId>, Refusal> {
        let closing = self.queue_settings(chat).map(|settings| &settings.closing);
        let before = &chat.attributes.dispositions;
        let may = |id: &DispositionId| {
            before.contains(id) || closing.is_some_and(|closing| closing.dispositions.contains(id))
        };
        let places = places_where(chosen, |id| !may(id));
        if places != 0 {
            return Err(Refusal::UnknownDispositions { places });
        }
        let chosen: BTreeSet<DispositionId> = chosen.iter().copied().collect();
        let several = closing.is_some_and(|closing| closing.several_dispositions);
        if chosen.len() > 1 && !several && chosen != *before {
            return Err(Refusal::SeveralDispositions);
        }
        Ok(chosen)
    }
}

/// Which places of a list are wrong: a bit for each, the first the lowest. Lists that name things are shorter than 32.
pub(crate) fn places_where<T>(list: &[T], is_wrong: impl Fn(&T) -> bool) -> u32 {
    let bits = list.iter().zip(0..u32::BITS);
    bits.filter(|(entry, _)| is_wrong(entry))
        .fold(0, |places, (_, at)| places | (1 << at))
}

/// The fields after a change of some.
fn patched(
    mut fields: ContactFields,
    changes: &BTreeMap<Box<str>, Option<Box<str>>>,
) -> Result<ContactFields, Refusal> {
    // What goes makes room for what comes.
    for (name, _) in changes.iter().filter(|(_, text)| text.is_none()) {
        fields.remove(name);
    }
    for (name, text) in changes {
        if let Some(text) = text {
            let inserted = fields.insert(name, text);
            inserted.map_err(|_| Refusal::TooManyFields)?;
        }
    }
    Ok(fields)
}
