//! Starting, taking and ending chats over HTTP.

use serde_json::{Value, json};

use super::{NOBODY, active_chat, be, close, ids, message, pick, start, text};
use crate::support::{Persona, Socket, Tenant};

#[tokio::test]
async fn a_visitor_starts_a_chat_and_sees_its_place() {
    let mut tenant = Tenant::new().await;
    be(&tenant.agent("ana").await, "online").await;
    let visitor = tenant.visitor().await;
    let body = json!({
        "office_id": tenant.office_id, "queue_id": tenant.queue_id,
        "fields": {"name": "Vic", "email": "vic@home.example", "plan": "gold"},
        "message": {"id": "m-1", "text": "Hello"},
    });

    let answer = visitor.persona.post("/v1/visitor/chats", body).await;

    assert_eq!(answer.status, 201);
    let chat = answer.body;
    let path = format!("/v1/visitor/chats/{}", text(&chat["id"]));
    assert_eq!(answer.headers["location"], path);
    assert_eq!(chat["state"], "waiting");
    assert_eq!(chat["position"], 1);
    assert_eq!(chat["office_id"], tenant.office_id);
    assert_eq!(chat["last_seq"], 1);
    assert_eq!(chat["agents"], json!([]));
    // Another one stands behind it.
    let (_, second) = start(&tenant).await;
    let events = format!("/v1/chats/{second}/events");
    assert_eq!(tenant.owner.get(&events).await.status, 200);
    let shown = tenant
        .owner
        .get(&format!("/v1/chats/{}", text(&chat["id"])))
        .await
        .ok();
    assert_eq!(shown["contact"]["name"], "Vic");
    assert_eq!(shown["contact"]["email"], "vic@home.example");
    assert_eq!(shown["contact"]["fields"], json!({"plan": "gold"}));
    assert_eq!(shown["queue_id"], tenant.queue_id);
}

#[tokio::test]
async fn avail_04_no_chat_starts_while_nobody_is_there() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let visitor = tenant.visitor().await.persona;

    for status in ["offline", "away", "invisible"] {
        be(&agent, status).await;
        let body = json!({"message": {"id": "m-1", "text": "Hello"}});
        let answer = visitor.post("/v1/visitor/chats", body).await;
        assert_eq!(answer.problem(409, "not_live")["mode"], "messenger");
    }

    assert_eq!(ids(&visitor.get("/v1/visitor/chats").await.ok()).len(), 0);
    assert_eq!(ids(&tenant.owner.get("/v1/chats").await.ok()).len(), 0);
}

#[tokio::test]
async fn avail_04_a_start_that_comes_twice_is_answered_by_the_same_chat() {
    let mut tenant = Tenant::new().await;
    be(&tenant.agent("ana").await, "online").await;
    let visitor = tenant.visitor().await.persona;
    let body = json!({"message": {"id": "m-1", "text": "Hello"}});
    let first = visitor.post("/v1/visitor/chats", body.clone()).await.ok();

    let again = visitor.post("/v1/visitor/chats", body).await.ok();

    assert_eq!(again["id"], first["id"]);
    assert_eq!(again["last_seq"], 1);
    assert_eq!(ids(&visitor.get("/v1/visitor/chats").await.ok()).len(), 1);
}

#[tokio::test]
async fn a_visitor_has_at_most_five_open_chats() {
    let mut tenant = Tenant::new().await;
    be(&tenant.agent("ana").await, "online").await;
    let visitor = tenant.visitor().await.persona;
    let mut first = Value::Null;
    for _ in 0..5 {
        first = visitor.post("/v1/visitor/chats", json!({})).await.ok();
    }

    let sixth = visitor.post("/v1/visitor/chats", json!({})).await;

    sixth.problem(409, "too_many_open_chats");
    let end = format!("/v1/visitor/chats/{}/end", text(&first["id"]));
    visitor.post(&end, json!({})).await.ok();
    visitor.post("/v1/visitor/chats", json!({})).await.ok();
}

#[tokio::test]
async fn a_start_names_only_what_the_widget_reaches() {
    let mut tenant = Tenant::new().await;
    be(&tenant.agent("ana").await, "online").await;
    let other = Tenant::new().await;
    let visitor = tenant.visitor().await.persona;

    for (field, id) in [
        ("office_id", NOBODY),
        ("queue_id", NOBODY),
        ("office_id", &*other.office_id),
        ("queue_id", &*other.queue_id),
    ] {
        let answer = visitor.post("/v1/visitor/chats", json!({field: id})).await;
        assert_eq!(answer.faults(), [format!("/{field} unknown_id")]);
    }
}

