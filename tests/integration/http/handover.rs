//! Chats that change hands or get more agents, over HTTP (CHAT-1, CHAT-2, CHAT-3).

use std::slice::from_ref;

use serde_json::{Value, json};

use super::{NOBODY, active_chat, be, close, message, pick, text};
use crate::support::{Persona, Socket, Tenant, Visitor};

/// Ana has a visitor's chat; Bo, of the same queue, can be offered it.
struct Scene {
    tenant: Tenant,
    ana: Persona,
    bo: Persona,
    /// Bo's socket: without one he could not be reached.
    desk: Socket,
    visitor: Visitor,
    chat_id: String,
}

impl Scene {
    async fn new() -> Self {
        let (mut tenant, ana, visitor, chat_id) = active_chat().await;
        let (bo, desk) = tenant.online_agent("bo").await;
        Self {
            tenant,
            ana,
            bo,
            desk,
            visitor,
            chat_id,
        }
    }

    fn path(&self, deed: &str) -> String {
        format!("/v1/chats/{}/{deed}", self.chat_id)
    }

    /// The chat as its tenant's owner reads it.
    async fn chat(&self) -> Value {
        let path = format!("/v1/chats/{}", self.chat_id);
        self.tenant.owner.get(&path).await.ok()
    }

    /// The chat's events as somebody reads them, of a kind.
    async fn events(&self, reader: &Persona, kind: &str) -> Vec<Value> {
        let side = if reader.token == self.visitor.persona.token {
            "visitor/chats"
        } else {
            "chats"
        };
        let path = format!("/v1/{side}/{}/events?limit=100", self.chat_id);
        let page = reader.get(&path).await.ok();
        let events = page["data"].as_array().unwrap().iter();
        events
            .filter(|event| event["type"] == kind)
            .cloned()
            .collect()
    }

    /// What the service has said in the chat.
    async fn notices(&self) -> Vec<Value> {
        let told = self.events(&self.visitor.persona, "chat.message").await;
        let notices = told
            .iter()
            .map(|event| &event["message"]["notice"]["reason"]);
        notices
            .filter(|reason| reason.is_string())
            .cloned()
            .collect()
    }

    /// Has Ana ask, and Bo accept what rings at him by that.
    async fn accepted_by_bo(&mut self, deed: &str, body: Value) -> Value {
        self.ana.post(&self.path(deed), body).await.ok();
        let offer = self.desk.expect("offer.made").await;
        let body = json!({"offer": offer["offer"]});
        self.bo.post(&self.path("accept"), body).await.ok()
    }
}

async fn id_of(agent: &Persona) -> Value {
    agent.get("/v1/me").await.ok()["id"].clone()
}

async fn to(agent: &Persona) -> Value {
    json!({"agent_id": id_of(agent).await})
}

/// The ids of those who answer a chat.
fn answering(chat: &Value) -> Vec<Value> {
    let agents = chat["agents"].as_array().unwrap().iter();
    agents.map(|agent| agent["id"].clone()).collect()
}

/// Everybody in a chat that agents see, as `id role`.
fn parts(chat: &Value) -> Vec<(Value, String)> {
    let parts = chat["participants"].as_array().unwrap().iter();
    parts
        .map(|part| (part["id"].clone(), text(&part["role"])))
        .collect()
}

