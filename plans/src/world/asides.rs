//! Notes, marks of what was read, and what is not sent yet.

use deskbell::domain::{NoteId, Seen};
use deskbell::engine::{AgentCommand, Command, VisitorCommand};

use super::World;
use super::deeds::pick;
use crate::plan::Aside;

/// So few that plans write some of them twice.
const NOTES: u8 = 6;

impl World {
    pub(crate) fn put_aside(&mut self, aside: &Aside) -> Option<Result<(), String>> {
        let command = match aside {
            Aside::Note { chat, agent, id } => {
                let (chat_id, _) = pick(&self.chats, *chat)?;
                let id: NoteId = format!("n-{}", id % NOTES).parse().unwrap();
                let text = "Mind *her* tone".parse().unwrap();
                Command::Agent {
                    agent_id: pick(&self.agents, *agent)?,
                    chat_id,
                    command: AgentCommand::Note(id, text),
                }
            }
            Aside::Mark {
                chat,
                participant,
                read,
                delivered,
            } => {
                let seen = Seen {
                    read: read.map(u32::from),
                    delivered: delivered.map(u32::from),
                };
                if let Some(participant) = participant {
                    let (chat_id, _, agent_id) = self.participant(*chat, *participant)?;
                    Command::Agent {
                        agent_id,
                        chat_id,
                        command: AgentCommand::Mark(seen),
                    }
                } else {
                    let (chat_id, visitor_id) = pick(&self.chats, *chat)?;
                    let command = VisitorCommand::Mark(seen);
                    return Some(self.as_visitor(visitor_id, chat_id, command));
                }
            }
            Aside::Unsent { chat } => {
                let (chat_id, visitor_id) = pick(&self.chats, *chat)?;
                let text = "I hate th".parse().unwrap();
                let command = VisitorCommand::Type(true, Some(text));
                return Some(self.as_visitor(visitor_id, chat_id, command));
            }
        };
        Some(self.apply(command).map(|_| ()))
    }
}
