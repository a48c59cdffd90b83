//! Chats that change hands or get more agents, over sockets: each command, and who hears of what.

use serde_json::{Value, json};

use super::setting::{Stopped, Talk, send, start};
use super::snapshot::Side;
use crate::support::{Persona, Socket, Tenant};

/// Somebody who is told of a chat, and its socket.
async fn supervisor(tenant: &mut Tenant, name: &str) -> (Persona, Socket) {
    let persona = tenant.agent_as(name, "supervisor").await;
    let mut socket = Socket::agent(&persona).await;
    socket
        .ok(json!({"type": "presence.set", "status": "online"}))
        .await;
    (persona, socket)
}

async fn id_of(agent: &Persona) -> Value {
    agent.get("/v1/me").await.ok()["id"].clone()
}

/// Says something that changes nothing: what was under way has come by then.
async fn speak(socket: &mut Socket) {
    let nothing = json!({"type": "chat.typing", "chat_id": uuid::Uuid::nil(), "typing": true});
    socket.refused(nothing, "not_found").await;
}

/// Everything that has come.
async fn all(socket: &mut Socket) -> Vec<Value> {
    speak(socket).await;
    let mut frames = Vec::new();
    for _ in 0..socket.kept().count() {
        frames.push(socket.next().await);
    }
    frames
}

/// A command about the chat of a talk.
fn about(talk: &Talk, kind: &str) -> Value {
    json!({"type": kind, "chat_id": talk.chat_id})
}

fn with(mut frame: Value, field: &str, value: Value) -> Value {
    frame[field] = value;
    frame
}

/// Accepts what rings next.
async fn accept(socket: &mut Socket) -> Value {
    let offer = socket.expect("offer.made").await;
    let frame =
        json!({"type": "chat.accept", "chat_id": offer["chat_id"], "offer": offer["offer"]});
    socket.ok(frame).await["chat"].take()
}

#[tokio::test]
async fn chat_01_a_transfer_goes_from_socket_to_socket() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let (bo, mut desk) = tenant.online_agent("bo").await;
    let (ana, bo) = (id_of(&talk.agent).await, id_of(&bo).await);
    let transfer = with(about(&talk, "chat.transfer"), "to", json!({"agent_id": bo}));

    talk.desk
        .refused(about(&talk, "chat.transfer_cancel"), "no_hand_over")
        .await;
    talk.desk.ok(transfer.clone()).await;
    talk.desk
        .refused(transfer.clone(), "hand_over_pending")
        .await;
    talk.desk.ok(about(&talk, "chat.transfer_cancel")).await;
    let withdrawn = desk.expect("offer.withdrawn").await;
    assert_eq!(withdrawn["reason"], "cancelled");
    desk.expect("offer.made").await;
    talk.desk.ok(transfer).await;
    let chat = accept(&mut desk).await;

    assert_eq!(chat["agents"][0]["id"], bo);
    // The sender is told that its part is over, and of nothing after.
    let left = talk.desk.expect("chat.participant_left").await;
    assert_eq!(
        (&left["agent"]["id"], &left["reason"]),
        (&ana, &json!("transferred"))
    );
    talk.widget.ok(send(&talk.chat_id, "v-2", "Hello?")).await;
    desk.expect("chat.message").await;
    let rest = all(&mut talk.desk).await;
    let heard = |kind: &str| rest.iter().filter(|frame| frame["type"] == kind).count();
    assert_eq!((heard("chat.transferred"), heard("chat.message")), (0, 0));
    assert_eq!(
        Socket::agent(&talk.agent).await.first["snapshot"]["chats"],
        json!([])
    );
    let told = talk.widget.expect("chat.transferred").await;
    assert_eq!(told["agent"]["id"], bo);
}

#[tokio::test]
async fn chat_02_an_invitation_and_leaving_go_over_sockets() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let (_, mut desk) = tenant.online_agent("bo").await;
    talk.desk
        .refused(about(&talk, "chat.leave"), "last_agent")
        .await;
    let invite = with(
        about(&talk, "chat.invite"),
        "to",
        json!({"queue_id": tenant.queue_id}),
    );

    talk.desk.ok(invite).await;
    accept(&mut desk).await;

    for socket in [&mut talk.desk, &mut talk.widget, &mut desk] {
        let joined = socket.expect("chat.participant_joined").await;
        assert_eq!(joined["role"], "agent");
        assert_eq!(joined["chat"]["agents"].as_array().unwrap().len(), 2);
    }
    talk.desk.ok(about(&talk, "chat.leave")).await;
    for socket in [&mut talk.desk, &mut talk.widget, &mut desk] {
        let left = socket.expect("chat.participant_left").await;
        assert_eq!(left["reason"], "left");
    }
}

