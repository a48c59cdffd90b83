//! The core: state + command + now -> effects. One engine holds one tenant.
//!
//! It knows the rules and nothing else: no clock, no randomness, no I/O, no async, no map whose order is
//! random. Given the same state, commands and times it gives the same effects, byte for byte. It owns its
//! deadlines; the shell only sleeps until [`Engine::next_deadline`]. Each verb has a file of its own.

mod ask;
mod availability;
mod ban;
mod chat;
mod command;
mod conversation;
mod deadlines;
mod dispatch;
mod effect;
mod entry;
mod estimate;
mod explain;
mod fields;
mod handover;
mod invariants;
mod life;
mod line;
mod live;
mod offer;
mod overflow;
mod presence;
mod queue;
mod records;
mod refusal;
mod reply;
mod restore;
mod routing;
mod rule;
mod setup;
mod snapshot;
mod state;
mod timers;
mod turn;
mod view;

use crate::domain::{Actor, Limits, Millis, TenantSettings, Timestamp};

pub use command::{
    AgentCommand, AskByEmail, Command, HandOverTo, LeaveMessage, NewPassword, NewStatus,
    PasswordHash, PresenceCommand, ReadAlong, SetupCommand, StartChat, VisitorCommand,
};
pub use conversation::{MarkRaised, NoteEvent, NoteView};
pub use effect::{
    AvailabilityChange, Cause, ChatEvent, ChatFact, DeletedMessage, Departure, EditedMessage,
    Effect, EndedSessions, Event, EventKind, HandOverRequest, LogInChange, Notice, Parties,
    PresenceEvent, QueueEvent, SetupEvent, Subject, Transfer,
};
pub use explain::{
    Candidate, Change, ChatPlace, Decision, Explanation, PassedOver, RankValues, RoutingNow, Rule,
    TieBreak,
};
pub use invariants::Violation;
pub(crate) use life::places_where;
pub use life::{
    ChatBundle, ChatUpdate, DISPOSITIONS_MAX, LifeEvent, RATING_CHANGES_WITHIN, TAGS_MAX,
};
pub use live::{LiveAgents, LiveChats, LiveNow, LiveQueue};
pub use offer::{OfferEvent, OfferKey, Onlookers};
pub use records::{
    AgentRecord, ChatRecord, MarkRecord, MessageKind, MessageRecord, NoteRecord, OfferRecord,
    OfficeRecord, QueueRecord, Records, StateRecord, WorkRecord,
};
pub use refusal::{Contradiction, FieldFault, Reference, Refusal, Use};
pub use reply::Reply;
pub use routing::Ineligible;
pub use view::{
    AgentCard, AgentSnapshot, Aside, ChatStateView, ChatView, Marks, MessageView, OfferView,
    OfficeAvailability, OfficeNow, OfficeView, PresenceRow, PresenceView, PublicAgent, QueueLogIn,
    QueueView, VisitorSnapshot, Waiting, WrapUpView,
};

/// How coarsely the last activity is stored: people act all the time, and a commit for each act would cost more than
/// its worth. After a restart, inactivity may come that much earlier.
pub const ACTIVITY_KEPT_EVERY: Millis = Millis::from_secs(10);

use state::State;
use timers::TimerKey;
use turn::Turn;

/// What a command that went well has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// For the issuer.
    pub reply: Reply,
    /// For everybody concerned, in order.
    pub effects: Vec<Effect>,
}

/// One tenant's presence, queues, offers and open chats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    state: State,
    /// The latest instant seen: time never goes back.
    now: Timestamp,
}

impl Engine {
    /// An engine without anything in it.
    #[must_use]
    pub fn new(settings: TenantSettings, limits: Limits) -> Self {
        Self {
            state: State::new(settings, limits),
            now: Timestamp(0),
        }
    }

