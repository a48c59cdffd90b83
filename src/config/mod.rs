//! The configuration of a process.
//!
//! Owns where settings come from, in which order, and that all of them are checked together:
//! nothing starts on a fault, and every fault is named with its source. Must not hold defaults,
//! which stand in `config/default.toml`, nor make anything of the values. Loaded once, by `app`;
//! the sections are handed to the modules that they are for.

mod error;
mod layers;
mod sections;
mod value;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;

use crate::domain::Invalid;
use crate::faults::{Fault, FaultCode, Faults, read};
use layers::Layers;

pub use error::{ConfigError, Misfit};
pub use sections::{
    Auth, Config, Database, Demo, Engine, Files, Http, Journal, Limits, Log, LogFormat, Metrics,
    Node, Platform, Socket, Widget,
};
pub use value::{Origin, Secret};

/// The environment when none is named.
const ENVIRONMENT: &str = "development";
/// The folder of the files when none is named.
const FOLDER: &str = "./config";
/// The variable that names the environment.
const ENVIRONMENT_VARIABLE: &str = "DESKBELL_ENVIRONMENT";

/// What the command line says about the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Which file is laid over the defaults; `DESKBELL_ENVIRONMENT` when `None`.
    pub environment: Option<String>,
    /// The folder of that file.
    pub config_dir: Option<PathBuf>,
    /// `section.key` and value, in order; they beat everything else.
    pub overrides: Vec<(String, String)>,
}

/// A configuration that is in order, and where its values come from.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// The environment that was loaded.
    pub environment: String,
    effective: String,
}

impl Loaded {
    /// The effective configuration as a file would have it, each value with its source, secrets
    /// redacted.
    #[must_use]
    pub fn render(&self) -> &str {
        &self.effective
    }
}

/// Loads the configuration from the files, the variables of the process and the flags.
///
/// # Errors
/// Names everything that is wrong, with where it comes from.
pub fn load(options: &Options) -> Result<Loaded, ConfigError> {
    load_from(options, std::env::vars_os().collect())
}

/// Loads the configuration with the given variables in place of those of the process.
///
/// # Errors
/// As [`load`].
pub fn load_from(
    options: &Options,
    variables: Vec<(OsString, OsString)>,
) -> Result<Loaded, ConfigError> {
    let environment = environment(options, &variables)?;
    let mut layers = Layers::defaults();
    let folder = options.config_dir.clone().unwrap_or_else(|| FOLDER.into());
    layers.file(&folder.join(format!("{environment}.toml")));
    layers.environment(variables);
    for (path, text) in &options.overrides {
        layers.set(path, text, "the command line");
    }
    layers.read_secrets();

    let (config, faults) = match read::<Config>(layers.tree()) {
        Ok(config) => {
            let faults = config.contradictions();
            (Some(config), faults)
        }
        Err(faults) => (None, faults),
    };
    let mut misfits = std::mem::take(&mut layers.misfits);
    misfits.extend(faults.0.into_iter().map(|fault| misfit(&layers, fault)));
    match config {
        Some(config) if misfits.is_empty() => {
            let effective = render(&config, &layers);
            Ok(Loaded {
                config,
                environment,
                effective,
            })
        }
        _ => Err(ConfigError { misfits }),
    }
}

/// Finds the environment's name. It becomes part of a file's name, so it must be a plain word.
fn environment(
    options: &Options,
    variables: &[(OsString, OsString)],
) -> Result<String, ConfigError> {
    let variable = || {
        let (_, value) = variables
            .iter()
            .find(|(name, _)| name == ENVIRONMENT_VARIABLE)?;
        Some((value.to_string_lossy().into_owned(), ENVIRONMENT_VARIABLE))
    };
    let flag = options
        .environment
        .clone()
        .map(|name| (name, "--environment"));
    let (name, source) = flag
        .or_else(variable)
        .unwrap_or((ENVIRONMENT.to_owned(), "default"));
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.len() <= 64 && name.chars().all(plain) {
        return Ok(name);
    }
    Err(ConfigError {
        misfits: vec![Misfit {
            path: "environment".to_owned(),
            source: source.to_owned(),
            detail: "must be a word of letters, digits, - and _".to_owned(),
        }],
    })
}

fn misfit(layers: &Layers, fault: Fault) -> Misfit {
    let path = fault.pointer.trim_start_matches('/').replace('/', ".");
    let key: Vec<_> = path.splitn(3, '.').take(2).collect();
    let source = layers.source(&key.join(".")).to_owned();
    Misfit {
        path,
        source,
        detail: fault.detail,
    }
}

