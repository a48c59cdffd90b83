//! What the rows of the journal refer to is there. No foreign key says so (decision 33); this asks for what refers to
//! nothing.

use deskbell::domain::TenantId;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};

use super::support::{connect, store, tenant, uuid};

/// A table, its column, and the table whose key it holds.
const REFERENCES: [(&str, &str, &str, &str); 20] = [
    ("contacts", "tenant_id", "tenants", "tenant_id"),
    ("visitors", "contact_id", "contacts", "contact_id"),
    ("visitors", "widget_id", "widgets", "widget_id"),
    ("chats", "visitor_id", "visitors", "visitor_id"),
    ("chats", "contact_id", "contacts", "contact_id"),
    ("chats", "widget_id", "widgets", "widget_id"),
    ("chats", "office_id", "offices", "office_id"),
    ("chats", "queue_id", "queues", "queue_id"),
    ("participants", "chat_id", "chats", "chat_id"),
    ("participants", "agent_id", "agents", "agent_id"),
    ("offers", "chat_id", "chats", "chat_id"),
    ("offers", "agent_id", "agents", "agent_id"),
    ("offers", "queue_id", "queues", "queue_id"),
    ("messages", "chat_id", "chats", "chat_id"),
    ("messages", "author_agent_id", "agents", "agent_id"),
    ("notes", "chat_id", "chats", "chat_id"),
    ("notes", "agent_id", "agents", "agent_id"),
    ("read_marks", "chat_id", "chats", "chat_id"),
    ("read_marks", "agent_id", "agents", "agent_id"),
    ("ratings", "chat_id", "chats", "chat_id"),
];

/// What refers to nothing, in the rows of one tenant or of all.
pub(super) async fn dangling(
    connection: &mut PgConnection,
    tenant_id: Option<TenantId>,
) -> Vec<String> {
    let mut found = Vec::new();
    for (table, column, to, key) in REFERENCES {
        let query = format!(
            "select distinct '{table}.{column} ' || r.{column} from {table} r
             where ($1::uuid is null or r.tenant_id = $1) and r.{column} is not null and not exists
                 (select from {to} t where t.tenant_id = r.tenant_id and t.{key} = r.{column})"
        );
        let of_these: Vec<String> = sqlx::query_scalar(AssertSqlSafe(query))
            .bind(tenant_id.map(|id| id.0))
            .fetch_all(&mut *connection)
            .await
            .unwrap();
        found.extend(of_these);
    }
    found
}

/// Tests run side by side, so this sees what some of them have left; the random plans ask for their own tenants.
#[tokio::test]
async fn whatever_was_written_refers_to_what_is_there() {
    let mut owner = connect(None).await;

    assert_eq!(dangling(&mut owner, None).await, Vec::<String>::new());
}

/// The negative control: a row that refers to nothing is found, in both of its columns.
#[tokio::test]
async fn what_refers_to_nothing_is_found() {
    let tenant = tenant(&store()).await;
    let (chat_id, agent_id) = (uuid(), uuid());
    let mut owner = connect(None).await;
    let mut tx = owner.begin().await.unwrap();
    sqlx::query(
        "insert into participants (tenant_id, chat_id, agent_id, role, joined_at)
         values ($1, $2, $3, 'agent', now())",
    )
    .bind(tenant.id.0)
    .bind(chat_id)
    .bind(agent_id)
    .execute(&mut *tx)
    .await
    .unwrap();

    let found = dangling(&mut tx, Some(tenant.id)).await;
    tx.rollback().await.unwrap();

    let wanted = [
        format!("participants.chat_id {chat_id}"),
        format!("participants.agent_id {agent_id}"),
    ];
    assert_eq!(found, wanted);
}
