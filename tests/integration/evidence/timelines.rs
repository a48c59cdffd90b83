//! Time lines and the reports that add them up (PRES-18).

use std::sync::Arc;
use std::time::Duration;

use deskbell::app::Ports;
use deskbell::clock::{Clock, ManualClock, SystemClock};
use deskbell::domain::Millis;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::{Scene, be, id_of, lasting, later, ms, patient, sums, text, together};
use crate::realtime::setting::Stopped;
use crate::support::{Persona, start_server};

/// What was done: each change of an agent as the API told of it at once.
#[derive(Default)]
struct Diary(Vec<Value>);

impl Diary {
    async fn note(&mut self, agent: &Persona) {
        self.0.push(agent.get("/v1/me/presence").await.ok());
    }

    /// From, to, status and reason of each interval up to an instant.
    fn intervals(&self, until: &Value) -> Vec<(i64, i64, String, String)> {
        let ends = self.0.iter().skip(1).map(|next| &next["since"]);
        let ends = ends.chain([until]);
        let entries = self.0.iter().zip(ends);
        let interval = |(presence, end): (&Value, &Value)| {
            let (status, reason) = (&presence["effective"], &presence["reason"]);
            (ms(&presence["since"]), ms(end), text(status), text(reason))
        };
        entries.map(interval).collect()
    }
}

fn shown(line: &Value) -> Vec<(i64, i64, String, String)> {
    let intervals = line["intervals"].as_array().unwrap().iter();
    let shown = |interval: &Value| {
        let (from, to) = (ms(&interval["from"]), ms(&interval["to"]));
        (
            from,
            to,
            text(&interval["status"]),
            text(&interval["reason"]),
        )
    };
    intervals.map(shown).collect()
}

/// Every interval begins where the one before ends, and all of them are as long as the whole.
#[track_caller]
fn adds_up(line: &Value) {
    let intervals = shown(line);
    let mut at = ms(&line["from"]);
    for (from, to, ..) in &intervals {
        assert_eq!(*from, at, "a gap or an overlap in {line}");
        assert!(to > from, "nothing lasts for no time");
        at = *to;
    }
    assert_eq!(at, ms(&line["to"]));
    let totals = &line["totals"];
    let sum =
        |fields: &[&str]| -> i64 { fields.iter().map(|f| totals[*f].as_i64().unwrap()).sum() };
    let total = (at - ms(&line["from"])) / 1000;
    assert_eq!(sum(&["total_s"]), total);
    assert_eq!(
        sum(&["online_s", "away_s", "offline_s", "invisible_s"]),
        total
    );
    assert_eq!(sum(&["paid_s", "unpaid_s", "off_s"]), total);
    let pauses = totals["pauses"].as_array().unwrap().iter();
    let pauses: i64 = pauses.map(|pause| pause["total_s"].as_i64().unwrap()).sum();
    assert_eq!(sum(&["paid_pauses_s", "unpaid_pauses_s"]), pauses);
}

/// A day and more of an agent, up to the end of the process that serves it.
async fn day_of_work(scene: &mut Scene, diary: &mut Diary) -> (Persona, [String; 3]) {
    let paid = json!({"name": "Coffee", "paid": true});
    let unpaid = json!({"name": "Lunch", "paid": false});
    let training = json!({
        "name": "Training", "base": "online", "handles_chats": false, "paid": true, "color": "#2e7d32",
    });
    let coffee = scene.make("/v1/pauses", paid).await;
    let lunch = scene.make("/v1/pauses", unpaid).await;
    let training = scene.make("/v1/statuses", training).await;
    let ana = scene.tenant.agent("ana").await;
    diary.note(&ana).await;
    scene.stopped.pass(600);
    be(&ana, "online").await;
    diary.note(&ana).await;
    scene.stopped.pass_hours(1).await;
    for (pause, seconds) in [(&lunch, 1800), (&coffee, 301)] {
        ana.put("/v1/me/pause", json!({"pause_id": pause}))
            .await
            .ok();
        diary.note(&ana).await;
        scene.stopped.pass(seconds);
        ana.delete("/v1/me/pause").await.ok();
        diary.note(&ana).await;
        scene.stopped.pass_hours(2).await;
    }
    let status = json!({"status_id": training});
    ana.put("/v1/me/presence", status).await.ok();
    diary.note(&ana).await;
    scene.stopped.pass(901);
    be(&ana, "online").await;
    diary.note(&ana).await;
    scene.stopped.pass_hours(20).await;
    (ana, [lunch, coffee, training])
}

/// A data folder and a clock, on which one process after the other runs.
struct Machine {
    folder: tempfile::TempDir,
    clock: ManualClock,
}

