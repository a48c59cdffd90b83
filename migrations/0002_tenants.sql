-- Tenants, and which node runs each one's engine.
create table tenants (
    tenant_id uuid primary key,
    name text not null,
    slug text not null constraint tenants_slug_key unique,
    seats integer not null check (seats >= 1),
    disconnect_grace_ms bigint not null default 60000,
    restore_within_ms bigint not null default 900000,
    created_at timestamptz not null
);

-- One lease for each node, not one for each tenant: renewing stays cheap with many tenants. Times are the database's.
create table node_leases (
    node_id uuid primary key,
    expires_at timestamptz not null,
    renewed_at timestamptz not null default now()
);

-- The fence. Each transaction of the journal first moves the rows of its tenants; the row's lock makes a
-- take-over wait for it, and a late owner finds no row.
create table tenant_owners (
    tenant_id uuid primary key references tenants,
    node_id uuid,
    epoch bigint not null default 0,
    last_event_seq bigint not null default 0,
    last_event_at timestamptz not null,
    -- When the engine must next be called, so that a tenant that is not in memory wakes in time.
    next_deadline_at timestamptz
);

alter table tenants enable row level security;
alter table tenants force row level security;
create policy app_reads_own on tenants for select to deskbell_app using (tenant_id = current_tenant_id());
create policy system_does_all on tenants to deskbell_system using (true) with check (true);
grant select on tenants to deskbell_app;
grant select, insert, update on tenants to deskbell_system;

alter table tenant_owners enable row level security;
alter table tenant_owners force row level security;
create policy journal_moves on tenant_owners for select to deskbell_journal using (true);
-- Without a policy for update no row comes back from `for share` either, which looks like a lost fence.
create policy journal_updates on tenant_owners for update to deskbell_journal using (true) with check (true);
create policy system_does_all on tenant_owners to deskbell_system using (true) with check (true);
grant select, update on tenant_owners to deskbell_journal;
grant select, insert on tenant_owners to deskbell_system;

grant select, insert, update, delete on node_leases to deskbell_journal;
