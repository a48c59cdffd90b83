//! Notes, marks and unsent text over the sockets.

use serde_json::{Value, json};

use super::setting::{Talk, send};
use crate::support::{Setup, Socket, Tenant};

fn note(chat_id: &Value, id: &str, text: &str) -> Value {
    json!({"type": "chat.note", "chat_id": chat_id, "note": {"id": id, "text": text}})
}

fn read(chat_id: &Value, seq: u32) -> Value {
    json!({"type": "chat.read", "chat_id": chat_id, "seq": seq})
}

#[tokio::test]
async fn chat_03_a_note_is_heard_by_the_agents_in_the_chat() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let mut other = Socket::agent(&talk.agent).await;
    let (_, mut bo) = tenant.online_agent("bo").await;

    let first = talk.desk.ok(note(&talk.chat_id, "n-1", "Hm")).await;
    let again = talk.desk.ok(note(&talk.chat_id, "n-1", "Hm")).await;

    assert_eq!(first["note"], again["note"]);
    assert_eq!(first["note"]["number"], 1);
    for socket in [&mut talk.desk, &mut other] {
        let heard = socket.expect("chat.note").await;
        assert_eq!(heard["note"], first["note"]);
        assert_eq!(heard["chat_id"], talk.chat_id);
    }
    // A colleague whispers, and is answered without being in the chat.
    let whisper = bo.ok(note(&talk.chat_id, "n-2", "Be kind")).await;
    let heard = talk.desk.expect("chat.note").await;
    assert_eq!(heard["note"], whisper["note"]);
    assert_eq!(heard["note"]["author"]["name"], "bo");
    bo.refused(note(&talk.chat_id, "n-1", "Mine"), "note_id_taken")
        .await;
    // A visitor's socket cannot even spell it.
    talk.widget
        .refused(note(&talk.chat_id, "n-3", "Hi"), "invalid")
        .await;
    let mut fresh = Socket::agent(&talk.agent).await;
    assert_eq!(fresh.first["snapshot"]["chats"][0]["last_note"], 2);
    fresh.refused(json!({"type": "chat.note"}), "invalid").await;
}

#[tokio::test]
async fn chat_09_both_sides_hear_how_far_the_other_has_read() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let me = talk.agent.get("/v1/me").await.ok();
    let mut other = Socket::visitor(&talk.visitor).await;
    talk.desk.ok(send(&talk.chat_id, "a-1", "Hello")).await;

    talk.desk.ok(read(&talk.chat_id, 1)).await;
    let heard = talk.widget.expect("chat.read").await;
    assert_eq!(
        heard["reader"],
        json!({"kind": "agent"}),
        "which one is not told"
    );
    assert_eq!(
        (&heard["read_seq"], &heard["delivered_seq"]),
        (&json!(1), &json!(1))
    );
    let own = talk.desk.expect("chat.read").await;
    assert_eq!(
        own["reader"],
        json!({"kind": "agent", "agent_id": me["id"]})
    );

    let delivered = json!({"type": "chat.read", "chat_id": talk.chat_id, "delivered": 2});
    talk.widget.ok(delivered).await;
    let heard = talk.desk.expect("chat.read").await;
    assert_eq!(heard["reader"], json!({"kind": "visitor"}));
    assert_eq!(
        (&heard["read_seq"], &heard["delivered_seq"]),
        (&json!(0), &json!(2))
    );
    // The visitor's other windows count along.
    other.expect("chat.read").await;
    assert_eq!(
        other.expect("chat.read").await["reader"],
        json!({"kind": "visitor"})
    );
    talk.widget.refused(read(&talk.chat_id, 3), "invalid").await;
    talk.desk
        .refused(json!({"type": "chat.read"}), "invalid")
        .await;

    let fresh = Socket::agent(&talk.agent).await;
    let chat = &fresh.first["snapshot"]["chats"][0];
    assert_eq!(chat["visitor_mark"]["unread"], 2);
    assert_eq!(chat["agent_marks"][0]["unread"], 1);
    let fresh = Socket::visitor(&talk.visitor).await;
    let chat = &fresh.first["snapshot"]["chats"][0];
    assert_eq!(chat["agents_mark"]["read_seq"], 1);
}

/// Who writes can know that it is seen before it is: nobody has to try.
#[tokio::test]
async fn chat_09_a_visitor_is_told_whether_its_unsent_text_is_shown() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let setup = Setup::new(&tenant);
    let typing = json!({"type": "chat.typing", "chat_id": talk.chat_id, "typing": true});
    let first = Socket::visitor(&talk.visitor).await;
    assert_eq!(first.first["snapshot"]["shows_unsent_text"], false);

    for shown in [true, false] {
        setup
            .settings(|settings| settings.chats.show_unsent_text = shown)
            .await;
        let told = talk.widget.ok(typing.clone()).await;
        assert_eq!(told["shows_unsent_text"], shown, "a page that was open");
        let fresh = Socket::visitor(&talk.visitor).await;
        assert_eq!(fresh.first["snapshot"]["shows_unsent_text"], shown);
        // Agents' own typing is shown to nobody before it is sent.
        let agent = talk.desk.ok(typing.clone()).await;
        assert!(agent.get("shows_unsent_text").is_none());
    }
}

/// What is typed is shown while it is typed, if the tenant wants it, and is nowhere afterwards.
#[tokio::test]
async fn chat_09_unsent_text_is_shown_to_agents_and_kept_nowhere() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let typing = json!({
        "type": "chat.typing", "chat_id": talk.chat_id, "typing": true, "text": "canary-90aa",
    });

    let told = talk.widget.ok(typing.clone()).await;
    assert_eq!(told["shows_unsent_text"], false);
    let heard = talk.desk.expect("chat.typing").await;
    assert!(
        heard.get("text").is_none(),
        "not unless the tenant allows it"
    );
    let setup = Setup::new(&tenant);
    setup
        .settings(|settings| settings.chats.show_unsent_text = true)
        .await;
    let told = talk.widget.ok(typing).await;
    assert_eq!(told["shows_unsent_text"], true, "as it is now");
    let heard = talk.desk.expect("chat.typing").await;
    assert_eq!(heard["text"], "canary-90aa");
    talk.widget.ok(send(&talk.chat_id, "v-2", "Sent")).await;
    talk.desk.expect("chat.message").await;

    let path = format!("/v1/chats/{}/events", talk.chat_id.as_str().unwrap());
    let events = talk.agent.get(&path).await.ok().to_string();
    assert!(events.contains("Sent") && !events.contains("canary"));
    let fresh = Socket::agent(&talk.agent).await;
    assert!(!fresh.first.to_string().contains("canary"));
    let long = json!({
        "type": "chat.typing", "chat_id": talk.chat_id, "typing": true, "text": "a".repeat(2001),
    });
    talk.widget.refused(long, "invalid").await;
}
