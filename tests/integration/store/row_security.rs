//! What a tenant's transaction must not see or do: belt (row-level security) and braces (every
//! statement names the tenant).

use deskbell::domain::{
    ChatId, ContactId, FileId, IdentitySecretId, PauseId, Role, Sealed, SealedSecret, SessionId,
    StatusId, TagId, TargetingRuleId, TemplateId, Timestamp, Uploader,
};
use deskbell::store::{
    ChatFilter, ChatPage, ContactFilter, NewSession, NewTenant, Refreshed, Remembered, Store,
    TemplateFilter,
};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

use super::support::{Desk, NOW, agent, connect, later, store, tenant, uuid};

struct Filled {
    new: NewTenant,
    desk: Desk,
    chat_id: ChatId,
    session_id: SessionId,
    status_id: StatusId,
    pause_id: PauseId,
    rule_id: TargetingRuleId,
    file_id: FileId,
    template_id: TemplateId,
    tag_id: TagId,
    secret: SealedSecret,
}

/// A tenant with a row in each table that its readers can reach.
async fn filled(store: &Store) -> Filled {
    let new = tenant(store).await;
    let mut desk = Desk::of(new.id).await;
    desk.insert_member(desk.queue_id, new.owner.id).await;
    let (status_id, pause_id) = desk.insert_assignment(new.owner.id).await;
    let chat_id = desk.insert_chat(NOW).await;
    desk.insert_message(chat_id, "m1", None).await;
    desk.insert_offer(chat_id, new.owner.id, "accepted").await;
    desk.accept(chat_id, new.owner.id, NOW).await;
    desk.insert_asides(chat_id, new.owner.id).await;
    desk.change(
        "insert into ratings (tenant_id, chat_id, score, rated_at) values ($1, $2, 5, now())",
        chat_id.0,
    )
    .await;
    desk.insert_answer("agent:1", "key", NOW).await;
    let rule_id = desk.insert_targeting_rule().await;
    let file_id = desk.insert_file(new.owner.id, true).await;
    let (template_id, tag_id) = desk.insert_lists(new.owner.id).await;
    let session_id = SessionId(uuid());
    let session = NewSession {
        id: session_id,
        agent_id: new.owner.id,
        token_hash: [1; 32],
        at: NOW,
        expires_at: later(1000),
    };
    let mut tx = store.tenant(new.id).await.unwrap();
    tx.insert_session(&session).await.unwrap();
    let secret = sealed_secret();
    tx.insert_identity_secret(&secret).await.unwrap();
    tx.commit().await.unwrap();
    Filled {
        new,
        desk,
        chat_id,
        session_id,
        status_id,
        pause_id,
        rule_id,
        file_id,
        template_id,
        tag_id,
        secret,
    }
}

fn sealed_secret() -> SealedSecret {
    let sealed = Sealed {
        kid: "a".to_owned(),
        bytes: vec![1; 75],
    };
    SealedSecret {
        id: IdentitySecretId(uuid()),
        sealed,
        created_at: NOW,
    }
}

#[tokio::test]
async fn no_read_of_one_tenant_finds_anything_of_another() {
    let store = store();
    let a = tenant(&store).await;
    let Filled {
        new: b,
        desk,
        chat_id,
        session_id,
        rule_id,
        ..
    } = filled(&store).await;

    let mut tx = store.tenant(a.id).await.unwrap();

    assert_eq!(tx.find_agent(b.owner.id).await.unwrap(), None);
    assert_eq!(tx.list_agents(None, 100).await.unwrap(), [a.owner]);
    let both_have_this_address = tx.find_credentials(&b.owner.email).await.unwrap().unwrap();
    assert_ne!(both_have_this_address.agent.id, b.owner.id);
    assert_eq!(tx.find_office(desk.office_id).await.unwrap(), None);
    assert_eq!(tx.list_offices(None, 100).await.unwrap(), []);
    assert_eq!(tx.find_queue(desk.queue_id).await.unwrap(), None);
    assert_eq!(tx.list_queues(None, 100).await.unwrap(), []);
    assert_eq!(tx.find_widget(desk.widget_id).await.unwrap(), None);
    assert_eq!(tx.list_widgets(None, 100).await.unwrap(), []);
    assert_eq!(tx.find_chat(chat_id).await.unwrap(), None);
    let page = ChatPage {
        before: None,
        limit: 100,
    };
    let filters = [
        ChatFilter::default(),
        ChatFilter {
            agent_id: Some(b.owner.id),
            ..ChatFilter::default()
        },
        ChatFilter {
            readable_by: Some(b.owner.id),
            ..ChatFilter::default()
        },
        ChatFilter {
            visitor_id: Some(desk.visitor_id),
            ..ChatFilter::default()
        },
    ];
    for filter in filters {
        assert_eq!(
            tx.list_chats(&filter, &page).await.unwrap(),
            [],
            "{filter:?}"
        );
    }
    assert!(!tx.can_read_chat(b.owner.id, chat_id).await.unwrap());
    assert_eq!(
        tx.find_message(chat_id, &"m1".parse().unwrap())
            .await
            .unwrap(),
        None
    );
    let answer = tx
        .find_answer("agent:1", "key", &[1; 32], NOW)
        .await
        .unwrap();
    assert_eq!(answer, Remembered::Unknown);
    let refreshed = tx
        .rotate_refresh_token(session_id, &[1; 32], &[2; 32], later(1), later(1000))
        .await;
    assert_eq!(refreshed.unwrap(), Refreshed::Unknown);
    assert_eq!(tx.revoke_session(session_id, later(1)).await.unwrap(), None);
    assert_eq!(tx.find_targeting_rule(rule_id).await.unwrap(), None);
    assert_eq!(tx.list_targeting_rules(None, 100).await.unwrap(), []);
    assert_eq!(tx.count_targeting_rules().await.unwrap(), 0);
    assert!(!tx.delete_targeting_rule(rule_id, 1).await.unwrap());
}

