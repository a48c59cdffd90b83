-- Files that were uploaded (CHAT-5). Their bytes lie elsewhere, under the same two ids; a row is written before them and
-- counts only once they are there, so that nothing lies there which no row knows. No engine decides by them: the app
-- role writes them, the journal only says which message has one.
create table files (
    tenant_id uuid not null references tenants,
    file_id uuid not null,
    -- One of them: who has uploaded it. A visitor has no row before its first chat, and may upload for that.
    agent_id uuid,
    visitor_id uuid,
    name text not null,
    -- By its content.
    media_type text not null,
    bytes bigint not null check (bytes > 0),
    sha256 bytea not null check (octet_length(sha256) = 32),
    -- Of an image that is shown.
    width integer check (width > 0),
    height integer check (height > 0),
    created_at timestamptz not null,
    -- Null until all bytes are there.
    stored_at timestamptz,
    -- When it was given up; its bytes and then its row are removed.
    removing_at timestamptz,
    -- The message that has it.
    chat_id uuid,
    message_seq integer,
    primary key (tenant_id, file_id),
    foreign key (tenant_id, agent_id) references agents,
    foreign key (tenant_id, chat_id) references chats,
    check ((agent_id is null) <> (visitor_id is null)),
    check ((width is null) = (height is null)),
    check ((chat_id is null) = (message_seq is null)),
    check (chat_id is null or stored_at is not null)
);
-- What somebody has uploaded and not sent, and what is too old of it.
create index files_unsent_of_agents on files (tenant_id, agent_id) where chat_id is null and agent_id is not null;
create index files_unsent_of_visitors on files (tenant_id, visitor_id) where chat_id is null and visitor_id is not null;
create index files_unsent on files (created_at) where chat_id is null;
create index files_given_up on files (removing_at) where removing_at is not null;

-- What all files of a tenant come to, kept with each row that comes or goes: a sum over a million rows at every upload
-- would take longer than the upload.
create table file_usage (
    tenant_id uuid not null references tenants,
    bytes bigint not null check (bytes >= 0),
    primary key (tenant_id)
);

do $$
declare
    table_name text;
begin
    foreach table_name in array array['files', 'file_usage'] loop
        execute format('alter table %I enable row level security', table_name);
        execute format('alter table %I force row level security', table_name);
        execute format('create policy app_does_own on %I to deskbell_app
            using (tenant_id = current_tenant_id()) with check (tenant_id = current_tenant_id())', table_name);
        execute format('create policy system_removes on %I to deskbell_system using (true) with check (true)', table_name);
    end loop;
end
$$;
grant select, insert, delete, update (stored_at) on files to deskbell_app;
grant select, insert, update on file_usage to deskbell_app;
grant select, delete, update (removing_at) on files to deskbell_system;
grant select, update on file_usage to deskbell_system;
create policy journal_sends on files for update to deskbell_journal using (true) with check (true);
create policy journal_reads on files for select to deskbell_journal using (true);
grant select, update (chat_id, message_seq, removing_at) on files to deskbell_journal;
