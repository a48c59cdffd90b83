//! The presence at a past moment is what was said when it was the present (PRES-17, PRES-18).

use serde_json::{Value, json};

use super::{NOBODY, Scene, be, id_of, later, text, without};
use crate::support::{Persona, Socket, until};

/// What is only known of the present, and the moment itself.
const OF_THE_PRESENT: [&str; 5] = ["at", "load", "capacity", "connections", "lease_until"];

/// Asks what an agent is and why, again and again, to ask later what it was.
struct Witness {
    owner: Persona,
    path: String,
    seen: Vec<(&'static str, Value)>,
}

impl Witness {
    /// Asks, a moment after what was done and a moment before what follows.
    async fn look(&mut self, scene: &Scene, name: &'static str) -> Vec<String> {
        scene.stopped.pass(1);
        let said = self.owner.get(&self.path).await.ok();
        scene.stopped.pass(2);
        let steps = kinds(&said);
        self.seen.push((name, said));
        steps
    }

    async fn at(&self, at: &str) -> Value {
        self.owner.get(&format!("{}?at={at}", self.path)).await.ok()
    }

    /// Everything that was said is still said of that moment, and of the one after it.
    async fn is_borne_out(&self) {
        for (name, said) in &self.seen {
            let expected = without(said, &OF_THE_PRESENT);
            for by_ms in [0, 1500] {
                let at = later(&said["at"], by_ms);
                let past = self.at(&at).await;
                assert_eq!(past["at"], at, "{name}");
                assert_eq!(without(&past, &["at"]), expected, "{name}");
            }
        }
    }
}

/// The steps of the chain outside of any office.
fn kinds(said: &Value) -> Vec<String> {
    let chain = said["chain"].as_array().unwrap().iter();
    chain.map(|link| text(&link["kind"])).collect()
}

/// What people set.
async fn choices(scene: &Scene, witness: &mut Witness, ana: &Persona) {
    let lunch = json!({"name": "Lunch", "paid": false});
    let lunch = scene.make("/v1/pauses", lunch).await;
    let meeting = json!({
        "name": "Meeting", "base": "away", "handles_chats": false, "paid": true, "color": "#2e7d32",
    });
    let meeting = scene.make("/v1/statuses", meeting).await;
    be(ana, "online").await;
    assert_eq!(witness.look(scene, "online").await, ["choice"]);
    let there = format!("{}/offices/{}", witness.path, scene.tenant.office_id);
    let away = json!({"status": "away"});
    witness.owner.put(&there, away).await.ok();
    witness
        .look(scene, "away in the office, by the owner")
        .await;
    let pause = json!({"pause_id": lunch});
    ana.put("/v1/me/pause", pause).await.ok();
    assert_eq!(witness.look(scene, "paused").await, ["choice", "pause"]);
    let status = json!({"status_id": meeting});
    ana.put("/v1/me/presence", status).await.ok();
    let steps = witness.look(scene, "in a meeting").await;
    assert_eq!(steps, ["choice", "custom_status"]);
    // What a status means is as it was then, not as it is now.
    let path = format!("/v1/statuses/{meeting}");
    let change = json!({"handles_chats": true});
    witness.owner.patch(&path, change).await.ok();
    assert_eq!(witness.look(scene, "with chats").await, ["choice"]);
}

/// Closes the agent's last socket.
async fn hang_up(witness: &Witness, desk: Socket) {
    drop(desk);
    until("the socket is gone", async || {
        let said = witness.owner.get(&witness.path).await.ok();
        said["connections"] == 0
    })
    .await;
}

#[tokio::test]
async fn pres_18_the_presence_at_a_past_moment_is_what_was_said_then() {
    let settings = json!({"inactivity": {"away_after_s": 120}});
    let mut scene = Scene::new(settings).await;
    let ana = scene.tenant.agent("ana").await;
    let id = id_of(&ana).await;
    let mut witness = Witness {
        owner: scene.owner().clone(),
        path: format!("/v1/agents/{id}/presence"),
        seen: Vec::new(),
    };

    witness.look(&scene, "new").await;
    let desk = Socket::agent(&ana).await;
    choices(&scene, &mut witness, &ana).await;
    be(&ana, "online").await;
    scene.stopped.pass(121);
    let steps = witness.look(&scene, "inactive").await;
    assert_eq!(steps, ["choice", "inactivity"]);
    hang_up(&witness, desk).await;
    scene.stopped.pass(61);
    let steps = witness.look(&scene, "gone").await;
    assert_eq!(steps, ["choice", "inactivity", "unheld"]);
    let desk = Socket::agent(&ana).await;
    let steps = witness.look(&scene, "back").await;
    assert_eq!(steps, ["choice", "comeback", "inactivity"]);
    be(&ana, "offline").await;
    hang_up(&witness, desk).await;
    witness.look(&scene, "offline").await;
    scene.stopped.pass(61);
    witness.look(&scene, "offline and gone").await;
    let ping = format!("{}/ping", witness.path);
    witness.owner.post(&ping, json!({})).await.ok();
    witness.look(&scene, "leased").await;
    scene.stopped.pass(160);
    let steps = witness.look(&scene, "no ping any more").await;
    assert_eq!(steps, ["choice", "inactivity", "unheld"]);

    scene.stopped.pass_hours(2).await;
    witness.is_borne_out().await;
    let made = &witness.seen[0].1["presence"]["since"];
    let before = format!("{}?at={}", witness.path, later(made, -60_000));
    witness.owner.get(&before).await.problem(404, "not_found");
    // A moment to come is not known; what is asked is what is.
    let future = witness.at("2999-01-01T00:00:00Z").await;
    assert_eq!(future["connections"], 0);
    archived_agents_keep_their_past(&scene, &witness, &id).await;
}

async fn archived_agents_keep_their_past(scene: &Scene, witness: &Witness, id: &str) {
    let path = format!("/v1/agents/{id}");
    witness.owner.delete(&path).await.ok();
    scene.stopped.pass(60);

    witness.is_borne_out().await;
    witness
        .owner
        .get(&witness.path)
        .await
        .problem(404, "not_found");
    let line = format!("{path}/presence/timeline");
    let line = witness.owner.get(&line).await.ok();
    let last = line["intervals"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    let end = format!("{}?at={}", witness.path, text(&last["to"]));
    witness.owner.get(&end).await.problem(404, "not_found");
}

#[tokio::test]
async fn pres_18_the_past_of_others_is_for_those_who_read_reports() {
    let mut scene = Scene::new(json!({})).await;
    let ana = scene.tenant.agent("ana").await;
    let bo = scene.tenant.agent("bo").await;
    let boss = scene.tenant.agent_as("boss", "supervisor").await;
    let path = format!("/v1/agents/{}/presence", id_of(&ana).await);
    let office = format!("/v1/offices/{}/availability", scene.tenant.office_id);
    let said = bo.get(&path).await.ok();
    bo.get(&office).await.ok();
    let at = format!("?at={}", text(&said["at"]));
    scene.stopped.pass(5);

    for past in [&path, &office] {
        let answer = bo.get(&format!("{past}{at}")).await;
        answer.problem(403, "forbidden");
        boss.get(&format!("{past}{at}")).await.ok();
        let bad = boss.get(&format!("{past}?at=noon&on=1")).await;
        assert_eq!(bad.faults(), ["/at bad_format", "/on unknown_field"]);
    }
    ana.get(&format!("{path}{at}")).await.ok();
    let nobody = format!("/v1/agents/{NOBODY}/presence");
    bo.get(&nobody).await.problem(404, "not_found");
    let answer = boss.get(&format!("{nobody}{at}")).await;
    answer.problem(404, "not_found");
}
