//! The views of an agent's inbox.

use serde_json::{Value, json};

use super::{active_chat, be, close, ids, pick, start, text};
use crate::support::{Persona, Tenant};

async fn view(caller: &Persona, query: &str) -> Vec<String> {
    ids(&caller.get(&format!("/v1/chats?{query}")).await.ok())
}

async fn counts(caller: &Persona) -> Value {
    caller.get("/v1/chats/views").await.ok()
}

async fn leave(tenant: &Tenant) -> String {
    let visitor = tenant.visitor().await.persona;
    let body = json!({
        "office_id": tenant.office_id, "fields": {"name": "Vic", "email": "vic@home.example"},
        "message": {"id": "m-1", "text": "Call me"},
    });
    let left = visitor.post("/v1/visitor/offline-messages", body).await;
    text(&left.ok()["id"])
}

#[tokio::test]
async fn chat_06_each_view_of_an_inbox_shows_what_it_says() {
    let mut tenant = Tenant::new().await;
    let (ana, bo) = (tenant.agent("ana").await, tenant.agent("bo").await);
    let outsider = tenant.outsider_as("eve", "agent").await;
    be(&ana, "online").await;
    let (_, closed) = start(&tenant).await;
    pick(&ana, &closed).await;
    close(&ana, &closed).await;
    let (_, mine) = start(&tenant).await;
    pick(&ana, &mine).await;
    let (_, other) = start(&tenant).await;
    pick(&bo, &other).await;
    let (_, first) = start(&tenant).await;
    let (_, second) = start(&tenant).await;
    let left = leave(&tenant).await;
    let bos = text(&bo.get("/v1/me").await.ok()["id"]);
    let none = Vec::<String>::new;

    for (caller, own) in [
        (&ana, vec![&*mine]),
        (&bo, vec![&*other]),
        (&tenant.owner, vec![]),
    ] {
        assert_eq!(view(caller, "view=mine").await, own);
        assert_eq!(view(caller, "view=waiting").await, [&*second, &first]);
        assert_eq!(view(caller, "view=offline").await, [&*left]);
        let all = [&*left, &second, &first, &other, &mine];
        assert_eq!(view(caller, "view=all").await, all);
        let expected = json!({"mine": own.len(), "waiting": 2, "offline": 1, "all": 5});
        assert_eq!(counts(caller).await, expected);
    }
    for name in ["mine", "waiting", "offline", "all"] {
        assert_eq!(view(&outsider, &format!("view={name}")).await, none());
    }
    let nothing = json!({"mine": 0, "waiting": 0, "offline": 0, "all": 0});
    assert_eq!(counts(&outsider).await, nothing);
    // A view narrows what the other filters leave.
    assert_eq!(
        view(&ana, &format!("view=all&agent_id={bos}")).await,
        [&*other]
    );
    assert_eq!(
        view(&ana, &format!("view=mine&agent_id={bos}")).await,
        none()
    );
    assert_eq!(view(&ana, "view=waiting&state=active").await, none());
    assert_eq!(view(&ana, "view=all&state=active&limit=1").await, [&*other]);
    let answer = ana.get("/v1/chats?view=own").await;
    assert_eq!(answer.faults(), ["/view unknown_value"]);
}

#[tokio::test]
async fn chat_06_a_view_comes_in_pages() {
    let mut tenant = Tenant::new().await;
    let ana = tenant.agent("ana").await;
    be(&ana, "online").await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(start(&tenant).await.1);
    }
    made.reverse();

    let page = ana.get("/v1/chats?view=waiting&limit=2").await.ok();
    assert_eq!(ids(&page), made[..2]);
    let cursor = text(&page["next_cursor"]);
    let rest = view(&ana, &format!("view=waiting&limit=2&cursor={cursor}")).await;
    assert_eq!(rest, made[2..]);
}

#[tokio::test]
async fn chat_06_an_offline_message_is_its_offices() {
    let mut tenant = Tenant::new().await;
    let member = tenant.agent("ana").await;
    let (office, _) = tenant.office("Sales", &[]).await;
    let assigned = tenant.outsider_as("bo", "agent").await;
    let elsewhere = tenant.outsider_as("cy", "agent").await;
    for (agent, office) in [(&assigned, &tenant.office_id), (&elsewhere, &office)] {
        let id = text(&agent.get("/v1/me").await.ok()["id"]);
        let body = json!({"office_ids": [office]});
        tenant
            .owner
            .patch(&format!("/v1/agents/{id}"), body)
            .await
            .ok();
    }
    let left = leave(&tenant).await;
    let path = format!("/v1/chats/{left}");

    for agent in [&member, &assigned] {
        assert_eq!(view(agent, "view=offline").await, [&*left]);
        agent.get(&path).await.ok();
        agent.get(&format!("{path}/events")).await.ok();
    }
    assert_eq!(view(&elsewhere, "view=offline").await, Vec::<String>::new());
    elsewhere.get(&path).await.problem(404, "not_found");
}

#[tokio::test]
async fn chat_06_what_waited_in_a_queue_that_is_no_more_is_its_offices() {
    let mut tenant = Tenant::new().await;
    let ana = tenant.agent("ana").await;
    be(&ana, "online").await;
    let (visitor, chat) = start(&tenant).await;
    let ask = json!({"email": "vic@home.example"});
    let path = format!("/v1/visitor/chats/{chat}/ask-by-email");
    visitor.persona.post(&path, ask).await.ok();
    let office = json!({"office_ids": [tenant.office_id]});
    let id = text(&ana.get("/v1/me").await.ok()["id"]);
    let agent = format!("/v1/agents/{id}");
    tenant.owner.patch(&agent, office).await.ok();
    let queue = format!("/v1/queues/{}", tenant.queue_id);
    tenant.owner.delete(&queue).await.ok();

    assert_eq!(view(&ana, "view=offline").await, [&*chat]);
    let path = format!("/v1/chats/{chat}");
    let note = json!({"note": {"id": "n-1", "text": "He called"}});
    ana.post(&format!("{path}/notes"), note).await.ok();
    let taken = ana.post(&format!("{path}/accept"), json!({})).await.ok();

    assert_eq!(taken["queue_id"], json!(null));
    assert_eq!(ana.get(&path).await.ok()["state"], "active");
}

#[tokio::test]
async fn chat_06_who_only_listens_has_no_chat_of_its_own() {
    let (mut tenant, agent, _visitor, chat_id) = active_chat().await;
    let sue = tenant.agent_as("sue", "supervisor").await;
    let path = format!("/v1/chats/{chat_id}");

    sue.post(&format!("{path}/listen"), json!({})).await.ok();

    assert_eq!(view(&sue, "view=mine").await, Vec::<String>::new());
    assert_eq!(counts(&sue).await["mine"], 0);
    assert_eq!(view(&agent, "view=mine").await, [&*chat_id]);
    assert_eq!(counts(&agent).await["mine"], 1);
    // Who assists is seen in it, and finds it among its own.
    sue.post(&format!("{path}/leave"), json!({})).await.ok();
    let seen = json!({"seen": true});
    sue.post(&format!("{path}/listen"), seen).await.ok();
    assert_eq!(view(&sue, "view=mine").await, [&*chat_id]);
    assert_eq!(counts(&sue).await["mine"], 1);
}
