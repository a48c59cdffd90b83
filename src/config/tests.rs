//! What a process does and does not start with.

use std::collections::BTreeSet;
use std::ffi::OsString;

use serde_json::Value;

use super::layers::Layers;
use super::{Config, ConfigError, Loaded, Options, load_from};

fn load(
    files: &[(&str, &str)],
    variables: &[(&str, &str)],
    flags: &[(&str, &str)],
) -> Result<Loaded, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let texts = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    let options = Options {
        environment: None,
        config_dir: Some(folder.path().to_owned()),
        overrides: flags.iter().map(texts).collect(),
    };
    let variables = variables
        .iter()
        .map(|(a, b)| (OsString::from(a), OsString::from(b)));
    load_from(&options, variables.collect())
}

/// `path`, `source` and `detail` of every fault, sorted; the folder of a file is left out.
fn faults(result: Result<Loaded, ConfigError>) -> Vec<(String, String, String)> {
    let short = |source: String| source.rsplit('/').next().unwrap_or_default().to_owned();
    let misfits = result.unwrap_err().misfits.into_iter();
    let mut all: Vec<_> = misfits
        .map(|m| (m.path, short(m.source), m.detail))
        .collect();
    all.sort();
    all
}

fn fault(path: &str, source: &str, detail: &str) -> (String, String, String) {
    (path.to_owned(), source.to_owned(), detail.to_owned())
}

fn keys(tree: &Value) -> BTreeSet<String> {
    let sections = tree.as_object().unwrap().iter();
    sections
        .flat_map(|(section, keys)| {
            keys.as_object()
                .unwrap()
                .keys()
                .map(move |key| format!("{section}.{key}"))
        })
        .collect()
}

#[test]
fn the_default_file_has_every_key_of_the_struct_and_no_other() {
    let default = Layers::defaults().tree();

    // Reading proves that no key is missing or unknown, writing that every key is read back as it
    // stands.
    let config = serde_json::to_value(Config::built_in()).unwrap();

    assert_eq!(keys(&default), keys(&config));
    assert_eq!(default, config);
    assert!(Config::built_in().contradictions().0.is_empty());
}

#[test]
fn the_files_of_the_repository_are_in_order() {
    for environment in ["development", "test"] {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/config");
        let options = Options {
            environment: Some(environment.to_owned()),
            config_dir: Some(folder.into()),
            overrides: Vec::new(),
        };
        let loaded = load_from(&options, Vec::new()).unwrap();
        assert_eq!(loaded.environment, environment);
    }
}

#[test]
fn a_later_layer_beats_an_earlier_one() {
    let loaded = load(
        &[
            (
                "development.toml",
                "[http]\nlisten = \"127.0.0.1:1\"\nrequest_timeout_s = 5\n",
            ),
            ("other.toml", "[http]\nrequest_timeout_s = 6\n"),
        ],
        &[
            ("DESKBELL__HTTP__LISTEN", "127.0.0.1:2"),
            ("DESKBELL__HTTP__TRUSTED_PROXIES", "10.0.0.0/8, ::1/128"),
            ("DESKBELL__DATABASE__DURABLE", "false"),
            ("DESKBELL__AUTH__ACCESS_TOKEN_S", "60"),
            ("DESKBELL_OTHER", "ignored"),
        ],
        &[("http.listen", "127.0.0.1:3")],
    )
    .unwrap();

    let config = &loaded.config;
    assert_eq!(config.http.listen.port(), 3);
    assert_eq!(config.http.request_timeout_s, 5);
    assert_eq!(config.http.trusted_proxies.len(), 2);
    assert!(!config.database.durable);
    assert_eq!(config.auth.access_token_s, 60);
    assert_eq!(
        load(&[], &[("DESKBELL_ENVIRONMENT", "other")], &[])
            .unwrap()
            .environment,
        "other"
    );
}

