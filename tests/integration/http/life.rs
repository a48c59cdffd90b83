//! How chats end and go on, what is said of them, how they are rated: over HTTP, also long after.

use deskbell::domain::{DispositionId, Millis};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{NOBODY, active_chat, be, close, ids, message, pick, text};
use crate::support::{Persona, Tenant, set_queue, shared};

/// A chat by itself, without what is said of the contact's other chats.
async fn chat(agent: &Persona, chat_id: &str) -> Value {
    let mut chat = agent.get(&format!("/v1/chats/{chat_id}")).await.ok();
    for others in ["external_url", "has_history", "earlier_chats"] {
        assert!(chat.as_object_mut().unwrap().remove(others).is_some());
    }
    // What is known of the contact is read, too; the engine holds no contacts.
    let contact = chat["contact"].as_object_mut().unwrap();
    assert!(contact.remove("known").is_some());
    chat
}

#[tokio::test]
async fn chat_04_a_close_names_an_outcome_of_the_queue() {
    let (tenant, agent, _, chat_id) = active_chat().await;
    let sold = tenant
        .owner
        .post("/v1/dispositions", json!({"name": "Sold"}));
    let sold: Uuid = text(&sold.await.ok()["id"]).parse().unwrap();
    set_queue(&shared().state.hub, &tenant, |settings| {
        settings.closing.dispositions = [DispositionId(sold)].into();
    })
    .await;
    let path = format!("/v1/chats/{chat_id}/close");

    let missing = agent.post(&path, json!({})).await;
    let missing = missing.problem(422, "disposition_required");
    assert_eq!(missing["errors"][0]["pointer"], "/disposition_ids");
    let body = json!({"disposition_ids": [NOBODY, sold.to_string()]});
    let faults = agent.post(&path, body).await.faults();
    assert_eq!(faults, ["/disposition_ids/0 unknown_id"]);
    let body = json!({"disposition_ids": [sold.to_string(), sold.to_string()]});
    let faults = agent.post(&path, body).await.faults();
    assert_eq!(faults, ["/disposition_ids/1 duplicate"]);
    let body = json!({"disposition_ids": [sold.to_string()]});
    let closed = agent.post(&path, body).await.ok();

    assert_eq!(closed["state"], "closed");
    assert_eq!(closed["disposition_ids"], json!([sold.to_string()]));
    assert_eq!(chat(&agent, &chat_id).await, closed);
}

#[tokio::test]
async fn chat_04_wrap_up_is_shown_to_agents_and_is_over_when_they_say_so() {
    let (tenant, agent, visitor, chat_id) = active_chat().await;
    set_queue(&shared().state.hub, &tenant, |settings| {
        settings.closing.wrap_up = Some(Millis::from_secs(600));
    })
    .await;
    let end = format!("/v1/chats/{chat_id}/wrap-up/end");
    agent
        .post(&end, json!({}))
        .await
        .problem(409, "not_in_wrap_up");

    assert_eq!(close(&agent, &chat_id).await["state"], "wrap_up");
    let found = agent.get("/v1/chats?state=wrap_up").await.ok();
    assert_eq!(ids(&found), [&*chat_id]);
    let path = format!("/v1/visitor/chats/{chat_id}");
    assert_eq!(visitor.persona.get(&path).await.ok()["state"], "closed");
    assert_eq!(agent.post(&end, json!({})).await.ok()["state"], "closed");

    agent
        .post(&end, json!({}))
        .await
        .problem(409, "not_in_wrap_up");
    let events = agent.get(&format!("/v1/chats/{chat_id}/events")).await.ok();
    let kinds = events["data"].as_array().unwrap().iter();
    let kinds: Vec<_> = kinds.map(|event| text(&event["type"])).collect();
    assert_eq!(
        kinds[kinds.len() - 3..],
        ["chat.closed", "chat.wrap_up_started", "chat.wrap_up_ended"]
    );
}

