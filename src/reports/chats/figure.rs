//! The figures of a report about chats: their names, what each counts, and how its values add up.
//!
//! Owns the one list. JSON, tables, the list behind a figure and the document of the API are made from it, in its order.

use crate::domain::CloseReason;
use crate::domain::word::words;

/// How the values of a figure add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureKind {
    /// How many there are.
    Count,
    /// Their sum.
    Sum,
    /// Lengths of time in milliseconds: how many there are, their average, and the lengths that half of them and nine of
    /// ten do not exceed.
    Time,
    /// Scores from 1 to 5: how many there are, their average, and how many of each.
    Score,
}

macro_rules! figures {
    ($($variant:ident = $word:literal, $kind:ident, $meaning:literal;)+) => {
        words! {
            /// A figure of a report about chats.
            pub enum Figure {
                $(#[doc = $meaning] $variant = $word,)+
            }
        }

        impl Figure {
            /// How its values add up.
            #[must_use]
            pub const fn kind(self) -> FigureKind {
                match self {
                    $(Self::$variant => FigureKind::$kind,)+
                }
            }

            /// What it tells, as a sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)+
                }
            }
        }
    };
}

figures! {
    Started = "started", Count, "Chats that entered a queue.";
    OfflineMessages = "offline_messages", Count,
        "Messages that came to the inbox: left while nobody was there, or chats that could not wait in a queue any longer.";
    OfflineMessagesTaken = "offline_messages_taken", Count, "Those of them that an agent has taken up.";
    Accepted = "accepted", Count,
        "Chats that an agent has taken out of a queue; each counts once, with the first accept.";
    Abandoned = "abandoned", Count, "Chats that the visitor ended before an agent had taken them.";
    Open = "open", Count, "Chats that entered a queue, are not over yet and have not gone to the inbox.";
    Closed = "closed", Count, "Chats that are over.";
    ClosedByAgent = "closed_agent_closed", Count, "Those of them that an agent closed.";
    ClosedByVisitor = "closed_visitor_ended", Count, "Those of them that the visitor ended, before or after an accept.";
    ClosedIdle = "closed_visitor_idle", Count, "Those of them that ended because the visitor was silent.";
    ClosedBanned = "closed_banned", Count, "Those of them that ended because the visitor was banned.";
    Reopened = "reopened", Count, "How often a chat that was over went on.";
    Requeued = "requeued", Count,
        "How often a chat went back to a queue because its agent was gone or did not write; for the queue that it came into.";
    Offers = "offers", Count, "Offers made, for whatever purpose.";
    OffersAccepted = "offers_accepted", Count, "Those of them that were accepted.";
    OffersRejected = "offers_rejected", Count, "Those of them that were rejected.";
    OffersMissed = "offers_missed", Count, "Those of them whose time passed.";
    MissedVisitorLeft = "offers_missed_visitor_left", Count,
        "Missed offers of chats that were abandoned: the visitor left before an answer.";
    MissedVisitorStayed = "offers_missed_visitor_stayed", Count,
        "Missed offers of all other chats: the visitor waits still, or did until an answer or another end.";
    OffersWithdrawn = "offers_withdrawn", Count, "Offers that ended otherwise, without an answer of their agent.";
    Transfers = "transfers", Count, "Transfers that an agent asked for.";
    TransfersDone = "transfers_done", Count, "Those of them that somebody took.";
    TransfersFailed = "transfers_failed", Count, "Those of them that were refused, missed, cancelled or overtaken by the end of the chat.";
    TransfersIn = "transfers_in", Count, "The same transfers as `transfers_done`, of the queue and the agent that took them.";
    Invites = "invites", Count, "Invitations of another agent that an agent asked for.";
    InvitesAccepted = "invites_accepted", Count, "Those of them that somebody took.";
    Handled = "handled", Count, "Chats that an agent answered; each counts once for each of its agents.";
    TargetsMissedWaiting = "targets_missed_waiting", Count, "Chats that waited for longer than their queue's target.";
    TargetsMissedFirstReply = "targets_missed_first_reply", Count,
        "Chats whose first reply took longer than their queue's target.";
    MessagesVisitor = "messages_visitor", Sum, "Messages of visitors.";
    MessagesAgent = "messages_agent", Sum, "Messages of agents.";
    Ratings = "ratings", Score,
        "What visitors thought of it, each chat with its last rating, for the agent and the queue that it had when it was given.";
    Waiting = "waiting", Time, "From the start of a chat to its first accept.";
    AbandonedAfter = "abandoned_after", Time, "From the start of an abandoned chat to its end.";
    FirstReply = "first_reply", Time,
        "From the start of a chat to the first message of an agent; not of what came to the inbox, also where it was taken up and answered.";
    Conversation = "conversation", Time, "From the first accept of a chat that is over to its end.";
    Handling = "handling", Time, "From when an agent began to answer a chat to when its part ended, each part by itself.";
    WrapUp = "wrap_up", Time, "From when an agent's work after a chat began to when it ended.";
}

impl Figure {
    /// The figure that counts the chats which ended so.
    #[must_use]
    pub const fn of_reason(reason: CloseReason) -> Self {
        match reason {
            CloseReason::AgentClosed => Self::ClosedByAgent,
            CloseReason::VisitorEnded => Self::ClosedByVisitor,
            CloseReason::VisitorIdle => Self::ClosedIdle,
            CloseReason::Banned => Self::ClosedBanned,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_chat_is_named_as_its_reason() {
        for reason in CloseReason::ALL {
            let name = format!("closed_{}", reason.as_str());
            assert_eq!(Figure::of_reason(*reason).as_str(), name);
        }
    }
}
