-- Agents, their facts, their credentials and log-ins.
create table agents (
    tenant_id uuid not null references tenants,
    agent_id uuid not null,
    name text not null,
    email text not null,
    -- As two addresses are compared; made by the server, since Postgres folds some letters differently.
    email_folded text not null,
    role text not null check (role in ('owner', 'admin', 'supervisor', 'agent')),
    capacity integer not null check (capacity between 1 and 100),
    created_at timestamptz not null,
    archived_at timestamptz,
    -- First fact: what was chosen, by whom, why.
    status text not null check (status in ('online', 'away', 'offline', 'invisible')),
    status_set_at timestamptz not null,
    status_set_by text not null check (status_set_by in ('agent', 'visitor', 'system')),
    status_set_by_agent_id uuid,
    status_reason text not null,
    -- Second fact: whether the agent can be reached.
    reachability text not null check (reachability in ('connected', 'grace', 'lost')),
    reachability_since timestamptz,
    -- What longest_idle ranks by.
    idle_since timestamptz not null,
    primary key (tenant_id, agent_id)
);
create unique index agents_email_key on agents (tenant_id, email_folded);
-- Whose connections a restart has ended.
create index agents_connected on agents (tenant_id) where reachability = 'connected';

-- Apart from the profile, so that reading agents never reads a hash.
create table agent_credentials (
    tenant_id uuid not null,
    agent_id uuid not null,
    password_hash text not null,
    changed_at timestamptz not null,
    primary key (tenant_id, agent_id),
    foreign key (tenant_id, agent_id) references agents
);

-- A log-in. It outlives connections and is the family of its refresh tokens.
create table sessions (
    tenant_id uuid not null,
    session_id uuid not null,
    agent_id uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    primary key (tenant_id, session_id),
    foreign key (tenant_id, agent_id) references agents
);
create index sessions_revoked on sessions (revoked_at) where revoked_at is not null;
-- Which are old enough to be removed.
create index sessions_expiry on sessions (expires_at);

-- Each works once. A used one that comes again means that it was copied: the session is revoked.
create table refresh_tokens (
    tenant_id uuid not null,
    session_id uuid not null,
    token_hash bytea not null,
    issued_at timestamptz not null,
    used_at timestamptz,
    primary key (tenant_id, session_id, token_hash),
    foreign key (tenant_id, session_id) references sessions
);
create index refresh_tokens_used on refresh_tokens (used_at) where used_at is not null;

alter table agents enable row level security;
alter table agents force row level security;
create policy app_reads_own on agents for select to deskbell_app using (tenant_id = current_tenant_id());
create policy journal_writes on agents to deskbell_journal using (true) with check (true);
-- A tenant is made in one transaction with its first agent.
create policy system_founds on agents for insert to deskbell_system with check (true);
grant insert on agents to deskbell_system;
grant select on agents to deskbell_app;
grant select, insert, update on agents to deskbell_journal;

alter table agent_credentials enable row level security;
alter table agent_credentials force row level security;
create policy app_reads_own on agent_credentials for select to deskbell_app
    using (tenant_id = current_tenant_id());
create policy journal_writes on agent_credentials to deskbell_journal using (true) with check (true);
create policy system_founds on agent_credentials for insert to deskbell_system with check (true);
grant insert on agent_credentials to deskbell_system;
grant select on agent_credentials to deskbell_app;
grant select, insert, update on agent_credentials to deskbell_journal;

alter table sessions enable row level security;
alter table sessions force row level security;
create policy app_writes_own on sessions to deskbell_app
    using (tenant_id = current_tenant_id()) with check (tenant_id = current_tenant_id());
create policy system_reads on sessions for select to deskbell_system using (true);
create policy system_removes on sessions for delete to deskbell_system using (true);
grant select, insert, update on sessions to deskbell_app;
grant select, delete on sessions to deskbell_system;

alter table refresh_tokens enable row level security;
alter table refresh_tokens force row level security;
create policy app_writes_own on refresh_tokens to deskbell_app
    using (tenant_id = current_tenant_id()) with check (tenant_id = current_tenant_id());
-- To be deleted a row must be seen as well.
create policy system_reads on refresh_tokens for select to deskbell_system using (true);
create policy system_removes on refresh_tokens for delete to deskbell_system using (true);
grant select, insert, update on refresh_tokens to deskbell_app;
grant select, delete on refresh_tokens to deskbell_system;
