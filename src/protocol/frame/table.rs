//! The table of commands: what each is called, which fields it has, how it is read and what answers it.
//!
//! Owns that a frame which is wrong in several places is told all of them at once, the command's id included. A command
//! has the fields of the REST body of the same name, and beside them what stands in the path there ([`Place`]).

use deserr::Deserr;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::FrameFault;
use crate::domain::{ChatId, KnownMessageId, OfficeId, QueueId, bounded};
use crate::faults::{Fault, FaultCode, Faults, no_such_field, read};
use crate::protocol::shape::Shape;
use crate::protocol::{ErrorCode, Problem, read_json};

/// The longest id of a command, in characters.
pub(in crate::protocol) const ID_MAX: usize = 64;

/// What a command is about: over REST it stands in the path.
pub(super) trait Place: Deserr<Faults> + ToSchema {
    /// Its fields.
    const KEYS: &'static [&'static str];
}

/// Defines places.
macro_rules! places {
    ($($(#[$doc:meta])+ $name:ident { $($(#[$field_doc:meta])+ $field:ident: $kind:ty as $shown:ty),* })+) => {$(
        $(#[$doc])+
        #[derive(Clone, Debug, Deserr, ToSchema)]
        #[deserr(error = Faults, deny_unknown_fields)]
        pub(super) struct $name {
            $($(#[$field_doc])+ #[schema(value_type = $shown)] pub(super) $field: $kind,)*
        }

        impl Place for $name {
            const KEYS: &'static [&'static str] = &[$(stringify!($field)),*];
        }
    )+};
}

places! {
    /// The agent that calls, or nothing in particular.
    Here {}
    /// A chat.
    InChat {
        /// The chat.
        chat_id: ChatId as Uuid
    }
    /// A message of a chat.
    AtMessage {
        /// The chat.
        chat_id: ChatId as Uuid,
        /// The message, by the id that its sender chose.
        message_id: KnownMessageId as String
    }
    /// An office.
    InOffice {
        /// The office.
        office_id: OfficeId as Uuid
    }
    /// A queue.
    InQueue {
        /// The queue.
        queue_id: QueueId as Uuid
    }
}

/// Nothing beside the place.
#[derive(Clone, Copy, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub(super) struct NoFields {}

/// What an `ok` carries beside the command's id.
#[derive(Clone, Copy)]
pub(in crate::protocol) struct Carries {
    /// Under which name.
    pub(in crate::protocol) field: &'static str,
    /// What.
    pub(in crate::protocol) shape: fn() -> Shape,
    /// Whether it is always there.
    pub(in crate::protocol) always: bool,
}

/// A type of frame that clients send.
pub(in crate::protocol) struct Command<K> {
    /// Its `type`.
    pub(in crate::protocol) name: &'static str,
    /// What it asks for, in a sentence without its full stop.
    pub(in crate::protocol) about: &'static str,
    /// Its fields beside `type` and `id`.
    pub(in crate::protocol) fields: fn() -> Shape,
    /// Whether it has an id and is answered by it, as every command; frames of the connection itself are none.
    pub(in crate::protocol) is_answered: bool,
    /// What its `ok` carries.
    pub(in crate::protocol) carries: Option<Carries>,
    read: Box<dyn Fn(Value) -> Result<K, Faults> + Send + Sync>,
}

impl<K> Command<K> {
    /// A command that is answered by its id alone.
    pub(super) fn new<P: Place, T: Deserr<Faults> + ToSchema>(
        name: &'static str,
        about: &'static str,
        make: impl Fn(P, T) -> K + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            about,
            fields: || Shape::of::<P>().and(Shape::of::<T>()),
            is_answered: true,
            carries: None,
            read: Box::new(move |fields| {
                let (place, body) = beside::<P, T>(fields)?;
                Ok(make(place, body))
            }),
        }
    }

    /// A frame of the connection itself.
    pub(super) fn control<T: Deserr<Faults> + ToSchema>(
        name: &'static str,
        about: &'static str,
        make: impl Fn(T) -> K + Send + Sync + 'static,
    ) -> Self {
        Self {
            is_answered: false,
            ..Self::new(name, about, move |Here {}, body| make(body))
        }
    }

    /// Its `ok` carries something.
    pub(super) fn answers(self, field: &'static str, shape: fn() -> Shape) -> Self {
        self.carries(field, shape, true)
    }

    /// Its `ok` carries something, or nothing beside the id.
    pub(super) fn may_answer(self, field: &'static str, shape: fn() -> Shape) -> Self {
        self.carries(field, shape, false)
    }

    fn carries(self, field: &'static str, shape: fn() -> Shape, always: bool) -> Self {
        let carries = Some(Carries {
            field,
            shape,
            always,
        });
        Self { carries, ..self }
    }
}

/// Reads the place beside the fields of a body, and names what is wrong with either.
fn beside<P: Place, T: Deserr<Faults>>(fields: Value) -> Result<(P, T), Faults> {
    // The envelope has found it to be an object.
    let mut rest = match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let place = P::KEYS.iter().filter_map(|key| rest.remove_entry(*key));
    let place = read(Value::Object(place.collect()));
    let body = read(Value::Object(rest)).map_err(|faults| meant_for::<P>(faults));
    match (place, body) {
        (Ok(place), Ok(body)) => Ok((place, body)),
        (Ok(_), Err(faults)) | (Err(faults), Ok(_)) => Err(faults),
        (Err(mut faults), Err(more)) => {
            faults.extend(more);
            Err(faults)
        }
    }
}

/// What the body does not know may have been meant for the place.
fn meant_for<P: Place>(mut faults: Faults) -> Faults {
    let unknown = |fault: &&mut Fault| fault.code == FaultCode::UnknownField;
    for fault in faults.0.iter_mut().filter(unknown) {
        let key = fault.pointer.trim_start_matches('/');
        let hint = no_such_field(key, P::KEYS);
        // A field of the body that is as near stays what it was.
        if !fault.detail.contains(';') {
            fault.detail = hint;
        }
    }
    faults
}

/// Reads a frame by a table: its command's id and what it asks for.
///
/// # Errors
/// Names every field that is wrong.
pub(super) fn parse<K>(
    table: &[Command<K>],
    text: &str,
) -> Result<(Option<String>, K), FrameFault> {
    let (envelope, fields) = Envelope::open(text)?;
    let command = table.iter().find(|command| command.name == envelope.kind);
    let Some(command) = command else {
        let names: Vec<&str> = table.iter().map(|command| command.name).collect();
        let detail = format!("must be one of {}", names.join(", "));
        let unknown = Faults::one("/type", FaultCode::UnknownValue, detail);
        return envelope.close(Err(unknown));
    };
    let read = (command.read)(fields);
    let read = if command.is_answered {
        envelope.named(read)
    } else {
        read
    };
    envelope.close(read)
}

/// What every frame has.
struct Envelope {
    id: Option<String>,
    kind: String,
    /// What is wrong with the id, told together with what is wrong with the rest.
    faults: Faults,
}

impl Envelope {
    /// Takes a frame apart.
    fn open(text: &str) -> Result<(Self, Value), FrameFault> {
        let broken = |problem| FrameFault { id: None, problem };
        let value = read_json("frame", text.as_bytes()).map_err(broken)?;
        let Value::Object(mut fields) = value else {
            let problem = Problem::new(ErrorCode::MalformedRequest, "a frame is an object");
            return Err(broken(problem));
        };
        let mut faults = Faults::default();
        let id = command_id(&mut fields, &mut faults);
        let fault = match fields.remove("type") {
            Some(Value::String(kind)) => {
                return Ok((Self { id, kind, faults }, Value::Object(fields)));
            }
            Some(_) => fault("/type", FaultCode::WrongType, "expected a text"),
            None => required("/type"),
        };
        faults.push(fault);
        let problem = faults.into();
        Err(FrameFault { id, problem })
    }

    /// What was read of a command, which needs an id.
    fn named<T>(&self, command: Result<T, Faults>) -> Result<T, Faults> {
        if self.id.is_some() || !self.faults.0.is_empty() {
            return command;
        }
        let mut faults = Faults(vec![required("/id")]);
        faults.extend(command.err().unwrap_or_default());
        Err(faults)
    }

    /// Puts the id and what was read together.
    fn close<T>(self, read: Result<T, Faults>) -> Result<(Option<String>, T), FrameFault> {
        let Self { id, mut faults, .. } = self;
        match read {
            Ok(kind) if faults.0.is_empty() => return Ok((id, kind)),
            Ok(_) => {}
            Err(more) => faults.extend(more),
        }
        let problem = faults.into();
        Err(FrameFault { id, problem })
    }
}

/// Takes a command's id, 1 to [`ID_MAX`] characters.
fn command_id(fields: &mut Map<String, Value>, faults: &mut Faults) -> Option<String> {
    let Value::String(id) = fields.remove("id")? else {
        faults.push(fault("/id", FaultCode::WrongType, "expected a text"));
        return None;
    };
    match bounded(&id, 1, ID_MAX) {
        Ok(()) => Some(id),
        Err(invalid) => {
            faults.extend(Faults::invalid("/id", invalid));
            None
        }
    }
}

fn required(pointer: &str) -> Fault {
    fault(pointer, FaultCode::Required, "this field is required")
}

fn fault(pointer: &str, code: FaultCode, detail: &str) -> Fault {
    Fault {
        pointer: pointer.to_owned(),
        code,
        detail: detail.to_owned(),
    }
}
