//! The values of the configuration that are more than a number or a word.
//!
//! Owns secrets, origins, paths and how they are read and shown. Must not read files or variables.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use ipnet::IpNet;
use serde::{Serialize, Serializer};

use crate::domain::{Invalid, NodeId};
use crate::faults::{Faults, pointer, read_from_text};

/// A text that no log and no print shows. Empty means that it is not set.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// What is shown in its place.
    pub const REDACTED: &str = "[redacted]";

    /// Keeps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one who needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is not set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Self::REDACTED)
    }
}

impl std::fmt::Display for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Self::REDACTED)
    }
}

impl Serialize for Secret {
    /// Shows whether it is set, not what it is.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.is_empty() { "" } else { Self::REDACTED })
    }
}

impl FromStr for Secret {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Ok(Self(text.to_owned()))
    }
}

/// The origin of a web page: scheme, host and port, as a browser sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Origin(String);

impl Origin {
    /// The text, in lower case and without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let url =
            web_url(text).ok_or(Invalid::BadFormat("an origin such as https://example.com"))?;
        let bare = url.path() == "/" && url.query().is_none() && !text.ends_with('/');
        if bare && url.authority().is_some() {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err(Invalid::BadFormat(
            "an origin such as https://example.com, without a path",
        ))
    }
}

read_from_text! { Secret, Origin }

fn web_url(text: &str) -> Option<axum::http::Uri> {
    let url: axum::http::Uri = text.parse().ok()?;
    matches!(url.scheme_str(), Some("http" | "https")).then_some(url)
}

/// Reads the address at which the outside reaches the server; empty is none.
pub(super) fn absolute_url(text: &str) -> Result<Option<String>, Invalid> {
    if text.is_empty() {
        return Ok(None);
    }
    match web_url(text) {
        Some(url) if url.query().is_none() => Ok(Some(text.trim_end_matches('/').to_owned())),
        _ => Err(Invalid::BadFormat(
            "an address such as https://chat.example.com",
        )),
    }
}

/// Reads the name of a header, in lower case; empty is none.
pub(super) fn header_name(text: &str) -> Result<Option<String>, Invalid> {
    if text.is_empty() {
        return Ok(None);
    }
    match axum::http::HeaderName::from_bytes(text.as_bytes()) {
        Ok(name) => Ok(Some(name.as_str().to_owned())),
        Err(_) => Err(Invalid::BadFormat(
            "the name of a header such as cf-ipcountry",
        )),
    }
}

/// Reads a path; empty is none.
pub(super) fn file_path(text: &str) -> Option<PathBuf> {
    Some(text)
        .filter(|text| !text.is_empty())
        .map(PathBuf::from)
}

/// Reads a path that must be named.
pub(super) fn not_empty(text: &str) -> Result<PathBuf, Invalid> {
    file_path(text).ok_or(Invalid::TooShort { min: 1 })
}

/// Reads a node's id; empty is none.
pub(super) fn node_id(text: &str) -> Result<Option<NodeId>, Invalid> {
    if text.is_empty() {
        Ok(None)
    } else {
        text.parse().map(Some)
    }
}

/// Checks what is logged.
pub(super) fn log_filter(text: &str) -> Result<String, Invalid> {
    match tracing_subscriber::EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(Invalid::BadFormat(
            "a level, or module=level pairs separated by commas",
        )),
    }
}

/// Shows nothing as an empty text, as it is written in the file.
#[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
pub(super) fn or_empty<T: Serialize, S: Serializer>(
    value: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => value.serialize(serializer),
        None => serializer.serialize_str(""),
    }
}

fn parsed<T: FromStr, V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
    form: &'static str,
) -> Result<T, Faults> {
    let text = String::deserialize_from_value(value, location)?;
    text.parse()
        .map_err(|_| Faults::invalid(pointer(location), Invalid::BadFormat(form)))
}

impl Deserr<Faults> for SocketAddr {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        parsed(
            value,
            location,
            "an IP address with a port, such as 127.0.0.1:8080",
        )
    }
}

impl Deserr<Faults> for IpNet {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        parsed(value, location, "a network such as 10.0.0.0/8")
    }
}
