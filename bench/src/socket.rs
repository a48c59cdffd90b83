//! A light client of the sockets: small buffers, frames read without building a tree of values.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// What the server's ping is answered with.
const PONG: &str = r#"{"type":"pong"}"#;

/// A whole frame of a chat fits; the library's own 128 KiB would make the driver of 5,000 sockets
/// larger than the server.
const BUFFER_BYTES: usize = 4096;

/// Whose socket it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Visitor,
    Agent,
}

/// What the driver looks at in a frame.
#[derive(Debug, Deserialize)]
pub(crate) struct Frame<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: &'a str,
    pub(crate) chat_id: Option<&'a str>,
    /// The number of an offer.
    pub(crate) offer: Option<u64>,
    pub(crate) message: Option<MessagePart<'a>>,
    pub(crate) chat: Option<ChatPart<'a>>,
    /// Of an error.
    pub(crate) code: Option<&'a str>,
}

/// What the driver looks at in a message.
#[derive(Debug, Deserialize)]
pub(crate) struct MessagePart<'a> {
    pub(crate) id: &'a str,
    pub(crate) seq: u64,
}

/// What the driver looks at in a chat.
#[derive(Debug, Deserialize)]
pub(crate) struct ChatPart<'a> {
    pub(crate) id: &'a str,
}

/// One socket after its welcome.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// Opens a socket and says hello.
    pub(crate) async fn open(address: SocketAddr, side: Side, token: &str) -> Result<Self> {
        Self::open_with(address, side, token, BUFFER_BYTES).await
    }

    /// Does so with another size of what is read in one step.
    pub(crate) async fn open_with(
        address: SocketAddr,
        side: Side,
        token: &str,
        read_buffer_bytes: usize,
    ) -> Result<Self> {
        let path = match side {
            Side::Visitor => "/v1/visitor/ws",
            Side::Agent => "/v1/agent/ws",
        };
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        let protocol = HeaderValue::from_static("deskbell.v1");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default()
            .read_buffer_size(read_buffer_bytes)
            .write_buffer_size(0)
            .max_write_buffer_size(1 << 20);
        let (stream, _) =
            tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await?;
        let mut socket = Self { stream };
        socket
            .send(json!({"type": "hello", "token": token}).to_string())
            .await?;
        let welcome = socket.receive().await?;
        let frame: Frame = serde_json::from_str(&welcome)?;
        if frame.kind != "welcome" {
            bail!("there was no welcome but {welcome}");
        }
        Ok(socket)
    }

    /// Sends a frame at once.
    pub(crate) async fn send(&mut self, text: String) -> Result<()> {
        Ok(self.stream.send(Message::Text(text.into())).await?)
    }

    /// Returns the next frame that is not a heartbeat; those are answered here. Nothing is lost when
    /// it is cancelled but a pong, whose ping comes again.
    pub(crate) async fn receive(&mut self) -> Result<Utf8Bytes> {
        loop {
            match self.stream.next().await.context("the server hung up")?? {
                Message::Text(text) if is_ping(&text) => self.send(PONG.to_owned()).await?,
                Message::Text(text) => return Ok(text),
                Message::Close(Some(frame)) => bail!("closed with {} {}", frame.code, frame.reason),
                _ => {}
            }
        }
    }
}

/// Whether a frame is the server's ping. Its length says so already, and nearly all are longer.
fn is_ping(text: &str) -> bool {
    text.len() < 20 && text.contains("\"ping\"")
}
