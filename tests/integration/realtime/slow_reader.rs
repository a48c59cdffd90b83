//! Who does not read loses its socket, and nobody else notices.

use super::setting::{Talk, send};
use crate::support::{Socket, Tenant, start_server};
use deskbell::app::Ports;
use serde_json::json;

#[tokio::test]
async fn a_slow_reader_is_closed_and_the_others_go_on() {
    let server = start_server(Ports::default(), |config| {
        config.socket.send_queue_frames_max = 16;
        config.socket.send_queue_bytes_max = 1_048_576;
        config.socket.frames_per_second_max = 10_000;
        config.socket.frames_burst = 100_000;
        config.socket.silent_after_s = 300;
    })
    .await;
    let mut tenant = Tenant::on(&format!("http://{}", server.address)).await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    talk.desk.expect("chat.accepted").await;
    let mut other = Talk::begin(&mut tenant, "bo").await;
    // It is welcomed, and reads nothing more.
    let mut slow = Socket::agent(&talk.agent).await;
    let text = "x".repeat(60_000);

    // Until the buffers of both ends of its connection are full, and its queue.
    let owner = tenant.owner.clone();
    let sockets = async || {
        let rows = owner.get("/v1/presence").await.ok();
        let mut rows = rows["data"].as_array().unwrap().iter();
        let row = rows.find(|row| row["agent"]["name"] == "ana").unwrap();
        row["connections"].as_u64().unwrap()
    };
    assert_eq!(sockets().await, 2);
    let mut number = 0;
    while sockets().await == 2 {
        number += 1;
        assert!(number < 1000, "it is never closed");
        let id = format!("v-{number}");
        talk.widget.ok(send(&talk.chat_id, &id, &text)).await;
        talk.widget.expect("chat.message").await;
        while talk.desk.expect("chat.message").await["message"]["id"] != id {}
    }

    assert_eq!(slow.closed().await.code, 4008);
    other.widget.ok(send(&other.chat_id, "v-1", "Hello")).await;
    while other.desk.expect("chat.message").await["message"]["id"] != "v-1" {}
    talk.desk
        .ok(send(&talk.chat_id, "a-1", "Still there"))
        .await;
}

#[tokio::test]
async fn who_missed_more_than_its_queue_takes_comes_back_all_the_same() {
    let server = start_server(Ports::default(), |config| {
        config.socket.send_queue_frames_max = 16;
    })
    .await;
    let mut tenant = Tenant::on(&format!("http://{}", server.address)).await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let first = Socket::agent(&talk.agent).await.first;
    for number in 0..40 {
        talk.widget
            .ok(send(&talk.chat_id, &format!("v-{number}"), "Hello"))
            .await;
    }

    let resume = json!({"history_id": first["history_id"], "after": first["seq"]});
    let mut back = Socket::welcomed(&talk.agent, "/v1/agent/ws", Some(resume)).await;

    // Either it gets them all, or a snapshot.
    match back.first["type"].as_str().unwrap() {
        "welcome" => assert_eq!(back.first["snapshot"]["chats"][0]["last_seq"], 41),
        _ => while back.expect("chat.message").await["message"]["seq"] != 41 {},
    }
    back.ok(send(&talk.chat_id, "a-1", "Here again")).await;
}