#[tokio::test]
async fn chat_04_a_message_of_the_instant_of_the_close_is_in_the_chat_or_refused() {
    for _ in 0..4 {
        let (_, agent, visitor, chat_id) = active_chat().await;
        let own = format!("/v1/visitor/chats/{chat_id}/messages");

        let sending = visitor.persona.post(&own, message("m-1", "Wait"));
        let (closed, sent) = tokio::join!(close(&agent, &chat_id), sending);

        assert_eq!(closed["state"], "closed");
        let is_in = sent.status == 201;
        if !is_in {
            sent.problem(409, "chat_closed");
        }
        let shown = chat(&agent, &chat_id).await;
        assert_eq!(
            (&shown["state"], &shown["last_seq"]),
            (&json!("closed"), &json!(u32::from(is_in)))
        );
        let events = agent.get(&format!("/v1/chats/{chat_id}/events")).await.ok();
        let last = events["data"].as_array().unwrap().last().unwrap();
        assert_eq!(last["type"], "chat.closed", "nothing comes after the end");
    }
}

#[tokio::test]
async fn chat_07_what_several_say_of_a_chat_that_is_over_at_once_is_all_kept() {
    let (_, agent, visitor, chat_id) = active_chat().await;
    close(&agent, &chat_id).await;
    let path = format!("/v1/chats/{chat_id}");
    let own = format!("/v1/visitor/chats/{chat_id}/rating");
    let changes = (0..10).map(async |n| {
        let field = format!("field {n}");
        let said = agent.patch(&path, json!({"fields": {field: "said"}})).await;
        said.ok();
    });
    let ratings = (1..=5).map(async |score| {
        let rated = visitor.persona.post(&own, json!({"score": score})).await;
        rated.ok();
    });

    tokio::join!(
        futures_util::future::join_all(changes),
        futures_util::future::join_all(ratings)
    );

    let shown = chat(&agent, &chat_id).await;
    assert_eq!(shown["fields"].as_object().unwrap().len(), 10);
    let events = agent.get(&format!("{path}/events?limit=100")).await.ok();
    let events = events["data"].as_array().unwrap().iter();
    let rated: Vec<_> = events.filter(|e| e["type"] == "chat.rated").collect();
    assert_eq!(rated.len(), 5);
    assert_eq!(shown["score"], rated[4]["score"], "the last word counts");
    assert_eq!(
        visitor.persona.get(&own).await.ok()["score"],
        shown["score"]
    );
}

#[tokio::test]
async fn chat_07_what_is_said_of_a_chat_stays_also_when_it_is_said_after_the_end() {
    let (tenant, agent, visitor, chat_id) = active_chat().await;
    let path = format!("/v1/chats/{chat_id}");
    let said = agent
        .patch(
            &path,
            json!({"important": true, "fields": {"plan": "gold", "seats": "4"}}),
        )
        .await
        .ok();
    assert_eq!(said["fields"], json!({"plan": "gold", "seats": "4"}));
    close(&agent, &chat_id).await;

    let said = agent
        .patch(
            &path,
            json!({"important": false, "fields": {"seats": null}}),
        )
        .await
        .ok();

    assert_eq!(said["fields"], json!({"plan": "gold"}));
    assert_eq!(
        (&said["important"], &said["state"]),
        (&json!(false), &json!("closed"))
    );
    assert_eq!(chat(&agent, &chat_id).await, said);
    let shown = visitor
        .persona
        .get(&format!("/v1/visitor/chats/{chat_id}"))
        .await;
    assert!(
        shown.ok().get("fields").is_none(),
        "it is not for the visitor"
    );
    let events = agent.get(&format!("{path}/events")).await.ok();
    let updated = events["data"].as_array().unwrap().last().unwrap();
    assert_eq!(updated["type"], "chat.updated");
    agent
        .patch(&path, json!({"priority": 3}))
        .await
        .problem(409, "not_waiting");
    let faults = agent
        .patch(&path, json!({"priority": 11, "importance": 1}))
        .await;
    assert_eq!(
        faults.faults(),
        ["/importance unknown_field", "/priority out_of_range"]
    );
    let stranger = tenant.outsider_as("eve", "agent").await;
    let refused = stranger.patch(&path, json!({"important": true})).await;
    refused.problem(403, "not_participant");
    let other = Tenant::new().await;
    let refused = other.owner.patch(&path, json!({"important": true})).await;
    refused.problem(404, "not_found");
}

