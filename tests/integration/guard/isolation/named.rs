//! What is named in a body, in a query or in a frame.

use serde_json::{Value, json};

use super::super::text;
use super::{CANARY, Home, tells_nothing};
use crate::support::{Socket, Tenant};

#[tokio::test]
async fn no_body_may_name_what_is_another_tenants() {
    let home = Home::new().await;
    let mut away = Tenant::new().await;
    let agent = away.agent("eve").await;
    let status = json!({"status": "online"});
    agent.put("/v1/me/presence", status).await.ok();
    let visitor = away.visitor().await.persona;
    let (office, queue) = (&home.ids["office"][0], &home.ids["queue"][0]);
    let (member, widget) = (&home.ids["agent"][0], &home.ids["widget"][0]);
    let own = &away.office_id;
    let left = json!({
        "office_id": office, "fields": {"name": "Eve", "email": "eve@test.example"},
        "message": {"id": "m-1", "text": "Hello"},
    });

    for (caller, path, body, pointer) in [
        (
            &away.owner,
            "/v1/queues",
            json!({"name": "Q", "office_id": office}),
            "/office_id",
        ),
        (
            &away.owner,
            "/v1/queues",
            json!({"name": "Q", "office_id": own, "member_ids": [member]}),
            "/member_ids/0",
        ),
        (
            &away.owner,
            "/v1/widgets",
            json!({"name": "W", "office_ids": [own, office]}),
            "/office_ids/1",
        ),
        (
            &away.owner,
            "/v1/targeting-rules",
            json!({"name": "R", "greeting": "Hi", "office_id": office}),
            "/office_id",
        ),
        (
            &away.owner,
            "/v1/targeting-rules",
            json!({"name": "R", "greeting": "Hi", "widget_id": widget}),
            "/widget_id",
        ),
        (
            &visitor,
            "/v1/visitor/chats",
            json!({"office_id": office}),
            "/office_id",
        ),
        (
            &visitor,
            "/v1/visitor/chats",
            json!({"queue_id": queue}),
            "/queue_id",
        ),
        (&visitor, "/v1/visitor/offline-messages", left, "/office_id"),
    ] {
        let faults = caller.post(path, body).await.faults();
        assert_eq!(faults, [format!("{pointer} unknown_id")], "{path}");
    }
    let path = format!("/v1/queues/{}/members", away.queue_id);
    let body = json!({"member_ids": [member]});
    let faults = away.owner.put(&path, body).await.faults();
    assert_eq!(faults, ["/member_ids/0 unknown_id"]);
}

#[tokio::test]
async fn no_template_or_contact_may_name_what_is_another_tenants() {
    let home = Home::new().await;
    let mut away = Tenant::new().await;
    let agent = away.agent("eve").await;
    let status = json!({"status": "online"});
    agent.put("/v1/me/presence", status).await.ok();
    let visitor = away.visitor().await;
    visitor
        .persona
        .post("/v1/visitor/chats", json!({}))
        .await
        .ok();
    let (own, office) = (&away.office_id, &home.ids["office"][0]);
    let body = json!({"name": "T", "text": "Hi", "office_ids": [own, office]});
    let faults = away.owner.post("/v1/templates", body).await.faults();
    assert_eq!(faults, ["/office_ids/1 unknown_id"]);
    let body = json!({"name": "T", "text": "Hi {{visitor.name}}"});
    let template = away.owner.post("/v1/templates", body).await.ok();
    let path = format!("/v1/templates/{}/render", text(&template["id"]));
    for chat in &home.ids["chat"] {
        let answer = away.owner.post(&path, json!({"chat_id": chat})).await;
        tells_nothing(&answer);
        assert_eq!(answer.faults(), ["/chat_id unknown_id"]);
    }
    let path = format!("/v1/contacts/{}", visitor.id);
    let body = json!({"assigned_agent_ids": home.ids["agent"]});
    let faults = away.owner.patch(&path, body).await.faults();
    assert_eq!(faults, ["/assigned_agent_ids/0 unknown_id"]);
    let body = json!({"name": "V", "assigned_agent_ids": home.ids["agent"]});
    let faults = away.owner.post("/v1/contacts", body).await.faults();
    assert_eq!(faults, ["/assigned_agent_ids/0 unknown_id"]);
}

