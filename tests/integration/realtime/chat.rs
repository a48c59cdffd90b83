//! One chat, seen from both sides.

use serde_json::{Value, json};

use super::setting::{Talk, send, start};
use crate::support::{Socket, Tenant};

/// The types of the next frames, in the order in which they come.
async fn types<const N: usize>(socket: &mut Socket) -> [String; N] {
    let mut types = [const { String::new() }; N];
    for slot in &mut types {
        socket.next().await["type"]
            .as_str()
            .unwrap()
            .clone_into(slot);
    }
    types
}

#[tokio::test]
async fn a_chat_goes_from_start_to_close_in_order() {
    let mut tenant = Tenant::new().await;
    let (_, mut desk) = tenant.online_agent("ana").await;
    let visitor = tenant.visitor().await;
    let mut widget = Socket::visitor(&visitor).await;
    desk.expect("presence.changed").await;
    desk.expect("availability.changed").await;

    let message = json!({"id": "m-1", "text": "Hello"});
    let begin = json!({"type": "chat.start", "fields": {"name": "Vera"}, "message": message});
    widget.command(begin).await;
    let queued = widget.next().await;
    assert_eq!(
        (&queued["type"], &queued["position"]),
        (&json!("chat.queued"), &json!(1))
    );
    let chat_id = queued["chat_id"].clone();
    assert_eq!(types(&mut widget).await, ["chat.message", "ok"]);

    let offer = desk.expect("offer.made").await;
    assert_eq!(
        (&offer["chat_id"], &offer["state"]),
        (&chat_id, &json!("ringing"))
    );
    assert_eq!(offer["contact"]["name"], "Vera");
    desk.command(json!({"type": "chat.accept", "chat_id": chat_id, "offer": offer["offer"]}))
        .await;
    assert_eq!(
        types(&mut desk).await,
        ["offer.accepted", "chat.accepted", "ok"]
    );
    let accepted = widget.next().await;
    assert_eq!(
        (&accepted["type"], &accepted["agent"]["name"]),
        (&json!("chat.accepted"), &json!("ana"))
    );
    assert_eq!(accepted["chat"]["position"], Value::Null);

    desk.command(send(&chat_id, "m-2", "Good morning")).await;
    assert_eq!(types(&mut desk).await, ["chat.message", "ok"]);
    let message = widget.next().await;
    assert_eq!(message["message"]["author"]["name"], "ana");
    assert_eq!(
        (&message["message"]["seq"], &message["message"]["text"]),
        (&json!(2), &json!("Good morning"))
    );
    widget.command(send(&chat_id, "m-3", "One question")).await;
    assert_eq!(types(&mut widget).await, ["chat.message", "ok"]);
    assert_eq!(
        desk.next().await["message"]["author"],
        json!({"kind": "visitor"})
    );

    desk.command(json!({"type": "chat.close", "chat_id": chat_id}))
        .await;
    assert_eq!(types(&mut desk).await, ["chat.closed", "ok"]);
    let closed = widget.next().await;
    assert_eq!(
        (&closed["type"], &closed["reason"]),
        (&json!("chat.closed"), &json!("agent_closed"))
    );
    widget
        .refused(send(&chat_id, "m-4", "Wait"), "chat_closed")
        .await;
}

#[tokio::test]
async fn numbers_of_events_rise() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    for number in 2..20 {
        let id = format!("m-{number}");
        talk.desk.ok(send(&talk.chat_id, &id, "Hello")).await;
    }

    for socket in [&mut talk.desk, &mut talk.widget] {
        // What comes by now was sent before the answer.
        socket.send(&json!({"type": "ping"})).await;
        socket.expect("pong").await;
        let first = socket.first["seq"].as_i64().unwrap();
        let seqs: Vec<i64> = std::iter::once(first)
            .chain(socket.kept().filter_map(|frame| frame["seq"].as_i64()))
            .collect();
        assert!(
            seqs.len() > 19 && seqs.is_sorted_by(|a, b| a < b),
            "{seqs:?}"
        );
    }
}

#[tokio::test]
async fn typing_is_shown_to_the_other_side_only() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let mut second = Socket::agent(&talk.agent).await;
    let typing =
        |typing: bool| json!({"type": "chat.typing", "chat_id": talk.chat_id, "typing": typing});

    talk.desk.ok(typing(true)).await;
    let seen = talk.widget.expect("chat.typing").await;
    assert_eq!(
        (&seen["author"]["name"], &seen["typing"]),
        (&json!("ana"), &json!(true))
    );
    assert!(seen.get("seq").is_none(), "{seen}");
    talk.widget.ok(typing(true)).await;
    assert_eq!(
        talk.desk.expect("chat.typing").await["author"],
        json!({"kind": "visitor"})
    );
    assert_eq!(
        second.expect("chat.typing").await["author"],
        json!({"kind": "visitor"})
    );

    // Messages show that nothing more was on its way.
    talk.desk.ok(send(&talk.chat_id, "m-2", "Hello")).await;
    talk.widget.ok(send(&talk.chat_id, "m-3", "Hello")).await;
    for socket in [&mut talk.desk, &mut talk.widget, &mut second] {
        while socket.expect("chat.message").await["message"]["id"] != "m-3" {}
        assert!(socket.kept().all(|frame| frame["type"] != "chat.typing"));
    }
}

