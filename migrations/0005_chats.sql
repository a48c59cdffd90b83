-- Contacts, chats, who takes part, what was offered, what was said.
create table contacts (
    tenant_id uuid not null references tenants,
    contact_id uuid not null,
    name text,
    email text,
    fields jsonb not null default '{}',
    created_at timestamptz not null,
    primary key (tenant_id, contact_id)
);

-- A browser, as its token names it. Several may turn out to be one contact.
create table visitors (
    tenant_id uuid not null,
    visitor_id uuid not null,
    contact_id uuid not null,
    widget_id uuid not null,
    created_at timestamptz not null,
    primary key (tenant_id, visitor_id),
    foreign key (tenant_id, contact_id) references contacts,
    foreign key (tenant_id, widget_id) references widgets
);

create table chats (
    tenant_id uuid not null,
    chat_id uuid not null,
    visitor_id uuid not null,
    contact_id uuid not null,
    -- The answers of the form that started this chat. A contact's own row has the latest ones.
    contact_name text,
    contact_email text,
    contact_fields jsonb not null,
    widget_id uuid not null,
    office_id uuid not null,
    -- Null for an offline message.
    queue_id uuid,
    state text not null check (state in ('waiting', 'active', 'closed', 'offline_message')),
    started_at timestamptz not null,
    -- Its age in the queue, kept when it is offered again.
    enqueued_at timestamptz not null,
    accepted_at timestamptz,
    closed_at timestamptz,
    close_reason text,
    round integer not null,
    round_starts_at timestamptz,
    last_offer integer not null,
    last_seq integer not null,
    primary key (tenant_id, chat_id),
    foreign key (tenant_id, visitor_id) references visitors,
    foreign key (tenant_id, contact_id) references contacts,
    foreign key (tenant_id, office_id) references offices,
    foreign key (tenant_id, queue_id) references queues,
    check ((state = 'closed') = (closed_at is not null)),
    check ((state = 'closed') = (close_reason is not null)),
    check (state <> 'active' or accepted_at is not null)
);
-- What an engine is restored from, and the place of each waiting chat in its queue.
create index chats_open on chats (tenant_id, queue_id, enqueued_at, chat_id) where state in ('waiting', 'active');
-- Lists, newest first. The filters that may match few of many chats have an index each, or a page would read all.
create index chats_started on chats (tenant_id, started_at desc, chat_id desc);
create index chats_of_queue on chats (tenant_id, queue_id, started_at desc, chat_id desc);
create index chats_of_visitor on chats (tenant_id, visitor_id, started_at desc, chat_id desc);
create index chats_of_contact on chats (tenant_id, contact_id, started_at desc, chat_id desc);
create index chats_offline_messages on chats (tenant_id, started_at desc, chat_id desc)
    where state = 'offline_message';

create table participants (
    tenant_id uuid not null,
    chat_id uuid not null,
    agent_id uuid not null,
    joined_at timestamptz not null,
    primary key (tenant_id, chat_id, agent_id),
    foreign key (tenant_id, chat_id) references chats,
    foreign key (tenant_id, agent_id) references agents
);
create index participants_of_agent on participants (tenant_id, agent_id, chat_id);

create table offers (
    tenant_id uuid not null,
    chat_id uuid not null,
    number integer not null,
    agent_id uuid not null,
    state text not null check (state in ('ringing', 'accepted', 'rejected', 'missed', 'withdrawn')),
    -- Why it was withdrawn.
    withdraw_reason text,
    -- What the agent gave as the reason of a reject.
    reject_reason text,
    made_at timestamptz not null,
    -- Null rings on.
    expires_at timestamptz,
    ended_at timestamptz,
    round integer not null,
    primary key (tenant_id, chat_id, number),
    foreign key (tenant_id, chat_id) references chats,
    foreign key (tenant_id, agent_id) references agents,
    check ((state = 'withdrawn') = (withdraw_reason is not null)),
    check ((state = 'ringing') = (ended_at is null))
);
-- Which chats an agent was offered, and so may read.
create index offers_of_agent on offers (tenant_id, agent_id, chat_id);

create table messages (
    tenant_id uuid not null,
    chat_id uuid not null,
    -- 1, 2, 3... within the chat.
    seq integer not null check (seq >= 1),
    -- Given by its sender.
    message_id text not null,
    author text not null check (author in ('visitor', 'agent', 'system')),
    author_agent_id uuid,
    -- Null once it was deleted.
    text text,
    sent_at timestamptz not null,
    edited_at timestamptz,
    deleted_at timestamptz,
    primary key (tenant_id, chat_id, seq),
    constraint messages_sent_once unique (tenant_id, chat_id, message_id),
    foreign key (tenant_id, chat_id) references chats,
    check ((author = 'agent') = (author_agent_id is not null)),
    check ((text is null) = (deleted_at is not null))
);

do $$
declare
    table_name text;
begin
    foreach table_name in array array['contacts', 'visitors', 'chats', 'participants', 'offers', 'messages'] loop
        execute format('alter table %I enable row level security', table_name);
        execute format('alter table %I force row level security', table_name);
        execute format('create policy app_reads_own on %I for select to deskbell_app using (tenant_id = current_tenant_id())', table_name);
        execute format('create policy journal_writes on %I to deskbell_journal using (true) with check (true)', table_name);
        execute format('grant select on %I to deskbell_app', table_name);
        execute format('grant select, insert, update on %I to deskbell_journal', table_name);
    end loop;
end
$$;
