//! Agents: their addresses, offices, rights and delays.

use serde_json::json;

use super::super::active_chat;
use super::{NOBODY, agent, create, text};
use crate::support::{Persona, Tenant};

async fn path_of(agent: &Persona) -> String {
    format!("/v1/agents/{}", text(&agent.get("/v1/me").await.ok()["id"]))
}

#[tokio::test]
async fn an_address_stays_that_of_one_agent_and_is_free_when_it_is_archived() {
    let tenant = Tenant::new().await;
    let ana = create(&tenant.owner, "/v1/agents", agent("ana")).await;
    let bo = create(&tenant.owner, "/v1/agents", agent("bo")).await;
    let (ana, bo) = (text(&ana["id"]), text(&bo["id"]));
    let to = |email: &str| json!({"email": email});

    let path = format!("/v1/agents/{bo}");
    let taken = tenant.owner.patch(&path, to("ANA@test.example")).await;
    taken.problem(409, "email_taken");
    let own = tenant.owner.patch(&path, to("BO@test.example")).await;
    assert_eq!(own.ok()["email"], "BO@test.example");
    let gone = tenant.owner.delete(&format!("/v1/agents/{ana}")).await;
    assert_eq!(gone.status, 204);
    tenant.owner.patch(&path, to("ana@test.example")).await.ok();
}

#[tokio::test]
async fn the_offices_of_an_agent_are_the_tenants() {
    let tenant = Tenant::new().await;
    let other = Tenant::new().await;
    let ana = create(&tenant.owner, "/v1/agents", agent("ana")).await;
    let path = format!("/v1/agents/{}", text(&ana["id"]));

    for office in [NOBODY, &*other.office_id] {
        let offices = json!({"office_ids": [tenant.office_id, office]});
        let patched = tenant.owner.patch(&path, offices.clone()).await;
        assert_eq!(patched.faults(), ["/office_ids/1 unknown_id"]);
        let mut body = agent("bo");
        body["office_ids"] = offices["office_ids"].clone();
        let made = tenant.owner.post("/v1/agents", body).await;
        assert_eq!(made.faults(), ["/office_ids/1 unknown_id"]);
    }
    let twice = json!({"office_ids": [tenant.office_id, tenant.office_id]});
    let twice = tenant.owner.patch(&path, twice).await;
    assert_eq!(twice.faults(), ["/office_ids/1 duplicate"]);
    let one = json!({"office_ids": [tenant.office_id]});
    tenant.owner.patch(&path, one).await.ok();
    let none = tenant.owner.patch(&path, json!({"office_ids": null})).await;
    assert_eq!(none.ok()["office_ids"], json!([]));
}

#[tokio::test]
async fn nobody_gives_takes_or_changes_more_rights_than_it_has() {
    let mut tenant = Tenant::new().await;
    let admin = tenant.agent_as("chief", "admin").await;
    let plain = tenant.agent("ana").await;
    let (owner_path, plain_path) = (path_of(&tenant.owner).await, path_of(&plain).await);

    for (path, body) in [
        (&plain_path, json!({"role": "owner"})),
        (&owner_path, json!({"role": "admin"})),
        (&owner_path, json!({"name": "Eve"})),
        (&owner_path, json!({"password": "correct horse battery"})),
    ] {
        let answer = admin.patch(path, body).await;
        answer.problem(403, "forbidden");
    }
    let answer = admin.delete(&owner_path).await;
    answer.problem(403, "forbidden");
    tenant.owner.get("/v1/me").await.ok();
    admin
        .patch(&plain_path, json!({"role": "admin"}))
        .await
        .ok();
}

#[tokio::test]
async fn the_last_owner_stays_one() {
    let mut tenant = Tenant::new().await;
    let path = path_of(&tenant.owner).await;
    for body in [json!({"role": "admin"}), json!({"role": null})] {
        let answer = tenant.owner.patch(&path, body).await;
        answer.problem(409, "last_owner");
    }
    let answer = tenant.owner.delete(&path).await;
    answer.problem(409, "last_owner");

    let second = tenant.agent_as("second", "owner").await;
    second.patch(&path, json!({"role": "admin"})).await.ok();
}

#[tokio::test]
async fn an_agent_with_an_open_chat_stays_until_it_ends() {
    let (tenant, agent, _visitor, chat) = active_chat().await;
    let path = path_of(&agent).await;

    tenant.owner.delete(&path).await.problem(409, "in_use");
    super::super::close(&agent, &chat).await;
    assert_eq!(tenant.owner.delete(&path).await.status, 204);

    let queue = format!("/v1/queues/{}", tenant.queue_id);
    let queue = tenant.owner.get(&queue).await.ok();
    assert_eq!(queue["member_ids"], json!([]));
    assert_eq!(tenant.mode().await, "messenger");
    // What it has said and done stays.
    let chat = tenant.owner.get(&format!("/v1/chats/{chat}")).await.ok();
    assert_eq!(chat["agents"][0]["name"], "ana");
}

#[tokio::test]
async fn avail_05_more_and_less_capacity_is_what_visitors_see_next() {
    let (tenant, agent, _visitor, _chat) = active_chat().await;
    let path = path_of(&agent).await;
    let office = format!("/v1/offices/{}", tenant.office_id);
    let busy = json!({"when_busy": "messenger"});
    tenant.owner.patch(&office, busy).await.ok();
    assert_eq!(tenant.mode().await, "live");

    for (capacity, mode) in [(1, "messenger"), (2, "live"), (1, "messenger")] {
        let body = json!({"capacity": capacity});
        tenant.owner.patch(&path, body).await.ok();
        assert_eq!(tenant.mode().await, mode, "{capacity}");
    }
    let queue = json!({"when_busy": "queue"});
    tenant.owner.patch(&office, queue).await.ok();
    assert_eq!(tenant.mode().await, "live");
}

#[tokio::test]
async fn pres_06_an_agents_delays_are_within_the_tenants() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let path = path_of(&agent).await;
    let settings = json!({"inactivity": {"away_after_s": 600, "offline_after_s": 1200}});
    tenant.owner.patch("/v1/settings", settings).await.ok();
    let delays = |away: i64, offline: i64| json!({"inactivity": {"away_after_s": away, "offline_after_s": offline}});

    for (caller, path) in [(&tenant.owner, &*path), (&agent, "/v1/me")] {
        caller.patch(path, delays(600, 1200)).await.ok();
        let wide = caller.patch(path, delays(601, 1201)).await;
        assert_eq!(
            wide.faults(),
            [
                "/inactivity/away_after_s out_of_range",
                "/inactivity/offline_after_s out_of_range",
            ]
        );
    }
    let settings = json!({"inactivity": {"away_after_s": 60}});
    tenant.owner.patch("/v1/settings", settings).await.ok();
    let named = tenant.owner.patch(&path, json!({"name": "Anna"})).await;
    assert_eq!(named.ok()["inactivity"]["away_after_s"], 600);
}
