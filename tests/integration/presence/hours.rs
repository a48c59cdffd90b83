//! Hours of offices and agents (PRES-9, AVAIL-1): what the poll knows beforehand, and what happens at the boundary,
//! whether the tenant is in memory or not.

use std::sync::Arc;

use deskbell::app::Ports;
use deskbell::clock::Clock;
use deskbell::domain::{Millis, Mode, OfficeId, TenantId, Timestamp};
use deskbell::protocol::wire;
use serde_json::{Value, json};

use super::{be, effective, heard_of, id_of, is, patient, presence_of, stopped, tenant_on};
use crate::faults::journal::Faults;
use crate::realtime::setting::Stopped;
use crate::support::{Persona, Setup, Socket, Tenant, daily, start_server, until};

/// An instant as the wire has it.
fn wire(at: Timestamp) -> Value {
    serde_json::to_value(wire::Time(at)).unwrap()
}

/// The full minute so many minutes from now.
fn minute(stopped: &Stopped, from_now: i64) -> Timestamp {
    let now = stopped.clock.now().0;
    Timestamp(now - now.rem_euclid(60_000) + from_now * 60_000)
}

/// Goes to just after an instant, and has the tenant notice.
async fn go_to(stopped: &Stopped, at: Timestamp, tenant: &Tenant) {
    let left = at.since(stopped.clock.now());
    stopped.clock.advance(Millis(left.0 + 1));
    presence_of(&tenant.owner).await;
}

/// Mode, `valid_until` and `opens_at` of the first office.
fn shown(body: &Value) -> (Value, Value, Value) {
    let office = &body["offices"][0];
    assert_eq!(body["mode"], office["mode"]);
    assert_eq!(body["valid_until"], office["valid_until"]);
    let field = |name: &str| office[name].clone();
    (field("mode"), field("valid_until"), field("opens_at"))
}

#[tokio::test]
async fn pres_09_an_office_is_live_in_its_hours_only_and_says_beforehand_when() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let setup = Setup::on(&stopped.server.state, &tenant);
    let (_ana, mut tab) = tenant.online_agent("ana").await;
    let (opens, closes) = (minute(&stopped, 10), minute(&stopped, 30));
    let tomorrow = opens + Millis::from_secs(86_400);
    let (live, messenger) = (json!("live"), json!("messenger"));
    let poll = async || shown(&tenant.poll().await.ok());

    let hours = |office: &mut deskbell::domain::Office| office.hours = Some(daily(opens, closes));
    setup.office(&tenant.office_id, hours).await;
    assert_eq!(poll().await, (messenger.clone(), wire(opens), wire(opens)));
    let visitor = tenant.visitor().await.persona;
    let refused = visitor.post("/v1/visitor/chats", json!({})).await;
    refused.problem(409, "not_live");

    go_to(&stopped, opens, &tenant).await;
    assert_eq!(poll().await, (live.clone(), wire(closes), Value::Null));
    go_to(&stopped, closes, &tenant).await;
    assert_eq!(poll().await, (messenger, wire(tomorrow), wire(tomorrow)));

    let told = heard_of(&mut tab, "availability.changed").await;
    let told: Vec<_> = told[1..].iter().map(|event| &event["office"]).collect();
    let causes: Vec<_> = told
        .iter()
        .map(|office| office["cause"]["kind"].clone())
        .collect();
    assert_eq!(causes, ["setup", "hours", "hours"]);
    assert_eq!(told[1]["since"], wire(opens), "at its own instant");
    assert_eq!(
        (&told[2]["reason"], &told[2]["is_open"]),
        (&json!("out_of_hours"), &json!(false))
    );

    setup
        .office(&tenant.office_id, |office| office.hours = None)
        .await;
    assert_eq!(poll().await, (live, Value::Null, Value::Null));
}

#[tokio::test]
async fn pres_20_what_was_due_while_the_server_was_down_has_happened_at_its_own_instant() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = Stopped::start(|config| {
        patient(config);
        config.database.data_dir = folder.to_owned();
    })
    .await;
    let (tenant, ana, setup) = sleeping(&first).await;
    let (opens, closes) = (minute(&first, 10), minute(&first, 30));
    let hours = |office: &mut deskbell::domain::Office| office.hours = Some(daily(opens, closes));
    setup.office(&tenant.office_id, hours).await;
    setup
        .agent(&id_of(&ana).await, |agent| {
            agent.hours = Some(daily(opens, closes));
        })
        .await;
    let clock = first.clock.clone();
    first.server.close().await;
    clock.advance(Millis::from_secs(50 * 60));

    let ports = Ports {
        clock: Arc::new(clock),
        ..Ports::default()
    };
    let second = start_server(ports, |config| {
        patient(config);
        config.node.lease_ttl_s = 86_400;
        config.database.data_dir = folder.to_owned();
    })
    .await;

    let base = format!("http://{}", second.address);
    let ana = Persona::new(&base, ana.token.as_deref());
    let presence = presence_of(&ana).await;
    assert_eq!(effective(&presence), is("offline", "schedule"));
    assert_eq!(presence["since"], wire(closes));
    let id = TenantId(tenant.id.parse().unwrap());
    let engine = second.state.hub.inspect(id).await.unwrap();
    let office = &engine.availability()[&OfficeId(tenant.office_id.parse().unwrap())];
    assert_eq!((office.mode, office.since), (Mode::Messenger, closes));
}

