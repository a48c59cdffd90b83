//! A waiting visitor's place, live (AVAIL-5): told when it changes, not more often than every five seconds, on every page.

use serde_json::{Value, json};

use super::setting::{Stopped, start};
use crate::support::{Persona, Socket, Tenant, Visitor};

/// Ana has room for one chat, and has it.
struct Scene {
    stopped: Stopped,
    tenant: Tenant,
    desk: Socket,
    busy: Value,
}

impl Scene {
    async fn new() -> Self {
        let stopped = Stopped::start(|config| config.socket.silent_after_s = 1_000_000).await;
        let mut tenant = Tenant::on(&stopped.base).await;
        let (ana, mut desk) = tenant.online_agent("ana").await;
        let me = ana.get("/v1/me").await.ok();
        let path = format!("/v1/agents/{}", me["id"].as_str().unwrap());
        tenant.owner.patch(&path, json!({"capacity": 1})).await.ok();
        let visitor = tenant.visitor().await;
        let mut widget = Socket::visitor(&visitor).await;
        let busy = start(&mut widget, "m-1").await;
        desk.expect("offer.made").await;
        desk.ok(json!({"type": "chat.accept", "chat_id": busy}))
            .await;
        Self {
            stopped,
            tenant,
            desk,
            busy,
        }
    }

    /// A visitor whose chat waits, with its page.
    async fn waits(&self) -> (Visitor, Socket, Value) {
        let visitor = self.tenant.visitor().await;
        let mut widget = Socket::visitor(&visitor).await;
        let chat_id = start(&mut widget, "m-1").await;
        (visitor, widget, chat_id)
    }

    /// The agent ends what it has and takes what rings then.
    async fn next(&mut self) {
        let close = json!({"type": "chat.close", "chat_id": self.busy});
        self.desk.ok(close).await;
        let offer = self.desk.expect("offer.made").await;
        self.busy = offer["chat_id"].clone();
        let accept = json!({"type": "chat.accept", "chat_id": self.busy});
        self.desk.ok(accept).await;
    }
}

/// What a page is told when its chat stands there.
async fn place_at(widget: &mut Socket, position: u32) -> Value {
    loop {
        let place = widget.expect("chat.place").await;
        if place["position"] == position {
            return place;
        }
    }
}

/// The places that a page was told and that were not looked at; what it is answered comes after them.
async fn told(widget: &mut Socket) -> Vec<Value> {
    widget
        .ask(json!({"type": "chat.end", "chat_id": uuid::Uuid::nil()}))
        .await;
    let places = widget.kept().filter(|frame| frame["type"] == "chat.place");
    places.cloned().collect()
}

async fn shown(visitor: &Persona, chat_id: &Value) -> (Value, Value) {
    let path = format!("/v1/visitor/chats/{}", chat_id.as_str().unwrap());
    let chat = visitor.get(&path).await.ok();
    (chat["position"].clone(), chat["estimated_wait_s"].clone())
}

#[tokio::test]
async fn avail_05_a_waiting_visitor_is_told_its_place_when_it_changes() {
    let mut scene = Scene::new().await;
    let (_, mut first, _) = scene.waits().await;
    let (visitor, mut second, chat_id) = scene.waits().await;
    let (_, mut third, _) = scene.waits().await;
    assert_eq!(told(&mut second).await.len(), 0, "the answer told it");
    scene.stopped.pass(60);

    scene.next().await;
    scene.stopped.pass(5);

    let place = place_at(&mut second, 1).await;
    assert_eq!(place["chat_id"], chat_id);
    assert!(place.get("seq").is_none(), "it is of no stream");
    // The first one took its minute, and there is one at a time.
    let wait = place["estimated_wait_s"].as_u64().unwrap();
    assert!((60..=62).contains(&wait), "{wait}");
    assert_eq!(
        shown(&visitor.persona, &chat_id).await,
        (json!(1), json!(wait))
    );
    place_at(&mut third, 2).await;
    assert_eq!(told(&mut first).await.len(), 0, "it waits no more");
}

#[tokio::test]
async fn avail_05_places_are_told_every_five_seconds_at_most_and_then_as_they_are() {
    let scene = Scene::new().await;
    let mut ahead = Vec::new();
    for _ in 0..3 {
        ahead.push(scene.waits().await);
    }
    let (_, mut last, chat_id) = scene.waits().await;
    scene.stopped.pass(10);
    // What was noted at the start was looked at by now.
    assert_eq!(told(&mut last).await.len(), 0);
    scene.stopped.pass(5);
    let (_, widget, first) = &mut ahead[0];
    widget
        .ok(json!({"type": "chat.end", "chat_id": first}))
        .await;
    assert_eq!(last.expect("chat.place").await["position"], 3);

    // Two more go within five seconds.
    for (_, widget, gone) in &mut ahead[1..] {
        widget
            .ok(json!({"type": "chat.end", "chat_id": gone}))
            .await;
    }

    assert_eq!(
        told(&mut last).await.len(),
        0,
        "so soon nobody is told again"
    );
    scene.stopped.pass(5);
    let place = last.expect("chat.place").await;
    assert_eq!(
        (&place["chat_id"], &place["position"]),
        (&chat_id, &json!(1))
    );
    scene.stopped.pass(60);
    assert_eq!(told(&mut last).await.len(), 0, "nothing has changed since");
}

#[tokio::test]
async fn avail_05_another_page_and_one_that_comes_back_show_the_same_place() {
    let mut scene = Scene::new().await;
    let (_, _first, _) = scene.waits().await;
    let (visitor, mut widget, chat_id) = scene.waits().await;
    let mut other = Socket::welcomed(&visitor.persona, "/v1/visitor/ws", None).await;
    let welcome = other.first.clone();
    assert_eq!(welcome["snapshot"]["chats"][0]["position"], 2);
    let resume = json!({"history_id": welcome["history_id"], "after": welcome["seq"]});
    scene.stopped.pass(10);

    scene.next().await;
    scene.stopped.pass(5);

    place_at(&mut widget, 1).await;
    place_at(&mut other, 1).await;
    drop(other);
    // A page that goes on from what it knew is told, since no event of its stream says it.
    let mut back = Socket::welcomed(&visitor.persona, "/v1/visitor/ws", Some(resume)).await;
    scene.stopped.pass(10);
    let place = back.expect("chat.place").await;
    assert_eq!(
        (&place["chat_id"], &place["position"]),
        (&chat_id, &json!(1))
    );
}
