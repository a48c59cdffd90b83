//! A watcher that does not read loses its own socket and nothing else.

use serde_json::json;

use super::{patient, tenant_on};
use crate::realtime::setting::Stopped;
use crate::support::{Setup, Socket};

#[tokio::test]
async fn a_watcher_that_does_not_read_hurts_itself_alone() {
    let stopped = Stopped::start(|config| {
        patient(config);
        config.socket.frames_burst = 100_000;
        config.socket.send_queue_frames_max = 8;
        config.socket.send_queue_bytes_max = 65_536;
    })
    .await;
    let mut tenant = tenant_on(&stopped).await;
    Setup::on(&stopped.server.state, &tenant)
        .people(&tenant, 25)
        .await;
    let mut reader = Socket::agent(&tenant.owner).await;
    let chief = tenant.outsider_as("chief", "supervisor").await;
    let mut slow = Socket::narrow(&chief, "/v1/agent/ws").await;
    for watcher in [&mut reader, &mut slow] {
        watcher
            .ok(json!({"type": "presence.watch", "watch": true}))
            .await;
    }
    let path = format!("/v1/offices/{}/presence", tenant.office_id);

    // What is between the two ends takes some; then the server has nowhere to write.
    for number in 0..1500 {
        let frame = json!({"type": "presence.watch", "watch": true, "id": format!("w{number}")});
        slow.send(&frame).await;
    }
    // Each tick tells of everybody.
    let mut ticks = 0;
    let mut lost = false;
    while !lost {
        ticks += 1;
        assert!(ticks < 150, "it is never closed");
        if ticks % 2 == 0 {
            tenant.owner.delete(&path).await.ok();
        } else {
            tenant
                .owner
                .put(&path, json!({"status": "away"}))
                .await
                .ok();
        }
        let lines = super::tick(&stopped, &mut reader).await;
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["agents"].as_array().unwrap().len(), 25);
        lost = connections(&tenant, "chief").await == 0;
    }

    assert_eq!(slow.closed().await.code, 4008);
    let again = Socket::agent(&chief).await;
    assert_eq!(again.first["type"], "welcome");
    tenant.agent("ana").await;
    assert_eq!(super::tick(&stopped, &mut reader).await.len(), 1);
}

async fn connections(tenant: &crate::support::Tenant, name: &str) -> u64 {
    let rows = tenant.owner.get("/v1/presence?limit=200").await.ok();
    let mut rows = rows["data"].as_array().unwrap().iter();
    let row = rows.find(|row| row["agent"]["name"] == name).unwrap();
    row["connections"].as_u64().unwrap()
}
