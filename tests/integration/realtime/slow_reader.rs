//! Who does not read loses its socket, and nobody else notices.

use deskbell::app::Ports;
use serde_json::json;

use super::setting::{Talk, send};
use crate::support::{Socket, Tenant, start_server};

#[tokio::test]
async fn a_slow_reader_is_closed_and_the_others_go_on() {
    let server = start_server(Ports::default(), |config| {
        config.socket.send_queue_frames_max = 16;
        config.socket.send_queue_bytes_max = 1_048_576;
        config.socket.frames_per_second_max = 10_000;
        config.socket.frames_burst = 100_000;
    })
    .await;
    let mut tenant = Tenant::on(&format!("http://{}", server.address)).await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    talk.desk.expect("chat.accepted").await;
    let mut other = Talk::begin(&mut tenant, "bo").await;
    // It is welcomed, and reads nothing more.
    let mut slow = Socket::agent(&talk.agent).await;
    let seq = slow.first["seq"].clone();
    let text = "x".repeat(60_000);

    // Far more than the buffers of two ends of a connection take.
    for number in 0..250 {
        let id = format!("v-{number}");
        talk.widget.ok(send(&talk.chat_id, &id, &text)).await;
        talk.widget.expect("chat.message").await;
        while talk.desk.expect("chat.message").await["message"]["id"] != id {}
    }

    assert_eq!(slow.closed().await.code, 4008);
    let resume = json!({"history_id": slow.first["history_id"], "after": seq});
    other.widget.ok(send(&other.chat_id, "v-1", "Hello")).await;
    while other.desk.expect("chat.message").await["message"]["id"] != "v-1" {}
    talk.desk
        .ok(send(&talk.chat_id, "a-1", "Still there"))
        .await;
    // What it missed may fill its queue again, so it may be sent a snapshot in its stead.
    let back = Socket::welcomed(&talk.agent, "/v1/agent/ws", Some(resume)).await;
    assert!(
        ["welcome", "resumed"]
            .iter()
            .any(|kind| back.first["type"] == *kind)
    );
}
