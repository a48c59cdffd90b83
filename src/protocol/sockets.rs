//! The document of the sockets (AsyncAPI 3.0), made of the tables of commands and the lists of frames.
//!
//! Owns how they are arranged: a channel for agents and one for visitors, an operation for each command with what answers
//! it, and one for what the server tells of itself. Must not describe a frame: that is done beside its type.

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::control::{self, SUB_PROTOCOL, close};
use super::frame::table::{Command, ID_MAX};
use super::frame::{agent, visitor};
use super::shape::{Described, Parts, Shape};
use super::{answer, event, to_tree};

/// One of the two sockets.
struct Channel {
    party: &'static str,
    address: &'static str,
    title: &'static str,
}

const AGENTS: Channel = Channel {
    party: "agent",
    address: "/v1/agent/ws",
    title: "The socket of an agent",
};

const VISITORS: Channel = Channel {
    party: "visitor",
    address: "/v1/visitor/ws",
    title: "The socket of a visitor",
};

/// The document. Operations are named from the server's side: it receives commands and sends events.
#[must_use]
pub fn document() -> Value {
    let mut document = Document::default();
    let welcomes = control::agents_frames().into_iter();
    let events = welcomes.chain(event::agents_frames());
    document.describe(&AGENTS, &agent::COMMANDS, events.collect());
    let welcomes = control::visitors_frames().into_iter();
    let events = welcomes.chain(event::visitors_frames());
    document.describe(&VISITORS, &visitor::COMMANDS, events.collect());
    document.into_json()
}

/// What is put together.
#[derive(Default)]
struct Document {
    channels: Map<String, Value>,
    operations: Map<String, Value>,
    messages: Map<String, Value>,
    schemas: Map<String, Value>,
}

impl Document {
    /// Adds a channel with all that is said on it.
    fn describe<K>(&mut self, of: &Channel, commands: &[Command<K>], events: Vec<Described>) {
        let mut said = Said {
            of,
            keys: Vec::new(),
        };
        let error = Described::of::<answer::ErrorFrame>("error", "Answers a frame that failed");
        let error = self.add(&mut said, "error".to_owned(), error);
        let mut told = Vec::new();
        for described in events {
            let key = format!("event.{}", described.name);
            told.push(self.add(&mut said, key, described));
        }
        for command in commands {
            let name = command.name;
            let key = format!("command.{name}");
            let asked = self.add(&mut said, key, described(command));
            if name == "ping" || name == "pong" {
                // The server says these two just so.
                told.push(asked.clone());
            }
            let mut operation = said.operation("receive", command.about, &[asked]);
            if command.is_answered {
                let key = format!("ok.{name}");
                let ok = self.add(&mut said, key, answered(command));
                let channel = operation["channel"].clone();
                operation["reply"] = json!({"channel": channel, "messages": [ok, error]});
            }
            self.operations
                .insert(format!("{}.{name}", of.party), operation);
        }
        told.push(error);
        let operation = said.operation("send", "What the server tells of itself", &told);
        self.operations
            .insert(format!("{}.events", of.party), operation);
        self.channels.insert(of.party.to_owned(), said.channel());
    }

    /// Adds a message and gives the reference to it.
    fn add(&mut self, said: &mut Said<'_>, key: String, described: Described) -> Value {
        let Described { name, about, shape } = described;
        let message = json!({"name": name, "summary": about, "payload": shape.schema});
        self.add_parts(shape.parts);
        let whole = format!("{}.{key}", said.of.party);
        self.messages.insert(whole, message);
        let reference = format!("#/channels/{}/messages/{key}", said.of.party);
        said.keys.push(key);
        json!({"$ref": reference})
    }

    fn add_parts(&mut self, parts: Parts) {
        for (name, schema) in parts {
            self.schemas.entry(name).or_insert_with(|| to_tree(&schema));
        }
    }