#[tokio::test]
async fn chat_07_a_chat_has_tags_of_its_tenant_and_keeps_those_that_are_archived() {
    let (tenant, agent, _, chat_id) = active_chat().await;
    let tag = async |tenant: &Tenant, name: &str| {
        let tag = tenant.owner.post("/v1/tags", json!({"name": name})).await;
        text(&tag.ok()["id"])
    };
    let (billing, urgent) = (tag(&tenant, "Billing").await, tag(&tenant, "Urgent").await);
    let foreign = tag(&Tenant::new().await, "Billing").await;
    let path = format!("/v1/chats/{chat_id}");
    let tags = async |ids: &[&str]| agent.patch(&path, json!({"tag_ids": ids})).await;

    let faults = tags(&[NOBODY, &billing, &foreign]).await.faults();
    assert_eq!(faults, ["/tag_ids/0 unknown_id", "/tag_ids/2 unknown_id"]);
    let faults = tags(&[&billing, &billing]).await.faults();
    assert_eq!(faults, ["/tag_ids/1 duplicate"]);
    let many: Vec<String> = (0..21_u128)
        .map(|n| Uuid::from_u128(n).to_string())
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(tags(&many).await.faults(), ["/tag_ids too_long"]);
    assert_eq!(chat(&agent, &chat_id).await["tag_ids"], json!([]));
    assert_eq!(tags(&[&billing]).await.ok()["tag_ids"], json!([billing]));
    let archived = [&billing, &urgent];
    for id in archived {
        let gone = tenant.owner.delete(&format!("/v1/tags/{id}")).await;
        assert_eq!(gone.status, 204);
    }

    let faults = tags(&[&billing, &urgent]).await.faults();
    assert_eq!(faults, ["/tag_ids/1 unknown_id"], "it has the other one");
    let kept = agent.patch(&path, json!({"important": true, "tag_ids": [billing]}));
    assert_eq!(kept.await.ok()["tag_ids"], json!([billing]));
    assert_eq!(tags(&[]).await.ok()["tag_ids"], json!([]));
    assert_eq!(tags(&[&billing]).await.faults(), ["/tag_ids/0 unknown_id"]);
}

#[tokio::test]
async fn chat_06_a_message_that_was_left_is_taken_up_and_answered() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let visitor = tenant.visitor().await.persona;
    let left = json!({
        "fields": {"name": "Vic", "email": "vic@home.example"},
        "message": {"id": "m-1", "text": "Call me"},
    });
    let left = visitor
        .post("/v1/visitor/offline-messages", left)
        .await
        .ok();
    let chat_id = text(&left["id"]);
    let stranger = tenant.outsider_as("eve", "agent").await;
    let accept = format!("/v1/chats/{chat_id}/accept");
    let refused = stranger.post(&accept, json!({})).await;
    refused.problem(409, "not_a_member");

    // She is offline, and has no socket.
    assert_eq!(pick(&agent, &chat_id).await["state"], "active");
    let path = format!("/v1/chats/{chat_id}/messages");
    agent.post(&path, message("a-1", "Here I am")).await.ok();

    let shown = visitor
        .get(&format!("/v1/visitor/chats/{chat_id}"))
        .await
        .ok();
    assert_eq!(
        (&shown["state"], &shown["last_seq"]),
        (&json!("active"), &json!(2))
    );
    let own = format!("/v1/visitor/chats/{chat_id}/messages");
    visitor.post(&own, message("m-2", "At last")).await.ok();
    assert_eq!(close(&agent, &chat_id).await["last_seq"], 3);
}