#[tokio::test]
async fn no_read_of_files_of_one_tenant_finds_anything_of_another() {
    let store = store();
    let a = tenant(&store).await;
    let b = filled(&store).await;

    let mut tx = store.tenant(a.id).await.unwrap();

    assert_eq!(tx.find_file(b.file_id).await.unwrap(), None);
    let uploader = Uploader::Agent(b.new.owner.id);
    assert_eq!(tx.count_unsent_files(uploader).await.unwrap(), 0);
    assert!(tx.complete_file(b.file_id, NOW).await.is_err());
    assert!(!tx.delete_incomplete_file(b.file_id).await.unwrap());
}

#[tokio::test]
async fn no_read_of_presence_of_one_tenant_finds_anything_of_another() {
    let store = store();
    let a = tenant(&store).await;
    let Filled {
        new: b,
        desk,
        status_id,
        pause_id,
        ..
    } = filled(&store).await;

    let mut tx = store.tenant(a.id).await.unwrap();

    let (from, to) = (Timestamp(0), Timestamp::MAX);
    let presence = tx.presence_events(b.owner.id, from, to).await.unwrap();
    assert_eq!(presence, []);
    let reported = tx.presence_events_of_all(from, to).await.unwrap();
    assert!(!reported.contains_key(&b.owner.id));
    let shown = tx.availability_at(desk.office_id, to).await.unwrap();
    assert_eq!(shown, (None, None));
    assert_eq!(tx.find_status(status_id).await.unwrap(), None);
    assert_eq!(tx.list_statuses(None, 100).await.unwrap(), []);
    assert_eq!(tx.find_pause(pause_id).await.unwrap(), None);
    assert_eq!(tx.list_pauses(None, 100).await.unwrap(), []);
}

