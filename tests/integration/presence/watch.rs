//! `presence.watch`: a list that is kept true, line by line, in ticks of a quarter of a second.

use serde_json::{Value, json};

use super::{NONE, be, id_of, stopped, tenant_on, text, tick};
use crate::realtime::setting::{Stopped, start};
use crate::support::{Persona, Setup, Socket, Tenant};

/// A server whose time stands still, with a tenant, and an owner that looks on.
struct Stage {
    stopped: Stopped,
    tenant: Tenant,
    watcher: Socket,
}

impl Stage {
    async fn new() -> Self {
        let stopped = stopped().await;
        let tenant = tenant_on(&stopped).await;
        let watcher = Socket::agent(&tenant.owner).await;
        Self {
            stopped,
            tenant,
            watcher,
        }
    }

    async fn watch(&mut self, office: Option<&str>) -> Vec<Value> {
        watch(&mut self.watcher, office).await
    }

    async fn tick(&mut self) -> Vec<Value> {
        tick(&self.stopped, &mut self.watcher).await
    }

    /// What the only frame of a tick says.
    async fn lines(&mut self) -> (Vec<Value>, Vec<String>) {
        let frames = self.tick().await;
        assert_eq!(frames.len(), 1, "{frames:?}");
        let gone = frames[0]["gone"].as_array().cloned().unwrap_or_default();
        (list(&frames[0]), gone.iter().map(text).collect())
    }

    fn setup(&self) -> Setup {
        Setup::on(&self.stopped.server.state, &self.tenant)
    }
}

async fn watch(socket: &mut Socket, office: Option<&str>) -> Vec<Value> {
    let frame = json!({"type": "presence.watch", "watch": true, "office_id": office});
    list(&socket.ok(frame).await)
}

fn list(frame: &Value) -> Vec<Value> {
    frame["agents"].as_array().unwrap().clone()
}

fn names(lines: &[Value]) -> Vec<String> {
    let mut names: Vec<_> = lines.iter().map(|line| text(&line["name"])).collect();
    names.sort();
    names
}

fn ids(lines: &[Value]) -> Vec<String> {
    lines.iter().map(|line| text(&line["id"])).collect()
}

#[tokio::test]
async fn a_watcher_has_the_list_at_once_and_then_the_lines_that_change() {
    let mut stage = Stage::new().await;
    let ana = stage.tenant.agent("ana").await;
    stage.tenant.agent("bo").await;
    let id = id_of(&ana).await;
    let lunch = stage.setup().pause("Lunch", None).await;

    let first = stage.watch(None).await;
    assert_eq!(names(&first), ["Owner", "ana", "bo"]);
    let line = first.iter().find(|line| line["id"] == id).unwrap();
    assert_eq!(
        *line,
        json!({
            "id": id, "name": "ana", "role": "agent", "capacity": 4, "status": "offline",
            "effective": "offline", "reason": "initial", "since": line["since"], "load": 0,
        })
    );
    assert_eq!(stage.tick().await, NONE, "nothing has changed");

    let since = be(&ana, "online").await["since"].clone();
    let (lines, gone) = stage.lines().await;
    assert_eq!(
        lines,
        [json!({
            "id": id, "status": "online", "effective": "online", "reason": "chosen",
            "since": since, "load": 0,
        })]
    );
    assert!(gone.is_empty());

    ana.put("/v1/me/pause", json!({"pause_id": lunch}))
        .await
        .ok();
    let own = format!("/v1/me/presence/offices/{}", stage.tenant.office_id);
    ana.put(&own, json!({"status": "invisible"})).await.ok();
    let (lines, _) = stage.lines().await;
    assert_eq!(lines[0]["pause_id"], lunch);
    assert_eq!(lines[0]["reason"], "paused");
    assert_eq!(
        (
            &lines[0]["offices"][0]["effective"],
            &lines[0]["offices"][0]["reason"]
        ),
        (&json!("invisible"), &json!("override"))
    );
}

