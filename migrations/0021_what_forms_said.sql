-- What forms said of a contact's name and address, beside what agents have given (CHAT-6): an agent's answer covers the
-- form's, and taking it back shows that again. Custom fields had both already.
alter table contacts
    -- The answer of the last form that had one; name and email are what counts of the two.
    add column form_name text,
    add column form_email text;
