//! One person on several devices: whom the tenant's site has identified sees the same chats, at the same place, on each.

use std::sync::Arc;

use deskbell::app::Ports;
use serde_json::{Value, json};

use super::setting::{Stopped, send, start};
use crate::support::{Persona, Site, Socket, Tenant, Visitor, start_server};

/// What the sockets of an identified visitor were told when they came.
fn chats(socket: &Socket) -> &Value {
    assert_eq!(socket.first["type"], "welcome", "{}", socket.first);
    &socket.first["snapshot"]["chats"]
}

/// The same visitor at another server.
fn at(base: &str, visitor: &Visitor) -> Persona {
    Persona::new(base, visitor.persona.token.as_deref())
}

async fn own_chat(visitor: &Persona, chat_id: &Value) -> Value {
    let path = format!("/v1/visitor/chats/{}", chat_id.as_str().unwrap());
    visitor.get(&path).await.ok()
}

#[tokio::test]
async fn avail_07_another_device_with_the_same_identity_goes_on_in_the_chat_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().to_owned();
    let first = Stopped::start(|config| config.database.data_dir.clone_from(&data_dir)).await;
    let mut tenant = Tenant::on(&first.base).await;
    let site = Site::of(&tenant).await;
    // Without a socket nothing rings at her: chats wait.
    let ana = tenant.agent("ana").await;
    let online = json!({"status": "online"});
    ana.put("/v1/me/presence", online).await.ok();
    let ahead = tenant.visitor().await.persona;
    ahead.post("/v1/visitor/chats", json!({})).await.ok();

    let phone = tenant.identified(&site.knows("customer-17")).await;
    let mut a = Socket::visitor(&phone).await;
    assert_eq!(chats(&a), &json!([]));
    let chat_id = start(&mut a, "m-1").await;
    let desk = tenant.identified(&site.knows("customer-17")).await;
    let mut b = Socket::visitor(&desk).await;

    assert_eq!(desk.id, phone.id);
    assert_eq!(chats(&b)[0]["id"], chat_id);
    assert_eq!(chats(&b)[0]["position"], 2);
    let list = desk.persona.get("/v1/visitor/chats").await.ok();
    assert_eq!(
        list["data"],
        json!([own_chat(&phone.persona, &chat_id).await])
    );
    assert_eq!(list["data"][0]["position"], 2);
    b.ok(send(&chat_id, "m-2", "From my desk")).await;
    let heard = a.expect("chat.message").await;
    assert_eq!(heard["message"]["id"], "m-1");
    let heard = a.expect("chat.message").await;
    assert_eq!(heard["message"]["text"], "From my desk");

    let clock = first.clock.clone();
    first.server.close().await;
    let ports = Ports {
        clock: Arc::new(clock),
        ..Ports::default()
    };
    let second = start_server(ports, |config| {
        config.node.lease_ttl_s = 86_400;
        config.database.data_dir = data_dir;
    })
    .await;
    let base = format!("http://{}", second.address);
    let (phone, desk) = (at(&base, &phone), at(&base, &desk));
    let mut a = Socket::welcomed(&phone, "/v1/visitor/ws", None).await;
    let mut b = Socket::welcomed(&desk, "/v1/visitor/ws", None).await;
    for device in [&a, &b] {
        assert_eq!(chats(device)[0]["id"], chat_id);
        assert_eq!(chats(device)[0]["position"], 2);
    }
    a.ok(send(&chat_id, "m-3", "Back on the train")).await;
    let heard = b.expect("chat.message").await;
    assert_eq!(heard["message"]["text"], "Back on the train");
    let ana = Persona::new(&base, ana.token.as_deref());
    let path = format!("/v1/chats/{}/accept", chat_id.as_str().unwrap());
    ana.post(&path, json!({})).await.ok();
    for device in [&mut a, &mut b] {
        let accepted = device.expect("chat.accepted").await;
        assert_eq!(accepted["agent"]["name"], "ana");
    }
    assert_eq!(own_chat(&desk, &chat_id).await["state"], "active");
}