#[tokio::test]
async fn ten_changes_within_a_tick_are_one_line_of_the_last() {
    let mut stage = Stage::new().await;
    let (ana, bo) = (
        stage.tenant.agent("ana").await,
        stage.tenant.agent("bo").await,
    );
    stage.watch(None).await;

    for _ in 0..5 {
        be(&ana, "online").await;
        be(&ana, "away").await;
    }
    be(&bo, "invisible").await;
    let (lines, _) = stage.lines().await;

    let shown: Vec<_> = lines.iter().map(|line| text(&line["effective"])).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(shown.contains(&"away".to_owned()) && shown.contains(&"invisible".to_owned()));
    assert_eq!(stage.tick().await, NONE);
}

#[tokio::test]
async fn an_office_is_watched_without_the_others() {
    let mut stage = Stage::new().await;
    let ana = stage.tenant.agent("ana").await;
    let bo = stage.tenant.outsider_as("bo", "agent").await;
    let (sales, sales_queue) = stage.tenant.office("Sales", &[&id_of(&bo).await]).await;

    let first = stage.watch(Some(&sales)).await;
    assert_eq!(names(&first), ["bo"]);
    be(&ana, "online").await;
    assert_eq!(stage.tick().await, NONE, "ana is elsewhere");
    be(&bo, "online").await;
    assert_eq!(ids(&stage.lines().await.0), [id_of(&bo).await]);

    // Who comes in is named, who leaves is gone; afterwards nobody hears of it any more.
    let (ana_id, bo_id) = (id_of(&ana).await, id_of(&bo).await);
    let members = format!("/v1/queues/{sales_queue}/members");
    let body = json!({"member_ids": [ana_id]});
    stage.tenant.owner.put(&members, body).await.ok();
    let (lines, gone) = stage.lines().await;
    assert_eq!((names(&lines), gone), (vec!["ana".to_owned()], vec![bo_id]));
    be(&bo, "away").await;
    assert_eq!(stage.tick().await, NONE);
    be(&ana, "away").await;
    let (lines, _) = stage.lines().await;
    assert_eq!(lines[0].get("name"), None, "it was named when it came");

    // An assignment alone is enough.
    let office = sales.parse().unwrap();
    stage
        .setup()
        .agent(&id_of(&bo).await, |bo| {
            bo.office_ids.insert(deskbell::domain::OfficeId(office));
        })
        .await;
    assert_eq!(names(&stage.lines().await.0), ["bo"]);
}

#[tokio::test]
async fn who_is_new_renamed_or_archived_is_told_as_that() {
    let mut stage = Stage::new().await;
    let ana = id_of(&stage.tenant.agent("ana").await).await;
    stage.watch(None).await;

    stage.tenant.outsider_as("bo", "supervisor").await;
    let (lines, _) = stage.lines().await;
    assert_eq!(
        (names(&lines), &lines[0]["role"]),
        (vec!["bo".to_owned()], &json!("supervisor"))
    );

    let rename = |agent: &mut deskbell::domain::Agent| {
        agent.name = "Anna".parse().unwrap();
        agent.capacity = 7.try_into().unwrap();
    };
    stage.setup().agent(&ana, rename).await;
    let (lines, _) = stage.lines().await;
    assert_eq!(
        (names(&lines), &lines[0]["capacity"]),
        (vec!["Anna".to_owned()], &json!(7))
    );

    stage.setup().archive_agent(&ana).await;
    let (lines, gone) = stage.lines().await;
    assert_eq!((lines, gone), (Vec::new(), vec![ana]));
}

