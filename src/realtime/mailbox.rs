//! A tenant's mailbox, and whose turn it is.
//!
//! Owns that whoever talks already does not wait for a crowd at the door: letters that begin a chat are opened after all
//! others, and only so many between two commits; and that they have room then, however much is said. Those of each kind keep
//! their order, so nobody overtakes itself: a chat that is not begun has no id that a further letter could name.

use std::collections::VecDeque;

use tokio::sync::mpsc;

use super::hub::refuse;
use super::mail::Mail;

/// How many letters an actor may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// In all.
    pub(super) letters: usize,
    /// Of those that begin a chat.
    pub(super) newcomers: usize,
}

/// What was sent to a tenant and was not opened.
pub(super) struct Mailbox {
    letters: mpsc::Receiver<Mail>,
    /// Letters that begin a chat and wait for their turn.
    newcomers: VecDeque<Mail>,
    /// The most of them; one more is refused.
    newcomers_max: usize,
}

impl Mailbox {
    pub(super) fn new(letters: mpsc::Receiver<Mail>, newcomers_max: usize) -> Self {
        Self {
            letters,
            newcomers: VecDeque::new(),
            newcomers_max,
        }
    }

    /// Waits for letters that there is room for; none when nobody can send any more. Whoever stops waiting loses nothing.
    pub(super) async fn take(&mut self, room: Room) -> Option<Vec<Mail>> {
        let mut batch = Vec::new();
        let waiting = self.newcomers.len().min(room.newcomers);
        if waiting == 0 {
            let taken = self.letters.recv_many(&mut batch, room.letters).await;
            if taken == 0 && self.newcomers.is_empty() {
                return None;
            }
            if taken == 0 {
                // They wait for a commit, not for a letter.
                return std::future::pending().await;
            }
        } else {
            // Or those who talk without a pause would keep them waiting for ever. Of a single place nothing is kept.
            let kept = waiting.min(room.letters / 2);
            self.take_what_is_there(&mut batch, room.letters - kept);
        }
        let (newcomers, mut batch): (Vec<Mail>, Vec<Mail>) =
            batch.into_iter().partition(Mail::begins_a_chat);
        for mail in newcomers {
            if self.newcomers.len() < self.newcomers_max {
                self.newcomers.push_back(mail);
            } else {
                refuse(mail);
            }
        }
        let room = room.newcomers.min(room.letters - batch.len());
        let next = self.newcomers.len().min(room);
        batch.extend(self.newcomers.drain(..next));
        Some(batch)
    }

    fn take_what_is_there(&mut self, batch: &mut Vec<Mail>, most: usize) {
        while batch.len() < most
            && let Ok(mail) = self.letters.try_recv()
        {
            batch.push(mail);
        }
    }

    /// The next letter, of whichever kind.
    pub(super) async fn next(&mut self) -> Option<Mail> {
        match self.newcomers.pop_front() {
            Some(mail) => Some(mail),
            None => self.letters.recv().await,
        }
    }

