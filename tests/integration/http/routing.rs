//! Why a chat came to somebody, and why not to somebody else (ROUTE-15, ROUTE-17).

use serde_json::{Value, json};

use super::{NOBODY, be, start, text};
use crate::support::{Persona, Socket, Tenant};

async fn id_of(agent: &Persona) -> String {
    text(&agent.get("/v1/me").await.ok()["id"])
}

async fn routing(caller: &Persona, chat_id: &str) -> Value {
    caller
        .get(&format!("/v1/chats/{chat_id}/routing"))
        .await
        .ok()
}

async fn why(caller: &Persona, chat_id: &str, agent_id: &str) -> Value {
    let body = json!({"chat_id": chat_id, "agent_id": agent_id});
    caller.post("/v1/routing/explain", body).await.ok()
}

/// Ana, who was free for longer, has rejected a chat that rings at bo now; cy is away.
struct Scene {
    tenant: Tenant,
    ana: (Persona, Socket),
    bo: (Persona, Socket),
    cy: Persona,
    chat_id: String,
}

impl Scene {
    async fn new() -> Self {
        let mut tenant = Tenant::new().await;
        let mut ana = tenant.online_agent("ana").await;
        let mut bo = tenant.online_agent("bo").await;
        let cy = tenant.agent("cy").await;
        be(&cy, "away").await;
        let (_, chat_id) = start(&tenant).await;
        let offer = ana.1.expect("offer.made").await;
        let reject = json!({"type": "chat.reject", "chat_id": chat_id, "offer": offer["offer"]});
        ana.1.ok(reject).await;
        bo.1.expect("offer.made").await;
        Self {
            tenant,
            ana,
            bo,
            cy,
            chat_id,
        }
    }
}

#[tokio::test]
async fn route_15_every_decision_about_a_chat_is_told() {
    let scene = Scene::new().await;
    let (ana, bo) = (id_of(&scene.ana.0).await, id_of(&scene.bo.0).await);
    let cy = id_of(&scene.cy).await;

    let told = routing(&scene.tenant.owner, &scene.chat_id).await;

    assert_eq!(told["chat_id"], scene.chat_id);
    assert_eq!(told["entry"]["by"], "widget");
    assert_eq!(told["entry"]["queue_id"], scene.tenant.queue_id);
    assert_eq!(
        (&told["overflows"], &told["next_cursor"]),
        (&json!([]), &Value::Null)
    );
    let [first, second] = &told["data"].as_array().unwrap()[..] else {
        panic!("{told}");
    };
    assert_eq!(
        (&first["offer"], &first["state"]),
        (&json!(1), &json!("rejected"))
    );
    assert_eq!(
        (&second["offer"], &second["state"]),
        (&json!(2), &json!("ringing"))
    );
    assert!(first["ended_at"].is_string() && second["ended_at"].is_null());
    let decision = &first["decision"];
    assert_eq!(decision["strategy"], "longest_idle");
    assert_eq!(decision["purpose"], "answer");
    assert_eq!(decision["tie_break"], "idle_since");
    assert_eq!(decision["candidates"][0]["agent_id"], ana);
    assert_eq!(decision["candidates"][1]["agent_id"], bo);
    assert_eq!(decision["candidates"][0]["rank"]["busy"], 0);
    assert_eq!(decision["place"]["position"], 1);
    assert_eq!(
        (&decision["members"], &decision["left_out"]),
        (&json!(3), &json!(0))
    );
    let away = json!({"agent_id": cy, "rule": "not_online", "status": "away", "reason": "chosen"});
    assert_eq!(decision["passed_over"], json!([away]));
    let refused = json!({"agent_id": ana, "rule": "refused"});
    assert_eq!(second["decision"]["passed_over"], json!([refused, away]));
    // What it would be decided by now: bo has it ringing.
    let now = &told["now"];
    assert_eq!(now["ringing"], json!([{"offer": 2, "agent_id": bo}]));
    assert_eq!(now["decision"]["candidates"], json!([]));
    assert_eq!(now["decision"]["passed_over"][1]["rule"], "has_it");
    // Whoever may read the chat reads the same.
    let own = routing(&scene.cy, &scene.chat_id).await;
    assert_eq!(own["data"], told["data"]);
}

