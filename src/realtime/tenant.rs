//! The actor: one task that owns one tenant's engine.
//!
//! In this order and no other: take a bounded batch of letters or the deadline; `advance`, then `apply` each; one
//! fenced commit of all their events; only then publish events and notices and answer, in order. When a commit
//! fails, or its outcome is unknown, the engine is dropped and the next call makes a new one from the database:
//! restart is the one recovery path.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::clock::Clock;
use crate::domain::{
    AgentId, ConnectionId, Limits, Millis, OfficeId, SessionId, TenantId, Timestamp, VisitorId,
};
use crate::engine::{
    Applied, Command, Effect, Engine, Event, EventKind, Notice, OfficeAvailability,
    PresenceCommand, Refusal, Reply, Subject,
};
use crate::protocol::event::audience;
use crate::protocol::{Audience, answer};
use crate::store::{
    Batch, CommitError, IdempotencyRecord, Journal, KeptAnswer, NumberedEvent, OfficeOnBoard,
    Ownership, Remembered, WidgetOnBoard,
};

use crate::telemetry::names;

use super::board::{Board, changes_board};
use super::bring::bring;
use super::ended;
use super::fanout::{Listeners, may_change_availability, replay};
use super::links::Links;
use super::mail::{Answer, Call, CallError, Look, Mail, Outcome, ReplyTo, Resume, Watched};
use super::places::Places;
use super::recent::RecentAnswers;
use super::ring::{Published, Ring, RingBounds, weight};
use super::send_queue::{Connection, Outgoing, Party};
use super::tenant_time::TenantTime;
use super::visitor_clock::VisitorClock;
use super::watch::Watchers;

/// What every actor of the node shares.
pub(super) struct Shared {
    pub(super) journal: Arc<dyn Journal>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) board: Arc<Board>,
    pub(super) lease: Arc<crate::cluster::Lease>,
    pub(super) history_id: uuid::Uuid,
    pub(super) limits: Limits,
    pub(super) ring: RingBounds,
    pub(super) links: Links,
}

/// Why an actor ended before its time.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// A commit failed or its outcome is unknown.
    #[error("the commit failed")]
    Commit(#[source] CommitError),
    /// A bug; the panic's own words are on stderr.
    #[error("the engine panicked")]
    Panic,
    /// The node's lease has run out: it must not acknowledge anything.
    #[error("the node has lost its lease")]
    LeaseLost,
}

/// One tenant in memory.
pub(super) struct Tenant {
    id: TenantId,
    shared: Arc<Shared>,
    engine: Engine,
    time: TenantTime,
    epoch: i64,
    last_seq: u64,
    /// What the board shows of each office.
    shown: HashMap<OfficeId, OfficeAvailability>,
    /// Every connection that was handed in, also before its welcome: all are closed when the engine is dropped.
    attached: BTreeMap<ConnectionId, Arc<Connection>>,
    listeners: Listeners,
    watchers: Watchers,
    places: Places,
    ring: Ring,
    recent: RecentAnswers,
    visitor_clock: VisitorClock,
}

/// What one batch has brought, in order.
#[derive(Default)]
struct Outcomes {
    steps: Vec<Step>,
    events: Vec<NumberedEvent>,
    answers: Vec<KeptAnswer>,
    subjects: BTreeSet<Subject>,
}

/// One thing to do after the commit.
enum Step {
    Publish(Published),
    Notify(Notice),
    Reply(ReplyTo, Outcome),
    Welcome(Arc<Connection>, Option<Resume>),
    Watch(Arc<Connection>, Box<str>, Option<Watched>),
    Look(Look),
    EndSessions(AgentId, Vec<SessionId>),
}

impl Tenant {
    /// Makes the actor of an engine that was just restored.
    pub(super) fn new(
        id: TenantId,
        shared: Arc<Shared>,
        engine: Engine,
        ownership: Ownership,
    ) -> Self {
        let time = TenantTime::new(&*shared.clock, ownership.last_event_at);
        let visitor_clock = VisitorClock::default();
        // Visitors' numbers are times, so whatever was given before is less than the present one.
        let nobody = VisitorId(uuid::Uuid::nil());
        let floor = visitor_clock.last(nobody, time.now(&*shared.clock));
        Self {
            id,
            engine,
            time,
            epoch: ownership.epoch,
            last_seq: ownership.last_event_seq,
            shown: HashMap::new(),
            attached: BTreeMap::new(),
            listeners: Listeners::default(),
            watchers: Watchers::default(),
            places: Places::default(),
            ring: Ring::new(shared.ring, ownership.last_event_seq, floor),
            recent: RecentAnswers::default(),
            visitor_clock,
            shared,
        }
    }

