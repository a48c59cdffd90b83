//! A socket client that keeps what comes until it is asked for, and says what did come when it waits in vain.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

use super::documents::check_frame;
use super::{Persona, Visitor};

/// Far above what anything takes, so that only what never comes reaches it.
const PATIENCE: Duration = Duration::from_secs(20);

/// One open socket.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    waiting: VecDeque<Value>,
    next_id: u32,
    /// Whose socket it is.
    party: &'static str,
    /// Which type of command was sent under which id.
    asked: HashMap<String, String>,
    /// The first frame: `welcome` or `resumed`.
    pub(crate) first: Value,
}

/// How a socket ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Closed {
    pub(crate) code: u16,
    pub(crate) reason: String,
}

impl Socket {
    /// An agent's socket, welcomed.
    pub(crate) async fn agent(persona: &Persona) -> Self {
        Self::welcomed(persona, "/v1/agent/ws", None).await
    }

    /// A visitor's socket, welcomed.
    pub(crate) async fn visitor(visitor: &Visitor) -> Self {
        Self::welcomed(&visitor.persona, "/v1/visitor/ws", None).await
    }

    /// Says hello and takes the first frame.
    pub(crate) async fn welcomed(persona: &Persona, path: &str, resume: Option<Value>) -> Self {
        let mut socket = Self::open(persona.base(), path).await;
        socket.greet(persona, resume).await;
        socket
    }

    /// A welcomed socket with room for a few frames between the server and whoever reads, or does not.
    pub(crate) async fn narrow(persona: &Persona, path: &str) -> Self {
        let host = persona.base().strip_prefix("http://").unwrap();
        let narrow = TcpSocket::new_v4().unwrap();
        narrow.set_recv_buffer_size(4096).unwrap();
        let stream = narrow.connect(host.parse().unwrap()).await.unwrap();
        let request = format!("ws://{host}{path}").into_client_request().unwrap();
        let opened = client_async(request, MaybeTlsStream::Plain(stream)).await;
        let mut socket = Self::new(opened.unwrap().0, path);
        socket.greet(persona, None).await;
        socket
    }

    fn new(stream: WebSocketStream<MaybeTlsStream<TcpStream>>, path: &str) -> Self {
        let is_visitors = path.starts_with("/v1/visitor");
        Self {
            stream,
            waiting: VecDeque::new(),
            next_id: 0,
            party: if is_visitors { "visitor" } else { "agent" },
            asked: HashMap::new(),
            first: Value::Null,
        }
    }

    async fn greet(&mut self, persona: &Persona, resume: Option<Value>) {
        let mut hello = json!({"type": "hello", "token": persona.token});
        if let Some(resume) = resume {
            hello["resume"] = resume;
        }
        self.send(&hello).await;
        self.first = self.next().await;
    }

    /// Opens a socket and says nothing.
    pub(crate) async fn open(base: &str, path: &str) -> Self {
        Self::open_with(base, path, &[]).await.unwrap()
    }

    /// Opens a socket with headers; the status of the answer when it is refused.
    pub(crate) async fn open_with(
        base: &str,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, u16> {
        let address = format!("{}{path}", base.replace("http://", "ws://"));
        let mut request = address.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((stream, _)) => Ok(Self::new(stream, path)),
            Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => {
                Err(answer.status().as_u16())
            }
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn send(&mut self, frame: &Value) {
        if let (Some(id), Some(kind)) = (frame["id"].as_str(), frame["type"].as_str()) {
            self.asked.insert(id.to_owned(), kind.to_owned());
        }
        self.send_raw(Message::text(frame.to_string())).await;
    }

    pub(crate) async fn send_raw(&mut self, message: Message) {
        self.stream.send(message).await.unwrap();
    }

    /// Sends a command under an id of its own and gives that id.
    pub(crate) async fn command(&mut self, mut frame: Value) -> String {
        self.next_id += 1;
        let id = format!("c{}", self.next_id);
        frame["id"] = json!(id);
        self.send(&frame).await;
        id
    }

    /// Sends a command and waits for its answer; what else comes meanwhile is kept.
    pub(crate) async fn ask(&mut self, frame: Value) -> Value {
        let id = self.command(frame).await;
        self.find(&format!("the answer to {id}"), |frame| {
            frame["id"] == id.as_str()
        })
        .await
    }

    /// Sends a command that must go well.
    pub(crate) async fn ok(&mut self, frame: Value) -> Value {
        let answer = self.ask(frame).await;
        assert_eq!(answer["type"], "ok", "{answer}");
        answer
    }

    /// Sends a command that must fail with this code.
    pub(crate) async fn refused(&mut self, frame: Value, code: &str) -> Value {
        let answer = self.ask(frame).await;
        assert_eq!(
            (&answer["type"], &answer["code"]),
            (&json!("error"), &json!(code)),
            "{answer}"
        );
        answer
    }

    /// The next frame of a type; what comes before it is kept.
    pub(crate) async fn expect(&mut self, kind: &str) -> Value {
        self.find(kind, |frame| frame["type"] == kind).await
    }

    /// The next frame, whatever it is, heartbeats apart.
    pub(crate) async fn next(&mut self) -> Value {
        self.find("any frame", |_| true).await
    }

    /// Everything that has come and was not asked for yet.
    pub(crate) fn kept(&self) -> impl Iterator<Item = &Value> {
        self.waiting.iter()
    }

    /// Whether nothing comes for so long, heartbeats apart; what comes is kept.
    pub(crate) async fn is_silent_for(&mut self, time: Duration) -> bool {
        let before = self.waiting.len();
        let nothing = self.find("nothing", |_| false);
        timeout(time, nothing).await.is_err() && self.waiting.len() == before
    }

    async fn find(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.waiting.iter().position(&is_it) {
            return self.waiting.remove(at).unwrap();
        }
        // The whole of it, for heartbeats go on for ever.
        let Ok(found) = timeout(PATIENCE, self.receive(what, is_it)).await else {
            panic!("{what} does not come; there is {:?}", self.waiting);
        };
        found
    }

    /// A frame as it is described.
    fn read(&self, text: &str) -> Value {
        let frame: Value = serde_json::from_str(text).unwrap();
        let asked = frame["id"].as_str().and_then(|id| self.asked.get(id));
        check_frame(self.party, asked.map(String::as_str), &frame);
        frame
    }

    /// Receives until it is there; the rest is kept.
    async fn receive(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    let frame = self.read(&text);
                    if frame["type"] == "ping" {
                        self.send(&json!({"type": "pong"})).await;
                    } else if is_it(&frame) {
                        return frame;
                    } else {
                        self.waiting.push_back(frame);
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!(
                    "{what} does not come but {other:?}; there is {:?}",
                    self.waiting
                ),
            }
        }
    }

    /// Waits until the server closes; what comes before is kept, heartbeats apart.
    pub(crate) async fn closed(&mut self) -> Closed {
        loop {
            match timeout(PATIENCE, self.stream.next())
                .await
                .expect("it is not closed")
            {
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Closed {
                        code: frame.code.into(),
                        reason: frame.reason.to_string(),
                    };
                }
                Some(Ok(Message::Text(text))) => {
                    let frame = self.read(&text);
                    // A heartbeat is nothing that somebody was told.
                    if frame["type"] != "ping" {
                        self.waiting.push_back(frame);
                    }
                }
                Some(Ok(_)) => {}
                other => panic!("it ended without a close frame: {other:?}"),
            }
        }
    }
}
