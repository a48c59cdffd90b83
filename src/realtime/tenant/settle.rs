//! From what was decided to what everybody knows.
//!
//! One commit of a tenant is under way at a time. Meanwhile the actor goes on deciding; what it has decided is handed in
//! when that commit is durable, and only then are the steps of the first taken: whatever is said of what was decided on
//! top of it waits for its own. What reads the engine must not see what may yet be lost, so before it is opened
//! everything is settled.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::domain::OfficeId;
use crate::engine::{Event, EventKind, OfficeAvailability, Refusal, Reply};
use crate::protocol::{Audience, answer};
use crate::store::{Batch, CommitError, NumberedEvent, OfficeOnBoard, WidgetOnBoard};
use crate::telemetry::names;

use super::super::board::changes_board;
use super::super::close::Close;
use super::super::ended;
use super::super::fanout::{may_change_availability, replay};
use super::super::mail::{CallError, Resume, Watched};
use super::super::ring::weight;
use super::super::send_queue::{Connection, Outgoing, Party};
use super::decided::{Decided, Step, UnderWay};
use super::{Fault, Tenant, answer_to};

/// How long changes of presence wait for more of their kind while they come faster than they are committed. Each
/// batch costs the same six exchanges with the database, whatever is in it, and nobody sees 20 ms.
const GATHER: Duration = Duration::from_millis(20);

/// What a tenant has waited for.
pub(in crate::realtime) enum Moved {
    /// The commit that was under way has an outcome.
    Committed(Result<(), CommitError>),
    /// Nothing more of its kind is waited for.
    Gathered,
}

impl Tenant {
    /// Makes everything durable that was decided, and tells of it.
    pub(in crate::realtime) async fn drain(&mut self) -> Result<(), Fault> {
        self.gathers = None;
        self.hand_in();
        while self.under_way.is_some() {
            let moved = self.moved().await;
            self.go_on(moved)?;
            self.gathers = None;
            self.hand_in();
        }
        Ok(())
    }

    /// Waits for the commit that is under way, or until what was decided has waited for long enough for more of its kind;
    /// for ever if there is neither. Whoever stops waiting may wait again.
    pub(in crate::realtime) async fn moved(&mut self) -> Moved {
        match (&mut self.under_way, &mut self.gathers) {
            (Some(under_way), _) => Moved::Committed((&mut under_way.commit).await),
            (None, Some(wait)) => {
                wait.await;
                Moved::Gathered
            }
            (None, None) => std::future::pending().await,
        }
    }

    /// Goes on after it.
    pub(in crate::realtime) fn go_on(&mut self, moved: Moved) -> Result<(), Fault> {
        match moved {
            Moved::Committed(outcome) => self.settle(outcome),
            Moved::Gathered => {
                self.gathers = None;
                self.hand_in();
                Ok(())
            }
        }
    }

    /// Takes the steps of the commit that was under way, and hands in the next.
    fn settle(&mut self, committed: Result<(), CommitError>) -> Result<(), Fault> {
        let Some(done) = self.under_way.take() else {
            return Ok(());
        };
        let now = self.shared.clock.monotonic();
        let fault = match committed {
            Err(error) => Some(Fault::Commit(error)),
            Ok(()) if self.shared.lease.is_valid(now) => None,
            Ok(()) => Some(Fault::LeaseLost),
        };
        if let Some(fault) = fault {
            self.give_up(done.steps);
            return Err(fault);
        }
        metrics::histogram!(names::COMMIT_SECONDS).record(seconds(now.0 - done.began.0));
        if done.sets_up {
            self.put_on_board();
        } else if !done.shown.is_empty() {
            self.shared.board.update(self.id, &done.shown);
            self.shown.extend(done.shown);
        }
        // Changes of presence that came meanwhile are a storm, and not somebody who waits for each answer.
        self.gathers = self
            .decided
            .is_presence_only
            .then(|| Box::pin(sleep(GATHER)));
        // First, so that the database has work while this one is told of.
        self.hand_in_events();
        self.perform_all(done.steps);
        self.finish();
        Ok(())
    }