#[tokio::test]
async fn no_question_about_routing_may_name_what_is_another_tenants() {
    let home = Home::new().await;
    let mut away = Tenant::new().await;
    let agent = away.agent("eve").await;
    let status = json!({"status": "online"});
    agent.put("/v1/me/presence", status).await.ok();
    let visitor = away.visitor().await.persona;
    let chat = visitor.post("/v1/visitor/chats", json!({})).await.ok();
    let me = agent.get("/v1/me").await.ok();
    let (own_chat, own_agent) = (text(&chat["id"]), text(&me["id"]));

    for theirs in &home.ids["chat"] {
        for (chat_id, agent_id, expected) in [
            (theirs, &own_agent, vec!["/chat_id unknown_id"]),
            (
                &own_chat,
                &home.ids["agent"][0],
                vec!["/agent_id unknown_id"],
            ),
            (
                theirs,
                &home.ids["agent"][0],
                vec!["/agent_id unknown_id", "/chat_id unknown_id"],
            ),
        ] {
            for at in [json!(null), json!("2020-01-01T00:00:00Z")] {
                let body = json!({"chat_id": chat_id, "agent_id": agent_id, "at": at});
                let answer = away.owner.post("/v1/routing/explain", body).await;
                tells_nothing(&answer);
                assert_eq!(answer.faults(), expected);
            }
        }
    }
}

#[tokio::test]
async fn no_agent_or_patch_may_name_what_is_another_tenants() {
    let home = Home::new().await;
    let away = Tenant::new().await;
    let owner = &away.owner;
    let mut body = json!({"name": "A", "email": "a@test.example", "password": "x".repeat(12)});
    let agent = owner.post("/v1/agents", body.clone()).await.ok();
    let widgets = owner.get("/v1/widgets").await.ok();
    let path = |folder: &str, thing: &Value| format!("/v1/{folder}/{}", text(&thing["id"]));
    let offices = json!({"office_ids": [away.office_id, home.ids["office"][0]]});
    let members = json!({"member_ids": home.ids["agent"]});

    for (path, patch, pointer) in [
        (path("agents", &agent), &offices, "/office_ids/1"),
        (
            path("widgets", &widgets["data"][0]),
            &offices,
            "/office_ids/1",
        ),
        (
            format!("/v1/queues/{}", away.queue_id),
            &members,
            "/member_ids/0",
        ),
    ] {
        let before = owner.get(&path).await.ok();
        let faults = owner.patch(&path, patch.clone()).await.faults();
        assert_eq!(faults, [format!("{pointer} unknown_id")], "{path}");
        assert_eq!(owner.get(&path).await.ok(), before);
    }
    body["email"] = json!("b@test.example");
    body["office_ids"] = offices["office_ids"].clone();
    let faults = owner.post("/v1/agents", body).await.faults();
    assert_eq!(faults, ["/office_ids/1 unknown_id"]);
}

#[tokio::test]
async fn no_report_may_name_what_is_another_tenants() {
    let home = Home::new().await;
    let away = Tenant::new().await;

    for report in ["chats?", "queues?", "chats/list?figure=offers&"] {
        for kind in ["office", "queue", "agent"] {
            let id = &home.ids[kind][0];
            let path = format!("/v1/reports/{report}{kind}_id={id}");
            let faults = away.owner.get(&path).await.faults();
            assert_eq!(faults, [format!("/{kind}_id unknown_id")], "{path}");
        }
    }
    for report in ["agents", "availability", "now"] {
        let path = format!("/v1/reports/{report}?office_id={}", home.ids["office"][0]);
        let faults = away.owner.get(&path).await.faults();
        assert_eq!(faults, ["/office_id unknown_id"], "{path}");
    }
}

