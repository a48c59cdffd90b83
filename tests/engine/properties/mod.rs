//! Random plans against the engine: after each step its invariants, an independent model, the store and the
//! clients agree with it. And random hours against a clock on the wall, and random time lines that must add up to it.
//!
//! `PLANS=50000` runs more of them, from a new seed each time; `SEED=<number>` chooses the seed. A failing plan is
//! made small, written to a file and run again with `PLAN=<file>`.

mod chat_reports;
mod hours;
mod reports;

use std::cell::{Cell, RefCell};
use std::hash::{BuildHasher, Hasher};
use std::path::Path;

use deskbell_plans::{Ground, Plan, Tally, World, example, plans, runner};
use proptest::test_runner::{TestCaseError, TestError};

/// A gate that gives the same answer every time; searching for more is what `PLANS` is for.
const SEED_OF_THE_GATE: u64 = 20_260_105;
const PLANS_OF_THE_GATE: u32 = 160;

#[test]
fn random_plans_keep_every_promise() {
    if let Ok(path) = std::env::var("PLAN") {
        let text = std::fs::read_to_string(&path).expect("a plan to read");
        let plan: Plan = serde_json::from_str(&text).expect("a plan");
        if run(&plan).is_err() {
            let plan = smallest(plan);
            let reason = run(&plan).err();
            panic!("{}\n{reason:?}", serde_json::to_string(&plan).unwrap());
        }
        return;
    }
    let (seed, plans) = gate();
    println!("SEED={seed}");
    search(seed, plans.unwrap_or(PLANS_OF_THE_GATE));
}

/// Leaves out of a failing plan whatever it fails without.
fn smallest(plan: Plan) -> Plan {
    let without = |at: usize| {
        let mut smaller = plan.clone();
        smaller.leave_out(at);
        smaller
    };
    let mut fewer = (0..plan.len()).rev().map(without);
    match fewer.find(|smaller| run(smaller).is_err()) {
        Some(smaller) => smallest(smaller),
        None => plan,
    }
}

/// The seed, and how many plans are asked for, if it is not the gate.
fn gate() -> (u64, Option<u32>) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    let plans: Option<u64> = number("PLANS");
    let seed = number("SEED").unwrap_or_else(|| match plans {
        Some(_) => std::hash::RandomState::new().build_hasher().finish(),
        None => SEED_OF_THE_GATE,
    });
    (seed, plans.map(|plans| u32::try_from(plans).unwrap()))
}

fn search(seed: u64, cases: u32) {
    let mut runner = runner(seed, cases);
    let total = RefCell::new(Tally::default());
    let silenced = Cell::new(false);
    let outcome = runner.run(&plans(), |plan| match run(&plan) {
        Ok(tally) => {
            total.borrow_mut().add(&tally);
            Ok(())
        }
        Err(reason) => {
            // One report is enough: what follows is the same fault with a smaller plan.
            if !silenced.replace(true) {
                eprintln!("SEED={seed}: {reason}\nmaking the plan smaller...");
            }
            Err(TestCaseError::fail(reason))
        }
    });
    match outcome {
        Ok(()) => total.borrow().check(),
        Err(TestError::Fail(reason, plan)) => {
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("plan-{seed}.json"));
            let json = serde_json::to_string_pretty(&plan).unwrap();
            std::fs::write(&file, json).unwrap();
            let file = file.display();
            panic!("SEED={seed}: {reason}\nrun it again with PLAN={file}\n{plan:#?}");
        }
        Err(TestError::Abort(reason)) => panic!("SEED={seed}: given up: {reason}"),
    }
}

/// Runs a plan twice: every check in the first run, the same effects in the second.
fn run(plan: &Plan) -> Result<Tally, String> {
    let checked = std::panic::catch_unwind(|| {
        let mut world = World::new(plan, Ground::in_memory());
        world.carry_out(plan)?;
        world.quiesce()?;
        Ok(world.into_log())
    });
    let (log, tally) = checked.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(text.unwrap_or_else(|| "a panic without words".to_owned()))
    })?;
    let unwatched = Ground {
        checked: false,
        ..Ground::in_memory()
    };
    let mut again = World::new(plan, unwatched);
    again.carry_out(plan)?;
    again.quiesce()?;
    if again.into_log().0 != log {
        return Err("the same plan had other effects the second time".to_owned());
    }
    Ok(tally)
}

/// What is written for a failing plan can be read and run again.
#[test]
fn a_plan_survives_its_file() {
    let plan = example();

    let json = serde_json::to_string(&plan).unwrap();
    let read: Plan = serde_json::from_str(&json).unwrap();

    assert_eq!(format!("{read:?}"), format!("{plan:?}"));
    run(&read).expect("the plan keeps every promise");
}