#[tokio::test]
async fn chat_01_who_accepts_a_transfer_has_the_chat_and_the_sender_has_it_no_more() {
    let mut scene = Scene::new().await;
    let (ana, bo) = (id_of(&scene.ana).await, id_of(&scene.bo).await);
    let body = json!({"to": {"agent_id": bo}, "note": "Knows about invoices"});

    let asked = scene.ana.post(&scene.path("transfer"), body).await.ok();

    assert_eq!(answering(&asked), from_ref(&ana), "she goes on until then");
    let hand_over = &asked["hand_over"];
    assert_eq!(hand_over["purpose"], "transfer");
    assert_eq!(hand_over["to"], json!({"agent_id": bo}));
    assert_eq!(hand_over["by_agent_id"], ana);
    let offer = scene.desk.expect("offer.made").await;
    assert_eq!(offer["purpose"], "transfer");
    assert_eq!(offer["by"]["id"], ana);
    assert_eq!(offer["note"], "Knows about invoices");

    let body = json!({"offer": offer["offer"]});
    let taken = scene.bo.post(&scene.path("accept"), body).await.ok();

    assert_eq!(answering(&taken), from_ref(&bo));
    assert_eq!(scene.chat().await["hand_over"], Value::Null);
    scene
        .ana
        .post(&scene.path("messages"), message("a-1", "Still here"))
        .await
        .problem(403, "not_participant");
    // The visitor is told who has it, and nothing of what agents say among themselves.
    assert_eq!(scene.notices().await, ["transferred_to_agent"]);
    let told = scene
        .events(&scene.visitor.persona, "chat.transferred")
        .await;
    assert_eq!(told[0]["agent"]["id"], bo);
    for kept in ["by_agent_id", "to", "note"] {
        assert!(told[0].get(kept).is_none(), "{kept}: {}", told[0]);
    }
    let read = scene.events(&scene.bo, "chat.transfer_requested").await;
    assert_eq!(read[0]["note"], "Knows about invoices");
    assert_eq!(
        scene.events(&scene.bo, "chat.transferred").await[0]["reason"],
        "accepted"
    );
}

#[tokio::test]
async fn chat_01_a_rejected_transfer_leaves_the_chat_with_its_sender() {
    let mut scene = Scene::new().await;
    let body = json!({"to": to(&scene.bo).await});
    scene.ana.post(&scene.path("transfer"), body).await.ok();
    let offer = scene.desk.expect("offer.made").await;

    let reject = json!({"offer": offer["offer"]});
    scene.bo.post(&scene.path("reject"), reject).await.ok();

    let chat = scene.chat().await;
    assert_eq!(answering(&chat), [id_of(&scene.ana).await]);
    assert_eq!(chat["hand_over"], Value::Null);
    let ended = scene.events(&scene.ana, "chat.hand_over_ended").await;
    assert_eq!(
        (&ended[0]["purpose"], &ended[0]["reason"]),
        (&json!("transfer"), &json!("refused"))
    );
    assert!(scene.notices().await.is_empty(), "nothing has changed");
}

#[tokio::test]
async fn chat_01_a_transfer_is_taken_back_before_it_is_accepted() {
    let mut scene = Scene::new().await;
    let cancel = scene.path("transfer/cancel");
    scene
        .ana
        .post(&cancel, json!({}))
        .await
        .problem(409, "no_hand_over");
    let body = json!({"to": to(&scene.bo).await});
    scene.ana.post(&scene.path("transfer"), body).await.ok();
    let offer = scene.desk.expect("offer.made").await;
    scene
        .bo
        .post(&cancel, json!({}))
        .await
        .problem(403, "not_participant");

    let chat = scene.ana.post(&cancel, json!({})).await.ok();

    assert_eq!(chat["hand_over"], Value::Null);
    let withdrawn = scene.desk.expect("offer.withdrawn").await;
    assert_eq!(withdrawn["reason"], "cancelled");
    let late = json!({"offer": offer["offer"]});
    scene
        .bo
        .post(&scene.path("accept"), late)
        .await
        .problem(409, "offer_gone");
}

#[tokio::test]
async fn chat_01_what_is_wrong_with_a_transfer_is_said() {
    let scene = Scene::new().await;
    let transfer = scene.path("transfer");
    let bo = to(&scene.bo).await;
    let other = Tenant::new().await;
    let stranger = id_of(&other.owner).await;

    let rows = [
        (json!({}), "/to required"),
        (json!({"to": {}}), "/to/agent_id required"),
        (
            json!({"to": {"agent_id": NOBODY, "queue_id": NOBODY}}),
            "/to/queue_id duplicate",
        ),
        (json!({"to": {"agent_id": 1}}), "/to/agent_id wrong_type"),
        (
            json!({"to": bo, "release": "later"}),
            "/release unknown_value",
        ),
        (
            json!({"to": bo, "if_unavailable": "never"}),
            "/if_unavailable unknown_value",
        ),
        (json!({"to": bo, "note": "n".repeat(501)}), "/note too_long"),
        (json!({"to": bo, "at": 1}), "/at unknown_field"),
        // What is another tenant's is as unknown as what there is not.
        (
            json!({"to": {"agent_id": NOBODY}}),
            "/to/agent_id unknown_id",
        ),
        (
            json!({"to": {"agent_id": stranger}}),
            "/to/agent_id unknown_id",
        ),
        (
            json!({"to": {"queue_id": NOBODY}}),
            "/to/queue_id unknown_id",
        ),
        (
            json!({"to": {"queue_id": other.queue_id}}),
            "/to/queue_id unknown_id",
        ),
    ];
    for (body, fault) in rows {
        let answer = scene.ana.post(&transfer, body.clone()).await;
        assert_eq!(answer.faults(), [fault], "{body}");
    }
    assert_eq!(scene.chat().await["hand_over"], Value::Null);
}

