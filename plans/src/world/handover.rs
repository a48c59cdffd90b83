//! How chats change hands in a plan.

use deskbell::domain::{ChatId, IfUnavailable, Release, Target};
use deskbell::engine::{AgentCommand, Command, HandOverTo, ReadAlong};

use super::World;
use super::deeds::pick;
use crate::plan::{Action, Index};

impl World {
    pub(crate) fn hand_over(&mut self, action: &Action) -> Option<Result<(), String>> {
        let some_chat = |world: &Self, index: Index| -> Option<ChatId> {
            let (chat_id, _) = pick(&world.chats, index)?;
            Some(chat_id)
        };
        let (agent_id, chat_id, command) = match action {
            Action::HandOver {
                chat,
                participant,
                to,
                how,
                waits,
            } => {
                let (chat_id, _, agent_id) = self.participant(*chat, *participant)?;
                let wish = HandOverTo {
                    to: self.some_target(*to)?,
                    note: None,
                    if_unavailable: if *waits {
                        IfUnavailable::Queue
                    } else {
                        IfUnavailable::Fail
                    },
                };
                let command = match how {
                    0 => AgentCommand::Transfer(wish, Release::OnAccept),
                    1 => AgentCommand::Transfer(wish, Release::AtOnce),
                    2 => AgentCommand::Invite(wish),
                    _ => AgentCommand::Assist(Some(wish.to), None),
                };
                (agent_id, chat_id, command)
            }
            Action::CancelHandOver { chat, agent } => {
                let (chat_id, _, agent_id) = self.participant(*chat, *agent)?;
                (agent_id, chat_id, AgentCommand::CancelHandOver)
            }
            Action::ReadAlong { chat, agent, seen } => {
                let how = if *seen {
                    ReadAlong::Seen
                } else {
                    ReadAlong::Unseen
                };
                let agent_id = pick(&self.agents, *agent)?;
                (
                    agent_id,
                    some_chat(self, *chat)?,
                    AgentCommand::ReadAlong(how),
                )
            }
            Action::TakeOver { chat, agent } => {
                let agent_id = pick(&self.agents, *agent)?;
                (agent_id, some_chat(self, *chat)?, AgentCommand::TakeOver)
            }
            Action::Leave { chat, participant } => {
                let (chat_id, _, agent_id) = self.participant(*chat, *participant)?;
                (agent_id, chat_id, AgentCommand::Leave)
            }
            _ => return None,
        };
        let command = Command::Agent {
            agent_id,
            chat_id,
            command,
        };
        Some(self.apply(command).map(|_| ()))
    }

    fn some_target(&self, index: Index) -> Option<Target> {
        let agents = self.agents.iter().copied().map(Target::Agent);
        let queues = self.queues.iter().copied().map(Target::Queue);
        pick(&agents.chain(queues).collect::<Vec<_>>(), index)
    }
}
