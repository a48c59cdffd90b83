-- Templates, tags, what agents keep of a contact, and who changed them (CHAT-6, CHAT-7). No engine decides by them, so the
-- app role writes them itself, one tenant at a time.
create table templates (
    tenant_id uuid not null references tenants,
    template_id uuid not null,
    name text not null,
    shortcut text,
    -- As two shortcuts are compared, and as names and shortcuts are searched; made by the server.
    shortcut_folded text,
    name_folded text not null,
    text text not null,
    -- Empty is every office.
    office_ids uuid[] not null,
    sort_order integer not null,
    created_at timestamptz not null,
    archived_at timestamptz,
    version bigint not null check (version > 0),
    primary key (tenant_id, template_id),
    check ((shortcut is null) = (shortcut_folded is null))
);
create unique index templates_shortcut_key on templates (tenant_id, shortcut_folded) where archived_at is null;

create table tags (
    tenant_id uuid not null references tenants,
    tag_id uuid not null,
    name text not null,
    name_folded text not null,
    color text not null,
    created_at timestamptz not null,
    archived_at timestamptz,
    version bigint not null check (version > 0),
    primary key (tenant_id, tag_id)
);
create unique index tags_name_key on tags (tenant_id, name_folded) where archived_at is null;

alter table contacts
    -- Set by an agent; the forms of later chats leave it as it is.
    add column name_is_kept boolean not null default false,
    add column email_is_kept boolean not null default false,
    -- What agents have added to the answers of the last form; where both say something, this counts.
    add column kept_fields jsonb not null default '{}',
    add column note text,
    add column language text,
    -- Who its chats are for, before anybody else.
    add column assigned_agent_ids uuid[] not null default '{}',
    add column version bigint not null default 1 check (version > 0),
    -- What a search compares with. Columns, since under row-level security no index on an expression is used; in the order
    -- of their bytes, so that a beginning is a range.
    add column name_folded text collate "C" generated always as (lower(name)) stored,
    add column email_folded text collate "C" generated always as (lower(email)) stored;
create index contacts_name on contacts (tenant_id, name_folded, contact_id);
create index contacts_email on contacts (tenant_id, email_folded, contact_id);

create policy app_changes_own on contacts for update to deskbell_app
    using (tenant_id = current_tenant_id()) with check (tenant_id = current_tenant_id());
-- Who it is and what it has said stay as they were written.
grant update (name, email, name_is_kept, email_is_kept, kept_fields, note, language, assigned_agent_ids, version)
    on contacts to deskbell_app;

-- Who changed what, of that which no engine has events for. Holds the names of fields, never what stood in them. Nobody
-- may change or remove it.
create table audit_entries (
    tenant_id uuid not null references tenants,
    entry_id uuid not null,
    at timestamptz not null,
    agent_id uuid not null,
    -- template.created, tag.archived, contact.changed...
    kind text not null,
    subject_id uuid not null,
    fields text[] not null,
    primary key (tenant_id, entry_id),
    foreign key (tenant_id, agent_id) references agents
);

do $$
declare
    table_name text;
begin
    foreach table_name in array array['templates', 'tags', 'audit_entries'] loop
        execute format('alter table %I enable row level security', table_name);
        execute format('alter table %I force row level security', table_name);
    end loop;
    foreach table_name in array array['templates', 'tags'] loop
        execute format('create policy app_does_own on %I to deskbell_app using (tenant_id = current_tenant_id())'
            ' with check (tenant_id = current_tenant_id())', table_name);
        execute format('grant select, insert, update on %I to deskbell_app', table_name);
    end loop;
end
$$;
create policy app_reads_own on audit_entries for select to deskbell_app using (tenant_id = current_tenant_id());
create policy app_adds_own on audit_entries for insert to deskbell_app with check (tenant_id = current_tenant_id());
grant select, insert on audit_entries to deskbell_app;

-- Which agents may read a chat by what they have to do with it: the members of its queue, who takes or took part, whom it
-- was offered; and, of an offline message, which has no queue, the agents of its office. The one place that says so.
create view chat_readers with (security_invoker = true) as
    select c.tenant_id, c.chat_id, m.agent_id
    from chats c
    join queue_members m on m.tenant_id = c.tenant_id and m.queue_id = c.queue_id
    union all
    select p.tenant_id, p.chat_id, p.agent_id from participants p
    union all
    select o.tenant_id, o.chat_id, o.agent_id from offers o
    union all
    select c.tenant_id, c.chat_id, m.agent_id
    from chats c
    join queues q on q.tenant_id = c.tenant_id and q.office_id = c.office_id and q.archived_at is null
    join queue_members m on m.tenant_id = q.tenant_id and m.queue_id = q.queue_id
    where c.queue_id is null
    union all
    select c.tenant_id, c.chat_id, a.agent_id
    from chats c
    join agent_offices a on a.tenant_id = c.tenant_id and a.office_id = c.office_id
    where c.queue_id is null;
grant select on chat_readers to deskbell_app;
