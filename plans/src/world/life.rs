//! How what is done in the life of a chat becomes commands.

use std::collections::BTreeMap;

use deskbell::domain::{AgentId, ChatId, Priority, Rating, Score, TagId};
use deskbell::engine::{AgentCommand, ChatUpdate, VisitorCommand};
use uuid::Uuid;

use super::World;
use super::deeds::pick;
use crate::plan::Action;

impl World {
    pub(crate) fn turn(&self, action: &Action) -> Option<(AgentId, ChatId, AgentCommand)> {
        Some(match action {
            Action::Close { chat, participant } => {
                let (chat_id, _, agent_id) = self.participant(*chat, *participant)?;
                (agent_id, chat_id, AgentCommand::Close(None))
            }
            Action::CloseWith {
                chat,
                participant,
                outcomes,
            } => {
                let (chat_id, _, agent_id) = self.participant(*chat, *participant)?;
                let chosen = (0..8).filter(|bit| outcomes & (1 << bit) != 0);
                let chosen = chosen.map(|number| self.outcome(number)).collect();
                (agent_id, chat_id, AgentCommand::Close(Some(chosen)))
            }
            Action::Update { chat, agent, what } => {
                let (chat_id, _) = pick(&self.chats, *chat)?;
                let update = AgentCommand::Update(Box::new(self.update(*what)));
                (pick(&self.agents, *agent)?, chat_id, update)
            }
            Action::Prioritise {
                chat,
                agent,
                priority,
            } => {
                let (chat_id, _) = pick(&self.chats, *chat)?;
                let priority = Priority::try_from(i64::from(*priority)).ok();
                let update = ChatUpdate {
                    priority,
                    ..ChatUpdate::default()
                };
                let update = AgentCommand::Update(Box::new(update));
                (pick(&self.agents, *agent)?, chat_id, update)
            }
            Action::EndWrapUp { chat, agent } => {
                let chats = self.engine.durable().chats;
                let wrapping = chats.iter().flat_map(|chat| {
                    let agents = chat.course.wrapping.keys();
                    agents.map(|agent_id| (chat.id, *agent_id))
                });
                let wrapping: Vec<(ChatId, AgentId)> = wrapping.collect();
                let (chat_id, agent_id) = match pick(&wrapping, *chat) {
                    Some(found) => found,
                    // Somebody who has none to end.
                    None => (pick(&self.chats, *chat)?.0, pick(&self.agents, *agent)?),
                };
                (agent_id, chat_id, AgentCommand::EndWrapUp)
            }
            _ => return None,
        })
    }

    fn update(&self, what: u8) -> ChatUpdate {
        let bit = |bit: u8| what & (1 << bit) != 0;
        let field = |name: &str, text: Option<&str>| (name.into(), text.map(Into::into));
        ChatUpdate {
            important: bit(0).then_some(bit(1)),
            tags: bit(5).then(|| {
                let tags = (0..4).filter(|at| what & (1 << (at + 1)) != 0);
                tags.map(|at| TagId(Uuid::from_u128(at))).collect()
            }),
            dispositions: bit(2).then(|| (0..what >> 6).map(|n| self.outcome(n)).collect()),
            fields: match (bit(3), bit(4)) {
                (true, true) => BTreeMap::from([field("plan", Some("gold"))]),
                (true, false) => BTreeMap::from([field("plan", None)]),
                (false, _) => BTreeMap::new(),
            },
            priority: None,
        }
    }
}

pub(crate) fn rate(score: u8) -> VisitorCommand {
    VisitorCommand::Rate(Rating {
        score: Score::try_from(i64::from(score % 5 + 1)).unwrap(),
        comment: None,
    })
}