/// A tenant whose agent is online without a socket for as long as nothing happens, so that it leaves memory.
async fn sleeping(stopped: &Stopped) -> (Tenant, Persona, Setup) {
    let mut tenant = tenant_on(stopped).await;
    let setup = Setup::on(&stopped.server.state, &tenant);
    setup
        .settings(|settings| {
            settings.disconnect.grace = None;
            settings.inactivity.away_after = None;
        })
        .await;
    let ana = tenant.agent("ana").await;
    be(&ana, "online").await;
    (tenant, ana, setup)
}

#[tokio::test]
async fn avail_01_a_tenant_that_is_not_in_memory_opens_and_closes_on_time() {
    let stopped = Stopped::start(|config| {
        patient(config);
        config.engine.idle_evict_s = 5;
    })
    .await;
    let hub = &stopped.server.state.hub;
    let (tenant, _ana, setup) = sleeping(&stopped).await;
    let id = TenantId(tenant.id.parse().unwrap());
    // Far apart, for the time that passes until it has left.
    let (opens, closes) = (minute(&stopped, 180), minute(&stopped, 600));
    let hours = |office: &mut deskbell::domain::Office| office.hours = Some(daily(opens, closes));
    setup.office(&tenant.office_id, hours).await;

    for (at, mode) in [(opens, "live"), (closes, "messenger")] {
        until("it has left memory", async || {
            stopped.pass(1);
            !hub.is_in_memory(id)
        })
        .await;
        assert_ne!(tenant.mode().await, mode);
        let left = at.since(stopped.clock.now());
        stopped.clock.advance(Millis(left.0 + 1));
        until("the board has changed", async || {
            tenant.mode().await == mode
        })
        .await;
    }
    let (_, valid_until, opens_at) = shown(&tenant.poll().await.ok());
    let tomorrow = wire(opens + Millis::from_secs(86_400));
    assert_eq!((valid_until, opens_at), (tomorrow.clone(), tomorrow));
}

#[tokio::test]
async fn pres_20_after_a_restart_the_polls_are_the_same_before_any_engine_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = Stopped::start(|config| {
        patient(config);
        config.database.data_dir = folder.to_owned();
    })
    .await;
    let (tenant, ana, setup) = sleeping(&first).await;
    let (opens, closes) = (minute(&first, -30), minute(&first, 30));
    setup
        .settings(|settings| (settings.show_agents, settings.show_queue) = (true, true))
        .await;
    let hours = |office: &mut deskbell::domain::Office| office.hours = Some(daily(opens, closes));
    setup.office(&tenant.office_id, hours).await;
    let visitor = tenant.visitor().await.persona;
    visitor.post("/v1/visitor/chats", json!({})).await.ok();
    let (night, _) = tenant.office("Night", &[]).await;
    let hours = |office: &mut deskbell::domain::Office| office.hours = Some(daily(closes, opens));
    setup.office(&night, hours).await;
    let both = json!({"name": "Both", "office_ids": [tenant.office_id, night]});
    let both = tenant.owner.post("/v1/widgets", both).await.ok();
    let both = super::text(&both["key"]);
    let before = [tenant.poll().await, tenant.poll_of(&both).await];
    let shown = &before[0].body["offices"][0];
    assert_eq!(
        (&shown["mode"], &shown["waiting"], &shown["valid_until"]),
        (&json!("live"), &json!(1), &wire(closes))
    );
    assert_eq!(shown["agents"][0]["name"], "ana");
    assert_eq!(before[1].body["offices"][1]["opens_at"], wire(closes));
    let clock = first.clock.clone();
    first.server.close().await;

    // This one cannot load any tenant.
    let faults = Faults::default();
    faults.no_engines(true);
    let ports = Ports {
        clock: Arc::new(clock),
        ..faults.ports()
    };
    let second = start_server(ports, |config| {
        patient(config);
        config.node.lease_ttl_s = 86_400;
        config.database.data_dir = folder.to_owned();
    })
    .await;
    let stranger = Persona::new(&format!("http://{}", second.address), None);
    for (key, before) in [&tenant.widget_key, &both].into_iter().zip(&before) {
        let path = format!("/v1/widget/{key}/availability");
        let after = stranger.get(&path).await;
        assert_eq!(after.body, before.body);
        assert_eq!(after.headers["etag"], before.headers["etag"]);
    }
    let id = TenantId(tenant.id.parse().unwrap());
    assert!(second.state.hub.inspect(id).await.is_err());
    drop(ana);
}

