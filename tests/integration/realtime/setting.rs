//! What several of these tests need: a chat that is under way, a server whose time stands still until it is moved.

use std::sync::Arc;

use deskbell::app::{Ports, Server};
use deskbell::clock::{Clock, ManualClock, SystemClock};
use deskbell::config::Config;
use deskbell::domain::Millis;
use deskbell::random::Random;
use serde_json::{Value, json};

use crate::support::{Persona, Socket, Tenant, Visitor, start_server};

/// A server with a clock of its own.
pub(crate) struct Stopped {
    pub(crate) server: Server,
    pub(crate) clock: ManualClock,
    pub(crate) base: String,
}

impl Stopped {
    pub(crate) async fn start(change: impl FnOnce(&mut Config)) -> Self {
        // The present, since what Postgres keeps by month is there from now on.
        let clock = ManualClock::new(SystemClock::new().now());
        let ports = Ports {
            clock: Arc::new(clock.clone()),
            ..Ports::default()
        };
        let server = start_server(ports, |config| {
            // The database's clock goes on while this one stands.
            config.node.lease_ttl_s = 60;
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
