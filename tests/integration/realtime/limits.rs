//! The bounds of one socket, of one mailbox, of one node.

use deskbell::app::Ports;
use serde_json::json;

use super::setting::{Stopped, Talk, send};
use crate::support::{Socket, Tenant, start_server};

#[tokio::test]
async fn too_many_frames_close_with_4029() {
    let stopped = Stopped::start(|config| {
        config.socket.frames_burst = 20;
        config.socket.frames_per_second_max = 5;
        // The answers to the server's own pings would count too.
        config.socket.ping_every_s = 100;
        config.socket.silent_after_s = 300;
    })
    .await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let agent = tenant.agent("ana").await;
    let (mut greedy, mut modest) = (Socket::agent(&agent).await, Socket::agent(&agent).await);
    let ping = json!({"type": "ping"});

    for _ in 0..20 {
        modest.send(&ping).await;
        modest.expect("pong").await;
    }
    // A second is worth five more.
    stopped.pass(1);
    for _ in 0..5 {
        modest.send(&ping).await;
        modest.expect("pong").await;
    }
    for _ in 0..21 {
        greedy.send(&ping).await;
    }
    modest.send(&ping).await;

    assert_eq!(greedy.closed().await.code, 4029);
    assert_eq!(modest.closed().await.code, 4029);
}

#[tokio::test]
async fn many_commands_at_once_are_all_answered_in_order() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let mut ids = Vec::new();

    // More than may be under way; the rest is not read before one is answered.
    for number in 0..100 {
        let frame = send(&talk.chat_id, &format!("v-{number}"), "Hello");
        ids.push(talk.widget.command(frame).await);
    }

    for (number, id) in ids.iter().enumerate() {
        let answer = talk.widget.expect("ok").await;
        assert_eq!(answer["id"], id.as_str());
        assert_eq!(answer["message"]["id"], format!("v-{number}"));
    }
    for number in 0..100 {
        let message = talk.desk.expect("chat.message").await;
        assert_eq!(message["message"]["id"], format!("v-{number}"));
    }
}

#[tokio::test]
async fn one_socket_more_than_a_node_takes_is_refused() {
    let server = start_server(Ports::default(), |config| config.socket.connections_max = 2).await;
    let mut tenant = Tenant::on(&format!("http://{}", server.address)).await;
    let agent = tenant.agent("ana").await;
    let (first, _second) = (Socket::agent(&agent).await, Socket::agent(&agent).await);

    let more = Socket::open_with(agent.base(), "/v1/agent/ws", &[]).await;
    assert_eq!(more.err(), Some(503));

    drop(first);
    let room = async || {
        Socket::open_with(agent.base(), "/v1/agent/ws", &[])
            .await
            .is_ok()
    };
    crate::support::until("there is room again", room).await;
}

#[tokio::test]
async fn a_token_that_ends_closes_with_4001() {
    let stopped = Stopped::start(|config| {
        config.auth.access_token_s = 60;
        config.socket.silent_after_s = 300;
    })
    .await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let agent = tenant.agent("ana").await;
    let mut desk = Socket::agent(&agent).await;
    let ready = async || {
        let path = "/readyz";
        agent.get(path).await.status.is_success()
    };

    for _ in 0..2 {
        stopped.pass(20);
        // The lease was renewed, the socket is alive.
        crate::support::until("the node is ready", ready).await;
        desk.send(&json!({"type": "ping"})).await;
        desk.expect("pong").await;
    }
    stopped.pass(22);

    assert_eq!(desk.closed().await.code, 4001);
}

#[tokio::test]
async fn the_largest_message_goes_through() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let largest = "x".repeat(65_536);

    talk.widget.ok(send(&talk.chat_id, "v-1", &largest)).await;
    assert_eq!(
        talk.desk.expect("chat.message").await["message"]["text"],
        largest.as_str()
    );
    let longer = format!("{largest}x");
    let refused = talk
        .widget
        .refused(send(&talk.chat_id, "v-2", &longer), "invalid")
        .await;
    assert_eq!(refused["errors"][0]["pointer"], "/message/text");
    assert_eq!(refused["errors"][0]["code"], "too_long");
}