    /// Takes no further letters: those that are sent from now on start a new actor. Gives all that are there.
    pub(super) fn close(&mut self) -> Vec<Mail> {
        self.letters.close();
        let mut rest = Vec::new();
        self.take_what_is_there(&mut rest, usize::MAX);
        rest.extend(self.newcomers.drain(..));
        rest
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::sync::mpsc::Sender;
    use tokio::sync::oneshot::{self, Receiver};
    use tokio::time::timeout;
    use uuid::Uuid;

    use super::*;
    use crate::domain::{ChatId, Contact, ContactFields, ContactId, Landing, VisitorId, WidgetId};
    use crate::engine::{Command, StartChat, VisitorCommand};
    use crate::realtime::mail::{CallError, Outcome, ReplyTo};

    fn letter(number: u128, command: VisitorCommand) -> (Mail, Receiver<Outcome>) {
        let command = Command::Visitor {
            visitor_id: VisitorId(Uuid::from_u128(1)),
            chat_id: ChatId(Uuid::from_u128(number)),
            source: None,
            command,
        };
        let (sender, outcome) = oneshot::channel();
        (
            Mail::Call(Box::new(command.into()), ReplyTo::Caller(sender)),
            outcome,
        )
    }

    fn newcomer(number: u128) -> (Mail, Receiver<Outcome>) {
        let contact = Contact {
            id: ContactId(Uuid::nil()),
            name: None,
            email: None,
            fields: ContactFields::default(),
        };
        let start = StartChat {
            widget_id: WidgetId(Uuid::nil()),
            office_id: None,
            queue_id: None,
            contact: Arc::new(contact),
            known: None,
            assigned: Vec::new(),
            last_agent_id: None,
            landing: Landing::default(),
            message: None,
        };
        letter(number, VisitorCommand::Start(Box::new(start)))
    }

    fn talker(number: u128) -> Mail {
        letter(number, VisitorCommand::End).0
    }

    fn numbers(batch: &[Mail]) -> Vec<u128> {
        let number = |mail: &Mail| match mail {
            Mail::Call(call, _) => match &call.command {
                Command::Visitor { chat_id, .. } => chat_id.0.as_u128(),
                _ => 0,
            },
            _ => 0,
        };
        batch.iter().map(number).collect()
    }

    fn mailbox(newcomers_max: usize) -> (Sender<Mail>, Mailbox) {
        let (sender, letters) = mpsc::channel(100);
        (sender, Mailbox::new(letters, newcomers_max))
    }

    const ROOM: Room = Room {
        letters: 5,
        newcomers: 2,
    };

    #[tokio::test]
    async fn whoever_talks_goes_before_a_crowd_at_the_door() {
        let (sender, mut mailbox) = mailbox(10);
        for number in 1..=4 {
            sender.try_send(newcomer(number).0).ok();
        }
        sender.try_send(talker(11)).ok();

        assert_eq!(numbers(&mailbox.take(ROOM).await.unwrap()), [11, 1, 2]);
        // They go on without a further letter, and one that comes goes before them.
        sender.try_send(talker(12)).ok();
        assert_eq!(numbers(&mailbox.take(ROOM).await.unwrap()), [12, 3, 4]);
        for number in 5..=9 {
            sender.try_send(talker(number)).ok();
        }
        sender.try_send(newcomer(10).0).ok();
        let all = mailbox.take(ROOM).await.unwrap();
        assert_eq!(
            numbers(&all),
            [5, 6, 7, 8, 9],
            "no more than there is room for"
        );
        assert_eq!(numbers(&mailbox.take(ROOM).await.unwrap()), [10]);
    }

    #[tokio::test]
    async fn talk_without_a_pause_keeps_nobody_at_the_door() {
        let (sender, mut mailbox) = mailbox(10);
        let no_room = Room {
            letters: 5,
            newcomers: 0,
        };
        for number in 1..=3 {
            sender.try_send(newcomer(number).0).ok();
        }
        assert_eq!(numbers(&mailbox.take(no_room).await.unwrap()), []);
        for number in 11..=20 {
            sender.try_send(talker(number)).ok();
        }

        assert_eq!(
            numbers(&mailbox.take(ROOM).await.unwrap()),
            [11, 12, 13, 1, 2]
        );
        assert_eq!(
            numbers(&mailbox.take(ROOM).await.unwrap()),
            [14, 15, 16, 17, 3]
        );
    }

    #[tokio::test]
    async fn without_room_newcomers_wait_and_others_do_not() {
        let (sender, mut mailbox) = mailbox(10);
        let no_room = Room {
            letters: 5,
            newcomers: 0,
        };
        sender.try_send(newcomer(1).0).ok();
        assert_eq!(numbers(&mailbox.take(no_room).await.unwrap()), []);
        let waits = timeout(Duration::from_millis(20), mailbox.take(no_room)).await;
        assert!(waits.is_err(), "there is nothing to take");
        sender.try_send(talker(2)).ok();
        assert_eq!(numbers(&mailbox.take(no_room).await.unwrap()), [2]);
        drop(sender);
        let waits = timeout(Duration::from_millis(20), mailbox.take(no_room)).await;
        assert!(waits.is_err(), "who was taken in is served");
        assert_eq!(numbers(&mailbox.take(ROOM).await.unwrap()), [1]);
        assert!(mailbox.take(ROOM).await.is_none());
    }

    #[tokio::test]
    async fn one_newcomer_too_many_is_told_to_come_again() {
        let (sender, mut mailbox) = mailbox(1);
        let no_room = Room {
            letters: 5,
            newcomers: 0,
        };
        sender.try_send(newcomer(1).0).ok();
        let (late, outcome) = newcomer(2);
        sender.try_send(late).ok();
        mailbox.take(no_room).await.unwrap();

        assert_eq!(outcome.await.unwrap().unwrap_err(), CallError::LATER);
        sender.try_send(talker(3)).ok();
        assert_eq!(numbers(&mailbox.close()), [3, 1], "nothing is lost");
        assert!(sender.is_closed());
    }
}
