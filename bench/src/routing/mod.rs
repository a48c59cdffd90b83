//! `routing`: what a decision costs, in the engine alone: no store, no sockets, one thread.
//!
//! Two decisions are timed, each as the whole command that causes it and as the same command where there is nothing to
//! decide; the difference is what the decision costs, with the offer and the record of why. *Which chat*: nobody has
//! room and a long line waits; an agent closes a chat and the engine finds the one to offer it. Without: nobody waits.
//! *Which agent*: everybody has room and nobody waits; a chat is started and the engine finds whom to ask. Without:
//! nobody has room. Between two of them the line and the agents are brought back to what they were, untimed. Whoever else
//! uses the machine only adds to the time, so both are measured in several rounds, in turn, and the quietest round of each
//! counts; the slowest is shown beside it. A drain is timed as a whole: a line of that many chats is accepted and closed by
//! all agents in turn until nobody waits; if time a chat does not grow with the length, it is not quadratic.

mod desk;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;
use deskbell::domain::{AgentId, ChatId, Strategy};
use serde_json::{Value, json};

use self::desk::{Desk, the_only};
use crate::report::{Section, Target};

/// Promise: a decision with 1,000 agents and 10,000 waiting chats, in microseconds.
const DECISION_US_MAX: f64 = 20.0;

/// Promise: how many times as much it may cost with 10,000 agents as with 10.
const GROWTH_MAX: f64 = 4.0;

/// A drain of ten times as many may take this many times as long: a quadratic one takes a hundred.
const DRAIN_GROWTH_MAX: f64 = 20.0;

/// How the engine is measured.
#[derive(Args, Clone, Debug)]
pub(crate) struct RoutingOptions {
    /// Chats that wait
    #[arg(long, default_value_t = 10_000)]
    waiting: usize,
    /// Decisions of each kind and size in a round
    #[arg(long, default_value_t = 1_000)]
    decisions: usize,
    /// Rounds of each kind and size
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// The longer of the two lines that are drained
    #[arg(long, default_value_t = 100_000)]
    drain: usize,
}

/// How many agents there are, in turn.
const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

/// The one that the promise is about.
const SIZE_OF_THE_PROMISE: usize = 1_000;

/// The median and the 99th of a hundred, in microseconds.
#[derive(Clone, Copy, Debug)]
struct Cost {
    p50: f64,
    p99: f64,
}

impl Cost {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |percent: usize| {
            let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
            times
                .get(place)
                .map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
        };
        Self {
            p50: at(50),
            p99: at(99),
        }
    }

    fn cell(self) -> String {
        format!("{:.1} / {:.1}", self.p50, self.p99)
    }

    fn json(self) -> Value {
        json!({"p50_us": self.p50, "p99_us": self.p99})
    }
}

/// A command that causes a decision, and the same where there is nothing to decide: the quietest round of each.
#[derive(Clone, Copy, Debug)]
struct Decided {
    with: Cost,
    without: Cost,
    /// The difference when both were slowest.
    slowest_us: f64,
}

impl Decided {
    /// Measures both in turn.
    fn measure(
        rounds: usize,
        with: impl Fn() -> Result<Cost>,
        without: impl Fn() -> Result<Cost>,
    ) -> Result<Self> {
        let (mut withs, mut withouts) = (Vec::new(), Vec::new());
        for _ in 0..rounds.max(1) {
            withs.push(with()?);
            withouts.push(without()?);
        }
        for costs in [&mut withs, &mut withouts] {
            costs.sort_unstable_by(|a, b| a.p50.total_cmp(&b.p50));
        }
        Ok(Self {
            with: withs[0],
            without: withouts[0],
            slowest_us: withs[withs.len() - 1].p50 - withouts[withouts.len() - 1].p50,
        })
    }

    /// What the decision costs.
    fn us(self) -> f64 {
        self.with.p50 - self.without.p50
    }

    fn cells(self) -> [String; 3] {
        [
            format!("{:.1} ({:.1})", self.us(), self.slowest_us),
            self.with.cell(),
            self.without.cell(),
        ]
    }

    fn json(self) -> Value {
        json!({
            "decision_us": self.us(), "slowest_us": self.slowest_us,
            "with": self.with.json(), "without": self.without.json(),
        })
    }
}

/// One size, measured.
struct Row {
    strategy: Strategy,
    agents: usize,
    which_chat: Decided,
    which_agent: Decided,
}