impl Machine {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            clock: ManualClock::new(SystemClock::new().now()),
        }
    }

    async fn start(&self) -> Stopped {
        let ports = Ports {
            clock: Arc::new(self.clock.clone()),
            ..Ports::default()
        };
        let server = start_server(ports, |config| {
            patient(config);
            config.node.lease_ttl_s = 60;
            self.folder.path().clone_into(&mut config.database.data_dir);
        })
        .await;
        let base = format!("http://{}", server.address);
        Stopped {
            server,
            clock: self.clock.clone(),
            base,
        }
    }
}

#[test]
fn pres_18_a_day_with_pauses_adds_up_over_midnight_and_a_restart() {
    let machine = Machine::new();
    let mut diary = Diary::default();

    let first = Runtime::new().unwrap();
    let (scene, ana, [lunch, coffee, training]) = first.block_on(async {
        let mut scene = Scene::on(machine.start().await, lasting()).await;
        let zone = json!({"time_zone": "Europe/Prague"});
        scene.owner().patch("/v1/settings", zone).await.ok();
        let (ana, ids) = day_of_work(&mut scene, &mut diary).await;
        (scene, ana, ids)
    });
    // Nothing of it runs any more.
    first.shutdown_timeout(Duration::from_secs(10));

    let second = Runtime::new().unwrap();
    second.block_on(async {
        let stopped = machine.start().await;
        let ana = Persona::new(&stopped.base, ana.token.as_deref());
        let owner = Persona::new(&stopped.base, scene.owner().token.as_deref());
        stopped.pass_hours(3).await;
        be(&ana, "offline").await;
        diary.note(&ana).await;
        stopped.pass(59);

        let from = later(&diary.0[0]["since"], -3_600_000);
        let id = id_of(&ana).await;
        let path = format!("/v1/agents/{id}/presence/timeline?from={from}");
        let line = ana.get(&path).await.ok();

        let mut expected = diary.intervals(&line["to"]);
        // An agent that is made within the window begins with that.
        expected[0].0 = ms(&line["from"]);
        assert_eq!(shown(&line), expected);
        assert!(ms(&diary.0[0]["since"]) - ms(&line["from"]) < 10);
        adds_up(&line);
        let totals = &line["totals"];
        let millis = |range: std::ops::Range<usize>| -> i64 {
            expected[range].iter().map(|(from, to, ..)| to - from).sum()
        };
        let seconds = |range| millis(range) / 1000;
        assert_eq!(totals["unpaid_pauses_s"], seconds(2..3));
        assert_eq!(totals["paid_pauses_s"], seconds(4..5));
        let pause = |id: &str, paid: bool, total_s: i64| json!({"pause_id": id, "paid": paid, "total_s": total_s});
        let mut pauses = vec![pause(&lunch, false, seconds(2..3)), pause(&coffee, true, seconds(4..5))];
        pauses.sort_by_key(|pause| text(&pause["pause_id"]));
        assert_eq!(totals["pauses"], json!(pauses));
        let statuses = json!([{"status_id": training, "total_s": seconds(6..7)}]);
        assert_eq!(totals["statuses"], statuses);
        // A training keeps from chats and is paid all the same.
        assert_eq!(totals["paid_s"], (millis(1..2) + millis(3..8)) / 1000);
        assert_eq!(totals["unpaid_s"], seconds(2..3));
        report_is_the_same(&owner, &id, &line).await;
    });
    second.shutdown_timeout(Duration::from_secs(10));
}

#[test]
fn pres_20_what_was_due_while_nothing_ran_takes_effect_at_its_own_instant() {
    let machine = Machine::new();
    let first = Runtime::new().unwrap();
    let (ana, paused) = first.block_on(async {
        let mut scene = Scene::on(machine.start().await, lasting()).await;
        let lunch = json!({"name": "Lunch", "paid": false, "longest_s": 600, "on_overrun": "end"});
        let lunch = scene.make("/v1/pauses", lunch).await;
        let ana = scene.tenant.agent("ana").await;
        be(&ana, "online").await;
        let paused = ana.put("/v1/me/pause", json!({"pause_id": lunch})).await;
        (ana, paused.ok())
    });
    first.shutdown_timeout(Duration::from_secs(10));
    machine.clock.advance(Millis::from_secs(3600));

    let second = Runtime::new().unwrap();
    second.block_on(async {
        let stopped = machine.start().await;
        let ana = Persona::new(&stopped.base, ana.token.as_deref());
        let path = format!("/v1/agents/{}/presence/timeline", id_of(&ana).await);
        let line = ana.get(&path).await.ok();

        adds_up(&line);
        let last = line["intervals"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&last["status"], &last["reason"]),
            (&json!("online"), &json!("chosen"))
        );
        assert_eq!(last["from"], paused["pause"]["due_at"]);
        assert_eq!(line["totals"]["unpaid_pauses_s"], 600);
    });
    second.shutdown_timeout(Duration::from_secs(10));
}

