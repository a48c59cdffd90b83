-- Presence: every fact about an agent and what came of them, custom statuses and pauses, hours, the tenant's settings,
-- and what offices show and why. Versions are what changes of a resource are compared by.
-- Backfill and contraction stand in the same file: no release has run with the columns that go.

-- Forced, the policies would hide the rows from their owner too.
alter table tenants no force row level security;
alter table tenant_owners no force row level security;
alter table agents no force row level security;
alter table offices no force row level security;
alter table queues no force row level security;
alter table queue_members no force row level security;

alter table tenants
    -- Null: the status stands until inactivity ends it.
    alter column disconnect_grace_ms drop not null,
    add column time_zone text not null default 'UTC',
    add column disconnect_becomes text not null default 'offline' check (disconnect_becomes in ('away', 'offline')),
    -- Null is never.
    add column away_after_ms bigint default 3600000,
    add column offline_after_ms bigint,
    add column inactivity_resume boolean not null default false,
    add column lease_ttl_ms bigint not null default 150000,
    add column offline_replies boolean not null default true,
    add column show_agents boolean not null default false,
    add column show_queue boolean not null default false,
    add column settings_version bigint not null default 1 check (settings_version > 0);

alter table agents
    add column public_name text,
    add column picture_url text,
    add column hours jsonb,
    -- Null is the tenant's.
    add column away_after_ms bigint,
    add column offline_after_ms bigint,
    -- Null is never.
    add column offers_when_invisible_after_ms bigint,
    add column seat text not null default 'shared' check (seat in ('shared', 'assigned')),
    add column version bigint not null default 1 check (version > 0),
    -- What is known of its presence. One column, because it is read and written as a whole.
    add column facts jsonb check (jsonb_typeof(facts) = 'object'),
    -- What the facts made of it, since when and by whom: everywhere, and in each of its offices.
    add column standing jsonb check (jsonb_typeof(standing) = 'object');

-- The offices that an agent is assigned to, besides those of its queues.
create table agent_offices (
    tenant_id uuid not null,
    agent_id uuid not null,
    office_id uuid not null,
    primary key (tenant_id, agent_id, office_id),
    foreign key (tenant_id, agent_id) references agents,
    foreign key (tenant_id, office_id) references offices
);

alter table offices
    add column when_busy text not null default 'queue' check (when_busy in ('queue', 'messenger')),
    add column hours jsonb,
    -- Null is the tenant's.
    add column away_after_ms bigint,
    add column offline_after_ms bigint,
    add column version bigint not null default 1 check (version > 0),
    -- Why it shows its mode, and since when.
    add column shown_reason text
        check (shown_reason in ('agent_online', 'out_of_hours', 'nobody_online', 'all_busy', 'no_members')),
    add column shown_since timestamptz,
    -- What else visitors saw last: the next change that is known, the opening, agents, how many wait.
    add column shown jsonb check (jsonb_typeof(shown) = 'object');

alter table queues add column version bigint not null default 1 check (version > 0);
alter table widgets add column version bigint not null default 1 check (version > 0);

-- What tenants add to the four statuses.
create table statuses (
    tenant_id uuid not null references tenants,
    status_id uuid not null,
    name text not null,
    base text not null check (base in ('online', 'away', 'offline', 'invisible')),
    handles_chats boolean not null,
    paid boolean not null,
    color text not null,
    sort_order integer not null,
    -- Null is no bound.
    longest_a_day_ms bigint,
    created_at timestamptz not null,
    archived_at timestamptz,
    version bigint not null check (version > 0),
    primary key (tenant_id, status_id)
);

create table pauses (
    tenant_id uuid not null references tenants,
    pause_id uuid not null,
    name text not null,
    paid boolean not null,
    -- Null is no bound.
    longest_ms bigint,
    on_overrun text not null check (on_overrun in ('end', 'flag')),
    sort_order integer not null,
    created_at timestamptz not null,
    archived_at timestamptz,
    version bigint not null check (version > 0),
    primary key (tenant_id, pause_id)
);

-- When an agent last acted is not known; it was not after its tenant's last event.
update agents a
set facts = jsonb_build_object(
        'choice', jsonb_build_object('status', a.status, 'status_id', null, 'set_at', k.set_at, 'set_by', k.set_by,
            'reason', a.status_reason),
        'overrides', jsonb_build_object(),
        'reachability', case a.reachability
            when 'connected' then jsonb_build_object('state', 'connected')
            when 'grace' then jsonb_build_object('state', 'grace', 'since', k.since)
            else jsonb_build_object('state', 'lost', 'since', k.since, 'becomes', 'offline')
        end,
        'lease', jsonb_build_object('state', 'none'),
        'active_at', k.active_at,
        'inactivity', jsonb_build_object('global', null, 'offices', jsonb_build_object()),
        'pausing', null,
        'wanted', null,
        'comeback', null,
        'arrived_at', case when k.presence ->> 'status' = 'online' then k.set_at end,
        'used', jsonb_build_object(),
        'over_limit_since', null),
    standing = jsonb_build_object('global', k.presence, 'offices', coalesce(o.standing, jsonb_build_object()))
