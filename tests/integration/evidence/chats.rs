//! What chats add up to (CHAT-12): every figure of a few chats by hand, the list behind each, tables, and this moment.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{NOBODY, Scene, be, id_of, lasting, text};
use crate::support::{Persona, Socket, Tenant};

/// A queue with two agents who are there.
pub(super) struct Desk {
    pub(super) scene: Scene,
    pub(super) ana: Persona,
    pub(super) bo: Persona,
    pub(super) ana_id: String,
    pub(super) bo_id: String,
    /// Held open: an agent without a connection is offered nothing.
    _sockets: [Socket; 2],
}

/// A visitor with its chat.
pub(super) struct Chat {
    pub(super) visitor: Persona,
    pub(super) path: String,
    pub(super) own_path: String,
}

impl Desk {
    pub(super) async fn open() -> Self {
        let mut scene = Scene::new(lasting()).await;
        let (ana, ana_socket) = scene.tenant.online_agent("ana").await;
        scene.stopped.pass(1);
        let (bo, bo_socket) = scene.tenant.online_agent("bo").await;
        scene.stopped.pass(1);
        let (ana_id, bo_id) = (id_of(&ana).await, id_of(&bo).await);
        Self {
            scene,
            ana,
            bo,
            ana_id,
            bo_id,
            _sockets: [ana_socket, bo_socket],
        }
    }

    pub(super) fn owner(&self) -> &Persona {
        self.scene.owner()
    }

    pub(super) fn pass(&self, seconds: i64) {
        self.scene.stopped.pass(seconds);
    }

    /// Waits until what was due by now has happened: a question to the engine is answered after that.
    pub(super) async fn catch_up(&self) {
        self.owner().get("/v1/presence").await.ok();
    }

    pub(super) async fn start(&self) -> Chat {
        start_in(&self.scene.tenant, json!({})).await
    }

    /// The agent at which a chat rings, and the offer.
    async fn ringing(&self, chat: &Chat) -> (&Persona, String, Value) {
        self.catch_up().await;
        let path = format!("{}/events", chat.path);
        let events = self.owner().get(&path).await.ok();
        let events = events["data"].as_array().unwrap();
        let made = events.iter().rfind(|event| event["type"] == "offer.made");
        let made = made.unwrap();
        let agent_id = text(&made["agent_id"]);
        let agent = if agent_id == self.ana_id {
            &self.ana
        } else {
            assert_eq!(agent_id, self.bo_id);
            &self.bo
        };
        (agent, agent_id, json!({"offer": made["offer"]}))
    }

    /// The chat is taken by whoever it rings at.
    pub(super) async fn accept(&self, chat: &Chat) -> (&Persona, String) {
        let (agent, id, offer) = self.ringing(chat).await;
        agent
            .post(&format!("{}/accept", chat.path), offer)
            .await
            .ok();
        (agent, id)
    }

    pub(super) async fn report(&self, path: &str) -> Value {
        self.owner().get(&format!("/v1/reports/{path}")).await.ok()
    }

    /// Everything that a figure lists, by pages of a few.
    pub(super) async fn list(&self, figure: &str, also: &str) -> Vec<Value> {
        let mut entries = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("chats/list?figure={figure}&limit=2{also}{cursor}");
            let mut page = self.report(&path).await;
            let data = page["data"].as_array_mut().unwrap();
            assert!(data.len() <= 2);
            entries.append(data);
            match page["next_cursor"].as_str() {
                None => return entries,
                Some(next) => cursor = format!("&cursor={next}"),
            }
        }
    }
}

async fn start_in(tenant: &Tenant, body: Value) -> Chat {
    let visitor = tenant.visitor().await.persona;
    let chat = visitor.post("/v1/visitor/chats", body).await.ok();
    let id = text(&chat["id"]);
    Chat {
        visitor,
        path: format!("/v1/chats/{id}"),
        own_path: format!("/v1/visitor/chats/{id}"),
    }
}

pub(super) async fn say(who: &Persona, path: &str, id: &str) {
    let body = json!({"message": {"id": id, "text": "Hello"}});
    who.post(&format!("{path}/messages"), body).await.ok();
}

pub(super) async fn close(who: &Persona, chat: &Chat) {
    who.post(&format!("{}/close", chat.path), json!({}))
        .await
        .ok();
}

async fn end(chat: &Chat) {
    let path = format!("{}/end", chat.own_path);
    chat.visitor.post(&path, json!({})).await.ok();
}

