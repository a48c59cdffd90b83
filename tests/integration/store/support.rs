//! Where these tests get their database and their tenants, and the rows that only an engine's
//! journal writes.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use deskbell::domain::{
    Agent, AgentId, ChatId, Color, Conditions, Facts, FileId, Millis, OfficeId, PauseId, Pixels,
    QueueId, Role, Standing, StatusId, Tag, TagId, TargetingRule, TargetingRuleId, Template,
    TemplateId, TenantId, Timestamp, Upload, Uploader, VisitorId, WidgetId,
};
use deskbell::engine::PasswordHash;
use deskbell::store::{AuditEntry, NewTenant, PoolSizes, Roles, Store};
use futures_util::FutureExt;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};
use uuid::Uuid;

/// When everything in these tests happens: 2026-03-01 09:30 UTC. A constant, so that no test
/// depends on the day.
pub(super) const NOW: Timestamp = Timestamp(1_772_357_400_000);

/// So much later than [`NOW`].
pub(super) fn later(seconds: i64) -> Timestamp {
    NOW + Millis::from_secs(seconds)
}

pub(super) use crate::support::owner_options;

/// A store as the server has it: one address, and roles that are stepped down to.
pub(super) fn store() -> Store {
    store_on(owner_options())
}

/// The same on another database.
pub(super) fn store_on(owner: PgConnectOptions) -> Store {
    let roles = Roles {
        app: owner.clone(),
        journal: owner.clone(),
        system: owner.clone(),
        owner,
        step_down: true,
    };
    let acquire_timeout = Duration::from_secs(10);
    Store::new(
        &roles,
        PoolSizes {
            app: 3,
            journal: 1,
            system: 2,
            acquire_timeout,
        },
    )
}

/// A tenant that no other test knows.
pub(super) async fn tenant(store: &Store) -> NewTenant {
    let new = new_tenant();
    let mut tx = store.system().await.unwrap();
    tx.insert_tenant(&new).await.unwrap();
    tx.commit().await.unwrap();
    new
}

/// A tenant that is not founded yet.
pub(super) fn new_tenant() -> NewTenant {
    let id = TenantId(uuid());
    NewTenant {
        id,
        name: "Harbour University".parse().unwrap(),
        slug: format!("t-{}", id.0.simple()).parse().unwrap(),
        seats: 10,
        owner: agent("Ana", Role::Owner),
        owner_password: PasswordHash("$argon2id$ana".into()),
        at: NOW,
    }
}

/// An agent that stands nowhere yet.
pub(super) fn agent(name: &str, role: Role) -> Agent {
    let email = format!("{name}@Harbour.example").parse().unwrap();
    Agent::new(AgentId(uuid()), name.parse().unwrap(), email, role, NOW)
}

/// A fresh id, greater than those before it.
#[expect(
    clippy::disallowed_methods,
    reason = "tests share a database, so their ids must differ"
)]
pub(super) fn uuid() -> Uuid {
    Uuid::now_v7()
}

/// A connection beside the store's, in a role or as the owner, for what the store must not be able
/// to do.
pub(super) async fn connect(role: Option<&'static str>) -> PgConnection {
    let mut connection = PgConnection::connect_with(&owner_options()).await.unwrap();
    if let Some(role) = role {
        connection
            .execute(AssertSqlSafe(format!("set role {role}")))
            .await
            .unwrap();
    }
    connection
}

