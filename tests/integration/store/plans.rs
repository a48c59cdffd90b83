//! Long random plans of everything that people do, and after every single action the process ends and another one
//! goes on from what Postgres holds. A fact that changed without being stored would be lost here.
//!
//! `PLANS=200` plays more of them, `SEED=<number>` others.

use deskbell::domain::{ChatId, TenantId};
use deskbell::engine::{ChatBundle, Engine, Event, StateRecord};
use deskbell::store::{Journal, NewTenant};
use deskbell_plans::{Ground, LIMITS, Memory, Plan, START, Tally, World, draw, long_plans, runner};
use sqlx::AssertSqlSafe;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::owner::Pen;
use super::references::dangling;
use super::support::{connect, new_tenant, store};

/// How many plans of a hundred to two hundred actions.
const PLANS: u32 = 4;
/// A fixed one, so that the answer is always the same.
const SEED: u64 = 20_260_301;

/// Keeps what happens in Postgres, and beside it in memory, with which Postgres must agree.
struct Kept {
    pen: Pen,
    taken: Vec<Event>,
    beside: Memory,
}

/// Plans know nothing of tasks: they are carried out on a thread of their own, which waits for the database.
fn wait<T>(future: impl Future<Output = T>) -> T {
    Handle::current().block_on(future)
}

impl deskbell_plans::Store for Kept {
    fn take(&mut self, event: &Event) {
        self.taken.push(event.clone());
        self.beside.take(event);
    }

    fn commit(&mut self, engine: &Engine) -> Result<(), String> {
        let taken = std::mem::take(&mut self.taken);
        let committed = wait(self.pen.commit(engine, taken));
        committed.map_err(|error| format!("not committed: {error:?}"))?;
        self.beside.commit(engine)
    }

    fn bundle(&mut self, chat_id: ChatId) -> Option<ChatBundle> {
        let Pen {
            journal, tenant_id, ..
        } = &self.pen;
        let stored = wait(journal.chats(*tenant_id, vec![chat_id]))
            .unwrap()
            .pop();
        let beside = self.beside.bundle(chat_id);
        // Of a chat that is not over Postgres gives nothing, for nobody asks.
        if stored.is_some() {
            assert_eq!(stored, beside, "the chat that was brought back");
        }
        stored
    }

    fn load(&mut self) -> StateRecord {
        wait(self.pen.load())
    }
}

/// A tenant as plans begin: with nobody in it, not even an owner.
async fn empty_tenant() -> TenantId {
    let new = NewTenant {
        at: START,
        ..new_tenant()
    };
    let store = store();
    let mut tx = store.system().await.unwrap();
    tx.insert_tenant(&new).await.unwrap();
    tx.commit().await.unwrap();
    let mut owner = connect(None).await;
    for table in ["agent_credentials", "agents"] {
        let delete = format!("delete from {table} where tenant_id = $1");
        let delete = sqlx::query(AssertSqlSafe(delete)).bind(new.id.0);
        delete.execute(&mut owner).await.unwrap();
    }
    new.id
}

/// Plays a plan on the thread that it is called on; `which` is said when it fails.
fn play(plan: &Plan, which: &str) -> Tally {
    let tenant_id = wait(empty_tenant());
    let (pen, engine) = wait(Pen::of(store(), tenant_id, LIMITS));
    let kept = Kept {
        pen,
        taken: Vec::new(),
        beside: Memory::default(),
    };
    // Plans share a database, so the ids of each begin somewhere else.
    let after = Uuid::from_u128(tenant_id.0.as_u128() >> 32 << 32);
    let mut world = World::new(
        plan,
        Ground {
            engine,
            store: Box::new(kept),
            after,
            checked: true,
            keeps_log: false,
            restarts: true,
        },
    );
    let played = world.carry_out(plan).and_then(|()| world.quiesce());
    if let Err(reason) = played {
        panic!(
            "{which}: {reason}\n{}",
            serde_json::to_string(plan).unwrap()
        );
    }
    let mut owner = wait(connect(None));
    let dangling = wait(dangling(&mut owner, Some(tenant_id)));
    assert_eq!(dangling, Vec::<String>::new(), "{which}");
    world.into_log().1
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_02_another_process_goes_on_after_every_single_action() {
    let plans = number("PLANS").map_or(PLANS, |plans| u32::try_from(plans).unwrap());
    let seed = number("SEED").unwrap_or(SEED);
    let tally = tokio::task::spawn_blocking(move || {
        let mut runner = runner(seed, plans);
        let mut total = Tally::default();
        for number in 0..plans {
            let plan = draw(&long_plans(), &mut runner);
            total.add(&play(&plan, &format!("SEED={seed}, plan {number}")));
        }
        total
    });
    tally.await.unwrap().check();
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}
