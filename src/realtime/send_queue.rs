//! One connection as the rest sees it: who it is, and the bounded queue of what it is to be sent.
//!
//! Whoever publishes pushes and goes on; only the socket's own task waits for the socket. A reader that cannot keep
//! up loses passing frames first, then its connection (`4008`), never an event without noticing.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use super::close::Close;
use crate::domain::{
    AgentId, Author, ChatId, ConnectionId, Millis, SessionId, TenantId, Timestamp, VisitorId,
};

use super::connection::FrameText;
use super::mail::{Outcome, Probe};

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Party {
    /// An agent, by one of its sessions.
    Agent(AgentId, SessionId),
    /// A visitor.
    Visitor(VisitorId),
}

/// What is to be sent.
pub(super) enum Outgoing {
    /// A frame as it is.
    Frame(FrameText),
    /// A frame that may be dropped, and that a newer one of the same author in the same chat replaces.
    Passing((ChatId, Author), FrameText),
    /// The outcome of a request; the connection's task makes the frame.
    Reply(Box<str>, Box<Probe>, Outcome),
}

impl Outgoing {
    /// About what it takes in memory.
    fn weight(&self) -> usize {
        match self {
            Self::Frame(text) | Self::Passing(_, text) => text.len() + 32,
            // The message of a reply shares its text with the event, so the box is what counts.
            Self::Reply(..) => 256,
        }
    }
}

/// The bounds of a send queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct QueueBounds {
    pub(super) frames_max: usize,
    pub(super) bytes_max: usize,
}

/// One live socket.
pub(super) struct Connection {
    pub(super) id: ConnectionId,
    pub(super) tenant_id: TenantId,
    pub(super) party: Party,
    bounds: QueueBounds,
    queue: Mutex<Queue>,
    /// Something was pushed.
    pushed: Notify,
    /// The connection is to be closed, whatever waits.
    closing: Notify,
    /// Requests whose outcome has not been sent yet.
    pub(super) in_flight: AtomicU32,
    /// When something was last heard, in the clock's monotonic time.
    last_heard: AtomicI64,
    /// When the token ends, in wall-clock time.
    token_expires_at: AtomicI64,
    /// Whether the socket's task has ended; the actor then forgets it.
    ended: AtomicBool,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Outgoing>,
    bytes: usize,
    /// How many sweeps in a row have found it past its bounds.
    sweeps_behind: u8,
    /// Whether the first answer is in it, or was. Until then nothing is taken: it comes before all else.
    is_welcomed: bool,
    close: Option<Close>,
}

/// A sweep is a second. A reader on a bad line takes a burst within three.
const SWEEPS_BEHIND_MAX: u8 = 3;
/// How many times its bounds a queue may hold for a moment.
const HOPELESS: usize = 4;

impl QueueBounds {
    /// Whether more than so many times the bounds waits; a single frame always may.
    fn are_passed(self, queue: &Queue, times: usize) -> bool {
        queue.frames.len() > 1
            && (queue.frames.len() > self.frames_max * times
                || queue.bytes > self.bytes_max * times)
    }
}

impl Connection {
    pub(super) fn new(
        id: ConnectionId,
        tenant_id: TenantId,
        party: Party,
        bounds: QueueBounds,
        token_expires_at: Timestamp,
        now: Millis,
    ) -> Self {
        Self {
            id,
            tenant_id,
            party,
            bounds,
            queue: Mutex::default(),
            pushed: Notify::new(),
            closing: Notify::new(),
            in_flight: AtomicU32::new(0),
            last_heard: AtomicI64::new(now.0),
            token_expires_at: AtomicI64::new(token_expires_at.0),
            ended: AtomicBool::new(false),
        }
    }

