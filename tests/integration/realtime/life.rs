//! The life of a chat over sockets: its clocks, the work after it, what is said of it.

use deskbell::domain::{Millis, Reminder, VisitorIdle};
use serde_json::json;

use super::setting::{Stopped, Talk, send};
use crate::support::{Socket, Tenant, set_queue, shared};

#[tokio::test]
async fn chat_04_work_after_a_chat_is_in_the_snapshot_until_it_is_done() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    set_queue(&shared().state.hub, &tenant, |settings| {
        settings.closing.wrap_up = Some(Millis::from_secs(600));
    })
    .await;
    let chat_id = talk.chat_id.clone();

    let answer = talk
        .desk
        .ok(json!({"type": "chat.close", "chat_id": chat_id}))
        .await;

    assert_eq!(answer["chat"]["state"], "wrap_up");
    let started = talk.desk.expect("chat.wrap_up_started").await;
    let later = Socket::agent(&talk.agent).await;
    let shown = &later.first["snapshot"]["wrap_ups"][0];
    assert_eq!(
        (&shown["chat"], &shown["until"]),
        (&started["chat"], &started["until"])
    );
    let update = json!({"type": "chat.update", "chat_id": chat_id, "important": true});
    talk.desk.ok(update).await;
    assert_eq!(talk.desk.expect("chat.updated").await["important"], true);
    talk.desk
        .ok(json!({"type": "wrap_up.end", "chat_id": chat_id}))
        .await;
    talk.desk.expect("chat.wrap_up_ended").await;
    let again = json!({"type": "wrap_up.end", "chat_id": chat_id});
    talk.desk.refused(again, "not_in_wrap_up").await;
    talk.widget.expect("chat.closed").await;
    let told = talk
        .widget
        .kept()
        .any(|frame| frame.to_string().contains("wrap_up"));
    assert!(!told, "the visitor is not told");
    let rate = json!({"type": "chat.rate", "chat_id": chat_id, "score": 4});
    assert_eq!(talk.widget.ok(rate).await["chat"]["score"], 4);
    assert_eq!(talk.desk.expect("chat.rated").await["score"], 4);
}

#[tokio::test]
async fn chat_10_a_silent_visitor_is_warned_and_comes_back_to_the_same_agent() {
    let stopped = Stopped::start(|_| ()).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    set_queue(&stopped.server.state.hub, &tenant, |settings| {
        settings.visitor_idle = VisitorIdle {
            warning: Some(Millis::from_secs(10)),
            close: Some(Millis::from_secs(20)),
            reopen_within: Some(Millis::from_secs(600)),
        };
    })
    .await;
    let chat_id = talk.chat_id.clone();
    talk.desk.ok(send(&chat_id, "a-1", "Are you there?")).await;

    stopped.pass(11);
    let warning = talk.widget.expect("chat.idle_warning").await;
    assert!(warning["closes_at"].is_string());
    talk.desk.expect("chat.idle_warning").await;
    // Both say something, so that neither is taken for dead.
    for socket in [&mut talk.desk, &mut talk.widget] {
        socket.send(&json!({"type": "ping"})).await;
        socket.expect("pong").await;
    }
    stopped.pass(10);
    let closed = talk.widget.expect("chat.closed").await;
    assert_eq!(closed["reason"], "visitor_idle");
    talk.widget.ok(send(&chat_id, "m-2", "I am back")).await;

    for socket in [&mut talk.desk, &mut talk.widget] {
        let reopened = socket.expect("chat.reopened").await;
        assert_eq!(reopened["chat"]["state"], "active");
    }
    talk.desk.ok(send(&chat_id, "a-2", "Welcome back")).await;
    let shown = Socket::visitor(&talk.visitor).await;
    assert_eq!(shown.first["snapshot"]["chats"][0]["last_seq"], 6);
}

#[tokio::test]
async fn chat_08_an_agent_is_reminded_unless_a_window_shows_the_chat() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    set_queue(&shared().state.hub, &tenant, |settings| {
        settings.reminder = Some(Reminder::EveryMessage);
    })
    .await;
    let chat_id = talk.chat_id.clone();
    let mut phone = Socket::agent(&talk.agent).await;
    phone.ok(json!({"type": "focus", "chat_id": chat_id})).await;
    talk.widget.ok(send(&chat_id, "m-2", "Hello?")).await;
    phone.ok(json!({"type": "focus", "chat_id": null})).await;
    talk.widget.ok(send(&chat_id, "m-3", "Anybody?")).await;

    let reminder = talk.desk.expect("chat.reminder").await;

    let second = talk.desk.expect("chat.message").await;
    assert_eq!(second["message"]["id"], "m-2");
    let third = talk.desk.expect("chat.message").await;
    assert!(third["seq"].as_u64() < reminder["seq"].as_u64());
    let nothing = json!({"type": "focus"});
    talk.desk.refused(nothing, "invalid").await;
}
