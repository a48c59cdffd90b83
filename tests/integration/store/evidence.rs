//! Time lines, reports and the evidence of a moment, from the events alone.

use std::collections::BTreeSet;

use deskbell::domain::{
    Actor, Agent, AgentId, Mode, Office, OfficeId, Overrun, Pause, PauseId, PresenceReason, Queue,
    QueueId, Role, ShownReason, Status, Timestamp,
};
use deskbell::engine::{Cause, NewStatus, PasswordHash, PresenceCommand, SetupCommand};
use deskbell::store::{Error, PresenceMoment, Store};

use super::owner::Owner;
use super::support::{NOW, agent, connect, later, store, tenant, uuid};

const ONLINE: NewStatus = NewStatus::Base(Status::Online);
const AWAY: NewStatus = NewStatus::Base(Status::Away);

struct Room {
    store: Store,
    owner: Owner,
    bo: Agent,
    office_id: OfficeId,
}

/// An office with one queue that has one member, and settings that show agents.
async fn room() -> Room {
    let store = store();
    let new = tenant(&store).await;
    let mut owner = Owner::of(store.clone(), new.id).await;
    let bo = Agent {
        public_name: Some("Bo of the library".parse().unwrap()),
        ..agent("Bo", Role::Agent)
    };
    let office_id = OfficeId(uuid());
    let queue = Queue {
        id: QueueId(uuid()),
        office_id,
        name: "Questions".parse().unwrap(),
        settings: Box::default(),
        created_at: NOW,
        version: 1,
    };
    let settings = deskbell::domain::TenantSettings {
        show_agents: true,
        show_queue: true,
        ..*owner.engine.settings()
    };
    let set_up = [
        SetupCommand::UpdateSettings(settings),
        SetupCommand::CreateOffice(Box::new(Office::new(
            office_id,
            "Library".parse().unwrap(),
            NOW,
        ))),
        SetupCommand::CreateAgent(Box::new(bo.clone()), PasswordHash("one".into())),
        SetupCommand::CreateQueue(queue, BTreeSet::from([bo.id])),
    ];
    for command in set_up {
        owner.set_up(later(1), command).await;
    }
    Room {
        store,
        owner,
        bo,
        office_id,
    }
}

impl Room {
    async fn between(&self, agent_id: AgentId, from: i64, to: i64) -> Vec<PresenceMoment> {
        let mut tx = self.store.tenant(self.owner.pen.tenant_id).await.unwrap();
        let moments = tx.presence_events(agent_id, later(from), later(to)).await;
        moments.unwrap()
    }
}

fn told(moments: &[PresenceMoment]) -> Vec<(Timestamp, Status)> {
    let told = moments.iter();
    told.map(|m| (m.at, m.presence.standing.global.status))
        .collect()
}

#[tokio::test]
async fn pres_18_a_time_line_begins_with_what_stood_before_it() {
    let mut room = room().await;
    let id = room.bo.id;
    room.owner.connect(later(10), id).await;
    room.owner.set(later(20), id, ONLINE).await;
    room.owner.set(later(30), id, AWAY).await;
    room.owner.set(later(40), id, ONLINE).await;

    let online = (later(20), Status::Online);
    let away = (later(30), Status::Away);
    let again = (later(40), Status::Online);
    assert_eq!(told(&room.between(id, 25, 35).await), [online, away]);
    assert_eq!(told(&room.between(id, 30, 40).await), [away, again]);
    assert_eq!(told(&room.between(id, 31, 39).await), [away]);
    assert_eq!(room.between(id, -20, -10).await, []);

    let last = room.between(id, 50, 60).await.pop().unwrap();
    assert_eq!(
        Some(&last.presence),
        room.owner.engine.presence(id).as_ref()
    );
    assert_eq!(last.actor, Actor::Agent(id));
}

#[tokio::test]
async fn a_presence_is_stored_whole() {
    let mut room = room().await;
    let id = room.bo.id;
    let pause = Pause {
        id: PauseId(uuid()),
        name: "Lunch".parse().unwrap(),
        paid: false,
        longest: Some(deskbell::domain::Millis(60_000)),
        on_overrun: Overrun::Flag,
        sort_order: 0,
        created_at: NOW,
        version: 1,
    };
    let create = SetupCommand::CreatePause(pause.clone());
    room.owner.set_up(later(2), create).await;
    room.owner.connect(later(10), id).await;
    room.owner.set(later(20), id, ONLINE).await;
    let changes = [
        PresenceCommand::SetOverride(room.office_id, AWAY),
        PresenceCommand::StartPause(pause.id),
        PresenceCommand::Ping { takes_offers: true },
    ];
    for (seconds, command) in (30..).zip(changes) {
        room.owner.change(later(seconds), id, command).await;
        let stored = room.between(id, seconds, seconds).await.pop().unwrap();
        let memory = room.owner.engine.presence(id).unwrap();
        assert_eq!(stored.presence, memory, "{seconds}");
        room.owner.check("after each").await;
    }
    let stored = room.between(id, 99, 99).await.pop().unwrap().presence;
    assert_eq!(stored.overrides.len(), 1);
    assert_eq!(stored.pausing.unwrap().pause_id, pause.id);
    assert!(stored.leased && stored.seated && !stored.paid);
}

