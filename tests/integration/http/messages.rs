//! Messages over HTTP, both ways.

use serde_json::json;

use super::{active_chat, close, message, pick, start};
use crate::support::Tenant;

#[tokio::test]
async fn chat_05_messages_go_both_ways_and_are_numbered() {
    let (_tenant, agent, visitor, chat_id) = active_chat().await;
    let (agents, visitors) = (
        format!("/v1/chats/{chat_id}/messages"),
        format!("/v1/visitor/chats/{chat_id}/messages"),
    );
    let me = agent.get("/v1/me").await.ok();

    let first = visitor.persona.post(&visitors, message("m-1", "Hi")).await;
    let second = agent.post(&agents, message("a-1", "Hello")).await;

    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
    assert_eq!(first.body["seq"], 1);
    assert_eq!(first.body["text"], "Hi");
    assert_eq!(first.body["author"], json!({"kind": "visitor"}));
    assert_eq!(second.body["seq"], 2);
    assert_eq!(
        second.body["author"],
        json!({"kind": "agent", "agent_id": me["id"], "name": "ana"})
    );
    let chat = agent.get(&format!("/v1/chats/{chat_id}")).await.ok();
    assert_eq!(chat["last_seq"], 2);
}

#[tokio::test]
async fn chat_05_a_message_that_is_sent_again_has_the_first_answer_also_after_the_close() {
    let (_tenant, agent, visitor, chat_id) = active_chat().await;
    let agents = format!("/v1/chats/{chat_id}/messages");
    let visitors = format!("/v1/visitor/chats/{chat_id}/messages");
    let callers = [(&visitor.persona, &visitors, "v"), (&agent, &agents, "a")];
    let mut first = Vec::new();
    for (caller, path, id) in &callers {
        first.push(caller.post(path, message(id, "Once")).await.ok());
    }

    for is_closed in [false, true] {
        if is_closed {
            close(&agent, &chat_id).await;
        }
        for ((caller, path, id), first) in callers.iter().zip(&first) {
            let again = caller.post(path, message(id, "Another text")).await;
            assert_eq!(again.status, 200, "{}", again.body);
            assert_eq!(again.body, *first);
        }
    }

    let chat = agent.get(&format!("/v1/chats/{chat_id}")).await.ok();
    assert_eq!(chat["last_seq"], 2);
}

#[tokio::test]
async fn chat_05_an_id_of_another_author_is_taken() {
    let (mut tenant, agent, visitor, chat_id) = active_chat().await;
    let agents = format!("/v1/chats/{chat_id}/messages");
    let visitors = format!("/v1/visitor/chats/{chat_id}/messages");
    visitor
        .persona
        .post(&visitors, message("m-1", "Mine"))
        .await
        .ok();

    let theft = agent.post(&agents, message("m-1", "Mine too")).await;

    theft.problem(409, "message_id_taken");
    // In another chat the id is free.
    let other = tenant.agent("bo").await;
    let (_, other_chat) = start(&tenant).await;
    pick(&other, &other_chat).await;
    let path = format!("/v1/chats/{other_chat}/messages");
    assert_eq!(other.post(&path, message("m-1", "New")).await.status, 201);
}

#[tokio::test]
async fn chat_05_a_text_has_up_to_65536_bytes() {
    let (_tenant, agent, visitor, chat_id) = active_chat().await;
    let path = format!("/v1/visitor/chats/{chat_id}/messages");
    let send = async |id: &str, text: &str| visitor.persona.post(&path, message(id, text)).await;
    // Two bytes each, so that bytes and characters differ.
    let longest = "ä".repeat(32_768);

    let answer = send("m-1", &longest).await;

    assert_eq!(answer.status, 201);
    assert_eq!(answer.body["text"], *longest);
    let agents = format!("/v1/chats/{chat_id}/messages");
    for too_long in [format!("{longest}a"), "a".repeat(65_537)] {
        let faults = send("m-2", &too_long).await.faults();
        assert_eq!(faults, ["/message/text too_long"]);
        let faults = agent
            .post(&agents, message("m-3", &too_long))
            .await
            .faults();
        assert_eq!(faults, ["/message/text too_long"]);
    }
    assert_eq!(send("m-4", &"a".repeat(65_536)).await.status, 201);
}

#[tokio::test]
async fn chat_05_a_text_says_something_and_has_no_control_characters() {
    let (_tenant, _agent, visitor, chat_id) = active_chat().await;
    let path = format!("/v1/visitor/chats/{chat_id}/messages");

    for text in ["", " \n\t ", "bell \u{7}", "null \u{0}", "\u{1b}[31mred"] {
        let answer = visitor.persona.post(&path, message("m-1", text)).await;
        assert_eq!(answer.faults().len(), 1, "{text:?}");
    }
    let text = "Tab\tand\nbreaks\r\n, \u{1F44B} and <b>no</b> markup";
    let answer = visitor.persona.post(&path, message("m-1", text)).await.ok();
    assert_eq!(answer["text"], text);
}

#[tokio::test]
async fn chat_05_an_id_is_1_to_64_plain_characters() {
    let (_tenant, agent, _visitor, chat_id) = active_chat().await;
    let path = format!("/v1/chats/{chat_id}/messages");

    for id in ["", "a b", "ä", "a/b", &"x".repeat(65)] {
        let faults = agent.post(&path, message(id, "Hi")).await.faults();
        assert_eq!(faults.len(), 1, "{id}: {faults:?}");
        assert!(faults[0].starts_with("/message/id "), "{faults:?}");
    }
    for id in ["A-z_0.9:x", &"x".repeat(64)] {
        assert_eq!(agent.post(&path, message(id, "Hi")).await.status, 201);
    }
}