#[tokio::test]
async fn chat_01_what_a_chat_does_not_allow_is_said() {
    let scene = Scene::new().await;
    let transfer = scene.path("transfer");
    let body = json!({"to": to(&scene.bo).await});
    let own = json!({"to": to(&scene.ana).await});
    scene
        .ana
        .post(&transfer, own)
        .await
        .problem(409, "to_yourself");
    let elsewhere = format!("/v1/chats/{NOBODY}/transfer");
    scene
        .ana
        .post(&elsewhere, body.clone())
        .await
        .problem(404, "not_found");
    let own = json!({"to": to(&scene.ana).await});
    scene
        .bo
        .post(&transfer, own)
        .await
        .problem(403, "not_participant");
    assert_eq!(scene.chat().await["hand_over"], Value::Null);

    scene.ana.post(&transfer, body.clone()).await.ok();
    for deed in ["transfer", "invite", "assist"] {
        let again = scene.ana.post(&scene.path(deed), body.clone()).await;
        again.problem(409, "hand_over_pending");
    }
    close(&scene.ana, &scene.chat_id).await;
    scene
        .ana
        .post(&transfer, body)
        .await
        .problem(409, "chat_closed");
}

#[tokio::test]
async fn chat_01_when_nobody_can_take_it_the_sender_decides_whether_it_waits() {
    let mut scene = Scene::new().await;
    be(&scene.bo, "away").await;
    let bo = to(&scene.bo).await;
    let nobodys = json!({"office_id": scene.tenant.office_id, "name": "Night shift"});
    let nobodys = scene.tenant.owner.post("/v1/queues", nobodys).await.ok();

    for to in [bo.clone(), json!({"queue_id": nobodys["id"]})] {
        for deed in ["transfer", "invite", "assist"] {
            let answer = scene.ana.post(&scene.path(deed), json!({"to": to})).await;
            answer.problem(409, "nobody_available");
        }
    }
    let patient = json!({"to": bo, "if_unavailable": "queue"});
    let chat = scene.ana.post(&scene.path("transfer"), patient).await.ok();
    assert_eq!(chat["hand_over"]["purpose"], "transfer");
    assert_eq!(answering(&chat), [id_of(&scene.ana).await]);

    be(&scene.bo, "online").await;

    let offer = scene.desk.expect("offer.made").await;
    assert_eq!(offer["chat_id"], scene.chat_id);
}

#[tokio::test]
async fn chat_01_a_chat_that_is_given_to_another_queue_is_read_there_and_no_more_here() {
    let scene = Scene::new().await;
    let eve = scene.tenant.outsider_as("eve", "agent").await;
    let eves = text(&id_of(&eve).await);
    let (office_id, queue_id) = scene.tenant.office("Money", &[&eves]).await;
    let mut desk = Socket::agent(&eve).await;
    desk.ok(json!({"type": "presence.set", "status": "online"}))
        .await;
    let path = format!("/v1/chats/{}", scene.chat_id);
    eve.get(&path).await.problem(404, "not_found");

    let body = json!({"to": {"queue_id": queue_id}});
    let chat = scene.ana.post(&scene.path("transfer"), body).await.ok();

    assert_eq!(answering(&chat), [] as [Value; 0], "a queue has it at once");
    assert_eq!(
        (&chat["queue_id"], &chat["office_id"]),
        (&json!(queue_id), &json!(office_id))
    );
    let offer = desk.expect("offer.made").await;
    assert_eq!(offer["purpose"], "transfer");
    assert_eq!(eve.get(&path).await.ok()["state"], "offered");
    for agent in [&scene.ana, &scene.bo] {
        agent.get(&path).await.problem(404, "not_found");
    }
    let waits = format!("/v1/visitor/chats/{}", scene.chat_id);
    let waits = scene.visitor.persona.get(&waits).await.ok();
    assert_eq!(waits["agents"], json!([]));
    assert_eq!(scene.notices().await, ["transferred_to_queue"]);
    desk.ok(json!({"type": "chat.accept", "chat_id": scene.chat_id, "offer": offer["offer"]}))
        .await;
    assert_eq!(answering(&scene.chat().await), [json!(eves)]);
}

