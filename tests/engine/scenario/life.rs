//! Verbs and expectations of a chat's life: wrap-up, what is said of it, idle visitors, reopening, ratings, reminders.

use std::collections::BTreeSet;

use deskbell::domain::{
    ChatId, Disposition, DispositionId, Rating, Score, SystemNotice, TagId, TargetKind, Timestamp,
};
use deskbell::engine::{
    AgentCommand, ChatEvent, ChatUpdate, ChatView, Command, LifeEvent, Marks, PresenceCommand,
    SetupCommand, VisitorCommand, WrapUpView,
};

use super::Scenario;
use super::people::{Person, Visitor};

impl Scenario {
    /// A disposition, which is set up when it is named first.
    pub(crate) fn disposition(&mut self, name: &str) -> DispositionId {
        let id = DispositionId(self.id_of("disposition", name));
        let known = self.engine.durable().dispositions;
        if known.iter().all(|disposition| disposition.id != id) {
            self.prepare(SetupCommand::CreateDisposition(Disposition {
                id,
                name: name.parse().unwrap(),
                sort_order: 0,
                created_at: self.now,
                version: 1,
            }));
        }
        id
    }

    pub(crate) fn tag(&mut self, name: &str) -> TagId {
        TagId(self.id_of("tag", name))
    }

    #[track_caller]
    fn expect_turn(&mut self, what: &str, chat: &str) -> LifeEvent {
        match self.chat_event(what) {
            ChatEvent::Life(turn) if turn.chat_id() == self.chat_id(chat) => turn,
            other => self.unexpected(what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_marked(&mut self, chat: &str) -> Marks {
        let what = format!("{chat} marked");
        match self.expect_turn(&what, chat) {
            LifeEvent::Updated(_, marks) => *marks,
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_wrap_up(&mut self, chat: &str, agent: &str) -> WrapUpView {
        let what = format!("{agent} in wrap-up after {chat}");
        match self.expect_turn(&what, chat) {
            LifeEvent::WrapUpStarted(view) if view.agent_id == self.agent_id(agent) => *view,
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_wrap_up_ended(&mut self, chat: &str, agent: &str) {
        let what = format!("{agent} done with {chat}");
        match self.expect_turn(&what, chat) {
            LifeEvent::WrapUpEnded(_, id) if id == self.agent_id(agent) => {}
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_idle_warning(&mut self, chat: &str) -> Option<Timestamp> {
        let what = format!("the visitor of {chat} warned");
        match self.expect_turn(&what, chat) {
            LifeEvent::IdleWarned(_, closes_at) => {
                let notice = self.expect_notice(chat);
                assert_eq!(notice, SystemNotice::IdleWarning { closes_at });
                closes_at
            }
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_visitor_seen(&mut self, chat: &str) {
        let what = format!("a sign of the visitor of {chat}");
        match self.expect_turn(&what, chat) {
            LifeEvent::VisitorSeen(_) => {}
            other => self.unexpected(&what, &other),
        }
    }

    /// The chat goes on; without agents it waits.
    #[track_caller]
    pub(crate) fn expect_reopened(&mut self, chat: &str, agents: &[&str]) -> ChatView {
        let what = format!("{chat} reopened");
        match self.expect_turn(&what, chat) {
            LifeEvent::Reopened(view, _) => {
                let names = view.agents.iter().map(|card| self.name_of(card.id.0));
                let names: BTreeSet<String> = names.collect();
                assert_eq!(names, agents.iter().map(|&name| name.to_owned()).collect());
                assert_eq!(self.expect_notice(chat), SystemNotice::Reopened {});
                *view
            }
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_target_missed(&mut self, chat: &str, kind: TargetKind) -> Timestamp {
        let what = format!("a target of {chat} missed, {kind:?}");
        let event = self.event(&what);
        match event.kind {
            deskbell::engine::EventKind::Chat(ChatEvent::Life(LifeEvent::TargetMissed(
                parties,
                missed,
            ))) if missed == kind && parties.chat_id == self.chat_id(chat) => event.at,
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_reminded(&mut self, chat: &str, agents: &[&str]) {
        let what = format!("a reminder of {chat}");
        match self.expect_turn(&what, chat) {
            LifeEvent::Reminded(_, ids) => {
                let names: Vec<String> = ids.iter().map(|id| self.name_of(id.0)).collect();
                assert_eq!(names, agents, "others were reminded");
            }
            other => self.unexpected(&what, &other),
        }
    }

    #[track_caller]
    pub(crate) fn expect_rated(&mut self, chat: &str) -> Rating {
        let what = format!("{chat} rated");
        match self.expect_turn(&what, chat) {
            LifeEvent::Rated(_, rating) => rating,
            other => self.unexpected(&what, &other),
        }
    }
}

impl Person<'_> {
    pub(crate) fn closes_with(&mut self, chat: &str, outcomes: &[&str]) {
        let chosen = outcomes.iter().map(|name| self.s.disposition(name));
        let chosen = chosen.collect();
        self.chat(chat, AgentCommand::Close(Some(chosen)));
    }

    pub(crate) fn updates(&mut self, chat: &str, change: impl FnOnce(&mut ChatUpdate)) {
        let mut update = ChatUpdate::default();
        change(&mut update);
        self.chat(chat, AgentCommand::Update(Box::new(update)));
    }

    pub(crate) fn selects(&mut self, chat: &str, outcomes: &[&str]) {
        let chosen: Vec<_> = outcomes.iter().map(|n| self.s.disposition(n)).collect();
        self.updates(chat, |update| update.dispositions = Some(chosen));
    }

    pub(crate) fn ends_wrap_up(&mut self, chat: &str) {
        self.chat(chat, AgentCommand::EndWrapUp);
    }

    /// The window under this name shows a chat from now on, or none.
    pub(crate) fn looks_at(&mut self, window: &str, chat: Option<&str>) {
        let connection = self.connection(window);
        let chat_id = chat.map(|chat| ChatId(self.s.id_of("chat", chat)));
        let agent_id = self.s.agent_id(&self.name);
        self.s.does(Command::Presence {
            agent_id,
            by: Some(agent_id),
            command: PresenceCommand::Focus(connection, chat_id),
        });
    }
}

impl Visitor<'_> {
    pub(crate) fn rates(&mut self, score: i64, comment: Option<&str>) {
        let rating = Rating {
            score: Score::try_from(score).unwrap(),
            comment: comment.map(|text| text.parse().unwrap()),
        };
        let chat = self.name.clone();
        self.chat(&chat, VisitorCommand::Rate(rating));
    }
}
