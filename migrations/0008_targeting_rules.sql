-- Targeting rules: which visitors are offered a greeting (AVAIL-6). No engine decides by them, so the app role writes
-- them itself, one tenant at a time, and with them the answer to the request's idempotency key.
create table targeting_rules (
    tenant_id uuid not null references tenants,
    rule_id uuid not null,
    name text not null,
    -- Null is every widget, and any office of the widget.
    widget_id uuid,
    office_id uuid,
    enabled boolean not null,
    sort_order integer not null,
    -- What the rule asks of a visit; null or empty asks nothing.
    url_contains text,
    url_matches text,
    min_time_on_page_ms bigint check (min_time_on_page_ms > 0),
    min_visits integer check (min_visits > 0),
    referrer_contains text,
    countries text[] not null,
    languages text[] not null,
    greeting text not null,
    -- Rises with every change.
    version bigint not null check (version > 0),
    created_at timestamptz not null,
    primary key (tenant_id, rule_id),
    foreign key (tenant_id, widget_id) references widgets,
    foreign key (tenant_id, office_id) references offices
);

alter table targeting_rules enable row level security;
alter table targeting_rules force row level security;
create policy app_does_own on targeting_rules to deskbell_app
    using (tenant_id = current_tenant_id()) with check (tenant_id = current_tenant_id());
grant select, insert, update, delete on targeting_rules to deskbell_app;

create policy app_writes_own on idempotency_keys for insert to deskbell_app
    with check (tenant_id = current_tenant_id());
create policy app_renews_own on idempotency_keys for update to deskbell_app
    using (tenant_id = current_tenant_id()) with check (tenant_id = current_tenant_id());
grant insert, update on idempotency_keys to deskbell_app;