#[tokio::test]
async fn route_05_an_offer_is_accepted_once() {
    let mut tenant = Tenant::new().await;
    let (agent, mut socket) = tenant.online_agent("ana").await;
    let colleague = tenant.agent("bo").await;
    let (_, chat_id) = start(&tenant).await;
    let offer = socket.expect("offer.made").await;
    let path = format!("/v1/chats/{chat_id}/accept");
    let me = agent.get("/v1/me").await.ok();

    let chat = agent
        .post(&path, json!({"offer": offer["offer"]}))
        .await
        .ok();

    assert_eq!(chat["state"], "active");
    assert_eq!(
        chat["agents"],
        json!([{"id": me["id"], "name": "ana", "status": "online"}])
    );
    assert!(chat["accepted_at"].is_string());
    for body in [json!({"offer": 1}), json!({})] {
        let late = colleague.post(&path, body).await.problem(409, "offer_gone");
        assert_eq!(late["taken_by"], me["id"]);
    }
    let reject = format!("/v1/chats/{chat_id}/reject");
    let late = agent.post(&reject, json!({"offer": 1})).await;
    assert_eq!(late.problem(409, "offer_gone")["taken_by"], me["id"]);
}

#[tokio::test]
async fn route_05_a_rejected_offer_goes_to_the_next_agent() {
    let mut tenant = Tenant::new().await;
    let (ana, mut anas) = tenant.online_agent("ana").await;
    let (_bo, mut bos) = tenant.online_agent("bo").await;
    let (_, chat_id) = start(&tenant).await;
    anas.expect("offer.made").await;

    let path = format!("/v1/chats/{chat_id}/reject");
    let body = json!({"offer": 1, "reason": "At lunch"});
    let offer = ana.post(&path, body).await.ok();

    assert_eq!(
        (&offer["offer"], &offer["state"]),
        (&json!(1), &json!("rejected"))
    );
    assert_eq!(bos.expect("offer.made").await["offer"], 2);
    let again = ana.post(&path, json!({"offer": 1})).await;
    assert_eq!(again.problem(409, "offer_gone")["taken_by"], Value::Null);
    let accept = format!("/v1/chats/{chat_id}/accept");
    let late = ana.post(&accept, json!({"offer": 1})).await;
    assert_eq!(late.problem(409, "offer_gone")["taken_by"], Value::Null);
}

#[tokio::test]
async fn route_20_an_offer_that_never_was_is_not_found() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    be(&agent, "online").await;
    let (_, chat_id) = start(&tenant).await;

    for verb in ["accept", "reject"] {
        let path = format!("/v1/chats/{chat_id}/{verb}");
        let answer = agent.post(&path, json!({"offer": 7})).await;
        answer.problem(404, "not_found");
        let faults = agent.post(&path, json!({"offer": 0})).await.faults();
        assert_eq!(faults, ["/offer out_of_range"]);
    }
}

#[tokio::test]
async fn route_07_only_a_member_of_the_queue_picks() {
    let mut tenant = Tenant::new().await;
    be(&tenant.agent("ana").await, "online").await;
    let (_, chat_id) = start(&tenant).await;

    let path = format!("/v1/chats/{chat_id}/accept");
    let answer = tenant.owner.post(&path, json!({})).await;

    answer.problem(409, "not_a_member");
}

#[tokio::test]
async fn route_02_nobody_picks_above_its_capacity() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    be(&agent, "online").await;
    for _ in 0..4 {
        let (_, chat_id) = start(&tenant).await;
        pick(&agent, &chat_id).await;
    }
    let (_, fifth) = start(&tenant).await;

    let path = format!("/v1/chats/{fifth}/accept");
    let answer = agent.post(&path, json!({})).await;

    answer.problem(409, "at_capacity");
}

#[tokio::test]
async fn chat_04_an_agent_closes_its_chat() {
    let (_tenant, agent, visitor, chat_id) = active_chat().await;
    let mut socket = Socket::visitor(&visitor).await;

    let chat = close(&agent, &chat_id).await;

    assert_eq!(chat["state"], "closed");
    assert_eq!(chat["close_reason"], "agent_closed");
    assert!(chat["closed_at"].is_string());
    let event = socket.expect("chat.closed").await;
    assert_eq!(event["reason"], "agent_closed");
    let path = format!("/v1/visitor/chats/{chat_id}");
    let seen = visitor.persona.get(&path).await.ok();
    assert_eq!(seen["state"], "closed");
    assert_eq!(seen["close_reason"], "agent_closed");
    assert_eq!(seen["position"], Value::Null);
}

