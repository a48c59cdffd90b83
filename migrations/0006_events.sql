-- What happened, in one order for each tenant. Never changed, so it holds no name, address or text: it refers to
-- rows that can be changed or erased. Partitioned by time: retention drops partitions.
create table events (
    tenant_id uuid not null,
    -- Gapless. Unique through the fence in tenant_owners; a key of a partitioned table must hold the time.
    event_seq bigint not null,
    at timestamptz not null,
    kind text not null,
    -- The version of the payload's form; readers raise older ones.
    version smallint not null,
    actor text not null check (actor in ('agent', 'visitor', 'system')),
    actor_agent_id uuid,
    chat_id uuid,
    agent_id uuid,
    -- The number in the visitor's own stream, if the visitor sees this event.
    visitor_seq bigint,
    payload jsonb not null,
    primary key (tenant_id, event_seq, at)
) partition by range (at);
create index events_of_chat on events (tenant_id, chat_id, event_seq) where chat_id is not null;

-- Catches what no partition was made for, so that a commit never fails for want of one.
create table events_default partition of events default;
alter table events_default enable row level security;
alter table events_default force row level security;

-- Makes the partition of the month of a day; the owner's role calls it ahead of time. It is filled before it is
-- attached, because Postgres refuses a partition for rows that the default one already holds.
create function make_events_partition(day date) returns text
    language plpgsql as $$
declare
    first_day date := date_trunc('month', day)::date;
    starts_at timestamptz := first_day::timestamp at time zone 'UTC';
    ends_at timestamptz := (first_day + interval '1 month') at time zone 'UTC';
    partition_name text := 'events_' || to_char(first_day, 'YYYYMM');
begin
    -- Nodes that start together take turns.
    perform pg_advisory_xact_lock(hashtext('make_events_partition'));
    if to_regclass(partition_name) is null then
        execute format('create table %I (like events including defaults including constraints)', partition_name);
        -- Forced, the policies would hide the rows from their owner too.
        alter table events_default no force row level security;
        execute format('with moved as (delete from events_default where at >= $1 and at < $2 returning *)'
            ' insert into %I select * from moved', partition_name) using starts_at, ends_at;
        alter table events_default force row level security;
        -- Rows are reached through the parent and its policies; nobody has a policy for a partition itself.
        execute format('alter table %I enable row level security', partition_name);
        execute format('alter table %I force row level security', partition_name);
        execute format('alter table events attach partition %I for values from (%L) to (%L)',
            partition_name, starts_at, ends_at);
    end if;
    return partition_name;
end
$$;

alter table events enable row level security;
alter table events force row level security;
create policy app_reads_own on events for select to deskbell_app using (tenant_id = current_tenant_id());
create policy journal_writes on events for insert to deskbell_journal with check (true);
-- A tenant is made in one transaction with its first agent and their events.
create policy system_founds on events for insert to deskbell_system with check (true);
grant insert on events to deskbell_system;
grant select on events to deskbell_app;
grant insert on events to deskbell_journal;

-- Answers given to an Idempotency-Key, written in the commit of the effect.
create table idempotency_keys (
    tenant_id uuid not null references tenants,
    -- Whose key it is: agent:<id> or visitor:<id>. Two callers may choose the same key.
    principal text not null,
    key text not null,
    body_hash bytea not null,
    answer jsonb not null,
    created_at timestamptz not null,
    primary key (tenant_id, principal, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);

alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
create policy app_reads_own on idempotency_keys for select to deskbell_app
    using (tenant_id = current_tenant_id());
create policy journal_writes on idempotency_keys for insert to deskbell_journal with check (true);
create policy system_removes on idempotency_keys for delete to deskbell_system using (true);
create policy system_reads on idempotency_keys for select to deskbell_system using (true);
grant select on idempotency_keys to deskbell_app;
grant insert on idempotency_keys to deskbell_journal;
grant select, delete on idempotency_keys to deskbell_system;

-- The same for the platform operator, who belongs to no tenant.
create table platform_idempotency_keys (
    key text primary key,
    body_hash bytea not null,
    answer jsonb not null,
    created_at timestamptz not null
);
grant select, insert, delete on platform_idempotency_keys to deskbell_system;
