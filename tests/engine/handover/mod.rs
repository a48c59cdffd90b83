//! Chats that change hands or have several agents (CHAT-1, CHAT-2, CHAT-3), and agents that have one and do nothing for it
//! (ROUTE-11, ROUTE-21).

mod between;
mod clocks;
mod help;
mod invite;
mod transfer;

use deskbell::domain::FileId;
use deskbell::protocol::FileLinks;

use crate::scenario::Scenario;

/// No message here has a file.
struct NoLinks;

impl FileLinks for NoLinks {
    fn link_to(&self, file_id: FileId) -> String {
        unreachable!("{file_id}")
    }
}

/// Ana has the chat of `v1`; Bo and Cy, of the same queue, are free. Dora is a supervisor of the office, and Eve an agent of
/// another one's queue, `billing`; both are there.
fn anas_chat() -> Scenario {
    with(|s| s)
}

fn with(change: impl FnOnce(Scenario) -> Scenario) -> Scenario {
    let s =
        Scenario::office("support").and_office("money", deskbell::domain::WhenNotLive::Messenger);
    let s = change(s)
        .people(["ana", "bo", "cy", "dora", "eve"])
        .queue("support", "support", ["ana", "bo", "cy"])
        .queue("billing", "money", ["eve"])
        .role("dora", deskbell::domain::Role::Supervisor);
    let support = s.office_id("support");
    let mut s = s
        .agent_with("dora", |agent| {
            agent.office_ids.insert(support);
        })
        .all_available();
    s.visitor("v1").starts_chat();
    s.expect_offer("v1").to("ana");
    s.agent("ana").accepts("v1");
    s.expect_accepted("v1").by("ana");
    s
}
