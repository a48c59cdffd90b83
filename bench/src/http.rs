//! A light HTTP/1.1 client: one connection kept alive, one request at a time, answers read by their
//! `content-length`.
//!
//! A general client costs more processor time for each request than the server does, and on a
//! machine that both share would be what is measured. It understands what this server sends and
//! nothing more: no chunks, no redirects, no TLS.

use std::fmt::Write;
use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// More than any answer that the driver asks for.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// One connection.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// How much of the buffer the last answer fills.
    filled: usize,
    /// Where the last answer's body begins.
    body: usize,
}

impl Client {
    /// Connects.
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: vec![0; 4096],
            filled: 0,
            body: 0,
        })
    }

    /// Sends `request`, which is complete, and reads the answer. Returns its status.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request).await?;
        self.filled = 0;
        loop {
            if self.filled == self.buffer.len() {
                ensure!(self.filled < ANSWER_BYTES_MAX, "an answer is too large");
                self.buffer.resize(self.filled * 2, 0);
            }
            let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
            ensure!(read > 0, "the server closed the connection");
            self.filled += read;
            if let Some(head) = Head::read(&self.buffer[..self.filled])
                && self.filled >= head.bytes + head.body_bytes
            {
                self.body = head.bytes;
                return Ok(head.status);
            }
        }
    }

    /// Sends a `GET` without a token.
    pub(crate) async fn get(&mut self, path: &str) -> Result<u16> {
        self.ask(&request("GET", path, &[], "")).await
    }

    /// The headers of the last answer, in their order.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let head = String::from_utf8_lossy(&self.buffer[..self.body]);
        let lines = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "));
        lines
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// The body of the last answer.
    pub(crate) fn body(&self) -> &[u8] {
        &self.buffer[self.body..self.filled]
    }

    /// How many bytes the last answer had.
    pub(crate) fn answer_bytes(&self) -> usize {
        self.filled
    }
}

/// What must be known of an answer's head.
struct Head {
    status: u16,
    bytes: usize,
    body_bytes: usize,
}

impl Head {
    /// Reads the head that `bytes` begin with; `None` while it is not complete or makes no sense.
    fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let status = std::str::from_utf8(bytes.get(9..12)?).ok()?.parse().ok()?;
        // Only the lines that begin like it are looked at: this runs for every request.
        let length = bytes[..end].split(|&byte| byte == b'\n').find_map(|line| {
            let (name, value) = line.split_at_checked(b"content-length: ".len())?;
            name.eq_ignore_ascii_case(b"content-length: ")
                .then_some(value)
        });
        let body_bytes = match length {
            Some(value) => std::str::from_utf8(value).ok()?.trim().parse().ok()?,
            // 204 and 304 have none.
            None => 0,
        };
        Some(Self {
            status,
            bytes: end + 4,
            body_bytes,
        })
    }
}

/// Writes a request.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
    for (name, value) in headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    if !body.is_empty() {
        let length = body.len();
        let _ = write!(
            text,
            "content-type: application/json\r\ncontent-length: {length}\r\n"
        );
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}

/// A caller of the public API.
#[derive(Debug)]
pub(crate) struct Api {
    client: Client,
}

impl Api {
    /// Connects.
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self> {
        Ok(Self {
            client: Client::connect(address).await?,
        })
    }

    /// Posts `body` and returns the answer, which must be a good one.
    pub(crate) async fn post(&mut self, path: &str, token: &str, body: &Value) -> Result<Value> {
        let bearer = format!("Bearer {token}");
        // An empty token is no credentials at all, not bad ones.
        let headers = [("authorization", bearer.as_str())];
        let headers = if token.is_empty() {
            &headers[..0]
        } else {
            &headers[..]
        };
        let request = request("POST", path, headers, &body.to_string());
        let status = self
            .client
            .ask(&request)
            .await
            .with_context(|| format!("POST {path}"))?;
        let answer = self.client.body();
        if !(200..300).contains(&status) {
            bail!(
                "POST {path} was answered {status}: {}",
                String::from_utf8_lossy(answer)
            );
        }
        serde_json::from_slice(answer).with_context(|| format!("read the answer to POST {path}"))
    }
}

/// Returns a text of `value`, or says that it is missing.
pub(crate) fn text(value: &Value, name: &str) -> Result<String> {
    let text = value.get(name).and_then(Value::as_str);
    text.map(str::to_owned)
        .with_context(|| format!("there is no {name} in {value}"))
}
