//! An address with placeholders.

use std::fmt::Write as _;
use std::sync::Arc;

use super::super::{Invalid, bounded};
use super::slot::{Part, TemplateFault, TemplateFaults, TemplateValues, parts};

/// The most characters of the source: what fits into the address bar of every browser.
const CHARS_MAX: usize = 2000;
/// The most bytes of an address: servers refuse longer ones.
const FILLED_MAX: usize = 8192;
const SCHEME: &str = "https://";

/// An `https` address with placeholders behind its host, 1 to 2,000 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlTemplate {
    source: Arc<str>,
    parts: Arc<[Part]>,
}

impl UrlTemplate {
    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The address for one chat; `None` when it is longer than 8,192 bytes. What is put in the place of a placeholder is
    /// percent-encoded, so it is a part of one segment or one parameter. A value of dots alone says nothing: as a segment
    /// it would lead elsewhere, however it is encoded.
    #[must_use]
    pub fn fill(&self, values: &TemplateValues<'_>) -> Option<String> {
        let mut filled = String::with_capacity(self.source.len());
        for part in &*self.parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Slot(slot) => {
                    let value = slot.value(values).filter(|value| !is_dots(value));
                    let fallback = slot.fallback.as_deref();
                    encode(
                        value.as_deref().or(fallback).unwrap_or_default(),
                        &mut filled,
                    );
                }
            }
        }
        (filled.len() <= FILLED_MAX).then_some(filled)
    }
}

/// As it was written.
impl serde::Serialize for UrlTemplate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl<'de> serde::Deserialize<'de> for UrlTemplate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let read = text.parse();
        read.map_err(|_: TemplateFaults| {
            serde::de::Error::custom("not an address with placeholders")
        })
    }
}

impl std::str::FromStr for UrlTemplate {
    type Err = TemplateFaults;

    fn from_str(text: &str) -> Result<Self, TemplateFaults> {
        let text = text.trim();
        bounded(text, 1, CHARS_MAX)?;
        let mut faults = Vec::new();
        if let Err(invalid) = check_host(text) {
            faults.push(TemplateFault::Text(invalid));
        }
        match parts(text) {
            Err(more) => faults.extend(more),
            Ok(parts) if faults.is_empty() => {
                check_texts(&parts)?;
                return Ok(Self {
                    source: text.into(),
                    parts: parts.into(),
                });
            }
            Ok(_) => {}
        }
        Err(TemplateFaults(faults))
    }
}

/// The scheme and the host stand there as they are: whoever fills a placeholder must not choose where an agent is led.
fn check_host(text: &str) -> Result<(), Invalid> {
    let bad = Err(Invalid::BadFormat("an https address"));
    let Some(rest) = text.strip_prefix(SCHEME) else {
        return bad;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    if authority.contains("{{") {
        return Err(Invalid::BadFormat(
            "an https address whose host has no placeholder",
        ));
    }
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let label = |label: &str| {
        let inner = label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-');
        inner && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    if host.split('.').all(label) && port.parse::<u16>().is_ok() {
        Ok(())
    } else {
        bad
    }
}

/// What stands between placeholders is what an address is made of (RFC 3986, section 2).
fn check_texts(parts: &[Part]) -> Result<(), Invalid> {
    let is_fit = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    let is_text = |part: &Part| match part {
        Part::Text(text) => text.bytes().all(is_fit),
        Part::Slot(_) => true,
    };
    if parts.iter().all(is_text) {
        Ok(())
    } else {
        Err(Invalid::BadFormat(
            "an https address, percent-encoded where it must be",
        ))
    }
}

fn is_dots(value: &str) -> bool {
    value.chars().all(|c| c == '.')
}

/// Keeps what needs no encoding anywhere in an address (RFC 3986, section 2.3).
fn encode(value: &str, to: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            to.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(to, "%{byte:02X}");
        }
    }
}
