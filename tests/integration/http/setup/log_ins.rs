//! Logging in to queues and out of them, by oneself and by supervisors, over HTTP and on the socket.

use serde_json::json;

use super::{agent, create, text};
use crate::support::Tenant;

#[tokio::test]
async fn an_agent_logs_out_and_in_again_and_everybody_concerned_sees_it() {
    let mut tenant = Tenant::new().await;
    let (ana, mut socket) = tenant.online_agent("ana").await;
    let me = ana.get("/v1/me").await.ok();
    let path = format!("/v1/me/queues/{}", tenant.queue_id);

    let out = ana.post(&format!("{path}/logout"), json!({})).await.ok();

    let expected = json!({"agent_id": me["id"], "queue_id": tenant.queue_id, "logged_in": false});
    assert_eq!(out, expected);
    let seen = socket.expect("queue.login_changed").await;
    assert_eq!(
        (&seen["queue_id"], &seen["logged_in"]),
        (&json!(tenant.queue_id), &json!(false))
    );
    assert_eq!(seen["by"]["agent_id"], me["id"]);
    let rows = ana.get("/v1/presence").await.ok();
    let rows = rows["data"].as_array().unwrap();
    let row = rows
        .iter()
        .find(|row| row["agent"]["id"] == me["id"])
        .unwrap();
    assert_eq!(row["logged_out_queue_ids"], json!([tenant.queue_id]));

    let login = json!({"type": "queue.login", "queue_id": tenant.queue_id});
    let ok = socket.ok(login).await;
    assert_eq!(ok["queue"]["logged_in"], true);
    assert_eq!(
        socket.expect("queue.login_changed").await["logged_in"],
        true
    );
}

#[tokio::test]
async fn pres_05_supervisors_log_out_the_agents_of_their_offices_and_agents_nobody() {
    let mut tenant = Tenant::new().await;
    let ana = tenant.agent("ana").await;
    let me = ana.get("/v1/me").await.ok();
    let supervisor = tenant.agent_as("sue", "supervisor").await;
    let path = format!("/v1/agents/{}/queues/{}", text(&me["id"]), tenant.queue_id);

    let out = supervisor.post(&format!("{path}/logout"), json!({})).await;
    assert_eq!(out.ok()["logged_in"], false);
    let other = ana.post(&format!("{path}/login"), json!({})).await;
    other.problem(403, "forbidden");
    let back = tenant.owner.post(&format!("{path}/login"), json!({})).await;
    assert_eq!(back.ok()["logged_in"], true);
}

#[tokio::test]
async fn only_members_log_in_and_the_rest_is_unknown() {
    let tenant = Tenant::new().await;
    let body = json!({"name": "Other", "office_id": tenant.office_id});
    let queue = create(&tenant.owner, "/v1/queues", body).await;
    let stranger = create(&tenant.owner, "/v1/agents", agent("eve")).await;
    let path = format!("/v1/agents/{}/queues", text(&stranger["id"]));

    for verb in ["login", "logout"] {
        let at = format!("{path}/{}/{verb}", text(&queue["id"]));
        let refused = tenant.owner.post(&at, json!({})).await;
        refused.problem(409, "not_a_member");
        let at = format!("{path}/{}/{verb}", super::NOBODY);
        let unknown = tenant.owner.post(&at, json!({})).await;
        unknown.problem(404, "not_found");
    }
}
