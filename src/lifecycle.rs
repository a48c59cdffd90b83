//! How a process ends.
//!
//! Owns the signals, the two stages of a shutdown and the list of running tasks. Must not know what
//! the tasks do, nor in which order they end: each waits for what it needs. Every task is started
//! here, so none outlives the process unseen, and none dies unnoticed.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::telemetry::{fields, names};

/// How long tasks have to notice that the shutdown has become a hard one.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How a process ended, and what it tells its supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitStatus {
    /// Everything was finished.
    Clean,
    /// A task that the process cannot do without had died; the rest was finished.
    Failed,
    /// It took too long, or somebody insisted: something was cut off.
    Forced,
}

impl ExitStatus {
    /// The number for the system; 2 is left to the command line's own errors.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Failed => 1,
            Self::Forced => 3,
        }
    }
}

/// The tasks of a process and the two stages of its shutdown. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    soft: CancellationToken,
    hard: CancellationToken,
    tracker: TaskTracker,
    failed: AtomicU8,
}

impl Tasks {
    /// No tasks yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins when the process should end: take nothing new, finish what was begun.
    #[must_use]
    pub fn soft(&self) -> &CancellationToken {
        &self.shared.soft
    }

    /// Begins when it must end: drop everything.
    #[must_use]
    pub fn hard(&self) -> &CancellationToken {
        &self.shared.hard
    }

    /// Starts a task that the process cannot do without: when it panics, the process shuts down and
    /// fails. It may return at any time.
    pub fn spawn(
        &self,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        let tasks = self.clone();
        self.shared.tracker.spawn(async move {
            if caught(name, task).await.is_none() {
                tasks.fail();
            }
        })
    }

    /// As [`Tasks::spawn`], on a thread of its own: for a task that others wait for, so that it is not queued behind all
    /// that they do themselves. The system's scheduler lets it in as soon as there is something for it.
    ///
    /// # Errors
    /// When the system has no room for another thread.
    pub fn spawn_on_thread(
        &self,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let tasks = self.clone();
        let task = self.shared.tracker.track_future(async move {
            if caught(name, task).await.is_none() {
                tasks.fail();
            }
        });
        let thread = std::thread::Builder::new().name(name.to_owned());
        thread.spawn(move || runtime.block_on(task))?;
        Ok(())
    }

    /// Starts a task whose panic is its own matter: a tenant's actor, a connection. Gives `None` to
    /// whoever waits for it.
    pub fn spawn_isolated<T: Send + 'static>(
        &self,
        name: &'static str,
        task: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<Option<T>> {
        self.shared.tracker.spawn(caught(name, task))
    }

    /// How many tasks run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.shared.tracker.len()
    }

    /// Asks the process to end.
    pub fn stop(&self) {
        self.shared.soft.cancel();
    }

    /// Asks the process to end, and to tell its supervisor that something went wrong.
    pub fn fail(&self) {
        self.shared.failed.store(1, Ordering::Relaxed);
        self.stop();
    }

    /// Waits until the process should end, by a signal, a failure or [`Tasks::stop`], and then
    /// until its tasks have ended. When that takes longer than `limit`, or a second signal comes,
    /// the shutdown becomes a hard one and what still runs is left behind.
    pub async fn run(&self, mut signals: Signals, limit: Duration) -> ExitStatus {
        let Shared {
            soft,
            hard,
            tracker,
            failed,
        } = &*self.shared;
        tokio::select! {
            () = soft.cancelled() => {}
            name = signals.next() => tracing::info!(signal = name, "shutting down"),
        }
        soft.cancel();
        tracker.close();
        let forced = tokio::select! {
            () = tracker.wait() => false,
            () = hard.cancelled() => true,
            () = tokio::time::sleep(limit) => true,
            _ = signals.next() => true,
        };
        if forced {
            tracing::warn!(running = tracker.len(), "cutting off what still runs");
            hard.cancel();
            // Who does not hear it in time is left behind: the process ends anyway.
            let _ = tokio::time::timeout(LAST_WORDS, tracker.wait()).await;
            return ExitStatus::Forced;
        }
        match failed.load(Ordering::Relaxed) {
            0 => ExitStatus::Clean,
            _ => ExitStatus::Failed,
        }
    }
}