    fn into_json(self) -> Value {
        let bearer = |description| json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": description});
        json!({
            "asyncapi": "3.0.0",
            "info": {
                "title": "Deskbell",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "The sockets of agents and visitors: text frames, one JSON object each. What a schema \
                    cannot say stands in docs/protocol.md, the calls over HTTP in /openapi.json.",
            },
            "defaultContentType": "application/json",
            "channels": self.channels,
            "operations": self.operations,
            "components": {
                "messages": self.messages,
                "schemas": self.schemas,
                "securitySchemes": {
                    "agent": bearer("The access token of `POST /v1/auth/login`, in `hello` or with the upgrade"),
                    "visitor": bearer("The token of `POST /v1/widget/{key}/visitors`, in `hello`"),
                },
            },
        })
    }
}

/// What was said of a channel so far.
struct Said<'c> {
    of: &'c Channel,
    keys: Vec<String>,
}

impl Said<'_> {
    fn operation(&self, action: &str, about: &str, messages: &[Value]) -> Value {
        let party = self.of.party;
        json!({
            "action": action,
            "channel": {"$ref": format!("#/channels/{party}")},
            "summary": about,
            "messages": messages,
            "security": [{"$ref": format!("#/components/securitySchemes/{party}")}],
        })
    }

    fn channel(&self) -> Value {
        let party = self.of.party;
        let messages = self.keys.iter().map(|key| {
            let reference = format!("#/components/messages/{party}.{key}");
            (key.clone(), json!({"$ref": reference}))
        });
        let restart = (close::RESTART, "retry_after_ms=N");
        let codes = close::ALL.into_iter().chain([restart]);
        let codes = codes.map(|(code, reason)| json!({"code": code, "reason": reason}));
        json!({
            "address": self.of.address,
            "title": self.of.title,
            "messages": messages.collect::<Map<_, _>>(),
            "bindings": {"ws": upgrade()},
            "x-close-codes": codes.collect::<Vec<_>>(),
        })
    }
}

/// What the upgrade may carry.
fn upgrade() -> Value {
    let Shape { schema: query, .. } = Shape::of::<Place>();
    json!({
        "method": "GET",
        "query": query,
        "headers": {"type": "object", "properties": {
            "Sec-WebSocket-Protocol": {"type": "string", "const": SUB_PROTOCOL},
            "Authorization": {"type": "string", "description": "`Bearer` and a token; then no `hello` is needed"},
        }},
        "bindingVersion": "0.1.0",
    })
}

/// Where a client was, for one that says no `hello`.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "only its description is used; `http` reads the query"
)]
struct Place {
    /// The history that its number belongs to.
    history_id: Option<uuid::Uuid>,
    /// The number of the last event that it has.
    #[schema(minimum = 0)]
    after: Option<i64>,
}

/// A frame that clients send: a command has an id, and no other fields than those that are named.
fn described<K>(command: &Command<K>) -> Described {
    let required: &[&str] = if command.is_answered { &["id"] } else { &[] };
    let id = json!({
        "type": "string", "minLength": 1, "maxLength": ID_MAX,
        "description": "Chosen by the client; the answer has it too",
    });
    let id = Shape {
        schema: json!({"properties": {"id": id}, "required": required}),
        parts: Vec::new(),
    };
    let shape = (command.fields)().and(id).typed(command.name).closed();
    Described {
        name: command.name,
        about: command.about,
        shape,
    }
}

/// What answers a command that went well.
fn answered<K>(command: &Command<K>) -> Described {
    let carried = match command.carries {
        Some(carries) => (carries.shape)().under(carries.field, carries.always),
        None => Shape {
            schema: json!({"type": "object"}),
            parts: Vec::new(),
        },
    };
    let id = Shape {
        schema: json!({"properties": {"id": {"type": "string"}}, "required": ["id"]}),
        parts: Vec::new(),
    };
    Described {
        name: "ok",
        about: "Answers a command that went well, once it is durable",
        shape: carried.and(id).typed("ok"),
    }
}
