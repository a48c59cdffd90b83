//! The shape of the code, checked: who may import whom, how long a file may be, what must not be left behind.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A module, what it may import of ours, and what it may not of others. A module imports itself freely.
struct Row {
    module: &'static str,
    ours: &'static [&'static str],
    never: &'static [&'static str],
}

const ALL: &[&str] = &[
    "domain",
    "engine",
    "reports",
    "protocol",
    "store",
    "cluster",
    "realtime",
    "http",
    "auth",
    "jobs",
    "faults",
    "config",
    "clock",
    "random",
    "telemetry",
    "lifecycle",
    "postgres",
    "files",
    "outbound",
    "cli",
    "app",
];

/// The dependency table. A file of a module may have a stricter row of its own, under its path.
const TABLE: &[Row] = &[
    Row {
        module: "domain",
        ours: &[],
        never: &["tokio", "sqlx", "axum", "tracing", "rand", "reqwest"],
    },
    Row {
        module: "engine",
        ours: &["domain"],
        never: &[
            "tokio",
            "sqlx",
            "axum",
            "tracing",
            "rand",
            "chrono",
            "chrono_tz",
            "reqwest",
        ],
    },
    Row {
        module: "reports",
        ours: &["domain", "engine"],
        never: &[
            "tokio",
            "sqlx",
            "axum",
            "tracing",
            "rand",
            "chrono",
            "chrono_tz",
            "reqwest",
        ],
    },
    Row {
        module: "faults",
        ours: &["domain"],
        never: &["tokio", "sqlx", "axum"],
    },
    Row {
        module: "protocol",
        ours: &["domain", "engine", "faults", "reports"],
        never: &["tokio", "sqlx", "axum"],
    },
    Row {
        module: "store",
        ours: &["domain", "engine", "reports", "telemetry"],
        never: &["axum"],
    },
    Row {
        module: "cluster/lease.rs",
        ours: &["domain"],
        never: &["tokio", "sqlx", "axum"],
    },
    Row {
        module: "cluster",
        ours: &[
            "domain",
            "store",
            "clock",
            "config",
            "lifecycle",
            "telemetry",
        ],
        never: &["sqlx", "axum"],
    },
    Row {
        module: "auth",
        ours: &["domain", "faults", "config", "random"],
        never: &["sqlx", "axum"],
    },
    Row {
        module: "realtime/stream.rs",
        ours: &["domain", "protocol"],
        never: &["tokio", "sqlx", "axum"],
    },
    Row {
        module: "realtime",
        ours: &[
            "domain",
            "engine",
            "protocol",
            "store",
            "cluster",
            "auth",
            "clock",
            "config",
            "random",
            "telemetry",
            "lifecycle",
        ],
        never: &["sqlx"],
    },
    Row {
        module: "http",
        ours: &[
            "domain",
            "engine",
            "reports",
            "protocol",
            "store",
            "cluster",
            "realtime",
            "auth",
            "faults",
            "config",
            "clock",
            "random",
            "telemetry",
            "files",
            "lifecycle",
        ],
        never: &["sqlx"],
    },
    Row {
        module: "jobs",
        ours: &[
            "domain",
            "store",
            "cluster",
            "clock",
            "config",
            "outbound",
            "random",
            "telemetry",
            "lifecycle",
        ],
        never: &["sqlx", "axum"],
    },
    Row {
        module: "outbound",
        ours: &["domain", "config", "clock"],
        never: &["sqlx", "axum"],
    },
    Row {
        module: "postgres",
        ours: &["config", "clock", "random", "lifecycle", "telemetry"],
        never: &["axum"],
    },
    Row {
        module: "files",
        ours: &["domain", "config", "random"],
        never: &["sqlx", "axum"],
    },
    Row {
        module: "clock",
        ours: &["domain"],
        never: &["sqlx", "axum"],
    },
    Row {
        module: "random",
        ours: &["domain"],
        never: &["tokio", "sqlx", "axum"],
    },
    Row {
        module: "config",
        ours: &["faults", "domain"],
        never: &["sqlx", "axum"],
    },
    Row {
        module: "telemetry",
        ours: &["config"],
        never: &["sqlx", "axum"],
    },
    Row {
        module: "lifecycle",
        ours: &["config", "telemetry"],
        never: &["sqlx", "axum"],
    },
    Row {
        module: "cli",
        ours: ALL,
        never: &[],
    },
    Row {
        module: "app",
        ours: ALL,
        never: &[],
    },
    Row {
        module: "main",
        ours: ALL,
        never: &[],
    },
    Row {
        module: "lib",
        ours: ALL,
        never: &[],
    },
];