/// Measures.
pub(crate) fn run(options: &RoutingOptions) -> Result<Section> {
    let mut rows = Vec::new();
    for agents in SIZES {
        rows.push(row(Strategy::LongestIdle, agents, options)?);
    }
    for strategy in [
        Strategy::RoundRobin,
        Strategy::LeastBusy,
        Strategy::PriorityTiers,
    ] {
        rows.push(row(strategy, SIZE_OF_THE_PROMISE, options)?);
    }
    let shorter = drain(options.drain / 10)?;
    let longer = drain(options.drain)?;
    Ok(section(options, &rows, [shorter, longer]))
}

fn row(strategy: Strategy, agents: usize, options: &RoutingOptions) -> Result<Row> {
    Ok(Row {
        strategy,
        agents,
        which_chat: Decided::measure(
            options.rounds,
            || which_chat(strategy, agents, options),
            || close_alone(strategy, agents, options),
        )?,
        which_agent: Decided::measure(
            options.rounds,
            || which_agent(strategy, agents, options),
            || start_alone(strategy, agents, options),
        )?,
    })
}

/// Each agent has room for one chat and has it.
fn all_busy(strategy: Strategy, agents: usize) -> Result<(Desk, VecDeque<(AgentId, ChatId)>)> {
    let mut desk = Desk::open(agents, 1, strategy)?;
    let mut busy = VecDeque::with_capacity(agents);
    for _ in 0..agents {
        let ringing = the_only(desk.start()?)?;
        busy.push_back((ringing.agent_id, ringing.chat_id));
        desk.accept(&ringing)?;
        desk.settle();
    }
    Ok((desk, busy))
}

/// Nobody has room; the others wait.
fn which_chat(strategy: Strategy, agents: usize, options: &RoutingOptions) -> Result<Cost> {
    let (mut desk, mut busy) = all_busy(strategy, agents)?;
    desk.fill_line(options.waiting)?;
    let mut times = Vec::with_capacity(options.decisions);
    for _ in 0..options.decisions {
        let Some((agent_id, chat_id)) = busy.pop_front() else {
            break;
        };
        let began = Instant::now();
        let made = desk.close(agent_id, chat_id)?;
        times.push(began.elapsed());
        let ringing = the_only(made)?;
        ensure!(ringing.agent_id == agent_id, "somebody else had room");
        busy.push_back((agent_id, ringing.chat_id));
        desk.accept(&ringing)?;
        ensure!(desk.start()?.is_empty(), "somebody had room");
        desk.settle();
    }
    Ok(Cost::of(times))
}

/// Nobody has room, and nobody waits.
fn close_alone(strategy: Strategy, agents: usize, options: &RoutingOptions) -> Result<Cost> {
    let (mut desk, mut busy) = all_busy(strategy, agents)?;
    let mut times = Vec::with_capacity(options.decisions);
    for _ in 0..options.decisions {
        let Some((agent_id, chat_id)) = busy.pop_front() else {
            break;
        };
        let began = Instant::now();
        let made = desk.close(agent_id, chat_id)?;
        times.push(began.elapsed());
        ensure!(made.is_empty(), "somebody waited");
        let ringing = the_only(desk.start()?)?;
        busy.push_back((ringing.agent_id, ringing.chat_id));
        desk.accept(&ringing)?;
        desk.settle();
    }
    Ok(Cost::of(times))
}

/// Nobody has room.
fn start_alone(strategy: Strategy, agents: usize, options: &RoutingOptions) -> Result<Cost> {
    let (mut desk, _) = all_busy(strategy, agents)?;
    let mut times = Vec::with_capacity(options.decisions);
    for _ in 0..options.decisions {
        let began = Instant::now();
        let made = desk.start()?;
        times.push(began.elapsed());
        ensure!(made.is_empty(), "somebody had room");
        desk.end_last()?;
        desk.settle();
    }
    Ok(Cost::of(times))
}

/// Each agent has room for two chats and has one; nobody waits.
fn which_agent(strategy: Strategy, agents: usize, options: &RoutingOptions) -> Result<Cost> {
    let mut desk = Desk::open(agents, 2, strategy)?;
    for _ in 0..agents {
        let ringing = the_only(desk.start()?)?;
        desk.accept(&ringing)?;
        desk.settle();
    }
    let mut times = Vec::with_capacity(options.decisions);
    for _ in 0..options.decisions {
        let began = Instant::now();
        let made = desk.start()?;
        times.push(began.elapsed());
        let ringing = the_only(made)?;
        desk.accept(&ringing)?;
        desk.close(ringing.agent_id, ringing.chat_id)?;
        desk.settle();
    }
    Ok(Cost::of(times))
}

