-- What visitors thought of their chats (CHAT-12), the latest word of each. The comment is theirs, so it stands here and
-- in no event.
create table ratings (
    tenant_id uuid not null,
    chat_id uuid not null,
    score smallint not null check (score between 1 and 5),
    comment text,
    rated_at timestamptz not null,
    primary key (tenant_id, chat_id),
    foreign key (tenant_id, chat_id) references chats
);
alter table ratings enable row level security;
alter table ratings force row level security;
create policy app_reads_own on ratings for select to deskbell_app using (tenant_id = current_tenant_id());
create policy journal_writes on ratings to deskbell_journal using (true) with check (true);
grant select on ratings to deskbell_app;
grant select, insert, update on ratings to deskbell_journal;
