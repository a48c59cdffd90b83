//! `snapshot + events` is what a fresh snapshot holds, whatever happens in between, and who comes back is sent the same
//! events as who stayed.

use std::collections::BTreeSet;

use deskbell::domain::{Millis, Reminder};
use deskbell::random::Random;
use serde_json::{Value, json};

use super::client::{AGENT_EVENTS, Client, VISITOR_EVENTS};
use super::setting::{Stopped, pick, seed, send};
use crate::support::{Persona, Socket, Tenant, set_queue, shared};

const PLANS: u64 = 8;
const DEEDS: u64 = 150;
/// So many of the sides are agents.
const AGENTS: usize = 3;
/// A fixed one, so that the answer is always the same; `SEED=<number>` tries another.
const SEED: u64 = 20_260_301;

/// Somebody with a socket and a client that follows it.
pub(crate) struct Side {
    persona: Persona,
    path: &'static str,
    pub(crate) socket: Socket,
    pub(crate) client: Client,
    pub(crate) seen: BTreeSet<String>,
    /// The number of the last event that it saw.
    last_seq: i64,
    /// What it saw since it was last compared with one that came back.
    events: Vec<Value>,
    /// The number after which these are.
    place: i64,
}

impl Side {
    pub(crate) async fn new(persona: Persona, path: &'static str) -> Self {
        let socket = Socket::welcomed(&persona, path, None).await;
        Self {
            events: Vec::new(),
            place: socket.first["seq"].as_i64().unwrap(),
            client: Client::new(&socket.first),
            persona,
            path,
            socket,
            seen: BTreeSet::new(),
            last_seq: 0,
        }
    }

    /// Lets the client see all that has come until now.
    pub(crate) async fn follow(&mut self) {
        let nothing = json!({"type": "chat.typing", "chat_id": uuid::Uuid::nil(), "typing": true});
        self.socket.refused(nothing, "not_found").await;
        for _ in 0..self.socket.kept().count() {
            let event = self.socket.next().await;
            self.client.apply(&event);
            self.last_seq = event["seq"].as_i64().unwrap_or(self.last_seq);
            self.seen.insert(event["type"].as_str().unwrap().to_owned());
            if event["seq"].is_i64() {
                self.events.push(event);
            }
        }
    }

    /// Compares what has come with what a socket is sent that comes back from the last comparison.
    async fn check_resumed(&mut self, what: &str) {
        let welcome = &self.socket.first;
        let resume = json!({"history_id": welcome["history_id"], "after": self.place});
        let mut again = Socket::welcomed(&self.persona, self.path, Some(resume)).await;
        assert_eq!(again.first["type"], "resumed", "{what}");
        let until = again.first["seq"].as_i64().unwrap();
        let nothing = json!({"type": "chat.typing", "chat_id": uuid::Uuid::nil(), "typing": true});
        again.refused(nothing, "not_found").await;
        self.follow().await;

        // A ring may end meanwhile: whatever comes after the first frame's number was not missed.
        let is_missed = |event: &&Value| event["seq"].as_i64().is_some_and(|seq| seq <= until);
        let told: Vec<Value> = again.kept().filter(is_missed).cloned().collect();
        let mut expected: Vec<Value> = self.events.iter().filter(is_missed).cloned().collect();
        make_true(&mut expected);
        assert_eq!(told, expected, "{what}");
        self.events.retain(|event| !is_missed(&event));
        self.place = until;
    }

    /// Compares with a socket that is welcomed now.
    pub(crate) async fn check(&mut self, what: &str) {
        loop {
            let fresh = Socket::welcomed(&self.persona, self.path, None).await;
            self.follow().await;
            // A pause or a ring may end between the two: then a later snapshot is what to compare with.
            if self.last_seq <= fresh.first["seq"].as_i64().unwrap() {
                let expected = Client::new(&fresh.first).state();
                assert_eq!(self.client.state(), expected, "{what}");
                return;
            }
        }
    }
}

/// Makes events tell of messages as the last ones of them say.
fn make_true(events: &mut [Value]) {
    for last in 0..events.len() {
        let (earlier, rest) = events.split_at_mut(last);
        let change = &rest[0];
        let deleted = match change["type"].as_str() {
            Some("chat.message_edited") => false,
            Some("chat.message_deleted") => true,
            _ => continue,
        };
        let now = &change["message"];
        for event in earlier {
            let is_whole = event["type"] == "chat.message";
            let is_told = is_whole || event["type"] == "chat.message_edited";
            let is_it =
                event["chat_id"] == change["chat_id"] && event["message"]["seq"] == now["seq"];
            if !(is_told && is_it) {
                continue;
            }
            let told = &mut event["message"];
            told["text"] = now["text"].clone();
            told["content"] = if deleted {
                json!([])
            } else {
                now["content"].clone()
            };
            if is_whole && deleted {
                told["deleted"] = json!(true);
            } else if is_whole {
                told["edited_at"] = now["edited_at"].clone();
            }
        }
    }
}