#[test]
fn every_fault_is_named_at_once_with_its_source() {
    let found = faults(load(
        &[(
            "development.toml",
            "[htp]\nlisten = 1\n[socket]\nframe_bytes = 1\nping_every_s = \"8\"\n",
        )],
        &[
            ("DESKBELL__HTTP__LISTEN", "nowhere"),
            ("DESKBELL__HTTP__TRUSTED_PROXIES", "10.0.0.0/8,x"),
            ("DESKBELL__ENGINE__BATCH_MAX", "many"),
            ("DESKBELL__LOG", "debug"),
        ],
        &[("log.format", "xml"), ("engine.mailbox_max", "0")],
    ));

    assert_eq!(
        found,
        [
            fault(
                "engine.batch_max",
                "DESKBELL__ENGINE__BATCH_MAX",
                "expected a whole number, found a text"
            ),
            fault(
                "engine.mailbox_max",
                "the command line",
                "must be between 16 and 65536"
            ),
            fault(
                "http.listen",
                "DESKBELL__HTTP__LISTEN",
                "must be an IP address with a port, such as 127.0.0.1:8080"
            ),
            fault(
                "http.trusted_proxies.1",
                "DESKBELL__HTTP__TRUSTED_PROXIES",
                "must be a network such as 10.0.0.0/8"
            ),
            fault(
                "htp",
                "development.toml",
                "there is no such field; did you mean http?"
            ),
            fault("log", "DESKBELL__LOG", "must name a section and a key"),
            fault(
                "log.format",
                "the command line",
                "must be one of text, json"
            ),
            fault(
                "socket.frame_bytes",
                "development.toml",
                "there is no such field; did you mean frame_bytes_max?"
            ),
            fault(
                "socket.ping_every_s",
                "development.toml",
                "expected a whole number, found a text"
            ),
        ]
        .into_iter()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
    );
}

#[test]
fn values_that_contradict_each_other_are_named() {
    let found = faults(load(
        &[],
        &[
            ("DESKBELL__DATABASE__APP_URL", "postgres://app@db/x"),
            ("DESKBELL__PLATFORM__KEY", "short"),
        ],
        &[
            ("node.lease_renew_ms", "3000"),
            ("socket.ping_every_s", "18"),
            ("database.url", "mysql:"),
        ],
    ));

    let paths: Vec<_> = found.iter().map(|(path, _, _)| path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "database.app_url",
            "database.journal_url",
            "database.owner_url",
            "database.system_url",
            "database.url",
            "node.lease_renew_ms",
            "platform.key",
            "socket.silent_after_s",
        ]
    );
}

#[test]
fn a_bucket_needs_all_that_it_is_reached_by() {
    let paths = |flags: &[(&str, &str)]| {
        let found = faults(load(&[], &[], flags)).into_iter();
        found.map(|(path, _, _)| path).collect::<Vec<_>>()
    };
    let secret = ("files.s3_secret_access_key", "0123456789abcdef");

    assert_eq!(
        paths(&[("files.s3_bucket", "a"), ("files.s3_region", "")]),
        [
            "files.s3_access_key_id",
            "files.s3_region",
            "files.s3_secret_access_key"
        ]
    );
    assert_eq!(paths(&[secret]), ["files.s3_bucket"]);
    let whole = [
        ("files.s3_bucket", "a"),
        ("files.s3_access_key_id", "b"),
        secret,
    ];
    let loaded = load(&[], &[], &whole).unwrap();
    assert!(loaded.config.files.is_remote());
    for shown in [loaded.render().to_owned(), format!("{:?}", loaded.config)] {
        assert!(!shown.contains(secret.1));
    }
    assert!(!load(&[], &[], &[]).unwrap().config.files.is_remote());
}

#[test]
fn a_secret_is_read_from_a_file_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("platform_key");
    std::fs::write(&path, "0123456789abcdef\n").unwrap();
    let path = path.to_str().unwrap();

    let loaded = load(&[], &[("DESKBELL__PLATFORM__KEY_FILE", path)], &[]).unwrap();
    assert_eq!(loaded.config.platform.key.expose(), "0123456789abcdef");
    assert!(loaded.render().contains("key = \"[redacted]\""));
    assert!(
        loaded
            .render()
            .contains("listen = \"127.0.0.1:8080\" # default")
    );
    for shown in [loaded.render().to_owned(), format!("{:?}", loaded.config)] {
        assert!(!shown.contains("0123456789abcdef"));
    }
    assert!(loaded.render().parse::<toml::Table>().is_ok());

    let both = [
        ("platform.key", "0123456789abcdef"),
        ("platform.key_file", path),
    ];
    assert_eq!(
        faults(load(&[], &[], &both)),
        [fault(
            "platform.key_file",
            "the command line",
            "give key or key_file, not both"
        )]
    );
    let missing = faults(load(&[], &[], &[("platform.key_file", "/nowhere/at/all")]));
    assert_eq!(missing.len(), 1);
}

#[test]
fn a_broken_file_is_named_with_its_line_but_not_quoted() {
    let text = "[platform]\nkey = \"very secret\" oops\n";

    let found = faults(load(&[("development.toml", text)], &[], &[]));

    assert_eq!(found.len(), 1);
    assert!(found[0].2.starts_with("line 2: "), "{found:?}");
    assert!(!found[0].2.contains("very secret"), "{found:?}");
}

#[test]
fn an_environment_is_a_plain_word() {
    assert_eq!(
        faults(load(&[], &[("DESKBELL_ENVIRONMENT", "../etc")], &[])).len(),
        1
    );
}
