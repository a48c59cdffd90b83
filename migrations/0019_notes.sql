-- What agents tell each other in a chat, and how far everybody has read it (CHAT-3, CHAT-5, CHAT-9). Both have tables of their
-- own: nothing that reads messages for a visitor can come across a note, and a mark that rises writes one small row.
create table notes (
    tenant_id uuid not null,
    chat_id uuid not null,
    -- 1, 2, 3... within the chat, apart from its messages.
    number integer not null check (number >= 1),
    -- Given by its author.
    note_id text not null,
    agent_id uuid not null,
    text text not null,
    -- The tree of the text; null for a text without marks.
    content jsonb,
    sent_at timestamptz not null,
    primary key (tenant_id, chat_id, number),
    constraint notes_written_once unique (tenant_id, chat_id, note_id),
    foreign key (tenant_id, chat_id) references chats,
    foreign key (tenant_id, agent_id) references agents
);

create table read_marks (
    tenant_id uuid not null,
    chat_id uuid not null,
    -- Null for the chat's visitor.
    agent_id uuid,
    -- The agent, or the visitor: a key has no null.
    reader_id uuid not null,
    read_seq integer not null check (read_seq >= 0),
    -- What was read was delivered before.
    delivered_seq integer not null check (delivered_seq >= read_seq),
    primary key (tenant_id, chat_id, reader_id),
    foreign key (tenant_id, chat_id) references chats,
    foreign key (tenant_id, agent_id) references agents,
    check (agent_id is null or agent_id = reader_id)
);

do $$
declare
    table_name text;
begin
    foreach table_name in array array['notes', 'read_marks'] loop
        execute format('alter table %I enable row level security', table_name);
        execute format('alter table %I force row level security', table_name);
        execute format('create policy app_reads_own on %I for select to deskbell_app using (tenant_id = current_tenant_id())', table_name);
        execute format('create policy journal_writes on %I to deskbell_journal using (true) with check (true)', table_name);
        execute format('grant select on %I to deskbell_app', table_name);
    end loop;
end
$$;
-- A note stays as it was written.
grant select, insert on notes to deskbell_journal;
grant select, insert, update on read_marks to deskbell_journal;
