-- What admins set up of routing besides queues: skills, dispositions, rules by which a chat finds its queue, bans, and what
-- a widget asks before a chat.

create table skills (
    tenant_id uuid not null references tenants,
    skill_id uuid not null,
    name text not null,
    created_at timestamptz not null,
    archived_at timestamptz,
    version bigint not null check (version > 0),
    primary key (tenant_id, skill_id)
);

create table dispositions (
    tenant_id uuid not null references tenants,
    disposition_id uuid not null,
    name text not null,
    sort_order integer not null,
    created_at timestamptz not null,
    archived_at timestamptz,
    version bigint not null check (version > 0),
    primary key (tenant_id, disposition_id)
);

create table routing_rules (
    tenant_id uuid not null references tenants,
    rule_id uuid not null,
    name text not null,
    enabled boolean not null,
    sort_order integer not null,
    -- What it asks of a chat. One column, because only the engine reads it, and as a whole.
    conditions jsonb not null check (jsonb_typeof(conditions) = 'object'),
    -- Null leaves the queue as it would be without the rule.
    queue_id uuid,
    -- Null is the queue's own.
    priority integer check (priority between 0 and 10),
    -- Whom the chat is kept for; empty is nobody.
    agent_ids uuid[] not null,
    created_at timestamptz not null,
    archived_at timestamptz,
    version bigint not null check (version > 0),
    primary key (tenant_id, rule_id),
    foreign key (tenant_id, queue_id) references queues
);

create table bans (
    tenant_id uuid not null references tenants,
    ban_id uuid not null,
    -- One of the two: a person, or where requests come from.
    contact_id uuid,
    network text,
    reason text,
    -- Null has no end.
    until_at timestamptz,
    -- The agent that made it; null is the service itself.
    created_by uuid,
    created_at timestamptz not null,
    lifted_at timestamptz,
    primary key (tenant_id, ban_id),
    foreign key (tenant_id, contact_id) references contacts,
    foreign key (tenant_id, created_by) references agents,
    check (num_nonnulls(contact_id, network) = 1)
);

-- What it asks before a chat begins.
alter table widgets add column form jsonb not null default '[]' check (jsonb_typeof(form) = 'array');

do $$
declare
    table_name text;
begin
    foreach table_name in array array['skills', 'dispositions', 'routing_rules', 'bans'] loop
        execute format('alter table %I enable row level security', table_name);
        execute format('alter table %I force row level security', table_name);
        execute format('create policy app_reads_own on %I for select to deskbell_app using (tenant_id = current_tenant_id())', table_name);
        execute format('create policy journal_writes on %I to deskbell_journal using (true) with check (true)', table_name);
        execute format('grant select on %I to deskbell_app', table_name);
        execute format('grant select, insert, update on %I to deskbell_journal', table_name);
    end loop;
end
$$;
