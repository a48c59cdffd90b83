-- A ban's reason and end can be changed (CHAT-13), so it has a version as all that people edit.
alter table bans add column version bigint not null default 1 check (version > 0);