/// The report of the same time: the same sums, and by day.
async fn report_is_the_same(owner: &Persona, id: &str, line: &Value) {
    let (from, to) = (text(&line["from"]), text(&line["to"]));
    let path = format!("/v1/reports/agents?from={from}&to={to}");
    let report = owner.get(&path).await.ok();
    let whole = of_agent(&report, id);
    assert_eq!(whole["totals"], line["totals"]);
    assert_eq!(whole.get("days"), None);

    let report = owner.get(&format!("{path}&interval=day")).await.ok();
    assert_eq!(report["time_zone"], "Europe/Prague");
    let by_day = of_agent(&report, id);
    assert_eq!(by_day["totals"], line["totals"]);
    let days = by_day["days"].as_array().unwrap();
    assert!(days.len() >= 2, "it is not over midnight");
    assert_eq!(
        together(days.iter().map(|day| &day["totals"])),
        sums(&line["totals"])
    );
    for pair in days.windows(2) {
        assert_eq!(pair[0]["to"], pair[1]["from"]);
        assert!(text(&pair[0]["date"]) < text(&pair[1]["date"]));
    }
    for day in days {
        let part = format!(
            "/v1/agents/{id}/presence/timeline?from={}&to={}",
            text(&day["from"]),
            text(&day["to"])
        );
        adds_up(&owner.get(&part).await.ok());
    }
}

fn of_agent<'r>(report: &'r Value, id: &str) -> &'r Value {
    let lines = report["data"].as_array().unwrap();
    let line = lines.iter().find(|line| line["agent_id"] == id);
    line.unwrap_or_else(|| panic!("{id} is not in {report}"))
}

#[tokio::test]
async fn pres_18_the_time_line_of_an_office_is_what_the_agent_was_there() {
    let mut scene = Scene::new(lasting()).await;
    let office = scene.tenant.office_id.clone();
    let ana = scene.tenant.agent("ana").await;
    let id = id_of(&ana).await;
    be(&ana, "online").await;
    scene.stopped.pass(100);
    let path = format!("/v1/me/presence/offices/{office}");
    ana.put(&path, json!({"status": "away"})).await.ok();
    scene.stopped.pass(50);
    ana.delete(&path).await.ok();
    scene.stopped.pass(25);

    let path = format!("/v1/agents/{id}/presence/timeline");
    let everywhere = ana.get(&path).await.ok();
    let there = ana.get(&format!("{path}?office_id={office}")).await.ok();

    adds_up(&everywhere);
    adds_up(&there);
    assert_eq!(everywhere["totals"]["away_s"], 0);
    assert_eq!(there["totals"]["away_s"], 50);
    let intervals = everywhere["intervals"].as_array().unwrap();
    let overridden = &intervals[intervals.len() - 2];
    let by = json!({"kind": "agent", "agent_id": id});
    let elsewhere =
        json!([{"office_id": office, "status": "away", "reason": "override", "by": by}]);
    assert_eq!(overridden["offices"], elsewhere);
    assert_eq!(intervals[intervals.len() - 1].get("offices"), None);
    let unknown = format!("{path}?office_id={}", crate::evidence::NOBODY);
    assert_eq!(ana.get(&unknown).await.faults(), ["/office_id unknown_id"]);
}

#[tokio::test]
async fn pres_18_a_window_is_bounded_and_every_bad_end_named() {
    let mut scene = Scene::new(lasting()).await;
    let ana = scene.tenant.agent("ana").await;
    let bo = scene.tenant.agent("bo").await;
    let id = id_of(&ana).await;
    let path = format!("/v1/agents/{id}/presence/timeline");

    let all = ana.get(&path).await.ok();
    assert_eq!(all["intervals"].as_array().unwrap().len(), 1, "just made");
    for (query, expected) in [
        (
            "?from=yesterday&to=1",
            vec!["/from bad_format", "/to bad_format"],
        ),
        ("?from=2999-01-01T00:00:00Z", vec!["/from out_of_range"]),
        ("?from=2020-01-01T00:00:00Z", vec!["/from out_of_range"]),
        (
            "?from=2020-01-02T00:00:00Z&to=2020-01-01T00:00:00Z",
            vec!["/from out_of_range"],
        ),
        ("?interval=day", vec!["/interval unknown_field"]),
    ] {
        assert_eq!(
            ana.get(&format!("{path}{query}")).await.faults(),
            expected,
            "{query}"
        );
    }
    let before = format!("{path}?from=2020-01-01T00:00:00Z&to=2020-03-01T00:00:00Z");
    let before = ana.get(&before).await.ok();
    assert_eq!(before["intervals"], json!([]), "it was not there");
    assert_eq!(before["totals"]["total_s"], 0);

    bo.get(&path).await.problem(403, "forbidden");
    scene.owner().get(&path).await.ok();
    let nobody = format!("/v1/agents/{}/presence/timeline", crate::evidence::NOBODY);
    scene.owner().get(&nobody).await.problem(404, "not_found");
}
