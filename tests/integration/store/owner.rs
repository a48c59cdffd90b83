//! An engine with its journal, as a node runs them: what it decides is committed at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use deskbell::domain::{
    AgentId, ConnectionId, Limits, Millis, NodeId, OfferState, OfficeId, TenantId, Timestamp,
};
use deskbell::engine::{
    Command, Effect, Engine, NewStatus, OfficeAvailability, PresenceCommand, Refusal, Reply,
    SetupCommand, StateRecord,
};
use deskbell::store::{
    Batch, Claim, CommitError, GroupSettings, Journal, NumberedEvent, PgJournal, Store,
};
use tokio::task::JoinSet;

use super::support::uuid;

/// Who owns a tenant.
pub(super) struct Owner {
    pub(super) journal: PgJournal,
    pub(super) engine: Engine,
    pub(super) tenant_id: TenantId,
    epoch: i64,
    seq: u64,
    shown: Vec<OfficeAvailability>,
    _workers: JoinSet<()>,
}

impl Owner {
    /// Loads the tenant's engine.
    pub(super) async fn of(store: Store, tenant_id: TenantId) -> Self {
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
        let engine = Engine::restore(Limits::default(), record, owned.last_event_at).unwrap();
        Self {
            journal,
            shown: engine.availability().into_values().collect(),
            engine,
            tenant_id,
            epoch: owned.epoch,
            seq: owned.last_event_seq,
            _workers: workers.into_iter().collect(),
        }
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
        let mut subjects = BTreeSet::new();
        let mut events = Vec::new();
        for effect in effects {
            if let Effect::Event(event) = effect {
                event.subjects(&mut subjects);
                events.push(NumberedEvent {
                    seq: self.seq + events.len() as u64 + 1,
                    visitor_seq: None,
                    event: Arc::new(event),
                });
            }
        }
        if events.is_empty() {
            return Ok(());
        }
        let after: Vec<_> = self.engine.availability().into_values().collect();
        let is_new = |office: &&OfficeAvailability| !self.shown.contains(office);
        let batch = Batch {
            tenant_id: self.tenant_id,
            epoch: self.epoch,
            last_event_seq: self.seq,
            records: self.engine.records(&subjects),
            shown: after.iter().filter(is_new).cloned().collect(),
            answers: Vec::new(),
            next_deadline: self.engine.next_deadline(),
            events,
        };
        self.seq += batch.events.len() as u64;
        self.engine.forget_closed();
        self.shown = after;
        self.journal.commit(batch).await
    }

    /// Checks that what is stored is what is in memory, and gives it.
    pub(super) async fn check(&self, what: &str) -> StateRecord {
        let memory = self.engine.durable();
        let mut stored = self.journal.load(self.tenant_id).await.unwrap();
        // The others of the round are passed over by `restore`.
        let matters = [
            OfferState::Ringing,
            OfferState::Rejected,
            OfferState::Missed,
        ];
        stored.offers.retain(|offer| matters.contains(&offer.state));
        // Agent by agent first, since the whole is too long to read.
        for (own, other) in stored.agents.iter().zip(&memory.agents) {
            assert_eq!(own, other, "{what}");
        }
        assert_eq!(stored.offices, memory.offices, "{what}");
        assert_eq!(stored.queues, memory.queues, "{what}");
        assert_eq!(stored.chats, memory.chats, "{what}");
        assert_eq!(stored.offers, memory.offers, "{what}");
        assert_eq!(stored, memory, "{what}");
        stored
    }

    /// What an office shows.
    pub(super) fn shown(&self, office_id: OfficeId) -> OfficeAvailability {
        self.engine.availability()[&office_id].clone()
    }
}