fn render(config: &Config, layers: &Layers) -> String {
    let mut text = String::new();
    // Plain structs of plain values, written into a text: nothing of this can fail.
    let tree = serde_json::to_value(config).unwrap_or_default();
    for (section, keys) in tree.as_object().into_iter().flatten() {
        let _ = writeln!(text, "[{section}]");
        for (key, value) in keys.as_object().into_iter().flatten() {
            let source = layers.source(&format!("{section}.{key}"));
            // JSON's texts, numbers and lists are TOML's too.
            let _ = writeln!(text, "{key} = {value} # {source}");
        }
        text.push('\n');
    }
    text
}

impl Config {
    /// The defaults alone, as they stand in `config/default.toml`.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "compiled in; a test reads it, so it cannot fail in a release"
    )]
    pub fn built_in() -> Self {
        read(Layers::defaults().tree()).expect("config/default.toml is in order")
    }

    /// Values that are in order by themselves, but not together.
    fn contradictions(&self) -> Faults {
        let mut faults = Faults::default();
        let mut wrong = |pointer: &str, detail: &str| {
            let (pointer, code) = (pointer.to_owned(), FaultCode::OutOfRange);
            faults.push(Fault {
                pointer,
                code,
                detail: detail.to_owned(),
            });
        };
        if self.node.lease_renew_ms > self.node.lease_ttl_s * 500 {
            wrong(
                "/node/lease_renew_ms",
                "must be at most half of lease_ttl_s",
            );
        }
        if self.socket.silent_after_s <= self.socket.ping_every_s {
            wrong("/socket/silent_after_s", "must be more than ping_every_s");
        }
        if self.socket.frames_burst < self.socket.frames_per_second_max {
            wrong(
                "/socket/frames_burst",
                "must be at least frames_per_second_max",
            );
        }
        if self.limits.requests_burst < self.limits.requests_per_second {
            wrong(
                "/limits/requests_burst",
                "must be at least requests_per_second",
            );
        }
        let key = self.platform.key.expose();
        if !key.is_empty() && key.chars().count() < 16 {
            faults.extend(Faults::invalid(
                "/platform/key",
                Invalid::TooShort { min: 16 },
            ));
        }
        faults.extend(self.database.contradictions());
        faults.extend(self.files.contradictions());
        faults
    }
}

impl Files {
    /// Whether an S3-compatible store keeps them.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        !self.s3_bucket.is_empty()
    }

    fn contradictions(&self) -> Faults {
        let needed = [
            ("s3_region", self.s3_region.is_empty()),
            ("s3_access_key_id", self.s3_access_key_id.is_empty()),
            ("s3_secret_access_key", self.s3_secret_access_key.is_empty()),
        ];
        let mut faults = Faults::default();
        for (key, missing) in needed {
            if self.is_remote() && missing {
                let detail = "s3_bucket needs it";
                let pointer = format!("/files/{key}");
                faults.extend(Faults::one(pointer, FaultCode::Required, detail));
            }
        }
        let stray = self.s3_endpoint.is_some()
            || !self.s3_access_key_id.is_empty()
            || !self.s3_secret_access_key.is_empty();
        if !self.is_remote() && stray {
            let detail = "the other keys of S3 are set, so name the bucket too";
            faults.extend(Faults::one("/files/s3_bucket", FaultCode::Required, detail));
        }
        faults
    }
}

impl Database {
    /// Whether the server runs a private Postgres, since no other is named.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.url.is_empty() && self.app_url.is_empty()
    }

    fn contradictions(&self) -> Faults {
        let roles = [
            ("app_url", &self.app_url),
            ("journal_url", &self.journal_url),
            ("system_url", &self.system_url),
            ("owner_url", &self.owner_url),
        ];
        let mut faults = Faults::default();
        let some = roles.iter().any(|(_, url)| !url.is_empty());
        for (key, url) in roles {
            let pointer = format!("/database/{key}");
            if some && url.is_empty() {
                let detail = "give the address of all four roles or of none";
                faults.extend(Faults::one(pointer, FaultCode::Required, detail));
            } else if some && !self.url.is_empty() {
                let detail = "give url or one address for each role, not both";
                faults.extend(Faults::one(pointer, FaultCode::Duplicate, detail));
            }
        }
        for (key, url) in roles.into_iter().chain([("url", &self.url)]) {
            let text = url.expose();
            let known = ["postgres://", "postgresql://"]
                .iter()
                .any(|form| text.starts_with(form));
            if !text.is_empty() && !known {
                let invalid = Invalid::BadFormat("an address such as postgres://user@host/name");
                faults.extend(Faults::invalid(format!("/database/{key}"), invalid));
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests;
