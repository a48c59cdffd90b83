//! Files in messages: whose may be sent, what both sides see, and who opens them then.

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use super::{open, path, png, upload, upload_own};
use crate::realtime::setting::{Stopped, Talk};
use crate::support::{Answer, Opened, Persona, Socket, Tenant, owner_options, until};

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn message(id: &str, file: &Value) -> Value {
    json!({"message": {"id": id, "file_id": file["id"]}})
}

fn frame(chat_id: &Value, message: &Value) -> Value {
    json!({"type": "chat.send", "chat_id": chat_id, "message": message["message"]})
}

/// What a socket is shown of the message with this id.
async fn shown(socket: &mut Socket, id: &str) -> Value {
    loop {
        let mut seen = socket.expect("chat.message").await;
        if seen["message"]["id"] == id {
            return seen["message"].take();
        }
    }
}

async fn as_stranger(caller: &Persona, path: &str) -> Opened {
    let stranger = Persona::new(caller.base(), None);
    open(&stranger, path, &[]).await
}

/// Where a chat's messages are sent to.
fn messages(of_visitor: bool, chat_id: &Value) -> String {
    let folder = if of_visitor {
        "/v1/visitor/chats"
    } else {
        "/v1/chats"
    };
    format!("{folder}/{}/messages", text(chat_id))
}

#[tokio::test]
async fn chat_05_a_file_is_sent_by_both_sides_and_seen_by_both() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let visitor = talk.visitor.persona.clone();
    let shot = upload_own(&visitor, "shot.png", "image/png", &png(4, 3))
        .await
        .ok();
    let notes = upload(&talk.agent, "notes.txt", "text/plain", b"Hello")
        .await
        .ok();

    // Over REST, without a text.
    let own = messages(true, &talk.chat_id);
    let sent = visitor.post(&own, message("v-1", &shot)).await.ok();
    assert_eq!(
        (&sent["text"], &sent["content"]),
        (&Value::Null, &json!([]))
    );
    let seen = shown(&mut talk.desk, "v-1").await;
    for file in [&sent["file"], &seen["file"]] {
        let told = [
            "id",
            "name",
            "media_type",
            "bytes",
            "width",
            "height",
            "show",
        ];
        assert!(
            told.iter().all(|field| file[*field] == shot[*field]),
            "{file}"
        );
        assert_eq!(
            as_stranger(&visitor, &path(&file["url"])).await.bytes,
            png(4, 3)
        );
    }
    // Over a socket, with a text.
    let said = json!({"message": {"id": "a-1", "text": "*See*", "file_id": notes["id"]}});
    let answer = talk.desk.ok(frame(&talk.chat_id, &said)).await;
    assert_eq!(answer["message"]["file"]["show"], "download");
    let seen = shown(&mut talk.widget, "a-1").await;
    assert_eq!(seen["text"], "*See*");
    assert_eq!(seen["file"]["id"], notes["id"]);

    // Who may read the chat opens what is in it; from now on it is in the history too.
    let [shot, notes] = [&shot, &notes].map(|file| text(&file["id"]));
    for (caller, folder) in [
        (&talk.agent, "/v1/files"),
        (&tenant.owner, "/v1/files"),
        (&visitor, "/v1/visitor/files"),
    ] {
        for file in [&shot, &notes] {
            let opened = open(caller, &format!("{folder}/{file}"), &[]).await;
            assert_eq!(opened.status, 200, "{folder}");
        }
    }
    let events = format!("/v1/visitor/chats/{}/events", text(&talk.chat_id));
    let events = visitor.get(&events).await.ok();
    let files: Vec<&Value> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["message"]["file"])
        .filter(|file| file.is_object())
        .collect();
    assert_eq!(files.len(), 2);
    assert_eq!(
        as_stranger(&visitor, &path(&files[1]["url"])).await.bytes,
        b"Hello"
    );
}

#[tokio::test]
async fn chat_05_a_file_in_a_chat_is_for_those_who_may_read_it() {
    let mut tenant = Tenant::new().await;
    let talk = Talk::begin(&mut tenant, "ana").await;
    let outsider = tenant.outsider_as("olga", "agent").await;
    let other = tenant.visitor().await.persona;
    let visitor = &talk.visitor.persona;
    let shot = upload_own(visitor, "shot.png", "image/png", &png(4, 3))
        .await
        .ok();
    let own = messages(true, &talk.chat_id);
    visitor.post(&own, message("v-1", &shot)).await.ok();

    let id = text(&shot["id"]);
    for (caller, path) in [
        (&outsider, format!("/v1/files/{id}")),
        (&other, format!("/v1/visitor/files/{id}")),
    ] {
        let answer: Answer = open(caller, &path, &[]).await.into();
        answer.problem(404, "not_found");
    }
}

