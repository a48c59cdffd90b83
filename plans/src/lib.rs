//! Random plans against the engine: what people do, in which world, and who watches that every promise is kept.
//!
//! A [`Plan`] says what is done to the how-manieth of what exists then, so that it can be made smaller and read again
//! from a file. A [`World`] carries it out: after each step the engine's own invariants, a model that was written
//! independently of it, a store and the clients of everybody must agree with it, and a restart must change nothing.
//! Where things are stored is the caller's choice: in memory for the rules, in Postgres for the journal.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "for tests: it panics to say what is wrong with the test itself"
)]

mod clients;
mod explain;
mod model;
mod plan;
mod presence;
mod store;
mod world;

use deskbell::domain::{Millis, OwnInactivity, Timestamp};
use deskbell::engine::{ACTIVITY_KEPT_EVERY, Engine, StateRecord};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

pub use plan::{Plan, example, long_plans, plans};
pub use store::{Memory, Store};
pub use world::{Ground, LIMITS, Tally, World};

/// When plans begin: 2026-01-05T09:00:00Z, a Monday.
pub const START: Timestamp = Timestamp(1_767_603_600_000);

/// What draws plans: the same ones for the same seed, whatever the day.
pub fn runner(seed: u64, cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    // The slower generators cost a debug build as much as the plans. A seed of zeros would be one for ever.
    let mut bytes = [1; 16];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::XorShift, &bytes);
    TestRunner::new_with_rng(config, rng)
}

/// Draws a plan.
pub fn draw(plans: &impl Strategy<Value = Plan>, runner: &mut TestRunner) -> Plan {
    let tree = plans.new_tree(runner);
    tree.expect("the generators reject nothing").current()
}

/// Whether what was restored falls due when the engine does: earlier only by as much as activity is kept coarsely, or
/// because a boundary of hours lies at this very instant and is passed once more. `durable` is what it was restored from.
pub fn falls_due_as(restored: &Engine, engine: &Engine, durable: &StateRecord) -> bool {
    if restored.next_deadline() == Some(engine.now() + Millis(1)) {
        return true;
    }
    let tenant = durable.settings.inactivity;
    let own = durable.agents.iter().map(|(agent, _)| agent.inactivity);
    let narrowed = durable.offices.iter().map(|(office, _)| office.inactivity);
    let inactive = tenant.away_after.or(tenant.offline_after).is_some()
        || own
            .chain(narrowed)
            .any(|delays| delays != OwnInactivity::default());
    match (restored.next_deadline(), engine.next_deadline()) {
        (Some(restored), Some(at)) if inactive => {
            restored <= at && at.since(restored) < ACTIVITY_KEPT_EVERY
        }
        (restored, at) => restored == at,
    }
}
