//! What is wrong is named, over HTTP as on a socket, and nothing of it is done.

use deskbell::domain::Status;
use serde_json::{Value, json};

use super::{NONE, heard, id_of, presence_of, text};
use crate::support::{Persona, Setup, Socket, Tenant};

const NOBODY: &str = "01890000-0000-7000-8000-00000000dead";

/// The faults of an error frame as `pointer code`, in the order of the pointers.
fn faults(frame: &Value) -> Vec<String> {
    let errors = frame["errors"].as_array().unwrap().iter();
    let mut faults: Vec<String> = errors
        .map(|error| format!("{} {}", text(&error["pointer"]), text(&error["code"])))
        .collect();
    faults.sort();
    faults
}

/// An agent in a pause, with an override; a custom status to choose; two tabs.
struct Case {
    tenant: Tenant,
    agent: Persona,
    id: String,
    status: String,
    tab: Socket,
    other_tab: Socket,
}

impl Case {
    async fn new() -> Self {
        let mut tenant = Tenant::new().await;
        let (agent, tab) = tenant.online_agent("ana").await;
        let setup = Setup::new(&tenant);
        let status = setup.status("Back office", Status::Away, true).await;
        let pause = setup.pause("Lunch", None).await;
        let own = format!("/v1/me/presence/offices/{}", tenant.office_id);
        agent.put(&own, json!({"status": "invisible"})).await.ok();
        agent
            .put("/v1/me/pause", json!({"pause_id": pause}))
            .await
            .ok();
        Self {
            id: id_of(&agent).await,
            other_tab: Socket::agent(&agent).await,
            tenant,
            agent,
            status,
            tab,
        }
    }

    /// Tries this over HTTP for oneself and for others, and on a socket: each names these faults.
    async fn refuses(&mut self, kind: &str, path: &str, fields: &Value, expected: &[&str]) {
        let owner = &self.tenant.owner;
        let own = self
            .agent
            .put(&format!("/v1/me{path}"), fields.clone())
            .await;
        assert_eq!(own.faults(), expected, "{path} {fields}");
        let path = format!("/v1/agents/{}{path}", self.id);
        let by_admin = owner.put(&path, fields.clone()).await;
        assert_eq!(by_admin.faults(), expected, "{path} {fields}");
        let mut frame = fields.clone();
        frame["type"] = json!(kind);
        if kind == "presence.set_office" {
            frame["office_id"] = json!(self.tenant.office_id);
        }
        let refused = self.tab.refused(frame.clone(), "invalid").await;
        assert_eq!(faults(&refused), expected, "{frame}");
    }
}

#[tokio::test]
async fn a_bad_status_or_pause_is_named_and_nothing_of_it_is_done() {
    let mut case = Case::new().await;
    let before = presence_of(&case.agent).await;
    heard(&mut case.tab).await;
    heard(&mut case.other_tab).await;
    let there = format!("/presence/offices/{}", case.tenant.office_id);
    let known = case.status.clone();

    for (fields, expected) in [
        (json!({}), ["/status required"].as_slice()),
        (json!({"status": "busy"}), &["/status unknown_value"]),
        (json!({"status": 1}), &["/status wrong_type"]),
        (json!({"status": ["away"]}), &["/status wrong_type"]),
        (json!({"status_id": NOBODY}), &["/status_id unknown_id"]),
        (json!({"status_id": "lunch"}), &["/status_id bad_format"]),
        (json!({"status_id": 7}), &["/status_id wrong_type"]),
        (
            json!({"status": "away", "status_id": known}),
            &["/status_id duplicate"],
        ),
        (
            json!({"status": "away", "statsu": "away"}),
            &["/statsu unknown_field"],
        ),
        (
            json!({"status": "busy", "status_id": 7, "extra": null}),
            &[
                "/extra unknown_field",
                "/status unknown_value",
                "/status_id wrong_type",
            ],
        ),
    ] {
        case.refuses("presence.set", "/presence", &fields, expected)
            .await;
        case.refuses("presence.set_office", &there, &fields, expected)
            .await;
        let path = format!("/v1/offices/{}/presence", case.tenant.office_id);
        let office = case.tenant.owner.put(&path, fields.clone()).await;
        assert_eq!(office.faults(), expected, "{fields}");
    }
    let later = json!({"status": "away", "after_chats": "yes"});
    let expected = ["/after_chats wrong_type"];
    case.refuses("presence.set", "/presence", &later, &expected)
        .await;
    let later = json!({"status": "away", "after_chats": true});
    let expected = ["/after_chats unknown_field"];
    case.refuses("presence.set_office", &there, &later, &expected)
        .await;
    for (fields, expected) in [
        (json!({}), ["/pause_id required"]),
        (json!({"pause_id": NOBODY}), ["/pause_id unknown_id"]),
        (json!({"pause_id": null}), ["/pause_id wrong_type"]),
        (json!({"pause_id": known}), ["/pause_id unknown_id"]),
    ] {
        case.refuses("pause.start", "/pause", &fields, &expected)
            .await;
    }

    assert_eq!(presence_of(&case.agent).await, before);
    assert_eq!(heard(&mut case.tab).await, NONE);
    assert_eq!(heard(&mut case.other_tab).await, NONE);
}

