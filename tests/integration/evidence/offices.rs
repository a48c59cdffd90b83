//! What an office showed at a past moment, what made it so, who was there, and what came next (AVAIL-1, PRES-18).

use serde_json::{Value, json};

use super::{NOBODY, Scene, be, id_of, lasting, later, ms, text, without};
use crate::support::Persona;

/// Asks what an office shows, to ask later what it showed.
struct Witness {
    owner: Persona,
    path: String,
    seen: Vec<Value>,
}

impl Witness {
    async fn look(&mut self, scene: &Scene) -> &Value {
        scene.stopped.pass(1);
        let said = self.owner.get(&self.path).await.ok();
        scene.stopped.pass(2);
        self.seen.push(said);
        self.seen.last().unwrap()
    }

    async fn at(&self, at: &str) -> Value {
        self.owner.get(&format!("{}?at={at}", self.path)).await.ok()
    }
}

/// The mode, the reason and the kind of the cause.
fn shown(said: &Value) -> [String; 3] {
    let cause = &said["cause"]["kind"];
    [text(&said["mode"]), text(&said["reason"]), text(cause)]
}

fn online(said: &Value) -> Vec<String> {
    let online = said["online"].as_array().unwrap().iter();
    online.map(|agent| text(&agent["agent_id"])).collect()
}

#[tokio::test]
async fn avail_01_what_an_office_showed_is_told_with_its_cause_and_what_came_next() {
    let mut scene = Scene::new(lasting()).await;
    let office = scene.tenant.office_id.clone();
    let mut witness = Witness {
        owner: scene.owner().clone(),
        path: format!("/v1/offices/{office}/availability"),
        seen: Vec::new(),
    };

    let said = witness.look(&scene).await;
    assert_eq!(shown(said), ["messenger", "no_members", "setup"]);
    let made = said["since"].clone();
    let ana = scene.tenant.agent("ana").await;
    let bo = scene.tenant.agent("bo").await;
    let (ana_id, bo_id) = (id_of(&ana).await, id_of(&bo).await);
    let said = witness.look(&scene).await;
    assert_eq!(shown(said), ["messenger", "nobody_online", "setup"]);
    be(&ana, "online").await;
    let said = witness.look(&scene).await;
    assert_eq!(shown(said), ["live", "agent_online", "presence"]);
    assert_eq!(online(said), std::slice::from_ref(&ana_id));
    // The office shows the same, and somebody else is there.
    be(&bo, "online").await;
    be(&ana, "away").await;
    let said = witness.look(&scene).await;
    assert_eq!(online(said), std::slice::from_ref(&bo_id));
    let path = format!("/v1/agents/{bo_id}/presence");
    let away = json!({"status": "away"});
    witness.owner.put(&path, away).await.ok();
    let said = witness.look(&scene).await.clone();
    assert_eq!(shown(&said), ["messenger", "nobody_online", "presence"]);
    let by_owner = json!({"kind": "agent", "agent_id": id_of(&witness.owner).await});
    assert_eq!(said["cause"]["agent"]["agent_id"], bo_id);
    assert_eq!(said["cause"]["agent"]["by"], by_owner);
    be(&ana, "online").await;
    witness.look(&scene).await;
    let members = format!("/v1/queues/{}/members", scene.tenant.queue_id);
    let nobody = json!({"member_ids": []});
    witness.owner.put(&members, nobody).await.ok();
    let said = witness.look(&scene).await;
    assert_eq!(shown(said), ["messenger", "no_members", "setup"]);

    scene.stopped.pass_hours(1).await;
    is_borne_out(&witness).await;
    let before = format!("{}?at={}", witness.path, later(&made, -60_000));
    witness.owner.get(&before).await.problem(404, "not_found");
    let unknown = format!("/v1/offices/{NOBODY}/availability");
    witness.owner.get(&unknown).await.problem(404, "not_found");
    adds_up(&witness, &office, &made).await;
}

/// What was said then is said now of then, and what came next is what was said next.
async fn is_borne_out(witness: &Witness) {
    for (number, said) in witness.seen.iter().enumerate() {
        let past = witness.at(&text(&said["at"])).await;
        assert_eq!(without(&past, &["next"]), without(said, &["next"]));
        let other = |next: &&Value| next["since"] != said["since"];
        match witness.seen[number..].iter().find(other) {
            None => assert_eq!(past["next"], json!(null)),
            Some(next) => {
                let came = json!({
                    "at": next["since"], "mode": next["mode"], "reason": next["reason"], "cause": next["cause"],
                });
                assert_eq!(past["next"], came);
                assert_eq!(came["at"], came["cause"]["event"]["at"]);
            }
        }
    }
}

/// The report of the same time adds up, and to what was seen.
async fn adds_up(witness: &Witness, office: &str, made: &Value) {
    let from = later(made, -3_600_000);
    let path = format!("/v1/reports/availability?office_id={office}&from={from}&interval=day");
    let report = witness.owner.get(&path).await.ok();
    let line = &report["data"][0];
    assert_eq!(line["office_id"], office);
    assert_eq!(line["from"], *made);
    let mut expected_ms = 0;
    let mut changes = Vec::new();
    for pair in witness.seen.windows(2) {
        let [one, next] = pair else { unreachable!() };
        if one["since"] != next["since"] {
            changes.push(&next["since"]);
        }
        if one["mode"] == "live" && one["since"] != next["since"] {
            expected_ms += ms(&next["since"]) - ms(&one["since"]);
        }
    }
    let totals = &line["totals"];
    let number = |name: &str| totals[name].as_i64().unwrap();
    assert_eq!(number("changes"), i64::try_from(changes.len()).unwrap());
    let off_by = number("live_s") * 1000 - expected_ms;
    assert!(off_by.abs() < 1000, "{totals} and {expected_ms} ms");
    let whole = (ms(&line["to"]) - ms(&line["from"])) / 1000;
    assert_eq!(number("total_s"), whole);
    let modes = ["live_s", "messenger_s", "hidden_s"];
    assert_eq!(modes.iter().map(|mode| number(mode)).sum::<i64>(), whole);
    let days = line["days"].as_array().unwrap().iter();
    assert_eq!(
        super::together(days.map(|day| &day["totals"])),
        super::sums(totals)
    );
}

#[tokio::test]
async fn avail_01_the_next_change_of_the_present_is_the_one_that_is_known() {
    let mut scene = Scene::new(lasting()).await;
    let lunch = json!({"name": "Lunch", "paid": false, "longest_s": 600, "on_overrun": "end"});
    let lunch = scene.make("/v1/pauses", lunch).await;
    let path = format!("/v1/offices/{}/availability", scene.tenant.office_id);
    let ana = scene.tenant.agent("ana").await;
    be(&ana, "online").await;
    let said = scene.owner().get(&path).await.ok();
    assert_eq!(said["next"], json!(null));

    let paused = ana
        .put("/v1/me/pause", json!({"pause_id": lunch}))
        .await
        .ok();
    let said = scene.owner().get(&path).await.ok();
    let due = paused["pause"]["due_at"].clone();
    let unknown = json!({"at": due, "mode": null, "reason": null, "cause": null});
    assert_eq!(said["next"], unknown);
    assert_eq!(said["cause"]["agent"]["reason"], "paused");
    scene.stopped.pass(700);

    let past = format!("{path}?at={}", text(&said["at"]));
    let past = scene.owner().get(&past).await.ok();
    let next = &past["next"];
    assert_eq!((&next["at"], &next["mode"]), (&due, &json!("live")));
    // Nobody ended it: its time was over.
    assert_eq!(next["cause"]["agent"]["by"], json!({"kind": "system"}));
}
