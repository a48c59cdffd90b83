//! A node: its lease, its journal, its tenants, its sockets, and the order in which they end.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use crate::auth::{Passwords, PlatformKey, SigningKeys, Tokens, read_or_create};
use crate::cluster::{Lease, keep_lease, renew_lease};
use crate::config::Config;
use crate::domain::{Millis, NodeId, Timestamp};
use crate::http::{AppState, Limiter, Parts, Readiness, Sockets};
use crate::lifecycle::Tasks;
use crate::random::Random;
use crate::realtime::{
    Board, Heartbeat, Hub, HubParts, HubSettings, RevokedSessions, SocketContext, SocketSettings,
};
use crate::store::{GroupSettings, Journal, PgJournal, Store, make_partitions_ahead};
use crate::telemetry::Metrics;

use super::database::Database;
use super::demo::{self, Demo};
use super::{Ports, chores};

/// How many months of partitions there are ahead: a node that is not restarted makes more each day.
pub(super) const MONTHS_AHEAD: u32 = 3;

/// How long sockets may take to hear of the shutdown.
const FAREWELL: Duration = Duration::from_secs(3);

pub(super) struct Node {
    pub(super) state: AppState,
    pub(super) demo: Option<Demo>,
    /// Begins when nothing new is taken any more.
    pub(super) end_of_listening: CancellationToken,
}

/// Starts everything that a node runs beside its listener.
pub(super) async fn start(
    config: &Arc<Config>,
    ports: Ports,
    database: &Database,
    tasks: &Tasks,
) -> anyhow::Result<Node> {
    let Ports {
        clock,
        random,
        wrap_journal,
    } = ports;
    make_partitions_ahead(&database.roles.owner, clock.now(), MONTHS_AHEAD).await?;
    let store = database.store(config);
    let node_id = node_id(config, &random, clock.now())?;
    let (journal, workers) = PgJournal::new(store.clone(), node_id, group_settings(config));
    let journal = wrap_journal(Arc::new(journal));
    let end_of_journal = CancellationToken::new();
    for worker in workers {
        let end = end_of_journal.clone();
        tasks.spawn("journal", async move {
            end.run_until_cancelled(worker).await;
        });
    }
    let lease = Arc::new(Lease::new(seconds(config.node.lease_ttl_s)));
    renew_lease(&lease, &*journal, &*clock)
        .await
        .context("cannot take the node's lease")?;
    let sessions = revoked_sessions(&store, config, clock.now()).await?;
    let board = Arc::new(Board::new(store.system().await?.list_board().await?));
    let hub = Hub::new(
        HubParts {
            journal: Arc::clone(&journal),
            store: store.clone(),
            clock: Arc::clone(&clock),
            board: Arc::clone(&board),
            lease: Arc::clone(&lease),
            sessions,
            tasks: tasks.clone(),
            history_id: store.history_id().await?,
        },
        hub_settings(config),
    );
    hub.read_deadlines().await?;
    let heartbeat = Arc::new(Heartbeat::new(
        seconds(config.socket.ping_every_s),
        seconds(config.socket.silent_after_s),
    ));
    let keys = config.auth.signing_keys_file.clone();
    let keys = keys.unwrap_or_else(|| config.database.data_dir.join("signing_keys.json"));
    let tokens = Arc::new(Tokens::new(&SigningKeys::load(&keys, &random)?));
    let passwords = Passwords::new(config.auth.password_hash_concurrency, random.clone());
    let demo = demo::prepare(config, &store, &hub, &passwords, &random, clock.now()).await?;
    let sockets = SocketContext {
        hub: hub.clone(),
        board: Arc::clone(&board),
        heartbeat: Arc::clone(&heartbeat),
        tokens: Arc::clone(&tokens),
        clock: Arc::clone(&clock),
        random: random.clone(),
        settings: socket_settings(config),
    };
    let (held, time) = (Arc::clone(&lease), Arc::clone(&clock));
    let stopping = tasks.soft().clone();
    let state = AppState::new(Parts {
        config: Arc::clone(config),
        clock: Arc::clone(&clock),
        random: random.clone(),
        store: store.clone(),
        hub: hub.clone(),
        board,
        tokens,
        passwords,
        limiter: Limiter::new(&config.limits, Arc::clone(&clock)),
        sockets: Sockets::new(Arc::new(sockets), config),
        readiness: Readiness::default()
            .with("lease", move || held.is_valid(time.monotonic()))
            .with("serving", move || !stopping.is_cancelled()),
        demo_widget_key: demo.as_ref().map(|demo| demo.widget_key.clone()),
        platform_key: PlatformKey::load(&config.platform.key, &config.database.data_dir, &random)?,
        metrics: config.metrics.enabled.then(Metrics::start),
    });
    let until_soft = |name, future| spawn_until_soft(tasks, name, future);
    until_soft("wheel", Box::pin(hub.clone().turn_wheel()));
    until_soft(
        "heartbeat",
        Box::pin(Arc::clone(&heartbeat).run(Arc::clone(&clock))),
    );
    chores::start(tasks, &clock, &state, database.roles.owner.clone());
    let end_of_listening = CancellationToken::new();
    let ending = Ending {
        hub,
        heartbeat,
        journal: Arc::clone(&journal),
        spread: Millis(i64::try_from(config.socket.reconnect_spread_ms).unwrap_or(i64::MAX)),
        end_of_listening: end_of_listening.clone(),
        end_of_journal: end_of_journal.clone(),
    };
    // The lease is kept until the last commit is done.
    let renew = millis(config.node.lease_renew_ms);
    tasks.spawn("lease", async move {
        let keeping = keep_lease(lease, journal, clock, renew);
        end_of_journal.run_until_cancelled(keeping).await;
    });
    let soft = tasks.soft().clone();
    tasks.spawn("ending", async move {
        soft.cancelled().await;
        ending.run().await;
    });
    Ok(Node {
        state,
        demo,
        end_of_listening,
    })
}