#[tokio::test]
async fn chat_05_a_file_is_sent_once_and_its_message_as_often_as_one_likes() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let visitor = talk.visitor.persona.clone();
    let shot = upload_own(&visitor, "shot.png", "image/png", &png(4, 3))
        .await
        .ok();
    let own = messages(true, &talk.chat_id);

    let first = visitor.post(&own, message("v-1", &shot)).await;
    assert_eq!(first.status, 201);
    let again = visitor.post(&own, message("v-1", &shot)).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.ok(), first.ok());
    let answer = talk
        .widget
        .ok(frame(&talk.chat_id, &message("v-1", &shot)))
        .await;
    assert_eq!(answer["message"]["file"]["id"], shot["id"]);
    let twice = visitor.post(&own, message("v-2", &shot)).await;
    twice.problem(409, "file_sent");
    let twice = frame(&talk.chat_id, &message("v-2", &shot));
    talk.widget.refused(twice, "file_sent").await;
    // What is sent after a file on a socket comes after it.
    let next = upload_own(&visitor, "next.png", "image/png", &png(1, 1))
        .await
        .ok();
    let frames = [
        message("v-3", &next),
        json!({"message": {"id": "v-4", "text": "There"}}),
    ];
    for (number, said) in frames.iter().enumerate() {
        let mut command = frame(&talk.chat_id, said);
        command["id"] = json!(format!("c-{number}"));
        talk.widget.send(&command).await;
    }
    shown(&mut talk.desk, "v-1").await;
    let ids = [
        talk.desk.expect("chat.message").await["message"]["id"].clone(),
        talk.desk.expect("chat.message").await["message"]["id"].clone(),
    ];
    assert_eq!(ids, [json!("v-3"), json!("v-4")]);
}

#[tokio::test]
async fn chat_05_only_ones_own_file_is_sent() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let mut away = Tenant::new().await;
    let eve = away.agent("eve").await;
    let visitor = talk.visitor.persona.clone();
    let image = png(1, 1);
    let of_agent = upload(&talk.agent, "a.png", "image/png", &image).await.ok();
    let of_visitor = upload_own(&visitor, "a.png", "image/png", &image)
        .await
        .ok();
    let of_eve = upload(&eve, "a.png", "image/png", &image).await.ok();
    let nothing = json!({"id": "01890000-0000-7000-8000-00000000dead"});

    for (of_visitor, caller, files) in [
        (true, &visitor, [&of_agent, &of_eve, &nothing]),
        (false, &talk.agent, [&of_visitor, &of_eve, &nothing]),
    ] {
        for file in files {
            let path = messages(of_visitor, &talk.chat_id);
            let refused = caller.post(&path, message("x-1", file)).await;
            assert_eq!(refused.faults(), ["/message/file_id unknown_id"]);
            let socket = if of_visitor {
                &mut talk.widget
            } else {
                &mut talk.desk
            };
            let refused = socket
                .refused(frame(&talk.chat_id, &message("x-1", file)), "invalid")
                .await;
            assert_eq!(refused["errors"][0]["pointer"], "/message/file_id");
        }
    }
    // Nothing was taken: the same ids are free.
    let own = messages(true, &talk.chat_id);
    let sent = visitor.post(&own, message("x-1", &of_visitor)).await.ok();
    assert_eq!(sent["seq"], 2);
}

#[tokio::test]
async fn chat_05_an_upload_is_sent_within_a_day() {
    let stopped = Stopped::start(|_| {}).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let talk = Talk::begin(&mut tenant, "ana").await;
    let visitor = &talk.visitor.persona;
    let send = async |name: &str, seconds_ago: i64| {
        let file = upload_own(visitor, "a.png", "image/png", &png(1, 1))
            .await
            .ok();
        let mut owner = PgConnection::connect_with(&owner_options()).await.unwrap();
        let older = "update files set created_at = created_at - make_interval(secs => $2)
                     where file_id = $1::uuid";
        sqlx::query(older)
            .bind(text(&file["id"]))
            .bind(f64::from(i32::try_from(seconds_ago).unwrap()))
            .execute(&mut owner)
            .await
            .unwrap();
        let own = messages(true, &talk.chat_id);
        visitor.post(&own, message(name, &file)).await
    };

    assert_eq!(send("v-1", 86_399).await.status, 201);
    let late = send("v-2", 86_400).await;
    assert_eq!(late.faults(), ["/message/file_id unknown_id"]);
}

#[tokio::test]
async fn chat_05_a_chat_may_begin_with_a_file() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    agent
        .put("/v1/me/presence", json!({"status": "online"}))
        .await
        .ok();
    let visitor = tenant.visitor().await;
    let shot = upload_own(&visitor.persona, "shot.png", "image/png", &png(4, 3))
        .await
        .ok();
    let start = message("v-1", &shot);

    let chat = visitor
        .persona
        .post("/v1/visitor/chats", start.clone())
        .await
        .ok();
    // Its answer was lost, so the visitor starts it again: it is the same chat.
    let mut socket = Socket::visitor(&visitor).await;
    let again = json!({"type": "chat.start", "message": start["message"]});
    let again = socket.ok(again).await;
    assert_eq!(again["chat"]["id"], chat["id"]);
    let chat_id = text(&chat["id"]);
    agent
        .post(&format!("/v1/chats/{chat_id}/accept"), json!({}))
        .await
        .ok();
    let events = agent.get(&format!("/v1/chats/{chat_id}/events")).await.ok();
    let events = events["data"].as_array().unwrap().clone();
    let first = events.iter().find(|event| event["type"] == "chat.message");
    assert_eq!(first.unwrap()["message"]["file"]["id"], shot["id"]);
    let opened = open(&agent, &format!("/v1/files/{}", text(&shot["id"])), &[]).await;
    assert_eq!(opened.bytes, png(4, 3));
}