#[tokio::test]
async fn route_15_decisions_come_in_pages_and_stay_when_the_chat_is_taken() {
    let mut scene = Scene::new().await;
    let owner = &scene.tenant.owner;
    let whole = routing(owner, &scene.chat_id).await;
    let path = format!("/v1/chats/{}/routing", scene.chat_id);

    let first = owner.get(&format!("{path}?limit=1")).await.ok();
    let cursor = text(&first["next_cursor"]);
    let second = owner
        .get(&format!("{path}?limit=1&cursor={cursor}"))
        .await
        .ok();

    assert_eq!(first["data"][0], whole["data"][0]);
    assert_eq!(second["data"][0], whole["data"][1]);
    assert_eq!(second["next_cursor"], Value::Null);
    let faults = owner
        .get(&format!("{path}?limit=0&cursor=x"))
        .await
        .faults();
    assert_eq!(faults, ["/cursor bad_format", "/limit out_of_range"]);
    let accept = json!({"type": "chat.accept", "chat_id": scene.chat_id, "offer": 2});
    scene.bo.1.ok(accept).await;
    let taken = routing(owner, &scene.chat_id).await;
    assert_eq!(taken["now"], Value::Null, "it looks for nobody");
    assert_eq!(taken["data"][0], whole["data"][0]);
    assert_eq!(taken["data"][1]["decision"], whole["data"][1]["decision"]);
    assert_eq!(taken["data"][1]["state"], "accepted");
}

