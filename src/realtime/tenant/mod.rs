//! The actor: one task that owns one tenant's engine.
//!
//! In this order and no other: take a bounded batch of letters or the deadline; `advance`, then `apply` each; one
//! fenced commit of all their events; only then publish events and notices and answer, in order. The next batch is
//! decided while a commit is under way, and handed in after it (`settle.rs`). When a commit fails, or its outcome is
//! unknown, the engine is dropped and the next call makes a new one from the database: restart is the one recovery path.

mod decided;
mod settle;

use std::collections::{BTreeMap, HashMap};
use std::pin::Pin;
use std::sync::Arc;

use tokio::time::Sleep;

use crate::clock::Clock;
use crate::domain::{ConnectionId, Limits, Millis, OfficeId, TenantId, Timestamp, VisitorId};
use crate::engine::{
    Applied, Command, Effect, Engine, OfficeAvailability, PresenceCommand, Refusal, Reply,
};
use crate::protocol::event::audience;
use crate::protocol::{Audience, answer};
use crate::store::{
    CommitError, IdempotencyRecord, Journal, KeptAnswer, NumberedEvent, Ownership, Remembered,
};
use crate::telemetry::names;

use super::board::Board;
use super::bring::{Found, Needs};
use super::close::Close;
use super::fanout::Listeners;
use super::hub::refuse;
use super::links::Links;
use super::mail::{Answer, Call, CallError, Mail, Outcome, ReplyTo};
use super::mailbox::Room;
use super::places::Places;
use super::recent::RecentAnswers;
use super::ring::{Published, Ring, RingBounds};
use super::send_queue::{Connection, Outgoing, Party};
use super::tenant_time::TenantTime;
use super::visitor_clock::VisitorClock;
use super::watch::Watchers;
use decided::{Decided, Step, UnderWay};

