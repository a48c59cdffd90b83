//! What has no route of its own is set up through the tenant's engine, as the routes of admins will do it.

use deskbell::domain::{
    Agent, AgentId, CustomStatus, Hours, Interval, LocalTime, Millis, Office, OfficeId, Overrun,
    Pause, PauseId, QueueId, Role, Status, StatusId, TenantId, TenantSettings, Timestamp, Weekday,
    WeeklyInterval, Zone,
};
use deskbell::engine::{Command, NewStatus, PasswordHash, PresenceCommand, Reply, SetupCommand};
use deskbell::http::AppState;
use deskbell::realtime::Answer;

use super::{Tenant, shared};

/// The set-up of one tenant.
pub(crate) struct Setup {
    state: AppState,
    tenant_id: TenantId,
}

impl Setup {
    /// That of a tenant on the shared server.
    pub(crate) fn new(tenant: &Tenant) -> Self {
        Self::on(&shared().state, tenant)
    }

    /// That of a tenant on a server of the test's own.
    pub(crate) fn on(state: &AppState, tenant: &Tenant) -> Self {
        Self {
            state: state.clone(),
            tenant_id: TenantId(tenant.id.parse().unwrap()),
        }
    }

    async fn ask(&self, command: SetupCommand) -> Reply {
        let command = Command::Setup { by: None, command };
        let answer = self.state.hub.call(self.tenant_id, command.into()).await;
        match answer.unwrap() {
            Answer::Fresh(reply) => reply,
            other => panic!("{other:?}"),
        }
    }

    /// Changes the settings.
    pub(crate) async fn settings(&self, change: impl FnOnce(&mut TenantSettings)) {
        let read = |engine: &deskbell::engine::Engine| *engine.settings();
        let mut settings = self.state.hub.read(self.tenant_id, read).await.unwrap();
        change(&mut settings);
        self.ask(SetupCommand::UpdateSettings(settings)).await;
    }

    /// Changes an office.
    pub(crate) async fn office(&self, id: &str, change: impl FnOnce(&mut Office)) {
        let id = OfficeId(id.parse().unwrap());
        let read = move |engine: &deskbell::engine::Engine| engine.office(id);
        let found = self.state.hub.read(self.tenant_id, read).await.unwrap();
        let mut office = found.unwrap().office;
        change(&mut office);
        self.ask(SetupCommand::UpdateOffice(Box::new(office))).await;
    }

    /// Changes an agent.
    pub(crate) async fn agent(&self, id: &str, change: impl FnOnce(&mut Agent)) {
        let id = AgentId(id.parse().unwrap());
        let read = move |engine: &deskbell::engine::Engine| engine.presence_row_of(id);
        let found = self.state.hub.read(self.tenant_id, read).await.unwrap();
        let mut agent = found.unwrap().agent;
        change(&mut agent);
        let command = SetupCommand::UpdateAgent(Box::new(agent), None);
        self.ask(command).await;
    }

    /// So many agents who cannot log in, in the tenant's queue instead of its members, online for the time of a grace
    /// in the way of one who has set that without a connection. Gives their ids.
    pub(crate) async fn people(&self, tenant: &Tenant, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for number in 0..count {
            let id = AgentId(self.state.new_id());
            let name = format!("Agent {number}").parse().unwrap();
            let email = format!("agent-{number}@test.example").parse().unwrap();
            let agent = Agent::new(id, name, email, Role::Agent, self.state.now());
            let hash = PasswordHash("none".into());
            self.ask(SetupCommand::CreateAgent(Box::new(agent), hash))
                .await;
            ids.push(id);
        }
        let queue_id = QueueId(tenant.queue_id.parse().unwrap());
        let members = ids.iter().copied().collect();
        self.ask(SetupCommand::SetMembers(queue_id, members, None))
            .await;
        for agent_id in &ids {
            let online = Command::Presence {
                agent_id: *agent_id,
                by: Some(*agent_id),
                command: PresenceCommand::SetStatus(NewStatus::Base(Status::Online)),
            };
            let answer = self.state.hub.call(self.tenant_id, online.into()).await;
            answer.unwrap();
        }
        ids.iter().map(|id| id.0.to_string()).collect()
    }

    /// Archives an agent.
    pub(crate) async fn archive_agent(&self, id: &str) {
        let id = AgentId(id.parse().unwrap());
        self.ask(SetupCommand::ArchiveAgent(id, None)).await;
    }

    /// A new custom status, paid; gives its id.
    pub(crate) async fn status(&self, name: &str, base: Status, handles_chats: bool) -> String {
        let id = self.state.new_id();
        self.ask(SetupCommand::CreateStatus(CustomStatus {
            id: StatusId(id),
            name: name.parse().unwrap(),
            base,
            handles_chats,
            paid: true,
            color: "#2e7d32".parse().unwrap(),
            sort_order: 0,
            longest_a_day: None,
            created_at: self.state.now(),
            version: 1,
        }))
        .await;
        id.to_string()
    }

    /// Changes a custom status.
    pub(crate) async fn change_status(&self, id: &str, change: impl FnOnce(&mut CustomStatus)) {
        let id = StatusId(id.parse().unwrap());
        let find = move |engine: &deskbell::engine::Engine| {
            let somebody = engine.presences(None).first()?.agent.id;
            let statuses = engine.agent_snapshot(somebody)?.statuses;
            statuses.into_iter().find(|status| status.id == id)
        };
        let found = self.state.hub.read(self.tenant_id, find).await.unwrap();
        let mut status = found.unwrap();
        change(&mut status);
        self.ask(SetupCommand::UpdateStatus(status)).await;
    }

    /// A new kind of pause, unpaid; gives its id.
    pub(crate) async fn pause(&self, name: &str, longest: Option<(i64, Overrun)>) -> String {
        let id = self.state.new_id();
        self.ask(SetupCommand::CreatePause(Pause {
            id: PauseId(id),
            name: name.parse().unwrap(),
            paid: false,
            longest: longest.map(|(seconds, _)| Millis::from_secs(seconds)),
            on_overrun: longest.map_or(Overrun::End, |(_, overrun)| overrun),
            sort_order: 0,
            created_at: self.state.now(),
            version: 1,
        }))
        .await;
        id.to_string()
    }
}

/// Hours of every day, in UTC, from the minute of one instant to that of another.
pub(crate) fn daily(opens: Timestamp, closes: Timestamp) -> Hours {
    let time = |at: Timestamp| -> LocalTime {
        let minute = at.0.div_euclid(60_000).rem_euclid(24 * 60);
        let text = format!("{:02}:{:02}", minute / 60, minute % 60);
        text.parse().unwrap()
    };
    let interval = Interval::new(time(opens), time(closes)).unwrap();
    let weekly = Weekday::ALL.map(|day| WeeklyInterval { day, interval });
    Hours::new(Zone::default(), &weekly, Vec::new()).unwrap()
}
