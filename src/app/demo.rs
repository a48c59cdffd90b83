//! A tenant to play with, made at the first start when the configuration says so.
//!
//! Its passwords and ids are decided first and kept in a file of mode 0600; then whatever is missing is made, so a
//! start that was cut off in the middle is finished by the next.

use std::str::FromStr;

use anyhow::{Context, anyhow};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::{Password, Passwords, read_or_create};
use crate::config::Config;
use crate::domain::{
    Agent, AgentId, Email, Name, Note, Office, OfficeId, Queue, QueueId, Role, Slug, TenantId,
    Timestamp, Widget, WidgetId, WidgetKey,
};
use crate::engine::{Command, PasswordHash, SetupCommand};
use crate::random::Random;
use crate::realtime::Hub;
use crate::store::{NewTenant, Store};

const SLUG: &str = "demo";
const FILE: &str = "demo.json";

/// What was decided at the first start.
#[derive(Serialize, Deserialize)]
pub(super) struct Demo {
    tenant_id: Uuid,
    office_id: Uuid,
    queue_id: Uuid,
    widget_id: Uuid,
    pub(super) widget_key: String,
    people: Vec<Person>,
}

#[derive(Serialize, Deserialize)]
struct Person {
    id: Uuid,
    name: String,
    email: String,
    password: String,
    role: String,
}

impl Demo {
    fn decide(random: &Random, now: Timestamp) -> Self {
        let person = |name: &str, email: &str, role: Role| Person {
            id: random.uuid_v7(now),
            name: name.to_owned(),
            email: email.to_owned(),
            password: random.password(),
            role: role.as_str().to_owned(),
        };
        let tenant_id = random.uuid_v7(now);
        Self {
            tenant_id,
            office_id: random.uuid_v7(now),
            queue_id: random.uuid_v7(now),
            widget_id: random.uuid_v7(now),
            widget_key: format!("wk_{}_{}", tenant_id.simple(), random.hex(16)),
            people: vec![
                person("Demo owner", "owner@demo.example", Role::Owner),
                person("Demo agent", "agent@demo.example", Role::Agent),
            ],
        }
    }

    /// What the greeting says of it.
    pub(super) fn lines(&self, base: &str) -> Vec<String> {
        let mut lines = vec![
            format!("  Demo page      {base}/demo"),
            format!("  Agent page     {base}/agent   (tenant: {SLUG})"),
        ];
        lines.extend(self.people.iter().map(|person| {
            format!(
                "    {:<10} {}   {}",
                person.role, person.email, person.password
            )
        }));
        lines
    }
}

/// Makes what is missing of the demo; `None` when it is switched off.
pub(super) async fn prepare(
    config: &Config,
    store: &Store,
    hub: &Hub,
    passwords: &Passwords,
    random: &Random,
    now: Timestamp,
) -> anyhow::Result<Option<Demo>> {
    if !config.demo.enabled {
        return Ok(None);
    }
    let path = config.database.data_dir.join(FILE);
    let text = read_or_create(&path, random, |random| {
        serde_json::to_string_pretty(&Demo::decide(random, now)).unwrap_or_default()
    })?;
    let demo: Demo = serde_json::from_str(&text)
        .with_context(|| format!("{} is not what the demo left there", path.display()))?;
    if !found_tenant(store, passwords, &demo, now).await? {
        tracing::warn!(
            "a tenant {SLUG} is there, but {} belongs to another: there is no demo",
            path.display()
        );
        return Ok(None);
    }
    let missing = missing(store, passwords, &demo, now).await?;
    for command in missing {
        let command = Command::Setup { by: None, command };
        let done = hub.call(TenantId(demo.tenant_id), command.into()).await;
        done.map_err(|error| anyhow!("cannot make the demo: {error:?}"))?;
    }
    Ok(Some(demo))
}

/// Makes the tenant with its owner if need be; false when its slug belongs to another tenant.
async fn found_tenant(
    store: &Store,
    passwords: &Passwords,
    demo: &Demo,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let mut tx = store.system().await?;
    let slug = parse::<Slug>(SLUG)?;
    if let Some(tenant) = tx.find_tenant_by_slug(&slug).await? {
        return Ok(tenant.id.0 == demo.tenant_id);
    }
    let owner = demo
        .people
        .first()
        .ok_or_else(|| anyhow!("the demo has no owner"))?;
    tx.insert_tenant(&NewTenant {
        id: TenantId(demo.tenant_id),
        name: parse("Demo")?,
        slug,
        seats: 10,
        owner: agent(owner, now)?,
        owner_password: hash(passwords, owner).await?,
        at: now,
    })
    .await?;
    tx.commit().await?;
    Ok(true)
}

/// What makes the people, the office, the queue and the widget that are not there yet.
async fn missing(
    store: &Store,
    passwords: &Passwords,
    demo: &Demo,
    now: Timestamp,
) -> anyhow::Result<Vec<SetupCommand>> {
    let mut tx = store.tenant(TenantId(demo.tenant_id)).await?;
    let mut missing = Vec::new();
    for person in &demo.people {
        if tx.find_agent(AgentId(person.id)).await?.is_none() {
            let hash = hash(passwords, person).await?;
            missing.push(SetupCommand::CreateAgent(
                Box::new(agent(person, now)?),
                hash,
            ));
        }
    }
    if tx.find_office(OfficeId(demo.office_id)).await?.is_none() {
        let id = OfficeId(demo.office_id);
        let office = Office::new(id, parse("Support")?, now);
        missing.push(SetupCommand::CreateOffice(Box::new(office)));
    }
    if tx.find_queue(QueueId(demo.queue_id)).await?.is_none() {
        let queue = Queue {
            id: QueueId(demo.queue_id),
            office_id: OfficeId(demo.office_id),
            name: parse("General")?,
            settings: Box::default(),
            created_at: now,
            version: 1,
        };
        let members = demo
            .people
            .iter()
            .map(|person| AgentId(person.id))
            .collect();
        missing.push(SetupCommand::CreateQueue(queue, members));
    }
    if tx.find_widget(WidgetId(demo.widget_id)).await?.is_none() {
        missing.push(SetupCommand::CreateWidget(Widget {
            agent_id: None,
            id: WidgetId(demo.widget_id),
            key: WidgetKey::from_trusted(demo.widget_key.clone()),
            name: parse("Demo page")?,
            office_ids: vec![OfficeId(demo.office_id)],
            allowed_domains: Vec::new(),
            form: Vec::new(),
            messenger_text: parse::<Note>(
                "Leave a message and we will answer by e-mail. That may take a while.",
            )?,
            created_at: now,
            version: 1,
        }));
    }
    Ok(missing)
}

fn agent(person: &Person, now: Timestamp) -> anyhow::Result<Agent> {
    Ok(Agent::new(
        AgentId(person.id),
        parse::<Name>(&person.name)?,
        parse::<Email>(&person.email)?,
        parse::<Role>(&person.role)?,
        now,
    ))
}

async fn hash(passwords: &Passwords, person: &Person) -> anyhow::Result<PasswordHash> {
    let password: Password = parse(&person.password)?;
    Ok(PasswordHash(passwords.hash(&password).await?.into()))
}

fn parse<T: FromStr>(text: &str) -> anyhow::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse()
        .with_context(|| format!("the demo's {text:?} cannot be used"))
}
