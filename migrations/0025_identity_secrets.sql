-- What a tenant's own site signs with who a visitor is. The server checks such signatures, so it must read a secret again:
-- it is stored sealed under a key that is not in the database. No engine decides by them, so the app role writes them
-- itself. A row that is not wanted any more is deleted, so that nothing is left of the secret.
create table identity_secrets (
    tenant_id uuid not null references tenants,
    identity_secret_id uuid not null,
    -- The server's key that it is sealed with.
    kid text not null,
    -- A nonce, the ciphertext and its tag, bound to tenant_id and identity_secret_id.
    sealed bytea not null check (octet_length(sealed) between 29 and 1000),
    created_at timestamptz not null,
    primary key (tenant_id, identity_secret_id)
);
alter table identity_secrets enable row level security;
alter table identity_secrets force row level security;
create policy app_does_own on identity_secrets to deskbell_app
    using (tenant_id = current_tenant_id()) with check (tenant_id = current_tenant_id());
grant select, insert, delete on identity_secrets to deskbell_app;

-- The contact of a visitor with an identity has the visitor's id, which is a hash: ids of contacts do not tell any more which
-- is the newer one, so lists of them go by the time.
create index contacts_newest on contacts (tenant_id, created_at, contact_id);