#[tokio::test]
async fn an_office_that_is_unknown_or_not_ones_own_is_refused() {
    let mut case = Case::new().await;
    let (elsewhere, _) = case.tenant.office("Sales", &[]).await;
    let before = presence_of(&case.agent).await;
    heard(&mut case.tab).await;
    let away = json!({"status": "away"});
    let owner = case.tenant.owner.clone();

    for of in ["/v1/me".to_owned(), format!("/v1/agents/{}", case.id)] {
        let path = |office: &str| format!("{of}/presence/offices/{office}");
        for (office, status, code) in [(NOBODY, 404, "not_found"), ("sales", 404, "not_found")] {
            let caller = if of == "/v1/me" { &case.agent } else { &owner };
            let answer = caller.put(&path(office), away.clone()).await;
            answer.problem(status, code);
            caller.delete(&path(office)).await.problem(status, code);
        }
        let caller = if of == "/v1/me" { &case.agent } else { &owner };
        let answer = caller.put(&path(&elsewhere), away.clone()).await;
        assert_eq!(answer.faults(), ["/office_id unknown_id"]);
        let answer = caller.delete(&path(&elsewhere)).await;
        assert_eq!(answer.faults(), ["/office_id unknown_id"]);
    }
    for office in [NOBODY, &elsewhere] {
        let set = json!({"type": "presence.set_office", "office_id": office, "status": "away"});
        let clear = json!({"type": "presence.clear_office", "office_id": office});
        for frame in [set, clear] {
            let refused = case.tab.refused(frame, "invalid").await;
            assert_eq!(faults(&refused), ["/office_id unknown_id"]);
        }
    }
    let path = format!("/v1/offices/{NOBODY}/presence");
    owner.put(&path, away).await.problem(404, "not_found");
    owner.delete(&path).await.problem(404, "not_found");

    assert_eq!(presence_of(&case.agent).await, before);
    assert_eq!(heard(&mut case.tab).await, NONE);
}

#[tokio::test]
async fn a_frame_of_presence_names_all_that_is_wrong_with_it() {
    let mut case = Case::new().await;
    let before = presence_of(&case.agent).await;
    heard(&mut case.tab).await;

    for (frame, expected) in [
        (
            json!({"type": "presence.clear_office"}),
            ["/office_id required"].as_slice(),
        ),
        (
            json!({"type": "presence.clear_office", "office_id": 1, "status": "away"}),
            &["/office_id wrong_type", "/status unknown_field"],
        ),
        (
            json!({"type": "presence.set_office", "status": "busy"}),
            &["/office_id required", "/status unknown_value"],
        ),
        (json!({"type": "presence.watch"}), &["/watch required"]),
        (
            json!({"type": "presence.watch", "watch": "yes", "office_id": 1}),
            &["/office_id wrong_type", "/watch wrong_type"],
        ),
        (
            json!({"type": "pause.end", "pause_id": NOBODY}),
            &["/pause_id unknown_field"],
        ),
        (json!({"type": "activity", "at": 1}), &["/at unknown_field"]),
        (json!({"type": "presence.clear"}), &["/type unknown_value"]),
    ] {
        let refused = case.tab.refused(frame.clone(), "invalid").await;
        assert_eq!(faults(&refused), expected, "{frame}");
    }
    case.tab
        .send(&json!({"type": "presence.set", "status": "busy"}))
        .await;
    let refused = case.tab.expect("error").await;
    assert_eq!(refused["id"], Value::Null);
    assert_eq!(faults(&refused), ["/id required", "/status unknown_value"]);

    assert_eq!(presence_of(&case.agent).await, before);
    assert_eq!(heard(&mut case.tab).await, NONE);
}

