-- Messages with files (CHAT-5). What a message tells of its file is written with it, as it was then; the file's own row
-- says which message has it, and so who may open it.
alter table messages
    -- The file's card: where it is found, its name, its type, its length.
    add column file jsonb;

-- A message may be a file alone, and one that was deleted has none.
alter table messages
    drop constraint messages_hold_something,
    drop constraint messages_emptied;
alter table messages
    add constraint messages_hold_something check (
        deleted_at is not null or notice is not null or text is not null or file is not null
    ) not valid,
    add constraint messages_emptied check (
        deleted_at is null
        or (text is null and content is null and buttons is null and notice is null and file is null
            and pressed_message_id is null and pressed_button_id is null)
    ) not valid;

-- The file of a message that is deleted.
create index files_of_messages on files (tenant_id, chat_id, message_seq) where chat_id is not null;
