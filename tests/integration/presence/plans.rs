//! Random lives of an office through the real server: whoever follows the events holds what a fresh snapshot shows,
//! and whoever follows the lines of a list what a fresh list shows.

use std::collections::{BTreeMap, BTreeSet};

use deskbell::domain::{Overrun, Status};
use deskbell::random::Random;
use serde_json::{Value, json};

use super::{heard_of, id_of, stopped, tenant_on, text, tick};
use crate::realtime::setting::{Stopped, pick, seed, send};
use crate::realtime::snapshot::Side;
use crate::support::{Persona, Setup, Socket, Tenant};

const PLANS: u64 = 3;
const DEEDS: u64 = 48;
/// A fixed one, so that the answer is always the same; `SEED=<number>` tries another.
const SEED: u64 = 20_261_121;
const STATUSES: [&str; 4] = ["online", "away", "offline", "invisible"];

/// Somebody who watches a list, and holds it as the protocol says.
struct Watcher {
    socket: Socket,
    office: Option<String>,
    lines: BTreeMap<String, Value>,
    met: BTreeSet<&'static str>,
}

impl Watcher {
    async fn new(persona: &Persona, office: Option<&str>) -> Self {
        let mut socket = Socket::agent(persona).await;
        let lines = Self::list(&mut socket, office).await;
        Self {
            socket,
            office: office.map(ToOwned::to_owned),
            lines,
            met: BTreeSet::new(),
        }
    }

    async fn list(socket: &mut Socket, office: Option<&str>) -> BTreeMap<String, Value> {
        let frame = json!({"type": "presence.watch", "watch": true, "office_id": office});
        let answer = socket.ok(frame).await;
        let lines = answer["agents"].as_array().unwrap().iter();
        lines
            .map(|line| (text(&line["id"]), line.clone()))
            .collect()
    }

    /// Takes the lines of a frame: a name that is not told stays, who is gone was there.
    fn apply(&mut self, frame: &Value) {
        for line in frame["agents"].as_array().unwrap() {
            let mut line = line.clone();
            let id = text(&line["id"]);
            let before = self.lines.get(&id);
            self.met
                .insert(if before.is_some() { "changed" } else { "came" });
            for named in ["name", "role", "capacity"] {
                if line.get(named).is_none() {
                    let before = before.unwrap_or_else(|| panic!("never named: {frame}"));
                    line[named] = before[named].clone();
                }
            }
            self.lines.insert(id, line);
        }
        for id in frame["gone"].as_array().into_iter().flatten() {
            let gone = self.lines.remove(&text(id));
            assert!(gone.is_some(), "{id} was not on the list");
            self.met.insert("gone");
        }
    }

    /// Compares with a list that is asked for now, on another socket, when both have heard of the same tick.
    async fn check(&mut self, stopped: &Stopped, other: &Persona, what: &str) {
        let mut fresh = Self::new(other, self.office.as_deref()).await;
        for frame in tick(stopped, &mut self.socket).await {
            self.apply(&frame);
        }
        for frame in heard_of(&mut fresh.socket, "presence.watched").await {
            // Who has gone since the last tick is not on a list that came after.
            let gone = frame["gone"].as_array().into_iter().flatten().map(text);
            fresh.lines.extend(gone.map(|id| (id, Value::Null)));
            fresh.apply(&frame);
        }
        assert_eq!(self.lines, fresh.lines, "{what}, office {:?}", self.office);
    }
}

/// Everybody of a plan: two agents and two visitors that follow, an agent that comes and goes, an owner.
struct Plan {
    random: Random,
    stopped: Stopped,
    tenant: Tenant,
    setup: Setup,
    /// Agents first.
    sides: Vec<Side>,
    watchers: Vec<Watcher>,
    agents: Vec<String>,
    offices: [String; 2],
    sales_queue: String,
    statuses: Vec<String>,
    pauses: Vec<String>,
    cy: Persona,
    tabs_of_cy: Vec<Socket>,
}

