//! Every command of presence: the same over HTTP and on a socket, by oneself and by others, told to every tab.

use deskbell::domain::{Overrun, Status};
use reqwest::Method;
use serde_json::{Value, json};

use super::{NONE, be, effective, heard_of, id_of, is, presence_of, text};
use crate::realtime::setting::Talk;
use crate::support::{Persona, Setup, Socket, Tenant};

/// A command as a frame, and as a request below `/v1/me` or an agent's path.
struct Step {
    frame: Value,
    method: Method,
    path: String,
    body: Value,
}

impl Step {
    fn put(kind: &str, path: &str, fields: Value, office: Option<&str>) -> Self {
        let mut frame = fields.clone();
        frame["type"] = json!(kind);
        if let Some(office) = office {
            frame["office_id"] = json!(office);
        }
        Self {
            frame,
            method: Method::PUT,
            path: path.to_owned(),
            body: fields,
        }
    }

    fn delete(kind: &str, path: &str, office: Option<&str>) -> Self {
        Self {
            method: Method::DELETE,
            ..Self::put(kind, path, json!({}), office)
        }
    }

    async fn over_http(&self, caller: &Persona, of: &str) -> Value {
        let body = (self.method == Method::PUT).then(|| self.body.to_string());
        let path = format!("{of}{}", self.path);
        let method = self.method.clone();
        caller.call(method, &path, body, &[]).await.ok()
    }
}

/// A life with every command in it, and what is effectively so after each.
async fn steps(tenant: &Tenant) -> Vec<(Step, &'static str, &'static str)> {
    let setup = Setup::new(tenant);
    let back_office = setup.status("Back office", Status::Away, true).await;
    let training = setup.status("Training", Status::Online, false).await;
    let lunch = setup.pause("Lunch", Some((600, Overrun::Flag))).await;
    let coffee = setup.pause("Coffee", None).await;
    let office = Some(&*tenant.office_id);
    let there = format!("/presence/offices/{}", tenant.office_id);
    let set = |fields| Step::put("presence.set", "/presence", fields, None);
    let set_office = |fields| Step::put("presence.set_office", &there, fields, office);
    let pause = |id: &str| Step::put("pause.start", "/pause", json!({"pause_id": id}), None);
    vec![
        (set(json!({"status": "online"})), "online", "chosen"),
        (set_office(json!({"status": "away"})), "online", "chosen"),
        (
            set_office(json!({"status_id": training})),
            "online",
            "chosen",
        ),
        (
            Step::delete("presence.clear_office", &there, office),
            "online",
            "chosen",
        ),
        (
            set_office(json!({"status": "invisible"})),
            "online",
            "chosen",
        ),
        (set(json!({"status_id": back_office})), "away", "chosen"),
        (
            set(json!({"status_id": training})),
            "offline",
            "status_forbids_chats",
        ),
        (
            set(json!({"status": "online", "after_chats": true})),
            "online",
            "chosen",
        ),
        (pause(&lunch), "away", "paused"),
        (pause(&coffee), "away", "paused"),
        (
            Step::delete("pause.end", "/pause", None),
            "online",
            "chosen",
        ),
        (set(json!({"status": "invisible"})), "invisible", "chosen"),
        (set(json!({"status": "offline"})), "offline", "chosen"),
    ]
}

/// A presence without what differs between two agents that do the same: ids of people, and times.
fn alike(mut presence: Value) -> Value {
    fn blur(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.remove("agent_id");
                fields.values_mut().for_each(blur);
            }
            Value::Array(entries) => entries.iter_mut().for_each(blur),
            Value::String(text) if text.ends_with('Z') => *value = json!("a time"),
            _ => {}
        }
    }
    blur(&mut presence);
    presence
}

/// An agent with two tabs.
struct Tabs {
    agent: Persona,
    id: String,
    open: [Socket; 2],
}

impl Tabs {
    async fn open(tenant: &mut Tenant, name: &str) -> Self {
        let agent = tenant.agent(name).await;
        let open = [Socket::agent(&agent).await, Socket::agent(&agent).await];
        Self {
            id: id_of(&agent).await,
            agent,
            open,
        }
    }

