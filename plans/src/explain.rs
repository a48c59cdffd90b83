//! What is said of decisions agrees with what is decided (ROUTE-15, ROUTE-17).

use std::collections::BTreeSet;

use deskbell::domain::{AgentId, ChatId, Millis, Strategy};
use deskbell::engine::{Decision, Engine, Event, EventKind, OfferEvent, Rule, StateRecord};

/// An offer went to the first of its candidates.
pub(crate) fn check_offer(event: &Event) -> Result<(), String> {
    let EventKind::Offer(OfferEvent::Made(view, decision), _) = &event.kind else {
        return Ok(());
    };
    let first = decision.as_ref().and_then(|d| d.candidates.first());
    match (first, decision) {
        (Some(first), Some(decision)) if first.agent_id == view.agent_id => within(decision),
        _ => Err(format!("{view:?} was decided by {decision:?}")),
    }
}

fn within(decision: &Decision) -> Result<(), String> {
    let named = decision.candidates.len() + decision.passed_over.len();
    let bounded = decision.candidates.len() <= Decision::CANDIDATES
        && decision.passed_over.len() <= Decision::PASSED_OVER;
    if bounded && named + decision.left_out as usize == decision.members as usize {
        Ok(())
    } else {
        Err(format!("who is left out? {decision:?}"))
    }
}

/// Each member either could have a waiting chat or is passed over, and is told the same when it asks.
pub(crate) fn check(engine: &Engine, durable: &StateRecord) -> Result<(), String> {
    // What is due at this very instant is still to be done.
    if engine.next_deadline() == Some(engine.now() + Millis(1)) {
        return Ok(());
    }
    for chat in &durable.chats {
        let Some(now) = engine.routing_now(chat.id) else {
            continue;
        };
        within(&now.decision)?;
        let queue = durable
            .queues
            .iter()
            .find(|(queue, ..)| Some(queue.id) == now.decision.queue_id);
        let Some((_, members, _)) = queue.filter(|_| now.decision.left_out == 0) else {
            continue;
        };
        let reserved = now.decision.reserved.iter().flat_map(|r| &r.agents);
        let in_question: BTreeSet<AgentId> = members.iter().chain(reserved).copied().collect();
        let could = now.decision.candidates.iter().map(|c| c.agent_id);
        let could_not = now.decision.passed_over.iter().map(|p| p.agent_id);
        let named: Vec<AgentId> = could.chain(could_not).collect();
        if named.len() != in_question.len() || !named.iter().all(|id| in_question.contains(id)) {
            return Err(format!("of {in_question:?} it names {:?}", now.decision));
        }
        let offered = !now.ringing.is_empty();
        let online = now.decision.candidates.iter().any(|c| !c.late);
        if online && !offered && now.decision.strategy != Some(Strategy::Manual) {
            return Err(format!("{} waits with {:?}", chat.id, now.decision));
        }
        for agent_id in named {
            check_answer(engine, chat.id, agent_id, &now.decision)?;
        }
    }
    Ok(())
}

fn check_answer(
    engine: &Engine,
    chat_id: ChatId,
    agent_id: AgentId,
    decision: &Decision,
) -> Result<(), String> {
    let found = engine
        .explain(chat_id, agent_id)
        .ok_or_else(|| format!("{agent_id} is not known"))?;
    let place = decision
        .candidates
        .iter()
        .position(|c| c.agent_id == agent_id);
    let place = place.map(|index| u32::try_from(index + 1).unwrap());
    let passed = decision.passed_over.iter().find(|p| p.agent_id == agent_id);
    let rule = passed.map(|passed| Rule::Agent(passed.rule));
    if found.place == place && found.rules.first().copied() == rule {
        Ok(())
    } else {
        Err(format!(
            "{agent_id} is told {found:?}, and decided is {decision:?}"
        ))
    }
}
