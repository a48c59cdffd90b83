//! What is set up is stored as a whole, and what is loaded is what was in memory: after each kind of set-up event but
//! those of agents, which have a file of their own.

use std::collections::BTreeSet;

use deskbell::domain::{
    Agent, AgentId, Ban, BanId, Banned, ChatSettings, Comparison, ContactTest, CustomStatus,
    DisconnectSettings, Disposition, DispositionId, Hours, InactivitySettings, Interval, Millis,
    Office, OfficeId, Overrun, OwnInactivity, Pause, PauseId, Priority, Queue, QueueId,
    QueueMemory, QueueSettings, Role, RoutingAction, RoutingConditions, RoutingRule, RoutingRuleId,
    Skill, SkillId, Status, StatusId, TenantId, TenantSettings, Weekday, WeeklyInterval, WhenBusy,
    WhenNotLive, Widget, WidgetId, WidgetKey,
};
use deskbell::engine::{Command, PasswordHash, PresenceCommand, Refusal, SetupCommand};
use deskbell::store::Store;

use super::owner::Owner;
use super::support::{NOW, agent, connect, later, store, tenant, uuid};

pub(super) fn hours() -> Hours {
    let nine_to_five = WeeklyInterval {
        day: Weekday::Monday,
        interval: Interval::new("09:00".parse().unwrap(), "17:00".parse().unwrap()).unwrap(),
    };
    let zone = "Europe/Vienna".parse().unwrap();
    Hours::new(zone, &[nine_to_five], Vec::new()).unwrap()
}

pub(super) fn office(name: &str) -> Office {
    Office::new(OfficeId(uuid()), name.parse().unwrap(), NOW)
}

pub(super) fn queue(office_id: OfficeId) -> Queue {
    Queue {
        id: QueueId(uuid()),
        office_id,
        name: "Questions".parse().unwrap(),
        settings: Box::default(),
        created_at: NOW,
        version: 1,
    }
}

pub(super) fn password(text: &str) -> PasswordHash {
    PasswordHash(text.into())
}

pub(super) async fn owner() -> (Store, Owner, Agent) {
    let store = store();
    let new = tenant(&store).await;
    let owner = Owner::of(store.clone(), new.id).await;
    (store, owner, new.owner)
}

