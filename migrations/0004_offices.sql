-- Offices, queues and widgets: what an engine decides by, and what visitors reach.
create table offices (
    tenant_id uuid not null references tenants,
    office_id uuid not null,
    name text not null,
    when_not_live text not null check (when_not_live in ('messenger', 'hidden')),
    -- What visitors saw last: answers polls for tenants that are not in memory.
    mode text not null check (mode in ('live', 'messenger', 'hidden')),
    created_at timestamptz not null,
    archived_at timestamptz,
    primary key (tenant_id, office_id)
);

create table queues (
    tenant_id uuid not null,
    queue_id uuid not null,
    office_id uuid not null,
    name text not null,
    strategy text not null,
    -- Null rings on.
    ring_timeout_ms bigint,
    round_pause_ms bigint not null,
    max_waiting integer not null,
    created_at timestamptz not null,
    archived_at timestamptz,
    primary key (tenant_id, queue_id),
    foreign key (tenant_id, office_id) references offices
);

create table queue_members (
    tenant_id uuid not null,
    queue_id uuid not null,
    agent_id uuid not null,
    primary key (tenant_id, queue_id, agent_id),
    foreign key (tenant_id, queue_id) references queues,
    foreign key (tenant_id, agent_id) references agents
);

create table widgets (
    tenant_id uuid not null references tenants,
    widget_id uuid not null,
    key text not null constraint widgets_key_key unique,
    name text not null,
    allowed_domains text[] not null,
    messenger_text text not null,
    created_at timestamptz not null,
    archived_at timestamptz,
    primary key (tenant_id, widget_id)
);

create table widget_offices (
    tenant_id uuid not null,
    widget_id uuid not null,
    -- The order in which the offices are tried.
    place integer not null,
    office_id uuid not null,
    primary key (tenant_id, widget_id, place),
    foreign key (tenant_id, widget_id) references widgets,
    foreign key (tenant_id, office_id) references offices
);

do $$
declare
    table_name text;
begin
    foreach table_name in array array['offices', 'queues', 'queue_members', 'widgets', 'widget_offices'] loop
        execute format('alter table %I enable row level security', table_name);
        execute format('alter table %I force row level security', table_name);
        execute format('create policy app_reads_own on %I for select to deskbell_app using (tenant_id = current_tenant_id())', table_name);
        execute format('create policy journal_writes on %I to deskbell_journal using (true) with check (true)', table_name);
        execute format('grant select on %I to deskbell_app', table_name);
        execute format('grant select, insert, update on %I to deskbell_journal', table_name);
    end loop;
    -- Members are replaced as a set; nothing else is ever deleted.
    grant delete on queue_members to deskbell_journal;
    -- The availability of every widget is made ready at the start of a node.
    foreach table_name in array array['offices', 'widgets', 'widget_offices'] loop
        execute format('create policy system_reads on %I for select to deskbell_system using (true)', table_name);
        execute format('grant select on %I to deskbell_system', table_name);
    end loop;
end
$$;