#[tokio::test]
async fn chat_03_help_goes_over_sockets_and_the_visitor_learns_of_it_when_it_takes_over() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let (bo, mut desk) = tenant.online_agent("bo").await;
    let bo = id_of(&bo).await;
    desk.refused(about(&talk, "chat.takeover"), "forbidden")
        .await;
    let assist = with(about(&talk, "chat.assist"), "to", json!({"agent_id": bo}));

    talk.desk.ok(assist).await;
    let chat = accept(&mut desk).await;

    assert_eq!(chat["participants"][1]["role"], "assistant");
    let joined = talk.desk.expect("chat.participant_joined").await;
    assert_eq!(joined["role"], "assistant");
    desk.refused(send(&talk.chat_id, "b-1", "Hello"), "not_answering")
        .await;
    talk.desk.ok(send(&talk.chat_id, "a-1", "Hello")).await;
    assert_eq!(desk.expect("chat.message").await["message"]["id"], "a-1");
    let quiet = all(&mut talk.widget).await;
    let bos = bo.as_str().unwrap();
    assert!(
        !quiet.iter().any(|frame| frame.to_string().contains(bos)),
        "{quiet:?}"
    );
    desk.ok(about(&talk, "chat.takeover")).await;
    let left = talk.desk.expect("chat.participant_left").await;
    assert_eq!(left["reason"], "taken_over");
    let seen = talk.widget.expect("chat.participant_joined").await;
    assert_eq!(seen["agent_id"], bo);
}

/// What everybody but the listener gets to see in the course of a chat to which Dora listens: live, anew, and on resuming.
#[tokio::test]
async fn chat_03_a_listener_stands_in_no_frame_but_its_own() {
    let mut tenant = Tenant::new().await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let (bo, mut desk) = tenant.online_agent("bo").await;
    let (dora, mut ear) = supervisor(&mut tenant, "dora").await;
    let (bos, doras) = (id_of(&bo).await, id_of(&dora).await);
    let visitor = talk.visitor.persona.clone();
    desk.refused(about(&talk, "chat.listen"), "forbidden").await;
    let welcomes = [
        Socket::agent(&talk.agent).await.first,
        Socket::visitor(&talk.visitor).await.first,
    ];

    ear.ok(about(&talk, "chat.listen")).await;

    let joined = ear.expect("chat.participant_joined").await;
    assert_eq!(joined["role"], "listener");
    // She hears everything live.
    talk.widget.ok(send(&talk.chat_id, "v-2", "Hello")).await;
    assert_eq!(ear.expect("chat.message").await["message"]["id"], "v-2");
    ear.refused(send(&talk.chat_id, "d-1", "Hello"), "not_answering")
        .await;
    ear.refused(
        with(about(&talk, "chat.typing"), "typing", json!(true)),
        "not_answering",
    )
    .await;
    let typing = with(about(&talk, "chat.typing"), "typing", json!(true));
    talk.desk.ok(typing).await;
    ear.expect("chat.typing").await;
    // Whatever shows the chat meanwhile shows nothing of her.
    let invite = with(about(&talk, "chat.invite"), "to", json!({"agent_id": bos}));
    talk.desk.ok(invite).await;
    accept(&mut desk).await;
    talk.desk.ok(about(&talk, "chat.leave")).await;
    let fresh = [
        Socket::agent(&talk.agent).await,
        Socket::agent(&bo).await,
        Socket::visitor(&talk.visitor).await,
    ];
    ear.ok(about(&talk, "chat.leave")).await;
    ear.expect("chat.participant_left").await;
    let mut heard: Vec<Value> = fresh.into_iter().map(|socket| socket.first).collect();
    for socket in [&mut talk.desk, &mut talk.widget, &mut desk] {
        heard.extend(all(socket).await);
    }
    let sides = [(&talk.agent, "/v1/agent/ws"), (&visitor, "/v1/visitor/ws")];
    for ((persona, path), welcome) in sides.into_iter().zip(welcomes) {
        let resume = json!({"history_id": welcome["history_id"], "after": welcome["seq"]});
        let mut again = Socket::welcomed(persona, path, Some(resume)).await;
        assert_eq!(again.first["type"], "resumed");
        heard.extend(all(&mut again).await);
    }
    let canary = doras.as_str().unwrap();
    assert!(heard.len() > 12, "{heard:?}");
    for frame in heard {
        assert!(!frame.to_string().contains(canary), "{frame}");
    }
}

