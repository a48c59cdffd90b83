//! The cluster and the server that all tests share.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use deskbell::app::{Ports, Server};
use deskbell::config::{Config, Options, load_from};
use deskbell::http::AppState;
use deskbell::postgres::{OWNER, PrivatePostgres, Settings};
use sqlx::postgres::PgConnectOptions;

/// The key of the platform operator in tests.
pub(crate) const PLATFORM_KEY: &str = "platform-key-of-the-tests";

/// What the tests share.
pub(crate) struct Shared {
    /// Where the server answers.
    pub(crate) base: String,
    /// What its handlers work with.
    pub(crate) state: AppState,
    owner: PgConnectOptions,
    socket_dir: PathBuf,
    folder: PathBuf,
}

/// The shared server, started by the first test that needs it.
pub(crate) fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let folder = folder();
                let postgres = PrivatePostgres::start(Settings {
                    data_dir: folder.join("cluster"),
                    bin_dir: None,
                    durable: false,
                    max_connections: 150,
                })
                .await
                .unwrap();
                let socket_dir = postgres.socket_dir().to_owned();
                let config = config(&socket_dir, &folder.join("server"));
                let server = Server::start(config, Ports::default()).await.unwrap();
                let shared = Shared {
                    base: format!("http://{}", server.address),
                    state: server.state.clone(),
                    owner: postgres.connect_options(OWNER),
                    socket_dir,
                    folder,
                };
                sender.send(shared).unwrap();
                // Both live as long as the process; Postgres follows it.
                std::future::pending::<()>().await;
                drop((server, postgres));
            });
        });
        receiver.recv().expect("the shared server does not start")
    })
}

/// The cluster's database, as the owner.
pub(crate) fn owner_options() -> PgConnectOptions {
    shared().owner.clone()
}

/// A server of a test's own, on the shared database. It has a node id of its own.
pub(crate) async fn start_server(ports: Ports, change: impl FnOnce(&mut Config)) -> Server {
    // As long-lived as the server, which may outlive its test: removed with all that the run has left.
    let folder = tempfile::tempdir_in(&shared().folder).unwrap().keep();
    let mut config = config(&shared().socket_dir, &folder);
    change(&mut config);
    Server::start(config, ports).await.unwrap()
}

fn config(socket_dir: &Path, data_dir: &Path) -> Config {
    let url = format!(
        "postgres://{OWNER}@localhost/deskbell?host={}",
        socket_dir.display()
    );
    let set = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let options = Options {
        environment: Some("test".to_owned()),
        config_dir: Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("config")),
        overrides: vec![
            set("database.url", &url),
            set("database.data_dir", &data_dir.display().to_string()),
            set("platform.key", PLATFORM_KEY),
        ],
    };
    load_from(&options, Vec::new()).unwrap().config
}

/// A folder in shared memory where there is some. Those of runs that have ended are removed.
fn folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    let prefix = "deskbell-test-";
    for entry in std::fs::read_dir(&parent).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let ended = name
            .strip_prefix(prefix)
            .is_some_and(|pid| !Path::new("/proc").join(pid).exists());
        if ended {
            // Another run may be removing it too.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    let folder = parent.join(format!("{prefix}{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // Root's Postgres runs as another user.
    std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    folder
}

/// Waits until something outside of the test's reach has happened.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let done = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    done.unwrap_or_else(|_| panic!("it never came that {what}"));
}