#[tokio::test]
async fn chat_04_a_visitor_ends_its_chat_before_and_after_an_accept() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    be(&agent, "online").await;

    for is_accepted in [false, true] {
        let (visitor, chat_id) = start(&tenant).await;
        if is_accepted {
            pick(&agent, &chat_id).await;
        }
        let path = format!("/v1/visitor/chats/{chat_id}/end");
        let chat = visitor.persona.post(&path, json!({})).await.ok();
        assert_eq!(chat["state"], "closed");
        assert_eq!(chat["close_reason"], "visitor_ended");
        let shown = tenant.owner.get(&format!("/v1/chats/{chat_id}")).await.ok();
        assert_eq!(shown["accepted_at"].is_string(), is_accepted);
        let accept = format!("/v1/chats/{chat_id}/accept");
        let late = agent.post(&accept, json!({})).await;
        assert_eq!(late.status, 409, "{}", late.body);
    }
}

#[tokio::test]
async fn avail_04_a_message_can_be_left() {
    let mut tenant = Tenant::new().await;
    let visitor = tenant.visitor().await.persona;
    let body = json!({
        "fields": {"name": "Vic", "email": "vic@home.example"},
        "message": {"id": "m-1", "text": "Call me"},
    });

    for status in ["offline", "online"] {
        be(&tenant.agent(status).await, status).await;
        let answer = visitor
            .post("/v1/visitor/offline-messages", body.clone())
            .await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert_eq!(answer.body["state"], "offline_message");
        assert!(answer.body["received_at"].is_string());
        let path = format!("/v1/chats/{}", text(&answer.body["id"]));
        let chat = tenant.owner.get(&path).await.ok();
        assert_eq!(chat["state"], "offline_message");
        assert_eq!(chat["office_id"], tenant.office_id);
        assert_eq!(chat["queue_id"], Value::Null);
        assert_eq!(chat["contact"]["email"], "vic@home.example");
    }
}

#[tokio::test]
async fn avail_04_a_message_is_left_with_a_name_an_address_and_a_text() {
    let tenant = Tenant::new().await;
    let visitor = tenant.visitor().await.persona;
    let leave = async |body| {
        let answer = visitor.post("/v1/visitor/offline-messages", body).await;
        answer.faults()
    };

    let faults = leave(message("m-1", "Call me")).await;
    assert_eq!(faults, ["/fields/email required", "/fields/name required"]);
    let faults = leave(json!({"fields": {"name": "Vic", "email": "vic"}})).await;
    assert_eq!(faults, ["/fields/email bad_format", "/message required"]);
    let mut elsewhere = message("m-1", "Call me");
    elsewhere["fields"] = json!({"name": "Vic", "email": "vic@home.example"});
    elsewhere["office_id"] = json!(NOBODY);
    assert_eq!(leave(elsewhere).await, ["/office_id unknown_id"]);
    assert_eq!(ids(&tenant.owner.get("/v1/chats").await.ok()).len(), 0);
}

#[tokio::test]
async fn route_06_an_offer_and_its_chat_lead_to_the_queues_address() {
    let mut tenant = Tenant::new().await;
    let (ana, mut desk) = tenant.online_agent("ana").await;
    let queue = format!("/v1/queues/{}", tenant.queue_id);
    let address = "https://crm.example/{{agent.name}}?mail={{visitor.email}}";
    let template = json!({"external_url_template": address});
    tenant.owner.patch(&queue, template).await.ok();
    let visitor = tenant.visitor().await.persona;
    let fields = json!({"fields": {"name": "Vera", "email": "vera@example.com"}});
    let chat = visitor.post("/v1/visitor/chats", fields).await.ok();

    let offer = desk.expect("offer.made").await;

    let filled = "https://crm.example/ana?mail=vera%40example.com";
    assert_eq!(offer["external_url"], filled);
    let path = format!("/v1/chats/{}", chat["id"].as_str().unwrap());
    assert_eq!(ana.get(&path).await.ok()["external_url"], filled);
    // Whoever reads it is the agent that the address is for; its visitor is not told of it.
    let other = tenant.owner.get(&path).await.ok();
    assert_eq!(
        other["external_url"],
        "https://crm.example/Owner?mail=vera%40example.com"
    );
    assert!(chat.get("external_url").is_none(), "{chat}");
    let none = json!({"external_url_template": null});
    tenant.owner.patch(&queue, none).await.ok();
    assert_eq!(ana.get(&path).await.ok()["external_url"], json!(null));
}

