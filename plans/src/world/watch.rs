//! What everybody watches: each step is seen by the model, the store and the clients, and checked.

use std::fmt::Debug;

use deskbell::domain::{ChatState, Millis, OfficeId, Timestamp};
use deskbell::engine::{Command, Effect, Engine, Event, PresenceCommand, StateRecord};

use super::{LIMITS, World};
use crate::explain;
use crate::falls_due_as;

/// Every offer went to the first of its candidates.
fn explain_offers(effects: &[Effect]) -> Result<(), String> {
    effects.iter().try_for_each(|effect| match effect {
        Effect::Event(event) => explain::check_offer(event),
        Effect::Notice(_) => Ok(()),
    })
}

impl World {
    /// Time passes. A deadline of the last instant has not passed yet (ROUTE-20).
    pub(crate) fn pass_to(&mut self, at: Timestamp) -> Result<(), String> {
        // A delay that was made shorter may have passed by the change alone.
        let overdue = self.engine.next_deadline().is_some_and(|at| at <= self.now);
        let events = self.advance_to(at)?;
        if let Some(event) = events.iter().find(|event| event.at >= self.now && !overdue) {
            return Err(format!("too early: {event:?}"));
        }
        if !events.is_sorted_by_key(|event| event.at) {
            return Err(format!("out of order: {events:?}"));
        }
        Ok(())
    }

    pub(crate) fn advance_to(&mut self, at: Timestamp) -> Result<Vec<Event>, String> {
        self.now = self.now.max(at);
        self.tally.transitions += 1;
        let effects = self.engine.advance(self.now);
        self.model.begin();
        self.see(&effects);
        explain_offers(&effects)?;
        if self.engine.next_deadline().is_some_and(|at| at <= self.now) {
            return Err("a deadline has passed and has not fired".to_owned());
        }
        self.check()?;
        let events = effects.into_iter().filter_map(|effect| match effect {
            Effect::Event(event) => Some(event),
            Effect::Notice(_) => None,
        });
        Ok(events.collect())
    }

    /// Whether the command went well.
    pub(crate) fn apply(&mut self, command: Command) -> Result<bool, String> {
        self.apply_knowing(command, |_| ())
    }

    pub(crate) fn apply_knowing(
        &mut self,
        command: Command,
        undo: impl FnOnce(&mut Self),
    ) -> Result<bool, String> {
        let mut is_checked = true;
        if !matches!(command, Command::Recover) {
            let effects = self.engine.advance(self.now);
            is_checked = effects.is_empty();
            self.see(&effects);
        }
        self.bring(&command);
        self.model.begin();
        self.tally.transitions += 1;
        // What a restart was last compared with is mostly this very engine; comparing takes less than copying.
        let restarted = self.restarted.as_ref();
        let is_known = restarted.is_some_and(|(engine, _)| *engine == self.engine);
        let before = (self.checked && !is_known).then(|| self.engine.clone());
        let asked = command.clone();
        let went_well = match self.engine.apply(self.now, command) {
            Ok(applied) => {
                self.note(&applied.reply);
                self.see(&applied.effects);
                explain_offers(&applied.effects)?;
                self.model.did(&asked, &applied.reply, &self.engine)?;
                true
            }
            Err(refusal) => {
                self.note(&refusal);
                let known = self.restarted.as_ref().filter(|_| is_known);
                let before = before.as_ref().or(known.map(|(engine, _)| engine));
                if before.is_some_and(|before| *before != self.engine) {
                    return Err(format!("{refusal:?} changed something"));
                }
                self.model.was_refused(&asked, &refusal)?;
                self.tally.refused += 1;
                undo(self);
                if is_checked {
                    // Nothing is otherwise than when it was checked last.
                    return Ok(false);
                }
                false
            }
        };
        // A new agent's client starts after this step; what fell due before a restart fires after this one.
        if !matches!(asked, Command::Setup { .. } | Command::Recover) {
            self.check()?;
        }
        Ok(went_well)
    }

    /// What the shell does before it hands in a command about a chat that is over.
    fn bring(&mut self, command: &Command) {
        if let Some(office_id) = command.archives_office() {
            self.bring_inbox(office_id);
        }
        let missing = command.needs_chat().filter(|id| !self.engine.holds(*id));
        if let Some(bundle) = missing.and_then(|id| self.store.bundle(id)) {
            self.engine.bring(bundle);
        }
    }

    fn bring_inbox(&mut self, office_id: OfficeId) {
        for (chat_id, _) in &self.chats {
            let bundle = self.store.bundle(*chat_id);
            let left = bundle.filter(|bundle| {
                let chat = &bundle.chat;
                chat.office_id == office_id && chat.state == ChatState::OfflineMessage
            });
            if let Some(bundle) = left.filter(|_| !self.engine.holds(*chat_id)) {
                self.engine.bring(bundle);
            }
        }
    }

