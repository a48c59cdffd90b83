//! A client that keeps on talking: it comes back when the server has gone, resumes, and sends again what was not
//! acknowledged, under the same id.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// How long a server may be away.
const AWAY: Duration = Duration::from_mins(1);

/// One party of a chat.
pub(super) struct Talker {
    address: String,
    token: String,
    pub(super) chat_id: String,
    socket: Option<Socket>,
    resume: Option<(Value, i64)>,
    next_request: u32,
    /// What came before an answer, and was not waited for yet.
    kept: VecDeque<Value>,
    /// Acknowledged messages with their numbers.
    pub(super) acknowledged: BTreeMap<String, u64>,
    /// Every message that was seen, by its number.
    pub(super) seen: BTreeMap<u64, String>,
}

impl Talker {
    pub(super) fn new(base: &str, path: &str, token: &str) -> Self {
        Self {
            address: format!("{}{path}", base.replace("http://", "ws://")),
            token: token.to_owned(),
            chat_id: String::new(),
            socket: None,
            resume: None,
            next_request: 0,
            kept: VecDeque::new(),
            acknowledged: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    /// Sends a message until it is acknowledged, whatever happens to the server meanwhile.
    pub(super) async fn say(&mut self, id: &str, acknowledgements: &AtomicUsize) {
        loop {
            let chat_id = self.chat_id.clone();
            let message = json!({"id": id, "text": format!("This is {id}.")});
            let answer = self
                .ask(json!({"type": "chat.send", "chat_id": chat_id, "message": message}))
                .await;
            let Some(answer) = answer else { continue };
            if answer["type"] == "error" {
                assert_eq!(answer["code"], "unavailable", "{answer}");
                continue;
            }
            let seq = answer["message"]["seq"].as_u64().unwrap();
            self.acknowledged.insert(id.to_owned(), seq);
            acknowledgements.fetch_add(1, Ordering::Relaxed);
            return;
        }
    }

    /// Sends a command once and waits for its answer; `None` when the connection was lost.
    pub(super) async fn ask(&mut self, mut frame: Value) -> Option<Value> {
        self.next_request += 1;
        let id = format!("r{}", self.next_request);
        frame["id"] = json!(id);
        self.send(&frame).await?;
        loop {
            let frame = self.receive().await?;
            if frame["id"] == id.as_str() {
                return Some(frame);
            }
            self.kept.push_back(frame);
        }
    }

    /// Opens a new connection after the server has gone.
    pub(super) async fn come_back(&mut self) {
        self.socket = None;
        self.connect().await;
    }

    /// Sends a command that must go well, and gives its answer.
    pub(super) async fn tell(&mut self, frame: Value) -> Value {
        let answer = self.ask(frame).await.expect("the connection was lost");
        assert_eq!(answer["type"], "ok", "{answer}");
        answer
    }

    /// Accepts what rings next.
    pub(super) async fn take(&mut self) {
        let offer = self.expect("offer.made").await;
        let accept =
            json!({"type": "chat.accept", "chat_id": offer["chat_id"], "offer": offer["offer"]});
        self.tell(accept).await;
    }

    /// Waits for an event of a kind.
    pub(super) async fn expect(&mut self, kind: &str) -> Value {
        while let Some(frame) = self.kept.pop_front() {
            if frame["type"] == kind {
                return frame;
            }
        }
        let wait = async {
            loop {
                let frame = self.receive().await.expect("the connection was lost");
                if frame["type"] == kind {
                    return frame;
                }
            }
        };
        let waited = timeout(AWAY, wait).await;
        waited.unwrap_or_else(|_| panic!("no {kind} comes"))
    }

    /// Opens the connection if there is none, and keeps trying for as long as a server may be away.
    pub(super) async fn connect(&mut self) {
        let deadline = Instant::now() + AWAY;
        while self.socket.is_none() {
            assert!(Instant::now() < deadline, "the server does not come back");
            if self.try_connect().await.is_none() {
                self.socket = None;
                sleep(Duration::from_millis(20)).await;
            }
        }
    }

    async fn try_connect(&mut self) -> Option<()> {
        let (mut socket, _) = connect_async(&self.address).await.ok()?;
        let mut hello = json!({"type": "hello", "token": self.token});
        if let Some((history_id, after)) = &self.resume {
            hello["resume"] = json!({"history_id": history_id, "after": after});
        }
        socket.send(Message::text(hello.to_string())).await.ok()?;
        self.socket = Some(socket);
        let first = self.receive().await?;
        match first["type"].as_str() {
            Some("welcome") => {
                self.resume = Some((first["history_id"].clone(), first["seq"].as_i64().unwrap()));
                self.check_snapshot(&first["snapshot"]);
            }
            Some("resumed") => {}
            _ => panic!("neither welcome nor resumed: {first}"),
        }
        Some(())
    }

    /// A fresh snapshot holds at least what was acknowledged.
    fn check_snapshot(&self, snapshot: &Value) {
        let Some(most) = self.acknowledged.values().max() else {
            return;
        };
        let chats = snapshot["chats"].as_array().unwrap();
        let chat = chats
            .iter()
            .find(|chat| chat["id"] == self.chat_id.as_str());
        let last = chat.expect("the open chat is in the snapshot")["last_seq"]
            .as_u64()
            .unwrap();
        assert!(
            last >= *most,
            "the snapshot ends at {last}, {most} was acknowledged"
        );
    }

    async fn send(&mut self, frame: &Value) -> Option<()> {
        self.connect().await;
        let socket = self.socket.as_mut()?;
        if socket.send(Message::text(frame.to_string())).await.is_err() {
            self.socket = None;
            return None;
        }
        Some(())
    }

    /// The next frame that is no heartbeat; `None` when the connection was lost.
    async fn receive(&mut self) -> Option<Value> {
        loop {
            let socket = self.socket.as_mut()?;
            let received = timeout(AWAY, socket.next())
                .await
                .expect("nothing comes any more");
            let Some(Ok(Message::Text(text))) = received else {
                self.socket = None;
                return None;
            };
            let frame: Value = serde_json::from_str(&text).unwrap();
            match frame["type"].as_str() {
                Some("ping") => {
                    let pong = Message::text(r#"{"type":"pong"}"#);
                    let _ = self.socket.as_mut()?.send(pong).await;
                }
                Some("pong") => {}
                _ => {
                    self.note(&frame);
                    return Some(frame);
                }
            }
        }
    }

    fn note(&mut self, frame: &Value) {
        let is_event = frame["type"] != "welcome" && frame["type"] != "resumed";
        if let (true, Some(seq), Some((_, after))) =
            (is_event, frame["seq"].as_i64(), self.resume.as_mut())
        {
            assert!(seq > *after, "event {seq} came after {after}");
            *after = seq;
        }
        if frame["type"] == "chat.message" {
            let seq = frame["message"]["seq"].as_u64().unwrap();
            let id = frame["message"]["id"].as_str().unwrap().to_owned();
            let before = self.seen.insert(seq, id.clone());
            assert!(
                before.is_none_or(|other| other == id),
                "two messages have the number {seq}"
            );
        }
    }
}