#[tokio::test]
async fn route_04_a_visitor_reads_the_place_that_the_order_gives_it() {
    let mut tenant = Tenant::new().await;
    be(&tenant.agent("ana").await, "online").await;
    let rule = json!({
        "name": "Gold", "priority": 10,
        "conditions": {"contact": [{"field": "plan", "equals": "gold"}]},
    });
    tenant.owner.post("/v1/routing-rules", rule).await.ok();
    let mut visitors = Vec::new();
    for plan in ["basic", "basic", "gold"] {
        let visitor = tenant.visitor().await.persona;
        let body = json!({"fields": {"plan": plan}});
        let chat = visitor.post("/v1/visitor/chats", body).await.ok();
        visitors.push((visitor, chat));
    }

    // The later one is the more urgent one. A chat, a list of chats and the start say the same.
    assert_eq!(visitors[2].1["position"], 1);
    for ((visitor, chat), place) in visitors.iter().zip([2, 3, 1]) {
        let path = format!("/v1/visitor/chats/{}", text(&chat["id"]));
        assert_eq!(visitor.get(&path).await.ok()["position"], place);
        let listed = visitor.get("/v1/visitor/chats").await.ok();
        assert_eq!(listed["data"][0]["position"], place);
    }
    // Who is taken stands nowhere, and the others move up.
    let (visitor, chat) = &visitors[2];
    let ana = tenant.log_in("ana").await;
    let accept = format!("/v1/chats/{}/accept", text(&chat["id"]));
    ana.post(&accept, json!({})).await.ok();
    let path = format!("/v1/visitor/chats/{}", text(&chat["id"]));
    assert_eq!(visitor.get(&path).await.ok()["position"], Value::Null);
    let first = format!("/v1/visitor/chats/{}", text(&visitors[0].1["id"]));
    assert_eq!(visitors[0].0.get(&first).await.ok()["position"], 1);
}

#[tokio::test]
async fn avail_04_a_message_that_is_left_again_is_there_once() {
    let tenant = Tenant::new().await;
    let visitor = tenant.visitor().await.persona;
    let other = tenant.visitor().await.persona;
    let body = |id: &str, text: &str| {
        json!({
            "fields": {"name": "Vic", "email": "vic@home.example"},
            "message": {"id": id, "text": text},
        })
    };
    let leave = async |visitor: &Persona, id: &str, text: &str| {
        let answer = visitor
            .post("/v1/visitor/offline-messages", body(id, text))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body
    };

    let first = leave(&visitor, "m-1", "Call me").await;

    assert_eq!(leave(&visitor, "m-1", "Call me").await, first);
    assert_eq!(
        leave(&visitor, "m-1", "In other words").await,
        first,
        "as with a chat"
    );
    let at_once = (0..6).map(|_| leave(&visitor, "m-2", "And again"));
    let at_once = futures_util::future::join_all(at_once).await;
    assert!(at_once.iter().all(|answer| *answer == at_once[0]));
    assert_ne!(leave(&other, "m-1", "Me too").await["id"], first["id"]);
    let list = tenant.owner.get("/v1/chats?view=offline").await.ok();
    assert_eq!(ids(&list).len(), 3);
    let path = format!("/v1/chats/{}", text(&first["id"]));
    assert_eq!(tenant.owner.get(&path).await.ok()["last_seq"], 1);
}

#[tokio::test]
async fn avail_04_a_message_that_was_taken_up_is_the_answer_until_it_is_over() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let visitor = tenant.visitor().await.persona;
    let body = json!({
        "fields": {"name": "Vic", "email": "vic@home.example"},
        "message": {"id": "m-1", "text": "Call me"},
    });
    let leave = async || {
        let answer = visitor
            .post("/v1/visitor/offline-messages", body.clone())
            .await;
        text(&answer.ok()["id"])
    };
    let chat = leave().await;

    pick(&agent, &chat).await;
    assert_eq!(leave().await, chat);
    close(&agent, &chat).await;
    assert_ne!(
        leave().await,
        chat,
        "as a chat that is started after its end"
    );
}

#[tokio::test]
async fn avail_05_asking_for_an_email_again_is_no_end() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    be(&agent, "online").await;
    let (visitor, chat) = start(&tenant).await;
    let path = format!("/v1/visitor/chats/{chat}/ask-by-email");
    let ask = async || {
        let body = json!({"name": "Vic", "email": "vic@home.example"});
        visitor.persona.post(&path, body).await
    };

    assert_eq!(ask().await.ok()["state"], "offline_message");
    ask().await.problem(409, "not_waiting");
    let left = agent.get(&format!("/v1/chats/{chat}")).await.ok();
    assert_eq!(left["contact"]["email"], "vic@home.example");
    pick(&agent, &chat).await;
    ask().await.problem(409, "not_waiting");
    close(&agent, &chat).await;
    ask().await.problem(409, "chat_closed");
}