#[tokio::test]
async fn chat_02_who_is_invited_answers_besides_until_one_of_them_leaves() {
    let mut scene = Scene::new().await;
    let (ana, bo) = (id_of(&scene.ana).await, id_of(&scene.bo).await);
    let last = scene.ana.post(&scene.path("leave"), json!({})).await;
    last.problem(409, "last_agent");
    let body = json!({"to": {"agent_id": bo}});

    let chat = scene.accepted_by_bo("invite", body.clone()).await;

    let mut both = answering(&chat);
    both.sort_by_key(ToString::to_string);
    let mut expected = [ana.clone(), bo.clone()];
    expected.sort_by_key(ToString::to_string);
    assert_eq!(both, expected);
    scene
        .ana
        .post(&scene.path("invite"), body)
        .await
        .problem(409, "already_in_chat");
    for (agent, id) in [(&scene.ana, "a-1"), (&scene.bo, "b-1")] {
        let path = scene.path("messages");
        agent.post(&path, message(id, "Hello")).await.ok();
    }
    let left = scene.ana.post(&scene.path("leave"), json!({})).await;
    assert_eq!(left.status, 204);
    assert_eq!(answering(&scene.chat().await), [bo]);
    assert_eq!(scene.notices().await, ["agent_joined", "agent_left"]);
    let gone = scene
        .events(&scene.visitor.persona, "chat.participant_left")
        .await;
    assert_eq!(
        (&gone[0]["agent"]["id"], &gone[0]["reason"]),
        (&ana, &json!("left"))
    );
    scene
        .ana
        .post(&scene.path("leave"), json!({}))
        .await
        .problem(403, "not_participant");
}

#[tokio::test]
async fn chat_02_who_closes_while_others_answer_leaves_and_the_last_ends_the_chat() {
    let mut scene = Scene::new().await;
    let body = json!({"to": to(&scene.bo).await});
    scene.accepted_by_bo("invite", body).await;

    let left = close(&scene.ana, &scene.chat_id).await;

    assert_eq!(left["state"], "active");
    assert_eq!(answering(&left), [id_of(&scene.bo).await]);
    let ended = close(&scene.bo, &scene.chat_id).await;
    assert_ne!(ended["state"], "active");
}

#[tokio::test]
async fn chat_03_an_assistant_reads_along_unknown_to_the_visitor_and_may_take_over() {
    let mut scene = Scene::new().await;
    let (ana, bo) = (id_of(&scene.ana).await, id_of(&scene.bo).await);
    scene
        .bo
        .post(&scene.path("takeover"), json!({}))
        .await
        .problem(403, "forbidden");

    let chat = scene
        .accepted_by_bo("assist", json!({"to": {"agent_id": bo}}))
        .await;

    assert_eq!(answering(&chat), from_ref(&ana));
    assert_eq!(
        parts(&chat),
        [
            (ana.clone(), "agent".to_owned()),
            (bo.clone(), "assistant".to_owned())
        ]
    );
    scene
        .bo
        .post(&scene.path("messages"), message("b-1", "Hello"))
        .await
        .problem(403, "not_answering");
    let shown = format!("/v1/visitor/chats/{}", scene.chat_id);
    let seen = [
        scene.visitor.persona.get(&shown).await.ok(),
        scene
            .visitor
            .persona
            .get(&format!("{shown}/events?limit=100"))
            .await
            .ok(),
    ];
    let bos = text(&bo);
    for answer in seen {
        assert!(!answer.to_string().contains(&bos), "{answer}");
    }

    let taken = scene.bo.post(&scene.path("takeover"), json!({})).await.ok();

    assert_eq!(parts(&taken), [(bo.clone(), "agent".to_owned())]);
    let gone = scene.events(&scene.bo, "chat.participant_left").await;
    assert_eq!(gone[0]["reason"], "taken_over");
    assert_eq!(scene.notices().await, ["taken_over"]);
}