#[tokio::test]
async fn pres_09_an_agents_hours_set_it_online_and_offline_and_are_known_beforehand() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let setup = Setup::on(&stopped.server.state, &tenant);
    let ana = tenant.agent("ana").await;
    let mut tab = Socket::agent(&ana).await;
    let (begins, ends) = (minute(&stopped, 10), minute(&stopped, 30));
    let id = id_of(&ana).await;
    setup
        .agent(&id, |agent| agent.hours = Some(daily(begins, ends)))
        .await;
    let poll = async || {
        let (mode, valid_until, _) = shown(&tenant.poll().await.ok());
        (mode, valid_until)
    };

    assert_eq!(poll().await, (json!("messenger"), wire(begins)));
    go_to(&stopped, begins, &tenant).await;
    assert_eq!(
        effective(&presence_of(&ana).await),
        is("online", "schedule")
    );
    assert_eq!(poll().await, (json!("live"), wire(ends)));
    go_to(&stopped, ends, &tenant).await;
    assert_eq!(
        effective(&presence_of(&ana).await),
        is("offline", "schedule")
    );
    let tomorrow = wire(begins + Millis::from_secs(86_400));
    assert_eq!(poll().await, (json!("messenger"), tomorrow));

    let told = heard_of(&mut tab, "presence.changed").await;
    let since: Vec<_> = told
        .iter()
        .map(|event| event["presence"]["since"].clone())
        .collect();
    assert_eq!(since, [wire(begins), wire(ends)]);
}

#[tokio::test]
async fn pres_09_a_start_that_was_missed_is_caught_up_with_by_the_first_connection() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let setup = Setup::on(&stopped.server.state, &tenant);
    let ana = tenant.agent("ana").await;
    let (begins, ends) = (minute(&stopped, 10), minute(&stopped, 30));
    let id = id_of(&ana).await;
    setup
        .agent(&id, |agent| agent.hours = Some(daily(begins, ends)))
        .await;

    // The office's next known change is her end now: her start has passed without her.
    go_to(&stopped, begins, &tenant).await;
    assert_eq!(presence_of(&ana).await["effective"], "offline");
    let (mode, valid_until, _) = shown(&tenant.poll().await.ok());
    assert_eq!((mode, valid_until), (json!("messenger"), wire(ends)));

    stopped.pass(300);
    let tab = Socket::agent(&ana).await;
    let presence = &tab.first["snapshot"]["presence"];
    assert_eq!(effective(presence), is("online", "schedule"));
    assert_eq!(tenant.mode().await, "live");
}

#[tokio::test]
async fn avail_01_of_several_offices_the_earliest_known_change_counts() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let setup = Setup::on(&stopped.server.state, &tenant);
    let (ana, _tab) = tenant.online_agent("ana").await;
    let (sales, _) = tenant.office("Sales", &[&id_of(&ana).await]).await;
    let widget = json!({"name": "Both", "office_ids": [tenant.office_id, sales]});
    let widget = tenant.owner.post("/v1/widgets", widget).await.ok();
    let (sooner, later) = (minute(&stopped, 10), minute(&stopped, 20));
    let end = minute(&stopped, 60);

    for (office, opens) in [(&tenant.office_id, later), (&sales, sooner)] {
        let hours = |office: &mut deskbell::domain::Office| office.hours = Some(daily(opens, end));
        setup.office(office, hours).await;
    }

    let key = super::text(&widget["key"]);
    let poll = async || tenant.poll_of(&key).await.ok();
    let modes = |body: &Value| {
        let offices = body["offices"].as_array().unwrap();
        offices
            .iter()
            .map(|office| office["mode"].clone())
            .collect::<Vec<_>>()
    };
    let body = poll().await;
    assert_eq!(
        (&body["mode"], &body["valid_until"]),
        (&json!("messenger"), &wire(sooner))
    );
    go_to(&stopped, sooner, &tenant).await;
    let body = poll().await;
    assert_eq!(
        (&body["mode"], &body["valid_until"]),
        (&json!("live"), &wire(later))
    );
    assert_eq!(modes(&body), ["messenger", "live"]);
    go_to(&stopped, later, &tenant).await;
    let body = poll().await;
    assert_eq!(
        (modes(&body), &body["valid_until"]),
        (vec![json!("live"); 2], &wire(end))
    );
}
