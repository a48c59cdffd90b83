//! What is seen of a process from outside: its log and its metrics.
//!
//! Owns the names of fields and metrics, so that the same thing is called the same everywhere, and
//! how they are written. Must not decide what is worth logging. Never logged or made a label:
//! texts, names, addresses of people or machines, tokens; and no tenant's id as a label, since
//! labels are kept for ever.

use std::io::IsTerminal as _;
use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

use crate::config::{Log, LogFormat};

/// Names of fields: `tracing::info!({ fields::TENANT_ID } = %tenant_id, "tenant loaded")`.
pub mod fields {
    /// Whose it is.
    pub const TENANT_ID: &str = "tenant.id";
    /// Which office.
    pub const OFFICE_ID: &str = "office.id";
    /// Which queue.
    pub const QUEUE_ID: &str = "queue.id";
    /// Which agent.
    pub const AGENT_ID: &str = "agent.id";
    /// Which chat.
    pub const CHAT_ID: &str = "chat.id";
    /// Which visitor.
    pub const VISITOR_ID: &str = "visitor.id";
    /// Which socket.
    pub const CONNECTION_ID: &str = "connection.id";
    /// Which request; the caller has the same in `x-request-id`.
    pub const REQUEST_ID: &str = "request.id";
    /// Which node.
    pub const NODE_ID: &str = "node.id";
    /// Which task of the process.
    pub const TASK: &str = "task.name";
    /// What went wrong, with its causes.
    pub const ERROR: &str = "error";
}

/// Declares metrics: a constant for each name, and one function that describes them all.
macro_rules! metrics {
    ($($describe:ident $constant:ident = $name:literal, $what:literal;)+) => {
        /// Names of metrics: `metrics::counter!(names::COMMANDS, "kind" => kind).increment(1)`.
        pub mod names {
            $(
                #[doc = concat!($what, ".")]
                pub const $constant: &str = $name;
            )+
        }

        fn describe() {
            $(::metrics::$describe!(names::$constant, $what);)+
        }
    };
}

metrics! {
    describe_counter COMMANDS = "deskbell_commands_total",
        "Commands that the engines took, by outcome";
    describe_histogram BATCH_COMMANDS = "deskbell_batch_commands_size",
        "Commands that were applied and committed together";
    describe_gauge TENANTS_LOADED = "deskbell_tenants_loaded",
        "Tenants in memory";
    describe_counter TENANT_RELOADS = "deskbell_tenant_reloads_total",
        "Engines that were dropped and loaded anew";
    describe_histogram COMMIT_SECONDS = "deskbell_commit_seconds",
        "Time from handing a batch to the journal to its commit";
    describe_histogram COMMIT_TENANTS = "deskbell_commit_tenants_size",
        "Tenants in one transaction of the journal";
    describe_counter EVENTS = "deskbell_events_total",
        "Events that were committed";
    describe_gauge CONNECTIONS = "deskbell_connections",
        "Open sockets";
    describe_counter HANDSHAKES_REFUSED = "deskbell_handshakes_refused_total",
        "Sockets that were not let in, by reason";
    describe_counter SOCKET_CLOSES = "deskbell_socket_closes_total",
        "Sockets that the server closed, by code";
    describe_histogram REQUEST_SECONDS = "deskbell_request_seconds",
        "Time to answer a request, by route, method and status";
    describe_counter RATE_LIMITED = "deskbell_rate_limited_total",
        "Calls that a rate limit turned away, by limit";
    describe_counter TASK_PANICS = "deskbell_task_panics_total",
        "Tasks that ended by a panic, by task";
}

/// Bounds of times: a commit takes 1 to 20 ms, a request is cut off at 30 s.
const SECONDS: [f64; 14] = [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 30.0,
];
/// Bounds of batches: their own bounds are 64 and 128 by default.
const SIZES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("cannot read log.filter")]
    Filter(#[source] tracing_subscriber::filter::ParseError),
    /// There is one already.
    #[error("the log has been started before")]
    Started(#[source] TryInitError),
}

/// Starts the log of the process, on standard error: what a command prints stays apart from it.
///
/// # Errors
/// When the filter cannot be read, or the log has been started before.
pub fn start_log(log: &Log) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(&log.filter).map_err(TelemetryError::Filter)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => lines
            .with_ansi(std::io::stderr().is_terminal())
            .finish()
            .try_init(),
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
    }
    .map_err(TelemetryError::Started)
}

/// The metrics of the process.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// Starts the metrics of the process, or gives those that have been started: servers in one
    /// process, as tests have them, share them.
    #[must_use]
    pub fn start() -> Self {
        static STARTED: OnceLock<Metrics> = OnceLock::new();
        STARTED
            .get_or_init(|| {
                let recorder = builder().build_recorder();
                let handle = recorder.handle();
                if metrics::set_global_recorder(recorder).is_err() {
                    tracing::warn!("another recorder has the metrics; /metrics stays empty");
                }
                describe();
                Self { handle }
            })
            .clone()
    }

    /// The text for Prometheus.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Gathers what was measured since the last time. To be called every few seconds, since what
    /// waits for it takes memory.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

#[expect(
    clippy::expect_used,
    reason = "the bounds are constants and not empty, which is all that is asked"
)]
fn builder() -> PrometheusBuilder {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .expect("there are bounds of times")
        .set_buckets_for_metric(Matcher::Suffix("_size".to_owned()), &SIZES)
        .expect("there are bounds of sizes")
}

#[cfg(test)]
mod tests {
    use super::{Metrics, names};

    #[test]
    fn what_is_counted_is_rendered_with_its_description() {
        let metrics = Metrics::start();
        metrics::counter!(names::COMMANDS, "kind" => "start_chat", "outcome" => "ok").increment(2);
        metrics::histogram!(names::COMMIT_SECONDS).record(0.003);

        Metrics::start().upkeep();
        let text = metrics.render();

        let counted = "deskbell_commands_total{kind=\"start_chat\",outcome=\"ok\"} 2";
        assert!(text.contains(counted), "{text}");
        assert!(
            text.contains("# HELP deskbell_commands_total Commands"),
            "{text}"
        );
        assert!(
            text.contains("deskbell_commit_seconds_bucket{le=\"0.005\"} 1"),
            "{text}"
        );
    }
}
