//! Who gets a chat: whatever agents do at once, one has it and the others are told who.

use deskbell::domain::Millis;
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream;
use serde_json::{Value, json};

use super::setting::{Stopped, start};
use crate::support::{Persona, Socket, Tenant, set_queue};

/// So many agents of the queue, online.
async fn agents_of(tenant: &mut Tenant, count: usize) -> Vec<(Persona, Socket)> {
    let mut agents = Vec::new();
    for number in 0..count {
        agents.push(tenant.online_agent(&format!("agent-{number}")).await);
    }
    agents
}

fn accept(chat_id: &Value, offer: &Value) -> Value {
    json!({"type": "chat.accept", "chat_id": chat_id, "offer": offer})
}

/// Who won, by the answers of all: one `ok`, and `offer_gone` that names that one.
fn winner_of(answers: &[Value], chat_id: &Value) -> Value {
    let won: Vec<&Value> = answers.iter().filter(|a| a["type"] == "ok").collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    assert_eq!(won[0]["chat"]["id"], *chat_id);
    let winner = won[0]["chat"]["agents"][0]["id"].clone();
    for lost in answers.iter().filter(|a| a["type"] != "ok") {
        assert_eq!(
            (&lost["code"], &lost["taken_by"]),
            (&json!("offer_gone"), &winner),
            "{lost}"
        );
    }
    winner
}

#[tokio::test]
async fn two_who_accept_at_once_are_told_the_same_winner() {
    let mut tenant = Tenant::new().await;
    let mut agents = agents_of(&mut tenant, 2).await;
    let visitor = tenant.visitor().await;
    let mut widget = Socket::visitor(&visitor).await;
    let (mut second, mut first) = (agents.pop().unwrap().1, agents.pop().unwrap().1);

    for round in 0..10 {
        let chat_id = start(&mut widget, &format!("m-{round}")).await;
        // Whoever it rings at accepts the offer, the other picks the chat.
        let (one, other) = tokio::join!(
            first.ask(accept(&chat_id, &Value::Null)),
            second.ask(accept(&chat_id, &Value::Null))
        );

        let winner = winner_of(&[one, other], &chat_id);
        let accepted = widget.expect("chat.accepted").await;
        assert_eq!(accepted["agent"]["id"], winner);
        widget
            .ok(json!({"type": "chat.end", "chat_id": chat_id}))
            .await;
    }
}

/// Members of the queue, online, each with a socket. Sockets are opened in the end: nobody answers their pings before.
async fn crowd_of(tenant: &Tenant, count: usize) -> Vec<(Persona, Socket)> {
    let seats = json!({"seats": count});
    tenant.owner.patch("/v1/settings", seats).await.ok();
    let names: Vec<String> = (0..count).map(|n| format!("agent-{n}")).collect();
    // A few at a time: each costs the server two hashes of its password.
    let people = stream::iter(&names).map(async |name| {
        let agent = tenant.outsider_as(name, "agent").await;
        let me = agent.get("/v1/me").await.ok();
        (agent, me["id"].clone())
    });
    let people: Vec<(Persona, Value)> = people.buffered(8).collect().await;
    let (people, who): (Vec<Persona>, Vec<Value>) = people.into_iter().unzip();
    let members = json!({"member_ids": who});
    let path = format!("/v1/queues/{}/members", tenant.queue_id);
    tenant.owner.put(&path, members).await.ok();
    let opened = people.into_iter().map(async |agent| {
        let mut socket = Socket::agent(&agent).await;
        let online = json!({"type": "presence.set", "status": "online"});
        socket.ok(online).await;
        (agent, socket)
    });
    join_all(opened).await
}

/// The answer of an agent that accepts its offer: over its socket, or every other one by REST.
async fn accept_by(number: usize, agent: &mut (Persona, Socket), offer: &Value) -> Value {
    let (persona, socket) = agent;
    let (chat_id, offer) = (&offer["chat_id"], &offer["offer"]);
    if number.is_multiple_of(2) {
        return socket.ask(accept(chat_id, offer)).await;
    }
    let path = format!("/v1/chats/{}/accept", chat_id.as_str().unwrap());
    let answer = persona.post(&path, json!({"offer": offer})).await;
    if answer.status.is_success() {
        json!({"type": "ok", "chat": answer.body})
    } else {
        answer.problem(409, "offer_gone")
    }
}