#[tokio::test]
async fn chat_10_a_visitor_who_returns_goes_on_with_its_chat() {
    let (tenant, agent, visitor, chat_id) = active_chat().await;
    let hub = &shared().state.hub;
    set_queue(hub, &tenant, |settings| {
        settings.visitor_idle.reopen_within = Some(Millis::from_secs(600));
    })
    .await;
    let own = format!("/v1/visitor/chats/{chat_id}/messages");
    visitor
        .persona
        .post(&own, message("m-1", "Hello"))
        .await
        .ok();
    close(&agent, &chat_id).await;
    // What was said before is still known, and makes nothing go on.
    let again = visitor.persona.post(&own, message("m-1", "Hello")).await;
    assert_eq!(again.status, 200);
    assert_eq!(chat(&agent, &chat_id).await["state"], "closed");

    let sent = visitor
        .persona
        .post(&own, message("m-2", "One more thing"))
        .await;

    assert_eq!(sent.status, 201);
    // Its agent has no connection, so it waits, and nobody has it.
    let shown = chat(&agent, &chat_id).await;
    assert_eq!(
        (&shown["state"], &shown["agents"]),
        (&json!("waiting"), &json!([]))
    );
    // What was said before, that the chat goes on, and what makes it go on.
    assert_eq!(shown["last_seq"], 3);
    pick(&agent, &chat_id).await;
    close(&agent, &chat_id).await;
    set_queue(hub, &tenant, |settings| {
        settings.visitor_idle.reopen_within = None;
    })
    .await;
    let late = visitor
        .persona
        .post(&own, message("m-3", "And another"))
        .await;
    late.problem(409, "chat_closed");
}

#[tokio::test]
async fn chat_12_a_rating_is_kept_with_its_comment_and_in_no_event() {
    let (tenant, agent, visitor, chat_id) = active_chat().await;
    let own = format!("/v1/visitor/chats/{chat_id}/rating");
    visitor.persona.get(&own).await.problem(404, "not_found");
    close(&agent, &chat_id).await;

    let rated = json!({"score": 2, "comment": "Slow"});
    let answer = visitor.persona.post(&own, rated).await.ok();
    assert_eq!(answer["score"], 2);
    let rated = json!({"score": 5, "comment": "Ana was canary-quick"});
    visitor.persona.post(&own, rated).await.ok();

    let found = agent.get(&format!("/v1/chats/{chat_id}/rating")).await.ok();
    assert_eq!(
        (&found["score"], &found["comment"]),
        (&json!(5), &json!("Ana was canary-quick"))
    );
    assert_eq!(visitor.persona.get(&own).await.ok(), found);
    assert_eq!(chat(&agent, &chat_id).await["score"], 5);
    let events = agent.get(&format!("/v1/chats/{chat_id}/events")).await.ok();
    assert!(events.to_string().contains("chat.rated") && !events.to_string().contains("canary"));
    let faults = visitor
        .persona
        .post(&own, json!({"score": 6, "comment": ""}))
        .await;
    assert_eq!(
        faults.faults(),
        ["/comment too_short", "/score out_of_range"]
    );
    let stranger = tenant.visitor().await.persona;
    stranger
        .post(&own, json!({"score": 1}))
        .await
        .problem(404, "not_found");
    stranger.get(&own).await.problem(404, "not_found");
}

#[tokio::test]
async fn chat_12_a_chat_in_which_nobody_took_part_is_not_rated() {
    let mut tenant = Tenant::new().await;
    be(&tenant.agent("ana").await, "online").await;
    let (visitor, chat_id) = super::start(&tenant).await;
    let own = format!("/v1/visitor/chats/{chat_id}/rating");

    let refused = visitor.persona.post(&own, json!({"score": 1})).await;

    refused.problem(409, "nothing_to_rate");
}
