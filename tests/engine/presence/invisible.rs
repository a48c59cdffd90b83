//! Invisible agents, and the offers that come to them late (PRES-10, PRES-11).

use deskbell::domain::{PresenceReason, WithdrawReason};
use deskbell::engine::Refusal;

use crate::scenario::{Scenario, Units};

#[test]
fn pres_10_an_invisible_agent_gets_no_offers_and_goes_on_in_its_chats() {
    let mut s = Scenario::office("support")
        .agents(["ana", "bo"])
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");

    s.agent("ana").sets("invisible");
    s.expect_presence("ana", "invisible", PresenceReason::Chosen);
    s.visitor("v2").starts_chat();

    s.expect_offer("v2").to("bo");
    s.agent("ana").sends("v1", "a1", "Still here.");
    s.expect_message("v1");
}

