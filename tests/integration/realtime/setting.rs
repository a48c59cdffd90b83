//! What several of these tests need: a chat that is under way, a server whose time stands still until it is moved.

use std::sync::Arc;

use deskbell::app::{Ports, Server};
use deskbell::clock::{Clock, ManualClock, SystemClock};
use deskbell::config::Config;
use deskbell::domain::Millis;
use deskbell::random::Random;
use serde_json::{Value, json};

use crate::support::{Persona, Socket, Tenant, Visitor, start_server, until};

/// A server with a clock of its own.
pub(crate) struct Stopped {
    pub(crate) server: Server,
    pub(crate) clock: ManualClock,
    pub(crate) base: String,
}

impl Stopped {
    pub(crate) async fn start(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_with(Ports::default(), change).await
    }

    /// With ports of the test's own, but for the clock.
    pub(crate) async fn start_with(ports: Ports, change: impl FnOnce(&mut Config)) -> Self {
        // The present, since what Postgres keeps by month is there from now on.
        let clock = ManualClock::new(SystemClock::new().now());
        let ports = Ports {
            clock: Arc::new(clock.clone()),
            ..ports
        };
        let server = start_server(ports, |config| {
            // The database's clock goes on while this one stands, and what is let pass here is no long silence.
            config.node.lease_ttl_s = 86_400;
            change(config);
        })
        .await;
        let base = format!("http://{}", server.address);
        Self {
            server,
            clock,
            base,
        }
    }

    /// Lets days pass on the wall, for tokens; what is measured does not notice.
    pub(crate) fn pass_days(&self, days: i64) {
        self.clock
            .set(self.clock.now() + Millis::from_secs(days * 86_400));
    }

    /// Lets hours pass, and waits until the node has its lease again.
    pub(crate) async fn pass_hours(&self, hours: i64) {
        self.pass(hours * 3600);
        let stranger = Persona::new(&self.base, None);
        until("the node is ready", async || {
            stranger.get("/readyz").await.status == 200
        })
        .await;
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.advance(Millis::from_secs(seconds));
    }
}

/// A visitor's chat, accepted by the agent; both sockets have seen nothing else.
pub(crate) struct Talk {
    pub(crate) agent: Persona,
    pub(crate) desk: Socket,
    pub(crate) visitor: Visitor,
    pub(crate) widget: Socket,
    pub(crate) chat_id: Value,
}

impl Talk {
    /// A new agent takes the chat of a new visitor.
    pub(crate) async fn begin(tenant: &mut Tenant, name: &str) -> Self {
        let (agent, mut desk) = tenant.online_agent(name).await;
        let visitor = tenant.visitor().await;
        let mut widget = Socket::visitor(&visitor).await;
        let chat_id = start(&mut widget, "m-1").await;
        let offer = desk.expect("offer.made").await;
        let accept = json!({"type": "chat.accept", "chat_id": chat_id, "offer": offer["offer"]});
        desk.ok(accept).await;
        Self {
            agent,
            desk,
            visitor,
            widget,
            chat_id,
        }
    }

    /// Where the visitor posts its messages.
    pub(crate) fn messages_path(&self) -> String {
        let chat_id = self.chat_id.as_str().unwrap();
        format!("/v1/visitor/chats/{chat_id}/messages")
    }
}

/// Starts a chat and gives its id.
pub(crate) async fn start(widget: &mut Socket, message_id: &str) -> Value {
    let message = json!({"id": message_id, "text": "Hello"});
    let frame = json!({"type": "chat.start", "fields": {"name": "Vera"}, "message": message});
    widget.ok(frame).await["chat"]["id"].take()
}

/// A message, as a command.
pub(crate) fn send(chat_id: &Value, id: &str, text: &str) -> Value {
    json!({"type": "chat.send", "chat_id": chat_id, "message": {"id": id, "text": text}})
}

/// Something of a list, if there is anything.
pub(crate) fn pick<T: Clone>(random: &Random, from: &[T]) -> Option<T> {
    let bound = u64::try_from(from.len()).unwrap();
    (bound > 0).then(|| from[usize::try_from(random.below(bound)).unwrap()].clone())
}

/// The seed of random plans: a fixed one, or that of `SEED=<number>`. It is printed with a failure.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "who looks for more plans chooses the seed, and who found one must know it"
)]
pub(crate) fn seed(of_the_gate: u64) -> u64 {
    let chosen = std::env::var("SEED").map(|text| text.parse().unwrap());
    let seed = chosen.unwrap_or(of_the_gate);
    println!("SEED={seed}");
    seed
}
