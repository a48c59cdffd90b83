//! What is decided while a commit is under way: nobody hears of it before it is durable, and it goes with what it was
//! decided on.

use std::time::Duration;

use deskbell::app::Server;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::journal::{Fault, Faults};
use crate::realtime::setting::{Talk, send};
use crate::support::{Persona, Socket, Tenant, Visitor, start_server, until};

/// Longer than a server that does not wait takes to answer.
const A_WHILE: Duration = Duration::from_millis(150);

async fn handed_in(faults: &Faults, more_than: usize) {
    until("a commit is handed in", async || {
        faults.commits().calls() > more_than
    })
    .await;
}

/// A server whose commits can be held, with a chat that ana has.
async fn talking() -> (Faults, Server, Tenant, Talk) {
    let faults = Faults::default();
    let server = start_server(faults.ports(), |_| ()).await;
    let mut tenant = Tenant::on(&format!("http://{}", server.address)).await;
    let talk = Talk::begin(&mut tenant, "ana").await;
    (faults, server, tenant, talk)
}

/// A visitor's start of a chat, under way.
fn starts(visitor: &Visitor, id: &str, fields: &Value) -> JoinHandle<Value> {
    let persona = visitor.persona.clone();
    let body = json!({"message": {"id": id, "text": "Hello"}, "fields": fields});
    tokio::spawn(async move { persona.post("/v1/visitor/chats", body).await.ok() })
}

#[tokio::test]
async fn the_next_batch_is_decided_meanwhile_and_told_after_its_own_commit() {
    let (faults, _server, tenant, mut talk) = talking().await;
    let other = tenant.visitor().await;
    // What the chat began with comes first.
    while talk.widget.expect("chat.message").await["message"]["id"] != "m-1" {}
    talk.desk.is_silent_for(A_WHILE).await;
    talk.widget.is_silent_for(A_WHILE).await;
    let (before, known) = (faults.commits().calls(), faults.looks().calls());

    faults.commits().hold(true);
    talk.desk.command(send(&talk.chat_id, "a-1", "One")).await;
    handed_in(&faults, before).await;
    talk.desk.command(send(&talk.chat_id, "a-2", "Two")).await;
    let start = starts(&other, "m-1", &json!({}));
    until("the start is looked at", async || {
        faults.looks().calls() > known
    })
    .await;
    for socket in [&mut talk.desk, &mut talk.widget] {
        let is_silent = socket.is_silent_for(A_WHILE).await;
        assert!(is_silent, "{:?}", socket.kept().collect::<Vec<_>>());
    }
    assert!(!start.is_finished(), "nobody hears of what is not durable");
    assert_eq!(faults.commits().calls(), before + 1, "one at a time");
    faults.commits().hold(false);

    for id in ["a-1", "a-2"] {
        assert_eq!(
            talk.widget.expect("chat.message").await["message"]["id"],
            id
        );
        assert_eq!(talk.desk.expect("ok").await["message"]["id"], id);
    }
    assert_eq!(start.await.unwrap()["state"], "waiting");
    assert_eq!(
        faults.commits().calls(),
        before + 2,
        "all of the rest at once"
    );
}

#[tokio::test]
async fn what_was_decided_on_top_of_a_commit_goes_with_it() {
    for fault in [Fault::Lost, Fault::Vanished, Fault::Refused, Fault::Fenced] {
        let (faults, _server, _tenant, mut talk) = talking().await;
        let path = talk.messages_path();
        let message = |id: &str| json!({"message": {"id": id, "text": "Hello"}});
        let post = |body: Value| {
            let (persona, path) = (talk.visitor.persona.clone(), path.clone());
            tokio::spawn(async move { persona.post(&path, body).await })
        };
        let before = faults.commits().calls();

        faults.commits().hold(true);
        faults.next(fault);
        let first = post(message("m-2"));
        handed_in(&faults, before).await;
        let second = post(message("m-3"));
        tokio::time::sleep(A_WHILE).await;
        faults.commits().hold(false);

        first.await.unwrap().problem(503, "unavailable");
        second.await.unwrap().problem(503, "unavailable");
        let there = if matches!(fault, Fault::Lost) { 2 } else { 1 };
        talk.widget = Socket::visitor(&talk.visitor).await;
        let chat = &talk.widget.first["snapshot"]["chats"][0];
        assert_eq!(chat["last_seq"], there, "{fault:?}");
        for id in ["m-2", "m-3"] {
            talk.widget.ok(send(&talk.chat_id, id, "Hello")).await;
        }
        let chat_path = format!("/v1/chats/{}", talk.chat_id.as_str().unwrap());
        assert_eq!(talk.agent.get(&chat_path).await.ok()["last_seq"], 3);
    }
}