#[tokio::test]
async fn no_read_or_write_of_lists_of_one_tenant_finds_anything_of_another() {
    let store = store();
    let a = tenant(&store).await;
    let Filled {
        new: b,
        desk,
        chat_id,
        template_id,
        tag_id,
        secret,
        ..
    } = filled(&store).await;
    let contact_id = ContactId::of_visitor(desk.visitor_id);
    let mut theirs = store.tenant(b.id).await.unwrap();
    let template = theirs.find_template(template_id).await.unwrap().unwrap();
    let mark = theirs.find_tag(tag_id).await.unwrap().unwrap();
    let contact = theirs.find_contact(contact_id, None).await.unwrap();
    let there = theirs.find_identity_secret(secret.id).await.unwrap();
    assert_eq!(there.as_ref(), Some(&secret));

    let mut tx = store.tenant(a.id).await.unwrap();

    assert_eq!(tx.find_template(template_id).await.unwrap(), None);
    let all = TemplateFilter::default();
    assert_eq!(tx.list_templates(&all, None, 100).await.unwrap(), []);
    assert_eq!(tx.count_templates().await.unwrap(), 0);
    assert!(!tx.update_template(&template, 1).await.unwrap());
    assert!(!tx.archive_template(template_id, 1, NOW).await.unwrap());
    assert_eq!(tx.find_identity_secret(secret.id).await.unwrap(), None);
    assert_eq!(tx.list_identity_secrets(None, 100).await.unwrap(), []);
    assert!(!tx.delete_identity_secret(secret.id).await.unwrap());
    assert_eq!(tx.find_tag(tag_id).await.unwrap(), None);
    assert_eq!(tx.find_tags(&[tag_id]).await.unwrap(), []);
    let may = tx.find_tags_for(chat_id, &[tag_id]).await.unwrap();
    assert!(may.is_empty());
    assert_eq!(tx.find_rating(chat_id).await.unwrap(), None);
    assert_eq!(tx.chat_bundles(&[chat_id]).await.unwrap(), []);
    assert_eq!(tx.list_tags(None, 100).await.unwrap(), []);
    assert_eq!(tx.count_tags().await.unwrap(), 0);
    assert!(!tx.update_tag(&mark, 1).await.unwrap());
    assert!(!tx.archive_tag(tag_id, 1, NOW).await.unwrap());
    assert_eq!(tx.find_contact(contact_id, None).await.unwrap(), None);
    let all = ContactFilter::default();
    assert_eq!(tx.list_contacts(&all, None, 100).await.unwrap(), []);
    assert_eq!(tx.returning(&[desk.visitor_id]).await.unwrap(), []);
    assert!(!tx.update_contact(&contact.unwrap(), 1).await.unwrap());
    let offices = tx.unknown_offices(&[desk.office_id]).await.unwrap();
    assert_eq!(offices, [desk.office_id]);
    let agents = tx.unknown_agents(&[b.owner.id]).await.unwrap();
    assert_eq!(agents, [b.owner.id]);
}

/// The tables that hold a tenant's rows and that the app role may read.
async fn readable_tables(connection: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar(
        "select c.relname::text from pg_class c
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
             and has_table_privilege('deskbell_app', c.oid, 'select')
         order by 1",
    )
    .fetch_all(connection)
    .await
    .unwrap()
}

#[tokio::test]
async fn row_level_security_alone_hides_every_row_of_another_tenant() {
    let store = store();
    let a = tenant(&store).await;
    let b = filled(&store).await.new;
    let mut app = connect(Some("deskbell_app")).await;
    let mut owner = connect(None).await;
    let tables = readable_tables(&mut owner).await;
    assert!(tables.len() > 15, "{tables:?}");

    for table in tables {
        // As a statement would be that has forgotten the tenant.
        let count = format!("select count(*) from {table} where tenant_id <> '{}'", a.id);
        let there: i64 = sqlx::query_scalar(AssertSqlSafe(format!(
            "select count(*) from {table} where tenant_id = '{}'",
            b.id
        )))
        .fetch_one(&mut owner)
        .await
        .unwrap();
        let mut tx = app.begin().await.unwrap();
        let unset: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table}")))
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        sqlx::query("select set_config('app.tenant_id', $1, true)")
            .bind(a.id.to_string())
            .execute(&mut *tx)
            .await
            .unwrap();
        let seen: i64 = sqlx::query_scalar(AssertSqlSafe(count))
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        tx.rollback().await.unwrap();

        assert!(there > 0, "{table} has no row to hide");
        assert_eq!(unset, 0, "{table} shows rows without a tenant");
        assert_eq!(seen, 0, "{table} shows rows of another tenant");
    }
}

/// The negative control of promise 17: what the test above looks at does show rows when a table has no policy.
#[tokio::test]
async fn rule_17_a_table_without_its_policies_shows_the_rows_of_another_tenant() {
    let store = store();
    let a = tenant(&store).await;
    let b = tenant(&store).await;
    let mut owner = connect(None).await;

    let mut tx = owner.begin().await.unwrap();
    for statement in [
        "alter table agents disable row level security",
        "set local role deskbell_app",
    ] {
        (&mut *tx).execute(statement).await.unwrap();
    }
    sqlx::query("select set_config('app.tenant_id', $1, true)")
        .bind(a.id.to_string())
        .execute(&mut *tx)
        .await
        .unwrap();
    let seen: i64 = sqlx::query_scalar("select count(*) from agents where tenant_id = $1")
        .bind(b.id.0)
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    tx.rollback().await.unwrap();

    assert_eq!(seen, 1);
}

