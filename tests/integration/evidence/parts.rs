//! When agents answered chats (CHAT-12, PRES-18): the time in chats, and what it is of, over everything by which a chat
//! changes hands, ends and goes on; and for whom a rating is.

use serde_json::{Value, json};

use super::chats::{Chat, Desk, close, say};
use super::{be, text};

impl Desk {
    /// The time in chats of both agents, of the whole day or as a query has it: `chats_s`, `busy_s` and `handling`.
    async fn times(&self, query: &str) -> [Value; 2] {
        let report = self.report(&format!("agents?{query}")).await;
        let lines = report["data"].as_array().unwrap();
        [&self.ana_id, &self.bo_id].map(|id| {
            let line = lines.iter().find(|line| line["agent_id"] == **id);
            line.map_or(Value::Null, |line| {
                let totals = &line["totals"];
                json!([totals["chats_s"], totals["busy_s"]])
            })
        })
    }

    /// From the first instant of the test to now, as a query.
    async fn up_to_now(&self) -> String {
        let report = self.report("chats").await;
        let (from, to) = (text(&report["from"]), text(&report["to"]));
        format!("from={from}&to={to}")
    }

    async fn set_queue(&self, change: Value) {
        let path = format!("/v1/queues/{}", self.scene.tenant.queue_id);
        self.owner().patch(&path, change).await.ok();
    }

    /// An agent gives a chat to another one, who takes it.
    async fn hand_over(&self, chat: &Chat, to: Value) -> String {
        let (_, by) = self.answers(chat).await;
        let by = if by == self.ana_id {
            &self.ana
        } else {
            &self.bo
        };
        let path = format!("{}/transfer", chat.path);
        by.post(&path, json!({"to": to})).await.ok();
        self.accept(chat).await.1
    }

    /// The state of a chat, and the one that answers it.
    async fn answers(&self, chat: &Chat) -> (String, String) {
        let shown = self.owner().get(&chat.path).await.ok();
        let by = shown["agents"][0]["id"].as_str().unwrap_or_default();
        (text(&shown["state"]), by.to_owned())
    }

    /// A chat that ana has taken: bo is away until she has.
    async fn taken_by_ana(&self) -> Chat {
        be(&self.bo, "away").await;
        let chat = self.start().await;
        let (_, id) = self.accept(&chat).await;
        assert_eq!(id, self.ana_id);
        be(&self.bo, "online").await;
        chat
    }
}

#[tokio::test]
async fn pres_18_the_time_in_which_a_chat_was_over_is_nobodys() {
    let desk = Desk::open().await;
    desk.set_queue(json!({"reopen_within_s": 3600})).await;
    let chat = desk.taken_by_ana().await;
    desk.pass(60);
    close(&desk.ana, &chat).await;
    desk.pass(900);
    let past = desk.up_to_now().await;
    let before = desk.times(&past).await;
    assert_eq!(before, [json!([60, 60]), json!([0, 0])]);

    // It goes on with her.
    say(&chat.visitor, &chat.own_path, "v-2").await;
    let (state, by) = desk.answers(&chat).await;
    assert_eq!((&*state, &by), ("active", &desk.ana_id));
    assert_eq!(desk.times(&past).await, before, "the past is what it was");
    desk.pass(30);
    assert_eq!(desk.times(&past).await, before);
    let now = desk.up_to_now().await;
    assert_eq!(desk.times(&now).await[0], json!([90, 90]));
    close(&desk.ana, &chat).await;
    desk.pass(600);

    // It goes on with another one.
    be(&desk.ana, "away").await;
    say(&chat.visitor, &chat.own_path, "v-3").await;
    assert_eq!(desk.accept(&chat).await.1, desk.bo_id);
    desk.pass(10);
    assert_eq!(desk.times(&past).await, before);
    assert_eq!(desk.times(&now).await[0], json!([90, 90]));
    let now = desk.up_to_now().await;
    assert_eq!(desk.times(&now).await, [json!([90, 90]), json!([10, 10])]);
}

#[tokio::test]
async fn pres_18_who_gave_a_chat_away_and_got_it_back_had_it_twice() {
    let desk = Desk::open().await;
    let chat = desk.taken_by_ana().await;
    desk.pass(60);
    let past = desk.up_to_now().await;
    let taken = desk.hand_over(&chat, json!({"agent_id": desk.bo_id})).await;
    assert_eq!(taken, desk.bo_id);
    desk.pass(30);
    let taken = desk
        .hand_over(&chat, json!({"agent_id": desk.ana_id}))
        .await;
    assert_eq!(taken, desk.ana_id);
    desk.pass(7);

    let now = desk.up_to_now().await;
    assert_eq!(desk.times(&now).await, [json!([67, 67]), json!([30, 30])]);
    assert_eq!(desk.times(&past).await, [json!([60, 60]), json!([0, 0])]);
    // A time line adds up to the same, and so does a window that begins long after the chat.
    let path = format!("/v1/agents/{}/presence/timeline?{now}", desk.ana_id);
    let line = desk.owner().get(&path).await.ok();
    assert_eq!(line["totals"]["chats_s"], 67);
    assert_eq!(line["totals"]["busy_s"], 67);
    let to = text(&desk.report("chats").await["to"]);
    let from = super::later(&json!(to), -50_000);
    let lately = desk.times(&format!("from={from}&to={to}")).await;
    assert_eq!(lately, [json!([20, 20]), json!([30, 30])]);
    let path = format!(
        "/v1/agents/{}/presence/timeline?from={from}&to={to}",
        desk.ana_id
    );
    let line = desk.owner().get(&path).await.ok();
    assert_eq!(line["totals"]["chats_s"], 20);
}

