-- Contacts that agents make, and contacts that are deleted (CHAT-6). The row of a deleted one stays, since its chats, its
-- visitor and a ban refer to it, but holds nothing of the person any more.
alter table contacts
    -- The agent that made it, who knows of it before it has a chat; null was a form.
    add column created_by uuid,
    -- Null again when its visitor comes back.
    add column deleted_at timestamptz,
    add constraint contacts_created_by foreign key (tenant_id, created_by) references agents not valid;
-- As they are counted.
create index contacts_made on contacts (tenant_id) where created_by is not null and deleted_at is null;

-- The app role deletes and may not write what forms said, so the row empties itself; and stays empty.
create function empty_contact() returns trigger language plpgsql as $$
begin
    new.name := null;
    new.name_is_kept := false;
    new.form_name := null;
    new.email := null;
    new.email_is_kept := false;
    new.form_email := null;
    new.fields := '{}';
    new.kept_fields := '{}';
    new.note := null;
    new.language := null;
    new.assigned_agent_ids := '{}';
    return new;
end
$$;
create trigger contacts_emptied before update on contacts
    for each row when (new.deleted_at is not null) execute function empty_contact();

create policy app_adds_own on contacts for insert to deskbell_app with check (tenant_id = current_tenant_id());
grant insert (tenant_id, contact_id, name, name_is_kept, email, email_is_kept, kept_fields, note, language,
    assigned_agent_ids, created_by, created_at, version) on contacts to deskbell_app;
grant update (deleted_at) on contacts to deskbell_app;
