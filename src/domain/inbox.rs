//! The views of an agent's inbox (CHAT-6).

use super::word::words;

words! {
    /// Which chats an agent looks at, of those that it may read.
    pub enum Inbox {
        /// Open, and it takes part.
        Mine = "mine",
        /// Waiting, whether they ring or not.
        Waiting = "waiting",
        /// Offline messages.
        Offline = "offline",
        /// Everything that is open, offline messages among them.
        All = "all",
    }
}
