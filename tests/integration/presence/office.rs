//! All agents of an office in one command (PRES-5): all or nobody, each told once, by whom is on record.

use deskbell::app::Server;
use serde_json::{Value, json};

use super::{NONE, be, effective, effective_in, heard, heard_of, id_of, is, presence_of};
use crate::faults::journal::{Fault, Faults};
use crate::support::{Persona, Socket, Tenant, start_server, until};

fn path(tenant: &Tenant) -> String {
    format!("/v1/offices/{}/presence", tenant.office_id)
}

/// The presences of a list, each by its agent.
fn of<'a>(list: &'a Value, id: &str) -> &'a Value {
    let mut list = list.as_array().unwrap().iter();
    list.find(|presence| presence["agent_id"] == id).unwrap()
}

#[tokio::test]
async fn pres_05_a_supervisor_sets_a_whole_office_and_each_agent_is_told_once() {
    let mut tenant = Tenant::new().await;
    let chief = tenant.agent_as("chief", "supervisor").await;
    let (ana, mut anas) = tenant.online_agent("ana").await;
    let (bo, mut bos) = tenant.online_agent("bo").await;
    let absent = tenant.agent("cy").await;
    let elsewhere = tenant.outsider_as("dee", "agent").await;
    let mut others = Socket::agent(&elsewhere).await;
    be(&elsewhere, "online").await;
    heard(&mut anas).await;
    heard(&mut bos).await;
    heard(&mut others).await;
    let before = [presence_of(&absent).await, presence_of(&elsewhere).await];

    let set = chief
        .put(&path(&tenant), json!({"status": "away"}))
        .await
        .ok();

    let ids = [id_of(&ana).await, id_of(&bo).await];
    assert_eq!(
        set.as_array().unwrap().len(),
        4,
        "of the office, the chief too: {set}"
    );
    assert_eq!(tenant.mode().await, "messenger");
    let mut numbers = Vec::new();
    for (id, agent, tab) in [(&ids[0], &ana, &mut anas), (&ids[1], &bo, &mut bos)] {
        let presence = of(&set, id);
        assert_eq!(effective(presence), is("online", "chosen"));
        let there = &presence["offices"][0];
        assert_eq!(effective(there), is("away", "override"));
        assert_eq!(there["by"]["agent_id"], id_of(&chief).await);
        assert_eq!(there["override"]["set_by"]["agent_id"], id_of(&chief).await);
        assert_eq!(presence_of(agent).await, *presence);
        let told = heard_of(tab, "presence.changed").await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["presence"], *presence);
        numbers.push(told[0]["seq"].as_i64().unwrap());
    }
    // Nothing of anybody else lies between them: one step, one commit.
    numbers.sort_unstable();
    assert!(numbers[1] - numbers[0] <= 2, "{numbers:?}");
    assert_eq!(heard_of(&mut others, "presence.changed").await, NONE);
    let after = [presence_of(&absent).await, presence_of(&elsewhere).await];
    assert_eq!(
        after, before,
        "who chose to be offline, or is elsewhere, stays so"
    );

    let cleared = chief.delete(&path(&tenant)).await.ok();
    for id in &ids {
        let presence = of(&cleared, id);
        assert_eq!(
            effective_in(presence, &tenant.office_id),
            is("online", "chosen")
        );
    }
    assert_eq!(tenant.mode().await, "live");
    assert_eq!(heard_of(&mut anas, "presence.changed").await.len(), 1);
}

/// An office of three, one of them with an override of its own.
struct Staff {
    tenant: Tenant,
    agents: Vec<(Persona, Socket)>,
}

impl Staff {
    async fn on(base: &str) -> Self {
        let mut tenant = Tenant::on(base).await;
        let mut agents = Vec::new();
        for name in ["ana", "bo", "cy"] {
            agents.push(tenant.online_agent(name).await);
        }
        let own = format!("/v1/me/presence/offices/{}", tenant.office_id);
        let body = json!({"status": "invisible"});
        agents[2].0.put(&own, body).await.ok();
        for (_, tab) in &mut agents {
            heard(tab).await;
        }
        Self { tenant, agents }
    }

    async fn presences(&self) -> Vec<Value> {
        let mut presences = Vec::new();
        for (agent, _) in &self.agents {
            presences.push(presence_of(agent).await);
        }
        presences
    }
}

/// The whole office is sent away, and the commit meets a fault.
async fn an_office_meets(fault: Fault) -> (Server, Staff, Vec<Value>) {
    let faults = Faults::default();
    let server = start_server(faults.ports(), |_| ()).await;
    let mut staff = Staff::on(&format!("http://{}", server.address)).await;
    let before = staff.presences().await;
    let mode = staff.tenant.mode().await;

    faults.next(fault);
    let body = json!({"status": "away"});
    let answer = staff.tenant.owner.put(&path(&staff.tenant), body).await;

    answer.problem(503, "unavailable");
    for (_, tab) in &mut staff.agents {
        assert_eq!(tab.closed().await.code, 1012);
        let told: Vec<&Value> = tab.kept().collect();
        assert!(told.is_empty(), "{fault:?}: {told:?}");
    }
    assert_eq!(mode, "live");
    for (agent, tab) in &mut staff.agents {
        *tab = Socket::agent(agent).await;
    }
    (server, staff, before)
}

#[tokio::test]
async fn pres_05_a_commit_that_is_refused_leaves_nobody_changed_and_nobody_told() {
    for fault in [Fault::Refused, Fault::Vanished, Fault::Fenced] {
        let (_server, staff, before) = an_office_meets(fault).await;

        assert_eq!(staff.presences().await, before, "{fault:?}");
        assert_eq!(staff.tenant.mode().await, "live", "{fault:?}");
        let body = json!({"status": "away"});
        staff
            .tenant
            .owner
            .put(&path(&staff.tenant), body)
            .await
            .ok();
        assert_eq!(staff.tenant.mode().await, "messenger", "{fault:?}");
    }
}

#[tokio::test]
async fn pres_05_a_commit_whose_answer_was_lost_has_changed_all() {
    let (_server, staff, _) = an_office_meets(Fault::Lost).await;

    let office = &staff.tenant.office_id;
    for (agent, tab) in &staff.agents {
        let presence = presence_of(agent).await;
        assert_eq!(effective_in(&presence, office), is("away", "override"));
        assert_eq!(tab.first["snapshot"]["presence"], presence);
        assert_eq!(tab.first["snapshot"]["offices"][0]["mode"], "messenger");
    }
    until("the poll shows it too", async || {
        staff.tenant.mode().await == "messenger"
    })
    .await;
}

#[tokio::test]
async fn pres_05_an_office_without_agents_is_set_all_the_same() {
    let tenant = Tenant::new().await;
    let (office, _) = tenant.office("Empty", &[]).await;

    let path = format!("/v1/offices/{office}/presence");
    let set = tenant
        .owner
        .put(&path, json!({"status": "away"}))
        .await
        .ok();

    assert_eq!(set, json!([]));
    assert_eq!(tenant.owner.delete(&path).await.ok(), json!([]));
}