/// Something random that an agent does. Whether it is allowed is not the question.
fn deed_of_agent(random: &Random, client: &Client, number: u64) -> Value {
    let offer = pick(random, &client.offers());
    let chat_id = pick(random, &client.chats());
    if let Some(chat_id) = pick(random, &client.wrap_ups()).filter(|_| random.below(3) == 0) {
        return match random.below(4) {
            0 | 1 => json!({"type": "wrap_up.end", "chat_id": chat_id}),
            2 => json!({"type": "chat.note", "chat_id": chat_id,
                "note": {"id": format!("n-{number}"), "text": "Hm"}}),
            _ => json!({"type": "chat.update", "chat_id": chat_id,
                "fields": {"n": number.to_string()}}),
        };
    }
    match (random.below(13), offer, chat_id) {
        (0..=2, Some(offer), _) => json!({"type": "chat.accept", "chat_id": offer["chat_id"],
            "offer": offer["offer"]}),
        (3, Some(offer), _) => json!({"type": "chat.reject", "chat_id": offer["chat_id"],
            "offer": offer["offer"]}),
        (4 | 5, _, Some(chat_id)) if random.below(2) == 0 => change(random, client, &chat_id, "a"),
        (4 | 5, _, Some(chat_id)) => send(&chat_id, &format!("a-{number}"), "From the desk"),
        (6, _, Some(chat_id)) => json!({"type": "chat.close", "chat_id": chat_id}),
        (11, _, Some(chat_id)) => json!({"type": "chat.update", "chat_id": chat_id,
            "important": number.is_multiple_of(2)}),
        (8, _, _) if !client.queues().is_empty() => {
            let kind = ["queue.logout", "queue.login"][usize::from(random.below(4) > 0)];
            json!({"type": kind, "queue_id": client.queues()[0]})
        }
        (7, _, _) => json!({"type": "presence.set", "status": "away"}),
        (9, _, Some(chat_id)) => {
            let note = json!({"id": format!("n-{}", number % 20), "text": "Hm"});
            json!({"type": "chat.note", "chat_id": chat_id, "note": note})
        }
        (10, _, Some(chat_id)) => seen(random, &chat_id),
        _ => json!({"type": "presence.set", "status": "online"}),
    }
}

/// Whom a chat can be handed to, and which chats there are.
struct Floor {
    agents: Vec<Value>,
    queues: Vec<Value>,
    chats: Vec<Value>,
}

/// Something random about who has a chat.
fn deed_of_hands(random: &Random, client: &Client, floor: &Floor) -> Option<Value> {
    let own = pick(random, &client.chats());
    let any = pick(random, &floor.chats)?;
    let chat_id = own.unwrap_or_else(|| any.clone());
    let to = match random.below(3) {
        0 => json!({"queue_id": pick(random, &floor.queues)?}),
        _ => json!({"agent_id": pick(random, &floor.agents)?}),
    };
    let release = pick(random, &["on_accept", "at_once"])?;
    let unavailable = pick(random, &["fail", "queue"])?;
    Some(match random.below(10) {
        0 | 1 => json!({"type": "chat.transfer", "chat_id": chat_id, "to": to, "release": release,
            "if_unavailable": unavailable}),
        2 | 3 => {
            json!({"type": "chat.invite", "chat_id": chat_id, "to": to, "if_unavailable": unavailable})
        }
        4 => json!({"type": "chat.assist", "chat_id": chat_id, "to": to}),
        5 => json!({"type": "chat.assist", "chat_id": chat_id, "note": "Help"}),
        6 => json!({"type": "chat.transfer_cancel", "chat_id": chat_id}),
        7 => json!({"type": "chat.leave", "chat_id": chat_id}),
        8 => json!({"type": "chat.takeover", "chat_id": any}),
        _ => json!({"type": "chat.listen", "chat_id": any, "seen": random.below(2) == 0}),
    })
}

/// A mark, perhaps beyond what was said.
fn seen(random: &Random, chat_id: &Value) -> Value {
    let field = if random.below(2) == 0 {
        "seq"
    } else {
        "delivered"
    };
    json!({"type": "chat.read", "chat_id": chat_id, field: random.below(4)})
}

