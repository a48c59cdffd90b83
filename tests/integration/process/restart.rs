//! A server that is killed in the middle of a chat: nothing that was acknowledged is lost, doubled or out of order,
//! and the chat goes on (promise 1).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deskbell::random::Random;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::binary::{Binary, data_folder, free_port};
use super::talker::Talker;

/// Messages of each party between two kills.
const MESSAGES: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chat_goes_on_after_each_kill_with_every_acknowledged_message_once_and_in_order() {
    let seed = 20_261_121;
    let random = Random::seeded(seed);
    let (folder, port) = (data_folder(), free_port());
    let mut server = Binary::start(folder.path(), port).await;
    let (mut agent, mut visitor) = chat(&server).await;

    for round in 0..5 {
        let acknowledgements = AtomicUsize::new(0);
        let fatal = usize::try_from(random.below(MESSAGES as u64)).unwrap();
        let talk = async {
            tokio::join!(
                talk(&mut agent, "a", round, &acknowledgements),
                talk(&mut visitor, "v", round, &acknowledgements),
            )
        };
        let disaster = async {
            while acknowledgements.load(Ordering::Relaxed) < fatal {
                sleep(Duration::from_millis(1)).await;
            }
            server.kill().await;
            Binary::start(folder.path(), port).await
        };
        (_, server) = tokio::join!(talk, disaster);
    }

    let token = server.log_in().await;
    let stored = messages(&server, &token, &agent.chat_id).await;
    assert_eq!(stored.len(), 5 * 2 * MESSAGES, "seed {seed}");
    let numbers: Vec<u64> = stored.keys().copied().collect();
    let gapless: Vec<u64> = (1..=stored.len() as u64).collect();
    assert_eq!(numbers, gapless, "seed {seed}");
    for party in [&agent, &visitor] {
        for (id, seq) in &party.acknowledged {
            assert_eq!(stored.get(seq), Some(id), "seed {seed}");
        }
        for (seq, id) in &party.seen {
            assert_eq!(stored.get(seq), Some(id), "seed {seed}");
        }
        let order: Vec<&u64> = party.acknowledged.values().collect();
        assert!(
            order.is_sorted(),
            "each party's messages stand in the order in which it sent them"
        );
    }
    let closed = agent
        .ask(json!({"type": "chat.close", "chat_id": agent.chat_id.clone()}))
        .await;
    assert_eq!(closed.unwrap()["chat"]["state"], "closed");
    assert_eq!(
        visitor.expect("chat.closed").await["reason"],
        "agent_closed"
    );
    assert!(server.interrupt().await.success());
}

/// An agent and a visitor in one chat.
async fn chat(server: &Binary) -> (Talker, Talker) {
    let mut agent = Talker::new(&server.base, "/v1/agent/ws", &server.log_in().await);
    let mut visitor = Talker::new(&server.base, "/v1/visitor/ws", &server.visitor().await);
    agent.connect().await;
    let online = agent
        .ask(json!({"type": "presence.set", "status": "online"}))
        .await
        .unwrap();
    assert_eq!(online["presence"]["effective"], "online", "{online}");
    let started = visitor.ask(json!({"type": "chat.start"})).await.unwrap();
    let chat_id = started["chat"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{started}"))
        .to_owned();
    let offer = agent.expect("offer.made").await;
    let accepted = agent
        .ask(json!({"type": "chat.accept", "chat_id": chat_id, "offer": offer["offer"]}))
        .await
        .unwrap();
    assert_eq!(accepted["chat"]["state"], "active", "{accepted}");
    visitor.expect("chat.accepted").await;
    agent.chat_id.clone_from(&chat_id);
    visitor.chat_id = chat_id;
    (agent, visitor)
}

async fn talk(talker: &mut Talker, name: &str, round: usize, acknowledgements: &AtomicUsize) {
    for number in 0..MESSAGES {
        talker
            .say(&format!("{name}-{round}-{number:03}"), acknowledgements)
            .await;
    }
}

/// The chat's messages as the database has them.
async fn messages(server: &Binary, token: &str, chat_id: &str) -> BTreeMap<u64, String> {
    let mut messages = BTreeMap::new();
    let mut query = String::from("limit=200");
    loop {
        let path = format!("/v1/chats/{chat_id}/events?{query}");
        let page = server.get(&path, token).await;
        for event in page["data"].as_array().unwrap() {
            if event["type"] == "chat.message" {
                let message = &event["message"];
                let id = message["id"].as_str().unwrap().to_owned();
                let doubled = messages.insert(message["seq"].as_u64().unwrap(), id);
                assert_eq!(doubled, None, "a message stands there twice");
            }
        }
        match &page["next_cursor"] {
            Value::String(cursor) => query = format!("limit=200&cursor={cursor}"),
            _ => return messages,
        }
    }
}
