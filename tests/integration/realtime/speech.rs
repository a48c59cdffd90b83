//! What messages hold over sockets: buttons, changes, and what is told to whoever comes back.

use serde_json::{Value, json};

use super::setting::{Talk, send};
use crate::support::{Socket, Tenant};

/// Where a visitor's socket opens.
const VISITOR: &str = "/v1/visitor/ws";

fn edit(chat_id: &Value, id: &str, text: &str) -> Value {
    json!({"type": "chat.edit", "chat_id": chat_id, "message_id": id, "text": text})
}

fn delete(chat_id: &Value, id: &str) -> Value {
    json!({"type": "chat.delete", "chat_id": chat_id, "message_id": id})
}

#[tokio::test]
async fn chat_05_both_sides_see_what_is_changed() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    talk.desk.ok(send(&talk.chat_id, "a-1", "Helo")).await;
    talk.widget.expect("chat.message").await;

    let answer = talk.desk.ok(edit(&talk.chat_id, "a-1", "Hello")).await;
    assert_eq!(answer["message"]["text"], "Hello");
    let seen = talk.widget.expect("chat.message_edited").await;
    assert_eq!(seen["message"]["text"], "Hello");
    assert_eq!(
        (&seen["message"]["id"], &seen["message"]["seq"]),
        (&json!("a-1"), &json!(2))
    );
    talk.desk.expect("chat.message_edited").await;
    let answer = talk.desk.ok(delete(&talk.chat_id, "a-1")).await;
    assert_eq!(answer["message"]["deleted"], true);
    let seen = talk.widget.expect("chat.message_deleted").await;
    assert_eq!(seen["message"], json!({"id": "a-1", "seq": 2}));

    talk.widget
        .refused(edit(&talk.chat_id, "a-1", "Mine"), "not_author")
        .await;
    talk.widget
        .refused(delete(&talk.chat_id, "nothing"), "unknown_message")
        .await;
    talk.desk
        .refused(edit(&talk.chat_id, "a-1", "Back"), "message_deleted")
        .await;
}

#[tokio::test]
async fn chat_05_a_button_is_pressed_over_the_socket() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let buttons = json!([{"id": "yes", "text": "Yes"}]);
    let ask = json!({"id": "a-1", "text": "Shall we?", "buttons": buttons});
    let ask = json!({"type": "chat.send", "chat_id": talk.chat_id, "message": ask});
    talk.desk.ok(ask.clone()).await;
    let press = |button: &str| {
        let button = json!({"message_id": "a-1", "button_id": button});
        json!({"type": "chat.send", "chat_id": talk.chat_id, "message": {"id": "v-1", "button": button}})
    };

    talk.widget.refused(press("no"), "unknown_button").await;
    let first = talk.widget.ok(press("yes")).await;
    let again = talk.widget.ok(press("yes")).await;

    assert_eq!(first["message"], again["message"]);
    let pressed = json!({"message_id": "a-1", "button_id": "yes"});
    assert_eq!(first["message"]["button"], pressed);
    // A visitor has no buttons to give.
    talk.widget.refused(ask, "invalid").await;
}

/// A text that was deleted is not told to whoever comes back from before it was written.
#[tokio::test]
async fn chat_05_a_deleted_text_is_not_repeated() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let secret = "canary-5d20";
    let mut before = Socket::visitor(&talk.visitor).await;
    let welcome = before.first.clone();
    let resume = json!({"history_id": welcome["history_id"], "after": welcome["seq"]});
    before.send(&json!({"type": "ping"})).await;
    before.expect("pong").await;
    talk.desk.ok(send(&talk.chat_id, "a-1", secret)).await;
    talk.desk
        .ok(edit(&talk.chat_id, "a-1", &format!("*{secret}*")))
        .await;
    talk.desk.ok(send(&talk.chat_id, "a-2", "Stays")).await;
    talk.desk.ok(delete(&talk.chat_id, "a-1")).await;

    let mut after = Socket::welcomed(&talk.visitor.persona, VISITOR, Some(resume)).await;

    assert_eq!(after.first["type"], "resumed");
    let first = after.expect("chat.message").await;
    assert_eq!(first["message"]["deleted"], true);
    let edited = after.expect("chat.message_edited").await;
    assert_eq!(edited["message"]["text"], Value::Null);
    let second = after.expect("chat.message").await;
    assert_eq!(second["message"]["text"], "Stays");
    after.expect("chat.message_deleted").await;
    assert!(!format!("{first}{edited}").contains(secret));
}
