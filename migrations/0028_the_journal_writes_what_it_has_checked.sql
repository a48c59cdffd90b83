-- What the journal writes refers to rows that it writes in the same transaction (a visitor, its contact, its chat), or to
-- what the engine holds and nobody deletes (an agent, a queue, an office, a widget). Postgres looked each of these up once
-- more, twelve times for a chat's start and accept: a third of all that it did for them. See decision 33; a test asks for
-- what refers to nothing instead.
alter table contacts drop constraint contacts_tenant_id_fkey;
alter table visitors
    drop constraint visitors_tenant_id_contact_id_fkey,
    drop constraint visitors_tenant_id_widget_id_fkey;
alter table chats
    drop constraint chats_tenant_id_visitor_id_fkey,
    drop constraint chats_tenant_id_contact_id_fkey,
    drop constraint chats_tenant_id_office_id_fkey,
    drop constraint chats_tenant_id_queue_id_fkey;
alter table participants
    drop constraint participants_tenant_id_chat_id_fkey,
    drop constraint participants_tenant_id_agent_id_fkey;
alter table offers
    drop constraint offers_tenant_id_chat_id_fkey,
    drop constraint offers_tenant_id_agent_id_fkey;
alter table messages drop constraint messages_tenant_id_chat_id_fkey;
alter table notes
    drop constraint notes_tenant_id_chat_id_fkey,
    drop constraint notes_tenant_id_agent_id_fkey;
alter table read_marks
    drop constraint read_marks_tenant_id_chat_id_fkey,
    drop constraint read_marks_tenant_id_agent_id_fkey;
alter table ratings drop constraint ratings_tenant_id_chat_id_fkey;

-- Most visitors say neither, and a search looks for what is there.
drop index contacts_name;
drop index contacts_email;
create index contacts_name on contacts (tenant_id, name_folded) where name_folded is not null;
create index contacts_email on contacts (tenant_id, email_folded) where email_folded is not null;
