//! Placeholders: `{{visitor.name}}`, and `{{visitor.name|there}}` with what stands there when nothing is known.
//!
//! Owns their grammar. A source is read once, from its beginning to its end, and nothing is tried twice. Two braces open
//! a placeholder, of a longer run the last two; the first two braces behind it close it. It does not go over a line, nor
//! does another one begin in it. A backslash before the braces makes a text of them. Two closing braces that close nothing
//! are a text.

use std::borrow::Cow;

use super::super::{ChatId, ContactFields, Invalid, bounded, is_blank};

/// The most placeholders of a source: far more than anybody writes, and few enough that what they are filled with has a
/// bound.
pub const SLOTS_MAX: usize = 50;

/// The most characters of what stands in a placeholder's place when nothing is known.
pub const FALLBACK_CHARS_MAX: usize = 200;

/// How much of an unknown name is repeated to whoever wrote it.
const NAME_SHOWN_MAX: usize = 40;

/// How many faults of one source are told.
const FAULTS_MAX: usize = 100;

/// One thing that is wrong with a source. Positions are counted in characters, from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// The source is no text of its kind, placeholders or not.
    #[error("{0}")]
    Text(Invalid),
    /// There is no such placeholder.
    #[error(
        "there is no placeholder {name:?}, at character {at}; there are visitor.name, visitor.email, agent.name, \
         office.name, queue.name, chat.id and field.<name>"
    )]
    Unknown {
        /// What stands between the braces; its beginning, if it is long.
        name: Box<str>,
        /// Where its braces stand.
        at: usize,
    },
    /// It is not closed on its line, or another one begins in it.
    #[error("the placeholder at character {at} has no closing braces")]
    Unclosed {
        /// Where its braces stand.
        at: usize,
    },
    /// What stands in its place when nothing is known is too long.
    #[error(
        "what follows | in the placeholder at character {at} must have at most {FALLBACK_CHARS_MAX} characters"
    )]
    LongFallback {
        /// Where its braces stand.
        at: usize,
    },
    /// There are too many of them.
    #[error("must have at most {SLOTS_MAX} placeholders")]
    TooMany,
}

/// All that is wrong with a source; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateFaults(pub Vec<TemplateFault>);

impl From<Invalid> for TemplateFaults {
    fn from(invalid: Invalid) -> Self {
        Self(vec![TemplateFault::Text(invalid)])
    }
}

/// What placeholders stand for.
#[derive(Clone, Copy, Debug)]
pub struct TemplateValues<'a> {
    /// `visitor.name`.
    pub visitor_name: Option<&'a str>,
    /// `visitor.email`.
    pub visitor_email: Option<&'a str>,
    /// `agent.name`.
    pub agent_name: Option<&'a str>,
    /// `office.name`.
    pub office_name: Option<&'a str>,
    /// `queue.name`.
    pub queue_name: Option<&'a str>,
    /// `chat.id`.
    pub chat_id: ChatId,
    /// `field.<name>`: the first of these that has the field counts.
    pub fields: &'a [&'a ContactFields],
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Placeholder {
    VisitorName,
    VisitorEmail,
    AgentName,
    OfficeName,
    QueueName,
    ChatId,
    Field(Box<str>),
}

impl Placeholder {
    fn of(name: &str) -> Option<Self> {
        match name {
            "visitor.name" => Some(Self::VisitorName),
            "visitor.email" => Some(Self::VisitorEmail),
            "agent.name" => Some(Self::AgentName),
            "office.name" => Some(Self::OfficeName),
            "queue.name" => Some(Self::QueueName),
            "chat.id" => Some(Self::ChatId),
            name => {
                let field = name.strip_prefix("field.")?.trim();
                let is_one = bounded(field, 1, ContactFields::NAME_CHARS_MAX).is_ok();
                is_one.then(|| Self::Field(field.into()))
            }
        }
    }
}

/// A placeholder with what stands in its place when nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    placeholder: Placeholder,
    pub(super) fallback: Option<Box<str>>,
}