#[tokio::test]
async fn no_presence_is_made_by_a_request_of_what_is_another_tenants() {
    let home = Home::new().await;
    let mut away = Tenant::new().await;
    let agent = away.agent("eve").await;
    let me = agent.get("/v1/me").await.ok();
    let id = |kind: &str| home.ids[kind][0].clone();
    let (before, own) = (home.all().await, agent.get("/v1/me/presence").await.ok());
    let mine = format!("/v1/agents/{}", text(&me["id"]));
    let (owner, office) = (&away.owner, &away.office_id);

    for (caller, path, fault) in [
        (&agent, "/v1/me/presence".to_owned(), "status_id"),
        (
            &agent,
            format!("/v1/me/presence/offices/{office}"),
            "status_id",
        ),
        (&agent, "/v1/me/pause".to_owned(), "pause_id"),
        (owner, format!("{mine}/presence"), "status_id"),
        (
            owner,
            format!("{mine}/presence/offices/{office}"),
            "status_id",
        ),
        (owner, format!("{mine}/pause"), "pause_id"),
        (owner, format!("/v1/offices/{office}/presence"), "status_id"),
    ] {
        let body = json!({fault: id(fault.trim_end_matches("_id"))});
        let faults = caller.put(&path, body).await.faults();
        assert_eq!(faults, [format!("/{fault} unknown_id")], "{path}");
    }
    let path = format!("/v1/presence?office_id={}", id("office"));
    assert_eq!(owner.get(&path).await.faults(), ["/office_id unknown_id"]);
    let address = json!({"email": format!("{CANARY}@test.example")});
    let pinged = owner.post("/v1/presence/ping", address).await;
    tells_nothing(&pinged);
    pinged.problem(404, "not_found");

    assert_eq!(home.all().await, before, "something was changed");
    assert_eq!(agent.get("/v1/me/presence").await.ok(), own);
}

#[tokio::test]
async fn no_presence_is_made_by_a_frame_of_what_is_another_tenants() {
    let home = Home::new().await;
    let mut away = Tenant::new().await;
    let (agent, mut socket) = away.online_agent("eve").await;
    let (before, own) = (home.all().await, agent.get("/v1/me/presence").await.ok());
    let office = &away.office_id;

    for (mut frame, kind) in [
        (json!({"type": "presence.set"}), "status"),
        (
            json!({"type": "presence.set_office", "office_id": office}),
            "status",
        ),
        (
            json!({"type": "presence.set_office", "status": "away"}),
            "office",
        ),
        (json!({"type": "presence.clear_office"}), "office"),
        (json!({"type": "presence.watch", "watch": true}), "office"),
        (json!({"type": "pause.start"}), "pause"),
        (json!({"type": "queue.login"}), "queue"),
        (json!({"type": "queue.logout"}), "queue"),
    ] {
        let field = format!("{kind}_id");
        frame[&field] = json!(home.ids[kind][0]);
        let refused = socket.refused(frame.clone(), "invalid").await;
        let fault = &refused["errors"][0];
        assert_eq!(fault["pointer"], format!("/{field}"), "{frame}");
        assert_eq!(fault["code"], "unknown_id", "{frame}");
    }

    assert_eq!(home.all().await, before, "something was changed");
    assert_eq!(agent.get("/v1/me/presence").await.ok(), own);
    for frame in socket.kept() {
        assert!(!frame.to_string().contains(CANARY), "{frame}");
    }
}

#[tokio::test]
async fn no_socket_command_reaches_another_tenant() {
    let home = Home::new().await;
    let mut away = Tenant::new().await;
    let (_agent, mut agents) = away.online_agent("eve").await;
    let mut visitors = Socket::visitor(&away.visitor().await).await;
    let message = json!({"id": "x-1", "text": "From elsewhere"});
    let before = home.all().await;

    for chat in &home.ids["chat"] {
        for (is_agent, mut frame) in [
            (true, json!({"type": "chat.accept"})),
            (true, json!({"type": "chat.reject", "offer": 1})),
            (true, json!({"type": "chat.send", "message": message})),
            (true, json!({"type": "chat.typing", "typing": true})),
            (true, json!({"type": "chat.note", "note": message})),
            (true, json!({"type": "chat.read", "seq": 1})),
            (true, json!({"type": "chat.close"})),
            (false, json!({"type": "chat.send", "message": message})),
            (false, json!({"type": "chat.typing", "typing": true})),
            (false, json!({"type": "chat.read", "seq": 1})),
            (false, json!({"type": "chat.end"})),
            (false, json!({"type": "chat.ask_by_email"})),
        ] {
            frame["chat_id"] = json!(chat);
            let socket = if is_agent { &mut agents } else { &mut visitors };
            socket.refused(frame, "not_found").await;
        }
    }

    assert_eq!(home.all().await, before, "something was changed");
    let own = format!("/v1/visitor/chats/{}", home.ids["chat"][0]);
    home.visitor.persona.get(&own).await.ok();
    for frame in agents.kept().chain(visitors.kept()) {
        assert!(!frame.to_string().contains(CANARY), "{frame}");
    }
}