impl Plan {
    async fn new(random: Random) -> Self {
        let stopped = stopped().await;
        let mut tenant = tenant_on(&stopped).await;
        let setup = Setup::on(&stopped.server.state, &tenant);
        let people = [tenant.agent("ana").await, tenant.agent("bo").await];
        let cy = tenant.agent("cy").await;
        let mut agents = Vec::new();
        for persona in people.iter().chain([&cy]) {
            agents.push(id_of(persona).await);
        }
        let (sales, sales_queue) = tenant.office("Sales", &[&agents[1]]).await;
        let statuses = vec![
            setup.status("Back office", Status::Away, true).await,
            setup.status("Training", Status::Online, false).await,
            setup.status("Phone", Status::Online, true).await,
        ];
        let pauses = vec![
            setup.pause("Lunch", Some((600, Overrun::End))).await,
            setup.pause("Coffee", Some((60, Overrun::Flag))).await,
        ];
        setup
            .settings(|settings| settings.inactivity.resume = true)
            .await;
        let mut sides = Vec::new();
        for persona in people {
            sides.push(Side::new(persona, "/v1/agent/ws").await);
        }
        for _ in 0..2 {
            sides.push(Side::new(tenant.visitor().await.persona, "/v1/visitor/ws").await);
        }
        let watchers = vec![
            Watcher::new(&tenant.owner, None).await,
            Watcher::new(&tenant.owner, Some(&sales)).await,
        ];
        Self {
            offices: [tenant.office_id.clone(), sales],
            random,
            stopped,
            tenant,
            setup,
            sides,
            watchers,
            agents,
            sales_queue,
            statuses,
            pauses,
            cy,
            tabs_of_cy: Vec::new(),
        }
    }

    fn one_of<T: Clone>(&self, from: &[T]) -> T {
        pick(&self.random, from).unwrap()
    }

    fn status(&self) -> Value {
        match self.random.below(4) {
            0 => json!({"status_id": self.one_of(&self.statuses)}),
            _ => json!({"status": self.one_of(&STATUSES)}),
        }
    }

    /// Something that an agent does about itself, or with its chats.
    fn deed_of_agent(&self, side: &Side, number: u64) -> Value {
        let of = |mut frame: Value, kind: &str| {
            frame["type"] = json!(kind);
            frame
        };
        let office = |mut frame: Value| {
            frame["office_id"] = json!(self.one_of(&self.offices));
            frame
        };
        let offer = pick(&self.random, &side.client.offers());
        let chat = pick(&self.random, &side.client.chats());
        match (self.random.below(11), offer, chat) {
            (0..=5, Some(offer), _) => json!({"type": "chat.accept", "chat_id": offer["chat_id"]}),
            (2, _, Some(chat)) => json!({"type": "chat.close", "chat_id": chat}),
            (3, _, Some(chat)) => send(&chat, &format!("a-{number}"), "From the desk"),
            (4, _, _) => of(office(self.status()), "presence.set_office"),
            (5, _, _) => of(office(json!({})), "presence.clear_office"),
            (6, _, _) => json!({"type": "pause.start", "pause_id": self.one_of(&self.pauses)}),
            (7, _, _) => json!({"type": "pause.end"}),
            (8, _, _) => {
                let mut later = self.status();
                later["after_chats"] = json!(true);
                of(later, "presence.set")
            }
            (9, _, _) => json!({"type": "activity"}),
            (0 | 1, _, _) => json!({"type": "presence.set", "status": "online"}),
            _ => of(self.status(), "presence.set"),
        }
    }

    fn deed_of_visitor(&self, side: &Side, number: u64) -> Value {
        let message = json!({"id": format!("v-{number}"), "text": "From the page"});
        match (
            self.random.below(3),
            pick(&self.random, &side.client.chats()),
        ) {
            (0, _) | (_, None) => json!({"type": "chat.start", "fields": {}, "message": message}),
            (1, Some(chat)) => json!({"type": "chat.end", "chat_id": chat}),
            (_, Some(chat)) => send(&chat, &format!("v-{number}"), "From the page"),
        }
    }