/// What happens on this day: one chat that is answered at once, one that is rejected, missed and abandoned, one that is
/// missed and then answered, one that goes on, and a message that is left.
async fn a_day(desk: &Desk) -> BTreeMap<&'static str, Chat> {
    let quick = desk.start().await;
    desk.pass(4);
    let (agent, _) = desk.accept(&quick).await;
    desk.pass(2);
    say(agent, &quick.path, "a-1").await;
    say(&quick.visitor, &quick.own_path, "v-1").await;
    say(&quick.visitor, &quick.own_path, "v-2").await;
    desk.pass(10);
    close(agent, &quick).await;

    desk.scene.stopped.pass_hours(1).await;
    let abandoned = desk.start().await;
    desk.pass(1);
    let (agent, _, offer) = desk.ringing(&abandoned).await;
    agent
        .post(&format!("{}/reject", abandoned.path), offer)
        .await
        .ok();
    desk.pass(31);
    end(&abandoned).await;

    desk.scene.stopped.pass_hours(1).await;
    let missed = desk.start().await;
    desk.pass(31);
    let (agent, _) = desk.accept(&missed).await;
    desk.pass(9);
    say(agent, &missed.path, "a-1").await;
    desk.pass(20);
    end(&missed).await;

    let open = desk.start().await;
    desk.pass(5);
    desk.accept(&open).await;
    for agent in [&desk.ana, &desk.bo] {
        be(agent, "away").await;
    }
    let left = json!({
        "fields": {"name": "Vic", "email": "vic@home.example"},
        "message": {"id": "m-1", "text": "Call me"},
    });
    let visitor = desk.scene.tenant.visitor().await.persona;
    visitor
        .post("/v1/visitor/offline-messages", left)
        .await
        .ok();
    // A report ends before the present instant.
    desk.pass(1);
    BTreeMap::from([
        ("quick", quick),
        ("abandoned", abandoned),
        ("missed", missed),
        ("open", open),
    ])
}

/// The figures that are not nothing.
fn counted(totals: &Value) -> BTreeMap<String, Value> {
    let all = totals.as_object().unwrap().iter();
    let counted = all.filter(|(_, told)| **told != json!(0) && told["count"] != json!(0));
    counted
        .map(|(name, told)| (name.clone(), told.clone()))
        .collect()
}

fn lengths(count: i64, average: f64, p50: f64, p90: f64) -> Value {
    json!({"count": count, "average_s": average, "p50_s": p50, "p90_s": p90})
}

#[track_caller]
fn expect(totals: &Value, expected: Value) {
    let counted = counted(totals);
    let expected: BTreeMap<String, Value> = serde_json::from_value(expected).unwrap();
    assert_eq!(counted, expected);
}

#[tokio::test]
async fn chat_12_every_figure_of_a_day_by_hand() {
    let desk = Desk::open().await;
    a_day(&desk).await;

    let report = desk.report("chats").await;

    expect(
        &report["totals"],
        json!({
            "started": 4, "accepted": 3, "abandoned": 1, "open": 1, "offline_messages": 1,
            "closed": 3, "closed_agent_closed": 1, "closed_visitor_ended": 2,
            "offers": 6, "offers_accepted": 3, "offers_rejected": 1, "offers_missed": 2,
            "offers_missed_visitor_left": 1, "offers_missed_visitor_stayed": 1, "handled": 3,
            "messages_visitor": 3, "messages_agent": 2,
            "waiting": lengths(3, 13.333, 5.0, 31.0),
            "abandoned_after": lengths(1, 32.0, 32.0, 32.0),
            "first_reply": lengths(2, 23.0, 6.0, 40.0),
            "conversation": lengths(2, 20.5, 12.0, 29.0),
            "handling": lengths(2, 20.5, 12.0, 29.0),
        }),
    );
    assert_eq!(report["intervals"], Value::Null);
    // Nothing of it is about chats that were started before or later.
    let to = text(&report["from"]);
    let before = desk.report(&format!("chats?to={to}")).await;
    expect(&before["totals"], json!({}));
}

/// Each figure as one number: how many lengths and scores there are.
fn numbers(totals: &Value) -> BTreeMap<String, i64> {
    let all = totals.as_object().unwrap().iter();
    let number = |told: &Value| told.as_i64().or_else(|| told["count"].as_i64());
    all.map(|(name, told)| (name.clone(), number(told).unwrap()))
        .collect()
}

/// The same of several together.
fn together(parts: Vec<&Value>) -> BTreeMap<String, i64> {
    let mut all: BTreeMap<String, i64> = BTreeMap::new();
    for (name, number) in parts.into_iter().flat_map(numbers) {
        *all.entry(name).or_default() += number;
    }
    all
}