/// Runs a task to its end; `None` when it panics, which is logged and counted here.
async fn caught<T>(name: &'static str, task: impl Future<Output = T>) -> Option<T> {
    match AssertUnwindSafe(task).catch_unwind().await {
        Ok(value) => Some(value),
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().copied();
            let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            let text = text.unwrap_or("no text");
            metrics::counter!(names::TASK_PANICS, "task" => name).increment(1);
            tracing::error!(
                { fields::TASK } = name,
                { fields::ERROR } = text,
                "a task panicked"
            );
            None
        }
    }
}

/// The signals that ask a process to end.
#[derive(Debug)]
pub struct Signals(Option<(Signal, Signal)>);

impl Signals {
    /// Listens to SIGINT and SIGTERM; from now on they no longer end the process by themselves.
    ///
    /// # Errors
    /// When the system has no room for another listener.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self(Some((
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        ))))
    }

    /// Listens to nothing: a server inside of a test leaves the signals to the test.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    async fn next(&mut self) -> &'static str {
        match &mut self.0 {
            None => std::future::pending().await,
            Some((interrupt, terminate)) => tokio::select! {
                _ = interrupt.recv() => "SIGINT",
                _ = terminate.recv() => "SIGTERM",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ExitStatus, Signals, Tasks};

    const LONG: Duration = Duration::from_hours(1);

    #[tokio::test]
    async fn a_shutdown_waits_for_its_tasks() {
        let tasks = Tasks::new();
        let soft = tasks.soft().clone();
        let task = tasks.spawn("patient", async move { soft.cancelled().await });

        tasks.stop();

        assert_eq!(tasks.run(Signals::none(), LONG).await, ExitStatus::Clean);
        assert!(task.is_finished());
    }

    #[tokio::test]
    async fn a_panic_ends_the_process_unless_it_is_isolated() {
        let tasks = Tasks::new();
        let isolated = tasks.spawn_isolated("tenant", async { panic!("on purpose") });
        assert_eq!(isolated.await.unwrap(), None::<()>);
        assert!(!tasks.soft().is_cancelled());

        tasks.spawn("journal", async { panic!("on purpose") });

        assert_eq!(tasks.run(Signals::none(), LONG).await, ExitStatus::Failed);
        assert_eq!(ExitStatus::Failed.code(), 1);
    }

    /// This test's runtime has one thread, and that one waits.
    #[tokio::test]
    async fn a_task_with_a_thread_of_its_own_runs_while_all_others_wait() {
        let tasks = Tasks::new();
        let (done, is_done) = std::sync::mpsc::channel();
        let soft = tasks.soft().clone();
        let task = async move {
            done.send(()).unwrap();
            soft.cancelled().await;
        };
        tasks.spawn_on_thread("journal", task).unwrap();

        is_done.recv_timeout(LONG).unwrap();

        assert_eq!(tasks.running(), 1);
        tasks.stop();
        assert_eq!(tasks.run(Signals::none(), LONG).await, ExitStatus::Clean);
        assert_eq!(tasks.running(), 0);
    }

    #[tokio::test]
    async fn a_panic_on_a_thread_of_its_own_ends_the_process_too() {
        let tasks = Tasks::new();

        let task = async { panic!("on purpose") };
        tasks.spawn_on_thread("journal", task).unwrap();

        assert_eq!(tasks.run(Signals::none(), LONG).await, ExitStatus::Failed);
    }

    #[tokio::test]
    async fn who_does_not_end_in_time_is_cut_off() {
        let tasks = Tasks::new();
        let hard = tasks.hard().clone();
        tasks.spawn("stubborn", async move { hard.cancelled().await });

        tasks.stop();

        assert_eq!(
            tasks.run(Signals::none(), Duration::ZERO).await,
            ExitStatus::Forced
        );
        assert_eq!(tasks.running(), 0);
    }
}
