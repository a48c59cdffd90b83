//! CHAT-3: help, reading along, taking over.

use deskbell::domain::{
    ChatState, HandOverEnd, LeaveReason, ParticipantRole, Purpose, Role, Strategy, WithdrawReason,
};
use deskbell::engine::{ChatStateView, Effect, Event, EventKind, Refusal};
use deskbell::protocol::event::{agent_frame, audience, visitor_frame};

use super::{NoLinks, anas_chat};
use crate::scenario::{Happening, ROUND_PAUSE, Scenario, To};

/// Eve has accepted to help Ana.
fn helped() -> Scenario {
    let mut s = anas_chat();
    s.agent("ana").asks_for_help("v1", Some(To::Agent("eve")));
    s.expect_requested("v1", Purpose::Assist);
    let offer = s.expect_offer("v1").to("eve");
    assert_eq!(offer.purpose, Purpose::Assist);
    s.agent("eve").accepts("v1");
    s.expect_offer_accepted("v1").by("eve");
    s.expect_joined("v1", "eve", ParticipantRole::Assistant);
    s
}

#[test]
fn chat_03_who_accepts_to_help_reads_along_and_does_not_answer() {
    let mut s = helped();

    assert_eq!(s.agents_of("v1"), ["ana"]);
    assert_eq!(s.chat("v1").assistants().len(), 1);
    assert_eq!(s.agent("eve").snapshot().chats.len(), 1);
    s.agent("ana").sends("v1", "a1", "Hello");
    let (parties, _) = s.expect_message("v1");
    assert!(parties.agents.contains(&s.agent_id("eve")));
    s.agent("eve").sends("v1", "e1", "Hello");
    s.expect_refused(Refusal::NotAnswering);
    s.agent("eve").types("v1", true);
    s.expect_refused(Refusal::NotAnswering);
    s.agent("eve").closes("v1");
    s.expect_refused(Refusal::NotAnswering);
}

#[test]
fn chat_03_helping_is_no_load() {
    let mut s = Scenario::office("support")
        .capacity(1)
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s.agent("ana").asks_for_help("v1", Some(To::Agent("bo")));
    s.expect_requested("v1", Purpose::Assist);
    s.expect_offer("v1").to("bo");
    s.visitor("v2").starts_chat();

    s.agent("bo").accepts("v1");

    s.expect_offer_accepted("v1").by("bo");
    s.expect_joined("v1", "bo", ParticipantRole::Assistant);
    s.expect_offer("v2").to("bo");
}

#[test]
fn chat_03_without_a_target_the_supervisors_of_the_office_are_told() {
    let mut s = anas_chat();

    s.agent("ana").asks_for_help("v1", None);

    let request = s.expect_requested("v1", Purpose::Assist);
    assert_eq!(request.asked, [s.agent_id("dora")]);
    assert_eq!(
        s.chat("v1").hand_over(),
        None,
        "nobody is looked for by name"
    );
    s.agent("dora").assists("v1");
    s.expect_joined("v1", "dora", ParticipantRole::Assistant);
}

#[test]
fn chat_03_only_supervisors_of_the_office_read_along() {
    let mut s = anas_chat();

    s.agent("bo").listens("v1");
    s.expect_refused(Refusal::NotYourChat);
    s.agent("dora").listens("v1");
    s.expect_joined("v1", "dora", ParticipantRole::Listener);
    s.agent("ana").transfers("v1", To::Queue("billing"));
    s.expect_left("v1", "ana", LeaveReason::Transferred);
    // What one may do is computed anew: the chat belongs to an office that she does not watch over.
    s.expect_left("v1", "dora", LeaveReason::Removed);
    s.forget_log();
    s.agent("dora").listens("v1");
    s.expect_refused(Refusal::NotYourChat);
}

#[test]
fn chat_03_who_does_not_watch_over_the_office_any_more_listens_no_more() {
    let listened = || {
        let mut s = anas_chat();
        s.agent("dora").listens("v1");
        s.expect_joined("v1", "dora", ParticipantRole::Listener);
        s
    };
    let mut s = listened().agent_with("dora", |agent| agent.role = Role::Agent);
    assert!(s.agent("dora").snapshot().chats.is_empty());
    let mut s = listened().agent_with("dora", |agent| agent.office_ids.clear());
    assert!(s.agent("dora").snapshot().chats.is_empty());
    let mut s = listened();
    s.archives_agent("dora");
    s.expect_left("v1", "dora", LeaveReason::Removed);
    s.forget_log();
}

