//! Who gets a chat: whatever agents do at once, one has it and the others are told who.

use serde_json::{Value, json};

use super::setting::start;
use crate::support::{Persona, Socket, Tenant};

/// A queue that rings at all its members at once, with these agents online.
async fn ring_all(tenant: &mut Tenant, count: usize) -> Vec<(Persona, Socket)> {
    let mut agents = Vec::new();
    for number in 0..count {
        agents.push(tenant.online_agent(&format!("agent-{number}")).await);
    }
    agents
}

fn accept(chat_id: &Value, offer: &Value) -> Value {
    json!({"type": "chat.accept", "chat_id": chat_id, "offer": offer})
}

/// Who won, by the answers of all: one `ok`, and `offer_gone` that names that one.
fn winner(answers: &[Value], chat_id: &Value) -> Value {
    let won: Vec<&Value> = answers.iter().filter(|a| a["type"] == "ok").collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    assert_eq!(won[0]["chat"]["id"], *chat_id);
    let winner = won[0]["chat"]["agents"][0]["id"].clone();
    for lost in answers.iter().filter(|a| a["type"] != "ok") {
        assert_eq!((&lost["code"], &lost["taken_by"]), (&json!("offer_gone"), &winner), "{lost}");
    }
    winner
}
