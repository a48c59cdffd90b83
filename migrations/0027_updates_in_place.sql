-- What changes all the time is changed in place. Postgres can put the new version of a row on the page of the old one and
-- leave the indexes alone, if no indexed column has changed and the page has room. A chat's state, its queue's order and
-- its round were in an index of their own, and every change of a chat cost all seven of them.
-- Expansion and contraction stand in the same file: no release has run with the indexes that go.

-- Forced, the policies would hide the rows from their owner too.
alter table chats no force row level security;
alter table chats
    -- Changes once, when the chat is over.
    add column is_open boolean not null generated always as (state in ('waiting', 'active', 'wrap_up')) stored,
    -- Changes once, when somebody takes it up.
    add column is_in_inbox boolean not null generated always as (state = 'offline_message') stored;
alter table chats force row level security;

drop index chats_open;
drop index chats_offline_messages;
-- What an engine is restored from.
create index chats_open on chats (tenant_id, chat_id) where is_open;
create index chats_in_inbox on chats (tenant_id, started_at desc, chat_id desc) where is_in_inbox;

-- A chat is written some five times in its life, an offer twice, an agent with everything that it does.
alter table chats set (fillfactor = 50);
alter table offers set (fillfactor = 70);
alter table agents set (fillfactor = 30);