#[tokio::test]
async fn offers_and_chats_change_the_load() {
    let mut stage = Stage::new().await;
    let (ana, mut desk) = stage.tenant.online_agent("ana").await;
    stage.watch(None).await;
    let mut widget = Socket::visitor(&stage.tenant.visitor().await).await;

    let mut loads = Vec::new();
    let chat = start(&mut widget, "m-1").await;
    loads.push(stage.lines().await.0[0]["load"].clone());
    let offer = desk.expect("offer.made").await;
    let reject = json!({"type": "chat.reject", "chat_id": chat, "offer": offer["offer"]});
    desk.ok(reject).await;
    loads.push(stage.lines().await.0[0]["load"].clone());
    desk.ok(json!({"type": "chat.accept", "chat_id": chat}))
        .await;
    start(&mut widget, "m-2").await;
    loads.push(stage.lines().await.0[0]["load"].clone());
    widget
        .ok(json!({"type": "chat.end", "chat_id": chat}))
        .await;
    loads.push(stage.lines().await.0[0]["load"].clone());
    be(&ana, "away").await;
    loads.push(stage.lines().await.0[0]["load"].clone());

    assert_eq!(loads, [1, 0, 2, 1, 0].map(|load| json!(load)));
}

#[tokio::test]
async fn watching_ends_when_it_is_asked_to_and_begins_anew_with_another_office() {
    let mut stage = Stage::new().await;
    let ana = stage.tenant.agent("ana").await;
    let (sales, _) = stage.tenant.office("Sales", &[]).await;
    stage.watch(None).await;

    let end = json!({"type": "presence.watch", "watch": false});
    let ended = stage.watcher.ok(end.clone()).await;
    assert_eq!(ended.get("agents"), None);
    be(&ana, "online").await;
    assert_eq!(stage.tick().await, NONE);
    stage.watcher.ok(end).await;

    // The new one takes the place of the old one.
    let home = stage.tenant.office_id.clone();
    stage.watch(Some(&home)).await;
    assert_eq!(stage.watch(Some(&sales)).await, NONE);
    be(&ana, "away").await;
    assert_eq!(stage.tick().await, NONE);
}

#[tokio::test]
async fn an_office_that_there_is_not_is_a_bad_field_and_leaves_what_was_watched() {
    let mut stage = Stage::new().await;
    let ana = stage.tenant.agent("ana").await;
    stage.watch(None).await;

    for nowhere in [uuid::Uuid::nil().to_string(), stage.tenant.queue_id.clone()] {
        let frame = json!({"type": "presence.watch", "watch": true, "office_id": nowhere});
        let refused = stage.watcher.refused(frame, "invalid").await;
        let fault = &refused["errors"][0];
        assert_eq!(
            (&fault["pointer"], &fault["code"]),
            (&json!("/office_id"), &json!("unknown_id"))
        );
    }
    be(&ana, "online").await;

    assert_eq!(ids(&stage.lines().await.0), [id_of(&ana).await]);
}

async fn sees(socket: &mut Socket, stopped: &Stopped, agent: &Persona) {
    let frames = tick(stopped, socket).await;
    assert_eq!(frames.len(), 1, "{frames:?}");
    assert_eq!(ids(&list(&frames[0])), [id_of(agent).await]);
}

#[tokio::test]
async fn two_watchers_are_told_the_same_and_one_that_comes_back_begins_anew() {
    let mut stage = Stage::new().await;
    let (ana, mut anas) = stage.tenant.online_agent("ana").await;
    stage.watch(None).await;
    let before = watch(&mut anas, None).await;

    be(&ana, "away").await;
    let first = stage.tick().await;
    let second = super::heard_of(&mut anas, "presence.watched").await;
    assert_eq!((first.len(), &first), (1, &second));

    // What was missed is in the new list; the old socket's watch is gone with it.
    let resume = json!({"history_id": anas.first["history_id"], "after": anas.first["seq"]});
    drop(anas);
    be(&ana, "invisible").await;
    stage.tick().await;
    let mut back = Socket::welcomed(&ana, "/v1/agent/ws", Some(resume)).await;
    assert_eq!(back.first["type"], "resumed");
    be(&ana, "online").await;
    assert_eq!(tick(&stage.stopped, &mut back).await, NONE);
    let now = watch(&mut back, None).await;
    assert_eq!(names(&now), names(&before));
    let line =
        |list: &[Value]| list.iter().find(|l| l["name"] == "ana").unwrap()["effective"].clone();
    assert_eq!(
        (line(&before), line(&now)),
        (json!("online"), json!("online"))
    );
    be(&ana, "away").await;
    sees(&mut back, &stage.stopped, &ana).await;
}
