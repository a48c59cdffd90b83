//! What messages hold over HTTP: marks, buttons, changes; and what is left of one that was deleted.

use serde_json::{Value, json};

use super::{active_chat, close, message, text};
use crate::support::{Persona, Tenant, Visitor};

/// A chat that is under way, from both sides.
struct Talk {
    tenant: Tenant,
    agent: Persona,
    visitor: Visitor,
    /// Where each side finds it.
    agents: String,
    visitors: String,
}

impl Talk {
    async fn begin() -> Self {
        let (tenant, agent, visitor, chat_id) = active_chat().await;
        Self {
            tenant,
            agent,
            visitor,
            agents: format!("/v1/chats/{chat_id}"),
            visitors: format!("/v1/visitor/chats/{chat_id}"),
        }
    }

    /// Both sides, each with where it finds the chat.
    fn sides(&self) -> [(&Persona, &str); 2] {
        [
            (&self.agent, &self.agents),
            (&self.visitor.persona, &self.visitors),
        ]
    }

    /// The messages of the chat's events as each side reads them.
    async fn read(&self, kind: &str) -> [Vec<Value>; 2] {
        let mut read = [Vec::new(), Vec::new()];
        for (side, (caller, chat)) in self.sides().into_iter().enumerate() {
            let page = caller.get(&format!("{chat}/events")).await.ok();
            let events = page["data"].as_array().unwrap().iter();
            let of_kind = events.filter(|event| event["type"] == kind);
            read[side] = of_kind.map(|event| event["message"].clone()).collect();
        }
        read
    }
}

#[tokio::test]
async fn chat_05_a_text_is_shown_with_its_marks_now_and_later() {
    let talk = Talk::begin().await;
    let marked = "Hello *there*, [__you__](https://acme.example)";
    let content = json!([
        {"kind": "text", "text": "Hello "},
        {"kind": "italic", "content": [{"kind": "text", "text": "there"}]},
        {"kind": "text", "text": ", "},
        {"kind": "link", "url": "https://acme.example", "content": [
            {"kind": "bold", "content": [{"kind": "text", "text": "you"}]},
        ]},
    ]);

    for (caller, chat) in talk.sides() {
        let id = if chat.contains("visitor") { "v" } else { "a" };
        let sent = caller
            .post(&format!("{chat}/messages"), message(id, marked))
            .await
            .ok();
        assert_eq!(
            (&sent["text"], &sent["content"]),
            (&json!(marked), &content)
        );
    }
    let plain = "No <b>marks</b> [here](javascript:alert(1))";
    let path = format!("{}/messages", talk.visitors);
    let sent = talk
        .visitor
        .persona
        .post(&path, message("p", plain))
        .await
        .ok();
    assert_eq!(sent["content"], json!([{"kind": "text", "text": plain}]));

    for messages in talk.read("chat.message").await {
        assert_eq!(messages.len(), 3);
        assert_eq!(messages[0]["content"], content);
        assert_eq!(messages[1]["content"], content);
        assert_eq!(messages[2], sent, "as it was answered");
    }
}

#[tokio::test]
async fn chat_05_a_button_is_pressed_by_the_visitor() {
    let talk = Talk::begin().await;
    let (agents, visitors) = (
        format!("{}/messages", talk.agents),
        format!("{}/messages", talk.visitors),
    );
    let buttons = json!([
        {"id": "yes", "text": "Yes *please*"},
        {"id": "more", "text": "More", "url": "https://acme.example/more"},
    ]);
    let ask = json!({"message": {"id": "a-1", "text": "Shall we?", "buttons": buttons}});
    let asked = talk.agent.post(&agents, ask).await.ok();
    let press = |id: &str, message: &str, button: &str| {
        let button = json!({"message_id": message, "button_id": button});
        json!({"message": {"id": id, "button": button}})
    };

    let first = talk
        .visitor
        .persona
        .post(&visitors, press("v-1", "a-1", "yes"))
        .await;
    let again = talk
        .visitor
        .persona
        .post(&visitors, press("v-1", "a-1", "yes"))
        .await;

    let url = json!([null, "https://acme.example/more"]);
    assert_eq!(
        json!([asked["buttons"][0]["url"], asked["buttons"][1]["url"]]),
        url
    );
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 200));
    assert_eq!(first.body, again.body);
    assert_eq!(first.body["text"], "Yes *please*");
    let pressed = json!({"message_id": "a-1", "button_id": "yes"});
    assert_eq!(first.body["button"], pressed);
    for (message, button) in [
        ("a-1", "no"),
        ("a-2", "yes"),
        ("a-1", "more"),
        ("notice~1", "yes"),
    ] {
        let answer = talk
            .visitor
            .persona
            .post(&visitors, press("v-2", message, button))
            .await;
        answer.problem(409, "unknown_button");
    }
    for messages in talk.read("chat.message").await {
        assert_eq!(messages, [asked.clone(), first.body.clone()]);
    }
}

