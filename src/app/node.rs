//! A node: its lease, its journal, its tenants, its sockets.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use anyhow::Context;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::auth::{
    Passwords, PlatformKey, Sealer, ServerKeys, ServerKeysError, Tokens, read_or_create,
};
use crate::clock::Clock;
use crate::cluster::{Lease, keep_lease, renew_lease};
use crate::config::Config;
use crate::domain::{NodeId, Timestamp};
use crate::files::Files;
use crate::http::{AppState, Limiter, Parts, Readiness, Sockets, TargetingCache};
use crate::lifecycle::Tasks;
use crate::random::Random;
use crate::realtime::{Board, Heartbeat, Hub, HubParts, Links, RevokedSessions, SocketContext};
use crate::store::{Journal, PgJournal, Store, make_partitions_ahead};
use crate::telemetry::Metrics;

use super::database::Database;
use super::demo::{self, Demo};
use super::ending::Ending;
use super::settings::{group_settings, hub_settings, millis, seconds, socket_settings};
use super::{Ports, chores};

/// How many months of partitions there are ahead: a node that is not restarted makes more each hour.
pub(super) const MONTHS_AHEAD: u32 = 3;

/// A node that serves, but for its listener.
pub(super) struct Node {
    pub(super) state: AppState,
    pub(super) demo: Option<Demo>,
    /// Begins when nothing new is taken any more.
    pub(super) end_of_listening: CancellationToken,
}

/// What everything on a node is built on.
struct Core {
    config: Arc<Config>,
    clock: Arc<dyn Clock>,
    random: Random,
    store: Store,
    journal: Arc<dyn Journal>,
    lease: Arc<Lease>,
    board: Arc<Board>,
    tokens: Arc<Tokens>,
    hub: Hub,
    heartbeat: Arc<Heartbeat>,
    /// Begins when the last commit is done.
    end_of_journal: CancellationToken,
}

/// Starts everything that a node runs beside its listener.
pub(super) async fn start(
    config: &Arc<Config>,
    ports: Ports,
    database: &Database,
    tasks: &Tasks,
) -> anyhow::Result<Node> {
    make_partitions_ahead(&database.roles.owner, ports.clock.now(), MONTHS_AHEAD).await?;
    let core = Core::start(config, ports, database.store(config), tasks).await?;
    let end_of_listening = CancellationToken::new();
    core.run_until_the_end(tasks, &end_of_listening);
    let passwords = Passwords::new(config.auth.password_hash_concurrency, core.random.clone());
    let now = core.clock.now();
    let demo = demo::prepare(
        config,
        &core.store,
        &core.hub,
        &passwords,
        &core.random,
        now,
    )
    .await?;
    let key = demo.as_ref().map(|demo| demo.widget_key.clone());
    let state = core.state(passwords, key, tasks)?;
    chores::start(tasks, &core.clock, &state, database.roles.owner.clone());
    Ok(Node {
        state,
        demo,
        end_of_listening,
    })
}

impl Core {
    async fn start(
        config: &Arc<Config>,
        ports: Ports,
        store: Store,
        tasks: &Tasks,
    ) -> anyhow::Result<Self> {
        let Ports {
            clock,
            random,
            wrap_journal,
        } = ports;
        let node_id = node_id(config, &random, clock.now())?;
        let (journal, workers) = PgJournal::new(store.clone(), node_id, group_settings(config));
        let journal = wrap_journal(Arc::new(journal));
        let end_of_journal = CancellationToken::new();
        let end = end_of_journal.clone();
        tasks.spawn_on_thread("journal", async move {
            end.run_until_cancelled(futures_util::future::join_all(workers))
                .await;
        })?;
        let lease = Arc::new(Lease::new(seconds(config.node.lease_ttl_s)));
        renew_lease(&lease, &*journal, &*clock)
            .await
            .context("cannot take the node's lease")?;
        // From now on until the last commit is done: what follows may take longer than the lease lasts.
        let keeping = keep_lease(
            Arc::clone(&lease),
            Arc::clone(&journal),
            Arc::clone(&clock),
            millis(config.node.lease_renew_ms),
        );
        let end = end_of_journal.clone();
        tasks.spawn("lease", async move {
            end.run_until_cancelled(keeping).await;
        });
        let tokens = Arc::new(Tokens::new(&signing_keys(config, &random)?));
        let board = Arc::new(Board::new(store.system().await?.list_board().await?));
        let hub_parts = HubParts {
            journal: Arc::clone(&journal),
            store: store.clone(),
            clock: Arc::clone(&clock),
            board: Arc::clone(&board),
            lease: Arc::clone(&lease),
            sessions: revoked_sessions(&store, config, clock.now()).await?,
            tasks: tasks.clone(),
            history_id: store.history_id().await?,
            links: Links::new(
                Arc::clone(&tokens),
                Arc::clone(&clock),
                seconds(config.files.link_s),
            ),
        };
        let hub = Hub::new(hub_parts, hub_settings(config));
        hub.read_deadlines().await?;
        let heartbeat = Heartbeat::new(
            seconds(config.socket.ping_every_s),
            seconds(config.socket.silent_after_s),
            hub.sessions().clone(),
        );
        Ok(Self {
            config: Arc::clone(config),
            clock,
            random,
            store,
            journal,
            lease,
            board,
            tokens,
            hub,
            heartbeat: Arc::new(heartbeat),
            end_of_journal,
        })
    }