/// What every actor of the node shares.
pub(super) struct Shared {
    pub(super) journal: Arc<dyn Journal>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) board: Arc<Board>,
    pub(super) lease: Arc<crate::cluster::Lease>,
    pub(super) history_id: uuid::Uuid,
    pub(super) limits: Limits,
    pub(super) ring: RingBounds,
    /// The most letters that are decided before they are handed in.
    pub(super) batch_max: usize,
    /// The most of them that begin a chat.
    pub(super) newcomers_max: usize,
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
    /// What was decided and not handed in.
    decided: Decided,
    under_way: Option<Box<UnderWay>>,
    /// What was decided waits so long for more of its kind. The rules know nothing of it: it is the runtime's time.
    gathers: Option<Pin<Box<Sleep>>>,
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
            decided: Decided::default(),
            under_way: None,
            gathers: None,
            shared,
        }
    }

    /// Lets happen what was due meanwhile, marks what the restart has ended, and puts on the board what visitors are
    /// to see: a commit whose answer was lost may have changed it.
    pub(super) async fn recover(&mut self) -> Result<(), Fault> {
        let now = self.now();
        // Each at its own instant, for which the engine's time must not have passed it; nobody is connected who
        // could be offered anything.
        let effects = self.engine.advance(now);
        self.collect(effects);
        let outcome = self.apply(Command::Recover.into(), now);
        debug_assert!(outcome.is_ok(), "recovering is never refused");
        self.drain().await?;
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
        deadline.into_iter().chain(self.next_tick()).min()
    }

    /// When watchers or waiting visitors are to be told what has changed, in the clock's monotonic time.
    fn next_tick(&self) -> Option<Millis> {
        self.watchers
            .due()
            .into_iter()
            .chain(self.places.due())
            .min()
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

    /// What more may be decided before the commit that is under way is durable.
    pub(super) fn room(&self) -> Room {
        let (shared, decided) = (&self.shared, &self.decided);
        Room {
            letters: shared.batch_max.saturating_sub(decided.letters),
            newcomers: shared.newcomers_max.saturating_sub(decided.newcomers),
        }
    }

    /// Decides a batch, and hands it in unless a commit is under way.
    pub(super) async fn take(&mut self, batch: Vec<Mail>) -> Result<(), Fault> {
        let reads = batch.iter().any(Mail::reads_the_engine);
        let found = match self.look_up(&Needs::of(&batch), reads).await {
            Ok(found) => found,
            Err(fault) => {
                // Nobody else would tell a socket that waits for its welcome.
                batch.into_iter().for_each(refuse);
                return Err(fault);
            }
        };
        let batch = found.bring(&mut self.engine, self.id, batch);
        let now = self.now();
        let effects = self.engine.advance(now);
        self.collect(effects);
        for mail in batch {
            self.decided.count(&mail);
            self.open(mail, now);
        }
        if reads {
            return self.drain().await;
        }
        self.hand_in();
        Ok(())
    }

    /// Reads what letters need as everything before them has left it.
    async fn look_up(&mut self, needs: &Needs, reads: bool) -> Result<Found, Fault> {
        if reads || self.is_ahead_of(needs) {
            self.drain().await?;
        }
        let found = self.read(needs).await?;
        if found.covers(needs, &self.engine) {
            return Ok(found);
        }
        // What one of them is about was over, and left memory with the commit that was handed in meanwhile.
        self.drain().await?;
        self.read(needs).await
    }

    /// Reads while commits go on: a commit that has waited for a reading would keep everybody waiting.
    async fn read(&mut self, needs: &Needs) -> Result<Found, Fault> {
        let (journal, id) = (Arc::clone(&self.shared.journal), self.id);
        let reading = needs.read(needs.missing(&self.engine), &*journal, id);
        tokio::pin!(reading);
        loop {
            tokio::select! {
                biased;
                found = &mut reading => return Ok(found),
                moved = self.moved() => self.go_on(moved)?,
            }
        }
    }

    /// Whether the database does not say yet what was decided of these.
    fn is_ahead_of(&self, needs: &Needs) -> bool {
        let missing = needs.missing(&self.engine);
        let under_way = self.under_way.iter().map(|under_way| &under_way.touched);
        under_way
            .chain([&self.decided.touched])
            .any(|touched| touched.concern(&missing, needs))
    }

    fn open(&mut self, mail: Mail, now: Timestamp) {
        match mail {
            Mail::Call(call, reply_to) => {
                let outcome = self.apply(*call, now);
                self.decided.steps.push(Step::Reply(reply_to, outcome));
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
                    ),
                    Party::Visitor(visitor_id) => self.admit_visitor(visitor_id),
                };
                match connected {
                    Ok(_) => self.decided.steps.push(Step::Welcome(connection, resume)),
                    Err(CallError::Refused(Refusal::UnknownAgent)) => {
                        connection.close(Close::Unauthenticated);
                    }
                    Err(_) => connection.close(Close::RateLimited),
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
                    let _ = self.apply(call, now);
                }
            }
            Mail::Wake => {}
            Mail::Watch(connection, id, watched) => {
                self.decided
                    .steps
                    .push(Step::Watch(connection, id, watched));
            }
            Mail::EndSessions(agent_id, ended) => {
                self.decided.steps.push(Step::EndSessions(agent_id, ended));
            }
            Mail::Read(look) => self.decided.steps.push(Step::Look(look)),
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

    fn apply(&mut self, call: Call, now: Timestamp) -> Outcome {
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
            self.decided.answers.push(kept);
        }
        self.collect(effects);
        Ok(Answer::Fresh(reply))
    }

    /// Numbers events in the order in which they happened.
    fn collect(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Notice(notice) => self.decided.steps.push(Step::Notify(notice)),
                Effect::Event(event) => {
                    event.subjects(&mut self.decided.subjects);
                    let audiences = audience(&event);
                    self.last_seq += 1;
                    let visitor_seq = audiences
                        .visitor
                        .map(|visitor| self.visitor_clock.next(visitor, event.at));
                    self.decided.touched.add(&event, audiences.visitor);
                    let (seq, event) = (self.last_seq, Arc::new(event));
                    let event_too = Arc::clone(&event);
                    self.decided.events.push(NumberedEvent {
                        seq,
                        visitor_seq,
                        event: event_too,
                    });
                    let published = Published::new(seq, visitor_seq, event, audiences);
                    self.decided.steps.push(Step::Publish(published));
                }
            }
        }
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
