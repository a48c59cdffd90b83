//! Presence that another system holds by pings (PRES-14).

use serde_json::{Value, json};

use super::{NONE, be, effective, heard_of, id_of, is, presence_of, stopped, tenant_on, text};
use crate::support::{Persona, Socket, Tenant};

async fn ping(tenant: &Tenant, agent_id: &str, body: Value) -> Value {
    let path = format!("/v1/agents/{agent_id}/presence/ping");
    tenant.owner.post(&path, body).await.ok()
}

/// The agent's line of the list.
async fn row(tenant: &Tenant, agent_id: &str) -> Value {
    let rows = tenant.owner.get("/v1/presence").await.ok();
    let rows = rows["data"].as_array().unwrap();
    rows.iter()
        .find(|row| row["agent"]["id"] == agent_id)
        .unwrap()
        .clone()
}

#[tokio::test]
async fn pres_14_pings_by_id_and_by_address_hold_an_agent_until_they_stop() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let agent = tenant.agent("ana").await;
    let id = id_of(&agent).await;

    let first = ping(&tenant, &id, json!({})).await;
    assert_eq!(effective(&first), is("online", "leased"));
    assert_eq!(
        (&first["leased"], tenant.mode().await.as_str()),
        (&json!(true), "live")
    );
    let until = row(&tenant, &id).await["lease_until"].clone();
    stopped.pass(140);
    let body = json!({"email": "ANA@test.example"});
    let second = tenant.owner.post("/v1/presence/ping", body).await.ok();
    assert_eq!(
        second, first,
        "a ping that only holds changes nothing that is shown"
    );
    assert_ne!(row(&tenant, &id).await["lease_until"], until);
    stopped.pass(140);
    assert_eq!(
        effective(&presence_of(&agent).await),
        is("online", "leased")
    );
    stopped.pass(11);

    assert_eq!(
        effective(&presence_of(&agent).await),
        is("offline", "lease_expired")
    );
    assert_eq!(tenant.mode().await, "messenger");
    assert_eq!(row(&tenant, &id).await["lease_until"], Value::Null);
}

#[tokio::test]
async fn pres_14_a_status_that_is_set_between_pings_stands() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let agent = tenant.agent("ana").await;
    let id = id_of(&agent).await;
    ping(&tenant, &id, json!({})).await;

    be(&agent, "away").await;
    let renewed = ping(&tenant, &id, json!({})).await;

    assert_eq!(effective(&renewed), is("away", "chosen"));
}

#[tokio::test]
async fn pres_14_a_connection_holds_an_agent_whose_lease_ends() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let agent = tenant.agent("ana").await;
    let mut tab = Socket::agent(&agent).await;
    ping(&tenant, &id_of(&agent).await, json!({})).await;
    heard_of(&mut tab, "presence.changed").await;

    stopped.pass(151);

    let told = heard_of(&mut tab, "presence.changed").await;
    assert_eq!(told.len(), 1, "it is not leased any more");
    assert_eq!(effective(&told[0]["presence"]), is("online", "leased"));
    assert_eq!(told[0]["presence"]["leased"], false);
    assert_eq!(tenant.mode().await, "live");
}

async fn start(tenant: &Tenant) -> String {
    let visitor = tenant.visitor().await.persona;
    text(&visitor.post("/v1/visitor/chats", json!({})).await.ok()["id"])
}

async fn state_of(tenant: &Tenant, chat_id: &str) -> String {
    let path = format!("/v1/chats/{chat_id}");
    text(&tenant.owner.get(&path).await.ok()["state"])
}

#[tokio::test]
async fn pres_14_a_lease_takes_offers_only_if_it_says_so() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let id = id_of(&agent).await;
    ping(&tenant, &id, json!({})).await;
    let chat = start(&tenant).await;
    assert_eq!(state_of(&tenant, &chat).await, "waiting");

    ping(&tenant, &id, json!({"takes_offers": true})).await;

    assert_eq!(state_of(&tenant, &chat).await, "offered");
    // The next ping may take that back for those that follow.
    ping(&tenant, &id, json!({"takes_offers": false})).await;
    let next = start(&tenant).await;
    assert_eq!(state_of(&tenant, &next).await, "waiting");
}

#[tokio::test]
async fn pres_14_a_ping_is_for_agents_of_ones_own_tenant_and_offices() {
    let mut tenant = Tenant::new().await;
    let chief = tenant.agent_as("chief", "supervisor").await;
    let ana = tenant.agent("ana").await;
    let elsewhere = tenant.outsider_as("dee", "agent").await;
    let mut neighbour = Tenant::new().await;
    let theirs = id_of(&neighbour.agent("eve").await).await;
    let pinged = async |caller: &Persona, id: &str| {
        let path = format!("/v1/agents/{id}/presence/ping");
        caller.post(&path, json!({})).await
    };
    let (own, outside) = (id_of(&ana).await, id_of(&elsewhere).await);

    for unknown in [theirs.as_str(), "01890000-0000-7000-8000-00000000dead"] {
        pinged(&tenant.owner, unknown)
            .await
            .problem(404, "not_found");
    }
    for address in ["eve@test.example", "nobody@test.example"] {
        let body = json!({"email": address});
        let answer = tenant.owner.post("/v1/presence/ping", body).await;
        answer.problem(404, "not_found");
    }
    pinged(&ana, &own).await.problem(403, "forbidden");
    pinged(&chief, &outside).await.problem(403, "forbidden");
    let body = json!({"email": "dee@test.example"});
    let answer = chief.post("/v1/presence/ping", body).await;
    answer.problem(403, "forbidden");
    pinged(&chief, &own).await.ok();

    assert_eq!(
        effective(&presence_of(&elsewhere).await),
        is("offline", "initial")
    );
    let rows = neighbour.owner.get("/v1/presence").await.ok();
    let leased = rows["data"].as_array().unwrap().iter();
    assert_eq!(
        leased
            .filter(|row| row["presence"]["leased"] == true)
            .count(),
        NONE.len()
    );
}
