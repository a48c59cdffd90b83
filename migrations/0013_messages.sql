-- What a message holds beside its text: what its marks make of it, buttons, the press of one, a typed notice of the service.
alter table messages
    -- The tree of the text; null for a text without marks, whose tree would be the text again.
    add column content jsonb,
    -- Null for a message without buttons.
    add column buttons jsonb,
    -- Which button of which message this is the press of.
    add column pressed_message_id text,
    add column pressed_button_id text,
    -- What the service says; its sentence is made of the reason.
    add column notice jsonb,
    drop constraint messages_check1;

-- A message that was deleted holds nothing any more.
alter table messages
    add constraint messages_emptied check (
        deleted_at is null
        or (text is null and content is null and buttons is null and notice is null
            and pressed_message_id is null and pressed_button_id is null)
    ) not valid,
    add constraint messages_hold_something check (deleted_at is not null or notice is not null or text is not null) not valid,
    add constraint messages_by_the_service check ((author = 'system') = (notice is not null) or deleted_at is not null) not valid,
    add constraint messages_pressed check ((pressed_message_id is null) = (pressed_button_id is null)) not valid;
