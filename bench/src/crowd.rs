//! Many tenants, agents or widgets at once, written into the database as the server itself would have written them.
//!
//! Through the public API each agent costs a hash of its password, 30 ms of a processor; a hundred thousand things
//! would take an hour that measures nothing. The rows are those of a tenant that was set up and then left alone:
//! every agent offline, every office without anybody online.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use serde_json::json;
use tokio::task::JoinSet;

use crate::database::Database;
use crate::http::{Api, text};
use crate::tenant::PASSWORD;

/// [`PASSWORD`], hashed with the least memory and work: what a log-in costs is not measured here. The server takes
/// the parameters from the hash.
const CHEAP_HASH: &str = "$argon2id$v=19$m=8,t=1,p=1$YmVuY2hiZW5jaGJlbmNoIQ\
                          $N1XLxalD+npdDmfK7U3k+aIR0wMCJo5Zq2OHQU2yNH8";

/// How many log in at the same time.
const LOGINS_MAX: usize = 16;

/// What is written. Each tenant has one office with one queue, of which all its agents are members.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crowd {
    /// The number of the first tenant; those before it are there.
    pub(crate) first: usize,
    /// How many tenants.
    pub(crate) tenants: usize,
    /// How many agents each has.
    pub(crate) agents: usize,
    /// How many widgets each has.
    pub(crate) widgets: usize,
}

impl Crowd {
    /// Writes it.
    pub(crate) fn write(&self, database: &Database) -> Result<()> {
        // Whoever plans a query of it next should know how much there is.
        database.run(&self.sql()).context("write tenants")?;
        database.run("analyze")
    }

    fn sql(&self) -> String {
        let Self {
            first,
            tenants,
            agents,
            widgets,
        } = *self;
        let last = first + tenants;
        let seats = agents + 10;
        // `ids` names everything by its numbers, so that no statement needs the outcome of another.
        format!(
            r#"
create temp table ids on commit drop as
    select n, md5('tenant ' || n)::uuid as tenant_id, md5('office ' || n)::uuid as office_id,
        md5('queue ' || n)::uuid as queue_id, now() as at, floor(extract(epoch from now()) * 1000)::bigint as ms
    from generate_series({first}, {last} - 1) n;
insert into tenants (tenant_id, name, slug, seats, created_at)
    select tenant_id, 'Tenant ' || n, 'tenant-' || n, {seats}, at from ids;
insert into tenant_owners (tenant_id, last_event_at) select tenant_id, at from ids;
insert into offices (tenant_id, office_id, name, when_not_live, mode, created_at, shown_reason, shown_since, shown)
    select tenant_id, office_id, 'Support', 'messenger', 'messenger', at,
        case when {agents} > 0 then 'nobody_online' else 'no_members' end, at,
        '{{"valid_until": null, "opens_at": null, "agents": [], "waiting": null}}' from ids;
insert into queues (tenant_id, queue_id, office_id, name, strategy, ring_timeout_ms, round_pause_ms, max_waiting,
        created_at)
    select tenant_id, queue_id, office_id, 'Questions', 'longest_idle', 30000, 10000, 1000, at from ids;
create temp table people on commit drop as
    select i.*, m, md5('agent ' || i.n || ' ' || m)::uuid as agent_id
    from ids i, generate_series(0, {agents} - 1) m;
insert into agents (tenant_id, agent_id, name, email, email_folded, role, capacity, created_at, facts, standing,
        idle_since)
    select tenant_id, agent_id, 'Agent ' || m, 'agent' || m || '@example.com', 'agent' || m || '@example.com',
        'admin', 5, at,
        jsonb_build_object(
            'choice', jsonb_build_object('status', 'offline', 'status_id', null, 'set_at', ms,
                'set_by', '{{"kind": "system"}}'::jsonb, 'reason', 'initial'),
            'overrides', '{{}}'::jsonb,
            'reachability', jsonb_build_object('state', 'lost', 'since', ms, 'becomes', 'offline'),
            'lease', '{{"state": "none"}}'::jsonb, 'active_at', ms,
            'inactivity', '{{"global": null, "offices": {{}}}}'::jsonb, 'pausing', null, 'wanted', null,
            'comeback', null, 'arrived_at', null, 'used', '{{}}'::jsonb, 'over_limit_since', null),
        jsonb_build_object('global', standing, 'offices', jsonb_build_object(office_id, standing)), at
    from people, lateral (select jsonb_build_object('status', 'offline', 'reason', 'initial', 'since', ms,
        'by', '{{"kind": "system"}}'::jsonb) as standing) s;
insert into agent_credentials (tenant_id, agent_id, password_hash, changed_at)
    select tenant_id, agent_id, '{CHEAP_HASH}', at from people;
insert into queue_members (tenant_id, queue_id, agent_id) select tenant_id, queue_id, agent_id from people;
insert into widgets (tenant_id, widget_id, key, name, allowed_domains, messenger_text, created_at)
    select tenant_id, md5('widget ' || n || ' ' || m)::uuid, 'widget-' || n || '-' || m, 'Shop ' || m,
        array['shop' || m || '.example.com'], 'We are not here at the moment. Leave us a message.', at
    from ids, generate_series(0, {widgets} - 1) m;
insert into widget_offices (tenant_id, widget_id, place, office_id)
    select tenant_id, md5('widget ' || n || ' ' || m)::uuid, 0, office_id
    from ids, generate_series(0, {widgets} - 1) m;
"#
        )
    }
}

/// Logs agents in, each named by its tenant's number and its own. Returns their access tokens in the same order.
pub(crate) async fn log_in(
    address: SocketAddr,
    agents: impl IntoIterator<Item = (usize, usize)>,
) -> Result<Vec<String>> {
    let agents: Vec<_> = agents.into_iter().collect();
    let mut tokens = vec![String::new(); agents.len()];
    let mut tasks = JoinSet::new();
    for lane in 0..LOGINS_MAX {
        let mine = agents.iter().copied().enumerate();
        let mine: Vec<_> = mine.skip(lane).step_by(LOGINS_MAX).collect();
        tasks.spawn(async move {
            let mut api = Api::connect(address).await?;
            let mut tokens = Vec::with_capacity(mine.len());
            for (index, (tenant, agent)) in mine {
                let body = json!({
                    "tenant": format!("tenant-{tenant}"), "email": format!("agent{agent}@example.com"),
                    "password": PASSWORD,
                });
                let answer = api.post("/v1/auth/login", "", &body).await?;
                tokens.push((index, text(&answer, "access_token")?));
            }
            anyhow::Ok(tokens)
        });
    }
    while let Some(joined) = tasks.join_next().await {
        for (index, token) in joined?? {
            tokens[index] = token;
        }
    }
    Ok(tokens)
}