#[tokio::test]
async fn avail_07_another_identity_and_another_tenants_see_nothing_of_a_chat() {
    let mut tenant = Tenant::new().await;
    let mut away = Tenant::new().await;
    let (site, their_site) = (Site::of(&tenant).await, Site::of(&away).await);
    for tenant in [&mut tenant, &mut away] {
        let agent = tenant.agent("ana").await;
        let online = json!({"status": "online"});
        agent.put("/v1/me/presence", online).await.ok();
    }
    let vic = tenant.identified(&site.knows("vic")).await;
    let mut page = Socket::visitor(&vic).await;
    let chat_id = start(&mut page, "m-1").await;

    let others = [
        tenant.identified(&site.knows("Vic")).await,
        tenant.visitor().await,
        // The same name at another company is somebody else.
        away.identified(&their_site.knows("vic")).await,
    ];
    for other in others {
        assert_ne!(other.id, vic.id);
        let mut socket = Socket::visitor(&other).await;
        assert_eq!(chats(&socket), &json!([]));
        socket
            .refused(send(&chat_id, "m-2", "Hello?"), "not_found")
            .await;
        let path = format!("/v1/visitor/chats/{}", chat_id.as_str().unwrap());
        let answer = other.persona.get(&path).await;
        answer.problem(404, "not_found");
        let list = other.persona.get("/v1/visitor/chats").await.ok();
        assert_eq!(list["data"], json!([]));
    }
    let history = own_chat(&vic.persona, &chat_id).await;
    assert_eq!(history["last_seq"], 1, "nothing was added");
}

#[tokio::test]
async fn avail_07_what_the_site_has_signed_is_known_of_who_starts_a_chat() {
    let mut tenant = Tenant::new().await;
    let site = Site::of(&tenant).await;
    let form = json!([
        {"name": "name", "label": "Name", "kind": "text", "required": true},
        {"name": "email", "label": "E-mail", "kind": "email", "required": true},
    ]);
    let widgets = tenant.owner.get("/v1/widgets").await.ok();
    let path = format!("/v1/widgets/{}", widgets["data"][0]["id"].as_str().unwrap());
    tenant.owner.patch(&path, json!({"form": form})).await.ok();
    let known = json!({"sub": "vic", "name": "Vic", "email": "vic@site.example"});
    let vic = tenant.identified(&site.signs(known)).await;

    // A message that is left needs both, and a start in this form as well.
    let left = json!({"fields": {}, "message": {"id": "m-0", "text": "Hello"}});
    vic.persona
        .post("/v1/visitor/offline-messages", left)
        .await
        .ok();
    let (_, mut desk) = tenant.online_agent("ana").await;
    let mut page = Socket::visitor(&vic).await;
    let begin = |id: &str, fields: Value| {
        let message = json!({"id": id, "text": "Hello"});
        json!({"type": "chat.start", "fields": fields, "message": message})
    };
    page.ok(begin("m-1", json!({}))).await;
    let offer = desk.expect("offer.made").await;
    let contact = &offer["contact"];
    assert_eq!(contact["id"], vic.id.as_str());
    assert_eq!(contact["name"], "Vic");
    assert_eq!(contact["email"], "vic@site.example");
    // What the visitor types itself counts for its chat.
    page.ok(begin("m-2", json!({"email": "home@vic.example"})))
        .await;
    let offer = desk.expect("offer.made").await;
    let contact = &offer["contact"];
    assert_eq!(contact["name"], "Vic");
    assert_eq!(contact["email"], "home@vic.example");

    // A page that stays open takes a token that says something new, of the same person only.
    let renamed =
        site.signs(json!({"sub": "vic", "name": "Vic Novak", "email": "vic@site.example"}));
    let renamed = tenant.identified(&renamed).await;
    assert_eq!(renamed.id, vic.id);
    page.ok(json!({"type": "token.refresh", "token": renamed.persona.token}))
        .await;
    page.ok(begin("m-3", json!({}))).await;
    let offer = desk.expect("offer.made").await;
    assert_eq!(offer["contact"]["name"], "Vic Novak");
    let stranger = tenant.identified(&site.knows("another")).await;
    page.command(json!({"type": "token.refresh", "token": stranger.persona.token}))
        .await;
    assert_eq!(page.closed().await.code, 4001);
}