#[tokio::test]
async fn who_waits_for_a_commit_that_fails_is_told_to_come_again() {
    let (faults, _server, tenant, mut talk) = talking().await;
    let before = faults.commits().calls();

    faults.commits().hold(true);
    faults.next(Fault::Vanished);
    talk.desk.command(send(&talk.chat_id, "a-1", "One")).await;
    handed_in(&faults, before).await;
    let mut fresh = Socket::open(talk.agent.base(), "/v1/agent/ws").await;
    fresh
        .send(&json!({"type": "hello", "token": talk.agent.token}))
        .await;
    let list = tokio::spawn({
        let owner = tenant.owner.clone();
        async move { owner.get("/v1/presence").await }
    });
    tokio::time::sleep(A_WHILE).await;
    faults.commits().hold(false);

    assert_eq!(fresh.closed().await.code, 1012);
    list.await.unwrap().problem(503, "unavailable");
}

/// What somebody is told of ana, who sets her status three times: the first time before it was asked, the second time
/// before that was durable, the third time before the second was.
async fn told_meanwhile<T: Send + 'static>(
    ask: impl FnOnce(Tenant, Persona) -> JoinHandle<T>,
) -> T {
    let faults = Faults::default();
    let server = start_server(faults.ports(), |_| ()).await;
    let mut tenant = Tenant::on(&format!("http://{}", server.address)).await;
    let (ana, mut desk) = tenant.online_agent("ana").await;
    let set = |status: &str| json!({"type": "presence.set", "status": status});
    let before = faults.commits().calls();

    faults.commits().hold(true);
    desk.command(set("away")).await;
    handed_in(&faults, before).await;
    let told = ask(tenant, ana);
    tokio::time::sleep(A_WHILE).await;
    desk.command(set("invisible")).await;
    tokio::time::sleep(A_WHILE).await;
    assert!(!told.is_finished());
    faults.commits().let_one();
    // Whoever read what is not durable would be told of this one together with the one before.
    handed_in(&faults, before + 1).await;
    desk.command(set("online")).await;
    tokio::time::sleep(A_WHILE).await;
    faults.commits().let_one();
    handed_in(&faults, before + 2).await;
    let told = told.await.unwrap();
    faults.commits().hold(false);
    told
}

#[tokio::test]
async fn nobody_reads_what_may_yet_be_lost() {
    let list = told_meanwhile(|tenant, _| {
        tokio::spawn(async move { tenant.owner.get("/v1/presence").await.ok() })
    });
    let list = list.await;

    let rows = list["data"].as_array().unwrap();
    let row = rows.iter().find(|row| row["agent"]["name"] == "ana");
    assert_eq!(row.unwrap()["presence"]["effective"], "away");
}

#[tokio::test]
async fn nobody_is_welcomed_with_what_may_yet_be_lost() {
    let welcome =
        told_meanwhile(|_, ana| tokio::spawn(async move { Socket::agent(&ana).await.first }));
    let welcome = welcome.await;

    assert_eq!(welcome["snapshot"]["presence"]["effective"], "away");
}

#[tokio::test]
async fn a_visitor_who_starts_again_meanwhile_is_looked_up_when_the_first_start_is_durable() {
    let faults = Faults::default();
    let server = start_server(faults.ports(), |_| ()).await;
    let mut tenant = Tenant::on(&format!("http://{}", server.address)).await;
    let _ana = tenant.online_agent("ana").await;
    let visitor = tenant.visitor().await;
    let (before, known) = (faults.commits().calls(), faults.looks().calls());

    faults.commits().hold(true);
    let first = starts(&visitor, "m-1", &json!({"name": "Bo"}));
    handed_in(&faults, before).await;
    let second = starts(&visitor, "m-2", &json!({}));
    tokio::time::sleep(A_WHILE).await;
    assert_eq!(faults.looks().calls(), known + 1);
    faults.commits().hold(false);

    assert_ne!(
        first.await.unwrap()["id"],
        second.await.unwrap()["id"],
        "two chats"
    );
    assert_eq!(faults.looks().calls(), known + 2);
}

/// A visitor is looked up and does not come back from it; gives the start.
async fn looked_up(faults: &Faults, visitor: &Visitor) -> JoinHandle<Value> {
    let before = faults.looks().calls();
    let start = starts(visitor, "m-1", &json!({}));
    until("the visitor is looked up", async || {
        faults.looks().calls() > before
    })
    .await;
    start
}

