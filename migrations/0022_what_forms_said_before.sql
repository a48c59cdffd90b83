-- What counts is what a form said where no agent has given it; where one has, the chats still hold the answers of their
-- forms.

-- Forced, the policies would hide the rows from their owner too.
alter table contacts no force row level security;
alter table chats no force row level security;

update contacts k
set form_name = case when k.name_is_kept then (
        select c.contact_name from chats c
        where c.tenant_id = k.tenant_id and c.contact_id = k.contact_id and c.contact_name is not null
        order by c.started_at desc, c.chat_id desc
        limit 1
    ) else k.name end,
    form_email = case when k.email_is_kept then (
        select c.contact_email from chats c
        where c.tenant_id = k.tenant_id and c.contact_id = k.contact_id and c.contact_email is not null
        order by c.started_at desc, c.chat_id desc
        limit 1
    ) else k.email end
where num_nonnulls(k.name, k.email) > 0 or k.name_is_kept or k.email_is_kept;

alter table chats force row level security;
alter table contacts force row level security;