#[tokio::test]
async fn who_may_not_change_somebodys_presence_is_told_so_and_changes_nothing() {
    let mut tenant = Tenant::new().await;
    let chief = tenant.agent_as("chief", "supervisor").await;
    let ana = tenant.agent("ana").await;
    let dee = tenant.outsider_as("dee", "agent").await;
    let (sales, _) = tenant.office("Sales", &[&id_of(&dee).await]).await;
    let mut tabs = [Socket::agent(&ana).await, Socket::agent(&dee).await];
    let (own, outside) = (id_of(&ana).await, id_of(&dee).await);
    let pause = Setup::new(&tenant).pause("Lunch", None).await;
    let before = [presence_of(&ana).await, presence_of(&dee).await];
    let (away, pause) = (json!({"status": "away"}), json!({"pause_id": pause}));
    let home = &tenant.office_id;

    // An agent others', a supervisor those of other offices.
    for (caller, id, office) in [
        (&dee, &own, home),
        (&ana, &own, home),
        (&chief, &outside, &sales),
    ] {
        let path = format!("/v1/agents/{id}");
        for (below, body) in [
            ("/presence".to_owned(), &away),
            (format!("/presence/offices/{office}"), &away),
            ("/pause".to_owned(), &pause),
        ] {
            let answer = caller.put(&format!("{path}{below}"), body.clone()).await;
            answer.problem(403, "forbidden");
        }
        for below in [format!("/presence/offices/{office}"), "/pause".to_owned()] {
            let answer = caller.delete(&format!("{path}{below}")).await;
            answer.problem(403, "forbidden");
        }
        let path = format!("/v1/offices/{office}/presence");
        let answer = caller.put(&path, away.clone()).await;
        answer.problem(403, "forbidden");
        caller.delete(&path).await.problem(403, "forbidden");
    }
    // Whoever there is not, is nobody's.
    for caller in [&tenant.owner, &chief] {
        let path = format!("/v1/agents/{NOBODY}");
        let answer = caller.put(&format!("{path}/presence"), away.clone()).await;
        answer.problem(404, "not_found");
        let answer = caller.put(&format!("{path}/pause"), pause.clone()).await;
        answer.problem(404, "not_found");
        let answer = caller
            .delete(&format!("{path}/presence/offices/{home}"))
            .await;
        answer.problem(404, "not_found");
    }
    // Without a pause there is none to end.
    let path = format!("/v1/agents/{own}/pause");
    tenant.owner.delete(&path).await.problem(409, "not_paused");
    ana.delete("/v1/me/pause").await.problem(409, "not_paused");
    tabs[0]
        .refused(json!({"type": "pause.end"}), "not_paused")
        .await;

    assert_eq!([presence_of(&ana).await, presence_of(&dee).await], before);
    for tab in &mut tabs {
        assert_eq!(heard(tab).await, NONE);
    }
}

#[tokio::test]
async fn the_list_of_presences_names_what_is_wrong_with_its_query() {
    let tenant = Tenant::new().await;
    let get = async |query: &str| {
        let path = format!("/v1/presence?{query}");
        tenant.owner.get(&path).await.faults()
    };

    assert_eq!(get("status=busy").await, ["/status unknown_value"]);
    assert_eq!(get("office_id=sales").await, ["/office_id bad_format"]);
    assert_eq!(
        get(&format!("office_id={NOBODY}")).await,
        ["/office_id unknown_id"]
    );
    assert_eq!(
        get("limit=0&stat=1").await,
        ["/limit out_of_range", "/stat unknown_field"]
    );
}
