//! Who is online, live: the agents' sockets that watch, and what has changed since the last tick.
//!
//! A change marks an agent and nothing more; at the tick each marked agent's line is made once for each audience, so a
//! storm costs what the lines cost and not what the changes do. Must not keep lines: the engine has them. Of a list that
//! somebody watches only the ids are kept, so that nobody is told of those who came and went elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{AgentId, ConnectionId, Millis};
use crate::engine::{ChatEvent, Engine, Event, EventKind, PresenceEvent, PresenceRow, SetupEvent};
use crate::protocol::event::watched_frame;

use super::connection::FrameText;
use super::mail::Watched;
use super::send_queue::{Connection, Outgoing};

/// How long changes are gathered. People do not see a quarter of a second, and ten changes within one are one line.
const TICK: Millis = Millis(250);

/// The same after a tick of more lines to more sockets than [`MANY`]: half as many frames, each twice as long, cost
/// less, and a change still reaches all within a second.
const LONG_TICK: Millis = Millis(500);

/// Lines times sockets of a tick that is a storm: 400 agents of whom half change.
const MANY: usize = 100_000;

/// The sockets of one tenant that watch, and the agents that have changed.
#[derive(Default)]
pub(super) struct Watchers {
    by_scope: BTreeMap<Watched, Scope>,
    /// The changed agents, and of those whose names may be new.
    changed: BTreeSet<AgentId>,
    renamed: BTreeSet<AgentId>,
    due: Option<Millis>,
    /// Whether the last tick was one of a storm.
    storm: bool,
}

/// A list, and who watches it.
#[derive(Default)]
struct Scope {
    sockets: BTreeMap<ConnectionId, Arc<Connection>>,
    /// Who was on the list at the last tick: of all others the name is new, and they need not go.
    listed: BTreeSet<AgentId>,
}

impl Watchers {
    /// A socket watches from now on, instead of what it watched before. These are the lines that it was shown.
    pub(super) fn add(
        &mut self,
        connection: &Arc<Connection>,
        watched: Watched,
        rows: &[PresenceRow],
    ) {
        self.remove(connection.id);
        let scope = self.by_scope.entry(watched).or_insert_with(|| Scope {
            sockets: BTreeMap::new(),
            listed: rows.iter().map(|row| row.agent.id).collect(),
        });
        // Of a list that is watched already the tick has still to name whoever is new to the others.
        scope.sockets.insert(connection.id, Arc::clone(connection));
    }

    /// A socket watches no more.
    pub(super) fn remove(&mut self, id: ConnectionId) {
        self.by_scope.retain(|_, scope| {
            scope.sockets.remove(&id);
            !scope.sockets.is_empty()
        });
    }

    /// Marks whose lines an event changes. Without a watcher nothing is kept.
    pub(super) fn note(&mut self, event: &Event, now: Millis) {
        if self.by_scope.is_empty() {
            return;
        }
        match &event.kind {
            EventKind::Presence(PresenceEvent::Changed(view)) => {
                self.changed.insert(view.agent_id);
            }
            EventKind::Setup(
                SetupEvent::AgentCreated(agent, _) | SetupEvent::AgentChanged(agent, _),
            ) => {
                self.changed.insert(agent.id);
                self.renamed.insert(agent.id);
            }
            EventKind::Setup(SetupEvent::AgentArchived(id))
            | EventKind::Chat(
                ChatEvent::Accepted(_, id) | ChatEvent::ParticipantJoined(_, id, _),
            ) => {
                self.changed.insert(*id);
            }
            EventKind::Chat(ChatEvent::ParticipantLeft(_, departure)) => {
                self.changed.insert(departure.agent.id);
            }
            EventKind::Offer(change, _) => {
                self.changed.insert(change.key().agent_id);
            }
            EventKind::Chat(ChatEvent::Closed(parties, _)) => {
                self.changed.extend(parties.agents.iter().copied());
            }
            EventKind::Setup(_)
            | EventKind::Presence(_)
            | EventKind::Availability(_)
            | EventKind::Queue(_)
            | EventKind::Chat(_)
            | EventKind::Note(_) => {}
        }
        if !self.changed.is_empty() {
            let tick = if self.storm { LONG_TICK } else { TICK };
            self.due.get_or_insert(Millis(now.0 + tick.0));
        }
    }

    /// When the next tick is due, in the clock's monotonic time.
    pub(super) fn due(&self) -> Option<Millis> {
        self.due
    }

    /// Tells of what has changed, if the tick has come.
    pub(super) fn tick(&mut self, engine: &Engine, now: Millis) {
        if self.due.is_none_or(|due| now < due) {
            return;
        }
        self.due = None;
        let changed = std::mem::take(&mut self.changed);
        let renamed = std::mem::take(&mut self.renamed);
        let rows: Vec<(AgentId, Option<PresenceRow>)> = changed
            .into_iter()
            .map(|id| (id, engine.presence_row_of(id)))
            .collect();
        let sockets: usize = self
            .by_scope
            .values()
            .map(|scope| scope.sockets.len())
            .sum();
        self.storm = rows.len() * sockets > MANY;
        for (watched, scope) in &mut self.by_scope {
            let (there, gone) = scope.changes(*watched, &rows, &renamed);
            if there.is_empty() && gone.is_empty() {
                continue;
            }
            let frame = FrameText::from(watched_frame(engine.now(), &there, &gone));
            for connection in scope.sockets.values() {
                connection.push(Outgoing::Frame(frame.clone()));
            }
        }
    }
}

impl Scope {
    /// The lines of those who are on the list now, each with whether it must be named, and who is not any more.
    fn changes<'r>(
        &mut self,
        Watched(office): Watched,
        rows: &'r [(AgentId, Option<PresenceRow>)],
        renamed: &BTreeSet<AgentId>,
    ) -> (Vec<(&'r PresenceRow, bool)>, Vec<AgentId>) {
        let belongs = |row: &&PresenceRow| {
            office.is_none_or(|id| row.presence.standing.offices.contains_key(&id))
        };
        let (mut there, mut gone) = (Vec::new(), Vec::new());
        for (id, row) in rows {
            if let Some(row) = row.as_ref().filter(belongs) {
                let is_new = self.listed.insert(*id);
                there.push((row, is_new || renamed.contains(id)));
            } else if self.listed.remove(id) {
                gone.push(*id);
            }
        }
        (there, gone)
    }
}
