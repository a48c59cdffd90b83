//! The life of a chat besides its way to an agent: how it ends and what is left to do then, what makes it go on again,
//! what agents say of it, and the clocks that run while it is open (CHAT-4, -7, -8, -10, -12, -13).
//!
//! Each clock runs by facts in the chat's [`Course`](crate::domain::Course), which messages and signs of the visitor
//! keep true; `deadlines.rs` asks here when the next one strikes.

mod attributes;
mod bring;
mod closing;
mod event;
mod idle;
mod rating;
mod reminder;
mod reopen;
mod target;
mod wrap_up;

pub(crate) use attributes::places_where;
pub use attributes::{ChatUpdate, DISPOSITIONS_MAX, TAGS_MAX};
pub use bring::ChatBundle;
pub use event::LifeEvent;
pub use rating::RATING_CHANGES_WITHIN;

use crate::domain::{Author, ChatId, QueueSettings};

use super::state::{AgentState, Chat, State};
use super::turn::Turn;

impl State {
    /// The settings of the queue that a chat came through; an offline message has none.
    fn queue_settings(&self, chat: &Chat) -> Option<&QueueSettings> {
        let queue = self.queues.get(&chat.queue_id?)?;
        Some(&queue.queue.settings)
    }

    /// Whether a chat is one that an agent may take from a list: the members of its queue may. What came to the inbox
    /// without a queue, or from one that is no more, is for whoever belongs to its office.
    pub(super) fn may_take(&self, agent: &AgentState, chat: &Chat) -> bool {
        match self.own_queue(chat) {
            Some(id) => agent.queues.contains(&id),
            None => self.belongs(agent, chat.office_id),
        }
    }
}

impl Turn<'_> {
    /// Somebody writes: what the clocks run by, and the chat counts as load again. The message's own event stores it. What
    /// the service says wakes nobody and answers nothing.
    pub(super) fn note_written(&mut self, chat_id: ChatId, author: Author) {
        if author == Author::System {
            return;
        }
        let now = self.now;
        self.wake(chat_id);
        let Some(chat) = self.state.chat_mut(chat_id) else {
            return;
        };
        let course = &mut chat.course;
        match author {
            Author::Agent(_) => {
                course.agent_wrote_at = Some(now);
                course.unanswered_since = None;
                course.reminded = false;
                course.replied = true;
                course.first_replied_at = course.first_replied_at.or(Some(now));
                course.idle_since = Some(now);
                course.warned_at = None;
            }
            Author::Visitor => {
                course.visitor_wrote_at = Some(now);
                course.unanswered_since = course.unanswered_since.or(Some(now));
                course.idle_since = None;
                course.warned_at = None;
            }
            Author::System => {}
        }
    }
}
