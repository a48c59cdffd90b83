//! The sections of the configuration, as typed as they can be.
//!
//! Owns every key, its type and its bounds. Must not hold defaults: they stand in
//! `config/default.toml`, which also says what each key means and what happens at each bound.

use std::net::SocketAddr;
use std::path::PathBuf;

use deserr::Deserr;
use ipnet::IpNet;
use serde::Serialize;

use super::value::{Origin, Secret, absolute_url, file_path, node_id, not_empty, or_empty};
use crate::domain::{Invalid, NodeId};
use crate::faults::{Faults, between};

/// The whole configuration of a process.
#[derive(Debug, Clone, Deserr, Serialize)]
#[deserr(error = Faults, deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml says what each section is")]
pub struct Config {
    pub http: Http,
    pub database: Database,
    pub node: Node,
    pub engine: Engine,
    pub journal: Journal,
    pub socket: Socket,
    pub auth: Auth,
    pub platform: Platform,
    pub files: Files,
    pub limits: Limits,
    pub widget: Widget,
    pub log: Log,
    pub metrics: Metrics,
    pub demo: Demo,
}

/// The HTTP server.
#[derive(Debug, Clone, Deserr, Serialize)]
#[deserr(error = Faults, deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml says what each key is")]
pub struct Http {
    pub listen: SocketAddr,
    #[deserr(try_from(i64) = between::<_, 1, 1_000_000> -> Invalid)]
    pub connections_max: usize,
    #[deserr(try_from(i64) = between::<_, 1, 300> -> Invalid)]
    pub header_timeout_s: u64,
    pub trusted_proxies: Vec<IpNet>,
    #[deserr(try_from(i64) = between::<_, 1, 300> -> Invalid)]
    pub request_timeout_s: u64,
    #[deserr(try_from(i64) = between::<_, 1024, 16_777_216> -> Invalid)]
    pub body_bytes_max: usize,
    pub allowed_origins: Vec<Origin>,
    #[deserr(try_from(&String) = absolute_url -> Invalid)]
    #[serde(serialize_with = "or_empty")]
    pub public_url: Option<String>,
}

/// Postgres, and what is kept beside it.
#[derive(Debug, Clone, Deserr, Serialize)]
#[deserr(error = Faults, deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml says what each key is")]
pub struct Database {
    pub url: Secret,
    pub app_url: Secret,
    pub journal_url: Secret,
    pub system_url: Secret,
    pub owner_url: Secret,
    #[deserr(try_from(&String) = not_empty -> Invalid)]
    pub data_dir: PathBuf,
    #[deserr(from(&String) = file_path)]
    #[serde(serialize_with = "or_empty")]
    pub bin_dir: Option<PathBuf>,
    #[deserr(try_from(i64) = between::<_, 1, 200> -> Invalid)]
    pub app_connections: u32,
    #[deserr(try_from(i64) = between::<_, 1, 200> -> Invalid)]
    pub journal_connections: u32,
    #[deserr(try_from(i64) = between::<_, 1, 200> -> Invalid)]
    pub system_connections: u32,
    #[deserr(try_from(i64) = between::<_, 100, 60_000> -> Invalid)]
    pub acquire_timeout_ms: u64,
    pub durable: bool,
}

/// This process among others.
#[derive(Debug, Clone, Deserr, Serialize)]
#[deserr(error = Faults, deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml says what each key is")]
pub struct Node {
    #[deserr(try_from(&String) = node_id -> Invalid)]
    #[serde(serialize_with = "or_empty")]
    pub id: Option<NodeId>,
    #[deserr(try_from(i64) = between::<_, 2, 60> -> Invalid)]
    pub lease_ttl_s: u64,
    #[deserr(try_from(i64) = between::<_, 100, 20_000> -> Invalid)]
    pub lease_renew_ms: u64,
    #[deserr(try_from(i64) = between::<_, 1, 300> -> Invalid)]
    pub shutdown_limit_s: u64,
}