    /// Fires every deadline that has passed at `now`, in order, each at its own instant. A deadline of
    /// `now` itself has not passed yet (ROUTE-20).
    pub fn advance(&mut self, now: Timestamp) -> Vec<Effect> {
        let now = now.max(self.now);
        let mut effects = Vec::new();
        while let Some((at, key)) = self.state.timers.pop_due(now) {
            self.now = self.now.max(at);
            let mut turn = Turn::new(&mut self.state, self.now, Actor::System);
            match key {
                TimerKey::Chat(chat_id) => turn.do_what_is_due(chat_id),
                TimerKey::GraceEnd(agent_id) => turn.end_grace(agent_id),
                TimerKey::LeaseEnd(agent_id) => turn.end_lease(agent_id),
                TimerKey::Inactivity(agent_id) => turn.step_down(agent_id),
                TimerKey::PauseDue(agent_id) => turn.overrun_pause(agent_id),
                TimerKey::StatusLimit(agent_id) => turn.pass_limit(agent_id),
                TimerKey::AgentHours(agent_id) => turn.pass_agent_boundary(agent_id),
                TimerKey::OfficeHours(office_id) => turn.pass_office_boundary(office_id),
                TimerKey::QueueHours(queue_id) => turn.pass_queue_boundary(queue_id),
                TimerKey::LateOffers(queue_id) => turn.offer_late(queue_id),
                TimerKey::OffersEnd(agent_id) | TimerKey::Ramp(agent_id) => {
                    turn.look_again(agent_id);
                }
            }
            turn.end();
            effects.append(&mut turn.effects);
        }
        self.now = now;
        debug_assert_eq!(self.check(), Ok(()));
        effects
    }

    /// Applies one command. The shell calls [`Engine::advance`] for the same instant before.
    ///
    /// # Errors
    /// A [`Refusal`]; then nothing has changed but the engine's idea of the time.
    pub fn apply(&mut self, now: Timestamp, command: Command) -> Result<Applied, Refusal> {
        self.now = now.max(self.now);
        let actor = match &command {
            Command::Setup { by, .. } | Command::Presence { by, .. } => {
                by.map_or(Actor::System, Actor::Agent)
            }
            Command::Office { by, .. } => Actor::Agent(*by),
            Command::Agent { agent_id, .. } => Actor::Agent(*agent_id),
            Command::Visitor { .. } => Actor::Visitor,
            Command::Recover => Actor::System,
        };
        let mut turn = Turn::new(&mut self.state, self.now, actor);
        let reply = match command {
            Command::Setup { by, command } => turn
                .set_up(command)
                .inspect(|_| by.into_iter().for_each(|by| turn.act(by))),
            Command::Presence {
                agent_id,
                by,
                command,
            } => turn.change_presence(agent_id, by, &command),
            Command::Office {
                office_id,
                by,
                status,
            } => turn
                .set_office(by, office_id, status)
                .inspect(|_| turn.act(by)),
            Command::Agent {
                agent_id,
                chat_id,
                command,
            } => {
                let is_act = command.is_act();
                let asked = turn.ask_as_agent(agent_id, chat_id, command);
                if is_act && asked.is_ok() {
                    turn.act(agent_id);
                }
                asked
            }
            Command::Visitor {
                visitor_id,
                chat_id,
                source,
                ref command,
            } if turn.is_banned(visitor_id, chat_id, source, command) => Err(Refusal::Banned),
            Command::Visitor {
                visitor_id,
                chat_id,
                command,
                ..
            } => turn.ask_as_visitor(visitor_id, chat_id, command),
            Command::Recover => Ok(turn.recover()),
        };
        // Also after a refusal: a rule may have taken hold of something before it refused.
        turn.end();
        let reply = reply?;
        let effects = turn.effects;
        debug_assert_eq!(self.check(), Ok(()));
        Ok(Applied { reply, effects })
    }

    /// The latest instant that it was told of. It never goes back, whatever the clock does.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The instant at which [`Engine::advance`] must next be called.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.state.timers.earliest().map(|at| at + Millis(1))
    }

    /// Whether nobody is connected: together with a deadline far away, that the engine may leave memory.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.state
            .agents
            .values()
            .all(|agent| agent.connections.is_empty())
    }

    /// Forgets the chats that are over and the offers that ended. The shell calls it after each batch, when
    /// their records were taken.
    pub fn forget_closed(&mut self) {
        self.state.forget_settled();
    }

    /// Checks every invariant of the state.
    ///
    /// # Errors
    /// Names the first one that does not hold.
    pub fn check(&self) -> Result<(), Violation> {
        invariants::check(&self.state, self.now)
    }
}