#[tokio::test]
async fn a_report_has_every_agent_that_has_a_past() {
    let mut room = room().await;
    let (id, cy) = (room.bo.id, agent("Cy", Role::Agent));
    let create = SetupCommand::CreateAgent(Box::new(cy.clone()), PasswordHash("two".into()));
    room.owner.set_up(later(2), create).await;
    room.owner.connect(later(10), id).await;
    room.owner.set(later(20), id, ONLINE).await;
    room.owner.connect(later(30), cy.id).await;
    room.owner.set(later(40), cy.id, AWAY).await;
    room.owner.set(later(50), id, AWAY).await;
    let archive = SetupCommand::ArchiveAgent(cy.id, None);
    room.owner.set_up(later(60), archive).await;

    let mut tx = room.store.tenant(room.owner.pen.tenant_id).await.unwrap();
    for (from, to) in [(0, 100), (25, 45), (40, 50), (70, 80)] {
        let all = tx.presence_events_of_all(later(from), later(to)).await;
        let all = all.unwrap();
        assert_eq!(all.keys().collect::<Vec<_>>(), [&id, &cy.id]);
        for (agent_id, moments) in all {
            let own = room.between(agent_id, from, to).await;
            assert_eq!(moments, own, "{from} to {to}");
        }
    }
    let early = tx.presence_events_of_all(later(-9), later(-1)).await;
    assert_eq!(early.unwrap().len(), 0);
}

#[tokio::test]
async fn what_an_office_showed_is_told_with_its_cause_and_the_next_change() {
    let mut room = room().await;
    let id = room.bo.id;
    room.owner.connect(later(10), id).await;
    room.owner.set(later(20), id, ONLINE).await;
    let shown = room.owner.shown(room.office_id);
    assert_eq!(shown.agents.len(), 1, "agents are shown, but not stored");
    room.owner.set(later(30), id, AWAY).await;

    let mut tx = room.store.tenant(room.owner.pen.tenant_id).await.unwrap();
    let office_id = room.office_id;
    let (stood, next) = tx.availability_at(office_id, later(20)).await.unwrap();
    let (stood, next) = (stood.unwrap(), next.unwrap());
    assert_eq!((stood.at, next.at), (later(20), later(30)));
    assert_eq!(stood.actor, Actor::Agent(id));
    let change = stood.change;
    assert_eq!(change.cause, Cause::Presence(id));
    assert_eq!(change.online, [id]);
    assert_eq!((change.is_open, change.members), (true, 1));
    let stored = deskbell::engine::OfficeAvailability {
        agents: Vec::new(),
        ..shown
    };
    assert_eq!(change.shown, stored);
    let reason = next.change.shown.reason;
    assert_eq!(
        (next.change.shown.mode, reason),
        (Mode::Messenger, ShownReason::NobodyOnline)
    );
    assert!(next.seq > stood.seq);

    let (before, first) = tx.availability_at(office_id, NOW).await.unwrap();
    assert_eq!((before, first.unwrap().at), (None, later(1)));
    let (last, after) = tx.availability_at(office_id, later(99)).await.unwrap();
    assert_eq!((last.unwrap().at, after), (later(30), None));
}

#[tokio::test]
async fn no_name_and_no_picture_is_stored_in_an_event() {
    let mut room = room().await;
    room.owner.connect(later(10), room.bo.id).await;
    room.owner.set(later(20), room.bo.id, ONLINE).await;

    let mut owner = connect(None).await;
    let telling: Vec<String> = sqlx::query_scalar(
        "select kind from events where tenant_id = $1
             and (payload::text like '%library%' or payload::text like '%Library%' or payload::text like '%Bo%')",
    )
    .bind(room.owner.pen.tenant_id.0)
    .fetch_all(&mut owner)
    .await
    .unwrap();

    assert_eq!(telling, Vec::<String>::new());
}

/// An event of the first form, or of one that this build does not know.
async fn insert_event(room: &Room, version: i16) {
    let mut owner = connect(None).await;
    sqlx::query(
        r#"insert into events (tenant_id, event_seq, at, kind, version, actor, agent_id, payload)
         values ($1, 1000, '2026-02-01Z', 'presence.changed', $3, 'system', $2,
             '{"status": "online", "effective": "offline", "reason": "disconnected", "since": 1769904000000}')"#,
    )
    .bind(room.owner.pen.tenant_id.0)
    .bind(room.bo.id.0)
    .bind(version)
    .execute(&mut owner)
    .await
    .unwrap();
}

#[tokio::test]
async fn a_presence_of_the_first_form_is_raised() {
    let room = room().await;
    insert_event(&room, 1).await;

    let moments = room.between(room.bo.id, -86_400, 0).await;

    let presence = &moments[0].presence;
    assert_eq!(presence.choice.status, Status::Online);
    let global = presence.standing.global;
    assert_eq!(
        (global.status, global.reason, global.by),
        (Status::Offline, PresenceReason::Disconnected, Actor::System)
    );
    assert_eq!(global.since, Timestamp(1_769_904_000_000));
}

#[tokio::test]
async fn a_presence_of_an_unknown_form_is_an_inconsistency() {
    let room = room().await;
    insert_event(&room, 3).await;

    let mut tx = room.store.tenant(room.owner.pen.tenant_id).await.unwrap();
    let refused = tx.presence_events(room.bo.id, NOW, later(1)).await;

    let is_fault = matches!(
        refused,
        Err(Error::Inconsistency {
            table: "events",
            ..
        })
    );
    assert!(is_fault, "{refused:?}");
}
