//! An engine with its journal, as a node runs them: what it decides is committed at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use deskbell::domain::{
    AgentId, ConnectionId, Limits, Millis, NodeId, OfferState, OfficeId, TenantId, Timestamp,
};
use deskbell::engine::{
    Command, Effect, Engine, Event, NewStatus, OfficeAvailability, PresenceCommand, Refusal, Reply,
    SetupCommand, StateRecord,
};
use deskbell::store::{
    Batch, Claim, CommitError, GroupSettings, Journal, NumberedEvent, PgJournal, Store,
};
use tokio::task::JoinSet;

use super::support::uuid;

/// What writes for one tenant.
pub(super) struct Pen {
    pub(super) journal: PgJournal,
    pub(super) tenant_id: TenantId,
    epoch: i64,
    seq: u64,
    shown: Vec<OfficeAvailability>,
    _workers: JoinSet<()>,
}

impl Pen {
    /// Takes the tenant, and gives the engine as it is stored.
    pub(super) async fn of(store: Store, tenant_id: TenantId, limits: Limits) -> (Self, Engine) {
        let settings = GroupSettings {
            workers: 1,
            tenants_per_commit_max: 64,
            queue_max: 64,
        };
        let (journal, workers) = PgJournal::new(store, NodeId(uuid()), settings);
        // Longer than all tests: no server of another test is to wake this tenant.
        journal.renew_lease(Millis::from_secs(3600)).await.unwrap();
        let owned = match journal.claim(tenant_id).await.unwrap() {
            Claim::Granted(owned) => owned,
            other => panic!("{other:?}"),
        };
        let record = journal.load(tenant_id).await.unwrap();
        let engine = Engine::restore(limits, record, owned.last_event_at).unwrap();
        let pen = Self {
            journal,
            shown: engine.availability().into_values().collect(),
            tenant_id,
            epoch: owned.epoch,
            seq: owned.last_event_seq,
            _workers: workers.into_iter().collect(),
        };
        (pen, engine)
    }

    /// Commits events of an engine that has just made them.
    pub(super) async fn commit(
        &mut self,
        engine: &Engine,
        events: Vec<Event>,
    ) -> Result<(), CommitError> {
        if events.is_empty() {
            return Ok(());
        }
        let mut subjects = BTreeSet::new();
        let numbers = self.seq + 1..;
        let events = numbers.zip(events).map(|(seq, event)| {
            event.subjects(&mut subjects);
            NumberedEvent {
                seq,
                visitor_seq: None,
                event: Arc::new(event),
            }
        });
        let events: Vec<NumberedEvent> = events.collect();
        let after: Vec<_> = engine.availability().into_values().collect();
        let is_new = |office: &&OfficeAvailability| !self.shown.contains(office);
        let batch = Batch {
            tenant_id: self.tenant_id,
            epoch: self.epoch,
            last_event_seq: self.seq,
            records: engine.records(&subjects),
            shown: after.iter().filter(is_new).cloned().collect(),
            answers: Vec::new(),
            next_deadline: engine.next_deadline(),
            events,
        };
        self.seq += batch.events.len() as u64;
        self.shown = after;
        self.journal.commit(batch).await
    }

    /// What is stored, as far as it matters.
    pub(super) async fn load(&self) -> StateRecord {
        relevant(self.journal.load(self.tenant_id).await.unwrap())
    }
}

/// What is stored, less what `restore` passes over: the offers of the round that are of no account any more.
pub(crate) fn relevant(mut stored: StateRecord) -> StateRecord {
    let matters = [
        OfferState::Ringing,
        OfferState::Rejected,
        OfferState::Missed,
    ];
    stored.offers.retain(|offer| matters.contains(&offer.state));
    stored
}

/// Who owns a tenant.
pub(super) struct Owner {
    pub(super) pen: Pen,
    pub(super) engine: Engine,
}

impl Owner {
    /// Loads the tenant's engine.
    pub(super) async fn of(store: Store, tenant_id: TenantId) -> Self {
        let (pen, engine) = Pen::of(store, tenant_id, Limits::default()).await;
        Self { pen, engine }
    }

    /// Applies a command and commits what comes of it.
    pub(super) async fn call(&mut self, at: Timestamp, command: Command) -> Result<Reply, Refusal> {
        let mut effects = self.engine.advance(at);
        let applied = self.engine.apply(at, command);
        let reply = applied.map(|applied| {
            effects.extend(applied.effects);
            applied.reply
        });
        self.commit(effects).await.unwrap();
        reply
    }

    /// A change of what the engine decides by, made by the service itself.
    pub(super) async fn set_up(&mut self, at: Timestamp, command: SetupCommand) -> Reply {
        let command = Command::Setup { by: None, command };
        self.call(at, command).await.unwrap()
    }

    /// A command of an agent about its own presence.
    pub(super) async fn change(
        &mut self,
        at: Timestamp,
        agent_id: AgentId,
        command: PresenceCommand,
    ) {
        let by = Some(agent_id);
        let command = Command::Presence {
            agent_id,
            by,
            command,
        };
        self.call(at, command).await.unwrap();
    }

    /// Opens a connection of an agent.
    pub(super) async fn connect(&mut self, at: Timestamp, agent_id: AgentId) -> ConnectionId {
        let id = ConnectionId(uuid());
        self.change(at, agent_id, PresenceCommand::Connect(id))
            .await;
        id
    }

    /// Sets an agent's global status.
    pub(super) async fn set(&mut self, at: Timestamp, agent_id: AgentId, status: NewStatus) {
        self.change(at, agent_id, PresenceCommand::SetStatus(status))
            .await;
    }

    async fn commit(&mut self, effects: Vec<Effect>) -> Result<(), CommitError> {
        let events = effects.into_iter().filter_map(|effect| match effect {
            Effect::Event(event) => Some(event),
            Effect::Notice(_) => None,
        });
        self.pen.commit(&self.engine, events.collect()).await?;
        self.engine.forget_closed();
        Ok(())
    }

    /// Checks that what is stored is what is in memory, and gives it.
    pub(super) async fn check(&self, what: &str) -> StateRecord {
        let (stored, memory) = (self.pen.load().await, self.engine.durable());
        same(&stored, &memory, what);
        stored
    }

    /// What an office shows.
    pub(super) fn shown(&self, office_id: OfficeId) -> OfficeAvailability {
        self.engine.availability()[&office_id].clone()
    }
}

/// Compares part by part, since the whole is too long to read.
pub(super) fn same(stored: &StateRecord, memory: &StateRecord, what: &str) {
    for (own, other) in stored.agents.iter().zip(&memory.agents) {
        assert_eq!(own, other, "{what}");
    }
    assert_eq!(stored.offices, memory.offices, "{what}");
    assert_eq!(stored.queues, memory.queues, "{what}");
    assert_eq!(stored.chats, memory.chats, "{what}");
    assert_eq!(stored.offers, memory.offers, "{what}");
    assert_eq!(stored.messages, memory.messages, "{what}");
    assert_eq!(stored.notes, memory.notes, "{what}");
    assert_eq!(stored.marks, memory.marks, "{what}");
    assert_eq!(stored, memory, "{what}");
}
