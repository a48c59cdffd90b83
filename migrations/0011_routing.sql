-- What queues, agents, widgets, chats and offers need for every rule of routing. What the engine alone reads of them is one
-- column each, because it is read and written as a whole; what lists search for has columns of its own.
-- Backfill and contraction stand in the same file: no release has run with the columns that go.

-- Forced, the policies would hide the rows from their owner too.
alter table queues no force row level security;
alter table chats no force row level security;
alter table offers no force row level security;

alter table queues
    -- How it behaves.
    add column settings jsonb check (jsonb_typeof(settings) = 'object'),
    -- What it remembers from one decision to the next.
    add column memory jsonb not null default '{}' check (jsonb_typeof(memory) = 'object');
update queues
set settings = jsonb_build_object('strategy', strategy, 'ring_timeout', ring_timeout_ms, 'round_pause', round_pause_ms,
    'max_waiting', max_waiting);
alter table queues
    alter column settings set not null,
    drop column strategy,
    drop column ring_timeout_ms,
    drop column round_pause_ms,
    drop column max_waiting;

alter table tenants
    -- What it decides for all its chats.
    add column chats jsonb not null default '{}' check (jsonb_typeof(chats) = 'object');
grant update (chats) on tenants to deskbell_journal;

alter table agents
    add column skills jsonb not null default '{}' check (jsonb_typeof(skills) = 'object'),
    -- Null is twice the capacity.
    add column capacity_max integer check (capacity_max between 1 and 100),
    add column auto_accept boolean not null default false,
    -- What its work is bounded by besides its profile and its presence.
    add column work jsonb not null default '{}' check (jsonb_typeof(work) = 'object');

alter table widgets
    -- The agent that its chats are kept for.
    add column agent_id uuid,
    add foreign key (tenant_id, agent_id) references agents;

alter table chats
    drop constraint chats_state_check,
    add constraint chats_state_check check (state in ('waiting', 'active', 'wrap_up', 'closed', 'offline_message')),
    drop constraint chats_check,
    drop constraint chats_check1,
    add constraint chats_over check ((state in ('wrap_up', 'closed')) = (closed_at is not null)),
    add constraint chats_reason check ((state in ('wrap_up', 'closed')) = (close_reason is not null)),
    add column important boolean not null default false,
    add column tag_ids uuid[] not null default '{}',
    add column disposition_ids uuid[] not null default '{}',
    add column custom_fields jsonb not null default '{}' check (jsonb_typeof(custom_fields) = 'object'),
    -- What its way to an agent depends on.
    add column routing jsonb not null default '{}' check (jsonb_typeof(routing) = 'object'),
    -- What its clocks run by.
    add column course jsonb not null default '{}' check (jsonb_typeof(course) = 'object');
-- A chat that waits looks for an agent in its queue.
update chats
set routing = jsonb_build_object('entry', jsonb_build_object('by', 'widget', 'rule_id', null),
    'seek', jsonb_build_object('purpose', 'answer', 'target', jsonb_build_object('queue', queue_id), 'by', null,
        'note', null, 'since', floor(extract(epoch from enqueued_at) * 1000)::bigint))
where state = 'waiting';
drop index chats_open;
create index chats_open on chats (tenant_id, queue_id, enqueued_at, chat_id) where state in ('waiting', 'active', 'wrap_up');

alter table participants
    add column role text not null default 'agent' check (role in ('agent', 'assistant', 'listener')),
    -- Null while it takes part; in a chat that is over, of those who took part to the end.
    add column left_at timestamptz;

alter table offers
    add column purpose text not null default 'answer' check (purpose in ('answer', 'transfer', 'invite', 'assist')),
    -- The agent that asked for it, and what that agent said about it.
    add column by_agent_id uuid,
    add column note text;

alter table queues force row level security;
alter table chats force row level security;
alter table offers force row level security;