type Work = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

fn spawn_until_soft(tasks: &Tasks, name: &'static str, work: Work) {
    let soft = tasks.soft().clone();
    tasks.spawn(name, async move {
        soft.run_until_cancelled(work).await;
    });
}

/// The way down: readiness off, sockets told, tenants finished, lease given back.
struct Ending {
    hub: Hub,
    heartbeat: Arc<Heartbeat>,
    journal: Arc<dyn Journal>,
    spread: Millis,
    end_of_listening: CancellationToken,
    end_of_journal: CancellationToken,
}

impl Ending {
    async fn run(self) {
        self.end_of_listening.cancel();
        self.heartbeat.close_all(self.spread);
        let told = async {
            while !self.heartbeat.is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(FAREWELL, told).await.is_err() {
            tracing::warn!(
                connections = self.heartbeat.len(),
                "some sockets did not hear the end"
            );
        }
        self.hub.stop().await;
        if let Err(error) = self.journal.release_lease().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "failed to give the node's lease back"
            );
        }
        self.end_of_journal.cancel();
    }
}

/// The configured id, or the one that was made at the first start in this data folder.
fn node_id(config: &Config, random: &Random, now: Timestamp) -> anyhow::Result<NodeId> {
    if let Some(id) = config.node.id {
        return Ok(id);
    }
    let path = config.database.data_dir.join("node_id");
    let text = read_or_create(&path, random, |random| random.uuid_v7(now).to_string())?;
    text.trim()
        .parse()
        .with_context(|| format!("{} does not hold a node's id", path.display()))
}

/// Sessions whose access tokens may still be alive.
async fn revoked_sessions(
    store: &Store,
    config: &Config,
    now: Timestamp,
) -> anyhow::Result<RevokedSessions> {
    let token_life = seconds(config.auth.access_token_s);
    let sessions = RevokedSessions::new(token_life);
    let since = Timestamp(now.0 - token_life.0);
    for session_id in store
        .system()
        .await?
        .list_revoked_sessions_since(since)
        .await?
    {
        sessions.revoke(session_id, now);
    }
    Ok(sessions)
}

fn group_settings(config: &Config) -> GroupSettings {
    GroupSettings {
        workers: config.database.journal_connections,
        tenants_per_commit_max: config.journal.tenants_per_commit_max,
        queue_max: config.journal.queue_max,
    }
}

fn hub_settings(config: &Config) -> HubSettings {
    HubSettings {
        batch_max: config.engine.batch_max,
        mailbox_max: config.engine.mailbox_max,
        idle_evict: seconds(config.engine.idle_evict_s),
        ring_events_max: config.engine.ring_events_max,
        ring_bytes_max: config.engine.ring_bytes_max,
        reload_backoff: millis(config.engine.reload_backoff_max_ms),
    }
}

fn socket_settings(config: &Config) -> SocketSettings {
    SocketSettings {
        hello_timeout: seconds(config.socket.hello_timeout_s),
        send_queue_frames_max: config.socket.send_queue_frames_max,
        send_queue_bytes_max: config.socket.send_queue_bytes_max,
        in_flight_max: u32::try_from(config.socket.in_flight_max).unwrap_or(u32::MAX),
        frames_per_second_max: config.socket.frames_per_second_max,
        frames_burst: config.socket.frames_burst,
    }
}

/// Configured times are checked to be small.
fn seconds(seconds: u64) -> Millis {
    Millis::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
}

fn millis(millis: u64) -> Millis {
    Millis(i64::try_from(millis).unwrap_or(i64::MAX))
}