#[tokio::test]
async fn of_two_hundred_who_accept_at_once_one_wins() {
    let tenant = Tenant::new().await;
    let broadcast = json!({"strategy": "broadcast"});
    let queue = format!("/v1/queues/{}", tenant.queue_id);
    tenant.owner.patch(&queue, broadcast).await.ok();
    let mut agents = crowd_of(&tenant, 200).await;
    let visitor = tenant.visitor().await;
    let mut widget = Socket::visitor(&visitor).await;

    for round in 0..3 {
        let chat_id = start(&mut widget, &format!("m-{round}")).await;
        let rings = join_all(
            agents
                .iter_mut()
                .map(|(_, socket)| socket.expect("offer.made")),
        );
        let offers = rings.await;
        assert!(offers.iter().all(|offer| offer["chat_id"] == chat_id));

        let accepts = agents.iter_mut().zip(&offers).enumerate();
        let answers = join_all(accepts.map(|(n, (agent, offer))| accept_by(n, agent, offer))).await;

        let winner = winner_of(&answers, &chat_id);
        let accepted = widget.expect("chat.accepted").await;
        assert_eq!(accepted["agent"]["id"], winner);
        let path = format!("/v1/chats/{}", chat_id.as_str().unwrap());
        let chat = tenant.owner.get(&path).await.ok();
        assert_eq!(chat["agents"].as_array().unwrap().len(), 1);
        assert_eq!(chat["agents"][0]["id"], winner);
        for (answer, (_, socket)) in answers.iter().zip(&mut agents) {
            if answer["type"] == "ok" {
                socket.expect("offer.accepted").await;
            } else {
                let withdrawn = socket.expect("offer.withdrawn").await;
                assert_eq!(withdrawn["reason"], "accepted_elsewhere");
            }
        }
        let end = json!({"type": "chat.end", "chat_id": chat_id});
        widget.ok(end).await;
    }
}

#[tokio::test]
async fn an_offer_is_withdrawn_when_a_colleague_picks_the_chat() {
    let mut tenant = Tenant::new().await;
    let (_, mut ana) = tenant.online_agent("ana").await;
    let visitor = tenant.visitor().await;
    let mut widget = Socket::visitor(&visitor).await;
    let chat_id = start(&mut widget, "m-1").await;
    let offer = ana.expect("offer.made").await;
    let (bo_persona, mut bo) = tenant.online_agent("bo").await;

    bo.ok(accept(&chat_id, &Value::Null)).await;

    let withdrawn = ana.expect("offer.withdrawn").await;
    assert_eq!(withdrawn["offer"], offer["offer"]);
    assert_eq!(withdrawn["reason"], "accepted_elsewhere");
    let gone = ana
        .refused(accept(&chat_id, &offer["offer"]), "offer_gone")
        .await;
    assert_eq!(gone["taken_by"], bo_persona.get("/v1/me").await.ok()["id"]);
}

#[tokio::test]
async fn an_offer_is_withdrawn_for_what_ends_it() {
    let mut tenant = Tenant::new().await;
    let (_, mut ana) = tenant.online_agent("ana").await;
    let visitor = tenant.visitor().await;
    let mut widget = Socket::visitor(&visitor).await;

    let chat_id = start(&mut widget, "m-1").await;
    ana.expect("offer.made").await;
    widget
        .ok(json!({"type": "chat.end", "chat_id": chat_id}))
        .await;
    assert_eq!(ana.expect("offer.withdrawn").await["reason"], "chat_closed");

    let chat_id = start(&mut widget, "m-2").await;
    ana.expect("offer.made").await;
    ana.ok(json!({"type": "presence.set", "status": "away"}))
        .await;
    assert_eq!(
        ana.expect("offer.withdrawn").await["reason"],
        "agent_unavailable"
    );

    ana.ok(json!({"type": "presence.set", "status": "online"}))
        .await;
    let third = ana.expect("offer.made").await;
    assert_eq!((&third["chat_id"], &third["offer"]), (&chat_id, &json!(2)));
    let path = format!("/v1/queues/{}/members", tenant.queue_id);
    tenant
        .owner
        .put(&path, json!({"member_ids": []}))
        .await
        .ok();
    assert_eq!(
        ana.expect("offer.withdrawn").await["reason"],
        "removed_from_queue"
    );
}

