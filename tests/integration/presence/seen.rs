//! What those in a chat see of its agents (PRES-10): an invisible one is online to them, under its public name.

use deskbell::domain::OfficeId;
use serde_json::{Value, json};

use super::{NONE, be, heard, heard_of, id_of};
use crate::realtime::setting::Talk;
use crate::support::{Setup, Socket, Tenant};

/// The cards that a visitor was shown by `chat.agent_seen`.
async fn cards(widget: &mut Socket) -> Vec<Value> {
    let seen = heard_of(widget, "chat.agent_seen").await;
    seen.into_iter()
        .map(|event| event["agent"].clone())
        .collect()
}

#[tokio::test]
async fn pres_10_a_visitor_sees_its_agent_go_away_and_come_back_by_its_public_name() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let id = id_of(&talk.agent).await;
    let named = |agent: &mut deskbell::domain::Agent| {
        agent.public_name = Some("Support team".parse().unwrap());
    };
    Setup::new(&tenant).agent(&id, named).await;
    let mut other_page = Socket::visitor(&talk.visitor).await;
    heard(&mut talk.widget).await;
    heard(&mut talk.desk).await;
    let card = |status: &str| json!({"id": id, "name": "Support team", "status": status});

    for (set, seen) in [
        ("away", Some("away")),
        ("invisible", Some("online")),
        ("online", None),
        ("offline", Some("offline")),
        ("invisible", Some("online")),
        ("away", Some("away")),
        ("away", None),
        ("online", Some("online")),
    ] {
        be(&talk.agent, set).await;

        let expected: Vec<Value> = seen.map(card).into_iter().collect();
        assert_eq!(cards(&mut talk.widget).await, expected, "{set}");
        assert_eq!(cards(&mut other_page).await, expected, "{set}");
        let to_agents = heard_of(&mut talk.desk, "chat.agent_seen").await;
        assert_eq!(to_agents.len(), expected.len(), "{set}");
        let fresh = Socket::visitor(&talk.visitor).await;
        let shown = &fresh.first["snapshot"]["chats"][0]["agents"];
        let status = if set == "invisible" { "online" } else { set };
        assert_eq!(*shown, json!([card(status)]), "{set}");
        assert!(
            !fresh.first.to_string().contains("\"ana\""),
            "{}",
            fresh.first
        );
    }
}

#[tokio::test]
async fn pres_10_only_what_the_agent_is_in_the_chats_office_is_shown() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let id = id_of(&talk.agent).await;
    let (elsewhere, _) = tenant.office("Sales", &[]).await;
    let assigned = OfficeId(elsewhere.parse().unwrap());
    let assign = |agent: &mut deskbell::domain::Agent| {
        agent.office_ids.insert(assigned);
    };
    Setup::new(&tenant).agent(&id, assign).await;
    heard(&mut talk.widget).await;
    let over = |office: &str| format!("/v1/me/presence/offices/{office}");

    let away = json!({"status": "away"});
    talk.agent.put(&over(&elsewhere), away.clone()).await.ok();
    assert_eq!(cards(&mut talk.widget).await, NONE, "another office's");
    talk.agent.put(&over(&tenant.office_id), away).await.ok();
    assert_eq!(cards(&mut talk.widget).await[0]["status"], "away");
    talk.agent.delete(&over(&tenant.office_id)).await.ok();
    assert_eq!(cards(&mut talk.widget).await[0]["status"], "online");
}

#[tokio::test]
async fn pres_10_nothing_else_of_an_agents_presence_reaches_a_visitor() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let setup = Setup::new(&tenant);
    let lunch = setup.pause("Lunch", None).await;
    let mut stranger = Socket::visitor(&tenant.visitor().await).await;
    heard(&mut talk.widget).await;

    talk.agent
        .put("/v1/me/pause", json!({"pause_id": lunch}))
        .await
        .ok();
    talk.agent.delete("/v1/me/pause").await.ok();
    be(&talk.agent, "offline").await;
    be(&talk.agent, "online").await;

    for frame in heard(&mut talk.widget).await {
        assert_eq!(frame["type"], "chat.agent_seen", "{frame}");
        let mut fields: Vec<&String> = frame["agent"].as_object().unwrap().keys().collect();
        fields.sort();
        assert_eq!(fields, ["id", "name", "status"]);
    }
    assert_eq!(heard(&mut stranger).await, NONE);
}
