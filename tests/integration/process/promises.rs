//! A server that is killed while something was promised for later: an offer rings, a hand-over waits for its answer, an
//! agent is at work after a chat, a visitor waits. Each goes on in the next process as if nothing had happened.

use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use super::binary::{Binary, data_folder, free_port};
use super::talker::Talker;

/// Far above what is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server on a folder, and the demo's two people at their desks.
struct House {
    folder: TempDir,
    port: u16,
    server: Binary,
    owner: Talker,
    agent: Talker,
    visitor: Talker,
    token: String,
}

impl House {
    /// Both are members of the demo's queue, which wants wrap-up for as long as is said.
    async fn open(wrap_up_s: Option<u32>) -> Self {
        let (folder, port) = (data_folder(), free_port());
        let server = Binary::start(folder.path(), port).await;
        let token = server.log_in_as(0).await;
        let queues = server.get("/v1/queues", &token).await;
        let queue = queues["data"][0]["id"].as_str().unwrap();
        let path = format!("/v1/queues/{queue}");
        let settings = json!({"wrap_up_s": wrap_up_s, "ring_timeout_s": null});
        server.patch(&path, &token, &settings).await;
        let desk = |token: &str| Talker::new(&server.base, "/v1/agent/ws", token);
        let (owner, agent) = (desk(&token), desk(&server.log_in().await));
        let visitor = Talker::new(&server.base, "/v1/visitor/ws", &server.visitor().await);
        Self {
            folder,
            port,
            server,
            owner,
            agent,
            visitor,
            token,
        }
    }

    /// The agent is online, and has one chat with the visitor.
    async fn talk(&mut self) -> String {
        self.agent.tell(set("online")).await;
        let started = self.visitor.tell(json!({"type": "chat.start"})).await;
        let chat_id = started["chat"]["id"].as_str().unwrap().to_owned();
        self.agent.take().await;
        chat_id
    }

    /// The process ends as by a power cut, and the next one begins.
    async fn kill(self) -> Self {
        self.server.kill().await;
        let server = Binary::start(self.folder.path(), self.port).await;
        Self { server, ..self }
    }

    async fn chat(&self, chat_id: &str) -> Value {
        let path = format!("/v1/chats/{chat_id}");
        self.server.get(&path, &self.token).await
    }

    /// Waits until a chat is in a state.
    async fn until(&self, chat_id: &str, state: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let chat = self.chat(chat_id).await;
            if chat["state"] == state {
                return;
            }
            assert!(Instant::now() < deadline, "not {state}: {chat}");
            sleep(Duration::from_millis(100)).await;
        }
    }
}

fn set(status: &str) -> Value {
    json!({"type": "presence.set", "status": status})
}

async fn id_of(server: &Binary, person: usize) -> Value {
    let token = server.log_in_as(person).await;
    server.get("/v1/me", &token).await["id"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn route_20_a_chat_that_rings_when_the_server_is_killed_rings_on() {
    let mut house = House::open(None).await;
    house.agent.tell(set("online")).await;
    let started = house.visitor.tell(json!({"type": "chat.start"})).await;
    let chat_id = started["chat"]["id"].as_str().unwrap().to_owned();
    let offer = house.agent.expect("offer.made").await;

    let mut house = house.kill().await;
    house.agent.come_back().await;
    house.visitor.come_back().await;

    // It is the same offer: the answer to it counts.
    let accept = json!({"type": "chat.accept", "chat_id": chat_id, "offer": offer["offer"]});
    let accepted = house.agent.tell(accept).await;
    assert_eq!(accepted["chat"]["state"], "active");
    house.visitor.expect("chat.accepted").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chat_01_a_transfer_that_is_pending_when_the_server_is_killed_can_be_taken() {
    let mut house = House::open(None).await;
    let chat_id = house.talk().await;
    house.owner.tell(set("online")).await;
    let owner_id = id_of(&house.server, 0).await;
    let to = json!({"agent_id": owner_id});
    let transfer =
        json!({"type": "chat.transfer", "chat_id": chat_id, "to": to, "note": "She wants a plan"});
    house.agent.tell(transfer).await;
    let offer = house.owner.expect("offer.made").await;
    assert_eq!(offer["note"], "She wants a plan");

    let mut house = house.kill().await;
    house.owner.come_back().await;
    house.agent.come_back().await;
    let accept = json!({"type": "chat.accept", "chat_id": chat_id, "offer": offer["offer"]});
    house.owner.tell(accept).await;

    let chat = house.chat(&chat_id).await;
    let agents: Vec<&Value> = chat["participants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| &p["id"])
        .collect();
    assert_eq!(agents, [&owner_id], "the sender's part has ended: {chat}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chat_04_wrap_up_ends_at_its_time_though_the_server_is_killed() {
    let mut house = House::open(Some(3)).await;
    let chat_id = house.talk().await;
    let close = json!({"type": "chat.close", "chat_id": chat_id});
    let closed = house.agent.tell(close).await;
    assert_eq!(closed["chat"]["state"], "wrap_up");

    let house = house.kill().await;

    // Nobody connects, nobody asks the tenant to be there.
    house.until(&chat_id, "closed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chat_04_who_is_in_wrap_up_when_the_server_is_killed_gets_the_next_chat_after_it() {
    let mut house = House::open(Some(3600)).await;
    let chat_id = house.talk().await;
    let close = json!({"type": "chat.close", "chat_id": chat_id});
    house.agent.tell(close).await;

    let mut house = house.kill().await;
    house.agent.come_back().await;
    house.visitor.come_back().await;
    let started = house.visitor.tell(json!({"type": "chat.start"})).await;
    let next = started["chat"]["id"].as_str().unwrap().to_owned();
    assert_eq!(started["chat"]["position"], 1, "{started}");
    house.until(&next, "waiting").await;
    let end = json!({"type": "wrap_up.end", "chat_id": chat_id});
    house.agent.tell(end).await;

    house.agent.take().await;
    house.until(&next, "active").await;
    house.until(&chat_id, "closed").await;
}