/// Everything that has happened, as frames with those who hear them.
fn frames(s: &mut Scenario) -> Vec<(Event, String, Option<String>)> {
    let mut frames = Vec::new();
    while let Some(Happening::Effect(Effect::Event(event))) = s.take_next() {
        let agents = agent_frame(&event, 1, &NoLinks);
        let visitor = event
            .chat()
            .and_then(|fact| visitor_frame(fact, 1, &NoLinks));
        frames.push((event, agents.unwrap_or_default(), visitor));
    }
    frames
}

#[test]
fn chat_03_nobody_learns_of_a_listener_and_the_visitor_of_no_assistant() {
    let mut s = anas_chat();
    let (dora, eve) = (s.agent_id("dora"), s.agent_id("eve"));

    s.agent("dora").listens("v1");
    s.agent("ana").asks_for_help("v1", Some(To::Agent("eve")));
    s.agent("eve").accepts("v1");
    s.agent("ana").sends("v1", "a1", "Hello");
    s.agent("ana").transfers("v1", To::Agent("bo"));
    s.agent("bo").accepts("v1");
    s.agent("bo").invites("v1", To::Agent("cy"));
    s.agent("cy").accepts("v1");
    s.agent("bo").leaves("v1");
    s.agent("eve").leaves("v1");
    s.agent("dora").leaves("v1");

    let mut heard_by_dora = 0;
    for (event, to_agents, to_visitor) in frames(&mut s) {
        let heard = audience(&event);
        let by_dora = heard.agents.contains(&dora);
        heard_by_dora += usize::from(by_dora);
        if heard.agents.iter().any(|id| *id != dora) {
            assert!(!to_agents.contains(&dora.to_string()), "{to_agents}");
        }
        if let Some(text) = to_visitor.filter(|_| heard.visitor.is_some()) {
            for canary in [dora, eve] {
                assert!(!text.contains(&canary.to_string()), "{text}");
            }
            assert!(!text.contains("hand_over") && !text.contains("Knows more"));
        }
    }
    assert!(heard_by_dora > 8, "she hears of everything");
}

/// What has become of offers: whom each concerns, who else is told, and whether the chat rings from then on.
fn told(s: &mut Scenario) -> Vec<(String, Vec<String>, bool)> {
    let mut told = Vec::new();
    while let Some(happening) = s.take_next() {
        let Happening::Effect(Effect::Event(event)) = happening else {
            continue;
        };
        if let EventKind::Offer(change, seen) = event.kind {
            let readers = seen.agents.iter().map(|id| s.name_of(id.0));
            let agent = s.name_of(change.key().agent_id.0);
            told.push((agent, readers.collect(), seen.rings.unwrap()));
        }
    }
    told
}

fn line(agent: &str, readers: &[&str], rings: bool) -> (String, Vec<String>, bool) {
    let readers = readers.iter().map(|name| (*name).to_owned());
    (agent.to_owned(), readers.collect(), rings)
}

#[test]
fn chat_03_who_reads_a_waiting_chat_along_is_told_whether_it_rings() {
    let mut s = Scenario::office("support")
        .queue_settings(|settings| settings.strategy = Strategy::Broadcast)
        .agents(["ana", "bo", "dora"])
        .role("dora", Role::Supervisor);
    s.agent("dora").connects();
    s.agent("ana").comes_online();
    s.agent("bo").comes_online();
    s.forget_log();
    s.visitor("v1").starts_chat();
    assert_eq!(
        told(&mut s),
        [line("ana", &[], true), line("bo", &[], true)]
    );
    s.agent("dora").listens("v1");
    assert_eq!(
        s.agent("dora").snapshot().chats[0].state,
        ChatStateView::Offered
    );

    // It goes on ringing at the other; what rings at herself is told to her as to its agent.
    s.agent("ana").rejects("v1");
    assert_eq!(told(&mut s), [line("ana", &["dora"], true)]);
    s.agent("bo").rejects("v1");
    assert_eq!(told(&mut s), [line("bo", &["dora"], false)]);
    s.agent("dora").comes_online();
    assert_eq!(told(&mut s), [line("dora", &[], true)]);
    s.agent("dora").rejects("v1");
    assert_eq!(told(&mut s), [line("dora", &[], false)]);
    let waiting = ChatStateView::Settled(ChatState::Waiting);
    assert_eq!(s.agent("dora").snapshot().chats[0].state, waiting);
}

