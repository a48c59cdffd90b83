//! What the widgets of two offices show, in the very next poll after each change (AVAIL-1, AVAIL-2).

use deskbell::domain::Seat;
use serde_json::{Value, json};

use super::{be, effective, heard_of, id_of, is, presence_of, text};
use crate::realtime::setting::{Talk, start};
use crate::support::{Persona, Setup, Socket, Tenant};

/// A tenant with two offices, an agent of each and one of both, and a widget for each office and for both.
struct Street {
    tenant: Tenant,
    sales: String,
    agents: [Persona; 3],
    widgets: [String; 3],
}

impl Street {
    async fn new() -> Self {
        let mut tenant = Tenant::new().await;
        let here = tenant.agent("here").await;
        let there = tenant.outsider_as("there", "agent").await;
        let both = tenant.agent("both").await;
        let ids = [id_of(&there).await, id_of(&both).await];
        let (sales, _) = tenant.office("Sales", &[&ids[0], &ids[1]]).await;
        let mut widgets = vec![tenant.widget_key.clone()];
        for offices in [json!([sales]), json!([tenant.office_id, sales])] {
            let body = json!({"name": "W", "office_ids": offices});
            let widget = tenant.owner.post("/v1/widgets", body).await.ok();
            widgets.push(text(&widget["key"]));
        }
        Self {
            tenant,
            sales,
            agents: [here, there, both],
            widgets: widgets.try_into().unwrap(),
        }
    }

    /// What the three widgets show now: home, sales, and the one of both with each of its offices.
    async fn shows(&self) -> String {
        let mut shown = String::new();
        for key in &self.widgets {
            let body = self.tenant.poll_of(key).await.ok();
            let letter = |mode: &Value| text(mode)[..1].to_owned();
            shown.push_str(&letter(&body["mode"]));
            let offices = body["offices"].as_array().unwrap();
            if offices.len() > 1 {
                for office in offices {
                    shown.push_str(&letter(&office["mode"]));
                }
            }
        }
        shown
    }
}

#[tokio::test]
async fn avail_01_each_office_is_live_by_its_own_members_and_a_widget_by_the_best() {
    let street = Street::new().await;
    let [here, there, both] = &street.agents;
    let over = format!("/v1/me/presence/offices/{}", street.sales);
    assert_eq!(street.shows().await, "mmmmm");

    be(here, "online").await;
    assert_eq!(street.shows().await, "lmllm");
    be(there, "online").await;
    assert_eq!(street.shows().await, "lllll");
    be(here, "away").await;
    assert_eq!(street.shows().await, "mllml");
    be(both, "online").await;
    assert_eq!(street.shows().await, "lllll");
    be(there, "invisible").await;
    both.put(&over, json!({"status": "away"})).await.ok();
    assert_eq!(
        street.shows().await,
        "lmllm",
        "an override counts in its office"
    );
    both.delete(&over).await.ok();
    assert_eq!(street.shows().await, "lllll");
    be(both, "invisible").await;
    assert_eq!(street.shows().await, "mmmmm", "all are invisible or away");
}

#[tokio::test]
async fn avail_01_a_hidden_office_is_hidden_and_a_widget_of_both_shows_the_messenger() {
    let street = Street::new().await;
    let setup = Setup::new(&street.tenant);
    let hidden = |office: &mut deskbell::domain::Office| {
        office.when_not_live = deskbell::domain::WhenNotLive::Hidden;
    };
    setup.office(&street.sales, hidden).await;
    assert_eq!(street.shows().await, "mhmmh");

    be(&street.agents[1], "online").await;
    assert_eq!(street.shows().await, "mllml");
}

#[tokio::test]
async fn pres_05_a_whole_office_that_is_sent_away_is_not_live_at_once() {
    let street = Street::new().await;
    for agent in &street.agents {
        be(agent, "online").await;
    }
    let path = format!("/v1/offices/{}/presence", street.sales);
    let owner = &street.tenant.owner;

    owner.put(&path, json!({"status": "away"})).await.ok();
    assert_eq!(
        street.shows().await,
        "lmllm",
        "who is of both goes on at home"
    );
    owner.delete(&path).await.ok();
    assert_eq!(street.shows().await, "lllll");
}

#[tokio::test]
async fn avail_01_a_paused_agent_makes_no_office_live() {
    let street = Street::new().await;
    let both = &street.agents[2];
    let lunch = Setup::new(&street.tenant).pause("Lunch", None).await;
    be(both, "online").await;
    assert_eq!(street.shows().await, "lllll");

    both.put("/v1/me/pause", json!({"pause_id": lunch}))
        .await
        .ok();
    assert_eq!(street.shows().await, "mmmmm");
    both.delete("/v1/me/pause").await.ok();
    assert_eq!(street.shows().await, "lllll");
}