#[tokio::test]
async fn chat_03_help_without_a_target_is_told_to_those_who_watch_over_the_office() {
    let mut scene = Scene::new().await;
    let dora = scene.tenant.agent_as("dora", "supervisor").await;
    let mut desk = Socket::agent(&dora).await;

    let body = json!({"note": "He is angry"});
    scene.ana.post(&scene.path("assist"), body).await.ok();

    let told = desk.expect("chat.assist_requested").await;
    assert_eq!(
        (&told["chat_id"], &told["to"], &told["note"]),
        (&json!(scene.chat_id), &Value::Null, &json!("He is angry"))
    );
    let chat = dora
        .post(&scene.path("listen"), json!({"seen": true}))
        .await
        .ok();
    assert!(parts(&chat).contains(&(id_of(&dora).await, "assistant".to_owned())));
}

#[tokio::test]
async fn chat_03_who_listens_watches_over_the_office_and_nobody_else_learns_of_it() {
    let mut scene = Scene::new().await;
    let listen = scene.path("listen");
    scene
        .bo
        .post(&listen, json!({}))
        .await
        .problem(403, "forbidden");
    let elsewhere = scene.tenant.outsider_as("zoe", "supervisor").await;
    elsewhere
        .post(&listen, json!({}))
        .await
        .problem(403, "forbidden");
    let dora = scene.tenant.agent_as("dora", "supervisor").await;
    let doras = text(&id_of(&dora).await);
    let path = format!("/v1/chats/{}", scene.chat_id);

    let heard = dora.post(&listen, json!({})).await.ok();

    assert_eq!(
        parts(&heard),
        [(id_of(&scene.ana).await, "agent".to_owned())],
        "she does not see herself either"
    );
    let shown = format!("/v1/visitor/chats/{}", scene.chat_id);
    let answers = [
        (&scene.ana, path.clone()),
        (&scene.ana, format!("{path}/events?limit=100")),
        (&scene.bo, path.clone()),
        (&scene.tenant.owner, path.clone()),
        (&scene.tenant.owner, "/v1/chats".to_owned()),
        (&scene.tenant.owner, format!("{path}/events?limit=100")),
        (&scene.visitor.persona, shown.clone()),
        (&scene.visitor.persona, format!("{shown}/events?limit=100")),
    ];
    for (reader, path) in answers {
        let answer = reader.get(&path).await.ok();
        assert!(!answer.to_string().contains(&doras), "{path}: {answer}");
    }
    // Nor does a list of the listener's chats say so.
    let lists = format!("/v1/chats?agent_id={doras}");
    let page = scene.tenant.owner.get(&lists).await.ok();
    assert_eq!(page["data"], json!([]));
    assert_eq!(dora.post(&scene.path("leave"), json!({})).await.status, 204);
    dora.post(&scene.path("leave"), json!({}))
        .await
        .problem(403, "not_participant");
}

#[tokio::test]
async fn chat_03_a_supervisor_takes_a_waiting_chat() {
    let mut scene = Scene::new().await;
    be(&scene.bo, "away").await;
    let visitor = scene.tenant.visitor().await;
    let chat = visitor.persona.post("/v1/visitor/chats", json!({})).await;
    let chat_id = text(&chat.ok()["id"]);
    let dora = scene.tenant.agent_as("dora", "supervisor").await;
    be(&dora, "online").await;

    let path = format!("/v1/chats/{chat_id}/takeover");
    let taken = dora.post(&path, json!({})).await.ok();

    assert_eq!(answering(&taken), [id_of(&dora).await]);
    assert_eq!(taken["state"], "active");
    // Who has it already has nothing to take over.
    assert_eq!(dora.post(&path, json!({})).await.ok(), taken);
    assert_eq!(pick(&dora, &chat_id).await, taken);
}
