//! Which routing rule a chat enters by (ROUTE-1).

use crate::domain::{Arrival, Mode, RoutingRule, Timestamp};

use super::command::StartChat;
use super::state::{QueueState, State};

impl State {
    /// The rule for a chat that names no queue, and the queue to which it sends it, if it does: the first rule that fits.
    /// One whose queue does not take the chat is passed over, so that no rule leads nowhere.
    pub(super) fn rule_for(
        &self,
        start: &StartChat,
        now: Timestamp,
    ) -> Option<(&RoutingRule, Option<&QueueState>)> {
        if start.queue_id.is_some() {
            return None;
        }
        let arrival = Arrival {
            widget_id: start.widget_id,
            office_id: start.office_id,
            contact: start.known.as_deref().unwrap_or(&start.contact),
            landing: &start.landing,
            at: now,
        };
        let rules = self.routing_rules.values().map(|rule| &**rule);
        let fitting = rules.filter(|rule| rule.fits(&arrival));
        let usable = fitting.filter_map(|rule| match rule.action.queue_id {
            None => Some((rule, None)),
            Some(id) => {
                let queue = self.queues.get(&id)?;
                let is_live = self.mode(queue.queue.office_id) == Mode::Live;
                (is_live && self.takes_chats(queue, now)).then_some((rule, Some(&**queue)))
            }
        });
        usable.min_by_key(|(rule, _)| rule.place())
    }
}
