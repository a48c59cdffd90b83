//! What was measured, as Markdown for people and as one line of JSON for machines.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use serde_json::{Map, Value, json};

/// The result of one sub-command.
#[derive(Debug)]
pub(crate) struct Section {
    /// The sub-command.
    pub(crate) name: &'static str,
    /// What was measured and how, in a sentence or two.
    pub(crate) text: String,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<String>>,
    /// What there is to say about the figures.
    pub(crate) notes: Vec<String>,
    pub(crate) targets: Vec<Target>,
    pub(crate) json: Value,
}

/// A promise, and whether it was kept in this run.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) what: String,
    pub(crate) met: bool,
}

impl Section {
    /// One section for people.
    pub(crate) fn markdown(&self) -> String {
        let mut out = format!("## {}\n\n{}\n\n", self.name, self.text);
        let mut line = |cells: &[String]| {
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        };
        line(
            &self
                .columns
                .iter()
                .map(|&column| column.to_owned())
                .collect::<Vec<_>>(),
        );
        line(&vec!["---".to_owned(); self.columns.len()]);
        for row in &self.rows {
            line(row);
        }
        out.push('\n');
        for target in &self.targets {
            let _ = writeln!(
                out,
                "- {}: {}",
                if target.met { "met" } else { "MISSED" },
                target.what
            );
        }
        for note in &self.notes {
            let _ = writeln!(out, "- {note}");
        }
        out
    }
}

/// Everything that one run measured.
#[derive(Debug)]
pub(crate) struct Report {
    machine: Vec<(&'static str, String)>,
    sections: Vec<Section>,
}

impl Report {
    /// An empty one, with what the machine was like before the first measurement.
    pub(crate) fn begin(settings: &[String]) -> Self {
        let mut machine = describe_machine();
        if !settings.is_empty() {
            machine.push(("settings that are not the default", settings.join(" ")));
        }
        Self {
            machine,
            sections: Vec::new(),
        }
    }

    /// Adds a section.
    pub(crate) fn add(&mut self, section: Section) {
        self.sections.push(section);
    }

    /// The whole of it for people.
    pub(crate) fn markdown(&self) -> String {
        let mut out = "# Benchmarks\n\n".to_owned();
        for (name, value) in &self.machine {
            let _ = writeln!(out, "- {name}: {value}");
        }
        out.push_str("- the driver runs on the same machine, over the loopback device\n");
        for section in &self.sections {
            out.push('\n');
            out.push_str(&section.markdown());
        }
        out
    }

    /// The same in one line for machines.
    pub(crate) fn json(&self) -> String {
        let machine: Map<String, Value> = self
            .machine
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        let targets: Vec<Value> = self
            .sections
            .iter()
            .flat_map(|section| {
                let named =
                    move |t: &Target| json!({"in": section.name, "what": t.what, "met": t.met});
                section.targets.iter().map(named)
            })
            .collect();
        let mut all = Map::new();
        all.insert("machine".to_owned(), Value::Object(machine));
        for section in &self.sections {
            all.insert(section.name.to_owned(), section.json.clone());
        }
        all.insert("targets".to_owned(), Value::Array(targets));
        Value::Object(all).to_string()
    }
}

/// The load before the run is part of it: on a shared machine it explains most odd figures.
fn describe_machine() -> Vec<(&'static str, String)> {
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    let model = first_line("/proc/cpuinfo", "model name").unwrap_or_default();
    let memory = first_line("/proc/meminfo", "MemTotal").unwrap_or_default();
    let read = |path: &str| {
        fs::read_to_string(path)
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let load = read("/proc/loadavg");
    let load = load
        .split_whitespace()
        .take(3)
        .collect::<Vec<_>>()
        .join(" ");
    vec![
        (
            "commit",
            output("git", &["describe", "--always", "--dirty"]),
        ),
        ("processors", format!("{cpus} x {model}")),
        ("memory", memory),
        ("kernel", read("/proc/sys/kernel/osrelease")),
        ("postgres", output("pgbench", &["--version"])),
        ("load before the run (1, 5, 15 minutes)", load),
    ]
}

fn first_line(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    match output {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        _ => "unknown".to_owned(),
    }
}
