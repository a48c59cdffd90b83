//! What many widgets cost in memory.
//!
//! The board of all widgets is made at the start of the server, so it is started anew for each number of them. The
//! cost is the slope of the least-squares line: what the server needs without widgets does not count, what reading
//! them at the start leaves behind does.

use anyhow::Result;
use serde_json::{Value, json};

use super::PollOptions;
use crate::crowd::Crowd;
use crate::database::Database;
use crate::http::Client;
use crate::process::{Memory, memory, slope};
use crate::server::{DataFolder, Server, ServerOptions};

/// Widgets of each tenant.
const EACH: usize = 10;

/// How often the server is started with more widgets than before.
const STEPS: usize = 4;

/// What was read.
pub(super) struct Widgets {
    readings: Vec<(usize, Memory)>,
}

/// Measures.
pub(super) async fn measure(server: &ServerOptions, options: &PollOptions) -> Result<Widgets> {
    let folder = DataFolder::new(server)?;
    let mut readings = Vec::new();
    let mut there = 0;
    for step in 0..=STEPS {
        let wanted = options.widgets / EACH * step / STEPS;
        if wanted > there {
            let server = Server::start(server, &folder).await?;
            let crowd = Crowd {
                first: there,
                tenants: wanted - there,
                agents: 0,
                widgets: EACH,
            };
            crowd.write(&Database::of(&folder))?;
            there = wanted;
            server.stop()?;
        }
        let server = Server::start(server, &folder).await?;
        if there > 0 {
            let path = format!("/v1/widget/widget-{}-{}/availability", there - 1, EACH - 1);
            let status = Client::connect(server.address).await?.get(&path).await?;
            anyhow::ensure!(status == 200, "a widget's poll was answered {status}");
        }
        readings.push((there * EACH, memory(server.id())?));
        server.stop()?;
    }
    Ok(Widgets { readings })
}

impl Widgets {
    /// Bytes of each widget.
    pub(super) fn bytes_each(&self) -> f64 {
        let readings = self.readings.iter();
        slope(readings.map(|(widgets, memory)| (*widgets, memory.resident)))
    }

    /// Megabytes that so many take.
    pub(super) fn megabytes(&self, widgets: u32) -> f64 {
        self.bytes_each() * f64::from(widgets) / 1e6
    }

    /// The readings in words.
    pub(super) fn note(&self) -> String {
        let mib = |bytes: u64| bytes >> 20;
        let readings = self.readings.iter().map(|(widgets, memory)| {
            format!(
                "{widgets}: {} MiB, {} of it anonymous",
                mib(memory.resident),
                mib(memory.anonymous)
            )
        });
        let readings: Vec<String> = readings.collect();
        format!(
            "the server after a start with so many widgets of {EACH} to a tenant: {}",
            readings.join("; ")
        )
    }

    /// All of it for machines.
    pub(super) fn json(&self) -> Value {
        let reading = |(widgets, memory): &(usize, Memory)| {
            json!({
                "widgets": widgets, "resident_bytes": memory.resident,
                "anonymous_bytes": memory.anonymous,
            })
        };
        json!({
            "bytes_each": self.bytes_each(),
            "readings": self.readings.iter().map(reading).collect::<Value>(),
        })
    }
}