/// A line that was emptied: how many chats it had, and how long that took.
struct Drained {
    chats: usize,
    took: Duration,
}

impl Drained {
    #[expect(clippy::cast_precision_loss, reason = "chats are counted in thousands")]
    fn us_each(&self) -> f64 {
        self.took.as_secs_f64() * 1e6 / self.chats as f64
    }
}

/// A thousand agents take all that waits, one chat at a time each.
fn drain(chats: usize) -> Result<Drained> {
    let mut desk = Desk::open(SIZE_OF_THE_PROMISE, 1, Strategy::LongestIdle)?;
    let mut ringing = VecDeque::new();
    for _ in 0..desk.agents() {
        ringing.push_back(the_only(desk.start()?)?);
    }
    desk.fill_line(chats)?;
    let mut closed = 0;
    let began = Instant::now();
    while let Some(offer) = ringing.pop_front() {
        desk.accept(&offer)?;
        ringing.extend(desk.close(offer.agent_id, offer.chat_id)?);
        desk.settle();
        closed += 1;
    }
    let took = began.elapsed();
    ensure!(
        closed == chats + desk.agents(),
        "{closed} of {chats} chats were drained"
    );
    Ok(Drained { chats, took })
}

/// What was promised of single decisions.
fn targets(rows: &[Row]) -> Vec<Target> {
    let sized = |agents: usize| {
        rows.iter()
            .find(|row| row.agents == agents && row.strategy == Strategy::LongestIdle)
    };
    let mut targets = Vec::new();
    for row in rows.iter().filter(|row| row.agents == SIZE_OF_THE_PROMISE) {
        for (what, cost) in [
            ("which chat", row.which_chat),
            ("which agent", row.which_agent),
        ] {
            targets.push(Target {
                what: format!(
                    "{what}, {}, {} agents: {:.1} µs (at most {DECISION_US_MAX})",
                    row.strategy.as_str(),
                    row.agents,
                    cost.us()
                ),
                met: cost.us() <= DECISION_US_MAX,
            });
        }
    }
    if let (Some(few), Some(many)) = (sized(SIZES[0]), sized(SIZES[3])) {
        for (what, few, many) in [
            ("which chat", few.which_chat, many.which_chat),
            ("which agent", few.which_agent, many.which_agent),
        ] {
            let growth = many.us() / few.us();
            targets.push(Target {
                what: format!(
                    "{what}: {} agents cost {growth:.1} times as much as {} (less than {GROWTH_MAX})",
                    SIZES[3], SIZES[0]
                ),
                met: growth < GROWTH_MAX,
            });
        }
    }
    targets
}

fn section(options: &RoutingOptions, rows: &[Row], drained: [Drained; 2]) -> Section {
    let mut targets = targets(rows);
    let [shorter, longer] = drained;
    let growth = longer.took.as_secs_f64() / shorter.took.as_secs_f64();
    targets.push(Target {
        what: format!(
            "a line of {} drains in {:.2} s, {growth:.1} times as long as one of {} (less than {DRAIN_GROWTH_MAX})",
            longer.chats,
            longer.took.as_secs_f64(),
            shorter.chats
        ),
        met: growth < DRAIN_GROWTH_MAX,
    });
    Section {
        name: "routing",
        text: format!(
            "The engine alone, one thread. {} decisions of each kind in each of {} rounds, of which the quietest counts \
             (in brackets the slowest); {} chats wait where they do.",
            options.decisions, options.rounds, options.waiting
        ),
        columns: vec![
            "strategy",
            "agents",
            "which chat, µs",
            "close with it (p50 / p99)",
            "close without",
            "which agent, µs",
            "start with it",
            "start without",
        ],
        rows: rows
            .iter()
            .map(|row| {
                let mut cells = vec![row.strategy.as_str().to_owned(), row.agents.to_string()];
                cells.extend(row.which_chat.cells());
                cells.extend(row.which_agent.cells());
                cells
            })
            .collect(),
        notes: vec![format!(
            "Accepting and closing a chat that waited took {:.1} µs in a line of {}, {:.1} µs in one of {}.",
            shorter.us_each(),
            shorter.chats,
            longer.us_each(),
            longer.chats
        )],
        targets,
        json: json!({
            "decisions": rows.iter().map(|row| json!({
                "strategy": row.strategy.as_str(), "agents": row.agents,
                "which_chat": row.which_chat.json(), "which_agent": row.which_agent.json(),
            })).collect::<Vec<_>>(),
            "drain": {"chats": longer.chats, "seconds": longer.took.as_secs_f64(), "growth": growth},
        }),
    }
}
