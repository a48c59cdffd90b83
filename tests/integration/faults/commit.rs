//! A commit that fails: nobody is told what may not be true, and whoever repeats gets the one answer.

use deskbell::domain::TenantId;
use serde_json::{Value, json};

use super::journal::{Fault, Faults};
use crate::realtime::setting::{Stopped, Talk, send};
use crate::support::{Socket, Tenant, start_server, until};

/// How often a message is in the stored history of its chat.
async fn times(talk: &Talk, message_id: &str) -> usize {
    let path = format!("/v1/chats/{}/events", talk.chat_id.as_str().unwrap());
    let events = talk.agent.get(&path).await.ok();
    let events = events["data"].as_array().unwrap();
    events
        .iter()
        .filter(|event| event["message"]["id"] == message_id)
        .count()
}

/// Both sockets are told to come back, and have seen nothing of the message.
async fn told_to_come_back(talk: &mut Talk, message_id: &str) {
    for socket in [&mut talk.desk, &mut talk.widget] {
        let closed = socket.closed().await;
        assert_eq!(closed.code, 1012);
        assert!(closed.reason.starts_with("retry_after_ms="), "{closed:?}");
        assert!(
            socket
                .kept()
                .all(|frame| frame["message"]["id"] != message_id)
        );
    }
}

/// What both sides see when they are back.
async fn back(talk: &mut Talk, last_seq: u32) {
    talk.desk = Socket::agent(&talk.agent).await;
    talk.widget = Socket::visitor(&talk.visitor).await;
    for socket in [&talk.desk, &talk.widget] {
        let chat = &socket.first["snapshot"]["chats"][0];
        assert_eq!(
            (&chat["id"], &chat["last_seq"]),
            (&talk.chat_id, &json!(last_seq))
        );
    }
    assert_eq!(
        talk.desk.first["snapshot"]["presence"]["effective"],
        "online"
    );
}

/// One fault under a request; `seen` is the number of messages that are there after it.
async fn a_request_meets(fault: Fault, seen: u32) {
    let faults = Faults::default();
    let server = start_server(faults.ports(), |_| ()).await;
    let mut tenant = Tenant::on(&format!("http://{}", server.address)).await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let path = talk.messages_path();
    let body = json!({"message": {"id": "m-2", "text": "Hello"}});

    faults.next(fault);
    let answer = talk.visitor.persona.post(&path, body.clone()).await;

    let retry_after = answer.headers.get("retry-after").unwrap().to_str().unwrap();
    assert!(retry_after.parse::<u32>().unwrap() >= 1);
    answer.problem(503, "unavailable");
    told_to_come_back(&mut talk, "m-2").await;
    back(&mut talk, seen).await;
    let again = talk.visitor.persona.post(&path, body.clone()).await;
    assert_eq!(again.status.as_u16(), if seen == 2 { 200 } else { 201 });
    let first = again.ok();
    assert_eq!(first["seq"], 2);
    assert_eq!(talk.visitor.persona.post(&path, body).await.ok(), first);
    assert_eq!(times(&talk, "m-2").await, 1);
    talk.desk.ok(send(&talk.chat_id, "m-3", "Hello")).await;
    while talk.widget.expect("chat.message").await["message"]["id"] != "m-3" {}
}

#[tokio::test]
async fn a_message_whose_commit_was_lost_is_there_once() {
    a_request_meets(Fault::Lost, 2).await;
}

#[tokio::test]
async fn a_message_whose_commit_never_arrived_is_sent_again() {
    a_request_meets(Fault::Vanished, 1).await;
}

#[tokio::test]
async fn a_message_whose_commit_was_refused_is_sent_again() {
    a_request_meets(Fault::Refused, 1).await;
}

#[tokio::test]
async fn a_message_under_a_deposed_owner_is_sent_again() {
    a_request_meets(Fault::Fenced, 1).await;
}

#[tokio::test]
async fn a_command_of_a_socket_is_repeated_by_the_next_socket() {
    for (fault, seen) in [
        (Fault::Lost, 2),
        (Fault::Vanished, 1),
        (Fault::Refused, 1),
        (Fault::Fenced, 1),
    ] {
        let faults = Faults::default();
        let server = start_server(faults.ports(), |_| ()).await;
        let mut tenant = Tenant::on(&format!("http://{}", server.address)).await;
        let mut talk = Talk::begin(&mut tenant, "ana").await;

        faults.next(fault);
        talk.widget
            .command(send(&talk.chat_id, "m-2", "Hello"))
            .await;

        told_to_come_back(&mut talk, "m-2").await;
        assert!(
            talk.widget
                .kept()
                .all(|frame| frame["type"] != "ok" || frame["chat"] != Value::Null)
        );
        back(&mut talk, seen).await;
        let answer = talk.widget.ok(send(&talk.chat_id, "m-2", "Hello")).await;
        assert_eq!(answer["message"]["seq"], 2);
        assert_eq!(times(&talk, "m-2").await, 1, "{fault:?}");
    }
}

#[tokio::test]
async fn an_accept_whose_commit_was_lost_stands() {
    let faults = Faults::default();
    let server = start_server(faults.ports(), |_| ()).await;
    let mut tenant = Tenant::on(&format!("http://{}", server.address)).await;
    let (ana, mut desk) = tenant.online_agent("ana").await;
    let visitor = tenant.visitor().await;
    let mut widget = Socket::visitor(&visitor).await;
    let chat_id = crate::realtime::setting::start(&mut widget, "m-1").await;
    let offer = desk.expect("offer.made").await;
    let path = format!("/v1/chats/{}/accept", chat_id.as_str().unwrap());
    let body = json!({"offer": offer["offer"]});

    faults.next(Fault::Lost);
    ana.post(&path, body.clone())
        .await
        .problem(503, "unavailable");

    assert_eq!(desk.closed().await.code, 1012);
    let desk = Socket::agent(&ana).await;
    let snapshot = &desk.first["snapshot"];
    assert_eq!(snapshot["offers"], json!([]));
    assert_eq!(snapshot["chats"][0]["id"], chat_id);
    let again = ana.post(&path, body).await.ok();
    assert_eq!(again["agents"][0]["id"], ana.get("/v1/me").await.ok()["id"]);
}

#[tokio::test]
async fn an_office_is_not_live_for_ever_after_a_lost_commit_of_its_last_agents_end() {
    let faults = Faults::default();
    let stopped = Stopped::start_with(faults.ports(), |_| ()).await;
    let hub = &stopped.server.state.hub;
    let mut tenant = Tenant::on(&stopped.base).await;
    let id = TenantId(tenant.id.parse().unwrap());
    let (_, desk) = tenant.online_agent("ana").await;
    drop(desk);
    until("the agent's grace begins", async || {
        hub.inspect(id).await.unwrap().is_quiet()
    })
    .await;

    stopped.pass(30);
    hub.inspect(id).await.unwrap();
    faults.next(Fault::Lost);
    stopped.pass(31);

    until("nobody is there", async || {
        tenant.mode().await == "messenger"
    })
    .await;
}