#[tokio::test]
async fn pres_18_the_time_in_chats_is_of_the_office_in_which_they_were_then() {
    let desk = Desk::open().await;
    let tenant = &desk.scene.tenant;
    let both = [&*desk.ana_id, &*desk.bo_id];
    let (elsewhere, queue) = tenant.office("Elsewhere", &both).await;
    let chat = desk.taken_by_ana().await;
    desk.pass(60);
    let taken = desk.hand_over(&chat, json!({"queue_id": queue})).await;
    assert_eq!(taken, desk.bo_id, "who gives it away is asked last");
    desk.pass(20);
    close(&desk.bo, &chat).await;
    desk.pass(5);

    let now = desk.up_to_now().await;
    let here = format!("{now}&office_id={}", tenant.office_id);
    let there = format!("{now}&office_id={elsewhere}");
    assert_eq!(desk.times(&here).await, [json!([60, 60]), json!([0, 0])]);
    assert_eq!(desk.times(&there).await, [json!([0, 0]), json!([20, 20])]);
    for (id, office, expected) in [
        (&desk.ana_id, &here, 60),
        (&desk.ana_id, &there, 0),
        (&desk.bo_id, &here, 0),
        (&desk.bo_id, &there, 20),
    ] {
        let path = format!("/v1/agents/{id}/presence/timeline?{office}");
        let line = desk.owner().get(&path).await.ok();
        assert_eq!(line["totals"]["chats_s"], expected, "{path}");
    }
}

#[tokio::test]
async fn chat_12_a_rating_is_of_who_had_answered_when_it_was_given() {
    let desk = Desk::open().await;
    let tenant = &desk.scene.tenant;
    let both = [&*desk.ana_id, &*desk.bo_id];
    let (_, queue) = tenant.office("Elsewhere", &both).await;
    let chat = desk.taken_by_ana().await;
    let rate = async |score: u8| {
        let path = format!("{}/rating", chat.own_path);
        let body = json!({"score": score});
        chat.visitor.post(&path, body).await.ok();
    };
    let rated = async || {
        let list = desk.list("ratings", "").await;
        let [entry] = &list[..] else {
            panic!("{list:?}");
        };
        let names = ["value", "agent_id", "queue_id"];
        names.map(|name| entry[name].clone())
    };
    desk.pass(10);
    rate(1).await;
    desk.pass(10);
    desk.hand_over(&chat, json!({"queue_id": queue})).await;
    desk.pass(10);

    let (ana, bo) = (json!(desk.ana_id), json!(desk.bo_id));
    assert_eq!(rated().await, [json!(1.0), ana, json!(tenant.queue_id)]);
    let of_bo = desk.report(&format!("chats?agent_id={}", desk.bo_id)).await;
    assert_eq!(of_bo["totals"]["ratings"]["count"], 0);

    rate(4).await;
    close(&desk.bo, &chat).await;
    desk.pass(1);
    assert_eq!(
        rated().await,
        [json!(4.0), bo, json!(queue)],
        "the last word"
    );
}

#[tokio::test]
async fn chat_12_what_was_taken_from_the_inbox_waits_again_in_a_queue() {
    let desk = Desk::open().await;
    let gone = json!({"chats": {"on_agent_gone": {"requeue_after_s": 30}}});
    desk.owner().patch("/v1/settings", gone).await.ok();
    for agent in [&desk.ana, &desk.bo] {
        be(agent, "away").await;
    }
    let left = json!({
        "fields": {"name": "Vic", "email": "vic@home.example"},
        "message": {"id": "m-1", "text": "Call me"},
    });
    let visitor = desk.scene.tenant.visitor().await.persona;
    let left = visitor
        .post("/v1/visitor/offline-messages", left)
        .await
        .ok();
    let path = format!("/v1/chats/{}", text(&left["id"]));
    be(&desk.ana, "online").await;
    desk.ana
        .post(&format!("{path}/accept"), json!({}))
        .await
        .ok();
    desk.pass(10);
    be(&desk.ana, "offline").await;
    desk.pass(40);
    desk.catch_up().await;
    let shown = desk.owner().get(&path).await.ok();
    assert_eq!(shown["state"], "waiting", "{shown}");

    let list = desk.list("requeued", "").await;
    assert_eq!(list.len(), 1);
    assert_eq!(list[0]["queue_id"], desk.scene.tenant.queue_id);
    let of_queue = format!("chats?queue_id={}", desk.scene.tenant.queue_id);
    assert_eq!(desk.report(&of_queue).await["totals"]["requeued"], 1);
}