/// Narrower than a module: (module, the imports that begin with this, the only continuations allowed).
const PARTS: &[(&str, &str, &[&str])] = &[
    // `store` reads the engine's facts; the rules themselves are not its business.
    (
        "store",
        "crate::engine::",
        &[
            "AgentRecord",
            "WorkRecord",
            "AvailabilityChange",
            "Cause",
            "ChatBundle",
            "ChatRecord",
            "ChatEvent",
            "ChatStateView",
            "Aside",
            "ChatView",
            "Departure",
            "HandOverRequest",
            "Transfer",
            "Decision",
            // What a decision is made of.
            "Candidate",
            "ChatPlace",
            "Ineligible",
            "PassedOver",
            "RankValues",
            "TieBreak",
            "DeletedMessage",
            "EditedMessage",
            "Effect",
            "EndedSessions",
            "Event",
            "EventKind",
            "LifeEvent",
            "MarkRaised",
            "MarkRecord",
            "Marks",
            "MessageKind",
            "MessageRecord",
            "MessageView",
            "NoteEvent",
            "NoteRecord",
            "NoteView",
            "Notice",
            "OfferEvent",
            "OfferKey",
            "OfferRecord",
            "OfferView",
            "Onlookers",
            "OfficeAvailability",
            "OfficeRecord",
            "QueueRecord",
            "OfficeView",
            "Parties",
            "PasswordHash",
            "PresenceEvent",
            "PresenceView",
            "PublicAgent",
            "QueueView",
            "Records",
            "SetupEvent",
            "StateRecord",
            "Subject",
            "Violation",
            "WrapUpView",
            "AgentCard",
        ],
    ),
    // What is read for reports is theirs; what it adds up to is not for `store` to say.
    (
        "store",
        "crate::reports::",
        &[
            "ChatLog",
            "Happened",
            "Happening",
            "MissedTarget",
            "OfferEnd",
        ],
    ),
    ("jobs", "crate::cluster::", &["bus"]),
];

/// Known breaches: (file, sentence). The list may only shrink.
const EXCEPTIONS: &[(&str, &str)] = &[];

const LINES_MAX: usize = 600;

/// Words that stay on the author's desk. Split here, so that this file does not name them.
const LEFT_BEHIND: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("#[al", "low("),
    concat!("#![al", "low("),
    concat!("dbg", "!("),
];

const PRINTING: &[&str] = &["println!(", "print!(", "eprintln!(", "eprint!("];

struct Source {
    /// Below `src`, with forward slashes.
    path: String,
    text: String,
}

