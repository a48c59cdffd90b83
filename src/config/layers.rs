//! The layers that make a configuration, and which of them each value comes from.
//!
//! Owns the order of the layers, the merge and the reading of secrets from files. Must not know
//! what any key means: `sections.rs` checks the result.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use serde_json::{Map, Value};

use super::error::Misfit;

/// The manual and the defaults.
const DEFAULT: &str = include_str!("../../config/default.toml");

/// What the names of our environment variables begin with.
const PREFIX: &str = "DESKBELL__";

/// The keys that hold a secret; each can also be given as `{key}_file`.
const SECRETS: [(&str, &str); 7] = [
    ("database", "url"),
    ("database", "app_url"),
    ("database", "journal_url"),
    ("database", "system_url"),
    ("database", "owner_url"),
    ("platform", "key"),
    ("files", "s3_secret_access_key"),
];

/// What has been merged so far.
pub(super) struct Layers {
    tree: Map<String, Value>,
    sources: BTreeMap<String, String>,
    pub(super) misfits: Vec<Misfit>,
}

impl Layers {
    /// The defaults alone.
    #[expect(
        clippy::expect_used,
        reason = "compiled in; a test reads it, so it cannot fail in a release"
    )]
    pub(super) fn defaults() -> Self {
        let table: toml::Table = DEFAULT.parse().expect("config/default.toml is valid");
        let tree = object(table);
        Self {
            tree,
            sources: BTreeMap::new(),
            misfits: Vec::new(),
        }
    }

    /// Lays a file over it, if there is one.
    pub(super) fn file(&mut self, path: &Path) {
        let name = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return self.misfit("", &name, format!("cannot be read: {error}")),
        };
        match text.parse::<toml::Table>() {
            Ok(table) => self.merge(object(table), &name),
            Err(error) => {
                // The library's own text quotes the line, which may hold a secret.
                let line = error.span().and_then(|span| text.get(..span.start));
                let line = line.map_or(1, |before| before.matches('\n').count() + 1);
                self.misfit("", &name, format!("line {line}: {}", error.message()));
            }
        }
    }

    fn merge(&mut self, layer: Map<String, Value>, source: &str) {
        for (section, value) in layer {
            match (self.tree.get_mut(&section), value) {
                (Some(Value::Object(known)), Value::Object(keys)) => {
                    for (key, value) in keys {
                        self.sources
                            .insert(format!("{section}.{key}"), source.to_owned());
                        known.insert(key, value);
                    }
                }
                (_, value) => {
                    self.sources.insert(section.clone(), source.to_owned());
                    self.tree.insert(section, value);
                }
            }
        }
    }

    /// Lays environment variables over it.
    pub(super) fn environment(
        &mut self,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) {
        let mut ours: Vec<_> = variables
            .into_iter()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, _)| name.starts_with(PREFIX))
            .collect();
        ours.sort();
        for (name, value) in ours {
            let path = name
                .trim_start_matches(PREFIX)
                .to_ascii_lowercase()
                .replace("__", ".");
            match value.into_string() {
                Ok(text) => self.set(&path, &text, &name),
                Err(_) => self.misfit(&path, &name, "must be valid UTF-8".to_owned()),
            }
        }
    }

    /// Sets one key from a text, which takes the type that the key has by default.
    pub(super) fn set(&mut self, path: &str, text: &str, source: &str) {
        let Some((section, key)) = path.split_once('.').filter(|(_, key)| !key.contains('.'))
        else {
            return self.misfit(path, source, "must name a section and a key".to_owned());
        };
        let typed = typed(text, self.tree.get(section).and_then(|keys| keys.get(key)));
        let layer = Map::from_iter([(key.to_owned(), typed)]);
        if self
            .tree
            .get(section)
            .is_some_and(|section| !section.is_object())
        {
            return; // Named already: the file has something else than a section there.
        }
        self.merge(
            Map::from_iter([(section.to_owned(), Value::Object(layer))]),
            source,
        );
    }

    /// Replaces `{secret}_file` by what the file holds.
    pub(super) fn read_secrets(&mut self) {
        for (section, key) in SECRETS {
            let file_key = format!("{key}_file");
            let Some(Value::Object(keys)) = self.tree.get_mut(section) else {
                continue;
            };
            let Some(Value::String(path)) = keys.remove(&file_key) else {
                continue;
            };
            let set = keys
                .get(key)
                .and_then(Value::as_str)
                .is_some_and(|text| !text.is_empty());
            let source = self.source(&format!("{section}.{file_key}")).to_owned();
            let here = format!("{section}.{file_key}");
            if path.is_empty() {
                continue;
            }
            if set {
                self.misfit(
                    &here,
                    &source,
                    format!("give {key} or {file_key}, not both"),
                );
                continue;
            }
            match std::fs::read_to_string(&path) {
                Ok(text) => self.set(&format!("{section}.{key}"), text.trim_end(), &path),
                Err(error) => {
                    self.misfit(&here, &source, format!("{path} cannot be read: {error}"));
                }
            }
        }
    }

    /// Where the value of `section.key` comes from.
    pub(super) fn source(&self, path: &str) -> &str {
        let section = path.split('.').next().unwrap_or_default();
        let named = self.sources.get(path).or_else(|| self.sources.get(section));
        named.map_or("default", String::as_str)
    }

    /// What has been merged, to be read and checked.
    pub(super) fn tree(&self) -> Value {
        Value::Object(self.tree.clone())
    }

    fn misfit(&mut self, path: &str, source: &str, detail: String) {
        self.misfits.push(Misfit {
            path: path.to_owned(),
            source: source.to_owned(),
            detail,
        });
    }
}

/// Reads a text as the type of the value that it replaces. A text that is not of that type stays
/// one, so that the check names it.
fn typed(text: &str, default: Option<&Value>) -> Value {
    let entries = || {
        text.split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
    };
    let read = match default {
        Some(Value::Number(_)) => text.trim().parse::<i64>().ok().map(Value::from),
        Some(Value::Bool(_)) => text.trim().parse::<bool>().ok().map(Value::from),
        Some(Value::Array(_)) => Some(entries().map(Value::from).collect()),
        _ => None,
    };
    read.unwrap_or_else(|| Value::from(text))
}

fn object(table: toml::Table) -> Map<String, Value> {
    table
        .into_iter()
        .map(|(key, value)| (key, json(value)))
        .collect()
}

fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(entries) => entries.into_iter().map(json).collect(),
        toml::Value::Table(table) => Value::Object(object(table)),
    }
}