/// Another text for an earlier message, or none.
fn change(random: &Random, client: &Client, chat_id: &Value, side: &str) -> Value {
    let id = pick(random, &client.said(chat_id, side)).unwrap_or_else(|| "nothing".to_owned());
    if random.below(2) == 0 {
        json!({"type": "chat.delete", "chat_id": chat_id, "message_id": id})
    } else {
        json!({"type": "chat.edit", "chat_id": chat_id, "message_id": id, "text": "*Or so*"})
    }
}

fn deed_of_visitor(random: &Random, client: &Client, number: u64) -> Value {
    let message = json!({"id": format!("v-{number}"), "text": "From the page"});
    let start = json!({"type": "chat.start", "fields": {}, "message": message});
    if let Some(chat_id) = client.over().filter(|_| random.below(4) == 0) {
        return if random.below(2) == 0 {
            send(chat_id, &format!("v-{number}"), "One more thing")
        } else {
            json!({"type": "chat.rate", "chat_id": chat_id, "score": number % 5 + 1})
        };
    }
    match (random.below(9), pick(random, &client.chats())) {
        (0, _) | (_, None) => start,
        (7, Some(chat_id)) => json!({"type": "chat.rate", "chat_id": chat_id, "score": 3}),
        (1, Some(chat_id)) => json!({"type": "chat.end", "chat_id": chat_id}),
        (2, Some(chat_id)) => json!({"type": "chat.typing", "chat_id": chat_id, "typing": true}),
        (3, Some(chat_id)) => change(random, client, &chat_id, "v"),
        (5 | 6, Some(chat_id)) => seen(random, &chat_id),
        (4, Some(chat_id)) => json!({"type": "chat.ask_by_email", "chat_id": chat_id,
            "email": "v@example.com"}),
        (_, Some(chat_id)) => send(&chat_id, &format!("v-{number}"), "From the page"),
    }
}

/// One random history; gives the types of events that agents and visitors saw.
async fn play(seed: u64) -> [BTreeSet<String>; 2] {
    let random = Random::seeded(seed);
    let mut tenant = Tenant::new().await;
    let mut sides = Vec::new();
    for name in ["ana", "bo"] {
        sides.push(Side::new(tenant.agent(name).await, "/v1/agent/ws").await);
    }
    let dora = tenant.agent_as("dora", "supervisor").await;
    sides.push(Side::new(dora, "/v1/agent/ws").await);
    let mut agents = Vec::new();
    for side in &sides {
        agents.push(side.persona.get("/v1/me").await.ok()["id"].clone());
    }
    let ids: Vec<&str> = agents.iter().filter_map(Value::as_str).collect();
    let (_, other) = tenant.office("Money", &ids).await;
    // They were told of the second queue with their next welcome.
    for side in &mut sides {
        *side = Side::new(side.persona.clone(), side.path).await;
    }
    for _ in 0..2 {
        sides.push(Side::new(tenant.visitor().await.persona, "/v1/visitor/ws").await);
    }
    for side in &mut sides[..AGENTS] {
        side.socket
            .ok(json!({"type": "presence.set", "status": "online"}))
            .await;
    }
    set_queue(&shared().state.hub, &tenant, |settings| {
        settings.closing.wrap_up = Some(Millis::from_secs(600));
        settings.visitor_idle.reopen_within = Some(Millis::from_secs(600));
        settings.reminder = Some(Reminder::EveryMessage);
    })
    .await;
    for number in 0..DEEDS {
        let who = usize::try_from(random.below(5)).unwrap();
        let visitors = sides[AGENTS..].iter().flat_map(|side| side.client.chats());
        let floor = Floor {
            agents: agents.clone(),
            queues: vec![json!(tenant.queue_id), json!(other)],
            chats: visitors.collect(),
        };
        let side = &mut sides[who];
        side.follow().await;
        let hands = if random.below(3) == 0 {
            deed_of_hands(&random, &side.client, &floor)
        } else {
            None
        };
        let deed = if who < AGENTS {
            hands.unwrap_or_else(|| deed_of_agent(&random, &side.client, number))
        } else {
            deed_of_visitor(&random, &side.client, number)
        };
        side.socket.ask(deed.clone()).await;
        for (index, side) in sides.iter_mut().enumerate() {
            let moment = format!("SEED={seed}, side {index} after deed {number}: {deed}");
            if number % 5 == 4 {
                side.check(&moment).await;
            }
            if number % 25 == 24 {
                side.check_resumed(&moment).await;
            }
        }
    }
    let mut met = [BTreeSet::new(), BTreeSet::new()];
    for (index, side) in sides.into_iter().enumerate() {
        met[usize::from(index >= AGENTS)].extend(side.seen);
    }
    met
}