#[tokio::test]
async fn chat_12_intervals_and_queues_make_the_whole() {
    let desk = Desk::open().await;
    a_day(&desk).await;
    let (office, queue) = (&desk.scene.tenant.office_id, &desk.scene.tenant.queue_id);
    let (other_office, _) = desk.scene.tenant.office("Elsewhere", &[]).await;
    let whole = desk.report("chats").await["totals"].take();
    for interval in ["day", "hour"] {
        let report = desk.report(&format!("chats?interval={interval}")).await;
        let intervals = report["intervals"].as_array().unwrap();
        assert!(intervals.len() >= if interval == "day" { 1 } else { 24 });
        let parts = intervals.iter().map(|interval| &interval["totals"]);
        assert_eq!(together(parts.collect()), numbers(&whole), "{interval}");
        assert_eq!(report["totals"], whole);
    }
    let busy = desk.report("chats?interval=hour").await;
    let busy = busy["intervals"].as_array().unwrap().iter();
    let busy: Vec<i64> = busy
        .filter_map(|hour| hour["totals"]["started"].as_i64())
        .collect();
    assert!(busy.iter().all(|started| *started <= 3), "{busy:?}");

    let queues = desk.report("queues").await;
    assert_eq!(queues["data"].as_array().unwrap().len(), 2);
    let line = queues["data"].as_array().unwrap().iter();
    let line = line
        .clone()
        .find(|line| line["queue_id"] == **queue)
        .unwrap();
    let mut of_queue = numbers(&line["totals"]);
    assert_eq!(line["office_id"], **office);
    // What was left came to no queue.
    *of_queue.get_mut("offline_messages").unwrap() += 1;
    *of_queue.get_mut("messages_visitor").unwrap() += 1;
    assert_eq!(of_queue, numbers(&whole));
    let same = desk.report(&format!("chats?queue_id={queue}")).await;
    assert_eq!(same["totals"], line["totals"]);
    let of_office = desk.report(&format!("chats?office_id={office}")).await;
    assert_eq!(of_office["totals"], whole);
    let elsewhere = desk
        .report(&format!("chats?office_id={other_office}"))
        .await;
    expect(&elsewhere["totals"], json!({}));
}

#[tokio::test]
async fn chat_12_what_agents_did_stands_in_their_lines() {
    let desk = Desk::open().await;
    a_day(&desk).await;
    let whole = desk.report("chats").await["totals"].take();

    let agents = desk.report("agents?interval=day").await;
    for id in [&desk.ana_id, &desk.bo_id] {
        let lines = agents["data"].as_array().unwrap();
        let line = lines.iter().find(|line| line["agent_id"] == **id).unwrap();
        let same = desk.report(&format!("chats?agent_id={id}")).await;
        assert_eq!(same["totals"], line["chats"]);
        assert_ne!(line["chats"]["offers"], 0);
        let days = line["days"].as_array().unwrap().iter();
        let days = days.map(|day| &day["chats"]);
        assert_eq!(together(days.collect()), numbers(&line["chats"]));
    }
    let lines = agents["data"].as_array().unwrap().iter();
    let by_agent = together(lines.map(|line| &line["chats"]).collect());
    for figure in [
        "offers",
        "accepted",
        "waiting",
        "handling",
        "messages_agent",
    ] {
        assert_eq!(by_agent[figure], numbers(&whole)[figure], "{figure}");
    }
}

#[tokio::test]
async fn chat_12_every_figure_lists_what_it_was_made_from() {
    let desk = Desk::open().await;
    let chats = a_day(&desk).await;
    let totals = desk.report("chats").await["totals"].take();

    for (figure, told) in totals.as_object().unwrap() {
        let entries = desk.list(figure, "").await;
        let values = || entries.iter().map(|entry| entry["value"].as_f64().unwrap());
        let count = i32::try_from(entries.len()).unwrap();
        if figure.starts_with("messages_") {
            let sum: f64 = values().sum();
            assert_eq!(json!(sum), json!(told.as_f64()), "{figure}");
        } else {
            let told = told.get("count").unwrap_or(told);
            assert_eq!(told.as_i64(), Some(i64::from(count)), "{figure}");
        }
        if let Some(average) = told["average_s"].as_f64() {
            let mean = values().sum::<f64>() / f64::from(count);
            assert!((mean - average).abs() <= 0.001, "{figure}: {mean}");
        }
    }
    let id_in = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let abandoned = desk.list("abandoned_after", "").await;
    assert_eq!(abandoned[0]["chat_id"], id_in(&chats["abandoned"].path));
    assert_eq!(abandoned[0]["value"], 32.0);
    assert_eq!(abandoned[0]["queue_id"], desk.scene.tenant.queue_id);
    assert_eq!(abandoned[0]["agent_id"], Value::Null);
    let waiting = desk.list("waiting", "").await;
    let waited: Vec<f64> = waiting
        .iter()
        .map(|entry| entry["value"].as_f64().unwrap())
        .collect();
    assert_eq!(waited, [4.0, 31.0, 5.0], "oldest chat first");
    let of_ana = desk
        .list("offers", &format!("&agent_id={}", desk.ana_id))
        .await;
    assert!(of_ana.iter().all(|entry| entry["agent_id"] == desk.ana_id));
    let of_bo = desk
        .list("offers", &format!("&agent_id={}", desk.bo_id))
        .await;
    assert_eq!(of_ana.len() + of_bo.len(), 6);
}

