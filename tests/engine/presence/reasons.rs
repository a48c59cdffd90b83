//! One function makes every presence, and explains it (PRES-17, PRES-18).

use deskbell::domain::{Actor, LinkKind, PauseId, PresenceReason, Role, StatusId};
use uuid::Uuid;

use super::ana_online;
use crate::scenario::{GRACE, Scenario, Units};

/// The steps without the ids of pauses and statuses.
fn kinds(chain: &[LinkKind]) -> Vec<LinkKind> {
    let plain = |kind: &LinkKind| match kind {
        LinkKind::Pause(_) => LinkKind::Pause(PauseId(Uuid::nil())),
        LinkKind::CustomStatus(_) => LinkKind::CustomStatus(StatusId(Uuid::nil())),
        other => *other,
    };
    chain.iter().map(plain).collect()
}

#[test]
fn pres_17_the_chain_names_each_fact_that_changed_something() {
    type Deed = fn(&mut Scenario);
    let pause = LinkKind::Pause(PauseId(Uuid::nil()));
    let custom = LinkKind::CustomStatus(StatusId(Uuid::nil()));
    let (choice, inactivity) = (LinkKind::Choice, LinkKind::Inactivity);
    let rows: [(&str, Deed, &[LinkKind]); 9] = [
        ("online", |_| {}, &[choice]),
        (
            "override",
            |s| s.agent("ana").sets_in("support", "invisible"),
            &[LinkKind::Override],
        ),
        (
            "pause",
            |s| s.agent("ana").pauses("lunch"),
            &[choice, pause],
        ),
        (
            "custom status",
            |s| s.agent("ana").sets("paperwork"),
            &[choice, custom],
        ),
        ("inactivity", |s| s.wait(10.mins()), &[choice, inactivity]),
        (
            "a loss",
            |s| {
                s.agent("ana").disconnects();
                s.wait(GRACE);
            },
            &[choice, LinkKind::Unheld],
        ),
        (
            "a loss that was away before",
            |s| {
                s.wait(10.mins());
                s.agent("ana").disconnects();
                s.wait(GRACE);
            },
            &[choice, inactivity, LinkKind::Unheld],
        ),
        (
            "a comeback into a pause",
            |s| {
                s.agent("ana").pauses("lunch");
                s.agent("ana").disconnects();
                s.wait(GRACE);
                s.agent("ana").connects();
            },
            &[choice, LinkKind::Comeback, pause],
        ),
        (
            "no seat",
            |s| s.changes_settings(|settings| settings.seats = 0),
            &[choice, LinkKind::Seat],
        ),
    ];
    for (name, deed, expected) in rows {
        let mut s = ana_online()
            .pause("lunch", false, None)
            .status("paperwork", deskbell::domain::Status::Online, |status| {
                status.handles_chats = false;
            })
            .settings(|settings| settings.inactivity.away_after = Some(10.mins()));
        s.agent("ana").acts();

        deed(&mut s);

        s.forget_log();
        let chain = s.agent("ana").chain(Some("support"));
        assert_eq!(kinds(&chain), expected, "{name}");
    }
}

#[test]
fn pres_17_a_chain_says_who_and_since_when() {
    let mut s = ana_online()
        .people(["ada"])
        .role("ada", Role::Admin)
        .pause("lunch", false, None);
    s.wait(5.secs());
    let paused_at = s.now;
    s.agent("ada").pauses_other("ana", "lunch");
    s.expect_presence("ana", "away", PresenceReason::Paused);

    let chain = s.engine.presence_chain(s.agent_id("ana"), None);

    let (ana, ada) = (s.agent_id("ana"), s.agent_id("ada"));
    assert_eq!(chain[0].by, Actor::Agent(ana));
    assert_eq!(chain[0].after.reason, PresenceReason::Chosen);
    assert_eq!(
        (chain[1].by, chain[1].since),
        (Actor::Agent(ada), Some(paused_at))
    );
    assert_eq!(chain[1].after.reason, PresenceReason::Paused);
    let stranger = deskbell::domain::AgentId(Uuid::nil());
    assert!(s.engine.presence_chain(stranger, None).is_empty());
}

#[test]
fn pres_18_every_change_says_who_why_and_when() {
    let mut s = ana_online().people(["ada"]).role("ada", Role::Admin);
    s.wait(5.secs());
    s.agent("ada").sets_of("ana", "away");

    let event = s.event("a change");

    assert_eq!(
        (event.actor, event.at),
        (Actor::Agent(s.agent_id("ada")), s.now)
    );
    s.agent("ana").disconnects();
    assert_eq!(s.event("a disconnection").actor, Actor::System);
    let gone = s.now;
    s.wait(GRACE);
    let lost = s.event("the end of the grace");
    assert_eq!((lost.actor, lost.at), (Actor::System, gone + GRACE));
    assert_eq!(s.event("offline").at, gone + GRACE);
}

#[test]
fn pres_18_the_time_since_a_status_stands_is_kept_while_other_things_change() {
    let mut s = ana_online();
    let since = s.agent("ana").stands_in("support").since;
    s.wait(5.mins());

    s.agent("ana").is_pinged();
    s.expect_leased("ana");
    s.expect_changed("ana");
    s.agent("ana").sets_in("support", "away");
    s.expect_changed("ana");

    assert_eq!(s.agent("ana").presence_view().standing.global.since, since);
    assert_eq!(s.agent("ana").stands_in("support").since, s.now);
}
