//! Bans (CHAT-13): who is banned starts no chat, leaves no message and writes nothing.

use crate::domain::{
    BANS_MAX, Ban, BanId, Banned, ChatId, CloseReason, ContactId, Source, Timestamp, VisitorId,
};

use super::command::VisitorCommand;
use super::effect::{EventKind, SetupEvent};
use super::setup::check_version;
use super::state::State;
use super::turn::Turn;
use super::{Engine, Refusal, Reply};

impl Turn<'_> {
    /// Bans somebody. The open chats of a contact end in the same step; those from a network are not known, because where
    /// a chat comes from is not kept: what is written from there is refused from now on.
    pub(super) fn create_ban(&mut self, ban: Ban) -> Result<Reply, Refusal> {
        let over = self.state.bans.values().filter(|ban| !ban.holds(self.now));
        let over: Vec<BanId> = over.map(|ban| ban.id).collect();
        if self.state.bans.len() - over.len() >= BANS_MAX {
            return Err(Refusal::LimitReached);
        }
        for id in over {
            self.state.bans.remove(&id);
            self.emit(EventKind::Setup(SetupEvent::BanLifted(id)));
        }
        self.state.bans.insert(ban.id, ban.clone());
        self.emit(EventKind::Setup(SetupEvent::BanCreated(ban.clone())));
        if let Banned::Contact(id) = ban.whom
            && ban.holds(self.now)
        {
            self.end_chats_of_contact(id);
        }
        Ok(Reply::Ban(ban))
    }

    /// Changes the reason and the end of a ban that holds; whom it is about and who made it stays.
    pub(super) fn update_ban(&mut self, new: Ban) -> Result<Reply, Refusal> {
        let ban = self.state.holding_ban(new.id, self.now)?;
        check_version(ban.version, Some(new.version))?;
        let changed = Ban {
            reason: new.reason,
            until: new.until,
            version: new.version + 1,
            ..ban.clone()
        };
        self.state.bans.insert(changed.id, changed.clone());
        self.emit(EventKind::Setup(SetupEvent::BanChanged(changed.clone())));
        Ok(Reply::Ban(changed))
    }

    pub(super) fn lift_ban(&mut self, id: BanId, version: Option<i64>) -> Result<Reply, Refusal> {
        let ban = self.state.holding_ban(id, self.now)?;
        check_version(ban.version, version)?;
        self.state.bans.remove(&id);
        self.emit(EventKind::Setup(SetupEvent::BanLifted(id)));
        Ok(Reply::Done)
    }

    /// Whether what a visitor asks is refused because it is banned. Ending its own chat it may.
    pub(super) fn is_banned(
        &self,
        visitor_id: VisitorId,
        chat_id: ChatId,
        source: Option<Source>,
        command: &VisitorCommand,
    ) -> bool {
        let contact = match command {
            VisitorCommand::Start(start) => start.contact.id,
            VisitorCommand::LeaveMessage(left) => left.contact.id,
            // It may still end its chat and take back what it has written.
            VisitorCommand::End | VisitorCommand::Delete(_) => return false,
            VisitorCommand::Send(..)
            | VisitorCommand::Press(..)
            | VisitorCommand::Edit(..)
            | VisitorCommand::AskByEmail(_)
            | VisitorCommand::Rate(_)
            | VisitorCommand::Mark(_)
            | VisitorCommand::Type(..) => {
                let chat = self.state.chats.get(&chat_id);
                chat.map_or_else(|| ContactId::of_visitor(visitor_id), |chat| chat.contact.id)
            }
        };
        self.state.is_banned(contact, source, self.now)
    }

    fn end_chats_of_contact(&mut self, contact: ContactId) {
        let chats = self.state.chats.values();
        let open = chats.filter(|chat| chat.is_open() && chat.contact.id == contact);
        let open: Vec<ChatId> = open.map(|chat| chat.id).collect();
        for chat_id in open {
            // It is open, so there is nothing to refuse.
            let _ = self.finish(chat_id, CloseReason::Banned);
        }
    }
}

impl Engine {
    /// Whether a visitor is banned, by itself or by where it asks from: then it brings nothing that it could send.
    #[must_use]
    pub fn is_banned(&self, visitor_id: VisitorId, source: Source, at: Timestamp) -> bool {
        let contact = ContactId::of_visitor(visitor_id);
        self.state.is_banned(contact, Some(source), at)
    }
}

impl State {
    fn is_banned(&self, contact: ContactId, source: Option<Source>, at: Timestamp) -> bool {
        let mut bans = self.bans.values();
        bans.any(|ban| ban.covers(contact, source) && ban.holds(at))
    }

    /// A ban that holds; one whose time has passed is as unknown as one that was lifted.
    fn holding_ban(&self, id: BanId, now: Timestamp) -> Result<&Ban, Refusal> {
        let ban = self.bans.get(&id).filter(|ban| ban.holds(now));
        ban.ok_or(Refusal::UnknownBan)
    }
}