#[tokio::test]
async fn route_15_only_who_may_read_the_chat_may_ask() {
    let scene = Scene::new().await;
    let outsider = scene.tenant.outsider_as("eve", "agent").await;
    let path = format!("/v1/chats/{}/routing", scene.chat_id);
    let body = json!({"chat_id": scene.chat_id, "agent_id": id_of(&outsider).await});

    outsider.get(&path).await.problem(404, "not_found");
    let faults = outsider.post("/v1/routing/explain", body).await.faults();
    assert_eq!(faults, ["/chat_id unknown_id"]);
    let nobody = format!("/v1/chats/{NOBODY}/routing");
    scene
        .tenant
        .owner
        .get(&nobody)
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn route_17_why_not_me_and_what_would_change_that() {
    let mut scene = Scene::new().await;
    let (ana, bo) = (id_of(&scene.ana.0).await, id_of(&scene.bo.0).await);
    let cy = id_of(&scene.cy).await;

    let told = why(&scene.cy, &scene.chat_id, &cy).await;
    assert_eq!(
        (&told["eligible"], &told["place"]),
        (&json!(false), &Value::Null)
    );
    let away = json!({"rule": "not_online", "status": "away", "reason": "chosen"});
    assert_eq!(told["rule"], away);
    // Nor has she a connection.
    assert_eq!(told["further"], json!([{"rule": "unreachable"}]));
    assert_eq!(told["changes"][0]["change"], "go_online");
    assert_eq!(told["changes"][1]["change"], "connect");
    assert_eq!(told["ringing_agent_ids"], json!([bo]));
    let detail = text(&told["detail"]);
    assert!(
        detail.starts_with("the agent is away in the queue's office (chosen)"),
        "{detail}"
    );
    let told = why(&scene.ana.0, &scene.chat_id, &ana).await;
    assert_eq!(told["rule"]["rule"], "refused");
    assert_eq!(
        told["changes"],
        json!([{"change": "pick", "detail": "pick it from the waiting chats"}])
    );
    let told = why(&scene.bo.0, &scene.chat_id, &bo).await;
    assert_eq!(told["changes"][0]["offer"], 2);
    let outsider = scene.tenant.outsider_as("eve", "agent").await;
    let eve = id_of(&outsider).await;
    let told = why(&scene.tenant.owner, &scene.chat_id, &eve).await;
    assert_eq!(told["rule"], json!({"rule": "not_a_member"}));
    assert_eq!(told["changes"][0]["queue_id"], scene.tenant.queue_id);

    // One who does what it says may have it.
    let mut socket = Socket::agent(&scene.cy).await;
    be(&scene.cy, "online").await;
    let told = why(&scene.cy, &scene.chat_id, &cy).await;
    assert_eq!(
        (&told["eligible"], &told["place"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(
        (&told["rule"], &told["changes"]),
        (&Value::Null, &json!([]))
    );
    let reject = json!({"type": "chat.reject", "chat_id": scene.chat_id, "offer": 2});
    scene.bo.1.ok(reject).await;
    socket.expect("offer.made").await;
}

#[tokio::test]
async fn route_17_of_the_past_the_decision_of_that_time_is_asked() {
    let mut scene = Scene::new().await;
    let (ana, cy) = (id_of(&scene.ana.0).await, id_of(&scene.cy).await);
    let owner = &scene.tenant.owner;
    let made = routing(owner, &scene.chat_id).await["data"][0].clone();
    let accept = json!({"type": "chat.accept", "chat_id": scene.chat_id, "offer": 2});
    scene.bo.1.ok(accept).await;
    let outsider = scene.tenant.outsider_as("eve", "agent").await;
    let eve = id_of(&outsider).await;
    let ask = async |agent_id: &str, at: &Value| {
        let body = json!({"chat_id": scene.chat_id, "agent_id": agent_id, "at": at});
        owner.post("/v1/routing/explain", body).await
    };

    let told = ask(&cy, &made["at"]).await.ok();
    assert_eq!(told["rule"]["rule"], "not_online");
    assert_eq!(told["changes"][0]["change"], "go_online");
    assert_eq!(told["at"], made["at"]);
    let recorded = json!({
        "seq": made["seq"], "at": made["at"], "offer": 1, "agent_id": made["agent_id"],
    });
    assert_eq!(told["recorded"], recorded);
    let told = ask(&ana, &made["at"]).await.ok();
    assert_eq!(
        (&told["eligible"], &told["place"]),
        (&json!(true), &json!(1))
    );
    // Since it was accepted it waits for nobody, whatever the last decision said.
    let chat = owner
        .get(&format!("/v1/chats/{}", scene.chat_id))
        .await
        .ok();
    let told = ask(&ana, &chat["accepted_at"]).await.ok();
    assert_eq!(
        (
            &told["eligible"],
            &told["rule"]["rule"],
            &told["ringing_agent_ids"]
        ),
        (&json!(false), &json!("not_waiting"), &json!([]))
    );
    // Of one that it does not name there is no record, nor of the time before it.
    ask(&eve, &made["at"]).await.problem(409, "not_recorded");
    let before = json!("2001-01-01T00:00:00Z");
    ask(&cy, &before).await.problem(409, "not_recorded");
    // A moment to come is the present.
    let told = ask(&cy, &json!("2100-01-01T00:00:00Z")).await.ok();
    assert_eq!(
        (&told["rule"]["rule"], &told["recorded"]),
        (&json!("not_waiting"), &Value::Null)
    );
}

#[tokio::test]
async fn route_17_every_bad_field_is_named() {
    let scene = Scene::new().await;
    let owner = &scene.tenant.owner;
    for (body, expected) in [
        (json!({}), vec!["/agent_id required", "/chat_id required"]),
        (
            json!({"chat_id": 1, "agent_id": "x", "at": "now", "agent": 1}),
            vec![
                "/agent unknown_field",
                "/agent_id bad_format",
                "/at bad_format",
                "/chat_id wrong_type",
            ],
        ),
        (
            json!({"chat_id": NOBODY, "agent_id": NOBODY}),
            vec!["/agent_id unknown_id", "/chat_id unknown_id"],
        ),
        (
            json!({"chat_id": scene.chat_id, "agent_id": NOBODY}),
            vec!["/agent_id unknown_id"],
        ),
    ] {
        let faults = owner
            .post("/v1/routing/explain", body.clone())
            .await
            .faults();
        assert_eq!(faults, expected, "{body}");
    }
}