#[tokio::test]
async fn chat_05_the_visitor_writes_before_an_agent_is_there() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    super::be(&agent, "online").await;
    let (visitor, chat_id) = start(&tenant).await;
    let path = format!("/v1/visitor/chats/{chat_id}/messages");

    let answer = visitor.persona.post(&path, message("m-1", "Hello?")).await;

    assert_eq!(answer.status, 201);
    let agents = format!("/v1/chats/{chat_id}/messages");
    let early = agent.post(&agents, message("a-1", "Hi")).await;
    early.problem(403, "not_participant");
}

#[tokio::test]
async fn chat_04_nobody_writes_in_a_closed_chat() {
    let (_tenant, agent, visitor, chat_id) = active_chat().await;
    close(&agent, &chat_id).await;
    let agents = format!("/v1/chats/{chat_id}");
    let visitors = format!("/v1/visitor/chats/{chat_id}");

    let calls = [
        (&agent, format!("{agents}/messages"), message("a-1", "Late")),
        (&agent, format!("{agents}/typing"), json!({"typing": true})),
        (&agent, format!("{agents}/close"), json!({})),
        (
            &visitor.persona,
            format!("{visitors}/messages"),
            message("m-1", "Late"),
        ),
        (
            &visitor.persona,
            format!("{visitors}/typing"),
            json!({"typing": true}),
        ),
        (&visitor.persona, format!("{visitors}/end"), json!({})),
    ];
    for (caller, path, body) in calls {
        caller.post(&path, body).await.problem(409, "chat_closed");
    }
}

#[tokio::test]
async fn chat_04_who_takes_no_part_neither_writes_nor_closes() {
    let (mut tenant, agent, visitor, chat_id) = active_chat().await;
    let colleague = tenant.agent("bo").await;
    let admin = tenant.agent_as("chief", "admin").await;
    let path = format!("/v1/chats/{chat_id}");

    for other in [&colleague, &admin, &tenant.owner] {
        let calls = [
            ("messages", message("x-1", "Me too")),
            ("typing", json!({"typing": true})),
            ("close", json!({})),
        ];
        for (verb, body) in calls {
            let answer = other.post(&format!("{path}/{verb}"), body).await;
            answer.problem(403, "not_participant");
        }
    }

    let chat = agent.get(&path).await.ok();
    assert_eq!(
        (&chat["state"], &chat["last_seq"]),
        (&json!("active"), &json!(0))
    );
    let other_visitor = tenant.visitor().await.persona;
    let own = format!("/v1/visitor/chats/{chat_id}/messages");
    let answer = other_visitor.post(&own, message("x-1", "Me too")).await;
    answer.problem(404, "not_found");
    visitor.persona.post(&own, message("m-1", "Me")).await.ok();
}

#[tokio::test]
async fn chat_09_typing_is_told_and_answered_by_nothing() {
    let (_tenant, agent, visitor, chat_id) = active_chat().await;
    let mut socket = crate::support::Socket::visitor(&visitor).await;

    let path = format!("/v1/chats/{chat_id}/typing");
    let answer = agent.post(&path, json!({"typing": true})).await;

    assert_eq!((answer.status.as_u16(), answer.body), (204, json!("")));
    let notice = socket.expect("chat.typing").await;
    assert_eq!(notice["typing"], true);
    assert_eq!(notice["author"]["name"], "ana");
    assert!(notice.get("seq").is_none());
    let path = format!("/v1/visitor/chats/{chat_id}/typing");
    let answer = visitor.persona.post(&path, json!({"typing": false})).await;
    assert_eq!(answer.status, 204);
}

#[tokio::test]
async fn chat_05_a_message_has_an_id_that_an_address_can_name() {
    let (_tenant, agent, visitor, chat_id) = active_chat().await;
    let mut socket = crate::support::Socket::visitor(&visitor).await;
    for (caller, folder) in [
        (&agent, "/v1/chats"),
        (&visitor.persona, "/v1/visitor/chats"),
    ] {
        let path = format!("{folder}/{chat_id}/messages");
        for id in [".", ".."] {
            let answer = caller.post(&path, message(id, "Hello")).await;
            assert_eq!(answer.faults(), ["/message/id bad_format"], "{id}");
        }
        let id = if folder == "/v1/chats" { "..." } else { ".a" };
        caller.post(&path, message(id, "Hello")).await.ok();
        caller.delete(&format!("{path}/{id}")).await.ok();
    }
    let frame =
        json!({"type": "chat.send", "chat_id": chat_id, "message": {"id": "..", "text": "x"}});
    let refused = socket.refused(frame, "invalid").await;
    assert_eq!(refused["errors"][0]["pointer"], "/message/id");
}

#[tokio::test]
async fn chat_05_the_name_of_a_file_hides_nothing() {
    let (_tenant, agent, _visitor, chat_id) = active_chat().await;
    let path = format!("/v1/chats/{chat_id}/messages");
    for c in ["\u{61c}", "\u{ad}", "\u{180e}", "\u{3164}", "\u{e0041}"] {
        let file = json!({"url": "https://files.example/a", "name": format!("a{c}b.png")});
        let sent = json!({"message": {"id": "m-1", "file": file}});
        let answer = agent.post(&path, sent).await;
        assert_eq!(answer.faults(), ["/message/file/name bad_format"]);
    }
}
