-- Four roles, so that a fault in one part of the server cannot reach what another part owns:
--   owner    runs migrations and makes partitions; nothing else connects as it
--   app      reads and writes one tenant at a time: row-level security shows it the tenant in app.tenant_id
--   journal  writes what engines decide, for many tenants in one transaction, and only to the tables named here
--   system   what must be found before a tenant is known, and work across tenants
-- Roles belong to the whole cluster, so they may be there already.
do $$
declare
    role_name text;
begin
    foreach role_name in array array['deskbell_app', 'deskbell_journal', 'deskbell_system'] loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I login nosuperuser nobypassrls nocreatedb nocreaterole', role_name);
        end if;
        -- One address for all: the server then connects as the owner and steps down with `set role`.
        execute format('grant %I to current_user', role_name);
        execute format('grant usage on schema public to %I', role_name);
    end loop;
end
$$;

-- The tenant of the transaction; null, and so no row at all, when none was set.
create function current_tenant_id() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('app.tenant_id', true), '')::uuid;

-- Which history this database holds. It changes only when the database was restored to an earlier point, which
-- makes clients start from a fresh snapshot instead of resuming into another past.
create table deployment (
    only_row boolean primary key default true check (only_row),
    history_id uuid not null default gen_random_uuid(),
    created_at timestamptz not null default now()
);
insert into deployment default values;
grant select on deployment to deskbell_app, deskbell_system, deskbell_journal;