    /// Lets happen what was due meanwhile, marks what the restart has ended, and puts on the board what visitors are
    /// to see: a commit whose answer was lost may have changed it.
    pub(super) async fn recover(&mut self) -> Result<(), Fault> {
        let now = self.now();
        let mut outcomes = Outcomes::default();
        // Each at its own instant, for which the engine's time must not have passed it; nobody is connected who
        // could be offered anything.
        let effects = self.engine.advance(now);
        self.collect(effects, &mut outcomes);
        let outcome = self.apply(Command::Recover.into(), now, &mut outcomes);
        debug_assert!(outcome.is_ok(), "recovering is never refused");
        self.settle(outcomes).await?;
        self.put_on_board();
        Ok(())
    }

    /// The tenant's time.
    fn now(&self) -> Timestamp {
        self.time.now(&*self.shared.clock)
    }

    /// When the engine must next be called, in the clock's monotonic time.
    pub(super) fn wakes_at(&self) -> Option<Millis> {
        let deadline = self.engine.next_deadline();
        let deadline = deadline.map(|deadline| self.time.monotonic(deadline));
        let ticks = self.watchers.due().into_iter().chain(self.places.due());
        deadline.into_iter().chain(ticks).min()
    }

    /// Whether no agent is connected.
    pub(super) fn is_quiet(&self) -> bool {
        self.engine.is_quiet()
    }

    /// Whether nobody is connected.
    pub(super) fn is_idle(&self) -> bool {
        self.attached.is_empty()
    }

    /// The connections, to be closed when the actor ends.
    pub(super) fn connections(&self) -> impl Iterator<Item = &Arc<Connection>> {
        self.attached.values()
    }

    /// Takes one batch through to the end.
    pub(super) async fn handle(&mut self, batch: Vec<Mail>) -> Result<(), Fault> {
        let journal = &*self.shared.journal;
        let batch = bring(&mut self.engine, journal, self.id, batch).await;
        let now = self.now();
        metrics::histogram!(names::BATCH_COMMANDS)
            .record(u32::try_from(batch.len()).unwrap_or(u32::MAX));
        let mut outcomes = Outcomes::default();
        let effects = self.engine.advance(now);
        self.collect(effects, &mut outcomes);
        for mail in batch {
            self.open(mail, now, &mut outcomes);
        }
        self.settle(outcomes).await?;
        let now = self.shared.clock.monotonic();
        self.watchers.tick(&self.engine, now);
        let visitors = self.listeners.visitors();
        for (visitor_id, waiting) in self.places.tick(&self.engine, visitors, now) {
            let at = self.engine.now();
            self.listeners.show_place(at, visitor_id, &waiting);
        }
        // What was brought for a command that was refused goes too.
        self.engine.forget_closed();
        Ok(())
    }