#[tokio::test]
async fn the_tenant_of_a_transaction_does_not_outlive_it() {
    let store = store();
    let a = tenant(&store).await;
    let mut app = connect(Some("deskbell_app")).await;

    let mut tx = app.begin().await.unwrap();
    sqlx::query("select set_config('app.tenant_id', $1, true)")
        .bind(a.id.to_string())
        .execute(&mut *tx)
        .await
        .unwrap();
    let inside: i64 = sqlx::query_scalar("select count(*) from agents")
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let after: i64 = sqlx::query_scalar("select count(*) from agents")
        .fetch_one(&mut app)
        .await
        .unwrap();

    assert_eq!((inside, after), (1, 0));
}

/// The SQL state of a refusal for want of a privilege, or by a policy.
const REFUSED: &str = "42501";

/// Checks that the app role, bound to a tenant, is refused a statement.
async fn refuses(tenant: &NewTenant, name: &str, statement: String) {
    let mut app = connect(Some("deskbell_app")).await;
    let mut tx = app.begin().await.unwrap();
    sqlx::query("select set_config('app.tenant_id', $1, true)")
        .bind(tenant.id.to_string())
        .execute(&mut *tx)
        .await
        .unwrap();
    let refused = (&mut *tx)
        .execute(AssertSqlSafe(statement))
        .await
        .unwrap_err();
    tx.rollback().await.unwrap();

    let code = refused
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    assert_eq!(code.as_deref(), Some(REFUSED), "{name}: {refused}");
}

#[tokio::test]
async fn the_app_role_writes_nothing_that_an_engine_decides() {
    let store = store();
    let a = tenant(&store).await;
    let bo = agent("Bo", Role::Agent);
    let rows = [
        (
            "an agent of its own tenant",
            format!(
                "insert into agents (tenant_id, agent_id, name, email, email_folded, role, capacity, created_at,
                     facts, standing, idle_since)
                 values ('{}', '{}', 'Bo', 'bo@x.example', 'bo@x.example', 'owner', 4, now(), '{{}}', '{{}}', now())",
                a.id, bo.id
            ),
        ),
        ("a role", format!("update agents set role = 'owner' where tenant_id = '{}'", a.id)),
        (
            "a password",
            format!("update agent_credentials set password_hash = '' where tenant_id = '{}'", a.id),
        ),
        ("a setting", format!("update tenants set seats = 99 where tenant_id = '{}'", a.id)),
        (
            "an event",
            format!(
                "insert into events (tenant_id, event_seq, at, kind, version, actor, payload)
                 values ('{}', 3, now(), 'chat.closed', 1, 'system', '{{}}')",
                a.id
            ),
        ),
        (
            "who a contact is",
            format!("update contacts set contact_id = tenant_id where tenant_id = '{}'", a.id),
        ),
        (
            "what a form said",
            format!("update contacts set fields = '{{}}' where tenant_id = '{}'", a.id),
        ),
        ("what the audit says", "update audit_entries set kind = ''".to_owned()),
        ("an entry of the audit", "delete from audit_entries".to_owned()),
        ("a log-in's end", "delete from sessions".to_owned()),
        ("an answer's end", "delete from idempotency_keys".to_owned()),
    ];

    for (name, statement) in rows {
        refuses(&a, name, statement).await;
    }
}

#[tokio::test]
async fn the_app_role_writes_nothing_of_another_tenant() {
    let store = store();
    let a = tenant(&store).await;
    let b = tenant(&store).await;
    let rows = [
        (
            "a session of another tenant",
            format!(
                "insert into sessions (tenant_id, session_id, agent_id, created_at, expires_at)
                 values ('{}', '{}', '{}', now(), now())",
                b.id,
                uuid(),
                b.owner.id
            ),
        ),
        (
            "a rule of another tenant",
            format!(
                "insert into targeting_rules (tenant_id, rule_id, name, enabled, sort_order, countries, languages,
                     greeting, version, created_at)
                 values ('{}', '{}', 'R', true, 0, '{{}}', '{{}}', 'Hi', 1, now())",
                b.id,
                uuid()
            ),
        ),
        (
            "a contact of another tenant",
            format!(
                "insert into contacts (tenant_id, contact_id, name, name_is_kept, created_at, version)
                 values ('{}', '{}', 'V', true, now(), 1)",
                b.id,
                uuid()
            ),
        ),
        (
            "an answer of another tenant",
            format!(
                "insert into idempotency_keys (tenant_id, principal, key, body_hash, answer, created_at)
                 values ('{}', 'agent:1', 'k', '', '{{}}', now())",
                b.id
            ),
        ),
    ];

    for (name, statement) in rows {
        refuses(&a, name, statement).await;
    }
}