    /// Hands in what was decided, if nothing is under way and nothing more is waited for. What needs no commit is told
    /// at once.
    pub(super) fn hand_in(&mut self) {
        self.hand_in_events();
        self.finish();
    }

    fn hand_in_events(&mut self) {
        let gathers = self.gathers.as_ref().is_some_and(|wait| !wait.is_elapsed())
            && self.decided.is_presence_only
            && self.decided.letters < self.shared.batch_max;
        if self.under_way.is_some() || self.decided.events.is_empty() || gathers {
            return;
        }
        self.gathers = None;
        let decided = std::mem::take(&mut self.decided);
        note_batch(&decided);
        let events = decided.events;
        let shown = self.changed_availability(&events);
        let sets_up = |numbered: &NumberedEvent| matches!(&numbered.event.kind, EventKind::Setup(change) if changes_board(change));
        let sets_up = events.iter().any(sets_up);
        let batch = Batch {
            tenant_id: self.id,
            epoch: self.epoch,
            last_event_seq: self.last_seq - events.len() as u64,
            events,
            records: self.engine.records(&decided.subjects),
            shown: shown.values().cloned().collect(),
            answers: decided.answers,
            next_deadline: self.engine.next_deadline(),
        };
        // Its records were taken. Whoever needs what is over reads it when the commit is durable.
        self.engine.forget_closed();
        self.under_way = Some(Box::new(UnderWay {
            commit: self.shared.journal.commit(batch),
            steps: decided.steps,
            touched: decided.touched,
            shown,
            sets_up,
            began: self.shared.clock.monotonic(),
        }));
    }

    /// Tells what was decided and has changed nothing, once all before it is durable.
    fn finish(&mut self) {
        if self.under_way.is_some() || !self.decided.events.is_empty() {
            return;
        }
        self.gathers = None;
        let decided = std::mem::take(&mut self.decided);
        if decided.letters > 0 {
            note_batch(&decided);
        }
        self.perform_all(decided.steps);
        // What was brought for a command that was refused goes too.
        self.engine.forget_closed();
    }

    /// Nothing is known of what becomes of all this.
    fn give_up(&mut self, steps: Vec<Step>) {
        let decided = std::mem::take(&mut self.decided);
        for step in steps.into_iter().chain(decided.steps) {
            if let Step::Reply(reply_to, _) = step {
                answer_to(reply_to, Err(CallError::LATER));
            }
        }
    }

    /// Tells watchers and waiting visitors what has changed, if it is time. Everything is settled.
    pub(in crate::realtime) async fn tick(&mut self) -> Result<(), Fault> {
        let now = self.shared.clock.monotonic();
        if self.next_tick().is_none_or(|at| now < at) {
            return Ok(());
        }
        self.drain().await?;
        self.watchers.tick(&self.engine, now);
        let visitors = self.listeners.visitors();
        for (visitor_id, waiting) in self.places.tick(&self.engine, visitors, now) {
            let at = self.engine.now();
            self.listeners.show_place(at, visitor_id, &waiting);
        }
        Ok(())
    }

    fn perform_all(&mut self, steps: Vec<Step>) {
        // A welcome shows the state after the whole batch, so it comes after all of its events.
        let is_welcome = |step: &Step| matches!(step, Step::Welcome(..));
        let (welcomes, steps): (Vec<Step>, Vec<Step>) = steps.into_iter().partition(is_welcome);
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

    /// Puts every widget of the tenant on the board, and takes off those that are archived.
    pub(super) fn put_on_board(&mut self) {
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
                None => return connection.close(Close::Unauthenticated),
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

fn note_batch(decided: &Decided) {
    let letters = u32::try_from(decided.letters).unwrap_or(u32::MAX);
    metrics::histogram!(names::BATCH_COMMANDS).record(letters);
    metrics::counter!(names::EVENTS).increment(decided.events.len() as u64);
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a commit takes milliseconds, far below 2^53"
)]
fn seconds(millis: i64) -> f64 {
    millis as f64 / 1000.0
}
