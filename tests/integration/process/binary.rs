//! One server process on a data folder of its own.

use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Far above what a start takes, also on a busy machine.
const START: Duration = Duration::from_mins(1);

/// A folder that root's Postgres, which runs as another user, can enter.
pub(super) fn data_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    folder
}

/// A port that nobody has at the moment.
pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The command line of a server on a folder and a port.
pub(super) fn command(folder: &Path, port: u16) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
    command
        .args(["--listen", &format!("127.0.0.1:{port}")])
        .arg("--data-dir")
        .arg(folder.join("data"))
        .args(["--config-dir", "/nonexistent"])
        .args(["--set", "demo.enabled=true"])
        .args(["--set", "limits.requests_per_second=0"])
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// A server that answers.
pub(super) struct Binary {
    child: Child,
    pub(super) base: String,
    folder: std::path::PathBuf,
}

impl Binary {
    /// Starts a server and waits until it says where it answers.
    pub(super) async fn start(folder: &Path, port: u16) -> Self {
        let mut child = command(folder, port).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let started = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some(base) = line.strip_prefix("Deskbell answers at ") {
                    return Some(base.to_owned());
                }
            }
            None
        };
        let Some(base) = timeout(START, started).await.expect("it does not start") else {
            panic!("it ended instead of starting: {}", said(&mut child).await);
        };
        Self {
            child,
            base,
            folder: folder.to_owned(),
        }
    }

    /// Ends it as a power cut would.
    pub(super) async fn kill(mut self) {
        self.child.start_kill().unwrap();
        self.child.wait().await.unwrap();
    }

    /// Ends it as Ctrl-C does.
    pub(super) async fn interrupt(mut self) -> ExitStatus {
        let pid = Pid::from_raw(self.child.id().unwrap().cast_signed()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
        timeout(START, self.child.wait())
            .await
            .expect("it does not stop")
            .unwrap()
    }

    /// What the demo left about itself.
    pub(super) fn demo(&self) -> Value {
        let text = std::fs::read_to_string(self.folder.join("data/demo.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The access token of the demo's agent.
    pub(super) async fn log_in(&self) -> String {
        self.log_in_as(1).await
    }

    /// The access token of one of the demo's people: the owner is the first.
    pub(super) async fn log_in_as(&self, index: usize) -> String {
        let demo = self.demo();
        let person = &demo["people"][index];
        let body = json!({
            "tenant": "demo", "email": person["email"], "password": person["password"],
        });
        let answer = self.post("/v1/auth/login", None, &body).await;
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// A visitor's token.
    pub(super) async fn visitor(&self) -> String {
        let key = self.demo()["widget_key"].as_str().unwrap().to_owned();
        let path = format!("/v1/widget/{key}/visitors");
        let answer = self.post(&path, None, &json!({})).await;
        answer["token"].as_str().unwrap().to_owned()
    }

    /// The answer's body; panics when it is a problem.
    pub(super) async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Value {
        self.send(
            reqwest::Client::new()
                .post(format!("{}{path}", self.base))
                .json(body),
            token,
        )
        .await
    }

    /// Changes something that has a version; panics when the answer is a problem.
    pub(super) async fn patch(&self, path: &str, token: &str, body: &Value) -> Value {
        let client = reqwest::Client::new();
        let url = format!("{}{path}", self.base);
        let current = client.get(&url).bearer_auth(token).send().await.unwrap();
        let version = current.headers()["etag"].clone();
        let request = client.patch(url).json(body).header("if-match", version);
        self.send(request, Some(token)).await
    }

    /// The answer's body; panics when it is a problem.
    pub(super) async fn get(&self, path: &str, token: &str) -> Value {
        self.send(
            reqwest::Client::new().get(format!("{}{path}", self.base)),
            Some(token),
        )
        .await
    }

    async fn send(&self, mut request: reqwest::RequestBuilder, token: Option<&str>) -> Value {
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{status}: {body}");
        body
    }
}

/// What a process that ended has written to its error stream.
pub(super) async fn said(child: &mut Child) -> String {
    let mut text = String::new();
    let mut stderr = child.stderr.take().unwrap();
    timeout(START, stderr.read_to_string(&mut text))
        .await
        .expect("it does not end")
        .unwrap();
    text
}