/// The tenants' actors.
#[derive(Debug, Clone, Deserr, Serialize)]
#[deserr(error = Faults, deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml says what each key is")]
pub struct Engine {
    #[deserr(try_from(i64) = between::<_, 1, 4096> -> Invalid)]
    pub batch_max: usize,
    #[deserr(try_from(i64) = between::<_, 1, 4096> -> Invalid)]
    pub newcomers_max: usize,
    #[deserr(try_from(i64) = between::<_, 16, 65_536> -> Invalid)]
    pub mailbox_max: usize,
    #[deserr(try_from(i64) = between::<_, 5, 86_400> -> Invalid)]
    pub idle_evict_s: u64,
    #[deserr(try_from(i64) = between::<_, 0, 1_000_000> -> Invalid)]
    pub ring_events_max: usize,
    #[deserr(try_from(i64) = between::<_, 0, 1_073_741_824> -> Invalid)]
    pub ring_bytes_max: usize,
    #[deserr(try_from(i64) = between::<_, 100, 60_000> -> Invalid)]
    pub reload_pause_ms: u64,
}

/// The group commit.
#[derive(Debug, Clone, Deserr, Serialize)]
#[deserr(error = Faults, deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml says what each key is")]
pub struct Journal {
    #[deserr(try_from(i64) = between::<_, 1, 1000> -> Invalid)]
    pub tenants_per_commit_max: usize,
    #[deserr(try_from(i64) = between::<_, 16, 65_536> -> Invalid)]
    pub queue_max: usize,
}

/// The sockets.
#[derive(Debug, Clone, Deserr, Serialize)]
#[deserr(error = Faults, deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml says what each key is")]
pub struct Socket {
    #[deserr(try_from(i64) = between::<_, 1, 60> -> Invalid)]
    pub hello_timeout_s: u64,
    #[deserr(try_from(i64) = between::<_, 1, 60> -> Invalid)]
    pub ping_every_s: u64,
    #[deserr(try_from(i64) = between::<_, 2, 300> -> Invalid)]
    pub silent_after_s: u64,
    #[deserr(try_from(i64) = between::<_, 1024, 1_048_576> -> Invalid)]
    pub frame_bytes_max: usize,
    #[deserr(try_from(i64) = between::<_, 1024, 131_072> -> Invalid)]
    pub read_buffer_bytes: usize,
    #[deserr(try_from(i64) = between::<_, 8, 65_536> -> Invalid)]
    pub send_queue_frames_max: usize,
    #[deserr(try_from(i64) = between::<_, 16_384, 67_108_864> -> Invalid)]
    pub send_queue_bytes_max: usize,
    #[deserr(try_from(i64) = between::<_, 1, 1024> -> Invalid)]
    pub in_flight_max: usize,
    #[deserr(try_from(i64) = between::<_, 1, 10_000> -> Invalid)]
    pub frames_per_second_max: u32,
    #[deserr(try_from(i64) = between::<_, 1, 100_000> -> Invalid)]
    pub frames_burst: u32,
    #[deserr(try_from(i64) = between::<_, 1, 100_000> -> Invalid)]
    pub handshakes_per_second_max: u32,
    #[deserr(try_from(i64) = between::<_, 1, 1_000_000> -> Invalid)]
    pub connections_max: usize,
    #[deserr(try_from(i64) = between::<_, 0, 60_000> -> Invalid)]
    pub reconnect_spread_ms: u64,
}

/// Tokens and passwords.
#[derive(Debug, Clone, Deserr, Serialize)]
#[deserr(error = Faults, deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml says what each key is")]
pub struct Auth {
    #[deserr(try_from(i64) = between::<_, 60, 86_400> -> Invalid)]
    pub access_token_s: u64,
    #[deserr(try_from(i64) = between::<_, 1, 365> -> Invalid)]
    pub refresh_token_days: u64,
    #[deserr(try_from(i64) = between::<_, 1, 365> -> Invalid)]
    pub visitor_token_days: u64,
    #[deserr(from(&String) = file_path)]
    #[serde(serialize_with = "or_empty")]
    pub signing_keys_file: Option<PathBuf>,
    #[deserr(from(&String) = file_path)]
    #[serde(serialize_with = "or_empty")]
    pub sealing_keys_file: Option<PathBuf>,
    #[deserr(try_from(i64) = between::<_, 1, 64> -> Invalid)]
    pub password_hash_concurrency: usize,
}

/// The operator of the service.
#[derive(Debug, Clone, Deserr, Serialize)]
#[deserr(error = Faults, deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml says what each key is")]
pub struct Platform {
    pub key: Secret,
}