#[tokio::test]
async fn a_rejected_offer_goes_to_the_next_agent() {
    let mut tenant = Tenant::new().await;
    let (_, mut ana) = tenant.online_agent("ana").await;
    let visitor = tenant.visitor().await;
    let mut widget = Socket::visitor(&visitor).await;
    let chat_id = start(&mut widget, "m-1").await;
    let offer = ana.expect("offer.made").await;
    let (_, mut bo) = tenant.online_agent("bo").await;

    let reject = json!({"type": "chat.reject", "chat_id": chat_id, "offer": offer["offer"],
        "reason": "lunch"});
    let answer = ana.ok(reject).await;

    assert_eq!(answer["offer"]["state"], "rejected");
    assert_eq!(ana.expect("offer.rejected").await["reason"], "lunch");
    let next = bo.expect("offer.made").await;
    assert_eq!((&next["chat_id"], &next["offer"]), (&chat_id, &json!(2)));
    bo.ok(accept(&chat_id, &next["offer"])).await;
}

#[tokio::test]
async fn an_offer_that_nobody_answers_is_missed_and_goes_on() {
    let stopped = Stopped::start(|_| ()).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let (_, mut ana) = tenant.online_agent("ana").await;
    let visitor = tenant.visitor().await;
    let mut widget = Socket::visitor(&visitor).await;
    let chat_id = start(&mut widget, "m-1").await;
    let offer = ana.expect("offer.made").await;
    let (_, mut bo) = tenant.online_agent("bo").await;

    for seconds in [10, 10, 11] {
        stopped.pass(seconds);
        // They are heard, so that they are not taken for dead.
        for socket in [&mut ana, &mut bo, &mut widget] {
            socket.send(&json!({"type": "ping"})).await;
            socket.expect("pong").await;
        }
    }

    let missed = ana.expect("offer.missed").await;
    assert_eq!(
        (&missed["chat_id"], &missed["offer"]),
        (&chat_id, &offer["offer"])
    );
    assert_eq!(bo.expect("offer.made").await["chat_id"], chat_id);
    let late = ana
        .refused(accept(&chat_id, &offer["offer"]), "offer_gone")
        .await;
    assert_eq!(late["taken_by"], Value::Null);
}

#[tokio::test]
async fn chat_10_an_offer_of_the_past_says_since_when_the_chat_waited_then() {
    let stopped = Stopped::start(|_| ()).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let (agent, mut desk) = tenant.online_agent("ana").await;
    set_queue(&stopped.server.state.hub, &tenant, |settings| {
        settings.visitor_idle.reopen_within = Some(Millis::from_secs(600));
    })
    .await;
    let visitor = tenant.visitor().await;
    let chat = visitor
        .persona
        .post("/v1/visitor/chats", json!({}))
        .await
        .ok();
    let chat_id = chat["id"].as_str().unwrap();
    let mut told = vec![desk.expect("offer.made").await];
    let accept = json!({"type": "chat.accept", "chat_id": chat_id, "offer": 1});
    desk.ok(accept).await;
    desk.ok(json!({"type": "chat.close", "chat_id": chat_id}))
        .await;
    stopped.pass(5);
    // Who has it again is away, so it waits anew, and rings again later.
    desk.ok(json!({"type": "presence.set", "status": "away"}))
        .await;
    let (_bo, mut other) = tenant.online_agent("bo").await;
    let own = format!("/v1/visitor/chats/{chat_id}/messages");
    let back = json!({"message": {"id": "m-1", "text": "One more thing"}});
    visitor.persona.post(&own, back).await.ok();
    told.push(other.expect("offer.made").await);
    assert!(told[1]["waiting_since"].as_str() > told[0]["waiting_since"].as_str());

    let events = agent.get(&format!("/v1/chats/{chat_id}/events")).await;
    let events = match events.status.as_u16() {
        200 => events.ok(),
        _ => tenant
            .owner
            .get(&format!("/v1/chats/{chat_id}/events"))
            .await
            .ok(),
    };

    let events = events["data"].as_array().unwrap().iter();
    let offers: Vec<_> = events
        .filter(|event| event["type"] == "offer.made")
        .collect();
    assert_eq!(offers.len(), told.len());
    for (kept, told) in offers.into_iter().zip(told) {
        for field in ["offer", "waiting_since", "made_at", "expires_at"] {
            assert_eq!(kept[field], told[field], "{field}");
        }
    }
}