impl Source {
    fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// The code without the tests at its foot.
    fn code(&self) -> &str {
        let end = self.text.find("\n#[cfg(test)]\nmod tests");
        end.map_or(self.text.as_str(), |end| &self.text[..end])
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != "golden") {
                rust_files(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn sources(folder: &str) -> Vec<Source> {
    let folder = root().join(folder);
    let mut files = Vec::new();
    rust_files(&folder, &mut files);
    assert!(
        !files.is_empty(),
        "there is no code in {}",
        folder.display()
    );
    let read = |file: PathBuf| {
        let below = file.strip_prefix(&folder).unwrap();
        let path = below.to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(&file).unwrap();
        Source { path, text }
    };
    files.into_iter().map(read).collect()
}

/// Fails with every sentence that is not excepted.
fn report(about: &str, breaches: &[(String, String)]) {
    let excepted: BTreeSet<(&str, &str)> = EXCEPTIONS.iter().copied().collect();
    let told: Vec<String> = breaches
        .iter()
        .filter(|(file, sentence)| !excepted.contains(&(file.as_str(), sentence.as_str())))
        .map(|(file, sentence)| format!("src/{file}: {sentence}"))
        .collect();
    assert!(told.is_empty(), "{about}\n  {}", told.join("\n  "));
}

/// Every path that the `use` items and inline paths of a text import, with its groups written out.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lines: Vec<&str> = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let text = lines.join("\n");
    for (start, _) in text.match_indices("use ") {
        let begins_item = text[..start]
            .rsplit('\n')
            .next()
            .map(str::trim)
            .is_some_and(|before| {
                let restricted = before.starts_with("pub(") && before.ends_with(')');
                before.is_empty() || before == "pub" || restricted
            });
        if let (true, Some(end)) = (begins_item, text[start..].find(';')) {
            let item: String = text[start + 4..start + end].split_whitespace().collect();
            expand("", &item, &mut found);
        }
    }
    for (start, _) in text.match_indices("crate::") {
        let path: String = text[start..]
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
            .collect();
        found.push(path.trim_end_matches(':').to_owned());
    }
    found.sort();
    found.dedup();
    found
}

/// Writes out `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn expand(prefix: &str, item: &str, found: &mut Vec<String>) {
    let Some(open) = item.find('{') else {
        found.push(format!("{prefix}{item}"));
        return;
    };
    let prefix = format!("{prefix}{}", &item[..open]);
    let inner = &item[open + 1..item.rfind('}').unwrap_or(item.len())];
    let (mut depth, mut start) = (0, 0);
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if start < at {
                    expand(&prefix, &inner[start..at], found);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

fn breaches_of(row: &Row, path: &str, imports: &[String]) -> Vec<String> {
    let module = row.module.split('/').next().unwrap_or_default();
    let mut sentences = Vec::new();
    for import in imports {
        let mut parts = import.split("::");
        let first = parts.next().unwrap_or_default();
        if row.never.contains(&first) {
            sentences.push(format!("`{}` must never import `{first}`", row.module));
        }
        if first != "crate" && !(first == "deskbell" && module == "main") {
            continue;
        }
        let other = parts.next().unwrap_or_default();
        if ALL.contains(&other) && other != module && !row.ours.contains(&other) {
            sentences.push(format!("`{}` may not import `{other}`", row.module));
        }
        for (of, prefix, only) in PARTS {
            let rest = import.strip_prefix(prefix);
            let name = rest.and_then(|rest| rest.split("::").next());
            if *of == module && name.is_some_and(|name| !only.contains(&name)) {
                sentences.push(format!("`{module}` may not import `{import}`"));
            }
        }
    }
    // The socket type is the one thing of the HTTP library that the shell knows.
    let serves_a_socket = ["realtime/connection.rs", "realtime/handshake.rs"].contains(&path);
    if module == "realtime" && !serves_a_socket {
        let axum = |import: &String| import.starts_with("axum");
        if imports.iter().any(axum) {
            sentences.push("`realtime` imports `axum` only where it serves a socket".to_owned());
        }
    }
    if module == "http"
        && imports
            .iter()
            .any(|i| i.starts_with("crate::engine::state"))
    {
        sentences.push("`http` may not import `engine::state`".to_owned());
    }
    sentences.dedup();
    sentences
}

#[test]
fn modules_import_only_what_the_table_allows() {
    let mut breaches = Vec::new();
    for source in sources("src") {
        let row = TABLE
            .iter()
            .find(|row| row.module == source.path)
            .or_else(|| TABLE.iter().find(|row| row.module == source.module()));
        let Some(row) = row else {
            let sentence = format!("`{}` has no row in the dependency table", source.module());
            breaches.push((source.path.clone(), sentence));
            continue;
        };
        for sentence in breaches_of(row, &source.path, &imports(source.code())) {
            breaches.push((source.path.clone(), sentence));
        }
    }
    report("imports against the dependency table:", &breaches);
}

#[test]
fn no_file_has_more_than_600_lines_of_code() {
    let mut breaches = Vec::new();
    for source in sources("src") {
        let lines = source.code().lines().count();
        if lines > LINES_MAX {
            let sentence = format!("{lines} lines of code; split it");
            breaches.push((source.path.clone(), sentence));
        }
    }
    report("files that are too long:", &breaches);
}

#[test]
fn nothing_unfinished_is_left_behind() {
    let mut breaches = Vec::new();
    for source in sources("src") {
        for word in LEFT_BEHIND {
            if source.text.contains(word) {
                breaches.push((source.path.clone(), format!("contains `{word}`")));
            }
        }
    }
    report("left behind:", &breaches);
}

#[test]
fn only_the_command_line_prints() {
    let mut breaches = Vec::new();
    for source in sources("src") {
        if matches!(source.module(), "cli" | "main") {
            continue;
        }
        for word in PRINTING {
            if source.code().contains(word) {
                breaches.push((source.path.clone(), format!("contains `{word}`")));
            }
        }
    }
    report("printing outside of the command line:", &breaches);
}

#[test]
fn tests_are_not_switched_off() {
    for source in sources("tests") {
        let word = concat!("#[ig", "nore");
        assert!(
            !source.text.contains(word),
            "tests/{} contains {word}",
            source.path
        );
    }
}

#[test]
fn the_checks_find_what_they_look_for() {
    let code = "use crate::{store::Store, domain::{Name, id}};\n\
                pub(crate) use axum::Router;\n\
                // use sqlx::query;\n\
                fn f() { crate::http::router(); }\n";
    let found = imports(code);
    for path in [
        "crate::store::Store",
        "crate::domain::id",
        "axum::Router",
        "crate::http::router",
    ] {
        assert!(
            found.iter().any(|import| import == path),
            "{path} in {found:?}"
        );
    }
    assert!(!found.iter().any(|import| import.starts_with("sqlx")));

    let engine = TABLE.iter().find(|row| row.module == "engine").unwrap();
    let sentences = breaches_of(engine, "engine/mod.rs", &found);
    assert_eq!(
        sentences,
        [
            "`engine` must never import `axum`",
            "`engine` may not import `http`",
            "`engine` may not import `store`",
        ]
    );
    let store = TABLE.iter().find(|row| row.module == "store").unwrap();
    let refused = breaches_of(store, "store/mod.rs", &["crate::engine::Engine".to_owned()]);
    assert_eq!(refused, ["`store` may not import `crate::engine::Engine`"]);
}
