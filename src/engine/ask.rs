//! What agents and visitors ask about a chat, each handed to the file of its rules.

use crate::domain::{AgentId, ChatId, VisitorId};

use super::command::{AgentCommand, VisitorCommand};
use super::turn::Turn;
use super::{Refusal, Reply};

impl Turn<'_> {
    pub(super) fn ask_as_agent(
        &mut self,
        agent_id: AgentId,
        chat_id: ChatId,
        command: AgentCommand,
    ) -> Result<Reply, Refusal> {
        match command {
            AgentCommand::Accept(number) => self.accept(agent_id, chat_id, number),
            AgentCommand::Reject(number, reason) => self.reject(agent_id, chat_id, number, reason),
            AgentCommand::Send(id, written) => self.send_as_agent(agent_id, chat_id, id, written),
            AgentCommand::Edit(id, text) => self.edit_as_agent(agent_id, chat_id, id, text),
            AgentCommand::Delete(id) => self.delete_as_agent(agent_id, chat_id, id),
            AgentCommand::Type(typing) => self.type_as_agent(agent_id, chat_id, typing),
            AgentCommand::Transfer(wish, release) => {
                self.transfer(agent_id, chat_id, wish, release)
            }
            AgentCommand::Invite(wish) => self.invite(agent_id, chat_id, wish),
            AgentCommand::Assist(to, note) => self.ask_for_help(agent_id, chat_id, to, note),
            AgentCommand::CancelHandOver => self.cancel_hand_over(agent_id, chat_id),
            AgentCommand::ReadAlong(how) => self.read_along(agent_id, chat_id, how),
            AgentCommand::TakeOver => self.take_over(agent_id, chat_id),
            AgentCommand::Leave => self.leave(agent_id, chat_id),
            AgentCommand::Note(id, text) => self.write_note(agent_id, chat_id, id, text),
            AgentCommand::Mark(seen) => self.mark_as_agent(agent_id, chat_id, seen),
            AgentCommand::Close(chosen) => self.close(agent_id, chat_id, chosen.as_deref()),
            AgentCommand::Update(update) => self.update_chat(agent_id, chat_id, *update),
            AgentCommand::EndWrapUp => self.end_wrap_up(agent_id, chat_id),
        }
    }

    pub(super) fn ask_as_visitor(
        &mut self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        command: VisitorCommand,
    ) -> Result<Reply, Refusal> {
        match command {
            VisitorCommand::Start(start) => self.start_chat(visitor_id, chat_id, *start),
            VisitorCommand::LeaveMessage(left) => self.leave_message(visitor_id, chat_id, *left),
            VisitorCommand::Send(id, written) => {
                self.send_as_visitor(visitor_id, chat_id, id, written)
            }
            VisitorCommand::Press(id, button) => self.press(visitor_id, chat_id, id, button),
            VisitorCommand::Edit(id, text) => self.edit_as_visitor(visitor_id, chat_id, id, text),
            VisitorCommand::Delete(id) => self.delete_as_visitor(visitor_id, chat_id, id),
            VisitorCommand::Type(typing, unsent) => {
                self.type_as_visitor(visitor_id, chat_id, typing, unsent)
            }
            VisitorCommand::Mark(seen) => self.mark_as_visitor(visitor_id, chat_id, seen),
            VisitorCommand::End => self.end_chat(visitor_id, chat_id),
            VisitorCommand::AskByEmail(ask) => self.ask_by_email(visitor_id, chat_id, *ask),
            VisitorCommand::Rate(rating) => self.rate(visitor_id, chat_id, rating),
        }
    }
}
