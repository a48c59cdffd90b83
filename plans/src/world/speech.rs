//! What is said in a chat besides a text.

use deskbell::domain::{
    AgentId, Button, ButtonRef, Buttons, ChatId, KnownMessageId, MessageId, VisitorId, Written,
};
use deskbell::engine::{AgentCommand, Command, VisitorCommand};

use super::World;
use super::deeds::pick;
use crate::plan::{Index, Speech};

impl World {
    pub(crate) fn speak(&mut self, speech: &Speech) -> Option<Result<(), String>> {
        let command = match speech {
            Speech::Ask { chat, participant } => {
                let (chat_id, visitor_id, agent_id) = self.participant(*chat, *participant)?;
                let id = self.new_message(chat_id, visitor_id);
                as_agent(agent_id, chat_id, AgentCommand::Send(id, question()))
            }
            Speech::Press { message, button } => {
                let (chat_id, visitor_id, message_id) = self.some_message(*message)?;
                let pressed = ButtonRef {
                    message_id,
                    button_id: format!("b-{button}").parse().unwrap(),
                };
                let id = self.new_message(chat_id, visitor_id);
                as_visitor(visitor_id, chat_id, VisitorCommand::Press(id, pressed))
            }
            Speech::Edit { message, agent } => {
                let (chat_id, visitor_id, id) = self.some_message(*message)?;
                let text = "Or *this*".parse().unwrap();
                match agent {
                    Some(agent) => {
                        let agent_id = pick(&self.agents, *agent)?;
                        as_agent(agent_id, chat_id, AgentCommand::Edit(id, text))
                    }
                    None => as_visitor(visitor_id, chat_id, VisitorCommand::Edit(id, text)),
                }
            }
            Speech::Delete { message, agent } => {
                let (chat_id, visitor_id, id) = self.some_message(*message)?;
                match agent {
                    Some(agent) => {
                        let agent_id = pick(&self.agents, *agent)?;
                        as_agent(agent_id, chat_id, AgentCommand::Delete(id))
                    }
                    None => as_visitor(visitor_id, chat_id, VisitorCommand::Delete(id)),
                }
            }
        };
        Some(self.apply(command).map(|_| ()))
    }

    /// Some message that was handed in, perhaps in vain, or one that the service may have written.
    fn some_message(&self, index: Index) -> Option<(ChatId, VisitorId, MessageId)> {
        let mut known = self.messages.clone();
        let notice = |(chat_id, visitor_id): &(ChatId, VisitorId)| {
            let KnownMessageId(id) = "notice~2".parse().unwrap();
            (*chat_id, *visitor_id, id)
        };
        known.extend(self.chats.iter().take(2).map(notice));
        let count = known.len();
        (count > 0).then(|| known.swap_remove(usize::from(index) % count))
    }
}

/// Two buttons to press, and one that leads away.
fn question() -> Written {
    let button = |number: u8| Button {
        id: format!("b-{number}").parse().unwrap(),
        text: format!("Choice {number}").parse().unwrap(),
        url: (number == 2).then(|| "https://acme.example".parse().unwrap()),
    };
    let buttons = Buttons::new((0..3).map(button).collect()).unwrap();
    Written {
        buttons,
        ..("Which?".parse::<Written>().unwrap())
    }
}

fn as_agent(agent_id: AgentId, chat_id: ChatId, command: AgentCommand) -> Command {
    Command::Agent {
        agent_id,
        chat_id,
        command,
    }
}

fn as_visitor(visitor_id: VisitorId, chat_id: ChatId, command: VisitorCommand) -> Command {
    Command::Visitor {
        source: None,
        visitor_id,
        chat_id,
        command,
    }
}
