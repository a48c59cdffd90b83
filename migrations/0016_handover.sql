-- In which queue an offer was made: a chat that changes hands may change its queue, and an offer of before does not.

-- Forced, the policies would hide the rows from their owner too.
alter table offers no force row level security;
alter table chats no force row level security;

alter table offers add column queue_id uuid;
update offers o
set queue_id = c.queue_id
from chats c
where c.tenant_id = o.tenant_id and c.chat_id = o.chat_id;

alter table chats force row level security;
alter table offers force row level security;

-- Who has given a chat away, or was only asked, has nothing to do with it any more (CHAT-1): what counts is who takes part,
-- at whom it rings, and in whose queue it is or looks for somebody, as of now. Who took part until the end still does.
create or replace view chat_readers with (security_invoker = true) as
    select c.tenant_id, c.chat_id, m.agent_id
    from chats c
    join queue_members m on m.tenant_id = c.tenant_id and m.queue_id = c.queue_id
    union all
    select c.tenant_id, c.chat_id, m.agent_id
    from chats c
    join queue_members m on m.tenant_id = c.tenant_id
        and m.queue_id = (c.routing #>> '{seek,target,queue}')::uuid
    where c.state = 'active'
    union all
    select p.tenant_id, p.chat_id, p.agent_id from participants p where p.left_at is null
    union all
    select o.tenant_id, o.chat_id, o.agent_id from offers o where o.state = 'ringing'
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