    /// Adds to the queue. Past the bound passing frames go first. A reader that stays behind for some sweeps is too
    /// slow; one that is hopelessly behind is closed at once, so that memory is bounded. A burst alone, which no
    /// reader could have taken yet, closes nobody.
    pub(super) fn push(&self, outgoing: Outgoing) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.close.is_some() {
            return;
        }
        if let Outgoing::Passing(of, text) = &outgoing {
            let same = |waiting: &&mut Outgoing| matches!(waiting, Outgoing::Passing(other, _) if other == of);
            if let Some(waiting) = queue.frames.iter_mut().find(same) {
                *waiting = Outgoing::Passing(*of, text.clone());
                return;
            }
        }
        queue.bytes += outgoing.weight();
        queue.frames.push_back(outgoing);
        if self.bounds.are_passed(&queue, 1) {
            queue
                .frames
                .retain(|waiting| !matches!(waiting, Outgoing::Passing(..)));
            queue.bytes = queue.frames.iter().map(Outgoing::weight).sum();
        }
        if self.bounds.are_passed(&queue, HOPELESS) {
            drop(queue);
            self.close(Close::TooSlow);
            return;
        }
        drop(queue);
        self.pushed.notify_one();
    }

    /// Adds the first answer, which is as large as the state is, and counts towards no bound.
    pub(super) fn push_first(&self, text: FrameText) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.close.is_none() {
            queue.frames.push_front(Outgoing::Frame(text));
            queue.is_welcomed = true;
        }
        drop(queue);
        self.pushed.notify_one();
    }

    /// Whether so much may be pushed at once.
    pub(super) fn has_room_for(&self, frames: usize, bytes: usize) -> bool {
        frames <= self.bounds.frames_max / 2 && bytes <= self.bounds.bytes_max / 2
    }

    /// Asked once a sweep: whether the reader has been behind for some of them without taking anything.
    pub(super) fn is_behind(&self) -> bool {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if self.bounds.are_passed(&queue, 1) {
            queue.sweeps_behind += 1;
        } else {
            queue.sweeps_behind = 0;
        }
        queue.sweeps_behind >= SWEEPS_BEHIND_MAX
    }

    /// Closes the connection; what waits in the queue is dropped. The first reason stands.
    pub(super) fn close(&self, close: Close) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.close.is_none() {
            queue.close = Some(close);
            queue.frames = VecDeque::new();
            queue.bytes = 0;
        }
        drop(queue);
        self.pushed.notify_one();
        self.closing.notify_one();
    }

    /// Closes the connection after what waits in the queue was sent.
    pub(super) fn close_after(&self, close: Close) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.close.get_or_insert(close);
        drop(queue);
        self.pushed.notify_one();
    }

    /// Takes what waits, and the order to close if there is one. Before the first answer only that.
    pub(super) fn take(&self) -> (VecDeque<Outgoing>, Option<Close>) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if !queue.is_welcomed {
            return (VecDeque::new(), queue.close);
        }
        queue.bytes = 0;
        queue.sweeps_behind = 0;
        (std::mem::take(&mut queue.frames), queue.close)
    }

    /// Waits until something was pushed. Cancel-safe.
    pub(super) async fn pushed(&self) {
        self.pushed.notified().await;
    }

    /// Waits until the connection is to be closed. Cancel-safe.
    pub(super) async fn closing(&self) {
        self.closing.notified().await;
    }

    pub(super) fn heard(&self, now: Millis) {
        self.last_heard.store(now.0, Ordering::Relaxed);
    }

    pub(super) fn silent_for(&self, now: Millis) -> Millis {
        Millis((now.0 - self.last_heard.load(Ordering::Relaxed)).max(0))
    }

    pub(super) fn renew_token(&self, expires_at: Timestamp) {
        self.token_expires_at.store(expires_at.0, Ordering::Relaxed);
    }

    pub(super) fn token_expires_at(&self) -> Timestamp {
        Timestamp(self.token_expires_at.load(Ordering::Relaxed))
    }

    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn connection(frames_max: usize) -> Connection {
        let connection = not_welcomed(frames_max);
        connection.push_first(FrameText::from_static("welcome"));
        assert_eq!(connection.take().0.len(), 1);
        connection
    }

    fn not_welcomed(frames_max: usize) -> Connection {
        let nil = Uuid::nil();
        Connection::new(
            ConnectionId(nil),
            TenantId(nil),
            Party::Visitor(VisitorId(nil)),
            QueueBounds {
                frames_max,
                bytes_max: 10_000,
            },
            Timestamp(0),
            Millis(0),
        )
    }

    fn frame() -> Outgoing {
        Outgoing::Frame(FrameText::from_static("{}"))
    }

    fn typing(chat: u128) -> Outgoing {
        typing_by(chat, Author::Visitor)
    }

    fn typing_by(chat: u128, author: Author) -> Outgoing {
        let chat_id = ChatId(Uuid::from_u128(chat));
        Outgoing::Passing((chat_id, author), FrameText::from_static("{}"))
    }

    #[test]
    fn passing_frames_of_one_author_in_a_chat_replace_each_other() {
        let connection = connection(10);

        connection.push(typing(1));
        connection.push(typing(1));
        connection.push(typing(2));
        let agent = Author::Agent(AgentId(Uuid::from_u128(9)));
        connection.push(typing_by(1, agent));

        assert_eq!(connection.take().0.len(), 3);
    }

    #[test]
    fn nothing_comes_before_the_welcome_but_the_end() {
        let connection = not_welcomed(10);

        connection.push(frame());
        assert!(connection.take().0.is_empty());
        connection.push_first(FrameText::from_static("welcome"));
        let frames = connection.take().0.into_iter().map(|frame| match frame {
            Outgoing::Frame(text) => text.to_string(),
            Outgoing::Passing(..) | Outgoing::Reply(..) => String::new(),
        });
        assert_eq!(frames.collect::<Vec<_>>(), ["welcome", "{}"]);

        let connection = not_welcomed(10);
        connection.push(frame());
        connection.close_after(Close::Unauthenticated);
        let (frames, close) = connection.take();
        assert!(frames.is_empty());
        assert_eq!(close, Some(Close::Unauthenticated));
    }

    #[test]
    fn at_the_bound_passing_frames_go_first() {
        let connection = connection(2);

        connection.push(typing(1));
        connection.push(frame());
        connection.push(frame());

        let (frames, close) = connection.take();
        assert_eq!(frames.len(), 2);
        assert!(
            frames
                .iter()
                .all(|waiting| matches!(waiting, Outgoing::Frame(_)))
        );
        assert_eq!(close, None);
    }

    #[test]
    fn a_burst_alone_closes_nobody() {
        let connection = connection(2);

        (0..3).for_each(|_| connection.push(frame()));

        assert!(!connection.is_behind());
        assert_eq!(connection.take().1, None);
        assert!(!connection.is_behind());
    }

    #[test]
    fn a_reader_that_stays_behind_is_too_slow() {
        let connection = connection(2);

        (0..3).for_each(|_| connection.push(frame()));

        let sweeps = [(); 3].map(|()| connection.is_behind());
        assert_eq!(sweeps, [false, false, true]);
    }

    #[test]
    fn a_reader_that_is_hopelessly_behind_is_closed_at_once() {
        let connection = connection(2);

        (0..9).for_each(|_| connection.push(frame()));

        assert_eq!(connection.take().1, Some(Close::TooSlow));
    }
}