    /// Starts what runs as long as the node does, and what ends it in order.
    fn run_until_the_end(&self, tasks: &Tasks, end_of_listening: &CancellationToken) {
        let (wheel, soft) = (self.hub.clone().turn_wheel(), tasks.soft().clone());
        tasks.spawn("wheel", async move {
            soft.run_until_cancelled(wheel).await;
        });
        let beating = Arc::clone(&self.heartbeat).run(Arc::clone(&self.clock));
        let soft = tasks.soft().clone();
        tasks.spawn("heartbeat", async move {
            soft.run_until_cancelled(beating).await;
        });
        let ending = Ending {
            hub: self.hub.clone(),
            heartbeat: Arc::clone(&self.heartbeat),
            journal: Arc::clone(&self.journal),
            spread: millis(self.config.socket.reconnect_spread_ms),
            end_of_listening: end_of_listening.clone(),
            end_of_journal: self.end_of_journal.clone(),
        };
        let soft = tasks.soft().clone();
        tasks.spawn("ending", async move {
            soft.cancelled().await;
            ending.run().await;
        });
    }

    /// What handlers work with.
    fn state(
        &self,
        passwords: Passwords,
        demo_widget_key: Option<String>,
        tasks: &Tasks,
    ) -> anyhow::Result<AppState> {
        let config = &self.config;
        let tokens = Arc::clone(&self.tokens);
        let sockets = SocketContext {
            hub: self.hub.clone(),
            board: Arc::clone(&self.board),
            heartbeat: Arc::clone(&self.heartbeat),
            tokens: Arc::clone(&tokens),
            clock: Arc::clone(&self.clock),
            random: self.random.clone(),
            settings: socket_settings(config),
            open: AtomicUsize::new(0),
        };
        let data_dir = &config.database.data_dir;
        let (lease, clock) = (Arc::clone(&self.lease), Arc::clone(&self.clock));
        let stopping = tasks.soft().clone();
        Ok(AppState::new(Parts {
            config: Arc::clone(config),
            clock: Arc::clone(&self.clock),
            random: self.random.clone(),
            store: self.store.clone(),
            hub: self.hub.clone(),
            board: Arc::clone(&self.board),
            targeting: TargetingCache::new(self.store.clone(), Arc::clone(&self.clock)),
            tokens,
            sealer: Sealer::new(&sealing_keys(config, &self.random)?),
            passwords,
            tasks: tasks.clone(),
            files: Files::open(&config.files, data_dir, self.random.clone())
                .context("cannot open the place where files are kept")?,
            uploads: Semaphore::new(config.files.uploads_max),
            limiter: Limiter::new(&config.limits, Arc::clone(&self.clock)),
            sockets: Sockets::new(Arc::new(sockets), config),
            readiness: Readiness::default()
                .with("lease", move || lease.is_valid(clock.monotonic()))
                .with("serving", move || !stopping.is_cancelled()),
            demo_widget_key,
            platform_key: PlatformKey::load(&config.platform.key, data_dir, &self.random)?,
            metrics: config.metrics.enabled.then(Metrics::start),
        }))
    }
}

fn signing_keys(config: &Config, random: &Random) -> Result<ServerKeys, ServerKeysError> {
    let configured = config.auth.signing_keys_file.as_deref();
    server_keys(config, configured, "signing_keys.json", random)
}

fn sealing_keys(config: &Config, random: &Random) -> Result<ServerKeys, ServerKeysError> {
    let configured = config.auth.sealing_keys_file.as_deref();
    server_keys(config, configured, "sealing_keys.json", random)
}

/// The keys of the configured file, else of the one of this name in the data folder.
fn server_keys(
    config: &Config,
    configured: Option<&Path>,
    name: &str,
    random: &Random,
) -> Result<ServerKeys, ServerKeysError> {
    let own = config.database.data_dir.join(name);
    ServerKeys::load(configured.unwrap_or(&own), random)
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
