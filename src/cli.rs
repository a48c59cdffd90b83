//! The command line.
//!
//! Owns its commands and flags, and how flags become settings. Must not run anything: `app` does.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::config::Options;

/// What was typed.
#[derive(Debug, Clone, PartialEq, Eq, Parser)]
#[command(
    name = "deskbell",
    about = "A live-chat backend for many tenants",
    version
)]
pub struct Cli {
    // A value and not a sub-command, whose repeated flags would silently replace those before it.
    /// What to do
    #[arg(value_enum, default_value_t, value_name = "COMMAND")]
    command: Command,

    /// Folder of {environment}.toml [default: ./config]
    #[arg(long, value_name = "FOLDER")]
    config_dir: Option<PathBuf>,

    /// Which file is laid over the defaults [default: what `DESKBELL_ENVIRONMENT` says, or
    /// development]
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,

    /// Where to listen, the same as `--set http.listen=ADDRESS`
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,

    /// Where to keep data, the same as `--set database.data_dir=FOLDER`
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<String>,

    /// Sets one key of the configuration; can be repeated
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
}

/// What there is to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Command {
    /// Run the server
    #[default]
    Serve,
    /// Bring the database's schema up to date, and end
    Migrate,
    /// Check the configuration and print what is in effect, secrets redacted
    CheckConfig,
    /// Print the `OpenAPI` document, of the calls over HTTP
    Openapi,
    /// Print the `AsyncAPI` document, of the sockets
    Asyncapi,
}

impl Cli {
    /// Reads the arguments of the process. Prints help, or what is wrong, and ends the process
    /// where that is all that there is to do.
    #[must_use]
    pub fn read() -> Self {
        Self::parse()
    }

    /// Reads arguments, the first of which is the program's name.
    ///
    /// # Errors
    /// What is wrong, or the help that was asked for; both know how to print themselves.
    pub fn read_from<A: Into<OsString> + Clone>(
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<Self, clap::Error> {
        Self::try_parse_from(arguments)
    }

    /// What is to be done.
    #[must_use]
    pub fn command(&self) -> Command {
        self.command
    }

    /// What it says about the configuration. A flag of its own beats `--set` for the same key.
    #[must_use]
    pub fn options(&self) -> Options {
        let named = [
            ("http.listen", &self.listen),
            ("database.data_dir", &self.data_dir),
        ];
        let named = named.into_iter().filter_map(|(key, value)| {
            let value = value.clone()?;
            Some((key.to_owned(), value))
        });
        Options {
            environment: self.environment.clone(),
            config_dir: self.config_dir.clone(),
            overrides: self.settings.iter().cloned().chain(named).collect(),
        }
    }
}

/// Reads `section.key=value`. Whether there is such a key is for the configuration to say, with all
/// else.
fn setting(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((key, value)) if key.contains('.') => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("must be section.key=value"),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Cli, Command};

    fn read(arguments: &str) -> Result<Cli, clap::Error> {
        Cli::read_from(std::iter::once("deskbell").chain(arguments.split_whitespace()))
    }

    #[test]
    fn the_definition_is_sound() {
        <Cli as CommandFactory>::command().debug_assert();
    }

    #[test]
    fn serving_is_what_is_done_unless_something_else_is_asked_for() {
        assert_eq!(read("").unwrap().command(), Command::Serve);
        assert_eq!(
            read("check-config").unwrap().command(),
            Command::CheckConfig
        );
        assert_eq!(
            read("--listen [::1]:80 migrate").unwrap().command(),
            Command::Migrate
        );
        assert!(read("fly").is_err());
    }

    #[test]
    fn flags_become_settings_on_either_side_of_the_command() {
        let cli = read(
            "--set http.listen=a --environment test serve --set log.filter=x=debug --listen b \
             --data-dir d --config-dir c",
        );

        let options = cli.unwrap().options();

        let pair = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        let expected = [
            ("http.listen", "a"),
            ("log.filter", "x=debug"),
            ("http.listen", "b"),
            ("database.data_dir", "d"),
        ];
        assert_eq!(options.overrides, expected.map(pair));
        assert_eq!(options.environment.as_deref(), Some("test"));
        assert_eq!(options.config_dir, Some("c".into()));
        assert!(read("--set listen=1").is_err());
        assert!(read("--set http.listen").is_err());
    }
}