#[tokio::test]
async fn chat_05_a_deleted_message_takes_its_file_with_it() {
    let stopped = Stopped::start(|_| {}).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let talk = Talk::begin(&mut tenant, "ana").await;
    let visitor = &talk.visitor.persona;
    let shot = upload_own(visitor, "shot.png", "image/png", &png(4, 3))
        .await
        .ok();
    let own = messages(true, &talk.chat_id);
    let sent = visitor.post(&own, message("v-1", &shot)).await.ok();
    let url = path(&sent["file"]["url"]);
    assert_eq!(open(visitor, &url, &[]).await.status, 200);

    let answer = visitor
        .call(Method::DELETE, &format!("{own}/v-1"), None, &[])
        .await;
    assert_eq!(answer.status, 204);

    let id = text(&shot["id"]);
    for by in [url, format!("/v1/visitor/files/{id}")] {
        let answer: Answer = open(visitor, &by, &[]).await.into();
        answer.problem(404, "not_found");
    }
    let events = format!("/v1/visitor/chats/{}/events", text(&talk.chat_id));
    let events = visitor.get(&events).await.ok().to_string();
    assert!(!events.contains("shot.png"), "{events}");
    // The next round of the chores removes its bytes and its row.
    let rows = async || {
        let mut owner = PgConnection::connect_with(&owner_options()).await.unwrap();
        let count = "select count(*) from files where file_id = $1::uuid";
        let query = sqlx::query_scalar::<_, i64>(count).bind(&id);
        query.fetch_one(&mut owner).await.unwrap()
    };
    assert_eq!(rows().await, 1);
    stopped.pass_hours(1).await;
    until("its row is gone", async || rows().await == 0).await;
}

#[tokio::test]
async fn chat_05_an_agent_sends_a_file_by_its_address() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let elsewhere = json!({
        "url": "https://files.example.com/terms.pdf", "name": "terms.pdf", "media_type": "application/pdf",
    });
    let chat = messages(false, &talk.chat_id);
    let post = async |file: &Value| {
        let message = json!({"message": {"id": "a-1", "file": file}});
        talk.agent.post(&chat, message).await
    };

    let sent = post(&elsewhere).await.ok();
    let seen = shown(&mut talk.widget, "a-1").await;
    assert_eq!(seen["file"], sent["file"]);
    let expected = json!({
        "id": null, "url": "https://files.example.com/terms.pdf", "name": "terms.pdf",
        "media_type": "application/pdf", "bytes": null, "width": null, "height": null, "show": "download",
    });
    assert_eq!(sent["file"], expected);
    for (field, value, code) in [
        ("url", json!("http://files.example.com/"), "bad_format"),
        ("url", json!("javascript:alert(1)"), "bad_format"),
        ("name", json!("../x"), "bad_format"),
        ("media_type", json!("pdf"), "bad_format"),
        ("size", json!(1), "unknown_field"),
    ] {
        let mut bad = elsewhere.clone();
        bad[field] = value;
        let faults = post(&bad).await.faults();
        assert_eq!(faults, [format!("/message/file/{field} {code}")]);
    }
}

#[tokio::test]
async fn a_message_holds_something_and_one_file_at_most() {
    let mut tenant = Tenant::new().await;
    let talk = Talk::begin(&mut tenant, "ana").await;
    let visitor = &talk.visitor.persona;
    let agents = messages(false, &talk.chat_id);
    let own = messages(true, &talk.chat_id);
    let nobody = "01890000-0000-7000-8000-00000000dead";
    let url = json!({"url": "https://files.example.com/a", "name": "a"});
    let button = json!({"message_id": "v-1", "button_id": "yes"});

    for (caller, path, message, faults) in [
        (
            &talk.agent,
            &agents,
            json!({}),
            vec!["/message/text required"],
        ),
        (visitor, &own, json!({}), vec!["/message/text required"]),
        (
            &talk.agent,
            &agents,
            json!({"file_id": nobody, "file": url}),
            vec!["/message/file duplicate"],
        ),
        (
            visitor,
            &own,
            json!({"file": url}),
            vec!["/message/file unknown_field"],
        ),
        (
            visitor,
            &own,
            json!({"text": "a", "file_id": nobody, "button": button}),
            vec![
                "/message/file_id unknown_field",
                "/message/text unknown_field",
            ],
        ),
        (
            visitor,
            &own,
            json!({"file_id": "x"}),
            vec!["/message/file_id bad_format"],
        ),
    ] {
        let mut message = message;
        message["id"] = json!("x-1");
        let refused = caller.post(path, json!({"message": message})).await;
        assert_eq!(refused.faults(), faults);
    }
}