    /// Both tabs have been told of this, once.
    async fn are_told(&mut self, presence: &Value, step: &Step) {
        let mut numbers = Vec::new();
        for tab in &mut self.open {
            let told = heard_of(tab, "presence.changed").await;
            assert_eq!(told.len(), 1, "{}: {told:?}", step.frame);
            assert_eq!(told[0]["presence"], *presence, "{}", step.frame);
            numbers.push(told[0]["seq"].clone());
        }
        assert_eq!(numbers[0], numbers[1]);
    }
}

#[tokio::test]
async fn pres_02_every_command_does_the_same_over_http_on_a_socket_and_by_an_admin() {
    let mut tenant = Tenant::new().await;
    let mut by_frame = Tabs::open(&mut tenant, "ana").await;
    let mut by_request = Tabs::open(&mut tenant, "bo").await;
    let mut by_admin = Tabs::open(&mut tenant, "cy").await;
    let (owner, owner_id) = (tenant.owner.clone(), id_of(&tenant.owner).await);
    let path = format!("/v1/agents/{}", by_admin.id);

    for (step, status, reason) in steps(&tenant).await {
        let answer = by_frame.open[0].ok(step.frame.clone()).await;
        let framed = answer["presence"].clone();
        let requested = step.over_http(&by_request.agent, "/v1/me").await;
        let managed = step.over_http(&owner, &path).await;

        assert_eq!(effective(&framed), is(status, reason), "{}", step.frame);
        assert_eq!(alike(framed.clone()), alike(requested.clone()));
        assert_eq!(alike(framed.clone()), alike(managed.clone()));
        for (tabs, presence) in [
            (&mut by_frame, framed),
            (&mut by_request, requested),
            (&mut by_admin, managed),
        ] {
            assert_eq!(presence_of(&tabs.agent).await, presence);
            tabs.are_told(&presence, &step).await;
        }
    }
    let managed = presence_of(&by_admin.agent).await;
    assert_eq!(managed["status_set_by"]["agent_id"], owner_id);
    assert_eq!(managed["by"]["agent_id"], owner_id);
    let own = presence_of(&by_frame.agent).await;
    assert_eq!(own["by"]["agent_id"], by_frame.id);
}

#[tokio::test]
async fn pres_02_tabs_that_set_at_once_all_see_one_order() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let mut tabs = Vec::new();
    for _ in 0..3 {
        tabs.push(Socket::agent(&agent).await);
    }

    let set = |status| json!({"type": "presence.set", "status": status});
    let [a, b, c] = &mut tabs[..] else {
        unreachable!()
    };
    for _ in 0..5 {
        tokio::join!(
            a.ok(set("online")),
            b.ok(set("away")),
            c.ok(set("invisible")),
            be(&agent, "offline"),
        );
    }

    let mut seen = Vec::new();
    for tab in &mut tabs {
        let told = heard_of(tab, "presence.changed").await;
        let numbers: Vec<i64> = told.iter().map(|e| e["seq"].as_i64().unwrap()).collect();
        assert!(numbers.is_sorted(), "{numbers:?}");
        seen.push(told);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
    let last = &seen[0].last().unwrap()["presence"];
    assert_eq!(*last, presence_of(&agent).await);
}

#[tokio::test]
async fn pres_02_what_changes_nothing_is_told_to_nobody() {
    let mut tenant = Tenant::new().await;
    let mut tabs = Tabs::open(&mut tenant, "ana").await;
    let before = be(&tabs.agent, "online").await;
    for tab in &mut tabs.open {
        heard_of(tab, "presence.changed").await;
    }

    for _ in 0..3 {
        assert_eq!(be(&tabs.agent, "online").await, before);
        let path = format!("/v1/agents/{}/presence", tabs.id);
        let body = json!({"status": "online"});
        assert_eq!(tenant.owner.put(&path, body).await.ok(), before);
        let clear = json!({"type": "presence.clear_office", "office_id": tenant.office_id});
        tabs.open[0].ok(clear).await;
        tabs.open[1].ok(json!({"type": "activity"})).await;
    }

    for tab in &mut tabs.open {
        assert_eq!(heard_of(tab, "presence.changed").await, NONE);
    }
}