#[tokio::test]
async fn chat_01_a_transfer_that_nobody_answers_comes_back_in_time() {
    let stopped = Stopped::start(|_| ()).await;
    let mut tenant = Tenant::on(&stopped.base).await;
    let mut talk = Talk::begin(&mut tenant, "ana").await;
    let (bo, mut desk) = tenant.online_agent("bo").await;
    let to = json!({"agent_id": id_of(&bo).await});
    talk.desk
        .ok(with(about(&talk, "chat.transfer"), "to", to))
        .await;
    desk.expect("offer.made").await;

    // In steps, between which all say something, so that nobody is taken for dead.
    for _ in 0..3 {
        stopped.pass(11);
        for socket in [&mut talk.desk, &mut desk, &mut talk.widget] {
            speak(socket).await;
        }
    }

    let ended = talk.desk.expect("chat.hand_over_ended").await;
    assert_eq!(ended["reason"], "refused");
    desk.expect("offer.missed").await;
    talk.desk.ok(send(&talk.chat_id, "a-1", "Still me")).await;
}

#[tokio::test]
async fn chat_03_who_reads_a_waiting_chat_along_sees_it_ring() {
    let mut tenant = Tenant::new().await;
    let (bo, mut desk) = tenant.online_agent("bo").await;
    let bo = id_of(&bo).await;
    let mut reader = Side::new(tenant.outsider_as("dora", "admin").await, "/v1/agent/ws").await;
    let mut stranger = Socket::agent(&tenant.outsider_as("eve", "admin").await).await;
    let mut widget = Socket::visitor(&tenant.visitor().await).await;
    let chat_id = start(&mut widget, "v-1").await;
    let listen = json!({"type": "chat.listen", "chat_id": chat_id});
    let listened = reader.socket.ok(listen).await;
    assert_eq!(listened["chat"]["state"], "offered");
    let joined = reader.socket.expect("chat.participant_joined").await;
    reader.client.apply(&joined);

    let offer = desk.expect("offer.made").await;
    desk.ok(json!({"type": "chat.reject", "chat_id": chat_id, "offer": offer["offer"]}))
        .await;

    let mut heard = Vec::new();
    let told = reader.socket.expect("chat.ringing").await;
    reader.client.apply(&told);
    heard.push(told.clone());
    let what =
        |event: &Value| ["offer", "agent_id", "state", "rings"].map(|field| event[field].clone());
    assert_eq!(what(&told), [json!(1), bo, json!("rejected"), json!(false)]);
    assert_eq!(told.as_object().unwrap().len(), 8, "and no more: {told}");
    reader.check("after it was rejected").await;
    let (cy, mut other_desk) = tenant.online_agent("cy").await;
    let told = reader.socket.expect("chat.ringing").await;
    reader.client.apply(&told);
    heard.push(told.clone());
    let cy = id_of(&cy).await;
    assert_eq!(
        what(&told),
        [json!(2), cy.clone(), json!("ringing"), json!(true)]
    );
    reader.check("while it rings again").await;
    accept(&mut other_desk).await;
    let told = reader.socket.expect("chat.ringing").await;
    reader.client.apply(&told);
    heard.push(told.clone());
    assert_eq!(what(&told), [json!(2), cy, json!("accepted"), json!(false)]);
    reader.check("after it was accepted").await;
    // Who comes back is told the same.
    let welcome = &reader.socket.first;
    let after = json!({"history_id": welcome["history_id"], "after": joined["seq"]});
    let dora = tenant.log_in("dora").await;
    let mut back = Socket::welcomed(&dora, "/v1/agent/ws", Some(after)).await;
    assert_eq!(back.first["type"], "resumed");
    let rings = |frames: &[Value]| -> Vec<Value> {
        let rings = frames.iter().filter(|f| f["type"] == "chat.ringing");
        rings.cloned().collect()
    };
    assert_eq!(rings(&all(&mut back).await), heard);
    // It is nobody else's business.
    for socket in [&mut desk, &mut other_desk, &mut stranger, &mut widget] {
        assert_eq!(rings(&all(socket).await), Vec::<Value>::new());
    }
}