    /// Makes the events durable, then publishes and answers in order. Nothing leaves before.
    async fn settle(&mut self, mut outcomes: Outcomes) -> Result<(), Fault> {
        let shown = self.changed_availability(&outcomes.events);
        if !outcomes.events.is_empty()
            && let Err(fault) = self.commit(&mut outcomes, shown).await
        {
            for step in outcomes.steps {
                if let Step::Reply(reply_to, _) = step {
                    answer_to(reply_to, Err(CallError::LATER));
                }
            }
            return Err(fault);
        }
        // A welcome shows the state after the whole batch, so it comes after all of its events.
        let is_welcome = |step: &Step| matches!(step, Step::Welcome(..));
        let (welcomes, steps): (Vec<Step>, Vec<Step>) =
            outcomes.steps.into_iter().partition(is_welcome);
        // Who is closed hears of all that came of it first.
        let ending: Vec<Arc<Event>> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Publish(published) if ended::ends_sessions(&published.event.kind) => {
                    Some(Arc::clone(&published.event))
                }
                _ => None,
            })
            .collect();
        for step in steps.into_iter().chain(welcomes) {
            self.perform(step);
        }
        for event in ending {
            ended::close_by_event(&event.kind, self.attached.values());
        }
        Ok(())
    }

    fn open(&mut self, mail: Mail, now: Timestamp, outcomes: &mut Outcomes) {
        match mail {
            Mail::Call(call, reply_to) => {
                let outcome = self.apply(*call, now, outcomes);
                outcomes.steps.push(Step::Reply(reply_to, outcome));
            }
            Mail::Attach(connection, resume) => {
                self.attached.insert(connection.id, Arc::clone(&connection));
                let connected = match connection.party {
                    Party::Agent(agent_id, _) => self.apply(
                        Command::Presence {
                            agent_id,
                            by: Some(agent_id),
                            command: PresenceCommand::Connect(connection.id),
                        }
                        .into(),
                        now,
                        outcomes,
                    ),
                    Party::Visitor(visitor_id) => self.admit_visitor(visitor_id),
                };
                match connected {
                    Ok(_) => outcomes.steps.push(Step::Welcome(connection, resume)),
                    Err(CallError::Refused(Refusal::UnknownAgent)) => {
                        connection.close(super::close::Close::Unauthenticated);
                    }
                    Err(_) => connection.close(super::close::Close::RateLimited),
                }
            }
            Mail::Detach(connection) => {
                self.attached.remove(&connection.id);
                self.listeners.remove(&connection);
                self.watchers.remove(connection.id);
                if let Party::Agent(agent_id, _) = connection.party {
                    let command = PresenceCommand::Disconnect(connection.id);
                    let call = Command::Presence {
                        agent_id,
                        by: None,
                        command,
                    }
                    .into();
                    // A stranger to the engine has nothing to disconnect.
                    let _ = self.apply(call, now, outcomes);
                }
            }
            Mail::Wake => {}
            Mail::Watch(connection, id, watched) => {
                outcomes.steps.push(Step::Watch(connection, id, watched));
            }
            Mail::EndSessions(agent_id, ended) => {
                outcomes.steps.push(Step::EndSessions(agent_id, ended));
            }
            Mail::Read(look) => outcomes.steps.push(Step::Look(look)),
        }
    }

    /// The engine keeps no connections of visitors, so their bound is kept here.
    fn admit_visitor(&self, visitor_id: VisitorId) -> Outcome {
        if self.listeners.of_visitor(visitor_id) < self.shared.limits.connections_per_visitor {
            Ok(Answer::Fresh(Reply::Done))
        } else {
            Err(CallError::Refused(Refusal::TooManyConnections))
        }
    }

    fn apply(&mut self, call: Call, now: Timestamp, outcomes: &mut Outcomes) -> Outcome {
        if let Some(key) = &call.once {
            match self.recent.find(key, now) {
                Remembered::Unknown => {}
                Remembered::Same(body) => return Ok(Answer::Remembered(body)),
                Remembered::Mismatch => return Err(CallError::IdempotencyMismatch),
            }
        }
        let for_whom = match &call.command {
            Command::Visitor { .. } => Audience::Visitor,
            Command::Agent { .. }
            | Command::Setup { .. }
            | Command::Presence { .. }
            | Command::Office { .. }
            | Command::Recover => Audience::Agent,
        };
        let Applied { reply, effects } = match self.engine.apply(now, call.command) {
            Ok(applied) => applied,
            Err(refusal) => {
                metrics::counter!(names::COMMANDS, "outcome" => "refused").increment(1);
                return Err(CallError::Refused(refusal));
            }
        };
        metrics::counter!(names::COMMANDS, "outcome" => "applied").increment(1);
        if let (Some(key), false) = (call.once, effects.is_empty()) {
            let links = self.shared.links.of(self.id);
            let answer = answer::body(&reply, for_whom, &links);
            let record = IdempotencyRecord {
                body_hash: key.body_hash,
                answer,
            };
            self.recent.keep(&key, &record, now);
            let kept = KeptAnswer {
                principal: key.principal,
                key: key.key,
                record,
            };
            outcomes.answers.push(kept);
        }
        self.collect(effects, outcomes);
        Ok(Answer::Fresh(reply))
    }

    /// Numbers events in the order in which they happened.
    fn collect(&mut self, effects: Vec<Effect>, outcomes: &mut Outcomes) {
        for effect in effects {
            match effect {
                Effect::Notice(notice) => outcomes.steps.push(Step::Notify(notice)),
                Effect::Event(event) => {
                    event.subjects(&mut outcomes.subjects);
                    let audiences = audience(&event);
                    self.last_seq += 1;
                    let visitor_seq = audiences
                        .visitor
                        .map(|visitor| self.visitor_clock.next(visitor, event.at));
                    let (seq, event) = (self.last_seq, Arc::new(event));
                    let event_too = Arc::clone(&event);
                    outcomes.events.push(NumberedEvent {
                        seq,
                        visitor_seq,
                        event: event_too,
                    });
                    let published = Published {
                        seq,
                        visitor_seq,
                        event,
                        audiences,
                    };
                    outcomes.steps.push(Step::Publish(published));
                }
            }
        }
    }

    /// What visitors see of offices that they did not see before. Most batches cannot change it and need no look.
    fn changed_availability(
        &self,
        events: &[NumberedEvent],
    ) -> BTreeMap<OfficeId, OfficeAvailability> {
        let shows_chats = self.engine.shows_chats();
        let may_change =
            |numbered: &NumberedEvent| may_change_availability(&numbered.event, shows_chats);
        if !events.iter().any(may_change) {
            return BTreeMap::new();
        }
        let mut shown = self.engine.availability();
        shown.retain(|office, shown| self.shown.get(office) != Some(shown));
        shown
    }

    async fn commit(
        &mut self,
        outcomes: &mut Outcomes,
        shown: BTreeMap<OfficeId, OfficeAvailability>,
    ) -> Result<(), Fault> {
        let events = std::mem::take(&mut outcomes.events);
        let started = self.shared.clock.monotonic();
        metrics::counter!(names::EVENTS).increment(events.len() as u64);
        let is_setup = |numbered: &NumberedEvent| matches!(&numbered.event.kind, EventKind::Setup(change) if changes_board(change));
        let set_up = events.iter().any(is_setup);
        let batch = Batch {
            tenant_id: self.id,
            epoch: self.epoch,
            last_event_seq: self.last_seq - events.len() as u64,
            events,
            records: self.engine.records(&outcomes.subjects),
            shown: shown.values().cloned().collect(),
            answers: std::mem::take(&mut outcomes.answers),
            next_deadline: self.engine.next_deadline(),
        };
        self.shared
            .journal
            .commit(batch)
            .await
            .map_err(Fault::Commit)?;
        if !self.shared.lease.is_valid(self.shared.clock.monotonic()) {
            return Err(Fault::LeaseLost);
        }
        let took = self.shared.clock.monotonic().0 - started.0;
        metrics::histogram!(names::COMMIT_SECONDS).record(seconds(took));
        self.engine.forget_closed();
        if set_up {
            self.put_on_board();
        } else if !shown.is_empty() {
            self.shared.board.update(self.id, &shown);
            self.shown.extend(shown);
        }
        Ok(())
    }

    /// Puts every widget of the tenant on the board, and takes off those that are archived.
    fn put_on_board(&mut self) {
        self.shown = self.engine.availability().into_iter().collect();
        let office = |id: &OfficeId| {
            Some(OfficeOnBoard {
                name: self.engine.office(*id)?.office.name,
                shown: self.shown.get(id)?.clone(),
            })
        };
        let widgets = self.engine.widgets().map(|widget| WidgetOnBoard {
            tenant_id: self.id,
            offices: widget.office_ids.iter().filter_map(office).collect(),
            widget: widget.clone(),
        });
        self.shared.board.replace(self.id, widgets.collect());
    }

    fn perform(&mut self, step: Step) {
        match step {
            Step::Publish(published) => {
                let links = self.shared.links.of(self.id);
                self.listeners.publish(&published, &links);
                let now = self.shared.clock.monotonic();
                self.watchers.note(&published.event, now);
                let listens = self.listeners.has_visitors();
                self.places.note(&published.event, listens, now);
                self.ring.push(published);
            }
            Step::Notify(notice) => self.listeners.notify(&notice),
            Step::Reply(reply_to, outcome) => answer_to(reply_to, outcome),
            Step::Welcome(connection, resume) => self.welcome(connection, resume),
            Step::Watch(connection, id, watched) => self.watch(&connection, &id, watched),
            Step::Look(look) => look(&self.engine),
            Step::EndSessions(agent_id, ended) => {
                ended::close(self.attached.values(), agent_id, |id| ended.contains(&id));
            }
        }
    }

    /// Answers with the whole list, and keeps it true from then on. An office that there is not changes nothing.
    fn watch(&mut self, connection: &Arc<Connection>, id: &str, watched: Option<Watched>) {
        // Its end came with the same batch, and was taken note of before.
        if connection.has_ended() {
            return;
        }
        let frame = match watched {
            Some(Watched(Some(office))) if self.engine.office(office).is_none() => {
                answer::error_frame(Some(id), &Refusal::UnknownOffice.into())
            }
            Some(watched) => {
                let rows = self.engine.presences(watched.0);
                self.watchers.add(connection, watched, &rows);
                answer::watching_frame(id, &rows)
            }
            None => {
                self.watchers.remove(connection.id);
                let links = self.shared.links.of(self.id);
                answer::ok_frame(id, &Reply::Done, Audience::Agent, &links)
            }
        };
        connection.push(Outgoing::Frame(frame.into()));
    }

    /// Everything that was missed, or a fresh snapshot, never a part. The socket hears of all that follows.
    fn welcome(&mut self, connection: Arc<Connection>, resume: Option<Resume>) {
        if connection.has_ended() {
            return;
        }
        // The engine's time, not the clock's: what was numbered so far is not after it.
        let now = self.engine.now();
        let history_id = self.shared.history_id;
        let resume = resume.filter(|resume| resume.history_id == history_id);
        let after = resume.map_or(-1, |resume| resume.after);
        let (seq, missed) = match connection.party {
            Party::Agent(agent_id, _) => (
                i64::try_from(self.last_seq).unwrap_or(i64::MAX),
                self.ring.agent_events(agent_id, after, self.last_seq),
            ),
            Party::Visitor(visitor_id) => {
                let last = self.visitor_clock.last(visitor_id, now);
                (last, self.ring.visitor_events(visitor_id, after, last))
            }
        };
        // More than a reader can take at once is not replayed: the snapshot is smaller.
        let missed = missed.filter(|missed| {
            let bytes = missed
                .iter()
                .map(|published| weight(&published.event))
                .sum();
            connection.has_room_for(missed.len(), bytes)
        });
        let first = match (&missed, connection.party) {
            (Some(_), _) => crate::protocol::control::resumed(now, history_id, seq, connection.id),
            (None, Party::Agent(agent_id, _)) => match self.engine.agent_snapshot(agent_id) {
                Some(snapshot) => crate::protocol::control::welcome_agent(
                    now,
                    history_id,
                    self.last_seq,
                    connection.id,
                    &snapshot,
                ),
                None => return connection.close(super::close::Close::Unauthenticated),
            },
            (None, Party::Visitor(visitor_id)) => crate::protocol::control::welcome_visitor(
                now,
                history_id,
                seq,
                connection.id,
                &self.engine.visitor_snapshot(visitor_id),
            ),
        };
        if let Party::Visitor(visitor_id) = connection.party {
            let waiting = self.engine.waiting_of(visitor_id);
            if missed.is_some() {
                let now = self.shared.clock.monotonic();
                self.places.went_on(waiting, now);
            } else {
                self.places.shown(waiting);
            }
        }
        connection.push_first(first.into());
        let links = self.shared.links.of(self.id);
        replay(&connection, &missed.unwrap_or_default(), &links);
        self.listeners.add(connection);
    }
}

/// Tells whoever waits.
pub(super) fn answer_to(reply_to: ReplyTo, outcome: Outcome) {
    match reply_to {
        // The caller may have given up; what was done stays done.
        ReplyTo::Caller(caller) => drop(caller.send(outcome)),
        ReplyTo::Socket(connection, id, probe) => {
            connection.push(Outgoing::Reply(id, probe, outcome));
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a commit takes milliseconds, far below 2^53"
)]
fn seconds(millis: i64) -> f64 {
    millis as f64 / 1000.0
}