#[test]
fn chat_03_of_an_active_chat_only_the_agent_hears_that_it_rings() {
    let mut s = anas_chat();
    s.agent("dora").listens("v1");
    s.forget_log();

    s.agent("ana").transfers("v1", To::Agent("bo"));

    assert_eq!(told(&mut s), [line("bo", &[], true)]);
}

#[test]
fn chat_03_a_listener_can_be_given_the_chat_as_anybody_else() {
    let mut s = anas_chat();
    s.agent("dora").listens("v1");
    s.expect_joined("v1", "dora", ParticipantRole::Listener);

    // A refusal would tell that she is there.
    s.agent("ana").transfers("v1", To::Agent("dora"));
    s.expect_requested("v1", Purpose::Transfer);
    s.expect_offer("v1").to("dora");
    s.agent("dora").accepts("v1");

    s.forget_log();
    assert_eq!(s.agents_of("v1"), ["dora"]);
}

#[test]
fn chat_03_who_reads_a_waiting_chat_along_is_told_that_its_offer_is_gone() {
    let mut s = Scenario::office("support")
        .agents(["ana", "dora"])
        .role("dora", Role::Supervisor);
    s.agent("dora").connects();
    s.agent("dora").comes_online();
    s.forget_log();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("dora");
    s.agent("dora").rejects("v1");
    // What was refused in a round before is forgotten.
    s.wait(ROUND_PAUSE);
    s.agent("dora").rejects("v1");
    s.engine.forget_closed();
    s.agent("dora").assists("v1");
    s.forget_log();

    s.agent("dora").accepts_offer("v1", 1);

    s.expect_refused(Refusal::OfferGone { taken_by: None });
    // No more when somebody has taken it.
    s.agent("ana").comes_online();
    s.forget_log();
    s.agent("ana").picks("v1");
    s.engine.forget_closed();
    s.forget_log();
    s.agent("dora").accepts_offer("v1", 1);
    let taken_by = Some(s.agent_id("ana"));
    s.expect_refused(Refusal::OfferGone { taken_by });
}

#[test]
fn chat_03_an_assistant_takes_over() {
    let mut s = helped();

    s.agent("eve").takes_over("v1");

    let view = s.expect_joined("v1", "eve", ParticipantRole::Agent);
    assert!(view.assistants().is_empty());
    s.expect_left("v1", "ana", LeaveReason::TakenOver);
    s.expect_notice("v1");
    assert_eq!(s.agents_of("v1"), ["eve"]);
}

#[test]
fn chat_03_a_supervisor_takes_over_a_chat_that_is_being_handed_over() {
    let mut s = anas_chat();
    s.agent("ana").transfers("v1", To::Agent("bo"));
    s.expect_requested("v1", Purpose::Transfer);
    s.expect_offer("v1").to("bo");

    s.agent("dora").takes_over("v1");

    s.expect_withdrawn("v1", WithdrawReason::AcceptedElsewhere)
        .by("bo");
    s.expect_hand_over_ended("v1", HandOverEnd::Cancelled);
    s.expect_joined("v1", "dora", ParticipantRole::Agent);
    s.expect_left("v1", "ana", LeaveReason::TakenOver);
    s.expect_notice("v1");
    s.agent("bo").rejects_offer("v1", 2, None);
    let taken_by = Some(s.agent_id("dora"));
    s.expect_refused(Refusal::OfferGone { taken_by });
}

#[test]
fn chat_03_a_supervisor_takes_a_chat_that_waits() {
    let mut s = anas_chat();
    s.visitor("v2").starts_chat();
    s.expect_offer("v2").to("bo");

    s.agent("dora").takes_over("v2");

    s.expect_withdrawn("v2", WithdrawReason::AcceptedElsewhere)
        .by("bo");
    let view = s.expect_taken("v2").by("dora");
    assert!(matches!(
        view.state,
        ChatStateView::Settled(ChatState::Active { .. })
    ));
    // Who had been asked is told who has it.
    s.agent("bo").rejects_offer("v2", 1, None);
    let taken_by = Some(s.agent_id("dora"));
    s.expect_refused(Refusal::OfferGone { taken_by });
}

#[test]
fn chat_03_nobody_else_takes_over() {
    let mut s = anas_chat();

    s.agent("bo").takes_over("v1");
    s.expect_refused(Refusal::NotYourChat);
    s.agent("eve").takes_over("v1");
    s.expect_refused(Refusal::NotYourChat);
    // Who has it has it.
    s.agent("ana").takes_over("v1");
}
