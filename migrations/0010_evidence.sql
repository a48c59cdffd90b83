-- Who was a member of an office's queues at a past moment: the changes of queues are few among a tenant's events. Which
-- queue one is about stands in its payload, where an index is no help under row-level security.
create index events_of_queues on events (tenant_id, at)
    where kind in ('queue.created', 'queue.changed', 'queue.members_changed', 'queue.archived');