impl Slot {
    /// What is known; what is blank says nothing.
    pub(super) fn value<'a>(&self, values: &TemplateValues<'a>) -> Option<Cow<'a, str>> {
        let value = match &self.placeholder {
            Placeholder::VisitorName => values.visitor_name,
            Placeholder::VisitorEmail => values.visitor_email,
            Placeholder::AgentName => values.agent_name,
            Placeholder::OfficeName => values.office_name,
            Placeholder::QueueName => values.queue_name,
            Placeholder::ChatId => return Some(values.chat_id.to_string().into()),
            Placeholder::Field(name) => values.fields.iter().find_map(|fields| fields.get(name)),
        };
        value.filter(|value| !is_blank(value)).map(Cow::Borrowed)
    }
}

/// A piece of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Stands there as it is.
    Text(Box<str>),
    /// Is filled in.
    Slot(Slot),
}

/// A source that is being read.
#[derive(Default)]
struct Reader {
    parts: Vec<Part>,
    text: String,
    slots: usize,
    faults: Vec<TemplateFault>,
}

impl Reader {
    fn end_text(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.parts.push(Part::Text(text.into()));
        }
    }

    fn fault(&mut self, fault: TemplateFault) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        }
    }

    /// Takes what stands between the braces of a placeholder.
    fn slot(&mut self, body: &str, at: impl FnOnce() -> usize) {
        self.slots += 1;
        let (name, fallback) = match body.split_once('|') {
            Some((name, fallback)) => (name.trim(), fallback.trim()),
            None => (body.trim(), ""),
        };
        let Some(placeholder) = Placeholder::of(name) else {
            let name = name.chars().take(NAME_SHOWN_MAX).collect::<String>();
            let (name, at) = (name.into(), at());
            return self.fault(TemplateFault::Unknown { name, at });
        };
        if fallback.chars().count() > FALLBACK_CHARS_MAX {
            return self.fault(TemplateFault::LongFallback { at: at() });
        }
        self.end_text();
        self.parts.push(Part::Slot(Slot {
            placeholder,
            fallback: (!fallback.is_empty()).then(|| fallback.into()),
        }));
    }

    fn end(mut self) -> Result<Vec<Part>, Vec<TemplateFault>> {
        if self.slots > SLOTS_MAX {
            self.fault(TemplateFault::TooMany);
        }
        self.end_text();
        if self.faults.is_empty() {
            Ok(self.parts)
        } else {
            Err(self.faults)
        }
    }
}

/// Takes a source apart. The time is linear in its length: a character is looked at once for the braces that open, and
/// once more for those that close.
///
/// # Errors
/// All that is wrong with its placeholders, up to a hundred things.
pub(super) fn parts(source: &str) -> Result<Vec<Part>, Vec<TemplateFault>> {
    let mut reader = Reader::default();
    let mut rest = source;
    while let Some(opens) = rest.find("{{") {
        let (before, opened) = rest.split_at(opens);
        let body = opened.trim_start_matches('{');
        let run = &opened[..opened.len() - body.len()];
        if let Some(before) = before.strip_suffix('\\') {
            reader.text.push_str(before);
            reader.text.push_str(run);
            rest = body;
            continue;
        }
        reader.text.push_str(before);
        reader.text.push_str(&run[2..]);
        let begins = source.len() - body.len() - 2;
        // Counted for faults only, of which there is a bound.
        let is_told = reader.faults.len() < FAULTS_MAX;
        let at = || {
            if is_told {
                source[..begins].chars().count() + 1
            } else {
                0
            }
        };
        if let Some(end) = closes(body) {
            reader.slot(&body[..end], at);
            rest = &body[end + 2..];
        } else {
            reader.fault(TemplateFault::Unclosed { at: at() });
            rest = body;
        }
    }
    reader.text.push_str(rest);
    reader.end()
}

/// Where the braces stand that close a placeholder.
fn closes(body: &str) -> Option<usize> {
    let bytes = body.as_bytes();
    for (place, byte) in bytes.iter().enumerate() {
        let is_pair = bytes.get(place + 1) == Some(byte);
        match byte {
            b'}' if is_pair => return Some(place),
            b'{' if is_pair => return None,
            b'\n' | b'\r' => return None,
            _ => {}
        }
    }
    None
}