#[tokio::test]
async fn chat_05_every_fault_of_a_message_is_named() {
    let talk = Talk::begin().await;
    let (agents, visitors) = (
        format!("{}/messages", talk.agents),
        format!("{}/messages", talk.visitors),
    );
    let ask =
        |buttons: Value| json!({"message": {"id": "a", "text": "Which?", "buttons": buttons}});
    let button = |id: &str| json!({"id": id, "text": "Yes"});
    let many: Vec<Value> = (0..11).map(|n| button(&n.to_string())).collect();
    let rows = [
        (json!(many), vec!["/message/buttons too_long"]),
        (
            json!([button("a"), button("a")]),
            vec!["/message/buttons/1/id duplicate"],
        ),
        (
            json!([{"id": "a b", "text": " ", "url": "javascript:alert(1)"}, {"colour": 1}]),
            vec![
                "/message/buttons/0/id bad_format",
                "/message/buttons/0/text too_short",
                "/message/buttons/0/url bad_format",
                "/message/buttons/1/colour unknown_field",
                "/message/buttons/1/id required",
                "/message/buttons/1/text required",
            ],
        ),
        (
            json!([{"id": "a", "text": "x".repeat(81)}]),
            vec!["/message/buttons/0/text too_long"],
        ),
    ];
    for (buttons, faults) in rows {
        assert_eq!(
            talk.agent.post(&agents, ask(buttons)).await.faults(),
            faults
        );
    }
    let rows = [
        (json!({"id": "v"}), vec!["/message/text required"]),
        (
            json!({"id": "v", "text": "Yes", "button": {"message_id": "a", "button_id": "b"}}),
            vec!["/message/text unknown_field"],
        ),
        (
            json!({"id": "notice~1", "button": {"message_id": "a b"}}),
            vec![
                "/message/button/button_id required",
                "/message/button/message_id bad_format",
                "/message/id bad_format",
            ],
        ),
        (
            json!({"id": "v", "text": "Yes", "buttons": [button("a")]}),
            vec!["/message/buttons unknown_field"],
        ),
    ];
    for (body, faults) in rows {
        let answer = talk
            .visitor
            .persona
            .post(&visitors, json!({"message": body}))
            .await;
        assert_eq!(answer.faults(), faults);
    }
    let pressed = json!({"message": {"id": "a", "button": {"message_id": "a", "button_id": "b"}}});
    let faults = talk.agent.post(&agents, pressed).await.faults();
    assert_eq!(faults, ["/message/button unknown_field"]);
    let nothing = json!({"message": {"id": "a"}});
    let faults = talk.agent.post(&agents, nothing).await.faults();
    assert_eq!(faults, ["/message/text required"]);
}

#[tokio::test]
async fn chat_05_an_edited_message_is_the_same_message() {
    let talk = Talk::begin().await;
    for (caller, chat) in talk.sides() {
        let id = if chat.contains("visitor") { "v" } else { "a" };
        let (all, one) = (format!("{chat}/messages"), format!("{chat}/messages/{id}"));
        let first = caller.post(&all, message(id, "Helo")).await.ok();

        let edited = caller.patch(&one, json!({"text": "*Hello*"})).await.ok();

        let italic = json!([{"kind": "italic", "content": [{"kind": "text", "text": "Hello"}]}]);
        assert_eq!(
            (&edited["text"], &edited["content"]),
            (&json!("*Hello*"), &italic)
        );
        assert!(edited["edited_at"].is_string() && first["edited_at"].is_null());
        for same in ["id", "seq", "author", "sent_at", "deleted"] {
            assert_eq!(edited[same], first[same], "{same}");
        }
        let again = caller.post(&all, message(id, "Helo")).await;
        assert_eq!(again.status, 200);
        assert_eq!(again.body, edited, "the first answer, as it is now");
        assert_eq!(
            caller.patch(&one, json!({"text": " "})).await.faults(),
            ["/text too_short"]
        );
        let faults = caller
            .patch(&one, json!({"text": "a".repeat(65_537)}))
            .await
            .faults();
        assert_eq!(faults, ["/text too_long"]);
    }
    for changes in talk.read("chat.message_edited").await {
        let texts: Vec<&Value> = changes.iter().map(|change| &change["text"]).collect();
        assert_eq!(texts, ["*Hello*", "*Hello*"]);
        let seqs: Vec<&Value> = changes.iter().map(|change| &change["seq"]).collect();
        assert_eq!(seqs, [1, 2]);
    }
}