#[tokio::test]
async fn chat_12_reports_are_tables_for_those_who_ask_for_one() {
    let desk = Desk::open().await;
    a_day(&desk).await;
    let accept = [("accept", "text/csv")];
    let table = async |path: &str| -> Vec<Vec<String>> {
        let path = format!("/v1/reports/{path}");
        let answer = desk
            .owner()
            .call(reqwest::Method::GET, &path, None, &accept)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let text = answer.body.as_str().unwrap().to_owned();
        let rows = text.strip_suffix("\r\n").unwrap().split("\r\n");
        rows.map(|row| row.split(',').map(str::to_owned).collect())
            .collect()
    };

    let report = desk.report("chats").await;
    let rows = table("chats").await;
    assert_eq!(rows.len(), 2);
    let cell = |name: &str| {
        let column = rows[0].iter().position(|column| column == name).unwrap();
        rows[1][column].clone()
    };
    assert_eq!(cell("from"), text(&report["from"]));
    assert_eq!(cell("date"), "");
    for (name, told) in report["totals"].as_object().unwrap() {
        match told {
            Value::Object(parts) => {
                assert_eq!(cell(&format!("{name}_count")), parts["count"].to_string());
            }
            number => assert_eq!(cell(name), number.to_string()),
        }
    }
    assert_eq!(cell("waiting_average_s"), "13.333");
    assert_eq!(cell("waiting_p90_s"), "31");
    assert_eq!(cell("wrap_up_p90_s"), "", "none of nothing");

    let hours = table("chats?interval=hour").await;
    let cut = desk.report("chats?interval=hour").await;
    assert_eq!(hours.len() - 1, cut["intervals"].as_array().unwrap().len());
    let queues = table("queues").await;
    assert_eq!(queues[1][0], desk.scene.tenant.queue_id);
    assert_eq!(queues[0].len(), queues[1].len());
    assert_eq!(queues[0].len(), rows[0].len() + 3);
    let agents = table("agents").await;
    let of_ana = agents.iter().find(|row| row[0] == desk.ana_id).unwrap();
    assert_eq!(of_ana.len(), agents[0].len());
    let now = table("now").await;
    assert_eq!(now[1][1], desk.scene.tenant.queue_id);
    assert_eq!(now[0].len(), now[1].len());
}

#[tokio::test]
async fn chat_12_this_moment_tells_who_waits_and_how_much_room_there_is() {
    let desk = Desk::open().await;
    let taken = desk.start().await;
    desk.accept(&taken).await;
    let _rings = desk.start().await;
    desk.pass(7);
    be(&desk.ana, "away").await;
    be(&desk.bo, "away").await;
    desk.pass(5);

    let now = desk.report("now").await;

    let chats =
        json!({"waiting": 1, "ringing": 0, "longest_wait_s": 12, "active": 1, "wrap_up": 0});
    assert_eq!(now["chats"], chats);
    let queue = &now["queues"][0];
    assert_eq!(queue["queue_id"], desk.scene.tenant.queue_id);
    assert_eq!(queue["chats"], chats);
    let room = |queue: &Value| {
        ["members", "online", "ready", "free_capacity"].map(|name| queue[name].clone())
    };
    assert_eq!(room(queue), [json!(2), json!(0), json!(0), json!(0)]);
    assert_eq!(now["agents"]["away"], 2);
    assert_eq!(now["agents"]["in_chats"], 1);

    be(&desk.ana, "online").await;
    be(&desk.bo, "online").await;
    let office = &desk.scene.tenant.office_id;
    let (elsewhere, _) = desk.scene.tenant.office("Elsewhere", &[]).await;
    let here = desk.report(&format!("now?office_id={office}")).await;
    assert_eq!(here["chats"]["ringing"], 1);
    let queue = &here["queues"][0];
    // Four each, but for one chat and one offer.
    assert_eq!(room(queue), [json!(2), json!(2), json!(2), json!(6)]);
    assert_eq!(here["agents"]["free_capacity"], 6);
    assert_eq!(here["agents"]["online"], 2);
    assert_eq!(here["queues"].as_array().unwrap().len(), 1);
    let there = desk.report(&format!("now?office_id={elsewhere}")).await;
    assert_eq!(there["chats"]["active"], 0);
    assert_eq!(there["agents"]["online"], 0);
}