#[tokio::test]
async fn a_message_is_echoed_to_every_socket_of_its_sender() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let (mut desk, mut widget) = (
        Socket::agent(&talk.agent).await,
        Socket::visitor(&talk.visitor).await,
    );

    talk.desk
        .ok(send(&talk.chat_id, "m-2", "From the desk"))
        .await;
    talk.widget
        .ok(send(&talk.chat_id, "m-3", "From the page"))
        .await;

    for socket in [&mut desk, &mut widget] {
        assert_eq!(socket.next().await["message"]["id"], "m-2");
        assert_eq!(socket.next().await["message"]["id"], "m-3");
    }
}

#[tokio::test]
async fn a_message_that_is_sent_again_gives_the_first_answer() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;

    let first = talk.widget.ok(send(&talk.chat_id, "m-2", "Once")).await;
    let again = talk.widget.ok(send(&talk.chat_id, "m-2", "Twice")).await;
    assert_eq!(again["message"], first["message"]);
    talk.desk
        .refused(send(&talk.chat_id, "m-2", "Mine"), "message_id_taken")
        .await;
    talk.desk
        .ok(json!({"type": "chat.close", "chat_id": talk.chat_id}))
        .await;
    let after = talk.widget.ok(send(&talk.chat_id, "m-2", "Thrice")).await;
    assert_eq!(after["message"], first["message"]);
    talk.desk
        .refused(send(&talk.chat_id, "m-2", "Mine"), "message_id_taken")
        .await;

    let path = format!("/v1/chats/{}/events", talk.chat_id.as_str().unwrap());
    let events = talk.agent.get(&path).await.ok();
    let kept = events["data"].as_array().unwrap();
    let times = kept.iter().filter(|e| e["message"]["id"] == "m-2").count();
    assert_eq!(times, 1, "{events}");
}

#[tokio::test]
async fn both_may_send_the_same_message_at_once() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let mut twin = Socket::visitor(&talk.visitor).await;

    let frame = send(&talk.chat_id, "m-2", "Once");
    let (one, other) = tokio::join!(talk.widget.ok(frame.clone()), twin.ok(frame));

    assert_eq!(one["message"], other["message"]);
    talk.desk.ok(send(&talk.chat_id, "m-3", "And?")).await;
    assert_eq!(
        talk.desk.expect("chat.message").await["message"]["id"],
        "m-2"
    );
    assert_eq!(
        talk.desk.expect("chat.message").await["message"]["id"],
        "m-3"
    );
}

#[tokio::test]
async fn a_start_that_is_repeated_is_the_same_chat() {
    let mut tenant = Tenant::new().await;
    let (_, mut desk) = tenant.online_agent("ana").await;
    let visitor = tenant.visitor().await;

    let mut lost = Socket::visitor(&visitor).await;
    let first = start(&mut lost, "m-1").await;
    drop(lost);
    let mut widget = Socket::visitor(&visitor).await;
    assert_eq!(widget.first["snapshot"]["chats"][0]["id"], first);
    let again = start(&mut widget, "m-1").await;

    assert_eq!(again, first);
    desk.expect("offer.made").await;
    assert!(desk.kept().all(|frame| frame["type"] != "offer.made"));
}

#[tokio::test]
async fn others_see_nothing_of_a_chat() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let bo = tenant.agent("bo").await;
    let stranger = tenant.visitor().await;
    let (mut desk, mut widget) = (Socket::agent(&bo).await, Socket::visitor(&stranger).await);

    talk.widget.ok(send(&talk.chat_id, "m-2", "Secret")).await;

    desk.refused(send(&talk.chat_id, "x-1", "Hello"), "not_participant")
        .await;
    widget
        .refused(send(&talk.chat_id, "x-1", "Hello"), "not_found")
        .await;
    widget
        .refused(
            json!({"type": "chat.end", "chat_id": talk.chat_id}),
            "not_found",
        )
        .await;
    desk.ok(json!({"type": "presence.set", "status": "away"}))
        .await;
    assert!(desk.kept().all(|frame| frame.get("chat_id").is_none()));
    assert_eq!(widget.kept().count(), 0);
}

#[tokio::test]
async fn rule_01_messages_of_many_at_once_have_no_gap_and_one_order_for_all() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let chat_id = talk.chat_id.clone();
    let mut senders = Vec::new();
    for _ in 0..2 {
        senders.push(Socket::agent(&talk.agent).await);
        senders.push(Socket::visitor(&talk.visitor).await);
    }

    let sending = senders
        .iter_mut()
        .enumerate()
        .map(async |(sender, socket)| {
            for number in 0..15 {
                let id = format!("s-{sender}-{number}");
                socket.ok(send(&chat_id, &id, "Hello")).await;
            }
        });
    futures_util::future::join_all(sending).await;
    talk.desk.ok(send(&chat_id, "last", "Bye")).await;

    // The first came with the start, before the agent was there.
    talk.widget.expect("chat.message").await;
    let mut orders = Vec::new();
    for socket in [&mut talk.desk, &mut talk.widget] {
        let mut order = Vec::new();
        while order.last() != Some(&json!("last")) {
            let message = socket.expect("chat.message").await["message"].take();
            assert_eq!(message["seq"], order.len() + 2);
            order.push(message["id"].clone());
        }
        orders.push(order);
    }
    assert_eq!(orders[0].len(), 61);
    assert_eq!(orders[0], orders[1]);
}
