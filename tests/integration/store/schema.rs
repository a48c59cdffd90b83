//! Rules that every table, view and role must keep, read from the catalog so that a new one cannot
//! be forgotten.

use sqlx::postgres::PgConnection;

use super::support::connect;

const ROLES: [&str; 3] = ["deskbell_app", "deskbell_journal", "deskbell_system"];

/// What breaks a rule; a query that names nothing is a pass.
async fn offenders(connection: &mut PgConnection, query: &'static str) -> Vec<String> {
    sqlx::query_scalar(query)
        .bind(&ROLES[..])
        .fetch_all(connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn every_table_of_tenants_forces_row_level_security() {
    let mut owner = connect(None).await;
    let tables = "select c.relname::text from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and $1::text[] is not null";

    let all = offenders(&mut owner, tables).await;
    let open = offenders(
        &mut owner,
        "select c.relname::text from pg_class c
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and $1::text[] is not null
             and not (c.relrowsecurity and c.relforcerowsecurity)",
    )
    .await;

    assert!(all.len() >= 20, "the catalog was not read: {all:?}");
    assert_eq!(open, Vec::<String>::new());
}

#[tokio::test]
async fn every_primary_key_of_tenants_rows_begins_with_the_tenant() {
    let mut owner = connect(None).await;

    let others = offenders(
        &mut owner,
        "select c.relname::text from pg_class c
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
         left join pg_index i on i.indrelid = c.oid and i.indisprimary
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
             and $1::text[] is not null and i.indkey[0] is distinct from a.attnum",
    )
    .await;

    assert_eq!(others, Vec::<String>::new());
}

#[tokio::test]
async fn partitions_are_reached_through_their_parent_only() {
    let mut owner = connect(None).await;

    let reachable = offenders(
        &mut owner,
        "select c.relname || ' by ' || r.name from pg_class c cross join unnest($1::text[]) r (name)
         where c.relispartition and c.relkind = 'r'
             and has_table_privilege(r.name, c.oid, 'select, insert, update, delete, truncate')
         union all
         select c.relname || ' by ' || p.polname from pg_class c join pg_policy p on p.polrelid = c.oid
         where c.relispartition",
    )
    .await;

    assert_eq!(reachable, Vec::<String>::new());
}

#[tokio::test]
async fn the_serving_roles_are_bound_by_the_policies() {
    let mut owner = connect(None).await;

    let there = offenders(
        &mut owner,
        "select rolname::text from pg_roles where rolname = any($1)",
    )
    .await;
    let unbound = offenders(
        &mut owner,
        "select rolname::text from pg_roles
         where rolname = any($1) and (rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication)",
    )
    .await;
    let owning = offenders(
        &mut owner,
        "select r.rolname || ' owns ' || d.classid::regclass || ' ' || d.objid
         from pg_shdepend d join pg_roles r on r.oid = d.refobjid
         where d.refclassid = 'pg_authid'::regclass and d.deptype = 'o' and r.rolname = any($1)",
    )
    .await;
    let members = offenders(
        &mut owner,
        "select m.rolname || ' is a ' || g.rolname from pg_auth_members a
         join pg_roles m on m.oid = a.member join pg_roles g on g.oid = a.roleid
         where m.rolname = any($1)",
    )
    .await;

    assert_eq!(there.len(), ROLES.len());
    assert_eq!([unbound, owning, members].concat(), Vec::<String>::new());
}

#[tokio::test]
async fn no_view_or_function_reads_with_the_rights_of_its_owner() {
    let mut owner = connect(None).await;

    let views = offenders(
        &mut owner,
        "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace and $1::text[] is not null
             and (relkind = 'm'
                 or relkind = 'v' and not coalesce('security_invoker=true' = any(reloptions), false))",
    )
    .await;
    let functions = offenders(
        &mut owner,
        "select proname::text from pg_proc
         where pronamespace = 'public'::regnamespace and prosecdef and $1::text[] is not null",
    )
    .await;

    assert_eq!([views, functions].concat(), Vec::<String>::new());
}