#[tokio::test]
async fn chat_12_an_agent_with_two_chats_at_once_is_loaded_twice() {
    let desk = Desk::open().await;
    be(&desk.bo, "away").await;
    let chats = [desk.start().await, desk.start().await];
    for chat in &chats {
        desk.accept(chat).await;
    }
    desk.pass(60);
    for chat in &chats {
        close(&desk.ana, chat).await;
    }
    desk.pass(60);

    let report = desk.report("agents").await;

    let lines = report["data"].as_array().unwrap();
    let line = lines.iter().find(|line| line["agent_id"] == desk.ana_id);
    let totals = &line.unwrap()["totals"];
    assert_eq!(
        (&totals["busy_s"], &totals["chats_s"]),
        (&json!(60), &json!(120))
    );
    // Online for 122 s with room for four chats.
    assert_eq!(totals["online_s"], 122);
    assert_eq!(totals["load"], 0.2459);
    assert_eq!(totals["occupancy"], 0.4918);
    assert_eq!(line.unwrap()["chats"]["handled"], 2);
}

#[tokio::test]
async fn chat_12_a_report_of_too_much_or_of_strangers_is_refused() {
    let desk = Desk::open().await;
    let faults = async |path: &str| {
        let path = format!("/v1/reports/{path}");
        desk.owner().get(&path).await.faults()
    };

    for report in ["chats", "queues", "chats/list"] {
        let figure = if report == "chats/list" {
            "figure=offers&"
        } else {
            ""
        };
        for name in ["office_id", "queue_id", "agent_id"] {
            let path = format!("{report}?{figure}{name}={NOBODY}");
            assert_eq!(
                faults(&path).await,
                [format!("/{name} unknown_id")],
                "{path}"
            );
        }
        let long = format!("{report}?{figure}from=2020-01-01T00:00:00Z");
        assert_eq!(faults(&long).await, ["/from out_of_range"], "{report}");
    }
    assert_eq!(
        faults(&format!("now?office_id={NOBODY}")).await,
        ["/office_id unknown_id"]
    );
    let bad = "queues?interval=week&limit=0&figure=offers";
    let expected = [
        "/figure unknown_field",
        "/interval unknown_value",
        "/limit out_of_range",
    ];
    assert_eq!(faults(bad).await, expected);
    assert_eq!(faults("chats/list").await, ["/figure required"]);
    let bad = "chats/list?figure=smiles&cursor=AAAA";
    let expected = ["/cursor bad_format", "/figure unknown_value"];
    assert_eq!(faults(bad).await, expected);
    // What only the database tells is told with the rest.
    let ends = "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z";
    let strangers = format!("office_id={NOBODY}&queue_id={NOBODY}&agent_id={NOBODY}");
    let expected = [
        "/agent_id unknown_id",
        "/from out_of_range",
        "/office_id unknown_id",
        "/queue_id unknown_id",
    ];
    for report in ["chats?", "queues?", "chats/list?figure=offers&"] {
        let path = format!("{report}{ends}&{strangers}");
        assert_eq!(faults(&path).await, expected, "{path}");
    }
    let bad = format!("chats/list?figure=smiles&limit=0&agent_id={NOBODY}&to=never&limit=1&limt=1");
    let expected = [
        "/agent_id unknown_id",
        "/figure unknown_value",
        "/limit duplicate",
        "/limt unknown_field",
        "/to bad_format",
    ];
    assert_eq!(faults(&bad).await, expected);
    let bad = format!("now?office_id={NOBODY}&ofice=1");
    let expected = ["/office_id unknown_id", "/ofice unknown_field"];
    assert_eq!(faults(&bad).await, expected);
    let present = desk.report("chats").await;
    let to = text(&present["to"]);
    let from = super::later(&present["to"], -15 * 86_400_000);
    let hours = format!("chats?from={from}&to={to}&interval=hour");
    assert_eq!(faults(&hours).await, ["/from out_of_range"]);
    for report in ["chats", "queues", "chats/list?figure=offers", "now"] {
        let path = format!("/v1/reports/{report}");
        desk.ana.get(&path).await.problem(403, "forbidden");
    }
}