#[tokio::test]
async fn a_snapshot_and_the_events_since_are_a_fresh_snapshot() {
    let first = seed(SEED);
    let plans = (first..first + PLANS).map(play);
    let met = futures_util::future::join_all(plans).await;

    let all = |side: usize| -> BTreeSet<String> {
        met.iter().flat_map(|met| met[side].clone()).collect()
    };
    // The gate's plans are worth something only while they meet everything but what time alone brings.
    // The gate's plans are worth something only while they meet everything but what takes time.
    let missed = |seen: &BTreeSet<String>, known: &[&'static str]| -> Vec<&'static str> {
        let unseen = known.iter().filter(|kind| !seen.contains(**kind));
        unseen.copied().collect()
    };
    assert_eq!(
        missed(&all(0), &AGENT_EVENTS),
        [
            "chat.idle_warning",
            "chat.overflowed",
            "chat.requeued",
            "chat.target_missed",
            "offer.missed"
        ]
    );
    assert_eq!(
        missed(&all(1), &VISITOR_EVENTS),
        ["chat.idle_warning", "chat.requeued", "chat.typing"]
    );
}

/// The code of a folder, its unit tests apart.
fn sources(folder: &str) -> String {
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let code = files.filter(|path| !path.ends_with("tests.rs"));
    code.map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}

#[test]
fn the_client_knows_every_event_that_there_is() {
    let source = sources(&format!(
        "{}/src/protocol/event",
        env!("CARGO_MANIFEST_DIR")
    ));
    let documented = include_str!("../../../docs/protocol.md");
    let documented = documented.split("### Events").nth(1).unwrap();
    let documented = documented.split("### Close codes").next().unwrap();
    let is_event = |word: &&str| {
        let parts = word.split_once('.');
        parts.is_some_and(|(kind, deed)| {
            [
                "availability",
                "presence",
                "offer",
                "chat",
                "queue",
                "session",
            ]
            .contains(&kind)
                && deed.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        })
    };
    let written: BTreeSet<&str> = source.split('"').filter(is_event).collect();
    let rows = documented.lines().filter(|line| line.starts_with("| `"));
    let first = rows.filter_map(|row| row.split('|').nth(1));
    let rows: BTreeSet<&str> = first
        .flat_map(|cell| cell.split('`'))
        .filter(is_event)
        .collect();
    let mut known: BTreeSet<&str> = AGENT_EVENTS.into_iter().chain(VISITOR_EVENTS).collect();
    // It ends a session and changes nothing that a snapshot holds.
    known.insert("session.logged_out");
    // How full a queue is, is no part of the snapshot either.
    known.insert("queue.updated");
    // It keeps a list true that is no part of the snapshot (`presence/plans.rs`).
    known.insert("presence.watched");

    assert_eq!(written, known, "a new event needs a case in the client");
    assert_eq!(rows, known, "the page of the protocol names every event");
}

#[tokio::test]
async fn a_message_that_is_left_makes_no_chat_of_the_snapshot() {
    let tenant = Tenant::new().await;
    let visitor = tenant.visitor().await.persona;
    let mut side = Side::new(visitor.clone(), "/v1/visitor/ws").await;
    let left = json!({
        "fields": {"name": "Vera", "email": "vera@example.com"}, "message": {"id": "m-1", "text": "Call me"},
    });

    visitor
        .post("/v1/visitor/offline-messages", left)
        .await
        .ok();

    side.check("after a message was left").await;
}

#[tokio::test]
async fn an_offer_that_rings_in_vain_leaves_the_snapshot() {
    let stopped = Stopped::start(|_| ()).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let (ana, _desk) = tenant.online_agent("ana").await;
    let visitor = tenant.visitor().await.persona;
    let mut sides = [
        Side::new(ana, "/v1/agent/ws").await,
        Side::new(visitor.clone(), "/v1/visitor/ws").await,
    ];
    visitor.post("/v1/visitor/chats", json!({})).await.ok();
    for side in &mut sides {
        side.check("while it rings").await;
    }

    // In steps, between which both say something, so that neither is taken for dead.
    stopped.pass(15);
    for side in &mut sides {
        side.check("while it still rings").await;
    }
    stopped.pass(16);
    let missed = sides[0].socket.expect("offer.missed").await;
    sides[0].client.apply(&missed);
    for side in &mut sides {
        side.check("in the pause").await;
    }
    stopped.pass(11);
    let made = sides[0].socket.expect("offer.made").await;
    sides[0].client.apply(&made);

    for side in &mut sides {
        side.check("in the next round").await;
    }
}