from (
    select t.*, case
            when t.is_lost then jsonb_build_object('status', 'offline', 'reason', 'disconnected', 'since', t.since,
                'by', jsonb_build_object('kind', 'system'))
            else jsonb_build_object('status', t.status, 'reason', t.status_reason, 'since', t.set_at, 'by', t.set_by)
        end as presence
    from (
        select b.tenant_id, b.agent_id, b.status, b.status_reason,
            b.reachability = 'lost' and b.status <> 'offline' as is_lost,
            jsonb_strip_nulls(jsonb_build_object('kind', b.status_set_by, 'agent_id', b.status_set_by_agent_id))
                as set_by,
            floor(extract(epoch from b.status_set_at) * 1000)::bigint as set_at,
            floor(extract(epoch from coalesce(b.reachability_since, b.status_set_at)) * 1000)::bigint as since,
            floor(extract(epoch from w.last_event_at) * 1000)::bigint as active_at
        from agents b
        join tenant_owners w on w.tenant_id = b.tenant_id
    ) t
) k
left join lateral (
    select jsonb_object_agg(q.office_id, k.presence) as standing
    from queue_members m
    join queues q on q.tenant_id = m.tenant_id and q.queue_id = m.queue_id and q.archived_at is null
    where m.tenant_id = k.tenant_id and m.agent_id = k.agent_id
) o on true
where a.tenant_id = k.tenant_id and a.agent_id = k.agent_id;

-- Seats did not bound anything before: whoever is online keeps its place.
update tenants t
set seats = n.online
from (
    select tenant_id, count(*)::integer as online
    from agents
    where archived_at is null and facts ->> 'arrived_at' is not null
    group by tenant_id
) n
where n.tenant_id = t.tenant_id and n.online > t.seats;

update offices o
set shown_since = w.last_event_at,
    shown = '{"valid_until": null, "opens_at": null, "agents": [], "waiting": null}',
    shown_reason = case
        when o.mode = 'live' then 'agent_online'
        when exists (
            select from queue_members m
            join queues q on q.tenant_id = m.tenant_id and q.queue_id = m.queue_id
            where q.tenant_id = o.tenant_id and q.office_id = o.office_id and q.archived_at is null
        ) then 'nobody_online'
        else 'no_members'
    end
from tenant_owners w
where w.tenant_id = o.tenant_id;

alter table offices
    alter column shown_reason set not null,
    alter column shown_since set not null,
    alter column shown set not null;

drop index agents_connected;
alter table agents
    alter column facts set not null,
    alter column standing set not null,
    drop column status,
    drop column status_set_at,
    drop column status_set_by,
    drop column status_set_by_agent_id,
    drop column status_reason,
    drop column reachability,
    drop column reachability_since,
    -- Apart from the facts, so that the index below is touched only when it changes.
    add column is_connected boolean not null
        generated always as (facts #>> '{reachability,state}' = 'connected') stored;
-- Whose connections a restart has ended.
create index agents_connected on agents (tenant_id) where is_connected and archived_at is null;

-- Who takes the place of an archived agent may have its address.
drop index agents_email_key;
create unique index agents_email_key on agents (tenant_id, email_folded) where archived_at is null;

alter table tenants force row level security;
alter table tenant_owners force row level security;
alter table agents force row level security;
alter table offices force row level security;
alter table queues force row level security;
alter table queue_members force row level security;

-- Which office an event is about, if it is about one.
alter table events add column office_id uuid;
-- Time lines, reports and the evidence of a moment.
create index events_of_presence on events (tenant_id, agent_id, at desc, event_seq desc)
    where kind = 'presence.changed';
create index events_of_availability on events (tenant_id, office_id, at desc, event_seq desc)
    where kind = 'availability.changed';

do $$
declare
    table_name text;
begin
    foreach table_name in array array['agent_offices', 'statuses', 'pauses'] loop
        execute format('alter table %I enable row level security', table_name);
        execute format('alter table %I force row level security', table_name);
        execute format('create policy app_reads_own on %I for select to deskbell_app using (tenant_id = current_tenant_id())', table_name);
        execute format('create policy journal_writes on %I to deskbell_journal using (true) with check (true)', table_name);
        execute format('grant select on %I to deskbell_app', table_name);
        execute format('grant select, insert, update on %I to deskbell_journal', table_name);
    end loop;
    -- Like the members of a queue they are replaced as a set.
    foreach table_name in array array['agent_offices', 'widget_offices'] loop
        execute format('grant delete on %I to deskbell_journal', table_name);
    end loop;
end
$$;

-- Settings are changed by the engine, like the rest of what it decides by.
create policy journal_reads on tenants for select to deskbell_journal using (true);
create policy journal_changes on tenants for update to deskbell_journal using (true) with check (true);
grant select (tenant_id, settings_version),
    update (seats, time_zone, disconnect_grace_ms, disconnect_becomes, restore_within_ms, away_after_ms,
        offline_after_ms, inactivity_resume, lease_ttl_ms, offline_replies, show_agents, show_queue, settings_version)
    on tenants to deskbell_journal;

-- A new password, or the end of an agent, ends its log-ins in the same commit.
create policy journal_reads on sessions for select to deskbell_journal using (true);
create policy journal_revokes on sessions for update to deskbell_journal using (true) with check (true);
grant select (tenant_id, agent_id, revoked_at), update (revoked_at) on sessions to deskbell_journal;
create index sessions_of_agent on sessions (tenant_id, agent_id) where revoked_at is null;