/// The kinds of a tenant's events, oldest first.
async fn kinds(tenant_id: TenantId) -> Vec<String> {
    let mut owner = connect(None).await;
    sqlx::query_scalar("select kind from events where tenant_id = $1 order by event_seq")
        .bind(tenant_id.0)
        .fetch_all(&mut owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn settings_are_stored_as_a_whole() {
    let (store, mut owner, _) = owner().await;
    let settings = TenantSettings {
        chats: ChatSettings::default(),
        seats: 3,
        time_zone: "Asia/Kathmandu".parse().unwrap(),
        disconnect: DisconnectSettings {
            grace: None,
            becomes: Status::Away,
            restore_within: Millis(5000),
        },
        inactivity: InactivitySettings {
            away_after: None,
            offline_after: Some(Millis(7_200_000)),
            resume: true,
        },
        lease_ttl: Millis(90_000),
        offline_replies: false,
        show_agents: true,
        show_queue: true,
        version: 1,
    };

    let command = SetupCommand::UpdateSettings(settings);
    owner.set_up(later(1), command).await;

    let stored = owner.check("after the settings").await.settings;
    let expected = TenantSettings {
        version: 2,
        ..settings
    };
    assert_eq!(stored, expected);
    let mut tx = store.tenant(owner.pen.tenant_id).await.unwrap();
    assert_eq!(tx.settings().await.unwrap(), expected);
    assert_eq!(kinds(owner.pen.tenant_id).await[2..], ["settings.changed"]);
}

#[tokio::test]
async fn offices_are_stored_changed_and_archived() {
    let (store, mut owner, _) = owner().await;
    let made = Office {
        hours: Some(hours()),
        ..office("Library")
    };
    let id = made.id;
    owner
        .set_up(later(1), SetupCommand::CreateOffice(Box::new(made.clone())))
        .await;
    owner.check("after it was made").await;
    let changed = Office {
        name: "The library".parse().unwrap(),
        when_not_live: WhenNotLive::Hidden,
        when_busy: WhenBusy::Messenger,
        hours: None,
        inactivity: OwnInactivity {
            away_after: Some(Millis(60_000)),
            offline_after: Some(Millis(120_000)),
        },
        ..made
    };
    let command = SetupCommand::UpdateOffice(Box::new(changed.clone()));
    owner.set_up(later(2), command).await;

    let stored = owner.check("after it was changed").await;
    let (office, record) = &stored.offices[0];
    let expected = Office {
        version: 2,
        ..changed
    };
    assert_eq!(*office, expected);
    assert_eq!(record.since, owner.shown(id).since);
    let mut tx = store.tenant(owner.pen.tenant_id).await.unwrap();
    let found = tx.find_office(id).await.unwrap().unwrap();
    assert_eq!((found.office, found.mode), (expected, record.mode));

    let archive = SetupCommand::ArchiveOffice(id, Some(2));
    owner.set_up(later(3), archive).await;
    assert_eq!(owner.check("after its end").await.offices, []);
    assert_eq!(tx.find_office(id).await.unwrap(), None);
}

#[tokio::test]
async fn queues_are_stored_changed_and_archived_with_their_members() {
    let (store, mut owner, first) = owner().await;
    let (library, bo) = (office("Library"), agent("Bo", Role::Agent));
    let made = queue(library.id);
    let set_up = [
        SetupCommand::CreateOffice(Box::new(library)),
        SetupCommand::CreateAgent(Box::new(bo.clone()), password("one")),
        SetupCommand::CreateQueue(made.clone(), BTreeSet::from([bo.id])),
        SetupCommand::SetMembers(made.id, BTreeSet::from([bo.id, first.id]), None),
    ];
    for command in set_up {
        owner.set_up(later(1), command).await;
        owner.check("after each").await;
    }
    let changed = Queue {
        name: "Answers".parse().unwrap(),
        settings: Box::new(QueueSettings {
            ring_timeout: None,
            round_pause: Millis(2000),
            max_waiting: 5,
            ..QueueSettings::default()
        }),
        version: 2,
        ..made
    };
    let members = BTreeSet::from([first.id]);
    let command = SetupCommand::UpdateQueue(changed.clone(), members.clone());
    owner.set_up(later(2), command).await;

    let stored = owner.check("after it was changed").await;
    let expected = Queue {
        version: 3,
        ..changed
    };
    assert_eq!(stored.queues, [(expected, members, QueueMemory::default())]);

    let archive = SetupCommand::ArchiveQueue(made.id, Some(3));
    owner.set_up(later(3), archive).await;
    assert_eq!(owner.check("after its end").await.queues, []);
    let mut tx = store.tenant(owner.pen.tenant_id).await.unwrap();
    assert_eq!(tx.find_queue(made.id).await.unwrap(), None);
    let expected = [
        "office.created",
        "availability.changed",
        "agent.created",
        "queue.created",
        "presence.changed",
        "availability.changed",
        "queue.members_changed",
        "presence.changed",
        "queue.changed",
        "presence.changed",
        "queue.archived",
        "presence.changed",
        "availability.changed",
    ];
    assert_eq!(kinds(owner.pen.tenant_id).await[2..], expected);
}

#[tokio::test]
async fn having_logged_out_of_a_queue_ends_with_the_membership() {
    let (_, mut owner, first) = owner().await;
    let library = office("Library");
    let made = queue(library.id);
    owner
        .set_up(later(1), SetupCommand::CreateOffice(Box::new(library)))
        .await;
    let member = BTreeSet::from([first.id]);
    owner
        .set_up(
            later(1),
            SetupCommand::CreateQueue(made.clone(), member.clone()),
        )
        .await;
    let log_out = PresenceCommand::LogOutQueue(made.id);
    owner.change(later(2), first.id, log_out).await;
    let stored = owner.check("after the log-out").await;
    assert!(stored.agents[0].1.work.logged_out.contains(&made.id));

    for members in [BTreeSet::new(), member] {
        owner
            .set_up(later(3), SetupCommand::SetMembers(made.id, members, None))
            .await;
        let stored = owner.check("after the members").await;
        assert!(stored.agents[0].1.work.logged_out.is_empty());
    }
}

#[tokio::test]
async fn widgets_are_stored_changed_and_archived_with_their_offices_in_order() {
    let (store, mut owner, _) = owner().await;
    let (library, harbour) = (office("Library"), office("Harbour"));
    for office in [&library, &harbour] {
        let command = SetupCommand::CreateOffice(Box::new(office.clone()));
        owner.set_up(later(1), command).await;
    }
    let made = Widget {
        agent_id: None,
        id: WidgetId(uuid()),
        key: WidgetKey::from_trusted(format!("wk_{}", uuid().simple())),
        name: "Website".parse().unwrap(),
        office_ids: vec![library.id, harbour.id],
        allowed_domains: vec!["harbour.example".parse().unwrap()],
        messenger_text: "Leave a message.".parse().unwrap(),
        form: Vec::new(),
        created_at: NOW,
        version: 1,
    };
    let create = SetupCommand::CreateWidget(made.clone());
    owner.set_up(later(2), create).await;
    owner.check("after it was made").await;
    let changed = Widget {
        agent_id: None,
        name: "The website".parse().unwrap(),
        office_ids: vec![harbour.id, library.id],
        allowed_domains: Vec::new(),
        messenger_text: "Write to us.".parse().unwrap(),
        ..made.clone()
    };
    let update = SetupCommand::UpdateWidget(changed.clone());
    owner.set_up(later(3), update).await;

    let expected = Widget {
        agent_id: None,
        version: 2,
        ..changed
    };
    let stored = owner.check("after it was changed").await.widgets;
    assert_eq!(stored, std::slice::from_ref(&expected));
    let board = async || {
        let mut tx = store.system().await.unwrap();
        let mut board = tx.list_board().await.unwrap();
        board.retain(|entry| entry.tenant_id == owner.pen.tenant_id);
        board
    };
    let entry = board().await.pop().unwrap();
    assert_eq!(entry.widget, expected);
    let offices: Vec<_> = entry.offices.into_iter().map(|o| o.shown).collect();
    assert_eq!(offices, [owner.shown(harbour.id), owner.shown(library.id)]);

    let archive = SetupCommand::ArchiveWidget(made.id, None);
    owner.set_up(later(4), archive).await;
    assert_eq!(owner.check("after its end").await.widgets, []);
}

#[tokio::test]
async fn statuses_and_pauses_are_stored_changed_and_archived() {
    let (store, mut owner, _) = owner().await;
    let status = CustomStatus {
        id: StatusId(uuid()),
        name: "Training".parse().unwrap(),
        base: Status::Away,
        handles_chats: false,
        paid: true,
        color: "#2e7d32".parse().unwrap(),
        sort_order: -3,
        longest_a_day: Some(Millis(3_600_000)),
        created_at: NOW,
        version: 1,
    };
    let pause = Pause {
        id: PauseId(uuid()),
        name: "Lunch".parse().unwrap(),
        paid: false,
        longest: Some(Millis(1_800_000)),
        on_overrun: Overrun::Flag,
        sort_order: 7,
        created_at: NOW,
        version: 1,
    };
    let set_up = [
        SetupCommand::CreateStatus(status.clone()),
        SetupCommand::CreatePause(pause.clone()),
        SetupCommand::UpdateStatus(CustomStatus {
            base: Status::Online,
            handles_chats: true,
            longest_a_day: None,
            ..status.clone()
        }),
        SetupCommand::UpdatePause(Pause {
            longest: None,
            on_overrun: Overrun::End,
            ..pause.clone()
        }),
    ];
    for command in set_up {
        owner.set_up(later(1), command).await;
        owner.check("after each").await;
    }

    let mut tx = store.tenant(owner.pen.tenant_id).await.unwrap();
    let found = tx.find_status(status.id).await.unwrap().unwrap();
    assert_eq!((found.base, found.version), (Status::Online, 2));
    assert_eq!(tx.list_statuses(None, 10).await.unwrap(), [found]);
    assert_eq!(tx.list_statuses(Some(status.id), 10).await.unwrap(), []);
    let found = tx.find_pause(pause.id).await.unwrap().unwrap();
    assert_eq!((found.on_overrun, found.version), (Overrun::End, 2));
    assert_eq!(tx.list_pauses(None, 10).await.unwrap(), [found]);
    assert_eq!(tx.list_pauses(Some(pause.id), 10).await.unwrap(), []);

    let archive = SetupCommand::ArchiveStatus(status.id, Some(2));
    owner.set_up(later(2), archive).await;
    let archive = SetupCommand::ArchivePause(pause.id, Some(2));
    owner.set_up(later(3), archive).await;
    let stored = owner.check("after their end").await;
    assert_eq!((stored.statuses.len(), stored.pauses.len()), (0, 0));
    assert_eq!(tx.find_status(status.id).await.unwrap(), None);
    assert_eq!(tx.find_pause(pause.id).await.unwrap(), None);
}

#[tokio::test]
async fn skills_and_dispositions_are_stored_changed_and_archived() {
    let (store, mut owner, ana) = owner().await;
    let skill = Skill {
        id: SkillId(uuid()),
        name: "Czech".parse().unwrap(),
        created_at: NOW,
        version: 1,
    };
    let disposition = Disposition {
        id: DispositionId(uuid()),
        name: "Sold".parse().unwrap(),
        sort_order: 7,
        created_at: NOW,
        version: 1,
    };
    let skilled = Agent {
        skills: [(skill.id, 3.try_into().unwrap())].into(),
        ..ana.clone()
    };
    let set_up = [
        SetupCommand::CreateSkill(skill.clone()),
        SetupCommand::CreateDisposition(disposition.clone()),
        SetupCommand::UpdateSkill(Skill {
            name: "Slovak".parse().unwrap(),
            ..skill.clone()
        }),
        SetupCommand::UpdateDisposition(Disposition {
            sort_order: -7,
            ..disposition.clone()
        }),
        SetupCommand::UpdateAgent(Box::new(skilled), None),
    ];
    for command in set_up {
        owner.set_up(later(1), command).await;
        owner.check("after each").await;
    }

    let mut tx = store.tenant(owner.pen.tenant_id).await.unwrap();
    let found = tx.find_skill(skill.id).await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.version), ("Slovak", 2));
    assert_eq!(tx.list_skills(None, 10).await.unwrap(), [found]);
    assert_eq!(tx.list_skills(Some(skill.id), 10).await.unwrap(), []);
    let found = tx.find_disposition(disposition.id).await.unwrap().unwrap();
    assert_eq!((found.sort_order, found.version), (-7, 2));
    assert_eq!(tx.list_dispositions(None, 10).await.unwrap(), [found]);
    let next = tx.list_dispositions(Some(disposition.id), 10).await;
    assert_eq!(next.unwrap(), []);

    let archive = SetupCommand::ArchiveSkill(skill.id, Some(2));
    owner.set_up(later(2), archive).await;
    let archive = SetupCommand::ArchiveDisposition(disposition.id, Some(2));
    owner.set_up(later(3), archive).await;
    let stored = owner.check("after their end").await;
    assert_eq!((stored.skills.len(), stored.dispositions.len()), (0, 0));
    assert_eq!(stored.agents[0].0.skills.len(), 0);
    assert_eq!(tx.find_skill(skill.id).await.unwrap(), None);
    assert_eq!(tx.find_disposition(disposition.id).await.unwrap(), None);
    let expected = [
        "skill.created",
        "disposition.created",
        "skill.changed",
        "disposition.changed",
        "agent.changed",
        "skill.archived",
        "agent.changed",
        "disposition.archived",
    ];
    assert_eq!(kinds(owner.pen.tenant_id).await[2..], expected);
}

