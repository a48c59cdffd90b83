//! Tenants come and go, servers end and start: what was promised for later happens all the same.

use std::sync::Arc;
use std::time::Duration;

use deskbell::app::Ports;
use deskbell::clock::{Clock, ManualClock, SystemClock};
use deskbell::domain::{Millis, TenantId};
use deskbell::lifecycle::{ExitStatus, Signals};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::realtime::setting::{Stopped, Talk};
use crate::support::{Persona, Socket, Tenant, start_server, until};

fn id_of(tenant: &Tenant) -> TenantId {
    TenantId(tenant.id.parse().unwrap())
}

#[tokio::test]
async fn an_idle_tenant_leaves_memory_and_wakes_for_its_deadline() {
    let stopped = Stopped::start(|config| config.engine.idle_evict_s = 5).await;
    let hub = &stopped.server.state.hub;
    let mut tenant = Tenant::on(&stopped.base).await;
    let (_, desk) = tenant.online_agent("ana").await;
    assert_eq!(tenant.mode().await, "live");

    drop(desk);
    until("the agent's grace begins", async || {
        hub.inspect(id_of(&tenant)).await.unwrap().is_quiet()
    })
    .await;
    let deadline = hub.inspect(id_of(&tenant)).await.unwrap().next_deadline();
    stopped.pass(6);
    until("it is not in memory", async || {
        !hub.is_in_memory(id_of(&tenant))
    })
    .await;
    assert_eq!(tenant.mode().await, "live", "its grace has not ended");

    let left = deadline.unwrap().since(stopped.clock.now());
    assert!(left.0 > 0, "it left before its deadline");
    stopped.clock.advance(left);
    until("nobody is there", async || {
        tenant.mode().await == "messenger"
    })
    .await;

    // It may begin to count its idle time only now.
    until("it has left again", async || {
        stopped.pass(1);
        !hub.is_in_memory(id_of(&tenant))
    })
    .await;
}

#[tokio::test]
async fn a_tenant_with_a_socket_stays_in_memory() {
    let stopped = Stopped::start(|config| config.engine.idle_evict_s = 5).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let (_, mut desk) = tenant.online_agent("ana").await;

    stopped.pass(6);
    desk.ok(json!({"type": "presence.set", "status": "away"}))
        .await;
    stopped.pass(6);
    desk.ok(json!({"type": "presence.set", "status": "online"}))
        .await;

    let hub = &stopped.server.state.hub;
    assert!(hub.is_in_memory(id_of(&tenant)));
}

/// A process that is killed, and started again on the same data folder.
#[test]
fn agents_of_a_process_that_ended_are_given_a_fresh_grace_without_a_call() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(SystemClock::new().now());
    let start = async || {
        let ports = Ports {
            clock: Arc::new(clock.clone()),
            ..Ports::default()
        };
        start_server(ports, |config| {
            config.node.lease_ttl_s = 60;
            config.database.data_dir = folder.path().to_owned();
        })
        .await
    };

    let first = Runtime::new().unwrap();
    let held = first.block_on(async {
        let server = start().await;
        let mut tenant = Tenant::on(&format!("http://{}", server.address)).await;
        let (_, desk) = tenant.online_agent("ana").await;
        assert_eq!(tenant.mode().await, "live");
        (server, tenant, desk)
    });
    // Nothing of it runs any more, and its sockets are still open as the engine knew them.
    first.shutdown_timeout(Duration::from_secs(10));

    let second = Runtime::new().unwrap();
    second.block_on(async {
        let server = start().await;
        let stranger = Persona::new(&format!("http://{}", server.address), None);
        let path = format!("/v1/widget/{}/availability", held.1.widget_key);
        let mode = async || stranger.get(&path).await.ok()["mode"].clone();
        assert_eq!(mode().await, "live");
        let hub = &server.state.hub;
        // Its start wakes it, nobody calls.
        until("the tenant is in memory", async || {
            hub.is_in_memory(id_of(&held.1))
        })
        .await;
        assert_eq!(mode().await, "live", "the grace has just begun");
        let grace = async || {
            let engine = hub.inspect(id_of(&held.1)).await.ok()?;
            engine.next_deadline()
        };
        until("a grace is under way", async || grace().await.is_some()).await;
        let left = grace().await.unwrap().since(clock.now());
        assert!(left > Millis::ZERO, "{left:?}");
        // In steps, so that the node renews its lease on the way.
        let answers = async || hub.inspect(id_of(&held.1)).await.is_ok();
        for _ in 0..5 {
            clock.advance(Millis(left.0 / 6));
            until("it answers", answers).await;
            assert_eq!(mode().await, "live", "the grace has not ended");
        }
        clock.advance(Millis(left.0 / 6 + 10));
        until("the agent is gone", async || mode().await == "messenger").await;
    });
    second.shutdown_timeout(Duration::from_secs(10));
}

