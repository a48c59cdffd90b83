-- What waits in the inbox and came from a queue that is no more is for the agents of its office, as what came from none is:
-- its members are gone, and whoever may take it up must find it. And one that was taken up so came through no queue from
-- then on, which an earlier version did not write.

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
    left join queues own on own.tenant_id = c.tenant_id and own.queue_id = c.queue_id
    join queues q on q.tenant_id = c.tenant_id and q.office_id = c.office_id and q.archived_at is null
    join queue_members m on m.tenant_id = q.tenant_id and m.queue_id = q.queue_id
    where c.queue_id is null or (c.state = 'offline_message' and own.archived_at is not null)
    union all
    select c.tenant_id, c.chat_id, a.agent_id
    from chats c
    left join queues own on own.tenant_id = c.tenant_id and own.queue_id = c.queue_id
    join agent_offices a on a.tenant_id = c.tenant_id and a.office_id = c.office_id
    where c.queue_id is null or (c.state = 'offline_message' and own.archived_at is not null);

update chats c
set queue_id = null
from queues q
where q.tenant_id = c.tenant_id and q.queue_id = c.queue_id and q.archived_at is not null and c.state = 'active';