    /// What happened, for a comparison with another run.
    fn note(&mut self, happened: &impl Debug) {
        if self.keeps_log {
            self.log.push(format!("{happened:?}"));
        }
    }

    fn see(&mut self, effects: &[Effect]) {
        for effect in effects {
            self.note(effect);
            let Effect::Event(event) = effect else {
                continue;
            };
            self.model.see(event);
            self.store.take(event);
            for client in &mut self.agent_clients {
                client.see(event);
            }
            for client in &mut self.visitor_clients {
                client.see(event);
            }
        }
    }

    pub(crate) fn check(&mut self) -> Result<(), String> {
        if !self.checked {
            return Ok(());
        }
        // A debug build has checked itself in each step.
        if !cfg!(debug_assertions) {
            let checked = self.engine.check();
            checked.map_err(|violation| violation.to_string())?;
        }
        let durable = self.engine.durable();
        explain::check(&self.engine, &durable)?;
        self.model
            .check(&self.engine, &durable, &self.connections, self.now)?;
        for client in &self.agent_clients {
            client.check(&self.engine)?;
        }
        for client in &self.visitor_clients {
            client.check(&self.engine)?;
        }
        // The very engine that a restart was last compared with need not be again.
        let alone = self.connections.is_empty();
        let compared = self.restarted.as_ref();
        if compared.is_none_or(|(engine, was_alone)| (engine, *was_alone) != (&self.engine, alone))
        {
            self.check_restart(&durable)?;
            self.restarted = Some((self.engine.clone(), alone));
        }
        Ok(())
    }

    /// A restart restores everything that is stored, and nothing else.
    fn check_restart(&self, durable: &StateRecord) -> Result<(), String> {
        let restored = Engine::restore(LIMITS, durable.clone(), self.now)
            .map_err(|violation| format!("not to be restored: {violation}"))?;
        if restored.durable() != *durable || !falls_due_as(&restored, &self.engine, durable) {
            return Err("what was restored is something else".to_owned());
        }
        // A boundary of hours that lies at this very instant is passed once more by what was restored.
        let soon = self.now + Millis(1);
        let at_a_boundary = restored.next_deadline().is_some_and(|at| at <= soon);
        if self.connections.is_empty() && !at_a_boundary {
            self.check_what_is_not_durable(restored)?;
        }
        Ok(())
    }

    /// Without connections only the exact instants of activity are lost. When everybody acts, these are the same, and
    /// everything must be.
    fn check_what_is_not_durable(&self, mut restored: Engine) -> Result<(), String> {
        let mut settled = self.engine.clone();
        settled.forget_closed();
        for agent_id in &self.agents {
            for engine in [&mut settled, &mut restored] {
                let command = Command::Presence {
                    agent_id: *agent_id,
                    by: Some(*agent_id),
                    command: PresenceCommand::Act,
                };
                let applied = engine.apply(self.now, command);
                applied.map_err(|refusal| format!("{agent_id} may not act: {refusal:?}"))?;
            }
        }
        if settled != restored {
            return Err(format!(
                "what was restored differs in what is not durable:\n{settled:#?}\n{restored:#?}"
            ));
        }
        Ok(())
    }

    pub(crate) fn commit(&mut self) -> Result<(), String> {
        self.store.commit(&self.engine)?;
        self.engine.forget_closed();
        let (stored, held) = (self.store.load(), self.engine.durable());
        if stored != held {
            return Err(format!("stored is\n{stored:#?}\nbut held is\n{held:#?}"));
        }
        self.check()
    }

    /// Somebody who was connected does not notice more than a blink.
    pub(crate) fn restart_and_come_back(&mut self) -> Result<(), String> {
        let connected = self.connections.clone();
        self.restart(0, false)?;
        for (agent_id, id) in connected {
            self.presence(agent_id, Some(agent_id), PresenceCommand::Connect(id))?;
        }
        self.commit()
    }

    pub(crate) fn restart(&mut self, seconds: u16, late: bool) -> Result<(), String> {
        self.commit()?;
        self.engine = Engine::restore(LIMITS, self.store.load(), self.now)
            .map_err(|violation| format!("not to be restored: {violation}"))?;
        self.connections.clear();
        self.now = self.now + Millis::from_secs(i64::from(seconds));
        if late {
            self.pass_to(self.now)?;
        }
        self.apply(Command::Recover)?;
        // What fell due while nobody was there fires now.
        self.advance_to(self.now)?;
        Ok(())
    }
}