/// A rule that asks for something of every kind.
fn czech_rule(agent_id: AgentId) -> RoutingRule {
    RoutingRule {
        id: RoutingRuleId(uuid()),
        name: "Czech".parse().unwrap(),
        enabled: false,
        sort_order: 7,
        conditions: RoutingConditions {
            url_matches: vec!["https://*/cz/*".parse().unwrap()],
            languages: ["cs".parse().unwrap()].into(),
            countries: ["CZ".parse().unwrap()].into(),
            contact: vec![ContactTest {
                field: "plan".parse().unwrap(),
                test: Comparison::Equals("gold".parse().unwrap()),
            }],
            hours: Some(hours()),
            ..RoutingConditions::default()
        },
        action: RoutingAction {
            queue_id: None,
            priority: Some(Priority::MAX),
            agent_ids: [agent_id].into(),
        },
        created_at: NOW,
        version: 1,
    }
}

#[tokio::test]
async fn routing_rules_and_bans_are_stored_changed_and_ended() {
    let (store, mut owner, ana) = owner().await;
    let made = czech_rule(ana.id);
    let ban = Ban {
        id: BanId(uuid()),
        whom: Banned::Network("192.0.2.0/24".parse().unwrap()),
        reason: Some("spam".parse().unwrap()),
        until: Some(later(60)),
        created_by: Some(ana.id),
        created_at: NOW,
        version: 1,
    };
    let changed = RoutingRule {
        enabled: true,
        conditions: RoutingConditions::default(),
        ..made.clone()
    };
    for command in [
        SetupCommand::CreateRoutingRule(Box::new(made.clone())),
        SetupCommand::CreateBan(ban.clone()),
    ] {
        owner.set_up(later(1), command).await;
        owner.check("after each").await;
    }
    let update = SetupCommand::UpdateRoutingRule(Box::new(changed.clone()));
    owner.set_up(later(2), update).await;
    let shorter = Ban {
        reason: None,
        until: Some(later(50)),
        ..ban.clone()
    };
    owner
        .set_up(later(2), SetupCommand::UpdateBan(shorter.clone()))
        .await;
    let ban = Ban {
        version: 2,
        ..shorter
    };

    let stored = owner.check("after it was changed").await;
    assert_eq!(stored.bans, std::slice::from_ref(&ban));
    let expected = RoutingRule {
        version: 2,
        ..changed
    };
    assert_eq!(stored.routing_rules, std::slice::from_ref(&expected));
    let mut tx = store.tenant(owner.pen.tenant_id).await.unwrap();
    let found = tx.find_routing_rule(made.id).await.unwrap();
    assert_eq!(found, Some(expected));
    assert_eq!(
        tx.find_ban(ban.id, later(49)).await.unwrap(),
        Some(ban.clone())
    );
    assert_eq!(tx.find_ban(ban.id, later(50)).await.unwrap(), None);
    assert_eq!(tx.list_bans(Some(later(60)), None, 10).await.unwrap(), []);
    assert_eq!(
        tx.list_bans(None, None, 10).await.unwrap(),
        std::slice::from_ref(&ban)
    );

    let archive = SetupCommand::ArchiveRoutingRule(made.id, Some(2));
    owner.set_up(later(3), archive).await;
    owner
        .set_up(later(4), SetupCommand::LiftBan(ban.id, None))
        .await;
    let stored = owner.check("after their end").await;
    assert_eq!((stored.routing_rules.len(), stored.bans.len()), (0, 0));
    assert_eq!(tx.list_routing_rules(None, 10).await.unwrap(), []);
    assert_eq!(tx.list_bans(None, None, 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_change_from_an_older_version_is_refused_and_nothing_is_written() {
    let (_, mut owner, _) = owner().await;
    let made = office("Library");
    let create = SetupCommand::CreateOffice(Box::new(made.clone()));
    owner.set_up(later(1), create).await;
    let update = || SetupCommand::UpdateOffice(Box::new(made.clone()));
    owner.set_up(later(2), update()).await;
    let before = kinds(owner.pen.tenant_id).await;

    let command = Command::Setup {
        by: None,
        command: update(),
    };
    let refused = owner.call(later(3), command).await;

    assert_eq!(refused, Err(Refusal::VersionMismatch));
    assert_eq!(kinds(owner.pen.tenant_id).await, before);
    owner.check("after the refusal").await;
}
