-- Who was a member of an office's queues at a past moment. Such events are few, and asked for by queue.
create index events_of_queues on events (tenant_id, (payload ->> 'queue_id'), at desc, event_seq desc)
    where kind in ('queue.created', 'queue.changed', 'queue.members_changed', 'queue.archived');