#[tokio::test]
async fn pres_15_an_agent_without_a_seat_makes_no_office_live_until_one_is_free() {
    let street = Street::new().await;
    let [here, there, _] = &street.agents;
    let setup = Setup::new(&street.tenant);
    setup.settings(|settings| settings.seats = 1).await;
    let mut tab = Socket::agent(there).await;
    be(here, "online").await;
    be(there, "online").await;
    assert_eq!(street.shows().await, "lmllm");
    assert_eq!(
        effective(&presence_of(there).await),
        is("offline", "no_seat")
    );
    heard_of(&mut tab, "presence.changed").await;

    be(here, "offline").await;
    assert_eq!(street.shows().await, "mllml", "in the same step");
    let told = heard_of(&mut tab, "presence.changed").await;
    assert_eq!(effective(&told[0]["presence"]), is("online", "chosen"));

    // A seat that is somebody's own is taken from whoever came by chance.
    let id = id_of(here).await;
    setup.agent(&id, |agent| agent.seat = Seat::Assigned).await;
    assert_eq!(street.shows().await, "mmmmm");
    let told = heard_of(&mut tab, "presence.changed").await;
    assert_eq!(effective(&told[0]["presence"]), is("offline", "no_seat"));
    setup.settings(|settings| settings.seats = 2).await;
    assert_eq!(street.shows().await, "mllml");
}

#[tokio::test]
async fn avail_05_an_office_whose_agents_are_all_busy_may_show_the_messenger() {
    let mut tenant = Tenant::new().await;
    let setup = Setup::new(&tenant);
    let busy = |office: &mut deskbell::domain::Office| {
        office.when_busy = deskbell::domain::WhenBusy::Messenger;
    };
    setup.office(&tenant.office_id, busy).await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let id = id_of(&talk.agent).await;

    let full = |agent: &mut deskbell::domain::Agent| agent.capacity = 1.try_into().unwrap();
    setup.agent(&id, full).await;
    assert_eq!(tenant.mode().await, "messenger");
    let changed = heard_of(&mut talk.desk, "availability.changed").await;
    let office = &changed.last().unwrap()["office"];
    assert_eq!(
        (&office["reason"], &office["mode"]),
        (&json!("all_busy"), &json!("messenger"))
    );
    let mut widget = Socket::visitor(&tenant.visitor().await).await;
    let begin = json!({"type": "chat.start", "fields": {}});
    widget.refused(begin, "not_live").await;

    let close = json!({"type": "chat.close", "chat_id": talk.chat_id});
    talk.desk.ok(close).await;
    assert_eq!(tenant.mode().await, "live");
    let changed = heard_of(&mut talk.desk, "availability.changed").await;
    let cause = &changed.last().unwrap()["office"]["cause"];
    assert_eq!(
        (&cause["kind"], &cause["chat_id"]),
        (&json!("chat"), &talk.chat_id)
    );
    start(&mut widget, "m-1").await;
    assert_eq!(tenant.mode().await, "messenger", "an offer counts as load");
    let roomy = |agent: &mut deskbell::domain::Agent| agent.capacity = 2.try_into().unwrap();
    setup.agent(&id, roomy).await;
    start(&mut widget, "m-2").await;
    // Of more offers than it may have from now on, the youngest is taken back.
    setup.agent(&id, full).await;
    let withdrawn = heard_of(&mut talk.desk, "offer.withdrawn").await;
    assert_eq!(withdrawn.len(), 1);
    assert_eq!(withdrawn[0]["reason"], "agent_unavailable");
    assert_eq!(tenant.mode().await, "messenger");
}

#[tokio::test]
async fn avail_01_every_agent_is_told_of_each_change_with_its_cause() {
    let street = Street::new().await;
    let [here, there, _] = &street.agents;
    let mut tab = Socket::agent(there).await;
    let id = id_of(here).await;

    be(here, "online").await;
    be(here, "away").await;
    be(here, "invisible").await;

    let told = heard_of(&mut tab, "availability.changed").await;
    let told: Vec<_> = told.iter().map(|event| event["office"].clone()).collect();
    let shown = |mode: &str, reason: &str, online: Value, since: &Value| {
        json!({
            "office_id": street.tenant.office_id, "mode": mode, "reason": reason, "since": since,
            "cause": {"kind": "presence", "agent_id": id}, "is_open": true, "members": 2,
            "online": online,
        })
    };
    assert_eq!(
        told,
        [
            shown("live", "agent_online", json!([id]), &told[0]["since"]),
            shown("messenger", "nobody_online", json!([]), &told[1]["since"]),
        ]
    );
}