/// Runs a test in a database of its own, empty and dropped afterwards.
pub(super) async fn in_empty_database<F: Future<Output = ()>>(
    test: impl FnOnce(PgConnectOptions) -> F,
) {
    let name = format!("deskbell_test_{}", uuid().simple());
    let mut owner = connect(None).await;
    owner
        .execute(AssertSqlSafe(format!("create database {name}")))
        .await
        .unwrap();

    let outcome = AssertUnwindSafe(test(owner_options().database(&name)))
        .catch_unwind()
        .await;

    owner
        .execute(AssertSqlSafe(format!("drop database {name} with (force)")))
        .await
        .unwrap();
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// A tenant's rows as its journal would write them.
pub(super) struct Desk {
    journal: PgConnection,
    pub(super) tenant_id: TenantId,
    pub(super) office_id: OfficeId,
    pub(super) queue_id: QueueId,
    pub(super) widget_id: WidgetId,
    pub(super) widget_key: String,
    pub(super) visitor_id: VisitorId,
}

impl Desk {
    /// One office with one queue and one widget, and a visitor.
    pub(super) async fn of(tenant_id: TenantId) -> Self {
        let visitor_id = VisitorId(uuid());
        let mut desk = Self {
            journal: connect(Some("deskbell_journal")).await,
            tenant_id,
            office_id: OfficeId(uuid()),
            queue_id: QueueId(uuid()),
            widget_id: WidgetId(uuid()),
            widget_key: format!("wk_{}", uuid().simple()),
            visitor_id,
        };
        let office_id = desk.office_id;
        desk.insert_office(office_id, "Admissions", "live").await;
        desk.insert_queue(desk.queue_id, &[]).await;
        desk.insert_widget(desk.widget_id, &desk.widget_key.clone(), &[office_id])
            .await;
        desk.insert_visitor(visitor_id).await;
        desk
    }

    async fn write(
        &mut self,
        query: sqlx::query::Query<'_, sqlx::Postgres, sqlx::postgres::PgArguments>,
    ) {
        let done = query.execute(&mut self.journal).await.unwrap();
        assert!(done.rows_affected() > 0, "nothing was written");
    }

    pub(super) async fn insert_office(&mut self, id: OfficeId, name: &str, mode: &str) {
        let query = sqlx::query(
            r#"insert into offices (tenant_id, office_id, name, when_not_live, mode, shown_reason, shown_since, shown,
                 created_at)
             values ($1, $2, $3, 'messenger', $4, case $4 when 'live' then 'agent_online' else 'nobody_online' end, $5,
                 '{"valid_until": null, "opens_at": null, "agents": [], "waiting": 2}', $5)"#,
        );
        let query = query
            .bind(self.tenant_id.0)
            .bind(id.0)
            .bind(name)
            .bind(mode)
            .bind(time(NOW));
        self.write(query).await;
    }

    pub(super) async fn insert_queue(&mut self, id: QueueId, members: &[AgentId]) {
        let query = sqlx::query(
            "insert into queues (tenant_id, queue_id, office_id, name, settings, created_at)
             values ($1, $2, $3, 'Questions', '{}', $4)",
        );
        let query = query
            .bind(self.tenant_id.0)
            .bind(id.0)
            .bind(self.office_id.0)
            .bind(time(NOW));
        self.write(query).await;
        for member in members {
            self.insert_member(id, *member).await;
        }
    }

    pub(super) async fn insert_member(&mut self, queue_id: QueueId, agent_id: AgentId) {
        let query = sqlx::query(
            "insert into queue_members (tenant_id, queue_id, agent_id) values ($1, $2, $3)",
        );
        self.write(
            query
                .bind(self.tenant_id.0)
                .bind(queue_id.0)
                .bind(agent_id.0),
        )
        .await;
    }

    pub(super) async fn insert_widget(&mut self, id: WidgetId, key: &str, offices: &[OfficeId]) {
        let query = sqlx::query(
            "insert into widgets (tenant_id, widget_id, key, name, allowed_domains, messenger_text, created_at)
             values ($1, $2, $3, 'Website', '{harbour.example}', 'Leave a message.', $4)",
        );
        let query = query
            .bind(self.tenant_id.0)
            .bind(id.0)
            .bind(key)
            .bind(time(NOW));
        self.write(query).await;
        for (place, office_id) in (0..).zip(offices) {
            let query = sqlx::query(
                "insert into widget_offices (tenant_id, widget_id, place, office_id) values ($1, $2, $3, $4)",
            );
            let query = query
                .bind(self.tenant_id.0)
                .bind(id.0)
                .bind::<i32>(place)
                .bind(office_id.0);
            self.write(query).await;
        }
    }

    pub(super) async fn insert_visitor(&mut self, id: VisitorId) {
        let query = sqlx::query(
            r#"with contact as (
                 insert into contacts (tenant_id, contact_id, name, email, form_name, form_email, fields, created_at)
                 values ($1, $2, 'Vera', 'vera@home.example', 'Vera', 'vera@home.example', '{"course": "maths"}', $4)
             )
             insert into visitors (tenant_id, visitor_id, contact_id, widget_id, created_at)
             values ($1, $2, $2, $3, $4)"#,
        );
        let query = query
            .bind(self.tenant_id.0)
            .bind(id.0)
            .bind(self.widget_id.0)
            .bind(time(NOW));
        self.write(query).await;
    }

    /// A chat of the desk's visitor in its queue, waiting since `at`.
    pub(super) async fn insert_chat(&mut self, at: Timestamp) -> ChatId {
        self.insert_chat_of(self.visitor_id, Some(self.queue_id), "waiting", at)
            .await
    }

    pub(super) async fn insert_chat_of(
        &mut self,
        visitor_id: VisitorId,
        queue_id: Option<QueueId>,
        state: &str,
        at: Timestamp,
    ) -> ChatId {
        let id = ChatId(uuid());
        let query = sqlx::query(
            "insert into chats (tenant_id, chat_id, visitor_id, contact_id, widget_id, office_id, queue_id, state,
                 started_at, enqueued_at, round, last_offer, last_seq,
                 contact_name, contact_email, contact_fields)
             select $1, $2, $3, $3, $4, $5, $6, $7, $8, $8, 1, 0, 0, name, email, fields
             from contacts where tenant_id = $1 and contact_id = $3",
        );
        let query = query.bind(self.tenant_id.0).bind(id.0).bind(visitor_id.0);
        let query = query.bind(self.widget_id.0).bind(self.office_id.0);
        let query = query
            .bind(queue_id.map(|id| id.0))
            .bind(state.to_owned())
            .bind(time(at));
        self.write(query).await;
        id
    }

    pub(super) async fn insert_offer(&mut self, chat_id: ChatId, agent_id: AgentId, state: &str) {
        let query = sqlx::query(
            "insert into offers (tenant_id, chat_id, number, agent_id, state, made_at, ended_at, round)
             select $1, $2, count(*) + 1, $3, $4, $5, case when $4 <> 'ringing' then $5 end, 1
             from offers where tenant_id = $1 and chat_id = $2",
        );
        let query = query
            .bind(self.tenant_id.0)
            .bind(chat_id.0)
            .bind(agent_id.0);
        self.write(query.bind(state.to_owned()).bind(time(NOW)))
            .await;
    }

    /// The agent takes part from `at`.
    pub(super) async fn accept(&mut self, chat_id: ChatId, agent_id: AgentId, at: Timestamp) {
        let query = sqlx::query(
            "with chat as (
                 update chats set state = 'active', accepted_at = $4 where tenant_id = $1 and chat_id = $2
             )
             insert into participants (tenant_id, chat_id, agent_id, joined_at) values ($1, $2, $3, $4)",
        );
        let query = query
            .bind(self.tenant_id.0)
            .bind(chat_id.0)
            .bind(agent_id.0)
            .bind(time(at));
        self.write(query).await;
    }

    pub(super) async fn close(&mut self, chat_id: ChatId, at: Timestamp) {
        let query = sqlx::query(
            "update chats set state = 'closed', closed_at = $3, close_reason = 'agent_closed'
             where tenant_id = $1 and chat_id = $2",
        );
        self.write(query.bind(self.tenant_id.0).bind(chat_id.0).bind(time(at)))
            .await;
    }

    pub(super) async fn insert_message(
        &mut self,
        chat_id: ChatId,
        message_id: &str,
        author: Option<AgentId>,
    ) {
        let query = sqlx::query(
            "with chat as (
                 update chats set last_seq = last_seq + 1 where tenant_id = $1 and chat_id = $2 returning last_seq
             )
             insert into messages (tenant_id, chat_id, seq, message_id, author, author_agent_id, text, sent_at)
             select $1, $2, last_seq, $3, case when $4::uuid is null then 'visitor' else 'agent' end, $4, 'Hello', $5
             from chat",
        );
        let query = query
            .bind(self.tenant_id.0)
            .bind(chat_id.0)
            .bind(message_id.to_owned());
        self.write(query.bind(author.map(|id| id.0)).bind(time(NOW)))
            .await;
    }

    /// A note of an agent, and how far it has read.
    pub(super) async fn insert_asides(&mut self, chat_id: ChatId, agent_id: AgentId) {
        for statement in [
            "insert into notes (tenant_id, chat_id, number, note_id, agent_id, text, sent_at)
             values ($1, $2, 1, 'n1', $3, 'Hm', now())",
            "insert into read_marks (tenant_id, chat_id, agent_id, reader_id, read_seq, delivered_seq)
             values ($1, $2, $3, $3, 1, 1)",
        ] {
            let query = sqlx::query(statement).bind(self.tenant_id.0);
            self.write(query.bind(chat_id.0).bind(agent_id.0)).await;
        }
    }

    /// An agent that nothing is known of. It is not connected, or servers of other tests would wake its tenant.
    pub(super) async fn insert_agent(&mut self, agent: &Agent) {
        let query = sqlx::query(
            "insert into agents (tenant_id, agent_id, name, email, email_folded, role, capacity, created_at,
                 facts, standing, idle_since)
             values ($1, $2, $3, $4, lower($4), $5, 4, $6, $7, $8, $6)",
        );
        let facts = Facts::initial(agent.created_at);
        let standing = Standing::initial(agent.created_at);
        let query = query
            .bind(self.tenant_id.0)
            .bind(agent.id.0)
            .bind(agent.name.as_str().to_owned());
        let query = query
            .bind(agent.email.as_str().to_owned())
            .bind(agent.role.as_str());
        let query = query
            .bind(time(agent.created_at))
            .bind(serde_json::to_value(facts).unwrap())
            .bind(serde_json::to_value(standing).unwrap());
        self.write(query).await;
    }

    /// A status, a pause, a skill, a disposition, a routing rule, a ban, an office that the agent is assigned to, and the events that only their own tenant may read:
    /// of the agent's presence and of the office.
    pub(super) async fn insert_assignment(&mut self, agent_id: AgentId) -> (StatusId, PauseId) {
        let (status_id, pause_id) = (StatusId(uuid()), PauseId(uuid()));
        let query = sqlx::query(
            "with status as (
                 insert into statuses (tenant_id, status_id, name, base, handles_chats, paid, color, sort_order,
                     created_at, version)
                 values ($1, $4, 'Training', 'away', false, true, '#2e7d32', 1, $6, 1)
             ),
             pause as (
                 insert into pauses (tenant_id, pause_id, name, paid, on_overrun, sort_order, created_at, version)
                 values ($1, $5, 'Lunch', false, 'flag', 1, $6, 1)
             ),
             skill as (
                 insert into skills (tenant_id, skill_id, name, created_at, version) values ($1, $7, 'Czech', $6, 1)
             ),
             disposition as (
                 insert into dispositions (tenant_id, disposition_id, name, sort_order, created_at, version)
                 values ($1, $7, 'Sold', 1, $6, 1)
             ),
             rule as (
                 insert into routing_rules (tenant_id, rule_id, name, enabled, sort_order, conditions, agent_ids,
                     created_at, version)
                 values ($1, $7, 'Sales', true, 1, '{}', '{}', $6, 1)
             ),
             ban as (
                 insert into bans (tenant_id, ban_id, network, created_at) values ($1, $7, '192.0.2.1', $6)
             ),
             told as (
                 insert into events (tenant_id, event_seq, at, kind, version, actor, agent_id, office_id, payload)
                 values ($1, 1001, $6, 'presence.changed', 2, 'system', $2, null, '{}'),
                        ($1, 1002, $6, 'availability.changed', 1, 'system', null, $3, '{}')
             )
             insert into agent_offices (tenant_id, agent_id, office_id) values ($1, $2, $3)",
        );
        let query = query
            .bind(self.tenant_id.0)
            .bind(agent_id.0)
            .bind(self.office_id.0);
        let query = query.bind(status_id.0).bind(pause_id.0).bind(time(NOW));
        let query = query.bind(uuid());
        self.write(query).await;
        (status_id, pause_id)
    }

    pub(super) async fn insert_answer(&mut self, principal: &str, key: &str, at: Timestamp) {
        let query = sqlx::query(
            r#"insert into idempotency_keys (tenant_id, principal, key, body_hash, answer, created_at)
             values ($1, $2, $3, $4, '{"id": 7}', $5)"#,
        );
        let query = query
            .bind(self.tenant_id.0)
            .bind(principal.to_owned())
            .bind(key.to_owned());
        self.write(query.bind([1_u8; 32].to_vec()).bind(time(at)))
            .await;
    }

    /// A targeting rule, which the app role writes itself.
    pub(super) async fn insert_targeting_rule(&mut self) -> TargetingRuleId {
        let rule = TargetingRule {
            id: TargetingRuleId(uuid()),
            name: "Pricing".parse().unwrap(),
            widget_id: Some(self.widget_id),
            office_id: Some(self.office_id),
            enabled: true,
            sort_order: 100,
            conditions: Conditions::default(),
            greeting: "May we help?".parse().unwrap(),
            created_at: NOW,
            version: 1,
        };
        let mut tx = store().tenant(self.tenant_id).await.unwrap();
        tx.insert_targeting_rule(&rule).await.unwrap();
        tx.commit().await.unwrap();
        rule.id
    }

    /// A file that an agent has uploaded and not sent, whole or not.
    pub(super) async fn insert_file(&mut self, agent_id: AgentId, is_whole: bool) -> FileId {
        let file = Upload {
            id: FileId(uuid()),
            uploader: Uploader::Agent(agent_id),
            name: "a.png".parse().unwrap(),
            media_type: "image/png".parse().unwrap(),
            bytes: 7,
            sha256: [7; 32],
            pixels: Some(Pixels {
                width: 2,
                height: 1,
            }),
            created_at: NOW,
            chat_id: None,
        };
        let mut tx = store().tenant(self.tenant_id).await.unwrap();
        assert!(tx.reserve_file_bytes(7, 1000).await.unwrap());
        tx.insert_file(&file).await.unwrap();
        if is_whole {
            tx.complete_file(file.id, NOW).await.unwrap();
        }
        tx.commit().await.unwrap();
        file.id
    }

    /// A template, a tag and an entry of the audit, which the app role writes itself.
    pub(super) async fn insert_lists(&mut self, by: AgentId) -> (TemplateId, TagId) {
        let template = Template {
            id: TemplateId(uuid()),
            name: "Hello".parse().unwrap(),
            shortcut: Some("hi".parse().unwrap()),
            text: "Hello {{visitor.name}}".parse().unwrap(),
            office_ids: [self.office_id].into(),
            sort_order: 1,
            created_at: NOW,
            version: 1,
        };
        let tag = Tag {
            id: TagId(uuid()),
            name: "Refund".parse().unwrap(),
            color: Color::default(),
            created_at: NOW,
            version: 1,
        };
        let entry = AuditEntry {
            id: uuid(),
            at: NOW,
            agent_id: by,
            kind: "tag.created".to_owned(),
            subject_id: tag.id.0,
            fields: vec!["name".to_owned()],
        };
        let mut tx = store().tenant(self.tenant_id).await.unwrap();
        tx.insert_template(&template).await.unwrap();
        tx.insert_tag(&tag).await.unwrap();
        tx.insert_audit_entry(&entry).await.unwrap();
        tx.commit().await.unwrap();
        (template.id, tag.id)
    }

    /// A statement that a test needs once, with the tenant as `$1` and an id as `$2`.
    pub(super) async fn change(&mut self, statement: &'static str, id: Uuid) {
        let query = sqlx::query(statement).bind(self.tenant_id.0).bind(id);
        self.write(query).await;
    }
}

fn time(at: Timestamp) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp_millis(at.0).unwrap()
}