#[tokio::test]
async fn a_commit_is_told_of_while_somebody_is_looked_up() {
    let (faults, _server, tenant, mut talk) = talking().await;
    let other = tenant.visitor().await;
    while talk.widget.expect("chat.message").await["message"]["id"] != "m-1" {}
    let before = faults.commits().calls();

    faults.commits().hold(true);
    faults.looks().hold(true);
    talk.desk.command(send(&talk.chat_id, "a-1", "One")).await;
    handed_in(&faults, before).await;
    talk.desk.command(send(&talk.chat_id, "a-2", "Two")).await;
    tokio::time::sleep(A_WHILE).await;
    let start = looked_up(&faults, &other).await;
    faults.commits().let_one();

    // The next one is handed in, too.
    assert_eq!(talk.desk.expect("ok").await["message"]["id"], "a-1");
    handed_in(&faults, before + 1).await;
    faults.commits().hold(false);
    assert_eq!(talk.desk.expect("ok").await["message"]["id"], "a-2");
    assert!(!start.is_finished());
    faults.looks().hold(false);
    assert_eq!(start.await.unwrap()["state"], "waiting");
}

#[tokio::test]
async fn a_chat_that_left_memory_while_somebody_was_looked_up_is_read_again() {
    let (faults, _server, tenant, mut talk) = talking().await;
    let (one, two) = (tenant.visitor().await, tenant.visitor().await);
    let about = |kind: &str| json!({"type": kind, "chat_id": talk.chat_id});
    let close = about("chat.close");
    let mut update = about("chat.update");
    update["important"] = true.into();
    let before = faults.commits().calls();

    // The chat is over, and not handed in yet: the engine holds it.
    faults.commits().hold(true);
    talk.desk.command(send(&talk.chat_id, "a-1", "Bye")).await;
    handed_in(&faults, before).await;
    talk.desk.command(close).await;
    tokio::time::sleep(A_WHILE).await;
    // What is said about it comes in one batch with a start, while the one before is looked up.
    faults.looks().hold(true);
    let first = looked_up(&faults, &one).await;
    let second = starts(&two, "m-1", &json!({}));
    talk.desk.command(update).await;
    tokio::time::sleep(A_WHILE).await;
    let looks = faults.looks().calls();
    faults.looks().let_one();
    until("the second is looked up", async || {
        faults.looks().calls() > looks
    })
    .await;
    faults.commits().let_one();
    handed_in(&faults, before + 1).await;
    faults.looks().hold(false);
    faults.commits().hold(false);

    talk.desk.expect("chat.closed").await;
    assert_eq!(talk.desk.expect("chat.updated").await["important"], true);
    assert_eq!(first.await.unwrap()["state"], "waiting");
    assert_eq!(second.await.unwrap()["state"], "waiting");
}

#[tokio::test]
async fn whoever_talks_does_not_wait_for_a_crowd_at_the_door() {
    let faults = Faults::default();
    let server = start_server(faults.ports(), |config| config.engine.newcomers_max = 2).await;
    let mut tenant = Tenant::on(&format!("http://{}", server.address)).await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let mut crowd = Vec::new();
    for _ in 0..7 {
        crowd.push(tenant.visitor().await);
    }
    while talk.widget.expect("chat.message").await["message"]["id"] != "m-1" {}
    let before = faults.commits().calls();

    faults.commits().hold(true);
    let mut starts: Vec<_> = crowd.iter().map(|v| starts(v, "m-1", &json!({}))).collect();
    handed_in(&faults, before).await;
    tokio::time::sleep(A_WHILE).await;
    talk.desk.command(send(&talk.chat_id, "a-1", "One")).await;
    tokio::time::sleep(A_WHILE).await;
    // What is under way, and the next one.
    for _ in 0..2 {
        faults.commits().let_one();
    }

    assert_eq!(talk.desk.expect("ok").await["message"]["id"], "a-1");
    tokio::time::sleep(A_WHILE).await;
    let done = starts.iter().filter(|start| start.is_finished()).count();
    assert!(done <= 4, "two in each commit, not {done}");
    faults.commits().hold(false);
    for start in starts.drain(..) {
        assert_eq!(start.await.unwrap()["state"], "waiting");
    }
    // One, or two, began at once; the rest two by two.
    let commits = faults.commits().calls() - before;
    assert!((4..=5).contains(&commits), "{commits}");
}