#[tokio::test]
async fn a_shutdown_tells_every_socket_when_to_come_back() {
    let mut server = start_server(Ports::default(), |config| {
        config.socket.reconnect_spread_ms = 1000;
    })
    .await;
    let mut tenant = Tenant::on(&format!("http://{}", server.address)).await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;

    server.stop();
    for socket in [&mut talk.desk, &mut talk.widget] {
        let closed = socket.closed().await;
        assert_eq!(closed.code, 1012);
        let after = closed.reason.strip_prefix("retry_after_ms=").unwrap();
        assert!(after.parse::<u32>().unwrap() <= 1000, "{closed:?}");
    }
    // A closed socket of this client is gone when it is dropped.
    let base = talk.agent.base().to_owned();
    drop(talk);
    let status = server
        .until_stopped(Signals::none(), Duration::from_secs(20))
        .await;
    assert_eq!(status, ExitStatus::Clean);
    server.close().await;
    let late = reqwest::get(format!("{base}/v1/me")).await;
    assert!(late.is_err(), "it does not listen any more");

    // The lease was given back: another node need not wait.
    let next = start_server(Ports::default(), |_| ()).await;
    let engine = next.state.hub.inspect(id_of(&tenant)).await.unwrap();
    assert_eq!(engine.durable().chats.len(), 1);
}

#[tokio::test]
async fn a_tenant_of_another_node_is_unavailable_here() {
    let other = start_server(Ports::default(), |_| ()).await;
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    let mut desk = Socket::agent(&agent).await;

    let refused = other.state.hub.inspect(id_of(&tenant)).await;

    assert!(refused.is_err());
    desk.ok(json!({"type": "presence.set", "status": "online"}))
        .await;
}

#[tokio::test]
async fn an_offer_ends_while_its_tenant_is_not_in_memory() {
    let stopped = Stopped::start(|config| config.engine.idle_evict_s = 5).await;
    let hub = &stopped.server.state.hub;
    let mut tenant = Tenant::on(&stopped.base).await;
    let (ana, mut desk) = tenant.online_agent("ana").await;
    let visitor = tenant.visitor().await.persona;
    let chat = visitor.post("/v1/visitor/chats", json!({})).await.ok();
    let path = format!("/v1/chats/{}", chat["id"].as_str().unwrap());
    desk.expect("offer.made").await;
    drop(desk);
    until("the agent's grace begins", async || {
        hub.inspect(id_of(&tenant)).await.unwrap().is_quiet()
    })
    .await;

    stopped.pass(6);
    until("it is not in memory", async || {
        !hub.is_in_memory(id_of(&tenant))
    })
    .await;
    assert_eq!(
        ana.get(&path).await.ok()["state"],
        "offered",
        "it still rings"
    );
    stopped.pass(25);

    until("it has rung in vain", async || {
        ana.get(&path).await.ok()["state"] == "waiting"
    })
    .await;
    let events = tenant.owner.get(&format!("{path}/events")).await.ok();
    let events = events["data"].as_array().unwrap();
    assert_eq!(events.last().unwrap()["type"], "offer.missed");
}

#[tokio::test]
async fn what_was_acknowledged_during_a_shutdown_is_there_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let start = async || {
        start_server(Ports::default(), |config| {
            config.database.data_dir = folder.path().to_owned();
        })
        .await
    };
    let mut server = start().await;
    let mut tenant = Tenant::on(&format!("http://{}", server.address)).await;
    let talk = Talk::begin(&mut tenant, "ana").await;
    let path = format!("/v1/chats/{}", talk.chat_id.as_str().unwrap());
    let sent = std::cell::Cell::new(0);

    let sending = async {
        let client = reqwest::Client::new();
        let mut acknowledged = Vec::new();
        for number in 0.. {
            let id = format!("a-{number}");
            let request = client
                .post(format!("{}{path}/messages", talk.agent.base()))
                .bearer_auth(talk.agent.token.as_deref().unwrap())
                .json(&json!({"message": {"id": id, "text": "Hello"}}));
            match request.send().await {
                Ok(answer) if answer.status() == 201 => acknowledged.push(id),
                Ok(answer) => {
                    assert_eq!(answer.status(), 503);
                    break;
                }
                Err(_) => break,
            }
            sent.set(number);
        }
        acknowledged
    };
    let stopping = async {
        until("some messages are there", async || sent.get() > 10).await;
        server.stop();
        server
            .until_stopped(Signals::none(), Duration::from_secs(20))
            .await
    };
    let (acknowledged, status) = tokio::join!(sending, stopping);
    assert_eq!(status, ExitStatus::Clean);
    server.close().await;

    let next = start().await;
    let base = format!("http://{}", next.address);
    let ana = Persona::new(&base, talk.agent.token.as_deref());
    let mut stored = Vec::new();
    let mut page = format!("{path}/events?limit=200");
    loop {
        let events = ana.get(&page).await.ok();
        let messages = events["data"].as_array().unwrap().iter();
        let ids = messages.filter_map(|event| event["message"]["id"].as_str());
        stored.extend(ids.filter(|id| id.starts_with("a-")).map(str::to_owned));
        let Some(cursor) = events["next_cursor"].as_str() else {
            break;
        };
        page = format!("{path}/events?limit=200&after={cursor}");
    }
    // The last may be there although its answer did not get through.
    assert!(stored.len() - acknowledged.len() <= 1, "{stored:?}");
    assert_eq!(stored[..acknowledged.len()], acknowledged);
}