/// What is uploaded, and where it is kept.
#[derive(Debug, Clone, Deserr, Serialize)]
#[deserr(error = Faults, deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml says what each key is")]
pub struct Files {
    #[deserr(from(&String) = file_path)]
    #[serde(serialize_with = "or_empty")]
    pub directory: Option<PathBuf>,
    #[deserr(try_from(i64) = between::<_, 1024, 104_857_600> -> Invalid)]
    pub file_bytes_max: u64,
    #[deserr(try_from(i64) = between::<_, 1_000_000, 1_000_000_000> -> Invalid)]
    pub image_pixels_max: u64,
    #[deserr(try_from(i64) = between::<_, 0, 1_000_000_000_000_000> -> Invalid)]
    pub tenant_bytes_max: u64,
    #[deserr(try_from(i64) = between::<_, 1, 1000> -> Invalid)]
    pub unsent_per_uploader_max: u32,
    #[deserr(try_from(i64) = between::<_, 1, 1000> -> Invalid)]
    pub uploads_max: usize,
    #[deserr(try_from(i64) = between::<_, 5, 3600> -> Invalid)]
    pub upload_timeout_s: u64,
    #[deserr(try_from(i64) = between::<_, 60, 604_800> -> Invalid)]
    pub link_s: u64,
    pub s3_bucket: String,
    #[deserr(try_from(&String) = absolute_url -> Invalid)]
    #[serde(serialize_with = "or_empty")]
    pub s3_endpoint: Option<String>,
    pub s3_region: String,
    pub s3_access_key_id: String,
    pub s3_secret_access_key: Secret,
    #[deserr(try_from(i64) = between::<_, 1, 300> -> Invalid)]
    pub s3_timeout_s: u64,
}

/// Rate limits; 0 turns one off.
#[derive(Debug, Clone, Deserr, Serialize)]
#[deserr(error = Faults, deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml says what each key is")]
pub struct Limits {
    #[deserr(try_from(i64) = between::<_, 0, 100_000> -> Invalid)]
    pub logins_per_minute_per_address: u32,
    #[deserr(try_from(i64) = between::<_, 0, 100_000> -> Invalid)]
    pub logins_per_minute_per_account: u32,
    #[deserr(try_from(i64) = between::<_, 0, 100_000> -> Invalid)]
    pub refreshes_per_minute_per_address: u32,
    #[deserr(try_from(i64) = between::<_, 0, 100_000> -> Invalid)]
    pub requests_per_second: u32,
    #[deserr(try_from(i64) = between::<_, 1, 100_000> -> Invalid)]
    pub requests_burst: u32,
    #[deserr(try_from(i64) = between::<_, 0, 100_000> -> Invalid)]
    pub visitors_per_minute_per_address: u32,
    #[deserr(try_from(i64) = between::<_, 0, 100_000> -> Invalid)]
    pub chat_starts_per_minute: u32,
    #[deserr(try_from(i64) = between::<_, 0, 100_000> -> Invalid)]
    pub uploads_per_minute: u32,
    #[deserr(try_from(i64) = between::<_, 0, 100_000> -> Invalid)]
    pub polls_per_second_per_address: u32,
    #[deserr(try_from(i64) = between::<_, 0, 100_000> -> Invalid)]
    pub greetings_per_minute_per_address: u32,
    #[deserr(try_from(i64) = between::<_, 1000, 10_000_000> -> Invalid)]
    pub tracked_max: usize,
}

/// Widgets on websites.
#[derive(Debug, Clone, Deserr, Serialize)]
#[deserr(error = Faults, deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml says what each key is")]
pub struct Widget {
    #[deserr(try_from(&String) = super::value::header_name -> Invalid)]
    #[serde(serialize_with = "or_empty")]
    pub country_header: Option<String>,
}

/// The log.
#[derive(Debug, Clone, Deserr, Serialize)]
#[deserr(error = Faults, deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml says what each key is")]
pub struct Log {
    #[deserr(try_from(&String) = super::value::log_filter -> Invalid)]
    pub filter: String,
    pub format: LogFormat,
}

/// How lines of the log look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserr, Serialize)]
#[deserr(error = Faults, rename_all = lowercase)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Metrics.
#[derive(Debug, Clone, Deserr, Serialize)]
#[deserr(error = Faults, deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml says what each key is")]
pub struct Metrics {
    pub enabled: bool,
}

/// The demo.
#[derive(Debug, Clone, Deserr, Serialize)]
#[deserr(error = Faults, deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml says what each key is")]
pub struct Demo {
    pub enabled: bool,
}