#[tokio::test]
async fn chat_05_only_its_author_changes_a_message() {
    let mut talk = Talk::begin().await;
    for (caller, chat) in talk.sides() {
        let id = if chat.contains("visitor") { "v" } else { "a" };
        caller
            .post(&format!("{chat}/messages"), message(id, "Mine"))
            .await
            .ok();
    }
    let other = talk.tenant.agent("bo").await;
    let theirs = [
        (
            &talk.agent,
            format!("{}/messages/v", talk.agents),
            403,
            "not_author",
        ),
        (
            &talk.visitor.persona,
            format!("{}/messages/a", talk.visitors),
            403,
            "not_author",
        ),
        (
            &other,
            format!("{}/messages/a", talk.agents),
            403,
            "not_participant",
        ),
        (
            &talk.agent,
            format!("{}/messages/x", talk.agents),
            404,
            "unknown_message",
        ),
        (
            &talk.visitor.persona,
            format!("{}/messages/x", talk.visitors),
            404,
            "unknown_message",
        ),
        (
            &talk.agent,
            format!("{}/messages/notice~1", talk.agents),
            404,
            "unknown_message",
        ),
        (
            &talk.agent,
            format!("{}/messages/a%20b", talk.agents),
            404,
            "not_found",
        ),
    ];
    for (caller, path, status, code) in &theirs {
        let answer = caller.patch(path, json!({"text": "Yours"})).await;
        answer.problem(*status, code);
        caller.delete(path).await.problem(*status, code);
    }
    for messages in talk.read("chat.message").await {
        assert!(messages.iter().all(|message| message["text"] == "Mine"));
    }
}

#[tokio::test]
async fn chat_05_nothing_of_a_deleted_message_is_left() {
    let talk = Talk::begin().await;
    let secret = "canary-7c31";
    for (caller, chat) in talk.sides() {
        let id = if chat.contains("visitor") { "v" } else { "a" };
        let (all, one) = (format!("{chat}/messages"), format!("{chat}/messages/{id}"));
        let marked = format!("*{secret}*");
        caller.post(&all, message(id, &marked)).await.ok();
        caller
            .patch(&one, json!({"text": format!("__{secret}__")}))
            .await
            .ok();

        let first = caller.delete(&one).await;
        let again = caller.delete(&one).await;

        assert_eq!((first.status.as_u16(), again.status.as_u16()), (204, 204));
        caller
            .patch(&one, json!({"text": "Back"}))
            .await
            .problem(409, "message_deleted");
        let tombstone = caller.post(&all, message(id, "Back")).await;
        assert_eq!(tombstone.status, 200);
        assert_eq!(
            (&tombstone.body["deleted"], &tombstone.body["text"]),
            (&json!(true), &Value::Null)
        );
        assert_eq!(tombstone.body["content"], json!([]));
    }
    for (caller, chat) in talk.sides() {
        let page = caller.get(&format!("{chat}/events")).await.ok();
        assert!(!page.to_string().contains(secret), "{page}");
        let count = |kind: &str| {
            let events = page["data"].as_array().unwrap();
            events.iter().filter(|event| event["type"] == kind).count()
        };
        assert_eq!(count("chat.message"), 2);
        assert_eq!(count("chat.message_edited"), 2, "that it happened is kept");
        assert_eq!(count("chat.message_deleted"), 2);
    }
}

#[tokio::test]
async fn chat_05_nothing_is_changed_after_the_close() {
    let talk = Talk::begin().await;
    let mine = [
        ("a", &talk.agent, &talk.agents),
        ("v", &talk.visitor.persona, &talk.visitors),
    ];
    for (id, caller, chat) in mine {
        caller
            .post(&format!("{chat}/messages"), message(id, "Mine"))
            .await
            .ok();
    }
    close(&talk.agent, &text(&json!(talk.agents.rsplit('/').next()))).await;

    for (id, caller, chat) in mine {
        let path = format!("{chat}/messages/{id}");
        caller
            .patch(&path, json!({"text": "Late"}))
            .await
            .problem(409, "chat_closed");
        caller.delete(&path).await.problem(409, "chat_closed");
    }
}
