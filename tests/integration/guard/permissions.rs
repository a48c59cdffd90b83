//! Who may do what, as one reviewed table.

use std::fmt::Write as _;

use deskbell::domain::{Permission, Role, allows};
use serde_json::{Value, json};

use super::anonymous::OPEN;
use super::{NOBODY, Operation, is_golden, operations};
use crate::support::{PLATFORM_KEY, Persona, Tenant, shared};

/// Who calls: the name of the column, and how it gets its credentials.
async fn callers(tenant: &mut Tenant) -> Vec<(&'static str, Persona)> {
    let mut callers = Vec::new();
    for role in Role::ALL {
        let name = role.as_str();
        callers.push((name, tenant.agent_as(&format!("an-{name}"), name).await));
    }
    callers.push(("visitor", tenant.visitor().await.persona));
    let operator = Persona::new(&shared().base, Some(PLATFORM_KEY));
    callers.push(("platform", operator));
    callers
}

/// What a caller meets: `yes` for whatever comes after the check of its rights.
async fn verdict(operation: &Operation, caller: &Persona) -> &'static str {
    let body = (operation.method != reqwest::Method::GET).then(|| "{}".to_owned());
    let path = operation.path_of(NOBODY);
    let answer = caller
        .call(operation.method.clone(), &path, body, &[])
        .await;
    assert!(answer.status.as_u16() < 500, "{path}: {}", answer.body);
    match (answer.status.as_u16(), answer.body["code"].as_str()) {
        (401, _) => "401",
        (403, Some("forbidden")) => "403",
        _ => "yes",
    }
}

fn row(table: &mut String, name: &str, cells: &[&str]) {
    let mut line = format!("{name:<22}");
    for cell in cells {
        write!(line, " {cell:<10}").unwrap();
    }
    writeln!(table, "{}", line.trim_end()).unwrap();
}

fn permissions() -> String {
    let mut table = String::new();
    let roles = Role::ALL.map(Role::as_str);
    row(&mut table, "permission", &roles);
    for permission in Permission::ALL {
        let cells = Role::ALL.map(|role| {
            if allows(role, permission) {
                "yes"
            } else {
                "no"
            }
        });
        row(&mut table, &format!("{permission:?}"), &cells);
    }
    table
}

#[tokio::test]
async fn who_may_do_what_is_as_reviewed() {
    let mut tenant = Tenant::new().await;
    let callers = callers(&mut tenant).await;
    let mut operations = operations();
    operations.retain(|operation| !OPEN.contains(&&*operation.id));
    // Logging out comes last: it ends what the others need.
    operations.sort_by_key(|operation| (operation.id == "log_out", operation.id.clone()));
    let mut table = permissions();
    table.push('\n');
    let names: Vec<&str> = callers.iter().map(|(name, _)| *name).collect();
    row(&mut table, "operation", &names);

    for operation in &operations {
        let mut cells = Vec::new();
        for (_, caller) in &callers {
            cells.push(verdict(operation, caller).await);
        }
        row(&mut table, &operation.id, &cells);
    }

    assert!(
        is_golden("permissions.txt", &table),
        "golden/permissions.txt says otherwise; after a review, UPDATE_GOLDEN=1 rewrites it:\n{table}"
    );
}

#[tokio::test]
async fn a_role_that_may_not_write_is_refused_before_its_body_is_read() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let office = &tenant.office_id;
    let bodies: [(&str, Value); 7] = [
        ("/v1/templates", json!({"name": "S", "text": "Hello"})),
        ("/v1/tags", json!({"name": "S"})),
        ("/v1/offices", json!({"name": "Sales"})),
        ("/v1/queues", json!({"name": "Sales", "office_id": office})),
        ("/v1/widgets", json!({"name": "S", "office_ids": [office]})),
        (
            "/v1/targeting-rules",
            json!({"name": "S", "greeting": "Hello"}),
        ),
        (
            "/v1/agents",
            json!({"name": "Eve", "email": "eve@test.example", "password": "x".repeat(12)}),
        ),
    ];

    for (folder, body) in bodies {
        let before = tenant.owner.get(folder).await.ok();
        for body in [body, json!({"unknown": 1}), json!([])] {
            let answer = agent.post(folder, body).await;
            answer.problem(403, "forbidden");
        }
        assert_eq!(tenant.owner.get(folder).await.ok(), before);
    }
}