    /// Something that others do about agents, or that happens to them.
    async fn deed_of_others(&mut self) -> String {
        let owner = self.tenant.owner.clone();
        let agent = self.one_of(&self.agents);
        let office = self.one_of(&self.offices);
        let path = match self.random.below(9) {
            0 => format!("/v1/agents/{agent}/presence"),
            1 => format!("/v1/agents/{agent}/presence/offices/{office}"),
            2 => format!("/v1/offices/{office}/presence"),
            3 => {
                let path = format!("/v1/offices/{office}/presence");
                owner.delete(&path).await.ok();
                return format!("clear {path}");
            }
            4 => {
                let path = format!("/v1/agents/{}/presence/ping", self.agents[2]);
                owner.post(&path, json!({"takes_offers": true})).await.ok();
                return "a ping".to_owned();
            }
            5 if self.tabs_of_cy.is_empty() => {
                self.tabs_of_cy.push(Socket::agent(&self.cy).await);
                return "cy comes".to_owned();
            }
            5 => {
                self.tabs_of_cy.clear();
                return "cy goes".to_owned();
            }
            6 => {
                let members = &self.agents[1..=1 + usize::from(self.random.below(2) == 0)];
                let path = format!("/v1/queues/{}/members", self.sales_queue);
                owner.put(&path, json!({"member_ids": members})).await.ok();
                return format!("sales has {members:?}");
            }
            7 => {
                let seats = 1 + u32::try_from(self.random.below(4)).unwrap();
                self.setup.settings(|settings| settings.seats = seats).await;
                return format!("{seats} seats");
            }
            _ => {
                let seconds = self.one_of(&[5, 40, 61, 700, 3700]);
                self.stopped.pass(seconds);
                return format!("{seconds} s pass");
            }
        };
        // It may be refused: not everybody belongs to every office.
        let body = self.status();
        let answer = owner.put(&path, body.clone()).await;
        assert!(answer.status.as_u16() < 500, "{}", answer.body);
        format!("{path} {body}")
    }

    /// Each visitor is in a chat with an agent, so that there is somebody to be seen.
    async fn begin_chats(&mut self) {
        for (agent, visitor) in [(0, 2), (1, 3)] {
            let online = json!({"type": "presence.set", "status": "online"});
            self.sides[agent].socket.ok(online).await;
            let begin = self.sides[visitor]
                .socket
                .ok(json!({"type": "chat.start", "fields": {}}));
            let chat = begin.await["chat"]["id"].clone();
            let accept = json!({"type": "chat.accept", "chat_id": chat});
            self.sides[agent].socket.ok(accept).await;
        }
    }

    async fn check(&mut self, what: &str) {
        for (index, side) in self.sides.iter_mut().enumerate() {
            side.check(&format!("{what}, side {index}")).await;
        }
        for watcher in &mut self.watchers {
            watcher.check(&self.stopped, &self.tenant.owner, what).await;
        }
    }
}

/// One random history; gives what agents, visitors and watchers met.
async fn play(seed: u64) -> [BTreeSet<String>; 3] {
    let mut plan = Plan::new(Random::seeded(seed)).await;
    plan.begin_chats().await;
    for number in 0..DEEDS {
        let who = usize::try_from(plan.random.below(7)).unwrap();
        let deed = if who < 4 {
            plan.sides[who].follow().await;
            let deed = if who < 2 {
                plan.deed_of_agent(&plan.sides[who], number)
            } else {
                plan.deed_of_visitor(&plan.sides[who], number)
            };
            plan.sides[who].socket.ask(deed.clone()).await;
            format!("{who} {deed}")
        } else {
            plan.deed_of_others().await
        };
        if number % 4 == 3 {
            plan.check(&format!("SEED={seed}, after deed {number}: {deed}"))
                .await;
        }
    }
    let mut met = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
    for (index, side) in plan.sides.into_iter().enumerate() {
        met[index / 2].extend(side.seen);
    }
    for watcher in plan.watchers {
        met[2].extend(watcher.met.into_iter().map(ToOwned::to_owned));
    }
    met
}

#[tokio::test]
async fn snapshots_and_lists_with_what_came_since_are_fresh_ones() {
    let first = seed(SEED);
    let plans = (first..first + PLANS).map(play);
    let met = futures_util::future::join_all(plans).await;

    let all = |side: usize| -> BTreeSet<String> {
        met.iter().flat_map(|met| met[side].clone()).collect()
    };
    // The gate's plans are worth something only while they meet all of this.
    for (side, kinds) in [
        (
            0,
            [
                "presence.changed",
                "availability.changed",
                "chat.agent_seen",
            ]
            .as_slice(),
        ),
        (1, &["chat.agent_seen"]),
        (2, &["came", "changed", "gone"]),
    ] {
        for kind in kinds {
            assert!(all(side).contains(*kind), "no {kind} in {:?}", all(side));
        }
    }
}