#[tokio::test]
async fn pres_21_a_status_for_after_the_chats_comes_with_the_end_of_the_last_one() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let mut other_tab = Socket::agent(&talk.agent).await;

    let wish = json!({"type": "presence.set", "status": "invisible", "after_chats": true});
    let presence = talk.desk.ok(wish).await["presence"].clone();

    assert_eq!(effective(&presence), is("away", "draining"));
    assert_eq!(presence["wanted"]["status"], "invisible");
    assert_eq!(tenant.mode().await, "messenger");
    let path = format!("/v1/chats/{}/close", text(&talk.chat_id));
    talk.agent.post(&path, json!({})).await.ok();
    let told = heard_of(&mut other_tab, "presence.changed").await;
    let steps: Vec<_> = told.iter().map(|e| effective(&e["presence"])).collect();
    assert_eq!(steps, [is("away", "draining"), is("invisible", "drained")]);
    assert_eq!(told[1]["presence"]["wanted"], Value::Null);
    assert_eq!(told[1]["presence"], presence_of(&talk.agent).await);
}

#[tokio::test]
async fn pres_13_a_change_of_a_custom_status_is_at_once_one_for_who_is_in_it() {
    let mut tenant = Tenant::new().await;
    let (agent, mut tab) = tenant.online_agent("ana").await;
    let setup = Setup::new(&tenant);
    let phone = setup.status("Phone", Status::Online, true).await;
    let body = json!({"status_id": phone});
    agent.put("/v1/me/presence", body).await.ok();
    heard_of(&mut tab, "presence.changed").await;

    setup
        .change_status(&phone, |status| status.paid = false)
        .await;
    setup
        .change_status(&phone, |status| status.handles_chats = false)
        .await;
    setup
        .change_status(&phone, |status| status.base = Status::Away)
        .await;
    setup
        .change_status(&phone, |status| status.handles_chats = true)
        .await;

    let told = heard_of(&mut tab, "presence.changed").await;
    let told: Vec<_> = told.iter().map(|event| &event["presence"]).collect();
    let steps: Vec<_> = told.iter().map(|presence| effective(presence)).collect();
    let silent = is("offline", "status_forbids_chats");
    assert_eq!(
        steps,
        [
            is("online", "chosen"),
            silent.clone(),
            silent,
            is("away", "chosen")
        ]
    );
    assert_eq!(told[0]["paid"], false);
    assert_eq!(*told[3], presence_of(&agent).await);
}

#[tokio::test]
async fn pres_15_an_agent_is_told_of_its_seat_though_its_status_stays() {
    let mut tenant = Tenant::new().await;
    let setup = Setup::new(&tenant);
    let (_ana, _tab) = tenant.online_agent("ana").await;
    let (bo, mut tab) = tenant.online_agent("bo").await;
    be(&bo, "away").await;
    heard_of(&mut tab, "presence.changed").await;

    for (seats, seated) in [(1, false), (2, true)] {
        setup.settings(|settings| settings.seats = seats).await;
        let told = heard_of(&mut tab, "presence.changed").await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["presence"]["seated"], seated);
        assert_eq!(told[0]["presence"], presence_of(&bo).await);
    }
}

#[tokio::test]
async fn pres_04_an_override_counts_in_its_office_alone() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let (sales, _) = tenant.office("Sales", &[&id_of(&agent).await]).await;
    let mut tab = Socket::agent(&agent).await;
    be(&agent, "away").await;

    let path = format!("/v1/me/presence/offices/{sales}");
    let set = agent.put(&path, json!({"status": "online"})).await.ok();

    assert_eq!(effective(&set), is("away", "chosen"));
    assert_eq!(super::effective_in(&set, &sales), is("online", "override"));
    let home = super::effective_in(&set, &tenant.office_id);
    assert_eq!(home, is("away", "chosen"));
    let told = heard_of(&mut tab, "presence.changed").await;
    assert_eq!(told.last().unwrap()["presence"], set);
    // PRES-3: the global choice forces it.
    let forced = be(&agent, "invisible").await;
    assert_eq!(
        super::effective_in(&forced, &sales),
        is("invisible", "chosen")
    );
    let overrides = forced["offices"].as_array().unwrap();
    assert!(overrides.iter().all(|office| office["override"].is_null()));
}
