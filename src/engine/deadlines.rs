//! What is due in a chat, and when. A chat has one deadline in the index of deadlines: the first of those that its facts
//! ask for. Whoever changes its facts emits an event, and at the end of the step the deadline is set anew.

use crate::domain::{
    AgentId, ChatId, ChatState, OfferNumber, OfficeId, QueueId, TargetKind, Timestamp,
};

use super::effect::Subject;
use super::state::{Chat, State};
use super::timers::TimerKey;
use super::turn::Turn;

/// What is due. Of several things at one instant the first in this list is done first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// An offer has rung for long enough.
    OfferExpiry(OfferNumber),
    /// A chat that everybody refused may be offered again.
    RoundStart,
    /// It is kept for nobody any more.
    ReservationEnd,
    /// An agent of it was gone for long enough (ROUTE-11).
    AgentGone(AgentId),
    /// Its agent has not written in time (ROUTE-21).
    FirstReply,
    /// It has waited in its queue for as long as it may.
    WaitOverrun,
    /// Nobody has written for long.
    Silence,
    /// A target of its queue passes.
    Target(TargetKind),
    /// Its agents are reminded of it.
    Reminder,
    /// Its visitor is warned.
    IdleWarning,
    /// It is closed because its visitor does not answer.
    IdleClose,
    /// An agent's work after it is over.
    WrapUpEnd(AgentId),
}

impl State {
    /// The first thing that is due in a chat.
    pub(super) fn next_due(&self, chat: &Chat) -> Option<(Timestamp, Due)> {
        let expiries = chat
            .ringing()
            .filter_map(|(number, offer)| Some((offer.expires_at?, Due::OfferExpiry(number))));
        // One that is over stays kept for whom it was, and nothing comes of it any more.
        let reserved = chat.routing.reserved.as_ref().filter(|_| chat.is_open());
        let gone = self.gone_due(chat);
        let clocks = [
            (chat.round_starts_at, Due::RoundStart),
            (reserved.and_then(|r| r.until), Due::ReservationEnd),
            (self.first_reply_due(chat), Due::FirstReply),
            (self.wait_overrun(chat), Due::WaitOverrun),
            (self.silence(chat), Due::Silence),
            (
                self.waiting_target_due(chat),
                Due::Target(TargetKind::Waiting),
            ),
            (
                self.reply_target_due(chat),
                Due::Target(TargetKind::FirstReply),
            ),
            (self.reminder_due(chat), Due::Reminder),
            (self.idle_warning_due(chat), Due::IdleWarning),
            (self.idle_close_due(chat), Due::IdleClose),
        ];
        let wrap_ups = chat.course.wrapping.iter();
        expiries
            .chain(clocks.into_iter().filter_map(|(at, due)| Some((at?, due))))
            .chain(gone.map(|(at, agent_id)| (at, Due::AgentGone(agent_id))))
            .chain(wrap_ups.map(|(id, wrap_up)| (wrap_up.until, Due::WrapUpEnd(*id))))
            .min()
    }

    /// Sets the deadlines of the chats of a queue anew: its settings have changed.
    pub(super) fn retime_line(&mut self, queue_id: QueueId) {
        self.retime(|_, chat| chat.queue_id == Some(queue_id) || chat.line() == Some(queue_id));
    }

    /// Sets the deadlines anew of the chats of an office that came through no queue: where they would wait again has come,
    /// or has gone.
    pub(super) fn retime_without_queue(&mut self, office_id: OfficeId) {
        self.retime(|state, chat| chat.office_id == office_id && state.own_queue(chat).is_none());
    }

    /// Sets the deadlines of all chats anew: the tenant's settings have changed.
    pub(super) fn retime_chats(&mut self) {
        self.retime(|_, _| true);
    }

    fn retime(&mut self, which: impl Fn(&Self, &Chat) -> bool) {
        let chats = self.chats.values().filter(|chat| which(self, chat));
        let dues: Vec<_> = chats.map(|chat| (chat.id, self.next_due(chat))).collect();
        for (chat_id, due) in dues {
            let at = due.map(|(at, _)| at);
            self.timers.put(TimerKey::Chat(chat_id), at);
        }
    }

    /// AVAIL-5: a chat waits no longer than its queue allows. Where it had to stay, `settle_overruns` sees to it.
    fn wait_overrun(&self, chat: &Chat) -> Option<Timestamp> {
        let at = self.end_of_wait(chat)?;
        let stays = chat.routing.overran.is_some_and(|overran| at <= overran);
        (!stays).then_some(at)
    }

    /// When a waiting chat is to go to its queue's overflow.
    pub(super) fn end_of_wait(&self, chat: &Chat) -> Option<Timestamp> {
        let settings = &self.queues.get(&chat.line()?)?.queue.settings;
        settings.overflow?;
        let since = chat.routing.seek.as_ref()?.since;
        let end = since + settings.max_wait?;
        (chat.state == ChatState::Waiting).then_some(end)
    }

    /// ROUTE-22: a chat in which nobody writes does not count as load.
    fn silence(&self, chat: &Chat) -> Option<Timestamp> {
        let ChatState::Active { accepted_at } = chat.state else {
            return None;
        };
        let after = self.settings.chats.inactive_after?;
        let joined = chat.participants.values().map(|p| p.joined_at).max();
        let last = chat.course.last_written_at().max(joined);
        let last = last.unwrap_or(accepted_at);
        (!chat.course.is_silent).then_some(last + after)
    }
}

impl Turn<'_> {
    /// The deadline of a chat: does what is due at this instant. Each of these changes what made it due.
    pub(super) fn do_what_is_due(&mut self, chat_id: ChatId) {
        let due = |turn: &Self| {
            let chat = turn.state.chats.get(&chat_id)?;
            let (at, due) = turn.state.next_due(chat)?;
            (at <= turn.now).then_some(due)
        };
        while let Some(due) = due(self) {
            match due {
                Due::OfferExpiry(number) => self.miss_offer(chat_id, number),
                Due::RoundStart => self.start_round(chat_id),
                Due::ReservationEnd => self.end_reservation(chat_id),
                Due::AgentGone(agent_id) => self.lose_gone_agent(chat_id, agent_id),
                Due::FirstReply => self.lose_mute_agents(chat_id),
                Due::WaitOverrun => self.send_on(chat_id),
                Due::Silence => self.fall_silent(chat_id),
                Due::Target(kind) => self.miss_target(chat_id, kind),
                Due::Reminder => self.remind(chat_id),
                Due::IdleWarning => self.warn_visitor(chat_id),
                Due::IdleClose => self.close_idle(chat_id),
                Due::WrapUpEnd(agent_id) => self.pass_wrap_up(chat_id, agent_id),
            }
        }
    }

    /// At the end of a step: sets the deadlines of the chats that it changed.
    pub(super) fn settle_deadlines(&mut self) {
        for subject in &self.subjects {
            if let Subject::Chat(chat_id) = subject {
                let chat = self.state.chats.get(chat_id);
                let due = chat.and_then(|chat| self.state.next_due(chat));
                self.state
                    .timers
                    .put(TimerKey::Chat(*chat_id), due.map(|(at, _)| at));
            }
        }
    }
}
